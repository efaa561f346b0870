"""Answers to the exercises of 08_why_deep_networks_were_hard, as students give them.

WRONG: each with the text that its message must have. RIGHT: written differently, all accepted.
The mistakes that the judge itself lists are tried as well; they do not stand here.
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


def something_added(z, upstream):
    s, y = parts_of(z)
    return (upstream - mean(upstream) - y * mean(upstream * y)) / (s + 1e-5)


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
# What differently designed experiments measured; the first is measured again by the test of this page.

KEYS = ("tanh", "relu", "sigmoid", "relu, default", "worst tanh", "best relu")


def report(*values):
    return dict(zip(KEYS, values, strict=True))


FIVE_SEEDS = report(0.90, 0.51, 0.44, 0.10, 0.84, 0.60)

WRONG = {
    "layers_to_a_thousandth": [
        (7.710504, "7.710504 is too small"),
        ("8", "a number has no quotes"),
        (..., "still to do"),
    ],
    "half_are_dead": [
        (sp.log(0.5), "is not it"),
        (sp.Symbol("L") * n, "write it in n"),
        ("log(2)", "write it without quotes"),
        (..., "still to do"),
    ],
    "through_the_links": [
        ((1 + r**2) ** n, "your expression has n in it"),
        (..., "still to do"),
    ],
    "residual_backward": [
        (only_of_h, "expected 3 arrays: return of_h, of_weights, of_biases"),
        (in_place, "your function changed upstream"),
        (relu_of_everything, "r = 0.4: of_h[0, 2]"),
        (block(*block_case())[0], "expected a function block_backward(h, weights, biases, upstream, r)"),
        (blank, "still to do"),
        (..., "still to do"),
    ],
    "layer_norm_vjp": [
        (something_added, "that is close"),
        (blank, "still to do"),
        (..., "still to do"),
    ],
    "one_by_one": [
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
