"""The exercises of 05_leaky_prelu_rrelu."""

import math
from fractions import Fraction

import numpy as np

from acts_exercises import Exercise, StillToDo, Wrong, judges
from acts_exercises.messages import compared, described

NOTEBOOK = "05_leaky_prelu_rrelu"


def _same(got, expected, relative=1e-9):
    return np.shape(got) == np.shape(expected) and np.allclose(got, expected, rtol=relative, atol=1e-12)


def _nudge(got, ways, relative=1e-6):
    """Return what is to be said of the first typical wrong way whose values these are."""
    return next((text for values, text in ways if _same(got, values, relative)), "")


# ---- predict -------------------------------------------------------------------------------------


def steps_until_awake(alpha, rate=0.1, limit=100_000):
    """Return after how many steps the silent unit of the notebook is above 0; `limit` if it never is."""
    z, steps = -1.0, 0
    while z <= 0 and steps < limit:
        z, steps = z - rate * alpha * (alpha * z - 1), steps + 1
    return steps


SILENT = Exercise(
    name="silent_unit_steps",
    judge=judges.number(
        996,
        what="a number of steps",
        tolerance=60,
        right="right: a step is rate · α · error, about 0.001; it is 996 steps, since the error is a little above 1",
        mistakes=(
            (10, "that is how long it takes at a slope of 1; a silent unit's gradient is α times as large"),
            (9, "that is how long it takes at a slope of 1; a silent unit's gradient is α times as large"),
            (20, "that is how long it takes at a slope of 1; a silent unit's gradient is α times as large"),
            (5, "the slope is missing, and the error is f(z) − 1, not z − 1"),
            (100, "one of the three factors is missing: a step is rate · slope · error"),
            (500, "the error is f(z) − 1, not z − 1: below 0 the output is α z, nearly 0, so the error is about −1"),
            (2000, "the loss is *half* the square, so its derivative is the error itself, about −1, and no half of it"),
            (100_000, "α comes once, by the chain rule; the error is about −1, not α"),
            (10_000, "a step is rate · slope · error: is there a factor of 0.1 too much?"),
            (200, "200 steps woke few in the notebook; here you can work it out: a step is rate · slope · error"),
            (math.inf, "a ReLU would sleep for ever; here the gradient is small, but it is not 0"),
            (0, "it starts at −1, below 0"),
        ),
    ),
)

# ---- implement: the backward pass of PReLU ---------------------------------------------------------

BY_HAND = (np.array([-2.0, -1.0, 3.0, 0.5]), 0.1, np.array([3.0, -1.0, 4.0, 2.0]), None)


def _drawn(shape, axis, alpha, seed, dtype=np.float64):
    x, upstream = np.random.default_rng(seed).normal(size=(2, *shape)).astype(dtype)
    return x, alpha if axis is None else np.array(alpha, dtype=dtype), upstream, axis


# Equal lengths after all others, and negative slopes: there a wrong axis raises no error.
BACKWARD_CASES = {
    "four numbers that share one slope": (BY_HAND, ""),
    "a batch of shape (5, 3), axis=1": (_drawn((5, 3), 1, [0.1, 0.25, 0.5], 0), ""),
    "a batch of shape (5, 3) that shares one slope": (_drawn((5, 3), None, 0.25, 1), ""),
    "images of shape (2, 3, 4, 5), axis=1": (_drawn((2, 3, 4, 5), 1, [0.1, -0.25, 0.5], 2), ""),
    "a batch of shape (5, 3), axis=0": (_drawn((5, 3), 0, [0.1, 0.2, 0.3, 0.4, 0.5], 3), ""),
    "a batch of shape (5, 3), axis=-1": (_drawn((5, 3), -1, [0.1, 0.25, 1.5], 4), ""),
    "a square table of shape (3, 3), axis=0": (_drawn((3, 3), 0, [0.1, 0.5, 1.5], 5), ""),
}
SHORT_CASES = {
    "float32, axis=1": (_drawn((5, 3), 1, [0.1, 0.25, 0.5], 6, np.float32), ""),
    "float32 and one slope": (_drawn((5, 3), None, 0.25, 6, np.float32), ""),
}


ALONG = (
    "alpha * x puts alpha along the *last* axis; bring it into a shape that has its length at `axis` and 1 everywhere "
    "else"
)


def _along(alpha, x, axis):
    """Return alpha in a shape that broadcasts against x."""
    return alpha if axis is None else np.reshape(alpha, [-1 if k == axis % x.ndim else 1 for k in range(x.ndim)])


def _shared_axes(x, axis):
    return tuple(k for k in range(x.ndim) if axis is None or k != axis % x.ndim)


def prelu_backward(x, alpha, upstream, axis):
    """Return both gradients of PReLU."""
    towards_alpha = (upstream * np.minimum(x, 0)).sum(axis=_shared_axes(x, axis))
    return np.where(x > 0, upstream, _along(alpha, x, axis) * upstream), towards_alpha


def _with_x(formula):
    """Return a backward pass whose gradient in x is this formula of x, alpha in x's shape, and upstream."""

    def altered(x, alpha, upstream, axis=None):
        return formula(x, _along(alpha, x, axis), upstream), prelu_backward(x, alpha, upstream, axis)[1]

    return altered


def _with_alpha(formula):
    """Return a backward pass whose gradient in alpha is this formula of x, alpha, upstream and the summed axes."""

    def altered(x, alpha, upstream, axis=None):
        towards_alpha = formula(x, _along(alpha, x, axis), upstream, _shared_axes(x, axis))
        return prelu_backward(x, alpha, upstream, axis)[0], towards_alpha

    return altered


def _summed(over):
    """Return a backward pass whose gradient in alpha is a sum over these axes of x, over(x, axis)."""

    def altered(x, alpha, upstream, axis=None):
        towards_alpha = (upstream * np.minimum(x, 0)).sum(axis=None if axis is None else over(x, axis))
        return prelu_backward(x, alpha, upstream, axis)[0], towards_alpha

    return altered


def _alpha_along_the_last_axis(x, alpha, upstream, axis=None):
    return np.where(x > 0, upstream, alpha * upstream), prelu_backward(x, alpha, upstream, axis)[1]


def _along_the_last_axis_if_it_fits(x, alpha, upstream, axis=None):
    fits = axis is None or x.shape[axis] == x.shape[-1]
    return (_alpha_along_the_last_axis if fits else prelu_backward)(x, alpha, upstream, axis)


def _two_plain_numbers(x, alpha, upstream, axis=None):
    slope = np.where(x > 0, 1.0, np.asarray(_along(alpha, x, axis), dtype=float))
    return slope * upstream, prelu_backward(x, alpha, upstream, axis)[1]


_MEAN = (
    "this is the mean; alpha's gradient is the *sum* over all that share it. (Where the loss is a mean, upstream is "
    "divided already.)"
)
_STAYS = "the axis that is given is the one that must *stay*; sum over all others"

_judge_gradients = judges.function(
    prelu_backward,
    BACKWARD_CASES,
    returns=("towards_x", "towards_alpha"),
    collisions={"broadcast": ALONG},
    mistakes=(
        (
            _with_x(lambda x, a, up: np.where(x > 0, 1, a) + 0 * up),
            "these are the slopes alone: the chain rule multiplies them by `upstream`",
        ),
        (
            _with_x(lambda x, a, up: -np.where(x > 0, up, a * up)),
            "the sign is turned: a gradient is not yet the step against it",
        ),
        (
            _with_x(lambda x, a, up: np.where(x > 0, a * up, up)),
            "the two sides are swapped: alpha belongs to the left of 0",
        ),
        (
            _with_x(lambda x, a, up: np.where(x > 0, up, 0)),
            "to the left of 0 this is ReLU's gradient: there the slope is alpha",
        ),
        (
            _with_x(lambda x, a, up: np.where(x > 0, x, a * x) * up),
            "this is upstream times the *value* of PReLU, not times its slope",
        ),
        (_with_x(lambda x, a, up: np.where(x > 0, up, a)), "to the left of 0 `upstream` is missing"),
        (_with_x(lambda x, a, up: np.where(x > 0, 1, a * up)), "to the right of 0 `upstream` is missing"),
        (
            _with_x(lambda x, a, up: np.where(x > 0, up, x * up)),
            "min(x, 0) is the derivative in alpha; the one in x is alpha",
        ),
        (
            _with_x(lambda x, a, up: np.where(x > a * x, up, a * up)),
            "x > alpha * x is not x > 0 where alpha is above 1: section 1 of the notebook",
        ),
        (
            _with_x(lambda x, a, up: np.where(x > 0, up, a * up).sum(axis=0)),
            "each x has a gradient of its own: no sum here",
        ),
        (_alpha_along_the_last_axis, ALONG),
        (_along_the_last_axis_if_it_fits, ALONG),
        (_with_alpha(lambda x, a, up, over: (up * np.minimum(x, 0)).mean(axis=over)), _MEAN),
        (
            _with_alpha(lambda x, a, up, over: -(up * np.minimum(x, 0)).sum(axis=over)),
            "the sign is turned: below 0 the factor is x itself, a negative number",
        ),
        (
            _with_alpha(lambda x, a, up, over: (up * np.maximum(x, 0)).sum(axis=over)),
            "this is made of max(x, 0): above 0 alpha has no say, below 0 it multiplies x",
        ),
        (
            _with_alpha(lambda x, a, up, over: np.minimum(x, 0).sum(axis=over)),
            "`upstream` is missing: the chain rule multiplies by it",
        ),
        (
            _with_alpha(lambda x, a, up, over: (up * x).sum(axis=over)),
            "this sums over the positive x too; there the output does not depend on alpha",
        ),
        (
            _with_alpha(lambda x, a, up, over: (up * (x < 0)).sum(axis=over)),
            "∂(αx)/∂α is x, not 1: this counts, and x is missing",
        ),
        (
            _with_alpha(lambda x, a, up, over: (up * a * np.minimum(x, 0)).sum(axis=over)),
            "alpha is one factor too many: ∂(αx)/∂α is x",
        ),
        (
            _with_alpha(lambda x, a, up, over: (up * a * (x < 0)).sum(axis=over)),
            "this is the gradient in x, summed; in alpha the factor is x, not alpha",
        ),
        (
            _with_alpha(lambda x, a, up, over: (up * np.minimum(x, 0)).sum(axis=over) / max((x < 0).sum(), 1)),
            "this is the mean over the negative x; alpha's gradient is their *sum*",
        ),
        (
            _with_alpha(lambda x, a, up, over: up.sum(axis=over) * np.minimum(x, 0).sum(axis=over)),
            "multiply first, then sum: the product of the sums is another number",
        ),
        (
            _with_alpha(lambda x, a, up, over: up * np.minimum(x, 0)),
            "one number for each element: all that share an alpha add up their parts",
        ),
        (
            _with_alpha(lambda x, a, up, over: (up * np.minimum(x, 0)).sum(axis=over, keepdims=True)),
            "the numbers may be right, but there are axes of length 1 left: keepdims=True keeps them",
        ),
        (
            _summed(lambda x, axis: tuple(k for k in range(x.ndim) if k != axis)),
            "everything is in one sum: an axis of −1 is the last one; axis % x.ndim counts it from the front",
        ),
        (
            _summed(lambda x, axis: None),
            "all channels are in one sum; each has an alpha of its own, so the sum leaves out the channels' axis",
        ),
        (
            _summed(lambda x, axis: 0 if axis % x.ndim else 1),
            "only one axis has been summed over: the pixels of a channel share its alpha as well as the images do",
        ),
        (_summed(lambda x, axis: axis), _STAYS),
        (_summed(lambda x, axis: tuple(range(x.ndim - 1))), _STAYS),
        (
            _with_alpha(lambda x, a, up, over: (up * np.minimum(x, 0)).sum(axis=over if len(over) < x.ndim else 0)),
            "one alpha for all, one number: sum over every axis",
        ),
    ),
)


def _flat_at_zero(x, alpha, upstream, axis=None):
    slope = np.where(x > 0, 1, np.where(x < 0, _along(alpha, x, axis), 0))
    return slope * upstream, prelu_backward(x, alpha, upstream, axis)[1]


_LEGAL = "at 0 every slope from alpha to 1 is legal, and no other"


def _judge_at_zero(backward):
    """Raise unless the slope at 0 is a legal one, whichever it is."""
    case = np.array([0.0, -0.0, -1.0]), 0.25, np.array([1.0, 1.0, 1.0]), None
    got, _ = judges.result_of(backward, ("x", "alpha", "upstream", "axis"), case, "x = [0, 0, -1]")
    for slope in np.asarray(got)[:2]:
        if not 0.25 <= slope <= 1:
            raise Wrong("the gradient in x is wrong for x = [0, 0, -1]", compared(0.25, slope), _LEGAL)
    return "right"


_judge_at_zero.mistakes = lambda: [(_flat_at_zero, _LEGAL)]

_judge_float32 = judges.function(
    prelu_backward,
    SHORT_CASES,
    returns=("towards_x", "towards_alpha"),
    right="right: both gradients, for one slope and for one in each channel, along any axis; sums, and no means",
    mistakes=(
        (
            _two_plain_numbers,
            "np.where(x > 0, 1.0, alpha) makes float64 of two plain numbers; np.where(x > 0, upstream, alpha * "
            "upstream) keeps what upstream has",
        ),
        (
            _with_alpha(lambda x, a, up, over: (up.astype(float) * np.minimum(x, 0)).sum(axis=over)),
            "a sum of float32 stays float32; somewhere on the way float64 has come in",
        ),
    ),
)

BACKWARD = Exercise(
    name="prelu_backward",
    judge=judges.in_turn(_judge_gradients, _judge_at_zero, _judge_float32),
)

# ---- implement: the two modes of RReLU -------------------------------------------------------------

LOWER, UPPER = 1 / 8, 1 / 3  # the frameworks multiply by a slope between the two …
LEAST, MOST = 3.0, 8.0  # … and the paper divides by a number between these two
MEAN_SLOPE = (LOWER + UPPER) / 2
MEAN_OF_INVERSES = math.log(MOST / LEAST) / (MOST - LEAST)
PAPERS_TEST = 2 / (LEAST + MOST)


@np.errstate(all="ignore")
def _judge_two_modes(kind):
    if not isinstance(kind, type):
        raise Wrong(
            "expected the class RandomLeak, got "
            + (f"a layer of class {type(kind).__name__}" if hasattr(kind, "forward") else described(kind)),
            'pass the class itself, without brackets: check("rrelu_two_modes", RandomLeak)',
        )
    x, upstream = np.random.default_rng([4, 0]).normal(size=(2, 60, 50))  # a seed that no layer has
    layer = _layer(kind, LOWER, UPPER, False, 0)
    first = _judge_training(layer, x, "in training", _multiplies)
    _judge_way_back(layer, x, upstream, first, "in training")
    second = _judge_training(layer, x, "in a second pass of training", _multiplies)
    if np.allclose(first[x < 0], second[x < 0]):
        raise Wrong(
            "two passes of training have used the same slopes",
            "draw in `forward`, anew for each pass, from the self.rng that `__init__` has made: a new generator with "
            "the same seed repeats itself",
        )
    _judge_way_back(layer, x, upstream, second, "after a second pass of training")
    _judge_testing(layer, x, upstream, MEAN_SLOPE, "with bounds 1/8 and 1/3", second)
    _judge_training(layer, x[:7, 0], "in training again, with another shape", _multiplies)
    again = _judge_training(_layer(kind, LOWER, UPPER, False, 0), x, "in training", _multiplies)
    other = _judge_training(_layer(kind, LOWER, UPPER, False, 1), x, "in training", _multiplies)
    if not np.allclose(first[x < 0], again[x < 0]) or np.allclose(first[x < 0], other[x < 0]):
        raise Wrong(
            "the seed has no say: the same seed should give the same slopes again, and another one others",
            "draw from self.rng, not from np.random or from a generator of your own",
        )
    paper = _layer(kind, LEAST, MOST, True, 1)
    slopes = _judge_training(paper, x, "in training with divide=True", _divides)
    _judge_way_back(paper, x, upstream, slopes, "in training with divide=True")
    _judge_testing(paper, x, upstream, PAPERS_TEST, "with divide=True and bounds 3 and 8", slopes)
    return "right: drawn anew for each element and each pass, kept for the way back, and fixed in testing, either way"


def _layer(kind, *settings):
    lower, upper, divide, seed = settings
    return judges.call(kind, *settings, shown=f"RandomLeak({lower:.4g}, {upper:.4g}, {divide}, {seed})")[0]


def _result(method, argument, *more, what, of="x", stateful=False):
    """Call a method with a copy of an array; return what came back, looked at.

    `what` names the call and `of` the argument, in words; a `stateful` method needs what another one has kept.
    """
    given = argument.copy()
    try:
        got, _ = judges.call(method, given, *more, shown=what)
    except judges.Raised as problem:
        forgotten = stateful and isinstance(problem.error, AttributeError)
        nudge = "what `backward` needs must be kept by `forward`: self.slopes = …" if forgotten else ""
        raise Wrong(problem.headline, *problem.details, nudge) from problem.error
    name = method.__name__
    if got is None or got is ...:
        raise StillToDo(f"`{name}` returns None; if you have written it, is its `return` missing?")
    if not np.array_equal(given, argument):
        raise Wrong(f"`{name}` changed the array it was given", "others need it still: make a new array")
    if not isinstance(got, np.ndarray) or got.shape != argument.shape:
        raise Wrong(
            f"`{name}` was given an array of shape {argument.shape} and returned {described(got)}",
            f"expected an array of the shape of {of}",
        )
    return got


def _judge_training(layer, x, what, judge_slopes):
    """Return the slopes that a pass of training used, all of them looked at."""
    got = _result(layer.forward, x, True, what=f"forward {what}")
    if not np.array_equal(got[x > 0], x[x > 0]):
        place = np.flatnonzero((got != x) & (x > 0))[0]
        raise Wrong(
            f"{what}: above 0 the output should be x itself. At x = {x.flat[place]:.4g}",
            compared(x.flat[place], got.flat[place]),
        )
    slopes = np.where(x < 0, got / x, 1.0)
    below = slopes[x < 0]
    if x.size > 100:
        _judge_draws(slopes, x < 0, below, what)
    judge_slopes(below, what)
    return slopes


def _judge_draws(slopes, negative, below, what):
    if np.ptp(below) < 1e-9:
        nudge = "draw as many slopes as x has elements: self.rng.uniform(lower, upper, x.shape)"
        if np.isclose(below[0], [MEAN_SLOPE, PAPERS_TEST, MEAN_OF_INVERSES]).any():
            nudge = "that is a fixed slope, as in testing; in training they are drawn: look at `training`"
        elif below[0] == 0:
            nudge = "this is ReLU"
        raise Wrong(f"{what}: every element has the same slope, {below[0]:.4g}", nudge)
    for axis, name, all_of in ((0, "column", "all images"), (1, "row", "all units")):
        low = np.where(negative, slopes, np.inf).min(axis=axis)
        high = np.where(negative, slopes, -np.inf).max(axis=axis)
        if np.allclose(low, high):
            raise Wrong(
                f"{what}: within a {name} all elements have the same slope",
                f"that is one slope for {all_of}; RReLU draws one for each element: size x.shape",
            )


def _multiplies(below, what):
    if (below > LOWER * (1 - 1e-9)).all() and (below < UPPER * (1 + 1e-9)).all():
        if below.size > 100 and abs(below.mean() - MEAN_SLOPE) > 0.012:
            raise Wrong(
                f"{what}: the slopes lie between 1/8 and 1/3, but their mean is {below.mean():.3f}, expected 0.229",
                "if one divides by a number from 3 to 8 the slopes crowd near 1/8; here the slope itself is uniform"
                if below.mean() < MEAN_SLOPE
                else "they should be uniform: self.rng.uniform(self.lower, self.upper, x.shape)",
            )
        if below.size > 100 and not 0.85 < below.std() / ((UPPER - LOWER) / math.sqrt(12)) < 1.15:
            raise Wrong(f"{what}: the slopes lie between the bounds, but they are not uniform there")
        return
    raise Wrong(
        f"{what}: the slopes go from {below.min():.3g} to {below.max():.3g}, expected 1/8 to 1/3",
        _nudge_of_range(below, LOWER, UPPER),
    )


def _divides(below, what):
    divisors = 1 / below
    if (divisors > LEAST * (1 - 1e-9)).all() and (divisors < MOST * (1 + 1e-9)).all():
        if abs(divisors.mean() - (LEAST + MOST) / 2) > 0.25:
            raise Wrong(
                f"{what}: the mean divisor is {divisors.mean():.2f}, expected 5.5",
                "here the *divisor* is uniform from 3 to 8, not the slope: draw it first, then divide",
            )
        return
    raise Wrong(
        f"{what}, with bounds 3 and 8: the slopes go from {below.min():.3g} to {below.max():.3g}, expected 1/8 to 1/3",
        "with divide=True x is divided by what has been drawn"
        if below.min() > 2.9 and below.max() < 8.1
        else _nudge_of_range(below, LEAST, MOST),
    )


def _nudge_of_range(below, lower, upper):
    if below.max() < 0:
        return "the slopes are positive; the outputs below 0 are negative by themselves"
    if below.min() > 2.9 and below.max() < 8.1:
        return "with divide=False x is multiplied by what has been drawn, not divided"
    if below.min() >= 0 and below.max() <= 1 and below.max() > 0.9:
        return "self.rng.random draws from 0 to 1: where are the bounds?"
    if below.min() < lower and below.max() > upper:
        return "uniform, please: self.rng.uniform(self.lower, self.upper, x.shape); a normal draw has no bounds"
    return "self.rng.uniform(self.lower, self.upper, x.shape) draws between the bounds"


def _judge_way_back(layer, x, upstream, slopes, what):
    got = _result(layer.backward, upstream, what=f"backward {what}", of="upstream", stateful=True)
    right = upstream * slopes
    if _same(got, right):
        return
    wrong = np.argwhere(~np.isclose(got, right))[0]
    place = tuple(int(i) for i in wrong)
    with np.errstate(all="ignore"):
        used = (got / upstream)[x < 0]
    raise Wrong(
        f"backward {what}: wrong where x = {x[place]:.4g}, upstream = {upstream[place]:.4g}",
        compared(right[place], got[place]),
        _nudge(got, _wrong_ways_back(x, upstream, slopes)) or _nudge_of_slopes(got, used, right, x, upstream),
    )


def _wrong_ways_back(x, upstream, slopes):
    yield slopes, "these are the slopes alone: the chain rule multiplies them by `upstream`"
    yield np.where(x > 0, upstream, 0), "below 0 this is ReLU's way back; the slope there is the one that was drawn"
    yield x * slopes * upstream, "upstream times the *output*; the chain rule wants upstream times the slope"
    yield np.where(x > 0, upstream, slopes), "below 0 `upstream` is missing"
    yield slopes * x, "this is the output again; on the way back upstream is multiplied by the slopes"
    yield (
        np.where(x > 0, upstream, upstream / slopes),
        ("divided where it should be multiplied, or the other way round: the derivative of x/a is 1/a"),
    )
    yield slopes * upstream * np.where(x > 0, 0, 1), "above 0 the slope is 1, and upstream passes unchanged"
    for fixed in (MEAN_SLOPE, PAPERS_TEST, MEAN_OF_INVERSES):
        yield (
            np.where(x > 0, upstream, fixed * upstream),
            (
                "this is a fixed slope; after a pass of training the way back needs the slopes that were drawn: keep "
                "them"
            ),
        )


def _nudge_of_slopes(got, used, right, x, upstream):
    above, grows = x > 0, upstream > 0
    if np.allclose(got[~above], right[~above]):
        return "below 0 it is right; above 0 the slope is 1, and upstream passes unchanged"
    if np.allclose(got[grows], upstream[grows]) and np.allclose(got[~above & ~grows], right[~above & ~grows]):
        return "which slope counts is a matter of the sign of x, not of upstream: keep what `forward` saw"
    if np.allclose(got[above], right[above]) and used.min() > 0.12 and used.max() < 0.34:
        return (
            "above 0 it is right, but below 0 the slopes are not those of `forward`: they have been drawn again, or "
            "kept from an earlier pass. Draw in `forward`, and keep what you drew"
        )
    return ""


def _judge_testing(layer, x, upstream, slope, what, earlier):
    got = _result(layer.forward, x, False, what=f"forward in testing {what}")
    right = np.where(x > 0, x, slope * x)
    if not _same(got, right):
        place = tuple(int(i) for i in np.argwhere(~np.isclose(got, right))[0])
        raise Wrong(
            f"forward in testing {what}: wrong where x = {x[place]:.4g}",
            compared(right[place], got[place]),
            _nudge_of_test_mode(got, x, slope),
        )
    got = _result(layer.backward, upstream, what="backward in testing", of="upstream", stateful=True)
    right = np.where(x > 0, upstream, slope * upstream)
    if not _same(got, right):
        stale = _same(got, upstream * earlier)
        raise Wrong(
            f"backward after a pass in testing, {what}, does not use the slope of that pass",
            "these are the slopes of the last pass of training: keep what *this* pass used, in either mode"
            if stale
            else "keep in `forward` which slopes were used, in either mode, and let `backward` read them",
        )


def _nudge_of_test_mode(got, x, slope):
    below = (got / np.where(x == 0, 1, x))[x < 0]
    if np.ptp(below) > 1e-9:
        return "in testing nothing is drawn: one fixed slope for all"
    used = below[0]
    if slope == PAPERS_TEST and np.isclose(used, MEAN_OF_INVERSES):
        return "that is the mean of 1/a, the slope that training has on average; the paper divides by the mean of a"
    if slope == PAPERS_TEST and np.isclose(used, MEAN_SLOPE):
        return "that is the mean of 1/8 and 1/3, as the frameworks have it; the paper divides by the mean of a"
    if np.isclose(used, 5.5):
        return "5.5 is the mean *divisor*: x must be divided by it"
    if np.isclose(used, 1 / MEAN_SLOPE):
        return "with divide=False x is multiplied by the mean of the bounds, not divided"
    if np.isclose(used, (UPPER - LOWER) / 2) or np.isclose(used, 2 / (MOST - LEAST)):
        return "that is half the difference of the bounds; the mean is half their sum"
    if used == 0:
        return "this is ReLU: a fixed slope, but not 0"
    if used == 1:
        return "below 0 nothing has happened to x"
    return f"the slope is {used:.4g}; the mean of the bounds was meant"


TWO_MODES = Exercise(
    name="rrelu_two_modes",
    judge=_judge_two_modes,
)

# ---- derive --------------------------------------------------------------------------------------


def _symbols():
    import sympy

    return sympy, *sympy.symbols("l u a", real=True)


def _mean_square():
    sympy, lower, upper, a = _symbols()
    return sympy.Integral((1 + a**2) / (2 * (upper - lower)), (a, lower, upper))


def _mean_square_closed():
    sympy, lower, upper, _ = _symbols()
    return sympy.Rational(1, 2) + (lower**2 + lower * upper + upper**2) / 6


def _antiderivative_inserted():
    _, lower, upper, _ = _symbols()
    return (upper + upper**3 / 3 - lower - lower**3 / 3) / (2 * (upper - lower))


def _cubes_in_one_fraction():
    sympy, lower, upper, _ = _symbols()
    return sympy.Rational(1, 2) + (upper**3 - lower**3) / (6 * (upper - lower))


def _ends_with(polynomial):
    """Judge a proof that may end with this polynomial in the bounds, if it is one."""

    def goals():
        import sympy

        result = sympy.sympify(polynomial)
        names = {symbol.name: symbol for symbol in result.free_symbols}
        fits = set(names) == {"l", "u"} and result.is_polynomial(*names.values())
        return [_mean_square_closed(), *([result] if fits else [])]

    return judges.derivation(
        _mean_square,
        goals,
        goal_in_words="a formula in l and u without an integral, in which u − l is no longer a divisor",
        right="the *square* of the slope counts, so E[a²] and not the square of the mean; and s drops out",
        mistakes=(
            (_mean_square, "this is still where it starts"),
            (_antiderivative_inserted, "nearly: u − l is a factor of the numerator, cancel it"),
            (_cubes_in_one_fraction, "nearly: u³ − l³ = (u − l)(u² + ul + l²)"),
        ),
    )


def _judge_mean_square(answer):
    """Any polynomial in the bounds will do: (l + u)²/8 + … is as good an end as l²/6 + …"""
    return _ends_with(getattr(answer, "result", 0))(answer)


_judge_mean_square.mistakes = _ends_with(0).mistakes

MEAN_SQUARE = Exercise(
    name="rrelu_mean_square",
    judge=_judge_mean_square,
)


def _variance(second_moment):
    def build():
        _, lower, upper, _ = _symbols()
        return 2 / (_n() * (1 + second_moment(lower, upper)))

    return build


def _second_moment(lower, upper):
    return (lower**2 + lower * upper + upper**2) / 3


def _n():
    import sympy

    return sympy.Symbol("n", positive=True)


def _half():
    import sympy

    return sympy.Rational(1, 2)


WEIGHTS = Exercise(
    name="rrelu_weights",
    judge=judges.expression(
        _variance(_second_moment),
        right="right: for l = u = α it is the notebook's 2/((1 + α²)n), and for wide bounds it is less than that",
        places=(Fraction(2, 7), Fraction(5, 11), Fraction(13, 9), Fraction(17, 8), Fraction(23, 10)),
        mistakes=(
            (
                _variance(lambda lower, upper: ((lower + upper) / 2) ** 2),
                "that fits the mean slope; but the mean of the squares is more than the square of the mean",
            ),
            (_variance(lambda lower, upper: 0 * lower), "that is He's 2/n, for ReLU: the slopes below 0 are missing"),
            (
                _variance(lambda lower, upper: (lower + upper) / 2),
                "1 + α² has become 1 + the mean slope: the square is missing",
            ),
            (
                lambda: 1 / _variance(_second_moment)(),
                "upside down: more signal asks for smaller weights, n v E[f²] = s²",
            ),
            (lambda: _variance(_second_moment)() / 2, "a factor of 2 is lost: n v times your formula must be 1"),
            (
                lambda: _variance(_second_moment)() * _n(),
                "n is missing: the pre-activation is a sum of n products, each adds v · E[f²]",
            ),
            (
                lambda: _variance(_second_moment)() ** _half(),
                "that is the standard deviation of the weights; the question is about their variance",
            ),
            (
                lambda: _mean_square_closed() / _n(),
                "that is E[f²]/n; the weights must make up for it, so it belongs below the fraction line",
            ),
        ),
    ),
)

# ---- debug ---------------------------------------------------------------------------------------

TRUE_SLOPES = (0.9, 0.1, 0.6, -0.2)
START, RATE = 0.25, 0.05


def device():
    """Return the four known matrices, the recorded inputs, and the outputs of the device of the notebook."""
    rng = np.random.default_rng(3)
    mixing = [rng.normal(0, np.sqrt(2 / 8), (8, 8)) for _ in range(4)]
    inputs = rng.normal(size=(64, 8))
    return mixing, inputs, forward(mixing, inputs, TRUE_SLOPES)[1]


def forward(mixing, x, slopes):
    """Return what reaches each of the four stages, and the output."""
    seen = []
    for matrix, slope in zip(mixing, slopes, strict=True):
        seen.append(x @ matrix)
        x = np.where(seen[-1] > 0, seen[-1], slope * seen[-1])
    return seen, x


def loss_and_gradients(mixing, inputs, wanted, slopes):
    """Return half the mean squared error and its gradient in each slope."""
    seen, output = forward(mixing, inputs, slopes)
    back, gradients = (output - wanted) / len(inputs), []
    for matrix, slope, z in zip(mixing[::-1], slopes[::-1], seen[::-1], strict=True):
        gradients.insert(0, np.sum(back * np.minimum(z, 0)))
        back = (back * np.where(z > 0, 1, slope)) @ matrix.T
    return np.sum((output - wanted) ** 2) / 2 / len(inputs), gradients


def learn(slopes, steps=300):
    """Descend from these slopes, changing them in place, as in the notebook; return the loss at the end."""
    recorded = device()
    for _ in range(steps):
        _, gradients = loss_and_gradients(*recorded, slopes)
        for slope, gradient in zip(slopes, gradients, strict=True):
            slope -= RATE * gradient
    return float(loss_and_gradients(*recorded, slopes)[0])


STUCK = Exercise(
    name="stuck_slopes",
    judge=judges.choice(
        "d",
        (
            ("a", "ten times the steps leave the loss where it is: that is not slow, it stands still"),
            (
                "b",
                "compare with difference quotients, one slope at a time, at four slopes such as [0.1, 0.2, 0.3, 0.4]: "
                "all four gradients fit",
            ),
            (
                "c",
                "a pull to 0 would be balanced by a gradient; but the four gradients at the end add up to 0, so there "
                "is no pull to balance. (None of the four is 0 by itself. Odd?)",
            ),
            (
                "e",
                "print how large `seen` is, stage by stage, at the start: nothing dies out on the way. Then print the "
                "slopes, after one step",
            ),
        ),
        praise="right: the list holds one array four times; it goes where the *sum* of the four gradients is 0",
    ),
)


def _judge_start(start):
    judges.must_be_function(start, "a function start_slopes(stages)")
    slopes = judges.result_of(start, ("stages",), (4,), "stages = 4")
    if isinstance(slopes, np.ndarray) and slopes.ndim == 1 or _numbers_in(slopes):
        raise Wrong(
            "your function returned plain numbers, and with them nothing is learned at all",
            "`slope -= …` changes an array in place, but of a number it makes a new one, and the list keeps the old: "
            "give each stage an array of length 1",
        )
    if not isinstance(slopes, (list, tuple, np.ndarray)) or len(slopes) != 4:
        raise Wrong(f"expected a list of four arrays of length 1, got {described(slopes)}")
    for number, slope in enumerate(slopes):
        if not isinstance(slope, np.ndarray) or slope.shape != (1,) or slope.dtype.kind != "f":
            raise Wrong(f"slope {number} should be an array of one float; it is {described(slope)}")
    for i in range(4):
        for j in range(i):
            if np.shares_memory(slopes[i], slopes[j]):
                raise Wrong(
                    f"slopes {j} and {i} still share their memory: change one, and the other changes too",
                    "this is one array four times over: make a new one for each stage"
                    if slopes[i] is slopes[j]
                    else "a slice or a view is a second name for the same numbers; .copy() makes new ones",
                )
    if not np.array_equal(np.ravel(slopes), np.full(4, START)):
        raise Wrong(
            f"the slopes should start at 0.25 each; yours start at {', '.join(f'{s[0]:.4g}' for s in slopes)}",
            "the start was fine; it is what happens after the start that went wrong",
        )
    fewer = judges.result_of(start, ("stages",), (2,), "stages = 2")
    if len(fewer) != 2:
        raise Wrong(f"for two stages your function returned {len(fewer)} slopes", "as many as `stages` says, please")
    twice, _ = judges.call(start, 4, shown="stages = 4, a second time")
    if any(np.shares_memory(one, other) for one in slopes for other in twice):
        raise Wrong(
            "called twice, your function returns the same arrays: the second training starts where the first ended",
            "make the arrays inside the function",
        )
    loss = learn(slopes, steps=60)
    if not loss < 1e-3:
        raise Wrong(f"after 60 steps the loss is still {loss:.2g}")
    found = ", ".join(f"{slope[0]:.2f}" for slope in slopes)
    return f"four slopes, four arrays: after 60 steps they are {found}, and the loss is {loss:.1g}"


def _numbers_in(slopes):
    return isinstance(slopes, (list, tuple)) and any(isinstance(s, (int, float, np.generic)) for s in slopes)


STUCK_REPAIR = Exercise(
    name="stuck_slopes_repair",
    judge=_judge_start,
)

# ---- measure -------------------------------------------------------------------------------------

SMALLEST_GAIN = 0.01  # that shall be seen at two standard errors

_judge_gains = judges.measurements(
    {
        "seeds": (20, 2000),
        "gain_001": (-0.09, 0.09),
        "error_001": (0.003, 0.05),
        "gain_03": (0.015, 0.3),
        "error_03": (0.003, 0.05),
        "needed": (60, 4000),
    },
    mistakes=(
        (
            {"gain_03": 12.4},
            "accuracies are shares from 0 to 1 here, not percent",
            lambda m: abs(m["gain_001"]) > 1 or m["gain_03"] > 1,
        ),
        (
            {"gain_03": 0.9},
            "is this an accuracy? A gain is the difference to ReLU's with the same seed",
            lambda m: m["gain_001"] > 0.5 or m["gain_03"] > 0.5,
        ),
        (
            {"error_001": 0},
            "no difference at all, for no seed: has the same alpha been trained twice?",
            lambda m: m["error_001"] == 0,
        ),
        (
            {"seeds": 8},
            "so few can agree by chance, as in section 4 of the notebook; take 20 at least",
            lambda m: m["seeds"] < 20,
        ),
        (
            {"gain_03": -0.124},
            "the sign: a gain is leaky minus ReLU, and 0.3 is the better one here",
            lambda m: m["gain_03"] < -0.015,
        ),
        (
            {"gain_03": 0.002},
            "with ten layers 0.3 gains more; has it ten layers, fitted weights and a rate that suits it?",
            lambda m: m["gain_03"] < 0.015,
        ),
        (
            {"error_03": 0.057},
            "is this the standard deviation of the differences? That of their *mean* is smaller by √seeds",
            lambda m: m["error_001"] > 0.05 or m["error_03"] > 0.05,
        ),
        (
            {"error_03": 0.0024},
            "the standard error is the standard deviation over √seeds, not over seeds, nor its square",
            lambda m: m["error_001"] < 0.003 or m["error_03"] < 0.003,
        ),
        (
            {"error_001": 0.0234, "needed": 22},
            "that is how many times as many as you had: `seeds` is a factor too",
            lambda m: math.isclose(m["needed"], (2 * m["error_001"] / SMALLEST_GAIN) ** 2, rel_tol=0.1),
        ),
    ),
)


def _needed(m):
    """Return how many seeds it takes until two standard errors are `SMALLEST_GAIN`."""
    return (2 * m["error_001"] / SMALLEST_GAIN) ** 2 * m["seeds"]


def _by(way):
    """Return whether `needed` was computed this way from the rest of a report."""
    return lambda m: math.isclose(m["needed"], way(m), rel_tol=0.1)


_MEASURED = {"seeds": 30, "gain_001": 0.01, "error_001": 0.0234, "gain_03": 0.124, "error_03": 0.015}

_WRONG_NEEDS = (
    (
        _MEASURED | {"needed": 164},
        "that is for one standard error; the question is about two",
        _by(lambda m: _needed(m) / 4),
    ),
    (
        _MEASURED | {"seeds": 20, "error_001": 0.0111, "needed": 1971},
        "one factor of `seeds` too many",
        _by(lambda m: _needed(m) * m["seeds"]),
    ),
    (
        _MEASURED | {"needed": 270},
        "that is for 0.3; the question is what 0.01 would need",
        _by(lambda m: _needed(m | {"error_001": m["error_03"]})),
    ),
    (
        _MEASURED | {"needed": 1314},
        "the differences have a spread of their own, in which both networks are: no factor of 2",
        _by(lambda m: 2 * _needed(m)),
    ),
)


def _judge_needed(answer):
    m = {name: float(value) for name, value in answer.items()}
    if not 0.75 < m["needed"] / _needed(m) < 1.33:
        raise Wrong(
            f"“needed” does not follow from your own error: {m['needed']:.4g}",
            f"your error of {m['error_001']:.2g} comes from {m['seeds']:.0f} seeds; it shrinks with their root. How "
            "many make two of it 0.01?",
            next((words for _, words, kin in _WRONG_NEEDS if kin(m)), ""),
        )
    if m["gain_03"] > 3 * m["error_03"] and abs(m["gain_001"]) < 3 * m["error_001"]:
        return "well measured: these seeds see what 0.3 gains, and they see nothing that 0.01 would gain or cost"
    return "well measured; now read each gain beside its error before you say who is better"


_judge_needed.mistakes = lambda: [(wrong, words) for wrong, words, _ in _WRONG_NEEDS]

BETTER = Exercise(
    name="better_than_relu",
    judge=judges.in_turn(_judge_gains, _judge_needed),
)

# ---- explain -------------------------------------------------------------------------------------

NEGATIVE = Exercise(
    name="small_negative_gradient",
    judge=None,
)

EXERCISES = (SILENT, BACKWARD, TWO_MODES, MEAN_SQUARE, WEIGHTS, STUCK, STUCK_REPAIR, BETTER, NEGATIVE)
