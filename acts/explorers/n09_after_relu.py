"""Explorers of what came after ReLU: its smooth relatives, what layers of them do to a signal's size, and gates."""

import math

import numpy as np

from acts import plots
from acts.catalog import ACTIVATIONS
from acts.elementwise import elu, gelu, mish, relu, sigmoid, silu, silu_derivative, softplus
from acts.explorers.base import Explorer, choice_slider, slider

__all__ = ["GateUnitExplorer", "GeluByHandExplorer", "LostTailExplorer", "RelativesExplorer", "SizeMapExplorer"]


def _by_label(names):
    return {ACTIVATIONS[name].label: ACTIVATIONS[name] for name in names}


class RelativesExplorer(Explorer):
    """One of ReLU's smooth relatives and its derivative, sharpened: f(βx)/β, which tends to ReLU."""

    title = "ReLU's relatives"
    look_for = (
        "what sharpening does not change: neither the depth of the slope's dip nor the height of its bump, and "
        "all this ever closer to 0. The dot is the lowest point of f in the window: who has one in the middle?"
    )
    names = ("softplus", "elu", "selu", "silu", "mish", "gelu", "hardswish")
    records = _by_label(names)

    def build(self):
        self.sliders = {
            "activation": choice_slider("activation", "SiLU", list(self.records)),
            "beta": choice_slider("sharpness β", 1, [0.25, 0.5, 1, 2, 4, 8]),
        }
        self.x = np.linspace(-4, 4, 513)  # binary fractions, so that a kink falls on one of them
        self.figure, axes = plots.new_figure()
        f, slope = plots.COLOURS[0], plots.COLOURS[1]
        axes.plot(self.x, relu(self.x), color="#555555", linestyle=":", linewidth=1.5, label="ReLU")
        self.artists = {
            "function": axes.plot([], [], color=f, linestyle="-", label=r"$f(\beta x)/\beta$")[0],
            "derivative": axes.plot([], [], color=slope, linestyle="--", label="its derivative")[0],
            "lowest": axes.plot([], [], color="black", marker="o", linestyle="none", markersize=7)[0],
        }
        axes.set(xlabel="$x$", ylabel="value", xlim=(-4, 4), ylim=(-2.7, 4.2))
        axes.legend(loc="upper left")

    def update(self, activation, beta):
        record = self.records[activation]
        heights, slopes = record.function(beta * self.x) / beta, record.derivative(beta * self.x)
        for kink in record.kinks:
            slopes[np.abs(self.x - kink / beta) <= (self.x[1] - self.x[0]) / 2] = np.nan
        at = int(heights.argmin())
        self.lowest, self.where = float(heights[at]), float(self.x[at])
        self.slopes = float(np.nanmin(slopes)), float(np.nanmax(slopes))
        self.away = float(np.abs(heights - relu(self.x)).max())
        self.artists["function"].set_data(self.x, heights)
        self.artists["derivative"].set_data(self.x, slopes)
        self.artists["lowest"].set_data([self.where], [self.lowest])

    def words(self):
        at = self.values
        return (
            f"{at['activation']} with sharpness {at['beta']:g}: in this window its lowest value is "
            f"{self.lowest:.3f}, at x = {self.where:.2f}; its slope lies between {self.slopes[0]:.3f} and "
            f"{self.slopes[1]:.3f}; from ReLU it is at most {self.away:.3f} away."
        )


class SizeMapExplorer(Explorer):
    """What a wide random layer makes of its signal's size, as a curve, and the steps of many layers along it.

    The size is the variance p of the pre-activations. The next layer has p′ = c E[f(√p Z)²], with Z standard normal and
    c = n Var(w); for SwiGLU, whose value has the variance p as well, p′ = c p E[silu(√p Z)²].
    """

    title = "From layer to layer: the size of a signal"
    look_for = (
        "how steep the curve is where it crosses the diagonal. Flatter than it: wherever you start, the steps lead to "
        "the crossing. As steep: a size stays as it is. Steeper: what is a little too small goes to 0, what is a "
        "little too large explodes."
    )
    functions = {
        label: record.function
        for label, record in _by_label(["selu", "elu", "tanh", "relu", "gelu", "silu", "mish", "softplus"]).items()
    } | {"SwiGLU": silu}  # its gate; the value comes in besides
    layers = 12
    far = 1e30  # beyond it, or below 1/far, the steps are not followed

    def build(self):
        self.sliders = {
            "activation": choice_slider("activation", "SELU", list(self.functions)),
            "start": choice_slider("size at the start", 4.0, [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0, 16.0]),
            "factor": slider("weights' variance ×", 1.0, 0.4, 2.5, 0.1, form=".1f"),
        }
        self.z = np.linspace(-8.5, 8.5, 1701)
        bell = np.exp(-self.z**2 / 2)
        self.bell = bell / bell.sum()
        self.p = np.logspace(-2.2, 2.2, 89)
        self.figure, axes = plots.new_figure(height=4.4)
        axes.plot([1e-2, 1e2], [1e-2, 1e2], color="#555555", linestyle="--", linewidth=1.5, label="no change")
        curve, steps = plots.COLOURS[0], plots.COLOURS[1]
        self.artists = {
            "curve": axes.plot([], [], color=curve, linestyle="-", label="size in the next layer")[0],
            "steps": axes.plot([], [], color=steps, linestyle="-", linewidth=1.2, label="layer by layer")[0],
            "start": axes.plot([], [], color=steps, marker="o", linestyle="none", label="start")[0],
        }
        axes.set(xlabel="size $p$ in one layer", ylabel="size in the next", xscale="log", yscale="log")
        axes.set(xlim=(1e-2, 1e2), ylim=(1e-2, 1e2))
        axes.legend(loc="upper left")

    def mean_square(self, activation, p):
        """E[f(√p Z)²] for each p; for SwiGLU that of a value times its gate."""
        p = np.atleast_1d(np.asarray(p, dtype=float))
        squares = self.functions[activation](np.sqrt(p)[:, None] * self.z) ** 2 @ self.bell
        return p * squares if activation == "SwiGLU" else squares

    def update(self, activation, start, factor):
        self.own = 1 / float(self.mean_square(activation, 1.0)[0])  # the c that leaves size 1 as it is
        c = factor * self.own
        sizes = c * self.mean_square(activation, self.p)
        near = np.exp([-1e-3, 1e-3])
        self.steepness = float(np.diff(np.log(self.mean_square(activation, near)))[0] / 2e-3)  # at size 1
        self.sizes = [float(start)]
        while len(self.sizes) <= self.layers and 1 / self.far < self.sizes[-1] < self.far:
            self.sizes.append(c * float(self.mean_square(activation, self.sizes[-1])[0]))
        corners = np.repeat(np.clip(self.sizes, 1e-4, 1e4), 2)
        self.artists["curve"].set_data(self.p, sizes)
        self.artists["steps"].set_data(corners[:-1], np.append(corners[1:2], corners[2:]))
        self.artists["start"].set_data([start], [start])

    def words(self):
        at, end = self.values, self.sizes[-1]
        layers = len(self.sizes) - 1
        outcome = f"a size of {end:.3g}" if 1 / self.far < end < self.far else (
            f"more than {self.far:.0e}" if end > 1 else f"less than {1 / self.far:.0e}"
        )  # fmt: skip
        return (
            f"{at['activation']}, weights of variance {at['factor']:.1f} × {self.own:.3f}/n: from size "
            f"{at['start']:g}, {layers} layers lead to {outcome}. At size 1 the curve's slope in this picture is "
            f"{self.steepness:.2f}."
        )


def _erf(x):
    return np.array([math.erf(value) for value in np.ravel(x)]).reshape(np.shape(x))


class GeluByHandExplorer(Explorer):
    """How far two approximations of GELU are off, for constants of your own."""

    title = "GELU by hand: two approximations and their constants"
    look_for = (
        "the constants that make each line's largest swing as small as you can get it. Which of the two is the better "
        "formula? And whose humps stand at the right places already, however you choose?"
    )

    def build(self):
        self.sliders = {
            "k": slider("k in x·σ(kx)", 1.6, 1.4, 2.0, 0.01),
            "c": slider("c of the cube", 0.0455, 0.03, 0.06, 0.0005, form=".4f"),
            "zoom": choice_slider("zoom (times)", 1, [1, 2, 4, 8, 16, 32, 64]),
        }
        self.x = np.linspace(-5, 5, 401)
        self.figure, self.axes = plots.new_figure(layout="none")
        by_sigma, by_tanh = plots.LINES[0], plots.LINES[1]
        self.artists = {
            "sigma": self.axes.plot([], [], color=by_sigma["color"], linestyle="-", label=r"$x\,\sigma(kx)$")[0],
            "tanh": self.axes.plot([], [], color=by_tanh["color"], linestyle="--", label="by tanh")[0],
            "y axis": self.axes.yaxis,
        }
        self.axes.set(xlabel="$x$", ylabel="approximation − GELU", xlim=(-5, 5))
        self.axes.yaxis.set_label_coords(-0.13, 0.5)
        self.axes.legend(loc="upper left")
        self.figure.subplots_adjust(left=0.16, right=0.98, bottom=0.14, top=0.97)  # room for small numbers

    def update(self, k, c, zoom):
        x, true = self.x, gelu(self.x)
        inner = np.sqrt(2 / np.pi) * (x + c * x**3)
        self.off = {"sigma": x * sigmoid(k * x) - true, "tanh": x / 2 * (1 + np.tanh(inner)) - true}
        self.worst = {name: float(np.abs(off).max()) for name, off in self.off.items()}
        for name, off in self.off.items():
            self.artists[name].set_data(x, off)
        self.axes.set_ylim(-0.04 / zoom, 0.055 / zoom)

    def words(self):
        at = self.values
        return (
            f"x·σ({at['k']:.2f}x) is at most {self.worst['sigma']:.5f} off, the tanh formula with c = {at['c']:.4f} "
            f"at most {self.worst['tanh']:.5f}, for x from -5 to 5. The window ends at {0.055 / at['zoom']:.4f}."
        )


class LostTailExplorer(Explorer):
    """How many digits are right when a formula is computed as it is written, over many orders of x."""

    title = "Digits that a formula loses"
    look_for = (
        "where the line leaves the dashed one. Behind each fall waits a subtraction of two numbers near each other, an "
        "overflow or a threshold. Is it at the same place in float32? Does the loss come at once or little by little?"
    )
    # Each: the sign of x, the formula as written, and the function that says the true value.
    forms = {
        "softplus: log(1 + eˣ), x < 0": (-1, lambda x: np.log(1 + np.exp(x)), softplus),
        "softplus: log(1 + eˣ), x > 0": (1, lambda x: np.log(1 + np.exp(x)), softplus),
        "softplus: x from 20 on": (1, lambda x: np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20)))), softplus),
        "ELU: eˣ − 1, x < 0": (-1, lambda x: np.exp(x) - 1, elu),
        "SiLU: x · 1/(1 + e⁻ˣ), x < 0": (-1, lambda x: x / (1 + np.exp(-x)), silu),
        "Mish: x · tanh(log(1 + eˣ)), x < 0": (-1, lambda x: x * np.tanh(np.log(1 + np.exp(x))), mish),
        "GELU: x/2 · (1 + erf), x < 0": (
            -1, lambda x: x / 2 * (1 + _erf(x / np.sqrt(2).astype(x.dtype)).astype(x.dtype)), gelu,
        ),
    }  # fmt: skip

    def build(self):
        self.sliders = {
            "form": choice_slider("formula", "GELU: x/2 · (1 + erf), x < 0", list(self.forms)[::-1]),
            "dtype": choice_slider("type", "float32", ["float32", "float64"]),
            "size": slider("|x| is 10 to the", 0.5, -6.0, 3.0, 0.125, form=".3f"),
        }
        edges = np.linspace(85, 110, 26), np.linspace(700, 760, 31)  # where exponentials end, in either type
        self.sizes = np.unique(np.concatenate([np.logspace(-6, 3, 361), *edges]))
        self.figure, axes = plots.new_figure()
        digits, here = plots.COLOURS[0], plots.COLOURS[1]
        self.artists = {
            "digits": axes.plot([], [], color=digits, linestyle="-", label="digits that are right")[0],
            "all": axes.axhline(0, color="#555555", linestyle="--", linewidth=1.4, label="all that the type has"),
            "here": axes.plot([], [], color=here, marker="o", linestyle="none", label="the chosen x")[0],
        }
        axes.set(xlabel="$|x|$", ylabel="decimal digits", xscale="log", xlim=(1e-6, 1e3), ylim=(-0.5, 19))
        axes.legend(loc="upper left", ncols=3)

    def digits_right(self, form, dtype, sizes):
        """Return the computed values, the true ones as the type holds them, and how many digits agree."""
        sign, formula, true_of = self.forms[form]
        most = -np.log10(np.finfo(dtype).eps)
        x = (sign * np.asarray(sizes)).astype(dtype)
        with np.errstate(all="ignore"):  # what this explorer is about
            computed, true = formula(x).astype(float), true_of(x.astype(float)).astype(dtype).astype(float)
            off = np.abs(computed / true - 1)
            digits = np.where(computed == true, most, np.clip(-np.log10(off), 0, most))
        return computed, true, np.where(np.isfinite(digits), digits, 0.0)

    def update(self, form, dtype, size):
        _, _, digits = self.digits_right(form, dtype, self.sizes)
        (self.computed,), (self.true,), (self.right,) = self.digits_right(form, dtype, [10.0**size])
        most = -np.log10(np.finfo(dtype).eps)
        self.artists["digits"].set_data(self.sizes, digits)
        self.artists["all"].set_ydata([most, most])
        self.artists["here"].set_data([10.0**size], [self.right])

    def words(self):
        at, (sign, _, _) = self.values, self.forms[self.values["form"]]
        came = f"{self.computed:.9g}" if np.isfinite(self.computed) else "no number"
        return (
            f"{at['form']}, in {at['dtype']}: at x = {sign * 10.0 ** at['size']:.4g} comes out {came}, the true value "
            f"is {self.true:.9g}; {self.right:.1f} digits are right."
        )


class GateUnitExplorer(Explorer):
    """One SwiGLU unit of one input: a straight value times the SiLU of a straight gate."""

    title = "A value and its gate: one SwiGLU unit"
    look_for = (
        "shapes that no single activation has. Value slope 0 and bias 1: what is left? Both slopes equal, both biases "
        "0: nearly half of a parabola. A gate of the other sign, biases up: a bump."
    )

    def build(self):
        self.sliders = {
            "value slope": slider("value: slope", 1.0, -2.0, 2.0, 0.25),
            "value bias": slider("value: bias", 0.0, -2.0, 2.0, 0.25),
            "gate slope": slider("gate: slope", 1.0, -2.0, 2.0, 0.25),
            "gate bias": slider("gate: bias", 0.5, -2.0, 2.0, 0.25),
        }
        self.x = np.linspace(-3, 3, 241)
        self.figure, axes = plots.new_figure()
        value, gate, output, slope = (plots.LINES[k] for k in (3, 2, 0, 1))
        axes.axhline(0, color="#555555", linewidth=0.8)
        self.artists = {
            "value": axes.plot([], [], color=value["color"], linestyle=":", label="value $a$")[0],
            "gate": axes.plot([], [], color=gate["color"], linestyle="-.", label="gate, silu$(b)$")[0],
            "output": axes.plot([], [], color=output["color"], linestyle="-", label="output $a$ silu$(b)$")[0],
            "derivative": axes.plot([], [], color=slope["color"], linestyle="--", label="its derivative")[0],
        }
        axes.set(xlabel="$x$", ylabel="value", xlim=(-3, 3), ylim=(-6, 9))
        axes.legend(loc="upper center", ncols=2)

    def update(self, **at):
        a, b = (at[f"{part} slope"] * self.x + at[f"{part} bias"] for part in ("value", "gate"))
        output = a * silu(b)
        slope = at["value slope"] * silu(b) + a * at["gate slope"] * silu_derivative(b)
        for name, values in zip(self.artists, (a, silu(b), output, slope), strict=True):
            self.artists[name].set_data(self.x, values)
        self.least, self.most = float(output.min()), float(output.max())

    def words(self):
        at = self.values
        (here,) = np.flatnonzero(self.x == 0)
        zero = float(self.artists["output"].get_ydata()[here]), float(self.artists["derivative"].get_ydata()[here])
        value, gate = (f"{at[f'{part} slope']:.2f}x {at[f'{part} bias']:+.2f}" for part in ("value", "gate"))
        return (
            f"a = {value}, b = {gate}: from x = -3 to 3 the output lies between {self.least:.2f} and {self.most:.2f}, "
            f"at x = 0 it is {zero[0]:.3f}, its slope {zero[1]:.3f}."
        )
