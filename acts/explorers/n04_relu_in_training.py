"""The explorers of the page on ReLU in training: which units are silent for every image, and since when."""

import numpy as np

from acts import plots
from acts.data import digits
from acts.explorers.base import Explorer, choice_slider, whole_slider
from acts.network import MLP
from acts.probes import rms, silent_units
from acts.training import train

__all__ = ["DeadUnitsExplorer", "OffsetExplorer"]


class DeadUnitsExplorer(Explorer):
    """Every unit of a network over its training: a bar as long as the unit is silent for every image.

    Parameters
    ----------
    rates : (rates,) learning rates
    steps : (records,) at which the units were looked at
    silent : bool (records, rates, seeds, layers, units), from `acts.probes.silent_units`

    Without them the explorer trains small networks of its own.

    Result: `dead_at_end`, how many units of each layer, (layers,), are silent at the last step.
    """

    title = "Dead units over training, one by one"
    look_for = (
        "where bars begin and where they end. A bar that reaches the right edge is a unit that is dead at the end; one "
        "that stops was revived. Raise the learning rate, and see in which layer it begins."
    )

    def __init__(self, rates=None, steps=None, silent=None):
        self.study = rates, steps, silent
        super().__init__()

    def prepare(self):
        rates, steps, silent = self.study if self.study[2] is not None else self._small_study()
        self.rates, self.steps, self.silent = [float(rate) for rate in rates], np.asarray(steps), np.asarray(silent)
        expected = (len(self.steps), len(self.rates))
        if self.silent.ndim != 5 or self.silent.shape[:2] != expected:
            raise ValueError(
                f"silent must have shape (records, rates, seeds, layers, units), with {expected[0]} records and "
                f"{expected[1]} rates; got {self.silent.shape}"
            )

    @staticmethod
    def _small_study():
        images, labels = digits(standardised=True).split()[0]
        rates, seeds = [0.4, 0.8, 1.0, 1.4, 2.0], 3
        history = train(
            MLP([64, 24, 24, 10], "relu", "he", list(range(seeds)) * len(rates)),
            images,
            labels,
            np.repeat(rates, seeds),
            steps=60,
            batch_size=32,
            record_every=4,
            test=(images[:1], labels[:1]),
            watch=lambda network: np.stack(silent_units(network, images), axis=1),
        )
        silent = np.stack(history.watched)
        return rates, history.steps, silent.reshape(len(silent), len(rates), seeds, *silent.shape[2:])

    def build(self):
        _, _, seeds, layers, units = self.silent.shape
        middle = self.rates[len(self.rates) // 2]
        self.sliders = {
            "rate": choice_slider("learning rate", middle, self.rates),
            "seed": whole_slider("seed", 0, 0, seeds - 1),
        }
        self.figure, axes = plots.new_figure(height=4.2)
        last = self.steps[-1]
        for layer, line in zip(range(layers), plots.lines_for(range(layers)), strict=True):
            # With a gap of two rows between layers.
            rows = -(np.arange(units) + layer * (units + 2))
            self.artists[f"layer {layer + 1}"] = axes.hlines([], [], [], colors=line["color"], linewidth=2)
            axes.text(-0.02 * last, rows.mean(), f"layer {layer + 1}", ha="right", va="center", color=line["color"])
            axes.axhspan(rows[-1] - 0.9, rows[0] + 0.9, color="#f4f4f4", zorder=0)
        axes.set(xlabel="step of training", xlim=(-0.005 * last, 1.005 * last), yticks=[])
        axes.set(ylim=(-(units + 2) * layers + 0.5, 2), title="one row for each unit, a bar while it is silent")
        axes.grid(False)
        axes.spines["left"].set_visible(False)

    def show(self, values):
        rate, seed, units = values["rate"], values["seed"], self.silent.shape[-1]
        chosen = self.silent[:, self.rates.index(rate), seed]
        for layer in range(chosen.shape[1]):
            self.artists[f"layer {layer + 1}"].set_segments(self._bars(chosen[:, layer], layer))
        self.dead_at_end = chosen[-1].sum(axis=-1)
        revived = (chosen[:-1] & ~chosen[1:]).any(axis=0).sum()
        by_layer = ", ".join(f"{dead} of {units} in layer {k + 1}" for k, dead in enumerate(self.dead_at_end))
        return (
            f"Learning rate {rate:g}, seed {seed}: {chosen.any(axis=0).sum()} units were silent at some time, "
            f"{revived} of them came back at least once; dead at the end: {by_layer}."
        )

    def _bars(self, silent, layer):
        """Return [(x, y), (x, y)] of each bar; it ends at the record that finds the unit alive, or at the last."""
        units = silent.shape[1]
        edges = np.diff(np.pad(silent, ((1, 1), (0, 0))).astype(int), axis=0)
        bars = []
        for unit in range(units):
            row = -(unit + layer * (units + 2))
            starts, ends = np.flatnonzero(edges[:, unit] == 1), np.flatnonzero(edges[:, unit] == -1)
            for start, end in zip(starts, ends, strict=True):
                end = min(end, len(self.steps) - 1)
                start = min(start, end - 1)  # silent at the last record only: a bar of no length would not be seen
                bars.append([(self.steps[start], row), (self.steps[end], row)])
        return bars


class OffsetExplorer(Explorer):
    """Why a fresh ReLU is dead: each unit of a layer, by offset and spread of its pre-activation over the images.

    Both are divided by the root mean square of the layer's pre-activations, so that their squares add up to 1 on
    average. A unit is dead if its offset lies further below 0 than its spread can lift it for any image.
    """

    title = "Offset and spread of fresh units"
    look_for = (
        "the crosses, the dead units. Go deeper, and the cloud moves to the left: the spread dies, the offset stays, "
        "and its sign decides. Then take the biases away, or make the weights larger."
    )
    depth, width, seeds, images = 10, 40, 5, 300
    variances = {"1/(3n), PyTorch": 1 / 3, "1/n, Xavier": 1.0, "2/n, He": 2.0, "4/n": 4.0}
    bias_sizes = [0.0, 0.5, 1.0, 2.0]

    def prepare(self):
        self.measured = {
            (label, size): self._measure(variance, size)
            for label, variance in self.variances.items()
            for size in self.bias_sizes
        }

    def build(self):
        self.sliders = {
            "layer": whole_slider("layer", 4, 1, self.depth),
            "variance": choice_slider("weight variance", "1/(3n), PyTorch", list(self.variances)),
            "biases": choice_slider("biases times", 1.0, self.bias_sizes),
        }
        self.figure, axes = plots.new_figure(height=4.2)
        axes.axhline(0, color="#555555", linewidth=1)
        self.dots("alive", axes, 0, "alive", fillstyle="none")
        self.dots("dead", axes, 1, "dead", marker="x", mew=1.8)
        axes.set(xlabel="spread over the images (rms of the layer = 1)", ylabel="offset: mean over the images")
        axes.set(xlim=(-0.03, 2.5), ylim=(-3.6, 3.6))
        axes.legend(loc="upper right", ncols=2)

    def _measure(self, variance, size):
        """Return offset and spread of all units, and which are dead, each (layers, seeds · units)."""
        inputs = digits(standardised=True).images[: self.images]
        sizes = [inputs.shape[1]] + [self.width] * self.depth + [10]
        network = MLP(sizes, "relu", "pytorch", self.seeds, scale=np.sqrt(3 * variance))
        for biases in network.biases:
            biases *= size
        z = np.stack(network.forward(inputs).pre_activations[:-1])  # (layers, seeds, images, units)
        typical = rms(z, axis=(1, 2, 3))[:, None]
        offset, spread, dead = (part.reshape(self.depth, -1) for part in (z.mean(2), z.std(2), (z <= 0).all(2)))
        return offset / typical, spread / typical, dead

    def show(self, values):
        layer, variance, biases = values["layer"], values["variance"], values["biases"]
        offset, spread, dead = (part[layer - 1] for part in self.measured[variance, biases])
        self.artists["alive"].set_data(spread[~dead], offset[~dead])
        self.artists["dead"].set_data(spread[dead], offset[dead])
        return (
            f"Layer {layer}, weights of variance {variance}, biases times {biases:g}: "
            f"{dead.mean():.0%} of {dead.size} units are dead for all of {self.images} images; "
            f"the typical offset is {rms(offset) / rms(spread):.3g} times the typical spread."
        )
