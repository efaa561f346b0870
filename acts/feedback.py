"""What a student sees: `check` says what is right and what isn't, `hint` helps on, `progress` says what is done.

    from acts.feedback import check, hint, progress

    check("sigmoid", sigmoid)     # ✓, or which input, what was expected, what came, how far off
    hint("sigmoid")               # the next of at least three hints
    hint("sigmoid", 2)            # hint 2
    progress()                    # a table of the exercises

With the environment variable ACTS_STRICT=1 a check that isn't ✓ raises `CheckFailed` with the same message: for
graders and for the course's own tests. Under nbgrader it always raises: nbgrader takes a cell without error for right.
"""

from acts.checks import StillToDo, Wrong, exercises, find
from acts.checks.record import Record, graded
from acts.checks.words import described

__all__ = ["CheckFailed", "check", "hint", "progress"]

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
    right, message = _verdict(exercise, answer)
    if exercise.judge and (right or message[0] == "✗"):
        _record.note(exercise.name, right)
    if not right and graded():
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
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= last:
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
    return "\n".join(
        [
            f"○ {exercise.name}: still to do ({_points(exercise)}, about {exercise.minutes} minutes)",
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
