"""An update of the course never takes a student's work: simulated with git, and with the generator."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import exercises as generator

ROOT = Path(__file__).resolve().parent.parent
NAME = "01_sigmoid.ipynb"


def git(folder, *arguments, fails=False):
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


def work_in(path):
    """Answer an exercise as a student does: in the middle of the notebook, and with an output."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if "...  # your code here" in "".join(cell["source"]))
    cell |= {"source": ["prediction = 17  # my own work\n"], "execution_count": 1}
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    return path.read_bytes()


def renew(solution):
    """A new version of the course: one more sentence, at the same place as the student's answer."""
    old, new = "prediction = (", "prediction = (  # a whole number"
    text = solution.read_text(encoding="utf-8")
    assert old in text
    solution.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


@pytest.fixture
def course(tmp_path):
    """The course as its authors have it, and generated exercises in it."""
    folder = tmp_path / "course"
    (folder / "solutions").mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / NAME, folder / "solutions")
    shutil.copy(ROOT / ".gitattributes", folder)
    assert generate(folder) == 0
    return folder


def generate(folder, *options):
    places = ["--source", str(folder / "solutions"), "--target", str(folder / "exercises")]
    return generator.main([*places, *options])


def test_generating_a_new_version_leaves_the_work_alone_and_says_what_to_do(course, capsys):
    mine = course / "exercises" / NAME
    before = work_in(mine)
    renew(course / "solutions" / NAME)
    assert generate(course) == 1
    assert mine.read_bytes() == before
    said = capsys.readouterr().err
    assert f"exercises/{NAME}: somebody has worked in it, so it was left alone and nothing is lost" in said
    assert "copy it elsewhere, or overwrite it with --force" in said


def test_the_file_is_renewed_once_the_work_is_kept_elsewhere(course):
    mine = course / "exercises" / NAME
    before = work_in(mine)
    renew(course / "solutions" / NAME)
    kept = course / "exercises" / "my 01_sigmoid.ipynb"
    mine.rename(kept)
    assert generate(course) == 0
    assert "a whole number" in mine.read_text(encoding="utf-8")
    assert kept.read_bytes() == before


def test_git_pull_refuses_to_touch_a_notebook_with_work_in_it_and_does_not_touch_a_copy(course, tmp_path):
    if not shutil.which("git"):
        pytest.skip("no git here")
    git(course, "init", "--quiet", "--initial-branch=main")
    git(course, "add", ".")
    git(course, "commit", "--quiet", "--message=first")
    student = tmp_path / "student"
    git(tmp_path, "clone", "--quiet", str(course), str(student))
    # docs/for-teachers.md: work in a copy. One student does, and also works in exercises/ itself.
    (student / "my-work").mkdir()
    shutil.copy(student / "exercises" / NAME, student / "my-work")
    copied = work_in(student / "my-work" / NAME)
    worked = work_in(student / "exercises" / NAME)

    renew(course / "solutions" / NAME)
    assert generate(course) == 0
    git(course, "commit", "--quiet", "--all", "--message=second")
    said = git(student, "pull", "--ff-only", fails=True)
    assert "Your local changes" in said and f"exercises/{NAME}" in said
    assert (student / "exercises" / NAME).read_bytes() == worked

    # What git then asks for: the work aside, and the update comes.
    (student / "exercises" / NAME).rename(student / "my-work" / f"mine-{NAME}")
    git(student, "checkout", "--", "exercises")
    git(student, "pull", "--ff-only")
    assert "a whole number" in (student / "exercises" / NAME).read_text(encoding="utf-8")
    assert (student / "my-work" / f"mine-{NAME}").read_bytes() == worked
    assert (student / "my-work" / NAME).read_bytes() == copied
