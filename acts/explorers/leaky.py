"""Explorers of the leaky family: the slope below 0, slopes drawn at random, and the loss as a function of alpha."""

import numpy as np

from acts import plots
from acts.data import digits
from acts.elementwise import leaky_relu, leaky_relu_derivative, prelu_alpha_gradient, rrelu_slopes
from acts.explorers.base import Explorer, choice_slider, slider, whole_slider
from acts.network import MLP, Leaky, cross_entropy

__all__ = ["AlphaLossExplorer", "LeakySlopeExplorer", "RandomSlopesExplorer"]


class LeakySlopeExplorer(Explorer):
    """LeakyReLU and its derivative for any alpha, and the mean of what comes out for a normal input."""

    title = "The slope below 0"
    look_for = (
        "alpha = 1, where the bend is gone; alpha = 0, the dead side; and negative alpha, where the output below 0 "
        "turns positive. The dotted line is the mean output for z ~ N(0, σ²): it is 0 at alpha = 1 only. "
        "The bar is one standard deviation up and down."
    )

    def build(self):
        self.sliders = {
            "alpha": slider("alpha", 0.2, -1.0, 1.0, 0.05),
            "sigma": slider("σ of the input", 1.0, 0.5, 2.0, 0.1),
        }
        self.x = np.linspace(-3, 3, 241)
        self.figure, axes = plots.new_figure()
        kinked = plots.COLOURS[1]
        axes.axhline(0, color="#555555", linewidth=1)
        axes.plot([0, 3], [1, 1], color=kinked, linestyle="--")
        self.artists = {
            "function": axes.plot([], [], color=plots.COLOURS[0], linestyle="-", label="$f(x)$")[0],
            "derivative": axes.plot([], [], color=kinked, linestyle="--", label="$f'(x)$")[0],
            "ends": axes.plot([], [], color=kinked, marker="o", fillstyle="none", linestyle="none")[0],
            "mean": axes.axhline(0, color=plots.COLOURS[2], linestyle=":", label="mean of $f(z)$"),
            "spread": axes.plot([], [], color=plots.COLOURS[2], marker="_", linestyle="-", linewidth=1.2)[0],
        }
        axes.set(xlabel="$x$", ylabel="$f(x)$ and $f'(x)$", xlim=(-3, 3), ylim=(-3.1, 3.2))
        axes.legend(loc="lower right")

    def update(self, alpha, sigma):
        self.artists["function"].set_data(self.x, leaky_relu(self.x, alpha))
        below = self.x[self.x < 0]
        self.artists["derivative"].set_data(below, leaky_relu_derivative(below, alpha))
        self.artists["ends"].set_data([0, 0], [alpha, 1])
        self.mean = (1 - alpha) * sigma / np.sqrt(2 * np.pi)
        self.variance = (1 + alpha**2) * sigma**2 / 2 - self.mean**2
        self.artists["mean"].set_ydata([self.mean, self.mean])
        away = np.sqrt(self.variance)
        self.artists["spread"].set_data([-2.8, -2.8], [self.mean - away, self.mean + away])

    def words(self):
        at = self.values
        return (
            f"Alpha {at['alpha']:.2f}: slope {at['alpha']:.2f} below 0 and 1 above. For z ~ N(0, {at['sigma']:.1f}²) "
            f"the output has mean {self.mean:.3f} and variance {self.variance:.3f}; weights that keep the signal's "
            f"size need variance {2 / (1 + at['alpha'] ** 2):.3f}/n."
        )


class RandomSlopesExplorer(Explorer):
    """Slopes that RReLU draws, as a fan, and the three slopes that are used in their place when it is tested."""

    title = "Random slopes, and three fixed ones"
    look_for = (
        "the three lines within the fan: the same two bounds, three 'mean slopes'. They agree when the bounds meet, "
        "and part as the bounds do. Which way of drawing fills the fan evenly?"
    )
    draws = 40
    ways = ["multiply", "divide"]

    def build(self):
        self.sliders = {
            "low": slider("least divisor", 3.0, 1.5, 6.0, 0.5, form=".1f"),
            "width": slider("greatest: plus", 5.0, 0.5, 20.0, 0.5, form=".1f"),
            "way": choice_slider("draw and", "multiply", self.ways),
            "seed": whole_slider("seed", 0, 0, 9),
        }
        self.figure, axes = plots.new_figure(height=4.2)
        axes.plot([0, 1], [0, 1], color="black", linewidth=2.2)
        self.artists = {"fan": axes.vlines([], [], [], colors="#999999", linewidth=0.8, alpha=0.8)}
        labels = {
            "frameworks": "multiply: (1/l + 1/u)/2",
            "divisions": "divide: mean of 1/a",
            "paper": "paper's test: 2/(l + u)",
        }
        for (name, label), line in zip(labels.items(), plots.LINES[:3], strict=True):
            look = {"color": line["color"], "linestyle": line["linestyle"]}
            self.artists[name] = axes.plot([], [], label=label, **look)[0]
        axes.set(xlabel="$x$", ylabel="$f(x)$", xlim=(-1, 0.3), ylim=(-0.7, 0.3))
        axes.legend(loc="lower right")

    def update(self, low, width, way, seed):
        high = low + width
        if way == "multiply":
            self.slopes = rrelu_slopes(self.draws, 1 / high, 1 / low, rng=seed)
        else:
            self.slopes = 1 / rrelu_slopes(self.draws, low, high, rng=seed)
        self.artists["fan"].set_segments([[(0, 0), (-1, -slope)] for slope in self.slopes])
        self.means = {
            "frameworks": (1 / low + 1 / high) / 2, "divisions": np.log(high / low) / width, "paper": 2 / (low + high),
        }  # fmt: skip
        for name, mean in self.means.items():
            self.artists[name].set_data([-1, 0], [-mean, 0])

    def words(self):
        at, high = self.values, self.values["low"] + self.values["width"]
        drawn = f"1/{high:g} to 1/{at['low']:g}" if at["way"] == "multiply" else f"{at['low']:g} to {high:g}"
        return (
            f"{self.draws} draws from {drawn}, to {at['way']} by, seed {at['seed']}: their mean slope is "
            f"{self.slopes.mean():.4f}. Expected when multiplying: {self.means['frameworks']:.4f}; when dividing: "
            f"{self.means['divisions']:.4f}; the paper's test mode: {self.means['paper']:.4f}."
        )


class AlphaLossExplorer(Explorer):
    """The loss of a batch of digits as a function of one layer's alpha, with its tangent."""

    title = "The loss as a function of alpha"
    look_for = (
        "the tangent: its slope is the gradient in alpha, one number summed over all units and images of the layer. "
        "Gradient descent moves alpha downhill along it. Is the curve smooth, and is its lowest point at 0?"
    )
    seeds = 3

    def build(self):
        self.sliders = {
            "alpha": slider("alpha", 0.25, -0.5, 1.5, 0.05),
            "layer": whole_slider("layer", 1, 1, 3),
            "seed": whole_slider("seed", 0, 0, self.seeds - 1),
        }
        images, labels = (part[:200] for part in digits(standardised=True))
        self.alphas = np.linspace(-0.5, 1.5, 41)
        self.loss, self.gradient = np.empty((2, 3, self.seeds, 41))
        network = MLP([64, 16, 16, 16, 10], Leaky(0.25, learn="layer"), "he", self.seeds)
        for layer in range(3):
            for i, alpha in enumerate(self.alphas):
                network.hidden[layer].alpha[:] = alpha
                self.loss[layer, :, i], gradients = cross_entropy(network, images, labels)
                z = network.forward(images).pre_activations[layer]
                for seed in range(self.seeds):
                    upstream = gradients.activations[layer][seed]
                    self.gradient[layer, seed, i] = prelu_alpha_gradient(z[seed], upstream)
            network.hidden[layer].alpha[:] = 0.25
        self.figure, axes = plots.new_figure()
        curve, tangent = plots.LINES[:2]
        self.artists = {
            "loss": axes.plot([], [], color=curve["color"], label="loss of 200 digits")[0],
            "tangent": axes.plot([], [], color=tangent["color"], linestyle="--", label="tangent")[0],
            "point": axes.plot([], [], color="black", marker="o", linestyle="none")[0],
        }
        axes.set(xlabel="alpha of this layer (all others 0.25)", ylabel="cross-entropy", xlim=(-0.55, 1.55))
        axes.set(ylim=(self.loss.min() - 0.15, self.loss.max() + 0.4))
        axes.legend(loc="upper left", ncols=2)

    def update(self, alpha, layer, seed):
        at = int(np.abs(self.alphas - alpha).argmin())
        losses, self.here = self.loss[layer - 1, seed], float(self.loss[layer - 1, seed, at])
        self.slope = float(self.gradient[layer - 1, seed, at])
        ends = np.array([alpha - 0.4, alpha + 0.4])
        self.artists["loss"].set_data(self.alphas, losses)
        self.artists["tangent"].set_data(ends, self.here + self.slope * (ends - alpha))
        self.artists["point"].set_data([alpha], [self.here])
        self.lowest = float(self.alphas[losses.argmin()])

    def words(self):
        at = self.values
        return (
            f"Seed {at['seed']}, layer {at['layer']}, alpha {at['alpha']:.2f}: loss {self.here:.3f}, gradient in alpha "
            f"{self.slope:+.3f}. The loss is least at alpha = {self.lowest:.2f}, within the picture."
        )
