"""One record for each activation. Every loop over activations reads `ACTIVATIONS`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from acts import elementwise
from acts._names import unknown

__all__ = ["ACTIVATIONS", "Activation", "Parameter", "UnknownActivation"]


class Parameter(NamedTuple):
    """A parameter of an activation: its default, and the range in which it makes sense."""

    default: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Activation:
    """What the course knows of one activation, at its default parameters.

    `output_range` and `derivative_range` are closures, (lowest, highest); `kinks` are the points without a derivative.
    `function` is `acts.NAME`, `derivative` is `acts.NAME_derivative`, and `acts.symbolic.EXPRESSIONS[NAME]` is both in
    SymPy: a test fails, naming what is missing, if a record has not all of them. CONTRIBUTING.md has the steps.
    """

    name: str
    label: str
    latex: str
    function: Callable
    derivative: Callable
    output_range: tuple[float, float]
    derivative_range: tuple[float, float]
    kinks: tuple[float, ...]
    year: int
    paper: str
    parameters: dict[str, Parameter] = field(default_factory=dict)


class UnknownActivation(KeyError):
    """Raised for a name that no record has; says which names there are."""

    def __str__(self):
        return self.args[0]


class _Catalog(dict):
    def __missing__(self, name):
        raise UnknownActivation(unknown("activation", name, self))


_DUGAS = "Dugas et al., Incorporating second-order functional knowledge for better option pricing"
_ELFWING = "Elfwing, Uchibe & Doya, Sigmoid-weighted linear units for neural network function approximation"
_RRELU = "Xu, Wang, Chen & Li, Empirical evaluation of rectified activations in convolutional network"


def _record(name, label, latex, output_range, derivative_range, year, paper, kinks=(), parameters=None):
    """A record whose function and derivative are those of `acts.elementwise` with this name."""
    return Activation(
        name, label, latex, getattr(elementwise, name), getattr(elementwise, f"{name}_derivative"), output_range,
        derivative_range, kinks, year, paper, parameters or {},
    )  # fmt: skip


_RECORDS = [
    _record(
        "sigmoid", "sigmoid", r"\sigma(x) = \frac{1}{1 + e^{-x}}", (0, 1), (0, 0.25), 1838,
        "Verhulst, Notice sur la loi que la population suit dans son accroissement",
    ),
    _record(
        "tanh", "tanh", r"\tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}}", (-1, 1), (0, 1), 1998,
        "LeCun, Bottou, Orr & Müller, Efficient BackProp",
    ),
    _record(
        "relu", "ReLU", r"\operatorname{relu}(x) = \max(0, x)", (0, np.inf), (0, 1), 2010,
        "Nair & Hinton, Rectified linear units improve restricted Boltzmann machines", kinks=(0.0,),
    ),
    _record(
        "relu6", "ReLU6", r"\operatorname{relu6}(x) = \min(6, \max(0, x))", (0, 6), (0, 1), 2010,
        "Krizhevsky, Convolutional deep belief networks on CIFAR-10", kinks=(0.0, 6.0),
    ),
    _record(
        "leaky_relu", "LeakyReLU", r"\max(0, x) + \alpha \min(0, x)", (-np.inf, np.inf), (0.01, 1), 2013,
        "Maas, Hannun & Ng, Rectifier nonlinearities improve neural network acoustic models", kinks=(0.0,),
        parameters={"alpha": Parameter(0.01, 0.0, 1.0)},
    ),
    _record(
        "prelu", "PReLU", r"\max(0, x) + \alpha \min(0, x),\ \alpha\ \text{learned}", (-np.inf, np.inf), (0.25, 1),
        2015, "He, Zhang, Ren & Sun, Delving deep into rectifiers", kinks=(0.0,),
        parameters={"alpha": Parameter(0.25, 0.0, 1.0)},
    ),
    _record(
        "rrelu", "RReLU", r"\max(0, x) + \frac{l + u}{2} \min(0, x)", (-np.inf, np.inf), (11 / 48, 1), 2015, _RRELU,
        kinks=(0.0,), parameters={"lower": Parameter(1 / 8, 0.0, 1.0), "upper": Parameter(1 / 3, 0.0, 1.0)},
    ),
    _record(
        "elu", "ELU", r"\max(0, x) + \alpha (e^{\min(0, x)} - 1)", (-1, np.inf), (0, 1), 2016,
        "Clevert, Unterthiner & Hochreiter, Fast and accurate deep network learning by exponential linear units",
        parameters={"alpha": Parameter(1.0, 0.0, 2.0)},
    ),
    _record(
        "selu", "SELU", r"\lambda \operatorname{elu}(x, \alpha)", (-1.7580993408473768, np.inf),
        (0, 1.7580993408473768), 2017, "Klambauer, Unterthiner, Mayr & Hochreiter, Self-normalizing neural networks",
        kinks=(0.0,),
    ),
    _record(
        "softplus", "softplus", r"\operatorname{softplus}(x) = \log(1 + e^x)", (0, np.inf), (0, 1), 2001, _DUGAS,
    ),
    _record(
        "silu", "SiLU", r"x\, \sigma(x)", (-0.2784645427610738, np.inf), (-0.09983932012886692, 1.099839320128867),
        2018, _ELFWING,
    ),
    _record(
        "mish", "Mish", r"x \tanh(\log(1 + e^x))", (-0.3088434130172504, np.inf),
        (-0.11252612238946257, 1.0884981612517279), 2020,
        "Misra, Mish: a self regularized non-monotonic activation function",
    ),
    _record(
        "gelu", "GELU", r"x\, \Phi(x)", (-0.16997120747990367, np.inf), (-0.12890414518515479, 1.1289041451851548),
        2016, "Hendrycks & Gimpel, Gaussian error linear units (GELUs)",
    ),
    _record(
        "gelu_tanh", "GELU by tanh", r"\frac{x}{2} (1 + \tanh(\sqrt{2/\pi}\, (x + 0.044715\, x^3)))",
        (-0.17004075057125406, np.inf), (-0.12899306865877177, 1.1289930686587718), 2016,
        "Hendrycks & Gimpel, Gaussian error linear units (GELUs)",
    ),
    _record(
        "hardswish", "hardswish", r"x\, \operatorname{relu6}(x + 3) / 6", (-0.375, np.inf), (-0.5, 1.5), 2019,
        "Howard et al., Searching for MobileNetV3", kinks=(-3.0, 3.0),
    ),
]  # fmt: skip

ACTIVATIONS: dict[str, Activation] = _Catalog((record.name, record) for record in _RECORDS)
