"""What has been checked so far, kept beside the notebook, so that it is still there tomorrow.

The file is the student's: nothing in the course reads it but `progress`, and nobody is told. It is written by notebooks
only, and never where a grader is at work and not a student.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

__all__ = ["FILE", "Record", "graded"]

FILE = ".acts-progress.json"


def graded():
    """Return whether answers are being graded: by the course's own tests, by a teacher, or by nbgrader."""
    return os.environ.get("ACTS_STRICT") == "1" or "NBGRADER_EXECUTION" in os.environ


class Record:
    """Which exercises are right or were tried: those of this session, and those that the folder's file remembers."""

    def __init__(self):
        self.session = {}

    def note(self, name, right):
        """Remember the outcome of a check. What was right once stays right."""
        if right or name not in self.session:
            self.session[name] = "right" if right else "tried"
            self._save()

    def outcomes(self):
        """Return {name: "right" or "tried"}, from the file and from this session."""
        return _together(self._remembered() or {}, self.session)

    def _save(self):
        remembered = self._remembered()
        if not self._may_write() or remembered is None:
            return
        try:
            handle, temporary = tempfile.mkstemp(dir=".", prefix=FILE, suffix=".tmp")
            with open(handle, "w", encoding="utf-8", newline="\n") as file:
                json.dump(_together(remembered, self.session), file, indent=1, sort_keys=True)
            os.replace(temporary, FILE)
        except OSError:
            pass  # a folder that cannot be written to: the session itself still knows

    @staticmethod
    def _may_write():
        return "ipykernel" in sys.modules and not graded()

    def _remembered(self):
        """Return what the file says; None where it says something that we did not write, and must not lose."""
        if graded():
            return {}
        try:
            text = Path(FILE).read_text(encoding="utf-8")
        except OSError:
            return {}
        except UnicodeDecodeError:
            return None
        try:
            found = json.loads(text)
        except ValueError:
            return None
        ours = isinstance(found, dict) and all(value in ("right", "tried") for value in found.values())
        return found if ours else None


def _together(first, second):
    names = {**first, **second}
    return {name: "right" if "right" in (first.get(name), second.get(name)) else "tried" for name in names}
