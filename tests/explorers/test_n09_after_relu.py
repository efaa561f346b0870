import numpy as np
import pytest
from sliders import numbers, shared, show

from acts.elementwise import gelu, gelu_tanh, relu, silu, swiglu
from acts.explorers import (
    GateUnitExplorer,
    GeluByHandExplorer,
    LostTailExplorer,
    RelativesExplorer,
    SizeMapExplorer,
)
from acts.network import MLP, SwiGLU


@pytest.mark.parametrize("beta", [0.25, 1, 8])
@pytest.mark.parametrize("label", RelativesExplorer.records)
def test_relatives_are_sharpened_and_their_slopes_are_slopes(label, beta):
    explorer = shared(RelativesExplorer)
    said = show(explorer, activation=label, beta=beta)
    record, (x, heights) = explorer.records[label], explorer.artists["function"].get_data()
    np.testing.assert_array_equal(heights, record.function(beta * x) / beta)
    slopes = explorer.artists["derivative"].get_ydata()
    chords, between = np.diff(heights) / np.diff(x), (slopes[1:] + slopes[:-1]) / 2
    smooth = np.isfinite(between)
    np.testing.assert_allclose(chords[smooth], between[smooth], atol=0.004 * beta)
    assert np.isnan(slopes).sum() == sum(abs(kink) <= 4 * beta for kink in record.kinks)
    (where,), (lowest,) = explorer.artists["lowest"].get_data()
    assert explorer.away == np.abs(heights - relu(x)).max()
    expected = [beta, heights.min(), where, np.nanmin(slopes), np.nanmax(slopes), explorer.away]
    assert lowest == heights.min() and numbers(said) == pytest.approx(expected, abs=6e-3)


def test_size_map_is_what_a_wide_network_does():
    explorer = shared(SizeMapExplorer)
    inputs = np.random.default_rng(0).normal(size=(40, 400))
    for label, name in [("SELU", "selu"), ("GELU", "gelu"), ("SwiGLU", None)]:
        said = show(explorer, activation=label, start=2.0, factor=1.2)
        critical = 1 / explorer.mean_square(label, 1.0)[0]
        c = 1.2 * critical
        network = MLP([400] * 4, name or SwiGLU(), "he", seeds=4, scale=np.sqrt(c / 2))
        network.weights[0] *= np.sqrt(2.0 / c)  # so that the first layer has size 2
        measured = [np.square(z).mean() for z in network.forward(inputs).pre_activations]
        np.testing.assert_allclose(explorer.sizes[:3], measured, rtol=0.12)
        assert numbers(said)[:2] == pytest.approx([1.2, critical], abs=6e-4)


def test_size_map_says_who_is_stable():
    explorer, slope, end = shared(SizeMapExplorer), {}, {}
    for label in explorer.functions:
        said = show(explorer, activation=label, start=4.0, factor=1.0)
        slope[label], end[label] = explorer.steepness(label), explorer.sizes[-1]
        assert numbers(said)[-1] == pytest.approx(slope[label], abs=6e-3)
        p, sizes = explorer.artists["curve"].get_data()
        np.testing.assert_allclose(np.interp(0, np.log(p), np.log(sizes)), 0, atol=1e-3)
    assert slope["ReLU"] == pytest.approx(1, abs=1e-4) and end["ReLU"] == pytest.approx(4, rel=1e-3)
    assert slope["SELU"] == pytest.approx(0.7826, abs=1e-3)  # Klambauer et al. 2017: an eigenvalue of 0.782648
    assert slope["SELU"] < slope["ELU"] < 1 < slope["GELU"] < slope["SiLU"] < 1.5 < 2 < slope["SwiGLU"]
    assert abs(end["SELU"] - 1) < 0.1 and end["SwiGLU"] > 1e10
    corners = explorer.artists["steps"].get_xydata()
    assert (np.diff(corners, axis=0) == 0).any(axis=1).all(), "each step is upright or level"


def test_gelu_by_hand_is_off_by_what_it_says():
    explorer = shared(GeluByHandExplorer)
    said = numbers(show(explorer, k=1.7, zoom=8, c=0.0445))
    x = explorer.x
    off = {name: explorer.artists[name].get_ydata() for name in ("sigma", "tanh")}
    np.testing.assert_allclose(off["sigma"], silu(1.7 * x) / 1.7 - gelu(x), atol=1e-15)
    assert np.abs(off["tanh"] - (gelu_tanh(x) - gelu(x))).max() < 3e-4  # c is near the catalog's 0.044715
    assert explorer.worst == {name: np.abs(difference).max() for name, difference in off.items()}
    assert said[1:4] == pytest.approx([explorer.worst["sigma"], 0.0445, explorer.worst["tanh"]], abs=6e-6)
    assert said[1] > 40 * said[3] and said[-1] == pytest.approx(explorer.figure.axes[0].get_ylim()[1], abs=6e-5)


def test_lost_tail_shows_where_the_digits_go():
    explorer, lost = shared(LostTailExplorer), {}
    for form in explorer.forms:
        for dtype in ("float32", "float64"):
            said = show(explorer, form=form, dtype=dtype, size=1.5)
            sizes, digits = explorer.artists["digits"].get_data()
            few = sizes[digits < 0.75 * explorer.artists["all"].get_ydata()[0]]
            lost[form, dtype] = (few.min(), few.max()) if few.size else None
            (x,), (right,) = explorer.artists["here"].get_data()
            assert x == 10.0**1.5 and numbers(said)[-1] == pytest.approx(right, abs=0.06)
            assert right == explorer.digits_right(form, dtype, [x])[2][0]
    elu, silu_, mish_, gelu_ = (
        lost[next(form for form in explorer.forms if form.startswith(name)), "float64"]
        for name in ("ELU", "SiLU", "Mish", "GELU")
    )
    assert elu[0] == pytest.approx(1e-6) and 1e-5 < elu[1] < 1e-2
    assert 705 < silu_[0] < silu_[1] < 755 and 5 < mish_[0] < 40 and 2 < gelu_[0] < 5 and 35 < gelu_[1] < 40
    assert 700 < lost["softplus: log(1 + eˣ), x > 0", "float64"][0] < 720
    low, high = lost["softplus: x from 20 on", "float64"]
    assert 20 < low < high < 27 and lost["softplus: x from 20 on", "float32"] is None


def test_gate_unit_is_swiglu_and_its_slope_the_slope():
    explorer = shared(GateUnitExplorer)
    for v, a, w, b in [(1, 0, 1, 0.5), (0, 1, 1, 0), (-2, 2, 0.5, -1.75)]:
        said = show(explorer, **{"value slope": v, "value bias": a, "gate slope": w, "gate bias": b})
        x, output = explorer.artists["output"].get_data()
        np.testing.assert_allclose(output, swiglu(v * x + a, w * x + b), rtol=1e-12)
        slope = explorer.artists["derivative"].get_ydata()
        np.testing.assert_allclose(np.gradient(output, x)[1:-1], slope[1:-1], atol=2e-3)
        assert numbers(said.replace("+", ""))[-2:] == pytest.approx([output[120], slope[120]], abs=6e-4)
        assert x[120] == 0
