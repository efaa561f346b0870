"""A JupyterLab server of our own and a headless Chromium to drive it, for the browser tests and the benchmark.

Nothing of the user's takes part: the notebooks are copies, settings and data live in a temporary folder, and every
request that would leave the machine is blocked and recorded.
"""

import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlsplit

from get_browser import find_browser, is_root

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120_000  # milliseconds; a slow CI machine deserves it, and a fast one never waits that long


@contextlib.contextmanager
def launched(playwright, network=False):
    """A headless browser; unless it has a `network`, it can't resolve any name but localhost, even for a WebSocket."""
    offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
    arguments = [] if network else [offline]
    if is_root():
        arguments.append("--no-sandbox")  # Chromium refuses to start as root without it
    browser = playwright.chromium.launch(executable_path=find_browser(playwright), args=arguments)
    try:
        yield browser
    finally:
        browser.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Lab:
    """A running JupyterLab, with `folder` as its root. Use it in a `with` statement."""

    def __init__(self, folder, settings, cwd=None):
        """Prepare to serve `folder`, started in `cwd`; `settings` is a folder for all that Jupyter writes beside it."""
        self.folder, self.settings, self.cwd = Path(folder), Path(settings), cwd
        self.port, self.token = free_port(), secrets.token_hex(16)
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = self.settings / "jupyterlab.log"

    def __enter__(self):
        self._write_settings()
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.folder}", "--LabApp.expose_app_in_browser=True",
        ]  # fmt: skip
        if is_root():
            command.append("--allow-root")
        places = {
            "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "config/lab/user-settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }  # fmt: skip
        own = {name: str(self.settings / place) for name, place in places.items()}
        own["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.cwd,
                env=os.environ | own,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception):
        with contextlib.suppress(OSError):
            self._ask("api/shutdown", method="POST")  # a clean end takes the kernels along, on Windows too
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def page_of(self, notebook):
        """Return the address that opens this notebook, and it alone, in a fresh workspace."""
        return f"{self.address}/lab/tree/{quote(notebook)}?reset&token={self.token}"

    def _write_settings(self):
        path = self.settings / "config/lab/user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        # Every cell is in the page, seen or not.
        path.write_text(json.dumps({"windowingMode": "none"}), encoding="utf-8", newline="\n")

    def end_kernels(self):
        """Shut down every notebook's kernel, so that many notebooks need no more memory than one."""
        for session in json.loads(self._ask("api/sessions")):
            self._ask(f"api/sessions/{session['id']}", method="DELETE")

    def _ask(self, path, method="GET"):
        request = urllib.request.Request(
            f"{self.address}/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def _wait_until_up(self):
        end = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                self._ask("api/status")
                return
            time.sleep(0.2)
        last = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"JupyterLab did not start. Its log ends with:\n{last}")


class Watcher:
    """Writes down what a page should never do: print errors to its console, throw, or reach beyond this machine."""

    # Console errors that say nothing about the notebook: (pattern, reason). None has been needed yet.
    ALLOWED = []

    def __init__(self, context):
        self.console, self.outward = [], []
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.console.append(f"uncaught: {error.error}"))
        context.on("request", self._requested)
        context.route(lambda url: not _local(url), lambda route: route.abort())

    def forget(self):
        """Begin anew, for the next notebook in the same page."""
        self.console.clear()
        self.outward.clear()

    def _heard(self, message):
        said = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(re.search(pattern, said) for pattern, _ in self.ALLOWED):
            self.console.append(said)

    def _requested(self, request):
        if not _local(request.url):
            self.outward.append(request.url)


def _local(address):
    parts = urlsplit(address)
    inner = ("data", "blob", "about", "chrome-extension", "file")
    return parts.scheme in inner or parts.hostname in ("127.0.0.1", "localhost")


# What the page is asked. `jupyterapp` is JupyterLab's own object, exposed by --LabApp.expose_app_in_browser.
CODE_CELLS = "window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code')"
FORGET_COUNTS = f"() => {CODE_CELLS}.forEach(cell => {{ cell.model.executionCount = null; }})"
STATE = f"""() => {{
    const cells = {CODE_CELLS}.filter(cell => cell.model.sharedModel.getSource().trim());
    const problems = [];
    cells.forEach((cell, i) => {{
        for (const output of cell.model.outputs.toJSON()) {{
            const where = `code cell ${{i + 1}}`;
            if (output.output_type === 'error') problems.push(`${{where}}: ${{output.ename}}: ${{output.evalue}}`);
            if (output.name === 'stderr') problems.push(`${{where}} wrote to stderr: ${{[output.text].flat()}}`);
        }}
    }});
    const waiting = cells.filter(cell => cell.model.executionCount === null).length;
    return {{ waiting, problems }};
}}"""
# One number for what the image shows: FNV-1a over its pixels. An image that is not there or not loaded yet gives null.
PIXELS = """async image => {
    if (!image || !image.src) return null;
    try { await image.decode(); } catch { return null; }
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    const words = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    let hash = 2166136261;
    for (const word of words) hash = Math.imul(hash ^ word, 16777619);
    return hash;
}"""


OPEN = """async path => {
    await window.jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' });
}"""
# The kernel ends first, for a page that sees it die says so in its console.
CLOSE = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    await panel.sessionContext.shutdown();
    panel.dispose();
}"""


class Notebook:
    """One notebook, open in JupyterLab in one page of the browser."""

    def __init__(self, context, lab, name):
        """Open a notebook, in the context's page if it has one: to load JupyterLab takes longer."""
        self.name = name
        if context.pages:
            (self.page,) = context.pages
            self.page.evaluate(OPEN, name)
        else:
            self.page = context.new_page()
            self.page.set_default_timeout(PATIENCE)
            self.page.goto(lab.page_of(name))
        self.wait_until_idle()

    def close(self):
        """Leave the page as it was before this notebook was opened, without the kernel."""
        self.page.evaluate(CLOSE)

    def wait_until_idle(self):
        self.page.locator('.jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
        self.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext?.isReady")

    def run_all(self):
        """Run all cells by the menu, as a reader does; return what went wrong, if anything did."""
        self.page.evaluate(FORGET_COUNTS)  # so that a count says: run now, and not: run when it was committed
        self.page.locator(".lm-MenuBar-item", has_text=re.compile("^Run$")).click()
        self.page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
        self.page.wait_for_function(
            f"() => {{ const now = ({STATE})(); return !now.waiting || now.problems.length; }}", polling=200
        )
        self.wait_until_idle()
        return self.problems()

    def problems(self):
        """Return a line for each error output and each stderr stream."""
        return self.page.evaluate(STATE)["problems"]

    def cells_with_explorers(self):
        """Return the numbers of the code cells that show an explorer."""
        shows = f"() => {CODE_CELLS}.map(cell => !!cell.node.querySelector('.acts-explorer'))"
        return [number for number, there in enumerate(self.page.evaluate(shows)) if there]

    def explorers(self):
        return [ExplorerOnPage(box) for box in self.page.locator(".acts-explorer").all()]

    def photograph(self, folder):
        """Save the notebook as pictures in `folder`, a screenful each, and return their paths."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        scroller = self.page.locator(".jp-NotebookPanel .jp-WindowedPanel-outer").first
        height, whole = scroller.evaluate("panel => [panel.clientHeight, panel.scrollHeight]")
        paths = []
        for number, top in enumerate(range(0, whole, height - 60), start=1):
            scroller.evaluate("(panel, top) => { panel.scrollTop = top; }", top)
            paths.append(Path(folder) / f"{Path(self.name).stem}-{number:02d}.png")
            self.page.screenshot(path=paths[-1])
        return paths


class ExplorerOnPage:
    """An explorer as a reader meets it: sliders, a picture, a reset button."""

    def __init__(self, box, patience=PATIENCE / 4):
        self.box, self.patience = box, patience
        self.title = box.locator("b").first.inner_text()
        self.handles = box.locator(".noUi-handle").all()
        self.readouts = box.locator(".widget-readout").all()
        self.image = box.locator("img")
        self.button = box.get_by_role("button")

    def picture(self):
        """Return a number that stands for the pixels shown; None while there are none."""
        return self.image.evaluate(PIXELS) if self.image.count() else None

    def wait_for_picture(self, test, what):
        """Return the picture as soon as `test(picture)` holds, else raise AssertionError saying `what` was awaited."""
        end = time.monotonic() + self.patience / 1000
        while True:
            shown = self.picture()
            if shown is not None and test(shown):
                return shown
            assert time.monotonic() < end, f"{self.title}: waited in vain for {what}"
            self.image.page.wait_for_timeout(50)  # pixels tell nobody that they changed

    def label(self, number):
        """Return what a slider is called, by the handle itself or by the label beside it; "" if nothing says it.

        ipywidgets gives the handle no name of its own; the label in the same row is all there is.
        """
        return self.handles[number].evaluate(
            """handle => handle.getAttribute('aria-label')
                ?? handle.closest('.widget-slider')?.querySelector('label')?.textContent.trim() ?? ''"""
        )

    def name(self):
        """Return what a screen reader calls the picture."""
        return self.image.get_attribute("alt") or self.image.get_attribute("title") or ""

    def press(self, number):
        """Move a slider one step with an arrow key: up, or down where it stands at its upper end."""
        handle = self.handles[number]
        handle.focus()
        now, most = (float(handle.get_attribute(name)) for name in ("aria-valuenow", "aria-valuemax"))
        handle.press("ArrowRight" if now < most else "ArrowLeft")

    def settle(self):
        """Wait until the page has told the kernel all about the last move.

        A slider reports a move twice, while it moves and when it stands. On a busy machine the second report may be
        late, and undo a reset that came between the two.
        """
        page = self.image.page
        for _ in range(2):
            page.wait_for_timeout(150)
            page.locator('.jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
