"""CONTRIBUTING.md works, word for word: its steps, walked in a copy of the repository, end in tests that pass.

Then each step is left out in turn, and the test that the page names must fail, saying what the page says that it says.
The steps are read from the page: the line before each block of code says where it goes, or a comment that it is to be
run.
"""

import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.notebooks import dumps

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDERS = ("acts", "acts_exercises", "docs", "exercises", "notebooks", "solutions", "tests", "tools")
FILES = ("Makefile", "README.md", "constraints.txt", "pyproject.toml", "requirements.txt")

# ---- reading the page ----------------------------------------------------------------------------

PLACE = r"In `(?P<file>[^`\n]+)`, (?P<how>[a-z ]+)(?: `(?P<anchor>[^`\n]+)`)?:"
BLOCK = rf"^(?P<indent> *)(?:<!-- (?P<run>run) -->|{PLACE})\n(?P=indent)```\w+\n(?P<text>.*?)^(?P=indent)```$"
FORGOTTEN = r"Forgotten\? (?P<tests>.+?)\n\n"
STEP = r"^(?P<number>\d+)\. "


@dataclass
class Part:
    """Blocks of a step, [(what to do, text), …], and the tests that fail without them, [(test, what it says), …]."""

    step: str
    blocks: list
    tests: list


def parts_of(section):
    """Return the parts of a section, in order; that which follows the last step has the number "end"."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    parts, step, blocks = [], "end", []
    for found in re.finditer(f"{BLOCK}|{FORGOTTEN}|{STEP}", text, re.MULTILINE | re.DOTALL):
        if found["number"]:
            parts += [Part(step, blocks, [])] if blocks else []
            step, blocks = found["number"], []
        elif found["text"] is not None:
            lines = found["text"].splitlines(keepends=True)
            where = f"{found['how']}: {found['anchor']}" if found["anchor"] else found["how"]
            text = "".join(line.removeprefix(found["indent"]) for line in lines)
            blocks.append((found["run"] or f"edit: {found['file']}, {where}", text))
        else:
            said = re.findall(r"`(tests/[^`]+)` says “([^”]+)”", " ".join(found["tests"].split()))
            assert said and blocks, f"{section}, step {step}: a test, and what it says, and what was forgotten"
            parts.append(Part(step, blocks, said))
            blocks = []
    return parts + ([Part("end", blocks, [])] if blocks else [])


WALKS = {"activation": ["An activation"], "notebook": ["An activation", "A notebook"], "exercise": ["An exercise"]}
PARTS = {walk: [part for section in sections for part in parts_of(section)] for walk, sections in WALKS.items()}
OWN = {walk: PARTS[walk][-len(parts_of(sections[-1])) :] for walk, sections in WALKS.items()}
each_walk = pytest.mark.parametrize("walk", WALKS)


def cells_of(listing):
    """Return the cells of a listing in which `# %%` begins a cell, with `[markdown]` and metadata beside it."""
    cells = []
    for head, body in re.findall(r"^# %%(.*)\n((?:(?!# %%).*\n)*)", listing, re.MULTILINE):
        metadata, rest = {}, head.replace("[markdown]", "").strip()
        while rest:
            key, _, rest = rest.partition("=")
            metadata[key], end = json.JSONDecoder().raw_decode(rest)
            rest = rest[end:].strip()
        more = {"id": metadata.pop("id")} if "id" in metadata else {}
        if "[markdown]" in head:
            text = re.sub("^# ?", "", body.strip(), flags=re.MULTILINE)
            cells.append(new_markdown_cell(text, metadata=metadata, **more))
        else:
            cells.append(new_code_cell(body.strip(), metadata=metadata, **more))
    return cells


# ---- walking -------------------------------------------------------------------------------------


def put_in(lines, text, where):
    """Put a text where the page says, into lines, each with its newline."""
    if where == "at the end":
        return [*lines, "\n\n", *text.splitlines(keepends=True)]
    how, anchor = re.fullmatch("(before the line with|after the line with|instead of): (.+)", where).groups()
    (at,) = [number for number, line in enumerate(lines) if anchor in line]
    if how == "instead of":
        assert lines[at].count(anchor) == 1
        return [*lines[:at], lines[at].replace(anchor, text.strip("\n")), *lines[at + 1 :]]
    at += how.startswith("after")
    return [*lines[:at], *text.splitlines(keepends=True), *lines[at:]]


def edit_notebook(path, text, where):
    notebook = nbformat.read(path, as_version=4) if path.exists() else new_notebook()
    if not text.startswith("# %%"):
        anchor = where.partition(": ")[2]
        (cell,) = [cell for cell in notebook.cells if anchor in cell.source]
        cell.source = "".join(put_in(f"{cell.source}\n".splitlines(keepends=True), text, where)).removesuffix("\n")
    else:
        anchor = where.removeprefix("before the cell that begins: ")
        (at,) = [n for n, cell in enumerate(notebook.cells) if cell.source.startswith(anchor)] or [len(notebook.cells)]
        assert (at == len(notebook.cells)) == (where == "at the end"), where
        notebook.cells[at:at] = cells_of(text)
    path.write_text(dumps(notebook), encoding="utf-8", newline="\n")


def edit(folder, block):
    """Do what `edit: FILE, WHERE` says; return the file."""
    do, text = block
    name, where = re.fullmatch(r"edit: (\S+), (.+)", do).groups()
    path = folder / name
    try:
        if path.suffix == ".ipynb":
            edit_notebook(path, text, where)
        else:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join(put_in(lines, text, where)), encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        raise AssertionError(f"CONTRIBUTING.md says “{do}”, but there is no such place, or more than one") from error
    return name


def commands(text, edited):
    """Yield the commands behind a line of shell, (environment, arguments); of the notebooks only those that changed."""
    if text.startswith("make "):
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        text = re.search(rf"^{text.strip()[5:]}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1]
    for line in text.splitlines():
        words = [sys.executable if word in ("$(PY)", ".venv/bin/python") else word for word in shlex.split(line)]
        environment = dict(word.split("=") for word in words if re.match("[A-Z_]+=", word))
        words = words[len(environment) :]
        if words[-1] == "tools/notebooks.py":
            words += [name for name in edited if re.match("(notebooks|solutions)/", name)]
            words += ["notebooks/11_claims.ipynb"] if "acts/_data/claims.json" in edited else []
        yield environment, words


def run(folder, words, given=None, **more):
    """Run a command in the copy, whose acts must come before the one that is installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "ACTS", "COV"))}
    environment = kept | {"PYTHONPATH": str(folder), "PYTHONUTF8": "1", **more}
    return subprocess.run(
        words, cwd=folder, env=environment, input=given, capture_output=True, text=True, encoding="utf-8"
    )


# One process runs a test in one copy after the other. To load NumPy and SymPy for each would take most of the time.
RUNNER = """
import contextlib, io, json, os, sys
import pytest

path, outcomes = list(sys.path), []
for folder, test in json.load(sys.stdin):
    os.chdir(folder)
    os.environ["PYTHONPATH"] = folder
    sys.path[:] = [folder, *path]
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
        code = pytest.main(["-q", "-p", "no:cacheprovider", test])
    outcomes.append((int(code), said.getvalue()))
    for name, module in list(sys.modules.items()):
        places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", [])]  # tools/ has no file
        if any(place.startswith(folder) for place in places):
            del sys.modules[name]
print(json.dumps(outcomes))
"""


def run_each(pairs, home):
    """Return the exit code and the output of each (folder, test)."""
    done = run(home, [sys.executable, "-c", RUNNER], json.dumps([(str(folder), test) for folder, test in pairs]))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@functools.cache
def other_sets(walk):
    """Return the files of the exercises that a walk leaves alone: each set costs seconds, its answers are computed."""
    files = {re.match("edit: (\\S+),", do)[1] for part in PARTS[walk] for do, _ in part.blocks if do != "run"}
    own = {Path(name).stem for name in files if name.startswith("solutions/")} | {"01_sigmoid"}
    others = {path.stem for path in (ROOT / "solutions").glob("*.ipynb")} - own
    modules = {path: path.read_text(encoding="utf-8") for path in (ROOT / "acts_exercises").glob("n*.py")}
    return [
        *(f"{folder}/{name}.ipynb" for folder in ("solutions", "exercises") for name in others),
        *(
            f"{folder}/{path.name}"
            for path, text in modules.items()
            if re.search(rf'"({"|".join(others)})"', text)
            for folder in ("acts_exercises", "tests/answers")
        ),
    ]


@pytest.fixture
def copy(tmp_path):
    """Return a way to walk in a copy of the repository, all steps or without one, that returns its folder."""

    def walked(walk, without=None, running=False):
        folder = tmp_path / f"acts course {len(list(tmp_path.iterdir()))}"
        left_out = shutil.ignore_patterns(".ipynb_checkpoints", "benchmarks", "*.tmp")
        for name in FOLDERS:  # with their compiled files, which spares every run a second
            shutil.copytree(ROOT / name, folder / name, ignore=left_out)
        for name in FILES:
            shutil.copy2(ROOT / name, folder)
        for name in other_sets(walk):
            (folder / name).unlink(missing_ok=True)
        edited = []
        for do, text in [block for part in PARTS[walk] if part is not without for block in part.blocks]:
            if do != "run":
                edited.append(edit(folder, (do, text)))
                continue
            for more, words in commands(text, sorted(set(edited))) if running else ():
                done = run(folder, words, **more)
                assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return folder

    yield walked
    shutil.rmtree(tmp_path, ignore_errors=True)  # pytest would keep them all


# ---- the tests -----------------------------------------------------------------------------------


@pytest.mark.slow
@each_walk
def test_all_steps_together_pass_their_tests(walk, copy):
    folder = copy(walk, running=True)
    named = list(dict.fromkeys(test for part in OWN[walk] for test, _ in part.tests))
    done = run(folder, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *named])
    assert done.returncode == 0 and f"{len(named)} passed" in done.stdout, done.stdout + done.stderr


# Steps that were taken, but not with care: (file, what stands there, what stands there now, test, what it says).
TABLE = "tests/test_exercises.py::test_the_table_and_the_headings_say_what_the_records_say[03_relu]"
ENOUGH = "tests/test_feedback.py::test_every_exercise_has_enough_wrong_and_right_answers"
FOUR_MISTAKES = """\
            (0.5, "that is the share for a mean of 0; here the mean has moved"),
            (0.3173, "that is what lies outside of one standard deviation on both sides"),
            (0.6827, "that is what lies within one standard deviation"),
            (0.0228, "that is the share below two standard deviations"),
"""
SLIPS = {
    "exercise": [
        ("solutions/03_relu.ipynb", "R8 · 10 minutes", "R8 · 15 minutes", TABLE, "'R8', '15', '1')"),
        ("acts_exercises/n03_relu.py", 'deepens="R8"', 'deepens="R3"', TABLE, "('predict', 'R8')"),
        ("acts_exercises/n03_relu.py", FOUR_MISTAKES, "", ENOUGH, "share_of_zeros has 4 wrong answers"),
    ]
}


@pytest.mark.slow
@each_walk
def test_what_is_forgotten_or_wrong_is_named_by_the_test_that_the_page_names(walk, copy, tmp_path):
    """Nothing is executed here: what is said of it does not depend on outputs."""
    cases = [(f"without step {part.step}", *pair, copy(walk, part)) for part in OWN[walk] for pair in part.tests]
    for name, right, wrong, test, says in SLIPS.get(walk, []):
        folder = copy(walk)
        text = (folder / name).read_text(encoding="utf-8")
        assert text.count(right) == 1
        (folder / name).write_text(text.replace(right, wrong), encoding="utf-8", newline="\n")
        cases.append((f"{wrong!r} for {right!r}", test, says, folder))
    outcomes = run_each([(folder, test) for _, test, _, folder in cases], tmp_path)
    problems = [
        f"{what}: expected {test} to fail with “{says}”, got:\n{said}"
        for (what, test, says, _), (code, said) in zip(cases, outcomes, strict=True)
        if code == 0 or says not in said
    ]
    assert not problems, "\n\n".join(problems)


@each_walk
def test_every_step_is_read(walk):
    """What the page numbers and shows is what was walked: no block without a comment, no step without a number."""
    (text,) = re.findall(rf"^## {WALKS[walk][-1]}\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    numbers = [part.step for part in OWN[walk] if part.step != "end"]
    assert list(dict.fromkeys(numbers)) == [str(n + 1) for n in range(len(set(numbers)))]
    assert text.count("```") == 2 * sum(len(part.blocks) for part in OWN[walk])
    assert text.count("Forgotten?") == sum(bool(part.tests) for part in OWN[walk])
