"""What all explorers share: one figure for life, its sliders, and words for what it shows."""

import base64
import html

import ipywidgets as widgets
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
