"""Explorers of deep networks: what becomes of signal and gradient from layer to layer, and a rate for each layer."""

import numpy as np

from acts import plots
from acts.data import digits
from acts.explorers.base import Explorer, choice_slider, slider, whole_slider
from acts.network import MLP, cross_entropy
from acts.probes import rms, signal_path

__all__ = ["LayerRatesExplorer", "SignalExplorer"]


class SignalExplorer(Explorer):
    """Layer by layer, at the start: what still tells images apart, and how much of the gradient comes back."""

    title = "There and back through a deep network"
    look_for = (
        "which of the two lines falls. A network can be dead on its way back, on its way there, or both. Add links or "
        "normalisation and see which line each of them lifts."
    )
    deepest, width, batch, seeds = 20, 32, 64, 5
    starts = {
        "sigmoid, Xavier": ("sigmoid", "xavier"), "sigmoid, centred": ("sigmoid", "centred"),
        "tanh, orthogonal": ("tanh", "orthogonal"), "ReLU, He": ("relu", "he"), "ReLU, PyTorch": ("relu", "pytorch"),
    }  # fmt: skip

    def build(self):
        self.sliders = {
            "network": choice_slider("network", "sigmoid, Xavier", list(self.starts)),
            "depth": whole_slider("hidden layers", 20, 2, self.deepest),
            "residual": slider("residual links times", 0.0, 0.0, 1.0, 0.05),
            "normalise": choice_slider("normalisation", "none", ["none", "layer", "batch"]),
        }
        data = digits(standardised=True)
        self.inputs, self.labels = data.images[: self.batch], data.labels[: self.batch]
        sizes = [64] + [self.width] * self.deepest + [10]
        self.networks = {name: MLP(sizes, *start, self.seeds) for name, start in self.starts.items()}
        self.figure, axes = plots.new_figure()
        self.artists = {}
        labels = {"signal": "there: spread over images, share of size", "gradient": "back: gradient, last layer = 1"}
        for (name, label), line in zip(labels.items(), plots.LINES, strict=False):
            self.artists[f"{name} band"] = axes.fill_between([1], [1], [1], color=line["color"], alpha=0.2, linewidth=0)
            self.artists[name] = axes.plot([], [], label=f"{label}", **line)[0]
        axes.set(xlabel="hidden layer", ylabel="relative size", yscale="log", xlim=(0.5, self.deepest + 0.5))
        axes.set(ylim=(1e-17, 1e5), xticks=range(2, self.deepest + 1, 2))
        axes.legend(loc="lower left")

    def update(self, network, depth, residual, normalise):
        chosen = self.networks[network].shallower(depth)
        chosen.residual = residual if residual > 0 else None
        chosen.normalise = None if normalise == "none" else normalise
        layers = np.arange(1, depth + 1)
        self.signal, self.gradient = signal_path(chosen, self.inputs, self.labels)
        for name, values in {"signal": self.signal, "gradient": self.gradient}.items():
            self.artists[name].set_data(layers, np.median(values, axis=0))
            self.artists[f"{name} band"].set_data(layers, values.min(axis=0), values.max(axis=0))

    def words(self):
        at = self.values
        links = f"residual links times {at['residual']:g}" if at["residual"] else "no links"
        return (
            f"{at['depth']} layers, {at['network']}, {links}, normalisation: {at['normalise']}. In the last layer the "
            f"spread over images is {np.median(self.signal[:, -1]):.1e} of the size; in the first the gradient is "
            f"{np.median(self.gradient[:, 0]):.1e} of that in the last."
        )


class LayerRatesExplorer(Explorer):
    """How far one step moves the weights of each of eleven layers, when the rate grows towards the input."""

    title = "A learning rate for each layer"
    look_for = (
        "the factor that makes the line level: then every layer moves at the same speed. For the sigmoid from Xavier's "
        "start it is a little over 4. Whether such steps lead anywhere is another question."
    )
    depth, width, batch, seeds = 10, 32, 64, 5
    starts = {"sigmoid, Xavier": "xavier", "sigmoid, centred": "centred"}

    def build(self):
        self.sliders = {
            "factor": slider("factor per layer", 1.0, 0.5, 6.0, 0.25),
            "rate": slider("log₁₀ of the rate", -1.0, -4.0, 1.0, 0.25),
            "network": choice_slider("network", "sigmoid, Xavier", list(self.starts)),
        }
        data = digits(standardised=True)
        sizes = [64] + [self.width] * self.depth + [10]
        self.relative = {}
        for label, start in self.starts.items():
            network = MLP(sizes, "sigmoid", start, self.seeds)
            _, gradients = cross_entropy(network, data.images[: self.batch], data.labels[: self.batch])
            pairs = zip(gradients.weights, network.weights, strict=True)
            self.relative[label] = np.stack([rms(g, axis=(1, 2)) / rms(w, axis=(1, 2)) for g, w in pairs], axis=1)
        self.layers = np.arange(1, self.depth + 2)
        self.figure, axes = plots.new_figure()
        line = plots.LINES[0]
        axes.axhline(1e-2, color="#555555", linestyle=":", linewidth=1.4)
        axes.annotate("1 % a step", (1, 1e-2), xytext=(0, 4), textcoords="offset points")
        self.artists = {
            "band": axes.fill_between([1], [1], [1], color=line["color"], alpha=0.2, linewidth=0),
            "median": axes.plot([], [], label=f"median and range of {self.seeds} seeds", **line)[0],
        }
        axes.set(xlabel="layer of weights, from the input on", ylabel="step, relative to the weights", yscale="log")
        axes.set(xlim=(0.5, self.depth + 1.5), ylim=(1e-14, 1e6), xticks=self.layers)
        axes.legend(loc="upper right")

    def update(self, factor, rate, network):
        self.steps = 10.0**rate * factor ** (self.depth + 1 - self.layers) * self.relative[network]
        self.artists["band"].set_data(self.layers, self.steps.min(axis=0), self.steps.max(axis=0))
        self.artists["median"].set_data(self.layers, np.median(self.steps, axis=0))

    def words(self):
        at, middle = self.values, np.median(self.steps, axis=0)
        return (
            f"{at['network']}, rate {10.0 ** at['rate']:.2g}, times {at['factor']:g} for each layer towards the input: "
            f"a step moves the first layer's weights by {middle[0]:.1e} of their size, the last layer's by "
            f"{middle[-1]:.1e}."
        )
