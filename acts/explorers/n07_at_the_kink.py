"""Explorers of the point where an activation has no derivative."""

import numpy as np

from acts import plots
from acts.data import digits
from acts.elementwise import leaky_relu, relu, relu6, sigmoid, softplus
from acts.explorers.base import Explorer, choice_slider, slider, whole_slider
from acts.network import MLP

__all__ = ["ExactZerosExplorer", "FanExplorer", "SmoothingExplorer"]


class FanExplorer(Explorer):
    """A line through a kink, and whether it stays below the whole graph: whether its slope is a subgradient."""

    title = "A line through the corner"
    look_for = (
        "the shaded piece. A slope is a subgradient if the line is nowhere above the graph, however far you go. For "
        "LeakyReLU slope 0 fails; when alpha exceeds 1, and at ReLU6's upper kink, every slope fails."
    )
    kinks = {"LeakyReLU at 0": 0.0, "ReLU at 0": 0.0, "ReLU6 at 0": 0.0, "ReLU6 at 6": 6.0}

    def build(self):
        self.sliders = {
            "slope": slider("slope g", 0.0, -0.5, 2.0, 0.05),
            "alpha": slider("alpha (Leaky)", 0.25, 0.0, 2.0, 0.05),
            "function": choice_slider("function", "LeakyReLU at 0", list(self.kinks)),
        }
        self.away = np.linspace(-8, 14, 441)  # from the kink; a multiple of 0.05, so that 0 is one of them
        self.away[160] = 0.0
        self.figure, axes = plots.new_figure()
        line, over = plots.COLOURS[0], plots.COLOURS[1]
        self.artists = {
            "above": axes.fill_between(self.away, 0, 0, color=over, alpha=0.35, linewidth=0,
                                       label="the line is above the graph"),
            "graph": axes.plot([], [], color="black", linestyle="-", label="the activation")[0],
            "line": axes.plot([], [], color=line, linestyle="--", label="the line of slope $g$ through the kink")[0],
            "kink": axes.plot([0], [0], color="black", marker="o", linestyle="none", markersize=7)[0],
        }  # fmt: skip
        axes.set(xlabel="distance from the kink", ylabel="height above the kink", xlim=(-8, 14), ylim=(-9, 16))
        axes.legend(loc="upper left")

    def update(self, slope, alpha, function):
        kink = self.kinks[function]
        graphs = {"L": lambda x: leaky_relu(x, alpha), "R": relu6 if "6" in function.split()[0] else relu}
        graph = graphs[function[0]](self.away + kink) - kink
        line = slope * self.away
        self.artists["graph"].set_data(self.away, graph)
        self.artists["line"].set_data(self.away, line)
        self.artists["above"].set_data(self.away, graph, np.maximum(graph, line))
        left, right = {"LeakyReLU at 0": (alpha, 1.0), "ReLU6 at 6": (1.0, 0.0)}.get(function, (0.0, 1.0))
        self.clarke = min(left, right), max(left, right)
        # ReLU6 goes flat at 6, so that any rising line through 0 meets it in the end.
        self.convex = (0.0, 0.0) if function == "ReLU6 at 0" else (left, right) if left <= right else None
        self.legal = self.convex is not None and self.convex[0] - 1e-9 <= slope <= self.convex[1] + 1e-9

    def words(self):
        at = self.values
        name = at["function"] + (f" with alpha {at['alpha']:.2f}" if at["function"][0] == "L" else "")
        verdict = "nowhere above the graph: a subgradient" if self.legal else "somewhere above it: no subgradient"
        convex = "none" if self.convex is None else f"those in [{self.convex[0]:g}, {self.convex[1]:g}]"
        return (
            f"{name}: the line of slope {at['slope']:.2f} is {verdict}. Subgradients here: {convex}. "
            f"Clarke's generalised gradient is [{self.clarke[0]:g}, {self.clarke[1]:g}]."
        )


class SmoothingExplorer(Explorer):
    """softplus(βx + c)/β beside ReLU under a microscope: which slope does the smoothed kink have at 0?"""

    title = "The kink under the microscope"
    look_for = (
        "what does not change. Zooming never bends ReLU's corner. The smooth curve comes as near as you like with a "
        "large beta, and yet its slope at 0 stays what c says: one half for c = 0."
    )

    def build(self):
        self.sliders = {
            "beta": choice_slider("sharpness β", 4, [1, 2, 4, 8, 16, 32, 64, 128]),
            "shift": slider("shift c", 0.0, -3.0, 3.0, 0.25),
            "zoom": whole_slider("zoom (halvings)", 0, 0, 8),
        }
        self.u = np.linspace(-1, 1, 201)  # x, as a share of the window
        self.figure, axes = plots.new_figure()
        smooth, tangent = plots.COLOURS[0], plots.COLOURS[1]
        axes.plot(self.u, relu(self.u), color="black", linestyle="-", linewidth=1.4, label="ReLU")
        self.artists = {
            "smooth": axes.plot([], [], color=smooth, linestyle="--", label=r"$\log(1+e^{\beta x+c})/\beta$")[0],
            "tangent": axes.plot([], [], color=tangent, linestyle=":", label="its tangent at 0")[0],
            "touching": axes.plot([], [], color=tangent, marker="o", linestyle="none", markersize=7)[0],
        }
        axes.set(xlabel="$x$, in widths of the window", ylabel="height, in widths of the window")
        axes.set(xlim=(-1, 1), ylim=(-0.35, 1.6))
        axes.legend(loc="upper left")

    def update(self, beta, shift, zoom):
        self.window = 2.0**-zoom
        sharp = beta * self.window  # zooming in is the same as making it less sharp
        self.height = float(softplus(shift)) / beta
        self.slope = float(sigmoid(shift))
        at_0 = self.height / self.window
        self.artists["smooth"].set_data(self.u, softplus(sharp * self.u + shift) / sharp)
        self.artists["tangent"].set_data([-0.6, 0.6], [at_0 - 0.6 * self.slope, at_0 + 0.6 * self.slope])
        self.artists["touching"].set_data([0], [at_0])

    def words(self):
        at = self.values
        return (
            f"Sharpness {at['beta']}, shift {at['shift']:.2f}, a window of {self.window:g} to each side: at 0 the "
            f"smooth curve lies {self.height:.4f} above ReLU, and its slope there is {self.slope:.3f}."
        )


class ExactZerosExplorer(Explorer):
    """Pre-activations near 0, in a window that can be made ever smaller: what is left is exactly 0."""

    title = "Near zero, and exactly zero"
    look_for = (
        "the bar in the middle, while you zoom in. In float64 it melts away: nothing is exactly 0. On a coarse grid "
        "the bars part, the one at 0 stays, and random biases blow it away."
    )
    arithmetics = ["float64", "float16 sums", "8-bit weights", "6-bit weights", "4-bit weights", "3-bit weights"]
    images, bins = 256, 41

    def build(self):
        self.sliders = {
            "arithmetic": choice_slider("arithmetic", "4-bit weights", self.arithmetics),
            "biases": choice_slider("biases", "zero", ["zero", "random"]),
            "zoom": whole_slider("zoom (halvings)", 5, 0, 14),
        }
        pixels = digits().images[: self.images]
        weights = MLP([64, 64, 10], "relu", "he", seeds=1).weights[0][0]
        biases = np.random.default_rng(0).uniform(-1 / 8, 1 / 8, 64)  # PyTorch's: ±1/√64
        exact = pixels @ weights
        half = np.zeros(exact.shape, np.float16)
        for ink, row in zip(pixels.T.astype(np.float16), weights.astype(np.float16), strict=True):
            half += ink[:, None] * row
        self.z = {"float64": (exact, exact + biases), "float16 sums": (half, half + biases.astype(np.float16))}
        for name in self.arithmetics[2:]:
            step = np.abs(weights).max() / (2 ** (int(name[0]) - 1) - 1)
            on_grid = (np.round(pixels * 16) @ np.round(weights / step)) * step / 16
            self.z[name] = on_grid, on_grid + biases
        self.z = {name: [z.astype(float).ravel() for z in both] for name, both in self.z.items()}
        self.figure, axes = plots.new_figure()
        bars, zero = plots.COLOURS[0], plots.COLOURS[1]
        self.artists = {
            "bars": axes.plot([], [], color=bars, drawstyle="steps-mid", linewidth=1.4, label="in each bin")[0],
            "zero": axes.plot([], [], color=zero, linestyle="--", marker="o", label="exactly 0")[0],
        }
        axes.set(xlabel="pre-activation, in widths of the window", ylabel="how many of 16,384")
        axes.set_yscale("symlog", linthresh=1)
        axes.set(xlim=(-1, 1), ylim=(-0.1, 20_000), yticks=[0, 1, 10, 100, 1000, 10_000])
        axes.set_yticklabels(["0", "1", "10", "100", "1,000", "10,000"])
        axes.legend(loc="upper left", ncols=2)

    def update(self, arithmetic, biases, zoom):
        z = self.z[arithmetic][int(biases == "random")]
        self.window = 2.0**-zoom
        edges = np.linspace(-1, 1, self.bins + 1)
        self.counts = np.histogram(z / self.window, edges)[0]
        self.exact = int((z == 0).sum())
        self.total = z.size
        self.artists["bars"].set_data((edges[1:] + edges[:-1]) / 2, self.counts)
        self.artists["zero"].set_data([0, 0], [0, self.exact])

    def words(self):
        at = self.values
        return (
            f"{at['arithmetic']}, {at['biases']} biases: {self.exact} of {self.total:,} pre-activations are exactly 0. "
            f"The window of {self.window:g} to each side holds {self.counts.sum():,}, its middle bin "
            f"{self.counts[self.bins // 2]:,}."
        )
