"""The exercises of the course: what `acts.feedback` knows of each.

Each notebook with exercises has one module here; its `EXERCISES` are found by themselves. A record says what the
exercise is worth, which claim it deepens, what its hints are, and how an answer is judged. How the kinds of answer are
judged (a function, a number, a derivation …) stands in `acts.checks.kinds`.

Students are welcome to read on. The answers that were computed are in here too; the understanding isn't.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from acts._names import unknown

__all__ = ["KINDS", "Exercise", "StillToDo", "UnknownExercise", "Wrong", "exercises", "find"]

KINDS = ("implement", "derive", "predict", "debug", "measure", "explain")


class Wrong(Exception):
    """An answer is wrong: `headline` says what, `details` are the lines below it."""

    def __init__(self, headline, *details):
        super().__init__(headline)
        self.headline = headline
        self.details = tuple(line for line in details if line)


class StillToDo(Exception):
    """An answer is blank; the text, if there is one, says how the check saw that."""


class UnknownExercise(ValueError):
    """Raised for a name that no exercise has; names the closest one and all that there are."""

    def _render_traceback_(self):
        # IPython asks for this: a student needs the sentence, not the way through our code.
        return [f"UnknownExercise: {self}"]


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    `judge(answer)` returns a line of praise, or raises `Wrong` or `StillToDo`; None where a person grades. `deepens` is
    the claim of the ledger that the exercise belongs to. `hints` go from a nudge to nearly the answer.
    """

    name: str
    notebook: str
    kind: str
    points: int
    minutes: int
    deepens: str
    hints: tuple[str, ...]
    judge: Callable[[object], str] | None

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(
                f"exercise {self.name!r}: kind must be one of {', '.join(KINDS)}; got {self.kind!r}"
            )
        if len(self.hints) < 3:
            raise ValueError(f"exercise {self.name!r}: at least 3 hints are needed; got {len(self.hints)}")


@cache
def exercises():
    """Return every exercise of the course, {name: Exercise}, notebook by notebook."""
    found = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        for exercise in getattr(importlib.import_module(f"{__name__}.{module.name}"), "EXERCISES", ()):
            if exercise.name in found:
                raise ValueError(
                    f"two exercises are called {exercise.name!r}: names must be unique in the course"
                )
            found[exercise.name] = exercise
    return dict(sorted(found.items(), key=lambda item: item[1].notebook))


def find(name):
    """Return the exercise called `name`.

    Raises
    ------
    TypeError
        If `name` is no text.
    UnknownExercise
        A ValueError, if no exercise is called so; names the closest one and all that there are.

    Examples
    --------
    >>> find("sigmoid").deepens
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
