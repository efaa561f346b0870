"""What the files of this folder share: all eight sets, released, and a course of one exercise."""

import shutil

import pytest
from course import Course, released
from submissions import small_notebook


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    made = Course(tmp_path_factory.mktemp("a course"))  # with a space, as folders of teachers have
    done = made.run("release")
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def released_small(tmp_path_factory):
    """A course of one exercise, where a machine goes wrong quickly."""
    notebook = small_notebook()
    return released(tmp_path_factory.mktemp("small"), notebook).folder, notebook


@pytest.fixture
def small(released_small, tmp_path):
    folder, notebook = released_small
    shutil.copytree(folder, tmp_path / "course")
    made = Course(tmp_path / "course")
    made.notebook = notebook
    return made
