"""Explorers of whole networks."""

import numpy as np

from acts import plots
from acts.catalog import ACTIVATIONS
from acts.data import digits
from acts.explorers.base import Explorer, choice_slider, slider, whole_slider
from acts.network import INITIALISATIONS, MLP
from acts.probes import gradient_path

__all__ = ["GradientPathExplorer"]


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
