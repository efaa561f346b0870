"""The exercises of 02_tanh."""

import numpy as np

from acts import elementwise
from acts_exercises import Exercise, Wrong, judges

# ---- predict -------------------------------------------------------------------------------------

_GAP_OF_SIGMOID = "that is where the sigmoid gets there, which lacks e⁻ˣ; tanh lacks about 2e⁻²ˣ"

BFLOAT16 = Exercise(
    name="bfloat16_reaches_one",
    notebook="02_tanh",
    kind="predict",
    points=1,
    minutes=10,
    deepens="T1",
    hints=(
        "How much is missing to 1? For large x it is nearly 2e⁻²ˣ. And how little must be missing, to be rounded away?",
        "The last bfloat16 before 1 is 1 − 2⁻⁸. Whatever is nearer to 1 than to this one is rounded to 1.",
        "So 2e⁻²ˣ must be at most 2⁻⁹: take the logarithm of both sides, and round up to a tenth.",
    ),
    judge=judges.number(
        3.5,
        what="a number x",
        tolerance=1e-9,
        right="right: from (8 + 2)·log(2)/2 ≈ 3.47 on less than half a step is missing to 1, and the slope 1 − t² is 0",
        mistakes=(
            *(
                (wrong, "that is where it happens, nearly: the question goes in steps of a tenth")
                for wrong in (5 * np.log(2), 3.4657, 3.466, 3.47)
            ),
            (3.4, "at 3.4 there is still more than half a step missing: 0.0022, against 0.0020"),
            *(
                (
                    wrong,
                    "close; two things to look at: the gap is 2e⁻²ˣ, with the 2 in front, and half of the step *below* "
                    "1 is 2⁻⁹",
                )
                for wrong in (3.2, 3.1)
            ),
            *((wrong, "the step above 1 is 2⁻⁷, but tanh comes from below, where it is 2⁻⁸") for wrong in (2.8, 2.7)),
            *((wrong, _GAP_OF_SIGMOID) for wrong in (6.3, 6.2, 7.0, 6.9, 5.6, 5.5)),
            *((wrong, "that is about float16, which has 11 bits; bfloat16 has 8") for wrong in (4.6, 4.5)),
            *((wrong, "that is about float32, which has 24 bits; bfloat16 has 8") for wrong in (9.1, 9.0)),
            *((wrong, "that is about float64, which has 53 bits; bfloat16 has 8") for wrong in (19.1, 19.0)),
        ),
    ),
)

WIDTH_ONE = Exercise(
    name="width_one",
    notebook="02_tanh",
    kind="predict",
    points=2,
    minutes=20,
    deepens="T7",
    hints=(
        "Near 0, tanh h ≈ h − h³/3. Section 9 looked at one over the variance; what does a step do to 1/h²?",
        "1/(h − h³/3)² ≈ 1/h² + 2/3: each step adds 2/3, so after l steps h² ≈ 3/(2l), wherever it began.",
        "The chain rule multiplies the slopes 1 − h² ≈ 1 − (3/2)/l. In section 9 the factors 1 − 1/l made 1/L of it. "
        "What do the factors 1 − a/l make?",
    ),
    judge=judges.number(
        -1.5,
        what="a number p",
        tolerance=1e-9,
        right="right: a power again and no exponential, but a steeper one than that of a wide layer",
        mistakes=(
            (
                -0.5,
                "that is the wide layer of section 9, and also how h itself falls; the question is about the gradient",
            ),
            (1.5, "a positive power would be a gradient that grows with L"),
            (0.5, "a positive power would be a gradient that grows with L"),
            (-0.75, "section 9 multiplied *squared* gradients and took a root at the end; nothing is squared here"),
            (-3, "the slopes are multiplied once each, not squared"),
            (-1, "section 9 has 1 − 1/l for wide layers; here no normal numbers are averaged: what does one h do?"),
            (-2 / 3, "1/h² grows by 2/3 each step: what is h² then?"),
            (0, "the slope is below 1 wherever h is not 0, so something is lost in each step"),
        ),
    ),
)

# ---- implement -----------------------------------------------------------------------------------


def _finite_and(x, condition):
    with np.errstate(invalid="ignore"):
        return np.isfinite(x) & condition


def _nan_at_large(*signs):
    """Return a test: is it NaN for large x of just these signs?"""

    def recognised(x, got, expected):
        lost = [bool(np.isnan(got[_finite_and(x, sign * x >= 720)]).all()) for sign in (1, -1)]
        return lost == [sign in signs for sign in (1, -1)]

    return recognised


def _loses_small(x, got, expected):
    near, far = np.abs(x) <= 0.01, _finite_and(x, np.abs(x) >= 0.5)
    return not np.allclose(got[near], expected[near], rtol=1e-12, atol=0) and np.allclose(got[far], expected[far])


def _sign_lost(x, got, expected):
    return np.allclose(got, np.abs(expected), equal_nan=True)


def _cut_off(x, got, expected):
    """Are all large x given one value, and not ±1?"""
    tail = got[x >= 100]
    return bool(np.all(tail == tail[0])) and 0.9 < tail[0] < 1


_NAN = "infinity stands above the line and below it, and inf/inf is nan"


def _odd(x, times=2):
    u = np.expm1(-times * np.abs(x))
    return np.copysign(u / (u + 2), x)


def _growing(x):
    return (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)


_judge_tanh = judges.function_of_array(
    "tanh",
    mistakes=(
        (
            lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
            f"{_NAN}: divide both by eˣ, so that no exponent is positive",
            _nan_at_large(1, -1),
        ),
        (_growing, f"{_NAN}, for large x only: tanh is odd, so |x| and a sign will do", _nan_at_large(1)),
        (
            lambda x: -_growing(-x),
            f"{_NAN}, for x far below 0 only: tanh is odd, so |x| and a sign will do",
            _nan_at_large(-1),
        ),
        (
            lambda x: np.abs(_odd(x)),
            "the sizes are right; tanh is odd, so a negative x must give a negative value",
            _sign_lost,
        ),
        (lambda x: -_odd(x), "the sizes are right, and all signs are the wrong way round"),
        (
            lambda x: _odd(x, times=1),
            "this is tanh(x/2): there is a 2 in the exponent, e⁻²ˣ",
            lambda x, got, expected: np.allclose(got, np.tanh(x / 2), rtol=1e-6, atol=1e-15, equal_nan=True),
        ),
        (elementwise.sigmoid, "this is the sigmoid, from 0 to 1; tanh goes from -1 to 1"),
        (
            lambda x: elementwise.sigmoid(2 * x),
            "this goes from 0 to 1: stretch its height and shift it",
        ),
        (
            lambda x: _odd(np.clip(x, -5, 5)),
            "clipping x cuts tanh off below 1: at the clip it must already be 1 in float64",
            _cut_off,
        ),
        (
            lambda x: np.where(np.abs(x) < 0.1, x, _odd(x)),
            "near 0 tanh x is x, but only up to x³/3: at 0.01 that shows in the fifth digit",
            lambda x, got, expected: np.all((got == x)[np.abs(x) <= 0.01]),
        ),
        (
            lambda x: 2 * elementwise.sigmoid(2 * x) - 1,
            "near 0 two numbers close to each other are subtracted, as in 2σ − 1 or 1 − e⁻²ˣ: what is left of x are a "
            "few digits, or none",
            _loses_small,
        ),
    ),
)


def _judge_own_tanh(function):
    if _calls_tanh(function):
        raise Wrong(
            "that is a library's tanh; here you write one",
            "np.exp and np.expm1 are welcome; what has tanh in its name is not",
        )


def _calls_tanh(function):
    names = getattr(getattr(function, "__code__", None), "co_names", ())
    return "tanh" in names or isinstance(function, np.ufunc) or function is elementwise.tanh


TANH = Exercise(
    name="tanh",
    notebook="02_tanh",
    kind="implement",
    points=3,
    minutes=20,
    deepens="T2",
    hints=(
        "Two things break: eˣ is too large for float64 from 710 on, and near 0 a subtraction leaves nothing. "
        "First allow exp no positive exponent: what are both lines, divided by eˣ?",
        "That leaves (1 − e⁻²ˣ)/(1 + e⁻²ˣ) for x ≥ 0. The subtraction is still there: np.expm1(u) is eᵘ − 1, with all "
        "its digits. Write both lines with it.",
        "With u = np.expm1(-2 * np.abs(x)) the numerator is -u and the denominator u + 2. np.copysign(size, x) gives a "
        "size the sign of x.",
    ),
    judge=judges.in_turn(_judge_own_tanh, _judge_tanh),
)


def _zero_tail(x, got, expected):
    return bool(np.all(got[np.abs(x) >= 20] == 0)) and np.allclose(got, expected, rtol=0, atol=1e-12, equal_nan=True)


def _digits_run_out(x, got, expected):
    """Is it right near 0, and at 10 roughly right, but not to twelve digits?"""
    near, at_ten = np.abs(x) <= 1, np.abs(x) == 10
    return np.allclose(got[near], expected[near], rtol=1e-12, atol=0) and np.allclose(
        got[at_ten], expected[at_ten], rtol=1e-6, atol=0
    )


def _lost_end_of_tail(x, got, expected):
    far = _finite_and(x, np.abs(x) >= 360)
    return bool(np.all(got[far] == 0)) and np.allclose(got[~far], expected[~far], rtol=1e-9, atol=0, equal_nan=True)


def _tail(x, times=2):
    return np.exp(-times * np.abs(x))


TANH_DERIVATIVE = Exercise(
    name="tanh_derivative",
    notebook="02_tanh",
    kind="implement",
    points=2,
    minutes=15,
    deepens="T7",
    hints=(
        "1 − t² is right on paper. What are t and 1 − t² at x = 20? Which form of the slope subtracts nothing?",
        "The slope is 4/(eˣ + e⁻ˣ)². It is even, so |x| may stand for x; multiply above and below by e^(−2|x|).",
        "With z = np.exp(-2 * np.abs(x)) it is 4z/(1 + z)². Or, as tanh x = 2σ(2x) − 1: four times σ′ at 2x.",
    ),
    judge=judges.function_of_array(
        "tanh_derivative",
        mistakes=(
            (
                lambda x: 1 - np.tanh(x) ** 2,
                "from about 19 on t is rounded to exactly 1, and nothing is left of 1 - t, while the true slope is "
                "still 4e^(−2|x|)",
                _zero_tail,
            ),
            (
                lambda x: 1 / np.cosh(x) ** 2,
                "cosh² overflows from 355 on, where the slope is still a number that float64 knows",
                _lost_end_of_tail,
            ),
            (
                lambda x: 1 - (np.sinh(x) / np.cosh(x)) ** 2,
                "infinity meets infinity, and what comes out is nan: the slope is even, so let exp have −|x| only",
                _nan_at_large(1, -1),
            ),
            (
                lambda x: 4 * np.exp(2 * x) / (1 + np.exp(2 * x)) ** 2,
                f"{_NAN}, for large x: the slope is even, so compute it from |x|",
                _nan_at_large(1),
            ),
            (
                lambda x: 4 * np.exp(-2 * x) / (1 + np.exp(-2 * x)) ** 2,
                f"{_NAN}, for x far below 0: the slope is even, so compute it from |x|",
                _nan_at_large(-1),
            ),
            (
                lambda x: _tail(x) / (1 + _tail(x)) ** 2,
                "this is σ′(2x), and 1/4 at 0: twice as high and half as wide makes it 4 times as steep",
            ),
            (
                lambda x: 2 * _tail(x) / (1 + _tail(x)) ** 2,
                "at 0 this gives 1/2, the true slope is 1: the chain rule brings another 2",
            ),
            (
                lambda x: 4 * _tail(x) / (1 + _tail(x)),
                "at 0 this gives 2, the true slope is 1: the denominator is squared",
            ),
            (
                lambda x: 4 * _tail(x, 1) / (1 + _tail(x, 1)) ** 2,
                "right at 0, but twice as wide as it should be: this is the slope at x/2",
            ),
            (elementwise.sigmoid_derivative, "this is the sigmoid's slope"),
            (
                lambda x: 1 - x * x,
                "1 - t² is for the output t: here x is what goes in, so a tanh must come first",
            ),
            (lambda x: 1 + np.tanh(x) ** 2, "that is 1 + t²; the slope has a minus there"),
            (lambda x: 1 - np.tanh(x), "the t must be squared; this one is not even"),
            (
                lambda x: np.where(np.abs(x) > 19, 4 * _tail(x), 1 - np.tanh(x) ** 2),
                "1 - t² loses its digits one by one, long before it is 0: at 10 half of them are gone",
                _digits_run_out,
            ),
            (
                lambda x: (np.tanh(x + 1e-6) - np.tanh(x - 1e-6)) / 2e-6,
                "a difference quotient is fine for checking, but it keeps few digits, and none in the tails",
                lambda x, got, expected: np.allclose(got, expected, rtol=0, atol=1e-5, equal_nan=True),
            ),
        ),
    ),
)

# ---- derive --------------------------------------------------------------------------------------


def _x_and_t():
    import sympy

    x = sympy.Symbol("x", real=True)
    return x, sympy.tanh(x / 2)


def _sigma():
    import sympy

    return 1 / (1 + sympy.exp(-_x_and_t()[0]))


def _silu_slope():
    import sympy

    x, t = _x_and_t()
    return sympy.Derivative(x * (1 + t) / 2, x)


def _goal():
    x, sigma = _x_and_t()[0], _sigma()
    return sigma * (1 + x * (1 - sigma))


def _product_rule():
    x, t = _x_and_t()
    return (1 + t) / 2 + x * (1 - t**2) / 4


def _product_rule_as_sympy_writes_it():
    return _silu_slope().doit()


def _factored():
    x, t = _x_and_t()
    return (1 + t) / 2 * (1 + x * (1 - t) / 2)


def _factored_with_a_quarter():
    x, t = _x_and_t()
    return (1 + t) * (2 + x * (1 - t)) / 4


def _two_terms():
    x, sigma = _x_and_t()[0], _sigma()
    return sigma + x * sigma * (1 - sigma)


def _quotient_rule():
    import sympy

    x, sigma = _x_and_t()[0], _sigma()
    return sigma + x * sympy.exp(-x) / (1 + sympy.exp(-x)) ** 2


def _with_minus_x():
    import sympy

    x, sigma = _x_and_t()[0], _sigma()
    return sigma * (1 + x / (1 + sympy.exp(x)))


_NOW_FACTOR = "the product rule is done; 1 − t² is (1 + t)(1 − t), so both terms have (1 + t)/2 in them: take it out"
_NOW_NAME = "only the names are left: (1 + tanh(x/2))/2 is σ(x), and (1 − tanh(x/2))/2 is 1 − σ(x)"

SILU = Exercise(
    name="silu_by_tanh",
    notebook="02_tanh",
    kind="derive",
    points=3,
    minutes=25,
    deepens="T3",
    hints=(
        "Begin with the product rule, with t for tanh(x/2). Half of x is inside, so the chain rule brings ½: what is "
        "the slope of t?",
        "The slope of t is (1 − t²)/2, so the first line is (1 + t)/2 + x(1 − t²)/4. And 1 − t² = (1 + t)(1 − t): "
        "which factor do both terms have?",
        "The second line is (1 + t)/2 · (1 + x(1 − t)/2). By claim T3 (1 + t)/2 is σ, so (1 − t)/2 is 1 − σ: that is "
        "the third. Each of the three is one proof.then(expression, reason).",
    ),
    judge=judges.derivation(
        _silu_slope,
        lambda: [_goal()],
        goal_in_words="σ·(1 + x·(1 − σ)), in Python sigma * (1 + x * (1 - sigma))",
        right="SiLU is tanh in disguise, and its backward pass needs σ and no second exponential",
        mistakes=(
            (_silu_slope, "this is still where it starts: use the product rule"),
            (_product_rule, _NOW_FACTOR),
            (_product_rule_as_sympy_writes_it, _NOW_FACTOR),
            (_factored, _NOW_NAME),
            (_factored_with_a_quarter, _NOW_NAME),
            (_two_terms, "very close: both terms have σ in them"),
            (_quotient_rule, "the second term is x·σ′, and σ′ is σ·(1 − σ)"),
            (_with_minus_x, "very close: 1/(1 + eˣ) is 1 − σ(x)"),
        ),
    ),
)

# ---- debug ---------------------------------------------------------------------------------------

EXPLODES = Exercise(
    name="exploding_tanh",
    notebook="02_tanh",
    kind="debug",
    points=1,
    minutes=15,
    deepens="T6",
    hints=(
        "Some of the five can be seen before any step: how large is a typical z, a typical weight, a typical entry of "
        "each gradient?",
        "A gradient can be checked. Move one weight by 10⁻⁵ up and down: the difference of the two losses, divided by "
        "2 · 10⁻⁵, is what its entry should be. Do that once in each of the three matrices (in the first one not in "
        "row 0: pixel 0 is always paper).",
        "The last matrix has the right gradient, the two before it don't. What happens to `upstream` between the last "
        "matrix and the one before? Print tanh_slope(z) for z = 2: is that a slope of tanh?",
    ),
    judge=judges.choice(
        "d",
        (
            ("a", "make the rate 100 times smaller: the weights still explode, only later. Something drives them"),
            ("b", "print rms(images @ start()[0]): a typical z is about 1. Nothing is saturated there"),
            (
                "c",
                "at first the loss falls. And check an entry of the last matrix's gradient: it is right, sign and all",
            ),
            (
                "e",
                "print rms of the first weights and of the first gradients: about 0.2, and below 0.1. Their size is "
                "moderate; but is it the right gradient?",
            ),
        ),
        praise="right: tanh_slope wants the output t and is given z; for |z| > 1 then 1 − z² < 0, and z runs away",
    ),
)

# Readable numbers, so that a message can name them: what comes back, and what went in.
_UPSTREAM = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0], [-0.5, 1.5, 2.0]])
_WENT_IN = np.array([[0.0, 0.5, -0.5], [1.0, -1.5, 2.0], [3.0, -5.0, 8.0]])


def mended(upstream, z):
    """Return the gradient in front of tanh."""
    return upstream * elementwise.tanh_derivative(z)


_judge_through = judges.function(
    mended,
    {"upstream and z, two arrays of shape (3, 3)": ((_UPSTREAM, _WENT_IN), "")},
    relative=1e-6,
    absolute=0.0,
    right="that is the gradient in front of tanh, for large z and small; now let it train",
    mistakes=(
        (lambda u, z: u * (1 - z * z), "this is still 1 − z²; for |z| above 1 it is negative, and tanh never falls"),
        (
            lambda u, z: u * elementwise.tanh_derivative(np.tanh(z)),
            "here tanh is taken twice: give the output t to 1 − t², or z to a function that takes z",
        ),
        (
            lambda u, z: u * np.clip(1 - z * z, 0, 1),
            "a clip stops the explosion, but 1 − z² is still not the slope: at z = 2 that is 0.07",
        ),
        (lambda u, z: u * np.abs(1 - z * z), "without its sign 1 − z² is still not the slope: at z = 1 that is 0.42"),
        (
            lambda u, z: elementwise.tanh_derivative(z) + 0 * u,
            "that is the slope alone: where is what came from above?",
        ),
        (lambda u, z: u * np.tanh(z), "that is tanh itself; the chain rule multiplies by its slope"),
        (
            lambda u, z: u + 0 * z,
            "the gradient passes unchanged, as if tanh were the identity: that is so only at z = 0",
        ),
        (lambda u, z: u / elementwise.tanh_derivative(z), "the chain rule multiplies by the slope, it doesn't divide"),
        (lambda u, z: u * (1 - np.tanh(z)), "the t must be squared"),
        (lambda u, z: u * (1 + np.tanh(z) ** 2), "that is 1 + t²; the slope has a minus there"),
        (lambda u, z: u * elementwise.sigmoid_derivative(z), "that is the sigmoid's slope"),
        (lambda u, z: u * (1 - u * u), "1 − t² is for the output of tanh; what comes from above is something else"),
        (lambda u, z: z * elementwise.tanh_derivative(u), "the two arguments have changed places"),
        (
            lambda u, z: u * (np.tanh(z + 0.01) - np.tanh(z)) / 0.01,
            "nearly; a difference quotient is fine for checking, but here the slope itself is wanted",
            lambda u, z, got, expected: np.allclose(got, expected, rtol=0.05, atol=1e-8),
        ),
    ),
)


MENDED = Exercise(
    name="exploding_tanh_repair",
    notebook="02_tanh",
    kind="debug",
    points=3,
    minutes=15,
    deepens="T6",
    hints=(
        "tanh_slope is right, and through_tanh calls it: with what? Read both docstrings once more.",
        "1 − t² needs the output t. `mended` is given z; how do you get t from it?",
        "t = np.tanh(z), and then upstream * tanh_slope(t). Or take a slope that wants z: acts.tanh_derivative.",
    ),
    judge=_judge_through,
)

# ---- measure -------------------------------------------------------------------------------------

_FOUR = ("xavier_without", "xavier_with", "pytorch_without", "pytorch_with")

CENTRED = Exercise(
    name="centred_by_default",
    notebook="02_tanh",
    kind="measure",
    points=5,
    minutes=90,
    deepens="T5",
    hints=(
        "Four networks: two kinds of weights, each with and without biases, and nothing else may differ. A network's "
        "biases are a list of arrays in network.biases, which you may replace. activations[10] is layer 10.",
        'PyTorch\'s biases are those of MLP(sizes, "tanh", "pytorch", seeds=5).biases, and they fit a network with '
        "Xavier's weights as well. No biases: the same arrays times 0.",
        "offset_over_spread(network.forward(images).activations[10]) gives one number for each seed, with standardised "
        'images. Report the mean over the seeds, and under "spread" the standard deviation for "pytorch_with".',
    ),
    judge=judges.measurements(
        {
            "xavier_without": (0.005, 0.4),
            "xavier_with": (0.5, 1.1),
            "pytorch_without": (0.005, 0.4),
            "pytorch_with": (26, 46),
            "spread": (0.8, 9),
        },
        right="well measured: tanh makes no offset, biases do; and small weights let the signal fade, not the offset",
        mistakes=(
            ({"spread": 0}, "one network has no spread: measure at least five seeds", lambda m: m["spread"] == 0),
            (
                {
                    "xavier_without": -0.0004041,
                    "xavier_with": -0.01206,
                    "pytorch_without": 7.898e-06,
                    "pytorch_with": -0.005693,
                },
                "over all units of a layer plus and minus cancel: take the mean of each unit over the images",
                lambda m: max(abs(m[k]) for k in _FOUR) < 0.02,
            ),
            (
                {"xavier_with": 0.1482, "pytorch_with": 0.08603},
                "an offset alone says nothing: relate it to how much the unit changes from image to image",
                lambda m: max(m[k] for k in _FOUR) < 0.3 and m["pytorch_with"] < 0.12,
            ),
            (
                {"xavier_without": 1.619},
                "these look like raw pixels, which bring an offset of their own: standardise the images",
                lambda m: m["xavier_without"] > 1.2 and m["pytorch_without"] < 2.5,
            ),
            (
                {"pytorch_without": 13.79, "pytorch_with": 0.03001},
                "turn it round: offset over spread",
                lambda m: m["pytorch_without"] > 5 and m["pytorch_with"] < 0.1,
            ),
            (
                {"xavier_without": 0.1005, "xavier_with": 0.1005},
                "with biases and without: the same; Xavier's network has none by itself, give it PyTorch's",
                lambda m: m["xavier_with"] == m["xavier_without"],
            ),
            (
                {"pytorch_without": 34.6},
                "with biases and without: the same; have the biases of pytorch_without been set to 0?",
                lambda m: m["pytorch_without"] > 20 and m["pytorch_with"] > 20,
            ),
            (
                {"spread": 20.25},
                "the standard deviation over the seeds is meant; its square is the variance, and lowest to highest the "
                "range",
                lambda m: m["spread"] > 9 and 26 <= m["pytorch_with"] <= 46,
            ),
            (
                {"spread": 0.02},
                "that is less than these seeds scatter: is it the standard deviation, over the seeds, of pytorch_with?",
                lambda m: m["spread"] < 0.8 and 26 <= m["pytorch_with"] <= 46,
            ),
            (
                {"pytorch_with": 0.1725},
                "these look like layer 1; the question is about layer 10",
                lambda m: 0.1 < m["pytorch_with"] < 0.5,
            ),
            (
                {"pytorch_with": 19.68},
                "these look like layer 9: activations[0] is the input, so layer 10 is activations[10]",
                lambda m: 17 < m["pytorch_with"] < 26,
            ),
            (
                {"xavier_with": 1.291, "pytorch_with": 49.18},
                "both are too large: are the layers 64 units wide, and the images standardised?",
                lambda m: m["pytorch_with"] > 46 and m["xavier_with"] > 1.1,
            ),
        ),
    ),
)

# ---- explain -------------------------------------------------------------------------------------

SOLVED = Exercise(
    name="two_problems_solved",
    notebook="02_tanh",
    kind="explain",
    points=2,
    minutes=15,
    deepens="T7",
    hints=(
        "Ask of each of the two statements: under which conditions did you see it hold, and when did it fail?",
        "Centred: what did the images, the biases and the size of the weights have to do with it? The gradient: what "
        "else does a layer multiply with, besides the slope?",
        "A full answer says: tanh is odd, so it keeps what is centred and brings nothing back to the centre; biases "
        "move units off it, as your numbers of exercise 7 show; and whether the gradient fades, stays or explodes is "
        "decided by the size of the weights, which has to be named.",
    ),
    judge=None,
)

EXERCISES = (BFLOAT16, TANH, TANH_DERIVATIVE, SILU, WIDTH_ONE, EXPLODES, MENDED, CENTRED, SOLVED)
