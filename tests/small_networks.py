"""Small networks for the tests: built, measured by finite differences, compared."""

import numpy as np
import pytest

from acts.catalog import ACTIVATIONS
from acts.network import INITIALISATIONS, MLP, Leaky, cross_entropy

each_activation = pytest.mark.parametrize("activation", sorted(ACTIVATIONS))

each_initialisation = pytest.mark.parametrize("initialisation", sorted(INITIALISATIONS))

each_depth = pytest.mark.parametrize("layers", [1, 2, 3, 4])

each_batch = pytest.mark.parametrize("batch", ["shared", "per seed"])

UNITS = [4, 3, 5, 2, 6]  # no two layers alike, so that a transposed matrix does not fit

SEEDS = [4, 0, 9]

ROWS = 7


def build(initialisation, sizes=(6, 5, 4, 3), activation="tanh", seeds=SEEDS, **kwargs):
    """A network of any initialisation, with data for the one that needs them."""
    inputs = np.random.default_rng(5).normal(0.3, 1, (20, sizes[0])) if initialisation == "lsuv" else None
    return MLP(sizes, activation, initialisation, seeds, inputs=inputs, **kwargs)


def parameters(network):
    return [*network.weights, *network.biases]


def assert_same_parameters(one, other, **tolerance):
    for a, b in zip(parameters(one), parameters(other), strict=True):
        np.testing.assert_allclose(a, b, **({"rtol": 0, "atol": 0} | tolerance))


# ── The backward pass ─────────────────────────────────────────────────────────────────────────────────────────────
#
# Against finite differences. All parameters are drawn anew, biases too: zeros and symmetric values hide mistakes.


STEP = 1e-4


def example(activation, layers, batch):
    """A network, a batch and labels for which no pre-activation is so near a kink that a step could cross it."""
    for draw in range(1000):
        rng = np.random.default_rng([draw, layers])
        network = MLP(UNITS[: layers + 1], activation, seeds=SEEDS)
        network.weights = [rng.normal(0.1, 0.7, w.shape) for w in network.weights]
        network.biases = [rng.choice([-1, 1], b.shape) * rng.uniform(0.1, 0.9, b.shape) for b in network.biases]
        lead = () if batch == "shared" else (len(SEEDS),)
        inputs = rng.normal(0.2, 1, (*lead, ROWS, UNITS[0]))
        labels = rng.integers(0, UNITS[layers], (*lead, ROWS))
        hidden = network.forward(inputs).pre_activations[:-1]
        kinks = ACTIVATIONS[activation].kinks
        if all(np.abs(z - kink).min() > 40 * STEP for z in hidden for kink in kinks):
            return network, inputs, labels, rng
    raise AssertionError("every draw is near a kink")


def slope(function, at, index):
    """Derivative of function() with respect to `at[index]`, central differences of fourth order; `at` is restored."""
    kept, values = at[index].copy(), {}
    for steps in (-2, -1, 1, 2):
        at[index] = kept + steps * STEP
        values[steps] = function()
    at[index] = kept
    return (8 * (values[1] - values[-1]) - (values[2] - values[-2])) / (12 * STEP)


def slopes(function, array):
    """Derivatives of function(), one value for each seed, with respect to all entries of array (seeds, …)."""
    found = np.empty_like(array)
    for index in np.ndindex(array.shape[1:]):
        found[:, *index] = slope(function, array, (slice(None), *index))
    return found


def assert_gradients(computed, measured):
    assert computed.shape == measured.shape
    assert np.abs(measured).max() > 1e-4, "a gradient of zeros would prove nothing"
    np.testing.assert_allclose(computed, measured, rtol=1e-8, atol=1e-9)


def leaky(**settings):
    network = MLP([4, 3, 5, 2], Leaky(0.3, **settings), "he", SEEDS)
    rng = np.random.default_rng(1)
    for part in parameters(network):
        part[:] = rng.normal(0, 0.7, part.shape)
    for layer in network.hidden:
        for alpha in layer.learned:
            alpha[:] = rng.uniform(-0.5, 1, alpha.shape)
    return network, rng.normal(size=(ROWS, 4)), rng.integers(0, 2, ROWS)


NET = MLP([4, 5, 5, 3], "tanh", seeds=2)

X, Y = np.random.default_rng(0).normal(size=(6, 4)), np.arange(6) % 3


def assert_named(call, error, words):
    """The call raises this very error, and its message has all the words."""
    with pytest.raises(error) as raised:
        call()
    missing = [word for word in words if word not in str(raised.value)]
    assert not missing, f"{missing} not in: {raised.value}"
    assert type(raised.value) is error


def small_gradients():
    """The gradients of three small networks, of one batch."""
    network = MLP([3, 4, 2], "tanh", "pytorch", seeds=3)
    return cross_entropy(network, np.random.default_rng(0).normal(size=(5, 3)), np.arange(5) % 2)[1]


def flat(gradients):
    """All gradients of weights and biases, (seeds, parameters)."""
    return np.concatenate([part.reshape(len(part), -1) for part in gradients.weights + gradients.biases], axis=1)
