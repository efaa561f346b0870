"""The explorers of the page on what came after ReLU: its relatives, what layers of them do to a signal, and gates."""

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
    """One of ReLU's smooth relatives and its derivative, sharpened: f(βx)/β, which tends to ReLU.

    Result: `away`, the largest distance from ReLU in the window.
    """

    title = "ReLU's relatives"
    look_for = (
        "what sharpening does not change: neither the depth of the slope's dip nor the height of its bump, and "
        "all this ever closer to 0. The dot is the lowest point of f in the window: who has one in the middle?"
    )
    names = ("softplus", "elu", "selu", "silu", "mish", "gelu", "hardswish")
    records = _by_label(names)

    def prepare(self):
        self.x = np.linspace(-4, 4, 513)  # binary fractions, so that a kink falls on one of them

    def build(self):
        self.sliders = {
            "activation": choice_slider("activation", "SiLU", list(self.records)),
            "beta": choice_slider("sharpness β", 1, [0.25, 0.5, 1, 2, 4, 8]),
        }
        self.figure, axes = plots.new_figure()
        axes.plot(self.x, relu(self.x), color="#555555", linestyle=":", linewidth=1.5, label="ReLU")
        self.line("function", axes, 0, r"$f(\beta x)/\beta$")
        self.line("derivative", axes, 1, "its derivative")
        self.dots("lowest", axes, 4, markersize=7)
        axes.set(xlabel="$x$", ylabel="value", xlim=(-4, 4), ylim=(-2.7, 4.2))
        axes.legend(loc="upper left")

    def show(self, values):
        activation, beta = values["activation"], values["beta"]
        record = self.records[activation]
        heights, slopes = record.function(beta * self.x) / beta, record.derivative(beta * self.x)
        for kink in record.kinks:
            slopes[np.abs(self.x - kink / beta) <= (self.x[1] - self.x[0]) / 2] = np.nan
        lowest = int(heights.argmin())
        self.away = float(np.abs(heights - relu(self.x)).max())
        self.artists["function"].set_data(self.x, heights)
        self.artists["derivative"].set_data(self.x, slopes)
        self.artists["lowest"].set_data([self.x[lowest]], [heights[lowest]])
        return (
            f"{activation} with sharpness {beta:g}: in this window its lowest value is "
            f"{heights[lowest]:.3f}, at x = {self.x[lowest]:.2f}; its slope lies between {np.nanmin(slopes):.3f} and "
            f"{np.nanmax(slopes):.3f}; from ReLU it is at most {self.away:.3f} away."
        )


class SizeMapExplorer(Explorer):
    """What a wide random layer makes of its signal's size, as a curve, and the steps of many layers along it.

    The size is the variance p of the pre-activations. The next layer has p′ = c E[f(√p Z)²], with Z standard normal and
    c = n Var(w); for SwiGLU, whose value has the variance p as well, p′ = c p E[silu(√p Z)²].

    Result: `sizes`, the size at the start and in each layer after it, as far as the steps are followed.
    """

    title = "From layer to layer: the size of a signal"
    look_for = (
        "how steep the curve is where it crosses the diagonal. Flatter than it: wherever you start, the steps lead to "
        "the crossing. As steep: a size stays as it is. Steeper: what is a little too small goes to 0, what is a "
        "little too large explodes."
    )
    # Each: the function, and whether it is the gate of a value that comes in besides.
    functions = {
        label: (record.function, False)
        for label, record in _by_label(["selu", "elu", "tanh", "relu", "gelu", "silu", "mish", "softplus"]).items()
    } | {"SwiGLU": (silu, True)}
    layers = 12
    far = 1e30  # beyond it, or below 1/far, the steps are not followed

    def prepare(self):
        self.z = np.linspace(-8.5, 8.5, 1701)
        bell = np.exp(-(self.z**2) / 2)
        self.bell = bell / bell.sum()
        self.p = np.logspace(-2.2, 2.2, 89)

    def build(self):
        self.sliders = {
            "activation": choice_slider("activation", "SELU", list(self.functions)),
            "start": choice_slider("size at the start", 4.0, [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0, 16.0]),
            "factor": slider("weights' variance ×", 1.0, 0.4, 2.5, 0.1, form=".1f"),
        }
        self.figure, axes = plots.new_figure(height=4.4)
        axes.plot([1e-2, 1e2], [1e-2, 1e2], color="#555555", linestyle="--", linewidth=1.5, label="no change")
        self.line("curve", axes, 0, "size in the next layer")
        self.line("steps", axes, 1, "layer by layer", linestyle="-", linewidth=1.2)
        self.dots("start", axes, 1, "start")
        axes.set(xlabel="size $p$ in one layer", ylabel="size in the next", xscale="log", yscale="log")
        axes.set(xlim=(1e-2, 1e2), ylim=(1e-2, 1e2))
        axes.legend(loc="upper left")

    def mean_square(self, activation, p):
        """E[f(√p Z)²] for each p; for a gate that of its value times the gate."""
        function, gates = self.functions[activation]
        p = np.atleast_1d(np.asarray(p, dtype=float))
        squares = function(np.sqrt(p)[:, None] * self.z) ** 2 @ self.bell
        return p * squares if gates else squares

    def steepness(self, activation):
        """Return the curve's slope in the picture, on logarithmic axes, at size 1."""
        near = np.exp([-1e-3, 1e-3])
        return float(np.diff(np.log(self.mean_square(activation, near)))[0] / 2e-3)

    def show(self, values):
        activation, start, factor = values["activation"], values["start"], values["factor"]
        critical = 1 / float(self.mean_square(activation, 1.0)[0])  # the c that leaves size 1 as it is
        c = factor * critical
        self.sizes = [float(start)]
        while len(self.sizes) <= self.layers and 1 / self.far < self.sizes[-1] < self.far:
            self.sizes.append(c * float(self.mean_square(activation, self.sizes[-1])[0]))
        corners = np.repeat(np.clip(self.sizes, 1e-4, 1e4), 2)
        self.artists["curve"].set_data(self.p, c * self.mean_square(activation, self.p))
        self.artists["steps"].set_data(corners[:-1], np.append(corners[1:2], corners[2:]))
        self.artists["start"].set_data([start], [start])
        end = self.sizes[-1]
        if 1 / self.far < end < self.far:
            outcome = f"a size of {end:.3g}"
        else:
            outcome = f"more than {self.far:.0e}" if end > 1 else f"less than {1 / self.far:.0e}"
        return (
            f"{activation}, weights of variance {factor:.1f} × {critical:.3f}/n: from size {start:g}, "
            f"{len(self.sizes) - 1} layers lead to {outcome}. At size 1 the curve's slope in this picture is "
            f"{self.steepness(activation):.2f}."
        )


def _erf(x):
    return np.array([math.erf(value) for value in np.ravel(x)]).reshape(np.shape(x))


class GeluByHandExplorer(Explorer):
    """How far two approximations of GELU are off, for constants of your own.

    Result: `worst`, how far each of the two lines is off at most, by its name.
    """

    title = "GELU by hand: two approximations and their constants"
    look_for = (
        "the constants that make each line's largest swing as small as you can get it. Which of the two is the better "
        "formula? And whose humps stand at the right places already, however you choose?"
    )

    def prepare(self):
        self.x = np.linspace(-5, 5, 401)
        self.true = gelu(self.x)

    def build(self):
        self.sliders = {
            "k": slider("k in x·σ(kx)", 1.6, 1.4, 2.0, 0.01),
            "c": slider("c of the cube", 0.0455, 0.03, 0.06, 0.0005, form=".4f"),
            "zoom": choice_slider("zoom (times)", 1, [1, 2, 4, 8, 16, 32, 64]),
        }
        self.figure, self.axes = plots.new_figure(layout="none")
        self.line("sigma", self.axes, 0, r"$x\,\sigma(kx)$")
        self.line("tanh", self.axes, 1, "by tanh")
        self.artists["y axis"] = self.axes.yaxis
        self.axes.set(xlabel="$x$", ylabel="approximation − GELU", xlim=(-5, 5))
        self.axes.yaxis.set_label_coords(-0.13, 0.5)
        self.axes.legend(loc="upper left")
        self.figure.subplots_adjust(left=0.16, right=0.98, bottom=0.14, top=0.97)  # room for small numbers

    def show(self, values):
        k, c, zoom, x = values["k"], values["c"], values["zoom"], self.x
        inner = np.sqrt(2 / np.pi) * (x + c * x**3)
        off = {"sigma": x * sigmoid(k * x) - self.true, "tanh": x / 2 * (1 + np.tanh(inner)) - self.true}
        for name, difference in off.items():
            self.artists[name].set_data(x, difference)
        self.worst = {name: float(np.abs(difference).max()) for name, difference in off.items()}
        low, high = -0.04 / zoom, 0.055 / zoom
        self.axes.set_ylim(low, high)
        return (
            f"x·σ({k:.2f}x) is at most {self.worst['sigma']:.5f} off, the tanh formula with c = {c:.4f} "
            f"at most {self.worst['tanh']:.5f}, for x from -5 to 5. The window ends at {high:.4f}."
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

    def prepare(self):
        edges = np.linspace(85, 110, 26), np.linspace(700, 760, 31)  # where exponentials end, in either type
        self.sizes = np.unique(np.concatenate([np.logspace(-6, 3, 361), *edges]))

    def build(self):
        self.sliders = {
            "form": choice_slider("formula", "GELU: x/2 · (1 + erf), x < 0", list(self.forms)[::-1]),
            "dtype": choice_slider("type", "float32", ["float32", "float64"]),
            "size": slider("|x| is 10 to the", 0.5, -6.0, 3.0, 0.125, form=".3f"),
        }
        self.figure, axes = plots.new_figure()
        self.line("digits", axes, 0, "digits that are right")
        look = {"color": "#555555", "linestyle": "--", "linewidth": 1.4, "label": "all that the type has"}
        self.artists["all"] = axes.axhline(0, **look)
        self.dots("here", axes, 1, "the chosen x")
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

    def show(self, values):
        form, dtype, size = values["form"], values["dtype"], 10.0 ** values["size"]
        _, _, digits = self.digits_right(form, dtype, self.sizes)
        (computed,), (true,), (right,) = self.digits_right(form, dtype, [size])
        most = -np.log10(np.finfo(dtype).eps)
        self.artists["digits"].set_data(self.sizes, digits)
        self.artists["all"].set_ydata([most, most])
        self.artists["here"].set_data([size], [right])
        sign, _, _ = self.forms[form]
        came = f"{computed:.9g}" if np.isfinite(computed) else "no number"
        return (
            f"{form}, in {dtype}: at x = {sign * size:.4g} comes out {came}, the true value "
            f"is {true:.9g}; {right:.1f} digits are right."
        )


class GateUnitExplorer(Explorer):
    """One SwiGLU unit of one input: a straight value times the SiLU of a straight gate."""

    title = "A value and its gate: one SwiGLU unit"
    look_for = (
        "shapes that no single activation has. Value slope 0 and bias 1: what is left? Both slopes equal, both biases "
        "0: nearly half of a parabola. A gate of the other sign, biases up: a bump."
    )

    def prepare(self):
        self.x = np.linspace(-3, 3, 241)

    def build(self):
        self.sliders = {
            "value slope": slider("value: slope", 1.0, -2.0, 2.0, 0.25),
            "value bias": slider("value: bias", 0.0, -2.0, 2.0, 0.25),
            "gate slope": slider("gate: slope", 1.0, -2.0, 2.0, 0.25),
            "gate bias": slider("gate: bias", 0.5, -2.0, 2.0, 0.25),
        }
        self.figure, axes = plots.new_figure()
        axes.axhline(0, color="#555555", linewidth=0.8)
        self.line("value", axes, 3, "value $a$")
        self.line("gate", axes, 2, "gate, silu$(b)$")
        self.line("output", axes, 0, "output $a$ silu$(b)$")
        self.line("derivative", axes, 1, "its derivative")
        axes.set(xlabel="$x$", ylabel="value", xlim=(-3, 3), ylim=(-6, 9))
        axes.legend(loc="upper center", ncols=2)

    def show(self, values):
        v, a0, w, b0 = (values[f"{part} {of}"] for part in ("value", "gate") for of in ("slope", "bias"))
        a, b = v * self.x + a0, w * self.x + b0
        gate = silu(b)
        output, slope = a * gate, v * gate + a * w * silu_derivative(b)
        for name, curve in {"value": a, "gate": gate, "output": output, "derivative": slope}.items():
            self.artists[name].set_data(self.x, curve)
        (zero,) = np.flatnonzero(self.x == 0)
        return (
            f"a = {v:.2f}x {a0:+.2f}, b = {w:.2f}x {b0:+.2f}: from x = -3 to 3 the output lies between "
            f"{output.min():.2f} and {output.max():.2f}, at x = 0 it is {output[zero]:.3f}, its slope "
            f"{slope[zero]:.3f}."
        )
