"""Explorers in Python, without a browser: every slider is wired, and what is drawn and what is said agree.

Here stands what concerns all explorers, or those that several pages share; what concerns one page is in explorers/.
"""

import base64
import io
import itertools
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from oracle import CONTRACTS
from PIL import Image
from sliders import numbers, shared, show
from traitlets import TraitError

from acts import explorers, plots
from acts.catalog import ACTIVATIONS, UnknownActivation
from acts.explorers import CurveExplorer, Explorer, GradientPathExplorer
from acts.explorers import base as explorer_base

ROOT = Path(__file__).resolve().parents[1]
# A reader's own taste. The course's style sets some of it, some it leaves at matplotlib's default; the last one is read
# only when something is drawn.
TASTE = {"font.size": 30, "axes.grid": False, "figure.dpi": 30, "xtick.direction": "in", "axes.unicode_minus": False}
KINDS = [getattr(explorers, name) for name in explorers.__all__ if name != "Explorer"]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def explorer(request):
    explorer = shared(request.param)
    explorer.reset()
    return explorer


def extremes(slider):
    """Return the two ends of a slider."""
    if hasattr(slider, "min"):
        return slider.min, slider.max
    return slider.options[0], slider.options[-1]


def settings_of(explorer, count):
    """Return settings drawn at random, dicts of values; always the same for the same explorer."""
    rng = random.Random(explorer.title)

    def draw(slider):
        if hasattr(slider, "options"):
            return rng.choice([option[1] if isinstance(option, tuple) else option for option in slider.options])
        return rng.randint(slider.min, slider.max)

    return [{name: draw(slider) for name, slider in explorer.sliders.items()} for _ in range(count)]


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


def kinds_below(kind):
    """Return the subclasses of an explorer that have none themselves."""
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*map(kinds_below, below))


def test_every_kind_of_explorer_is_tested():
    own = {kind for kind in kinds_below(Explorer) if kind.__module__.startswith(f"{explorers.__name__}.")}
    assert own == set(KINDS)


def test_every_slider_moves_picture_and_words(explorer):
    for name in explorer.sliders:
        assert follows(explorer, name), f"{name} is not wired"
        explorer.reset()


def test_a_disconnected_slider_is_noticed(explorer):
    for name, slider in explorer.sliders.items():
        slider.unobserve(explorer._moved, names="value")
        noticed = not follows(explorer, name)
        slider.observe(explorer._moved, names="value")
        assert noticed, f"{name} moves the picture though it is not wired"


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


def drawn_in_full(explorer):
    """Return the pixels when all is drawn anew, the moving and the still parts."""
    for artist in explorer.artists.values():
        artist.set_animated(False)
    plots.styled(explorer.figure.canvas.draw)()
    for artist in explorer.artists.values():
        artist.set_animated(True)
    return pixels(explorer)


def test_a_moved_picture_is_what_a_full_drawing_gives(explorer):
    """Nothing is left over from earlier pictures, nothing is missing. Only what lies on top of what may differ."""
    for moves in range(3):
        moved = pixels(explorer)
        different = np.abs(moved - drawn_in_full(explorer)).max(axis=-1) > 16
        assert different.mean() < 2e-3, f"{different.sum()} pixels differ after {moves} moves"
        move_all(explorer)


def test_a_picture_and_its_sentence_depend_on_the_values_alone(explorer):
    """Whatever was shown before, and in an explorer that no page has ever displayed."""
    settings = settings_of(explorer, 5)
    expected = [explorer.frame(values) for values in settings]
    fresh = type(explorer)()
    first, start = shown(fresh), fresh.values
    for k in (3, 0, 4, 1, 2, 4, 0):
        assert fresh.frame(settings[k]) == expected[k], settings[k]
    in_another_order = dict(reversed(settings[3].items()))
    assert fresh.frame(in_another_order) == expected[3]
    assert fresh.values == start and shown(fresh) == first, "the sliders have moved"
    assert not hasattr(fresh, "_view")


def test_a_frame_is_what_the_sliders_show(explorer):
    settings = settings_of(explorer, 3)
    frames = [explorer.frame(values) for values in settings]
    for values, frame in zip(settings, frames, strict=True):
        for name, value in values.items():
            explorer.sliders[name].value = value
        assert (bytes(explorer.image.value), explorer.words()) == frame


def test_every_corner_gives_a_finite_picture(explorer):
    """Also without a warning: pytest makes each an error."""
    names, sliders = explorer.sliders.keys(), explorer.sliders.values()
    for corner in itertools.product(*map(extremes, sliders)):
        values = dict(zip(names, corner, strict=True))
        _, said = explorer.frame(values)
        assert not re.search(r"\b(nan|inf)\b", said), said
        for name, artist in explorer.artists.items():
            if hasattr(artist, "get_ydata"):
                unknown = ~np.isfinite(artist.get_ydata())
                kinks = np.diff(unknown.astype(int)).clip(0).sum()
                assert unknown.sum() == kinks <= 2, f"{name} at {values}: gaps that are no kinks"
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
    assert metadata["acts"] == {"explorer": True}, "tools/pages.py looks for it"
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
    for kind in KINDS:
        shared(kind).reset()
    assert printed.stdout.splitlines() == [repr(shared(kind)) for kind in KINDS]


# The explorers that several pages share: what the artists hold is what the words say, and both are true.


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_curve_of_every_activation(name):
    explorer = shared(CurveExplorer, name)
    record = ACTIVATIONS[name]
    for gain, shift, point in [(1, 0, 1), (4, -4, 6), (0.25, 4, -6), (2.5, 1, 0)]:
        said = numbers(show(explorer, gain=gain, shift=shift, point=point))
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
        assert said[:3] == pytest.approx([x, height, slope], abs=6e-5)
        assert said[-1] == pytest.approx(np.nanmax(slopes), abs=6e-5)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_curve_says_where_it_is_steepest(name):
    explorer = shared(CurveExplorer, name)
    said = show(explorer, gain=2.0, shift=1.0)
    x, slopes = explorer.x, explorer.artists["derivative"].get_ydata()
    assert ("steepest at the right" in said) == (slopes[-1] == np.nanmax(slopes))
    if explorer.peaked:
        assert f"steepest at x = {x[np.nanargmax(slopes)]:.2f}" in said
    # Only where the slope dies out on both sides does the tangent lie flat far from a peak.
    dies_out = CONTRACTS[name].limits[2:] == (0, 0)
    assert ("far from the peak the tangent lies flat" in explorer.look_for) == dies_out


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_curve_keeps_derivative_in_sight(name):
    explorer = shared(CurveExplorer, name)
    show(explorer, gain=explorer.sliders["gain"].max)
    low, high = explorer.figure.axes[0].get_ylim()
    drawn = explorer.artists["derivative"].get_ydata()
    assert low < np.nanmin(drawn) and np.nanmax(drawn) < high


@pytest.mark.parametrize("kind", [CurveExplorer, GradientPathExplorer])
def test_an_unknown_activation_is_named(kind):
    with pytest.raises(UnknownActivation, match=r"unknown activation 'sigmoyd'. Did you mean 'sigmoid'\?"):
        kind("sigmoyd")


@pytest.mark.parametrize("name", ["sigmoid", "relu"])
def test_gradient_path_says_what_it_draws(name):
    explorer = shared(GradientPathExplorer, name)
    for depth, scale, start in [(10, 1.0, "xavier"), (20, 4.0, "orthogonal"), (1, 0.5, "pytorch")]:
        values = {"depth": depth, "scale": scale, "initialisation": start}
        said, path = show(explorer, **values), explorer.show_paths(values)["median"]
        passed, median = explorer.artists["median"].get_data()
        assert np.array_equal(passed, np.arange(depth + 1)) and median[0] == 1
        assert path.shape == (explorer.seeds, depth + 1)
        assert np.array_equal(median, np.median(path, axis=0))
        band = explorer.artists["median band"].get_paths()[0].vertices
        at_end = band[band[:, 0] == depth, 1]
        assert (at_end.min(), at_end.max()) == (path[:, -1].min(), path[:, -1].max())
        steepest = ACTIVATIONS[name].derivative_range[1]
        assert np.allclose(explorer.artists["bound"].get_ydata(), steepest**passed)
        said = numbers(said.replace("after", "").split("weights times", 1)[1])
        assert said[:2] == [scale, depth]
        assert said[2:5] == pytest.approx([median[-1], at_end.min(), at_end.max()], rel=0.06)
        assert said[5] == pytest.approx(median[-1] ** (1 / depth), abs=6e-3)


def test_gradient_path_at_the_first_sight_lies_below_the_bound():
    """Xavier's weights stretch by about 1 and the sigmoid's slope is at most ¼, so ten layers leave about 4⁻¹⁰."""
    explorer = GradientPathExplorer()
    assert 1e-8 < explorer.artists["median"].get_ydata()[-1] < 4.0**-10
