"""Every notebook, opened in a real JupyterLab in a real browser: all cells run, every slider moves its picture.

ACTS_SCREENSHOTS names a folder for screenshots of the notebooks, for people to look at. They take a fifth of the time:
without it there are none. ACTS_BROWSER names the browser, ACTS_NOTEBOOKS another folder of notebooks.
"""

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from browser import ROOT, Lab, NoBrowser, Notebook, Watcher, find_browser
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = pytest.mark.browser

FOLDER = Path(os.environ.get("ACTS_NOTEBOOKS", ROOT / "notebooks"))
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SCREENSHOTS = os.environ.get("ACTS_SCREENSHOTS")
LEAST_EXPLORERS = 3
WITHOUT_EXPLORERS = {"09_claims"}  # a table of what the other notebooks settle
BAD_CELLS = [
    "from IPython.display import HTML, Javascript\nfrom acts.explorers import CurveExplorer",
    "curve = CurveExplorer()\ncurve.sliders['gain'].unobserve_all()\ncurve",
    'HTML(\'<img src="https://example.org/far.png" alt="from far away">\')',
    "Javascript('console.error(\"said aloud\")')",
    "import sys\nprint('a murmur', file=sys.stderr)",
    "1 / 0",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a copy of the notebooks, and one bad notebook beside them."""
    folder = tmp_path_factory.mktemp("notebooks")
    for path in FOLDER.glob("*"):
        if path.is_file():
            shutil.copy(path, folder)
    bad = new_notebook(cells=[new_code_cell(source) for source in BAD_CELLS])
    bad.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(bad, folder / "bad.ipynb")
    with Lab(folder, tmp_path_factory.mktemp("jupyter")) as lab:
        yield lab


@pytest.fixture
def open_notebook(browser, lab):
    """A function that opens a notebook by name and returns it with a watcher of its page."""
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        watcher = Watcher(context)
        yield lambda name: (Notebook(context, lab, name), watcher)
    lab.end_kernels()


def try_every_slider(explorer):
    """Move each slider by a key and reset; raise AssertionError where picture or readout do not follow."""
    explorer.settle()  # a cell may have moved it, and the last of its pictures be still on the way
    first = explorer.wait_for_picture(lambda shown: True, "its first picture")
    assert explorer.name(), f"{explorer.title}: the picture has neither alt nor title"
    assert explorer.handles, f"{explorer.title}: no slider"
    for number in range(len(explorer.handles)):
        label = explorer.label(number)
        assert label, f"{explorer.title}: slider {number + 1} has no name and no label"
        before = explorer.readouts[number].inner_text()
        explorer.press(number)
        explorer.wait_for_picture(lambda shown: shown != first, f"a new picture after a key on {label!r}")
        readout = explorer.readouts[number].inner_text()
        assert readout != before, f"{explorer.title}: the readout of {label!r} stood still at {before!r}"
        explorer.settle()
        explorer.button.click()
        explorer.wait_for_picture(lambda shown: shown == first, f"the first picture again after {label!r} and Reset")
        readout = explorer.readouts[number].inner_text()
        assert readout == before, f"{explorer.title}: Reset left {label!r} at {readout!r}, it started at {before!r}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_lives(path, open_notebook):
    notebook, watcher = open_notebook(path.name)
    assert notebook.run_all() == []
    if SCREENSHOTS:
        notebook.photograph(SCREENSHOTS)
    explorers = notebook.explorers()
    least = 0 if path.stem in WITHOUT_EXPLORERS else LEAST_EXPLORERS
    assert len(explorers) >= least, f"{len(explorers)} explorers; expected at least {least}"
    for explorer in explorers:
        try_every_slider(explorer)
    assert notebook.problems() == []
    assert watcher.console == []
    assert watcher.outward == []


def test_a_bad_notebook_is_caught(open_notebook):
    """All that the test above forbids, in one notebook: a test that never fails proves nothing."""
    notebook, watcher = open_notebook("bad.ipynb")
    problems = "\n".join(notebook.run_all())
    assert "ZeroDivisionError" in problems
    assert "wrote to stderr: a murmur" in problems
    assert any("said aloud" in said for said in watcher.console)
    assert set(watcher.outward) == {"https://example.org/far.png"}
    (explorer,) = notebook.explorers()
    explorer.patience = 1500
    with pytest.raises(AssertionError, match="waited in vain for a new picture after a key on 'gain"):
        try_every_slider(explorer)


def test_without_a_browser_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setenv("ACTS_BROWSER", "no-such-browser")
    with pytest.raises(NoBrowser) as problem:
        find_browser(playwright=None)
    said = str(problem.value)
    assert "no-such-browser" in said and "apt-get install chromium" in said and "make test-nobrowser" in said
    assert "\n" not in said
