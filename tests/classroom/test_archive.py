"""The archive that a learning platform delivers, unpacked by the command that docs/for-teachers.md gives."""

import json
import re
import shlex
import zipfile

from course import Course
from submissions import ROOT, blank

SET = "01_sigmoid"
HANDED_IN = {
    "Ada Lovelace_1001_assignsubmission_file_/01_sigmoid.ipynb": "1001",
    "Bob de la Tour_1002_assignsubmission_file_01_sigmoid.ipynb": "1002",
    "Zoë O'Brien_1003_assignsubmission_file_/01_sigmoid (1).ipynb": "1003",
    "小明 王_1004_assignsubmission_file_01_sigmoid.ipynb": "1004",
}


def the_command():
    """Return what the page says after `-m nbgrader`."""
    page = (ROOT / "docs" / "for-teachers.md").read_text(encoding="utf-8")
    block = re.search(r"-m nbgrader (zip_collect .*?)\n```", page, re.DOTALL).group(1)
    return shlex.split(block.replace("\\\n", " "))


def test_moodles_archive_is_unpacked_for_every_student(tmp_path):
    course = Course(tmp_path / "course")
    archive = course.folder / "downloaded" / SET / "archive" / "all.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as made:
        for name in HANDED_IN:
            made.writestr(name, json.dumps(blank()))
    done = course.nbgrader(*the_command())
    assert done.returncode == 0, done.stderr
    found = (course.folder / "submitted").glob(f"*/{SET}/{SET}.ipynb")
    assert {path.parent.parent.name for path in found} == set(HANDED_IN.values()), done.stderr
