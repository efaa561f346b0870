"""The exercises of 01_sigmoid."""

import numpy as np

from acts_exercises import Exercise, Wrong, judges
from acts_exercises.messages import described

# ---- predict -------------------------------------------------------------------------------------

REACHES_ONE = Exercise(
    name="reaches_one",
    judge=judges.number(
        17,
        what="an integer z",
        right="right: e⁻¹⁷ is below 2⁻²⁴, half a step of float32 at 1, so 1 + e⁻¹⁷ is rounded to 1",
        mistakes=(
            (16, "e⁻¹⁶ = 1.1e-7 is still more than half a step (6.0e-8): 1 + e⁻¹⁶ is the float32 after 1"),
            (
                18,
                "you rounded the true σ(z), whose neighbours below 1 are twice as close; the computer rounds 1 + e⁻ᶻ",
            ),
            (37, "that is the answer for float64, which has 53 bits; float32 has 24"),
            (8, "that is the answer for float16, which has 11 bits; float32 has 24"),
            (9, "that is about float16, which has 11 bits; float32 has 24"),
            (24, "24 is the number of bits; the question is for which z the number e⁻ᶻ is below 2⁻²⁴"),
            (89, "from 89 on e⁻ᶻ itself is tiny or lost; it stops counting beside the 1 much earlier"),
            (104, "from 104 on e⁻ᶻ itself is 0 in float32; it stops counting beside the 1 much earlier"),
            (np.log(2.0**24), "that is where it happens, nearly: the question asks for an integer"),
        ),
    ),
)

# ---- implement -----------------------------------------------------------------------------------


def _naive(x):
    return 1 / (1 + np.exp(-x))


def _clipped(x, got, expected):
    tail = got[x <= -720]
    return bool(np.all(tail == tail[0])) and 0 < tail[0] < 0.1


def _lost_right_tail(x, got, expected):
    return bool(np.all(got[x >= 40] == 0)) and np.allclose(got[x <= 20], expected[x <= 20], rtol=1e-6, atol=0)


SIGMOID = Exercise(
    name="sigmoid",
    judge=judges.function_of_array(
        "sigmoid",
        mistakes=(
            (
                _naive,
                "exp(-x) overflows to inf for x below -709, and 1/inf is 0: the left tail is lost",
            ),
            (
                lambda x: (1 + np.tanh(x / 2)) / 2,
                "tanh(x/2) is rounded near -1, and 1 + tanh(x/2) cancels: the whole left tail loses its digits",
            ),
            (
                lambda x: np.exp(x) / (1 + np.exp(x)),
                "exp(x) overflows to inf for x above 709, and inf/inf is nan: the trouble has only moved to the right",
            ),
            (
                lambda x: 1 - 1 / (1 + np.exp(x)),
                "1 - (a number close to 1) cancels: the whole left tail loses its digits",
            ),
            (lambda x: 1 / (1 + np.exp(x)), "this falls from 1 to 0: a sign is swapped"),
            (np.tanh, "this is tanh; it goes from -1 to 1"),
            (
                lambda x: _naive(np.clip(x, -500, 500)),
                "clipping x stops the overflow, but the tail goes flat: every x beyond the clip gets one value",
                _clipped,
            ),
        ),
    ),
)

DERIVATIVE = Exercise(
    name="sigmoid_derivative",
    judge=judges.function_of_array(
        "sigmoid_derivative",
        mistakes=(
            (
                lambda x: _stable(x) * (1 - _stable(x)),
                "from x = 37 on s is rounded to exactly 1, so 1 - s is 0, while the true derivative is still e⁻ˣ",
                _lost_right_tail,
            ),
            (
                lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2,
                "for x below -709 exp(-x) is inf, and inf/inf is nan; σ′ is even: why not compute it from |x|?",
            ),
            (
                lambda x: np.exp(x) / (1 + np.exp(x)) ** 2,
                "for x above 709 exp(x) is inf, and inf/inf is nan; σ′ is even: why not compute it from |x|?",
            ),
            (
                lambda x: 1 / (2 + np.exp(x) + np.exp(-x)),
                "a beautiful form, but exp and cosh² overflow for |x| above 709, and the last of the tail is lost",
            ),
            (
                lambda x: x * (1 - x),
                "x(1-x) is the rule for an x that is already σ: here x is the input, so compute σ(x) first",
            ),
            (
                lambda x: np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))),
                "at x = 0 this gives 1/2, the true slope is 1/4: the denominator is squared",
            ),
            (
                lambda x: _stable(x) * (1 + _stable(x)),
                "the second factor is 1 − σ, with a minus",
            ),
            (
                lambda x: (_stable(x + 1e-6) - _stable(x - 1e-6)) / 2e-6,
                "a difference quotient is fine for checking, but it keeps few digits, and none in the tails",
                lambda x, got, expected: np.allclose(got, expected, rtol=0, atol=1e-5, equal_nan=True),
            ),
        ),
    ),
)


def _stable(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


# ---- derive --------------------------------------------------------------------------------------


def _s():
    import sympy

    return sympy.Symbol("s")


def _polynomial(*coefficients):
    """Return a callable that builds s(1−s)·(c₀ + c₁ s + c₂ s² …)."""
    return lambda: _s() * (1 - _s()) * sum(c * _s() ** power for power, c in enumerate(coefficients))


THIRD = Exercise(
    name="third_derivative",
    judge=judges.expression(
        _polynomial(1, -6, 6),
        right="right: σ‴ = s(1−s)(1 − 6s + 6s²), again a polynomial in s, so the forward value is all it needs",
        mistakes=(
            (_polynomial(1), "that is the first derivative, s(1−s)"),
            (_polynomial(1, -2), "that is the second derivative: once more"),
            (lambda: 1 - 6 * _s() + 6 * _s() ** 2, "the chain rule is missing: multiply by ds/dz = s(1−s)"),
            (
                lambda: -6 + 12 * _s(),
                "you differentiated by s each time; each step also brings the factor ds/dz",
            ),
            (
                lambda: _s() * 0 - 2,
                "you differentiated by s only; each step by z also brings the factor ds/dz",
            ),
            (_polynomial(1, -4, 4), "only half of the product rule: the factor 1 − 2s has a derivative too"),
            (_polynomial(0, -2, 2), "only half of the product rule: the factor s(1−s) has a derivative too"),
            (_polynomial(-1, 6, -6), "the sign is the wrong way round"),
        ),
        places=judges.PLACES[:3],
    ),
)


def _z():
    import sympy

    return sympy.Symbol("z", real=True)


def _slope():
    import sympy

    return sympy.exp(-_z()) / (1 + sympy.exp(-_z())) ** 2


def _cosh_forms():
    import sympy

    return [1 / (4 * sympy.cosh(_z() / 2) ** 2), sympy.sech(_z() / 2) ** 2 / 4]


def _sums_of_exponentials():
    import sympy

    z = _z()
    return [
        1 / (sympy.exp(z / 2) + sympy.exp(-z / 2)) ** 2,
        1 / (2 + sympy.exp(z) + sympy.exp(-z)),
        1 / (sympy.exp(z) + 2 + sympy.exp(-z)),
    ]


def _half_angle_missing():
    import sympy

    return 1 / (2 + 2 * sympy.cosh(_z()))


COSH = Exercise(
    name="cosh_form",
    judge=judges.derivation(
        _slope,
        _cosh_forms,
        goal_in_words="1/(4·cosh²(z/2)), in Python 1 / (4 * sp.cosh(z / 2)**2)",
        right="cosh is at least 1, and 1 only at 0, so σ′ ≤ 1/4, with equality only there",
        mistakes=(
            (_slope, "this is still where it starts: multiply numerator and denominator by eᶻ"),
            *(
                (
                    lambda at=at: _sums_of_exponentials()[at],
                    "very close: cosh(u) = (eᵘ + e⁻ᵘ)/2, with u = z/2",
                )
                for at in range(3)
            ),
            (_half_angle_missing, "cosh(z) + 1 is 2·cosh²(z/2)"),
        ),
    ),
)

# ---- debug ---------------------------------------------------------------------------------------

CAUSE = Exercise(
    name="dead_network",
    judge=judges.choice(
        "b",
        (
            (
                "a",
                "make the rate 1000 times larger: it still only guesses. 1000 times (nearly) nothing is still nothing",
            ),
            ("c", "compare two columns of the first weights: they differ. The hidden *outputs* are alike: why?"),
            ("d", "turn the sign round, and it still doesn't learn. Look at the size of the gradient, not at its sign"),
            ("e", "0.25 for two layers is 1/16: slow, not dead. Measure the gradient of the first layer"),
        ),
        praise="right: z lies between 94 and 255 there, and σ′ = e⁻ᶻ is 1e-41 at most",
    ),
)


def train(images, targets, start, rate=0.5, steps=100, seed=0):
    """Train two layers of sigmoids on squared error, as in the notebook; return both matrices of weights."""
    rng = np.random.default_rng(seed)
    first, second = start(rng, images.shape[1], 12), start(rng, 12, targets.shape[1])
    for _ in range(steps):
        hidden = _stable(images @ first)
        output = _stable(hidden @ second)
        slope = (output - targets) * _slope_of(hidden @ second) / len(images)
        back = slope @ second.T * _slope_of(images @ first)
        second = second - rate * hidden.T @ slope
        first = first - rate * images.T @ back
    return first, second


def _slope_of(x):
    z = np.exp(-np.abs(x))
    return z / (1 + z) ** 2


def three_digits(count=60):
    """Return the first images of the digits 0, 1 and 2 in grey levels 0 to 16, and their one-hot targets."""
    from acts.data import digits

    images, labels = digits()
    chosen = np.flatnonzero(labels < 3)[:count]
    return 16 * images[chosen], np.eye(3)[labels[chosen]]


def _judge_start(start):
    judges.must_be_function(start, "a function start(rng, fan_in, fan_out)")
    for fan_in, fan_out in ((64, 12), (12, 3)):
        _judge_drawn_weights(start, fan_in, fan_out)
    grey, targets = three_digits()
    for seed in range(3):
        begun = _drawn(start, seed)
        first, second = train(grey, targets, lambda rng, *sizes: start(rng, *sizes).astype(np.float64), seed=seed)
        hidden = _stable(grey @ first)
        right = float(np.mean(np.argmax(hidden @ second, axis=1) == np.argmax(targets, axis=1)))
        if not right >= 0.95:
            raise Wrong(
                f"with your weights {right:.0%} of the images are right after 100 steps (seed {seed}), expected 95%",
                _why_dead(begun, grey),
            )
    return "the network lives: at least 95% right with each of three seeds, and only its start was changed"


def _drawn(start, seed):
    return start(np.random.default_rng(seed), 64, 12)


def _judge_drawn_weights(start, fan_in, fan_out):
    sizes = f"fan_in = {fan_in}, fan_out = {fan_out}"
    given = np.random.default_rng(0), fan_in, fan_out
    drawn = judges.result_of(start, ("rng", "fan_in", "fan_out"), given, f"rng, {sizes}")
    if not isinstance(drawn, np.ndarray) or drawn.shape != (fan_in, fan_out):
        raise Wrong(
            f"expected weights of shape ({fan_in}, {fan_out}), got {described(drawn)}",
            f"it was given {sizes}",
        )
    if drawn.dtype.kind not in "fiu" or not np.abs(drawn).max() < 1e6:
        raise Wrong("your weights must be real numbers, and none of them beyond 1e6")


def _why_dead(first, grey):
    if np.ptp(first, axis=1).max() == 0:
        return "all columns are equal, so all hidden units stay equal: twelve units do the work of one. Draw at random"
    z = grey @ first
    saturated = float(np.mean(np.abs(z) > 10))
    if saturated > 0.05:
        size = float(np.sqrt(np.mean(z**2)))
        return f"{saturated:.0%} of the first layer is saturated: a typical |z| is {size:.3g}, it should be about 1"
    if np.abs(z).max() < 1e-3:
        return "nothing is saturated now, but the weights are so tiny that all images look alike to the first layer"
    if (first >= 0).all() or (first <= 0).all():
        return "nothing is saturated now, but all weights have one sign, so all hidden units say nearly the same"
    return "nothing is saturated now, but the weights are so small that learning has hardly begun"


REPAIR = Exercise(
    name="dead_network_repair",
    judge=_judge_start,
)

# ---- measure -------------------------------------------------------------------------------------

RATIO = Exercise(
    name="layer_ratio",
    judge=judges.measurements(
        {
            "xavier": (0.220, 0.258),
            "pytorch": (0.130, 0.165),
            "he": (0.293, 0.340),
            "centred": (0.78, 0.95),
            "spread": (2e-4, 0.03),
        },
        right="well measured: 0.25 is neither the ratio nor a bound on it; the initialisation decides",
        mistakes=(
            ({"spread": 0}, "one network has no spread: measure at least five seeds", lambda m: m["spread"] == 0),
            (
                {"xavier": 4.32, "he": 3.177},
                "turn it round: how large is the gradient one layer nearer the input?",
                lambda m: m["xavier"] > 2 and m["he"] > 2,
            ),
            (
                {"xavier": 1.914e-06},
                "that is all the layers together; the question is about the factor of one layer: the 9th root",
                lambda m: m["xavier"] < 1e-3,
            ),
            (
                {"xavier": 0.25, "pytorch": 0.25, "he": 0.25},
                "0.25 is what the formula says; measure what the network does",
                lambda m: all(abs(m[k] - 0.25) < 1e-9 for k in ("xavier", "pytorch", "he")),
            ),
            (
                {"he": 0.22, "centred": 0.217},
                "these look like the activation's factor alone, σ′(z): the weights multiply too",
                lambda m: max(m[k] for k in ("xavier", "pytorch", "he", "centred")) < 0.25,
            ),
            (
                {"xavier": 0.268},
                "count the steps: ten layers have nine steps between them",
                lambda m: 0.258 < m["xavier"] < 0.28,
            ),
        ),
    ),
)

# ---- explain -------------------------------------------------------------------------------------

QUARTER = Exercise(
    name="quarter_to_the_tenth",
    judge=None,
)

EXERCISES = (REACHES_ONE, SIGMOID, DERIVATIVE, THIRD, COSH, CAUSE, REPAIR, RATIO, QUARTER)
