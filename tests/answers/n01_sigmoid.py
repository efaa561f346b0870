"""Answers to the exercises of 01_sigmoid, as students give them.

WRONG: each with the text that its message must have. RIGHT: written differently, all accepted.
The mistakes that the judge itself lists are tried as well; they do not stand here.
"""

import math

import numpy as np
import sympy as sp

from acts.data import digits
from acts.network import MLP, cross_entropy
from acts.probes import rms
from acts.symbolic import Derivation

# ---- sigmoid -------------------------------------------------------------------------------------


def both_branches(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def with_math(x):
    return 1 / (1 + math.exp(-x))


def with_if(x):
    if x >= 0:
        return 1 / (1 + np.exp(-x))
    return np.exp(x) / (1 + np.exp(x))


def divided_by_zero(x):
    return 1 / 0


def misspelt(x):
    return 1 / (1 + np.exps(-x))


def no_argument():
    return 1 / (1 + np.exp(0))


def in_place(x):
    x *= -1
    return 1 / (1 + np.exp(x))


def always_float64(x):
    return stable(np.asarray(x, dtype=np.float64))


def flattened(x):
    return np.ravel(stable(x))


def summed(x):
    return np.sum(stable(x))


def nan_to_zero(x):
    return np.nan_to_num(stable(x))


def a_list(x):
    return [stable(value) for value in x]


def a_text(x):
    return str(stable(x))


def nearly(x):
    return stable(x) * (1 + 1e-9)


def masked_in_integers(x):
    x = np.asarray(x)
    return masked_without_asarray(x)


def masked_without_asarray(x):
    result = np.empty_like(x)
    result[x >= 0] = 1 / (1 + np.exp(-x[x >= 0]))
    result[~(x >= 0)] = np.exp(x[~(x >= 0)]) / (1 + np.exp(x[~(x >= 0)]))
    return result


def return_forgotten(x):
    stable(x)


def blank(x): ...  # your code here


def stable(x):
    z = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, z).astype(z.dtype)[()] / (1 + z)


def by_minimum(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


def by_logarithms(x):
    return np.exp(-np.logaddexp(0, -x))


def by_masks(x):
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(float)
    result = np.empty_like(x)
    positive = x >= 0
    result[positive] = 1 / (1 + np.exp(-x[positive]))
    z = np.exp(x[~positive])
    result[~positive] = z / (1 + z)
    return result


# ---- sigmoid_derivative --------------------------------------------------------------------------


def cosh_squared(x):
    return 1 / (4 * np.cosh(x / 2) ** 2)


def even(x):
    z = np.exp(-np.abs(x))
    return z / (1 + z) ** 2


def both_tails(x):
    return stable(x) * stable(-x)


# ---- derivations ---------------------------------------------------------------------------------

s, z = sp.Symbol("s"), sp.Symbol("z", real=True)
slope = sp.exp(-z) / (1 + sp.exp(-z)) ** 2
squared_sum = 1 / (sp.exp(z / 2) + sp.exp(-z / 2)) ** 2
with_cosh = 1 / (4 * sp.cosh(z / 2) ** 2)


def proof(*lines, start=slope):
    derivation = Derivation(start)
    for line in lines:
        derivation.then(line, "because")
    return derivation


# ---- the network that doesn't learn --------------------------------------------------------------


def unchanged(rng, fan_in, fan_out):
    return rng.random((fan_in, fan_out))


def all_zero(rng, fan_in, fan_out):
    return np.zeros((fan_in, fan_out))


def all_equal(rng, fan_in, fan_out):
    return np.full((fan_in, fan_out), 0.01)


def negative(rng, fan_in, fan_out):
    return -rng.random((fan_in, fan_out))


def standard_normal(rng, fan_in, fan_out):
    return rng.normal(size=(fan_in, fan_out))


def tiny(rng, fan_in, fan_out):
    return rng.normal(0, 1e-9, (fan_in, fan_out))


def turned_round(rng, fan_in, fan_out):
    return rng.normal(0, 0.01, (fan_out, fan_in))


def fixed_shape(rng, fan_in, fan_out):
    return rng.normal(0, 0.01, (64, 12))


def enormous(rng, fan_in, fan_out):
    return rng.normal(0, 1e9, (fan_in, fan_out))


def no_generator(fan_in, fan_out):
    return np.random.default_rng(0).normal(0, 0.01, (fan_in, fan_out))


def start_blank(rng, fan_in, fan_out): ...  # your code here


def small_normal(rng, fan_in, fan_out):
    return rng.normal(0, 1 / 60, (fan_in, fan_out))


def xavier_for_grey(rng, fan_in, fan_out):
    bound = np.sqrt(6 / (fan_in + fan_out)) / 8
    return rng.uniform(-bound, bound, (fan_in, fan_out))


# ---- the measurement -----------------------------------------------------------------------------


def measured(ratio, names=("xavier", "pytorch", "he", "centred"), width=32, seeds=5, images=200):
    """Return the report of a student whose ratio of sizes is `ratio(sizes)`."""
    report, spread = {}, 0.0
    for name in names:
        network = MLP([64] + 10 * [width] + [10], "sigmoid", name, seeds=seeds)
        _, gradients = cross_entropy(network, *(part[:images] for part in digits()))
        ratios = ratio([rms(g, axis=(1, 2)) for g in gradients.pre_activations[:-1]])
        report[name] = ratios.mean()
        spread = ratios.std() if name == "xavier" else spread
    return report | {"spread": spread}


def ninth_root(sizes):
    return (sizes[0] / sizes[-1]) ** (1 / 9)


TRUE = {"xavier": 0.2315, "pytorch": 0.1412, "he": 0.3148, "centred": 0.8651, "spread": 0.002}

# ---- the lists -----------------------------------------------------------------------------------

WRONG = {
    "reaches_one": [
        (20, "20 is too large"),
        (-3, "-3 is too small"),
        ("17", "a number has no quotes"),
        (True, "expected an integer z, got True (a bool)"),
        ([17], "got a list of 1"),
        (None, "still to do"),
    ],
    "sigmoid": [
        (both_branches, "np.where computes both branches"),
        (with_math, "the functions of `math` take one number"),
        (with_if, "`if` cannot decide for a whole array"),
        (divided_by_zero, "your function raised ZeroDivisionError: division by zero – for x = 0.0"),
        (misspelt, "in the line: return 1 / (1 + np.exps(-x))"),
        (no_argument, "look at the line with `def`"),
        (in_place, "changed the array it was given"),
        (always_float64, "was given an array of float32 and returned float64"),
        (flattened, "returned shape (1,)"),
        (summed, "returned shape ()"),
        (nan_to_zero, "NaN means “not a number”"),
        (a_list, "returned a list of 50"),
        (a_text, "(a str)"),
        (nearly, "about 8 digits right"),
        (masked_without_asarray, "x may be a single number too"),
        (masked_in_integers, "makes integers"),
        (return_forgotten, "is its `return` missing?"),
        (blank, "still to do"),
        (3, "expected a function of an array, got 3 (an int)"),
        (stable(np.zeros(3)), "pass the function itself"),
        (..., "still to do"),
    ],
    "sigmoid_derivative": [
        (cosh_squared, "cosh² overflow for |x| above 709"),
        (blank, "still to do"),
    ],
    "third_derivative": [
        (s * (1 - s) * (1 - 2 * s) ** 2, "the factor 1 − 2s has a derivative too"),
        (-2 * s**2 * (1 - s) ** 2, "the factor s(1−s) has a derivative too"),
        (-s * (1 - s) * (1 - 6 * s + 6 * s**2), "the sign is the wrong way round"),
        (s**3, "is not it"),
        (sp.Symbol("t") * s, "write it in s; your expression has t in it"),
        ("s*(1-s)", "write it without quotes"),
        (stable, "expected a SymPy expression in s, got the function stable"),
        (..., "still to do"),
    ],
    "cosh_form": [
        (proof(), "your Derivation has no steps yet"),
        (proof(squared_sum), "very close: cosh(u)"),
        (proof(slope), "this is still where it starts"),
        (proof(with_cosh), "in one leap"),
        (proof(squared_sum, 1 / (2 + 2 * sp.cosh(z))), "cosh(z) + 1 is 2·cosh²(z/2)"),
        (proof(1 / (1 + sp.exp(-z)) - 1 / (1 + sp.exp(-z)) ** 2), "the goal is 1/(4·cosh²(z/2))"),
        (
            proof(sp.cosh(z) / sp.cosh(z), start=sp.Integer(1)),
            "it should start from exp(-z)/(1 + exp(-z))**2",
        ),
        (with_cosh, "give the whole proof, not its last line"),
        (None, "still to do"),
    ],
    "dead_network": [
        ("saturated", "expected one of 'a', 'b', 'c', 'd', 'e', got 'saturated' (a str)"),
        (2, "expected one of 'a', 'b', 'c', 'd', 'e', got 2 (an int)"),
        (..., "still to do"),
    ],
    "dead_network_repair": [
        (unchanged, "100% of the first layer is saturated"),
        (all_zero, "all hidden units stay equal"),
        (all_equal, "all hidden units stay equal"),
        (negative, "100% of the first layer is saturated"),
        (standard_normal, "a typical |z| is"),
        (tiny, "so tiny that all images look alike"),
        (turned_round, "expected weights of shape (64, 12)"),
        (fixed_shape, "expected weights of shape (12, 3)"),
        (enormous, "none of them beyond 1e6"),
        (no_generator, "look at the line with `def`"),
        (small_normal(np.random.default_rng(0), 64, 12), "expected a function start(rng, fan_in, fan_out)"),
        (start_blank, "still to do"),
    ],
    "layer_ratio": [
        (measured(lambda sizes: 1 / ninth_root(sizes)), "turn it round"),
        (measured(lambda sizes: sizes[0] / sizes[-1]), "that is all the layers together"),
        (measured(lambda sizes: (sizes[0] / sizes[-1]) ** 0.1), "ten layers have nine steps"),
        (measured(ninth_root, seeds=1), "one network has no spread"),
        (TRUE | {"pytorch": 0.245, "he": 0.22, "centred": 0.217}, "the activation's factor alone"),
        ({"xavier": 0.23}, "missing: pytorch, he, centred, spread"),
        (TRUE | {"lsuv": 0.3}, "unknown: lsuv"),
        (TRUE | {"he": ...}, "these are still blank: he"),
        (TRUE | {"he": "0.31"}, "a number has no quotes"),
        (0.23, "expected a dict with the keys"),
        (..., "still to do"),
    ],
}

RIGHT = {
    "reaches_one": [17, 17.0, np.float32(17), sp.Integer(17)],
    "sigmoid": [stable, by_minimum, by_logarithms, by_masks],
    "sigmoid_derivative": [even, both_tails],
    "third_derivative": [
        s * (1 - s) * (1 - 6 * s + 6 * s**2),
        s - 7 * s**2 + 12 * s**3 - 6 * s**4,
        (s - 7 * s**2 + 12 * s**3 - 6 * s**4).subs(s, sp.Symbol("s", real=True)),
    ],
    "cosh_form": [
        proof(squared_sum, with_cosh),
        proof(1 / (2 + sp.exp(z) + sp.exp(-z)), squared_sum, (sp.sech(z / 2) / 2) ** 2),
        proof(squared_sum, "1/(2*cosh(z/2))**2"),
    ],
    "dead_network": ["b", " (B) "],
    "dead_network_repair": [small_normal, xavier_for_grey],
    "layer_ratio": [
        measured(ninth_root),
        measured(ninth_root, width=64, images=100),
        measured(lambda sizes: np.mean([low / high for low, high in zip(sizes, sizes[1:], strict=False)], axis=0)),
        TRUE,
    ],
}
