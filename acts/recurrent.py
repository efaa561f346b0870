"""An LSTM cell in NumPy, forward only, several seeds at once; each of its five activations can be swapped.

The memory is the cell c. Three gates, each a small layer of its own, say which share of it to keep, which share of the
candidate g to write, and which share to show: c ← f ⊙ c + i ⊙ g, and h = o ⊙ tanh(c).
"""

from dataclasses import dataclass, fields

import numpy as np

from acts._arguments import finite, positive_integer, seed_list
from acts._arrays import float_array
from acts._names import unknown
from acts.catalog import ACTIVATIONS
from acts.network import INITIALISATIONS

__all__ = ["LSTM", "LSTMTrace", "LSTM_ACTIVATIONS"]

LSTM_ACTIVATIONS = {
    "forget": "sigmoid", "input": "sigmoid", "output": "sigmoid", "candidate": "tanh", "readout": "tanh",
}  # fmt: skip
_LAYERS = ["forget", "input", "output", "candidate"]  # in the order in which their weights are drawn and stacked


@dataclass(frozen=True)
class LSTMTrace:
    """What a run leaves, one entry a step: the gates and the candidate, each (seeds, steps, units).

    `cell` and `hidden` are (seeds, steps + 1, units): their entry 0 is the start, zero.
    """

    forget: np.ndarray
    input: np.ndarray
    output: np.ndarray
    candidate: np.ndarray
    cell: np.ndarray
    hidden: np.ndarray

    @property
    def finite_steps(self):
        """How many steps each seed makes before a number of it overflows, (seeds,)."""
        steps = self.forget.shape[1]
        parts = [getattr(self, part.name)[:, -steps:] for part in fields(self)]
        bad = ~np.isfinite(np.stack(parts)).all(axis=(0, 3))
        return np.where(bad.any(axis=1), bad.argmax(axis=1), steps)


class LSTM:
    """A layer of long short-term memory: f, i, o = σ(W·[x, h] + b), g = tanh(W·[x, h] + b), c ← f ⊙ c + i ⊙ g.

    What it shows is h = o ⊙ tanh(c). Each gate and the candidate have a W and a b of their own.

    Parameters
    ----------
    features, units : positive ints
        Length of an input x, and of the cell c.
    seeds : int or iterable of ints
        How many cells (seeds 0, 1, …), or which.
    initialisation : name in `acts.network.INITIALISATIONS`, but "lsuv" and "centred"
        Each W is drawn as a layer of features + units inputs.
    scale : float
        Every weight, not the biases, is multiplied by it.
    forget_bias : float
        Added to the forget gate's biases; 1 by default, so that a fresh cell remembers.
    forget, input, output, candidate, readout : name in `acts.catalog.ACTIVATIONS`, or a function of an array
        Which activation stands where. `readout` is the one between c and h.

    Raises
    ------
    ValueError
        For sizes that are no positive integers, no seeds or a negative one, an initialisation that is unknown or needs
        data, a scale or a bias that is not finite.
    UnknownActivation
        For a name that the catalog does not know.

    Attributes
    ----------
    weights : dict from "forget", "input", "output", "candidate" to (seeds, features + units, units), float64
    biases : dict from the same names to (seeds, units)

    Notes
    -----
    Source: Hochreiter & Schmidhuber, "Long short-term memory", 1997; the forget gate: Gers, Schmidhuber & Cummins,
    "Learning to forget: continual prediction with LSTM", 2000; its bias of 1: Jozefowicz, Zaremba & Sutskever, "An
    empirical exploration of recurrent network architectures", 2015. The same seed draws the same weights, whichever
    activations are swapped.

    Examples
    --------
    >>> trace = LSTM(features=3, units=4, seeds=2).forward(np.ones((10, 3)))
    >>> trace.cell.shape, bool((abs(trace.hidden) < 1).all())
    ((2, 11, 4), True)
    """

    def __init__(
        self, features, units, seeds=5, initialisation="xavier", scale=1.0, forget_bias=1.0, forget="sigmoid",
        input="sigmoid", output="sigmoid", candidate="tanh", readout="tanh",
    ):  # fmt: skip
        self.features, self.units = positive_integer("features", features), positive_integer("units", units)
        self.seeds = seed_list(seeds)
        drawn = [name for name, start in INITIALISATIONS.items() if start.is_drawn]
        if initialisation not in drawn:
            raise ValueError(unknown("initialisation", initialisation, drawn))
        scale, forget_bias = finite("scale", scale), finite("forget_bias", forget_bias)
        chosen = {"forget": forget, "input": input, "output": output, "candidate": candidate, "readout": readout}
        self.activations = {
            place: activation if callable(activation) else ACTIVATIONS[activation].function
            for place, activation in chosen.items()
        }
        draw, generators = INITIALISATIONS[initialisation].draw, [np.random.default_rng(seed) for seed in self.seeds]
        self.weights, self.biases = {}, {}
        for layer in _LAYERS:
            pairs = [draw(rng, self.features + self.units, self.units) for rng in generators]
            self.weights[layer] = scale * np.stack([weights for weights, _ in pairs])
            self.biases[layer] = np.stack([biases for _, biases in pairs])
        self.biases["forget"] += forget_bias

    def forward(self, inputs):
        """Run the cells along a sequence (steps, features), or one for each seed (seeds, steps, features).

        Returns an `LSTMTrace`. A cell that grows without bound becomes infinite and then NaN, without a warning:
        `LSTMTrace.finite_steps` says when. Raises `ValueError` for another shape, `TypeError` for what is not real.
        """
        inputs = float_array(inputs, "inputs").astype(np.float64, copy=False)
        seeds, features, units = len(self.seeds), self.features, self.units
        steps = inputs.shape[-2] if inputs.ndim > 1 else 0
        if steps < 1 or inputs.shape not in [(steps, features), (seeds, steps, features)]:
            raise ValueError(
                f"inputs must have shape (steps, {features}) or (seeds, steps, {features}), with seeds = {seeds} and "
                f"at least one step; got {inputs.shape}"
            )
        weights = np.concatenate([self.weights[layer] for layer in _LAYERS], axis=-1)
        biases = np.concatenate([self.biases[layer] for layer in _LAYERS], axis=-1)[:, None]
        from_inputs = inputs @ weights[:, :features] + biases  # (seeds, steps, 4 · units)
        gates = {layer: np.empty((seeds, steps, units)) for layer in _LAYERS}
        cell, hidden = np.zeros((2, seeds, steps + 1, units))
        with np.errstate(over="ignore", invalid="ignore"):
            for t in range(steps):
                z = from_inputs[:, t] + (hidden[:, t, None] @ weights[:, features:])[:, 0]
                for k, layer in enumerate(_LAYERS):
                    gates[layer][:, t] = self.activations[layer](z[:, k * units : (k + 1) * units])
                f, i, o, g = (gates[layer][:, t] for layer in _LAYERS)
                cell[:, t + 1] = f * cell[:, t] + i * g
                hidden[:, t + 1] = o * self.activations["readout"](cell[:, t + 1])
        return LSTMTrace(**gates, cell=cell, hidden=hidden)
