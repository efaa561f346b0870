"""Explorers in Python, without a browser: every slider is wired, and what is drawn and what is said agree."""

import base64
import io
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from oracle import CONTRACTS
from PIL import Image
from traitlets import TraitError

from acts import explorers, plots
from acts.catalog import ACTIVATIONS, UnknownActivation
from acts.data import digits
from acts.elementwise import gelu, gelu_tanh, leaky_relu, relu, relu6, sigmoid, silu, softplus, tanh
from acts.explorers import (
    AlphaLossExplorer,
    BoundaryExplorer,
    CliffExplorer,
    ConfidentRowExplorer,
    CurveExplorer,
    DeadUnitsExplorer,
    ExactZerosExplorer,
    Explorer,
    FanExplorer,
    GateExplorer,
    GateUnitExplorer,
    GeluByHandExplorer,
    GradientPathExplorer,
    GradientRaceExplorer,
    HingeExplorer,
    JacobianExplorer,
    LayerRatesExplorer,
    LeakySlopeExplorer,
    LostDigitsExplorer,
    LostTailExplorer,
    OffsetExplorer,
    RandomSlopesExplorer,
    RelativesExplorer,
    SaturationExplorer,
    SignalExplorer,
    SimplexExplorer,
    SingularValuesExplorer,
    SizeMapExplorer,
    SmoothingExplorer,
    StretchShiftExplorer,
    WidthExplorer,
)
from acts.explorers import base as explorer_base
from acts.network import INITIALISATIONS, MLP, SwiGLU, cross_entropy
from acts.probes import jacobian_products, rms, signal_path
from acts.recurrent import LSTM
from acts.softmax import log_softmax, softmax, softmax_cross_entropy, softmax_jacobian, swiglu

ROOT = Path(__file__).resolve().parents[1]
# A reader's own taste. The course's style sets some of it, some it leaves at matplotlib's default; the last one is read
# only when something is drawn.
TASTE = {"font.size": 30, "axes.grid": False, "figure.dpi": 30, "xtick.direction": "in", "axes.unicode_minus": False}
KINDS = [getattr(explorers, name) for name in explorers.__all__ if name != "Explorer"]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def explorer(request):
    return request.param()


def extremes(slider):
    """Return the two ends of a slider."""
    if hasattr(slider, "min"):
        return slider.min, slider.max
    return slider.options[0], slider.options[-1]


def elsewhere(slider):
    """Return an end of the slider at which it does not stand."""
    low, high = extremes(slider)
    return high if slider.value != high else low


def move_all(explorer):
    for slider in explorer.sliders.values():
        slider.value = elsewhere(slider)


def shown(explorer):
    """What a reader sees: the picture's bytes and the words."""
    return bytes(explorer.image.value), explorer.caption.value


def follows(explorer, name):
    """Does a move of this slider change picture and words?"""
    picture, words = shown(explorer)
    slider = explorer.sliders[name]
    slider.value = elsewhere(slider)
    return explorer.image.value != picture and explorer.caption.value != words


def pixels(explorer):
    """Return the picture as it was last drawn, (height, width, 3), before it became a PNG."""
    return np.asarray(explorer.figure.canvas.buffer_rgba())[..., :3].astype(int)


def numbers(text):
    """Return the numbers that a sentence says, without a full stop's dot or a thousand's comma."""
    return [float(found.replace(",", "")) for found in re.findall(r"-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?", text)]


def test_every_kind_of_explorer_is_tested():
    own = {kind for kind in Explorer.__subclasses__() if kind.__module__.startswith(f"{explorers.__name__}.")}
    assert own == set(KINDS)


def test_every_slider_moves_picture_and_words(explorer):
    for name in explorer.sliders:
        assert follows(explorer, name), f"{name} is not wired"
        explorer.reset()


def test_a_disconnected_slider_is_noticed(explorer):
    for name, slider in explorer.sliders.items():
        slider.unobserve_all()
        assert not follows(explorer, name)


def test_reset_brings_back_the_first_picture(explorer):
    first, values = shown(explorer), explorer.values
    move_all(explorer)
    assert shown(explorer) != first
    explorer.reset()
    assert explorer.values == values
    assert shown(explorer) == first


def test_the_button_resets_and_draws_only_once(explorer):
    first = shown(explorer)
    move_all(explorer)
    drawn = []
    explorer.image.observe(drawn.append, names="value")
    explorer.reset_button.click()
    assert shown(explorer) == first
    assert len(drawn) == 1


def test_sliders_still_work_after_reset(explorer):
    explorer.reset()
    assert all(follows(explorer, name) for name in explorer.sliders)


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_a_moved_picture_is_what_a_full_drawing_gives(explorer, moves):
    """Nothing is left over from earlier pictures, nothing is missing. Only what lies on top of what may differ."""
    for _ in range(moves):
        move_all(explorer)
    moved = pixels(explorer)
    for artist in explorer.artists.values():
        artist.set_animated(False)
    plots.styled(explorer.figure.canvas.draw)()
    different = np.abs(moved - pixels(explorer)).max(axis=-1) > 16
    assert different.mean() < 2e-3, f"{different.sum()} pixels differ"


def test_every_corner_gives_a_finite_picture(explorer):
    """Also without a warning: pytest makes each an error."""
    for corner in itertools.product(*(extremes(slider) for slider in explorer.sliders.values())):
        for slider, value in zip(explorer.sliders.values(), corner, strict=True):
            slider.value = value
        assert not re.search(r"\b(nan|inf)\b", explorer.words()), explorer.words()
        for name, artist in explorer.artists.items():
            if hasattr(artist, "get_ydata"):
                unknown = ~np.isfinite(artist.get_ydata())
                kinks = np.diff(unknown.astype(int)).clip(0).sum()
                assert unknown.sum() == kinks <= 2, f"{name} at {explorer.values}: gaps that are no kinks"
        ink = (pixels(explorer) < 200).any(axis=-1).mean()
        assert 0.005 < ink < 0.5


def test_the_bundle_has_widget_picture_and_words(explorer):
    data, metadata = explorer._repr_mimebundle_()
    again, _ = explorer._repr_mimebundle_()
    view = "application/vnd.jupyter.widget-view+json"
    assert set(data) == {view, "image/png", "text/plain"}
    assert data[view]["model_id"] == again[view]["model_id"]
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    size = metadata["image/png"]["width"], metadata["image/png"]["height"]
    assert picture.size == tuple(round(side * plots.STYLE["figure.dpi"] / plots.PIXELS_PER_INCH) for side in size)
    assert metadata["image/png"]["alt"] == data["text/plain"] == repr(explorer)
    assert len(data["text/plain"]) > 100


def test_text_says_title_values_and_what_to_look_for(explorer):
    text = repr(explorer)
    assert text.startswith(explorer.title) and explorer.look_for in text and explorer.words() in text
    assert all(f"{name} {value}" in text for name, value in explorer.values.items())


def test_the_view_can_be_found_and_used_by_all(explorer):
    """The class is what the browser test looks for; name, live region and keyboard serve readers who can't see it."""
    explorer._repr_mimebundle_()
    assert "acts-explorer" in explorer._view._dom_classes
    assert set(explorer._view.children) >= {*explorer.sliders.values(), explorer.image, explorer.caption}
    # Without the empty description ipywidgets 8.1 shows a JavaScript error in place of the picture.
    assert explorer.image.tooltip == explorer.title and explorer.image.description == ""
    assert 'aria-live="polite"' in explorer.caption.value
    for slider in explorer.sliders.values():
        assert slider.description and slider.readout and slider.continuous_update
        assert slider.tooltip  # without one, ipywidgets 8.1 shows "null" when the mouse rests on the label


def test_a_slider_holds_exactly_the_steps_it_shows():
    """Whatever comes back from the page is the number of a step: a value that has been left can't return as another."""
    made = explorer_base.slider("scale", 1.0, 0.25, 12.0, 0.25)
    assert (made.min, made.max, made.value, made.label) == (0.25, 12.0, 1.0, "1.00")
    made.value = 2.5
    assert made.get_state()["index"] == 9 and "value" not in made.get_state()
    made.value = 2.6  # between two steps: the nearest
    assert made.value == 2.5
    made.set_state({"index": 46})  # as the page says it
    assert made.value == 11.75
    with pytest.raises(TraitError):
        made.value = 13.0
    with pytest.raises(ValueError, match="form '.1f' writes two neighbours alike; steps of 0.05 need more digits"):
        explorer_base.slider("alpha", 0.0, 0.0, 1.0, 0.05, form=".1f")


def test_what_the_kernel_sends_to_the_page_is_a_png_and_not_large(explorer):
    assert bytes(explorer.image.value[:4]) == b"\x89PNG"
    assert len(explorer.image.value) < 50_000


def test_the_reader_s_settings_stay_out_and_ours_stay_in(explorer):
    first = shown(explorer)
    move_all(explorer)
    moved = shown(explorer)
    explorer.reset()
    with matplotlib.rc_context(TASTE):
        before = dict(matplotlib.rcParams)
        assert shown(type(explorer)()) == first
        move_all(explorer)
        assert shown(explorer) == moved
        explorer._repr_mimebundle_()
        assert dict(matplotlib.rcParams) == before


def test_the_same_text_in_every_process():
    program = "from acts import explorers\n" + "\n".join(f"print(explorers.{kind.__name__}())" for kind in KINDS)
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8"}
    printed = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True, cwd=ROOT, env=environment, encoding="utf-8", timeout=120, check=True,
    )  # fmt: skip
    assert printed.stderr == ""
    assert printed.stdout.splitlines() == [repr(kind()) for kind in KINDS]


# Each explorer: what the artists hold is what the words say, and both are true.


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_curve_of_every_activation(name):
    explorer = CurveExplorer(name)
    record = ACTIVATIONS[name]
    for gain, shift, point in [(1, 0, 1), (4, -4, 6), (0.25, 4, -6), (2.5, 1, 0)]:
        for key, value in {"gain": gain, "shift": shift, "point": point}.items():
            explorer.sliders[key].value = value
        artists, z = explorer.artists, gain * explorer.x + shift
        assert np.array_equal(artists["function"].get_ydata(), record.function(z))
        slopes = artists["derivative"].get_ydata()
        gaps = np.isnan(slopes)
        assert np.array_equal(slopes[~gaps], gain * record.derivative(z[~gaps]))
        within = [kink for kink in record.kinks if z[0] <= kink <= z[-1]]
        assert gaps.sum() == len(within) and np.allclose(z[gaps], within, atol=gain / 64)
        (x,), (height,) = artists["touching"].get_data()
        ends = artists["tangent"].get_xydata()
        slope = np.divide(*(ends[1] - ends[0])[::-1])
        assert (x, height) == (point, record.function(float(gain * point + shift)))
        assert ends.mean(axis=0) == pytest.approx([x, height])
        assert slope == pytest.approx(gain * record.derivative(float(gain * point + shift)))
        said = numbers(explorer.words())
        assert said[:3] == pytest.approx([x, height, slope], abs=6e-5)
        assert said[-1] == pytest.approx(np.nanmax(slopes), abs=6e-5)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_curve_says_where_it_is_steepest(name):
    explorer = CurveExplorer(name)
    explorer.sliders["gain"].value = 2.0
    explorer.sliders["shift"].value = 1.0
    x, slopes = explorer.x, explorer.artists["derivative"].get_ydata()
    assert ("steepest at the right" in explorer.words()) == (slopes[-1] == np.nanmax(slopes))
    if explorer.peaked:
        assert f"steepest at x = {x[np.nanargmax(slopes)]:.2f}" in explorer.words()
    # Only where the slope dies out on both sides does the tangent lie flat far from a peak.
    dies_out = CONTRACTS[name].limits[2:] == (0, 0)
    assert ("far from the peak the tangent lies flat" in explorer.look_for) == dies_out


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_curve_keeps_derivative_in_sight(name):
    explorer = CurveExplorer(name)
    explorer.sliders["gain"].value = explorer.sliders["gain"].max
    low, high = explorer.figure.axes[0].get_ylim()
    drawn = explorer.artists["derivative"].get_ydata()
    assert low < np.nanmin(drawn) and np.nanmax(drawn) < high


@pytest.mark.parametrize("kind", [CurveExplorer, GradientPathExplorer])
def test_an_unknown_activation_is_named(kind):
    with pytest.raises(UnknownActivation, match=r"unknown activation 'sigmoyd'. Did you mean 'sigmoid'\?"):
        kind("sigmoyd")


@pytest.mark.parametrize("zoom", [0, 2, 7])
@pytest.mark.parametrize("limit", list(SaturationExplorer.limits))
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_saturation_shows_the_true_edge(dtype, limit, zoom):
    explorer = SaturationExplorer()
    for name, value in {"dtype": dtype, "limit": limit, "zoom": zoom}.items():
        explorer.sliders[name].value = value
    value = explorer.limits[limit]
    side = 1 if value == 1 else -1
    edge = explorer.artists["edge"].get_xdata()[0]
    number = np.dtype(dtype).type
    assert sigmoid(number(edge)) == value
    assert sigmoid(np.nextafter(number(edge), number(0))) != value
    last = sigmoid(np.nextafter(number(edge), number(0)))
    assert explorer.step == abs(float(value) - float(last))
    x, computed = explorer.artists["computed"].get_data()
    drawn = value - side * computed * explorer.step
    assert np.array_equal(drawn, sigmoid(x.astype(dtype)).astype(float))
    true = explorer.artists["true"].get_ydata()
    inside = computed > 20  # where a step is small beside the value
    assert np.allclose(computed[inside], true[inside], rtol=0.06)
    said = numbers(explorer.words().split("exactly ", 1)[1])
    assert said[0] == value and said[1] == pytest.approx(edge, abs=6e-3)
    assert said[2] == pytest.approx(explorer.step, rel=0.06)
    assert said[3] == pytest.approx(abs(edge - x[0]), rel=1e-3)
    assert said[4] == pytest.approx(computed[0], rel=0.06)


@pytest.mark.parametrize("name", ["sigmoid", "relu"])
def test_gradient_path_says_what_it_draws(name):
    explorer = GradientPathExplorer(name)
    for depth, scale, start in [(10, 1.0, "xavier"), (20, 4.0, "orthogonal"), (1, 0.5, "pytorch")]:
        for key, value in {"depth": depth, "scale": scale, "initialisation": start}.items():
            explorer.sliders[key].value = value
        passed, median = explorer.artists["median"].get_data()
        assert np.array_equal(passed, np.arange(depth + 1)) and median[0] == 1
        assert explorer.path.shape == (explorer.seeds, depth + 1)
        assert np.array_equal(median, np.median(explorer.path, axis=0))
        band = explorer.artists["band"].get_paths()[0].vertices
        at_end = band[band[:, 0] == depth, 1]
        assert (at_end.min(), at_end.max()) == (explorer.path[:, -1].min(), explorer.path[:, -1].max())
        steepest = ACTIVATIONS[name].derivative_range[1]
        assert np.allclose(explorer.artists["bound"].get_ydata(), steepest**passed)
        said = numbers(explorer.words().replace("after", "").split("weights times", 1)[1])
        assert said[:2] == [scale, depth]
        assert said[2:5] == pytest.approx([median[-1], at_end.min(), at_end.max()], rel=0.06)
        assert said[5] == pytest.approx(median[-1] ** (1 / depth), abs=6e-3)


def test_gradient_path_at_the_first_sight_lies_below_the_bound():
    """Xavier's weights stretch by about 1 and the sigmoid's slope is at most ¼, so ten layers leave about 4⁻¹⁰."""
    explorer = GradientPathExplorer()
    assert 1e-8 < np.median(explorer.path[:, -1]) < 4.0**-10


@pytest.mark.parametrize("weights", ["Gaussian", "orthogonal"])
@pytest.mark.parametrize("depth, scale", [(1, 1.5), (10, 0.5), (20, 3.0)])
def test_singular_values_are_those_of_a_network_of_that_scale(depth, scale, weights):
    """The explorer scales the values instead of the weights."""
    explorer = SingularValuesExplorer()
    for name, value in {"depth": depth, "scale": scale, "weights": weights}.items():
        explorer.sliders[name].value = value
    start, factor = {"Gaussian": ("he", scale / np.sqrt(2)), "orthogonal": ("orthogonal", scale)}[weights]
    network = MLP([64] + [64] * 21 + [10], "relu", start, explorer.seeds, scale=factor)
    product = jacobian_products(network, digits(standardised=True).images[:1])[depth - 1][:, 0]
    true = np.linalg.svd(product, compute_uv=False)
    rank, drawn = explorer.artists["median"].get_data()
    assert np.array_equal(rank, np.arange(1, len(rank) + 1)) and len(rank) < 64
    np.testing.assert_allclose(drawn, np.median(true, axis=0)[: len(rank)], rtol=1e-6)
    typical = np.median(np.linalg.norm(product, axis=(1, 2)) / 8)
    assert explorer.artists["typical"].get_ydata()[0] == pytest.approx(typical)
    said = numbers(explorer.words().split(" = ")[1])
    assert said[0] == scale and said[2] == len(rank)
    assert said[1] == pytest.approx(drawn[0], rel=0.06) and said[-1] == pytest.approx(typical, rel=0.06)


@pytest.mark.parametrize("activation", ["ReLU", "ReLU6"])
def test_the_slope_of_the_cliff_is_that_of_its_loss(activation):
    w = np.array([-0.5, 0.6, 1.0, 1.1, 1.15, 1.3])
    explorer = CliffExplorer()
    _, slope = explorer.loss_and_slope(w, activation)
    ahead, behind = (explorer.loss_and_slope(w + step, activation)[0] for step in (1e-6, -1e-6))
    np.testing.assert_allclose(slope, (ahead - behind) / 2e-6, rtol=1e-6, atol=1e-9)


def test_at_the_cliff_only_clipped_steps_find_the_valley():
    explorer = CliffExplorer()
    valley = 2 ** (1 / 10)
    for clip, found in {"never": False, "100": True, "10": True, "2": True}.items():
        explorer.sliders["clip"].value = clip
        steps = np.diff(explorer.path)
        if clip != "never":
            assert np.abs(steps).max() <= explorer.rate * float(clip) * (1 + 1e-9)
        (end,), _ = explorer.artists["end"].get_data()
        assert (abs(end - valley) < 1e-3) == found, clip
        assert numbers(explorer.words())[-2:] == pytest.approx([explorer.path[-1], explorer.final_loss], abs=6e-4)
    explorer.sliders["clip"].value = "never"
    explorer.sliders["activation"].value = "ReLU6"
    assert (explorer.path == explorer.path[0]).all(), "on the plateau there is no slope"


# tanh's own explorers


def test_a_stretched_and_shifted_sigmoid_is_tanh_at_one_setting_only():
    explorer = StretchShiftExplorer()
    assert explorer.distance == pytest.approx(1.09, abs=0.01)
    exact = []
    for a, b, c in itertools.product([1.75, 2.0, 2.25], [1.75, 2.0, 2.25], [-1.25, -1.0, -0.75]):
        for name, value in {"a": a, "b": b, "c": c}.items():
            explorer.sliders[name].value = value
        moved, (_, bar) = explorer.artists["moved"].get_ydata(), explorer.artists["distance"].get_data()
        furthest = np.abs(moved - tanh(explorer.x)).max()
        assert explorer.distance == pytest.approx(furthest, abs=1e-9)
        assert abs(bar[0] - bar[1]) == pytest.approx(explorer.distance)
        if "the largest distance is 0" in explorer.words():
            exact.append((a, b, c))
        else:
            assert f"{furthest:.3f}" in explorer.words() and furthest > 0.01
    assert exact == [(2, 2, -1)]
    assert explorer.words() != StretchShiftExplorer().words()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_near_0_only_some_forms_of_tanh_stay_on_the_line(dtype):
    explorer = LostDigitsExplorer()
    explorer.sliders["dtype"].value = dtype
    eps = float(np.finfo(dtype).eps)
    for form, worst in [("2σ(2x) − 1", 0.5), ("exponentials", 0.5), ("expm1", 3 * eps), ("acts.tanh", 3 * eps)]:
        explorer.sliders["form"].value = form
        explorer.sliders["zoom"].value = 8
        assert explorer.edge == pytest.approx(4 * eps)
        assert explorer.error < worst and (explorer.error > 0.05) == (worst == 0.5)
        x, computed = explorer.artists["computed"].get_data()
        distinct = len(np.unique(computed[x > 0]))
        assert explorer.values_left == distinct and f"come out as {distinct} different" in explorer.words()
        assert (distinct < 20) == (worst == 0.5)
        explorer.sliders["zoom"].value = 9
        assert explorer.artists["computed"].get_ydata().any() == (worst < 0.5)
    assert np.allclose(explorer.artists["true"].get_ydata(), explorer.artists["true"].get_xdata(), rtol=1e-3)


def test_far_from_0_every_form_is_right():
    explorer = LostDigitsExplorer()
    explorer.sliders["zoom"].value = 0
    for form in explorer.forms:
        explorer.sliders["form"].value = form
        assert explorer.edge == 1 and explorer.error < 1e-15 and "less than 1e-15" in explorer.words()


def test_gradient_race_says_what_it_draws():
    explorer = GradientRaceExplorer()
    for depth, scale, start in [(10, 1.0, "xavier"), (30, 2.0, "orthogonal"), (1, 0.5, "pytorch")]:
        for key, value in {"depth": depth, "scale": scale, "initialisation": start}.items():
            explorer.sliders[key].value = value
        for name in explorer.names:
            passed, median = explorer.artists[name].get_data()
            path = explorer.paths[name]
            assert path.shape == (explorer.seeds, depth + 1) and np.array_equal(passed, np.arange(depth + 1))
            assert np.array_equal(median, np.median(path, axis=0)) and median[0] == 1
            band = explorer.artists[f"{name} band"].get_paths()[0].vertices
            at_end = band[band[:, 0] == depth, 1]
            assert (at_end.min(), at_end.max()) == (path[:, -1].min(), path[:, -1].max())
            assert f"{median[-1]:.0e} with {name} ({at_end.min():.0e} to {at_end.max():.0e})" in explorer.words()


def test_in_the_race_both_have_the_same_weights():
    explorer = GradientRaceExplorer()
    for start in INITIALISATIONS:
        if start != "lsuv":  # it looks at what the activation makes of the data
            first, second = (explorer.networks[name, start].weights for name in explorer.names)
            assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def hand_made_units():
    """Four records, one rate and seed, two layers of two units: never silent, revived, silent for good, at the end."""
    silent = np.zeros((4, 2, 1, 2, 2), dtype=bool)
    silent[1, 0, 0, 0, 1] = True
    silent[1:, 0, 0, 1, 0] = True
    silent[3, 0, 0, 1, 1] = True
    return DeadUnitsExplorer([0.1, 1.0], [0, 5, 10, 12], silent)


def test_dead_units_by_hand():
    explorer = hand_made_units()
    explorer.sliders["rate"].value = 0.1
    first, second = (explorer.artists[f"layer {k}"].get_segments() for k in (1, 2))
    assert [bar[:, 0].tolist() for bar in first] == [[5, 10]]
    assert [bar[:, 0].tolist() for bar in second] == [[5, 12], [10, 12]]  # the last one is drawn, though just begun
    assert all(bar[0, 1] == bar[1, 1] for bar in [*first, *second])
    assert numbers(explorer.words())[2:4] == [3, 1]
    assert "dead at the end: 0 of 2 in layer 1, 2 of 2 in layer 2" in explorer.words()
    explorer.sliders["rate"].value = 1.0
    assert not any(explorer.artists[f"layer {k}"].get_segments() for k in (1, 2))


def test_dead_units_draws_every_silent_record():
    explorer = DeadUnitsExplorer()
    for rate in explorer.rates:
        explorer.sliders["rate"].value = rate
        chosen = explorer.silent[:, explorer.rates.index(rate), 0]
        for layer in (0, 1):
            bars = explorer.artists[f"layer {layer + 1}"].get_segments()
            assert len(bars) == (np.diff(chosen[:, layer], axis=0, prepend=False) & chosen[:, layer]).sum()
            ends = sum(bar[1, 0] == explorer.steps[-1] for bar in bars)
            # One that was revived at the very last record also ends there.
            assert ends == (chosen[-1, layer] | (chosen[-2, layer] & ~chosen[-1, layer])).sum()


@pytest.mark.parametrize("shape", [(4, 2, 1, 2), (3, 2, 1, 2, 2), (4, 3, 1, 2, 2)])
def test_dead_units_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="silent must have shape .* 4 records and 2 rates; got"):
        DeadUnitsExplorer([0.1, 1.0], [0, 5, 10, 12], np.zeros(shape, dtype=bool))


def test_offset_explorer_counts_what_it_draws():
    explorer = OffsetExplorer()
    for layer, variance, biases in [(1, "2/n, He", 0.0), (6, "1/(3n), PyTorch", 1.0), (10, "4/n", 2.0)]:
        for key, value in {"layer": layer, "variance": variance, "biases": biases}.items():
            explorer.sliders[key].value = value
        alive, dead = (explorer.artists[name].get_xydata() for name in ("alive", "dead"))
        assert len(alive) + len(dead) == explorer.seeds * explorer.width
        assert explorer.share == len(dead) / (len(alive) + len(dead))
        assert (dead[:, 1] < 0).all()  # a unit whose mean is positive is positive for some image
        squares = np.concatenate([alive, dead]) ** 2
        assert squares.sum(axis=1).mean() == pytest.approx(1)
        low, high = explorer.figure.axes[0].get_xlim(), explorer.figure.axes[0].get_ylim()
        inside = np.concatenate([alive, dead])
        assert (inside[:, 0] < low[1]).all() and (np.abs(inside[:, 1]) < high[1]).all()


def test_without_biases_the_variance_kills_nobody():
    explorer = OffsetExplorer()
    dead = [explorer.measured[variance, 0.0][2].mean() for variance in explorer.variances]
    assert np.ptp(dead) < 0.01
    assert explorer.measured["1/(3n), PyTorch", 1.0][2][8].mean() > 0.4


def test_boundary_lies_where_the_score_changes_its_sign():
    explorer = BoundaryExplorer()
    for activation, units in [("none", 16), ("ReLU", 3), ("tanh", 8)]:
        explorer.sliders["activation"].value, explorer.sliders["units"].value = activation, units
        ground = explorer.artists["ground"].get_array()
        assert ground.shape == (explorer.side, explorer.side) and set(np.unique(ground)) == {0, 1}
        column = np.searchsorted(explorer.x, explorer.data.points[:, 0]), np.searchsorted(
            explorer.y, explorer.data.points[:, 1]
        )
        near = (ground[column[1], column[0]] == explorer.data.labels).mean()
        assert near == pytest.approx(explorer.right, abs=0.03)
        assert numbers(explorer.words())[:3] == pytest.approx([units, 320, 100 * explorer.right], abs=0.06)
        for x, y in np.concatenate(explorer.artists["boundary"].get_segments()):
            i, j = np.searchsorted(explorer.y, y), np.searchsorted(explorer.x, x)
            around = ground[max(i - 2, 0) : i + 2, max(j - 2, 0) : j + 2]
            assert around.min() == 0 and around.max() == 1
        assert len(explorer.artists["units"].get_segments()) == (0 if activation == "none" else units)


def test_boundary_without_an_activation_is_a_straight_line_and_with_three_relus_is_not():
    explorer = BoundaryExplorer()
    bent = {}
    for activation, units in [("none", 16), ("ReLU", 3)]:
        explorer.sliders["activation"].value, explorer.sliders["units"].value = activation, units
        points = np.concatenate(explorer.artists["boundary"].get_segments())
        bent[activation] = np.linalg.svd(points - points.mean(axis=0))[1][1] / len(points) ** 0.5
    assert bent["none"] < 1e-6 < 0.05 < bent["ReLU"]


def test_boundary_can_bend_only_at_a_unit_s_line():
    explorer = BoundaryExplorer()
    explorer.sliders["units"].value = 3
    hidden, _, biases, _ = explorer.networks["ReLU", 3, 320]
    for segment, weights, bias in zip(
        explorer.artists["units"].get_segments(), hidden.T, biases[0], strict=True
    ):
        np.testing.assert_allclose(segment @ weights + bias, 0, atol=1e-12)


def test_hinges_sum_up_and_the_error_is_the_largest():
    explorer = HingeExplorer()
    for name, value in zip(explorer.sliders, (0.625, -1.25, 0.0, 1.25), strict=True):
        explorer.sliders[name].value = value
    x, total = explorer.artists["sum"].get_data()
    parts = sum(explorer.artists[f"part {name}"].get_ydata() for name in explorer.names)
    np.testing.assert_allclose(total, parts, atol=1e-12)
    np.testing.assert_allclose(total[[0, 60, 120, 180]], [0, 0.625 * np.pi / 2, 0, -0.625 * np.pi / 2], atol=1e-12)
    assert explorer.largest == np.abs(total - np.sin(x)).max() == pytest.approx(0.22, abs=0.01)
    said = numbers(explorer.words())
    assert said == pytest.approx([0.625, -0.625, -0.625, 0.625, explorer.largest, explorer.where], abs=6e-3)
    (low, high), (left, right) = sorted(explorer.artists["error"].get_ydata()), explorer.artists["error"].get_xdata()
    assert high - low == pytest.approx(explorer.largest) and left == right == explorer.where


def test_width_shows_polynomials_that_stop_and_others_that_go_on():
    explorer = WidthExplorer()
    error = {}
    for target in explorer.targets:
        explorer.sliders["target"].value = target
        for activation in explorer.activations:
            explorer.sliders["activation"].value = activation
            for width in (2, 3, 64):
                explorer.sliders["width"].value = width
                fit, wanted = explorer.artists["fit"].get_ydata(), explorer.artists["target"].get_ydata()
                assert explorer.error == pytest.approx(np.sqrt(np.mean((fit - wanted) ** 2)))
                assert numbers(explorer.words())[-1] == pytest.approx(explorer.error, abs=6e-5)
                error[activation, width] = explorer.error
        assert error["x²", 2] == pytest.approx(error["x²", 64]) and error["x³", 3] == pytest.approx(error["x³", 64])
        assert max(error["ReLU", 64], error["tanh", 64]) < 0.5 * min(error["ReLU", 3], error["tanh", 3])


def test_gate_shows_the_lstm_it_names():
    explorer = GateExplorer()
    rows = digits(standardised=True).images.reshape(-1, 8)[: explorer.steps]
    for place, activation, scale, bias in [
        ("forget gate", "tanh", 2.0, 3.0), ("candidate", "ReLU", 0.5, 0.0), ("input gate", "ReLU6", 1.0, 1.0),
    ]:  # fmt: skip
        for name, value in dict(place=place, activation=activation, scale=scale, bias=bias).items():
            explorer.sliders[name].value = value
        swap = {explorer.places[place]: explorer.activations[activation]}
        trace = LSTM(8, explorer.units, seeds=[0], scale=scale, forget_bias=bias, **swap).forward(rows)
        for k in range(explorer.units):
            np.testing.assert_allclose(explorer.artists[f"unit {k}"].get_ydata(), trace.cell[0, :, k], rtol=1e-9)
        values = getattr(trace, explorer.places[place])
        said = numbers(explorer.words().split("forget bias", 1)[1])
        expected = [bias, np.abs(trace.cell).max(), 100 * ((values < 0) | (values > 1)).mean()]
        assert said[:3] == pytest.approx(expected, rel=0.06, abs=0.6)
        assert said[-1] == pytest.approx(100 * (trace.cell[:, 1:] < 0).mean(), abs=0.6)


def test_gate_explodes_only_where_the_forget_gate_exceeds_one():
    explorer = GateExplorer()
    largest = {}
    for place in explorer.places:
        for activation in explorer.activations:
            explorer.sliders["place"].value, explorer.sliders["activation"].value = place, activation
            largest[place, activation] = explorer.largest
    exploded = {key for key, value in largest.items() if value > 1e6}
    assert exploded == {("forget gate", "ReLU"), ("forget gate", "ReLU6")}


def test_gate_says_when_a_memory_overflows():
    explorer = GateExplorer()
    explorer.sliders["bias"].value, explorer.sliders["scale"].value = 3.0, 2.0
    if explorer.finite < explorer.steps:
        assert f"After {explorer.finite} steps it is too large for a float64." in explorer.words()
    assert np.isfinite(explorer.largest) and explorer.largest > 1e20
    drawn = np.concatenate([explorer.artists[f"unit {k}"].get_ydata() for k in range(explorer.units)])
    assert np.abs(drawn).max() == 2 * explorer.limit


@pytest.mark.parametrize("slope", [-0.05, 0.0, 0.25, 0.5, 1.0, 1.05])
@pytest.mark.parametrize("alpha", [0.0, 0.25, 1.0, 1.5])
@pytest.mark.parametrize("function", list(FanExplorer.kinks))
def test_fan_says_whether_the_line_is_ever_above_the_graph(function, alpha, slope):
    explorer = FanExplorer()
    for name, value in {"function": function, "alpha": alpha, "slope": slope}.items():
        explorer.sliders[name].value = value
    name, kink = function.split(" at ")
    graph = {"LeakyReLU": lambda x: leaky_relu(x, alpha), "ReLU": relu, "ReLU6": relu6}[name]
    far = float(kink) + np.concatenate([np.linspace(-500, 500, 4001), [0]])
    height = graph(float(kink))
    carries = (height + slope * (far - float(kink)) <= graph(far) + 1e-9).all()
    assert explorer.legal == carries
    assert ("somewhere above" in explorer.words()) == (not carries)
    drawn, line = explorer.artists["graph"].get_ydata(), explorer.artists["line"].get_ydata()
    np.testing.assert_allclose(drawn, graph(explorer.away + float(kink)) - height, atol=1e-12)
    np.testing.assert_allclose(line, slope * explorer.away, atol=1e-12)
    sides = [(graph(float(kink) + step) - height) / step for step in (-1e-3, 1e-3)]
    assert explorer.clarke == pytest.approx((min(sides), max(sides)))


@pytest.mark.parametrize("beta, shift, zoom", [(4, 0.0, 0), (128, 0.0, 8), (1, -3.0, 3), (16, 2.5, 5)])
def test_the_smooth_curve_has_the_slope_of_its_shift(beta, shift, zoom):
    explorer = SmoothingExplorer()
    for name, value in {"beta": beta, "shift": shift, "zoom": zoom}.items():
        explorer.sliders[name].value = value
    u, drawn = explorer.artists["smooth"].get_data()
    x = u * explorer.window
    np.testing.assert_allclose(drawn * explorer.window, softplus(beta * x + shift) / beta, rtol=1e-12)
    (x0, x1), (y0, y1) = explorer.artists["tangent"].get_data()
    step = 1e-6
    measured = (softplus(beta * step + shift) - softplus(-beta * step + shift)) / (2 * step * beta)
    assert (y1 - y0) / (x1 - x0) == pytest.approx(measured, rel=1e-6)
    assert numbers(explorer.words())[-2:] == pytest.approx([softplus(shift) / beta, measured], abs=6e-4)


@pytest.mark.parametrize("biases", ["zero", "random"])
@pytest.mark.parametrize("arithmetic", ExactZerosExplorer.arithmetics)
def test_exact_zeros_are_counted_and_alone_in_the_smallest_window(arithmetic, biases):
    explorer = ExactZerosExplorer()
    for name, value in {"arithmetic": arithmetic, "biases": biases, "zoom": 0}.items():
        explorer.sliders[name].value = value
    z = explorer.z[arithmetic][biases == "random"]
    assert explorer.counts.sum() == (np.abs(z) <= 1).sum() and z.size == explorer.total == 16_384
    assert numbers(explorer.words().split("biases: ")[1])[:2] == [(z == 0).sum(), z.size]
    explorer.sliders["zoom"].value = 14
    (_, zero), bars = explorer.artists["zero"].get_ydata(), explorer.artists["bars"].get_ydata()
    assert zero == (z == 0).sum() and bars[explorer.bins // 2] >= zero
    on_grid = "bit" in arithmetic and biases == "zero"
    assert (zero > 0) == (on_grid and arithmetic != "8-bit weights")  # there 3 are to be expected
    if on_grid:
        assert bars.sum() == zero


def test_weights_on_a_grid_are_near_the_exact_ones():
    explorer = ExactZerosExplorer()
    exact = explorer.z["float64"][0]
    error = [np.abs(explorer.z[name][0] - exact).max() for name in explorer.arithmetics]
    assert error[0] == 0 and error[1] < 0.02 and sorted(error[2:]) == error[2:] and error[2] < 0.2


@pytest.mark.parametrize("logits, temperature", [((2, 1, -1), 1), ((4, -4, 0.5), 0.1), ((-4, -4, -4), 10)])
@pytest.mark.parametrize("shift", [0, 3, -2.5])
def test_simplex_shows_the_shares_wherever_the_logits_are_shifted(logits, temperature, shift):
    explorer = SimplexExplorer()
    for name, value in {**dict(zip("ABC", logits, strict=True)), "all": shift, "T": temperature}.items():
        explorer.sliders[name].value = value
    shares = softmax(np.array(logits) / temperature)
    (x,), (y,) = explorer.artists["point"].get_data()
    # Barycentric coordinates, read back from the picture.
    third = y / np.sqrt(0.75)
    second = x - third / 2
    assert [1 - second - third, second, third] == pytest.approx(shares, abs=1e-12)
    bars = [segment[1, 1] for segment in explorer.artists["logits"].get_segments()]
    assert bars == pytest.approx(np.array(logits) + shift)
    said = numbers(explorer.words().replace("\u2212", "-"))
    assert said[:3] == pytest.approx(bars) and said[3] == temperature
    assert said[4:7] == pytest.approx(100 * shares, abs=0.06)
    kept = shares[shares > 0]
    assert said[7] == pytest.approx(-(kept * np.log(kept)).sum(), abs=6e-4)


def test_simplex_path_leads_through_the_point_from_the_corner_to_the_middle():
    explorer = SimplexExplorer()
    path = explorer.artists["path"].get_xydata()
    assert path[0] == pytest.approx(explorer.corners[0])
    assert path[-1] == pytest.approx(explorer.corners.mean(axis=0), abs=0.01)
    for temperature in (0.5, 1, 3):
        explorer.sliders["T"].value = temperature
        point = explorer.artists["point"].get_xydata()[0]
        assert np.hypot(*(path - point).T).min() < 0.01


@pytest.mark.parametrize("logits", [(1, 0.5), (6, 6), (6, -6), (0, 0)])
def test_jacobian_is_drawn_as_it_is(logits):
    explorer = JacobianExplorer()
    for i, value in enumerate(logits, start=1):
        explorer.sliders[f"x{i}"].value = value
    x = np.array([*logits, 0.0, -1.0])
    expected = softmax_jacobian(x)
    drawn = np.asarray(explorer.artists["jacobian"].get_array())
    assert np.array_equal(drawn, expected)
    for (i, j), entry in np.ndenumerate(expected):
        text = explorer.artists[f"entry {i + 1} {j + 1}"]
        assert text.get_position() == (j + 1, i + 1)
        assert float(text.get_text().replace("\u2212", "-")) == pytest.approx(entry, abs=0.0051)
    heights = {
        name: [segment[1, 1] for segment in explorer.artists[name].get_segments()] for name in ("shares", "eigenvalues")
    }
    assert heights["shares"] == pytest.approx(softmax(x))
    assert heights["eigenvalues"] == pytest.approx(np.linalg.eigvalsh(expected)[::-1], abs=1e-12)
    assert sum(heights["eigenvalues"]) == pytest.approx(np.trace(expected))
    said = numbers(explorer.words())
    assert said[4:8] == pytest.approx(softmax(x), abs=6e-4)
    assert said[8] == pytest.approx(heights["eigenvalues"][0], abs=6e-5) and said[8] <= 0.5


@pytest.mark.parametrize("dtype, last", [("float16", (7, 17)), ("float32", (16, 103)), ("float64", (36, 120))])
def test_confident_row_ends_where_each_form_loses_the_loss(dtype, last):
    explorer = ConfidentRowExplorer()
    explorer.sliders["dtype"].value = dtype
    shifted, careful = (explorer.artists[form] for form in explorer.forms[1:])
    assert (shifted.get_xdata().max(), careful.get_xdata().max()) == last
    x, loss = careful.get_data()
    rows = np.stack([x, np.zeros_like(x)], axis=-1).astype(dtype)
    assert np.array_equal(loss, -log_softmax(rows)[:, 0].astype(float))
    explorer.sliders["shows"].value = "gradient"
    x, size = careful.get_data()
    rows = np.stack([x, np.zeros_like(x)], axis=-1).astype(dtype)
    assert np.array_equal(size, np.abs(softmax_cross_entropy(rows, np.zeros(len(x), int))[1][:, 0]).astype(float))


def test_confident_row_says_what_overflows():
    explorer = ConfidentRowExplorer()
    for margin, words in [(100, "not a number"), (-120, "infinite"), (20, "share: 0;")]:
        explorer.sliders["margin"].value = margin
        assert words in explorer.words()
    assert explorer.found["acts"] == pytest.approx(np.exp(-20), rel=1e-6)


def test_leaky_slope_mean_and_variance_are_those_of_a_sample():
    explorer = LeakySlopeExplorer()
    explorer.sliders["alpha"].value, explorer.sliders["sigma"].value = -0.4, 1.5
    z = np.random.default_rng(0).normal(0, 1.5, 1_000_000)
    out = np.where(z > 0, z, -0.4 * z)
    assert explorer.mean == pytest.approx(out.mean(), abs=0.005)
    assert explorer.variance == pytest.approx(out.var(), abs=0.01)


def test_random_slopes_lie_between_the_bounds_and_the_means_are_those_of_many_draws():
    explorer = RandomSlopesExplorer()
    rng = np.random.default_rng(0)
    for way in explorer.ways:
        explorer.sliders["way"].value = way
        assert (1 / 8 <= explorer.slopes).all() and (explorer.slopes <= 1 / 3).all()
    assert explorer.means["divisions"] == pytest.approx((1 / rng.uniform(3, 8, 1_000_000)).mean(), abs=2e-4)
    assert explorer.means["frameworks"] == pytest.approx(11 / 48)
    assert explorer.means["paper"] == pytest.approx(2 / 11)


def test_the_tangent_in_alpha_touches_the_loss():
    explorer = AlphaLossExplorer()
    for layer in range(3):
        chords = (explorer.loss[layer, :, 2:] - explorer.loss[layer, :, :-2]) / (
            explorer.alphas[2:] - explorer.alphas[:-2]
        )
        assert np.abs(chords - explorer.gradient[layer, :, 1:-1]).max() < 0.1


@pytest.mark.parametrize("residual, normalise", [(0.0, "none"), (0.5, "none"), (1.0, "batch"), (0.0, "layer")])
def test_signals_are_those_of_a_network_of_that_design(residual, normalise):
    explorer = SignalExplorer()
    wanted = {"network": "ReLU, He", "depth": 7, "residual": residual, "normalise": normalise}
    for name, value in wanted.items():
        explorer.sliders[name].value = value
    network = MLP([64] + [32] * 20 + [10], "relu", "he", 5).shallower(7)
    network.residual, network.normalise = residual or None, None if normalise == "none" else normalise
    images, labels = digits(standardised=True)
    signal, gradient = signal_path(network, images[:64], labels[:64])
    assert explorer.artists["signal"].get_xdata().tolist() == list(range(1, 8))
    np.testing.assert_allclose(explorer.artists["signal"].get_ydata(), np.median(signal, axis=0))
    np.testing.assert_allclose(explorer.artists["gradient"].get_ydata(), np.median(gradient, axis=0))
    said = numbers(explorer.words())
    assert said[0] == 7 and said[-2] == pytest.approx(np.median(signal[:, -1]), rel=0.06)
    assert said[-1] == pytest.approx(np.median(gradient[:, 0]), rel=0.06)


def test_a_rate_for_each_layer_moves_each_by_its_own_factor():
    explorer = LayerRatesExplorer()
    explorer.sliders["factor"].value, explorer.sliders["rate"].value = 2.0, -2.0
    images, labels = digits(standardised=True)
    network = MLP([64] + [32] * 10 + [10], "sigmoid", "xavier", 5)
    _, gradients = cross_entropy(network, images[:64], labels[:64])
    drawn = explorer.artists["median"].get_ydata()
    for layer, (gradient, weights) in enumerate(zip(gradients.weights, network.weights, strict=True)):
        relative = rms(gradient, axis=(1, 2)) / rms(weights, axis=(1, 2))
        assert drawn[layer] == pytest.approx(np.median(0.01 * 2.0 ** (10 - layer) * relative))


# What came after ReLU.


@pytest.mark.parametrize("beta", [0.25, 1, 8])
@pytest.mark.parametrize("label", list(RelativesExplorer.records))
def test_relatives_are_sharpened_and_their_slopes_are_slopes(label, beta):
    explorer = RelativesExplorer()
    explorer.sliders["activation"].value, explorer.sliders["beta"].value = label, beta
    record, (x, heights) = explorer.records[label], explorer.artists["function"].get_data()
    np.testing.assert_array_equal(heights, record.function(beta * x) / beta)
    slopes = explorer.artists["derivative"].get_ydata()
    chords, between = np.diff(heights) / np.diff(x), (slopes[1:] + slopes[:-1]) / 2
    smooth = np.isfinite(between)
    np.testing.assert_allclose(chords[smooth], between[smooth], atol=0.004 * beta)
    assert np.isnan(slopes).sum() == sum(abs(kink) <= 4 * beta for kink in record.kinks)
    (where,), (lowest,) = explorer.artists["lowest"].get_data()
    said = numbers(explorer.words())
    expected = [beta, heights.min(), where, np.nanmin(slopes), np.nanmax(slopes), np.abs(heights - relu(x)).max()]
    assert lowest == heights.min() and said == pytest.approx(expected, abs=6e-3)


def test_size_map_is_what_a_wide_network_does():
    explorer = SizeMapExplorer()
    inputs = np.random.default_rng(0).normal(size=(40, 400))
    for label, name in [("SELU", "selu"), ("GELU", "gelu"), ("SwiGLU", None)]:
        explorer.sliders["activation"].value, explorer.sliders["start"].value = label, 2.0
        explorer.sliders["factor"].value = 1.2
        c = 1.2 * explorer.own
        network = MLP([400] * 4, name or SwiGLU(), "he", seeds=4, scale=np.sqrt(c / 2))
        network.weights[0] *= np.sqrt(2.0 / c)  # so that the first layer has size 2
        measured = [np.square(z).mean() for z in network.forward(inputs).pre_activations]
        np.testing.assert_allclose(explorer.sizes[:3], measured, rtol=0.12)
        assert numbers(explorer.words())[:2] == pytest.approx([1.2, explorer.own], abs=6e-4)


def test_size_map_says_who_is_stable():
    explorer, slope, end = SizeMapExplorer(), {}, {}
    for label in explorer.functions:
        explorer.sliders["activation"].value = label
        slope[label], end[label] = explorer.steepness, explorer.sizes[-1]
        assert numbers(explorer.words())[-1] == pytest.approx(explorer.steepness, abs=6e-3)
        p, sizes = explorer.artists["curve"].get_data()
        np.testing.assert_allclose(np.interp(0, np.log(p), np.log(sizes)), 0, atol=1e-3)
    assert slope["ReLU"] == pytest.approx(1, abs=1e-4) and end["ReLU"] == pytest.approx(4, rel=1e-3)
    assert slope["SELU"] == pytest.approx(0.7826, abs=1e-3)  # Klambauer et al. 2017: an eigenvalue of 0.782648
    assert slope["SELU"] < slope["ELU"] < 1 < slope["GELU"] < slope["SiLU"] < 1.5 < 2 < slope["SwiGLU"]
    assert abs(end["SELU"] - 1) < 0.1 and end["SwiGLU"] > 1e10
    corners = explorer.artists["steps"].get_xydata()
    assert (np.diff(corners, axis=0) == 0).any(axis=1).all(), "each step is upright or level"


def test_gelu_by_hand_is_off_by_what_it_says():
    explorer = GeluByHandExplorer()
    x, off = explorer.artists["tanh"].get_data()
    explorer.sliders["k"].value, explorer.sliders["zoom"].value = 1.7, 8
    explorer.sliders["c"].value = 0.0445
    off = {name: explorer.artists[name].get_ydata() for name in ("sigma", "tanh")}
    np.testing.assert_allclose(off["sigma"], silu(1.7 * x) / 1.7 - gelu(x), atol=1e-15)
    assert np.abs(off["tanh"] - (gelu_tanh(x) - gelu(x))).max() < 3e-4  # c is near the catalog's 0.044715
    said = numbers(explorer.words())
    assert said[1:4] == pytest.approx([np.abs(off["sigma"]).max(), 0.0445, np.abs(off["tanh"]).max()], abs=6e-6)
    assert said[1] > 40 * said[3] and said[-1] == pytest.approx(explorer.figure.axes[0].get_ylim()[1], abs=6e-5)


def test_lost_tail_shows_where_the_digits_go():
    explorer, lost = LostTailExplorer(), {}
    for form in explorer.forms:
        explorer.sliders["form"].value = form
        for dtype in ("float32", "float64"):
            explorer.sliders["dtype"].value = dtype
            sizes, digits = explorer.artists["digits"].get_data()
            few = sizes[digits < 0.75 * explorer.artists["all"].get_ydata()[0]]
            lost[form, dtype] = (few.min(), few.max()) if few.size else None
        explorer.sliders["size"].value = 1.5
        assert numbers(explorer.words())[-1] == pytest.approx(explorer.right, abs=0.06)
        (x,), (y,) = explorer.artists["here"].get_data()
        assert (x, y) == (10.0**1.5, explorer.right)
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
    explorer = GateUnitExplorer()
    for values in [(1, 0, 1, 0.5), (0, 1, 1, 0), (-2, 2, 0.5, -1.75)]:
        for slider, value in zip(explorer.sliders.values(), values, strict=True):
            slider.value = value
        v, a, w, b = values
        x, output = explorer.artists["output"].get_data()
        np.testing.assert_allclose(output, swiglu(v * x + a, w * x + b), rtol=1e-12)
        slope = explorer.artists["derivative"].get_ydata()
        np.testing.assert_allclose(np.gradient(output, x)[1:-1], slope[1:-1], atol=2e-3)
        said = numbers(explorer.words().replace("+", ""))
        assert said[-2:] == pytest.approx([output[120], slope[120]], abs=6e-4)
    assert explorer.x[120] == 0
