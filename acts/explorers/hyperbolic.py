"""Explorers of tanh: made from a sigmoid, computed near 0, and in deep networks beside the sigmoid."""

import numpy as np

from acts import plots
from acts.data import digits
from acts.elementwise import sigmoid, tanh
from acts.explorers.base import Explorer, choice_slider, slider, whole_slider
from acts.network import INITIALISATIONS, MLP
from acts.probes import gradient_path

__all__ = ["GradientRaceExplorer", "LostDigitsExplorer", "StretchShiftExplorer"]


class StretchShiftExplorer(Explorer):
    """a·σ(b·x) + c, beside tanh: three sliders turn one into the other."""

    title = "From the sigmoid to tanh"
    look_for = (
        "the black bar, where the two curves are furthest apart. Stretch the height, stretch the width, shift: there "
        "is one setting at which the bar is gone."
    )

    def build(self):
        self.sliders = {
            "a": slider("height times a", 1.0, 0.25, 3.0, 0.25),
            "b": slider("gain b", 1.0, 0.25, 4.0, 0.25),
            "c": slider("shift c", 0.0, -2.0, 1.0, 0.25),
        }
        self.x = np.linspace(-6, 6, 769)  # binary fractions, and 0 is one of them
        self.tanh = tanh(self.x)
        self.figure, axes = plots.new_figure()
        moved, goal, bar = plots.COLOURS[0], plots.COLOURS[1], plots.COLOURS[4]
        axes.plot(self.x, self.tanh, color=goal, linestyle="--", label=r"$\tanh x$")
        self.artists = {
            "moved": axes.plot(self.x, self.tanh, color=moved, linestyle="-", label=r"$a\,\sigma(bx)+c$")[0],
            "distance": axes.plot([], [], color=bar, marker="_", markersize=10, label="largest distance")[0],
        }
        axes.set(xlabel="$x$", ylabel="value", xlim=(-6.2, 6.2), ylim=(-2.2, 4.6))
        axes.legend(loc="upper left", ncols=3)

    def update(self, a, b, c):
        moved = a * sigmoid(b * self.x) + c
        distances = np.abs(moved - self.tanh)
        furthest = int(np.argmax(distances > distances.max() - 1e-9))  # the first of equals, whatever the last digit
        self.distance, self.where = float(distances[furthest]), float(self.x[furthest])
        self.artists["moved"].set_ydata(moved)
        self.artists["distance"].set_data([self.where] * 2, [moved[furthest], self.tanh[furthest]])

    def words(self):
        formula = "{a:g}·σ({b:g}x) {sign} {c:g}".format(
            **{**self.values, "c": abs(self.values["c"]), "sign": "−" if self.values["c"] < 0 else "+"}
        )
        if self.distance < 1e-12:
            return f"{formula} is tanh: the largest distance is 0."
        return f"{formula} is up to {self.distance:.3f} away from tanh, at x = {self.where:.2f} for one."


class LostDigitsExplorer(Explorer):
    """What four ways to write tanh leave of it near 0, in each floating-point type."""

    title = "The digits lost near 0"
    look_for = (
        "the staircase. Zoom in: a form that subtracts two numbers near each other has ever fewer values to choose "
        "from, and at zoom 9 only 0. Which forms stay on the line?"
    )
    forms = {
        "2σ(2x) − 1": lambda x: 2 * sigmoid(2 * x) - 1,
        "exponentials": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
        "expm1": lambda x: np.copysign(np.expm1(-2 * np.abs(x)) / (np.expm1(-2 * np.abs(x)) + 2), x),
        "acts.tanh": tanh,
    }
    points = 601

    def build(self):
        self.sliders = {
            "form": choice_slider("form", "2σ(2x) − 1", list(self.forms)),
            "dtype": choice_slider("type", "float64", ["float16", "float32", "float64"]),
            "zoom": whole_slider("zoom", 8, 0, 9),
        }
        self.figure, axes = plots.new_figure()
        computed, true = plots.COLOURS[0], plots.COLOURS[1]
        self.artists = {
            "computed": axes.plot([], [], color=computed, label="computed")[0],
            "true": axes.plot([], [], color=true, linestyle="--", linewidth=1.6, label="true value")[0],
            "unit": axes.text(1, -1.08, "", ha="right", fontsize=11),
        }
        axes.set(xlabel="$x$, in this unit", ylabel=r"$\tanh x$, in this unit", xlim=(-1, 1), ylim=(-1.15, 1.15))
        axes.legend(loc="upper left")

    def update(self, form, dtype, zoom):
        # From 1, in steps of equal ratio, to four times the type's eps; then to where only 0 is left.
        eps = float(np.finfo(dtype).eps)
        self.edge = (4 * eps) ** (zoom / 8) if zoom <= 8 else eps / 16
        x = np.linspace(-self.edge, self.edge, self.points).astype(dtype)
        computed, true = self.forms[form](x).astype(np.float64), tanh(x.astype(np.float64))
        outer = x > self.edge / 2
        self.values_left = len(np.unique(computed[x > 0]))
        self.error = float(np.max(np.abs(computed - true)[outer] / true[outer]))
        self.artists["computed"].set_data(x / self.edge, computed / self.edge)
        self.artists["true"].set_data(x / self.edge, true / self.edge)
        self.artists["unit"].set_text(f"unit: {self.edge:.1e}")

    def words(self):
        at = self.values
        left = f"{self.values_left} different value" + ("s" if self.values_left != 1 else "")
        error = "less than 1e-15" if self.error < 1e-15 else f"up to {self.error:.0e}"
        return (
            f"{at['form']} in {at['dtype']}: the {self.points // 2} positive x up to {self.edge:.1e} come out as "
            f"{left}; in the outer half of the window the relative error is {error}."
        )


class GradientRaceExplorer(Explorer):
    """The gradient's way back through sigmoid layers and through tanh layers, from the same draw of weights."""

    title = "The gradient's way back: sigmoid and tanh"
    look_for = (
        "the gap between the two, which start from the same draw of weights. Which scale makes the tanh line level, "
        "and which the sigmoid's? Which initialisation makes tanh vanish, and which makes it explode?"
    )
    names = ("sigmoid", "tanh")
    widest, width, batch, seeds = 30, 48, 8, 5

    def build(self):
        self.sliders = {
            "depth": whole_slider("depth", 10, 1, self.widest),
            "scale": slider("weights times", 1.0, 0.25, 12.0, 0.25),
            "initialisation": choice_slider("initialisation", "xavier", list(INITIALISATIONS)),
        }
        data = digits(standardised=True)
        self.inputs, self.labels = data.images[: self.batch], data.labels[: self.batch]
        sizes = [self.inputs.shape[1]] + [self.width] * self.widest + [10]
        self.networks = {
            (name, start): MLP(sizes, name, start, self.seeds, inputs=self.inputs)
            for name in self.names
            for start in INITIALISATIONS
        }
        self.figure, axes = plots.new_figure()
        for name, line in zip(self.names, plots.LINES, strict=False):
            self.artists[f"{name} band"] = axes.fill_between([0], [1], [1], color=line["color"], alpha=0.2, linewidth=0)
            self.artists[name] = axes.plot([], [], label=f"{name}, median and range of {self.seeds} seeds", **line)[0]
        axes.set(xlabel="layers passed on the way back", ylabel="gradient, relative to its start", yscale="log")
        axes.set(xlim=(-0.3, self.widest + 0.3), ylim=(1e-20, 1e10), xticks=range(0, self.widest + 1, 5))
        axes.legend(loc="lower left")

    def update(self, depth, scale, initialisation):
        passed, self.paths = np.arange(depth + 1), {}
        for name in self.names:
            network = self.networks[name, initialisation].shallower(depth, scale)
            path = self.paths[name] = gradient_path(network, self.inputs, self.labels)
            self.artists[f"{name} band"].set_data(passed, path.min(axis=0), path.max(axis=0))
            self.artists[name].set_data(passed, np.median(path, axis=0))

    def words(self):
        at = self.values
        ends = [
            f"{np.median(path[:, -1]):.0e} with {name} ({path[:, -1].min():.0e} to {path[:, -1].max():.0e})"
            for name, path in self.paths.items()
        ]
        return (
            f"{at['initialisation']} initialisation, weights times {at['scale']:g}: after {at['depth']} layers "
            f"{' and '.join(ends)} of the gradient is left."
        )
