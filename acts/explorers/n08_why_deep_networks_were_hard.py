"""The explorers of the page on deep networks: signal and gradient from layer to layer, and a rate for each layer."""

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
        "sigmoid, Xavier": ("sigmoid", "xavier"),
        "sigmoid, centred": ("sigmoid", "centred"),
        "tanh, orthogonal": ("tanh", "orthogonal"),
        "ReLU, He": ("relu", "he"),
        "ReLU, PyTorch": ("relu", "pytorch"),
    }
    normalisations = {"none": None, "layer": "layer", "batch": "batch"}

    def prepare(self):
        data = digits(standardised=True)
        self.inputs, self.labels = data.images[: self.batch], data.labels[: self.batch]
        sizes = [64] + [self.width] * self.deepest + [10]
        self.networks = {name: MLP(sizes, *start, self.seeds) for name, start in self.starts.items()}

    def build(self):
        self.sliders = {
            "network": choice_slider("network", "sigmoid, Xavier", list(self.starts)),
            "depth": whole_slider("hidden layers", 20, 2, self.deepest),
            "residual": slider("residual links times", 0.0, 0.0, 1.0, 0.05),
            "normalise": choice_slider("normalisation", "none", list(self.normalisations)),
        }
        self.figure, axes = plots.new_figure()
        self.seeds_line("signal", axes, 0, "there: spread over images, share of size")
        self.seeds_line("gradient", axes, 1, "back: gradient, last layer = 1")
        axes.set(xlabel="hidden layer", ylabel="relative size", yscale="log", xlim=(0.5, self.deepest + 0.5))
        axes.set(ylim=(1e-17, 1e5), xticks=range(2, self.deepest + 1, 2))
        axes.legend(loc="lower left")

    def show(self, values):
        network, depth, residual, normalise = (values[name] for name in ("network", "depth", "residual", "normalise"))
        chosen = self.networks[network].shallower(depth)
        chosen.residual = residual if residual > 0 else None
        chosen.normalise = self.normalisations[normalise]
        layers = np.arange(1, depth + 1)
        signal, gradient = signal_path(chosen, self.inputs, self.labels)
        signal, gradient = self.show_seeds("signal", layers, signal), self.show_seeds("gradient", layers, gradient)
        links = f"residual links times {residual:g}" if residual else "no links"
        return (
            f"{depth} layers, {network}, {links}, normalisation: {normalise}. In the last layer the "
            f"spread over images is {signal[-1]:.1e} of the size; in the first the gradient is "
            f"{gradient[0]:.1e} of that in the last."
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

    def prepare(self):
        """Measure each layer's gradient relative to its weights, (seeds, layers), by the start."""
        data = digits(standardised=True)
        sizes = [64] + [self.width] * self.depth + [10]
        self.relative = {}
        for label, start in self.starts.items():
            network = MLP(sizes, "sigmoid", start, self.seeds)
            _, gradients = cross_entropy(network, data.images[: self.batch], data.labels[: self.batch])
            pairs = zip(gradients.weights, network.weights, strict=True)
            self.relative[label] = np.stack([rms(g, axis=(1, 2)) / rms(w, axis=(1, 2)) for g, w in pairs], axis=1)
        self.layers = np.arange(1, self.depth + 2)

    def build(self):
        self.sliders = {
            "factor": slider("factor per layer", 1.0, 0.5, 6.0, 0.25),
            "rate": slider("log₁₀ of the rate", -1.0, -4.0, 1.0, 0.25),
            "network": choice_slider("network", "sigmoid, Xavier", list(self.starts)),
        }
        self.figure, axes = plots.new_figure()
        axes.axhline(1e-2, color="#555555", linestyle=":", linewidth=1.4)
        axes.annotate("1 % a step", (1, 1e-2), xytext=(0, 4), textcoords="offset points")
        self.seeds_line("median", axes, 0, f"median and range of {self.seeds} seeds")
        axes.set(xlabel="layer of weights, from the input on", ylabel="step, relative to the weights", yscale="log")
        axes.set(xlim=(0.5, self.depth + 1.5), ylim=(1e-14, 1e6), xticks=self.layers)
        axes.legend(loc="upper right")

    def show(self, values):
        factor, rate, network = values["factor"], 10.0 ** values["rate"], values["network"]
        steps = rate * factor ** (self.depth + 1 - self.layers) * self.relative[network]
        middle = self.show_seeds("median", self.layers, steps)
        return (
            f"{network}, rate {rate:.2g}, times {factor:g} for each layer towards the input: "
            f"a step moves the first layer's weights by {middle[0]:.1e} of their size, the last layer's by "
            f"{middle[-1]:.1e}."
        )
