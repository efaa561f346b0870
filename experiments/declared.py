"""An experiment as data: who meets where, with which rates, seeds, splits and budgets; and the jobs it is made of."""

import ast
import hashlib
import inspect
import io
import json
import textwrap
import tokenize
from dataclasses import asdict, dataclass
from functools import cache
from itertools import product
from types import MappingProxyType

import numpy as np

from acts import _arrays, data, elementwise, network, softmax, training
from acts.records import BATCH, Setting, build, parts, run

# What a record rests on: if one of these computes differently, the record is stale.
CODE = (_arrays, elementwise, softmax, network, training, data, parts, build, run)
FIRST_RATES = MappingProxyType({"SGD": 0.1, "momentum": 0.01, "Adam": 0.001})
TUNING_SEEDS = (100, 101, 102)  # none of those that count
PROTOCOL = ("budgets", "seeds", "splits")  # what every job of an experiment rests on
MOST_RATES = 16  # a contender that learns at none of them has had its chance


@dataclass(frozen=True)
class Experiment:
    """A question, and all that is needed to answer it again.

    `contenders` maps a name to what `acts.records.build` makes a network of. Each meets each other at every setting:
    `where` has grids, and of each grid all of data × widths × depths × optimisers. Within each of the `budgets`, in
    steps, each contender has a rate of its own, tuned on the validation part of the first split.
    """

    name: str
    question: str
    contenders: dict
    where: tuple
    budgets: tuple = (200, 3000)
    seeds: int = 10
    splits: int = 3

    def declaration(self):
        """Return the experiment as a dict that JSON can hold."""
        return json.loads(json.dumps(asdict(self)))

    def settings(self):
        return [Setting(*each) for grid in self.where for each in product(*grid)]

    def jobs(self):
        """Return what can be run side by side: a contender at a setting. The longest come first."""
        jobs = [Job(self, contender, setting) for contender in self.contenders for setting in self.settings()]
        return sorted(jobs, key=lambda job: -job.cost)


@dataclass(frozen=True)
class Job:
    """One contender of an experiment at one setting."""

    experiment: Experiment
    contender: str
    setting: Setting

    @property
    def cost(self):
        """About how long it takes, in arbitrary units: products of matrices, and the work around them."""
        return (self.setting.depth + 1) * (1 + (self.setting.width / 64) ** 2)

    @property
    def key(self):
        """Return a name for the file of its result: another contender, protocol or code has another.

        The other contenders and settings do not count: who adds one runs that one alone.
        """
        protocol = {name: value for name, value in self.experiment.declaration().items() if name in PROTOCOL}
        return fingerprint([protocol, self.experiment.contenders[self.contender], self.setting, code()])

    def result(self):
        """Tune the rate and confirm it; return what a record holds, a list with one dict for each budget."""
        found, exponents = [], range(-4, 6)  # the first budget is short: it tries a wide range
        for budget in self.experiment.budgets:
            scores = self.tune(budget, exponents)
            best = max(scores, key=scores.get)
            found.append(self.confirm(budget, best, scores))
            exponents = range(best - 1, best + 2)
        return found

    def tune(self, budget, exponents):
        """Return the mean validation accuracy at each rate that was tried: {exponent of 2: accuracy}, in order.

        Of equals the first counts as the best. The range is widened until the best is at neither end.
        """
        scores = self._validated(budget, exponents)
        while len(scores) < MOST_RATES:
            lowest, *_, highest = scores
            best = max(scores, key=scores.get)
            if best == lowest:
                scores = self._validated(budget, [lowest - 1]) | scores
            elif best == highest:
                scores |= self._validated(budget, [highest + 1])
            else:
                break
        return scores

    def _rate(self, exponent):
        return FIRST_RATES[self.setting.optimiser] * 2.0**exponent

    def _validated(self, budget, exponents):
        """Return the mean validation accuracy of the tuning seeds at each rate, {exponent: accuracy}."""
        rates = np.repeat([self._rate(exponent) for exponent in exponents], len(TUNING_SEEDS))
        contender = self.experiment.contenders[self.contender]
        history = run(contender, self.setting, 0, TUNING_SEEDS * len(exponents), rates, [0, budget], "validation")
        accuracies = history.accuracy[-1].reshape(len(exponents), -1).mean(axis=1)
        return dict(zip(exponents, accuracies.tolist(), strict=True))

    def confirm(self, budget, best, scores):
        """Train all seeds on all splits at the tuned rate, and return what the record holds of it."""
        steps, tested = log_spaced(budget), len(parts(self.setting.data, 0)[2][1])
        contender, seeds = self.experiment.contenders[self.contender], range(self.experiment.seeds)
        histories = [
            run(contender, self.setting, split, seeds, [self._rate(best)] * len(seeds), steps)
            for split in range(self.experiment.splits)
        ]
        accuracy, loss = (np.stack([getattr(h, what) for h in histories], axis=1) for what in ("accuracy", "loss"))
        return {
            "contender": self.contender, "setting": self.setting, "budget": budget,
            "rates": [self._rate(exponent) for exponent in scores],
            "validation": [round(score, 4) for score in scores.values()],
            "steps": steps, "tested": tested, "right": np.rint(accuracy * tested).astype(int).tolist(),
            "loss": [[[_short(value) for value in seeds] for seeds in splits] for splits in loss.tolist()],
        }  # fmt: skip


def _short(loss):
    """Return a loss with three digits; None if it is no finite number, since JSON has no name for that."""
    return float(f"{loss:.3g}") if np.isfinite(loss) else None


def log_spaced(budget):
    """Return the steps that are recorded: 0, and eight in each tenfold from 10 on to the budget.

    >>> log_spaced(100)
    [0, 10, 13, 18, 24, 32, 42, 56, 75, 100]
    """
    eighths = np.arange(8, 8 * np.log10(budget))
    return [0, *(int(round(10 ** (k / 8))) for k in eighths if round(10 ** (k / 8)) < budget), budget]


# Where a record comes from.


def fingerprint(what):
    """Return a short hash of what JSON can hold."""
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=list).encode()).hexdigest()[:16]


@cache
def code():
    """Return the hash of what records rest on: code without comments, docstrings and empty lines, and its constants."""
    constants = [BATCH, dict(FIRST_RATES), TUNING_SEEDS, MOST_RATES]
    return fingerprint([*constants, *(_without_words(inspect.getsource(part)) for part in (*CODE, Job, log_spaced))])


def _without_words(source):
    lines = textwrap.dedent(source).splitlines()
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            docstring = node.body[0]
            lines[docstring.lineno - 1 : docstring.end_lineno] = [""] * (docstring.end_lineno - docstring.lineno + 1)
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return [line.rstrip() for line in lines if line.strip()]
