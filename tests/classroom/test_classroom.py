"""A whole class is graded for real, by nbgrader: every answer gets its points, no trick gets any, nobody waits long.

`make test-classroom` runs this; `make test` leaves it out, since students do not have nbgrader.
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import time

import pytest
from submissions import HONEST, HOSTILE, NOT_GRADABLE, ROOT, blank, code, is_check, nbgrader_of, read, solution

SETS = [path.stem for path in sorted((ROOT / "solutions").glob("*.ipynb"))]
every_set = pytest.mark.parametrize("name", SETS)
# Enough for any cell of the course on a slow machine, and three students wait for it in vain.
SECONDS = 15


class Course:
    """A course folder, and the commands that a teacher gives."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, *arguments, env=None):
        """`python -m classroom …`, as docs/for-teachers.md has it."""
        return run("-m", "classroom", "--course", str(self.folder), *arguments, cwd=ROOT, env=env)

    def nbgrader(self, *arguments, env=None):
        return run("-m", "nbgrader", *arguments, cwd=self.folder, env=env)

    def autograde(self, name, *more, env=None):
        return self.run("autograde", name, f"--ExecutePreprocessor.timeout={SECONDS}", *more, env=env)

    def scores(self, name):
        done = self.run("scores", name, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def hand_in(self, student, name, text, file=None):
        folder = self.folder / "submitted" / student / name
        folder.mkdir(parents=True)
        text = text if isinstance(text, str) else json.dumps(text)
        (folder / (file or f"{name}.ipynb")).write_text(text, encoding="utf-8")


def run(*arguments, cwd, env=None):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ACTS_", "NBGRADER_"))}
    command = [sys.executable, *arguments]
    options = {"capture_output": True, "text": True, "encoding": "utf-8", "errors": "replace", "timeout": 500}
    return subprocess.run(command, cwd=cwd, env=clean | {"PYTHONUTF8": "1"} | (env or {}), **options)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    made = Course(tmp_path_factory.mktemp("a course"))  # with a space, as folders of teachers have
    done = made.run("release")
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def graded(course):
    """Ten honest submissions, then twenty others, of one set; what was said, and the points of all."""
    said, taken = {}, {}
    for student, (notebook, _) in HONEST.items():
        course.hand_in(student, "01_sigmoid", notebook)
    for kind in ("honest", "hostile"):
        started = time.perf_counter()
        said[kind] = course.autograde("01_sigmoid")
        taken[kind] = time.perf_counter() - started
        if kind == "honest":
            for student, (notebook, _) in HOSTILE.items():
                course.hand_in(student, "01_sigmoid", notebook)
            for student, (file, text, _) in NOT_GRADABLE.items():
                course.hand_in(student, "01_sigmoid", text, file)
    others = len(HOSTILE) + len(NOT_GRADABLE)
    print(f"\n{len(HONEST)} honest: {taken['honest']:.0f} s; {others} others: {taken['hostile']:.0f} s")
    return said, course.scores("01_sigmoid")


# ---- releasing -----------------------------------------------------------------------------------


@every_set
def test_what_nbgrader_releases_is_the_exercise(course, name):
    released = read(course.folder / "release" / name / f"{name}.ipynb")["cells"]
    exercise = blank(name)["cells"]
    assert [cell["cell_type"] for cell in released] == [cell["cell_type"] for cell in exercise]
    for ours, theirs in zip(exercise, released, strict=True):
        assert "".join(theirs["source"]) == "".join(ours["source"]), ours["id"]
        assert nbgrader_of(theirs).get("points") == nbgrader_of(ours).get("points")
        assert theirs.get("outputs", []) == []


def test_releasing_again_keeps_the_settings_of_the_teacher(tmp_path):
    own = Course(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("raise SystemError('mine')\n", encoding="utf-8")
    done = own.run("release")
    assert done.returncode == 1 and "SystemError: mine" in done.stderr  # and a broken config stops it, guards and all
    assert (tmp_path / "nbgrader_config.py").read_text(encoding="utf-8") == "raise SystemError('mine')\n"


# ---- grading -------------------------------------------------------------------------------------


def test_there_are_thirty_submissions():
    assert len(HONEST) == 10
    assert len(HONEST) + len(HOSTILE) + len(NOT_GRADABLE) == 30


@pytest.mark.parametrize("student", HONEST)
def test_an_honest_answer_gets_its_points(graded, student):
    row = graded[1][student]
    assert row["graded"]
    assert row["points"] == HONEST[student][1]
    assert row["most"] == 22
    assert row["by_hand"] == (["quarter_to_the_tenth"] if student.startswith("right") else [])


def test_all_honest_submissions_graded_is_success(graded):
    done = graded[0]["honest"]
    assert done.returncode == 0, done.stderr
    print(done.stdout)


@pytest.mark.parametrize("student", HOSTILE)
def test_a_trick_gets_no_points_and_an_accident_takes_none(graded, student):
    row = graded[1][student]
    assert row["graded"]
    assert row["points"] == HOSTILE[student][1]
    assert row["most"] == 22


STOPPED_BY = {
    "loops": "CellTimeoutError",
    "loops-on": "NotRun",
    "loops-when-called": "CheckFailed",
    "prints": "PrintedTooMuch",
    "eats-memory": "MemoryError",
    "dies": "KernelDied",
    "asks-and-exits": "StdinNotImplementedError",
    "silences-errors": "NotChecked",
}


@pytest.mark.parametrize("student", STOPPED_BY)
def test_it_was_the_limit_that_stopped_it(graded, course, student):
    cells = read(course.folder / "autograded" / student / "01_sigmoid" / "01_sigmoid.ipynb")["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert STOPPED_BY[student] in {output.get("ename") for output in outputs}
    assert sum(len(json.dumps(output)) for output in outputs) < 2_000_000


@pytest.mark.parametrize("student", NOT_GRADABLE)
def test_what_can_not_be_graded_is_told_and_no_zero(graded, student):
    done = graded[0]["hostile"]
    assert done.returncode == 1
    assert f"✗ {student}: not graded: " in done.stderr
    assert NOT_GRADABLE[student][2] in done.stderr
    assert not graded[1].get(student, {}).get("graded", False)


@every_set
def test_every_solution_gets_full_points_and_every_fresh_exercise_none(course, name):
    if name == "01_sigmoid":
        return  # above, thirty times
    course.hand_in("right", name, solution(name))
    course.hand_in("fresh", name, blank(name))
    done = course.autograde(name)
    assert done.returncode == 0, done.stdout + done.stderr
    found = course.scores(name)
    graded_cells = [cell for cell in solution(name)["cells"] if nbgrader_of(cell).get("grade")]
    by_machine = sum(nbgrader_of(cell)["points"] for cell in graded_cells if is_check(cell))
    by_hand = [nbgrader_of(cell)["grade_id"] for cell in graded_cells if not is_check(cell)]
    assert found["right"]["points"] == by_machine
    assert found["right"]["by_hand"] == sorted(by_hand)
    assert found["right"]["most"] == sum(nbgrader_of(cell)["points"] for cell in graded_cells)
    assert (found["fresh"]["points"], found["fresh"]["by_hand"]) == (0, [])


# ---- a machine that can not judge ----------------------------------------------------------------


@pytest.fixture(scope="module")
def released_small(tmp_path_factory):
    """A course of one exercise, where a machine goes wrong quickly."""
    folder = tmp_path_factory.mktemp("small")
    nbgrader = {"grade": True, "locked": True, "points": 3, "schema_version": 3, "solution": False, "task": False}
    metadata = {"nbgrader": nbgrader | {"grade_id": "sigmoid-check"}}
    given = code("import acts\nfrom acts.feedback import check\nsigmoid = acts.sigmoid", "given")
    check = code('check("sigmoid", sigmoid)', "check") | {"metadata": metadata}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": [given, check], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "solutions").mkdir()
    (folder / "solutions" / "small.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    done = Course(folder / "course").run("release", "--solutions", str(folder / "solutions"))
    assert done.returncode == 0, done.stderr
    return folder / "course", notebook


@pytest.fixture
def small(released_small, tmp_path):
    folder, notebook = released_small
    shutil.copytree(folder, tmp_path / "course")
    made = Course(tmp_path / "course")
    made.notebook = notebook
    return made


def test_without_acts_nobody_is_graded_and_that_is_said(small, tmp_path):
    (tmp_path / "gone").mkdir()
    missing = "raise ModuleNotFoundError(\"No module named 'acts'\", name='acts')\n"
    (tmp_path / "gone" / "acts.py").write_text(missing, encoding="utf-8")
    small.hand_in("ada", "small", small.notebook)
    elsewhere = {"PYTHONPATH": str(tmp_path / "gone")}

    done = small.autograde("small", env=elsewhere)
    assert done.returncode == 1
    assert "this machine can not grade: the kernel 'python3' can not judge: ModuleNotFoundError" in done.stderr
    assert small.scores("small") == {}

    done = small.nbgrader("autograde", "small", env=elsewhere)  # nor when nbgrader is called without our command
    assert done.returncode == 1
    assert "GradingMachineBroken: the kernel 'python3' can not judge: ModuleNotFoundError" in done.stderr
    assert not (small.folder / "autograded" / "ada" / "small" / "small.ipynb").exists()


def test_where_every_check_lacks_a_module_it_is_an_error_and_no_zero(small):
    mine = code("def sigmoid(x):\n    import a_module_that_only_this_student_has", "mine")
    cells = [mine, small.notebook["cells"][1]]
    small.hand_in("ada", "small", small.notebook)
    small.hand_in("bob", "small", small.notebook | {"cells": cells})
    done = small.autograde("small")
    assert done.returncode == 1
    assert "1 of 1 checks ended in ModuleNotFoundError" in done.stderr
    assert "✗ bob: not graded" in done.stderr
    found = small.scores("small")
    assert (found["ada"]["graded"], found["ada"]["points"]) == (True, 3)
    assert not found["bob"]["graded"]


def test_if_the_solution_does_not_get_its_points_nobody_is_graded(small):
    source = small.folder / "source" / "small" / "small.ipynb"
    source.write_text(source.read_text(encoding="utf-8").replace("acts.sigmoid", "acts.relu"), encoding="utf-8")
    small.hand_in("ada", "small", small.notebook)
    done = small.autograde("small")
    assert done.returncode == 1
    assert "the course's own solution gets 0 of 3.0 points for sigmoid-check. Nobody was graded" in done.stderr
    assert small.scores("small") == {}


def test_a_new_version_that_does_not_fit_what_was_graded_changes_nothing(small, tmp_path):
    small.hand_in("ada", "small", small.notebook)
    assert small.autograde("small").returncode == 0
    files = [small.folder / step / "small" / "small.ipynb" for step in ("source", "release")]
    before = [read(path)["cells"] for path in files]
    (tmp_path / "solutions").mkdir()
    without = small.notebook | {"cells": small.notebook["cells"][:1]}
    (tmp_path / "solutions" / "small.ipynb").write_text(json.dumps(without), encoding="utf-8")
    done = small.run("release", "--solutions", str(tmp_path / "solutions"))
    assert done.returncode == 1
    assert "The sets are as they were before.\nRuntimeError: Cannot add or remove cells" in done.stderr
    assert [read(path)["cells"] for path in files] == before
    assert small.scores("small")["ada"]["points"] == 3


def test_without_our_settings_a_fresh_exercise_still_gets_nothing(small):
    (small.folder / "nbgrader_config.py").write_text("", encoding="utf-8")
    fresh = [code("from acts.feedback import check\nsigmoid = ...", "given"), small.notebook["cells"][1]]
    small.hand_in("fay", "small", small.notebook | {"cells": fresh})
    assert small.nbgrader("autograde", "small").returncode == 0
    assert small.scores("small")["fay"]["points"] == 0


# ---- feedback ------------------------------------------------------------------------------------


def test_the_page_for_a_student_shows_our_message_and_no_traceback(graded, course):
    done = course.nbgrader("generate_feedback", "01_sigmoid")
    assert done.returncode == 0, done.stderr
    for student in ("naive", "redefines-check", "loops-when-called", "right0"):
        page = (course.folder / "feedback" / student / "01_sigmoid" / "01_sigmoid.html").read_text(encoding="utf-8")
        seen = html.unescape(re.sub(r"<[^>]+>", "", page[page.index("<body>") :]))
        for forest in ("Traceback", "site-packages", "in_kernel", "acts/feedback.py", "NotebookNode", "<check>"):
            assert forest not in seen, (student, forest)
        assert ("✗ sigmoid: wrong for" in seen) == (student == "naive")
        assert ("✓ sigmoid: right for all" in seen) == (student == "right0")
        if student == "loops-when-called":
            assert "✗ stopped: your answer did not come to an end" in seen
