import numpy as np
import pytest
from sliders import numbers, shared, show

from acts.explorers import AlphaLossExplorer, LeakySlopeExplorer, RandomSlopesExplorer


def test_leaky_slope_mean_and_variance_are_those_of_a_sample():
    explorer = shared(LeakySlopeExplorer)
    said = show(explorer, alpha=-0.4, sigma=1.5)
    z = np.random.default_rng(0).normal(0, 1.5, 1_000_000)
    out = np.where(z > 0, z, -0.4 * z)
    mean, (low, high) = explorer.artists["mean"].get_ydata()[0], explorer.artists["spread"].get_ydata()
    assert mean == pytest.approx(out.mean(), abs=0.005) and (low + high) / 2 == pytest.approx(mean)
    assert ((high - low) / 2) ** 2 == pytest.approx(out.var(), abs=0.01)
    assert f"mean {mean:.3f} and variance {((high - low) / 2) ** 2:.3f}" in said


def test_random_slopes_lie_between_the_bounds_and_the_means_are_those_of_many_draws():
    explorer = shared(RandomSlopesExplorer)
    for way in explorer.ways:
        said = show(explorer, way=way)
        slopes = np.array([-end for (_, (_, end)) in explorer.artists["fan"].get_segments()])
        assert len(slopes) == explorer.draws and (1 / 8 <= slopes).all() and (slopes <= 1 / 3).all()
        assert f"their mean slope is {slopes.mean():.4f}" in said
    draws = np.random.default_rng(0).uniform(3, 8, 1_000_000)
    assert explorer.means["divisions"] == pytest.approx((1 / draws).mean(), abs=2e-4)
    assert explorer.means["frameworks"] == pytest.approx(11 / 48)
    assert explorer.means["paper"] == pytest.approx(2 / 11)


def test_the_tangent_in_alpha_touches_the_loss():
    explorer = shared(AlphaLossExplorer)
    for layer in range(3):
        chords = (explorer.loss[layer, :, 2:] - explorer.loss[layer, :, :-2]) / (
            explorer.alphas[2:] - explorer.alphas[:-2]
        )
        assert np.abs(chords - explorer.gradient[layer, :, 1:-1]).max() < 0.1
    said = show(explorer, alpha=0.5, layer=2, seed=1)
    (x, y), ends = explorer.artists["point"].get_xydata()[0], explorer.artists["tangent"].get_xydata()
    slope = np.divide(*np.diff(ends, axis=0)[0, ::-1])
    assert ends.mean(axis=0) == pytest.approx([x, y]) and x == 0.5 and y in explorer.artists["loss"].get_ydata()
    assert numbers(said.replace("+", ""))[2:5] == pytest.approx([0.5, y, slope], abs=6e-4)
