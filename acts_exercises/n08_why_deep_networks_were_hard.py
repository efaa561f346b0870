"""The exercises of 08_why_deep_networks_were_hard."""

from fractions import Fraction

import numpy as np

from acts_exercises import Exercise, Wrong, judges
from acts_exercises.messages import described

NOTEBOOK = "08_why_deep_networks_were_hard"

# ---- predict -------------------------------------------------------------------------------------

THOUSANDTH = Exercise(
    name="layers_to_a_thousandth",
    judge=judges.number(
        8,
        what="a whole number of layers",
        right="right: (1/6)^(7/2) is 0.0019 and (1/6)^(8/2) is 0.00077",
        mistakes=(
            (4, "after 4 layers the *square* is below a thousandth: the law has a root, the gradient itself √(1/6)"),
            (13, "nv is 1/3, but only half of the units are on: the law divides by 2 once more"),
            (7, "count again: either the last layer is missing, or √(nv/2) has lost both its root and its ½"),
            (3, "a root and a round-up are missing: the factor for each layer is √(1/6), about 0.41"),
            (5, "that would be a factor of ¼ for each layer, the sigmoid's bound; ReLU's slopes are 0 and 1"),
            (9, "one more than needed: what is left after the layer before?"),
            (20, "the network has 20; the question is after how many of them"),
            (2 * np.log(1000) / np.log(6), "that is where it happens; the question asks for a whole number of layers"),
        ),
    ),
)

# ---- derive --------------------------------------------------------------------------------------


def _n():
    import sympy

    return sympy.Symbol("n")


def _depth(build):
    """Return a callable that builds an expression of n, with SymPy's log and n given to `build`."""

    def built():
        import sympy

        return build(sympy.log, _n())

    return built


SMALL_WIDTHS = (Fraction(2), Fraction(5), Fraction(7, 2))

HALF = Exercise(
    name="half_are_dead",
    judge=judges.expression(
        _depth(lambda log, n: -log(2) / log(1 - 2**-n)),
        right="right: for wide layers nearly 2ⁿ·ln 2, so every unit more doubles the depth that survives",
        mistakes=(
            (_depth(lambda log, n: log(1 - 2**-n) / -log(2)), "upside down: the depth grows with the width"),
            (_depth(lambda log, n: log(2) / log(1 - 2**-n)), "the sign: both logarithms are negative, L is positive"),
            (
                _depth(lambda log, n: 2**n * log(2)),
                "a good estimate for wide layers, where log(1 − 2⁻ⁿ) ≈ −2⁻ⁿ; the question is about the exact formula",
            ),
            (
                _depth(lambda log, n: 2**n / 2),
                "probabilities of death don't add up: with 2ⁿ layers not all networks are dead. Multiply those of life",
            ),
            (_depth(lambda log, n: 1 / n), "(2⁻ⁿ)ᴸ is the probability that *all* layers are off; one is enough"),
            (_depth(lambda log, n: -log(2) / log(1 - 1 / (2 * n))), "n coins all show tails with 2⁻ⁿ, not 1/(2n)"),
            (
                _depth(lambda log, n: 1 - (1 - 2**-n) ** n),
                "that is a share of dead networks; the question is about the depth at which the share is ½",
            ),
        ),
        places=SMALL_WIDTHS,
    ),
)


def _growth(build):
    def built():
        import sympy

        return build(*sympy.symbols("L r"))

    return built


def _e():
    import sympy

    return sympy.E


LINKS = Exercise(
    name="through_the_links",
    judge=judges.expression(
        _growth(lambda L, r: (1 + r**2) ** L),
        right="right: 2ᴸ for r = 1, a million in twenty layers; for r = 1/√L it stays below e, however deep",
        mistakes=(
            (
                _growth(lambda L, r: (1 + r) ** (2 * L)),
                "lengths add up only if h and f point the same way; here the mean of h·f is 0",
            ),
            (_growth(lambda L, r: (1 + r) ** L), "squares: f enters as r·f, so its squared length as r²"),
            (
                _growth(lambda L, r: 1 + L * r**2),
                "each block works on what the block before has made: the factors multiply",
            ),
            (_growth(lambda L, r: (1 + r**2) ** (L / 2)), "that is the length; the question is about its square"),
            (_growth(lambda L, r: r ** (2 * L)), "that is a network without links: where is h itself?"),
            (_growth(lambda L, r: 1 + r**2), "that is one block; there are L of them"),
            (_growth(lambda L, r: 2**L), "that is for r = 1; keep r in the formula"),
            (
                _growth(lambda L, r: _e()),
                "that is where r = 1/√L leads in the end; the question is about the factor for any L and r",
            ),
        ),
        places=(Fraction(5, 2), Fraction(3, 7), Fraction(7, 3)),
    ),
)

# ---- implement -----------------------------------------------------------------------------------


def block_case(batch=4, units=3, seed=4):
    """Return an input, weights, biases, a gradient from above and r for a residual block; half of its units are on."""
    rng = np.random.default_rng(seed)
    h, upstream = rng.normal(size=(2, batch, units))
    return h, rng.normal(size=(units, units)), rng.normal(0, 0.3, units), upstream, 0.4


def block_backward(h, weights, biases, upstream, r):
    """Return the gradients of a block h + r·relu(h W + b) with respect to h, W and b."""
    delta = r * upstream * (h @ weights + biases > 0)
    return upstream + delta @ weights.T, h.T @ delta, delta.sum(axis=0)


def _block(change):
    """Return a block whose gradients are right but for `change(h, W, z, upstream, r, delta)`, {number: gradient}."""

    def altered(h, weights, biases, upstream, r):
        z = h @ weights + biases
        parts = dict(enumerate(block_backward(h, weights, biases, upstream, r)))
        return tuple((parts | change(h, weights, z, upstream, r, r * upstream * (z > 0))).values())

    return altered


_NO_MEAN = "sum over the batch: whoever wants a mean has divided the upstream gradient already"
_R_FOR_WEIGHTS = "the block's output is multiplied by r: so is the gradient of its weights"
_R_FOR_BIASES = "the block's output is multiplied by r: so is the gradient of its biases"

_judge_block = judges.function(
    block_backward,
    {
        "h and upstream of shape (4, 3), r = 0.4": (block_case(), ""),
        "h and upstream of shape (6, 5), r = 0.4": (block_case(batch=6, units=5, seed=8), ""),
    },
    returns=("of_h", "of_weights", "of_biases"),
    right="right: all three gradients, for two blocks of different sizes; the first term of h's is the link at work",
    mistakes=(
        (
            _block(lambda h, W, z, g, r, d: {0: d @ W.T}),
            "the way around the block is missing: h goes to the output twice, so two gradients add",
        ),
        (
            _block(lambda h, W, z, g, r, d: {0: g}),
            "that is the way around the block; the way through it is to be added",
        ),
        (
            _block(lambda h, W, z, g, r, d: {0: g + d @ W}),
            "through z = h W + b the gradient goes back by the transpose of W",
        ),
        (
            _block(lambda h, W, z, g, r, d: {0: g + (g * (z > 0)) @ W.T}),
            "the block's own output is multiplied by r: so is its gradient",
        ),
        (
            _block(lambda h, W, z, g, r, d: {0: g + r * g @ W.T}),
            "where ReLU is off nothing comes back: its slope is missing",
        ),
        (
            _block(lambda h, W, z, g, r, d: {0: g + (r * g * (h > 0)) @ W.T}),
            "ReLU's slope is taken at z = h W + b, not at h",
        ),
        (_block(lambda h, W, z, g, r, d: {0: r * g + d @ W.T}), "the way around the block is not multiplied by r"),
        (
            _block(lambda h, W, z, g, r, d: {0: ((1 + r) * g * (z > 0)) @ W.T}),
            "the way around the block passes neither ReLU nor W",
        ),
        (_block(lambda h, W, z, g, r, d: {1: h.T @ (g * (z > 0))}), _R_FOR_WEIGHTS),
        (
            _block(lambda h, W, z, g, r, d: {1: d.T @ h}),
            "rows and columns are swapped: (h W)_j sums h_i W_ij, so that of W_ij is h_i δ_j",
        ),
        (_block(lambda h, W, z, g, r, d: {1: h.T @ d / len(h)}), _NO_MEAN),
        (_block(lambda h, W, z, g, r, d: {1: h.T @ (r * g)}), "ReLU's slope is missing on the way to the weights"),
        (
            _block(lambda h, W, z, g, r, d: {1: h.T @ ((g + d @ W.T) * (z > 0))}),
            "the weights get only what comes through the block, r times upstream where it is on",
        ),
        (_block(lambda h, W, z, g, r, d: {2: d.mean(axis=0)}), _NO_MEAN),
        (
            _block(lambda h, W, z, g, r, d: {2: g.sum(axis=0)}),
            "the biases sit inside the ReLU: its slope and r are missing",
        ),
        (_block(lambda h, W, z, g, r, d: {2: (g * (z > 0)).sum(axis=0)}), _R_FOR_BIASES),
        (
            _block(lambda h, W, z, g, r, d: {2: d}),
            "every image of the batch uses the same biases: sum over the batch, axis 0",
        ),
    ),
)


RESIDUAL = Exercise(
    name="residual_backward",
    judge=_judge_block,
)


def layer_norm_case(batch=3, units=5, seed=11):
    """Return pre-activations, with a mean and a spread of their own in each row, and a gradient from above."""
    rng = np.random.default_rng(seed)
    z = rng.normal(rng.normal(0, 2, (batch, 1)), rng.uniform(0.5, 3, (batch, 1)), (batch, units))
    return z, rng.normal(size=(batch, units))


def normalisation_backward(z, upstream):
    """Return the gradient in front of a layer normalisation without parameters."""
    spread = z.std(axis=1, keepdims=True)
    y = (z - z.mean(axis=1, keepdims=True)) / spread
    inner = upstream - upstream.mean(axis=1, keepdims=True) - y * (upstream * y).mean(axis=1, keepdims=True)
    return inner / spread


def _mean(x):
    return x.mean(axis=1, keepdims=True)


def _norm(formula, over=1, ddof=0):
    """Return the function that computes this formula of the normalised y, the upstream gradient and the spread."""

    def altered(z, upstream):
        spread = z.std(axis=over, ddof=ddof, keepdims=True)
        return formula((z - z.mean(axis=over, keepdims=True)) / spread, upstream, spread)

    return altered


def _by_differences(z, upstream):
    found, y = np.zeros_like(z), _norm(lambda y, g, s: y)
    for place in np.ndindex(z.shape):
        bump = np.zeros_like(z)
        bump[place] = 1e-5
        found[place] = np.sum(upstream * (y(z + bump, upstream) - y(z, upstream))) / 1e-5
    return found


_ONE_FOR_ALL = "one mean and one spread for all rows together: each row has its own, axis=1"

_judge_norm = judges.function(
    normalisation_backward,
    {
        "z and upstream of shape (3, 5)": (layer_norm_case(), ""),
        "z and upstream of shape (4, 8)": (layer_norm_case(batch=4, units=8, seed=12), ""),
    },
    absolute=1e-9,
    right="right: what would shift a row or stretch it is taken out, since the normalisation undoes both",
    mistakes=(
        (
            _norm(lambda y, g, s: y),
            "that is the normalised y itself; the question is about the gradient with respect to z",
        ),
        (_norm(lambda y, g, s: g / s), "mean and spread depend on z as well: two terms are missing, one for each"),
        (_norm(lambda y, g, s: (g - _mean(g)) / s), "the mean's part is there; the spread depends on z too"),
        (_norm(lambda y, g, s: (g - y * _mean(g * y)) / s), "the spread's part is there; the mean depends on z too"),
        (
            _norm(lambda y, g, s: g - _mean(g) - y * _mean(g * y)),
            "divide by the spread in the end: it scales y, so it scales the gradient",
        ),
        (_norm(lambda y, g, s: (g - _mean(g) - y * _mean(g * y)) / s**2), "the spread divides once, not twice"),
        (
            _norm(lambda y, g, s: (g - _mean(g) - y * _mean(g * y)) * s),
            "divide by the spread, don't multiply: a wide z is squeezed, and so is its gradient",
        ),
        (_norm(lambda y, g, s: (g - _mean(g) + y * _mean(g * y)) / s), "a sign: a larger spread makes y smaller"),
        (
            _norm(lambda y, g, s: (g - _mean(g) - s * y * _mean(g * y)) / s),
            "in the last term stands the normalised y, not z − mean",
        ),
        (
            _norm(lambda y, g, s: (g - _mean(g) - s * y * _mean(g * s * y)) / s),
            "both factors of the last term are the normalised y, not z − mean",
        ),
        (
            _norm(lambda y, g, s: (g - _mean(g) - y * (g * y).sum(axis=1, keepdims=True)) / s),
            "the last term has a mean, not a sum",
        ),
        (
            lambda z, upstream: normalisation_backward(z.T, upstream.T).T,
            "that normalises each unit over the batch; here each row is, over its units",
        ),
        (_norm(lambda y, g, s: g / s, over=None), _ONE_FOR_ALL),
        (_norm(lambda y, g, s: (g - g.mean() - y * (g * y).mean()) / s, over=None), _ONE_FOR_ALL),
        (
            _norm(lambda y, g, s: (g - _mean(g) - y * _mean(g * y)) / s, ddof=1),
            "the variance here divides by n, not by n − 1",
        ),
        (
            lambda z, upstream: normalisation_backward(z, upstream).sum(axis=0),
            "one number for each: don't sum over what it belongs to",
        ),
        (
            _by_differences,
            "that is close: a difference quotient, or something small added to the spread? Derive it",
            lambda z, upstream, got, expected: got.shape == z.shape and np.allclose(got, expected, rtol=0, atol=1e-3),
        ),
    ),
)


NORM = Exercise(
    name="layer_norm_vjp",
    judge=_judge_norm,
)

# ---- debug ---------------------------------------------------------------------------------------

CAUSE = Exercise(
    name="one_by_one",
    judge=judges.choice(
        "c",
        (
            ("a", "it has learned: the test set at once is classified well, by the very same weights"),
            ("b", "a network that has only memorised would fail on the test set at once, too"),
            (
                "d",
                "the start has its part in training; this network is trained, and its weights are the same both times",
            ),
            ("e", "go on in tens: the same pairing, and the accuracy comes back. What changes with the number?"),
        ),
        praise="right: an image alone is its own mean, so every unit's z is exactly 0, whatever the image shows",
    ),
)


def small_network():
    """Return an untrained network with batch norm, 60 reference images and 12 others, for the check of the repair."""
    from acts.data import digits
    from acts.network import MLP

    images = digits(standardised=True).images
    return MLP([64, 12, 12, 12, 10], "relu", "he", seeds=1, normalise="batch"), images[:60], images[60:72]


def frozen(network, reference, images):
    """Return the logits of images, (images, classes), each layer normalised with the statistics of the reference."""
    h, known = images, reference
    for weights, biases in zip(network.weights[:-1], network.biases[:-1], strict=True):
        z, of_reference = h @ weights[0] + biases[0], known @ weights[0] + biases[0]
        mean, spread = of_reference.mean(axis=0), of_reference.std(axis=0)
        h, known = (network.activation.function((part - mean) / spread) for part in (z, of_reference))
    return h @ network.weights[-1][0] + network.biases[-1][0]


def predict(network, images, reference):
    """Return the classes of images, normalised with the statistics of the reference."""
    return frozen(network, reference, images).argmax(axis=-1)


def _judge_predict(answer):
    judges.must_be_function(answer, "a function predict(network, images, reference)")
    network, reference, images = small_network()
    names = ("network", "images", "reference")

    def classes(some):
        shown = f"{len(some)} images and a reference of {len(reference)}"
        got = np.asarray(judges.result_of(answer, names, (network, some, reference), shown))
        if got.shape == (1, len(some)):
            raise Wrong(
                f"expected one class for each of {len(some)} images, got shape {got.shape}",
                "the first axis is that of the seeds; there is one: take [0]",
            )
        if got.shape != (len(some),):
            raise Wrong(
                f"expected one class for each of {len(some)} images, shape ({len(some)},), got shape {got.shape}",
                {
                    (len(reference) + len(some),): "the reference was answered too: keep only what belongs to `images`",
                    (len(reference),): "that is one for each image of the reference; the question is about `images`",
                    (10,): "the class is where the logits are largest: argmax(axis=-1)",
                }.get(got.shape[-1:], ""),
            )
        if got.dtype.kind not in "iu":
            raise Wrong(f"expected integers, the classes 0 to 9, got {described(got)}")
        return got

    together = classes(images)
    alone = np.concatenate([classes(image[None]) for image in images])
    crowd = classes(np.concatenate([images, 40 * images[::-1] + 30]))[: len(images)]
    if np.ptp(together) == 0 and np.ptp(alone) == 0:
        raise Wrong("all images get the same class", "is each still normalised by itself? Use the reference")
    for name, others in (("alone", alone), ("in a crowd of strange images", crowd)):
        changed = np.flatnonzero(others != together)
        if changed.size:
            raise Wrong(
                f"{changed.size} of {len(images)} images get another class {name} than among the twelve",
                "mean and spread must come from the reference only, not from the images that are asked about",
            )
    agree = np.mean(together == predict(network, images, reference))
    if agree < 0.8:
        raise Wrong(
            f"only {agree:.0%} of the classes are those that the reference's mean and spread give",
            "every hidden layer has a mean and a spread of its own, measured behind the layers before it"
            if agree > 0.15
            else "is what you normalise with measured on z = h W + b, in front of the activation?",
        )
    return "mended: an image's class no longer depends on who comes along, alone or in a crowd"


MEND = Exercise(
    name="one_by_one_repair",
    judge=_judge_predict,
)

# ---- measure -------------------------------------------------------------------------------------

_in_bands = judges.measurements(
    {
        "tanh": (0.76, 0.95),
        "relu": (0.36, 0.72),
        "sigmoid": (0.3, 0.62),
        "relu, default": (0.05, 0.2),
        "worst tanh": (0.62, 0.95),
        "best relu": (0.42, 0.8),
    },
    mistakes=(
        (
            {"best relu": 60},
            "an accuracy is a share, between 0 and 1: no percent",
            lambda m: any(value > 1 for value in m.values()),
        ),
        (
            {"relu": 0.91, "sigmoid": 0.89},
            "all of them learn so well? That looks like fewer layers, or more than 60 steps",
            lambda m: m["relu"] > 0.8 and m["sigmoid"] > 0.7,
        ),
        (
            {"relu": 0.9, "best relu": 0.9},
            "one seed has no spread: the median of five at least, and their extremes",
            lambda m: m["worst tanh"] == m["tanh"] or m["best relu"] == m["relu"],
        ),
        (
            {"best relu": 0.3},
            "worst and best of the seeds: a median lies between them",
            lambda m: m["worst tanh"] > m["tanh"] or m["best relu"] < m["relu"],
        ),
        (
            {"relu, default": 0.51},
            'the default start is "pytorch"; with it ten ReLU layers learn nothing in 60 steps',
            lambda m: m["relu, default"] > 0.3,
        ),
        (
            {"tanh": 0.27, "worst tanh": 0.16},
            "tanh learns far better at another rate: is the best one at an end of those that you tried?",
            lambda m: m["tanh"] < 0.45,
        ),
        (
            {"sigmoid": 0.1},
            "the sigmoid is started as if it were another: which start was made for it?",
            lambda m: m["sigmoid"] < 0.2,
        ),
        ({"relu": 0.25}, "ReLU is not at its best: He's start, and a rate of about 0.1", lambda m: m["relu"] < 0.36),
        (
            {"tanh": 0.7, "worst tanh": 0.65},
            "tanh is not at its best: try more rates between 0.03 and 1, and standardised digits",
            lambda m: m["tanh"] < 0.76,
        ),
    ),
)


_ONE_SEED = "one seed has no spread: five at least; report their median and, where asked, the worst or the best"


def _judge_extremes(answer):
    if answer["worst tanh"] >= answer["tanh"] or answer["best relu"] <= answer["relu"]:
        raise Wrong("a median with no seed below it, or none above it", _ONE_SEED)
    return "well measured: at ten layers and 60 steps tanh is ahead, seed by seed, and a start decides for ReLU"


_ONLY_ONE = {"tanh": 0.91, "relu": 0.51, "sigmoid": 0.44, "relu, default": 0.1, "worst tanh": 0.91, "best relu": 0.51}
_judge_extremes.mistakes = lambda: [(_ONLY_ONE, _ONE_SEED)]

DESIGN = Exercise(
    name="relu_or_tanh",
    judge=judges.in_turn(_in_bands, _judge_extremes),
)

# ---- explain -------------------------------------------------------------------------------------

DEGRADATION = Exercise(
    name="not_vanishing",
    judge=None,
)

EXERCISES = (THOUSANDTH, HALF, LINKS, RESIDUAL, NORM, CAUSE, MEND, DESIGN, DEGRADATION)
