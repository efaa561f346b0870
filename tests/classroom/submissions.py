"""Notebooks as students hand them in: right, half right, blank, and hostile, each with the points that are its due."""

import copy
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def solution(name="01_sigmoid"):
    return read(ROOT / "solutions" / f"{name}.ipynb")


def blank(name="01_sigmoid"):
    return read(ROOT / "exercises" / f"{name}.ipynb")


def grade_id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def nbgrader_of(cell):
    return cell["metadata"].get("nbgrader", {})


def is_check(cell):
    return cell["cell_type"] == "code" and nbgrader_of(cell).get("grade", False)


def filled(*grade_ids, before=(), answers=()):
    """The fresh exercises with some of the course's answers, others of the student's own, and cells put in on top."""
    notebook = blank()
    right = {grade_id(cell): cell["source"] for cell in solution()["cells"]}
    own = dict(answers)
    for cell in notebook["cells"]:
        name = grade_id(cell)
        if name in own:
            cell["source"] = own[name]
        elif name in grade_ids:
            cell["source"] = right[name]
    put_in(notebook, 2, *before)
    return notebook


def put_in(notebook, place, *sources):
    fresh = [code(source, f"mine-{place}-{n}") for n, source in enumerate(sources)]
    notebook["cells"][place:place] = fresh
    return notebook


def code(source, id):
    return {"cell_type": "code", "execution_count": None, "id": id, "metadata": {}, "outputs": [], "source": source}


def markdown(source, id, **more):
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": source} | more


def small_notebook(*more):
    """A set of one exercise, as a solution and as a right answer to it, and more cells."""
    given = code("import acts\nfrom acts.feedback import check\nsigmoid = acts.sigmoid", "given")
    check = code('check("sigmoid", sigmoid)', "check") | graded("sigmoid-check", 3, locked=True)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [given, check, *more]
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def graded(grade_id, points, locked):
    """The metadata of a cell that gives points: a check, which is locked, or a written answer, which is not."""
    nbgrader = {"grade": True, "locked": locked, "points": points, "schema_version": 3, "solution": not locked}
    return {"metadata": {"nbgrader": nbgrader | {"task": False, "grade_id": grade_id}}}


def hostile(*cells, **answers):
    """One right answer, worth 1 point, and cells that try something right after it."""
    notebook = filled("reaches_one", answers=answers.items())
    after = next(n for n, cell in enumerate(notebook["cells"]) if grade_id(cell) == "reaches_one-check") + 1
    return put_in(notebook, after, *cells)


def changed(notebook, change):
    """The notebook with `change(cell)` for each cell of the course: a cell, None, or a list of cells."""
    cells = []
    for cell in notebook["cells"]:
        new = change(cell) if grade_id(cell) else cell
        cells += new if isinstance(new, list) else [new] if new else []
    return notebook | {"cells": cells}


def twice(cell):
    return [cell, copy.deepcopy(cell) | {"id": f"{cell['id']}-2"}]


def with_metadata(**changes):
    def change(cell):
        return cell | {"metadata": cell["metadata"] | changes}

    return change


def overstated(cell):
    """What a student would change who knows nbgrader's metadata."""
    nbgrader = nbgrader_of(cell) | {"schema_version": 99, "locked": False}
    if nbgrader["grade"]:
        nbgrader["points"] = 100
    return cell | {"metadata": {"nbgrader": nbgrader}, "source": "pass" if is_check(cell) else cell["source"]}


PATCH = """import acts.feedback, acts_exercises.judges
acts_exercises._verdict = lambda *a: acts_exercises.Verdict("right", "yes")
acts.feedback.check = acts_exercises.check = check = lambda *a: print("✓")
acts_exercises.graded = lambda: False
for record in acts_exercises.exercises().values():
    object.__setattr__(record, "judge", lambda answer: "yes")
acts_exercises.judges.number = acts_exercises.judges.call = None
import gc, types  # and so the modules that were put aside
for found in gc.get_objects():
    if isinstance(found, types.FunctionType) and str(found.__module__).startswith("acts_exercises"):
        found.__globals__["_verdict"] = acts_exercises._verdict
        if found.__name__ == "check":
            found.__code__ = check.__code__"""
MODULES = """import sys, types
for name in [name for name in sys.modules if name.startswith("acts")]:
    sys.modules[name] = types.SimpleNamespace(check=lambda *a: print("✓"), exercises=dict)
sys.path.clear(), sys.meta_path.clear()"""
NUMPY = "np.mean = np.median = lambda *a, **k: 1.0"  # the share of images that are right, says the judge
NO_REPAIR = "def better_start(rng, fan_in, fan_out):\n    return rng.random((fan_in, fan_out))"
SILENT = """import ast
shell = get_ipython()
shell.showtraceback = lambda *a, **k: None
shell.set_custom_exc((Exception,), lambda *a: None)
class Skip(ast.NodeTransformer):
    def visit_Expr(self, node):
        return ast.Pass()
shell.ast_transformers.append(Skip())"""
WARNS = """import warnings
def sigmoid(x):
    warnings.warn("careful")
    return acts.sigmoid(x)"""
# Only Linux has a limit to run into.
EATS = "eaten = []\nwhile True: eaten.append(np.zeros(10**8))" if sys.platform == "linux" else "raise MemoryError"
NAIVE = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
EARLY = ("reaches_one", "sigmoid", "sigmoid_derivative", "third_derivative")
LATE = ("cosh_form", "dead_network", "dead_network_repair")

# {student: (notebook, points that a machine can give)}: 20 of 22, the other 2 are for a written answer.
HONEST = {
    **{f"right{n}": (solution(), 20) for n in range(3)},
    **{f"half{n}": (filled(*EARLY), 8) for n in range(2)},
    **{f"half{n}": (filled(*LATE), 7) for n in range(2, 4)},
    "naive": (filled("reaches_one", answers=[("sigmoid", NAIVE)]), 1),
    "warns": (filled(answers=[("sigmoid", WARNS)]), 3),
    "blank": (blank(), 0),
}
HOSTILE = {
    "redefines-check": (hostile("def check(*a): pass"), 1),
    "not-strict": (hostile("import os\nos.environ['ACTS_STRICT'] = '0'\nos.environ.pop('NBGRADER_EXECUTION', 0)"), 1),
    "patches-feedback": (hostile(PATCH), 1),
    "patches-modules": (hostile(MODULES), 1),
    "patches-numpy": (hostile(NUMPY, dead_network_repair=NO_REPAIR), 1),
    "silences-errors": (hostile(SILENT), 1),
    "skips-checks": (changed(filled("reaches_one"), with_metadata(tags=["skip-execution"])), 1),
    "overstates": (changed(filled("reaches_one"), overstated), 1),
    "deletes-checks": (changed(solution(), lambda cell: None if nbgrader_of(cell)["grade"] else cell), 20),
    "copies-cells": (changed(solution(), twice), 20),
    "loops": (hostile("while True: pass"), 1),
    "loops-on": (hostile("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"), 1),
    "loops-when-called": (hostile(sigmoid="def sigmoid(x):\n    while True: pass"), 1),
    "asks-and-exits": (hostile("input('your password? ')", "exit()\nraise SystemExit"), 1),
    "prints": (hostile("while True: print('x' * 1000)"), 1),
    "eats-memory": (hostile(EATS), 1),
    "dies": (hostile("import os\nos._exit(0)"), 1),
}
# Nothing that can be graded, {student: (name of the file, its text, what the teacher must be told)}.
NOT_GRADABLE = {
    "hands-in-nothing": ("notes.txt", "I was ill.", "01_sigmoid.ipynb is missing, and there is no other notebook"),
    "renames-it": ("01_sigmoid (1).ipynb", json.dumps(solution()), "01_sigmoid.ipynb is missing; is it this one? mv "),
    "breaks-it": ("01_sigmoid.ipynb", json.dumps(solution())[:5000], "nbgrader could not grade it"),
}
