"""What a student sees: `check` says what is right and what isn't, `hint` helps on.

    from acts.feedback import check, hint

    check("sigmoid", sigmoid)     # ✓, or which input, what was expected, what came, how far off
    hint("sigmoid")               # the next of at least three hints
    hint("sigmoid", 2)            # hint 2

With the environment variable ACTS_STRICT=1 a check that isn't ✓ raises `CheckFailed` with the same message: for
graders and for the course's own tests. Under nbgrader it always raises: nbgrader takes a cell without error for right.
"""

import os

from acts.checks import StillToDo, Wrong, find
from acts.checks.words import described

__all__ = ["CheckFailed", "check", "hint"]

_NOTHING = object()
_hints_shown = {}


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
    right, message = _verdict(exercise, answer)
    if not right and (os.environ.get("ACTS_STRICT") == "1" or "NBGRADER_EXECUTION" in os.environ):
        raise CheckFailed(message)
    print(message)


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
        _hints_shown[name] = number
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= last:
        print(f"{name} has the hints 1 to {last}; got {described(number)}")
        return
    print(f"hint {number} of {last}: {exercise.hints[number - 1]}")
    if number < last:
        print(f'  → hint("{name}", {number + 1}) shows the next one')


def _verdict(exercise, answer):
    """Return whether the answer is right, and the whole message."""
    if exercise.judge is None:
        text = "graded by a person: nothing to check here, the hints say what a good answer holds"
        return True, f"○ {exercise.name}: {text}"
    if answer is _NOTHING:
        problem = Wrong(
            "your answer is missing", f'give it after the name: check("{exercise.name}", your_answer)'
        )
        return False, _refusal(exercise, problem)
    try:
        if answer is None or answer is ...:
            raise StillToDo()
        return True, f"✓ {exercise.name}: {exercise.judge(answer)}"
    except StillToDo as blank:
        return False, _still_to_do(exercise, str(blank))
    except Wrong as problem:
        return False, _refusal(exercise, problem)
    except (
        Exception
    ) as error:  # an answer so odd that the check trips over it is still an answer, not a crash
        problem = Wrong(
            f"this check can not read your answer, {described(answer)}",
            f"it ended in {type(error).__name__}: {error}",
        )
        return False, _refusal(exercise, problem)


def _still_to_do(exercise, reason):
    points = f"{exercise.points} point{'s' * (exercise.points > 1)}"
    return "\n".join(
        [
            f"○ {exercise.name}: still to do ({points}, about {exercise.minutes} minutes)",
            *([f"  {reason}"] if reason else []),
            f"  {_way_to_hint(exercise)}",
        ]
    )


def _refusal(exercise, problem):
    headline = f"✗ {exercise.name}: {problem.headline}"
    return "\n".join([headline, *(f"  {line}" for line in problem.details), f"  {_way_to_hint(exercise)}"])


def _way_to_hint(exercise):
    last = len(exercise.hints)
    following = _hints_shown.get(exercise.name, 0) + 1
    if following > last:
        return f'→ hint("{exercise.name}", {last}) shows the last hint again'
    return f'→ hint("{exercise.name}") shows hint {following} of {last}'
