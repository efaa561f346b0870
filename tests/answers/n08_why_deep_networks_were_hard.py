"""Answers to the exercises of 08_why_deep_networks_were_hard, as students give them.

WRONG: each with the text that its message must have. RIGHT: written differently, all accepted.
"""

import numpy as np
import sympy as sp

from acts_exercises.n08_why_deep_networks_were_hard import block_case, frozen

n, L, r = sp.symbols("n L r", positive=True)


def blank(*given): ...  # your code here


# ---- residual_backward ---------------------------------------------------------------------------


def block(h, weights, biases, upstream, r):
    z = h @ weights + biases
    delta = r * upstream * (z > 0)
    return upstream + delta @ weights.T, h.T @ delta, delta.sum(axis=0)


def block_by_sums(h, weights, biases, upstream, r):
    of_h, of_weights, of_biases = upstream.copy(), np.zeros_like(weights), np.zeros_like(biases)
    for row in range(len(h)):
        slope = np.where(h[row] @ weights + biases > 0, 1.0, 0.0)
        delta = slope * r * upstream[row]
        of_h[row] += weights @ delta
        of_weights += np.outer(h[row], delta)
        of_biases += delta
    return [of_h, of_weights, of_biases]


def with_delta(change):
    """Return a block whose gradients are changed by `change(h, W, z, upstream, r, delta)`."""

    def altered(h, weights, biases, upstream, r):
        z = h @ weights + biases
        parts = list(block(h, weights, biases, upstream, r))
        for k, part in change(h, weights, z, upstream, r, r * upstream * (z > 0)).items():
            parts[k] = part
        return tuple(parts)

    return altered


link_forgotten = with_delta(lambda h, W, z, g, r, d: {0: d @ W.T})
only_the_link = with_delta(lambda h, W, z, g, r, d: {0: g})
not_transposed = with_delta(lambda h, W, z, g, r, d: {0: g + d @ W})
r_forgotten = with_delta(lambda h, W, z, g, r, d: {0: g + (g * (z > 0)) @ W.T})
slope_forgotten = with_delta(lambda h, W, z, g, r, d: {0: g + r * g @ W.T})
slope_at_h = with_delta(lambda h, W, z, g, r, d: {0: g + (r * g * (h > 0)) @ W.T})
link_times_r = with_delta(lambda h, W, z, g, r, d: {0: r * g + d @ W.T})
link_through_relu = with_delta(lambda h, W, z, g, r, d: {0: ((1 + r) * g * (z > 0)) @ W.T})
weights_without_r = with_delta(lambda h, W, z, g, r, d: {1: h.T @ (g * (z > 0))})
weights_transposed = with_delta(lambda h, W, z, g, r, d: {1: d.T @ h})
weights_averaged = with_delta(lambda h, W, z, g, r, d: {1: h.T @ d / len(h)})
weights_without_slope = with_delta(lambda h, W, z, g, r, d: {1: h.T @ (r * g)})
weights_from_all = with_delta(lambda h, W, z, g, r, d: {1: h.T @ ((g + d @ W.T) * (z > 0))})
biases_averaged = with_delta(lambda h, W, z, g, r, d: {2: d.mean(axis=0)})
biases_of_upstream = with_delta(lambda h, W, z, g, r, d: {2: g.sum(axis=0)})
biases_without_r = with_delta(lambda h, W, z, g, r, d: {2: (g * (z > 0)).sum(axis=0)})
biases_unsummed = with_delta(lambda h, W, z, g, r, d: {2: d})


for name, function in list(globals().items()):  # so that each has its own name among the messages
    if getattr(function, "__name__", "") == "altered":
        function.__name__ = name


def only_of_h(h, weights, biases, upstream, r):
    return block(h, weights, biases, upstream, r)[0]


def in_place(h, weights, biases, upstream, r):
    upstream *= r
    return block(h, weights, biases, upstream / r, r)


def relu_of_everything(h, weights, biases, upstream, r):
    return block(h, weights, biases, np.maximum(upstream, 0), r)


# ---- layer_norm_vjp ------------------------------------------------------------------------------


def parts_of(z):
    s = z.std(axis=1, keepdims=True)
    return s, (z - z.mean(axis=1, keepdims=True)) / s


def mean(x):
    return x.mean(axis=1, keepdims=True)


def norm(z, upstream):
    s, y = parts_of(z)
    return (upstream - mean(upstream) - y * mean(upstream * y)) / s


def norm_by_jacobian(z, upstream):
    units, rows = z.shape[1], []
    for row, g in zip(z, upstream, strict=True):
        s, y = row.std(), (row - row.mean()) / row.std()
        rows.append((np.eye(units) - 1 / units - np.outer(y, y) / units) @ g / s)
    return np.array(rows)


def only_divided(z, upstream):
    return upstream / parts_of(z)[0]


def only_the_mean(z, upstream):
    return (upstream - mean(upstream)) / parts_of(z)[0]


def only_the_spread(z, upstream):
    s, y = parts_of(z)
    return (upstream - y * mean(upstream * y)) / s


def not_divided(z, upstream):
    return norm(z, upstream) * parts_of(z)[0]


def divided_twice(z, upstream):
    return norm(z, upstream) / parts_of(z)[0]


def multiplied(z, upstream):
    return norm(z, upstream) * parts_of(z)[0] ** 2


def wrong_sign(z, upstream):
    s, y = parts_of(z)
    return (upstream - mean(upstream) + y * mean(upstream * y)) / s


def z_for_y(z, upstream):
    s, y = parts_of(z)
    return (upstream - mean(upstream) - s * y * mean(upstream * y)) / s


def z_in_the_mean(z, upstream):
    s, y = parts_of(z)
    return (upstream - mean(upstream) - s * y * mean(upstream * s * y)) / s


def sum_for_mean(z, upstream):
    s, y = parts_of(z)
    return (upstream - mean(upstream) - y * (upstream * y).sum(axis=1, keepdims=True)) / s


def over_the_batch(z, upstream):
    return norm(z.T, upstream.T).T


def n_minus_one(z, upstream):
    s = z.std(axis=1, ddof=1, keepdims=True)
    y = (z - mean(z)) / s
    return (upstream - mean(upstream) - y * mean(upstream * y)) / s


def one_spread_for_all(z, upstream):
    y = (z - z.mean()) / z.std()
    return (upstream - upstream.mean() - y * (upstream * y).mean()) / z.std()


def by_differences(z, upstream):
    found = np.zeros_like(z)
    for place in np.ndindex(z.shape):
        bump = np.zeros_like(z)
        bump[place] = 1e-5
        found[place] = np.sum(upstream * (parts_of(z + bump)[1] - parts_of(z)[1])) / 1e-5
    return found


def something_added(z, upstream):
    s, y = parts_of(z)
    return (upstream - mean(upstream) - y * mean(upstream * y)) / (s + 1e-5)


def forward_instead(z, upstream):
    return parts_of(z)[1]


def summed(z, upstream):
    return norm(z, upstream).sum(axis=0)


# ---- one_by_one ----------------------------------------------------------------------------------


def layer_by_layer(network, images, reference):
    return frozen(network, reference, images).argmax(axis=-1)


def with_the_reference(network, images, reference):
    together = [np.concatenate([reference, image[None]]) for image in images]
    return np.array([network.forward(batch).output[0, -1].argmax() for batch in together])


def unchanged(network, images, reference):
    return network.forward(images).output[0].argmax(axis=-1)


def each_alone(network, images, reference):
    return np.array([network.forward(image[None]).output[0, 0].argmax() for image in images])


def all_at_once(network, images, reference):
    return network.forward(np.concatenate([reference, images])).output[0, len(reference) :].argmax(axis=-1)


def with_the_seeds(network, images, reference):
    return layer_by_layer(network, images, reference)[None]


def of_the_reference_too(network, images, reference):
    return network.forward(np.concatenate([reference, images])).output[0].argmax(axis=-1)


def logits(network, images, reference):
    return frozen(network, reference, images)


def shares(network, images, reference):
    return layer_by_layer(network, images, reference) / 10


def pixels_normalised(network, images, reference):
    spread = reference.std(axis=0) + 1e-3
    h = (images - reference.mean(axis=0)) / spread
    for weights, biases in zip(network.weights[:-1], network.biases[:-1], strict=True):
        h = np.maximum(h @ weights[0] + biases[0], 0)
    return (h @ network.weights[-1][0]).argmax(axis=-1)


def first_layer_for_all(network, images, reference):
    first = reference @ network.weights[0][0]
    h = images
    for weights in network.weights[:-1]:
        h = np.maximum((h @ weights[0] - first.mean(axis=0)) / first.std(axis=0), 0)
    return (h @ network.weights[-1][0]).argmax(axis=-1)


def arguments_swapped(network, reference, images):
    return layer_by_layer(network, images, reference)


# ---- the measurement -----------------------------------------------------------------------------
# What differently designed experiments measured; the first is measured again by tests/test_checks_deep.py.

KEYS = ("tanh", "relu", "sigmoid", "relu, default", "worst tanh", "best relu")


def report(*values):
    return dict(zip(KEYS, values, strict=True))


FIVE_SEEDS = report(0.90, 0.51, 0.44, 0.10, 0.84, 0.60)

WRONG = {
    "layers_to_a_thousandth": [
        (4, "the law has a root"),
        (13, "only half of the units are on"),
        (7, "count again"),
        (5, "the sigmoid's bound"),
        (9, "one more than needed"),
        (3, "a root and a round-up are missing"),
        (20, "after how many of them"),
        (7.710504, "7.710504 is too small"),
        (2 * np.log(1000) / np.log(6), "that is where it happens"),
        ("8", "a number has no quotes"),
        (..., "still to do"),
    ],
    "half_are_dead": [
        (sp.log(1 - 2**-n) / sp.log(sp.Rational(1, 2)), "upside down"),
        (sp.log(2) / sp.log(1 - 2**-n), "L is positive"),
        (2**n * sp.log(2), "a good estimate for wide layers"),
        (2 ** (n - 1), "probabilities of death don't add up"),
        (1 / n, "one is enough"),
        (sp.log(sp.Rational(1, 2)) / sp.log(1 - 1 / (2 * n)), "not 1/(2n)"),
        (sp.log(0.5), "is not it"),
        (sp.Symbol("L") * n, "write it in n"),
        ("log(2)", "write it without quotes"),
        (..., "still to do"),
    ],
    "through_the_links": [
        ((1 + r) ** (2 * L), "only if h and f point the same way"),
        ((1 + r) ** L, "its squared length as r²"),
        (1 + L * r**2, "the factors multiply"),
        ((1 + r**2) ** (L / 2), "that is the length"),
        (r ** (2 * L), "a network without links"),
        (1 + r**2, "that is one block"),
        (2**L, "that is for r = 1"),
        (sp.E, "that is where r = 1/√L leads"),
        ((1 + r**2) ** n, "your expression has n in it"),
        (..., "still to do"),
    ],
    "residual_backward": [
        (link_forgotten, "the way around the block is missing"),
        (only_the_link, "the way through it is to be added"),
        (not_transposed, "the transpose of W"),
        (r_forgotten, "the block's own output is multiplied by r"),
        (slope_forgotten, "where ReLU is off nothing comes back"),
        (slope_at_h, "not at h"),
        (link_times_r, "the way around the block is not multiplied by r"),
        (link_through_relu, "passes neither ReLU nor W"),
        (weights_without_r, "so is the gradient of its weights"),
        (weights_transposed, "rows and columns are swapped"),
        (weights_averaged, "sum over the batch: whoever wants a mean"),
        (weights_without_slope, "ReLU's slope is missing on the way to the weights"),
        (weights_from_all, "the weights get only what comes through the block"),
        (biases_averaged, "sum over the batch: whoever wants a mean"),
        (biases_of_upstream, "the biases sit inside the ReLU"),
        (biases_without_r, "so is the gradient of its biases"),
        (biases_unsummed, "sum over the batch, axis 0"),
        (only_of_h, "expected three gradients"),
        (in_place, "your function changed upstream"),
        (relu_of_everything, "gradient of h: 7 of 12 entries are wrong"),
        (block(*block_case())[0], "expected a function of h, weights, biases, upstream, r"),
        (blank, "still to do"),
        (..., "still to do"),
    ],
    "layer_norm_vjp": [
        (only_divided, "two terms are missing"),
        (only_the_mean, "the spread depends on z too"),
        (only_the_spread, "the mean depends on z too"),
        (not_divided, "divide by the spread in the end"),
        (divided_twice, "the spread divides once"),
        (multiplied, "divide by the spread, don't multiply"),
        (wrong_sign, "a sign: a larger spread"),
        (z_for_y, "in the last term stands the normalised y"),
        (z_in_the_mean, "both factors of the last term"),
        (sum_for_mean, "the last term has a mean, not a sum"),
        (over_the_batch, "normalises each unit over the batch"),
        (n_minus_one, "divides by n, not by n − 1"),
        (one_spread_for_all, "each row has its own, axis=1"),
        (by_differences, "that is close: a difference quotient"),
        (something_added, "that is close"),
        (forward_instead, "that is the normalised y itself"),
        (summed, "don't sum over what it belongs to"),
        (blank, "still to do"),
        (..., "still to do"),
    ],
    "one_by_one": [
        ("a", "classified well, by the very same weights"),
        ("b", "would fail on the test set at once"),
        ("d", "its weights are the same both times"),
        ("e", "go on in tens"),
        ("batch norm", "expected one of 'a', 'b', 'c', 'd', 'e'"),
        (..., "still to do"),
    ],
    "one_by_one_repair": [
        (unchanged, "images get another class alone than among the twelve"),
        (each_alone, "all images get the same class"),
        (all_at_once, "in a crowd of strange images than among the twelve"),
        (with_the_seeds, "the first axis is that of the seeds"),
        (of_the_reference_too, "the reference was answered too"),
        (logits, "argmax(axis=-1)"),
        (shares, "expected integers"),
        (pixels_normalised, "of the classes are those that the reference's mean and spread give"),
        (first_layer_for_all, "of the classes are those that the reference's mean and spread give"),
        (arguments_swapped, "the question is about `images`"),
        (3, "expected a function predict(network, images, reference)"),
        (blank, "still to do"),
        (..., "still to do"),
    ],
    "relu_or_tanh": [
        (report(90, 51, 44, 10, 84, 60), "no percent"),
        (report(0.95, 0.91, 0.89, 0.90, 0.94, 0.94), "fewer layers, or more than 60 steps"),
        (report(0.91, 0.51, 0.44, 0.10, 0.91, 0.51), "one seed has no spread"),
        (FIVE_SEEDS | {"best relu": 0.30}, "a median lies between them"),
        (report(0.90, 0.90, 0.44, 0.10, 0.90, 0.90), "one seed has no spread"),
        (FIVE_SEEDS | {"relu, default": 0.51}, 'the default start is "pytorch"'),
        (report(0.27, 0.51, 0.44, 0.10, 0.16, 0.60), "is the best one at an end"),
        (FIVE_SEEDS | {"sigmoid": 0.10}, "which start was made for it"),
        (report(0.90, 0.25, 0.44, 0.10, 0.84, 0.36), "ReLU is not at its best"),
        (report(0.70, 0.51, 0.44, 0.10, 0.65, 0.60), "tanh is not at its best"),
        ({"tanh": 0.9}, "missing: relu"),
        (FIVE_SEEDS | {"relu": ...}, "these are still blank: relu"),
        (0.9, "expected a dict with the keys"),
        (..., "still to do"),
    ],
}

RIGHT = {
    "layers_to_a_thousandth": [8, 8.0, sp.Integer(8)],
    "half_are_dead": [
        sp.log(sp.Rational(1, 2)) / sp.log(1 - 2**-n),
        sp.log(2) / (n * sp.log(2) - sp.log(2**n - 1)),
        -1 / sp.log(1 - sp.Rational(1, 2) ** n, 2),
    ],
    "through_the_links": [(1 + r**2) ** L, sp.exp(L * sp.log(1 + r**2))],
    "residual_backward": [block, block_by_sums],
    "layer_norm_vjp": [norm, norm_by_jacobian],
    "one_by_one": ["c", " (C) "],
    "one_by_one_repair": [layer_by_layer, with_the_reference],
    "relu_or_tanh": [
        FIVE_SEEDS,
        report(0.83, 0.51, 0.44, 0.10, 0.79, 0.60),  # tanh from Xavier's weights
        report(0.88, 0.60, 0.44, 0.10, 0.87, 0.71),  # tanh from He's weights, ReLU orthogonal times √2
        report(0.90, 0.49, 0.39, 0.09, 0.80, 0.69),  # ten other seeds
        report(0.92, 0.49, 0.44, 0.10, 0.89, 0.57),  # float32, eight other seeds, three rates a factor of four apart
    ],
}
