"""The explorers of the page on ReLU: the product of many layers' Jacobians, and the cliffs in the loss."""

import numpy as np

from acts import plots
from acts.catalog import ACTIVATIONS
from acts.data import digits
from acts.explorers.base import Explorer, choice_slider, slider, whole_slider
from acts.network import MLP
from acts.probes import jacobian_products

__all__ = ["CliffExplorer", "SingularValuesExplorer"]


class SingularValuesExplorer(Explorer):
    """The singular values of the product of the Jacobians of many ReLU layers, sorted."""

    title = "What many layers do to a gradient"
    look_for = (
        "height and tilt. The weights' scale lifts the whole curve or lowers it, the more so the deeper the network; "
        "depth tilts it: some directions grow, most die, whatever the scale."
    )
    deepest, width, seeds = 20, 64, 5
    weights = {"Gaussian": ("he", np.sqrt(0.5)), "orthogonal": ("orthogonal", 1.0)}  # initialisation, and its scale

    def prepare(self):
        image = digits(standardised=True).images[:1]
        sizes = [64] + [self.width] * (self.deepest + 1) + [10]
        # ReLU layers without biases are homogeneous: c times the weights is c to the power of k times the product.
        self.values_at_1 = {}
        for label, (name, scale) in self.weights.items():
            network = MLP(sizes, "relu", name, self.seeds, scale=scale)
            products = jacobian_products(network, image)
            self.values_at_1[label] = [np.linalg.svd(product[:, 0], compute_uv=False) for product in products]
        self.rank = np.arange(1, self.width + 1)

    def build(self):
        self.sliders = {
            "depth": whole_slider("layers", 10, 1, self.deepest),
            "scale": slider("√(nv) of weights", 1.4375, 0.5, 3.0, 0.0625),
            "weights": choice_slider("weights", "Gaussian", list(self.weights)),
        }
        self.figure, axes = plots.new_figure()
        axes.axhline(1, color="#555555", linestyle=":", linewidth=1.4)
        axes.annotate("1: passed on as it is", (49, 1), xytext=(0, 4), textcoords="offset points", ha="right")
        self.seeds_line("median", axes, 0, f"singular values, median and range of {self.seeds} seeds")
        label = "a typical gradient's share"
        self.artists["typical"] = axes.axhline(1, color=plots.COLOURS[1], linestyle="--", label=label)
        axes.set(xlabel="singular value, from the largest on", ylabel="its size", yscale="log")
        axes.set(xlim=(0, 50), ylim=(1e-13, 1e9))
        axes.legend(loc="upper right")

    def show(self, values):
        depth, scale, weights = values["depth"], values["scale"], values["weights"]
        singular = scale**depth * self.values_at_1[weights][depth - 1]
        # What inactive units leave is 0, or what rounding makes of it; it has no place on a logarithmic axis.
        alive = (singular > 1e-12 * singular[:, :1]).all(axis=0)
        self.show_seeds("median", self.rank[alive], singular[:, alive])
        typical = float(np.median(np.sqrt((singular**2).mean(axis=1))))
        self.artists["typical"].set_ydata([typical, typical])
        return (
            f"{depth} layers of {weights} weights with √(nv) = {scale:.2f}: the largest singular "
            f"value is {np.median(singular[:, 0]):.2g}, {alive.sum()} of {self.width} are not 0, and a typical "
            f"gradient is multiplied by {typical:.2g}."
        )


class CliffExplorer(Explorer):
    """Gradient descent on one weight that ten layers share: the loss has a cliff, and three ways to meet it.

    Result: `final_loss`, the loss after the last step.
    """

    title = "At the cliff"
    look_for = (
        "the first step from the steep wall. Unclipped it throws the weight over to the negative side, where every "
        "unit is off and the slope is 0 for ever. A clipped step is short, and the next ones find the valley."
    )
    depth, target, steps, rate = 10, 2.0, 100, 0.003
    window = (-1.0, 1.7), (0.0, 1e4)
    starts = np.linspace(0.5, 1.625, 19)
    clips = {"never": np.inf, "100": 100.0, "10": 10.0, "2": 2.0}
    activations = {"ReLU": ACTIVATIONS["relu"], "ReLU6": ACTIVATIONS["relu6"]}

    def prepare(self):
        self.w = np.linspace(*self.window[0], 541)
        self.paths = {}
        for activation in self.activations:
            for clip, paths in zip(self.clips, self._paths(activation), strict=True):
                self.paths[activation, clip] = paths

    def _paths(self, activation):
        """Return the weights along the way, (clips, starts, steps + 1). Side by side: each takes as long as all do."""
        most = np.array(list(self.clips.values()))[:, None]
        paths = np.empty((self.steps + 1, len(most), len(self.starts)))
        paths[0] = self.starts
        for step in range(self.steps):
            _, slope = self.loss_and_slope(paths[step], activation)
            paths[step + 1] = paths[step] - self.rate * np.clip(slope, -most, most)
        return np.moveaxis(paths, 0, -1)

    def build(self):
        self.sliders = {
            "start": slider("start at w", 1.25, *self.starts[[0, -1]], self.starts[1] - self.starts[0]),
            "clip": choice_slider("clip at", "never", list(self.clips)),
            "activation": choice_slider("activation", "ReLU", list(self.activations)),
        }
        self.figure, axes = plots.new_figure()
        self.line("loss", axes, 0, "loss of the weight")
        self.line("path", axes, label=f"steps of gradient descent, rate {self.rate}", **plots.LINES[1])
        self.dots("start", axes, 4, "start", fillstyle="none", markersize=9)
        self.dots("end", axes, 4, "end", markersize=8)
        axes.set(xlabel="the weight $w$ that all ten layers share", ylabel="loss $(y - 2)^2 / 2$")
        axes.set_yscale("symlog", linthresh=1)
        axes.set(xlim=self.window[0], ylim=(-0.12, self.window[1][1]))
        axes.legend(loc="upper left")

    @classmethod
    def loss_and_slope(cls, w, activation):
        """Return ½(y − 2)² for y = f(w f(w …f(w · 1))) and its derivative in w, by the chain rule layer by layer."""
        record = cls.activations[activation]
        y, slope = np.ones_like(w), np.zeros_like(w)
        for _ in range(cls.depth):
            z = w * y
            y, slope = record.function(z), record.derivative(z) * (y + w * slope)
        return (y - cls.target) ** 2 / 2, (y - cls.target) * slope

    def show(self, values):
        start, clip, activation = values["start"], values["clip"], values["activation"]
        path = self.paths[activation, clip][np.abs(self.starts - start).argmin()]
        losses, slopes = self.loss_and_slope(path, activation)
        self.final_loss = float(losses[-1])
        self.artists["loss"].set_data(self.w, self.loss_and_slope(self.w, activation)[0])
        shown = np.clip(path, *self.window[0]), np.clip(losses, *self.window[1])  # what flies out, at the edge
        self.artists["path"].set_data(*shown)
        self.artists["start"].set_data(shown[0][:1], shown[1][:1])
        self.artists["end"].set_data(shown[0][-1:], shown[1][-1:])
        return (
            f"{activation}, clipping at {clip}: the slope at the start w = {start:.2f} is "
            f"{slopes[0]:.3g}, the first step leads to w = {path[1]:.3g}, and after {self.steps} steps w is "
            f"{path[-1]:.3f} with a loss of {self.final_loss:.4f}."
        )
