"""What all explorers share: one figure for life, its sliders, and words for what it shows."""

import base64
import html

import ipywidgets as widgets
import numpy as np
from traitlets import Unicode

from acts import plots

__all__ = ["Explorer", "choice_slider", "slider", "whole_slider"]


class NamedImage(widgets.Image):
    """An image whose `tooltip` becomes its title, which screen readers take for its name.

    ipywidgets 8 gives a title only to a widget whose description is empty, and breaks on one that has none at all, as
    its own Image.
    """

    description = Unicode().tag(sync=True)


class Explorer:
    """What all explorers share. A subclass says what to draw, an explorer does the rest.

    A subclass has a `title`, a sentence `look_for`, and three methods:

    `prepare(self)`
        computes whatever no slider changes: the points of a curve, networks, whole experiments. An explorer that needs
        nothing of the kind goes without.
    `build(self)`
        makes `self.figure`, `self.sliders` (a dict of widgets by name) and `self.artists` (a dict of what moves; an
        axis whose limits or label change is one of them). `line`, `dots` and `seeds_line` add to the latter.
    `show(self, values)`
        brings the artists to these values, a dict with one for each slider, and returns in a sentence or two what the
        picture shows. It depends on nothing else: the same values give the same picture and the same sentence,
        whatever was shown before. A choice is a name, and a dict of the class says what it stands for. What a reader's
        cell wants to know and no artist tells is left as an attribute, which the class's docstring calls a result.

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
        self.prepare()
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

    def prepare(self):
        """Compute whatever no slider changes."""

    def line(self, name, axes, style=0, label=None, **look):
        """Add a line, empty as yet, to what moves; `style` is the number of its colour and dash in `plots.LINES`."""
        look = {key: plots.LINES[style][key] for key in ("color", "linestyle")} | look
        (self.artists[name],) = axes.plot([], [], label=label, **look)

    def dots(self, name, axes, style=0, label=None, **look):
        """Add points, none as yet, to what moves."""
        self.line(name, axes, style, label, **{"marker": "o", "linestyle": "none"} | look)

    def seeds_line(self, name, axes, style=0, label=None):
        """Add the median over seeds, and their range as a band, to what moves; `show_seeds` brings both to values."""
        look = plots.LINES[style]
        self.artists[f"{name} band"] = axes.fill_between([1], [1], [1], color=look["color"], alpha=0.2, linewidth=0)
        self.line(name, axes, label=label, **look)

    def show_seeds(self, name, x, values):
        """Bring what `seeds_line` has added to these values, (seeds, len(x)), and return their median."""
        median = np.median(values, axis=0)
        self.artists[f"{name} band"].set_data(x, values.min(axis=0), values.max(axis=0))
        self.artists[name].set_data(x, median)
        return median

    @property
    def values(self):
        """The sliders' values by name."""
        return {name: slider.value for name, slider in self.sliders.items()}

    def words(self):
        """Return in a sentence or two what the picture at the sliders' values shows."""
        return self._sentence

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

    def _show(self):
        self.image.value, self._sentence = self.frame(self.values)
        words = html.escape(self._sentence)
        self.caption.value = f'<p role="status" aria-live="polite" style="line-height:1.4">{words}</p>'

    @plots.styled
    def frame(self, values, small=False):
        """Return the picture at these values, as the bytes of a PNG, and its sentence. The sliders stay where they are.

        `small` takes more time for fewer bytes.
        """
        sentence = self.show(values)
        self._draw()
        return plots.png(self.figure, small=small), sentence

    def png(self):
        """Return the picture at the sliders' values as PNG bytes."""
        return self.frame(self.values, small=True)[0]

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
        look = {"alt": repr(self), **plots.size_on_page(self.figure)}
        return data, {"acts": {"explorer": True}, "image/png": look}


class StepSlider(widgets.SelectionSlider):
    """A slider of real numbers in even steps from `min` to `max`, which takes a value to the nearest of them.

    Not a FloatSlider: its page keeps a value as a percentage and sends back what rounding made of it. Where a cell has
    set the next value meanwhile, that late answer undoes it. Here page and kernel speak of the number of a step.
    """

    def __init__(self, min, max, step, form, **settings):
        count = round((max - min) / step)
        values = [round(min + k * step, 12) for k in range(count + 1)]
        self.min, self.max, self.step = values[0], values[-1], step
        options = [(f"{value:{form}}", value) for value in values]
        if len(dict(options)) < len(values):
            raise ValueError(f"form {form!r} writes two neighbours alike; steps of {step} need more digits")
        super().__init__(options=options, equals=lambda one, other: abs(one - other) <= 0.499 * step, **settings)


def slider(name, value, low, high, step, form=".2f"):
    """Return a slider of real numbers that shows its value and answers at once; `form` must tell its steps apart."""
    return StepSlider(low, high, step, form, value=value, description=name, **_SLIDER_LOOK)


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
