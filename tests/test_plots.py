"""Figures: the course's style keeps to itself, colours are told apart by all, every picture says itself in words."""

import base64
import io
import itertools

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.contour import ContourSet
from PIL import Image

from acts import plots
from acts.catalog import ACTIVATIONS, UnknownActivation

# Colour blindness as matrices on linear RGB: Machado, Oliveira & Fernandes, "A physiologically-based model for
# simulation of color vision deficiency", 2009, severity 1.
SIGHT = {
    "full": np.eye(3),
    "no red cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green cones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "no blue cones": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
# A reader's own taste. The course's style sets some of it, some it leaves at matplotlib's default; the last one is read
# only when something is drawn.
TASTE = {"font.size": 30, "axes.grid": False, "figure.dpi": 30, "xtick.direction": "in", "axes.unicode_minus": False}
LEAST_DISTANCE = 15  # in CIELAB, where 2.3 is just noticeable side by side


def as_lab(linear):
    """Linear sRGB (n, 3) to CIELAB (n, 3), D65."""
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    xyz = linear @ np.transpose(to_xyz) / [0.95047, 1, 1.08883]
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])], axis=1)


@pytest.mark.parametrize("sight", SIGHT)
def test_colours_are_told_apart(sight):
    colours = np.array([to_rgb(colour) for colour in plots.COLOURS])
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    seen = as_lab(np.clip(linear @ np.transpose(SIGHT[sight]), 0, 1))
    for one, other in itertools.combinations(range(len(seen)), 2):
        distance = np.linalg.norm(seen[one] - seen[other])
        assert distance > LEAST_DISTANCE, f"{plots.COLOURS[one]} and {plots.COLOURS[other]}: {distance:.0f}"


def test_each_line_differs_in_colour_dash_and_marker():
    for what in ("color", "linestyle", "marker"):
        assert len({str(line[what]) for line in plots.LINES}) == len(plots.LINES)


@pytest.fixture(params=["classes", "function_and_derivative", "lines", "matrices", "points", "shares", "walks"])
def picture(request):
    x = np.linspace(0, 1, 30)
    curves = {"one": x, "several seeds": np.stack([x, 2 * x])}
    square = dict(points=[[0, 0], [0, 1], [1, 0], [1, 1]], labels=[0, 1, 1, 0], score=lambda p: p @ [1, 2] - 1.5)
    return {
        "classes": lambda: plots.classes({"one": square, "two": square}, "Two squares"),
        "function_and_derivative": lambda: plots.function_and_derivative(["sigmoid", "tanh"]),
        "lines": lambda: plots.lines(x, curves, alt="Two rising lines", vertical={"here": 0.5}),
        "matrices": lambda: plots.matrices({"one": np.eye(3), "two": -np.eye(3)}, alt="Two diagonals", values=".1f"),
        "points": lambda: plots.points({"one": (x, x), "seeds": (x[:2], np.eye(2))}, alt="A few points"),
        "shares": lambda: plots.shares(["up", "down"], {"a": [1, 0], "b": [2, 3]}, alt="Two bars"),
        "walks": lambda: plots.walks({"one": np.eye(3)[:, :2], "two": np.eye(2)}, "Two walks", "left", "up"),
    }[request.param]  # fmt: skip


def test_bundle_is_a_picture_with_words(picture):
    drawn = picture()
    data, metadata = drawn._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}
    assert data["text/plain"] == repr(drawn) == drawn.alt == metadata["image/png"]["alt"]
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    scale = plots.STYLE["figure.dpi"] / plots.PIXELS_PER_INCH
    assert image.size == (round(metadata["image/png"]["width"] * scale), round(metadata["image/png"]["height"] * scale))
    assert np.asarray(image.convert("L")).min() < 100, "nothing is drawn"


def test_the_same_picture_every_time(picture):
    drawn = picture()
    first = drawn._repr_mimebundle_()[0]["image/png"]
    assert drawn._repr_mimebundle_()[0]["image/png"] == first
    assert picture()._repr_mimebundle_()[0]["image/png"] == first


def test_the_reader_s_settings_stay_out_and_ours_stay_in(picture):
    first = picture()._repr_mimebundle_()
    with matplotlib.rc_context(TASTE):
        before = dict(matplotlib.rcParams)
        assert picture()._repr_mimebundle_() == first
        assert dict(matplotlib.rcParams) == before


def test_style_comes_back_after_an_error():
    before = dict(matplotlib.rcParams)

    @plots.styled
    def fails():
        assert matplotlib.rcParams["lines.linewidth"] == plots.STYLE["lines.linewidth"]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert dict(matplotlib.rcParams) == before


def test_alt_text_is_one_line():
    figure, _ = plots.new_figure()
    assert plots.Picture(figure, "  two\n   lines ").alt == "two lines"


def test_figures_leave_nothing_with_pyplot():
    from matplotlib import pyplot

    plots.function_and_derivative("sigmoid")._repr_mimebundle_()
    assert pyplot.get_fignums() == []


def test_new_figure_gives_the_axes_asked_for():
    assert isinstance(plots.new_figure()[1], matplotlib.axes.Axes)
    assert plots.new_figure(columns=3)[1].shape == (3,)
    assert plots.new_figure(columns=3, rows=2)[1].shape == (2, 3)


@pytest.mark.parametrize("small", [True, False])
def test_png_shows_what_was_drawn(small):
    figure, axes = plots.new_figure(2, 1)
    axes.set_axis_off()
    figure.set_facecolor(plots.COLOURS[1])
    figure.canvas.draw()
    image = np.asarray(Image.open(io.BytesIO(plots.png(figure, small))).convert("RGB"))
    assert np.abs(image - 255 * np.array(to_rgb(plots.COLOURS[1]))).max() <= 4


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_f_is_solid_and_its_derivative_dashed(name):
    picture = plots.function_and_derivative(name, -2, 3, points=11)
    function, derivative, *_ = picture.figure.axes[0].lines
    x = np.linspace(-2, 3, 11)
    assert np.array_equal(function.get_xdata(), x) and set(x) <= set(derivative.get_xdata())
    assert np.array_equal(function.get_ydata(), ACTIVATIONS[name].function(x))
    at, slopes = derivative.get_data()
    smooth = ~np.isin(at, [kink for kink in ACTIVATIONS[name].kinks if -2 < kink < 3])
    assert np.array_equal(slopes[smooth], ACTIVATIONS[name].derivative(at[smooth])) and np.isnan(slopes[~smooth]).all()
    assert (function.get_linestyle(), derivative.get_linestyle()) == ("-", "--")
    assert ACTIVATIONS[name].label in picture.alt and "-2 to 3" in picture.alt
    assert picture.figure.axes[0].get_xlabel() and picture.figure.axes[0].get_ylabel()


def test_an_unknown_activation_is_named():
    with pytest.raises(UnknownActivation, match="unknown activation 'sigmoyd'"):
        plots.function_and_derivative("sigmoyd")


def test_spread_draws_median_and_the_whole_range():
    _, axes = plots.new_figure()
    values = np.array([[1.0, 5.0, 2.0], [3.0, 1.0, 9.0], [2.0, 2.0, 4.0]])
    line = plots.draw_spread(axes, [0, 1, 2], values, "some seeds", plots.LINES[1])
    assert line.get_ydata().tolist() == [2.0, 2.0, 4.0]
    assert (line.get_label(), line.get_color(), line.get_marker()) == ("some seeds", plots.LINES[1]["color"], "s")
    (band,) = axes.collections
    corners = band.get_paths()[0].vertices
    for x in (0, 1, 2):
        at_x = corners[corners[:, 0] == x, 1]
        assert (at_x.min(), at_x.max()) == (values[:, x].min(), values[:, x].max())


def test_lines_gives_each_curve_a_line_of_its_own_and_settings_to_the_axes():
    x = np.arange(3)
    picture = plots.lines(x, {"a": x, "b": 2 * x}, alt="Two", xlabel="step", yscale="symlog")
    (axes,) = picture.figure.axes
    assert [line.get_color() for line in axes.lines] == plots.COLOURS[:2]
    assert [line.get_marker() for line in axes.lines] == ["o", "s"]
    assert (axes.get_xlabel(), axes.get_yscale()) == ("step", "symlog")


def test_points_have_an_x_of_their_own_and_bars_over_all_seeds():
    seeds = np.array([[1.0, 5.0], [3.0, 1.0], [2.0, 2.0]])
    known = {"known": ([0, 9], [1, 2])}
    picture = plots.points({"a": ([1, 2, 3], [4, 5, 6]), "b": ([7, 8], seeds)}, "Two", reference=known, xlabel="r")
    (axes,) = picture.figure.axes
    reference, single, middle = axes.lines[0], axes.lines[1], axes.containers[0].lines[0]
    assert reference.get_xydata().tolist() == [[0, 1], [9, 2]]
    assert single.get_xydata().tolist() == [[1, 4], [2, 5], [3, 6]]
    assert middle.get_xydata().tolist() == [[7, 2], [8, 2]]
    bars = [segment[:, 1].tolist() for segment in axes.containers[0].lines[2][0].get_segments()]
    assert bars == [[1, 3], [1, 5]]
    assert [single.get_marker(), middle.get_marker()] == ["o", "s"] and single.get_color() != middle.get_color()
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {"a", "b", "known"}
    assert axes.get_xlabel() == "r"


@pytest.mark.parametrize(
    "draw",
    [
        lambda many: plots.function_and_derivative(["sigmoid"] * many),
        lambda many: plots.lines([0, 1], {str(i): [0, i] for i in range(many)}, alt="Many"),
        lambda many: plots.points({str(i): ([0, 1], [0, i]) for i in range(many)}, alt="Many"),
        lambda many: plots.shares(["all"], {str(i): [1] for i in range(many)}, alt="Many"),
        lambda many: plots.walks({str(i): np.eye(2) for i in range(many)}, "Many", "left", "up"),
    ],
)
def test_no_curve_is_left_out_in_silence(draw):
    draw(1), draw(7)
    with pytest.raises(ValueError, match="8 curves; there are 7 kinds of line"):
        draw(8)


def test_the_parts_of_a_bar_follow_each_other_and_say_how_large_they_are():
    axes = plots.shares(["up", "down"], {"a": [1, 0], "b": [2, 3]}, alt="Two bars").figure.axes[0]
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(0, 1), (0, 0), (1, 2), (0, 3)]
    assert [text.get_text() for text in axes.texts] == ["1", "", "2", "3"]
    assert len({bars.patches[0].get_hatch() for bars in axes.containers}) == 2


def test_a_derivative_breaks_off_at_its_kinks():
    axes = plots.function_and_derivative("relu6", -4, 8).figure.axes[0]
    _, dashed, rings = axes.lines
    x, slopes = dashed.get_data()
    assert x[np.isnan(slopes)].tolist() == [0, 6]
    assert rings.get_xydata().tolist() == [[0, 0], [0, 1], [6, 1], [6, 0]]
    assert rings.get_fillstyle() == "none" and "no derivative" in rings.get_label()
    smooth = plots.function_and_derivative("tanh").figure.axes[0]
    assert len(smooth.lines) == 2 and np.isfinite(smooth.lines[1].get_ydata()).all()


def test_a_log_axis_with_ticks_of_its_own_labels_no_others():
    x = np.array([1.0, 3, 8])
    picture = plots.lines(x, {"x": x}, "A line", xscale="log", yscale="log", xticks=x, xticklabels=["1", "3", "8"])
    picture.figure.canvas.draw()
    axes = picture.figure.axes[0]
    assert [label.get_text() for label in axes.xaxis.get_ticklabels(which="both")] == ["1", "3", "8"]
    assert len(axes.yaxis.get_minorticklocs()) > 0


def test_legend_above_the_axes():
    picture = plots.lines([0, 1], {"a": [0, 1], "b": [1, 0]}, alt="Two", legend="above")
    picture._repr_mimebundle_()
    (axes,) = picture.figure.axes
    assert axes.get_legend().get_window_extent().y0 >= axes.get_window_extent().y1


def test_classes_colours_each_side_and_draws_every_seed():
    points = np.array([[0.0, 0.0], [1.0, 1.0]])
    panel = dict(points=points, labels=[0, 1], limits=(-1, 2, -1, 2))
    above = dict(panel, score=lambda p: np.stack([p[:, 1] - level for level in (0.4, 0.5, 0.6)]))
    picture = plots.classes({"with": above, "without": panel}, "Two panels", resolution=40)
    picture._repr_mimebundle_()
    first, second = picture.figure.axes
    lines = [c for c in first.collections if isinstance(c, ContourSet) and not c.filled]
    heights = [float(np.unique(line.get_paths()[0].vertices[:, 1].round(9)).item()) for line in lines]
    assert heights == pytest.approx([0.4, 0.5, 0.6])
    assert not [c for c in second.collections if isinstance(c, ContourSet)]
    assert [drawn.get_offsets().tolist() for drawn in second.collections] == [[[0.0, 0.0]], [[1.0, 1.0]]]
    shown = np.asarray(picture.figure.canvas.buffer_rgba())[..., :3]
    height = len(shown)
    for y, colour in [(-0.5, plots.PALE[0]), (1.5, plots.PALE[1])]:
        column, row = first.transData.transform((-0.7, y))
        assert np.abs(shown[height - round(row), round(column)] - 255 * np.array(to_rgb(colour))).max() < 3


def test_the_pale_ground_is_told_apart_and_keeps_points_in_sight():
    for sight in SIGHT:
        colours = np.array([to_rgb(colour) for colour in [*plots.PALE, *plots.COLOURS[:2]]])
        linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
        seen = as_lab(np.clip(linear @ np.transpose(SIGHT[sight]), 0, 1))
        for one, other in itertools.combinations(range(4), 2):
            assert np.linalg.norm(seen[one] - seen[other]) > (6 if other == 1 else LEAST_DISTANCE)


def test_supporting_lines_tell_legal_slopes_from_others():
    picture = plots.supporting_lines(
        {"up": (lambda x: np.where(x > 0, x, 0.5 * x), [0, 0.5, 0.75, 1, 1.5]), "down": (lambda x: -np.abs(x), [0])},
        alt="Two corners, one with a fan of lines below it.",
    )
    up, down = picture.figure.axes
    assert (up.get_title("left"), down.get_title("left")) == ("up", "down")
    assert [line.get_linestyle() for line in up.lines] == ["--", "-", "-", "-", "--", "-"]  # the last is the graph
    assert [line.get_linestyle() for line in down.lines] == ["--", "-"]
    x, graph = up.lines[-1].get_data()
    np.testing.assert_allclose(graph, np.where(x > 0, x, 0.5 * x))
    legend = [text.get_text() for text in up.get_legend().get_texts()]
    above = ["slope 0 is above the graph", "slope 1.5 is above the graph"]
    assert legend == ["the fan of legal slopes", *above]
    fan = up.collections[0].get_paths()[0].vertices
    assert fan[:, 1].max() == 2 and fan[:, 1].min() == -2
    assert picture.alt == "Two corners, one with a fan of lines below it."


def test_matrices_share_their_colours_and_write_their_entries():
    panels = {"one": np.array([[1.0, -0.5], [0.001, -0.001]]), "two": np.full((2, 2), -2.0), "three": np.zeros((2, 2))}
    figure = plots.matrices(panels, alt="Three matrices", columns=2, values=".2f", label="size").figure
    axes = [axes for axes in figure.axes if axes.get_title(loc="left")]
    assert [panel.get_title(loc="left") for panel in axes] == list(panels)
    assert {panel.images[0].get_clim() for panel in axes} == {(-2.0, 2.0)}
    for panel, matrix in zip(axes, panels.values(), strict=True):
        assert np.array_equal(panel.images[0].get_array(), matrix)
    assert [text.get_text() for text in axes[0].texts] == ["1.00", "\u22120.50", "0", "0"]
    assert not plots.matrices(panels, alt="Three matrices").figure.axes[0].texts


def test_matrices_tell_the_signs_apart_in_every_sight():
    linear = np.array([plots.DIVERGING(value)[:3] for value in (0.15, 0.5, 0.85)])
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    for sight in SIGHT.values():
        seen = as_lab(np.clip(linear @ np.transpose(sight), 0, 1))
        for one, other in itertools.combinations(seen, 2):
            assert np.linalg.norm(one - other) > LEAST_DISTANCE


def test_heatmaps_write_each_number_legibly_in_its_cell():
    seeds = np.arange(12.0).reshape(2, 2, 3)
    panels = {"a": [[0.0, 1.0], [0.25, 0.5]], "b": seeds}
    settings = {"limits": {"b": (-10, 20)}, "texts": {"b": lambda cell: f"{cell.min():.0f}"}, "xlabel": "depth"}
    picture = plots.heatmaps(panels, ["up", "down"], [2, 10], "Two tables", **settings)
    left, right = picture.figure.axes
    assert [text.get_text() for text in left.texts] == ["0.00", "1.00", "0.25", "0.50"]
    assert [text.get_color() for text in left.texts] == ["white", "black", "white", "white"]
    assert [text.get_text() for text in right.texts] == ["0", "3", "6", "9"]
    assert right.images[0].get_array().tolist() == [[1, 4], [7, 10]] and right.images[0].get_clim() == (-10, 20)
    assert [label.get_text() for label in left.get_yticklabels()] == ["up", "down"]
    assert [label.get_text() for label in left.get_xticklabels()] == ["2", "10"] and left.get_xlabel() == "depth"
