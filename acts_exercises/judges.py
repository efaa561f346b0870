"""How each kind of answer is judged.

Every function here takes what is right and returns `judge(answer)`: it returns a line of praise, or raises `Wrong`, or
`StillToDo`. SymPy is imported only by those who need it, when they need it.

A `mistakes` argument lists the wrong answers that students really give, all in one form: (wrong answer, words), where
the wrong answer is of the same kind as the right one: a number, a letter, an array, a function, a formula. The judge
recognises it by its values. Where a whole family of answers deserves the same words, a third entry, `kin`, says who
belongs to it; the wrong answer is then an example. Each mistake is its own test: `judge.mistakes()` returns every
(answer, words), and tests/test_feedback.py feeds them to the judge, which must say just these words.
"""

import contextlib
import copy
import inspect
import json
import linecache
import math
import numbers
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from importlib.resources import files

import numpy as np

from acts_exercises import StillToDo, Wrong
from acts_exercises.messages import MISHAPS, compared, described, in_words, input_in_words

__all__ = [
    "WIDTH",
    "Curve",
    "Raised",
    "array",
    "call",
    "choice",
    "derivation",
    "expected_rows",
    "expected_values",
    "expression",
    "figure_lines",
    "function",
    "function_of_array",
    "function_of_rows",
    "in_turn",
    "measurements",
    "must_be_function",
    "must_return",
    "number",
    "peak_bytes",
    "result_of",
]

# What "right" means for a student: twelve digits of float64, five of float32. That lets every sound formula pass, and
# none that loses a tail. Below the smallest normal number the digits run out by themselves: a few last steps are free.
RELATIVE = {np.dtype(np.float64): 1e-12, np.dtype(np.float32): 1e-5}
LAST_STEPS = 4


@cache
def expected_values(name):
    """Return inputs and true values of a function, each a read-only float64 array; see tools/expected.py."""
    table = json.loads((files("acts_exercises") / "_data" / "expected.json").read_text(encoding="utf-8"))
    columns = tuple(np.array([float(text) for text in texts]) for texts in table[name].values())
    for column in columns:
        column.flags.writeable = False
    return columns


# ---- mistakes ------------------------------------------------------------------------------------


def _with_mistakes(judge, answers):
    """Return the judge, which knows its mistakes from now on: `answers()` returns every (answer, words)."""
    judge.mistakes = answers
    return judge


def _as_answers(mistakes):
    return lambda: [(wrong, words) for wrong, words, *_ in mistakes]


def _words_for(mistakes, arguments, got, expected, *, alike):
    """Return the words for the wrong function that gives these values, or whose kin they are; "" if there is none."""
    for wrong, words, *kin in mistakes:
        if kin:
            recognised = np.shape(got) == np.shape(expected) and kin[0](*arguments, got, expected)
        else:
            recognised = alike(got, _tried(wrong, arguments))
        if recognised:
            return words
    return ""


def _tried(wrong, arguments):
    """Return what a wrong function returns, None where it fails."""
    with np.errstate(all="ignore"):
        try:
            return wrong(*copy.deepcopy(arguments))
        except MISHAPS:
            return None


def _to_six_digits(got, typical):
    same = typical is not None and np.shape(got) == np.shape(typical)
    return same and np.allclose(got, typical, rtol=1e-6, atol=0, equal_nan=True)


def in_turn(*judges):
    """Judge an answer by one judge after the other; the praise is that of the last."""

    def judge(answer):
        *_, praise = [one(answer) for one in judges]
        return praise

    return _with_mistakes(judge, lambda: [pair for one in judges for pair in getattr(one, "mistakes", list)()])


# ---- calling what a student wrote ----------------------------------------------------------------

_NUDGES = (
    (
        "truth value of an array",
        "`if` cannot decide for a whole array at once: np.where, np.minimum or a mask can",
    ),
    ("converted to Python scalars", "the functions of `math` take one number; those of `np` take arrays"),
    ("must be real number, not", "the functions of `math` take one number; those of `np` take arrays"),
    ("math range error", "`math.exp` stops at 709; `np.exp` takes arrays and goes on"),
    ("is not subscriptable", "x may be a single number too: x = np.asarray(x) makes an array of it"),
    (
        "does not support item assignment",
        "x may be a single number too: x = np.asarray(x) makes an array of it",
    ),
    ("could not be broadcast", "a sum or maximum along an axis drops that axis; keepdims=True keeps it, with length 1"),
    (
        "is out of bounds for array of dimension",
        "the axis is an argument of your function: hand it on as it came; -1 is the last axis of any table",
    ),
    ("is out of bounds for axis", "an index goes beyond the table: does it count rows, or columns?"),
    ("not aligned", "`@` and np.dot multiply matrices; entry by entry it is *, and then a sum along the axis"),
    ("mismatch in its core", "`@` and np.dot multiply matrices; entry by entry it is *, and then a sum along the axis"),
    ("positional argument", "the function gets its input as arguments: look at the line with `def`"),
    ("inhomogeneous shape", "the arrays have different shapes: go through the list one by one"),
    ("must have same number of dimensions", "g.ravel() makes a vector of an array of any shape"),
    ("output from dtype", "your function writes into the array it was given: make a new one instead"),
    ("read-only", "your function writes into the array it was given: make a new one instead"),
    ("maximum recursion depth", "your function calls itself for ever"),
)


class Raised(Wrong):
    """A student's function ended in an exception: `error`."""

    def __init__(self, error, headline, *details):
        super().__init__(headline, *details)
        self.error = error


def _failing_line(function, error):
    """Return the text of the student's line that raised, if it can be found."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    line, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = linecache.getline(file, trace.tb_lineno).strip()
        trace = trace.tb_next
    return f"in the line: {line}" if line else ""


def call(function, *arguments, shown):
    """Call a student's function; return its result and the warnings that NumPy gave, as texts.

    An exception becomes `Raised`, in words. `shown` says what the function was given: "x = 0.0".
    """
    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(over="warn", divide="warn", invalid="warn"),
    ):
        warnings.simplefilter("always")
        try:
            result = function(*arguments)
        except MISHAPS as error:
            said = in_words(error)
            nudge = next((words for sign, words in _NUDGES if sign in said), "")
            raise Raised(
                error,
                f"your function raised {said} – for {shown}",
                _failing_line(function, error),
                nudge,
            ) from error
    texts = []
    for warning in caught:
        if not issubclass(warning.category, RuntimeWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        elif str(warning.message) not in texts:
            texts.append(str(warning.message))
    return result, texts


def shapes_collide(error):
    """Return whether NumPy refused to multiply or add two arrays. Its own words are long, and say less than ours."""
    return isinstance(error, ValueError) and any(sign in str(error) for sign in ("matmul", "not aligned", "broadcast"))


def _say_it_with_one_number(problem, function, inputs):
    """Raise `problem`, told with the plainest single number for which the function raises the same error, if any."""
    for x in sorted(inputs, key=abs):
        try:
            call(function, float(x), shown=f"x = {input_in_words(x)}")
        except Raised as plainer:
            if type(plainer.error) is type(problem.error):
                raise plainer from None
    raise problem from None


def must_be_function(answer, wanted, exercise=""):
    """Raise unless the answer can be called; `wanted` says what it should be: "a function of an array"."""
    if not callable(answer) or isinstance(answer, type):
        raise Wrong(
            f"expected {wanted}, got {described(answer)}",
            "pass the function itself, by its name and without brackets"
            + (f': check("{exercise}", my_function)' if exercise else ""),
        )


def must_return(got):
    """Raise if a student's function returns nothing."""
    if got is None or got is ...:
        raise StillToDo("your function returns None; if you have written it, is its `return` missing?")


def _judge_unchanged(names, before, after):
    """Raise if a function has changed one of its arguments."""
    for name, was, now in zip(names, before, after, strict=True):
        if not _unchanged(was, now):
            raise Wrong(
                f"your function changed {name}, which it was given",
                "whoever calls it still needs that: make a new array, x = x * 2 instead of x *= 2",
            )


def _unchanged(was, now):
    if isinstance(was, dict):
        return list(was) == list(now) and all(_unchanged(was[key], now[key]) for key in was)
    if isinstance(was, (list, tuple)):
        return len(was) == len(now) and all(map(_unchanged, was, now))
    if isinstance(was, np.ndarray):
        return np.array_equal(was, now, equal_nan=was.dtype.kind == "f")
    return True


# ---- a function ----------------------------------------------------------------------------------

# NumPy's own words are long where two arrays do not fit together, and say less than ours.
_COLLISIONS = ("matmul", "not aligned", "broadcast")


def function(
    reference, cases, mistakes=(), *, returns=(), relative=1e-9, absolute=1e-12, right="right", collisions=None
):
    """Judge a function by what it returns in some cases.

    Parameters
    ----------
    reference : callable
        The right function; its name, and those of its arguments without a default, are the ones that messages use. It
        returns a number, an array, a tuple of them (see `returns`), or a list of arrays.
    cases : dict
        {words: (arguments, nudge)}. The words name the case in messages; the nudge, perhaps "", is given where the
        result is wrong there and no mistake was recognised. From plain cases to hard ones: the first is told. Where
        they take time to make, a function that returns the dict.
    mistakes : sequence of (wrong function, words) or (wrong function, words, kin)
        `kin(*arguments, got, expected)` tells from the wrong part of the result who else gets these words.
    returns : sequence of str
        The names of the parts, where the reference returns a tuple.
    relative, absolute : float
        How far off an entry may be; float32 gets 1e-5 at least.
    collisions : dict
        {sign: nudge} for arrays that do not fit together, where the sign is in NumPy's words: "broadcast", "matmul".
    """
    names = [name for name, it in inspect.signature(reference).parameters.items() if it.default is it.empty]
    wanted = f"a function {getattr(reference, '__name__', 'f')}({', '.join(names)})"

    def judge(answer):
        must_be_function(answer, wanted)
        run, passed = partial(_result, answer, names, collisions or {}), []
        named = list((cases() if callable(cases) else cases).items())
        for number, (words, (arguments, nudge)) in enumerate(named):
            got, complaints = run(words, arguments)
            expected = reference(*copy.deepcopy(arguments))
            try:
                mine, theirs = _parts(expected), _judged_parts(got, expected, returns, words)
            except Wrong as problem:  # not the form that was asked for, but perhaps that of a mistake
                raise Wrong(problem.headline, *problem.details, _just_that(mistakes, arguments, got)) from None
            for at, label in enumerate(_labels(expected, returns)):
                problem = _part_problem(theirs[at], mine[at], label, words, relative, absolute)
                if problem:
                    warned = f"NumPy warned: {'; '.join(complaints)}" if complaints else ""
                    possible = [one for one in mistakes if len(one) > 2 or _agrees(one[0], passed)]
                    fitting = [one for one in possible if _fits(one, arguments, theirs, mine, at)]
                    nudge = nudge if theirs[at].shape == mine[at].shape else ""
                    raise Wrong(*problem, warned, _said_of(fitting, run, named[number + 1 :], nudge))
                _judge_width(theirs[at], mine[at], label, words, partial(_widening, mistakes, arguments, at))
            if complaints:
                raise Wrong(f"the values are right for {words}, but NumPy warned: {'; '.join(complaints)}", nudge)
            passed.append((arguments, mine))
        return right

    return _with_mistakes(judge, _as_answers(mistakes))


def result_of(function, names, arguments, shown):
    """Call a student's function on copies of the arguments, which have these names, and return what it returns.

    Raise if it fails, returns nothing, or changes what it was given.
    """
    return _result(function, names, {}, shown, arguments)[0]


def _result(function, names, collisions, words, arguments):
    """Call a student's function on copies; return what it returns, and what NumPy said."""
    given = copy.deepcopy(arguments)
    try:
        got, complaints = call(function, *given, shown=words)
    except Raised as problem:
        told = str(problem.error)
        if isinstance(problem.error, ValueError) and any(sign in told for sign in _COLLISIONS):
            nudge = next((text for sign, text in collisions.items() if sign in told), "")
            raise Wrong(f"two of your arrays do not fit together – for {words}", *problem.details, nudge) from None
        raise
    must_return(got)
    _judge_unchanged(names, arguments, given)
    return got, complaints


def _parts(result):
    if result is None:
        return []
    return [np.asarray(part) for part in (result if isinstance(result, (tuple, list)) else [result])]


def _labels(expected, returns):
    several = isinstance(expected, (tuple, list))
    return (returns or [f"array {number}" for number in range(len(expected))]) if several else [""]


def _judged_parts(got, expected, returns, words):
    """Return the parts of a student's result as arrays of real numbers, as many as are expected."""
    several, labels = isinstance(expected, (tuple, list)), _labels(expected, returns)
    if several and (not isinstance(got, (tuple, list)) or len(got) != len(expected)):
        raise Wrong(
            f"your function returned {described(got)}",
            f"expected {len(expected)} arrays: return {', '.join(returns)}"
            if returns
            else f"expected a list of {len(expected)} arrays, each of the shape that it had",
        )
    parts = []
    for name, part, right in zip(labels, got if several else [got], _parts(expected), strict=True):
        if part is None or part is ...:
            raise StillToDo(f"{name} is still blank")
        array = np.asarray(part) if isinstance(part, (np.ndarray, np.generic, float, int)) else None
        if array is None or array.dtype.kind not in "fiu":
            raise Wrong(
                f"for {words} your function returned {described(part)}" + (f" as {name}" if name else ""),
                f"expected an array of shape {right.shape}" if right.shape else "expected a number",
            )
        # A number of Python's own has no dtype that could be wrong.
        parts.append(array.astype(right.dtype) if type(part) is float else array)
    shapes = [part.shape for part in parts], [np.shape(part) for part in _parts(expected)]
    if returns and shapes[0] != shapes[1] and shapes[0] == shapes[1][::-1]:
        raise Wrong("the results have come in the wrong order", f"return {', '.join(returns)}")
    return parts


def _part_problem(got, expected, label, words, relative, absolute):
    """Return (headline, detail) if a part of a result has not the shape or the values expected, else None."""
    if got.shape != expected.shape:
        return (
            f"{label or 'your result'} has the wrong shape for {words}",
            f"expected {expected.shape}, got {got.shape}",
        )
    short = expected.dtype == np.float32
    with np.errstate(all="ignore"):
        free = max(absolute, 1e-6 * float(np.abs(expected).max(initial=0))) if short else absolute
        wrong = ~np.isclose(got, expected, rtol=max(relative, 1e-5 * short), atol=free, equal_nan=True)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        entry = str(list(place)) if place else ""
        where = f"entry {entry} of {label}" if label.startswith("array ") else f"{label or 'entry '}{entry}"
        return f"wrong for {words}" + (f": {where}" if label or entry else ""), compared(expected[place], got[place])
    return None


def _judge_width(got, expected, label, words, widening):
    if expected.dtype == np.float32 != got.dtype:
        usual = "a number or an array of NumPy's own float64 widens float32; a plain number, float(factor), doesn't"
        raise Wrong(
            f"for {words} {label or 'your result'} has come as {got.dtype}",
            "expected float32, like what it was given",
            widening(got) or usual,
        )


def _widening(mistakes, arguments, at, got):
    """Return the words for the mistake whose result is right in part `at`, but not float32 either; "" if none is."""
    for wrong, words, *_ in mistakes:
        part = _parts(_tried(wrong, arguments))[at : at + 1]
        if _all_like([got], part) and part[0].dtype != np.float32:
            return words
    return ""


def _just_that(mistakes, arguments, got):
    """Return the words for the mistake that returns just that, whatever its form; "" if there is none."""
    for wrong, words, *_ in mistakes:
        with contextlib.suppress(TypeError, ValueError):  # no array of numbers
            if _all_like(_parts(got), _parts(_tried(wrong, arguments))):
                return words
    return ""


def _agrees(mistake, passed):
    """Return whether a wrong function is right in these cases: if not, it is not what was written by who passed."""
    return all(_all_like(_parts(_tried(mistake, arguments)), mine) for arguments, mine in passed)


def _all_like(ones, others):
    return len(ones) == len(others) and all(
        one.shape == other.shape and np.allclose(one, other, equal_nan=True)
        for one, other in zip(ones, others, strict=True)
    )


def _fits(mistake, arguments, got, expected, at):
    """Return whether a mistake explains the part of a result that is wrong."""

    def alike(one, typical):
        return _all_like([one], _parts(typical)[at : at + 1])

    return bool(_words_for([mistake], arguments, got[at], expected[at], alike=alike))


def _said_of(fitting, run, later, nudge):
    """Return the words for the mistake that explains the later cases as well, or the nudge if there is none.

    Where nothing can be said, the later cases are run: one that fails says more than a wrong number.
    """
    for words, (arguments, _) in later:
        if not fitting and not nudge:
            run(words, arguments)
        elif len(fitting) > 1:
            with contextlib.suppress(Wrong, StillToDo, TypeError, ValueError):  # it tells nothing then
                got = _parts(run(words, arguments)[0])
                fitting = [one for one in fitting if _all_like(got, _parts(_tried(one[0], arguments)))] or fitting
    return fitting[0][1] if fitting else nudge


# ---- a function of an array ----------------------------------------------------------------------


def function_of_array(table, mistakes=()):
    """Judge a function of an array against a table of expected values, for every kind of input a student would try.

    Parameters
    ----------
    table : str
        The name of the values in acts_exercises/_data/expected.json.
    mistakes : sequence of (wrong function, words) or (wrong function, words, kin)
        `kin(x, got, expected)` tells who else gets these words.
    """

    def judge(function):
        must_be_function(function, "a function of an array", table)
        x, expected = expected_values(table)
        complaints = _judge_array(function, x, expected, mistakes)
        _judge_single_numbers(function, x, expected)
        _judge_integers(function, x, expected)
        _judge_table(function, x, expected)
        _judge_float32(function, x, expected)
        if complaints:
            raise Wrong(
                f"the values are right, but NumPy warned: {'; '.join(complaints)}",
                "np.where computes both branches for all inputs, also the one that is thrown away"
                if _uses(function, "where")
                else "somewhere on the way a number grew too large: which x makes it, and can exp get −|x| instead?",
            )
        return f"right for all {x.size} inputs; also for single numbers, integers, tables and float32"

    return _with_mistakes(judge, _as_answers(mistakes))


def _uses(function, name):
    return name in getattr(getattr(function, "__code__", None), "co_names", ())


def _judge_array(function, x, expected, mistakes):
    given = x.copy()
    try:
        got, complaints = call(function, given, shown=f"an array of {x.size} numbers")
    except Raised as problem:
        _say_it_with_one_number(problem, function, x)
    if not np.array_equal(given, x, equal_nan=True):
        raise Wrong(
            "your function changed the array it was given",
            "whoever calls it still needs that array: write x = -x instead of x *= -1, and leave out=x aside",
        )
    _judge_form(got, x.shape, np.float64, f"an array of shape {x.shape}")
    _compare(x, got, expected, "float64", complaints, mistakes)
    if complaints:  # some of NumPy's own functions, logaddexp for one, warn of a NaN that was given to them
        _, complaints = call(function, x[~np.isnan(x)], shown="an array without NaN")
    return complaints


def _shape_stays(got, shape):
    return "one value for each input: the shape must stay the same"


def _judge_form(got, shape, dtype, given, *, nudge=_shape_stays, of_integers=False):
    """Raise if a result is blank, or not an array of this shape and dtype; `given` names the input in words.

    `nudge(its shape, the shape expected)` says what may have happened.
    """
    must_return(got)
    if not isinstance(got, (np.ndarray, np.generic, float)):
        raise Wrong(
            f"your function was given {given} and returned {described(got)}",
            f"expected an array of shape {shape}" if shape else "expected a number",
        )
    if np.shape(got) != shape:
        raise Wrong(
            f"your function was given {given} and returned shape {np.shape(got)}; expected shape {shape}",
            nudge(np.shape(got), shape),
        )
    if np.asarray(got).dtype != dtype:
        raise Wrong(
            f"your function was given {given} and returned {np.asarray(got).dtype}",
            "expected float64: integers cannot hold what lies between, and np.empty_like(integers) makes integers"
            if of_integers
            else f"expected {np.dtype(dtype)}: a plain formula of x and np.empty_like(x) keep the dtype, "
            "dtype=float doesn't",
        )


def _missed(got, expected):
    """Return a mask of the wrong values, and how wrong each value is (0 is right, inf beyond measure)."""
    kind = got.dtype
    with np.errstate(all="ignore"):
        off = np.abs(got.astype(np.float64) - expected)
        free = np.maximum(RELATIVE[kind] * np.abs(expected), LAST_STEPS * float(np.finfo(kind).smallest_subnormal))
        same = (got == expected) | (np.isnan(got) & np.isnan(expected))
        wrong = ~(same | (off <= free))
        how = np.where(wrong, off / np.maximum(np.abs(expected), float(np.finfo(kind).tiny)), 0.0)
    return wrong, np.nan_to_num(how, nan=np.inf, posinf=np.inf)


def _compare(x, got, expected, kind, complaints=(), mistakes=()):
    got = np.asarray(got)
    wrong, how = _missed(got, expected)
    if not wrong.any():
        return
    worst = _plainest_of_the_worst(x, how)
    nudge = _words_for(mistakes, (x,), got, expected, alike=_to_six_digits)
    if not nudge and np.isnan(x[wrong]).all():
        nudge = "NaN means “not a number”; what is computed from it must be NaN too, or the accident goes unseen"
    raise Wrong(
        f"wrong for {wrong.sum()} of {x.size} inputs ({kind}). Worst: x = {input_in_words(x[worst])}",
        compared(expected[worst], got[worst]),
        f"NumPy warned: {'; '.join(complaints)}" if complaints else "",
        nudge,
    )


def _plainest_of_the_worst(x, how):
    """Return the index of the worst value; of equally bad ones, that of the smallest finite input."""
    worst = np.flatnonzero(how >= how.max() * (1 - 1e-9))
    return worst[np.argmin(np.nan_to_num(np.abs(x[worst]), nan=np.inf))]


def _judge_single_numbers(function, x, expected):
    some = np.argsort(np.abs(x))[::5]  # the plainest first: it is the one that a message names
    for value, right in zip(x[some], expected[some], strict=True):
        for given, words in ((float(value), "the number"), (np.array(value), "the 0-d array")):
            got, _ = call(function, given, shown=f"{words} x = {input_in_words(value)}")
            _judge_form(got, (), np.float64, f"{words} {input_in_words(value)}")
            _compare(np.array([value]), np.array([got]), np.array([right]), "a single number")


def _judge_integers(function, x, expected):
    chosen = np.isfinite(x) & (np.abs(x) <= 1000) & (x == np.round(x))
    whole = x[chosen].astype(np.int64)
    got, _ = call(function, whole, shown="an array of integers")
    _judge_form(got, whole.shape, np.float64, "an array of integers", of_integers=True)
    _compare(x[chosen], got, expected[chosen], "integers")


def _judge_table(function, x, expected):
    rows = x.size // 4
    got, _ = call(function, x[: rows * 4].reshape(rows, 4), shown=f"a table of shape {(rows, 4)}")
    _judge_form(got, (rows, 4), np.float64, f"a table of shape {(rows, 4)}")
    _compare(x[: rows * 4], np.ravel(got), expected[: rows * 4], "a table of rows and columns")
    got, _ = call(function, x[:0].copy(), shown="an empty array")
    _judge_form(got, (0,), np.float64, "an empty array")


def _judge_float32(function, x, expected):
    chosen = ~(np.isfinite(x) & (np.abs(x) > 1e30))
    got, complaints = call(function, x[chosen].astype(np.float32), shown="an array of float32")
    _judge_form(got, x[chosen].shape, np.float32, "an array of float32")
    _compare(x[chosen], got, expected[chosen], "float32", complaints)


# ---- a function of rows --------------------------------------------------------------------------
# Softmax and its kin take a table and work along one of its axes. Their expected values are rows of three numbers,
# one after the other, each row with a trap of its own.

WIDTH = 3


def expected_rows(table):
    """Return the inputs, each a table of rows, and the true values: a table too, or one number for each row."""
    *inputs, values = expected_values(table)
    inputs = [column.reshape(-1, WIDTH) for column in inputs]
    return inputs, values.reshape(-1, WIDTH) if values.size == inputs[0].size else values


def peak_bytes(function, *arguments):
    """Return how many bytes a call needs beyond those that were there before."""
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        call(function, *arguments, shown=f"a row of {len(arguments[0])} numbers")
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not running:
            tracemalloc.stop()


def function_of_rows(table, *, names="x", mistakes=()):
    """Judge a function `f(x, axis=-1)` of rows, for every kind of table that a student would try.

    Parameters
    ----------
    table : str
        The name of the values in acts_exercises/_data/expected.json. Whether a row gives a row or a number follows from
        them.
    names : str
        What the inputs are called, in order: one letter each. Two inputs are a function `f(y, g, axis=-1)`.
    mistakes : sequence of (wrong function, words) or (wrong function, words, kin)
        `kin(*inputs, got, expected)`, the inputs as tables, tells who else gets these words.
    """

    def judge(function):
        must_be_function(function, "a function of rows", table)
        inputs, expected = expected_rows(table)
        task, numbers = _Task(function, names, mistakes), ~np.isnan(np.hstack(inputs)).any(axis=1)
        clean = [column[numbers] for column in inputs], expected[numbers]
        complaints = task.judge_table(*clean)
        task.judge_nan(inputs, expected)
        task.judge_single_rows(inputs, expected)
        task.judge_axes(*clean)
        whole = task.judge_integers(*clean)
        task.judge_float32(*clean)
        if complaints:
            raise Wrong(
                f"the values are right, but NumPy warned: {'; '.join(complaints)}",
                "somewhere on the way a number grew too large, or 0 was divided or its logarithm taken: in which row?",
            )
        return f"right for all {len(expected)} rows, along any axis; also for single rows{whole} and float32"

    return _with_mistakes(judge, _as_answers(mistakes))


class _Task:
    """One student's function, and what is known of its mistakes."""

    def __init__(self, function, names, mistakes):
        self.function, self.names, self.mistakes = function, names, mistakes

    # The kinds of input

    def judge_table(self, inputs, expected):
        given = [table.copy() for table in inputs]
        shown = f"a table of shape {inputs[0].shape}"
        try:
            got, complaints = call(self.function, *given, shown=shown)
        except Raised as problem:
            self._say_it_with_one_row(problem, inputs)
        for before, after in zip(inputs, given, strict=True):
            if not np.array_equal(before, after, equal_nan=True):
                raise Wrong(
                    "your function changed the table it was given",
                    "whoever calls it still needs that table: write x = x - … instead of x -= …",
                )
        self._form(got, expected.shape, np.float64, shown)
        self._compare(inputs, got, expected, "float64", complaints, self.mistakes)
        return complaints

    def judge_nan(self, inputs, expected):
        """The table again, now with a row that has a NaN: NumPy may warn of that one."""
        got, _ = call(self.function, *(table.copy() for table in inputs), shown="a table with a NaN in one row")
        whole = np.isnan(got).all() if isinstance(got, np.ndarray) else False
        self._compare(
            inputs,
            got,
            expected,
            "one of them with a NaN",
            nudge="without the NaN all rows were right: it must spoil its own row only. What runs over the whole table?"
            if whole
            else "NaN means “not a number”; what is computed from it must be NaN too, or the accident goes unseen",
        )

    def judge_single_rows(self, inputs, expected):
        for *rows, right in zip(*inputs, expected, strict=True):
            shown = f"the single row {self._row(rows)}"
            got, _ = call(self.function, *(row.copy() for row in rows), shown=shown)
            self._form(got, right.shape, np.float64, shown)
            self._compare([row[None] for row in rows], np.asarray(got)[None], right[None], "a single row")

    def judge_axes(self, inputs, expected):
        count = len(expected) // 2 * 2
        pages = [table[:count].reshape(2, -1, WIDTH) for table in inputs]
        right = expected[:count].reshape(2, -1, *expected.shape[1:])
        thin = [table[:, None] for table in inputs]  # an axis of length 1, which a careless squeeze would drop
        for axis, tables, values in ((0, inputs, expected), (1, pages, right), (-1, thin, expected[:, None])):
            turned = [np.swapaxes(table, axis, -1).copy() for table in tables]
            keeps = expected.ndim > 1
            shape = np.swapaxes(values, axis, -1).shape if keeps else values.shape
            shown = f"a table of shape {turned[0].shape} and axis={axis}"
            got, _ = call(self.function, *turned, axis, shown=shown)
            self._form(got, shape, np.float64, shown)
            back = np.swapaxes(got, axis, -1) if keeps else np.asarray(got)
            self._compare(
                [table.reshape(-1, WIDTH) for table in tables],
                back.reshape(-1, *expected.shape[1:]),
                values.reshape(-1, *expected.shape[1:]),
                f"axis={axis}",
                nudge="the last axis was right: is `axis` used in every sum and every maximum?",
            )

    def judge_integers(self, inputs, expected):
        """Return ", integers" if there are rows of whole numbers to try."""
        both = np.hstack(inputs)
        chosen = (np.isfinite(both) & (np.abs(both) <= 2000) & (both == np.round(both))).all(axis=1)
        if not chosen.any():
            return ""
        whole = [table[chosen].astype(np.int64) for table in inputs]
        got, _ = call(self.function, *whole, shown="a table of integers")
        self._form(got, expected[chosen].shape, np.float64, "a table of integers", of_integers=True)
        self._compare([table[chosen] for table in inputs], got, expected[chosen], "integers")
        return ", integers"

    def judge_float32(self, inputs, expected):
        both = np.hstack(inputs)
        chosen = ~(np.isfinite(both) & (np.abs(both) > 1e30)).any(axis=1)
        short = [table[chosen].astype(np.float32) for table in inputs]
        got, complaints = call(self.function, *short, shown="a table of float32")
        self._form(got, expected[chosen].shape, np.float32, "a table of float32")
        self._compare([table[chosen] for table in inputs], got, expected[chosen], "float32", complaints, self.mistakes)

    # What came back

    def _say_it_with_one_row(self, problem, inputs):
        """Raise `problem`, told with the plainest single row for which the function raises the same error, if any."""
        for rows in zip(*inputs, strict=True):
            try:
                call(self.function, *(row.copy() for row in rows), shown=f"the single row {self._row(rows)}")
            except Raised as plainer:
                if type(plainer.error) is type(problem.error):
                    raise plainer from None
        raise problem from None

    def _row(self, rows):
        """Name a row: `[1, 2, 3]`, or `y = [0.5, 0.5, 0], g = [1, 2, 4]`."""
        texts = ["[" + ", ".join(f"{value:.7g}" for value in row) + "]" for row in rows]
        if len(texts) == 1:
            return texts[0]
        return ", ".join(f"{name} = {text}" for name, text in zip(self.names, texts, strict=True))

    def _form(self, got, shape, dtype, given, of_integers=False):
        _judge_form(got, shape, dtype, given, nudge=_shape_nudge, of_integers=of_integers)

    def _compare(self, inputs, got, expected, kind, complaints=(), mistakes=(), nudge=""):
        got = np.asarray(got)
        wrong, how = _missed(got, expected)
        if not wrong.any():
            return
        at = _first_far_off(how.reshape(len(expected), -1).max(axis=1))
        entry = _first_far_off(how[at]) if got.ndim > 1 else None
        place = () if entry is None else (entry,)
        row, rows_wrong = self._row([table[at] for table in inputs]), wrong.reshape(len(expected), -1).any(axis=1).sum()
        nudge = _words_for(mistakes, inputs, got, expected, alike=_to_six_digits) or nudge
        raise Wrong(
            f"wrong in {rows_wrong} of {len(expected)} rows ({kind}), for instance in {row}"
            if len(expected) > 1
            else f"wrong for {kind}: {row}",
            ("" if entry is None else f"its entry [{entry}]: ") + compared(expected[at][place], got[at][place]),
            f"NumPy warned: {'; '.join(complaints)}" if complaints else "",
            nudge,
        )


def _first_far_off(how):
    """Return where the first of the badly wrong values is: the table goes from plain rows to hard ones."""
    return int(np.argmax(how >= min(0.1, how.max())))


def _shape_nudge(got, shape):
    if not got:
        return "one number for the whole table: compute each row by itself, along `axis`"
    if len(got) == len(shape) + 1 and got.count(1) > shape.count(1):
        return "the axis is still there, with length 1: np.squeeze(…, axis=axis), or a last sum without keepdims"
    if len(got) < len(shape):
        return "the shape must stay that of the table that was given"
    if len(got) == 2 and got[0] == got[1] and len(shape) == 1:
        return f"{shape} and ({shape[0]}, 1) make a whole table: one of the two has kept its axis, the other hasn't"
    if len(got) > len(shape):
        return "one number for each row is asked for: the axis must be gone from the result"
    if sum(got) > sum(shape):
        return (
            "too many numbers: did two arrays of different shapes meet? keepdims=True keeps an axis, np.squeeze "
            "without axis=… drops every axis of length 1"
        )
    return "one result for each row, and a row's own axis is `axis`"


# ---- numbers and arrays --------------------------------------------------------------------------


def _as_number(answer, what):
    """Return a student's number as a float, be it Python's, NumPy's or SymPy's."""
    if isinstance(answer, (bool, np.bool_)) or callable(answer):
        raise Wrong(f"expected {what}, got {described(answer)}")
    if isinstance(answer, str):
        raise Wrong(f"expected {what}, got {described(answer)}", "a number has no quotes around it")
    if isinstance(answer, np.ndarray) and answer.size == 1:
        answer = answer.item()
    real = isinstance(answer, numbers.Real) or (hasattr(answer, "is_number") and answer.is_number)
    if not real:
        raise Wrong(f"expected {what}, got {described(answer)}")
    return float(answer)


def _is_this(value, wrong):
    return math.isclose(value, wrong, rel_tol=1e-9, abs_tol=0.0 if wrong else 1e-12)


def number(expected, *, what="a number", tolerance=0.0, mistakes=(), right="right"):
    """Judge a number, usually a prediction. The right one is never given away; too large or too small is.

    `mistakes` is a sequence of (wrong number, words); `tolerance` is absolute.
    """

    def judge(answer):
        value = _as_number(answer, what)
        if abs(value - expected) <= tolerance:
            return right
        nudge = next((text for wrong, text in mistakes if _is_this(value, wrong)), "")
        short = np.format_float_positional(value, precision=6, trim="-") if 1e-4 <= abs(value) < 1e7 else f"{value:g}"
        if math.isnan(value):
            raise Wrong("nan is not a number")
        raise Wrong(f"{short} is too {'large' if value > expected else 'small'}", nudge)

    return _with_mistakes(judge, _as_answers(mistakes))


def array(expected, *, relative=1e-9, absolute=0.0, mistakes=(), right="right"):
    """Judge an array of numbers; `mistakes` is a sequence of (wrong array, words)."""
    expected = np.asarray(expected, dtype=np.float64)

    def judge(answer):
        if not isinstance(answer, (np.ndarray, list, tuple)):
            raise Wrong(f"expected an array of shape {expected.shape}, got {described(answer)}")
        try:
            got = np.asarray(answer, dtype=np.float64)
        except (TypeError, ValueError):
            raise Wrong(f"expected an array of numbers, got {described(answer)}") from None
        if got.shape != expected.shape:
            raise Wrong(f"expected shape {expected.shape}, got shape {got.shape}")
        wrong = ~np.isclose(got, expected, rtol=relative, atol=absolute, equal_nan=True)
        if not wrong.any():
            return right
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        nudge = next((text for bad, text in mistakes if np.shape(bad) == got.shape and np.allclose(got, bad)), "")
        at = f"[{', '.join(map(str, place))}]" if place else "it"
        raise Wrong(
            f"{wrong.sum()} of {wrong.size} entries are wrong. The first is {at}",
            compared(expected[place], got[place]),
            nudge,
        )

    return _with_mistakes(judge, _as_answers(mistakes))


def measurements(bands, *, mistakes=(), right="right"):
    """Judge a dict of measured numbers: each must lie in its band (lowest, highest).

    `mistakes` is a sequence of (wrong dict, words) or (wrong dict, words, kin). What the wrong dict leaves out is
    right, in the middle of its band. `kin(answer)` receives a dict with every value a float, and says whether it
    deserves these words; without it, an answer does that has these numbers, its first wrong one among them.
    """
    middle = {name: (lowest + highest) / 2 for name, (lowest, highest) in bands.items()}

    def words_for(values, off):
        for wrong, words, *kin in mistakes:
            close = (math.isclose(values[name], value, rel_tol=0.006, abs_tol=1e-12) for name, value in wrong.items())
            if kin[0](values) if kin else off in wrong and all(close):
                return words
        return ""

    names = ", ".join(f'"{name}"' for name in bands)

    def judge(answer):
        if not isinstance(answer, dict):
            raise Wrong(f"expected a dict with the keys {names}, got {described(answer)}")
        blank = [name for name in bands if name in answer and (answer[name] is None or answer[name] is ...)]
        if blank:
            raise StillToDo(f"these are still blank: {', '.join(blank)}")
        missing, strange = [n for n in bands if n not in answer], [str(n) for n in answer if n not in bands]
        if missing or strange:
            raise Wrong(
                f"expected a dict with the keys {names}",
                f"missing: {', '.join(missing)}" if missing else "",
                f"unknown: {', '.join(strange)}" if strange else "",
            )
        values = {name: _as_number(answer[name], f'a number under "{name}"') for name in bands}
        for name, (lowest, highest) in bands.items():
            if not lowest <= values[name] <= highest:
                size = "large" if values[name] > highest else "small"
                size = "not a number" if math.isnan(values[name]) else f"too {size}"
                raise Wrong(f'"{name}" is {values[name]:.4g}: {size}', words_for(values, name))
        return right

    return _with_mistakes(judge, lambda: [(middle | wrong, words) for wrong, words, *_ in mistakes])


def choice(right, mistakes, *, praise="right"):
    """Judge one of several given answers; `mistakes` are all the others, each with what speaks against it."""
    wrong = dict(mistakes)
    options = sorted([right, *wrong])

    def judge(answer):
        if not isinstance(answer, str):
            raise Wrong(f"expected one of {', '.join(map(repr, options))}, got {described(answer)}")
        chosen = answer.strip().strip("().").lower()
        if chosen == right:
            return praise
        if chosen not in wrong:
            raise Wrong(f"expected one of {', '.join(map(repr, options))}, got {described(answer)}")
        raise Wrong(f"it is not {chosen!r}", wrong[chosen])

    return _with_mistakes(judge, _as_answers(mistakes))


# ---- SymPy ---------------------------------------------------------------------------------------

# No zeros, no ones, no symmetry: places where two different formulas do not agree by accident.
PLACES = (Fraction(2, 7), Fraction(-5, 11), Fraction(13, 9), Fraction(-17, 8), Fraction(23, 10))


def _is_matrix(expression):
    import sympy

    return isinstance(expression, sympy.MatrixBase | sympy.MatrixExpr)


def _explicit(matrix):
    """Return a matrix entry by entry: products and derivatives carried out."""
    import sympy

    matrix = matrix.doit()
    return matrix if isinstance(matrix, sympy.MatrixBase) else matrix.as_explicit()


def _matrix_difference(first, second):
    """Return the first entry in which two matrices differ and `_difference` there, or None where they agree."""
    if not (_is_matrix(first) and _is_matrix(second)) or first.shape != second.shape:
        return None, "another shape"
    for at, entries in enumerate(zip(_explicit(first), _explicit(second), strict=True)):
        # One place for each entry, another each time: there are many entries, and a check is to be quick.
        if found := _difference(*entries, places=PLACES[at % 5 :] + PLACES[: at % 5], tried=1):
            return divmod(at, first.shape[1]), found
    return None


def _difference(first, second, places=PLACES, tried=None):
    """Return a place where two expressions differ, with both values at 30 digits, or None where they agree.

    `tried` is how many places are tried: by default all of them.
    """
    import sympy

    if _is_matrix(first) or _is_matrix(second):
        return _matrix_difference(first, second)
    slow = (sympy.Derivative, sympy.Integral, sympy.Limit, sympy.Sum)  # quicker in closed form
    first, second = (side.doit() if side.has(*slow) else side for side in (first, second))
    names = sorted({symbol.name for symbol in first.free_symbols | second.free_symbols})
    for start in range(tried or len(places)):
        values = {name: sympy.Rational(places[(start + i) % len(places)]) for i, name in enumerate(names)}
        here = [
            expression.subs({symbol: values[symbol.name] for symbol in expression.free_symbols}).evalf(30)
            for expression in (first, second)
        ]
        apart = (here[0] - here[1]).evalf(30)
        if not apart.is_number or abs(apart) > sympy.Float("1e-20") * (1 + abs(here[1])):
            return values, here
    return None


def expression(build, *, right="right", mistakes=(), places=PLACES):
    """Judge a SymPy expression; every equivalent form is right.

    Parameters
    ----------
    build : callable
        Returns the right expression; called when an answer is judged, so that SymPy is imported only then.
    mistakes : sequence of (callable, words)
        Each callable returns a typical wrong expression.
    places : tuple of numbers
        Where the two are compared, at 30 digits, each symbol at a different place each time.
    """

    def judge(answer):
        import sympy

        wanted = build()
        names = ", ".join(sorted(symbol.name for symbol in wanted.free_symbols))
        if isinstance(answer, str):
            raise Wrong(f"expected a SymPy expression in {names}, got {described(answer)}", "write it without quotes")
        try:
            given = sympy.sympify(answer)
        except (sympy.SympifyError, TypeError, AttributeError):
            given = None
        odd = _is_matrix(given) or callable(answer) and not isinstance(answer, sympy.Expr)
        if odd or not isinstance(given, sympy.Expr):
            raise Wrong(f"expected a SymPy expression in {names}, got {described(answer)}")
        strangers = {s.name for s in given.free_symbols} - {s.name for s in wanted.free_symbols}
        if strangers:
            raise Wrong(f"write it in {names}; your expression has {', '.join(sorted(strangers))} in it")
        found = _difference(given, wanted, places)
        if found is None:
            return right
        values, (got, expected) = found
        where = ", ".join(f"{name} = {value}" for name, value in values.items())
        nudge = next((text for wrong, text in mistakes if _difference(given, wrong(), places) is None), "")
        raise Wrong(
            f"your {given} is not it",
            f"at {where} it should be {float(expected):.6g}, yours is {_shown(got)}",
            nudge,
        )

    return _with_mistakes(judge, lambda: [(wrong(), words) for wrong, words in mistakes])


def _form(expression):
    """Return an expression as SymPy writes it by itself, its symbols known by their names only.

    Of a matrix the entries count, multiplied out: whether it was written in one piece or as a sum or product is free.
    """
    import sympy

    if _is_matrix(expression):
        return _explicit(expression).applyfunc(lambda entry: _form(sympy.expand(entry))).as_immutable()
    if isinstance(expression, sympy.Symbol):
        return sympy.Symbol(expression.name)
    return expression.func(*map(_form, expression.args)) if expression.args else expression


def _spelt_out(expression, meanings):
    """Return an expression with names replaced by what they stand for, {name: expression}."""
    names = [symbol for symbol in expression.free_symbols if symbol.name in meanings]
    return expression.xreplace({symbol: meanings[symbol.name] for symbol in names})


def _shown(value):
    return f"{float(value):.6g}" if value.is_real else str(value)


def _on_one_line(expression, most=160):
    text = " ".join(str(expression).split())
    return text if len(text) <= most else text[:most] + "…"


def _judge_steps(answer, first, least):
    """Raise if a proof has too few steps that change anything, or a step without a reason."""
    steps = list(getattr(answer, "steps", ()))
    # A matrix is taken as written: multiplied out, as `_form` has it, its steps would look alike.
    lines = [line if _is_matrix(line) else _form(line) for line in (first, *(step.expr for step in steps))]
    idle = [number for number in range(1, len(lines)) if lines[number - 1] == lines[number]]
    if len(answer) - len(idle) < least:
        raise Wrong(
            "right, but in one leap, which a reader cannot follow",
            f"step {idle[0]} only says again what stood there before: a step must change something" if idle else "",
            f"write at least {least} steps, each with the rule that allows it",
        )
    for number, step in enumerate(steps, start=1):
        if not step.reason.strip():
            raise Wrong(f"every step holds, but step {number} has no reason", "name the rule that allows it")


def derivation(
    start, goals, *, least_steps=2, goal_in_words, mistakes=(), right="", define=dict, given=dict, places=PLACES
):
    """Judge a `Derivation`: it must begin at `start`, end at one of the `goals` as written, in steps with reasons.

    `start()` and `goals()` build the expressions or matrices; `mistakes` is a sequence of (callable building a last
    line that is not the goal, words). `define()` says what the names in them stand for, {"u": expression}; where the
    proof assumes an equation, `given()` solves it for a name, {"p": expression}. That each step holds was proved when
    it was written; here it is only looked at again with numbers, at the `places`.
    """

    def judge(answer):
        import sympy

        if isinstance(answer, (sympy.Basic, str)) or not hasattr(answer, "then"):
            raise Wrong(
                f"expected a Derivation, got {described(answer)}",
                "give the whole proof, not its last line: the object that has the steps",
            )
        if len(answer) == 0:
            raise StillToDo("your Derivation has no steps yet: proof.then(expression, reason)")
        first, wanted, result = sympy.sympify(answer.start), start(), answer.result
        meanings, assumed = define(), given()
        # Where nothing is assumed a goal equals the start, and is often the simpler of the two: no integral, say.
        simple = _spelt_out(wanted if assumed else goals()[0], meanings)
        differ = _form(first) != _form(wanted) and _difference(_spelt_out(first, meanings), simple, places) is not None
        if differ or first.has(sympy.Derivative) != wanted.has(sympy.Derivative):
            raise Wrong(f"your proof starts from {_on_one_line(first)}", f"it should start from {_on_one_line(wanted)}")
        form = _form(result)
        if form not in [_form(goal) for goal in goals()]:
            sides = (_spelt_out(side, meanings | assumed) for side in (result, simple))
            if form != _form(wanted) and _difference(*sides, places) is not None:
                raise Wrong(f"your last line, {_on_one_line(result)}, does not equal your first")
            nudge = next((text for wrong, text in mistakes if form == _form(wrong())), "")
            raise Wrong(
                f"every step holds, but the proof is not there yet: it ends at {_on_one_line(result)}",
                f"the goal is {goal_in_words}",
                nudge,
            )
        _judge_steps(answer, first, least_steps)
        return f"proved in {len(answer)} steps" + (f"; {right}" if right else "")

    return _with_mistakes(judge, lambda: [(_Ending(start(), wrong()), words) for wrong, words in mistakes])


@dataclass(frozen=True)
class _Ending:
    """A proof of which only the first and the last line are known."""

    start: object
    result: object
    then = None

    def __len__(self):
        return 1


# ---- the lines of a figure -----------------------------------------------------------------------

COARSE = 0.02  # how far a drawn line may be from the curve between two of its points, in heights of the curve
LINE_STYLES = {"-": "solid", "--": "dashed", ":": "dotted", "-.": "dash-dotted"}
WIDEST_GAP = 0.04  # how much of the window a line may leave out where it breaks off at a jump


@dataclass(frozen=True)
class Curve:
    """What a figure should show: a name for messages, `values(x)`, and the `jumps`, where it has no value."""

    name: str
    values: Callable
    jumps: tuple[float, ...] = ()

    def limits(self, jump):
        """Return the values just left and just right of a jump."""
        sides = np.array([np.nextafter(jump, -np.inf), np.nextafter(jump, np.inf)])
        return tuple(float(value) for value in self.values(sides))


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A line as it was drawn: its points, with NaN where it breaks off, and its style."""

    name: str
    x: np.ndarray
    y: np.ndarray
    style: object

    def pieces(self):
        """Return the straight pieces from left to right, (4, pieces): x and y of their two ends."""
        ends = np.stack([self.x[:-1], self.y[:-1], self.x[1:], self.y[1:]])
        ends = ends[:, np.isfinite(ends).all(axis=0)]
        return np.where(ends[0] <= ends[2], ends, ends[[2, 3, 0, 1]])

    def wrong(self, curve):
        """Return which points are not on the curve; at a jump itself none is judged, the pieces will tell."""
        here = np.isfinite(self.x) & np.isfinite(self.y)
        for jump in curve.jumps:
            here &= ~_at(self.x, jump)
        return here & ~np.isclose(self.y, curve.values(self.x), rtol=1e-5, atol=1e-6)

    def fits(self, curve):
        """Return whether all its points are on the curve; a level line that goes on through a jump shows another."""
        x0, y0, x1, y1 = self.pieces()
        level = any(((x0 < jump) & (x1 > jump) & (y0 == y1)).any() for jump in curve.jumps)
        return x0.size > 0 and not level and not self.wrong(curve).any()


def _at(x, jump):
    return np.abs(x - jump) <= 1e-9 * (1 + abs(jump))


def figure_lines(curves, window, *, mistakes=(), right="right"):
    """Judge a figure by the data of its lines: is each curve there, honest at its jumps, named and told apart?

    Parameters
    ----------
    curves : sequence of Curve
        A line may break off at a jump, and must not run across it. One curve may be drawn in several lines.
    window : (lowest, highest)
        The x over which each curve must be drawn.
    mistakes : sequence of (wrong function, words) or (wrong function, words, kin)
        The function gives the heights of a wrong line; `kin(x, got, expected)` tells who else gets these words.

    The answer is a matplotlib Axes, a Figure, or whatever has one as its `figure`. Lines across the whole axes, such as
    those of `axvline`, and points without a line are left out.
    """

    def judge(answer):
        axes = _only_axes_of(answer)
        drawn = _lines_on(axes)
        fitting = {curve.name: [line for line in drawn if line.fits(curve)] for curve in curves}
        strange = [line for line in drawn if not any(line in lines for lines in fitting.values())]
        for curve in curves:
            for line in fitting[curve.name]:
                _judge_jumps(line, curve)
        for curve in curves:
            missing = _left_out(fitting[curve.name], curve, window)
            off = [line for line in strange if line.wrong(curve).any()]
            closest = [line for line in off if _closest(line, curves) is curve]
            if missing and off:
                _complain_of_values((closest or off)[0], curve, mistakes)
            _judge_between_points(fitting[curve.name], curve, window)
            if missing:
                _complain_of_gap(fitting[curve.name], curve, missing, window)
        _judge_words(axes, curves)
        _judge_styles(fitting, curves)
        return right

    return _with_mistakes(
        judge, lambda: [(_with_one_wrong(wrong, curves, window), text) for wrong, text, *_ in mistakes]
    )


def _with_one_wrong(values, curves, window):
    """Return an axes with a wrong line for the curve that it is closest to, and the other curves as they should be."""
    from matplotlib.figure import Figure

    axes, x = Figure().subplots(), np.sort([*np.linspace(*window, 401), *(at for one in curves for at in one.jumps)])
    meant = min(curves, key=lambda curve: (~np.isclose(values(x), curve.values(x))).sum())
    for curve in curves:
        gaps = np.any([_at(x, jump) for jump in curve.jumps], axis=0)
        axes.plot(x, values(x) if curve is meant else np.where(gaps, np.nan, curve.values(x)))
    return axes


def _only_axes_of(answer):
    """Return the axes that somebody drew on; they must be the only ones of their figure."""
    figure = answer if hasattr(answer, "get_axes") else getattr(answer, "figure", None)
    if not hasattr(figure, "get_axes"):
        raise Wrong(
            f"expected a figure or its axes, got {described(answer)}",
            "give what you drew on: the object whose method `plot` you called",
        )
    used = [axes for axes in figure.get_axes() if axes.lines or axes.collections]
    if not used:
        raise StillToDo("nothing is drawn on the axes yet")
    if len(used) > 1:
        raise Wrong(
            f"your figure has {len(used)} axes with lines on them",
            "draw all curves on one: only on one scale can heights and slopes be compared",
        )
    return used[0]


def _lines_on(axes):
    """Return the lines on an axes that a reader sees, those of `hlines` and `vlines` among them."""
    from matplotlib import cbook  # whoever has a figure has matplotlib

    drawn, only_points = [], False
    for artist in [*axes.lines, *(part for part in axes.collections if hasattr(part, "get_segments"))]:
        if not artist.get_visible() or artist.get_transform() != axes.transData:  # as of axvline
            continue
        if hasattr(artist, "get_segments"):
            rows = [row for segment in artist.get_segments() for row in (*segment, (np.nan, np.nan))]
            x, y = np.array(rows, dtype=np.float64).reshape(-1, 2).T
            _, dashes = artist.get_linestyle()[0]
            style = "solid" if dashes is None else "dashed"
        elif str(artist.get_linestyle()).strip().lower() in ("", "none"):
            only_points = True
            continue
        else:
            x, y = (np.asarray(values, dtype=np.float64) for values in artist.get_data(orig=False))
            x, y = cbook.STEP_LOOKUP_MAP[artist.get_drawstyle()](x, y)  # steps are drawn with their strokes
            style = LINE_STYLES.get(artist.get_linestyle(), "dashed")
        label = str(artist.get_label())
        name = f"the line “{label}”" if label and not label.startswith("_") else f"line {len(drawn) + 1}"
        marker = getattr(artist, "get_marker", lambda: None)()
        drawn.append(_Drawn(name, x, y, (style, None if marker in ("None", "none", "", " ") else marker)))
    if not drawn:
        nudge = 'axes.plot(x, y, "-") draws a line, axes.plot(x, y, ".") points only' if only_points else ""
        raise Wrong("there is no line on your axes", nudge)
    return drawn


def _closest(line, curves):
    """Return the curve that most of a line's points are on."""
    return min(curves, key=lambda curve: line.wrong(curve).sum())


def _judge_jumps(line, curve):
    """Raise if a line runs across a jump, or up to a value that the curve does not have on that side."""
    x0, y0, x1, y1 = pieces = line.pieces()
    for jump in curve.jumps:
        left, right = curve.limits(jump)
        begins, ends = _at(x0, jump), _at(x1, jump)
        across = (x0 < jump) & (x1 > jump) & ~begins & ~ends
        astray = (ends & ~begins & ~np.isclose(y1, left)) | (begins & ~ends & ~np.isclose(y0, right))
        joined = across | astray | (begins & ends & (y0 != y1))
        if joined.any():
            a, b, c, d = (float(end) for end in pieces[:, joined][:, 0])
            raise Wrong(
                f"{line.name} runs across the jump of {curve.name} at x = {jump:g}",
                f"it goes from ({a:.4g}, {b:.4g}) to ({c:.4g}, {d:.4g}), as if {curve.name} took the values between",
                "let it break off there: a point with y = np.nan at the jump interrupts a line; or draw it in pieces",
            )


def _left_out(lines, curve, window):
    """Return the first stretch (from, to) of the window that no line covers, or None; small gaps at jumps are free."""
    ends = np.concatenate([np.empty((4, 0)), *(line.pieces() for line in lines)], axis=1)[[0, 2]]
    reached, (low, high) = float(window[0]), window
    free = WIDEST_GAP * (high - low)
    for start, end in (*ends[:, np.argsort(ends[0], kind="stable")].T, (high, high)):
        at_jump = any(reached - 1e-9 <= jump <= start + 1e-9 for jump in curve.jumps) and start - reached <= free
        if start > reached + 1e-9 * (high - low) and not at_jump:
            return reached, float(min(start, high))
        reached = max(reached, float(end))
    return None


def _complain_of_values(line, curve, mistakes):
    wrong = np.flatnonzero(line.wrong(curve))
    here = np.isfinite(line.x) & np.isfinite(line.y)
    expected = np.asarray(curve.values(line.x), dtype=np.float64)
    how = np.abs(line.y - expected)[wrong]
    worst = wrong[_plainest_of_the_worst(line.x[wrong], how)]
    nudge = _words_for(mistakes, (line.x[here],), line.y[here], expected[here], alike=_to_six_digits)
    raise Wrong(
        f"{line.name} is not {curve.name}: {wrong.size} of its {here.sum()} points are off. "
        f"Worst: x = {line.x[worst]:.6g}",
        compared(expected[worst], line.y[worst]),
        nudge,
    )


def _judge_between_points(lines, curve, window):
    """Raise if a line has so few points that it cuts the curve's corners."""
    inside = np.linspace(*window, 201)
    height = np.ptp(curve.values(inside))
    part = np.linspace(0, 1, 7)[1:-1, None]
    for line in lines:
        x0, y0, x1, y1 = line.pieces()
        x, y = x0 + part * (x1 - x0), y0 + part * (y1 - y0)
        off = np.abs(y - curve.values(x))
        if off.size and off.max() > COARSE * height:
            place = np.unravel_index(np.argmax(off), off.shape)
            raise Wrong(
                f"{line.name} has too few points: between two of them it leaves {curve.name}, at x = {x[place]:.4g}",
                compared(float(curve.values(x[place][None])[0]), y[place]),
                "a kink needs a point on it, or many points around it",
            )


def _complain_of_gap(lines, curve, missing, window):
    low, high = missing
    if not lines:
        places = (low + part * (high - low) for part in (0.5, 0.6))
        x = next(x for x in places if not any(_at(x, jump) for jump in curve.jumps))
        height = float(np.asarray(curve.values(np.array([x])))[0])
        raise Wrong(f"no line shows {curve.name}", f"at x = {x:g}, for instance, it should have the height {height:g}")
    raise Wrong(
        f"{curve.name} is not drawn from x = {low:.4g} to x = {high:.4g}",
        _why_there_is_no_gap(curve, low, high, window),
    )


def _why_there_is_no_gap(curve, low, high, window):
    """Return what speaks against a gap: a piece was forgotten, an end, or it is too wide for a jump."""
    free = WIDEST_GAP * (window[1] - window[0])
    borders = sorted((*window, *curve.jumps))
    for start, end in zip(borders, borders[1:], strict=False):
        if curve.jumps and low <= start + free and high >= end - free:
            values = curve.values(np.linspace(start, end, 9)[1:-1])
            value = f", {values[0]:g}" if np.ptp(values) == 0 else ""
            return f"{curve.name} has a value there too{value}: draw that piece as well"
    if any(low - 1e-9 <= jump <= high + 1e-9 for jump in curve.jumps):
        return "a line may break off at a jump, but closer to it"
    at_an_end = low <= window[0] or high >= window[1]
    asked = f", and the exercise asks for x from {window[0]:g} to {window[1]:g} at least" if at_an_end else ""
    return f"{curve.name} has a value there{asked}"


def _judge_words(axes, curves):
    for axis, label in (("x", axes.get_xlabel()), ("y", axes.get_ylabel())):
        if not label.strip():
            raise Wrong(
                f"the lines are right, but the {axis}-axis has no label",
                f'a reader must know what goes to the {"right" if axis == "x" else "top"}: axes.set({axis}label="…")',
            )
    legends = [axes.get_legend(), *axes.figure.legends]
    texts = [text for legend in legends if legend for text in legend.get_texts()] + list(axes.texts)
    if len({text.get_text().strip() for text in texts} - {""}) < len(curves):
        raise Wrong(
            "the lines are right, but a reader cannot tell which is which",
            'give each a label of its own, axes.plot(…, label="…"), and then call axes.legend()',
        )


def _judge_styles(fitting, curves):
    for i, one in enumerate(curves):
        for other in curves[i + 1 :]:
            # A line may be part of both curves, as where f and f′ are both 0.
            mine = {line.style for line in fitting[one.name] if line not in fitting[other.name]}
            theirs = {line.style for line in fitting[other.name] if line not in fitting[one.name]}
            if mine & theirs:
                style = min(mine & theirs, key=str)[0]
                raise Wrong(
                    f"{one.name} and {other.name} are both {style} lines: in a grey print nobody can tell them apart",
                    'colour alone does not reach everybody: give one of them another style, axes.plot(…, "--")',
                )
