"""The course's sliders: move one, and the picture and its words follow.

An explorer keeps one figure for its whole life. A move changes what is drawn, not the figure: the still parts are
drawn once, the moving ones on top of them (blitting), and the result replaces the bytes of one image widget. Where no
kernel runs (GitHub, nbviewer, a printed page) the explorer shows its picture and says it in words.
"""

import base64
import html

import ipywidgets as widgets
import numpy as np
from matplotlib.ticker import MaxNLocator
from traitlets import Unicode

from acts import plots
from acts.catalog import ACTIVATIONS
from acts.data import digits
from acts.elementwise import sigmoid, softplus
from acts.measure import first_reaching
from acts.network import INITIALISATIONS, MLP, gradient_path

__all__ = ["CurveExplorer", "Explorer", "GradientPathExplorer", "SaturationExplorer"]


class NamedImage(widgets.Image):
    """An image whose `tooltip` becomes its title, which screen readers take for its name.

    ipywidgets 8 gives a title only to a widget whose description is empty, and breaks on one that has none at all, as
    its own Image.
    """

    description = Unicode().tag(sync=True)


class Explorer:
    """What all explorers share. A subclass says what to draw, an explorer does the rest.

    A subclass has a `title`, a sentence `look_for`, and three methods:

    `build(self)`
        makes `self.figure`, `self.sliders` (a dict of widgets by name) and `self.artists` (a dict of what moves; an
        axis whose limits or label change is one of them).
    `update(self, **values)`
        brings the artists to the sliders' values.
    `words(self)`
        says in a sentence or two what the picture shows now.

    Attributes
    ----------
    sliders, artists : dict
        To move a slider from Python, set `explorer.sliders["gain"].value`; to read what is drawn, ask the artist.
    """

    title = "Explorer"
    look_for = ""

    @plots.styled
    def __init__(self):
        self.sliders, self.artists = {}, {}
        self.build()
        for artist in self.artists.values():
            artist.set_animated(True)
        self._start = self.values
        self._resetting = False
        self._background = None
        size = plots.size_on_page(self.figure)
        layout = widgets.Layout(width=f"{size['width']}px", max_width="100%")
        self.image = NamedImage(format="png", tooltip=self.title, layout=layout)
        self.caption = widgets.HTML()
        self.reset_button = widgets.Button(description="Reset", tooltip="Back to the first picture")
        self.reset_button.on_click(lambda _: self.reset())
        for slider in self.sliders.values():
            slider.observe(self._moved, names="value")
        self._show()

    @property
    def values(self):
        """The sliders' values by name."""
        return {name: slider.value for name, slider in self.sliders.items()}

    def reset(self):
        """Bring every slider back to where it started."""
        self._resetting = True
        try:
            for name, value in self._start.items():
                self.sliders[name].value = value
        finally:
            self._resetting = False
        self._show()

    def _moved(self, change):
        if not self._resetting:
            self._show()

    @plots.styled
    def _show(self):
        self.update(**self.values)
        self._draw()
        self.image.value = plots.png(self.figure, small=False)
        words = html.escape(self.words())
        self.caption.value = f'<p role="status" aria-live="polite" style="line-height:1.4">{words}</p>'

    @plots.styled
    def png(self):
        """Return the picture of this moment as PNG bytes."""
        self._draw()
        return plots.png(self.figure)

    def _draw(self):
        canvas = self.figure.canvas
        if self._background is None:
            canvas.draw()
            # The layout is found once and then kept: the axes stay where they are.
            self.figure.set_layout_engine("none")
            self._background = canvas.copy_from_bbox(self.figure.bbox)
        canvas.restore_region(self._background)
        for artist in sorted(self.artists.values(), key=lambda artist: artist.get_zorder()):
            self.figure.draw_artist(artist)

    def _widget(self):
        heading = widgets.HTML(f"<b>{html.escape(self.title)}</b><br>Look for: {html.escape(self.look_for)}")
        return widgets.VBox([heading, *self.sliders.values(), self.reset_button, self.image, self.caption])

    def __repr__(self):
        settings = ", ".join(f"{name} {value}" for name, value in self.values.items())
        return f"{self.title}. {self.words()} (Sliders: {settings}.) Look for: {self.look_for}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        if not hasattr(self, "_view"):
            self._view = self._widget().add_class("acts-explorer")
        data = dict(self._view._repr_mimebundle_())
        data["image/png"] = base64.b64encode(self.png()).decode()
        data["text/plain"] = repr(self)
        return data, {"image/png": {"alt": repr(self), **plots.size_on_page(self.figure)}}


def slider(name, value, low, high, step, form=".2f"):
    """Return a slider of real numbers that shows its value and answers at once."""
    return widgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=name, readout_format=form, **_SLIDER_LOOK
    )


def whole_slider(name, value, low, high):
    """Return a slider of whole numbers."""
    return widgets.IntSlider(value=value, min=low, max=high, description=name, **_SLIDER_LOOK)


def choice_slider(name, value, options):
    """Return a slider over a few named options: like every slider it moves with the arrow keys."""
    return widgets.SelectionSlider(value=value, options=options, description=name, **_SLIDER_LOOK)


_SLIDER_LOOK = {
    "continuous_update": True,
    "tooltip": "Move it with the arrow keys",
    "layout": {"width": "560px", "max_width": "100%"},
    "style": {"description_width": "130px"},
}


class CurveExplorer(Explorer):
    """f(gain · x + shift), its derivative, and the tangent at one point."""

    def __init__(self, name="sigmoid"):
        self.record = ACTIVATIONS[name]
        self.title = f"The {self.record.label} and its tangent"
        far = self.record.derivative(np.array([-np.inf, np.inf]))
        self.peaked = bool(np.all(far < self.record.derivative_range[1]))  # steepest somewhere in the middle
        self.look_for = "the dashed derivative. " + (
            "Twice the gain makes its peak twice as high and half as wide, while a shift only carries it along; "
            "far from the peak the tangent lies flat."
            if self.peaked and not far.any()
            else "Twice the gain makes it twice as high and draws it together to half the width; a shift only carries "
            "it along."
        )
        super().__init__()

    def build(self):
        self.sliders = {
            "gain": slider("gain g", 1.0, 0.25, 4.0, 0.25),
            "shift": slider("shift b", 0.0, -4.0, 4.0, 0.25),
            "point": slider("tangent at x", 1.0, -6.0, 6.0, 0.25),
        }
        self.x = np.linspace(-8, 8, 513)  # binary fractions, so that a peak falls on one of them
        self.figure, axes = plots.new_figure()
        f, slope, tangent = plots.COLOURS[0], plots.COLOURS[1], plots.COLOURS[4]
        blank = np.full_like(self.x, np.nan)
        self.artists = {
            "function": axes.plot(self.x, blank, color=f, linestyle="-", label="$f(gx+b)$")[0],
            "derivative": axes.plot(self.x, blank, color=slope, linestyle="--", label="its derivative")[0],
            "tangent": axes.plot([], [], color=tangent, linestyle=":", label="tangent")[0],
            "touching": axes.plot([], [], color=tangent, marker="o", linestyle="none", markersize=8)[0],
        }
        low, high = (float(np.clip(limit, -3, 3)) for limit in self.record.output_range)
        low, high = (
            bound(value, self.sliders["gain"].max * slope)
            for bound, value, slope in zip((min, max), (low, high), self.record.derivative_range, strict=True)
        )
        axes.set(xlabel="$x$", ylabel="value", xlim=(-8, 8), ylim=(low - 0.15, high + 0.35))
        axes.legend(loc="upper left", ncols=3)

    def update(self, gain, shift, point):
        z = gain * self.x + shift
        self.artists["function"].set_ydata(self.record.function(z))
        self.artists["derivative"].set_ydata(gain * self.record.derivative(z))
        self.height = float(self.record.function(gain * point + shift))
        self.slope = float(gain * self.record.derivative(gain * point + shift))
        reach = np.array([-2.5, 2.5]) / np.hypot(1, 3 * self.slope)
        self.artists["tangent"].set_data(point + reach, self.height + self.slope * reach)
        self.artists["touching"].set_data([point], [self.height])

    def words(self):
        at, x = self.values, self.artists["derivative"].get_xdata()
        slopes = self.artists["derivative"].get_ydata()
        steepest = f"x = {x[slopes.argmax()]:.2f}" if self.peaked else "the right"
        return (
            f"At x = {at['point']:g} the curve has height {self.height:.4f} and slope {self.slope:.4f}. "
            f"In this window it is steepest at {steepest}, with slope {slopes.max():.4f}."
        )


class SaturationExplorer(Explorer):
    """The last values that the sigmoid takes before it is exactly 1, or exactly 0, in each floating-point type."""

    title = "Where the digits die"
    look_for = (
        "the staircase. From far the computed curve lies on the true one; zoomed in, it has steps: values that come "
        "out, with none between them. Beyond the last of them only the limit is left."
    )
    limits = {"1, to the right": 1.0, "0, to the left": 0.0}

    def build(self):
        self.sliders = {
            "dtype": choice_slider("type", "float32", ["float16", "float32", "float64"]),
            "limit": choice_slider("limit", "1, to the right", list(self.limits)),
            "zoom": whole_slider("zoom", 2, 0, 7),
        }
        self.figure, self.axes = plots.new_figure(layout="none")
        computed, true, edge = plots.COLOURS[0], plots.COLOURS[1], plots.COLOURS[4]
        self.artists = {
            "computed": self.axes.plot([], [], color=computed, label="computed")[0],
            "true": self.axes.plot([], [], color=true, linestyle="--", linewidth=1.6, label="true value")[0],
            "edge": self.axes.axvline(0, color=edge, linestyle=":", label="exactly the limit from here on"),
            "x axis": self.axes.xaxis,
            "y axis": self.axes.yaxis,
        }
        self.axes.set_xlabel("$x$")
        self.axes.xaxis.set_major_locator(MaxNLocator(5))
        self.axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        self.axes.xaxis.set_label_coords(0.5, -0.1)  # else each axis measures all its numbers to place the label
        self.axes.yaxis.set_label_coords(-0.1, 0.5)
        self.axes.legend(loc="upper center", ncols=3, bbox_to_anchor=(0.5, 1.15))
        self.figure.subplots_adjust(left=0.13, right=0.98, bottom=0.14, top=0.89)  # room for long numbers

    def update(self, dtype, limit, zoom):
        value = self.limits[limit]
        side = 1 if value == 1 else -1
        self.edge = float(first_reaching(sigmoid, value, 0, 1000 * side, dtype))
        width = 16 / 2**zoom
        x = np.linspace(self.edge - side * width, self.edge + side * width / 4, 801)
        computed = sigmoid(x.astype(dtype)).astype(np.float64)  # the gap itself must not be rounded to the type
        gap = np.abs(value - computed)
        self.step = gap[gap > 0].min()
        self.steps = gap[0] / self.step
        # The true gap lies below what float64 can hold, its logarithm does not: log(1 - sigmoid(x)) = -softplus(x).
        true = np.exp(-softplus(side * x) - np.log(self.step))
        self.artists["computed"].set_data(x, gap / self.step)
        self.artists["true"].set_data(x, true)
        self.artists["edge"].set_xdata([self.edge, self.edge])
        top = max(true.max(), self.steps)
        self.axes.set(xlim=sorted((x[0], x[-1])), ylim=(-0.06 * top, 1.06 * top))
        gap_in_words = r"$1 - \sigma(x)$" if side > 0 else r"$\sigma(x)$"
        self.axes.set_ylabel(f"{gap_in_words}, in steps of {self.step:.2g}")

    def words(self):
        at = self.values
        return (
            f"In {at['dtype']} the sigmoid is exactly {at['limit'][0]} at x = {self.edge:.2f} and beyond. The last "
            f"step before is {self.step:.2g}. The window begins {16 / 2 ** at['zoom']:g} before this edge; there the "
            f"limit is about {float(f'{self.steps:.2g}'):,.0f} steps of that size away."
        )


class GradientPathExplorer(Explorer):
    """How large the gradient still is after k layers on its way back, in real networks at their initialisation."""

    look_for = (
        "the slope. Only the dashed line is the article's 0.25 for each layer; the weights tilt the real path, "
        "up or down, and with them you can make it level."
    )
    widest, width, batch, seeds = 20, 64, 32, 5

    def __init__(self, name="sigmoid"):
        self.name = name
        self.title = f"The gradient's way back through {ACTIVATIONS[name].label} layers"
        super().__init__()

    def build(self):
        self.sliders = {
            "depth": whole_slider("depth", 10, 1, self.widest),
            "scale": slider("weights times", 1.0, 0.25, 12.0, 0.25),
            "initialisation": choice_slider("initialisation", "xavier", list(INITIALISATIONS)),
        }
        data = digits(standardised=True)
        self.inputs, self.labels = data.images[: self.batch], data.labels[: self.batch]
        sizes = [self.inputs.shape[1]] + [self.width] * self.widest + [10]
        self.networks = {name: MLP(sizes, self.name, name, self.seeds, inputs=self.inputs) for name in INITIALISATIONS}
        self.figure, axes = plots.new_figure()
        measured, bound = plots.LINES[0], plots.LINES[1]
        steepest = ACTIVATIONS[self.name].derivative_range[1]
        self.artists = {
            "band": axes.fill_between([0], [1], [1], color=measured["color"], alpha=0.2, linewidth=0),
            "bound": axes.plot([], [], color=bound["color"], linestyle="--", label=f"{steepest:g} for each layer")[0],
            "median": axes.plot([], [], label=f"measured, median and range of {self.seeds} seeds", **measured)[0],
        }
        axes.set(xlabel="layers passed on the way back", ylabel="gradient, relative to its start", yscale="log")
        axes.set(xlim=(-0.3, self.widest + 0.3), ylim=(1e-14, 1e3), xticks=range(0, self.widest + 1, 2))
        axes.legend(loc="lower left")

    def update(self, depth, scale, initialisation):
        network = self.networks[initialisation].shallower(depth, scale)
        self.path = gradient_path(network, self.inputs, self.labels)
        passed = np.arange(depth + 1)
        low, high = self.path.min(axis=0), self.path.max(axis=0)
        self.artists["band"].set_data(passed, low, high)
        self.artists["median"].set_data(passed, np.median(self.path, axis=0))
        self.artists["bound"].set_data(passed, float(ACTIVATIONS[self.name].derivative_range[1]) ** passed)

    def words(self):
        at, end = self.values, self.path[:, -1]
        per_layer = np.median(end) ** (1 / at["depth"])
        return (
            f"{at['initialisation']} initialisation, weights times {at['scale']:g}: after {at['depth']} layers "
            f"{np.median(end):.1e} of the gradient is left ({end.min():.1e} to {end.max():.1e}), "
            f"a factor of {per_layer:.2f} for each layer."
        )
