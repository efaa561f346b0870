"""Forged submissions and an open exchange: what collecting and releasing do with this course's classes."""

import logging
import os
import shutil
import stat
import sys

import pytest

from classroom.__main__ import CONFIG, ROOT, settings

SET = "01_sigmoid"
EARLY, LATE = "2030-01-01 10:00:00.000000 UTC", "2030-01-02 10:00:00.000000 UTC"
ADA, BOB = "daemon", "nobody"  # accounts that every Linux has; here they are students

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make files that belong to other accounts"
)


class Hub:
    """A course folder and an exchange, and the two ends of nbgrader's way through it, in this process: it is quick."""

    def __init__(self, folder, gradebook):
        from nbgrader.auth import Authenticator
        from nbgrader.coursedir import CourseDirectory

        self.exchange = folder / "exchange"
        self.inbound = self.exchange / "acts" / "inbound"
        self.submitted = folder / "course" / "submitted"
        release = folder / "course" / "release" / SET
        release.mkdir(parents=True)
        shutil.copy(ROOT / "exercises" / f"{SET}.ipynb", release)
        shutil.copy(gradebook, folder / "course")
        self.exchange.mkdir()
        self.exchange.chmod(0o1777)
        self.coursedir = CourseDirectory(root=str(folder / "course"), course_id="acts", assignment_id=SET)
        self.authenticator = Authenticator()
        self.release()

    def run(self, made_by, **options):
        log = logging.getLogger("test_exchange")  # not traitlets' own: that one hands nothing on to caplog
        made_by(
            coursedir=self.coursedir, authenticator=self.authenticator, root=str(self.exchange), log=log, **options
        ).start()

    def release(self, **options):
        from classroom.exchange import Release

        self.run(Release, **options)

    def collect(self, **options):
        from classroom.exchange import Collect

        self.run(Collect, **options)

    def collected(self):
        """Return {student: what the notebook holds}."""
        found = self.submitted.glob(f"*/{SET}/{SET}.ipynb")
        return {path.parent.parent.name: path.read_text(encoding="utf-8") for path in found}


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    from nbgrader.api import Gradebook

    place = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:  # nbgrader calls `alembic` by name
        patch.setenv("PATH", os.path.dirname(sys.executable), prepend=os.pathsep)
        with Gradebook(f"sqlite:///{place}", "acts") as made:
            made.add_assignment(SET)
    return place


@pytest.fixture
def hub(tmp_path, gradebook):
    return Hub(tmp_path, gradebook)


def own(path, account):
    """Give a file, or a link itself, to an account."""
    from pwd import getpwnam  # not on Windows

    os.chown(path, getpwnam(account).pw_uid, -1, follow_symlinks=False)


def hand_in(hub, name, owner, notebook="{}", time=EARLY, folder=None):
    """Make a folder in the exchange as `owner` could, whatever its name says."""
    place = hub.inbound / (folder or f"{name}+{SET}+{time}+{owner}")
    place.mkdir()
    (place / f"{SET}.ipynb").write_text(notebook, encoding="utf-8")
    (place / "timestamp.txt").write_text(time, encoding="utf-8")
    for path in [place, *place.iterdir()]:
        own(path, owner)
    return place


def fails(hub, caplog, **options):
    """Collect, expect an error at the end, and return what was said."""
    from nbgrader.exchange import ExchangeError

    with pytest.raises(ExchangeError):
        hub.collect(**options)
    return caplog.text


def test_the_course_plugs_the_guards_in(tmp_path):
    ours = ROOT / "classroom" / "nbgrader_config.py"
    (tmp_path / ours.name).write_text(CONFIG.format(name=ours.name, folder=str(ours.parent)), encoding="utf-8")
    factory = settings(tmp_path).config.ExchangeFactory
    assert (factory.collect.__name__, factory.release_assignment.__name__) == ("Collect", "Release")
    assert factory.collect.__module__ == "classroom.exchange"


def test_honest_submissions_are_collected_and_the_last_of_each_counts(hub):
    hand_in(hub, ADA, ADA, "ada's first")
    hand_in(hub, ADA, ADA, "ada's last", LATE)
    hand_in(hub, BOB, BOB, "bob's")
    hub.collect()
    assert hub.collected() == {ADA: "ada's last", BOB: "bob's"}
    hub.collect(update=True)  # a second time there is nothing new, and no error


def test_a_folder_made_in_anothers_name_is_left_aside_and_named(hub, caplog):
    hand_in(hub, ADA, ADA, "ada's own")
    forged = hand_in(hub, ADA, BOB, "bob made this", LATE)
    said = fails(hub, caplog)
    assert hub.collected() == {ADA: "ada's own"}
    assert f"Left aside: {forged}: {forged.name} belongs to {BOB}, not to {ADA}" in said
    assert "everything else is collected" in said


def test_what_was_collected_is_not_replaced_by_a_forged_one(hub, caplog):
    hand_in(hub, ADA, ADA, "ada's own")
    hub.collect()
    hand_in(hub, ADA, BOB, "bob made this", LATE)
    fails(hub, caplog, update=True)
    assert hub.collected() == {ADA: "ada's own"}


def test_where_there_is_only_a_forged_one_nothing_was_handed_in(hub, caplog):
    hand_in(hub, ADA, BOB, "bob made this")
    fails(hub, caplog)
    assert hub.collected() == {}


def test_a_forged_one_in_time_does_not_hide_the_late_one(hub, caplog):
    from nbgrader.api import Gradebook

    with Gradebook(hub.coursedir.db_url, "acts") as gradebook:
        gradebook.update_or_create_assignment(SET, duedate="2030-01-01 12:00:00")
    hand_in(hub, ADA, BOB, "bob made this", EARLY)
    hand_in(hub, ADA, ADA, "ada's, late", LATE)
    fails(hub, caplog, before_duedate=True)
    assert hub.collected() == {ADA: "ada's, late"}


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_link_to_what_only_the_grader_can_read_is_not_followed(hub, caplog, kind):
    secret = hand_in(hub, BOB, BOB, "bob's answers")
    place = hub.inbound / f"{ADA}+{SET}+{LATE}+link"
    if kind == "folder":
        place.symlink_to(secret)
    else:
        place.mkdir()
        (place / f"{SET}.ipynb").symlink_to(secret / f"{SET}.ipynb")
        own(place / f"{SET}.ipynb", ADA)
    own(place, ADA)
    assert "is a link or no ordinary file" in fails(hub, caplog)
    assert hub.collected() == {BOB: "bob's answers"}


def test_a_file_that_another_put_into_a_students_folder_is_seen(hub, caplog):
    own(hand_in(hub, ADA, ADA, "not ada's") / f"{SET}.ipynb", BOB)
    assert f"{SET}.ipynb belongs to {BOB}, not to {ADA}" in fails(hub, caplog)
    assert hub.collected() == {}


@pytest.mark.parametrize("folder", [f"x+{SET}+junk", f"{BOB}+{SET}+99999999999999999999+y"])
def test_a_senseless_name_does_not_stop_the_others(hub, caplog, folder):
    hand_in(hub, ADA, ADA, "ada's")
    hand_in(hub, BOB, BOB, "a prank", folder=folder)
    assert f"Left aside: {hub.inbound / folder}: " in fails(hub, caplog)
    assert hub.collected() == {ADA: "ada's"}


def test_nor_does_a_senseless_time_in_it(hub, caplog):
    hand_in(hub, ADA, ADA, "ada's")
    (hand_in(hub, BOB, BOB, "a prank") / "timestamp.txt").write_text("soon", encoding="utf-8")
    assert "it cannot be read: " in fails(hub, caplog)
    assert hub.collected() == {ADA: "ada's"}


def test_nor_does_one_that_is_too_big(hub, caplog):
    hand_in(hub, ADA, ADA, "ada's")
    hand_in(hub, BOB, BOB, "b" * 4000)
    hub.coursedir.max_dir_size = 2
    assert "it cannot be copied: Directory size is too big" in fails(hub, caplog)
    assert hub.collected() == {ADA: "ada's"}


def test_where_all_servers_run_as_one_account_the_owner_can_be_left_out(hub):
    hand_in(hub, "ada.lovelace", ADA, "ada's")  # as on a hub of containers
    hub.collect(check_owner=False)
    assert hub.collected() == {"ada.lovelace": "ada's"}


def test_nobody_can_remove_what_others_handed_in(hub):
    assert hub.inbound.stat().st_mode & stat.S_ISVTX


def test_an_exchange_without_the_sticky_bit_stops_both_ends(hub, caplog):
    from nbgrader.exchange import ExchangeError

    hand_in(hub, ADA, ADA, "ada's")
    hub.exchange.chmod(0o777)
    said = f"everybody can rename the folders in {hub.exchange}: `chmod +t {hub.exchange}`"
    assert said in fails(hub, caplog)
    caplog.clear()
    with pytest.raises(ExchangeError):
        hub.release(force=True)
    assert said in caplog.text
    assert hub.collected() == {}


@pytest.mark.parametrize("part", ["acts", "acts/inbound", "acts/outbound"])
def test_so_does_a_folder_of_the_course_that_belongs_to_a_student(hub, caplog, part):
    hand_in(hub, ADA, ADA, "ada's")
    own(hub.exchange / part, ADA)
    assert f"{hub.exchange / part} belongs to {ADA}, not to the account that grades" in fails(hub, caplog)
    assert hub.collected() == {}
