"""What the checks of 08_why_deep_networks_were_hard hold for right is right: derived once more, measured once more."""

import numpy as np
import pytest

from acts.data import digits
from acts.network import MLP
from acts.training import sweep
from acts_exercises.n08_why_deep_networks_were_hard import (
    DESIGN,
    THOUSANDTH,
    block_backward,
    block_case,
    frozen,
    layer_norm_case,
    normalisation_backward,
    small_network,
)


def differences(loss, at, step=1e-6):
    """Return the gradient of loss(at) by central differences."""
    found = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        bump = np.zeros_like(at)
        bump[place] = step
        found[place] = (loss(at + bump) - loss(at - bump)) / (2 * step)
    return found


@pytest.mark.parametrize("size", [{}, {"batch": 6, "units": 5, "seed": 8}])
def test_the_gradients_of_the_block_are_those_of_finite_differences(size):
    h, weights, biases, upstream, r = block_case(**size)

    def loss(h, weights, biases):
        return np.sum(upstream * (h + r * np.maximum(h @ weights + biases, 0)))

    expected = (
        differences(lambda x: loss(x, weights, biases), h),
        differences(lambda x: loss(h, x, biases), weights),
        differences(lambda x: loss(h, weights, x), biases),
    )
    on = np.mean(h @ weights + biases > 0)
    assert 0.2 < on < 0.8  # so that a forgotten slope is seen
    for got, true in zip(block_backward(h, weights, biases, upstream, r), expected, strict=True):
        assert np.allclose(got, true, atol=1e-8)


def test_the_gradient_of_the_normalisation_is_that_of_finite_differences():
    z, upstream = layer_norm_case()

    def loss(z):
        return np.sum(upstream * (z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True))

    assert np.allclose(normalisation_backward(z, upstream), differences(loss, z), atol=1e-8)


def test_the_prediction_is_that_of_the_law():
    left = (1 / 6) ** (np.arange(20) / 2)
    assert np.argmax(left < 1e-3) == 8
    assert THOUSANDTH.judge(8)


def test_frozen_statistics_are_those_of_batch_norm_when_the_reference_itself_is_asked_about():
    network, reference, _ = small_network()
    assert np.allclose(frozen(network, reference, reference), network.forward(reference).output[0], atol=1e-6)


def test_an_image_alone_is_nothing_to_batch_norm():
    network, _, images = small_network()
    assert not network.forward(images[:1]).pre_activations[0].any()


def test_the_experiment_measured_once_more_is_accepted():
    sets = digits(standardised=True).split()

    def tuned(activation, start):
        def build(seeds):
            return MLP([64] + 10 * [32] + [10], activation, start, seeds, dtype=np.float32)

        return sweep(build, [0.04, 0.16, 0.64], *sets, steps=60).tuned

    tanh, relu = tuned("tanh", "orthogonal"), tuned("relu", "he")
    medians = [np.median(a) for a in (tanh, relu, tuned("sigmoid", "centred"), tuned("relu", "pytorch"))]
    names = ("tanh", "relu", "sigmoid", "relu, default", "worst tanh", "best relu")
    assert DESIGN.judge(dict(zip(names, [*medians, tanh.min(), relu.max()], strict=True)))
