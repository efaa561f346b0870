"""Recorded experiments: what `experiments/` found in minutes or hours, for a page that runs in seconds.

A page loads a record, shows how it was made, trains one contender again and compares it, and draws conclusions from
paired differences. `make experiments` makes the records.
"""

import gzip
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from acts import data
from acts._names import unknown
from acts.network import MLP
from acts.training import Adam, Momentum, descend, train

__all__ = ["DATA", "OPTIMISERS", "Difference", "Found", "Record", "Setting", "load", "names", "paired_difference"]

FOLDER = Path(__file__).parents[1] / "experiments" / "records"
BATCH = 32
DATA = {"digits": data.digits, "mnist1d": data.mnist1d}
OPTIMISERS = {"SGD": lambda: descend, "momentum": Momentum, "Adam": Adam}


# How a contender is trained: the same code makes the records and replays them.


class Setting(NamedTuple):
    """Where contenders meet: a data set, the width and the number of hidden layers, and an optimiser."""

    data: str
    width: int
    depth: int
    optimiser: str


@cache
def parts(name, split):
    """Return a data set shuffled with the seed `split`, in three parts: fitting, validation and test.

    Each feature has the mean of the fitting part taken off, and all are divided by one number, so that the fitting part
    has mean 0 and variance 1: what the other parts are like stays unknown, and no rare pixel grows to forty.
    """
    if name not in DATA:
        raise ValueError(unknown("data set", name, DATA))
    rest, test = DATA[name]().split(seed=split)
    fitting, validation = rest.split(seed=split)
    mean = fitting[0].mean(axis=0)
    spread = (fitting[0] - mean).std()
    return tuple(type(part)((part[0] - mean) / spread, part[1]) for part in (fitting, validation, test))


def build(contender, setting, seeds):
    """Return the networks of a contender, a dict of what `MLP` is given, at a setting."""
    inputs, labels = parts(setting.data, 0)[0]
    sizes = [inputs.shape[1]] + [setting.width] * setting.depth + [int(labels.max()) + 1]
    return MLP(sizes, seeds=seeds, dtype=np.float32, **contender)


def run(contender, setting, split, seeds, rates, steps, on="test"):
    """Train a contender with each pair of seed and rate, and return the `History`; `steps` are those recorded."""
    fitting, validation, test = parts(setting.data, split)
    network = build(contender, setting, list(seeds))
    return train(
        network, *fitting, np.asarray(rates), steps[-1], BATCH, steps, validation if on == "validation" else test,
        optimiser=OPTIMISERS[setting.optimiser](),
    )  # fmt: skip


# What came out.


class Difference(NamedTuple):
    """The mean of paired differences and its 95 % interval, from `low` to `high`, over `pairs` pairs."""

    mean: float
    low: float
    high: float
    pairs: int

    def is_within(self, margin):
        """Return whether the whole interval lies within ±margin: only that is evidence of no difference."""
        return -margin < self.low and self.high < margin

    def __str__(self):
        return f"{self.mean:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def _quantile(degrees):
    """Return the 97.5 % quantile of Student's t.

    With t = √ν tan θ the density becomes cos^(ν−1) θ, which is summed up to 95 % of its integral from 0 to π/2.

    >>> [round(_quantile(degrees), 2) for degrees in (2, 27)]
    [4.3, 2.05]
    """
    angles = np.linspace(0, np.pi / 2, 100_001)
    share = np.cumsum(np.cos(angles) ** (degrees - 1))
    return float(np.sqrt(degrees) * np.tan(angles[np.searchsorted(share, 0.95 * share[-1])]))


def paired_difference(first, second):
    """Return how far `first` is ahead of `second`, both (splits, seeds), as a `Difference`.

    Pairs of one split share its data, so they are not independent. Where the means of the splits differ by more than
    the seeds within a split explain, the splits alone are counted, and the interval is that of their few means.

    Examples
    --------
    >>> print(paired_difference([[0.9, 0.8], [0.9, 0.9]], [[0.8, 0.7], [0.8, 0.9]]))
    +0.075 (-0.243 to +0.393)
    """
    each = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    splits, seeds = each.shape
    mean_square, degrees = each.var(ddof=1), each.size - 1
    between = seeds * each.mean(axis=1).var(ddof=1) if splits > 1 else 0
    if between > mean_square:
        mean_square, degrees = between, splits - 1
    half = _quantile(degrees) * np.sqrt(mean_square / each.size)
    return Difference(float(each.mean()), float(each.mean() - half), float(each.mean() + half), each.size)


@dataclass(frozen=True)
class Found:
    """What one contender reached at one setting within one budget, with the rate that was tuned for it.

    `rates` and `validation` are the rates tried and the mean validation accuracy at each; `accuracy` and `loss` are of
    the test set, (records, splits, seeds), at `steps`, (records,).
    """

    contender: str
    setting: Setting
    budget: int
    rates: np.ndarray
    validation: np.ndarray
    steps: np.ndarray
    accuracy: np.ndarray
    loss: np.ndarray

    @property
    def rate(self):
        """The tuned rate: the first of those with the highest validation accuracy."""
        return float(self.rates[self.validation.argmax()])

    @property
    def at_an_end(self):
        """Whether the tuned rate is the lowest or the highest that was tried."""
        return self.rate in (self.rates[0], self.rates[-1])

    @property
    def end(self):
        """Test accuracy at the end of the budget, (splits, seeds)."""
        return self.accuracy[-1]

    @property
    def diverged(self):
        """Which runs ended with a loss that is no number, (splits, seeds)."""
        return ~np.isfinite(self.loss[-1])

    def steps_to_reach(self, level):
        """Return at which recorded step each run first reached a test accuracy, (splits, seeds); inf if never."""
        reached = self.accuracy >= level
        return np.where(reached.any(axis=0), self.steps[reached.argmax(axis=0)], np.inf)


@dataclass(frozen=True)
class Record:
    """A recorded experiment: its declaration, where it comes from, and what was `found`."""

    name: str
    declaration: dict
    provenance: dict
    found: tuple = field(repr=False)

    def __getitem__(self, key):
        """Return what a contender found: `record["ReLU", Setting("digits", 32, 10, "Adam"), 3000]`."""
        contender, setting, budget = key
        for found in self.found:
            if (found.contender, found.setting, found.budget) == (contender, tuple(setting), budget):
                return found
        raise KeyError(f"{self.name} has no {contender!r} at {setting} within {budget} steps")

    def difference(self, first, second, setting, budget):
        """Return how far one contender ended ahead of another, paired by split and seed, as a `Difference`."""
        return paired_difference(self[first, setting, budget].end, self[second, setting, budget].end)

    def replay(self, contender, setting, budget, split=0, seeds=2):
        """Train a contender again, live, and return its test accuracy and the recorded one, both (records, seeds).

        Another machine adds in another order, and training magnifies the difference: compare early steps closely, the
        end with a tolerance.
        """
        found = self[contender, setting, budget]
        history = run(
            self.declaration["contenders"][contender], found.setting, split, range(seeds), [found.rate] * seeds,
            found.steps,
        )  # fmt: skip
        return history.accuracy, found.accuracy[:, split, :seeds]


def names():
    """Return the names of all records."""
    return sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))


def load(name):
    """Return the record of that name; `ValueError` with the nearest name if there is none."""
    if name not in names():
        raise ValueError(unknown("record", name, names()))
    return from_json(json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes())))


def from_json(stored):
    """Return the `Record` of what a file holds; accuracies are stored as the number of right answers."""
    found = []
    for each in stored["found"]:
        arrays = {name: np.array(each[name]) for name in ("rates", "validation", "steps")}
        accuracy = np.array(each["right"]) / each["tested"]
        loss = np.array(each["loss"], dtype=float)  # null, a loss that is no number, becomes NaN
        key = each["contender"], Setting(*each["setting"]), each["budget"]
        found.append(Found(*key, **arrays, accuracy=accuracy, loss=loss))
    return Record(stored["name"], stored["declaration"], stored["provenance"], tuple(found))
