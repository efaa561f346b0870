"""Sent into the kernel that grades, before the student's first cell; the grader opens `door` for each check cell.

A student's code runs in the same process as the check that judges it. What is done here keeps that process honest
against everything that happens by accident or for fun: `def check(*a): pass`, an overwritten `acts.feedback`, a module
taken out of `sys.modules`, ACTS_STRICT switched off, np.mean replaced. It is not a prison: see docs/for-teachers.md.

Nothing here imports from the course's repository but `acts` and `acts_exercises`, so that the kernel may be another
environment's.
"""

import builtins
import functools
import hashlib
import importlib.util
import os
import pathlib
import sys
import types

VERDICT = "application/vnd.acts.verdict+json"
# The course's own: what judges, and so has a version, and what a student could have replaced.
PACKAGES = ("acts", "acts_exercises")
KINDS = (".py", ".json", ".npz")
# And what else a judge calls by name.
WATCHED = ("builtins", "math", "numpy", "sympy")
FILE_MEGABYTES = 256


class CheckFailed(AssertionError):
    """The verdict on an answer that gets no points; in the notebook the message says it all."""

    def _render_traceback_(self):
        return [str(self)]


def begin(door, megabytes):
    """Limit the kernel, take the judges out of reach, and leave a function called `door` that runs a check cell."""
    from IPython import get_ipython

    shell = get_ipython()
    os.environ["ACTS_STRICT"] = "1"
    for name in ("feedback", "symbolic", "network", "training", "probes", "recurrent", "data"):
        importlib.import_module(f"acts.{name}")
    found = importlib.import_module("acts_exercises").exercises()  # imports every judge while all is as it was written
    remember = snapshot()
    private = {name: module for name, module in sys.modules.items() if is_judge(name)}
    exchange(private, {})
    publish = shell.display_pub.publish

    def judge(source, proof):
        outside = {name: sys.modules[name] for name in private if name in sys.modules}
        put_back(remember)
        os.environ["ACTS_STRICT"] = "1"
        exchange(outside, private)  # a judge may import another while it judges
        failure, kind = None, ""
        try:
            names = {**shell.user_ns, "check": private["acts.feedback"].check, "__builtins__": builtins}
            exec(compile(source, "<check>", "exec"), names)
        except BaseException as error:
            failure, kind = in_words(error), kind_of(error, private["acts_exercises"].UnknownExercise)
        finally:
            exchange(private, outside)
        publish({VERDICT: {"proof": proof, "error": kind}, "text/plain": ""})
        if failure is not None:
            raise CheckFailed(failure) from None

    judge.note = limit(megabytes) or f"{len(found)} exercises known"
    judge.version = version()
    setattr(builtins, door, judge)


@functools.cache
def version():
    """Return a short hash of all that judges: whoever changes a judge, or a task's points, changes it."""
    found = hashlib.sha256()
    for package in PACKAGES:
        if spec := importlib.util.find_spec(package):
            folder = pathlib.Path(spec.submodule_search_locations[0])
            files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.*") if path.suffix in KINDS}
            for name, path in sorted(files.items()):
                found.update(f"{package}/{name}\0".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()[:12]


def kind_of(error, unknown_exercise):
    """Return the name of an error: that of a missing module also where a check reports it in words."""
    if type(error) is unknown_exercise:
        return "UnknownExercise"
    missing = "ModuleNotFoundError"
    return missing if missing in in_words(error) else type(error).__name__.replace("UnknownExercise", "Exception")


def in_words(error):
    if type(error).__name__ == "CheckFailed":
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "✗ stopped: your answer did not come to an end while it was checked"
    if isinstance(error, NameError) and getattr(error, "name", None):
        return f"✗ {error}: the cell above makes it; did that cell end in an error, or is it gone?"
    return f"✗ {type(error).__name__}: {error}"


# ---- keeping the judges as they were written -----------------------------------------------------


def is_judge(name):
    return name == "acts.feedback" or name.partition(".")[0] == "acts_exercises"


def exchange(old, new):
    """Take the judges' modules out, and others in; with none in, who imports them next gets copies."""
    for name in old:
        sys.modules.pop(name, None)
    sys.modules.update(new)
    package = vars(importlib.import_module("acts"))
    package.pop("feedback", None)
    if "acts.feedback" in new:
        package["feedback"] = new["acts.feedback"]


def snapshot():
    """Return what put_back needs: of each watched module its names, of the course's own functions and classes all."""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] in PACKAGES]
    modules += [sys.modules[name] for name in WATCHED if name in sys.modules]
    names = [(vars(module), dict(vars(module))) for module in modules]
    own = {id(value): value for _, saved in names for value in saved.values() if is_own(value)}.values()
    classes = [(value, dict(vars(value))) for value in own if isinstance(value, type)]
    functions = [value for value in own if isinstance(value, types.FunctionType)]
    functions += [f for _, saved in classes for f in saved.values() if isinstance(f, types.FunctionType)]
    return names, classes, [(f, f.__code__, f.__defaults__, f.__kwdefaults__) for f in functions]


def is_own(value):
    return str(getattr(value, "__module__", "")).partition(".")[0] in PACKAGES


def put_back(remembered):
    names, classes, functions = remembered
    for now, saved in names:
        hiding = [name for name in now if name not in saved and hasattr(builtins, name)]
        for name in hiding if now is not vars(builtins) else ():
            del now[name]  # `acts.network.len = ...` would hide the builtin
        now.update({name: value for name, value in saved.items() if now.get(name) is not value})
    for cls, saved in classes:
        for name, value in saved.items():
            if vars(cls).get(name) is not value:
                setattr(cls, name, value)
    for function, code, defaults, keywords in functions:
        function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, keywords


# ---- limits --------------------------------------------------------------------------------------


def limit(megabytes):
    """Limit the memory and the files of this process; return a note if the system cannot do that, else None."""
    try:
        import resource
    except ImportError:
        return "no limit of memory: this system (Windows?) has none to set"
    for kind, wanted in ((resource.RLIMIT_AS, megabytes), (resource.RLIMIT_FSIZE, FILE_MEGABYTES)):
        _, hard = resource.getrlimit(kind)
        size = wanted << 20 if hard == resource.RLIM_INFINITY else min(wanted << 20, hard)
        try:
            resource.setrlimit(kind, (size, size))
        except (ValueError, OSError) as error:
            return f"no limit of memory: {error}"
    return None
