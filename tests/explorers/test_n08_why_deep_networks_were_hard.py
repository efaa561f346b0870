import numpy as np
import pytest
from sliders import numbers, shared, show

from acts.data import digits
from acts.explorers import LayerRatesExplorer, SignalExplorer
from acts.network import MLP, cross_entropy
from acts.probes import rms, signal_path


@pytest.mark.parametrize("residual, normalise", [(0.0, "none"), (0.5, "none"), (1.0, "batch"), (0.0, "layer")])
def test_signals_are_those_of_a_network_of_that_design(residual, normalise):
    explorer = shared(SignalExplorer)
    said = show(explorer, network="ReLU, He", depth=7, residual=residual, normalise=normalise)
    network = MLP([64] + [32] * 20 + [10], "relu", "he", 5).shallower(7)
    network.residual, network.normalise = residual or None, None if normalise == "none" else normalise
    images, labels = digits(standardised=True)
    signal, gradient = signal_path(network, images[:64], labels[:64])
    assert explorer.artists["signal"].get_xdata().tolist() == list(range(1, 8))
    np.testing.assert_allclose(explorer.artists["signal"].get_ydata(), np.median(signal, axis=0))
    np.testing.assert_allclose(explorer.artists["gradient"].get_ydata(), np.median(gradient, axis=0))
    said = numbers(said)
    assert said[0] == 7 and said[-2] == pytest.approx(np.median(signal[:, -1]), rel=0.06)
    assert said[-1] == pytest.approx(np.median(gradient[:, 0]), rel=0.06)


def test_a_rate_for_each_layer_moves_each_by_its_own_factor():
    explorer = shared(LayerRatesExplorer)
    said = show(explorer, factor=2.0, rate=-2.0)
    images, labels = digits(standardised=True)
    network = MLP([64] + [32] * 10 + [10], "sigmoid", "xavier", 5)
    _, gradients = cross_entropy(network, images[:64], labels[:64])
    drawn = explorer.artists["median"].get_ydata()
    for layer, (gradient, weights) in enumerate(zip(gradients.weights, network.weights, strict=True)):
        relative = rms(gradient, axis=(1, 2)) / rms(weights, axis=(1, 2))
        assert drawn[layer] == pytest.approx(np.median(0.01 * 2.0 ** (10 - layer) * relative))
    assert numbers(said)[-2:] == pytest.approx(drawn[[0, -1]], rel=0.06)
