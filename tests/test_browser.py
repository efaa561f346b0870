"""Every notebook, opened in a real JupyterLab in a real browser: every slider moves its picture, and all cells run.

For the sliders a page runs only what its explorers need; what the other cells show is what is saved, and strict nbval
holds that true. "Run all" on whole pages is slow: `make test-slow` does it, and .ci/run for one page, by turns.
ACTS_SCREENSHOTS names a folder for screenshots of the notebooks, for people to look at. They take a fifth of the time:
without it there are none. ACTS_BROWSER names the browser, ACTS_NOTEBOOKS another folder of notebooks.
"""

import ast
import os
import subprocess
import symtable
import sys
from pathlib import Path
from types import SimpleNamespace

import get_browser
import nbformat
import pytest
from browser import ROOT, Lab, Notebook, Watcher
from get_browser import NoBrowser, find_browser
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Error

FOLDER = Path(os.environ.get("ACTS_NOTEBOOKS", ROOT / "notebooks"))
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SCREENSHOTS = os.environ.get("ACTS_SCREENSHOTS")
LEAST_EXPLORERS = 3
FEWER_EXPLORERS = {"04_relu_in_training": 2, "10_which_activation": 0, "11_claims": 0}  # 10 races, 11 is a table
BAD_CELLS = [
    "from IPython.display import HTML, Javascript\nfrom acts.explorers import CurveExplorer",
    "curve = CurveExplorer()\ncurve.sliders['gain'].unobserve_all()\ncurve",
    'HTML(\'<img src="https://example.org/far.png" alt="from far away">\')',
    "Javascript('console.error(\"said aloud\")')",
    "import sys\nprint('a murmur', file=sys.stderr)",
    "1 / 0",
]


def names_in(source):
    """Return the names that a cell gives a value, and those that must have one before, for its functions too."""
    given, read = set(), set()
    for statement in ast.parse(source).body:
        tables = [symtable.symtable(ast.unparse(statement), "cell", "exec")]
        for table in tables:
            tables += table.get_children()
        names = tables[0].get_symbols()
        assigned = {name.get_name() for name in names if name.is_assigned() or name.is_imported()}
        wanted = {name.get_name() for name in names if name.is_referenced()}
        wanted |= {name.get_name() for table in tables[1:] for name in table.get_symbols() if name.is_global()}
        if isinstance(statement, ast.For):
            wanted -= {node.id for node in ast.walk(statement.target) if isinstance(node, ast.Name)}
        if isinstance(statement, ast.AugAssign):
            wanted |= assigned
        read |= wanted - given
        given |= assigned
    return given, read


def needed_by_explorers(sources):
    """Return the numbers of the cells that make an explorer, and of those whose names these read, and so on."""
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    explorers = {name for name, whole in imported.items() if whole.startswith("acts.explorers")}
    wanted, needed = set(), set()
    for number, source in reversed(list(enumerate(sources))):
        given, read = names_in(source)
        if read & explorers or given & wanted:
            needed.add(number)
            wanted = wanted - given | read
    return needed


def with_explorers_only(notebook):
    """Return a copy of a notebook whose other code cells are empty; what they showed is still shown as it opens."""
    copy = nbformat.from_dict(notebook)
    cells = [cell for cell in copy.cells if cell.cell_type == "code"]
    needed = needed_by_explorers([cell.source for cell in cells])
    for number, cell in enumerate(cells):
        if number not in needed:
            cell.source = ""
    return copy


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a copy of the notebooks, one of each with what explorers need, and a bad notebook beside them."""
    folder = tmp_path_factory.mktemp("notebooks")
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        nbformat.write(notebook, folder / path.name)
        nbformat.write(with_explorers_only(notebook), folder / f"explorers_of_{path.name}")
    bad = new_notebook(cells=[new_code_cell(source) for source in BAD_CELLS])
    bad.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(bad, folder / "bad.ipynb")
    with Lab(folder, tmp_path_factory.mktemp("jupyter")) as lab:
        yield lab


@pytest.fixture(scope="module")
def watched(browser):
    """A window of the browser with its watcher: one for all tests, since to load JupyterLab costs more than most."""
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        yield context, Watcher(context)


@pytest.fixture
def open_notebook(watched, lab):
    """A function that opens a notebook by name and returns it with a watcher of its page."""
    context, watcher = watched
    opened = []

    def open_by(name):
        watcher.forget()
        opened.append(Notebook(context, lab, name))
        return opened[0], watcher

    yield open_by
    try:
        opened[0].close()
    except (IndexError, Error):  # it did not open, or does not close: the next test loads JupyterLab anew
        for page in context.pages:
            page.close()
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


each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@each_notebook
def test_every_slider_moves_its_picture(path, open_notebook):
    notebook, watcher = open_notebook(f"explorers_of_{path.name}")
    assert notebook.run_all() == []
    explorers = notebook.explorers()
    least = FEWER_EXPLORERS.get(path.stem, LEAST_EXPLORERS)
    assert len(explorers) >= least, f"{len(explorers)} explorers; expected at least {least}"
    for explorer in explorers:
        try_every_slider(explorer)
    assert notebook.problems() == []
    assert watcher.console == []
    assert watcher.outward == []


@each_notebook
def test_no_explorer_is_left_out(path):
    """By the outputs on disk; `test_run_all` looks at the page itself."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    shown = {n for n, cell in enumerate(cells) if any("acts" in out.get("metadata", {}) for out in cell.outputs)}
    assert len(shown) >= FEWER_EXPLORERS.get(path.stem, LEAST_EXPLORERS)
    assert shown <= needed_by_explorers([cell.source for cell in cells])


@pytest.mark.slow
@each_notebook
def test_run_all(path, open_notebook):
    notebook, watcher = open_notebook(path.name)
    assert notebook.run_all() == []
    if SCREENSHOTS:
        notebook.photograph(SCREENSHOTS)
    assert watcher.console == []
    assert watcher.outward == []
    sources = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert set(notebook.cells_with_explorers()) <= needed_by_explorers(sources), "the test above tries them all"


def test_nobody_is_asked_about_news(open_notebook):
    """Not even those who type `jupyter lab`: the setting is the environment's, and no option of ours is needed."""
    notebook, _ = open_notebook("bad.ipynb")
    notebook.page.wait_for_timeout(3000)  # the question comes late, and its absence cannot be waited for
    assert notebook.page.locator(".Toastify__toast").all_inner_texts() == []


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


# ---- which cells explorers need ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("imports", "Curve"),
    [("from acts.explorers import CurveExplorer as Curve", "Curve"), ("from acts import explorers", "explorers.Curve")],
)
def test_only_what_explorers_need_is_run(imports, Curve):
    sources = [
        f"import numpy as np\n{imports}",  # needed
        "import acts",
        "least = 1",  # needed
        "least += 1",  # needed
        "steps = np.arange(least)",  # needed
        "history = [acts.relu(step) for step in steps]",
        "x = 1\nfor gain in steps:\n    print(gain, x)",
        "def gains(history):\n    x = 2\n    return [x * float(step) for step in steps]",  # needed
        "steps.sum()",
        f"for gain in gains({{}}):\n    curve = {Curve}(gain)\ncurve",  # needed
        "curve.sliders['gain'].value = 2.0",
    ]
    assert needed_by_explorers(sources) == {0, 2, 3, 4, 7, 9}


# ---- with and without a browser ------------------------------------------------------------------


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without a browser: where programs are, where the driver would have one, and what would bring one."""
    machine = SimpleNamespace(programs=tmp_path / "bin", download=tmp_path / "driver" / "chrome", ways=[])
    machine.programs.mkdir()
    machine.download.parent.mkdir()
    machine.playwright = SimpleNamespace(chromium=SimpleNamespace(executable_path=str(machine.download)))
    monkeypatch.setenv("PATH", str(machine.programs))
    monkeypatch.delenv("ACTS_BROWSER", raising=False)
    monkeypatch.setattr(get_browser, "USUAL_PLACES", [])
    monkeypatch.setattr(get_browser, "ways_to_get_one", lambda: machine.ways)
    return machine


def program(path, code=0):
    path.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_without_a_browser_one_line_says_what_to_install(bare):
    with pytest.raises(NoBrowser) as problem:
        find_browser(bare.playwright)
    said = str(problem.value)
    assert "apt-get install chromium" in said and "playwright install chromium" in said and "ACTS_BROWSER" in said
    assert "\n" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="its programs are not shell scripts, and are not started to see")
def test_a_browser_that_does_not_start_is_not_one(bare):
    program(bare.programs / "chromium", code=127)
    downloaded = program(bare.download)
    assert find_browser(bare.playwright) == downloaded
    assert find_browser(bare.playwright) != program(bare.programs / "google-chrome") == find_browser(bare.playwright)


def test_a_wrong_name_is_an_error_and_none_is_a_choice(bare, monkeypatch):
    monkeypatch.setenv("ACTS_BROWSER", "no-such-browser")
    with pytest.raises(FileNotFoundError, match="no-such-browser"):
        find_browser(bare.playwright)
    monkeypatch.setenv("ACTS_BROWSER", "none")
    bare.ways = None  # none is tried
    with pytest.raises(NoBrowser, match="ACTS_BROWSER=none"):
        get_browser.get_browser(bare.playwright)


def test_each_way_to_get_a_browser_is_tried_until_one_brings_it(bare, capsys):
    python, bring = sys.executable, "import sys, os; os.close(os.open(sys.argv[1], os.O_CREAT, 0o755))"
    if sys.platform != "win32":
        bring += "; open(sys.argv[1], 'w').write('#!/bin/sh')"
    bare.ways = [["no-such-program"], [python, "-c", "raise SystemExit(3)"]]
    with pytest.raises(NoBrowser):
        get_browser.get_browser(bare.playwright)
    assert "(exit code 3)" in capsys.readouterr().out
    bare.ways += [[python, "-c", bring, str(bare.download)], [python, "-c", "raise SystemExit(4)"]]
    assert get_browser.get_browser(bare.playwright) == str(bare.download)
    assert "SystemExit(4)" not in capsys.readouterr().out


@pytest.mark.parametrize("ci", ["", "true"])
def test_what_was_left_out_is_said_last_and_is_an_error_in_ci(ci):
    """Some tests of this file, where there is no browser."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", __file__, "-k", "slider or news"]
    environment = os.environ | {"ACTS_BROWSER": "none", "CI": ci}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8")
    last, number = done.stdout.splitlines()[-1], len(NOTEBOOKS) + 1
    if ci:
        assert done.returncode == 1 and f"{number} errors" in last
    else:
        assert done.returncode == 0
        assert f"SKIPPED {number} tests" in last and f"{number} in tests/test_browser.py" in last
        assert "ACTS_BROWSER=none" in last
