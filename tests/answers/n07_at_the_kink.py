"""Answers to the exercises of 07_at_the_kink, as students give them.

WRONG: each with the text that its message must have. RIGHT: written differently, all accepted.
The mistakes that the judge itself lists are tried as well; they do not stand here.
"""

import math

import numpy as np
import sympy as sp

import acts
from acts.data import digits
from acts.network import MLP
from acts.symbolic import Derivation

# ---- softplus ------------------------------------------------------------------------------------


def threshold_20_by_math(x):
    return np.where(x > 20, x, np.log(1 + np.exp(np.minimum(x, 20))))


def threshold_on_both_sides(x):
    return np.where(x > 20, x, np.where(x < -20, 0, np.log1p(np.exp(np.clip(x, -20, 20)))))


def exp_far_left(x):
    safe = np.maximum(x, -20)
    return np.where(x < -20, np.exp(np.minimum(x, 0)), np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(safe))))


def minus_log_sigmoid(x):
    return -np.log(acts.sigmoid(-x))


def chosen_by_where(x):
    return np.where(x > 0, x + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))


def by_course(x):
    return acts.softplus(x)


def with_math(x):
    return max(x, 0) + math.log1p(math.exp(-abs(x)))


def with_if(x):
    if x > 0:
        return x + np.log1p(np.exp(-x))
    return np.log1p(np.exp(x))


def always_float64(x):
    return stable(np.asarray(x, dtype=np.float64))


def nan_to_zero(x):
    return np.nan_to_num(stable(x), posinf=np.inf)


def in_place(x):
    x *= -1
    return np.maximum(-x, 0) + np.log1p(np.exp(-np.abs(x)))


def return_forgotten(x):
    stable(x)


def blank(x): ...  # your code here


def threshold_22(x):
    return np.where(x > 22, x, np.log1p(np.exp(np.minimum(x, 22))))


def threshold_40(x):
    return np.where(x > 40, x, np.log1p(np.exp(np.minimum(x, 40))))


def stable(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def by_logaddexp(x):
    return np.logaddexp(0, x)


def by_exponents_that_are_clipped(x):
    left, right = np.log1p(np.exp(np.minimum(x, 0))), np.log1p(np.exp(-np.maximum(x, 0)))
    return np.where(x > 0, x + right, left)


def less_negative_part(x):
    return np.log1p(np.exp(-np.abs(x))) - np.minimum(-x, 0)


# ---- subgradient ---------------------------------------------------------------------------------


def slopes(x, alpha, at_zero):
    x = np.asarray(x)
    return np.where(x > 0, 1.0, np.where(x < 0, alpha, np.where(x == 0, at_zero, x)))


def refuse_unless(legal, alpha, at_zero):
    if not legal:
        raise ValueError(f"at_zero must lie from {min(alpha, 1)} to {max(alpha, 1)}; got {at_zero}")


def upside_down(x, alpha, at_zero):
    refuse_unless(not min(alpha, 1) <= at_zero <= max(alpha, 1), alpha, at_zero)
    return slopes(x, alpha, at_zero)


def asserts(x, alpha, at_zero):
    assert min(alpha, 1) <= at_zero <= max(alpha, 1), f"{at_zero} is not in [{min(alpha, 1)}, {max(alpha, 1)}]"
    return slopes(x, alpha, at_zero)


def asserts_alpha_to_one(x, alpha, at_zero):
    assert alpha <= at_zero <= 1
    return slopes(x, alpha, at_zero)


def returns_the_error(x, alpha, at_zero):
    if not min(alpha, 1) <= at_zero <= max(alpha, 1):
        return ValueError(f"at_zero must lie from {min(alpha, 1)} to {max(alpha, 1)}")
    return slopes(x, alpha, at_zero)


def prints_only(x, alpha, at_zero):
    if not min(alpha, 1) <= at_zero <= max(alpha, 1):
        return None
    return slopes(x, alpha, at_zero)


def nan_for_a_refusal(x, alpha, at_zero):
    if not min(alpha, 1) <= at_zero <= max(alpha, 1):
        return np.full(np.shape(x), np.nan)
    return slopes(x, alpha, at_zero)


def nan_at_the_kink(x, alpha, at_zero):
    return slopes(x, alpha, at_zero if min(alpha, 1) <= at_zero <= max(alpha, 1) else np.nan)


def says_one_digit(x, alpha, at_zero):
    if not min(alpha, 1) <= at_zero <= max(alpha, 1):
        raise ValueError(f"at_zero must lie from {min(alpha, 1):.1f} to {max(alpha, 1):.1f}")
    return slopes(x, alpha, at_zero)


def says_nothing(x, alpha, at_zero):
    if not min(alpha, 1) <= at_zero <= max(alpha, 1):
        raise ValueError
    return slopes(x, alpha, at_zero)


def says_letters(x, alpha, at_zero):
    if not min(alpha, 1) <= at_zero <= max(alpha, 1):
        raise ValueError("at_zero must lie in [alpha, 1]")
    return slopes(x, alpha, at_zero)


def only_when_there_is_a_zero(x, alpha, at_zero):
    if np.any(np.asarray(x) == 0):
        refuse_unless(min(alpha, 1) <= at_zero <= max(alpha, 1), alpha, at_zero)
    return slopes(x, alpha, at_zero)


def careful(values):
    """Return a function that refuses what it should, with these values."""

    def leaky_slopes(x, alpha, at_zero):
        refuse_unless(min(alpha, 1) <= at_zero <= max(alpha, 1), alpha, at_zero)
        return values(x, alpha, at_zero)

    return leaky_slopes


def named(name, values):
    function = careful(values)
    function.__name__ = name
    return function


with_isclose = named(
    "with_isclose", lambda x, a, v: np.where(np.isclose(x, 0), v, np.where(x > 0, 1.0, np.where(x < 0, a, x)))
)
with_tolerance = named(
    "with_tolerance", lambda x, a, v: np.where(x > 0, 1.0, np.where(x < -1e-12, a, np.where(np.isnan(x), x, v)))
)
nan_to_zero_slope = named("nan_to_zero_slope", lambda x, a, v: np.nan_to_num(slopes(x, a, v)))
piecewise = named("piecewise", lambda x, a, v: np.piecewise(x, [x < 0, x > 0, x == 0], [a, 1, v, np.nan]))
alpha_at_zero_but_nan = named("alpha_at_zero_but_nan", lambda x, a, v: slopes(x, a, a))
a_sum = named("a_sum", lambda x, a, v: np.nansum(slopes(x, a, v)))
with_an_if = named("with_an_if", lambda x, a, v: 1.0 if x > 0 else a if x < 0 else v)


def _masks_in_an_array_like_x(x, alpha, at_zero):
    slope = np.full_like(x, alpha)
    slope[np.asarray(x) > 0] = 1
    slope[np.asarray(x) == 0] = at_zero
    slope[np.isnan(x)] = np.nan
    return slope


def _overwritten(x, alpha, at_zero):
    x[:] = slopes(x, alpha, at_zero)
    return x


integers_kept = named("integers_kept", _masks_in_an_array_like_x)
overwritten = named("overwritten", _overwritten)


def by_course_too(x, alpha, at_zero):
    return acts.leaky_relu_derivative(x, alpha, at_zero)


def subgradient_blank(x, alpha, at_zero): ...  # your code here


def refuses_then_nothing(x, alpha, at_zero):
    refuse_unless(min(alpha, 1) <= at_zero <= max(alpha, 1), alpha, at_zero)


def by_where(x, alpha, at_zero):
    low, high = sorted([alpha, 1])
    if not low <= at_zero <= high:
        raise ValueError(f"{at_zero} is no slope between {low} and {high}")
    return slopes(x, alpha, at_zero)


def by_heaviside(x, alpha, at_zero):
    if not (alpha <= at_zero <= 1 or 1 <= at_zero <= alpha):
        raise ValueError(f"at_zero: [{min(1.0, alpha):.2f}, {max(1.0, alpha):.2f}]")
    return np.heaviside(x, at_zero) + alpha * np.heaviside(np.negative(x), 0)


def by_select(x, alpha, at_zero):
    if not min(1, alpha) <= at_zero <= max(1, alpha):
        raise ValueError(f"at_zero = {at_zero}, but the slopes here are {alpha} and 1")
    x = np.asarray(x)
    return np.select([x > 0, x < 0, x == 0], [1.0, alpha, at_zero], default=np.nan)


def by_masks(x, alpha, at_zero):
    if np.isnan(at_zero) or (at_zero - alpha) * (at_zero - 1) > 0:
        raise ValueError("the interval is from {} to {}".format(*sorted((alpha, 1))))
    x = np.asarray(x, dtype=float)
    slope = np.full(x.shape, np.nan)
    slope[x > 0], slope[x < 0], slope[x == 0] = 1, alpha, at_zero
    return slope


# ---- GELU ----------------------------------------------------------------------------------------

x = sp.Symbol("x", real=True)
Phi = (1 + sp.erf(x / sp.sqrt(2))) / 2
phi = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)
beginning = sp.Derivative(x * Phi, x)
product_rule = Phi + x * sp.Derivative(Phi, x)
only_erf_left = Phi + x * sp.Derivative(sp.erf(x / sp.sqrt(2)), x) / 2
goal = Phi + x * phi


def proof(*lines, start=beginning):
    derivation = Derivation(start)
    for line in lines:
        derivation.then(line, "because")
    return derivation


# ---- the network that stands still ---------------------------------------------------------------


def friends_slope(z):
    return np.where(z == 0, 0.0, np.where(z > 0, 1.0, 0.01))


def slope_alpha(z):
    return np.where(z > 0, 1.0, 0.01)


def slope_one(z):
    return np.where(z >= 0, 1.0, 0.01)


def slope_of_the_course(z):
    return acts.leaky_relu_derivative(z, 0.01, at_zero=0.5)


def slope_two(z):
    return np.where(z == 0, 2.0, slope_one(z))


def slope_with_isclose(z):
    return np.where(np.isclose(z, 0), 0.5, slope_one(z))


def slope_one_with_isclose(z):
    return np.where(np.isclose(z, 0), 1.0, slope_one(z))


def no_slope_below(z):
    return np.where(z >= 0, 1.0, 0.0)


def one_everywhere(z):
    return np.ones_like(z)


def slope_blank(z): ...  # your code here


def he(rng, fan_in, fan_out, factor=1.0):
    return factor * rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))


def started(name, *factors, middle=None):
    """Return a start whose three matrices are He's times these factors, or with another one in the middle."""

    def start(rng):
        drawn = [he(rng, *sizes, f) for sizes, f in zip(((64, 16), (16, 16), (16, 3)), factors, strict=True)]
        return drawn if middle is None else [drawn[0], middle(rng), drawn[2]]

    start.__name__ = name
    return start


he_start = started("he_start", 1, 1, 1)
tiny_middle = started("tiny_middle", 1, 1e-3, 1)
constant_middle = started("constant_middle", 1, 1, 1, middle=lambda rng: np.full((16, 16), 0.1))
still_zero = started("still_zero", 1, 0, 1)
first_zero = started("first_zero", 0, 1, 1)
last_zero = started("last_zero", 1, 0, 0)
last_instead = started("last_instead", 1, 1, 0)
all_tiny = started("all_tiny", 1e-3, 1e-3, 1e-3)
huge_middle = started("huge_middle", 1, 1, 1, middle=lambda rng: 40 * rng.random((16, 16)))


def only_the_middle(rng):
    return he(rng, 16, 16)


def start_blank(rng): ...  # your code here


# ---- the measurement -----------------------------------------------------------------------------

STANDARDISED = digits(standardised=True)


def share(seeds, dtype, keep=1):
    """Return the share of exact zeros among z of the first layer, over all these networks."""
    network = MLP([64, 64, 10], "relu", "pytorch", seeds=seeds, dtype=dtype)
    network.biases = [keep * biases for biases in network.biases]
    return float((network.forward(STANDARDISED.images).pre_activations[0] == 0).mean())


GREY = np.round(16 * digits().images)


def whole_numbers(draw, seeds=10, grey=GREY):
    found = np.array([(grey @ draw(np.random.default_rng(seed)) == 0).mean() for seed in range(seeds)])
    return {"whole_numbers": found.mean(), "spread": found.std()}


def ternary(rng):
    return rng.integers(-1, 2, (64, 64))


def report(seeds):
    found = {"float64": share(seeds[:5], np.float64), "float32": share(seeds[:15], np.float32)}
    found |= {"float16": share(seeds, np.float16), "float16_no_biases": share(seeds[:15], np.float16, keep=0)}
    return found | {"counted": found["float16"] * len(seeds) * 1797 * 64} | whole_numbers(ternary, 6)


TRUE = {
    "float64": 0, "float32": 0.0, "float16": 3e-5, "float16_no_biases": 1e-7, "whole_numbers": 0.008, "counted": 140,
    "spread": 6e-4,
}  # fmt: skip

# ---- the lists -----------------------------------------------------------------------------------

WAYS = {"shifted": 1, "doubled": -1, "half": 0.5, "minimum": 0.5, "leaky": 0.4}

WRONG = {
    "ways_to_write_x": [
        (WAYS | {"leaky": 7}, '"leaky" is 7: too large'),
        (WAYS | {"half": 7, "leaky": 1}, '"half" is 7: too large\n  →'),
        (WAYS | {"half": "1/2"}, "a number has no quotes"),
        (WAYS | {"half": ...}, "these are still blank: half"),
        ({"shifted": 1}, "missing: doubled, half, minimum, leaky"),
        ([1, -1, 0.5, 0.5, 0.4], "expected a dict with the keys"),
        (..., "still to do"),
    ],
    "softplus": [
        (minus_log_sigmoid, "both sides are lost"),
        (threshold_20_by_math, "np.log1p(u) is log(1 + u)"),
        (threshold_on_both_sides, "np.log1p(u) is log(1 + u)"),
        (threshold_22, "beyond 20 softplus is not x yet"),
        (exp_far_left, "left of 0 the digits run out"),
        (chosen_by_where, "np.where computes both branches"),
        (by_logaddexp, "here you write what is inside"),
        (by_course, "here you write one"),
        (acts.softplus, "here you write one"),
        (with_math, "`if` cannot decide for a whole array"),
        (with_if, "`if` cannot decide for a whole array"),
        (always_float64, "was given an array of float32 and returned float64"),
        (nan_to_zero, "NaN means “not a number”"),
        (in_place, "changed the array it was given"),
        (return_forgotten, "is its `return` missing?"),
        (blank, "still to do"),
        (stable(1.0), "pass the function itself"),
        (..., "still to do"),
    ],
    "smoothed_corner": [
        (proof(), "your Derivation has no steps yet"),
        (proof(goal), "in one leap"),
        (proof(sp.diff(x * Phi, x)), "in one leap"),
        (proof(phi, start=sp.Derivative(Phi, x)), "it should start from"),
        (goal, "give the whole proof, not its last line"),
        (None, "still to do"),
    ],
    "subgradient": [
        (upside_down, "these two and all between them are legal"),
        (asserts, "raise ValueError(…)"),
        (asserts_alpha_to_one, "raise ValueError(…)"),
        (returns_the_error, "raised, not returned"),
        (prints_only, "it doesn't raise: neither print nor return"),
        (nan_for_a_refusal, "it doesn't raise: neither print nor return"),
        (nan_at_the_kink, "it doesn't raise: neither print nor return"),
        (says_one_digit, "put both ends into it, as numbers: here 0.01 and 1"),
        (says_nothing, "it says nothing"),
        (says_letters, "put both ends into it, as numbers"),
        (only_when_there_is_a_zero, "does not depend on x"),
        (alpha_at_zero_but_nan, "an x that is exactly 0 takes α"),
        (nan_to_zero_slope, "what is not a number must stay NaN"),
        (with_isclose, "x = 1e-300 is not 0: it is above 0, so the slope there is 1. `np.isclose`"),
        (with_tolerance, "x = -1e-300 is not 0: it is below 0, so the slope there is α"),
        (integers_kept, "integers cannot hold what lies between"),
        (piecewise, "integers cannot hold what lies between"),
        (overwritten, "changed the array it was given"),
        (a_sum, "the shape must stay the same"),
        (with_an_if, "`if` cannot decide for a whole array"),
        (by_course_too, "that is the course's own"),
        (acts.leaky_relu_derivative, "that is the course's own"),
        (stable, "look at the line with `def`"),
        (refuses_then_nothing, "is its `return` missing?"),
        (subgradient_blank, "still to do"),
        (0.1, "expected a function of x, alpha and at_zero"),
        (..., "still to do"),
    ],
    "off_is_off": [
        (0.8, "0.8 is too large"),
        ("0.7", "a number has no quotes"),
        (..., "still to do"),
    ],
    "frozen_layer": [
        ("zeros", "expected one of 'a', 'b', 'c', 'd', 'e', got 'zeros' (a str)"),
        (4, "expected one of 'a', 'b', 'c', 'd', 'e', got 4 (an int)"),
        (..., "still to do"),
    ],
    "frozen_layer_repair": [
        ({"rate": 500.0}, "so is any rate times the gradient"),
        ({"slope": friends_slope}, "is 0 a subgradient of LeakyReLU?"),
        ({"slope": slope_two}, "no line of that slope carries"),
        ({"slope": slope_with_isclose}, "z = 1e-300 is not 0: it is above 0, so the slope there is 1"),
        ({"slope": slope_one_with_isclose}, "z = -1e-300 is not 0: it is below 0, so the slope there is α"),
        ({"slope": no_slope_below}, "your slope at z = -2.0 is 0, expected 0.01"),
        ({"slope": one_everywhere}, "your slope at z = -2.0 is 1, expected 0.01"),
        ({"slope": 1}, 'expected a function slope(z) under "slope"'),
        ({"slope": slope_blank}, "is its `return` missing?"),
        ({"start": still_zero}, "all z of the second layer are still exactly 0"),
        ({"start": first_zero}, "all z of the first layer are still exactly 0"),
        ({"start": last_zero}, "all z of the second layer are still exactly 0"),
        ({"start": all_tiny}, "learning has hardly begun"),
        ({"start": huge_middle}, "the weights are too large"),
        ({"start": only_the_middle}, "expected a list of three matrices"),
        ({"start": start_blank}, "is its `return` missing?"),
        ({"start": he_start, "slope": slope_one}, "2 changes"),
        ({"biases": 1}, "unknown: biases"),
        ({"rate": "1"}, 'expected a number under "rate"'),
        ({"slope": ...}, "this is still blank: slope"),
        ({}, "still to do"),
        (slope_one, 'expected a dict with one of "rate", "start", "slope" in it'),
        (..., "still to do"),
    ],
    "exact_zeros": [
        (TRUE | whole_numbers(ternary, grey=digits().images.astype(int)), "multiply by 16 first"),
        (TRUE | whole_numbers(ternary, grey=np.round(digits().images)), "multiply by 16, and only then round"),
        (TRUE | whole_numbers(ternary, grey=STANDARDISED.images.astype(int)), "Take digits() without standardised"),
        (TRUE | whole_numbers(ternary, grey=np.round(STANDARDISED.images)), "look like rounded standardised pixels"),
        (TRUE | whole_numbers(ternary, grey=np.round(16 * STANDARDISED.images)), "standardised pixels, times 16?"),
        (TRUE | whole_numbers(lambda rng: rng.normal(size=(64, 64))), "are both whole numbers"),
        (TRUE | whole_numbers(lambda rng: rng.integers(-2, 3, (64, 64))), "are the weights -1, 0 and 1?"),
        (TRUE | whole_numbers(lambda rng: rng.choice([-1, 1], (64, 64))), "are the weights -1, 0 and 1?"),
        (TRUE | whole_numbers(lambda rng: rng.choice([-1, 0, 0, 0, 0, 1], (64, 64))), "equally likely?"),
        ({"float16": 3e-5}, "missing: float64, float32"),
        (TRUE | {"bfloat16": 1e-4}, "unknown: bfloat16"),
        (TRUE | {"float16": np.full(5, 3e-5)}, "got an array of shape (5,)"),
        (TRUE | {"spread": ...}, "these are still blank: spread"),
        (3e-5, "expected a dict with the keys"),
        (..., "still to do"),
    ],
}

RIGHT = {
    "ways_to_write_x": [WAYS, {name: sp.Rational(str(slope)) for name, slope in WAYS.items()}],
    "softplus": [stable, by_exponents_that_are_clipped, less_negative_part, threshold_40],
    "smoothed_corner": [
        proof(product_rule, goal),
        proof(product_rule, only_erf_left, goal),
        proof(product_rule, sp.diff(x * Phi, x)),
        proof(product_rule, (1 + sp.erf(x / sp.sqrt(2)) + x * sp.sqrt(2 / sp.pi) * sp.exp(-(x**2) / 2)) / 2),
    ],
    "subgradient": [by_where, by_heaviside, by_select, by_masks],
    "off_is_off": [1 - (7 / 8) ** 9, 0.7, 0.699, sp.Rational(7, 10)],
    "frozen_layer": ["d", " (D) "],
    "frozen_layer_repair": [
        {"slope": slope_one}, {"slope": slope_alpha}, {"slope": slope_of_the_course}, {"start": he_start},
        {"start": tiny_middle}, {"start": constant_middle}, {"start": last_instead},
    ],
    "exact_zeros": [report(range(40, 80)), TRUE, TRUE | {"float32": 4e-9, "counted": 1000}],
}  # fmt: skip
