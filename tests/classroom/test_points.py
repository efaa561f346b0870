"""The points in every table and file: late work counts as the teacher said, and "not graded" is never a 0."""

import csv
import json
import re

import pytest
from course import released
from submissions import code, graded, markdown, small_notebook

from classroom.__main__ import log_of, notes_on
from classroom.points import _in_words

LATE = """
c.AssignLatePenalties.plugin_class = "nbgrader.plugins.LateSubmissionPlugin"
c.LateSubmissionPlugin.penalty_method = "zero"
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Right in time, right but late, a broken file, a misnamed one, and one whose written answer lost its name."""
    answer = markdown("### BEGIN SOLUTION\nAt most 1/4.\n### END SOLUTION", "answer") | graded(
        "explain", 2, locked=False
    )
    made = released(tmp_path_factory.mktemp("points"), small_notebook(answer))
    config = made.folder / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8") + LATE, encoding="utf-8")
    with made.gradebook() as gradebook:
        gradebook.update_or_create_assignment("small", duedate="2026-01-31 12:00:00 UTC")
    right = small_notebook(markdown("At most 1/4, since ...", "answer") | graded("explain", 2, locked=False))
    made.hand_in("in-time", "small", right)
    made.hand_in("late", "small", right)
    (made.folder / "submitted/late/small/timestamp.txt").write_text("2026-02-01 12:00:00 UTC", encoding="utf-8")
    made.hand_in("broken", "small", json.dumps(right)[:300])
    made.hand_in("misnamed", "small", right, "small (1).ipynb")
    made.hand_in("nameless", "small", small_notebook(markdown("At most 1/4, since ...", "answer")))
    made.hand_in("by-link", "small", "not this one", "notes.txt")
    (made.folder / "submitted/by-link/small/small.ipynb").symlink_to(made.folder / "submitted/late/small/small.ipynb")
    made.said = made.autograde("small", "--jobs=1")
    return made


def test_late_work_loses_points_in_the_table_and_says_so(course):
    assert course.said.returncode == 1
    lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in course.said.stdout.splitlines() if line}
    assert lines["in-time"] == "3/5  explain"
    assert lines["late"] == "0/5  explain (late: 3 points taken off)"
    assert lines["broken"] == lines["misnamed"] == lines["by-link"] == "–  not graded"


def test_grades_csv_agrees_and_leaves_empty_what_was_not_graded(course):
    done = course.nbgrader("export")
    assert done.returncode == 0, done.stderr
    with (course.folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    found = {name: (row["raw_score"], row["score"], row["status"]) for name, row in rows.items()}
    assert found["in-time"] == ("3.0", "3.0", "to grade by hand")
    assert found["late"] == ("3.0", "0.0", "to grade by hand")
    for nobody in ("broken", "misnamed", "by-link"):
        assert found[nobody] == ("", "", "not graded")


def test_a_broken_submission_says_why_and_shows_its_own_log_alone(course):
    said = course.said.stderr
    assert "✗ broken: not graded: nbgrader could not grade it: " in said
    assert (
        "✗ by-link: not graded: nbgrader could not grade it: classroom.grading.NotGradable: small.ipynb is a link"
        in said
    )
    assert "submitted/broken/small" in said
    for other in ("in-time", "late", "nameless"):
        assert other not in said


def test_a_written_answer_that_lost_its_name_is_told(course):
    assert "! nameless: the written answer explain is not there, or its cell lost its name" in course.said.stdout
    assert "! in-time" not in course.said.stdout


def test_a_submission_of_another_version_is_told(course):
    name, path = "in-time", course.folder / "submitted/in-time/small/small.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(notebook | {"metadata": {"acts": {"version": "0123"}}}), encoding="utf-8")
    (told,) = notes_on(course.folder, name, "small")
    assert told.startswith("worked in version '0123' of the course, and was judged by ")


def test_a_log_is_cut_at_the_students(tmp_path):
    log = "\n".join(
        f"{name} {n}: /x/submitted/{name}/small/small.ipynb\n  more of {name}" for n in (1, 2) for name in "ab"
    )
    assert log_of("a", "small", log).count("more of a") == 2
    assert "more of b" not in log_of("a", "small", log)


def test_a_name_is_no_formula_in_a_spreadsheet():
    assert _in_words({"last_name": "=HYPERLINK(1)", "score": 3.0, "email": None}) == {
        "last_name": "'=HYPERLINK(1)",
        "score": "3.0",
        "email": "",
    }


def test_changed_points_are_told_at_the_next_release(course, tmp_path):
    (tmp_path / "small.ipynb").write_text(json.dumps(worth(4)), encoding="utf-8")
    done = course.run("release", "--solutions", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "! small: its points have changed: who was graded before needs `autograde small --force`" in done.stdout


def worth(points):
    """The same set, with other points for its check."""
    answer = markdown("### BEGIN SOLUTION\nAt most 1/4.\n### END SOLUTION", "answer") | graded(
        "explain", 2, locked=False
    )
    check = code('check("sigmoid", sigmoid)', "check") | graded("sigmoid-check", points, locked=True)
    notebook = small_notebook(answer)
    return notebook | {"cells": [notebook["cells"][0], check, answer]}


def test_the_course_that_is_named_wins_over_the_settings_of_the_account(course, tmp_path):
    """A hub's grader has a course folder in its own settings; `--course` names another."""
    elsewhere = f"c = get_config()\nc.CourseDirectory.root = {str(tmp_path)!r}\n"
    (tmp_path / "nbgrader_config.py").write_text(elsewhere, encoding="utf-8")
    settings = {"JUPYTER_CONFIG_DIR": str(tmp_path)}
    for command in (
        ["release", "--solutions", str(course.folder.parent / "solutions")],
        ["autograde", "small", "--force"],
    ):
        done = course.run(*command, env=settings)
        assert re.search("^✓ .*released|^in-time +3/5", done.stdout, re.MULTILINE), done.stdout + done.stderr
    assert not [path.name for path in tmp_path.iterdir() if path.name in ("release", "autograded", "gradebook.db")]


@pytest.mark.parametrize("command", ["autograde", "scores"])
def test_a_course_that_is_not_there_is_a_sentence(tmp_path, command):
    from course import Course

    done = Course(tmp_path / "mistyped").run(command, "01_sigmoid")
    assert done.returncode == 1
    assert done.stderr.startswith("✗ there is no course in ") and "Traceback" not in done.stderr
