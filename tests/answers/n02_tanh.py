"""Answers to the exercises of 02_tanh, as students give them.

WRONG: each with the text that its message must have. RIGHT: written differently, all accepted.
The mistakes that the judge itself lists are tried as well; they do not stand here.
"""

import math
from functools import cache

import numpy as np
import sympy as sp

import acts
from acts.data import digits
from acts.network import MLP
from acts.probes import offset_over_spread, rms
from acts.recurrent import LSTM
from acts.symbolic import Derivation

# ---- tanh ----------------------------------------------------------------------------------------


def sinh_over_cosh(x):
    return np.sinh(x) / np.cosh(x)


def growing_expm1(x):
    u = np.expm1(2 * x)
    return u / (u + 2)


def falling_expm1(x):
    u = np.expm1(-2 * x)
    return -u / (u + 2)


def one_exponential(x):
    shrunk = np.exp(-2 * np.abs(x))
    return np.copysign((1 - shrunk) / (1 + shrunk), x)


def stretched_in_height_only(x):
    return 2 * acts.sigmoid(x) - 1


def both_branches(x):
    u, v = np.expm1(-2 * x), np.expm1(2 * x)
    return np.where(x >= 0, -u / (u + 2), v / (v + 2))


def by_library(x):
    return np.tanh(x)


def by_course(x):
    return acts.tanh(x)


def with_math(x):
    return math.copysign(1, x) * math.expm1(-2 * abs(x)) / (math.expm1(-2 * abs(x)) + 2)


def with_if(x):
    u = np.expm1(-2 * abs(x))
    if x >= 0:
        return -u / (u + 2)
    return u / (u + 2)


def nan_to_zero(x):
    return np.nan_to_num(stable(x))


def always_float64(x):
    return stable(np.asarray(x, dtype=np.float64))


def in_place(x):
    x *= -2
    u = np.expm1(-np.abs(x))
    return np.copysign(-u / (u + 2), -x)


def return_forgotten(x):
    stable(x)


def blank(x): ...  # your code here


def stable(x):
    u = np.expm1(-2 * np.abs(x))
    return np.copysign(u / (u + 2), x)


def with_sign(x):
    u = np.expm1(-2 * np.abs(x))
    return np.sign(x) * -u / (2 + u)


def chosen_exponent(x):
    v = np.expm1(-2 * np.abs(x)) / (np.exp(-2 * np.abs(x)) + 1)
    return np.where(x < 0, v, -v)[()]


def sinh_over_cosh_within_20(x):
    near = np.clip(x, -20, 20)
    return np.sinh(near) / np.cosh(near)


# ---- tanh_derivative -----------------------------------------------------------------------------


def one_minus_t_one_plus_t(x):
    return (1 - np.tanh(x)) * (1 + np.tanh(x))


def one_over_cosh_then_squared(x):
    return (1 / np.cosh(x)) ** 2


def quotient_rule(x):
    above, below = np.exp(x) - np.exp(-x), np.exp(x) + np.exp(-x)
    return (below**2 - above**2) / below**2


def x_taken_for_t(x):
    return 1 - x**2


def even(x):
    z = np.exp(-2 * np.abs(x))
    return 4 * z / (1 + z) ** 2


def square_at_the_end(x):
    h = np.exp(-np.abs(x))
    return (2 * h / (1 + h * h)) ** 2


def four_times_the_sigmoids(x):
    return 4 * acts.sigmoid_derivative(2 * x)


def gap_times_the_other_gap(x):
    z = np.exp(-2 * np.abs(x))
    return (2 * z / (1 + z)) * (2 / (1 + z))


# ---- derivation ----------------------------------------------------------------------------------

x = sp.Symbol("x", real=True)
t, sigma = sp.tanh(x / 2), 1 / (1 + sp.exp(-x))
beginning = sp.Derivative(x * (1 + t) / 2, x)
product_rule = (1 + t) / 2 + x * (1 - t**2) / 4
factored = (1 + t) / 2 * (1 + x * (1 - t) / 2)
goal = sigma * (1 + x * (1 - sigma))


def proof(*lines, start=beginning):
    derivation = Derivation(start)
    for line in lines:
        derivation.then(line, "because")
    return derivation


# ---- the network that explodes -------------------------------------------------------------------


def tanh_slope(t):
    return 1 - t**2


def upstream_overwritten(upstream, z):
    upstream *= 1 - np.tanh(z) ** 2
    return upstream


def matrix_product(upstream, z):
    return upstream @ tanh_slope(np.tanh(z)).sum(axis=0)


def only_z(z):
    return tanh_slope(np.tanh(z))


def mended_blank(upstream, z): ...  # your code here


def by_output(upstream, z):
    return upstream * (1 - np.tanh(z) ** 2)


def by_input(upstream, z):
    return upstream * acts.tanh_derivative(z)


def by_cosh(upstream, z):
    return upstream / np.cosh(z) ** 2


# ---- the measurement -----------------------------------------------------------------------------

_, TEST = digits(standardised=True).split()


def measured(
    statistic=offset_over_spread, *, images=TEST.images[:150], seeds=5, layer=10, width=64, only=False, mean=np.mean
):
    """Return the report of a student who measures `statistic` of the layer; `only`: the biases are left as drawn."""
    sizes, report = [64] + 10 * [width] + [10], {}
    for kind in ("xavier", "pytorch"):
        for name, factor in (("without", 0), ("with", 1)):
            network = MLP(sizes, "tanh", kind, seeds=seeds)
            drawn = MLP(sizes, "tanh", "pytorch", seeds=seeds).biases
            network.biases = network.biases if only else [factor * biases for biases in drawn]
            found = statistic(network.forward(images).activations[layer])
            report[f"{kind}_{name}"] = mean(found)
    return report | {"spread": found.std()}


def own_ratio(units):
    return rms(units.mean(axis=1), axis=-1) / rms(units.std(axis=1), axis=-1)


TRUE = {"xavier_without": 0.07, "xavier_with": 0.74, "pytorch_without": 0.05, "pytorch_with": 35, "spread": 4}

# ---- a step of an LSTM ---------------------------------------------------------------------------


def own_sigmoid(z):
    return 1 / (1 + np.exp(-z))


def by_names(x, h, c, W, b):
    row = np.concatenate([x, h])
    f, i, o = (own_sigmoid(row @ W[name] + b[name]) for name in ("forget", "input", "output"))
    g = np.tanh(row @ W["candidate"] + b["candidate"])
    c = f * c + i * g
    return c, o * np.tanh(c)


def by_parts(x, h, c, W, b):
    z = {name: x @ W[name][: len(x)] + h @ W[name][len(x) :] + b[name] for name in W}
    shares = {name: (1 + np.tanh(z[name] / 2)) / 2 for name in ("forget", "input", "output")}
    memory = shares["forget"] * c + shares["input"] * acts.tanh(z["candidate"])
    return [memory, shares["output"] * (2 * acts.sigmoid(2 * memory) - 1)]


def sum_of_x_and_h(x, h, c, W, b):
    return x @ W["forget"], h


def memory_only(x, h, c, W, b):
    return by_names(x, h, c, W, b)[0]


def memory_in_place(x, h, c, W, b):
    new, shown = by_names(x, h, c, W, b)
    c *= 0.5
    return new, shown


def step_twice(x, h, c, W, b):
    c, h = by_names(x, h, c, W, b)
    return by_names(x, h, c, W, b)


def step_blank(x, h, c, W, b): ...  # your code here


# ---- the half-life of a memory -------------------------------------------------------------------


@cache
def gates(bias, scale=1.0, seeds=5, first=0, count=50):
    rows = digits(standardised=True).images[first : first + count].reshape(-1, 8)
    return LSTM(8, 16, seeds=seeds, forget_bias=bias, scale=scale).forward(rows).forget


def by_mean_logarithm(f):
    return np.log(0.5) / np.log(f).mean(axis=(1, 2))


def by_product(f):
    left = np.prod(f, axis=1)  # of 1, for each unit
    return np.log(0.5) / (np.log(left).mean(axis=1) / f.shape[1])


def by_mean_gate(f):
    return np.log(0.5) / np.log(f.mean(axis=(1, 2)))


def counted(f):
    log_left = np.cumsum(np.log(f), axis=1)
    return np.argmax(log_left < np.log(0.5), axis=1).mean(axis=1) + 1


def half_lives(half_life, biases=(4.5, 5, 5.5, 6), **design):
    """Return the report of a student who computes half-lives by `half_life(gates)`."""
    lives = {bias: half_life(gates(bias, **design)) for bias in (0, 1, 3, *biases)}
    course = [lives[bias].mean() for bias in biases]
    return {
        "bias_0": lives[0].mean(), "bias_1": lives[1].mean(), "bias_3": lives[3].mean(),
        "doubled": half_life(gates(3, scale=2, **design)).mean(), "for_100": np.interp(100, course, biases),
        "spread": lives[3].std(),
    }  # fmt: skip


TRUE_LIVES = {"bias_0": 0.949, "bias_1": 2.016, "bias_3": 11.69, "doubled": 6.90, "for_100": 5.29, "spread": 0.42}
STEADY_LIVES = {"bias_0": 1.0, "bias_1": 2.2127, "bias_3": 14.266, "doubled": 14.266, "for_100": 4.97, "spread": 0.0}

# ---- the lists -----------------------------------------------------------------------------------

WRONG = {
    "bfloat16_reaches_one": [
        (8, "8 is too large"),
        (1, "1 is too small"),
        ("3.5", "a number has no quotes"),
        ([3.5], "expected a number x, got a list of 1"),
        (None, "still to do"),
    ],
    "width_one": [
        (-2, "-2 is too small"),
        ("-3/2", "a number has no quotes"),
        (sp.Symbol("L") ** sp.Rational(-3, 2), "expected a number p"),
        (..., "still to do"),
    ],
    "tanh": [
        (sinh_over_cosh, "divide both by eˣ"),
        (growing_expm1, "for large x only"),
        (falling_expm1, "for x far below 0 only"),
        (one_exponential, "near 0 two numbers close to each other are subtracted"),
        (stretched_in_height_only, "this is tanh(x/2)"),
        (both_branches, "np.where computes both branches"),
        (by_library, "here you write one"),
        (by_course, "here you write one"),
        (np.tanh, "here you write one"),
        (acts.tanh, "here you write one"),
        (with_math, "the functions of `math` take one number"),
        (with_if, "`if` cannot decide for a whole array"),
        (nan_to_zero, "NaN means “not a number”"),
        (always_float64, "was given an array of float32 and returned float64"),
        (in_place, "changed the array it was given"),
        (return_forgotten, "is its `return` missing?"),
        (blank, "still to do"),
        (stable(1.0), "pass the function itself"),
        (..., "still to do"),
    ],
    "tanh_derivative": [
        (one_minus_t_one_plus_t, "from about 19 on t is rounded to exactly 1"),
        (one_over_cosh_then_squared, "the values are right, but NumPy warned"),
        (quotient_rule, "let exp have −|x| only"),
        (x_taken_for_t, "1 - t² is for the output t"),
        (blank, "still to do"),
    ],
    "silu_by_tanh": [
        (proof(), "your Derivation has no steps yet"),
        (proof(product_rule), "1 − t² is (1 + t)(1 − t)"),
        (proof(sp.diff(x * (1 + t) / 2, x)), "1 − t² is (1 + t)(1 − t)"),
        (proof(product_rule, factored), "only the names are left"),
        (proof(product_rule, (1 + t) * (2 + x * (1 - t)) / 4), "only the names are left"),
        (proof(sigma + x * sigma * (1 - sigma)), "both terms have σ in them"),
        (proof(sigma + x * sp.exp(-x) / (1 + sp.exp(-x)) ** 2), "σ′ is σ·(1 − σ)"),
        (proof(product_rule, sigma * (1 + x / (1 + sp.exp(x)))), "1/(1 + eˣ) is 1 − σ(x)"),
        (proof(beginning), "use the product rule"),
        (proof(goal), "in one leap"),
        (proof(product_rule, factored, (1 + x + sp.exp(x)) * sp.exp(x) / (1 + sp.exp(x)) ** 2), "the goal is σ"),
        (proof(1 - t**2, start=sp.Derivative(2 * t, x)), "it should start from"),
        (goal, "give the whole proof, not its last line"),
        (None, "still to do"),
    ],
    "exploding_tanh": [
        ("slope", "expected one of 'a', 'b', 'c', 'd', 'e', got 'slope' (a str)"),
        (4, "expected one of 'a', 'b', 'c', 'd', 'e', got 4 (an int)"),
        (..., "still to do"),
    ],
    "exploding_tanh_repair": [
        (upstream_overwritten, "changed upstream, which it was given"),
        (matrix_product, "your result has the wrong shape for upstream and z, two arrays of shape (3, 3)"),
        (only_z, "look at the line with `def`"),
        (by_output(np.ones(3), np.zeros(3)), "expected a function mended(upstream, z)"),
        (mended_blank, "still to do"),
    ],
    "centred_by_default": [
        (measured(seeds=1), "one network has no spread"),
        (measured(lambda units: units.mean(axis=(1, 2))), "plus and minus cancel"),
        (measured(lambda units: rms(units.mean(axis=1), axis=-1)), "an offset alone says nothing"),
        (measured(images=digits().images[:150]), "these look like raw pixels"),
        (measured(lambda units: 1 / offset_over_spread(units)), "turn it round"),
        (measured(only=True), "give it PyTorch's"),
        (measured(layer=1), "these look like layer 1"),
        (measured(layer=9), "layer 10 is activations[10]"),
        (measured(width=32), "are the layers 64 units wide"),
        ({"xavier_with": 0.7}, "missing: xavier_without, pytorch_without, pytorch_with, spread"),
        (TRUE | {"he_with": 1}, "unknown: he_with"),
        (TRUE | {"xavier_with": np.full(5, 0.7)}, "got an array of shape (5,)"),
        (TRUE | {"spread": ...}, "these are still blank: spread"),
        (TRUE | {"spread": "4.5"}, "a number has no quotes"),
        (35, "expected a dict with the keys"),
        (..., "still to do"),
    ],
    "gate_bias": [
        (8, "8 is too large"),
        ("5", "a number has no quotes"),
        (..., "still to do"),
    ],
    "lstm_step": [
        (sum_of_x_and_h, "x and h as one row stand on its left"),
        (memory_only, "return c, h"),
        (memory_in_place, "changed c, which it was given"),
        (step_twice, "wrong for 3 features and 2 units: c[0]"),
        (step_blank, "still to do"),
        (None, "still to do"),
    ],
    "memory_half_life": [
        (half_lives(by_mean_gate), "the mean of their *logarithms*"),
        (half_lives(counted), "rounds each count up"),
        (half_lives(lambda f: -by_mean_logarithm(f)), "so has a half"),
        (half_lives(lambda f: by_mean_logarithm(f) / np.log(2)), "a factor of log 2"),
        (half_lives(lambda f: np.exp(np.log(f).mean(axis=(1, 2)))), "the share that one step keeps"),
        (half_lives(lambda f: np.log(0.5) / np.log(np.median(f, axis=(1, 2)))), "that is the typical gate"),
        (half_lives(by_mean_logarithm, seeds=1), "one cell has no spread"),
        (STEADY_LIVES | {"spread": 0.1}, "a gate that looks at nothing"),
        ({"bias_1": 2.0}, "missing: bias_0, bias_3, doubled, for_100, spread"),
        (TRUE_LIVES | {"bias_3": ...}, "these are still blank: bias_3"),
        (11.69, "expected a dict with the keys"),
        (..., "still to do"),
    ],
}

RIGHT = {
    "bfloat16_reaches_one": [3.5, np.float32(3.5), sp.Rational(7, 2), 35 / 10],
    "width_one": [-1.5, -3 / 2, sp.Rational(-3, 2)],
    "tanh": [stable, with_sign, chosen_exponent, sinh_over_cosh_within_20],
    "tanh_derivative": [even, square_at_the_end, four_times_the_sigmoids, gap_times_the_other_gap],
    "silu_by_tanh": [
        proof(product_rule, factored, goal),
        proof(sigma + x * sigma * (1 - sigma), goal),
        proof(product_rule, "(1 + x*(1 - 1/(1 + exp(-x))))/(1 + exp(-x))"),
    ],
    "exploding_tanh": ["d", " (D) "],
    "exploding_tanh_repair": [by_output, by_input, by_cosh],
    "centred_by_default": [
        measured(),
        measured(images=digits(standardised=True).images[:64], seeds=range(20, 25)),
        measured(own_ratio, seeds=range(50, 58), mean=np.median),
        measured(images=digits(standardised=True).images[-300:], seeds=range(30, 36)),
        TRUE,
    ],
    "gate_bias": [5, 5.0, np.float64(5)],
    "lstm_step": [by_names, by_parts],
    "memory_half_life": [
        TRUE_LIVES,
        half_lives(by_mean_logarithm),
        half_lives(by_product, seeds=range(10, 18), first=300),
        half_lives(by_mean_logarithm, biases=np.arange(4.6, 6.2, 0.2), seeds=range(20, 25), count=25),
    ],
}
