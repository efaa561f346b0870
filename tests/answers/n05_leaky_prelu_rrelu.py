"""Answers to the exercises of 05_leaky_prelu_rrelu, as students give them.

WRONG: each with the text that its message must have. RIGHT: written differently, all accepted.
The mistakes that the judge itself lists are tried as well; they do not stand here.
"""

import copy
import math

import numpy as np
import sympy as sp

import acts
from acts.symbolic import Derivation

# ---- the backward pass of PReLU --------------------------------------------------------------------


def along(alpha, x, axis):
    return alpha if axis is None else np.reshape(alpha, [-1 if k == axis % x.ndim else 1 for k in range(x.ndim)])


def all_but(x, axis):
    return tuple(k for k in range(x.ndim) if axis is None or k != axis % x.ndim)


def in_x(x, alpha, upstream, axis):
    return np.where(x > 0, upstream, along(alpha, x, axis) * upstream)


def in_alpha(x, alpha, upstream, axis):
    return (upstream * np.minimum(x, 0)).sum(axis=all_but(x, axis))


def swapped_order(x, alpha, upstream, axis=None):
    return in_alpha(x, alpha, upstream, axis), in_x(x, alpha, upstream, axis)


def one_of_two(x, alpha, upstream, axis=None):
    return in_x(x, alpha, upstream, axis)


def alpha_to_come(x, alpha, upstream, axis=None):
    return in_x(x, alpha, upstream, axis), ...


def into_upstream(x, alpha, upstream, axis=None):
    there = in_alpha(x, alpha, upstream, axis)
    upstream *= np.where(x > 0, 1, along(alpha, x, axis))
    return upstream, there


def with_if(x, alpha, upstream, axis=None):
    if x > 0:
        return upstream, 0
    return alpha * upstream, x * upstream


def backward_returns_nothing(x, alpha, upstream, axis=None):
    in_x(x, alpha, upstream, axis)


def backward_blank(x, alpha, upstream, axis=None): ...  # your code here


def three_arguments(x, alpha, upstream):
    return in_x(x, alpha, upstream, None), in_alpha(x, alpha, upstream, None)


def by_the_course(x, alpha, upstream, axis=None):
    slope = acts.prelu_derivative(x, alpha, channel_axis=axis)
    return upstream * slope, acts.prelu_alpha_gradient(x, upstream, channel_axis=axis)


def by_moving_the_axis(x, alpha, upstream, axis=None):
    slope = np.full(x.shape, alpha, dtype=x.dtype) if axis is None else 0 * x
    if axis is not None:
        slope = np.moveaxis(np.moveaxis(slope, axis, -1) + alpha, -1, axis)
    part = np.where(x < 0, x * upstream, 0)
    if axis is None:
        return np.where(x < 0, slope, 1).astype(x.dtype) * upstream, float(part.sum())
    return upstream * np.where(x < 0, slope, 1), np.moveaxis(part, axis, 0).reshape(len(alpha), -1).sum(axis=1)


def with_masks(x, alpha, upstream, axis=None):
    shape = np.ones(x.ndim, dtype=int)
    if axis is not None:
        shape[axis] = x.shape[axis]
        alpha = alpha.reshape(shape)
    low = x <= 0
    total = np.sum(upstream * x * low, axis=None if axis is None else tuple(np.flatnonzero(shape == 1)))
    return upstream * ~low + alpha * upstream * low, total


# ---- the two modes of RReLU ------------------------------------------------------------------------


class Right:
    """A layer that does everything right; the wrong ones change one thing."""

    def __init__(self, lower, upper, divide=False, seed=None):
        self.lower, self.upper, self.divide, self.rng = lower, upper, divide, np.random.default_rng(seed)

    def draw(self, x):
        return self.rng.uniform(self.lower, self.upper, x.shape)

    def fixed(self):
        return (self.lower + self.upper) / 2

    def slope_of(self, number):
        return 1 / number if self.divide else number

    def forward(self, x, training):
        number = self.draw(x) if training else self.fixed()
        self.slopes = np.where(x > 0, 1.0, self.slope_of(number))
        return self.slopes * x

    def backward(self, upstream):
        return self.slopes * upstream


class OneForAll(Right):
    def draw(self, x):
        return self.rng.uniform(self.lower, self.upper)


class OneForEachUnit(Right):
    def draw(self, x):
        return self.rng.uniform(self.lower, self.upper, x.shape[-1:])


class OneForEachImage(Right):
    def draw(self, x):
        return self.rng.uniform(self.lower, self.upper, (x.shape[0],) + (1,) * (x.ndim - 1))


class BoundsForgotten(Right):
    def draw(self, x):
        return self.rng.random(x.shape)


class Normal(Right):
    def draw(self, x):
        return self.rng.normal((self.lower + self.upper) / 2, self.upper - self.lower, x.shape)


class AlwaysDivides(Right):
    def slope_of(self, number):
        return 1 / number


class NeverDivides(Right):
    def slope_of(self, number):
        return number


class AlwaysTheBounds3And8(Right):
    def draw(self, x):
        return 1 / self.rng.uniform(1 / self.upper, 1 / self.lower, x.shape)


class NegativeSlopes(Right):
    def slope_of(self, number):
        return -super().slope_of(number)


class TwoValues(Right):
    def draw(self, x):
        return self.rng.choice([self.lower, self.upper], x.shape)


class FixedInTraining(Right):
    def draw(self, x):
        return self.fixed()


class ModesSwapped(Right):
    def forward(self, x, training):
        return super().forward(x, not training)


class PositiveToo(Right):
    def forward(self, x, training):
        self.slopes = self.slope_of(self.draw(x) if training else self.fixed())
        return self.slopes * x


class DrawsAgain(Right):
    def forward(self, x, training):
        self.x, self.training = x, training
        return super().forward(x, training)

    def backward(self, upstream):
        number = self.draw(upstream) if self.training else self.fixed()
        return np.where(self.x > 0, 1, self.slope_of(number)) * upstream


class MeanOnTheWayBack(Right):
    def forward(self, x, training):
        self.x = x
        return super().forward(x, training)

    def backward(self, upstream):
        return np.where(self.x > 0, 1, self.slope_of(self.fixed())) * upstream


class UpstreamForgotten(Right):
    def backward(self, upstream):
        return self.slopes.copy()


class SignOfUpstream(Right):
    def forward(self, x, training):
        self.number = self.slope_of(self.draw(x) if training else self.fixed())
        return np.where(x > 0, x, self.number * x)

    def backward(self, upstream):
        return np.where(upstream > 0, upstream, self.number * upstream)


class DrawsOnBothSides(SignOfUpstream):
    def backward(self, upstream):
        return self.number * upstream


class ReluOnTheWayBack(Right):
    def backward(self, upstream):
        return np.where(self.slopes == 1, upstream, 0)


class OldSlopesAfterTesting(Right):
    def forward(self, x, training):
        if training:
            return super().forward(x, training)
        return np.where(x > 0, x, self.slope_of(self.fixed()) * x)


class SameAgain(Right):
    def __init__(self, lower, upper, divide=False, seed=None):
        super().__init__(lower, upper, divide, seed)
        self.seed = seed

    def draw(self, x):
        return np.random.default_rng(self.seed).uniform(self.lower, self.upper, x.shape)


class FirstDrawKept(Right):
    kept = None

    def draw(self, x):
        if self.kept is None or self.kept.shape != x.shape:
            self.kept = super().draw(x)
        return self.kept


class FirstSlopesKept(Right):
    first = None

    def forward(self, x, training):
        output = super().forward(x, training)
        self.first = self.slopes if self.first is None else self.first
        return output

    def backward(self, upstream):
        return self.first * upstream


class SeedIgnored(Right):
    def draw(self, x):
        return np.random.default_rng().uniform(self.lower, self.upper, x.shape)


class RandomInTesting(Right):
    def forward(self, x, training):
        return super().forward(x, True)


class MeanOfInverses(Right):
    def forward(self, x, training):
        if training or not self.divide:
            return super().forward(x, training)
        slope = math.log(self.upper / self.lower) / (self.upper - self.lower)
        self.slopes = np.where(x > 0, 1, slope)
        return self.slopes * x


class MeanOfTheEndsInverted(MeanOfInverses):
    def fixed(self):
        return 2 / (1 / self.lower + 1 / self.upper) if self.divide else super().fixed()

    forward = Right.forward


class MultipliesInTesting(Right):
    def forward(self, x, training):
        if training:
            return super().forward(x, training)
        self.slopes = np.where(x > 0, 1, self.fixed())
        return self.slopes * x


class HalfTheDifference(Right):
    def fixed(self):
        return (self.upper - self.lower) / 2


class ReluInTesting(Right):
    def forward(self, x, training):
        return super().forward(x, True) if training else np.maximum(x, 0)


class LowerBoundInTesting(Right):
    def fixed(self):
        return self.lower


class InPlace(Right):
    def forward(self, x, training):
        super().forward(x, training)
        x *= self.slopes
        return x


class ForwardBlank(Right):
    def forward(self, x, training): ...  # your code here


class BackwardBlank(Right):
    def backward(self, upstream): ...  # your code here


class NothingKept(Right):
    def forward(self, x, training):
        slopes = np.where(x > 0, 1.0, self.draw(x))
        return slopes * x


class WithTwoBranches:
    def __init__(self, lower, upper, divide=False, seed=None):
        if divide:
            self.draws, self.test = lambda rng, shape: 1 / rng.uniform(lower, upper, shape), 2 / (lower + upper)
        else:
            self.draws, self.test = lambda rng, shape: rng.uniform(lower, upper, shape), (lower + upper) / 2
        self.rng = np.random.default_rng(seed)

    def forward(self, x, training):
        self.x = x.copy()
        self.a = self.draws(self.rng, x.shape) if training else np.full(x.shape, self.test)
        return np.maximum(x, 0) + self.a * np.minimum(x, 0)

    def backward(self, upstream):
        gradient = upstream.copy()
        gradient[self.x < 0] *= self.a[self.x < 0]
        return gradient


class WhereNeeded(Right):
    """Draws for the elements below 0 only."""

    def forward(self, x, training):
        below = x < 0
        self.slopes = np.ones(x.shape)
        size = int(below.sum())
        number = self.rng.uniform(self.lower, self.upper, size) if training else np.full(size, self.fixed())
        self.slopes[below] = number ** (-1 if self.divide else 1)
        return x * self.slopes


# ---- derivations ---------------------------------------------------------------------------------

low, high, a = sp.symbols("l u a", real=True)
n, s = sp.symbols("n s", positive=True)
begin = sp.Integral((1 + a**2) / (2 * (high - low)), (a, low, high))
inserted = (high + high**3 / 3 - low - low**3 / 3) / (2 * (high - low))
cubes = sp.Rational(1, 2) + (high**3 - low**3) / (6 * (high - low))
closed = sp.Rational(1, 2) + (low**2 + low * high + high**2) / 6
by_mean_and_spread = sp.Rational(1, 2) + (low + high) ** 2 / 8 + (high - low) ** 2 / 24
moment = (low**2 + low * high + high**2) / 3


def proof(*lines, start=begin):
    derivation = Derivation(start)
    for line in lines:
        derivation.then(line, "because")
    return derivation


# ---- four slopes that will not part ----------------------------------------------------------------


def four_times_the_same(stages):
    return [np.array([0.25])] * stages


def one_under_four_names(stages):
    slope = np.full(1, 0.25)
    return [slope for _ in range(stages)]


def views(stages):
    slope = np.array([0.25])
    return [slope[:] for _ in range(stages)]


def outer_copy(stages):
    return copy.copy([np.array([0.25])] * stages)


def numbers(stages):
    return [0.25] * stages


def one_array_of_four(stages):
    return np.full(stages, 0.25)


def the_answer(stages):
    return [np.array([slope]) for slope in (0.9, 0.1, 0.6, -0.2)[:stages]]


def all_different(stages):
    return [np.array([0.25 + 0.1 * k]) for k in range(stages)]


def always_four(stages):
    return [np.array([0.25]) for _ in range(4)]


KEPT = [np.array([0.25]) for _ in range(4)]


def made_once(stages):
    return KEPT[:stages]


def integers(stages):
    return [np.array([0]) for _ in range(stages)]


def lists(stages):
    return [[0.25] for _ in range(stages)]


def start_blank(stages): ...  # your code here


def comprehension(stages):
    return [np.full(1, 0.25) for _ in range(stages)]


def rows_of_a_table(stages):
    return np.full((stages, 1), 0.25)


def copies(stages):
    slope = np.array([0.25])
    return [slope.copy() for _ in range(stages)]


def by_a_loop(stages):
    slopes = []
    while len(slopes) < stages:
        slopes.append(np.array([1.0]) / 4)
    return tuple(slopes)


# ---- the measurement -----------------------------------------------------------------------------


def report(seeds, gain_001, error_001, gain_03, error_03, needed):
    return dict(
        seeds=seeds,
        gain_001=gain_001,
        error_001=error_001,
        gain_03=gain_03,
        error_03=error_03,
        needed=needed,
    )


# ---- the lists -----------------------------------------------------------------------------------

WRONG = {
    "silent_unit_steps": [
        (700, "700 is too small"),
        ("1000", "a number has no quotes"),
        (..., "still to do"),
    ],
    "prelu_backward": [
        (swapped_order, "come in the wrong order"),
        (one_of_two, "expected 2 arrays: return towards_x, towards_alpha"),
        (alpha_to_come, "towards_alpha is still blank"),
        (into_upstream, "your function changed upstream"),
        (with_if, "`if` cannot decide for a whole array at once"),
        (three_arguments, "look at the line with `def`"),
        (backward_returns_nothing, "is its `return` missing?"),
        (backward_blank, "is its `return` missing?"),
        (3, "pass the function itself"),
    ],
    "rrelu_two_modes": [
        (OneForAll, "draw as many slopes as x has elements"),
        (OneForEachUnit, "that is one slope for all images"),
        (OneForEachImage, "that is one slope for all units"),
        (BoundsForgotten, "where are the bounds?"),
        (Normal, "a normal draw has no bounds"),
        (AlwaysDivides, "with divide=False x is multiplied by what has been drawn"),
        (NeverDivides, "with divide=True x is divided by what has been drawn"),
        (AlwaysTheBounds3And8, "here the slope itself is uniform"),
        (NegativeSlopes, "the slopes are positive"),
        (TwoValues, "they are not uniform there"),
        (FixedInTraining, "that is a fixed slope, as in testing"),
        (ModesSwapped, "look at `training`"),
        (PositiveToo, "above 0 the output should be x itself"),
        (DrawsAgain, "they have been drawn again"),
        (MeanOnTheWayBack, "the way back needs the slopes that were drawn"),
        (UpstreamForgotten, "these are the slopes alone"),
        (SignOfUpstream, "a matter of the sign of x, not of upstream"),
        (DrawsOnBothSides, "above 0 the slope is 1, and upstream passes unchanged"),
        (ReluOnTheWayBack, "below 0 this is ReLU's way back"),
        (OldSlopesAfterTesting, "these are the slopes of the last pass of training"),
        (SameAgain, "two passes of training have used the same slopes"),
        (FirstDrawKept, "draw in `forward`, anew for each pass"),
        (FirstSlopesKept, "or kept from an earlier pass"),
        (SeedIgnored, "the seed has no say"),
        (RandomInTesting, "in testing nothing is drawn"),
        (MeanOfInverses, "that is the mean of 1/a, the slope that training has on average"),
        (MeanOfTheEndsInverted, "that is the mean of 1/8 and 1/3"),
        (MultipliesInTesting, "5.5 is the mean *divisor*"),
        (HalfTheDifference, "that is half the difference of the bounds"),
        (ReluInTesting, "this is ReLU: a fixed slope, but not 0"),
        (LowerBoundInTesting, "the slope is 0.125; the mean of the bounds was meant"),
        (InPlace, "changed the array it was given"),
        (ForwardBlank, "`forward` returns None"),
        (BackwardBlank, "`backward` returns None"),
        (NothingKept, "must be kept by `forward`"),
        (Right(1 / 8, 1 / 3), "got a layer of class Right"),
        (3, "pass the class itself"),
    ],
    "rrelu_mean_square": [
        (proof(closed), "in one leap"),
        (proof(), "no steps yet"),
        (proof(moment + 1, 1 + moment, start=1 + moment), "it should start from"),
        (closed, "give the whole proof, not its last line"),
        (..., "still to do"),
    ],
    "rrelu_weights": [
        (s**2 / (n * closed), "your expression has s in it"),
        (3, "your 3 is not it"),
        ("2/n", "without quotes"),
        (..., "still to do"),
    ],
    "stuck_slopes": [
        ("z", "expected one of 'a', 'b', 'c', 'd', 'e'"),
        (4, "expected one of"),
        (..., "still to do"),
    ],
    "stuck_slopes_repair": [
        (four_times_the_same, "this is one array four times over"),
        (one_under_four_names, "this is one array four times over"),
        (outer_copy, "this is one array four times over"),
        (views, "a slice or a view is a second name"),
        (numbers, "with them nothing is learned at all"),
        (one_array_of_four, "with them nothing is learned at all"),
        (the_answer, "the slopes should start at 0.25"),
        (all_different, "yours start at 0.25, 0.35, 0.45, 0.55"),
        (always_four, "for two stages your function returned 4 slopes"),
        (made_once, "called twice, your function returns the same arrays"),
        (integers, "slope 0 should be an array of one float"),
        (lists, "slope 0 should be an array of one float"),
        (start_blank, "is its `return` missing?"),
        (KEPT, "pass the function itself"),
    ],
    "better_than_relu": [
        (report(24, -0.015, 0.0234, 0.124, 0.0117, 131.4), "does not follow from your own error"),
        (dict(seeds=24, gain_001=0.01), "missing: error_001"),
        (report(24, ..., 0.02, ..., 0.01, ...), "these are still blank"),
        (0.01, "expected a dict"),
        (..., "still to do"),
    ],
}

RIGHT = {
    "silent_unit_steps": [1000, 996, 995.0, 1 / (0.1 * 0.01), np.log(1.01) / (0.1 * 0.01**2), 990],
    "prelu_backward": [by_the_course, by_moving_the_axis, with_masks],
    "rrelu_two_modes": [Right, WithTwoBranches, WhereNeeded],
    "rrelu_mean_square": [
        proof(inserted, closed),
        proof(cubes, closed),
        proof(cubes, by_mean_and_spread),
        proof(inserted, ((low + high) ** 2 - low * high) / 6 + sp.Rational(1, 2)),
        proof(begin.doit(), closed),
    ],
    "rrelu_weights": [
        1 / (n * closed),
        6 / (n * (3 + low**2 + low * high + high**2)),
        2 / (n * (1 + ((low + high) / 2) ** 2 + (high - low) ** 2 / 12)),
        2 / (sp.Symbol("n") * (1 + moment)),
    ],
    "stuck_slopes": ["d", " D ", "(d)"],
    "stuck_slopes_repair": [comprehension, rows_of_a_table, copies, by_a_loop],
    # At a rate of 0.08, as in the notebook; 40 other seeds, layers of 48, batches of 64; 20 seeds, 0.04; eight layers.
    "better_than_relu": [
        report(24, -0.015, 0.0234, 0.124, 0.0117, 527),
        report(40, 0.0232, 0.0181, 0.0883, 0.0186, 525),
        report(40, -0.0131, 0.0242, 0.1062, 0.0185, 937),
        report(20, 0.0271, 0.0111, 0.1628, 0.0159, 99),
        report(40, 0.0221, 0.0134, 0.0896, 0.0121, 290),
        report(40, 0.0222, 0.0233, 0.0678, 0.0225, 869),
    ],
}
