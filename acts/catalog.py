"""One record for each activation. Every loop over activations reads `ACTIVATIONS`.

Paper and year stand here alone; those of functions that are not activations stand in `SOURCES`.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from acts import elementwise
from acts._names import unknown

__all__ = ["ACTIVATIONS", "SOURCES", "Activation", "Parameter", "UnknownActivation"]


class Parameter(NamedTuple):
    """A parameter of an activation: its default, and the range in which it makes sense."""

    default: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Activation:
    """What the course knows of one activation, at its default parameters.

    `output_range` and `derivative_range` are closures, (lowest, highest); `kinks` are the points without a derivative.
    `year` is that of the paper's first public version: of the preprint where there is one, else of the conference, else
    of the journal. CONTRIBUTING.md has the steps to a new activation; a test names the one that is missing.
    """

    name: str
    label: str
    latex: str
    function: Callable
    derivative: Callable
    output_range: tuple[float, float]
    derivative_range: tuple[float, float]
    paper: str
    year: int
    kinks: tuple[float, ...] = ()
    parameters: dict[str, Parameter] = field(default_factory=dict)

    @property
    def expression(self):
        """The same function in SymPy, which is loaded only now.

        >>> ACTIVATIONS["relu6"].expression()
        Piecewise((0, x <= 0), (x, x < 6), (6, True))
        """
        return importlib.import_module("acts.symbolic").EXPRESSIONS[self.name]


class UnknownActivation(KeyError):
    """Raised for a name that no record has; says which names there are."""

    def __str__(self):
        return self.args[0]


class _Catalog(dict):
    def __missing__(self, name):
        raise UnknownActivation(unknown("activation", name, self))


_RECORDS = [
    Activation(
        name="sigmoid", label="sigmoid", latex=r"\sigma(x) = \frac{1}{1 + e^{-x}}",
        function=elementwise.sigmoid, derivative=elementwise.sigmoid_derivative,
        output_range=(0, 1), derivative_range=(0, 0.25),
        paper="Verhulst, Notice sur la loi que la population suit dans son accroissement", year=1838,
    ),
    Activation(
        name="tanh", label="tanh", latex=r"\tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}}",
        function=elementwise.tanh, derivative=elementwise.tanh_derivative,
        output_range=(-1, 1), derivative_range=(0, 1),
        paper="LeCun, Bottou, Orr & Müller, Efficient BackProp", year=1998,
    ),
    Activation(
        name="relu", label="ReLU", latex=r"\operatorname{relu}(x) = \max(0, x)",
        function=elementwise.relu, derivative=elementwise.relu_derivative,
        output_range=(0, np.inf), derivative_range=(0, 1), kinks=(0.0,),
        paper="Nair & Hinton, Rectified linear units improve restricted Boltzmann machines", year=2010,
    ),
    Activation(
        name="relu6", label="ReLU6", latex=r"\operatorname{relu6}(x) = \min(6, \max(0, x))",
        function=elementwise.relu6, derivative=elementwise.relu6_derivative,
        output_range=(0, 6), derivative_range=(0, 1), kinks=(0.0, 6.0),
        paper="Krizhevsky, Convolutional deep belief networks on CIFAR-10", year=2010,
    ),
    Activation(
        name="leaky_relu", label="LeakyReLU", latex=r"\max(0, x) + \alpha \min(0, x)",
        function=elementwise.leaky_relu, derivative=elementwise.leaky_relu_derivative,
        output_range=(-np.inf, np.inf), derivative_range=(0.01, 1),
        kinks=(0.0,), parameters={"alpha": Parameter(0.01, 0.0, 1.0)},
        paper="Maas, Hannun & Ng, Rectifier nonlinearities improve neural network acoustic models", year=2013,
    ),
    Activation(
        name="prelu", label="PReLU", latex=r"\max(0, x) + \alpha \min(0, x),\ \alpha\ \text{learned}",
        function=elementwise.prelu, derivative=elementwise.prelu_derivative,
        output_range=(-np.inf, np.inf), derivative_range=(0.25, 1),
        kinks=(0.0,), parameters={"alpha": Parameter(0.25, 0.0, 1.0)},
        paper="He, Zhang, Ren & Sun, Delving deep into rectifiers", year=2015,
    ),
    Activation(
        name="rrelu", label="RReLU", latex=r"\max(0, x) + \frac{l + u}{2} \min(0, x)",
        function=elementwise.rrelu, derivative=elementwise.rrelu_derivative,
        output_range=(-np.inf, np.inf), derivative_range=(11 / 48, 1),
        kinks=(0.0,), parameters={"lower": Parameter(1 / 8, 0.0, 1.0), "upper": Parameter(1 / 3, 0.0, 1.0)},
        paper="Xu, Wang, Chen & Li, Empirical evaluation of rectified activations in convolutional network", year=2015,
    ),
    Activation(
        name="elu", label="ELU", latex=r"\max(0, x) + \alpha (e^{\min(0, x)} - 1)",
        function=elementwise.elu, derivative=elementwise.elu_derivative,
        output_range=(-1, np.inf), derivative_range=(0, 1), parameters={"alpha": Parameter(1.0, 0.0, 2.0)},
        paper="Clevert, Unterthiner & Hochreiter, Fast and accurate deep network learning by exponential linear units",
        year=2015,
    ),
    Activation(
        name="selu", label="SELU", latex=r"\lambda \operatorname{elu}(x, \alpha)",
        function=elementwise.selu, derivative=elementwise.selu_derivative,
        output_range=(-1.7580993408473768, np.inf), derivative_range=(0, 1.7580993408473768), kinks=(0.0,),
        paper="Klambauer, Unterthiner, Mayr & Hochreiter, Self-normalizing neural networks", year=2017,
    ),
    Activation(
        name="softplus", label="softplus", latex=r"\operatorname{softplus}(x) = \log(1 + e^x)",
        function=elementwise.softplus, derivative=elementwise.softplus_derivative,
        output_range=(0, np.inf), derivative_range=(0, 1),
        paper="Dugas, Bengio, Bélisle, Nadeau & Garcia, Incorporating second-order functional knowledge for better "
        "option pricing", year=2000,
    ),
    Activation(
        name="silu", label="SiLU", latex=r"x\, \sigma(x)",
        function=elementwise.silu, derivative=elementwise.silu_derivative,
        output_range=(-0.2784645427610738, np.inf), derivative_range=(-0.09983932012886692, 1.099839320128867),
        paper="Elfwing, Uchibe & Doya, Sigmoid-weighted linear units for neural network function approximation in "
        "reinforcement learning", year=2017,
    ),
    Activation(
        name="mish", label="Mish", latex=r"x \tanh(\log(1 + e^x))",
        function=elementwise.mish, derivative=elementwise.mish_derivative,
        output_range=(-0.3088434130172504, np.inf), derivative_range=(-0.11252612238946257, 1.0884981612517279),
        paper="Misra, Mish: a self regularized non-monotonic activation function", year=2019,
    ),
    Activation(
        name="gelu", label="GELU", latex=r"x\, \Phi(x)",
        function=elementwise.gelu, derivative=elementwise.gelu_derivative,
        output_range=(-0.16997120747990367, np.inf), derivative_range=(-0.12890414518515479, 1.1289041451851548),
        paper="Hendrycks & Gimpel, Gaussian error linear units (GELUs)", year=2016,
    ),
    Activation(
        name="gelu_tanh", label="GELU by tanh", latex=r"\frac{x}{2} (1 + \tanh(\sqrt{2/\pi}\, (x + 0.044715\, x^3)))",
        function=elementwise.gelu_tanh, derivative=elementwise.gelu_tanh_derivative,
        output_range=(-0.17004075057125406, np.inf), derivative_range=(-0.12899306865877177, 1.1289930686587718),
        paper="Hendrycks & Gimpel, Gaussian error linear units (GELUs)", year=2016,
    ),
    Activation(
        name="hardswish", label="hardswish", latex=r"x\, \operatorname{relu6}(x + 3) / 6",
        function=elementwise.hardswish, derivative=elementwise.hardswish_derivative,
        output_range=(-0.375, np.inf), derivative_range=(-0.5, 1.5), kinks=(-3.0, 3.0),
        paper="Howard et al., Searching for MobileNetV3", year=2019,
    ),
]  # fmt: skip

ACTIVATIONS: dict[str, Activation] = _Catalog((record.name, record) for record in _RECORDS)

SOURCES: dict[str, tuple[str, int]] = {
    "sigmoid_derivative": ("Rumelhart, Hinton & Williams, Learning representations by back-propagating errors", 1986),
    "relu_derivative": (
        "Bertoin, Bolte, Gerchinovitz & Pauwels, Numerical influence of ReLU'(0) on backpropagation", 2021
    ),
    "softmax": ("Bridle, Probabilistic interpretation of feedforward classification network outputs", 1990),
    "softmax_jacobian": (
        "Bridle, Training stochastic model recognition algorithms as networks can lead to maximum mutual information "
        "estimation of parameters", 1989
    ),
    "swiglu": ("Shazeer, GLU variants improve transformer", 2020),
}  # fmt: skip
