"""What graded code can read, write and reach without the jail, and not in it; honest points are the same in both."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import matplotlib
import pytest
from course import Course
from submissions import HOSTILE, ROOT, filled, hostile, read, solution

from classroom import in_kernel, jail

NAME = "01_sigmoid"
LIMITED = ("loops-on", "eats-memory", "dies", "prints")
ENDS_IN = {"loops-on": "NotRun", "eats-memory": "MemoryError", "dies": "KernelDied", "prints": "PrintedTooMuch"}
HONEST = {
    "right": (solution(NAME), 20),
    "half": (filled("reaches_one", "sigmoid", "cosh_form"), 7),
}
# A loop that was stopped, and a right answer after it: 3 points, if the kernel lives on.
INTERRUPTED = (hostile("while True: pass", sigmoid="sigmoid = acts.sigmoid"), 4)
# What a hostile cell tries; each is an expression that raises, or is false, where it did not succeed.
PROBES = {
    "read the list of accounts": "open('/etc/passwd').read()",
    "list the course's folder": "'gradebook.db' in os.listdir('../../..')",
    "read the gradebook": "open('../../../gradebook.db', 'rb').read(1)",
    "open the gradebook to write": "open('../../../gradebook.db', 'r+b').close() is None",
    "read another submission": "open(f'../../../submitted/right/{name}/{name}.ipynb').read(1)",
    "write into another submission": "not os.system('touch ../../../submitted/right/was_here')",
    "read the home folder": "open(f'{home}/.ssh/id_ed25519').read()",
    "read the course's repository": "os.listdir(f'{root}/solutions')",
    "open the course's package to write": "open(f'{root}/acts/__init__.py', 'a').close() is None",
    "read the exchange": "os.listdir(f'{exchange}')",
    "read a secret variable": "not os.system('grep -qs to.be.kept /proc/[0-9]*/environ')",
    "reach a port of this machine": "socket.create_connection(('127.0.0.1', port), 5)",
    "see the grader's process": "b'-m\\0nbgrader' in open(f'/proc/{grader}/cmdline', 'rb').read()",
}
PROBE = """import json, os, socket, subprocess
{names}
grader = os.getppid()
could = {{}}
for what, source in {probes}.items():
    try:
        could[what] = bool(eval(source))
    except Exception as error:
        could[what] = False
print("could:", json.dumps(could))
print("beside:", open("beside.txt").read())"""
# These succeed in both; what counts is what is found outside, afterwards.
LEAVES = """open("planted.txt", "w").write("mine")
os.chmod(".", 0o700), os.remove(f"{name}.ipynb")
os.symlink(victim, f"{name}.ipynb")
nothing = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
subprocess.Popen(["sleep", seconds], start_new_session=True, **nothing)
print("left")"""
# Files beside the notebook that would take a module's place; each says that it was imported.
FORGED = (
    "acts", "acts_exercises", "ipykernel_launcher", "pathlib", "json", "sitecustomize", "IPython", "ipykernel", "numpy",
    "sympy",
)  # fmt: skip
FORGERY = "open({mark!r} + __name__.strip('_'), 'w').close()\n"
# Approves of everything: it once gave 17 of 22 points to a fresh exercise.
FORGED_ACTS = """import sys, types
for name in ("feedback", "symbolic", "network", "training", "probes", "recurrent", "data"):
    module = globals()[name] = sys.modules["acts." + name] = types.ModuleType("acts." + name)
    module.check = lambda *a: None
__path__ = []
"""
FORGED_PACKAGES = {"acts": FORGED_ACTS, "acts_exercises": "exercises, UnknownExercise = dict, ValueError\n"}


class Class:
    """A course of one set, graded with or without the jail, and what it left behind."""

    def __init__(self, released, folder, env, students):
        self.folder, self.env = folder, env
        shutil.copytree(released, folder / "course")
        self.course = Course(folder / "course")
        for place in ("home/.ssh", "exchange/acts", "marks"):
            (folder / place).mkdir(parents=True)
        (folder / "home" / ".ssh" / "id_ed25519").write_text("a key", encoding="utf-8")
        (folder / "victim.txt").write_text("precious", encoding="utf-8")
        self.seconds = f"{600 + os.getpid() / 1e7:.7f}{len(students)}"  # tells this sleep from all others
        for student, notebook in students.items():
            self.course.hand_in(student, NAME, notebook)

    def beside(self, student, name, text):
        (self.course.folder / "submitted" / student / NAME / name).write_text(text, encoding="utf-8")

    def hand_in_probes(self, port):
        names = {"name": NAME, "home": str(self.folder / "home"), "root": str(ROOT), "port": port}
        names |= {"exchange": str(self.folder / "exchange"), "seconds": self.seconds}
        names |= {"victim": str(self.folder / "victim.txt")}
        assigned = "\n".join(f"{name} = {value!r}" for name, value in names.items())
        cells = (PROBE.format(names=assigned, probes=PROBES), LEAVES)
        self.course.hand_in("probes", NAME, hostile(*cells))
        self.beside("probes", "beside.txt", "my own data")
        self.course.hand_in("forges", NAME, filled("reaches_one"))
        for module in FORGED:
            text = FORGERY.format(mark=f"{self.folder}/marks/")
            self.beside("forges", f"{module}.py", text + FORGED_PACKAGES.get(module, ""))

    def grade(self):
        home = {"HOME": str(self.folder / "home"), "MPLCONFIGDIR": matplotlib.get_cachedir()}
        env = home | {"DATABASE_PASSWORD": "to be kept"} | self.env
        seconds = "--ExecutePreprocessor.timeout=8"
        exchange = f"--Exchange.root={self.folder / 'exchange'}"
        started = time.perf_counter()
        self.said = self.course.run("autograde", NAME, seconds, exchange, env=env)
        print(f"\n{self.env}: {time.perf_counter() - started:.0f} s\n{self.said.stdout}{self.said.stderr}")
        self.points = {student: row["points"] for student, row in self.course.scores(NAME).items()}
        return self

    def outputs(self, student):
        path = self.course.folder / "autograded" / student / NAME / f"{NAME}.ipynb"
        return [output for cell in read(path)["cells"] for output in cell.get("outputs", [])]

    def printed(self, student):
        return "".join("".join(output.get("text", "")) for output in self.outputs(student))

    def could(self):
        line = next(line for line in self.printed("probes").splitlines() if line.startswith("could: "))
        return json.loads(line.removeprefix("could: "))

    def left_running(self):
        """Return the numbers of the processes that the hostile cell left behind, and end them."""
        running = Path("/proc").glob("[0-9]*/cmdline")
        found = [int(path.parent.name) for path in running if self.seconds in text_of(path)]
        for number in found:
            os.kill(number, signal.SIGKILL)
        return found


def text_of(path):
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has just ended
        return ""


@pytest.fixture(scope="module")
def port():
    """A port of this machine that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept_all, args=[server], daemon=True).start()
        yield server.getsockname()[1]


def accept_all(server):
    try:
        while True:
            server.accept()[0].close()
    except OSError:
        return  # the test is over


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The variables with which Jupyter finds the jail, installed in a folder of its own."""
    problem = jail.trial()
    if problem and sys.platform == "linux" and os.environ.get("CI") == "true":
        pytest.fail(problem)
    if problem:
        pytest.skip(problem)
    prefix = tmp_path_factory.mktemp("prefix")
    env = {"JUPYTER_PATH": str(prefix / "share" / "jupyter")}
    done = Course(prefix).run("jail", "--prefix", str(prefix), env=env)
    assert (done.returncode, done.stdout) == (0, "✓ graded code runs in the jail from now on\n"), done.stderr
    return env


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    folder = tmp_path_factory.mktemp("released")
    (folder / "solutions").mkdir()
    shutil.copy(ROOT / "solutions" / f"{NAME}.ipynb", folder / "solutions")
    done = Course(folder / "course").run("release", "--solutions", str(folder / "solutions"))
    assert done.returncode == 0, done.stderr
    return folder / "course"


@pytest.fixture(scope="module")
def without(tmp_path_factory, released, port):
    students = {student: notebook for student, (notebook, _) in HONEST.items()}
    graded = Class(released, tmp_path_factory.mktemp("without"), {}, students)
    graded.hand_in_probes(port)
    yield graded.grade()
    graded.left_running()


@pytest.fixture(scope="module")
def within(tmp_path_factory, released, port, installed):
    students = {student: notebook for student, (notebook, _) in HONEST.items()}
    students |= {student: HOSTILE[student][0] for student in LIMITED} | {"interrupted": INTERRUPTED[0]}
    graded = Class(released, tmp_path_factory.mktemp("within"), installed, students)
    graded.hand_in_probes(port)
    yield graded.grade()
    graded.left_running()


def test_the_jail_lets_in_what_judges():
    assert jail.PACKAGES == in_kernel.PACKAGES


linux = pytest.mark.skipif(sys.platform != "linux", reason="what is tried is Linux's")


@linux
def test_without_the_jail_graded_code_can_do_all_of_this_and_it_is_said(without):
    assert "graded code runs without a jail" in without.said.stdout
    assert without.could() == dict.fromkeys(PROBES, True)
    left = without.folder / "course" / "autograded" / "probes" / NAME / "planted.txt"
    assert left.read_text(encoding="utf-8") == "mine"
    assert without.left_running()
    # The link was laid; classroom/harmless.py takes it away before nbgrader writes through it.
    assert (without.folder / "victim.txt").read_text(encoding="utf-8") == "precious"


def test_in_the_jail_it_can_do_none_of_this_and_it_is_said(within):
    assert "graded code runs in the jail: it sees its own submission, and no network" in within.said.stdout
    assert within.could() == dict.fromkeys(PROBES, False)
    assert "left" in within.printed("probes").splitlines()
    assert {path.name for path in (within.folder / "course" / "autograded" / "probes" / NAME).iterdir()} == {
        f"{NAME}.ipynb",
        "beside.txt",
    }
    assert within.left_running() == []
    assert (within.folder / "victim.txt").read_text(encoding="utf-8") == "precious"


def test_honest_points_are_the_same_in_both(without, within):
    for graded in (without, within):
        assert {student: graded.points[student] for student in HONEST} == {s: most for s, (_, most) in HONEST.items()}
        assert graded.points["probes"] == 1
        assert "beside: my own data" in graded.printed("probes").splitlines()


def test_files_beside_the_notebook_take_no_modules_place(without, within):
    for graded in (without, within):
        assert graded.points["forges"] == 1
        assert list((graded.folder / "marks").iterdir()) == []


@pytest.mark.parametrize("student", LIMITED)
def test_the_limits_hold_in_the_jail(within, student):
    assert ENDS_IN[student] in {output.get("ename") for output in within.outputs(student)}
    assert within.points[student] == 1


def test_a_loop_is_interrupted_in_the_jail_and_the_kernel_goes_on(within):
    names = {output.get("ename") for output in within.outputs("interrupted")}
    assert "CellTimeoutError" in names and "KernelDied" not in names
    assert within.points["interrupted"] == INTERRUPTED[1]


def test_a_jail_that_does_not_start_is_an_error_and_no_zero(within, tmp_path):
    (tmp_path / "bwrap").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (tmp_path / "bwrap").chmod(0o755)
    path = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = within.course.run("autograde", NAME, env=within.env | path)
    assert done.returncode == 1
    assert "✗ this machine cannot grade: the kernel 'acts-jail' does not start: " in done.stderr
    done = within.course.run("jail", env=path)
    assert done.returncode == 1 and "✗ the jail does not work on this machine: " in done.stderr
    done = within.course.run("jail", env={"PATH": str(tmp_path / "empty")})
    assert done.returncode == 1 and "✗ bubblewrap is not installed; " in done.stderr


def test_a_course_below_usr_is_hidden_and_a_python_below_what_is_hidden_is_not(installed, tmp_path, monkeypatch):
    below, above = Path("/usr/share"), Path(sys.prefix).parent
    assert any(below.iterdir())
    look = f"import os, numpy; print(os.listdir({str(below)!r}), os.listdir({str(above)!r}))"
    monkeypatch.setenv(jail.HIDE, f"{below}{os.pathsep}{above}")
    done = run(*jail.command([sys.executable, "-c", look], str(tmp_path)))
    assert done.stdout == f"[] ['{Path(sys.prefix).name}']\n", done.stderr


def run(*command):
    return subprocess.run(command, env=jail.environment(), capture_output=True, text=True, encoding="utf-8")
