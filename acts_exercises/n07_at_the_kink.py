"""The exercises of 07_at_the_kink."""

import re
from functools import cache

import numpy as np

from acts import elementwise
from acts_exercises import Exercise, StillToDo, Wrong, judges
from acts_exercises.messages import compared, described

# ---- predict -------------------------------------------------------------------------------------

# What the chain rule finds at 0 in each program of exercise 1.
SLOPES_OF_X = {"shifted": 1, "doubled": -1, "half": 0.5, "minimum": 0.5, "leaky": 0.4}


_A_FUNCTION_NOT_A_PROGRAM = "1 is the slope of the function x; the question is what the chain rule finds in a program"
_INNER_MINUS = "the inner slope of −x is −1, and there is a minus in front as well: the two terms have the same sign"

WAYS = Exercise(
    name="ways_to_write_x",
    judge=judges.measurements(
        {name: (slope - 1e-6, slope + 1e-6) for name, slope in SLOPES_OF_X.items()},
        right="all five: one function, and the chain rule finds four different slopes for it",
        mistakes=(
            ({"shifted": 0}, "what do the two relus get when x is 0? The convention holds for an exact 0 only"),
            ({"shifted": 2}, "one of the two relus gets −1 here, and is flat there"),
            ({"shifted": 0.5}, "nobody stands on a kink here when x is 0: no convention is needed"),
            ({"doubled": 1}, _A_FUNCTION_NOT_A_PROGRAM),
            ({"doubled": 0}, "both relus pass on nothing, and what stands behind them?"),
            ({"doubled": 3}, "that would be with relu′(0) = 1"),
            ({"doubled": 2}, "relu′(0) is 0 here, not 1"),
            ({"doubled": 4}, "relu′(0) is 0 here, not 1"),
            ({"half": 1}, _A_FUNCTION_NOT_A_PROGRAM),
            ({"half": 0}, "both relus pass on nothing, and what stands before them?"),
            ({"half": 1.5}, "that would be with relu′(0) = 1"),
            ({"minimum": 1}, "at a tie x gets only its share of the slope"),
            ({"minimum": 0}, "relu passes on nothing; minimum has no such convention: at a tie it shares"),
            ({"minimum": 1.5}, "relu′(0) is 0 here, not 1"),
            ({"leaky": 1}, _A_FUNCTION_NOT_A_PROGRAM),
            ({"leaky": 0}, _INNER_MINUS),
            ({"leaky": 0.2}, "that is one of the two terms; what does the other bring?"),
            ({"leaky": 0.5}, "and the division by 1 + α?"),
            ({"leaky": 0.25}, "α is the slope of one leaky; here are two of them, and a division"),
            ({"leaky": 1.6}, "that is with the slope 1 at 0, as in JAX; here it is α, as in PyTorch"),
            ({"leaky": 0.6}, _INNER_MINUS),
        ),
    ),
)


def _near(value):
    """Return a number with all its digits, and as students round it."""
    return value, round(value, 4), round(value, 3), round(value, 2)


OFF = Exercise(
    name="off_is_off",
    judge=judges.number(
        1 - (7 / 8) ** 9,
        what="a share between 0 and 1",
        tolerance=0.0051,
        right="right: 1 − (7/8)⁹. What is off stays off, so the share only grows with depth",
        mistakes=(
            *((wrong, "that is how often an image arrives, not how often it does not") for wrong in _near(7**9 / 8**9)),
            *(
                (wrong, "count the layers that can be off *before* layer 10")
                for wrong in (*_near(1 - (7 / 8) ** 10), *_near(1 - (7 / 8) ** 8))
            ),
            *((wrong, "the answer is a share between 0 and 1, not per cent") for wrong in (70, 69.9, 69.93)),
            *((wrong, "that is one layer; here nine come before, and each may be the one") for wrong in (0.125, 0.13)),
            *((wrong, "with one *unit* in each layer: here there are three") for wrong in _near(1 - 0.5**9)[:3]),
            (1.125, "nine times 1/8 counts the images twice that are off twice; no share is above 1"),
            *((wrong, "all nine layers need not be off: one is enough") for wrong in (0.125**9, 0.0)),
            (0.5, "a single unit is off half of the time; but z is 0 only if all units of a layer below are off"),
            *((wrong, "one unit that is on is enough for something to get through") for wrong in _near(1 - 0.125**9)),
        ),
    ),
)

# ---- implement: softplus -------------------------------------------------------------------------


def _stable(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _finite_and(x, condition):
    with np.errstate(invalid="ignore"):
        return np.isfinite(x) & condition


def _infinite_on(*signs):
    """Return a test: is it infinite, or NaN, far out on just these sides?"""

    def recognised(x, got, expected):
        far = (bool((~np.isfinite(got[_finite_and(x, sign * x >= 720)])).any()) for sign in (1, -1))
        return [sign for sign, lost in zip((1, -1), far, strict=True) if lost] == list(signs)

    return recognised


def _left_is_zero(x, got, expected):
    return bool(np.all(got[_finite_and(x, (x <= -40) & (x >= -700))] == 0))


def _both_lost(x, got, expected):
    return _infinite_on(1)(x, got, expected) and _left_is_zero(x, got, expected)


def _cut_over(x, got, expected):
    """Is x returned as it is far out on the right, where that is not right yet?"""
    beyond = _finite_and(x, x >= 24)
    return bool(np.all(got[beyond] == x[beyond])) and not np.allclose(got, expected, rtol=1e-12, atol=0, equal_nan=True)


def _no_digits_on_the_left(x, got, expected):
    """Is it right for x ≥ 0, and roughly so for x < 0, where the digits run out?"""
    right = _finite_and(x, x >= 0)
    return np.allclose(got[right], expected[right], rtol=1e-12, atol=0) and np.allclose(
        got[~right], expected[~right], rtol=0, atol=1e-8, equal_nan=True
    )


def _flat_far_out(x, got, expected):
    far = _finite_and(x, x >= 720)
    return bool(np.all(got[far] == got[far][0])) and 1 < got[far][0] < 1e4


def _mirrored(x, got, expected):
    near = _finite_and(x, np.abs(x) <= 20)
    return np.allclose(got[near], _stable(-x[near]), rtol=1e-6, atol=0)


def _times(factor):
    """Return a test: is it the right value times this factor, where nothing overflows or is lost?"""

    def recognised(x, got, expected):
        near = _finite_and(x, np.abs(x) <= 20)
        return np.allclose(got[near], factor * expected[near], rtol=1e-6, atol=0)

    return recognised


_judge_softplus = judges.function_of_array(
    "softplus",
    mistakes=(
        (lambda x: _stable(-x), "this falls from left to right, and softplus rises: a sign is swapped", _mirrored),
        *(
            (
                lambda x, base=base: _stable(x) / np.log(base),
                f"right but for a factor: that is the logarithm to base {base}, the natural one is meant",
                _times(1 / np.log(base)),
            )
            for base in (2, 10)
        ),
        (lambda x: np.maximum(x, 0), "this is the ReLU itself; the smooth one is log 2 at 0, not 0"),
        (elementwise.sigmoid, "this is the sigmoid, the slope of softplus"),
        (
            lambda x: np.log1p(np.exp(-np.abs(x))),
            "right for x ≤ 0; with −|x| in the exponent the other side needs x added: what is 0 on the left and x on "
            "the right?",
        ),
        (
            lambda x: np.log(1 + np.exp(x)),
            "both sides are lost: far right something overflows, or the logarithm is given a 0; far left log(1 + a "
            "tiny number) is log(1) = 0",
            _both_lost,
        ),
        (
            lambda x: np.log1p(np.exp(x)),
            "the left tail is saved; but eˣ still overflows for x above 709",
            _infinite_on(1),
        ),
        (
            lambda x: x + np.log1p(np.exp(-x)),
            "the right side is saved; but now e⁻ˣ overflows for x below -709: |x| instead of x serves both sides",
            _infinite_on(-1),
        ),
        (
            lambda x: x / 2 + np.log(2 * np.cosh(x / 2)) + 0 * np.exp(np.abs(x)),
            "far out something overflows on both sides: let exp have no positive exponent",
            _infinite_on(1, -1),
        ),
        (
            lambda x: np.log1p(np.exp(np.clip(x, -745, 709))),
            "a clip stops the overflow, but softplus must go on rising: for large x it is x",
            _flat_far_out,
        ),
        (
            lambda x: np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x))),
            "far left 0 comes out, where the true value is eˣ: 1 + eˣ has been rounded to 1. np.log1p(u) is log(1 + u) "
            "for a tiny u too",
            _left_is_zero,
        ),
        (
            lambda x: np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20)))),
            "beyond 20 softplus is not x yet, as these digits show: log1p(e^(−x)) can stay for every x > 0, and no "
            "threshold is needed",
            _cut_over,
        ),
        (
            lambda x: np.where(x > -20, _stable(x), np.exp(x)),
            "left of 0 the digits run out: something small is the difference of two large numbers, or 1 + eˣ has been "
            "rounded before the logarithm",
            _no_digits_on_the_left,
        ),
    ),
)


def _calls(function, name):
    """Return whether a function is the course's one of that name, or uses it."""
    names = getattr(getattr(function, "__code__", None), "co_names", ())
    return function is getattr(elementwise, name) or name in names


def _judge_own_softplus(function):
    if "logaddexp" in getattr(getattr(function, "__code__", None), "co_names", ()):
        raise Wrong(
            "np.logaddexp(0, x) is softplus, and at work you should take it; here you write what is inside",
            "np.exp, np.log and np.log1p are welcome",
        )
    if _calls(function, "softplus"):
        raise Wrong("that is somebody else's softplus; here you write one", "np.exp, np.log and np.log1p are welcome")


SOFTPLUS = Exercise(
    name="softplus",
    judge=judges.in_turn(_judge_own_softplus, _judge_softplus),
)

# ---- implement: the subgradient ------------------------------------------------------------------

# (alpha, at_zero): each end and an inner point for every kind of corner, and what lies outside.
LEGAL = (
    (0.1, 0.55), (0.1, 0.1), (0.1, 1.0), (0.0, 0.0), (0.0, 1.0), (2.0, 1.5), (2.0, 1.0), (2.0, 2.0), (1.0, 1.0),
    (-0.5, 0.0), (-0.5, -0.5), (-0.5, 1.0),
)  # fmt: skip
ILLEGAL = (
    (0.1, 0.0), (0.01, 0.0), (0.1, 1.5), (0.1, -0.1), (0.0, -0.25), (2.0, 0.5), (2.0, 2.5), (1.0, 0.5), (-0.5, -0.75),
    (-0.5, 1.25), (0.1, float("nan")),
)  # fmt: skip
_X = np.array([-3.0, -0.5, 0.0, -0.0, 0.25, 2.0, np.nan])
_NEXT_TO_0 = np.array([1e-300, -1e-300, 5e-324, -5e-324, 1e-9, -1e-9])


def _legal(alpha, at_zero):
    return min(alpha, 1) <= at_zero <= max(alpha, 1)


_ENDS = "the two ends, α and 1 themselves, belong to the interval"


def _slopes(x, alpha, v):
    return np.where(x > 0, 1.0, np.where(x < 0, alpha, np.where(x == 0, v, np.nan)))


def _leaky(legal=_legal, slopes=_slopes):
    """Return a function that takes as legal what this rule does, and then returns these slopes."""

    def altered(x, alpha, at_zero):
        if not legal(alpha, at_zero):
            raise ValueError(f"at_zero must lie from {min(alpha, 1)} to {max(alpha, 1)}; got {at_zero}")
        return slopes(np.asarray(x), alpha, at_zero)

    return altered


_WRONG_SUBGRADIENTS = (
    (
        _leaky(lambda alpha, v: True),
        "it refuses nothing at all: `raise ValueError(…)` before anything else is computed",
    ),
    (
        _leaky(lambda alpha, v: alpha <= v <= 1),
        "the slopes of both sides are the ends, and for α > 1 the slope of the right side, 1, is the smaller one",
    ),
    (_leaky(lambda alpha, v: 0 <= v <= 1), "0 to 1 is the interval of ReLU; here the left side has the slope α"),
    (
        _leaky(lambda alpha, v: v in (0, 1)),
        "0 or 1, says the article; but that is ReLU, and what lies between is legal too",
    ),
    (_leaky(lambda alpha, v: v in (alpha, 1)), "everything between the two slopes is legal too: the fan has no gaps"),
    (_leaky(lambda alpha, v: min(alpha, 1) < v < max(alpha, 1)), _ENDS),
    (_leaky(lambda alpha, v: min(alpha, 1) <= v < max(alpha, 1)), _ENDS),
    (_leaky(lambda alpha, v: min(alpha, 1) < v <= max(alpha, 1)), _ENDS),
    (
        _leaky(lambda alpha, v: max(0, min(alpha, 1)) <= v <= max(alpha, 1)),
        "a negative α is allowed: then the interval begins below 0",
    ),
    (
        _leaky(lambda alpha, v: not (v < min(alpha, 1) or v > max(alpha, 1))),
        "nan is neither below the one end nor above the other; ask whether it lies between, and refuse if not",
    ),
    (
        _leaky(slopes=lambda x, alpha, v: np.where(x > 0, 1.0, np.where(x < 0, alpha, v))),
        "NaN is neither above nor below 0, so it has ended where 0 belongs: what is not a number must stay NaN",
    ),
    (
        _leaky(slopes=lambda x, alpha, v: np.where(x > 0, 1.0, np.where(x == 0, v, alpha))),
        "NaN is neither above 0 nor 0, so it has ended on the left side: what is not a number must stay NaN",
    ),
    (
        _leaky(slopes=lambda x, alpha, v: np.where(x < 0, alpha, np.where(x == 0, v, 1.0))),
        "NaN is neither below 0 nor 0, so it has ended on the right side: what is not a number must stay NaN",
    ),
    (
        _leaky(slopes=lambda x, alpha, v: np.where(x > 0, 1.0, alpha)),
        "at_zero has no effect: an x that is exactly 0 takes α",
    ),
    (
        _leaky(slopes=lambda x, alpha, v: np.where(x >= 0, 1.0, alpha)),
        "at_zero has no effect: an x that is exactly 0 takes 1",
    ),
    (
        _leaky(slopes=lambda x, alpha, v: np.where(x > 0, 1.0, v)),
        "at_zero is for an x of exactly 0; below 0 the slope is α",
    ),
    (
        _leaky(slopes=lambda x, alpha, v: np.where(x < 0, alpha, v)),
        "at_zero is for an x of exactly 0; above 0 the slope is 1",
    ),
    (
        _leaky(slopes=lambda x, alpha, v: np.where(x > 0, alpha, np.where(x < 0, 1.0, v))),
        "the sides are swapped: the slope is 1 on the right, α on the left",
    ),
    (_leaky(slopes=lambda x, alpha, v: np.heaviside(x, v)), "that is ReLU's: below 0 the slope is α, not 0"),
    (
        _leaky(slopes=lambda x, alpha, v: np.where(x > 0, x, np.where(x < 0, alpha * x, v))),
        "these are values of the function itself; the question is about its slopes",
    ),
)


_INTEGERS = (
    "integers cannot hold what lies between, nor NaN; an array made like x, by np.full_like or np.piecewise, holds "
    "integers if x does"
)


def _not_zero(name, value):
    """Return what is to be said if a number next to 0 was taken for 0."""
    side, slope = ("above", "1") if value > 0 else ("below", "α")
    return (
        f"{name} = {value:g} is not 0: it is {side} 0, so the slope there is {slope}. `np.isclose` and tolerances have "
        f"no place at a kink; ask {name} == 0"
    )


def _given(alpha, at_zero):
    return f"alpha = {alpha:g}, at_zero = {at_zero:g}"


def _ask(function, x, alpha, at_zero, shown):
    """Return what the function gives and None, or None and the error by which it refuses."""
    given = f"{shown}, {_given(alpha, at_zero)}"
    try:
        got, _ = judges.call(function, x, alpha, at_zero, shown=given)
    except judges.Raised as problem:
        error = problem.error
        if isinstance(error, AssertionError) and not _legal(alpha, at_zero):
            raise Wrong(
                f"your function raised an AssertionError, expected a ValueError: {given}",
                "`assert` is for what cannot happen, and Python may leave it out; a caller's slip is told by "
                "raise ValueError(…)",
            ) from None
        if not isinstance(error, (ValueError, AssertionError)) or "truth value" in str(error):
            raise
        return None, error
    if got is ... or _legal(alpha, at_zero):
        judges.must_return(got)
    if isinstance(got, Exception):
        raise Wrong(f"your function returned an error: {given}", "errors are raised, not returned: raise ValueError(…)")
    return got, None


def _judge_slopes(got, x, alpha, at_zero, shown):
    """Raise unless these are the slopes at x, whatever their dtype."""
    given = f"{shown}, {_given(alpha, at_zero)}"
    if not isinstance(got, (np.ndarray, np.generic, float, int)) or np.asarray(got).dtype.kind not in "fiu":
        raise Wrong(f"your function was given {given} and returned {described(got)}", "expected slopes, one for each x")
    if np.shape(got) != np.shape(x):
        raise Wrong(
            f"your function was given {given} and returned shape {np.shape(got)}, expected {np.shape(x)}",
            "one slope for each x: the shape must stay the same",
        )
    of_integers = np.asarray(x).dtype.kind == "i"
    x, got = np.ravel(np.asarray(x, dtype=np.float64)), np.ravel(got)
    expected = elementwise.leaky_relu_derivative(x, alpha, at_zero)
    wrong = ~np.isclose(got, expected, rtol=1e-9, atol=0, equal_nan=True)
    if not wrong.any():
        return
    at = np.flatnonzero(wrong)[0]
    # A slip with numbers is told first, whatever became of the NaN.
    shown_by = ~np.isnan(x) if wrong[~np.isnan(x)].any() else np.full(x.shape, True)
    nudge = "what is not a number must stay NaN" if np.isnan(x[at]) else ""
    for mistake, words in _WRONG_SUBGRADIENTS:
        typical = _answer(mistake, x, alpha, at_zero)
        if typical is not None and np.allclose(got[shown_by], typical[shown_by], equal_nan=True):
            nudge = words
            break
    if 0 < np.abs(x[at]) <= np.abs(_NEXT_TO_0).max():
        nudge = _not_zero("x", x[at])
    raise Wrong(
        f"wrong at {wrong.sum()} of {wrong.size} places: {given}. The first: x = {x[at]:g}",
        compared(expected[at], got[at]),
        _INTEGERS if of_integers else nudge,
    )


def _judge_subgradient(function):
    if not callable(function) or isinstance(function, type):
        raise Wrong(f"expected a function of x, alpha and at_zero, got {described(function)}")
    if _calls(function, "leaky_relu_derivative"):
        raise Wrong("that is the course's own; here you write one", "np.where, or masks, and one `if` are all it needs")
    accepted, refusals = {}, {}
    for case in (*LEGAL, *ILLEGAL):
        x = _X.copy()
        got, error = _ask(function, x, *case, "an array")
        if not np.array_equal(x, _X, equal_nan=True):
            raise Wrong("your function changed the array it was given", "make a new one, by np.where for instance")
        if error is None:
            accepted[case] = got
        else:
            refusals[case] = error
    if LEGAL[0] in accepted:
        _judge_slopes(accepted[LEGAL[0]], _X, *LEGAL[0], "an array")
    _judge_decisions(accepted, refusals)
    for case in LEGAL:
        _judge_slopes(accepted[case], _X, *case, "an array")
    for case, error in refusals.items():
        _judge_refusal(error, *case)
    _judge_other_inputs(function)
    return f"takes all {len(LEGAL)} legal slopes that were tried, and refuses {len(ILLEGAL)} others and says why"


def _answer(mistake, *arguments):
    """Return what a mistake gives, or None if it refuses."""
    try:
        return mistake(*arguments)
    except ValueError:
        return None


def _accepted(mistake):
    return {case for case in (*LEGAL, *ILLEGAL) if _answer(mistake, _X, *case) is not None}


def _judge_decisions(results, refusals):
    """Raise unless what was accepted is just what is legal; `results` are what was returned then."""
    accepted = set(results)
    wrong = [case for case in (*LEGAL, *ILLEGAL) if (case in accepted) != _legal(*case)]
    if not wrong:
        return
    nudge = next((words for mistake, words in _WRONG_SUBGRADIENTS if _accepted(mistake) == accepted), "")
    (alpha, at_zero), low, high = wrong[0], min(wrong[0][0], 1), max(wrong[0][0], 1)
    if _legal(alpha, at_zero):
        said = f"it says: {refusals[wrong[0]]}" if str(refusals[wrong[0]]) else ""
        raise Wrong(f"refused, though it is legal: {_given(alpha, at_zero)}", said, nudge or _both_slopes(alpha))
    if _is_no_slope(results[wrong[0]], at_zero):
        nudge = "it doesn't raise: neither print nor return is a refusal, raise ValueError(…) is"
    why = f"the slope must lie from {low:g} to {high:g}" if np.isfinite(at_zero) else "nan is not a slope"
    raise Wrong(f"accepted, though it is not legal: {_given(alpha, at_zero)}", why, nudge)


def _is_no_slope(got, at_zero):
    """Return whether a function gave something for a refusal: None, a text, or NaN where a slope was asked for."""
    if got is None or isinstance(got, str):
        return True
    values = np.asarray(got)
    return (
        values.dtype.kind == "f"
        and values.size > 0
        and not np.isnan(at_zero)
        and bool(np.isnan(values[_X == 0] if values.shape == _X.shape else values).all())
    )


def _both_slopes(alpha):
    return f"the two sides have the slopes {alpha:g} and 1; these two and all between them are legal"


def _judge_refusal(error, alpha, at_zero):
    """Raise unless the message of a refusal names both ends of the interval."""
    said = str(error)
    numbers = [abs(float(text)) for text in re.findall(r"\d+\.?\d*(?:e[+-]?\d+)?", said)]
    missing = [end for end in sorted({alpha, 1.0}) if not any(abs(abs(end) - n) < 1e-9 for n in numbers)]
    if missing:
        raise Wrong(
            f"refused, as it should be, but the message does not say the interval: {_given(alpha, at_zero)}",
            f"it says: {said}" if said else "it says nothing",
            f"put both ends into it, as numbers: here {min(alpha, 1):g} and {max(alpha, 1):g}; "
            'f"… from {low} to {high}" does that',
        )


def _judge_other_inputs(function):
    """Raise unless it takes single numbers, integers, a table and nothing at all, and refuses without a 0 too."""
    for x, shown in (
        (0.0, "the number 0.0"),
        (-2.5, "the number -2.5"),
        (_NEXT_TO_0.copy(), "numbers next to 0"),
        (np.array([-2, 0, 3]), "an array of integers"),
        (_X[:6].reshape(2, 3), "a table of shape (2, 3)"),
        (np.empty(0), "an empty array"),
    ):
        got, error = _ask(function, x, 0.1, 0.55, shown)
        if error is not None:
            nudge = _INTEGERS if "integer" in str(error) else ""
            raise Wrong(f"refused, though it is legal: {shown}, {_given(0.1, 0.55)}", f"it says: {error}", nudge)
        _judge_slopes(got, x, 0.1, 0.55, shown)
    _, error = _ask(function, np.array([-1.0, 2.0]), 0.1, 0.0, "no 0 among x")
    if error is None:
        raise Wrong(
            f"accepted, though it is not legal: {_given(0.1, 0)}, with x = -1 and 2",
            "whether a slope is legal does not depend on x: a slip should be seen before the first 0 comes",
        )


_judge_subgradient.mistakes = lambda: list(_WRONG_SUBGRADIENTS)

SUBGRADIENT = Exercise(
    name="subgradient",
    judge=_judge_subgradient,
)

# ---- derive --------------------------------------------------------------------------------------


def _x_big_and_small():
    import sympy

    x = sympy.Symbol("x", real=True)
    return x, (1 + sympy.erf(x / sympy.sqrt(2))) / 2, sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)


def _gelu_slope():
    import sympy

    x, big, _ = _x_big_and_small()
    return sympy.Derivative(x * big, x)


def _goal():
    x, big, small = _x_big_and_small()
    return big + x * small


def _product_rule():
    import sympy

    x, big, _ = _x_big_and_small()
    return big + x * sympy.Derivative(big, x)


def _slope_of_erf():
    import sympy

    x, big, _ = _x_big_and_small()
    return big + x * sympy.Derivative(sympy.erf(x / sympy.sqrt(2)), x) / 2


def _by_erfc():
    import sympy

    x, _, small = _x_big_and_small()
    return sympy.erfc(-x / sympy.sqrt(2)) / 2 + x * small


_NOW_PHI = "the product rule is done; only the slope of Φ is left: what is the derivative of ∫ φ up to x?"

GELU = Exercise(
    name="smoothed_corner",
    judge=judges.derivation(
        _gelu_slope,
        lambda: [_goal()],
        goal_in_words="Φ(x) + x·φ(x), in Python Phi + x * phi",
        right="at 0 that is ½, the middle of ReLU's interval",
        mistakes=(
            (_gelu_slope, "this is still where it starts: use the product rule"),
            (_product_rule, _NOW_PHI),
            (_slope_of_erf, "very close: the slope of erf(u) is 2/√π · e^(−u²), times the inner slope 1/√2"),
            (_by_erfc, "very close: erfc(−u) is 1 + erf(u)"),
        ),
    ),
)

# ---- debug ---------------------------------------------------------------------------------------

ALPHA = 0.01
HE = (np.sqrt(2 / 64), np.sqrt(2 / 16))

CAUSE = Exercise(
    name="frozen_layer",
    judge=judges.choice(
        "d",
        (
            ("a", "make the rate 1000 times larger: it still only guesses. 1000 times nothing is nothing"),
            ("b", "print zs[1].min() and zs[1].max(): are they below 0? And LeakyReLU has a slope there, α"),
            (
                "c",
                "equal they start; but give the slope at 0 the value 1, and they part at once, since the last weights "
                "differ. Something keeps them from starting at all",
            ),
            (
                "e",
                "print the largest entry of each gradient: they do not shrink from layer to layer, they are exactly 0",
            ),
        ),
        praise="right: z is 0 for every image and every unit of the second layer, and the slope written for 0 is 0",
    ),
)


def train(rate, start, slope, steps=80, seed=0):
    """Train the notebook's three layers on the images of `three_digits`; return the weights."""
    images, targets = three_digits()
    weights = start(np.random.default_rng(seed))
    for _ in range(steps):
        zs, signals = [], [images]
        for matrix in weights[:-1]:
            zs.append(signals[-1] @ matrix)
            signals.append(_leaky(zs[-1]))
        upstream = (_shares(signals[-1] @ weights[-1]) - targets) / len(images)
        gradients = [signals[-1].T @ upstream]
        for k in (1, 0):
            upstream = upstream @ weights[k + 1].T * slope(zs[k])
            gradients.insert(0, signals[k].T @ upstream)
        weights = [w - rate * g for w, g in zip(weights, gradients, strict=True)]
    return weights


def share_right(weights):
    """Return the share of the images that a trained network puts into the right class."""
    images, targets = three_digits()
    output = _leaky(_leaky(images @ weights[0]) @ weights[1]) @ weights[2]
    return float(np.mean(np.argmax(output, axis=1) == np.argmax(targets, axis=1)))


def _leaky(z):
    return np.where(z > 0, z, ALPHA * z)


def _shares(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@cache
def three_digits(count=60):
    """Return the first images of the digits 0, 1 and 2, standardised, and their one-hot targets."""
    from acts.data import digits

    images, labels = digits(standardised=True)
    chosen = np.flatnonzero(labels < 3)[:count]
    return images[chosen], np.eye(3)[labels[chosen]]


def friends_start(rng):
    """Return the friend's first weights: He's, but for a second layer that does nothing at first."""
    return [rng.normal(0, HE[0], (64, 16)), np.zeros((16, 16)), rng.normal(0, HE[1], (16, 3))]


def friends_slope(z):
    """Return the friend's slope of LeakyReLU."""
    return np.where(z == 0, 0.0, np.where(z > 0, 1.0, ALPHA))


FRIENDS = {"rate": 0.5, "start": friends_start, "slope": friends_slope}


def _judge_change(change):
    names = ", ".join(f'"{name}"' for name in FRIENDS)
    if not isinstance(change, dict):
        raise Wrong(f"expected a dict with one of {names} in it, got {described(change)}")
    blank = [str(name) for name, value in change.items() if value is None or value is ...]
    if not change or blank:
        raise StillToDo(f"this is still blank: {', '.join(blank)}" if blank else "your dict is still empty")
    strange = [str(name) for name in change if name not in FRIENDS]
    if strange:
        raise Wrong(f"expected a dict with one of {names} in it", f"unknown: {', '.join(strange)}")
    if len(change) > 1:
        raise Wrong(f"{len(change)} changes; one is enough, and only one tells what the cause was")
    ((name, value),) = change.items()
    {"rate": _judge_rate, "start": _judge_first_weights, "slope": _judge_legal}[name](value)
    for seed in range(3):
        with np.errstate(all="ignore"):
            right = share_right(train(**FRIENDS | change, seed=seed))
        if not right >= 0.95:
            raise Wrong(
                f"with your change {right:.0%} of the images are right after 80 steps (seed {seed}), expected 95%",
                _why_frozen(change),
            )
    return f"it learns: at least 95% right with each of three seeds, and only its {name} was changed"


def _judge_rate(rate):
    if not isinstance(rate, (int, float)) or isinstance(rate, bool) or not np.isfinite(rate):
        raise Wrong(f'expected a number under "rate", got {described(rate)}')


def _judge_legal(slope):
    if not callable(slope):
        raise Wrong(f'expected a function slope(z) under "slope", got {described(slope)}', "the name, without brackets")
    z = np.array([[-2.0, -0.5, 0.0, 1e-300], [-0.0, 0.25, 3.0, -1e-300]])
    got = judges.result_of(slope, ("z",), (z,), "an array of shape (2, 4)")
    if np.shape(got) != z.shape or np.asarray(got).dtype.kind not in "fiu":
        raise Wrong(f"your slope was given an array of shape (2, 4) and returned {described(got)}")
    got = np.asarray(got, dtype=np.float64)
    off = ~np.isclose(got, np.where(z > 0, 1, ALPHA)) & (z != 0)
    if off.any():
        at = tuple(np.argwhere(off)[0])
        raise Wrong(
            f"your slope at z = {z[at]} is {got[at]:g}, expected {1 if z[at] > 0 else ALPHA:g}",
            _not_zero("z", z[at])
            if abs(z[at]) < 1e-6
            else "beside the kink LeakyReLU has slopes of its own, which are not a matter of choice: change what "
            "stands at 0",
        )
    at_zero = float(got[0, 2])
    if not ALPHA - 1e-12 <= at_zero <= 1:
        raise Wrong(
            f"your slope at z = 0 is {at_zero:g}",
            "that is what the friend has: is 0 a subgradient of LeakyReLU?"
            if at_zero == 0
            else "it may help, but no line of that slope carries LeakyReLU's graph: legal are those from α to 1",
        )


def _judge_first_weights(start):
    if not callable(start):
        raise Wrong(f'expected a function start(rng) under "start", got {described(start)}', "the name, no brackets")
    drawn = judges.result_of(start, ("rng",), (np.random.default_rng(0),), "a generator rng")
    shapes = [np.shape(matrix) for matrix in drawn] if isinstance(drawn, (list, tuple)) else None
    if shapes != [(64, 16), (16, 16), (16, 3)]:
        raise Wrong(
            "expected a list of three matrices, of shapes (64, 16), (16, 16) and (16, 3)",
            f"your start returned {described(drawn) if shapes is None else f'matrices of shapes {shapes}'}",
        )
    if not all(np.asarray(matrix).dtype.kind in "fiu" and np.abs(matrix).max() < 1e6 for matrix in drawn):
        raise Wrong("your weights must be real numbers, and none of them beyond 1e6")


def _why_frozen(change):
    """Return what is wrong with a change that leaves the network where it was."""
    if "rate" in change:
        return "the gradient is exactly 0, and so is any rate times the gradient"
    weights = (
        FRIENDS["start"](np.random.default_rng(0)) if "slope" in change else change["start"](np.random.default_rng(0))
    )
    z = three_digits()[0] @ weights[0]
    later = _leaky(z) @ weights[1]
    for number, values in (("first", z), ("second", later)):
        if not np.any(values):
            return f"all z of the {number} layer are still exactly 0, where the friend's slope is 0"
    if not np.any(weights[2]):
        return "the last matrix is 0 now: nothing comes back through it to the layer before, not in the first step"
    size = float(np.sqrt(np.mean(later**2)))
    if size > 10:
        return f"nothing is exactly 0 now, but the weights are too large: a typical z of the second layer is {size:.2g}"
    if size < 0.1:
        return f"nothing is exactly 0 now, but learning has hardly begun: a typical z is {size:.2g}, so small"
    return "nothing is exactly 0 now, but it learns too slowly: start from He's weights, as in the other layers"


REPAIR = Exercise(
    name="frozen_layer_repair",
    judge=_judge_change,
)

# ---- measure -------------------------------------------------------------------------------------

_RARE = ("float16", "float16_no_biases", "float32", "float64")

ZEROS = Exercise(
    name="exact_zeros",
    judge=judges.measurements(
        {
            "float64": (0.0, 1e-9),
            "float32": (0.0, 1e-6),
            "float16": (2e-5, 4.2e-5),
            "float16_no_biases": (0.0, 2e-6),
            "whole_numbers": (0.0069, 0.009),
            "counted": (100, 1e6),
            "spread": (1.5e-4, 1.4e-3),
        },
        right="well measured: it is the grid that makes exact zeros, and not the zero biases",
        mistakes=(
            (
                {"whole_numbers": 919},
                "the question is about shares: the number of zeros, divided by the number of pre-activations",
                lambda m: m["float16"] >= 1 or m["whole_numbers"] >= 2,
            ),
            (
                {"whole_numbers": 0.8},
                "the question is about shares, from 0 to 1, and not per cent",
                lambda m: 0.5 < m["whole_numbers"] < 1 or 2e-3 < m["float16"] < 4.2e-3,
            ),
            (
                {"float16": 0.49},
                "half of them: these look like zeros after the ReLU; count z, which goes into it",
                lambda m: max(m[k] for k in _RARE) > 0.2,
            ),
            (
                {"float64": 1.2e-05},
                "exactly 0 is meant, `z == 0`; np.isclose, a rounding or a threshold finds many more",
                lambda m: m["float64"] > 1e-9 or m["float32"] > 1e-6,
            ),
            (
                {"float16": 1e-07, "float16_no_biases": 3e-05},
                "are the two swapped? float16 is with PyTorch's biases, float16_no_biases with zeros",
                lambda m: m["float16"] < 2e-6 and 1e-5 < m["float16_no_biases"] < 1e-4,
            ),
            (
                {"float16": 0},
                "no zero at all in float16: is everything computed in it (the dtype of MLP), do the biases come from "
                '"pytorch", and are there millions of pre-activations?',
                lambda m: m["float16"] == 0,
            ),
            (
                {"float16": 4e-07},
                "nearly none: have the biases become 0? He's and Xavier's are, \"pytorch\" draws them",
                lambda m: m["float16"] < 2e-6,
            ),
            (
                {"float16": 3.9e-06},
                "these look like raw grey levels; standardised images are meant",
                lambda m: 2e-6 <= m["float16"] < 8e-6,
            ),
            (
                {"counted": 17},
                "a count of n scatters by √n: with fewer than a hundred the share is not known to a tenth",
                lambda m: m["counted"] < 100,
            ),
            (
                {"float16": 5.7e-05},
                "these look like raw pixels from 0 to 1; standardised images are meant",
                lambda m: 4.2e-5 < m["float16"] < 8e-5,
            ),
            (
                {"float16_no_biases": 2.9e-05},
                "are the biases of this network really 0? Look at network.biases[0]",
                lambda m: m["float16_no_biases"] > 2e-6,
            ),
            (
                {"whole_numbers": 0},
                "hardly a zero: are both whole numbers, the grey levels *and* the weights?",
                lambda m: m["whole_numbers"] < 1e-5,
            ),
            ({"spread": 0}, "one matrix has no spread: draw at least five", lambda m: m["spread"] == 0),
            (
                {"whole_numbers": 0.2273},
                "astype(int) cuts ink below 1 down to 0: multiply by 16 first",
                lambda m: 0.18 < m["whole_numbers"] < 0.28,
            ),
            (
                {"whole_numbers": 0.1133},
                "are these whole grey levels from 0 to 16? Take digits() without standardised=True, multiply by 16, "
                "and only then round",
                lambda m: 0.09 < m["whole_numbers"] < 0.15,
            ),
            (
                {"whole_numbers": 0.06901},
                "these look like rounded standardised pixels: take digits() without standardised=True",
                lambda m: 0.06 < m["whole_numbers"] < 0.08,
            ),
            (
                {"whole_numbers": 0.01143},
                "somewhat too many: are -1, 0 and 1 equally likely? More zeros among the weights make z smaller",
                lambda m: 0.009 < m["whole_numbers"] < 0.02,
            ),
            (
                {"whole_numbers": 0.004434},
                "too few: are the weights -1, 0 and 1? Larger ones, or none that is 0, make z larger. Or are these "
                "standardised pixels, times 16?",
                lambda m: 0.001 < m["whole_numbers"] < 0.0069,
            ),
            (
                {"spread": 0.0055},
                "over the matrices, not over units or images: one share for each matrix",
                lambda m: m["spread"] > 1.4e-3,
            ),
            (
                {"spread": 2e-05},
                "that is less than these matrices scatter: is it the standard deviation, over the seeds, of "
                "whole_numbers?",
                lambda m: 0 < m["spread"] < 1.5e-4,
            ),
        ),
    ),
)

# ---- explain -------------------------------------------------------------------------------------

ILLEGAL_ZERO = Exercise(
    name="zero_is_illegal",
    judge=None,
)

EXERCISES = (WAYS, SOFTPLUS, GELU, SUBGRADIENT, OFF, CAUSE, REPAIR, ZEROS, ILLEGAL_ZERO)
