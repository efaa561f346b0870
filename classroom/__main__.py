"""For teachers: make the course folder that nbgrader works in, and grade with all guards up.

    python -m classroom release              build/classroom/: source/ from solutions/, release/ by nbgrader
    python -m classroom autograde 01_sigmoid grade what lies in submitted/, then print the points
    python -m classroom scores 01_sigmoid    print the points again
    python -m classroom jail                 from now on, run what is graded where it can do no harm

`nbgrader autograde`, and the formgrader, work in that folder as well, with the same guards; the command here also
grades the course's own solution first, says who handed in nothing that can be graded, and works on several students
at a time. docs/for-teachers.md tells the whole way.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import time
from contextlib import chdir
from pathlib import Path
from textwrap import indent

from classroom import in_kernel, jail, points

ROOT = Path(__file__).resolve().parents[1]
COURSE = ROOT / "build" / "classroom"
CONFIG = """\
# Written once by `make release`; yours from now on. Your settings go below the two lines that follow.
c = get_config()
load_subconfig({name!r}, path={folder!r})

# c.CourseDirectory.course_id = "acts"
# c.Exchange.root = "/usr/local/share/nbgrader/exchange"
# c.ExecutePreprocessor.timeout = 60
"""


class Problem(Exception):
    """Something that the teacher must see to; the message says what."""


def main(arguments=None):
    parser = argparse.ArgumentParser("classroom", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--course", type=Path, default=COURSE, metavar="DIR", help="default: build/classroom")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("release", help="make or renew the course folder")
    command.add_argument("--solutions", type=Path, default=ROOT / "solutions", metavar="DIR")
    command = commands.add_parser("autograde", help="grade a set")
    command.add_argument("set")
    command.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="default: one a core")
    command.add_argument("--student", default="*", metavar="NAME", help="default: all")
    command.add_argument("--force", action="store_true", help="grade again what has been graded")
    command = commands.add_parser("scores", help="print the points of a set")
    command.add_argument("set")
    command.add_argument("--json", action="store_true")
    command = commands.add_parser("jail", help="try the jail for graded code, and use it from now on")
    command.add_argument("--remove", action="store_true", help="grade without it again")
    command.add_argument("--prefix", default=sys.prefix, metavar="DIR", help="default: this Python's environment")
    options, more = parser.parse_known_args(arguments)
    options.course = options.course.resolve()
    # A config file that can't be loaded must not be passed over: nbgrader would go on without our guards.
    os.environ["TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR"] = "1"
    # nbgrader calls `alembic` by name, also where the environment is not activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        if options.command == "release":
            return release(options.course, options.solutions, more)
        if options.command == "autograde":
            return autograde(options, more)
        if options.command == "jail":
            return set_up_jail(options.prefix, options.remove)
        found = all_scores(options.course, options.set)
        print(json.dumps(found, indent=1) if options.json else points.table(found))
    except Problem as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    return 0


# ---- releasing -----------------------------------------------------------------------------------


def release(course, solutions, more=()):
    """Make source/ from solutions/ and let nbgrader make release/ of it."""
    course.mkdir(parents=True, exist_ok=True)
    config = course / "nbgrader_config.py"
    if not config.exists():
        ours = ROOT / "classroom" / "nbgrader_config.py"
        config.write_text(CONFIG.format(name=ours.name, folder=str(ours.parent)), encoding="utf-8")
    names = [path.stem for path in sorted(solutions.glob("*.ipynb"))]
    if not names:
        raise Problem(f"no notebooks in {solutions}")
    sources = [course / "source" / name / f"{name}.ipynb" for name in names]
    before = {path: path.read_bytes() for path in sources if path.exists()}
    worth = points_of_sets(course)
    for path in sources:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(stamped(solutions / path.name), encoding="utf-8", newline="\n")
    command = ["generate_assignment", "--assignment=*", "--force", *more]
    done = nbgrader(course, *command)
    if done.returncode:
        for path, content in before.items():  # what has been graded must go on fitting the gradebook
            path.write_bytes(content)
        again = " The sets are as they were before." if before and not nbgrader(course, *command).returncode else ""
        raise Problem(f"nbgrader could not make the release.{again}\n{reasons(done.stderr)}")
    print(f"✓ {course}: released {', '.join(names)}, version {in_kernel.version()} of the course")
    for name, now in points_of_sets(course).items():
        if now != worth.get(name, now) and any((course / "autograded").glob(f"*/{name}")):
            print(f"! {name}: its points have changed: who was graded before needs `autograde {name} --force`")
    return 0


def stamped(solution):
    """Return a solution's text with the version of the course in its metadata, for the judge to compare."""
    notebook = json.loads(solution.read_text(encoding="utf-8"))
    notebook["metadata"]["acts"] = {**notebook["metadata"].get("acts", {}), "version": in_kernel.version()}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def points_of_sets(course):
    """Return {set: {grade_id: points}} from the gradebook; {} where there is none yet."""
    from nbgrader.api import Gradebook

    if not (course / "gradebook.db").exists() and not (course / "release").exists():
        return {}
    with Gradebook(settings(course).coursedir.db_url) as gradebook:
        return {
            found.name: {cell.name: cell.max_score for notebook in found.notebooks for cell in notebook.grade_cells}
            for found in gradebook.assignments
        }


def reasons(log):
    """Return the lines of nbgrader's log that say what was wrong; all of it if none does."""
    said = [line.strip() for line in log.splitlines() if re.search(r"\s[\w.]+(Error|Broken|Gradable): ", line)]
    return "\n".join(said) or log


def nbgrader(course, *arguments):
    """Run nbgrader in the course folder."""
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={course}"]
    return subprocess.run(command, cwd=course, capture_output=True, text=True, encoding="utf-8", errors="replace")


# ---- grading -------------------------------------------------------------------------------------


def autograde(options, more=()):
    """Grade the submissions of a set; 0 if all of them were graded."""
    course, name, jobs = options.course, options.set, options.jobs
    app = settings(course, more)
    everybody = {path.parent.name for path in (course / "submitted").glob(f"*/{name}") if path.is_dir()}
    wanted = sorted(student for student in everybody if options.student in ("*", student))
    if not wanted:
        raise Problem(f"nothing in {course / 'submitted' / options.student / name}")
    missing = {student: why for student in wanted if (why := why_not_gradable(course, student, name))}
    students = [student for student in wanted if student not in missing]
    print(jail.in_words(prove_the_machine(course, name, app)))
    new = [s for s in students if options.force or not points.is_graded(app.coursedir, s, name)]
    started = time.perf_counter()
    groups = [students[start::jobs] for start in range(min(jobs, len(students)))]
    more = [*patient(app), *more]
    running = [start_grading(course, name, everybody - set(group), options.force, more) for group in groups]
    logs = [process.communicate()[0] for process in running]
    taken = time.perf_counter() - started
    failed = [s for s in students if not points.is_graded(app.coursedir, s, name)]
    if not failed and any(process.returncode for process in running):
        print("\n".join(logs), file=sys.stderr)
    print(points.table(all_scores(course, name)))
    print(f"{len(new)} submissions in {taken:.0f} s, {taken / max(1, len(new)):.1f} s each, {jobs} at a time")
    for student in students:
        for note in notes_on(course, student, name):
            print(f"! {student}: {note}")
    for student, why in missing.items():
        print(f"✗ {student}: not graded: {why}", file=sys.stderr)
    for student in failed:
        log = log_of(student, name, "\n".join(logs)) or "nbgrader says nothing of it"
        why = reasons(log).splitlines()[-1]
        print(f"✗ {student}: not graded: nbgrader could not grade it: {why}\n{indent(log, '    ')}", file=sys.stderr)
    return 1 if missing or failed else 0


def log_of(student, name, log):
    """Return the lines of nbgrader's log that are about one student: from the first that names it to the next one's."""
    kept, mine = [], False
    for line in log.splitlines():
        about = re.search(rf"[/\\]submitted[/\\](.+?)[/\\]{re.escape(name)}(?![\w ])|student with ID '(.+)':", line)
        mine = student in about.groups() if about else mine
        kept += [line] * mine
    return "\n".join(kept)


def written_answers(notebook):
    """Return the names of the answers that a person grades."""
    cells = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    return {cell["grade_id"] for cell in cells if cell.get("solution") and cell.get("grade")}


def notes_on(course, student, name):
    """Return what a teacher should know of a graded submission, a sentence each."""
    try:
        handed_in = json.loads((course / "submitted" / student / name / f"{name}.ipynb").read_text(encoding="utf-8"))
        released = json.loads((course / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
        missing = sorted(written_answers(released) - written_answers(handed_in))
        theirs = handed_in["metadata"].get("acts", {}).get("version", in_kernel.version())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    for grade_id in missing:
        yield f"the written answer {grade_id} is not there, or its cell lost its name: look for it in the notebook"
    if theirs != in_kernel.version():
        yield f"worked in version {str(theirs)[:12]!a} of the course, and was judged by {in_kernel.version()}"


def settings(course, more=()):
    """Return nbgrader as it is set up in the course folder."""
    from nbgrader.apps import NbGrader

    if not (course / "nbgrader_config.py").is_file():
        raise Problem(f"there is no course in {course}: run `make release` first, or name its folder with --course")
    with chdir(course):
        app = NbGrader()
        # Said outright: a setting for all courses, as a hub has, would win over the folder we are in.
        app.initialize([*more, "--log-level=ERROR", f"--CourseDirectory.root={course}"])
        app.coursedir.root, app.coursedir.db_url  # noqa: B018 (both follow from the folder, so ask while we are in it)
    return app


def patient(app):
    """Return the argument that makes SQLite wait for two minutes where it is busy.

    The address of any other gradebook may hold a password, and a command line is for everybody to read.
    """
    url = app.coursedir.db_url
    return [f"--CourseDirectory.db_url={url}?timeout=120"] if url.startswith("sqlite:") and "?" not in url else []


def start_grading(course, name, others, force, more):
    """Start an nbgrader that leaves the others aside."""
    command = [sys.executable, "-m", "nbgrader", "autograde", name, *(["--force"] if force else [])]
    command.append(f"--CourseDirectory.root={course}")
    command.append(f"--CourseDirectory.student_id_exclude={','.join(sorted(others))}")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    return subprocess.Popen([*command, *more], cwd=course, text=True, encoding="utf-8", errors="replace", **pipes)


def why_not_gradable(course, student, name):
    """Return why nbgrader would pass over a submission, or find nothing in it; None if it can be graded."""
    folder = course / "submitted" / student / name
    if (folder / f"{name}.ipynb").is_file():
        return None
    others = sorted(folder.rglob("*.ipynb"))
    if not others:
        return f"{name}.ipynb is missing, and there is no other notebook"
    ours = [path for path in others if '"grade_id"' in path.read_text(encoding="utf-8", errors="replace")]
    rename = shlex.join(["mv", str((ours or others)[0]), str(folder / f"{name}.ipynb")])
    return f"{name}.ipynb is missing; is it this one? {rename}"


def prove_the_machine(course, name, app):
    """Grade the course's own solution as a submission is; raise `Problem` unless it gets every point.

    Return the name of the kernel that graded it.
    """
    source = course / "source" / name / f"{name}.ipynb"
    if not source.exists():
        raise Problem(f"there is no set called {name!r} in {course / 'source'}: run `make release`")
    import nbformat
    from jupyter_client.kernelspec import NoSuchKernel
    from nbgrader.utils import determine_grade

    from classroom.grading import GradingMachineBroken, GuardedExecute, is_check

    with chdir(course):
        notebook = nbformat.read(source, as_version=4)
        grader = GuardedExecute(parent=app, config=app.config)
        try:
            notebook, _ = grader.preprocess(notebook, {"metadata": {"path": str(source.parent)}})
        except (GradingMachineBroken, NoSuchKernel) as broken:
            raise Problem(f"this machine cannot grade: {broken}") from None
    for cell in filter(is_check, notebook.cells):
        points, most = determine_grade(cell)
        if points != most:
            said = "\n".join(output.get("evalue", output.get("text", "")) for output in cell.outputs)
            raise Problem(
                f"this machine cannot grade: the course's own solution gets {points} of {most} points for "
                f"{cell.metadata.nbgrader.grade_id}. Nobody was graded. It said:\n{said}"
            )
    return grader.kernel_name


def set_up_jail(prefix, gone):
    """Install the kernel that grades in a jail, or remove it."""
    if problem := jail.remove(prefix) if gone else jail.install(prefix):
        raise Problem(problem)
    print(f"✓ graded code runs {'without a jail' if gone else 'in the jail'} from now on")
    return 0


# ---- points --------------------------------------------------------------------------------------


def all_scores(course, name):
    """Return {student: points}, as classroom.points.scores has it, from the gradebook of a course folder."""
    from nbgrader.api import Gradebook, MissingEntry

    coursedir = settings(course).coursedir
    with Gradebook(coursedir.db_url) as gradebook:
        try:
            return points.scores(gradebook, coursedir, name)
        except MissingEntry:
            raise Problem(f"the gradebook knows no set called {name!r}: run `make release`") from None


if __name__ == "__main__":
    sys.exit(main())
