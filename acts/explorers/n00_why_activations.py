"""The explorers of the page on what an activation is for: to bend a boundary, and to build a curve."""

import numpy as np
from contourpy import contour_generator
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap

from acts import plots
from acts._arguments import positive_integer
from acts._arrays import float_array
from acts.catalog import ACTIVATIONS
from acts.data import moons
from acts.elementwise import relu, tanh
from acts.explorers.base import Explorer, choice_slider, slider, whole_slider
from acts.network import MLP, cross_entropy
from acts.training import descend

__all__ = ["BoundaryExplorer", "HingeExplorer", "WidthExplorer"]


class BoundaryExplorer(Explorer):
    """The boundary that a network of one hidden layer draws between two moons, while it learns.

    Result: `right`, the share of the points that lie on their side of the boundary.
    """

    title = "A boundary learns to bend"
    look_for = (
        "the dotted lines, one for each hidden unit: there its activation bends. The black boundary can only bend "
        "where it crosses one of them (with tanh, near one). Without an activation it stays straight, whatever you do."
    )
    activations = {"none": None, "ReLU": "relu", "tanh": "tanh"}
    widths, records = [1, 2, 3, 4, 8, 16], [0, 5, 10, 20, 40, 80, 160, 320]
    rate, side = 1.0, 81

    def prepare(self):
        """Train every network, and keep its weights and biases at every record."""
        self.data, self.networks = moons(200, noise=0.15), {}
        for label, name in self.activations.items():
            for width in self.widths:
                network = MLP([2, width, 2], name, "he", seeds=[1])
                for step in range(self.records[-1] + 1):
                    if step in self.records:
                        parts = [part[0].copy() for part in [*network.weights, *network.biases]]
                        self.networks[label, width, step] = parts
                    descend(network, cross_entropy(network, *self.data)[1], self.rate)
        self.x, self.y = np.linspace(-2.1, 2.1, self.side), np.linspace(-1.4, 1.4, self.side)
        self.grid = np.stack(np.meshgrid(self.x, self.y), axis=-1).reshape(-1, 2)

    def build(self):
        self.sliders = {
            "activation": choice_slider("activation", "ReLU", list(self.activations)),
            "units": choice_slider("hidden units", 8, self.widths),
            "steps": choice_slider("steps of training", 320, self.records),
        }
        self.figure, axes = plots.new_figure(height=4.4)
        self.artists["ground"] = axes.imshow(
            np.zeros((self.side, self.side)),
            extent=(-2.1, 2.1, -1.4, 1.4),
            vmin=0,
            vmax=1,
            cmap=ListedColormap(plots.PALE),
            interpolation="nearest",
            origin="lower",
            aspect="equal",
            zorder=0,
        )
        self.artists["units"] = LineCollection([], colors="#555555", linestyles=":", linewidths=1.3, zorder=1)
        self.artists["boundary"] = LineCollection([], colors="black", linewidths=2.2, zorder=2)
        axes.add_collection(self.artists["units"], autolim=False)
        axes.add_collection(self.artists["boundary"], autolim=False)
        for kind, drawn in enumerate(plots.draw_points(axes, *self.data, size=18)):
            self.artists[f"class {kind}"] = drawn
        axes.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-2.14, 2.14), ylim=(-1.44, 1.44))
        axes.grid(False)

    def show(self, values):
        activation, units, steps = values["activation"], values["units"], values["steps"]
        hidden, out, hidden_bias, out_bias = self.networks[activation, units, steps]
        name = self.activations[activation]

        def score(points):
            z = points @ hidden + hidden_bias
            a = z if name is None else ACTIVATIONS[name].function(z)
            return np.diff(a @ out + out_bias, axis=1)[:, 0]

        scores = score(self.grid).reshape(self.side, self.side)
        self.artists["ground"].set_data((scores > 0).astype(float))
        self.artists["boundary"].set_segments(contour_generator(self.x, self.y, scores).lines(0.0))
        self.artists["units"].set_segments([] if name is None else self._bends(hidden, hidden_bias[0]))
        self.right = float(np.mean((score(self.data.points) > 0) == self.data.labels))
        return (
            f"{units} hidden unit{'s' if units > 1 else ''}, {'no activation' if name is None else activation}, after "
            f"{steps} steps: {self.right:.1%} of the {len(self.data.labels)} points lie on their side of the boundary."
        )

    @staticmethod
    def _bends(weights, biases):
        """Where each unit's input is 0: a line through the picture, from its point nearest to the middle both ways."""
        length = np.maximum(np.hypot(*weights), 1e-12)
        foot, along = -biases * weights / length**2, np.stack([-weights[1], weights[0]]) / length
        return np.stack([(foot - 6 * along).T, (foot + 6 * along).T], axis=1)


class HingeExplorer(Explorer):
    """A sum of four ReLUs beside a sine: bend it by hand.

    Result: `largest`, the largest error of the sum.
    """

    title = "A sine from four ReLUs, by hand"
    look_for = (
        "what each slider does: nothing to the left of its place. So set them from left to right. How small can you "
        "make the largest error?"
    )
    places = np.array([0, 0.5, 1, 1.5]) * np.pi
    names = {"at 0": "start, at 0", "at π/2": "bend at π/2", "at π": "bend at π", "at 3π/2": "bend at 3π/2"}

    def prepare(self):
        self.x = np.linspace(0, 2 * np.pi, 241)
        self.ramps = relu(self.x[:, None] - self.places)

    def build(self):
        self.sliders = {
            # Steps of an eighth: a step that float64 can't hold would be rounded by the page, and sent back.
            name: slider(label, 1.0 if name == "at 0" else 0.0, -2.0, 2.0, 0.125, ".3f")
            for name, label in self.names.items()
        }
        self.figure, axes = plots.new_figure()
        axes.plot(self.x, np.sin(self.x), color=plots.COLOURS[1], linestyle="--", label=r"$\sin x$")
        for name in self.names:
            label = "the four parts" if name == "at 0" else None
            self.line(f"part {name}", axes, label=label, color="#777777", linestyle=":", linewidth=1.4)
        self.line("sum", axes, 0, "their sum")
        self.line("error", axes, 4, "largest error", linestyle="--", linewidth=1.4)
        axes.set(xlabel="$x$", ylabel="value", xlim=(0, 2 * np.pi), ylim=(-2.6, 2.6))
        axes.set_xticks([*self.places, 2 * np.pi], ["0", "π/2", "π", "3π/2", "2π"])
        axes.legend(loc="upper center", ncols=4, bbox_to_anchor=(0.5, 1.16))

    def show(self, values):
        bends = np.array([values[name] for name in self.names])
        parts = self.ramps * bends
        for name, part in zip(self.names, parts.T, strict=True):
            self.artists[f"part {name}"].set_data(self.x, part)
        total, wave = parts.sum(axis=1), np.sin(self.x)
        self.artists["sum"].set_data(self.x, total)
        worst = int(np.abs(total - wave).argmax())
        self.largest, where = float(abs(total - wave)[worst]), float(self.x[worst])
        self.artists["error"].set_data([where, where], [total[worst], wave[worst]])
        slopes = ", ".join(f"{slope:.3f}" for slope in np.cumsum(bends))
        return (
            f"The sum has slope {slopes} on its four pieces. Its largest error is {self.largest:.3f}, at x = "
            f"{where:.2f}."
        )


def random_units(x, width, seed=0):
    """Return what random hidden units of one input compute before their activation, z = w (x − t), (n, width).

    Parameters
    ----------
    x : (n,), where they are evaluated
    width : positive int
    seed : int
        The first units of a wider layer are those of a narrower one.

    Raises
    ------
    TypeError
        If x is not an array of real numbers.
    ValueError
        If x is no row of at least two numbers, or the width is no positive integer.

    Notes
    -----
    The places t are uniform between the ends of x, so that each unit bends where it can be seen. The size of w is
    uniform from 4 to 16 over the length of x; its sign is random.

    Examples
    --------
    >>> random_units(np.linspace(-1, 1, 5), width=3).shape
    (5, 3)
    """
    x = float_array(x, "x").astype(np.float64, copy=False)
    if x.ndim != 1 or len(x) < 2:
        raise ValueError(f"x must be a row of at least two numbers; got shape {x.shape}")
    width = positive_integer("width", width)
    rng, length = np.random.default_rng(seed), np.ptp(x)
    place, size, sign = rng.uniform(size=(width, 3)).T  # one row a unit: a wider layer begins with the same units
    return np.where(sign < 0.5, -1, 1) * (4 + 12 * size) / length * (x[:, None] - (x.min() + length * place))


def best_fit(features, target, tolerance=1e-10):
    """Return the weighted sum of the features, and of a constant, that comes nearest to the target: least squares.

    Parameters
    ----------
    features : (n, width)
        What the hidden units put out, one column each. A column's scale makes no difference.
    target : (n,)
    tolerance : float
        Directions smaller than this share of the largest are rounding errors, and left out.

    Returns
    -------
    (n,), the fitted values

    Raises
    ------
    TypeError
        If one of the two is not an array of real numbers.
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> x = np.array([-1.0, 0.0, 1.0, 2.0])
    >>> best_fit(x[:, None], 3 * x + 1).round(6).tolist()
    [-2.0, 1.0, 4.0, 7.0]
    """
    features, target = float_array(features, "features"), float_array(target, "target")
    if features.ndim != 2 or target.shape != features.shape[:1]:
        raise ValueError(
            f"features must have shape (n, width) and target (n,); got {features.shape} and {target.shape}"
        )
    columns = np.column_stack([np.ones(len(features)), features])
    length = np.linalg.norm(columns, axis=0)
    columns = columns / np.where(length > 0, length, 1)
    return columns @ np.linalg.lstsq(columns, target, rcond=tolerance)[0]


class WidthExplorer(Explorer):
    """The best that a hidden layer of random units can do, by width and by activation.

    Result: `error`, how far the fit is off, root mean square.
    """

    title = "Wider and wider"
    look_for = (
        "what another unit buys. With ReLU and tanh the fit goes on improving. With x² it stops at 2 units and with x³ "
        "at 3, for ever: a sum of parabolas is a parabola."
    )
    activations = {"x²": np.square, "x³": lambda z: z * z * z, "ReLU": relu, "tanh": tanh}
    targets = {
        "sine": lambda x: np.sin(np.pi * x),
        "two arches": lambda x: np.abs(np.sin(np.pi * x)),
        "step": lambda x: np.where(x > 0.3, 1.0, -1.0),
    }

    def prepare(self):
        self.x = np.linspace(-1, 1, 241)
        z = random_units(self.x, 64)
        self.features = {name: function(z) for name, function in self.activations.items()}

    def build(self):
        self.sliders = {
            "width": whole_slider("hidden units", 6, 1, 64),
            "activation": choice_slider("activation", "ReLU", list(self.activations)),
            "target": choice_slider("target", "sine", list(self.targets)),
        }
        self.figure, axes = plots.new_figure()
        self.line("target", axes, 1, "target")
        self.line("fit", axes, 0, "best weighted sum of the units")
        axes.set(xlabel="$x$", ylabel="value", xlim=(-1, 1), ylim=(-1.9, 1.9))
        axes.legend(loc="upper center", ncols=2, bbox_to_anchor=(0.5, 1.16))

    def show(self, values):
        width, activation, target = values["width"], values["activation"], values["target"]
        wanted = self.targets[target](self.x)
        fit = best_fit(self.features[activation][:, :width], wanted)
        self.artists["target"].set_data(self.x, wanted)
        self.artists["fit"].set_data(self.x, fit)
        self.error = float(np.sqrt(np.mean((fit - wanted) ** 2)))
        return (
            f"{target.capitalize()}, {width} hidden unit{'s' if width > 1 else ''} with {activation}: the best fit is "
            f"off by {self.error:.4f} (root mean square)."
        )
