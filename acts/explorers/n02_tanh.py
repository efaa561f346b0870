"""The explorers of the page on tanh: made from a sigmoid, computed near 0, in deep networks, and in an LSTM."""

import itertools

import numpy as np

from acts import plots
from acts.data import digits
from acts.elementwise import relu, relu6, sigmoid, tanh
from acts.explorers.base import Explorer, choice_slider, slider, whole_slider
from acts.explorers.curves import GradientPaths
from acts.recurrent import LSTM

__all__ = ["GateExplorer", "GradientRaceExplorer", "LostDigitsExplorer", "StretchShiftExplorer"]


class StretchShiftExplorer(Explorer):
    """a·σ(b·x) + c, beside tanh: three sliders turn one into the other.

    Result: `distance`, the largest between the two curves.
    """

    title = "From the sigmoid to tanh"
    look_for = (
        "the black bar, where the two curves are furthest apart. Stretch the height, stretch the width, shift: there "
        "is one setting at which the bar is gone."
    )

    def prepare(self):
        self.x = np.linspace(-6, 6, 769)  # binary fractions, and 0 is one of them
        self.tanh = tanh(self.x)

    def build(self):
        self.sliders = {
            "a": slider("height times a", 1.0, 0.25, 3.0, 0.25),
            "b": slider("gain b", 1.0, 0.25, 4.0, 0.25),
            "c": slider("shift c", 0.0, -2.0, 1.0, 0.25),
        }
        self.figure, axes = plots.new_figure()
        axes.plot(self.x, self.tanh, color=plots.COLOURS[1], linestyle="--", label=r"$\tanh x$")
        self.line("moved", axes, 0, r"$a\,\sigma(bx)+c$")
        self.line("distance", axes, 4, "largest distance", linestyle="-", marker="_", markersize=10)
        axes.set(xlabel="$x$", ylabel="value", xlim=(-6.2, 6.2), ylim=(-2.2, 4.6))
        axes.legend(loc="upper left", ncols=3)

    def show(self, values):
        a, b, c = values["a"], values["b"], values["c"]
        moved = a * sigmoid(b * self.x) + c
        distances = np.abs(moved - self.tanh)
        furthest = int(np.argmax(distances > distances.max() - 1e-9))  # the first of equals, whatever the last digit
        self.distance, where = float(distances[furthest]), float(self.x[furthest])
        self.artists["moved"].set_data(self.x, moved)
        self.artists["distance"].set_data([where] * 2, [moved[furthest], self.tanh[furthest]])
        formula = f"{a:g}·σ({b:g}x) {'−' if c < 0 else '+'} {abs(c):g}"
        if self.distance < 1e-12:
            return f"{formula} is tanh: the largest distance is 0."
        return f"{formula} is up to {self.distance:.3f} away from tanh, at x = {where:.2f} for one."


class LostDigitsExplorer(Explorer):
    """What four ways to write tanh leave of it near 0, in each floating-point type."""

    title = "The digits lost near 0"
    look_for = (
        "the staircase. Zoom in: a form that subtracts two numbers near each other has ever fewer values to choose "
        "from, and at zoom 9 only 0. Which forms stay on the line?"
    )
    forms = {
        "2σ(2x) − 1": lambda x: 2 * sigmoid(2 * x) - 1,
        "exponentials": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
        "expm1": lambda x: np.copysign(np.expm1(-2 * np.abs(x)) / (np.expm1(-2 * np.abs(x)) + 2), x),
        "acts.tanh": tanh,
    }
    points = 601

    def build(self):
        self.sliders = {
            "form": choice_slider("form", "2σ(2x) − 1", list(self.forms)),
            "dtype": choice_slider("type", "float64", ["float16", "float32", "float64"]),
            "zoom": whole_slider("zoom", 8, 0, 9),
        }
        self.figure, axes = plots.new_figure()
        self.line("computed", axes, 0, "computed")
        self.line("true", axes, 1, "true value", linewidth=1.6)
        self.artists["unit"] = axes.text(1, -1.08, "", ha="right", fontsize=11)
        axes.set(xlabel="$x$, in this unit", ylabel=r"$\tanh x$, in this unit", xlim=(-1, 1), ylim=(-1.15, 1.15))
        axes.legend(loc="upper left")

    def show(self, values):
        form, dtype, zoom = values["form"], values["dtype"], values["zoom"]
        # From 1, in steps of equal ratio, to four times the type's eps; then to where only 0 is left.
        eps = float(np.finfo(dtype).eps)
        edge = (4 * eps) ** (zoom / 8) if zoom <= 8 else eps / 16
        x = np.linspace(-edge, edge, self.points).astype(dtype)
        computed, true = self.forms[form](x).astype(np.float64), tanh(x.astype(np.float64))
        self.artists["computed"].set_data(x / edge, computed / edge)
        self.artists["true"].set_data(x / edge, true / edge)
        self.artists["unit"].set_text(f"unit: {edge:.1e}")
        outer, distinct = x > edge / 2, len(np.unique(computed[x > 0]))
        error = float(np.max(np.abs(computed - true)[outer] / true[outer]))
        return (
            f"{form} in {dtype}: the {self.points // 2} positive x up to {edge:.1e} come out as "
            f"{distinct} different value{'s' if distinct != 1 else ''}; in the outer half of the window the relative "
            f"error is {'less than 1e-15' if error < 1e-15 else f'up to {error:.0e}'}."
        )


class GradientRaceExplorer(GradientPaths):
    """The gradient's way back through sigmoid layers and through tanh layers, from the same draw of weights."""

    title = "The gradient's way back: sigmoid and tanh"
    look_for = (
        "the gap between the two, which start from the same draw of weights. Which scale makes the tanh line level, "
        "and which the sigmoid's? Which initialisation makes tanh vanish, and which makes it explode?"
    )
    curves = {"sigmoid": ("sigmoid", "sigmoid"), "tanh": ("tanh", "tanh")}
    widest, width, batch = 30, 48, 8
    window, ticks = (1e-20, 1e10), range(0, 31, 5)

    def show(self, values):
        ends = {name: path[:, -1] for name, path in self.show_paths(values).items()}
        left = [f"{np.median(end):.0e} with {name} ({end.min():.0e} to {end.max():.0e})" for name, end in ends.items()]
        return (
            f"{values['initialisation']} initialisation, weights times {values['scale']:g}: after {values['depth']} "
            f"layers {' and '.join(left)} of the gradient is left."
        )


class GateExplorer(Explorer):
    """What an LSTM's memory does over 200 steps when one of its activations is swapped.

    Results: `largest`, the largest size of a cell state, as long as all are finite; `outside`, the share of the
    swapped activation's values that lie outside 0 to 1.
    """

    title = "One activation of an LSTM, swapped"
    look_for = (
        "which place explodes, and with which activation. Is it the unbounded one everywhere? Is it only the "
        "unbounded one? And which swap leaves a memory that can never be negative?"
    )
    places = {"forget gate": "forget", "input gate": "input", "output gate": "output", "candidate": "candidate"}
    activations = {
        "sigmoid": sigmoid,
        "tanh": tanh,
        "ReLU6": relu6,
        "ReLU": relu,
        "ReLU cut at 1": lambda z: np.clip(z, 0, 1),
    }
    scales, biases = [0.5, 1.0, 1.5, 2.0], [0.0, 1.0, 3.0]
    steps, units, limit = 200, 6, 1e8

    def prepare(self):
        """Run all settings: cell states, values of the swapped activation and the number of finite steps of each."""
        rows = digits(standardised=True).images.reshape(-1, 8)[: self.steps]
        settings, self.runs = list(itertools.product(self.scales, self.biases)), {}
        scales, biases = np.array(settings).T
        for (place, name), (activation, function) in itertools.product(self.places.items(), self.activations.items()):
            # All settings side by side: the same seed for each, its weights scaled, its forget bias set.
            cells = LSTM(8, self.units, seeds=[0] * len(settings), forget_bias=0, **{name: function})
            for weights in cells.weights.values():
                weights *= scales[:, None, None]
            cells.biases["forget"] += biases[:, None]
            trace = cells.forward(rows)
            for k, setting in enumerate(settings):
                run = trace.cell[k], getattr(trace, name)[k], int(trace.finite_steps[k])
                self.runs[place, activation, *setting] = run

    def build(self):
        self.sliders = {
            "place": choice_slider("swapped", "forget gate", list(self.places)),
            "activation": choice_slider("activation", "ReLU", list(self.activations)),
            "scale": choice_slider("weights times", 1.0, self.scales),
            "bias": choice_slider("forget bias", 1.0, self.biases),
        }
        self.figure, axes = plots.new_figure()
        for k in range(self.units):
            self.line(f"unit {k}", axes, k, linewidth=1.4)
        axes.axhspan(-1, 1, color="#EEEEEE", zorder=0)
        axes.set_yscale("symlog", linthresh=1, linscale=2)
        axes.set(xlabel="step", ylabel="cell state of the 6 units", xlim=(0, self.steps))
        axes.set(ylim=(-3 * self.limit, 3 * self.limit))
        powers = [1e8, 1e4, 1.0]
        axes.set_yticks([*(-power for power in powers), 0, *powers[::-1]])

    def show(self, values):
        place, activation, scale, bias = (values[name] for name in ("place", "activation", "scale", "bias"))
        cell, gate, finite = self.runs[place, activation, scale, bias]
        shown, gate = cell[: finite + 1], gate[:finite]
        # Beyond the window's edge a curve runs along it, so that one sees on which side it left.
        clipped = np.clip(shown, -2 * self.limit, 2 * self.limit)
        for k in range(self.units):
            self.artists[f"unit {k}"].set_data(np.arange(len(shown)), clipped[:, k])
        self.largest, self.outside = float(np.abs(shown).max()), float(np.mean((gate < 0) | (gate > 1)))
        end = "" if finite == self.steps else f" After {finite} steps it is too large for a float64."
        return (
            f"{activation} in the {place}, weights times {scale:g}, forget bias {bias:g}: the "
            f"largest cell state is {self.largest:.2g}; {self.outside:.0%} of the values there lie outside 0 to 1; "
            f"{np.mean(shown[1:] < 0):.0%} of the cell states are negative.{end}"
        )
