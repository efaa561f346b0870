"""What the files of this folder share: all eight sets, released."""

import pytest
from course import Course


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    made = Course(tmp_path_factory.mktemp("a course"))  # with a space, as folders of teachers have
    done = made.run("release")
    assert done.returncode == 0, done.stderr
    return made
