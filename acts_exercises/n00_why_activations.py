"""The exercises of 00_why_activations."""

from fractions import Fraction
from functools import partial

import numpy as np

from acts_exercises import Exercise, Wrong, judges
from acts_exercises.messages import compared, described

# ---- predict: how many pieces --------------------------------------------------------------------

FOUR_LINES = Exercise(
    name="four_lines",
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
    judge=_judge_affine_at,
)

# ---- debug ---------------------------------------------------------------------------------------

CAUSE = Exercise(
    name="guessing_network",
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
    judge=_judge_bend,
)

# ---- predict: a gate without wobble --------------------------------------------------------------

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


EXERCISES = (FOUR_LINES, AFFINE_AT, CAUSE, REPAIR, ENTROPY_SLOPE, FROM_ENTROPY)
