"""The site as a web server has it: pages, and beside them a JupyterLite that has all notebooks and the wheel of acts.

Its kernel is Pyodide, from its makers' CDN. There is no network here, so no cell runs: `make site-check` does that.
"""

import hashlib
import json
import sys
import time
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest
from browser import ROOT, Watcher
from jupyterlite import open_notebook, served
from packaging.requirements import Requirement
from test_house import PACKAGE, PROJECT

pytestmark = pytest.mark.site

FOLDERS = ("notebooks", "exercises")
NAMES = {folder: sorted(path.name for path in ROOT.glob(f"{folder}/*.ipynb")) for folder in FOLDERS}


@pytest.fixture(scope="module")
def site(built):
    """The site, built as `make site` builds it."""
    return built("lite.py", "site")


@pytest.fixture(scope="module")
def address(site):
    with served(site) as address:
        yield address


@pytest.fixture(scope="module")
def context(browser):
    with browser.new_context() as context:
        context.set_default_timeout(60_000)
        yield context


def fetched(address):
    with urlopen(address, timeout=30) as answer:
        return answer.read()


def test_pyodide_has_what_acts_needs():
    from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION

    sys.path.insert(0, str(ROOT / "tools"))
    from lite import PYODIDE

    assert PYODIDE_VERSION == PYODIDE["pyodide"], "look up what this Pyodide ships: its pyodide-lock.json says it"
    for name in ("numpy", "matplotlib", "sympy"):
        assert PACKAGE[name].specifier.contains(PYODIDE[name]), f"acts does not allow Pyodide's {name} {PYODIDE[name]}"
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(PYODIDE["python"])


def test_jupyterlab_does_not_load_what_is_meant_for_jupyterlite():
    assert not Path(sys.prefix, "share", "jupyter", "labextensions", "@jupyterlite").exists()


def test_the_wheel_of_acts_can_be_found(site, address):
    settings = json.loads(fetched(f"{address}/lite/jupyter-lite.json"))["jupyter-config-data"]["litePluginSettings"]
    (kernel,) = settings.values()
    assert kernel["disablePyPIFallback"] is True
    index = {}
    for url in kernel["pipliteUrls"]:
        index |= json.loads(fetched(f"{address}/lite/{url}"))
    of_the_kernel = {"comm", "ipykernel", "piplite", "pyodide-kernel", "widgetsnbextension"}
    assert {"acts", "ipywidgets", "jupyterlab-widgets"} | of_the_kernel <= set(index)
    (release,) = index["acts"]["releases"][PROJECT["version"]]
    wheel = site / "lite" / "pypi" / release["filename"]
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == release["digests"]["sha256"]
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (archive.read(name).decode() for name in names if name.endswith("METADATA"))
    assert "\nName: acts\n" in metadata
    files = [
        path
        for package in ("acts", "acts_exercises")
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".json", ".npz")
    ]
    assert {path.relative_to(ROOT).as_posix() for path in files} <= set(names)
    assert not [name for name in names if not name.startswith("acts")]


@pytest.mark.parametrize("folder", FOLDERS)
def test_notebooks_install_acts_before_their_first_code(folder, site):
    for name in NAMES[folder]:
        ours = json.loads((ROOT / folder / name).read_text(encoding="utf-8"))["cells"]
        cells = json.loads((site / "lite" / "files" / folder / name).read_text(encoding="utf-8"))["cells"]
        first = next(number for number, cell in enumerate(cells) if cell["cell_type"] == "code")
        assert "%pip install -q acts" in cells.pop(first)["source"]
        assert cells == ours


def test_pages_lead_to_jupyterlite_and_a_notebook_opens_there(site, address, context):
    from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL

    watcher = Watcher(context)
    page = context.new_page()
    page.goto(f"{address}/notebooks/01_sigmoid.html")
    link = page.locator(".acts-run a").evaluate("link => link.href")
    assert link == f"{address}/lite/lab/index.html?path=notebooks/01_sigmoid.ipynb"
    open_notebook(page, address, "notebooks/01_sigmoid.ipynb")
    assert page.locator(".jp-NotebookPanel h1").first.inner_text().startswith("The sigmoid")
    files = page.locator(".jp-DirListing-itemText")
    for folder in FOLDERS:
        page.evaluate("path => window.jupyterapp.commands.execute('filebrowser:open-path', { path })", folder)
        files.get_by_text(NAMES[folder][-1], exact=True).wait_for()
        assert sorted(files.all_inner_texts()) == NAMES[folder]
    # The kernel starts by itself. It is all that is asked for elsewhere, and out of reach here.
    end = time.monotonic() + 60
    while not watcher.outward and time.monotonic() < end:
        page.wait_for_timeout(200)
    page.wait_for_timeout(1000)  # time for another request, which there should not be
    assert set(watcher.outward) == {f"{PYODIDE_CDN_URL}/pyodide.mjs"}
    assert not [said for said in watcher.console if PYODIDE_CDN_URL not in said]
