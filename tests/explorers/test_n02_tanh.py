import itertools

import numpy as np
import pytest
from sliders import numbers, shared, show

from acts.data import digits
from acts.elementwise import tanh
from acts.explorers import GateExplorer, GradientRaceExplorer, LostDigitsExplorer, StretchShiftExplorer
from acts.network import INITIALISATIONS
from acts.recurrent import LSTM


def test_a_stretched_and_shifted_sigmoid_is_tanh_at_one_setting_only():
    explorer = shared(StretchShiftExplorer)
    show(explorer, a=1.0, b=1.0, c=0.0)
    assert explorer.distance == pytest.approx(1.09, abs=0.01)
    exact = []
    for a, b, c in itertools.product([1.75, 2.0, 2.25], [1.75, 2.0, 2.25], [-1.25, -1.0, -0.75]):
        said = show(explorer, a=a, b=b, c=c)
        moved, (_, bar) = explorer.artists["moved"].get_ydata(), explorer.artists["distance"].get_data()
        furthest = np.abs(moved - tanh(explorer.x)).max()
        assert explorer.distance == pytest.approx(furthest, abs=1e-9)
        assert abs(bar[0] - bar[1]) == pytest.approx(explorer.distance)
        if "the largest distance is 0" in said:
            exact.append((a, b, c))
        else:
            assert f"{furthest:.3f}" in said and furthest > 0.01
    assert exact == [(2, 2, -1)]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_near_0_only_some_forms_of_tanh_stay_on_the_line(dtype):
    explorer = shared(LostDigitsExplorer)
    eps = float(np.finfo(dtype).eps)
    for form, worst in [("2σ(2x) − 1", 0.5), ("exponentials", 0.5), ("expm1", 3 * eps), ("acts.tanh", 3 * eps)]:
        said = show(explorer, dtype=dtype, form=form, zoom=8)
        assert numbers(said.split("positive x up to")[1])[0] == pytest.approx(4 * eps, rel=0.06)
        (x, computed), true = explorer.artists["computed"].get_data(), explorer.artists["true"].get_ydata()
        assert np.allclose(true, x, rtol=1e-3)
        error = np.max(np.abs(computed - true)[x > 0.5] / true[x > 0.5])
        assert error < worst and (error > 0.05) == (worst == 0.5)
        assert ("less than 1e-15" if error < 1e-15 else f"up to {error:.0e}.") in said
        distinct = len(np.unique(computed[x > 0]))
        assert f"come out as {distinct} different" in said
        assert (distinct < 20) == (worst == 0.5)
        show(explorer, dtype=dtype, form=form, zoom=9)
        assert explorer.artists["computed"].get_ydata().any() == (worst < 0.5)


def test_far_from_0_every_form_is_right():
    explorer = shared(LostDigitsExplorer)
    for form in explorer.forms:
        said = show(explorer, form=form, dtype="float64", zoom=0)
        assert "positive x up to 1.0e+00" in said and "less than 1e-15" in said


def test_gradient_race_says_what_it_draws():
    explorer = shared(GradientRaceExplorer)
    for depth, scale, start in [(10, 1.0, "xavier"), (30, 2.0, "orthogonal"), (1, 0.5, "pytorch")]:
        values = {"depth": depth, "scale": scale, "initialisation": start}
        said, paths = show(explorer, **values), explorer.show_paths(values)
        for name, path in paths.items():
            passed, median = explorer.artists[name].get_data()
            assert path.shape == (explorer.seeds, depth + 1) and np.array_equal(passed, np.arange(depth + 1))
            assert np.array_equal(median, np.median(path, axis=0)) and median[0] == 1
            band = explorer.artists[f"{name} band"].get_paths()[0].vertices
            at_end = band[band[:, 0] == depth, 1]
            assert (at_end.min(), at_end.max()) == (path[:, -1].min(), path[:, -1].max())
            assert f"{median[-1]:.0e} with {name} ({at_end.min():.0e} to {at_end.max():.0e})" in said


def test_in_the_race_both_have_the_same_weights():
    explorer = shared(GradientRaceExplorer)
    for start in INITIALISATIONS:
        if start != "lsuv":  # it looks at what the activation makes of the data
            first, second = (explorer.networks[name, start].weights for name in ("sigmoid", "tanh"))
            assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_gate_shows_the_lstm_it_names():
    explorer = shared(GateExplorer)
    rows = digits(standardised=True).images.reshape(-1, 8)[: explorer.steps]
    for place, activation, scale, bias in [
        ("forget gate", "tanh", 2.0, 3.0),
        ("candidate", "ReLU", 0.5, 0.0),
        ("input gate", "ReLU6", 1.0, 1.0),
    ]:
        said = show(explorer, place=place, activation=activation, scale=scale, bias=bias)
        swap = {explorer.places[place]: explorer.activations[activation]}
        trace = LSTM(8, explorer.units, seeds=[0], scale=scale, forget_bias=bias, **swap).forward(rows)
        for k in range(explorer.units):
            np.testing.assert_allclose(explorer.artists[f"unit {k}"].get_ydata(), trace.cell[0, :, k], rtol=1e-9)
        values = getattr(trace, explorer.places[place])
        expected = [bias, np.abs(trace.cell).max(), 100 * ((values < 0) | (values > 1)).mean()]
        said = numbers(said.split("forget bias", 1)[1])
        assert said[:3] == pytest.approx(expected, rel=0.06, abs=0.6)
        assert said[-1] == pytest.approx(100 * (trace.cell[:, 1:] < 0).mean(), abs=0.6)


def test_gate_explodes_only_where_the_forget_gate_exceeds_one():
    explorer = shared(GateExplorer)
    largest = {}
    for place, activation in itertools.product(explorer.places, explorer.activations):
        show(explorer, place=place, activation=activation)
        largest[place, activation] = explorer.largest
    exploded = {key for key, value in largest.items() if value > 1e6}
    assert exploded == {("forget gate", "ReLU"), ("forget gate", "ReLU6")}


def test_gate_says_when_a_memory_overflows():
    explorer = shared(GateExplorer)
    said = show(explorer, bias=3.0, scale=2.0)
    drawn = [explorer.artists[f"unit {k}"].get_ydata() for k in range(explorer.units)]
    finite = len(drawn[0]) - 1
    assert (f"After {finite} steps it is too large for a float64." in said) == (finite < explorer.steps)
    assert np.isfinite(explorer.largest) and explorer.largest > 1e20
    assert np.abs(drawn).max() == 2 * explorer.limit
