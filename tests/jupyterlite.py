"""The site on a web server of its own, and a notebook in its JupyterLite.

    python tests/jupyterlite.py [NOTEBOOK ...]     run these in build/site's JupyterLite; notebooks/01_sigmoid.ipynb

That is `make site-check`, and needs the network: Python itself, NumPy, matplotlib and SymPy come from Pyodide's CDN.
"""

import argparse
import contextlib
import functools
import http.server
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

from browser import ROOT, launched
from playwright.sync_api import sync_playwright

# Pyodide is compiled once in each page, then runs some times slower than Python on the machine itself.
PATIENCE = 30 * 60 * 1000

KERNEL_IS_IDLE = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
RUN_ALL = "() => window.jupyterapp.commands.execute('runmenu:run-all')"
CELLS = "window.jupyterapp.shell.currentWidget.content.widgets"
FORGET_COUNTS = f"() => {CELLS}.forEach(cell => {{ cell.model.executionCount = null; }})"
CODE_CELLS = f"""() => {CELLS}
    .filter(cell => cell.model.type === 'code' && cell.model.sharedModel.getSource().trim())
    .map(cell => ({{
        id: cell.model.id, ran: cell.model.executionCount !== null,
        error: cell.model.outputs.toJSON().filter(output => output.output_type === 'error')
            .map(error => `${{error.ename}}: ${{error.evalue}}`).join(),
    }}))"""
SETTLED = f"() => {{ const now = ({CODE_CELLS})(); return now.every(one => one.ran) || now.some(one => one.error); }}"


@contextlib.contextmanager
def served(folder):
    """Serve the folder on this machine, as GitHub Pages would; gives the address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        # Browsers refuse scripts of another type, and what Windows' registry takes scripts for is anybody's guess.
        scripts = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}
        extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | scripts

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def open_notebook(page, address, path):
    """Open a notebook in the JupyterLite of the site at this address, and wait until it is shown."""
    page.goto(f"{address}/lite/lab/index.html?path={quote(path)}")
    page.locator(".jp-NotebookPanel .jp-Notebook .jp-Cell").first.wait_for()


def run_all(page):
    """Run all cells; return [{"id": …, "ran": …, "error": …}, …] of the code cells."""
    page.wait_for_function(KERNEL_IS_IDLE)
    page.evaluate(FORGET_COUNTS)
    page.evaluate(RUN_ALL)
    page.wait_for_function(SETTLED, polling=500)
    return page.evaluate(CODE_CELLS)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Run notebooks in the JupyterLite of the site; needs the network.")
    parser.add_argument("notebooks", nargs="*", default=["notebooks/01_sigmoid.ipynb"])
    parser.add_argument("--site", type=Path, default=ROOT / "build" / "site")
    options = parser.parse_args(arguments)
    failed = 0
    with contextlib.ExitStack() as stack:
        browser = stack.enter_context(launched(stack.enter_context(sync_playwright()), network=True))
        address = stack.enter_context(served(options.site))
        for path in options.notebooks:
            with browser.new_context() as context:
                page = context.new_page()
                page.set_default_timeout(PATIENCE)
                started = time.monotonic()
                open_notebook(page, address, path)
                cells = run_all(page)
                errors = [f"    {cell['id']}: {cell['error']}" for cell in cells if cell["error"]]
                ran = sum(cell["ran"] for cell in cells)
                seconds = time.monotonic() - started
                print(f"{path}: {ran} of {len(cells)} code cells ran, in {seconds:.0f} s", *errors, sep="\n")
                failed += bool(errors)
    return failed


if __name__ == "__main__":
    sys.exit(main())
