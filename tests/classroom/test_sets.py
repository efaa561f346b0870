"""Each set, released and graded once: the solution gets all its points, the fresh exercise none."""

import pytest
from course import SETS, Course
from submissions import blank, is_check, nbgrader_of, read, solution

every_set = pytest.mark.parametrize("name", SETS)


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


@every_set
def test_every_solution_gets_full_points_and_every_fresh_exercise_none(course, name):
    if name == "01_sigmoid":
        return  # above, thirty times
    course.hand_in("right", name, solution(name))
    course.hand_in("fresh", name, blank(name))
    done = course.nbgrader("autograde", name)  # our command would run the solution a second time, to see the same
    assert done.returncode == 0, done.stdout + done.stderr
    found = course.scores(name)
    graded_cells = [cell for cell in solution(name)["cells"] if nbgrader_of(cell).get("grade")]
    by_machine = sum(nbgrader_of(cell)["points"] for cell in graded_cells if is_check(cell))
    by_hand = [nbgrader_of(cell)["grade_id"] for cell in graded_cells if not is_check(cell)]
    assert found["right"]["points"] == by_machine
    assert found["right"]["by_hand"] == sorted(by_hand)
    assert found["right"]["most"] == sum(nbgrader_of(cell)["points"] for cell in graded_cells)
    assert (found["fresh"]["points"], found["fresh"]["by_hand"]) == (0, [])
