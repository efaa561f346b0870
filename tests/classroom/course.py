"""A course folder on the disk, and the commands that a teacher gives in it."""

import json
import os
import subprocess
import sys

from nbgrader.api import Gradebook
from submissions import ROOT

from classroom.__main__ import all_scores

SETS = [path.stem for path in sorted((ROOT / "solutions").glob("*.ipynb"))]
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
        """What the command `scores NAME --json` prints, without a process for it."""
        return json.loads(json.dumps(all_scores(self.folder, name)))

    def graded(self, name):
        """Return {student: points} of those who were graded."""
        return {student: row["points"] for student, row in self.scores(name).items() if row["graded"]}

    def gradebook(self):
        return Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}")

    def hand_in(self, student, name, text, file=None):
        folder = self.folder / "submitted" / student / name
        folder.mkdir(parents=True)
        text = text if isinstance(text, str) else json.dumps(text)
        (folder / (file or f"{name}.ipynb")).write_text(text, encoding="utf-8")


def released(folder, notebook):
    """A course in `folder` with this notebook, called `small`, as its one set."""
    (folder / "solutions").mkdir()
    (folder / "solutions" / "small.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    made = Course(folder / "course")
    done = made.run("release", "--solutions", str(folder / "solutions"))
    assert done.returncode == 0, done.stderr
    return made


def run(*arguments, cwd, env=None):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ACTS_", "NBGRADER_"))}
    clean |= {"PYTHONUTF8": "1"} | (env or {})
    command = [sys.executable, *arguments]
    options = {"capture_output": True, "text": True, "encoding": "utf-8", "errors": "replace", "timeout": 500}
    return subprocess.run(command, cwd=cwd, env=clean, **options)
