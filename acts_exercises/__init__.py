"""The exercises of the course: how an answer to each is judged, and what a student sees of that.

Each page with exercises has one module here; its `EXERCISES` are found by themselves. How the kinds of answer are
judged (a function, a number, a derivation …) stands in `acts_exercises.judges`. What an exercise is worth, which claim
it deepens and what its hints are stands in its solution notebook, from where `make exercises` brings it into
`_data/exercises.json`. Students come in by `acts.feedback`.

They are welcome to read on. The answers that were computed are in here too; the understanding isn't.
"""

import importlib
import json
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from acts._names import unknown
from acts_exercises.messages import MISHAPS, broken, described, in_words
from acts_exercises.progress import Record, graded
from acts_exercises.surroundings import as_in_a_fresh_kernel

__all__ = [
    "CheckFailed",
    "Exercise",
    "StillToDo",
    "UnknownExercise",
    "Verdict",
    "Wrong",
    "check",
    "exercises",
    "find",
    "hint",
    "progress",
]

FACTS = Path(__file__).parent / "_data" / "exercises.json"


class Wrong(Exception):
    """An answer is wrong: `headline` says what, `details` are the lines below it."""

    def __init__(self, headline, *details):
        super().__init__(headline)
        self.headline = headline
        self.details = tuple(line for line in details if line)


class StillToDo(Exception):
    """An answer is blank; the text, if there is one, says how the check saw that."""


class Verdict(NamedTuple):
    """What is thought of an answer: its kind for the program, its text for the student."""

    kind: Literal["right", "wrong", "to do"]
    text: str


class UnknownExercise(ValueError):
    """Raised for a name that no exercise has; names the closest one and all that there are."""

    def _render_traceback_(self):
        # IPython asks for this: a student needs the sentence, not the way through our code.
        return [f"UnknownExercise: {self}"]


@dataclass(frozen=True)
class Exercise:
    """One exercise: its name and its judge, and what its solution notebook says of it.

    `judge(answer)` returns a line of praise, or raises `Wrong` or `StillToDo`; None where a person grades. `claim` is
    that of the ledger which the exercise deepens. `hints` go from a nudge to nearly the answer.
    """

    name: str
    judge: Callable[[object], str] | None
    notebook: str = ""
    title: str = ""
    kind: str = ""
    claim: str = ""
    minutes: int = 0
    points: int = 0
    hints: tuple[str, ...] = ()


@cache
@as_in_a_fresh_kernel()  # the tables of the judges are computed while they are imported
def exercises():
    """Return every exercise of the course, {name: Exercise}, notebook by notebook, in the order of each."""
    facts, found = json.loads(FACTS.read_text(encoding="utf-8")), {}
    for module in pkgutil.iter_modules(__path__):
        for exercise in getattr(importlib.import_module(f"{__name__}.{module.name}"), "EXERCISES", ()):
            name = exercise.name
            if name in found:
                raise ValueError(f"two exercises are called {name!r}: names must be unique in the course")
            if name not in facts:
                raise ValueError(f"exercise {name!r} is in no notebook of solutions/, or run `make exercises`")
            found[name] = replace(exercise, **facts[name] | {"hints": tuple(facts[name]["hints"])})
    return {name: found[name] for name in facts if name in found}


def find(name):
    """Return the exercise called `name`.

    Raises
    ------
    TypeError
        If `name` is not a text.
    UnknownExercise
        A ValueError, if no exercise is called so; names the closest one and all that there are.

    Examples
    --------
    >>> find("sigmoid").claim
    'S3'
    """
    if not isinstance(name, str):
        raise TypeError(
            f"the exercise's name comes first, in quotes, for instance check('sigmoid', sigmoid); "
            f"got {type(name).__name__}"
        )
    known = exercises()
    if name not in known:
        raise UnknownExercise(unknown("exercise", name, known))
    return known[name]


# ---- what a student sees -------------------------------------------------------------------------

_NOTHING = object()
_hints_shown = {}
_record = Record()


class CheckFailed(AssertionError):
    """Raised instead of a printed ✗, or of "still to do", where ACTS_STRICT=1."""

    def _render_traceback_(self):
        return [f"CheckFailed: {self}"]  # in a notebook the message says it all


def check(name, answer=_NOTHING):
    """Judge an answer and print the verdict: ✓ right, ✗ wrong and where, or ○ still to do.

    Parameters
    ----------
    name : str
        The exercise, as in its check cell.
    answer : object
        What the exercise asks for: a function, a number, an expression, a derivation …

    Raises
    ------
    ValueError
        If there is no such exercise; the message names the closest one.
    CheckFailed
        Under ACTS_STRICT=1 and under nbgrader only: if the answer is wrong or blank.

    Examples
    --------
    >>> from acts import sigmoid
    >>> check("sigmoid", sigmoid)
    ✓ sigmoid: right for all 50 inputs; also for single numbers, integers, tables and float32
    >>> check("sigmoid", 3)
    ✗ sigmoid: expected a function of an array, got 3 (an int)
      pass the function itself, by its name and without brackets: check("sigmoid", my_function)
      → hint("sigmoid") shows hint 1 of 3
    """
    exercise = find(name)
    verdict = _verdict(exercise, answer)
    right = verdict.kind == "right"
    if exercise.judge and verdict.kind != "to do":
        _record.note(exercise.name, right)
    if not right and graded():
        raise CheckFailed(verdict.text)
    print(verdict.text)


def hint(name, number=None):
    """Print the next hint of an exercise, or hint `number` (1 is the first).

    Raises
    ------
    ValueError
        If there is no such exercise; the message names the closest one.

    Examples
    --------
    >>> hint("sigmoid", 1)
    hint 1 of 3: What does np.exp(-x) do when x is very negative? Try x = -720.
      → hint("sigmoid", 2) shows the next one
    """
    exercise = find(name)
    last = len(exercise.hints)
    if number is None:
        number = _hints_shown.get(name, 0) + 1
        if number > last:
            print(f'these were all {last} hints of {name}; hint("{name}", 1) shows the first again')
            return
    if type(number) is not int or not 1 <= number <= last:
        print(f"{name} has the hints 1 to {last}; got {described(number)}")
        return
    _hints_shown[name] = max(number, _hints_shown.get(name, 0))
    print(f"hint {number} of {last}: {exercise.hints[number - 1]}")
    if number < last:
        print(f'  → hint("{name}", {number + 1}) shows the next one')


def progress():
    """Print a table of the exercises: which are right, which were tried, and the points so far.

    It shows the sets of which something was checked since the kernel started; before that, all sets that were worked on
    in this folder. What is right stays right: the record is a small file beside the notebook, `.acts-progress.json`,
    which belongs to you, and which you may delete.

    Examples
    --------
    >>> check("dead_network", "b")
    ✓ dead_network: right: z lies between 94 and 255 there, and σ′ = e⁻ᶻ is 1e-41 at most
    >>> progress()  # doctest: +ELLIPSIS
    01_sigmoid: ... of 8 checks right, ... of 20 points
    ...
      ✓ dead_network          1 point
    ...
      – quarter_to_the_tenth  2 points, graded by a person
    """
    outcomes, every = _record.outcomes(), exercises()
    shown = {every[name].notebook for name in _record.session or outcomes if name in every}
    if not shown:
        print("nothing checked yet: run a cell with check(…) in it, then come back")
    for number, notebook in enumerate(sorted(shown)):
        if number:
            print()
        print("\n".join(_table([e for e in every.values() if e.notebook == notebook], outcomes)))


_MARKS = {"right": "✓", "tried": "✗", None: "○"}


def _table(of_notebook, outcomes):
    """Yield the headline of a set, and a line for each of its exercises."""
    checked = [exercise for exercise in of_notebook if exercise.judge]
    right = [exercise for exercise in checked if outcomes.get(exercise.name) == "right"]
    earned, possible = (sum(exercise.points for exercise in some) for some in (right, checked))
    yield f"{of_notebook[0].notebook}: {len(right)} of {len(checked)} checks right, {earned} of {possible} points"
    width = max(len(exercise.name) for exercise in of_notebook)
    for exercise in of_notebook:
        mark = _MARKS[outcomes.get(exercise.name)] if exercise.judge else "–"
        note = "" if exercise.judge else ", graded by a person"
        yield f"  {mark} {exercise.name:{width}}  {_points(exercise)}{note}"


def _points(exercise):
    return f"{exercise.points} point{'s' * (exercise.points > 1)}"


@as_in_a_fresh_kernel()
def _verdict(exercise, answer):
    """Return the `Verdict` on an answer; one that a person grades is never refused."""
    if exercise.judge is None:
        words = "graded by a person: nothing to check here, the hints say what a good answer holds"
        return Verdict("right", f"○ {exercise.name}: {words}")
    if answer is _NOTHING:
        problem = Wrong("your answer is missing", f'give it after the name: check("{exercise.name}", your_answer)')
        return _refusal(exercise, problem)
    try:
        if answer is None or answer is ...:
            raise StillToDo()
        return Verdict("right", f"✓ {exercise.name}: {exercise.judge(answer)}")
    except StillToDo as blank:
        return _still_to_do(exercise, str(blank))
    except Wrong as problem:
        return _refusal(exercise, problem)
    # An answer so odd that the check trips over it is still an answer, not a crash.
    except MISHAPS as error:
        problem = Wrong(f"this check cannot read your answer, {described(answer)}", f"it ended in {in_words(error)}")
        return _refusal(exercise, problem)


def _still_to_do(exercise, reason):
    lines = [
        f"○ {exercise.name}: still to do ({_points(exercise)}, about {exercise.minutes} minutes)",
        *([f"  {reason}"] if reason else []),
        f"  {_way_to_hint(exercise)}",
    ]
    return Verdict("to do", "\n".join(lines))


def _refusal(exercise, problem):
    headline = f"✗ {exercise.name}: {problem.headline}"
    lines = [headline, *(f"  {line}" for line in problem.details), f"  {_way_to_hint(exercise)}"]
    return Verdict("wrong", "\n".join(map(broken, lines)))


def _way_to_hint(exercise):
    last = len(exercise.hints)
    following = _hints_shown.get(exercise.name, 0) + 1
    if following > last:
        return f'→ hint("{exercise.name}", {last}) shows the last hint again'
    return f'→ hint("{exercise.name}") shows hint {following} of {last}'
