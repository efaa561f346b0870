"""The exercises of 02_tanh."""

from functools import partial

import numpy as np

from acts import elementwise
from acts_exercises import Exercise, Wrong, judges

# ---- predict -------------------------------------------------------------------------------------

_GAP_OF_SIGMOID = "that is where the sigmoid gets there, which lacks e⁻ˣ; tanh lacks about 2e⁻²ˣ"

BFLOAT16 = Exercise(
    name="bfloat16_reaches_one",
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
    judge=_judge_through,
)

# ---- measure -------------------------------------------------------------------------------------

_FOUR = ("xavier_without", "xavier_with", "pytorch_without", "pytorch_with")

CENTRED = Exercise(
    name="centred_by_default",
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
    judge=None,
)

# ---- predict: a gate without wobble --------------------------------------------------------------

_EXACT = 0.5**0.01

GATE_BIAS = Exercise(
    name="gate_bias",
    judge=judges.number(
        5,
        what="an integer b",
        right="right: σ(5) = 0.9933, and 0.9933¹⁰⁰ = 0.51; with 4 it would be 0.16",
        mistakes=(
            (1, "the usual start, but a gate of σ(1) = 0.73 leaves less than a half after three steps"),
            (0, "with b = 0 the gate is a half: that halves the memory at every step"),
            (2, "σ(2) = 0.88 halves the memory every six steps or so"),
            (3, "σ(3) = 0.95 halves the memory every 15 steps or so"),
            (4, "σ(4) = 0.982, and to the power of 100 that is less than a quarter"),
            (7, "more than enough: a smaller one will do"),
            (6, "that holds half for more than 200 steps: more than was asked"),
            (100, "σ(100) is 1 − 10⁻⁴⁴: that would do for much longer"),
            (0.5, "a half is what is to be left; the question is about the bias of the gate"),
            *((gate, "that is the gate, f; which b has σ(b) = f?") for gate in (_EXACT, 0.993, 0.9931, 0.99)),
            *(
                (near, "that is where exactly a half is left; the question asks for an integer")
                for near in (float(np.log(_EXACT / (1 - _EXACT))), 4.97, 4.968, 4.9)
            ),
        ),
    ),
)

# ---- implement: a step of an LSTM ----------------------------------------------------------------

_LAYERS = ("forget", "input", "output", "candidate")


def steps_to_try():
    """Return some (x, h, c, W, b): vectors, and a dict of matrices and one of biases."""
    rng = np.random.default_rng(1)
    cases = []
    for features, units in ((3, 2), (4, 4)):
        weights = {name: rng.normal(size=(features + units, units)) for name in _LAYERS}
        biases = {name: rng.normal(size=units) for name in _LAYERS}
        cases.append((rng.normal(size=features), *rng.uniform(-1, 1, (2, units)), weights, biases))
    return cases


def lstm_step(
    x,
    h,
    c,
    W,
    b,
    gate=None,
    candidate=np.tanh,
    readout=np.tanh,
    swap=False,
    shown_first=False,
    order="xh",
    late_cell=False,
    keep=True,
    coupled=False,
    biases=True,
):
    """Return the new cell and what it shows; the switches make the usual mistakes."""
    gate = gate or elementwise.sigmoid
    row = np.concatenate([x, h] if order == "xh" else [h, x])
    z = {name: row @ W[name] + b[name] * biases for name in _LAYERS}
    f, i, o, g = gate(z["forget"]), gate(z["input"]), gate(z["output"]), candidate(z["candidate"])
    if swap:
        f, i = i, f
    if coupled:
        i = 1 - f
    new = (f * c if keep else c) + i * g
    shown = o * readout(c if late_cell else new)
    return (shown, new) if shown_first else (new, shown)


_STEP_MISTAKES = (
    (partial(lstm_step, shown_first=True), "the two are swapped: first the new memory c, then h"),
    (
        partial(lstm_step, gate=np.tanh),
        "your gates are tanh: a gate is a share between 0 and 1, which takes a sigmoid",
    ),
    (
        partial(lstm_step, candidate=elementwise.sigmoid),
        "your candidate is a sigmoid: it could only ever add; what is written needs a sign",
    ),
    (
        partial(lstm_step, gate=np.tanh, candidate=elementwise.sigmoid),
        "sigmoid and tanh have changed places: gates are shares, the candidate has a sign",
    ),
    (partial(lstm_step, candidate=lambda z: z), "the candidate's activation, tanh, is missing"),
    (partial(lstm_step, readout=lambda c: c), "h is o ⊙ tanh(c): the tanh on the way out is missing"),
    (partial(lstm_step, readout=elementwise.sigmoid), "on the way out stands a tanh, not a sigmoid"),
    (partial(lstm_step, late_cell=True), "h shows the *new* memory: compute c first"),
    (partial(lstm_step, swap=True), "forget gate and input gate have changed places"),
    (partial(lstm_step, keep=False), "the old memory must pass the forget gate: f ⊙ c"),
    (partial(lstm_step, coupled=True), "1 − f as input gate is another cell's idea: here the input gate has weights"),
    (partial(lstm_step, order="hx"), "the first rows of each W belong to x, the others to h: [x, h], not [h, x]"),
    (partial(lstm_step, biases=False), "the biases are missing"),
)


_IN_ONE_ROW = "W has features + units rows: x and h as one row stand on its left, np.concatenate([x, h]) @ W"

_judge_step = judges.function(
    lstm_step,
    {f"{len(case[0])} features and {len(case[1])} units": (case, "") for case in steps_to_try()},
    _STEP_MISTAKES,
    returns=("c", "h"),
    right="right: three sigmoids where a share is wanted, two tanh where a sign is wanted",
    collisions=dict.fromkeys(("broadcast", "matmul", "not aligned"), _IN_ONE_ROW),
)

STEP = Exercise(
    name="lstm_step",
    judge=_judge_step,
)

# ---- derive --------------------------------------------------------------------------------------


# A probability lies between 0 and 1: so do the places where two lines are compared.
def _near(name, value, share=0.02):
    return lambda m: abs(m[name] - value) < share * value


HALF_LIFE = Exercise(
    name="memory_half_life",
    judge=judges.measurements(
        {
            "bias_0": (0.91, 0.98),
            "bias_1": (1.92, 2.1),
            "bias_3": (10.3, 13.3),
            "doubled": (5.3, 8.6),
            "for_100": (5.04, 5.7),
            "spread": (0.1, 1.5),
        },
        right="well measured: with the usual bias half is gone in two steps, and the more the gates wobble, the sooner",
        mistakes=(
            ({"spread": 0}, "one cell has no spread: measure at least five seeds", lambda m: m["spread"] == 0),
            (
                {"bias_1": -2.014},
                "a share below 1 has a negative logarithm, and so has a half: a half-life is the quotient of the two",
                lambda m: m["bias_1"] < 0,
            ),
            (
                {"bias_3": 0.9435},
                "these look like the share that one step keeps; the question is after how many steps half is left",
                lambda m: m["bias_3"] < 1,
            ),
            (
                {"bias_1": 2.213, "bias_3": 14.27},
                "that is σ(b) alone, a gate that looks at nothing; let the cells read the digits",
                lambda m: _near("bias_3", 14.266)(m) and _near("bias_1", 2.2127)(m),
            ),
            (
                {"bias_0": 1.367, "bias_1": 2.906},
                "after 1/rate steps the share 1/e is left, 37%; the question is about a half: "
                "there is a factor of log 2",
                lambda m: 1.3 < m["bias_0"] < 1.42 and 2.7 < m["bias_1"] < 3.1,
            ),
            (
                {"bias_0": 1.525},
                "counting whole steps until half is gone rounds each count up; take the rate instead",
                lambda m: 1.4 <= m["bias_0"],
            ),
            (
                {"bias_0": 1.004, "bias_3": 14.59},
                "that is the typical gate; but in a product the few steps that forget nearly everything count most",
                lambda m: 0.98 < m["bias_0"] < 1.03 and m["bias_3"] > 13.5,
            ),
            (
                {"bias_0": 0.9999},
                "as if no gate wobbled. Is it the mean of the gates? A product asks for the mean of their "
                "*logarithms*. Or are the pixels not standardised?",
                lambda m: 0.98 < m["bias_0"] < 1.04,
            ),
            (
                {"for_100": 4.97},
                "that is the bias for a gate that doesn't wobble, as in exercise 9; yours wobble",
                lambda m: 4.9 < m["for_100"] < 5.04,
            ),
            (
                {"for_100": 77.6},
                'under "for_100" belongs a bias: the one whose half-life is 100 steps',
                lambda m: m["for_100"] > 50,
            ),
            (
                {"bias_3": 11.69, "doubled": 11.69},
                '"doubled" is the same cell with scale=2: all its weights are twice as large',
                lambda m: abs(m["doubled"] - m["bias_3"]) < 1e-6,
            ),
            (
                {"doubled": 186.2},
                '"doubled" has the forget bias 3, and all *weights* doubled: scale=2, the bias stays',
                lambda m: m["doubled"] > 1.5 * m["bias_3"],
            ),
            (
                {"spread": 4.1},
                "the spread is that between the seeds, not between units or steps",
                lambda m: m["spread"] > 1.5,
            ),
        ),
    ),
)

# ---- explain -------------------------------------------------------------------------------------

NO_PROBABILITY = Exercise(
    name="tanh_no_probability",
    judge=None,
)

EXERCISES = (
    BFLOAT16, TANH, TANH_DERIVATIVE, SILU, WIDTH_ONE, EXPLODES, MENDED, CENTRED, SOLVED,
    GATE_BIAS, STEP, HALF_LIFE, NO_PROBABILITY,
)  # fmt: skip
