"""The exercises of 00_why_activations, and those about gates of 02_tanh."""

from fractions import Fraction
from functools import partial

import numpy as np

from acts_exercises import Exercise, Wrong, judges
from acts_exercises.messages import compared, described

# ---- predict: how many pieces --------------------------------------------------------------------

FOUR_LINES = Exercise(
    name="four_lines",
    notebook="00_why_activations",
    kind="predict",
    points=1,
    minutes=10,
    deepens="P1",
    hints=(
        "Draw it. One line makes two regions, a second line that crosses the first makes four. And a third?",
        "A new line adds one region for each region that it runs through. How many regions does it run through, if it "
        "crosses all the lines that are there?",
        "A line that crosses k others is cut into k + 1 parts, and each part halves one region. Start with 1 region "
        "and add up, line by line.",
    ),
    judge=judges.number(
        11,
        what="a whole number of regions",
        right="right: the lines add 1, 2, 3 and 4 regions to the one that was there",
        mistakes=(
            (16, "2⁴ counts every pattern of on and off; in the plane some of them occur nowhere"),
            (15, "planes in space do that, four of them; here four lines cut a plane"),
            (14, "that is how many ways a line can part four points; here four lines cut a plane"),
            (10, "count once more from the beginning: how many regions are there before the first line?"),
            (9, "two pairs of parallel lines do that; lines that all cross each other can do better"),
            (8, "four lines through one point do that, as without biases; with biases they can do better"),
            (7, "that is for three lines: where does the fourth run?"),
            (5, "four units of one input do that: points on a line. Here they are lines in a plane, and they cross"),
            (4, "one region for each line? Already two lines make four"),
        ),
    ),
)

# ---- implement: the affine map at a point --------------------------------------------------------


def networks_and_places():
    """Return (layers, x) pairs to try: XOR's two units first, then shapes that catch a wrong order or a wrong mask."""
    xor = [(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([0.0, -1.0])), (np.array([[1.0], [-2.0]]), np.array([0.5]))]
    rng = np.random.default_rng(0)

    def drawn(*sizes):
        pairs = zip(sizes[:-1], sizes[1:], strict=True)
        return [(rng.integers(-4, 5, pair) / 2, (rng.integers(-4, 4, pair[1]) + 0.5) / 2) for pair in pairs]

    cases = [(xor, np.array([0.25, 0.5])), (xor, np.array([0.75, 1.0]))]
    for sizes in ((2, 4, 3), (3, 5, 4, 2), (2, 6, 6, 6, 1), (3, 2)):
        layers = drawn(*sizes)
        cases += [(layers, rng.integers(-8, 9, sizes[0]) / 4 + 0.125) for _ in range(3)]
    return cases


def affine_at(layers, x, mask=True, of_bias=True, of_last=False, inverted=False, signal_bent=True, late=False):
    """Return the matrix and the bias that a ReLU network applies near x; the switches make the usual mistakes."""
    matrix, bias, signal = np.eye(len(x)), np.zeros(len(x)), x
    for number, (weights, biases) in enumerate(layers, start=1):
        z = signal @ weights + biases
        on = np.ones(len(biases))
        if mask and (number < len(layers) or of_last):
            on = ((signal @ weights if late else z) > 0) != inverted
        signal = np.maximum(z, 0) if signal_bent else z
        matrix, bias = matrix @ weights * on, bias @ weights * on + biases * (on if of_bias else 1)
    return matrix, bias


def network(layers, x):
    """Return what a network of ReLUs computes; its last layer is linear."""
    for weights, biases in layers[:-1]:
        x = np.maximum(x @ weights + biases, 0)
    return x @ layers[-1][0] + layers[-1][1]


def _output_as_bias(layers, x):
    return affine_at(layers, x)[0], network(layers, x)


def _bias_of_last(layers, x):
    return affine_at(layers, x)[0], layers[-1][1]


def _bias_of_stack(layers, x):
    return affine_at(layers, x)[0], affine_at(layers, x, mask=False)[1]


def _transposed(layers, x):
    matrix, bias = affine_at(layers, x)
    return matrix.T, bias


_AFFINE_MISTAKES = (
    (
        partial(affine_at, mask=False),
        "this is the map of the stack without its ReLUs: at x some units are off, and pass on nothing",
    ),
    (partial(affine_at, of_last=True), "the last layer has no ReLU after it: none of its outputs is ever off"),
    (
        partial(affine_at, of_bias=False),
        "a unit that is off passes on 0, so its bias is switched off too, not only its weights",
    ),
    (partial(affine_at, inverted=True), "the other way round: a unit is on where its z is positive"),
    (
        partial(affine_at, signal_bent=False),
        "which units are on is decided by the network's own signal: bend it by a ReLU before it enters the next layer",
    ),
    (partial(affine_at, late=True), "whether a unit is on is decided by its whole z: weights *and* bias"),
    (
        _output_as_bias,
        "your bias is the network's output at x itself; the bias is what the map gives at 0: take x @ matrix away",
    ),
    (_bias_of_last, "the biases of the earlier layers count too: they go through all the layers after them"),
    (_bias_of_stack, "the matrix is right, but the bias goes through all the units, also through those that are off"),
    (_transposed, "your matrix is transposed: the rows of the matrix belong to the inputs, as in x @ matrix"),
)


def _sizes(layers):
    units = [len(layers[0][0]), *(len(biases) for _, biases in layers)]
    return f"a network of {' → '.join(map(str, units))} units"


_AS_ROWS = "a layer computes x @ W + b, with x as a row: so the first layer's matrix stands on the left"

_judge_affine_at = judges.function(
    affine_at,
    {f"{_sizes(layers)} at x = {x.tolist()}": ((layers, x), "") for layers, x in networks_and_places()},
    _AFFINE_MISTAKES,
    returns=("matrix", "bias"),
    relative=1e-6,
    absolute=1e-6,
    right="right at all places of five networks",
    collisions={
        "broadcast": "`on` has one entry for each unit of a layer, and so one for each *column*: (matrix @ W) * on",
        "matmul": _AS_ROWS,
        "not aligned": _AS_ROWS,
    },
)

AFFINE_AT = Exercise(
    name="affine_at",
    notebook="00_why_activations",
    kind="implement",
    points=3,
    minutes=35,
    deepens="P1",
    hints=(
        "Near x no unit changes its mind: each is on or off. What does a ReLU do with a unit that is on, and with one "
        "that is off?",
        "So it multiplies by 1 or by 0: on = z > 0, for each unit of the layer. Collapse the stack as on the page, "
        "but multiply the columns of each hidden layer by `on`; a unit's bias goes with it.",
        "Carry three things through the layers: the signal, to know z = signal @ W + b and from it on = z > 0; "
        "matrix = (matrix @ W) * on; and bias = (bias @ W + b) * on. After the hidden layers, one last layer without "
        "`on`. At the start the matrix is np.eye(len(x)), and the bias is 0.",
    ),
    judge=_judge_affine_at,
)

# ---- debug ---------------------------------------------------------------------------------------

CAUSE = Exercise(
    name="guessing_network",
    notebook="00_why_activations",
    kind="debug",
    points=1,
    minutes=10,
    deepens="P1",
    hints=(
        "Which numbers does the activation get to see? Print the smallest and the largest z of the hidden layer.",
        "The z lie roughly between −5 and 5. Draw the activation there, or compare its values with the z themselves.",
        "Fit a plane to the score of the trained network, or look at its score half-way between two points: which "
        "kind of function is it?",
    ),
    judge=judges.choice(
        "c",
        (
            ("a", "take ten times the rate, or ten times the steps: it never gets beyond three of the four clouds"),
            (
                "b",
                "give it 100 units: it never gets beyond three of the four clouds. On the page eight ReLUs mostly do",
            ),
            ("d", "print the slopes: a dead unit has the slope 0 on all the points. Here they are all 1"),
            ("e", "compare two columns of the first weights: they are drawn at random, and differ"),
        ),
        praise="right: all z lie on the same straight piece, so the network is one affine map of the points",
    ),
)


def clouds():
    """Return 40 points around the corners of XOR, (40, 2), and their labels."""
    corners, labels = np.tile([[-1, -1], [-1, 1], [1, -1], [1, 1]], (10, 1)), np.tile([0, 1, 1, 0], 10)
    return corners + 0.2 * np.random.default_rng(0).normal(size=(40, 2)), labels


def with_one(x):
    """Return x with a last column of ones: what it is multiplied with is the bias."""
    return np.concatenate([x, np.ones((*x.shape[:-1], 1))], axis=-1)


def train(points, labels, bend, rate=0.5, steps=200, seeds=(0, 1, 2)):
    """Train the network of the notebook, all seeds at once; return the scores of the points, (seeds, points)."""
    inputs, first, second = _drawn(points, seeds)
    for _ in range(steps):
        value, slope = bend(inputs @ first)
        value = with_one(value)
        off = (_logistic(value @ second) - labels[:, None]) / len(points)
        back = off * second[:, :-1, 0][:, None] * slope
        second = second - rate * value.swapaxes(1, 2) @ off
        first = first - rate * inputs.T @ back
    return (with_one(bend(inputs @ first)[0]) @ second)[..., 0]


def _drawn(points, seeds):
    generators = [np.random.default_rng(seed) for seed in seeds]
    first, second = zip(*((rng.normal(size=(3, 12)), rng.normal(size=13)) for rng in generators), strict=True)
    return with_one(points), np.stack(first), np.stack(second)[..., None] / np.sqrt(12)


def _logistic(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


def _judge_bend(bend):
    judges.must_be_function(bend, "a function bend(z)")
    _judge_slope(bend)
    points, labels = clouds()
    scores, _ = judges.call(train, points, labels, bend, shown="the z of the hidden layer, a (3, 40, 12) array")
    right = np.mean((scores > 0) == labels, axis=1)
    if not right.min() >= 0.95:
        seed = int(np.argmin(right))
        raise Wrong(
            f"with your activation {right[seed]:.0%} of the points are right after 200 steps (seed {seed}), "
            "expected 95%",
            _why_still(bend, points) if np.isfinite(scores).all() else "the numbers have overflowed on the way",
        )
    return "the network learns: at least 95% right with each of three seeds, and only its activation was changed"


def _judge_slope(bend):
    """Raise unless the function returns its values and their derivative, as far as a difference quotient can tell."""
    z, h = np.linspace(-6, 6, 60) + 0.013, 1e-5
    value, slope = _value_and_slope(bend, z)
    quotients = [
        (above - below) / (2 * h)
        for above, below in zip(_value_and_slope(bend, z + h), _value_and_slope(bend, z - h), strict=True)
    ]
    off = np.abs(quotients[0] - slope)
    wrong = ~(off <= 1e-3 * (1 + np.abs(slope)))
    if wrong.sum() > 2:  # a corner or two may lie between z - h and z + h
        worst = int(np.nanargmax(np.where(wrong, np.nan_to_num(off, nan=np.inf), -1)))
        nudge = "the slope is the derivative of the value: if one of them changes, so does the other"
        if np.allclose(quotients[1], value, atol=1e-3) or np.array_equal(slope, np.maximum(z, 0)):
            nudge = "the two are swapped: first the value, then the slope"
        elif np.allclose(slope, 1 - z**2):
            nudge = "in 1 − tanh² stands tanh(z), not z"
        elif np.allclose(slope, z * (1 - z)):
            nudge = "in σ(1 − σ) stands σ(z), not z"
        raise Wrong(
            f"the slope does not belong to the value: wrong for {wrong.sum()} of 60 z. Worst: z = {z[worst]:.3f}",
            compared(quotients[0][worst], slope[worst]),
            nudge,
        )
    if np.ptp(value) == 0:
        raise Wrong(
            f"on all 60 z that were tried, from −6 to 6, your function is the constant {value[0]:.4g}",
            "nothing of the points gets through: the bend must lie among the z, and they are about that large",
        )
    if not slope.any():
        raise Wrong(
            "the slope is 0 wherever it was tried",
            "bent it is, but no gradient passes: the hidden layer keeps its random weights for ever",
        )


def _value_and_slope(bend, z):
    got = judges.result_of(bend, ("z",), (z,), "an array of 60 numbers")
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        raise Wrong(f"your function returned {described(got)}", "expected two arrays: return value, slope")
    for name, part in zip(("value", "slope"), got, strict=True):
        if np.shape(part) != z.shape:
            raise Wrong(
                f"the {name} that your function returned is {described(part)}",
                f"expected one number for each z: an array of shape {z.shape}; np.ones_like(z) makes ones of that "
                "shape",
            )
    return tuple(np.asarray(part, dtype=np.float64) for part in got)


def _why_still(bend, points):
    """Return what speaks against an activation that didn't bring the network to life."""
    inputs, first, _ = _drawn(points, (0, 1, 2))
    z = np.ravel(inputs @ first)
    value = bend(z)[0]
    seen = f"where the z begin, from {z.min():.1f} to {z.max():.1f}"
    columns = np.column_stack([z, np.ones(len(z))])
    missed = np.var(value - columns @ np.linalg.lstsq(columns, value, rcond=None)[0]) / np.var(value)
    if missed < 1e-3:
        return f"{seen}, your function is still a straight line: its bend must lie among the z"
    if missed < 0.02:
        return f"{seen}, your function is nearly a straight line: bend it more, or nearer to the middle"
    return "it is bent where the z are, but this way it learns too little: try one of the activations of the page"


REPAIR = Exercise(
    name="guessing_network_repair",
    notebook="00_why_activations",
    kind="debug",
    points=3,
    minutes=20,
    deepens="P1",
    hints=(
        "The bend must lie where the z are: around 0. Which activations of the page have theirs there?",
        "`bend` returns two arrays of the shape of z: the value, and its derivative at each z. ReLU's slope is 1 "
        "where z > 0, else 0; that of tanh is 1 − tanh(z)².",
        "For ReLU: return np.maximum(z, 0), np.where(z > 0, 1.0, 0.0). acts.tanh and acts.tanh_derivative do as well.",
    ),
    judge=_judge_bend,
)

# ---- predict: a gate without wobble --------------------------------------------------------------

_EXACT = 0.5**0.01

GATE_BIAS = Exercise(
    name="gate_bias",
    notebook="02_tanh",
    kind="predict",
    points=1,
    minutes=10,
    deepens="P2",
    hints=(
        "Which gate f leaves a half after 100 steps? Then f¹⁰⁰ = ½.",
        "ln ½ = −0.69, so ln f = −0.0069, and f is about 1 − 0.0069.",
        "1 − σ(b) = σ(−b), and for a large b that is about e⁻ᵇ. So e⁻ᵇ must be at most 0.0069: take the logarithm, "
        "and round up.",
    ),
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
    gate = gate or _logistic
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
        partial(lstm_step, candidate=_logistic),
        "your candidate is a sigmoid: it could only ever add; what is written needs a sign",
    ),
    (
        partial(lstm_step, gate=np.tanh, candidate=_logistic),
        "sigmoid and tanh have changed places: gates are shares, the candidate has a sign",
    ),
    (partial(lstm_step, candidate=lambda z: z), "the candidate's activation, tanh, is missing"),
    (partial(lstm_step, readout=lambda c: c), "h is o ⊙ tanh(c): the tanh on the way out is missing"),
    (partial(lstm_step, readout=_logistic), "on the way out stands a tanh, not a sigmoid"),
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
    notebook="02_tanh",
    kind="implement",
    points=2,
    minutes=20,
    deepens="P2",
    hints=(
        "Put x and h into one row, np.concatenate([x, h]). Each of the four little layers is row @ W[name] + b[name], "
        "and then an activation.",
        "Three of the four are shares, between 0 and 1. The fourth says what to write, and needs a sign.",
        "f, i and o are sigmoids, g is a tanh. Then c = f * c + i * g, and with this new c, h = o * np.tanh(c).",
    ),
    judge=_judge_step,
)

# ---- derive --------------------------------------------------------------------------------------

# A probability lies between 0 and 1: so do the places where two lines are compared.
_SHARES = tuple(Fraction(*pair) for pair in ((2, 7), (5, 11), (9, 13), (3, 17), (19, 23)))


def _p_and_z():
    import sympy

    return sympy.Symbol("p", positive=True), sympy.Symbol("z", real=True)


def _entropy():
    import sympy

    p, _ = _p_and_z()
    return -p * sympy.log(p) - (1 - p) * sympy.log(1 - p)


def _slope_of_entropy():
    import sympy

    p, z = _p_and_z()
    return sympy.Derivative(_entropy() + z * p, p)


def _in_odds():
    import sympy

    p, z = _p_and_z()
    return [z - sympy.log(p / (1 - p)), z + sympy.log((1 - p) / p), z + sympy.log(1 / p - 1)]


def _in_two_logarithms():
    import sympy

    p, z = _p_and_z()
    return z - sympy.log(p) + sympy.log(1 - p)


ENTROPY_SLOPE = Exercise(
    name="entropy_slope",
    notebook="00_why_activations",
    kind="derive",
    points=2,
    minutes=15,
    deepens="P2",
    hints=(
        "First step: differentiate, with the product rule. What is the derivative of p·log(p)?",
        "(p·log p)′ = log p + 1, and ((1−p)·log(1−p))′ = −log(1−p) − 1: the ones cancel. z·p gives z.",
        "First step: z - sp.log(p) + sp.log(1 - p). Second step: the difference of two logarithms is the logarithm of "
        "a quotient, sp.log(p / (1 - p)).",
    ),
    judge=judges.derivation(
        _slope_of_entropy,
        _in_odds,
        goal_in_words="z − log(p/(1−p)), in Python z - sp.log(p / (1 - p))",
        places=_SHARES,
        right="it falls all the way as p rises, so it is 0 at one p only, where log(p/(1−p)) = z",
        mistakes=(
            (_slope_of_entropy, "this is still where it starts: carry the derivative out, by the product rule"),
            (_in_two_logarithms, "very close: gather the two logarithms into one"),
        ),
    ),
)


def _sigmoid():
    import sympy

    return 1 / (1 + sympy.exp(-_p_and_z()[1]))


def _forms_before_the_last():
    """Return (form, what to do next) of lines that a proof may end at too early; each form is built when it is asked
    for."""

    def form(build):
        def built():
            import sympy

            return build(sympy, *_p_and_z())

        return built

    insert = "now the assumption: p/(1−p) is eᶻ"
    return (
        (form(lambda sp, p, z: p / (1 - p) / (1 + p / (1 - p))), insert),
        (form(lambda sp, p, z: 1 / (1 + (1 - p) / p)), "now the assumption: p/(1−p) is eᶻ, so (1−p)/p is e⁻ᶻ"),
        (form(lambda sp, p, z: 1 / (1 + 1 / (p / (1 - p)))), "now the assumption: p/(1−p) is eᶻ"),
        (
            form(lambda sp, p, z: sp.exp(z) / (1 + sp.exp(z))),
            "very close: multiply numerator and denominator by e⁻ᶻ",
        ),
        (form(lambda sp, p, z: 1 - 1 / (1 + sp.exp(z))), "true as well; bring both over one denominator"),
        (form(lambda sp, p, z: (1 + sp.tanh(z / 2)) / 2), "true as well, and there is the tanh; but write it with e⁻ᶻ"),
        *(
            (form(build), "now p is on both sides of the equation: solve it for p, and write what you get")
            for build in (lambda sp, p, z: (1 - p) * sp.exp(z), lambda sp, p, z: sp.exp(z) - p * sp.exp(z))
        ),
        (form(lambda sp, p, z: p), "this is still where it starts: write p with the help of p/(1−p)"),
    )


def _solved():
    return {"p": _sigmoid()}


FROM_ENTROPY = Exercise(
    name="logistic_from_entropy",
    notebook="00_why_activations",
    kind="derive",
    points=2,
    minutes=20,
    deepens="P2",
    hints=(
        "The assumption says that p/(1−p), the odds, are eᶻ. Can you write p so that it contains only the odds?",
        "Divide numerator and denominator by p: p = 1/(1/p), and 1/p = 1 + (1−p)/p. Or start from "
        "p = r/(1 + r), with r = p/(1−p).",
        "With the odds eᶻ: p = exp(z)/(1 + exp(z)), one step; numerator and denominator times exp(−z) is the next. "
        "Each is one logistic.then(expression, reason).",
    ),
    judge=judges.derivation(
        lambda: _p_and_z()[0],
        lambda: [_sigmoid()],
        goal_in_words="1/(1 + e⁻ᶻ), in Python 1 / (1 + sp.exp(-z))",
        given=_solved,
        places=_SHARES,
        right="the sigmoid is not a convenient S, it is what is left if nothing but a mean score is known",
        mistakes=_forms_before_the_last(),
    ),
)

# ---- measure -------------------------------------------------------------------------------------


# The bands hold for other seeds, other digits, and from 200 to 2000 steps. What tells the mean of the logarithms from
# that of the gates is the bias 0: 0.93 to 0.97 there, against 0.99 to 1.01.


def _near(name, value, share=0.02):
    return lambda m: abs(m[name] - value) < share * value


HALF_LIFE = Exercise(
    name="memory_half_life",
    notebook="02_tanh",
    kind="measure",
    points=5,
    minutes=90,
    deepens="P2",
    hints=(
        "LSTM(8, 16, seeds=5, forget_bias=1).forward(rows).forget has every forget gate of the run: (seeds, steps, "
        "units). What is left after n steps is a product of n of them. Which mean fits a product?",
        "The mean of the logarithms: np.log(gates).mean(axis=(1, 2)) is the rate at which a memory shrinks, one "
        "number for each seed, negative. After how many steps of that rate has it lost a factor of 2?",
        "half-life = log(½) / mean of log f, for each seed; then mean and standard deviation over the seeds. "
        "For the bias that gives 100 steps, compute the half-life at biases from 4.5 to 6 and let np.interp read off "
        "where it passes 100.",
    ),
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
    notebook="02_tanh",
    kind="explain",
    points=2,
    minutes=15,
    deepens="P2",
    hints=(
        "Which values does tanh take that no probability has? What would a forget gate of −0.4 do to the memory?",
        "Look at the five activations of exercise 10: which of them multiply, which of them add? And what would a "
        "candidate that is never negative do to the memory in the long run?",
        "A full answer has four parts: half of tanh's range is negative, so it is neither a probability nor a share; "
        "as a gate it would flip the sign of the memory; it stands at the candidate and on the way out, where a sign "
        "is wanted; and the rescaled tanh is a sigmoid. Being between 0 and 1 makes no probability either: say what "
        "else it takes.",
    ),
    judge=None,
)

EXERCISES = (
    FOUR_LINES, AFFINE_AT, CAUSE, REPAIR, GATE_BIAS, STEP, ENTROPY_SLOPE, FROM_ENTROPY, HALF_LIFE, NO_PROBABILITY,
)  # fmt: skip
