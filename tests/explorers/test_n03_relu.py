import numpy as np
import pytest
from sliders import numbers, shared, show

from acts.data import digits
from acts.explorers import CliffExplorer, SingularValuesExplorer
from acts.network import MLP
from acts.probes import jacobian_products


@pytest.mark.parametrize("weights", ["Gaussian", "orthogonal"])
@pytest.mark.parametrize("depth, scale", [(1, 1.5), (10, 0.5), (20, 3.0)])
def test_singular_values_are_those_of_a_network_of_that_scale(depth, scale, weights):
    """The explorer scales the values instead of the weights."""
    explorer = shared(SingularValuesExplorer)
    said = show(explorer, depth=depth, scale=scale, weights=weights)
    start, factor = {"Gaussian": ("he", scale / np.sqrt(2)), "orthogonal": ("orthogonal", scale)}[weights]
    network = MLP([64] + [64] * 21 + [10], "relu", start, explorer.seeds, scale=factor)
    product = jacobian_products(network, digits(standardised=True).images[:1])[depth - 1][:, 0]
    true = np.linalg.svd(product, compute_uv=False)
    rank, drawn = explorer.artists["median"].get_data()
    assert np.array_equal(rank, np.arange(1, len(rank) + 1)) and len(rank) < 64
    np.testing.assert_allclose(drawn, np.median(true, axis=0)[: len(rank)], rtol=1e-6)
    typical = np.median(np.linalg.norm(product, axis=(1, 2)) / 8)
    assert explorer.artists["typical"].get_ydata()[0] == pytest.approx(typical)
    said = numbers(said.split(" = ")[1])
    assert said[0] == scale and said[2] == len(rank)
    assert said[1] == pytest.approx(drawn[0], rel=0.06) and said[-1] == pytest.approx(typical, rel=0.06)


@pytest.mark.parametrize("activation", CliffExplorer.activations)
def test_the_slope_of_the_cliff_is_that_of_its_loss(activation):
    w = np.array([-0.5, 0.6, 1.0, 1.1, 1.15, 1.3])
    _, slope = CliffExplorer.loss_and_slope(w, activation)
    ahead, behind = (CliffExplorer.loss_and_slope(w + step, activation)[0] for step in (1e-6, -1e-6))
    np.testing.assert_allclose(slope, (ahead - behind) / 2e-6, rtol=1e-6, atol=1e-9)


def test_at_the_cliff_only_clipped_steps_find_the_valley():
    explorer = shared(CliffExplorer)
    valley = 2 ** (1 / 10)
    for clip, found in {"never": False, "100": True, "10": True, "2": True}.items():
        said = show(explorer, clip=clip)
        path, (end,) = explorer.artists["path"].get_xdata(), explorer.artists["end"].get_xdata()
        if clip != "never":
            assert np.abs(np.diff(path)).max() <= explorer.rate * float(clip) * (1 + 1e-9)
            assert numbers(said)[-2] == pytest.approx(path[-1], abs=6e-4)
        assert (abs(end - valley) < 1e-3) == found, clip
        assert numbers(said)[-1] == pytest.approx(explorer.final_loss, abs=6e-5)
    show(explorer, clip="never", activation="ReLU6")
    path = explorer.artists["path"].get_xdata()
    assert (path == path[0]).all(), "on the plateau there is no slope"


def test_at_the_cliff_every_start_has_its_own_path():
    explorer = shared(CliffExplorer)
    for start in explorer.starts:
        said = show(explorer, start=start, clip="2")
        assert explorer.artists["path"].get_xdata()[0] == start and f"w = {start:.2f} is" in said
