import itertools

import numpy as np
import pytest
from sliders import numbers, shared, show

from acts.elementwise import leaky_relu, relu, relu6, softplus
from acts.explorers import ExactZerosExplorer, FanExplorer, SmoothingExplorer


@pytest.mark.parametrize("function", FanExplorer.kinks)
def test_fan_says_whether_the_line_is_ever_above_the_graph(function):
    explorer = shared(FanExplorer)
    name, kink = function.split(" at ")
    kink = float(kink)
    far = kink + np.concatenate([np.linspace(-500, 500, 4001), [0]])
    for alpha, slope in itertools.product([0.0, 0.25, 1.0, 1.5], [-0.05, 0.0, 0.25, 0.5, 1.0, 1.05]):
        said = show(explorer, function=function, alpha=alpha, slope=slope)
        graph = {"LeakyReLU": lambda x, alpha=alpha: leaky_relu(x, alpha), "ReLU": relu, "ReLU6": relu6}[name]
        height = graph(kink)
        carries = (height + slope * (far - kink) <= graph(far) + 1e-9).all()
        assert ("nowhere above" in said, "somewhere above" in said) == (carries, not carries), said
        drawn, line = explorer.artists["graph"].get_ydata(), explorer.artists["line"].get_ydata()
        np.testing.assert_allclose(drawn, graph(explorer.x + kink) - height, atol=1e-12)
        np.testing.assert_allclose(line, slope * explorer.x, atol=1e-12)
        sides = sorted((graph(kink + step) - height) / step for step in (-1e-3, 1e-3))
        assert numbers(said)[-2:] == pytest.approx(sides)
        if "Subgradients here: none" not in said:
            least, most = numbers(said.split("those in")[1])[:2]
            assert (least <= slope <= most) == carries


@pytest.mark.parametrize("beta, shift, zoom", [(4, 0.0, 0), (128, 0.0, 8), (1, -3.0, 3), (16, 2.5, 5)])
def test_the_smooth_curve_has_the_slope_of_its_shift(beta, shift, zoom):
    explorer = shared(SmoothingExplorer)
    said = show(explorer, beta=beta, shift=shift, zoom=zoom)
    u, drawn = explorer.artists["smooth"].get_data()
    window = 2.0**-zoom
    assert f"a window of {window:g} to each side" in said
    np.testing.assert_allclose(drawn * window, softplus(beta * u * window + shift) / beta, rtol=1e-12)
    (x0, x1), (y0, y1) = explorer.artists["tangent"].get_data()
    step = 1e-6
    measured = (softplus(beta * step + shift) - softplus(-beta * step + shift)) / (2 * step * beta)
    assert (y1 - y0) / (x1 - x0) == pytest.approx(measured, rel=1e-6)
    assert explorer.height == pytest.approx(softplus(shift) / beta)
    assert numbers(said)[-2:] == pytest.approx([explorer.height, measured], abs=6e-4)


@pytest.mark.parametrize("biases", ["zero", "random"])
@pytest.mark.parametrize("arithmetic", ExactZerosExplorer.arithmetics)
def test_exact_zeros_are_counted_and_alone_in_the_smallest_window(arithmetic, biases):
    explorer = shared(ExactZerosExplorer)
    said = show(explorer, arithmetic=arithmetic, biases=biases, zoom=0)
    z = explorer.z[arithmetic, biases]
    assert explorer.artists["bars"].get_ydata().sum() == (np.abs(z) <= 1).sum() and z.size == 16_384
    assert numbers(said.split("biases: ")[1])[:2] == [(z == 0).sum(), z.size]
    show(explorer, arithmetic=arithmetic, biases=biases, zoom=14)
    (_, zero), bars = explorer.artists["zero"].get_ydata(), explorer.artists["bars"].get_ydata()
    assert zero == explorer.exact == (z == 0).sum() and bars[explorer.bins // 2] >= zero
    on_grid = arithmetic in explorer.bits and biases == "zero"
    assert (zero > 0) == (on_grid and arithmetic != "8-bit weights")  # there 3 are to be expected
    if on_grid:
        assert bars.sum() == zero


def test_weights_on_a_grid_are_near_the_exact_ones():
    z = shared(ExactZerosExplorer).z
    error = [np.abs(z[name, "zero"] - z["float64", "zero"]).max() for name in ExactZerosExplorer.arithmetics]
    assert error[0] == 0 and error[1] < 0.02 and sorted(error[2:]) == error[2:] and error[2] < 0.2
