"""What is measured in a network: by hand, against Jacobians as matrices, and what wrong arguments are told."""

import dataclasses

import numpy as np
import pytest
from small_networks import (
    ROWS,
    SEEDS,
    UNITS,
    X,
    Y,
    assert_named,
    each_activation,
    example,
    flat,
    leaky,
    small_gradients,
)

from acts.catalog import ACTIVATIONS
from acts.network import MLP, SwiGLU, cross_entropy
from acts.probes import (
    gradient_norm,
    gradient_path,
    jacobian_products,
    offset_over_spread,
    rms,
    share_of_zeros,
    signal_path,
    silent_units,
)


def test_rms():
    x = np.random.default_rng(0).normal(size=(3, 4, 5))
    assert rms(x) == pytest.approx(np.linalg.norm(x) / np.sqrt(60))
    np.testing.assert_allclose(rms(x, axis=(1, 2)), np.linalg.norm(x.reshape(3, -1), axis=1) / np.sqrt(20))


def test_offset_over_spread():
    rng = np.random.default_rng(0)
    units = rng.normal(size=(3, 2000, 50))
    assert np.all(offset_over_spread(units) < 0.05)
    np.testing.assert_allclose(offset_over_spread(units + 2), 2, rtol=0.02)
    np.testing.assert_allclose(offset_over_spread(5 * units + 10), 2, rtol=0.02)
    signs = np.where(np.arange(50) % 2, 1, -1)  # the units' offsets must not cancel each other
    np.testing.assert_allclose(offset_over_spread(units + 2 * signs), 2, rtol=0.02)
    np.testing.assert_allclose(offset_over_spread(np.stack([units[0], units[0] + 3]))[1], 3, rtol=0.02)


# ── gradient_path ─────────────────────────────────────────────────────────────────────────────────────────────────


@each_activation
def test_gradient_path_by_hand(activation):
    """Each seed by itself, with Jacobians as matrices: the gradient of one row is multiplied back, layer by layer."""
    network, inputs, labels, _ = example(activation, 4, "shared")
    path = gradient_path(network, inputs, labels)
    assert path.shape == (len(SEEDS), 4)
    trace = network.forward(inputs)
    for seed in range(len(SEEDS)):
        y = np.exp(trace.output[seed])
        y /= y.sum(axis=1, keepdims=True)
        gradients = [row_of_y @ network.weights[3][seed].T for row_of_y in (y - np.eye(UNITS[4])[labels]) / ROWS]
        start, expected = np.sqrt(np.mean(np.square(gradients))), [1.0]
        for layer in (2, 1, 0):
            slopes_at = ACTIVATIONS[activation].derivative(trace.pre_activations[layer][seed])
            deltas = [np.diag(s) @ g for s, g in zip(slopes_at, gradients, strict=True)]
            expected.append(np.sqrt(np.mean(np.square(deltas))) / start)
            gradients = [network.weights[layer][seed] @ delta for delta in deltas]
        np.testing.assert_allclose(path[seed], expected, rtol=1e-12)


def test_gradient_path_of_sigmoids_at_zero_is_a_quarter_for_each_layer():
    """With orthogonal weights, centred so that every pre-activation is 0: the article's 0.25 and nothing else."""
    network = MLP([4, 4, 4, 4, 2], "sigmoid", "orthogonal", seeds=3)
    network.biases = [-w.sum(axis=1, keepdims=True) / 2 for w in network.weights]
    path = gradient_path(network, np.full((3, 4), 0.5), np.array([0, 1, 0]))
    np.testing.assert_allclose(path, np.broadcast_to(0.25 ** np.arange(4), (3, 4)), rtol=1e-12)


# ── Zeros and silent units ────────────────────────────────────────────────────────────────────────────────────────


def by_hand(activation="relu"):
    """Two seeds, one input, four units that are positive for both inputs, for one, for none, and 0 for both."""
    network = MLP([1, 4, 2], activation, seeds=2)
    for weights, biases in zip(network.weights[0], network.biases[0], strict=True):
        weights[:], biases[:] = [[1.0, 2.0, -1.0, 0.0]], [[1.0, -3.0, -1.0, 0.0]]
    return network, [[1.0], [2.0]]


def test_share_of_zeros_by_hand():
    assert share_of_zeros(*by_hand()).tolist() == [[5 / 8], [5 / 8]]
    assert share_of_zeros(*by_hand("leaky_relu")).tolist() == [[2 / 8], [2 / 8]]  # only the unit that gets 0
    assert share_of_zeros(*by_hand("sigmoid")).tolist() == [[0], [0]]


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_silent_units_by_hand(activation):
    (silent,) = silent_units(*by_hand(activation))
    assert silent.tolist() == [[False, False, True, True]] * 2


def test_units_of_several_layers_have_their_shapes():
    network = MLP([6, 5, 4, 3], "relu", "he", SEEDS)
    inputs = np.random.default_rng(0).normal(size=(3, 20, 6))  # a batch for each seed
    assert [silent.shape for silent in silent_units(network, inputs)] == [(3, 5), (3, 4)]
    assert share_of_zeros(network, inputs).shape == (3, 2)
    for k, seed in enumerate(SEEDS):
        alone = MLP([6, 5, 4, 3], "relu", "he", [seed])
        assert np.allclose(share_of_zeros(alone, inputs[k]), share_of_zeros(network, inputs)[k])


def test_a_network_that_has_diverged_is_not_silent():
    network, inputs = by_hand()
    network.weights[0][1] = np.nan
    (silent,) = silent_units(network, inputs)
    assert silent[0].any() and not silent[1].any()


def test_a_silent_relu_gets_no_gradient_and_a_silent_leaky_relu_does():
    for activation in ("relu", "leaky_relu"):
        network = MLP([6, 5, 4, 3], activation, "he", SEEDS)
        network.biases[1][:, :, 2] = -100
        inputs, labels = np.random.default_rng(0).normal(size=(20, 6)), np.arange(20) % 3
        _, gradients = cross_entropy(network, inputs, labels)
        assert silent_units(network, inputs)[1][:, 2].all()
        assert gradients.biases[1][:, :, 2].any() == (activation == "leaky_relu")


# Products of Jacobians, and clipping.


@pytest.mark.parametrize("activation", ["relu", "tanh", "softplus"])
def test_jacobian_products_are_the_derivatives_of_later_layers(activation):
    network = MLP([3, 4, 5, 6, 2], activation, "pytorch", seeds=2)
    inputs = np.random.default_rng(0).normal(size=(7, 3))
    products = jacobian_products(network, inputs)
    assert [product.shape for product in products] == [(2, 7, 4, 5), (2, 7, 4, 6)]
    start = network.forward(inputs).pre_activations[0]

    def from_first(z, layer):
        for weights, biases in zip(network.weights[1 : layer + 1], network.biases[1 : layer + 1], strict=True):
            z = network.activation.function(z) @ weights + biases
        return z

    for layer, product in enumerate(products, start=1):
        for unit in range(4):
            step = np.zeros(4)
            step[unit] = 1e-6
            slope = (from_first(start + step, layer) - from_first(start - step, layer)) / 2e-6
            np.testing.assert_allclose(product[:, :, unit], slope, rtol=1e-6, atol=1e-8)


def test_a_network_of_one_hidden_layer_has_no_product():
    assert jacobian_products(MLP([3, 4, 2], "relu"), np.ones((1, 3))) == []


@pytest.fixture
def gradients():
    return small_gradients()


def test_gradient_norm_is_that_of_all_parameters(gradients):
    np.testing.assert_allclose(gradient_norm(gradients), np.linalg.norm(flat(gradients), axis=1))


def test_gradient_norm_of_huge_tiny_and_no_gradients(gradients):
    for factor in (1e200, 1e-200, 0.0):
        scaled = dataclasses.replace(
            gradients, weights=[factor * w for w in gradients.weights], biases=[factor * b for b in gradients.biases]
        )
        np.testing.assert_allclose(gradient_norm(scaled), factor * gradient_norm(gradients), rtol=1e-12)


def test_jacobian_products_use_the_networks_own_slopes():
    network, inputs, _ = leaky()
    z = network.forward(inputs).pre_activations[0]
    expected = np.where(z > 0, 1, 0.3)[..., None] * network.weights[1][:, None]
    np.testing.assert_allclose(jacobian_products(network, inputs)[0], expected)


def test_signal_path_by_hand():
    network = MLP([4, 5, 6, 3], "sigmoid", seeds=SEEDS)
    inputs, labels = np.random.default_rng(0).normal(size=(8, 4)), np.arange(8) % 3
    signal, gradient = signal_path(network, inputs, labels)
    _, gradients = cross_entropy(network, inputs, labels)
    for layer, h in enumerate(network.forward(inputs).activations[1:]):
        spread = np.sqrt(h.var(axis=1).mean(axis=-1))
        np.testing.assert_allclose(signal[:, layer], spread / np.sqrt((h**2).mean(axis=(1, 2))))
        size = rms(gradients.activations[layer], axis=(1, 2))
        np.testing.assert_allclose(gradient[:, layer], size / rms(gradients.activations[-1], axis=(1, 2)))
    same = signal_path(network, np.ones((8, 4)), labels)[0]
    assert signal.shape == gradient.shape == (3, 2) and same.max() < 1e-15


# Each: what is called, the error, and the words that name the argument, what was expected and what was given.
MISTAKES = {
    "products around links": (
        lambda: jacobian_products(MLP([4, 5, 5, 3], residual=1), X),
        ValueError,
        ["network", "residual links"],
    ),
    "products through normalisation": (
        lambda: jacobian_products(MLP([4, 5, 5, 3], normalise="batch"), X),
        ValueError,
        ["network", "normalisation"],
    ),
    "a path without layers": (lambda: gradient_path(MLP([4, 3]), X, Y), ValueError, ["network", "hidden", "[4, 3]"]),
    "a path from nothing": (
        lambda: gradient_path(MLP([4, 5, 3], seeds=[8], scale=0), X, Y),
        ValueError,
        ["network", "seed 8", "0"],
    ),
    "units of one seed only": (lambda: offset_over_spread(X), ValueError, ["units", "(seeds, batch, units)", "(6, 4)"]),
    "units that stand still": (lambda: offset_over_spread(np.ones((2, 6, 4))), ValueError, ["units", "change"]),
    "units in words": (lambda: offset_over_spread("many"), TypeError, ["units", "'many'"]),
    "products of gated layers": (
        lambda: jacobian_products(MLP([4, 5, 5, 3], SwiGLU()), X),
        ValueError,
        ["gated layer", "unit by unit"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_argument_is_named(name):
    assert_named(*MISTAKES[name])
