"""Explorers that several pages share: the curve of an activation, and the gradient's way back through its layers."""

import numpy as np

from acts import plots
from acts.catalog import ACTIVATIONS
from acts.data import digits
from acts.explorers.base import Explorer, choice_slider, slider, whole_slider
from acts.network import INITIALISATIONS, MLP
from acts.probes import gradient_path

__all__ = ["CurveExplorer", "GradientPathExplorer", "GradientPaths"]


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

    def prepare(self):
        self.x = np.linspace(-8, 8, 513)  # binary fractions, so that a peak falls on one of them

    def build(self):
        self.sliders = {
            "gain": slider("gain g", 1.0, 0.25, 4.0, 0.25),
            "shift": slider("shift b", 0.0, -4.0, 4.0, 0.25),
            "point": slider("tangent at x", 1.0, -6.0, 6.0, 0.25),
        }
        self.figure, axes = plots.new_figure()
        self.line("function", axes, 0, "$f(gx+b)$")
        self.line("derivative", axes, 1, "its derivative")
        self.line("tangent", axes, 4, "tangent", linestyle=":")
        self.dots("touching", axes, 4, markersize=8)
        low, high = (float(np.clip(limit, -3, 3)) for limit in self.record.output_range)
        low, high = (
            bound(value, self.sliders["gain"].max * slope)
            for bound, value, slope in zip((min, max), (low, high), self.record.derivative_range, strict=True)
        )
        axes.set(xlabel="$x$", ylabel="value", xlim=(-8, 8), ylim=(low - 0.15, high + 0.35))
        axes.legend(loc="upper left", ncols=3)

    def show(self, values):
        gain, shift, point = values["gain"], values["shift"], values["point"]
        z = gain * self.x + shift
        self.artists["function"].set_data(self.x, self.record.function(z))
        slopes = gain * self.record.derivative(z)
        for kink in self.record.kinks:  # there is no slope at a kink: the line breaks off
            slopes[np.abs(z - kink) <= gain * (self.x[1] - self.x[0]) / 2] = np.nan
        self.artists["derivative"].set_data(self.x, slopes)
        height = float(self.record.function(gain * point + shift))
        slope = float(gain * self.record.derivative(gain * point + shift))
        reach = np.array([-2.5, 2.5]) / np.hypot(1, 3 * slope)
        self.artists["tangent"].set_data(point + reach, height + slope * reach)
        self.artists["touching"].set_data([point], [height])
        steepest = f"x = {self.x[np.nanargmax(slopes)]:.2f}" if self.peaked else "the right"
        return (
            f"At x = {point:g} the curve has height {height:.4f} and slope {slope:.4f}. "
            f"In this window it is steepest at {steepest}, with slope {np.nanmax(slopes):.4f}."
        )


class GradientPaths(Explorer):
    """How large the gradient still is after k layers on its way back, in real networks at their initialisation.

    A subclass has `curves`, the activation and the label of each line by the line's name; its `show` begins with
    `show_paths`.
    """

    widest, width, batch, seeds = 20, 64, 32, 5
    window, ticks = (1e-14, 1e3), range(0, 21, 2)

    def prepare(self):
        data = digits(standardised=True)
        self.inputs, self.labels = data.images[: self.batch], data.labels[: self.batch]
        sizes = [self.inputs.shape[1]] + [self.width] * self.widest + [10]
        self.networks = {
            (name, start): MLP(sizes, activation, start, self.seeds, inputs=self.inputs)
            for name, (activation, _) in self.curves.items()
            for start in INITIALISATIONS
        }

    def build(self):
        self.sliders = {
            "depth": whole_slider("depth", 10, 1, self.widest),
            "scale": slider("weights times", 1.0, 0.25, 12.0, 0.25),
            "initialisation": choice_slider("initialisation", "xavier", list(INITIALISATIONS)),
        }
        self.figure, axes = plots.new_figure()
        self.add_lines(axes)
        axes.set(xlabel="layers passed on the way back", ylabel="gradient, relative to its start", yscale="log")
        axes.set(xlim=(-0.3, self.widest + 0.3), ylim=self.window, xticks=self.ticks)
        axes.legend(loc="lower left")

    def add_lines(self, axes):
        for style, (name, (_, label)) in enumerate(self.curves.items()):
            self.seeds_line(name, axes, style, f"{label}, median and range of {self.seeds} seeds")

    def show_paths(self, values):
        """Draw every network's path, and return the paths, (seeds, depth + 1), by the line's name."""
        depth, paths = values["depth"], {}
        for name in self.curves:
            network = self.networks[name, values["initialisation"]].shallower(depth, values["scale"])
            paths[name] = gradient_path(network, self.inputs, self.labels)
            self.show_seeds(name, np.arange(depth + 1), paths[name])
        return paths


class GradientPathExplorer(GradientPaths):
    """The gradient's way back through layers of one activation, beside the most that its slope alone would leave."""

    look_for = (
        "the slope. Only the dashed line is the article's 0.25 for each layer; the weights tilt the real path, "
        "up or down, and with them you can make it level."
    )

    def __init__(self, name="sigmoid"):
        record = ACTIVATIONS[name]
        self.steepest = float(record.derivative_range[1])
        self.curves = {"median": (name, "measured")}
        self.title = f"The gradient's way back through {record.label} layers"
        super().__init__()

    def add_lines(self, axes):
        self.line("bound", axes, 1, f"{self.steepest:g} for each layer")
        super().add_lines(axes)

    def show(self, values):
        depth = values["depth"]
        path = self.show_paths(values)["median"]
        passed = np.arange(depth + 1)
        self.artists["bound"].set_data(passed, self.steepest**passed)
        end = path[:, -1]
        return (
            f"{values['initialisation']} initialisation, weights times {values['scale']:g}: after {depth} layers "
            f"{np.median(end):.1e} of the gradient is left ({end.min():.1e} to {end.max():.1e}), "
            f"a factor of {np.median(end) ** (1 / depth):.2f} for each layer."
        )
