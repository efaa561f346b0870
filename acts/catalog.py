"""One record for each activation. Every loop over activations reads `ACTIVATIONS`."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from acts import elementwise
from acts._names import unknown

__all__ = ["ACTIVATIONS", "Activation", "UnknownActivation"]


@dataclass(frozen=True)
class Activation:
    """What the course knows of one activation.

    `output_range` and `derivative_range` are closures, (lowest, highest); `kinks` are the points without a derivative.
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
    parameters: dict = field(default_factory=dict)


class UnknownActivation(KeyError):
    """Raised for a name that no record has; says which names there are."""

    def __str__(self):
        return self.args[0]


class _Catalog(dict):
    def __missing__(self, name):
        raise UnknownActivation(unknown("activation", name, self))


_RECORDS = [
    Activation(
        name="sigmoid",
        label="sigmoid",
        latex=r"\sigma(x) = \frac{1}{1 + e^{-x}}",
        function=elementwise.sigmoid,
        derivative=elementwise.sigmoid_derivative,
        output_range=(0.0, 1.0),
        derivative_range=(0.0, 0.25),
        kinks=(),
        year=1838,
        paper="Verhulst, Notice sur la loi que la population suit dans son accroissement",
    ),
    Activation(
        name="tanh",
        label="tanh",
        latex=r"\tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}}",
        function=elementwise.tanh,
        derivative=elementwise.tanh_derivative,
        output_range=(-1.0, 1.0),
        derivative_range=(0.0, 1.0),
        kinks=(),
        year=1998,
        paper="LeCun, Bottou, Orr & Müller, Efficient BackProp",
    ),
    Activation(
        name="relu",
        label="ReLU",
        latex=r"\operatorname{relu}(x) = \max(0, x)",
        function=elementwise.relu,
        derivative=elementwise.relu_derivative,
        output_range=(0.0, np.inf),
        derivative_range=(0.0, 1.0),
        kinks=(0.0,),
        year=2010,
        paper="Nair & Hinton, Rectified linear units improve restricted Boltzmann machines",
    ),
    Activation(
        name="softplus",
        label="softplus",
        latex=r"\operatorname{softplus}(x) = \log(1 + e^x)",
        function=elementwise.softplus,
        derivative=elementwise.softplus_derivative,
        output_range=(0.0, np.inf),
        derivative_range=(0.0, 1.0),
        kinks=(),
        year=2001,
        paper="Dugas et al., Incorporating second-order functional knowledge for better option pricing",
    ),
]

ACTIVATIONS: dict[str, Activation] = _Catalog((record.name, record) for record in _RECORDS)
