"""Explorers of what an activation is for: to bend a boundary, to build a curve, to open and close a gate."""

import functools
import itertools

import numpy as np
from contourpy import contour_generator
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap

from acts import plots
from acts._arguments import positive_integer
from acts._arrays import float_array
from acts.catalog import ACTIVATIONS
from acts.data import digits, moons
from acts.elementwise import relu, relu6, sigmoid, tanh
from acts.explorers.base import Explorer, choice_slider, slider, whole_slider
from acts.network import MLP, cross_entropy
from acts.recurrent import LSTM
from acts.training import descend

__all__ = ["BoundaryExplorer", "GateExplorer", "HingeExplorer", "WidthExplorer"]


class BoundaryExplorer(Explorer):
    """The boundary that a network of one hidden layer draws between two moons, while it learns."""

    title = "A boundary learns to bend"
    look_for = (
        "the dotted lines, one for each hidden unit: there its activation bends. The black boundary can only bend "
        "where it crosses one of them (with tanh, near one). Without an activation it stays straight, whatever you do."
    )
    activations = {"none": None, "ReLU": "relu", "tanh": "tanh"}
    widths, records = [1, 2, 3, 4, 8, 16], [0, 5, 10, 20, 40, 80, 160, 320]
    rate, side = 1.0, 81

    @classmethod
    @functools.cache
    def trained(cls):
        """The points, and the weights and biases of every network at every record: trained once for all explorers."""
        data, networks = moons(200, noise=0.15), {}
        for label, name in cls.activations.items():
            for width in cls.widths:
                network = MLP([2, width, 2], name, "he", seeds=[1])
                for step in range(cls.records[-1] + 1):
                    if step in cls.records:
                        networks[label, width, step] = [part[0].copy() for part in [*network.weights, *network.biases]]
                    descend(network, cross_entropy(network, *data)[1], cls.rate)
        return data, networks

    def build(self):
        self.sliders = {
            "activation": choice_slider("activation", "ReLU", list(self.activations)),
            "units": choice_slider("hidden units", 8, self.widths),
            "steps": choice_slider("steps of training", 320, self.records),
        }
        self.data, self.networks = self.trained()
        self.x, self.y = np.linspace(-2.1, 2.1, self.side), np.linspace(-1.4, 1.4, self.side)
        self.grid = np.stack(np.meshgrid(self.x, self.y), axis=-1).reshape(-1, 2)
        self.figure, axes = plots.new_figure(height=4.4)
        self.artists = {
            "ground": axes.imshow(
                np.zeros((self.side, self.side)), origin="lower", extent=(-2.1, 2.1, -1.4, 1.4), vmin=0, vmax=1,
                cmap=ListedColormap(plots.PALE), interpolation="nearest", aspect="equal", zorder=0,
            ),
            "units": LineCollection([], colors="#555555", linestyles=":", linewidths=1.3, zorder=1),
            "boundary": LineCollection([], colors="black", linewidths=2.2, zorder=2),
        }  # fmt: skip
        axes.add_collection(self.artists["units"], autolim=False)
        axes.add_collection(self.artists["boundary"], autolim=False)
        self.artists |= {
            f"class {kind}": drawn for kind, drawn in enumerate(plots.draw_points(axes, *self.data, size=18))
        }
        axes.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-2.14, 2.14), ylim=(-1.44, 1.44))
        axes.grid(False)

    def update(self, activation, units, steps):
        hidden, out, hidden_bias, out_bias = self.networks[activation, units, steps]

        def score(points):
            z = points @ hidden + hidden_bias
            name = self.activations[activation]
            a = z if name is None else ACTIVATIONS[name].function(z)
            return np.diff(a @ out + out_bias, axis=1)[:, 0]

        scores = score(self.grid).reshape(self.side, self.side)
        self.right = float(np.mean((score(self.data.points) > 0) == self.data.labels))
        self.artists["ground"].set_data((scores > 0).astype(float))
        self.artists["boundary"].set_segments(contour_generator(self.x, self.y, scores).lines(0.0))
        self.artists["units"].set_segments([] if activation == "none" else self._bends(hidden, hidden_bias[0]))

    @staticmethod
    def _bends(weights, biases):
        """Where each unit's input is 0: a line through the picture, from its point nearest to the middle both ways."""
        length = np.maximum(np.hypot(*weights), 1e-12)
        foot, along = -biases * weights / length**2, np.stack([-weights[1], weights[0]]) / length
        return np.stack([(foot - 6 * along).T, (foot + 6 * along).T], axis=1)

    def words(self):
        at = self.values
        plural = "s" if at["units"] > 1 else ""
        named = "no activation" if at["activation"] == "none" else at["activation"]
        return (
            f"{at['units']} hidden unit{plural}, {named}, after {at['steps']} steps: {self.right:.1%} of the "
            f"{len(self.data.labels)} points lie on their side of the boundary."
        )


class HingeExplorer(Explorer):
    """A sum of four ReLUs beside a sine: bend it by hand."""

    title = "A sine from four ReLUs, by hand"
    look_for = (
        "what each slider does: nothing to the left of its place. So set them from left to right. How small can you "
        "make the largest error?"
    )
    places = np.array([0, 0.5, 1, 1.5]) * np.pi
    names = {"at 0": "start, at 0", "at π/2": "bend at π/2", "at π": "bend at π", "at 3π/2": "bend at 3π/2"}

    def build(self):
        self.sliders = {
            # Steps of an eighth: a step that float64 can't hold would be rounded by the page, and sent back.
            name: slider(label, 1.0 if name == "at 0" else 0.0, -2.0, 2.0, 0.125, ".3f")
            for name, label in self.names.items()
        }
        self.x = np.linspace(0, 2 * np.pi, 241)
        self.ramps = relu(self.x[:, None] - self.places)
        self.figure, axes = plots.new_figure()
        total, target, part = plots.COLOURS[0], plots.COLOURS[1], "#777777"
        axes.plot(self.x, np.sin(self.x), color=target, linestyle="--", label=r"$\sin x$")
        blank = np.full_like(self.x, np.nan)
        self.artists = {
            f"part {name}": axes.plot(self.x, blank, color=part, linestyle=":", linewidth=1.4)[0] for name in self.names
        }
        self.artists[f"part {next(iter(self.names))}"].set_label("the four parts")
        self.artists["sum"] = axes.plot(self.x, blank, color=total, label="their sum")[0]
        self.artists["error"] = axes.plot([], [], color=plots.COLOURS[4], linewidth=1.4, label="largest error")[0]
        axes.set(xlabel="$x$", ylabel="value", xlim=(0, 2 * np.pi), ylim=(-2.6, 2.6))
        axes.set_xticks([*self.places, 2 * np.pi], ["0", "π/2", "π", "3π/2", "2π"])
        axes.legend(loc="upper center", ncols=4, bbox_to_anchor=(0.5, 1.16))

    def update(self, **bends):
        parts = self.ramps * np.array(list(bends.values()))
        for name, part in zip(self.names, parts.T, strict=True):
            self.artists[f"part {name}"].set_ydata(part)
        total, wave = parts.sum(axis=1), np.sin(self.x)
        self.artists["sum"].set_ydata(total)
        worst = int(np.abs(total - wave).argmax())
        self.largest, self.where = float(abs(total - wave)[worst]), float(self.x[worst])
        self.artists["error"].set_data([self.where, self.where], [total[worst], wave[worst]])

    def words(self):
        slopes = np.cumsum(list(self.values.values()))
        said = ", ".join(f"{slope:.3f}" for slope in slopes)
        return (
            f"The sum has slope {said} on its four pieces. Its largest error is {self.largest:.3f}, at x = "
            f"{self.where:.2f}."
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
    """The best that a hidden layer of random units can do, by width and by activation."""

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

    def build(self):
        self.sliders = {
            "width": whole_slider("hidden units", 6, 1, 64),
            "activation": choice_slider("activation", "ReLU", list(self.activations)),
            "target": choice_slider("target", "sine", list(self.targets)),
        }
        self.x = np.linspace(-1, 1, 241)
        z = random_units(self.x, 64)
        self.features = {name: function(z) for name, function in self.activations.items()}
        self.figure, axes = plots.new_figure()
        blank = np.full_like(self.x, np.nan)
        fit, target = plots.COLOURS[0], plots.COLOURS[1]
        self.artists = {
            "target": axes.plot(self.x, blank, color=target, linestyle="--", label="target")[0],
            "fit": axes.plot(self.x, blank, color=fit, label="best weighted sum of the units")[0],
        }
        axes.set(xlabel="$x$", ylabel="value", xlim=(-1, 1), ylim=(-1.9, 1.9))
        axes.legend(loc="upper center", ncols=2, bbox_to_anchor=(0.5, 1.16))

    def update(self, width, activation, target):
        wanted = self.targets[target](self.x)
        fit = best_fit(self.features[activation][:, :width], wanted)
        self.error = float(np.sqrt(np.mean((fit - wanted) ** 2)))
        self.artists["target"].set_ydata(wanted)
        self.artists["fit"].set_ydata(fit)

    def words(self):
        at = self.values
        plural = "s" if at["width"] > 1 else ""
        return (
            f"{at['target'].capitalize()}, {at['width']} hidden unit{plural} with {at['activation']}: the best fit is "
            f"off by {self.error:.4f} (root mean square)."
        )


class GateExplorer(Explorer):
    """What an LSTM's memory does over 200 steps when one of its activations is swapped."""

    title = "One activation of an LSTM, swapped"
    look_for = (
        "which place explodes, and with which activation. Is it the unbounded one everywhere? Is it only the "
        "unbounded one? And which swap leaves a memory that can never be negative?"
    )
    places = {"forget gate": "forget", "input gate": "input", "output gate": "output", "candidate": "candidate"}
    activations = {
        "sigmoid": sigmoid, "tanh": tanh, "ReLU6": relu6, "ReLU": relu, "ReLU cut at 1": lambda z: np.clip(z, 0, 1),
    }  # fmt: skip
    scales, biases = [0.5, 1.0, 1.5, 2.0], [0.0, 1.0, 3.0]
    steps, units, limit = 200, 6, 1e8

    @classmethod
    @functools.cache
    def all_runs(cls):
        """Cell states, values of the swapped activation and finite steps at every setting: run once for all."""
        rows = digits(standardised=True).images.reshape(-1, 8)[: cls.steps]
        settings, runs = list(itertools.product(cls.scales, cls.biases)), {}
        scales, biases = np.array(settings).T
        for (place, name), (activation, function) in itertools.product(cls.places.items(), cls.activations.items()):
            # All settings side by side: the same seed for each, its weights scaled, its forget bias set.
            cells = LSTM(8, cls.units, seeds=[0] * len(settings), forget_bias=0, **{name: function})
            for weights in cells.weights.values():
                weights *= scales[:, None, None]
            cells.biases["forget"] += biases[:, None]
            trace = cells.forward(rows)
            for k, setting in enumerate(settings):
                run = trace.cell[k], getattr(trace, name)[k], int(trace.finite_steps[k])
                runs[place, activation, *setting] = run
        return runs

    def build(self):
        self.sliders = {
            "place": choice_slider("swapped", "forget gate", list(self.places)),
            "activation": choice_slider("activation", "ReLU", list(self.activations)),
            "scale": choice_slider("weights times", 1.0, self.scales),
            "bias": choice_slider("forget bias", 1.0, self.biases),
        }
        self.runs = self.all_runs()
        self.figure, axes = plots.new_figure()
        self.artists = {
            f"unit {k}": axes.plot([], [], color=line["color"], linestyle=line["linestyle"], linewidth=1.4)[0]
            for k, line in enumerate(plots.LINES[: self.units])
        }
        axes.axhspan(-1, 1, color="#EEEEEE", zorder=0)
        axes.set_yscale("symlog", linthresh=1, linscale=2)
        axes.set(xlabel="step", ylabel="cell state of the 6 units", xlim=(0, self.steps))
        axes.set(ylim=(-3 * self.limit, 3 * self.limit))
        powers = [1e8, 1e4, 1.0]
        axes.set_yticks([*(-power for power in powers), 0, *powers[::-1]])

    def update(self, place, activation, scale, bias):
        self.cell, self.values_of_gate, finite = self.runs[place, activation, scale, bias]
        shown = self.cell[: finite + 1]
        # Beyond the window's edge a curve runs along it, so that one sees on which side it left.
        clipped = np.clip(shown, -2 * self.limit, 2 * self.limit)
        for k in range(self.units):
            self.artists[f"unit {k}"].set_data(np.arange(len(shown)), clipped[:, k])
        self.largest, self.finite = float(np.abs(shown).max()), finite
        self.outside = float(np.mean((self.values_of_gate[:finite] < 0) | (self.values_of_gate[:finite] > 1)))
        self.negative = float(np.mean(shown[1:] < 0))

    def words(self):
        at = self.values
        end = "" if self.finite == self.steps else f" After {self.finite} steps it is too large for a float64."
        return (
            f"{at['activation']} in the {at['place']}, weights times {at['scale']:g}, forget bias {at['bias']:g}: the "
            f"largest cell state is {self.largest:.2g}; {self.outside:.0%} of the values there lie outside 0 to 1; "
            f"{self.negative:.0%} of the cell states are negative.{end}"
        )
