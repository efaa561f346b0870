"""Explorers of what many layers do together: the product of their Jacobians, and the cliffs in the loss."""

import functools

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
    networks = {"Gaussian": "he", "orthogonal": "orthogonal"}

    def build(self):
        self.sliders = {
            "depth": whole_slider("layers", 10, 1, self.deepest),
            "scale": slider("√(nv) of weights", 1.4375, 0.5, 3.0, 0.0625),
            "weights": choice_slider("weights", "Gaussian", list(self.networks)),
        }
        image = digits(standardised=True).images[:1]
        sizes = [64] + [self.width] * (self.deepest + 1) + [10]
        # ReLU layers without biases are homogeneous: c times the weights is c to the power of k times the product.
        self.values_at_1 = {}
        for label, name in self.networks.items():
            network = MLP(sizes, "relu", name, self.seeds, scale=np.sqrt(0.5) if name == "he" else 1.0)
            products = jacobian_products(network, image)
            self.values_at_1[label] = [np.linalg.svd(product[:, 0], compute_uv=False) for product in products]
        self.rank = np.arange(1, self.width + 1)
        self.figure, axes = plots.new_figure()
        line = plots.LINES[0]
        axes.axhline(1, color="#555555", linestyle=":", linewidth=1.4)
        axes.annotate("1: passed on as it is", (49, 1), xytext=(0, 4), textcoords="offset points", ha="right")
        self.artists = {
            "band": axes.fill_between([0], [1], [1], color=line["color"], alpha=0.2, linewidth=0),
            "median": axes.plot([], [], label=f"singular values, median and range of {self.seeds} seeds", **line)[0],
            "typical": axes.axhline(1, color=plots.COLOURS[1], linestyle="--", label="a typical gradient's share"),
        }
        axes.set(xlabel="singular value, from the largest on", ylabel="its size", yscale="log")
        axes.set(xlim=(0, 50), ylim=(1e-13, 1e9))
        axes.legend(loc="upper right")

    def update(self, depth, scale, weights):
        self.singular = scale**depth * self.values_at_1[weights][depth - 1]
        # What inactive units leave is 0, or what rounding makes of it; it has no place on a logarithmic axis.
        shown = np.where(self.singular > 1e-12 * self.singular[:, :1], self.singular, np.nan)
        alive = np.isfinite(shown).all(axis=0)
        rank, shown = self.rank[alive], shown[:, alive]
        low, middle, high = shown.min(axis=0), np.median(shown, axis=0), shown.max(axis=0)
        corners = np.concatenate([np.c_[rank, low], np.c_[rank, high][::-1]])
        self.artists["band"].set_verts([corners])
        self.artists["median"].set_data(rank, middle)
        self.typical = float(np.median(np.sqrt((self.singular**2).mean(axis=1))))
        self.artists["typical"].set_ydata([self.typical, self.typical])
        self.alive = int(alive.sum())

    def words(self):
        at = self.values
        largest = np.median(self.singular[:, 0])
        return (
            f"{at['depth']} layers of {at['weights']} weights with √(nv) = {at['scale']:.2f}: the largest singular "
            f"value is {largest:.2g}, {self.alive} of {self.width} are not 0, and a typical gradient is multiplied by "
            f"{self.typical:.2g}."
        )


class CliffExplorer(Explorer):
    """Gradient descent on one weight that ten layers share: the loss has a cliff, and three ways to meet it."""

    title = "At the cliff"
    look_for = (
        "the first step from the steep wall. Unclipped it throws the weight over to the negative side, where every "
        "unit is off and the slope is 0 for ever. A clipped step is short, and the next ones find the valley."
    )
    depth, target, steps, rate = 10, 2.0, 100, 0.003
    window = (-1.0, 1.7), (0.0, 1e4)
    starts = np.linspace(0.5, 1.625, 19)

    def build(self):
        self.sliders = {
            "start": slider("start at w", 1.25, *self.starts[[0, -1]], self.starts[1] - self.starts[0]),
            "clip": choice_slider("clip at", "never", ["never", "100", "10", "2"]),
            "activation": choice_slider("activation", "ReLU", ["ReLU", "ReLU6"]),
        }
        self.w = np.linspace(*self.window[0], 541)
        self.figure, axes = plots.new_figure()
        curve, path = plots.LINES[0], plots.LINES[1]
        self.artists = {
            "loss": axes.plot([], [], color=curve["color"], label="loss of the weight")[0],
            "path": axes.plot([], [], label=f"steps of gradient descent, rate {self.rate}", **path)[0],
            "start": axes.plot([], [], color="black", marker="o", fillstyle="none", markersize=9, linestyle="none",
                               label="start")[0],
            "end": axes.plot([], [], color="black", marker="o", markersize=8, linestyle="none", label="end")[0],
        }
        axes.set(xlabel="the weight $w$ that all ten layers share", ylabel="loss $(y - 2)^2 / 2$")
        axes.set_yscale("symlog", linthresh=1)
        axes.set(xlim=self.window[0], ylim=(-0.12, self.window[1][1]))
        axes.legend(loc="upper left")

    @classmethod
    def loss_and_slope(cls, w, activation):
        """Return ½(y − 2)² for y = f(w f(w …f(w · 1))) and its derivative in w, by the chain rule layer by layer."""
        record = ACTIVATIONS[activation.lower()]
        y, slope = np.ones_like(w), np.zeros_like(w)
        for _ in range(cls.depth):
            z = w * y
            y, slope = record.function(z), record.derivative(z) * (y + w * slope)
        return (y - cls.target) ** 2 / 2, (y - cls.target) * slope

    @classmethod
    @functools.cache
    def all_paths(cls, clip, activation):
        """Return the weights along the way, by start. All starts go side by side: alone, each would take as long."""
        most = np.inf if clip == "never" else float(clip)
        paths = np.empty((cls.steps + 1, len(cls.starts)))
        paths[0] = cls.starts
        for step in range(cls.steps):
            _, slope = cls.loss_and_slope(paths[step], activation)
            paths[step + 1] = paths[step] - cls.rate * np.clip(slope, -most, most)
        return dict(zip(cls.starts.tolist(), paths.T, strict=True))

    def update(self, start, clip, activation):
        self.path = self.all_paths(clip, activation)[start]
        losses, _ = self.loss_and_slope(self.path, activation)
        self.final_loss = float(losses[-1])
        self.artists["loss"].set_data(self.w, self.loss_and_slope(self.w, activation)[0])
        shown = np.clip(self.path, *self.window[0]), np.clip(losses, *self.window[1])  # what flies out, at the edge
        self.artists["path"].set_data(*shown)
        self.artists["start"].set_data(shown[0][:1], shown[1][:1])
        self.artists["end"].set_data(shown[0][-1:], shown[1][-1:])

    def words(self):
        at = self.values
        _, slope = self.loss_and_slope(self.path[0], at["activation"])
        return (
            f"{at['activation']}, clipping at {at['clip']}: the slope at the start w = {at['start']:.2f} is "
            f"{slope:.3g}, the first step leads to w = {self.path[1]:.3g}, and after {self.steps} steps w is "
            f"{self.path[-1]:.3f} with a loss of {self.final_loss:.4f}."
        )
