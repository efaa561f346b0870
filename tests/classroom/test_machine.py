"""A machine or a folder that cannot judge says so, and nobody gets a zero for it."""

import json
import re
import shutil
from types import SimpleNamespace

import pytest
from browser import Lab
from course import released
from submissions import ROOT, code, graded, read, small_notebook

from classroom import in_kernel
from classroom.__main__ import patient


def test_without_acts_nobody_is_graded_and_that_is_said(small, tmp_path):
    (tmp_path / "gone").mkdir()
    missing = "raise ModuleNotFoundError(\"No module named 'acts'\", name='acts')\n"
    (tmp_path / "gone" / "acts.py").write_text(missing, encoding="utf-8")
    small.hand_in("ada", "small", small.notebook)
    elsewhere = {"PYTHONPATH": str(tmp_path / "gone")}

    done = small.autograde("small", env=elsewhere)
    assert done.returncode == 1
    assert "this machine cannot grade: the kernel 'python3' cannot judge: ModuleNotFoundError" in done.stderr
    assert not small.graded("small")

    done = small.nbgrader("autograde", "small", env=elsewhere)  # nor when nbgrader is called without our command
    assert done.returncode == 1
    assert "GradingMachineBroken: the kernel 'python3' cannot judge: ModuleNotFoundError" in done.stderr
    assert not (small.folder / "autograded" / "ada" / "small" / "small.ipynb").exists()


def test_where_every_check_lacks_a_module_it_is_an_error_and_no_zero(small):
    mine = code("def sigmoid(x):\n    import a_module_that_only_this_student_has", "mine")
    cells = [mine, small.notebook["cells"][1]]
    small.hand_in("ada", "small", small.notebook)
    small.hand_in("bob", "small", small.notebook | {"cells": cells})
    done = small.autograde("small", "--jobs=1")
    assert done.returncode == 1
    assert "1 of 1 checks ended in ModuleNotFoundError" in done.stderr
    assert "✗ bob: not graded" in done.stderr
    found = small.scores("small")
    assert (found["ada"]["graded"], found["ada"]["points"]) == (True, 3)
    assert not found["bob"]["graded"]


def test_another_version_of_acts_stops_every_command_and_the_button(small, tmp_path):
    """The right answer would lose its points where the judge is not the one that the set was released with."""
    for package in in_kernel.PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / "other" / package)
    judge = tmp_path / "other" / "acts_exercises" / "judges.py"
    judge.write_text(judge.read_text(encoding="utf-8") + "\n# another version\n", encoding="utf-8")
    elsewhere = {"PYTHONPATH": str(tmp_path / "other")}
    small.hand_in("ada", "small", small.notebook)
    for done in (small.autograde("small", env=elsewhere), small.nbgrader("autograde", "small", env=elsewhere)):
        assert done.returncode == 1
        assert re.search(
            r"small was released with version \w{12} of the course, and the kernel 'python3' judges", done.stderr
        )
        assert not small.graded("small")

    release = small.folder / "release" / "small" / "small.ipynb"
    text = release.read_text(encoding="utf-8")
    release.chmod(0o644)
    release.write_text(re.sub(r'("version": ")\w{12}(")', r"\g<1>0123456789ab\2", text), encoding="utf-8")
    with Lab(small.folder, tmp_path, cwd=small.folder) as lab:
        said = press_autograde(lab)
        assert not said["success"] and "released with version 0123456789ab" in said["log"] + said["error"]
        assert not small.graded("small")
        release.write_text(text, encoding="utf-8")
        assert press_autograde(lab)["success"]
    assert small.graded("small") == {"ada": 3}


def press_autograde(lab):
    """What the formgrader's button does."""
    return json.loads(lab._ask("formgrader/api/submission/small/ada/autograde", method="POST"))


def test_one_unknown_exercise_stops_every_command(tmp_path):
    unknown = code('check("of_another_version", sigmoid)', "unknown") | graded("unknown-check", 2, locked=True)
    course = released(tmp_path, small_notebook(unknown))
    course.hand_in("ada", "small", small_notebook(unknown))
    for done in (course.autograde("small"), course.nbgrader("autograde", "small")):
        assert done.returncode == 1
        assert "1 of 2 checks ended in UnknownExercise" in done.stderr
        assert not course.graded("small")


def test_who_raises_the_same_errors_alone_gets_no_points_and_stops_nothing(small):
    trick = code("class UnknownExercise(ValueError): pass\ndef sigmoid(x): raise UnknownExercise('sigmoid')", "mine")
    small.hand_in(
        "eve", "small", small.notebook | {"cells": [small.notebook["cells"][0], trick, small.notebook["cells"][1]]}
    )
    assert small.autograde("small").returncode == 0
    assert small.graded("small") == {"eve": 0}


def test_if_the_solution_does_not_get_its_points_nobody_is_graded(small):
    source = small.folder / "source" / "small" / "small.ipynb"
    source.write_text(source.read_text(encoding="utf-8").replace("acts.sigmoid", "acts.relu"), encoding="utf-8")
    small.hand_in("ada", "small", small.notebook)
    done = small.autograde("small")
    assert done.returncode == 1
    assert "the course's own solution gets 0 of 3.0 points for sigmoid-check. Nobody was graded" in done.stderr
    assert not small.graded("small")


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


@pytest.mark.parametrize("address", ["postgresql://grader:secret@db/acts", "sqlite+pysqlcipher://:secret@/g.db"])
def test_the_password_of_a_gradebook_is_in_no_command(address):
    def arguments(url):
        return patient(SimpleNamespace(coursedir=SimpleNamespace(db_url=url)))

    assert arguments(address) == []
    assert arguments("sqlite:///gradebook.db") == ["--CourseDirectory.db_url=sqlite:///gradebook.db?timeout=120"]
