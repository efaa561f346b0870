"""Answers to the exercises of 06_softmax, as students give them.

WRONG: each with the text that its message must have. RIGHT: written differently, all accepted.
The mistakes that the judge itself lists are tried as well; they do not stand here.
"""

import math

import numpy as np
import sympy as sp

import acts
from acts.data import digits
from acts.symbolic import Derivation

# ---- four_predictions ----------------------------------------------------------------------------

FORESEEN = {"untrained": 2.3026, "shifted": 0.7, "cold": 0.5, "gradient": -0.01}

# ---- softmax -------------------------------------------------------------------------------------


def rows_but_no_shift(x, axis=-1):
    powers = np.exp(x)
    return powers / powers.sum(axis=axis, keepdims=True)


def shifted(x, axis=-1):
    powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def row_by_row_in_a_list(x, axis=-1):
    return np.array([shifted(row) for row in x]) if x.ndim > 1 else shifted(x)


def default_axis_1(x, axis=1):
    return shifted(x, axis)


def axis_without_default(x, axis):
    return shifted(x, axis)


def keepdims_forgotten(x, axis=-1):
    powers = np.exp(x - x.max(axis=axis))
    return powers / powers.sum(axis=axis)


def always_the_last_axis(x, axis=-1):
    return shifted(x)


def axis_for_the_sum_only(x, axis=-1):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def always_axis_1(x, axis=-1):
    return shifted(x, 1)


def no_axis(x):
    return shifted(x)


def with_math(x, axis=-1):
    return [math.exp(score) / sum(math.exp(other) for other in x) for score in x]


def in_place(x, axis=-1):
    x -= x.max(axis=axis, keepdims=True)
    return rows_but_no_shift(x, axis)


def always_float64(x, axis=-1):
    return shifted(np.asarray(x, dtype=np.float64), axis)


def nan_to_zero(x, axis=-1):
    return np.nan_to_num(shifted(x, axis))


def kept_in_integers(x, axis=-1):
    shares = np.empty_like(x)
    shares[...] = shifted(x, axis)
    return shares


def warned_on_the_way(x, axis=-1):
    np.exp(x)
    return shifted(x, axis)


def nan_everywhere(x, axis=-1):
    return np.full_like(x, np.nan) if np.isnan(x).any() else shifted(x, axis)


def as_list(x, axis=-1):
    return shifted(x, axis).tolist()


def flat(x, axis=-1):
    return shifted(x, axis).ravel()


def return_forgotten(x, axis=-1):
    shifted(x, axis)


def blank(x, axis=-1): ...  # your code here


def the_axis_moved_to_the_front(x, axis=-1):
    rows = np.moveaxis(x, axis, 0)
    powers = np.exp(rows - rows.max(axis=0))
    return np.moveaxis(powers / powers.sum(axis=0), 0, axis)


# ---- log_sum_exp ---------------------------------------------------------------------------------


def axis_kept(x, axis=-1):
    largest = x.max(axis=axis, keepdims=True)
    return largest + np.log(np.exp(x - largest).sum(axis=axis, keepdims=True))


def one_of_two_axes_kept(x, axis=-1):
    largest = x.max(axis=axis, keepdims=True)
    return largest + np.log(np.exp(x - largest).sum(axis=axis))


def squeezed_without_axis(x, axis=-1):
    largest = x.max(axis=axis, keepdims=True)
    return np.squeeze(largest) + np.log(np.exp(x - largest).sum(axis=axis))


def one_number(x, axis=-1):
    return np.float64(5.0)


def lse_of_the_last_axis(x, axis=-1):
    return lse(x, -1)


def lse(x, axis=-1):
    largest = x.max(axis=axis, keepdims=True)
    return largest.squeeze(axis=axis) + np.log(np.exp(x - largest).sum(axis=axis))


def two_by_two(x, axis=-1):
    return np.logaddexp.reduce(x, axis=axis)


def by_the_share_of_the_largest(x, axis=-1):
    return x.max(axis=axis) - np.log(shifted(x, axis).max(axis=axis))


# ---- softmax_vjp ---------------------------------------------------------------------------------


def short(y, g, axis=-1):
    return y * (g - (g * y).sum(axis=axis, keepdims=True))


def mean_without_keepdims(y, g, axis=-1):
    return y * (g - (g * y).sum(axis=axis))


def through_the_matrix(y, g, axis=-1):
    y, g = np.moveaxis(y, axis, -1), np.moveaxis(g, axis, -1)
    g = g - np.take_along_axis(g, y.argmax(axis=-1)[..., None], -1)
    jacobian = y[..., None] * np.eye(y.shape[-1], dtype=y.dtype) - y[..., None] * y[..., None, :]
    sure = (jacobian @ g[..., None])[..., 0]
    return np.moveaxis(np.where(y.max(axis=-1, keepdims=True) > 0.9, careful(y, g), sure), -1, axis)


def matrix_of_one_row(y, g, axis=-1):
    jacobian = np.diag(y) - np.outer(y, y)
    return jacobian @ g


def dot_for_a_sum(y, g, axis=-1):
    return y * (g - np.dot(g, y))


def less_the_largest_entry(y, g, axis=-1):
    return short(y, g - g.max(axis=axis, keepdims=True), axis)


def last_axis_only(y, g, axis=-1):
    return careful(y, g)


def vjp_blank(y, g, axis=-1): ...  # your code here


def careful(y, g, axis=-1):
    g = g - np.take_along_axis(g, np.expand_dims(y.argmax(axis=axis), axis), axis)
    return y * (g - (g * y).sum(axis=axis, keepdims=True))


def the_mean_twice(y, g, axis=-1):
    for _ in range(2):
        g = g - (g * y).sum(axis=axis, keepdims=True)
    return y * g


# ---- jacobian_by_logarithms ----------------------------------------------------------------------

x, y, S = sp.symbols("x1:4", real=True), sp.symbols("y1:4", positive=True), sp.Symbol("S")
total = sum(map(sp.exp, x))
meaning = {S: total} | {share: sp.exp(score) / total for share, score in zip(y, x, strict=True)}


def matrix(entry):
    return sp.Matrix(3, 3, entry)


slopes_of_logs = matrix(lambda i, k: sp.Derivative(x[i] - sp.log(S), x[k]))
start = sp.MatMul(sp.diag(*y), slopes_of_logs, evaluate=False)
with_powers = sp.MatMul(sp.diag(*y), matrix(lambda i, k: int(i == k) - sp.exp(x[k]) / S), evaluate=False)
with_shares = sp.MatMul(sp.diag(*y), matrix(lambda i, k: int(i == k) - y[k]), evaluate=False)
jacobian = matrix(lambda i, k: y[i] * (int(i == k) - y[k]))
as_matrices = sp.MatAdd(sp.diag(*y), sp.MatMul(-1, sp.Matrix(y), sp.Matrix(y).T), evaluate=False)


def proof(*lines, start=start):
    derivation = Derivation(start, define=meaning)
    for line in lines:
        derivation.then(line, "because")
    return derivation


# ---- the classifier that is never sure -----------------------------------------------------------


def true_classes(labels):
    return np.eye(10)[labels]


def only_the_true_class(scores, labels):
    return acts.softmax(scores)[np.arange(len(labels)), labels] - 1


def scores_less_truth(scores, labels):
    return scores - true_classes(labels)


def whole_rows(scores, labels):
    gradient = acts.softmax(scores)
    gradient[labels] -= 1
    return gradient


def changes_the_scores(scores, labels):
    scores[np.arange(len(labels)), labels] -= 1
    return scores


def gradient_blank(scores, labels): ...  # your code here


def right_gradient(scores, labels):
    return acts.softmax(scores) - true_classes(labels)


def from_the_scores(scores, labels):
    return acts.softmax_cross_entropy(scores, labels)[1]


def one_taken_off(scores, labels):
    gradient = shifted(scores)
    gradient[range(len(labels)), labels] -= 1
    return gradient


# ---- the measurement -----------------------------------------------------------------------------

# As in the solution; batches of 16, six draws; all 200 images at each step; another split of the digits, batches of 64;
# 200 other images for each draw; looks at 10, 50, 100, 150 and 800, eight draws. Where nothing is said, five draws.
REPORTS = (
    {"early": 0.609, "late": 1.812, "turn": 61.5, "spread": 0.144},
    {"early": 0.761, "late": 1.840, "turn": 51.9, "spread": 0.133},
    {"early": 0.552, "late": 1.767, "turn": 63.3, "spread": 0.104},
    {"early": 0.557, "late": 1.897, "turn": 56.2, "spread": 0.056},
    {"early": 0.601, "late": 1.828, "turn": 62.7, "spread": 0.156},
    {"early": 0.599, "late": 1.764, "turn": 68.2, "spread": 0.114},
)
TRUE = REPORTS[0]
LOOKS = (10, 30, 60, 90, 120, 800)


def noisy(draw, noise):
    rng = np.random.default_rng(draw)
    fitting, validation = digits(standardised=True).split()[0].split()
    sets = fitting._replace(images=fitting.images[:200], labels=fitting.labels[:200]), validation
    return [(part.images + noise * rng.normal(size=part.images.shape), part.labels) for part in sets]


def fitted(scores, labels):
    """Return the best of a grid of temperatures."""
    grid = np.geomspace(0.1, 10, 61)
    scores = scores - scores.max(axis=1, keepdims=True)
    losses = [np.mean(lse(scores / T) - scores[np.arange(len(labels)), labels] / T) for T in grid]
    return grid[np.argmin(losses)]


def measured(draws=range(100, 104), noise=1.0, on="validation", power=1, scale=0.0):
    """Return the report of a student who trains with all 200 images at each step, in plain NumPy."""
    runs = []
    for draw in draws:
        (images, labels), validation = noisy(draw, noise)
        weights, found = scale * np.random.default_rng(0).normal(size=(64, 10)), []
        for step in range(LOOKS[-1] + 1):
            if step in LOOKS:
                seen, known = validation if on == "validation" else (images, labels)
                found.append(fitted(seen @ weights, known) ** power)
            weights = weights - 0.3 * images.T @ (shifted(images @ weights) - true_classes(labels)) / len(labels)
        runs.append(found)
    runs = np.array(runs)
    turn = np.mean([np.interp(0, np.log(run), LOOKS) for run in runs])
    return {"early": runs[:, 0].mean(), "late": runs[:, -1].mean(), "turn": turn, "spread": runs[:, -1].std()}


LIVE = measured()

# ---- the lists -----------------------------------------------------------------------------------

WRONG = {
    "four_predictions": [
        (FORESEEN | {"untrained": 3.32}, "the logarithm to base 2"),
        (FORESEEN | {"cold": 0.458}, "that is the share at T = 1"),
        (FORESEEN | {"cold": "1/2"}, "a number has no quotes"),
        (FORESEEN | {"cold": ...}, "still blank: cold"),
        ({"untrained": 2.303}, "missing: shifted, cold, gradient"),
        (2.303, "expected a dict with the keys"),
        (..., "still to do"),
    ],
    "softmax": [
        (nan_everywhere, "it must spoil its own row only"),
        (row_by_row_in_a_list, "the last axis was right"),
        (default_axis_1, "-1 is the last axis of any table"),
        (axis_without_default, "look at the line with `def`"),
        (keepdims_forgotten, "keepdims=True keeps it"),
        (always_the_last_axis, "the last axis was right"),
        (axis_for_the_sum_only, "the last axis was right"),
        (always_axis_1, "hand it on as it came"),
        (no_axis, "look at the line with `def`"),
        (with_math, "the functions of `math` take one number"),
        (in_place, "changed the table it was given"),
        (always_float64, "was given a table of float32 and returned float64"),
        (nan_to_zero, "NaN means “not a number”"),
        (kept_in_integers, "was given a table of integers and returned int64"),
        (warned_on_the_way, "the values are right, but NumPy warned"),
        (as_list, "returned a list of 15"),
        (flat, "returned shape (45,); expected shape (15, 3)"),
        (return_forgotten, "is its `return` missing?"),
        (blank, "still to do"),
        (shifted(np.zeros((2, 3))), "pass the function itself"),
        (..., "still to do"),
    ],
    "log_sum_exp": [
        (axis_kept, "the axis is still there, with length 1"),
        (one_of_two_axes_kept, "one of the two has kept its axis"),
        (squeezed_without_axis, "drops every axis of length 1"),
        (one_number, "one number for the whole table"),
        (shifted, "one number for each row is asked for"),
        (lse_of_the_last_axis, "returned shape (3,); expected shape (15,)"),
        (blank, "still to do"),
        (..., "still to do"),
    ],
    "softmax_vjp": [
        (mean_without_keepdims, "keepdims=True keeps it"),
        (through_the_matrix, "the values are right, but for a row of 1000 shares it needs"),
        (matrix_of_one_row, "np.diag and np.outer take one row"),
        (dot_for_a_sum, "np.dot multiply matrices"),
        (less_the_largest_entry, "the formula is right, the digits aren't"),
        (last_axis_only, "the last axis was right"),
        (vjp_blank, "still to do"),
        (..., "still to do"),
    ],
    "jacobian_by_logarithms": [
        (proof(), "your Derivation has no steps yet"),
        (proof(jacobian), "in one leap"),
        (proof(with_powers), "very close: e^xₖ/S has a name"),
        (proof(with_powers.subs(S, total)), "very close: e^xₖ/(e^x₁ + e^x₂ + e^x₃) has a name"),
        (proof(jacobian, as_matrices, start=with_shares), "your proof starts from"),
        (jacobian, "give the whole proof, not its last line"),
        (as_matrices, "give the whole proof, not its last line"),
        (None, "still to do"),
    ],
    "never_sure": [
        ("twice", "expected one of 'a', 'b', 'c', 'd', 'e', got 'twice' (a str)"),
        (4, "expected one of 'a', 'b', 'c', 'd', 'e', got 4 (an int)"),
        (..., "still to do"),
    ],
    "never_sure_repair": [
        (only_the_true_class, "expected (3, 10), got (3,)"),
        (scores_less_truth, "what was derived in section 6?"),
        (whole_rows, "does it count rows, or columns?"),
        (changes_the_scores, "your function changed scores"),
        (right_gradient(np.zeros((2, 10)), np.array([0, 1])), "expected a function score_gradient"),
        (gradient_blank, "still to do"),
        (..., "still to do"),
    ],
    "temperature_by_steps": [
        (measured(draws=[0, 1], power=-1), "turn it round"),
        (measured(draws=[0, 1], on="training"), "fit T on the validation images"),
        (measured(draws=[0, 1], scale=0.2), "sure already after ten steps?"),
        (measured(draws=[0, 1], noise=0.5), "has every set its noise"),
        (TRUE | {"turn": 800}, "look more often than twice"),
        (TRUE | {"late": float("nan")}, '"late" is nan: not a number'),
        ({"early": 0.6, "late": 1.8}, "missing: turn, spread"),
        (TRUE | {"late": ...}, "these are still blank: late"),
        (1.8, "expected a dict with the keys"),
        (..., "still to do"),
    ],
}

RIGHT = {
    "four_predictions": [
        FORESEEN,
        {"untrained": math.log(10), "shifted": np.float64(0.7), "cold": sp.Rational(1, 2), "gradient": 0.99 - 1},
        FORESEEN | {"untrained": 2.3},
    ],
    "softmax": [shifted, the_axis_moved_to_the_front, acts.softmax],
    "log_sum_exp": [lse, two_by_two, by_the_share_of_the_largest],
    "softmax_vjp": [careful, the_mean_twice],
    "jacobian_by_logarithms": [proof(with_shares, jacobian), proof(with_powers, jacobian, as_matrices)],
    "never_sure": ["d", " (D) "],
    "never_sure_repair": [right_gradient, from_the_scores, one_taken_off],
    "temperature_by_steps": [LIVE, *REPORTS],
}
