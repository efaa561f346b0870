"""The explorers of the page on the leaky family: the slope below 0, slopes drawn at random, the loss by alpha."""

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

    def prepare(self):
        self.x = np.linspace(-3, 3, 241)

    def build(self):
        self.sliders = {
            "alpha": slider("alpha", 0.2, -1.0, 1.0, 0.05),
            "sigma": slider("σ of the input", 1.0, 0.5, 2.0, 0.1),
        }
        self.figure, axes = plots.new_figure()
        axes.axhline(0, color="#555555", linewidth=1)
        axes.plot([0, 3], [1, 1], color=plots.COLOURS[1], linestyle="--")
        self.line("function", axes, 0, "$f(x)$")
        self.line("derivative", axes, 1, "$f'(x)$")
        self.dots("ends", axes, 1, fillstyle="none")
        self.artists["mean"] = axes.axhline(0, color=plots.COLOURS[2], linestyle=":", label="mean of $f(z)$")
        self.line("spread", axes, 2, marker="_", linestyle="-", linewidth=1.2)
        axes.set(xlabel="$x$", ylabel="$f(x)$ and $f'(x)$", xlim=(-3, 3), ylim=(-3.1, 3.2))
        axes.legend(loc="lower right")

    def show(self, values):
        alpha, sigma = values["alpha"], values["sigma"]
        self.artists["function"].set_data(self.x, leaky_relu(self.x, alpha))
        below = self.x[self.x < 0]
        self.artists["derivative"].set_data(below, leaky_relu_derivative(below, alpha))
        self.artists["ends"].set_data([0, 0], [alpha, 1])
        mean = (1 - alpha) * sigma / np.sqrt(2 * np.pi)
        variance = (1 + alpha**2) * sigma**2 / 2 - mean**2
        self.artists["mean"].set_ydata([mean, mean])
        self.artists["spread"].set_data([-2.8, -2.8], [mean - np.sqrt(variance), mean + np.sqrt(variance)])
        return (
            f"Alpha {alpha:.2f}: slope {alpha:.2f} below 0 and 1 above. For z ~ N(0, {sigma:.1f}²) "
            f"the output has mean {mean:.3f} and variance {variance:.3f}; weights that keep the signal's "
            f"size need variance {2 / (1 + alpha**2):.3f}/n."
        )


class RandomSlopesExplorer(Explorer):
    """Slopes that RReLU draws, as a fan, and the three slopes that are used in their place when it is tested.

    Result: `means`, the three slopes, by the names of their lines.
    """

    title = "Random slopes, and three fixed ones"
    look_for = (
        "the three lines within the fan: the same two bounds, three 'mean slopes'. They agree when the bounds meet, "
        "and part as the bounds do. Which way of drawing fills the fan evenly?"
    )
    draws = 40
    # Each: how slopes are drawn from divisors between low and high, and from what.
    ways = {
        "multiply": (lambda n, low, high, rng: rrelu_slopes(n, 1 / high, 1 / low, rng=rng), "1/{high:g} to 1/{low:g}"),
        "divide": (lambda n, low, high, rng: 1 / rrelu_slopes(n, low, high, rng=rng), "{low:g} to {high:g}"),
    }

    def build(self):
        self.sliders = {
            "low": slider("least divisor", 3.0, 1.5, 6.0, 0.5, form=".1f"),
            "width": slider("greatest: plus", 5.0, 0.5, 20.0, 0.5, form=".1f"),
            "way": choice_slider("draw and", "multiply", list(self.ways)),
            "seed": whole_slider("seed", 0, 0, 9),
        }
        self.figure, axes = plots.new_figure(height=4.2)
        axes.plot([0, 1], [0, 1], color="black", linewidth=2.2)
        self.artists["fan"] = axes.vlines([], [], [], colors="#999999", linewidth=0.8, alpha=0.8)
        self.line("frameworks", axes, 0, "multiply: (1/l + 1/u)/2")
        self.line("divisions", axes, 1, "divide: mean of 1/a")
        self.line("paper", axes, 2, "paper's test: 2/(l + u)")
        axes.set(xlabel="$x$", ylabel="$f(x)$", xlim=(-1, 0.3), ylim=(-0.7, 0.3))
        axes.legend(loc="lower right")

    def show(self, values):
        low, width, way, seed = (values[name] for name in ("low", "width", "way", "seed"))
        high, (draw, drawn) = low + width, self.ways[way]
        slopes = draw(self.draws, low, high, seed)
        self.artists["fan"].set_segments([[(0, 0), (-1, -slope)] for slope in slopes])
        self.means = {
            "frameworks": (1 / low + 1 / high) / 2,
            "divisions": np.log(high / low) / width,
            "paper": 2 / (low + high),
        }
        for name, mean in self.means.items():
            self.artists[name].set_data([-1, 0], [-mean, 0])
        return (
            f"{self.draws} draws from {drawn.format(low=low, high=high)}, to {way} by, seed {seed}: their mean slope "
            f"is {slopes.mean():.4f}. Expected when multiplying: {self.means['frameworks']:.4f}; when dividing: "
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

    def prepare(self):
        """Measure loss and gradient, each (layers, seeds, alphas), on a fixed batch."""
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

    def build(self):
        self.sliders = {
            "alpha": slider("alpha", 0.25, -0.5, 1.5, 0.05),
            "layer": whole_slider("layer", 1, 1, 3),
            "seed": whole_slider("seed", 0, 0, self.seeds - 1),
        }
        self.figure, axes = plots.new_figure()
        self.line("loss", axes, 0, "loss of 200 digits")
        self.line("tangent", axes, 1, "tangent")
        self.dots("point", axes, 4)
        axes.set(xlabel="alpha of this layer (all others 0.25)", ylabel="cross-entropy", xlim=(-0.55, 1.55))
        axes.set(ylim=(self.loss.min() - 0.15, self.loss.max() + 0.4))
        axes.legend(loc="upper left", ncols=2)

    def show(self, values):
        alpha, layer, seed = values["alpha"], values["layer"], values["seed"]
        at = int(np.abs(self.alphas - alpha).argmin())
        losses, slope = self.loss[layer - 1, seed], self.gradient[layer - 1, seed, at]
        ends = np.array([alpha - 0.4, alpha + 0.4])
        self.artists["loss"].set_data(self.alphas, losses)
        self.artists["tangent"].set_data(ends, losses[at] + slope * (ends - alpha))
        self.artists["point"].set_data([alpha], [losses[at]])
        return (
            f"Seed {seed}, layer {layer}, alpha {alpha:.2f}: loss {losses[at]:.3f}, gradient in alpha "
            f"{slope:+.3f}. The loss is least at alpha = {self.alphas[losses.argmin()]:.2f}, within the picture."
        )
