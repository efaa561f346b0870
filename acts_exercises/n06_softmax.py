"""The exercises of 06_softmax."""

import math

import numpy as np

from acts.softmax import softmax, softmax_cross_entropy
from acts_exercises import Exercise, Wrong, judges

# ---- predict -------------------------------------------------------------------------------------


PREDICTIONS = Exercise(
    name="four_predictions",
    judge=judges.measurements(
        {
            "untrained": (2.295, 2.31),
            "shifted": (0.7 - 1e-9, 0.7 + 1e-9),
            "cold": (0.5 - 1e-9, 0.5 + 1e-9),
            "gradient": (-0.01 - 1e-9, -0.01 + 1e-9),
        },
        right="all four: log 10, no change, one half each, and y − 1",
        mistakes=(
            ({"untrained": 0.1}, "that is the share of each class; the loss is minus its logarithm"),
            ({"untrained": -math.log(10)}, "right but for the sign: the logarithm of a share is negative"),
            ({"untrained": 1}, "that is the logarithm to base 10; losses are counted in natural logarithms"),
            ({"untrained": math.log2(10)}, "that is the logarithm to base 2; losses are counted in natural ones"),
            ({"untrained": 0.9}, "that is the share of wrong guesses; the loss is a logarithm"),
            ({"untrained": 10 * math.log(10)}, "only the true class counts: the other targets are 0"),
            ({"untrained": 0}, "a loss of 0 needs a share of 1; what is the share of the true class here?"),
            ({"shifted": 100.7}, "log-sum-exp moves by 100, and what else in lse(x) − xₜ does?"),
            ({"shifted": -99.3}, "xₜ moves by 100, and what else in lse(x) − xₜ does?"),
            ({"shifted": 0.007}, "100 is added to the scores, they are not multiplied by it"),
            ({"shifted": 70}, "100 is added to the scores, they are not multiplied by it"),
            ({"cold": 1}, "two scores share the lead: who of the two should win?"),
            ({"cold": 1 / 4}, "that is what happens in the heat, T → ∞"),
            ({"cold": 0}, "the largest score never loses in the cold; here there are two of them"),
            (
                {"cold": math.exp(3) / (2 * math.exp(3) + math.e + 1)},
                "that is the share at T = 1; and when T falls towards 0?",
            ),
            ({"gradient": 0.01}, "the size is right; in which direction must the score go, to lower the loss?"),
            ({"gradient": 0.99}, "that is y; the gradient is what was said minus what is true"),
            ({"gradient": -0.99}, "the more right the row, the smaller its gradient: y − t, not −y"),
            ({"gradient": -1 / 0.99}, "that is −1/y, the gradient at the share; lead it back to the score"),
            ({"gradient": 0.0099}, "y(1 − y) is the slope of the share; which slope has the loss?"),
            ({"gradient": -0.0099}, "y(1 − y) is the slope of the share; which slope has the loss?"),
            ({"gradient": 0}, "small, but not 0: a row that is 99% sure has 1% left to learn"),
        ),
    ),
)

# ---- implement -----------------------------------------------------------------------------------


def _powers(x):
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


def _shifted_powers(x):
    return np.exp(x - x.max(axis=-1, keepdims=True))


def _with(shift):
    """Return the softmax of a table with this shift: the wrong ones cure one row and spoil another."""
    return lambda x: _powers(x - shift(x))


def _by_log_sum_exp(x, axis=-1):
    largest = x.max(axis=axis, keepdims=True)
    return np.exp(x - (largest + np.log(np.exp(x - largest).sum(axis=axis, keepdims=True))))


def _nearly(x, got, expected):
    return np.allclose(got, expected, rtol=1e-5, atol=1e-5)


def _only_large_scores(x, got, expected):
    large = (np.abs(x) > 400).any(axis=1)
    small_ones_right = np.allclose(got[~large], expected[~large], rtol=1e-5, atol=0)
    off = np.abs(got - expected).max(axis=1)[large].max() if large.any() else 0
    return small_ones_right and 1e-7 < off < 1e-3


def _clipped(x, got, expected):
    """Are all rows right that no sensible clip would touch, and the large ones finite but wrong?"""
    large = (np.abs(x) > 400).any(axis=1)
    return np.allclose(got[~large], expected[~large], rtol=1e-6, atol=0) and bool(np.isfinite(got[large]).all())


SOFTMAX = Exercise(
    name="softmax",
    judge=judges.function_of_rows(
        "softmax",
        mistakes=(
            (
                _powers,
                "each row sums to 1 now, but e^x still overflows from 710 on, and far below 0 a whole row becomes 0/0",
            ),
            (
                lambda x: np.exp(x) / np.exp(x).sum(),
                "the sum runs over the whole table: each row must sum to 1 by itself",
            ),
            (
                lambda x: _shifted_powers(x) / _shifted_powers(x).sum(),
                "the sum runs over the whole table: each row must sum to 1 by itself",
            ),
            (
                _with(np.max),
                "the largest score of the whole table is far above most rows: all of their exponentials are 0, and 0/0 "
                "is nan. Take each row's own",
            ),
            (
                _with(lambda x: x.mean(axis=-1, keepdims=True)),
                "the mean leaves exponents above 0, and the largest may still overflow: what must be taken from "
                "the scores?",
            ),
            (
                _with(lambda x: x.min(axis=-1, keepdims=True)),
                "with the smallest score taken away every exponent is at least 0: that is the wrong end",
            ),
            (
                _with(lambda x: np.abs(x).max(axis=-1, keepdims=True)),
                "the largest |x| is not the largest x: a row far below 0 is pushed down further, and becomes 0/0",
            ),
            (
                lambda x: _powers(x / x.max(axis=-1, keepdims=True)),
                "a number may be *taken* from all the scores; to divide them by one is a temperature, and changes "
                "the shares",
            ),
            (
                lambda x: 1 / (1 + np.exp(-x)),
                "this is the sigmoid of each score: a row must sum to 1",
            ),
            (
                _shifted_powers,
                "the division is missing: a row must sum to 1",
            ),
            (
                lambda x: np.log(_powers(x - x.max(axis=-1, keepdims=True))),
                "these are the logarithms of the shares",
            ),
            (
                _by_log_sum_exp,
                "where the scores are large, lse(x) is rounded before it is taken from them, and the digits are gone: "
                "take the largest score from them first",
                _only_large_scores,
            ),
            (
                lambda x: _shifted_powers(x) / (_shifted_powers(x).sum(axis=-1, keepdims=True) + 1e-8),
                "very near: is something added to the sum, so as not to divide by 0? With the shift the sum is at "
                "least 1",
                _nearly,
            ),
            (
                lambda x: _powers(np.clip(x, -500, 500)),
                "clipping the scores stops the overflow, but it makes scores equal that are not: only differences "
                "may count",
                _clipped,
            ),
        ),
    ),
)


def _log_of_sum(x):
    return np.log(np.exp(x).sum(axis=-1))


def _shifted_log(x):
    return _log_of_sum(x - x.max(axis=-1, keepdims=True))


LOG_SUM_EXP = Exercise(
    name="log_sum_exp",
    judge=judges.function_of_rows(
        "log_sum_exp",
        mistakes=(
            (
                _log_of_sum,
                "e^x overflows from 710 on; and below −745 every e^x is 0, and so is their sum: both ends are lost",
            ),
            (
                _shifted_log,
                "that is lse(x − m). Softmax forgets the shift, log-sum-exp doesn't: what has to be added again?",
            ),
            (
                lambda x: _shifted_log(x) - x.max(axis=-1),
                "you take the maximum away twice: it has to be added again",
            ),
            (
                lambda x: x.max(axis=-1) + np.log(_shifted_powers(x).mean(axis=-1)),
                "this is the logarithm of the mean: it is too small by log n",
            ),
            (lambda x: x.max(axis=-1), "that is the maximum; three scores of 0 should give log 3"),
            (
                lambda x: x.max(axis=-1) + np.log1p(_shifted_powers(x).sum(axis=-1)),
                "log1p adds a 1 of its own, and the largest weight is in the sum already",
            ),
            (
                lambda x: (x.max(axis=-1) + _shifted_log(x)) / np.log(2),
                "that is in units of log 2: the natural logarithm is asked for",
            ),
            (
                lambda x: np.max(x) + _log_of_sum(x - np.max(x)),
                "the largest score of the whole table is far above most rows: all of their exponentials are 0. Take "
                "each row's own",
            ),
        ),
    ),
)


def _led_back(y, g):
    return y * (g - (g * y).sum(axis=-1, keepdims=True))


def _cancelled(y, g, got, expected):
    """Are all values right to nine digits of the largest g, and only those of sure rows or far gradients wrong?"""
    unsure = (y.max(axis=1) < 0.95) & (np.abs(g).max(axis=1) < 10)
    near = np.allclose(got[unsure], expected[unsure], rtol=1e-9, atol=0)
    return near and np.allclose(got, expected, rtol=0, atol=1e-8, equal_nan=True)


_rows_of_vjp = judges.function_of_rows(
    "softmax_vjp",
    names="yg",
    mistakes=(
        (
            lambda y, g: y * (1 - y) * g,
            "that is the diagonal alone: a share also depends on the scores of the other classes",
        ),
        (lambda y, g: y * g, "the mean of g under y is missing: y ⊙ (g − …)"),
        (
            lambda y, g: y * (g - g.mean(axis=-1, keepdims=True)),
            "this takes the plain mean of g: each entry counts with its share, Σ gⱼyⱼ",
        ),
        (lambda y, g: -_led_back(y, g), "the sign is the wrong way round: y ⊙ (g − mean)"),
        (
            lambda y, g: g - (g * y).sum(axis=-1, keepdims=True),
            "the factor y in front is missing: y ⊙ (g − mean)",
        ),
        (
            lambda y, g: g * (y - (g * y).sum(axis=-1, keepdims=True)),
            "y and g are swapped: it is y ⊙ (g − g·y)",
        ),
        (
            lambda y, g: _led_back(_powers(y), g),
            "y is the softmax already: here it is taken for scores, and softmaxed once more",
        ),
        (
            lambda y, g: y * (g - (g * y).sum()),
            "the mean runs over the whole table: each row has its own",
        ),
        (
            _led_back,
            "the formula is right, the digits aren't: where one share is nearly 1, or g far from 0, g and its mean "
            "agree in all their digits. Which constant may be taken from g first?",
            _cancelled,
        ),
    ),
)
LONG_ROW = 1000


def _judge_vjp(function):
    try:
        praise = _rows_of_vjp(function)
    except judges.Raised as problem:
        names = getattr(getattr(function, "__code__", None), "co_names", ())
        if not {"diag", "outer"} & set(names):
            raise
        nudge = "np.diag and np.outer take one row, a table has many; multiply (diag(y) − y yᵀ)g out, and both are gone"
        raise Wrong(problem.headline, problem.details[0], nudge) from None
    y, g = np.full(LONG_ROW, 1 / LONG_ROW), np.linspace(-1, 1, LONG_ROW)
    needed = judges.peak_bytes(function, y, g)
    if needed > 100 * y.nbytes:
        raise Wrong(
            f"the values are right, but for a row of {LONG_ROW} shares it needs {needed / 1e6:.0f} MB",
            f"the row itself has {y.nbytes / 1e6:.3f} MB, a matrix of {LONG_ROW} × {LONG_ROW} has 8: "
            "multiply out (diag(y) − y yᵀ)g, and the matrix disappears",
        )
    return praise + "; and no matrix is made"


_judge_vjp.mistakes = _rows_of_vjp.mistakes

VJP = Exercise(
    name="softmax_vjp",
    judge=_judge_vjp,
)

# ---- derive --------------------------------------------------------------------------------------


def _symbols():
    import sympy

    return sympy.symbols("x1:4", real=True), sympy.symbols("y1:4", positive=True), sympy.Symbol("S")


def _meanings():
    import sympy

    x, y, _ = _symbols()
    total = sum(map(sympy.exp, x))
    return {"S": total} | {share.name: sympy.exp(score) / total for share, score in zip(y, x, strict=True)}


def _slopes_of_logs():
    import sympy

    x, y, total = _symbols()
    slopes = sympy.Matrix(3, 3, lambda i, k: sympy.Derivative(x[i] - sympy.log(total), x[k]))
    return sympy.MatMul(sympy.diag(*y), slopes, evaluate=False)


def _matrix(entry):
    """Return a callable that builds the matrix of entry(i, k, x, y, S)."""

    def build():
        import sympy

        return sympy.Matrix(3, 3, lambda i, k: entry(i, k, *_symbols()))

    return build


def _power(score):
    import sympy

    return sympy.exp(score)


_jacobian = _matrix(lambda i, k, x, y, s: y[i] * (int(i == k) - y[k]))

BY_LOGARITHMS = Exercise(
    name="jacobian_by_logarithms",
    judge=judges.derivation(
        _slopes_of_logs,
        lambda: [_jacobian()],
        define=_meanings,
        goal_in_words="diag(y) − y yᵀ, in y1, y2, y3 alone",
        right="no quotient rule was needed: the slope of a share is the share times the slope of its logarithm",
        mistakes=(
            (
                _matrix(lambda i, k, x, y, s: y[i] * (int(i == k) - _power(x[k]) / s)),
                "very close: e^xₖ/S has a name of its own, yₖ",
            ),
            (
                _matrix(lambda i, k, x, y, s: y[i] * (int(i == k) - _power(x[k]) / sum(map(_power, x)))),
                "very close: e^xₖ/(e^x₁ + e^x₂ + e^x₃) has a name of its own, yₖ",
            ),
            (
                _matrix(lambda i, k, x, y, s: _power(x[i]) / s * (int(i == k) - _power(x[k]) / s)),
                "very close: e^xᵢ/S has a name of its own, yᵢ",
            ),
            (
                _slopes_of_logs,
                "the derivatives are still to be taken: ∂(xᵢ − log S)/∂xₖ, for i = k and for i ≠ k",
            ),
        ),
    ),
)

# ---- debug ---------------------------------------------------------------------------------------

CAUSE = Exercise(
    name="never_sure",
    judge=judges.choice(
        "d",
        (
            ("a", "make it ten times larger, and thirty: the loss falls faster, and stops at the same place"),
            (
                "b",
                "print the weights after one step: their columns differ. The classes have different targets, so y − t "
                "tells them apart from the start",
            ),
            (
                "c",
                "compare it with (L(x + h) − L(x − h))/2h, L the loss that stands there: they agree. It is the right "
                "gradient, but of what?",
            ),
            ("e", "look at the accuracy: the scores do tell the digits apart. Only the loss doesn't hear of it"),
        ),
        praise="right: shares lie between 0 and 1, and taken for scores even (1, 0, …, 0) gives the true class only "
        "e/(e + 9) = 0.23: no loss below 1.46",
    ),
)


def _scores_and_labels():
    """Return five rows of scores, from hesitating to sure and wrong, and their classes."""
    scores = np.random.default_rng(0).normal(size=(5, 10)).round(2)
    scores[3, 7], scores[4, 1] = 50, 800
    return scores, np.array([3, 0, 9, 7, 2])


def _cases():
    scores, labels = _scores_and_labels()
    nudge = "the gradient of lse(x) − xₜ with respect to the scores: what was derived in section 6?"
    kinds = {
        "rows that are not sure": slice(3),
        "a row that is sure and right": slice(3, 4),
        "a row that is sure and wrong": slice(4, 5),
    }
    return {words: ((scores[rows], labels[rows]), nudge) for words, rows in kinds.items()}


def _back(y, g):
    return y * (g - (g * y).sum(axis=1, keepdims=True))


def score_gradient(scores, labels):
    """Return the gradient of the loss of each row with respect to its scores."""
    return softmax(scores) - np.eye(10)[labels]


def _of(formula):
    """Return a function of scores and labels, from a formula of the shares y and the rows t of targets."""
    return lambda scores, labels: formula(softmax(scores), np.eye(10)[labels])


_judge_gradient = judges.function(
    score_gradient,
    _cases,
    absolute=1e-9,
    right="right: what was said minus what is true, and no share in a denominator",
    mistakes=(
        (
            _of(lambda y, t: _back(y, softmax(y) - t)),
            "this is still the gradient of the loss that takes shares for scores",
        ),
        (_of(lambda y, t: softmax(y) - t), "this is y − t of the wrong y: the softmax is still applied twice"),
        (
            _of(lambda y, t: t - y),
            "the sign is wrong: the gradient is what was said minus what is true; `descend` subtracts it",
        ),
        (_of(lambda y, t: y), "the targets are missing: the gradient is y − t"),
        (
            _of(lambda y, t: (y - t) / len(t)),
            "`descend` divides by the number of images already: one gradient for each row is asked for",
        ),
        (
            _of(lambda y, t: np.broadcast_to((y - t).mean(axis=0), y.shape)),
            "each row needs its own gradient: `descend` sums over the images itself",
        ),
        (
            _of(lambda y, t: y - t.sum(axis=0)),
            "y[:, labels] are whole columns; y[np.arange(len(labels)), labels] is one entry of each row",
        ),
        (
            lambda scores, labels: softmax(scores) - labels[:, None],
            "labels are the numbers of the classes; t is a row of ten: 1 for the true class, else 0",
        ),
        (_of(lambda y, t: -(1 - y) * t), "that leads −t/y back through the diagonal alone"),
        (_of(lambda y, t: -t / y), "that is the gradient with respect to the shares; lead it back to the scores"),
        (
            _of(lambda y, t: _back(y, -t / y)),
            "−t/y is infinite where a share is 0: let the share cancel on paper, not in the computer",
        ),
        (
            _of(lambda y, t: _back(y, y - t)),
            "y − t is already the gradient with respect to the *scores*: not once more through the softmax",
        ),
        (
            _of(lambda y, t: _back(y, 2 * (y - t))),
            "that is the gradient of the squared error; a row that is sure and wrong goes to sleep with it",
        ),
        (
            softmax_cross_entropy,
            "acts.softmax_cross_entropy returns two things, the loss and the gradient: only the second is asked for",
        ),
    ),
)


REPAIR = Exercise(
    name="never_sure_repair",
    judge=_judge_gradient,
)

# ---- measure -------------------------------------------------------------------------------------

TEMPERATURE = Exercise(
    name="temperature_by_steps",
    judge=judges.measurements(
        {
            "early": (0.42, 0.85),
            "late": (1.5, 2.2),
            "turn": (25, 140),
            "spread": (0.025, 0.3),
        },
        right="well measured: too timid at first, too sure in the end; the training decides, not the softmax",
        mistakes=(
            (
                {"early": 1.922, "late": 0.5412},
                "turn it round: T *divides* the scores, so a T above 1 makes a row less sure",
                lambda m: m["late"] < 0.8 and m["early"] > 1.1,
            ),
            (
                {"late": 0.1},
                "that is how sure it may be of images that it has learned from: fit T on the validation images",
                lambda m: m["late"] < 0.8,
            ),
            (
                {"early": 1.309},
                "sure already after ten steps? Start from weights of 0, scale=0: Xavier's weights bring scores of "
                "their own",
                lambda m: 1.0 < m["early"] < 1.5,
            ),
            (
                {"late": 1.259},
                "too small for this task: has every set its noise, of standard deviation 1, and are only 200 "
                "images learned?",
                lambda m: 1.05 < m["late"] < 1.35,
            ),
            (
                {"early": 1.78, "late": 1.812},
                "the two are the same: is the network trained on between the two looks, or looked at twice at the end?",
                lambda m: abs(m["early"] - m["late"]) < 0.05,
            ),
            (
                {"spread": 0},
                "one run has no spread; a coarse grid for T hides it; and from a start at 0 the seeds draw batches "
                "only, so draw the noise anew for each of five runs",
                lambda m: m["spread"] == 0,
            ),
            (
                {"spread": 0.013},
                "all the runs saw the same images: from a start at 0 the seeds draw batches only, and the valley is "
                "one. Draw the noise anew for each run",
                lambda m: m["spread"] < 0.025,
            ),
            (
                {"turn": 1},
                "the number of steps after which T passes 1 is asked for, so look more often than twice",
                lambda m: m["turn"] in (0, 1, 10, 800),
            ),
        ),
    ),
)

# ---- explain -------------------------------------------------------------------------------------

INVARIANT = Exercise(
    name="invariant_equivariant",
    judge=None,
)

EXERCISES = (
    PREDICTIONS,
    SOFTMAX,
    LOG_SUM_EXP,
    VJP,
    BY_LOGARITHMS,
    CAUSE,
    REPAIR,
    TEMPERATURE,
    INVARIANT,
)
