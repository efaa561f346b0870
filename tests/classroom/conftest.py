"""What the files of this folder share: all eight sets, released, and a course of one exercise."""

import json
import shutil

import pytest
from course import Course
from submissions import code


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    made = Course(tmp_path_factory.mktemp("a course"))  # with a space, as folders of teachers have
    done = made.run("release")
    assert done.returncode == 0, done.stderr
    return made


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
