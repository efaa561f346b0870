"""A whole class is graded for real, by nbgrader: every answer gets its points, no trick gets any, nobody waits long."""

import html
import json
import re
import time

import pytest
from submissions import HONEST, HOSTILE, NOT_GRADABLE, read


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
    done = course.run("scores", "01_sigmoid", "--json")
    assert done.returncode == 0, done.stderr
    return said, json.loads(done.stdout)


def test_the_other_files_may_ask_for_points_without_the_command(graded, course):
    assert course.scores("01_sigmoid") == graded[1]


def test_there_are_thirty_submissions():
    assert len(HONEST) == 10
    assert len(HONEST) + len(HOSTILE) + len(NOT_GRADABLE) == 30


@pytest.mark.parametrize("student", HONEST | HOSTILE)
def test_every_answer_gets_its_points_a_trick_gets_none_and_an_accident_takes_none(graded, student):
    row = graded[1][student]
    assert row["graded"]
    assert row["points"] == (HONEST | HOSTILE)[student][1]
    assert row["most"] == 22


@pytest.mark.parametrize("student", HONEST)
def test_the_written_answer_waits_for_a_person_where_there_is_one(graded, student):
    assert graded[1][student]["by_hand"] == (["quarter_to_the_tenth"] if student.startswith("right") else [])


def test_all_honest_submissions_graded_is_success(graded):
    done = graded[0]["honest"]
    assert done.returncode == 0, done.stderr
    print(done.stdout)


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
