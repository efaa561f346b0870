"""An update of the course never takes a student's work: simulated with git, and with the generator."""

import errno
import json
import os
import random
import re
import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest

from tools import exercises as generator
from tools import update

ROOT = Path(__file__).resolve().parent.parent
NAME = "01_sigmoid.ipynb"
OTHER = "02_tanh.ipynb"
TODAY = "2026-01-31"
GIT = shutil.which("git")
needs_git = pytest.mark.skipif(not GIT, reason="no git here")


@pytest.fixture(autouse=True)
def one_day(monkeypatch):
    """No midnight in the middle of a test."""
    monkeypatch.setattr(update, "today", lambda: TODAY)


def git(folder, *arguments, fails=False):
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run([GIT, *who, *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert fails is None or (done.returncode != 0) == fails, done.stdout + done.stderr
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


# ---- make update -------------------------------------------------------------------------------


def run_in(path):
    """Run a page as JupyterLab saves it: other outputs, counts and metadata, the same words."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"execution_count": 99, "outputs": [{"output_type": "stream", "name": "stdout", "text": ["ran\n"]}]}
    notebook["metadata"]["widgets"] = {"slider": 3}
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8", newline="\n")
    return path.read_bytes()


def note_in(path, words="my own note"):
    """Run a page, and write a note of one's own below it."""
    notebook = json.loads(run_in(path))
    notebook["cells"].append({"cell_type": "markdown", "id": "mine", "metadata": {}, "source": [words]})
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8", newline="\n")
    return path.read_bytes()


def say_more(path, words):
    """Change a page or an exercise as its author does."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = [words]
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8", newline="\n")


def contents(folder):
    """Return every file below a folder with its bytes, git's own left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def state(folder):
    """Return all that an update could change: files, staged files, the branch's commit."""
    staged, commit = (git(folder, *command, fails=None) for command in (["ls-files", "--stage"], ["rev-parse", "HEAD"]))
    return contents(folder), staged, commit


Clones = namedtuple("Clones", "author student")


@pytest.fixture(scope="module")
def first_version(tmp_path_factory):
    """The author's clone and a student's, both of the first version: made once, copied for each test."""
    place = tmp_path_factory.mktemp("clones")
    author = place / "author"
    for path in (f"{folder}/{name}" for folder in ("exercises", "notebooks", "solutions") for name in (NAME, OTHER)):
        (author / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, author / path)
    shutil.copy(ROOT / ".gitattributes", author)
    shutil.copy(ROOT / ".gitignore", author)
    (author / "old.txt").write_text("to be dropped\n", encoding="utf-8", newline="\n")
    (author / "steady.txt").write_text("never changed\n", encoding="utf-8", newline="\n")
    git(author, "init", "--quiet", "--initial-branch=main")
    publish(author)
    git(place, "clone", "--quiet", "author", "student")
    git(place / "student", "remote", "set-url", "origin", "../author")  # a copy of both still finds its author
    return place


@pytest.fixture
def clones(first_version, tmp_path):
    return copied(first_version, tmp_path / "clones")


def copied(first_version, place):
    shutil.copytree(first_version, place)
    return Clones(place / "author", place / "student")


def publish(author, message="new version"):
    git(author, "add", "--all")
    git(author, "commit", "--quiet", f"--message={message}")


def second_version(author):
    """Change, drop and add: of the four notebooks all but exercises/02."""
    say_more(author / "exercises" / NAME, "A new exercise 01")
    say_more(author / "notebooks" / NAME, "A new page 01")
    say_more(author / "notebooks" / OTHER, "A new page 02")
    (author / "old.txt").unlink()
    shutil.copy(author / "notebooks" / NAME, author / "notebooks" / "03_relu.ipynb")
    publish(author)


def bring_in(student):
    return update.main(["--folder", str(student)])


def mine(stem, number=None, suffix=".ipynb"):
    return f"my-work/{stem} (my version, {TODAY}{f', {number}' if number else ''}){suffix}"


@needs_git
def test_two_notebooks_worked_in_and_pages_run(clones, capsys):
    author, student = clones
    second_version(author)
    worked = work_in(student / "exercises" / NAME)
    other = work_in(student / "exercises" / OTHER)
    run_in(student / "notebooks" / NAME)
    noted = note_in(student / "notebooks" / OTHER)
    (student / ".acts-progress.json").write_text("{}", encoding="utf-8")
    assert bring_in(student) == 0
    now, said = contents(student), capsys.readouterr().out.splitlines()
    new = contents(author)
    # Exactly the new version, the notebook that it does not touch, what was kept, and the progress: nothing else.
    assert now == new | {
        f"exercises/{OTHER}": other,
        mine("01_sigmoid"): worked,
        mine("02_tanh"): noted,
        ".acts-progress.json": b"{}",
    }
    kept = "your version is kept as {}; the new version comes in its place."
    assert said[:3] == [
        f"exercises/{NAME}: " + kept.format(mine("01_sigmoid")),
        f"notebooks/{OTHER}: " + kept.format(mine("02_tanh")),
        f"Only run, not written in, so no copy is kept: notebooks/{NAME}.",
    ]
    assert said[3] == "The newest version of the course is here: 5 of its files changed. The rest is as it was."
    assert git(student, "rev-parse", "HEAD") == git(author, "rev-parse", "HEAD")
    assert git(student, "status", "--porcelain") == f" M exercises/{OTHER}\n"  # my-work/ is ignored
    assert bring_in(student) == 0
    assert "the newest version of the course already" in capsys.readouterr().out
    assert contents(student) == now


@needs_git
def test_a_second_update_on_the_same_day_overwrites_no_copy(clones):
    author, student = clones
    copies = []
    for number in (1, 2, 3):
        say_more(author / "exercises" / NAME, f"version {number}")
        publish(author)
        copies.append(note_in(student / "exercises" / NAME, f"note {number}"))
        assert bring_in(student) == 0
    names = [mine("01_sigmoid"), mine("01_sigmoid", 2), mine("01_sigmoid", 3)]
    assert [(student / name).read_bytes() for name in names] == copies


@needs_git
def test_removed_moved_staged_and_colliding_files(clones, capsys):
    author, student = clones
    second_version(author)
    exercise = student / "exercises" / NAME
    worked = work_in(exercise)
    exercise.rename(student / "exercises" / "my sigmoid.ipynb")
    (student / "notebooks" / OTHER).unlink()
    (student / "steady.txt").unlink()
    colliding = note_in(shutil.copy(student / "notebooks" / NAME, student / "notebooks" / "03_relu.ipynb"), "untracked")
    staged = note_in(student / "notebooks" / NAME, "staged")
    git(student, "add", f"notebooks/{NAME}")
    saved = note_in(student / "notebooks" / NAME, "saved later")
    (student / "old.txt").write_text("mine", encoding="utf-8")
    git(student, "add", "old.txt")
    other = work_in(student / "exercises" / OTHER)
    git(student, "add", f"exercises/{OTHER}")
    assert bring_in(student) == 0
    expected = contents(author) | {
        "exercises/my sigmoid.ipynb": worked,
        f"exercises/{OTHER}": other,
        mine("03_relu"): colliding,
        mine("01_sigmoid"): saved,
        mine("01_sigmoid", 2): staged,
        mine("old", suffix=".txt"): b"mine",
    }
    del expected["steady.txt"]  # the update does not touch it, so it stays removed
    assert contents(student) == expected
    said = capsys.readouterr().out
    assert f"exercises/{NAME}: you had removed it; the new version comes in its place." in said
    assert "old.txt: your version is kept as" in said and "the course no longer has this file" in said
    # Staged where the update does not touch it: staged still.
    status = git(student, "status", "--porcelain", "-z").split("\0")[:-1]
    assert status == [f"M  exercises/{OTHER}", " D steady.txt", "?? exercises/my sigmoid.ipynb"]


@needs_git
@pytest.mark.parametrize("removal", ["git mv", "git rm --cached", "chmod"])
def test_what_git_was_told_of_a_removal_or_a_mode(clones, removal):
    author, student = clones
    second_version(author)
    path = f"exercises/{NAME}"
    worked = work_in(student / path)
    if removal == "git mv":
        git(student, "mv", path, "exercises/mine.ipynb")
        git(student, "mv", "old.txt", "older.txt")
        expected = {"exercises/mine.ipynb": worked, "older.txt": b"to be dropped\n"}
    elif removal == "git rm --cached":
        git(student, "rm", "--quiet", "--cached", path, "old.txt")
        (student / "old.txt").write_text("mine", encoding="utf-8")
        expected = {mine("01_sigmoid"): worked, mine("old", suffix=".txt"): b"mine"}
    else:
        git(student, "checkout", "--", path)
        (student / path).chmod(0o755)
        expected = {}
    assert bring_in(student) == 0
    assert contents(student) == contents(author) | expected


@needs_git
def test_an_ignored_file_in_the_way_is_kept_too(clones):
    author, student = clones
    (author / "build").mkdir()
    (author / "build" / "table.csv").write_text("theirs", encoding="utf-8")
    git(author, "add", "--force", "build/table.csv")
    git(author, "commit", "--quiet", "--message=a table")
    (student / "build").mkdir()
    (student / "build" / "table.csv").write_text("mine", encoding="utf-8")
    assert bring_in(student) == 0
    assert (student / "build" / "table.csv").read_bytes() == b"theirs"
    assert (student / mine("table", suffix=".csv")).read_bytes() == b"mine"


# ---- refused: a sentence, and nothing has changed ----------------------------------------------


def commit(student, _):
    git(student, "commit", "--quiet", "--all", "--message=mine")
    return "commits of its own (1)"


def detach(student, _):
    git(student, "checkout", "--quiet", "--detach")
    return "on no branch"


def unborn(student, _):
    git(student, "checkout", "--quiet", "--orphan", "fresh")
    return "no version of the course yet"


def half_a_merge(student, _):
    git(student, "checkout", "--quiet", "-b", "side")
    git(student, "commit", "--quiet", "--allow-empty", "--message=side")
    git(student, "checkout", "--quiet", "main")
    git(student, "merge", "--quiet", "--no-ff", "--no-commit", "side")
    return "in the middle of a merge"


def no_network(student, _):
    git(student, "remote", "set-url", "origin", "../nowhere")
    return "No newer version could be fetched"


def no_upstream(student, _):
    git(student, "branch", "--unset-upstream")
    return "where its updates come from"


def upstream_gone(student, _):
    git(student, "branch", "-m", "main", "term")
    git(student, "config", "branch.term.merge", "refs/heads/gone")
    return "where its updates come from"


def not_a_clone(student, _):
    (student / ".git").rename(student / "git")
    return "not made by git clone"


def git_at_work(student, _):
    (student / ".git" / "index.lock").touch()
    return "Another git is at work"


def folder_in_the_way(student, _):
    (student / "notebooks" / "03_relu.ipynb").mkdir()
    (student / "notebooks" / "03_relu.ipynb" / "mine.txt").write_text("mine", encoding="utf-8")
    return "is something else here"


def file_for_a_folder(student, _):
    shutil.rmtree(student / "notebooks")
    (student / "notebooks").write_text("mine", encoding="utf-8")
    return "notebooks is something else here"


def my_work_is_a_file(student, _):
    (student / "my-work").write_text("mine", encoding="utf-8")
    return "could not be copied to my-work/"


def no_git(_, monkeypatch):
    monkeypatch.setenv("PATH", "")
    return "git, which is not installed"


def full_disk(_, monkeypatch):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(update.shutil, "disk_usage", lambda folder: usage(1000))
    return "The disk is nearly full"


def disk_that_fills(_, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(update.os, "fsync", refuse)
    return "No space left on device"


def copy_that_reads_back_wrong(_, monkeypatch):
    monkeypatch.setattr(update.os, "fsync", lambda number: os.ftruncate(number, 10))
    return "does not read back"


REFUSALS = [
    commit, detach, unborn, half_a_merge, no_network, no_upstream, upstream_gone, not_a_clone, git_at_work,
    folder_in_the_way, file_for_a_folder, my_work_is_a_file, no_git, full_disk, disk_that_fills,
    copy_that_reads_back_wrong,
]  # fmt: skip


@needs_git
@pytest.mark.parametrize("trouble", REFUSALS, ids=lambda trouble: trouble.__name__)
def test_an_update_that_cannot_come_in_says_why_and_changes_nothing(clones, trouble, capsys, monkeypatch):
    author, student = clones
    second_version(author)
    work_in(student / "exercises" / NAME)
    sentence = trouble(student, monkeypatch)
    before = state(student)
    assert bring_in(student) == 1
    assert sentence in capsys.readouterr().err
    assert state(student) == before


@needs_git
def test_a_file_saved_while_the_update_looks_at_it_is_not_overwritten(clones, capsys, monkeypatch):
    author, student = clones
    second_version(author)
    work_in(student / "exercises" / NAME)
    saved, keep_all = [], update.keep_all

    def slow(root, changed):
        keep_all(root, changed)
        saved.append(note_in(student / "exercises" / NAME, "saved meanwhile"))

    monkeypatch.setattr(update, "keep_all", slow)
    assert bring_in(student) == 1
    assert "was saved while the update looked at it" in capsys.readouterr().err
    assert [(student / "exercises" / NAME).read_bytes()] == saved


# ---- interrupted -------------------------------------------------------------------------------


class Cut:
    """Ends a run before or after a chosen step of those that `counts` picks: git's commands, and a copy's writing."""

    STEPS = ((update, "git"), (update.os, "fsync"), (update.os, "rename"))

    def __init__(self, patch, at, error, after=False, counts=lambda name, arguments: True):
        self.left, self.error, self.after, self.counts, self.happened = at, error, after, counts, False
        for module, name in self.STEPS:
            patch.setattr(module, name, self.cut(name, getattr(module, name)))

    def cut(self, name, step):
        def take(*arguments, **options):
            if self.counts(name, arguments):
                self.left -= 1
                if self.left == -1:
                    self.happened = True
                    if self.after:
                        step(*arguments, **options)
                    raise self.error
            return step(*arguments, **options)

        return take


def changes_something(name, arguments):
    return name != "git" or arguments[1] in ("fetch", "checkout", "rm", "merge")


def work_in_all(student):
    """Work in every place, and return what is where after an update, but for the author's files."""
    kept = {
        mine("01_sigmoid"): work_in(student / "exercises" / NAME),
        f"exercises/{OTHER}": work_in(student / "exercises" / OTHER),
        mine("02_tanh"): note_in(student / "notebooks" / OTHER),
        mine("old", suffix=".txt"): b"mine",
    }
    (student / "old.txt").write_bytes(b"mine")
    return kept


@needs_git
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_run_killed_at_any_step_loses_nothing_and_can_be_run_again(first_version, tmp_path, after):
    first = copied(first_version, tmp_path / "first")
    second_version(first.author)
    kept = work_in_all(first.student)
    steps = 0
    while True:
        author, student = copied(tmp_path / "first", tmp_path / str(steps))
        with pytest.MonkeyPatch.context() as patch:
            cut = Cut(patch, steps, KeyboardInterrupt(), after, changes_something)
            assert bring_in(student) == (130 if cut.happened else 0)
        assert set(kept.values()) <= set(contents(student).values()), steps
        if not cut.happened:
            break
        assert bring_in(student) == 0
        # The same as in one go: no copy twice, none half.
        assert contents(student) == contents(author) | kept, steps
        assert git(student, "status", "--porcelain") == f" M exercises/{OTHER}\n", steps
        steps += 1
    assert steps == 10  # fetch, two for each of the three copies, checkout, rm, merge


@needs_git
def test_each_command_of_git_fails_in_turn_and_nothing_is_lost(clones, capsys):
    author, student = clones
    second_version(author)
    kept = work_in_all(student)
    step, cut = 0, None
    while cut is None or cut.happened:
        with pytest.MonkeyPatch.context() as patch:
            cut = Cut(patch, step, update.UpdateProblem("git failed"), counts=lambda name, _: name == "git")
            code = bring_in(student)
        said = capsys.readouterr().err
        assert code == (1 if said else 0)
        assert set(kept.values()) <= set(contents(student).values()), step
        step += 1
    assert bring_in(student) == 0
    assert contents(student) == contents(author) | kept
    assert step > 20


# ---- at random ---------------------------------------------------------------------------------


def small_notebook(*sources):
    cells = [{"cell_type": "code", "source": [text], "metadata": {}, "outputs": []} for text in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1)


def write(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def random_update(rng, author, places):
    """Change, drop and add some files; always at least one."""
    for number, place in enumerate(rng.sample(places, rng.randint(1, len(places)))):
        path = author / place
        if path.exists() and rng.random() < 0.25:
            path.unlink()
        else:
            write(path, small_notebook(f"new {number} {rng.random()}"))


def random_student(rng, student, places):
    """Do what students do with their files, in any order."""
    for place in rng.choices(places, k=rng.randint(1, 12)):
        path = student / place
        deed = rng.choice(["write", "write", "write", "run", "remove", "move", "stage", "forget"])
        if deed == "write":
            write(path, small_notebook("first", f"word-{rng.random()}"))
        elif deed == "forget":
            git(student, "rm", "--quiet", "--cached", "--force", "--ignore-unmatch", place)
        elif not path.exists():
            continue
        elif deed == "run":
            run_in(path)
        elif deed == "remove":
            path.unlink()
        elif deed == "move":
            path.rename(path.with_name(f"my {rng.random()} {path.name}"))
        else:
            git(student, "add", "--force", place)


def words_of(student):
    """Return all words of the student's that are on disk or staged."""
    staged = [line.split()[1] for line in git(student, "ls-files", "--stage").splitlines()]
    blobs = [git(student, "cat-file", "blob", blob) for blob in staged]
    return set(re.findall(r"word-[\d.e-]+", "".join(blobs + [text.decode() for text in contents(student).values()])))


@pytest.fixture(scope="module")
def small_version(tmp_path_factory):
    place = tmp_path_factory.mktemp("small")
    author = place / "author"
    author.mkdir()
    write(author / ".gitattributes", "* text=auto eol=lf\n")
    for name in "abcde":
        write(author / "exercises" / f"{name}.ipynb", small_notebook(f"first {name}"))
    git(author, "init", "--quiet", "--initial-branch=main")
    publish(author)
    git(place, "clone", "--quiet", "author", "student")
    git(place / "student", "remote", "set-url", "origin", "../author")
    return place


@needs_git
@pytest.mark.parametrize("seed", range(16))
def test_whatever_students_and_authors_do_no_word_is_lost_and_all_that_changed_is_new(small_version, tmp_path, seed):
    rng = random.Random(seed)
    author, student = copied(small_version, tmp_path / "clones")
    places = [f"exercises/{name}.ipynb" for name in "abcdefg"]  # f and g: new ones, of both
    first = contents(author)
    random_update(rng, author, places)
    random_student(rng, student, places)
    publish(author)
    newest = contents(author)
    before, words = contents(student), words_of(student)
    assert bring_in(student) == 0
    after = contents(student)
    assert words_of(student) >= words
    changed = {path for path in first.keys() | newest.keys() if first.get(path) != newest.get(path)}
    assert {path: after.get(path) for path in changed} == {path: newest.get(path) for path in changed}
    kept = {path: text for path, text in after.items() if path not in changed and not path.startswith("my-work/")}
    assert kept == {path: text for path, text in before.items() if path not in changed}


# ---- by hand -------------------------------------------------------------------------------------


@needs_git
@pytest.mark.skipif(not shutil.which("sh") or os.name == "nt", reason="the recipe is for a shell")
def test_the_recipe_by_hand_loses_nothing(clones):
    page = (ROOT / "docs" / "for-teachers.md").read_text(encoding="utf-8")
    recipe = re.search(r"```sh\n([^`]*git pull[^`]*)```", page[page.index("## An update of the course") :])[1]
    author, student = clones
    second_version(author)
    worked = work_in(student / "exercises" / NAME)
    other = work_in(student / "exercises" / OTHER)
    ran = run_in(student / "notebooks" / NAME)
    said = subprocess.run(["sh"], input=recipe, cwd=student, capture_output=True, text=True, encoding="utf-8")
    assert said.returncode == 0, said.stderr
    named = re.findall(r"^\t(.*)$", said.stderr, re.MULTILINE)  # git names exactly those that the recipe checks out
    assert named == [f"exercises/{NAME}", f"notebooks/{NAME}"]
    now = contents(student)
    copies = {path.split("/", 2)[2]: text for path, text in now.items() if path.startswith("my-work/")}
    assert (copies[f"exercises/{NAME}"], copies[f"notebooks/{NAME}"]) == (worked, ran)
    rest = {path: text for path, text in now.items() if not path.startswith("my-work/")}
    assert rest == contents(author) | {f"exercises/{OTHER}": other}
