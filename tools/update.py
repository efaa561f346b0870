"""Bring in the newest version of the course; nothing that a student has written is lost.

    python tools/update.py        or: make update

A file that the update does not change stays as it is. Where the update changes a file that the student has changed too,
the student's version is first copied to my-work/, as `01_sigmoid (my version, 2026-01-31).ipynb`, and one line says so.
A notebook that was only run (no cell's text differs) is replaced without a copy.

The order of the steps is what makes an interruption harmless: look, copy, read the copies again, and only then lay down
the new versions. Each step can be repeated. Nothing is stashed, merged or committed: the branch moves forward, or not
at all.
"""

import argparse
import datetime
import itertools
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
MY_WORK = "my-work"
SPARE_BYTES = 2**20  # git needs some room of its own, for its index
# A stash that nobody remembers is lost work, and a clean-up in the background would hold git's locks after the end.
SETTINGS = ("merge.autostash=false", "gc.auto=0", "maintenance.auto=false")
UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
}


class UpdateProblem(Exception):
    """A reason why the update does not come in; the message says it in a sentence."""


@dataclass(frozen=True)
class Entry:
    """A file as git has it: its mode, the name of its content, and its size."""

    mode: str
    blob: str
    size: int = 0

    def same(self, other: "Entry | None") -> bool:
        """Return whether the other file has the same content and mode."""
        return other is not None and (self.mode, self.blob) == (other.mode, other.blob)


@dataclass(frozen=True)
class Touched:
    """A file that the update changes: before it, after it, and as the student has it, on disk and staged."""

    path: str
    old: Entry | None
    new: Entry | None
    on_disk: str | None
    staged: Entry | None

    @property
    def is_changed(self) -> bool:
        """Return whether the student has changed, removed, staged or made this file."""
        as_it_was = self.old.same(self.staged) if self.old else self.staged is None
        return not as_it_was or self.on_disk != (self.old and self.old.blob)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 when the newest version is here, 1 when it could not come in."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT, help="the clone to update (default: the one of this file)")
    folder = parser.parse_args(arguments).folder
    try:
        update(folder)
    except UpdateProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The update did not finish: {error}\nNothing of yours is lost: run it again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. Nothing of yours is lost: run the update again.", file=sys.stderr)
        return 130
    return 0


def update(root: Path) -> None:
    """Bring the clone at `root` forward to the newest version; raises `UpdateProblem` when that is not possible."""
    refuse_unready(root)
    head, newest = fetch(root)
    if head == newest:
        print("You have the newest version of the course already.")
        return
    touched = look(root, head, newest)
    refuse_full_disk(root, touched)
    seen_by_git = differing(root, head)
    changed = [file for file in touched if file.is_changed or file.path in seen_by_git]
    keep_all(root, changed)
    if look(root, head, newest) != touched:
        raise UpdateProblem("A file was saved while the update looked at it, so nothing was replaced. Run it again.")
    try:
        lay_down(root, changed, newest)
    except UpdateProblem as problem:
        raise UpdateProblem(
            f"The update did not finish: {problem}\n"
            f"Nothing of yours is lost: what you had changed is in {MY_WORK}/. Run the update again."
        ) from problem
    print(f"The newest version of the course is here: {len(touched)} of its files changed. The rest is as it was.")
    print("A page that is open in JupyterLab still shows its old text: File > Reload Notebook from Disk.")


# ---- git -----------------------------------------------------------------------------------------


def git(root: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Return what a git command prints; raises `UpdateProblem` with git's own words when it fails."""
    settings = itertools.chain.from_iterable(("-c", setting) for setting in SETTINGS)
    try:
        done = subprocess.run(
            ["git", "--literal-pathspecs", *settings, *arguments],
            cwd=root,
            input=stdin,
            capture_output=True,
            env=os.environ | {"GIT_TERMINAL_PROMPT": "0"},  # a question that nobody sees would hang
        )
    except FileNotFoundError as error:
        raise UpdateProblem("The update needs git, which is not installed here. Nothing has changed.") from error
    if done.returncode:
        raise UpdateProblem(done.stderr.decode("utf-8", "replace").strip() or f"git {arguments[0]} failed.")
    return done.stdout


def nul_items(printed: bytes) -> list[str]:
    """Return what git prints with -z, item by item."""
    return os.fsdecode(printed).split("\0")[:-1]


def nul_list(paths: list[str]) -> bytes:
    """Return the paths as git reads a list of them."""
    return b"\0".join(map(os.fsencode, paths))


def line_of(root: Path, *arguments: str) -> str:
    """Return the one line that a git command prints, or nothing when it fails."""
    try:
        return os.fsdecode(git(root, *arguments)).rstrip("\r\n")
    except UpdateProblem as problem:
        if isinstance(problem.__cause__, FileNotFoundError):
            raise
        return ""


def refuse_unready(root: Path) -> None:
    """Raise `UpdateProblem` unless `root` is a clone on a branch that follows the course, with no git at work in it."""
    top = line_of(root, "rev-parse", "--show-toplevel")
    if not top or not os.path.samefile(top, root):
        raise UpdateProblem(
            "This folder was not made by git clone, or belongs to somebody else, so git cannot update it. "
            "Nothing has changed. Clone the course anew beside it, and copy your notebooks over."
        )
    if not line_of(root, "symbolic-ref", "--quiet", "HEAD"):
        raise UpdateProblem("This clone is on no branch. Nothing has changed. Say: git switch main")
    if not line_of(root, "rev-parse", "--quiet", "--verify", "HEAD^{commit}"):
        raise UpdateProblem("This branch has no version of the course yet. Nothing has changed. Say: git switch main")
    for name, what in UNFINISHED.items():
        if git_path(root, name).exists():
            raise UpdateProblem(f"Git is in the middle of {what} here. Nothing has changed. Finish or abort it first.")
    lock = git_path(root, "index.lock")
    if lock.exists():
        raise UpdateProblem(
            "Another git is at work in this folder, or one was cut off. Nothing has changed. "
            f"If none is running, delete {lock} and run the update again."
        )
    if not line_of(root, "rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}"):
        raise UpdateProblem(
            "This branch does not say where its updates come from. Nothing has changed. "
            "Say, for instance: git branch --set-upstream-to=origin/main"
        )


def git_path(root: Path, name: str) -> Path:
    """Return where git keeps the file `name` of its own."""
    return root / line_of(root, "rev-parse", "--git-path", name)


def fetch(root: Path) -> tuple[str, str]:
    """Return the commit that is here and the newest one, fetched; the same twice where there is nothing new."""
    try:
        git(root, "fetch", "--quiet")
    except UpdateProblem as problem:
        raise UpdateProblem(f"No newer version could be fetched. Nothing has changed. Git says: {problem}") from problem
    head = line_of(root, "rev-parse", "--verify", "HEAD^{commit}")
    newest = line_of(root, "rev-parse", "--verify", "@{upstream}^{commit}")
    if not newest:
        raise UpdateProblem("The branch that this one follows is no longer there. Nothing has changed.")
    own, missing = map(int, git(root, "rev-list", "--left-right", "--count", f"{head}...{newest}").split())
    if not missing:
        return head, head
    if own:
        raise UpdateProblem(
            f"This clone has commits of its own ({own}), which the course does not have. Nothing has changed. "
            "Only you can say how they go together: see git merge or git rebase."
        )
    return head, newest


def files_of(root: Path, commit: str) -> dict[str, Entry]:
    """Return all files of a commit by their paths."""
    files = {}
    for line in nul_items(git(root, "ls-tree", "-r", "-z", "--long", commit)):
        facts, path = line.split("\t", 1)
        mode, _, blob, size = facts.split()
        files[path] = Entry(mode, blob, int(size) if size.isdigit() else 0)
    return files


def staged_files(root: Path) -> dict[str, Entry]:
    """Return all files of git's index by their paths; raises `UpdateProblem` where a conflict is open."""
    files = {}
    for line in nul_items(git(root, "ls-files", "--stage", "-z")):
        facts, path = line.split("\t", 1)
        mode, blob, stage = facts.split()
        if stage != "0":
            raise UpdateProblem(f"{path} has a conflict that is not settled. Nothing has changed. Settle it first.")
        files[path] = Entry(mode, blob)
    return files


def differing(root: Path, commit: str) -> set[str]:
    """Return the paths that git itself sees as changed since `commit`, a changed mode included."""
    return set(nul_items(git(root, "diff-index", "--name-only", "--no-renames", "-z", commit)))


def blobs_on_disk(root: Path, paths: list[str]) -> dict[str, str]:
    """Return git's name for the content of each of these files that is there."""
    there = [path for path in paths if os.path.lexists(root / path)]
    names = git(root, "hash-object", "--stdin-paths", stdin=b"".join(os.fsencode(path) + b"\n" for path in there))
    return dict(zip(there, names.decode("ascii").split(), strict=True))


# ---- what the update would change ----------------------------------------------------------------


def look(root: Path, head: str, newest: str) -> list[Touched]:
    """Return the files that the update changes, each as it is now; raises `UpdateProblem` where no file can lie."""
    old, new, staged = files_of(root, head), files_of(root, newest), staged_files(root)
    paths = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    for path in paths:
        refuse_no_file(root, path)
    on_disk = blobs_on_disk(root, paths)
    return [Touched(path, old.get(path), new.get(path), on_disk.get(path), staged.get(path)) for path in paths]


def refuse_no_file(root: Path, path: str) -> None:
    """Raise `UpdateProblem` where a folder or a link stands in the place of a file, or a file in that of a folder."""
    *folders, _ = PurePosixPath(path).parts
    places = [PurePosixPath(*folders[:depth]) for depth in range(1, len(folders) + 1)]
    for place, expected in [*((place, stat.S_ISDIR) for place in places), (PurePosixPath(path), stat.S_ISREG)]:
        try:
            mode = os.lstat(root / place).st_mode
        except FileNotFoundError:
            return
        if not expected(mode):
            raise UpdateProblem(
                f"The update changes {path}, but {place} is something else here: a folder, a file or a link of yours. "
                "Nothing has changed. Give it another name and run the update again."
            )


def refuse_full_disk(root: Path, touched: list[Touched]) -> None:
    """Raise `UpdateProblem` unless the new files and a copy of each present one fit on the disk."""
    present = sum((root / file.path).stat().st_size for file in touched if file.on_disk)
    needed = SPARE_BYTES + present + sum(file.new.size for file in touched if file.new)
    free = shutil.disk_usage(root).free
    if free < needed:
        raise UpdateProblem(
            f"The disk is nearly full: the update needs {needed / 1e6:.1f} MB and {free / 1e6:.1f} MB are free. "
            "Nothing has changed."
        )


# ---- the student's versions ----------------------------------------------------------------------


def keep_all(root: Path, changed: list[Touched]) -> None:
    """Copy what the student has written in these files to my-work/, and say for each file what happens to it."""
    replaced = []
    for file in changed:
        versions = written_versions(root, file)
        for what, content in versions:
            place = keep(root, file.path, content).relative_to(root).as_posix()
            print(f"{file.path}: {what} is kept as {place}; {coming(file)}.", flush=True)
        if versions:
            continue
        if file.old and file.new and not file.on_disk:
            print(f"{file.path}: you had removed it; {coming(file)}.", flush=True)
        elif file.old and file.on_disk not in (None, file.old.blob, file.new and file.new.blob):
            replaced.append(file.path)
    if replaced:
        print(f"Only run, not written in, so no copy is kept: {', '.join(replaced)}.", flush=True)


def coming(file: Touched) -> str:
    """Return what the update brings in the place of this file, in words."""
    return "the new version comes in its place" if file.new else "the course no longer has this file"


def written_versions(root: Path, file: Touched) -> list[tuple[str, bytes]]:
    """Return the contents of a file that are the student's own writing, and what to call them: on disk, and staged."""
    found, known = [], {entry.blob for entry in (file.old, file.new) if entry}
    if file.on_disk and file.on_disk not in known:
        found.append(("your version", (root / file.path).read_bytes()))
    if file.staged and file.staged.blob not in known | {file.on_disk}:
        content = content_of(root, file.staged.blob)
        if content:  # git add --intent-to-add stages nothing yet
            found.append(("what you had staged", content))
    the_course = [written_cells(content_of(root, blob)) for blob in known] if found else []
    return [(what, content) for what, content in found if not is_only_run(content, the_course)]


def is_only_run(content: bytes, the_course: list) -> bool:
    """Return whether this is a notebook whose cells say what one of the course's versions of it says."""
    cells = written_cells(content)
    return cells is not None and cells in the_course


def content_of(root: Path, blob: str) -> bytes:
    """Return the content that git has under this name."""
    return git(root, "cat-file", "blob", blob)


def written_cells(content: bytes) -> list | None:
    """Return what people write in a notebook, cell by cell, and not what running it adds; None for other files."""
    try:
        cells = json.loads(content)["cells"]
        return [(cell["cell_type"], "".join(cell["source"]), cell.get("attachments") or {}) for cell in cells]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def keep(root: Path, path: str, content: bytes) -> Path:
    """Return where in my-work/ a copy of `content` lies: written now, unless today's copy of it is there already."""
    folder = root / MY_WORK
    try:
        folder.mkdir(exist_ok=True)
        for name in names_for(path):
            place = folder / name
            if place.is_file() and place.read_bytes() == content or write_new(place, content):
                return place
    except OSError as error:
        raise UpdateProblem(f"{path} could not be copied to {MY_WORK}/ ({error}), so nothing was replaced.") from error


def names_for(path: str) -> Iterator[str]:
    """Yield the names for a copy: `01_sigmoid (my version, 2026-01-31).ipynb`, then numbered ones."""
    file, day = PurePosixPath(path), today()
    yield f"{file.stem} (my version, {day}){file.suffix}"
    for number in itertools.count(2):
        yield f"{file.stem} (my version, {day}, {number}){file.suffix}"


def today() -> str:
    return datetime.date.today().isoformat()


def write_new(place: Path, content: bytes) -> bool:
    """Return whether the file was written, whole and read back; False when something has that name already."""
    part = place.with_name(place.name + ".part")  # half a copy must not look like a copy
    try:
        file = part.open("xb")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if part.read_bytes() != content:
            raise OSError("the copy does not read back as it was written")
        if os.path.lexists(place):
            return False
        os.rename(part, place)
    finally:
        part.unlink(missing_ok=True)
    return True


# ---- the new version -----------------------------------------------------------------------------


def lay_down(root: Path, changed: list[Touched], newest: str) -> None:
    """Put the new version in place: first of the files that the student has changed and we have kept, then of all.

    The first step makes these files equal to the new version, so that git, which refuses to overwrite anybody's
    changes, finds none in its way and moves the branch forward. Whoever is interrupted between the two finds them so.
    """
    renewed = [file.path for file in changed if file.new]
    dropped = [file.path for file in changed if not file.new]
    from_list = ("--pathspec-from-file=-", "--pathspec-file-nul")
    if renewed:
        git(root, "checkout", "--quiet", newest, *from_list, stdin=nul_list(renewed))
    if dropped:
        git(root, "rm", "--quiet", "--force", "--ignore-unmatch", *from_list, stdin=nul_list(dropped))
        for path in dropped:  # git rm leaves what is not in its index
            (root / path).unlink(missing_ok=True)
    git(root, "merge", "--quiet", "--ff-only", "--no-overwrite-ignore", newest)


if __name__ == "__main__":
    sys.exit(main())
