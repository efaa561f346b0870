"""Answers to the exercises of 00_why_activations, as students give them.

WRONG: each with the text that its message must have. RIGHT: written differently, all accepted.
The mistakes that the judge itself lists are tried as well; they do not stand here.
"""

import numpy as np
import sympy as sp

import acts
from acts.symbolic import Derivation

# ---- affine_at -----------------------------------------------------------------------------------


def with_masks(layers, x):
    matrix, bias, signal = np.eye(len(x)), np.zeros(len(x)), x
    for W, b in layers[:-1]:
        z = signal @ W + b
        matrix, bias, signal = (matrix @ W) * (z > 0), (bias @ W + b) * (z > 0), np.maximum(z, 0)
    W, b = layers[-1]
    return matrix @ W, bias @ W + b


def output_of(layers, x):
    for W, b in layers[:-1]:
        x = np.maximum(x @ W + b, 0)
    W, b = layers[-1]
    return x @ W + b


def from_the_back(layers, x):
    signals = [x]
    for W, b in layers[:-1]:
        signals.append(acts.relu(signals[-1] @ W + b))
    matrix, bias = layers[-1]
    for (W, b), signal in zip(layers[-2::-1], signals[:0:-1], strict=True):
        on = np.diag((signal > 0).astype(float))
        matrix, bias = W @ on @ matrix, b @ on @ matrix + bias
    return [matrix, bias]


def by_differences(layers, x):
    h = 1e-4
    columns = [(output_of(layers, x + h * e) - output_of(layers, x - h * e)) / (2 * h) for e in np.eye(len(x))]
    matrix = np.array(columns)
    return matrix, output_of(layers, x) - x @ matrix


def weights_first(layers, x):
    return layers[0][0] @ x, layers[0][1]


def masked_rows(layers, x):
    matrix, bias, signal = np.eye(len(x)), np.zeros(len(x)), x
    for W, b in layers[:-1]:
        on = signal @ W + b > 0
        matrix, bias, signal = (matrix @ W) * on[:, None], (bias @ W + b) * on, np.maximum(signal @ W + b, 0)
    W, b = layers[-1]
    return matrix @ W, bias @ W + b


def last_on_the_left(layers, x):
    matrix, bias = layers[0]
    for W, b in layers[1:]:
        matrix, bias = W @ matrix, b
    return matrix, bias


def matrix_only(layers, x):
    return with_masks(layers, x)[0]


def masked_in_place(layers, x):
    result, signal = with_masks(layers, x), x
    for W, b in layers[:-1]:
        on = signal @ W + b > 0
        signal = np.maximum(signal @ W + b, 0)
        W *= on
    return result


def a_little_off(layers, x):
    matrix, bias = with_masks(layers, x)
    return matrix + 0.01, bias


def affine_blank(layers, x): ...  # your code here


# ---- the network that only guesses ---------------------------------------------------------------


def relu_bend(z):
    return np.maximum(z, 0), np.where(z > 0, 1.0, 0.0)


def tanh_bend(z):
    return acts.tanh(z), acts.tanh_derivative(z)


def leaky_bend(z):
    return np.where(z > 0, z, 0.1 * z), np.where(z > 0, 1, 0.1)


def absolute_bend(z):
    return [np.abs(z), np.sign(z)]


def parabola_bend(z):
    return z**2, 2 * z


def corner_unmoved(z):
    return np.maximum(z, -8), np.where(z > -8, 1.0, 0.0)


def corner_on_the_other_side(z):
    return np.maximum(z, 8), np.where(z > 8, 1.0, 0.0)


def hardly_leaky(z):
    return np.where(z > 0, z, 0.99 * z), np.where(z > 0, 1, 0.99)


def leaky_by_a_fifth(z):
    return np.where(z > 0, z, 0.8 * z), np.where(z > 0, 1, 0.8)


def straight(z):
    return 2 * z, 2 * np.ones_like(z)


def number_as_slope(z):
    return 2 * z, 2


def staircase(z):
    return np.where(z > 0, 1.0, 0.0), np.zeros_like(z)


def slope_always_one(z):
    return np.maximum(z, 0), np.ones_like(z)


def relu_swapped(z):
    return np.where(z > 0, 1.0, 0.0), np.maximum(z, 0)


def tanh_swapped(z):
    return 1 - np.tanh(z) ** 2, np.tanh(z)


def slope_of_z(z):
    return np.tanh(z), 1 - z**2


def slope_of_z_by_sigma(z):
    return acts.sigmoid(z), z * (1 - z)


def value_only(z):
    return np.maximum(z, 0)


def bend_with_if(z):
    return (z, 1.0) if z > 0 else (0.0, 0.0)


def bend_without_return(z):
    relu_bend(z)


def bend_blank(z): ...  # your code here


# ---- derivations ---------------------------------------------------------------------------------

p, z = sp.Symbol("p", positive=True), sp.Symbol("z", real=True)
entropy = -p * sp.log(p) - (1 - p) * sp.log(1 - p)
differentiated = z - sp.log(p) + sp.log(1 - p)
in_odds = z - sp.log(p / (1 - p))
solved = sp.Eq(sp.log(p / (1 - p)), z)
odds = p / (1 - p)


def slope_proof(*lines, start=sp.Derivative(entropy + z * p, p)):  # noqa: B008
    derivation = Derivation(start, assuming=p < 1)
    for line in lines:
        derivation.then(line, "because")
    return derivation


def logistic_proof(*lines, start=p):
    derivation = Derivation(start, assuming=[p < 1, solved])
    for line in lines:
        derivation.then(line, "because")
    return derivation


sigma = 1 / (1 + sp.exp(-z))
with_exp = sp.exp(z) / (1 + sp.exp(z))

# ---- the lists -----------------------------------------------------------------------------------

WRONG = {
    "four_lines": [
        (12, "12 is too large"),
        ("11", "a number has no quotes"),
        (..., "still to do"),
    ],
    "affine_at": [
        (weights_first, "with x as a row"),
        (last_on_the_left, "the first layer's matrix stands on the left"),
        (masked_rows, "one for each *column*"),
        (matrix_only, "return matrix, bias"),
        (masked_in_place, "changed layers, which it was given"),
        (a_little_off, "wrong for a network of 2 → 2 → 1 units at x = [0.25, 0.5]: matrix[0, 0]"),
        (affine_blank, "still to do"),
        ((1, 2), "expected a function affine_at(layers, x), got a tuple of 2"),
    ],
    "guessing_network": [
        ("straight", "expected one of 'a', 'b', 'c', 'd', 'e', got 'straight' (a str)"),
        (..., "still to do"),
    ],
    "guessing_network_repair": [
        (corner_unmoved, "your function is still a straight line"),
        (corner_on_the_other_side, "the constant 8"),
        (straight, "your function is still a straight line"),
        (hardly_leaky, "your function is still a straight line"),
        (leaky_by_a_fifth, "nearly a straight line"),
        (number_as_slope, "np.ones_like(z) makes ones of that shape"),
        (staircase, "no gradient passes"),
        (slope_always_one, "the slope is the derivative of the value"),
        (relu_swapped, "the two are swapped"),
        (tanh_swapped, "the two are swapped"),
        (slope_of_z, "in 1 − tanh² stands tanh(z)"),
        (slope_of_z_by_sigma, "in σ(1 − σ) stands σ(z)"),
        (value_only, "return value, slope"),
        (bend_with_if, "`if` cannot decide for a whole array"),
        (bend_without_return, "is its `return` missing?"),
        (bend_blank, "still to do"),
        (relu_bend(np.zeros(3)), "pass the function itself"),
    ],
    "entropy_slope": [
        (slope_proof(), "your Derivation has no steps yet"),
        (slope_proof(differentiated), "gather the two logarithms into one"),
        (slope_proof(sp.Derivative(z * p + entropy, p)), "this is still where it starts"),
        (slope_proof(in_odds), "in one leap"),
        (slope_proof(-sp.log(odds), -sp.log(odds), start=sp.Derivative(entropy, p)), "it should start from"),
        (slope_proof(entropy + p * z, start=entropy + z * p), "it should start from"),
        (in_odds, "give the whole proof, not its last line"),
        (..., "still to do"),
    ],
    "logistic_from_entropy": [
        (logistic_proof(), "your Derivation has no steps yet"),
        (logistic_proof(odds / (1 + odds)), "now the assumption: p/(1−p) is eᶻ"),
        (logistic_proof("1/(1 + (1 - p)/p)"), "(1−p)/p is e⁻ᶻ"),
        (logistic_proof(odds / (1 + odds), with_exp), "numerator and denominator by e⁻ᶻ"),
        (logistic_proof((1 - p) * sp.exp(z)), "now p is on both sides"),
        (logistic_proof("exp(z) - p*exp(z)"), "now p is on both sides"),
        (logistic_proof(1 - 1 / (1 + sp.exp(z))), "bring both over one denominator"),
        (logistic_proof((1 + sp.tanh(z / 2)) / 2), "there is the tanh"),
        (logistic_proof(sigma), "in one leap"),
        (logistic_proof(with_exp, sigma, start=sigma), "it should start from p"),
        (sigma, "give the whole proof, not its last line"),
        (None, "still to do"),
    ],
}

RIGHT = {
    "four_lines": [11, 11.0, np.int64(11), sp.Integer(11)],
    "affine_at": [with_masks, from_the_back, by_differences],
    "guessing_network": ["c", "(C)"],
    "guessing_network_repair": [relu_bend, tanh_bend, leaky_bend, absolute_bend, parabola_bend],
    "entropy_slope": [
        slope_proof(differentiated, in_odds),
        slope_proof("-log(p) - 1 + log(1 - p) + 1 + z", differentiated, z + sp.log((1 - p) / p)),
    ],
    "logistic_from_entropy": [
        logistic_proof(odds / (1 + odds), with_exp, sigma),
        logistic_proof(1 / (1 + (1 - p) / p), sigma),
        logistic_proof(1 - 1 / (1 + sp.exp(z)), with_exp, "1/(1 + exp(-z))"),
    ],
}
