"""The exchange folder of a hub, where every user can write; classroom/nbgrader_config.py plugs these classes in.

nbgrader believes the name of a folder in the exchange: `ada+01_sigmoid+…` is Ada's, whoever made it, and the latest
counts. It warns of a wrong owner, and collects. Here a folder counts only if it and all in it belong to that account.
"""

import os
import shutil
import stat
from datetime import datetime
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseAssignment


def owner(path):
    """Return the name of the account that owns a file, and of a link the link's owner, not its target's."""
    from pwd import getpwuid  # not on Windows, where nbgrader has no exchange

    number = os.lstat(path).st_uid
    try:
        return getpwuid(number).pw_name
    except KeyError:
        return f"nobody (uid {number})"


def why_open(exchange, course, shared=False):
    """Return a sentence for each way in which others could put folders of their own in the place of the exchange's."""
    found = []
    for folder in [Path(exchange), *Path(exchange).resolve().parents]:
        mode = folder.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            found.append(f"everybody can rename the folders in {folder}: `chmod +t {folder}`, as its owner")
    below = [] if shared else [Path(exchange, course, part) for part in ("", "inbound", "outbound")]
    for folder in below:
        if os.path.lexists(folder) and os.lstat(folder).st_uid != os.geteuid():
            found.append(f"{folder} belongs to {owner(folder)}, not to the account that grades")
    return found


def why_not_theirs(folder, student):
    """Return why a submission cannot count as the student's, or None; without a student, only what cannot be copied."""
    # A link is copied as what it points to, with the grader's rights: another's submission, or the gradebook.
    for path in [Path(folder), *Path(folder).rglob("*")]:
        mode = os.lstat(path).st_mode
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            return f"{path.name} is a link or no ordinary file"
        if student and owner(path) != student:
            return f"{path.name} belongs to {owner(path)}, not to {student}"
    return None


class Guarded:
    """What releasing and collecting have in common: they stop at an exchange that others can take over."""

    def init_dest(self):
        super().init_dest()
        if found := why_open(self.root, self.coursedir.course_id, self.coursedir.groupshared):
            self.fail("The exchange is not safe. " + "; ".join(found))


class Release(Guarded, ExchangeReleaseAssignment):
    """Release a set, and let nobody rename or remove what others hand in."""

    def init_dest(self):
        super().init_dest()
        mode = os.stat(self.inbound_path).st_mode
        if not mode & stat.S_ISVTX:
            os.chmod(self.inbound_path, mode | stat.S_ISVTX)


class Collect(Guarded, ExchangeCollect):
    """Collect what belongs to the student in its name; leave the rest where it is, and name it in an error."""

    def init_src(self):
        self.left_aside = {}  # {folder: why}
        super().init_src()
        self.src_records = [record for record in self.src_records if record["filename"] not in self.left_aside]

    def _path_to_record(self, path):
        """Read a folder's name, and see whether it may count: one that may not must not stop the collecting of all."""
        try:
            record = super()._path_to_record(path)
            wrong = why_not_theirs(path, record["username"] if self.check_owner else None)
            if not wrong:
                self.coursedir.get_existing_timestamp(path)  # the file in it: nbgrader reads it the next time
        except Exception as error:  # whatever a name that a student thought of makes of the reader of dates
            record = {"username": "", "filename": os.path.basename(path), "timestamp": datetime.min}
            wrong = f"it cannot be read: {error}"
        if wrong:
            self.left_aside[record["filename"]] = wrong
        return record

    def _sort_by_timestamp(self, records):
        """Sort one student's submissions, the last first; a forged one must not hide an honest one."""
        honest = [record for record in records if record["filename"] not in self.left_aside]
        return super()._sort_by_timestamp(honest or records)

    def do_copy(self, src, dest, log=None):
        try:
            super().do_copy(src, dest, log)
        except (OSError, RuntimeError) as error:  # no right to read it, or more than nbgrader takes
            shutil.rmtree(dest, ignore_errors=True)
            self.left_aside[os.path.basename(src)] = f"it cannot be copied: {error}"

    def copy_files(self):
        super().copy_files()
        for name, wrong in self.left_aside.items():
            self.log.error(f"Left aside: {os.path.join(self.inbound_path, name)}: {wrong}")
        if self.left_aside:
            self.fail("What is named above was left aside; everything else is collected")
