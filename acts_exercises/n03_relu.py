"""The exercises of 03_relu."""

import math

import numpy as np

from acts_exercises import Exercise, Wrong, judges
from acts_exercises.messages import compared, described

# ---- predict -------------------------------------------------------------------------------------

TWENTY_LAYERS = Exercise(
    name="twenty_relu_layers",
    judge=judges.number(
        (2 / 3) ** 10,
        what="a number: size at the end over size at the start",
        tolerance=0.0015,
        right="right: √(nv/2) = √(2/3) for each layer, and (2/3)¹⁰ = 0.017 is left; a slope of 1 is no guarantee",
        mistakes=(
            (1, "the slope is 1 for the half of the units that are on; the other half passes nothing on"),
            ((2 / 3) ** 20, "√(nv/2) is the factor for sizes; without the root it is that for squares"),
            (
                (1 / 3) ** 10,
                "what is doubled are the weights, not their variance: v is the mean of their *squares*",
            ),
            (
                (1 / 3) ** 20,
                "two slips: the factor for sizes has a root in it, √(nv/2), and twice the weights have four times the "
                "variance",
            ),
            ((1 / 6) ** 20, "two slips: that is the default itself, v = 1/(3n), and without the root of nv/2"),
            ((1 / 6) ** 10, "that is the default itself, v = 1/(3n); here each weight is twice as large"),
            ((4 / 3) ** 10, "that is √(nv)²⁰, as if all units were on"),
            ((4 / 3) ** 20, "that is (nv)²⁰: no root, and as if all units were on"),
            (0.5**20, "half of the units pass the gradient on, and rms(f′) is the root of a half; v counts too"),
            (0.5**10, "that is rms(f′)²⁰, the activation's share alone; the weights multiply too"),
            ((3 / 2) ** 10, "that is how many times larger the start is; the question is what is left"),
            ((2 / 3) ** 0.5, "that is the factor of one layer; there are twenty"),
            (0.25**20, "0.25 is the largest slope of the sigmoid; these are ReLUs"),
        ),
    ),
)

# ---- implement: a figure -------------------------------------------------------------------------


def _relu6(x):
    return np.clip(x, 0, 6)


def _slope_of_relu6(x):
    return ((x > 0) & (x < 6)).astype(np.float64)


FIGURE = Exercise(
    name="relu6_figure",
    judge=judges.figure_lines(
        (judges.Curve("f", _relu6), judges.Curve("f′", _slope_of_relu6, jumps=(0.0, 6.0))),
        window=(-1, 7),
        right="an honest figure: f without a gap, f′ with a gap at each of its jumps, named and told apart",
        mistakes=(
            (lambda x: np.maximum(x, 0), "this is ReLU; ReLU6 stays at 6 from x = 6 on"),
            (lambda x: np.minimum(x, 6), "this is min(6, x): below 0 it should be 0"),
            (
                lambda x: (x > 0) * 1.0,
                "this is the slope of ReLU; ReLU6 is level again from x = 6 on",
            ),
            (lambda x: (x < 6) * 1.0, "this is the slope of min(6, x); below 0 ReLU6 is level"),
            (
                lambda x: (_relu6(x + 0.2) - _relu6(x - 0.2)) / 0.4,
                "a difference quotient reaches across the kink and mixes both sides; the slopes are known: 0, 1, 0",
                lambda x, got, expected: _only_near(x, got, expected, (0, 6), 0.5),
            ),
        ),
    ),
)


def _only_near(x, got, expected, places, distance):
    """Are the values wrong within this distance from the places and nowhere else?"""
    wrong = x[~np.isclose(got, expected)]
    return bool(np.abs(wrong[:, None] - np.array(places)).min(axis=1).max(initial=0.0) <= distance)


# ---- implement: clipping -------------------------------------------------------------------------

# Of length 13 all together: 5 and 12. All products and roots that a sound formula meets are harmless numbers.
LONG = [np.array([[3.0, 0.0], [0.0, -4.0]]), np.array([12.0])]
MOST = 2.6


def clip_by_norm(gradients, most):
    """Return the gradients, all shortened by one factor if together they are longer than `most`."""
    largest = max(float(np.abs(g).max()) for g in gradients) or 1.0
    norm = largest * float(np.sqrt(sum(np.sum((g / largest) ** 2) for g in gradients)))
    return [g * (most / max(norm, most)) for g in gradients]


def _norm(gradients):
    return float(np.sqrt(sum(np.sum(g**2) for g in gradients)))


def _clipped_by(size):
    """Return the function that clips by this idea of a size."""
    return lambda gradients, most: [g * min(1, most / size(gradients)) for g in gradients]


_judge_values = judges.function(
    clip_by_norm,
    {
        "a gradient of length 13 and most = 2.6": ((LONG, MOST), "the length should become 2.6"),
        "a gradient of length 13 and most = 20": (
            (LONG, 20.0),
            "it is shorter than `most`, so it stays as it is: only a long one is shortened, none is stretched",
        ),
        "a gradient of zeros and most = 1": (
            ([np.zeros((2, 2)), np.zeros(3)], 1.0),
            "its norm is 0, and a division by 0 ends in inf or nan: compare with `most` before you divide, or divide "
            "by the larger of the two",
        ),
        "an array with three axes beside a vector, and most = 30": (([np.full((2, 2, 2), 1.5), *LONG[1:]], 30.0), ""),
        "a gradient of length 1.3e+201 and most = 2.6": (
            ([g * 1e200 for g in LONG], MOST),
            "an exploding gradient is what clipping is for, but 1e200 squared is inf, and most/inf is 0: divide by the "
            "largest entry first",
        ),
        "float32 arrays and most = 2.6": (([g.astype(np.float32) for g in LONG], MOST), ""),
    },
    relative=1e-12,
    absolute=0.0,
    mistakes=(
        (
            lambda gradients, most: [g * min(1, most / np.linalg.norm(g)) for g in gradients],
            "each array has been shortened by its own norm: that turns the gradient. Clipping by norm takes one norm, "
            "over all arrays together",
        ),
        (
            lambda gradients, most: [np.clip(g, -most, most) for g in gradients],
            "this is clipping by value, entry by entry: it turns the gradient. By norm, one factor shortens everything",
        ),
        (
            _clipped_by(lambda gradients: sum(_norm([g]) for g in gradients)),
            "17 is the sum of the two norms, 5 and 12; the norm of everything is √(5² + 12²) = 13",
        ),
        (_clipped_by(lambda gradients: _norm(gradients) ** 2), "169 is the sum of the squares: the root is missing"),
        (
            _clipped_by(lambda gradients: sum(np.abs(g).sum() for g in gradients)),
            "19 is the sum of all sizes; the norm is the root of the sum of their squares",
        ),
        (
            _clipped_by(lambda gradients: max(np.abs(g).max() for g in gradients)),
            "12 is the largest entry; the norm is the root of the sum of all squares",
        ),
        (
            _clipped_by(lambda gradients: math.hypot(*(np.linalg.norm(g, 2) for g in gradients))),
            "np.linalg.norm(matrix, 2) is its largest singular value; without the 2 it is the root of the sum of "
            "squares",
        ),
        (
            lambda gradients, most: [g * max(1, _norm(gradients) / most) for g in gradients],
            "the factor is upside down: it must make a long gradient shorter",
        ),
        (
            lambda gradients, most: [g / _norm(gradients) for g in gradients],
            "this has length 1, whatever the limit: where is `most`?",
        ),
        (
            _clipped_by(lambda gradients: _norm(gradients) / math.sqrt(sum(g.size for g in gradients))),
            "a norm is the root of the *sum* of the squares, not of their mean",
        ),
        (
            lambda gradients, most: list(gradients),
            "nothing has been clipped: the gradient is five times as long as `most` allows",
            lambda gradients, most, got, expected: most == MOST and any(np.array_equal(got, g) for g in gradients),
        ),
        (
            lambda gradients, most: [g * min(1, most / (_norm(gradients) + 1e-6)) for g in gradients],
            "is there a small number in your denominator, against 0/0? It shortens too much: compare first",
            lambda gradients, most, got, expected: np.allclose(got, expected, rtol=1e-4, atol=0),
        ),
    ),
)


def _judge_nan(clip):
    got, _ = judges.call(clip, [np.array([3.0, np.nan]), np.array([12.0])], MOST, shown="a gradient with a NaN in it")
    if not np.isnan(got[0][1]):
        raise Wrong(
            f"a gradient with a NaN in it comes back without: the NaN has become {got[0][1]:g}",
            "NaN means that something broke before; whoever trains must be able to see it, so let it through",
        )
    return "right: one norm over all arrays, also for zeros, NaN and 1e+200, and nothing is changed in place"


CLIP = Exercise(
    name="clip_by_norm",
    judge=judges.in_turn(_judge_values, _judge_nan),
)

# ---- derive --------------------------------------------------------------------------------------


def _symbols():
    import sympy

    return sympy, sympy.Symbol("z", real=True), sympy.Symbol("s", positive=True)


def _bell():
    sympy, z, s = _symbols()
    return sympy.exp(-(z**2) / (2 * s**2)) / (s * sympy.sqrt(2 * sympy.pi))


def _mean_of_relu():
    from acts.symbolic import relu

    sympy, z, _ = _symbols()
    return sympy.Integral(relu(z) * _bell(), (z, -sympy.oo, sympy.oo))


def _mean_in_closed_form():
    sympy, _, s = _symbols()
    return [s / sympy.sqrt(2 * sympy.pi)]


def _right_half():
    sympy, z, _ = _symbols()
    return sympy.Integral(z * _bell(), (z, 0, sympy.oo))


def _half_of_all():
    sympy, z, _ = _symbols()
    return sympy.Integral(sympy.Abs(z) * _bell(), (z, -sympy.oo, sympy.oo)) / 2


def _substituted():
    sympy, _, s = _symbols()
    u = sympy.Symbol("u")
    return sympy.Integral(s / sympy.sqrt(2 * sympy.pi) * sympy.exp(-u), (u, 0, sympy.oo))


MEAN = Exercise(
    name="mean_of_relu",
    judge=judges.derivation(
        _mean_of_relu,
        _mean_in_closed_form,
        goal_in_words="a formula in s, without an integral",
        right="the outputs of a ReLU layer have the mean s/√(2π) = 0.4 s: whatever comes next is not centred",
        mistakes=(
            (_mean_of_relu, "this is still where it starts"),
            (_right_half, "half-way: of which function is z·bell, up to a factor, the derivative?"),
            (_half_of_all, "true, by symmetry; but |z| keeps you from integrating: use that relu is 0 below 0"),
            (_substituted, "very close: the integral of e⁻ᵘ from 0 to ∞ is 1"),
        ),
    ),
)

MEAN_SHARE = Exercise(
    name="mean_share",
    judge=judges.number(
        1 / math.pi,
        what="a number: the mean squared over the mean square",
        tolerance=0.002,
        right="right: 1/π, so nearly a third of what a ReLU layer hands on is its mean",
        mistakes=(
            (1 / (2 * math.pi), "that is the mean squared over s²; the size of relu(z) squared is E[relu(z)²] = s²/2"),
            (1 / math.sqrt(math.pi), "that is the mean over the root mean square: square it"),
            (1 / math.sqrt(2 * math.pi), "that is the mean itself, in units of s"),
            (
                1 - 1 / math.pi,
                "that is the share left for the differences, the variance; the question is about the other one",
            ),
            (1 / (math.pi - 1), "that is the mean squared over the *variance*; E[relu(z)²] holds the mean as well"),
            (0.5, "a half is E[relu(z)²] over E[z²]; where does the mean come in?"),
            (math.pi, "upside down: the mean squared cannot be more than the mean square"),
            (2 / math.pi, "a factor of 2 is lost: what is the square of √(2π)?"),
        ),
    ),
)

# ---- debug ---------------------------------------------------------------------------------------

UNITS = 24

CAUSE = Exercise(
    name="kelvin_network",
    judge=judges.choice(
        "d",
        (
            ("a", "ten times the steps leave it at the same 4.47 K: that is not a slow network, it stands still"),
            ("b", "print z before the first step (steps=0): its entries are of size 1, as they should be"),
            ("c", "count them with steps=0: before the first step most units are alive. After the second?"),
            ("e", "24 units have 24 bends, but the output has not even one: it is the same for all hours"),
        ),
        praise="right: the first errors are 283 K, 60 times the day's spread, and the steps with them; after two all "
        "units are dead",
    ),
)


def day():
    """Return 48 half-hours of a day as numbers from −1 to 1, and the temperature at each of them, in kelvin."""
    clock = np.arange(48) / 2
    kelvin = 283 + 6 * np.cos(2 * np.pi * (clock - 15) / 24) + 2 * np.cos(4 * np.pi * (clock - 4) / 24)
    return (clock - 12) / 12, kelvin


def train(x, y, rate=0.1, steps=400, seed=0):
    """Train one hidden layer of ReLUs on half the mean squared error, as in the notebook; return its parameters."""
    rng = np.random.default_rng(seed)
    w, b = rng.normal(0, np.sqrt(2), UNITS), rng.uniform(-1, 1, UNITS)
    v, c = rng.normal(0, np.sqrt(2 / UNITS), UNITS), 0.0
    for _ in range(steps):
        z = np.outer(x, w) + b
        h = np.maximum(z, 0)
        error = (h @ v + c - y) / len(x)
        back = np.outer(error, v) * (z > 0)
        v, c = v - rate * h.T @ error, c - rate * error.sum()
        w, b = w - rate * x @ back, b - rate * back.sum(axis=0)
    return w, b, v, c


def _judge_prepare(prepare):
    judges.must_be_function(prepare, "a function prepare(kelvin)")
    hours, kelvin = day()
    targets, back = _prepared(prepare, kelvin)
    worst, dead = 0.0, 0.0
    for seed in range(3):
        with np.errstate(all="ignore"):
            w, b, v, c = train(hours, targets, seed=seed)
            z = np.outer(hours, w) + b
            said = np.asarray(back(np.maximum(z, 0) @ v + c), dtype=np.float64)
            miss = float(np.sqrt(np.mean((said - kelvin) ** 2)))
        if not miss <= worst:
            worst, at, dead = miss, seed, float((z <= 0).all(axis=0).mean())
    if not worst <= 2:
        raise Wrong(
            f"with your targets the network is off by {worst:.3g} K (rms) after 400 steps (seed {at}), expected 2 K",
            _why_still_off(targets, dead, worst),
        )
    return f"the units live, and the network is off by {worst:.2g} K at most, with each of three seeds"


def _prepared(prepare, kelvin):
    """Return the student's targets and the way back, both looked at."""
    pair = judges.result_of(prepare, ("kelvin",), (kelvin,), "the temperatures in kelvin")
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise Wrong(
            f"your function should return two things, targets and back; it returned {described(pair)}",
            "return targets, back",
        )
    targets, back = pair
    if callable(targets) and not callable(back):
        raise Wrong("your function returned a function first, and then the targets", "first the targets, then back")
    if not isinstance(targets, np.ndarray) or targets.shape != kelvin.shape or not np.isfinite(targets).all():
        raise Wrong(f"expected {kelvin.size} finite targets in an array, got {described(targets)}")
    if not callable(back):
        raise Wrong(
            f"expected back to be a function, got {described(back)}",
            "it gets outputs of the network and returns kelvin: def back(outputs), or a lambda",
        )
    again, _ = judges.call(back, targets.copy(), shown="your own targets")
    if np.shape(again) != kelvin.shape:
        raise Wrong(f"back should return one temperature for each output; it returned {described(again)}")
    if not np.allclose(again, kelvin, rtol=1e-9, atol=1e-6):
        raise Wrong(
            "back should undo what was done to the targets, but back(targets) is not kelvin. At the first half-hour:",
            compared(kelvin[0], np.asarray(again)[0]),
            _why_not_kelvin(np.asarray(again), targets, kelvin),
        )
    moved, _ = judges.call(back, targets + np.ptp(targets), shown="other outputs")
    if np.allclose(moved, kelvin):
        raise Wrong(
            "back returns the true temperatures, whatever the network says",
            "it should turn the outputs that it is given into kelvin",
        )
    return np.asarray(targets, dtype=np.float64), back


def _why_not_kelvin(again, targets, kelvin):
    apart = again - kelvin
    if np.allclose(again, targets, rtol=1e-9, atol=1e-6):
        return "it changes nothing: take the mean and the spread of kelvin; those of the targets are 0 and 1"
    if np.ptp(apart) < 1e-6 and apart[0] < 0:
        return "all of them are too low by the same: has what was taken away been given back?"
    return "undo the last thing first: what was divided last is multiplied first"


def _why_still_off(targets, dead, worst):
    mean, spread, largest = float(targets.mean()), float(targets.std()), float(np.abs(targets).max())
    if dead > 0.9:
        return (
            f"{dead:.0%} of the hidden units are dead: your targets go up to {largest:.3g}, so the first errors are as "
            "large, and the steps with them"
        )
    if not math.isfinite(worst) or spread > 20:
        return f"your targets have a spread of {spread:.3g}: too much for weights of size 1 and steps of this rate"
    if abs(mean) > 3 * spread:
        return (
            f"no crowd of dead units now, but the mean of your targets, {mean:.3g}, is {abs(mean) / spread:.0f} times "
            "their spread: a small error in it drowns what the hours change"
        )
    return "the units live, but learning has hardly begun: the targets should have a spread of about 1"


REPAIR = Exercise(
    name="kelvin_repair",
    judge=_judge_prepare,
)

# ---- measure -------------------------------------------------------------------------------------

# Of five networks after 100 steps, on the test images 0.95 at most are right, on the training images 0.97.
MOST_ON_TEST = 0.957

SAVED = Exercise(
    name="saved_by_clipping",
    judge=judges.measurements(
        {
            "unclipped": (0.62, 1.0),
            "spread": (0.005, 0.25),
            "clipped": (0.0, 0.1),
            "accuracy_clipped": (0.8, MOST_ON_TEST),
            "accuracy_small_rate": (0.88, MOST_ON_TEST),
        },
        right="well measured: a long step kills, and clipping bounds it; a rate that fits does the same without",
        mistakes=(
            (
                {"accuracy_small_rate": 94},
                "shares from 0 to 1, please, neither percent nor counts",
                lambda m: max(m.values()) > 1.5,
            ),
            (
                {"unclipped": 0, "clipped": 0},
                "nobody died at all: look at the second layer, at a rate of 2. (The first loses nobody, on centred "
                "pixels.)",
                lambda m: m["unclipped"] == m["clipped"] == 0,
            ),
            (
                {"unclipped": 0, "clipped": 0.86},
                "are the two swapped?",
                lambda m: m["unclipped"] < 0.2 and m["clipped"] > 0.5,
            ),
            (
                {"unclipped": 0.42},
                "about a half: is this the mean of both layers? The first loses nobody; count in the second alone",
                lambda m: 0.35 < m["unclipped"] < 0.55 and m["clipped"] < 0.1,
            ),
            (
                {"unclipped": 0.99, "clipped": 0.53},
                "is this the share of zeros? A unit is dead only if it is 0 for *every* image; or the limit is so "
                "large that hardly any step is clipped",
                lambda m: m["unclipped"] > 0.9 and 0.3 < m["clipped"] < 0.95,
            ),
            (
                {"clipped": 0.76},
                "your limit is too large to save them: the longest step is rate times limit. Try a third of it",
                lambda m: m["clipped"] > 0.1,
            ),
            ({"spread": 0}, "one network has no spread: measure at least five seeds", lambda m: m["spread"] == 0),
            (
                {"accuracy_clipped": 0.47},
                "is this the accuracy after the last step, `history.accuracy[-1]`, of the clipped networks? If it is, "
                "your limit is too small: nobody dies, and in 100 steps nobody gets far either",
                lambda m: m["accuracy_clipped"] < 0.8 and m["clipped"] <= 0.1,
            ),
            (
                {"accuracy_small_rate": 0.972},
                "is that the accuracy on the training images? Give train test=test_set",
                lambda m: max(m["accuracy_clipped"], m["accuracy_small_rate"]) > MOST_ON_TEST,
            ),
            (
                {"accuracy_small_rate": 0.13},
                "is the rate 0.4, without clip, and the accuracy that after 100 steps?",
                lambda m: m["accuracy_small_rate"] < 0.88,
            ),
        ),
    ),
)

# ---- explain -------------------------------------------------------------------------------------

WEIGHTS = Exercise(
    name="weights_between_0_and_1",
    judge=None,
)

EXERCISES = (TWENTY_LAYERS, FIGURE, CLIP, MEAN, MEAN_SHARE, CAUSE, REPAIR, SAVED, WEIGHTS)
