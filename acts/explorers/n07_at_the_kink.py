"""The explorers of the page on the point where an activation has no derivative."""

from typing import NamedTuple

import numpy as np

from acts import plots
from acts.data import digits
from acts.elementwise import leaky_relu, relu, relu6, sigmoid, softplus
from acts.explorers.base import Explorer, choice_slider, slider, whole_slider
from acts.network import MLP

__all__ = ["ExactZerosExplorer", "FanExplorer", "SmoothingExplorer"]


class Kink(NamedTuple):
    """A kink of a function of x and alpha: where it is, the slopes at its two sides, and the slope far to the right.

    None is the slope alpha.
    """

    function: callable
    at: float
    left: float | None
    right: float
    far_right: float


class FanExplorer(Explorer):
    """A line through a kink, and whether it stays below the whole graph: whether its slope is a subgradient."""

    title = "A line through the corner"
    look_for = (
        "the shaded piece. A slope is a subgradient if the line is nowhere above the graph, however far you go. For "
        "LeakyReLU slope 0 fails; when alpha exceeds 1, and at ReLU6's upper kink, every slope fails."
    )
    kinks = {
        "LeakyReLU at 0": Kink(leaky_relu, at=0.0, left=None, right=1.0, far_right=1.0),
        "ReLU at 0": Kink(lambda x, _: relu(x), at=0.0, left=0.0, right=1.0, far_right=1.0),
        "ReLU6 at 0": Kink(lambda x, _: relu6(x), at=0.0, left=0.0, right=1.0, far_right=0.0),
        "ReLU6 at 6": Kink(lambda x, _: relu6(x), at=6.0, left=1.0, right=0.0, far_right=0.0),
    }

    def prepare(self):
        self.x = np.linspace(-8, 14, 441)  # from the kink; a multiple of 0.05, so that 0 is one of them
        self.x[160] = 0.0

    def build(self):
        self.sliders = {
            "slope": slider("slope g", 0.0, -0.5, 2.0, 0.05),
            "alpha": slider("alpha (Leaky)", 0.25, 0.0, 2.0, 0.05),
            "function": choice_slider("function", "LeakyReLU at 0", list(self.kinks)),
        }
        self.figure, axes = plots.new_figure()
        look = {"color": plots.COLOURS[1], "alpha": 0.35, "linewidth": 0, "label": "the line is above the graph"}
        self.artists["above"] = axes.fill_between(self.x, 0, 0, **look)
        self.line("graph", axes, 4, "the activation", linestyle="-")
        self.line("line", axes, 0, "the line of slope $g$ through the kink", linestyle="--")
        self.dots("kink", axes, 4, markersize=7)
        axes.set(xlabel="distance from the kink", ylabel="height above the kink", xlim=(-8, 14), ylim=(-9, 16))
        axes.legend(loc="upper left")

    def show(self, values):
        slope, alpha, name = values["slope"], values["alpha"], values["function"]
        kink = self.kinks[name]
        graph, line = kink.function(self.x + kink.at, alpha) - kink.at, slope * self.x
        self.artists["graph"].set_data(self.x, graph)
        self.artists["line"].set_data(self.x, line)
        self.artists["above"].set_data(self.x, graph, np.maximum(graph, line))
        self.artists["kink"].set_data([0], [0])
        left, right = alpha if kink.left is None else kink.left, kink.right
        # Where the graph is flatter far away than at the kink, a steeper line meets it in the end.
        least, most = left, min(right, kink.far_right)
        carries = least - 1e-9 <= slope <= most + 1e-9 and least <= most
        verdict = "nowhere above the graph: a subgradient" if carries else "somewhere above it: no subgradient"
        return (
            f"{name}{f' with alpha {alpha:.2f}' if kink.left is None else ''}: the line of slope {slope:.2f} is "
            f"{verdict}. Subgradients here: {f'those in [{least:g}, {most:g}]' if least <= most else 'none'}. "
            f"Clarke's generalised gradient is [{min(left, right):g}, {max(left, right):g}]."
        )


class SmoothingExplorer(Explorer):
    """softplus(βx + c)/β beside ReLU under a microscope: which slope does the smoothed kink have at 0?

    Result: `height`, how far the smooth curve lies above ReLU at 0.
    """

    title = "The kink under the microscope"
    look_for = (
        "what does not change. Zooming never bends ReLU's corner. The smooth curve comes as near as you like with a "
        "large beta, and yet its slope at 0 stays what c says: one half for c = 0."
    )

    def prepare(self):
        self.u = np.linspace(-1, 1, 201)  # x, as a share of the window

    def build(self):
        self.sliders = {
            "beta": choice_slider("sharpness β", 4, [1, 2, 4, 8, 16, 32, 64, 128]),
            "shift": slider("shift c", 0.0, -3.0, 3.0, 0.25),
            "zoom": whole_slider("zoom (halvings)", 0, 0, 8),
        }
        self.figure, axes = plots.new_figure()
        axes.plot(self.u, relu(self.u), color="black", linestyle="-", linewidth=1.4, label="ReLU")
        self.line("smooth", axes, 0, r"$\log(1+e^{\beta x+c})/\beta$", linestyle="--")
        self.line("tangent", axes, 1, "its tangent at 0", linestyle=":")
        self.dots("touching", axes, 1, markersize=7)
        axes.set(xlabel="$x$, in widths of the window", ylabel="height, in widths of the window")
        axes.set(xlim=(-1, 1), ylim=(-0.35, 1.6))
        axes.legend(loc="upper left")

    def show(self, values):
        beta, shift, window = values["beta"], values["shift"], 2.0 ** -values["zoom"]
        sharp = beta * window  # zooming in is the same as making it less sharp
        self.height, slope = float(softplus(shift)) / beta, float(sigmoid(shift))
        at_0 = self.height / window
        self.artists["smooth"].set_data(self.u, softplus(sharp * self.u + shift) / sharp)
        self.artists["tangent"].set_data([-0.6, 0.6], [at_0 - 0.6 * slope, at_0 + 0.6 * slope])
        self.artists["touching"].set_data([0], [at_0])
        return (
            f"Sharpness {beta}, shift {shift:.2f}, a window of {window:g} to each side: at 0 the "
            f"smooth curve lies {self.height:.4f} above ReLU, and its slope there is {slope:.3f}."
        )


class ExactZerosExplorer(Explorer):
    """Pre-activations near 0, in a window that can be made ever smaller: what is left is exactly 0.

    Result: `exact`, how many pre-activations are exactly 0.
    """

    title = "Near zero, and exactly zero"
    look_for = (
        "the bar in the middle, while you zoom in. In float64 it melts away: nothing is exactly 0. On a coarse grid "
        "the bars part, the one at 0 stays, and random biases blow it away."
    )
    bits = {"8-bit weights": 8, "6-bit weights": 6, "4-bit weights": 4, "3-bit weights": 3}
    arithmetics = ["float64", "float16 sums", *bits]
    images, bins = 256, 41

    def prepare(self):
        """Compute all pre-activations, by arithmetic and biases."""
        pixels = digits().images[: self.images]
        weights = MLP([64, 64, 10], "relu", "he", seeds=1).weights[0][0]
        biases = np.random.default_rng(0).uniform(-1 / 8, 1 / 8, 64)  # PyTorch's: ±1/√64
        half = np.zeros((len(pixels), weights.shape[1]), np.float16)
        for ink, row in zip(pixels.T.astype(np.float16), weights.astype(np.float16), strict=True):
            half += ink[:, None] * row
        without_biases = {"float64": pixels @ weights, "float16 sums": half}
        for name, bits in self.bits.items():
            step = np.abs(weights).max() / (2 ** (bits - 1) - 1)
            without_biases[name] = (np.round(pixels * 16) @ np.round(weights / step)) * step / 16
        self.z = {}
        for name, z in without_biases.items():
            self.z[name, "zero"] = z.astype(float).ravel()
            self.z[name, "random"] = (z + biases.astype(z.dtype)).astype(float).ravel()

    def build(self):
        self.sliders = {
            "arithmetic": choice_slider("arithmetic", "4-bit weights", self.arithmetics),
            "biases": choice_slider("biases", "zero", ["zero", "random"]),
            "zoom": whole_slider("zoom (halvings)", 5, 0, 14),
        }
        self.figure, axes = plots.new_figure()
        self.line("bars", axes, 0, "in each bin", drawstyle="steps-mid", linewidth=1.4)
        self.line("zero", axes, 1, "exactly 0", marker="o")
        axes.set(xlabel="pre-activation, in widths of the window", ylabel="how many of 16,384")
        axes.set_yscale("symlog", linthresh=1)
        axes.set(xlim=(-1, 1), ylim=(-0.1, 20_000), yticks=[0, 1, 10, 100, 1000, 10_000])
        axes.set_yticklabels(["0", "1", "10", "100", "1,000", "10,000"])
        axes.legend(loc="upper left", ncols=2)

    def show(self, values):
        arithmetic, biases, window = values["arithmetic"], values["biases"], 2.0 ** -values["zoom"]
        z = self.z[arithmetic, biases]
        edges = np.linspace(-1, 1, self.bins + 1)
        counts = np.histogram(z / window, edges)[0]
        self.exact = int((z == 0).sum())
        self.artists["bars"].set_data((edges[1:] + edges[:-1]) / 2, counts)
        self.artists["zero"].set_data([0, 0], [0, self.exact])
        return (
            f"{arithmetic}, {biases} biases: {self.exact} of {z.size:,} pre-activations are exactly 0. "
            f"The window of {window:g} to each side holds {counts.sum():,}, its middle bin {counts[self.bins // 2]:,}."
        )
