"""The activations in SymPy; and `Derivation`, the proof that checks itself, handed on from `acts.proofs`.

>>> sigmoid().diff()
exp(-x)/(1 + exp(-x))**2
>>> Derivation(sigmoid().diff()).then(sigmoid() * (1 - sigmoid()), "recognise σ").steps[0].how
'proved'
"""

import sympy as sp

from acts._names import unknown
from acts.catalog import ACTIVATIONS, UnknownActivation
from acts.proofs import Derivation, StepError, evaluate
from acts.proofs.written import formula, parameter

__all__ = [  # and the activations, from EXPRESSIONS
    "EXPRESSIONS",
    "SELU_ALPHA",
    "SELU_SCALE",
    "Derivation",
    "StepError",
    "evaluate",
    "expression",
    "softmax",
    "softmax_indexed",
]

x = sp.Symbol("x", real=True)
_one = sp.Integer(1)  # _one / 100 is exact

# Each takes any SymPy expression for x, and any for its parameters: prelu(x, alpha=a) with a symbol a has a
# derivative in a. A decimal means itself: leaky_relu(x, alpha=0.01) has the slope 1/100.


def sigmoid(x=x):
    """1/(1 + e^-x). Verhulst, "Notice sur la loi que la population suit dans son accroissement", 1838.

    >>> sigmoid()
    1/(1 + exp(-x))
    """
    return 1 / (1 + sp.exp(-formula(x, "x")))


def tanh(x=x):
    """(e^x - e^-x)/(e^x + e^-x). LeCun, Bottou, Orr & Müller, "Efficient BackProp", 1998.

    It is SymPy's own tanh, for the sake of a short derivative; `tanh(x).rewrite(sp.exp)` writes it out.

    >>> tanh().diff()
    1 - tanh(x)**2
    """
    return sp.tanh(formula(x, "x"))


def relu(x=x):
    """max(0, x). Nair & Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.

    >>> relu()
    Piecewise((x, x > 0), (0, True))
    """
    x = formula(x, "x")
    return sp.Piecewise((x, x > 0), (0, True))


def relu6(x=x):
    """min(6, max(0, x)). Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.

    >>> relu6()
    Piecewise((0, x <= 0), (x, x < 6), (6, True))
    """
    x = formula(x, "x")
    return sp.Piecewise((0, x <= 0), (x, x < 6), (6, True))


def leaky_relu(x=x, alpha=_one / 100):
    """x for x > 0, else alpha·x. Maas, Hannun & Ng, "Rectifier nonlinearities improve neural network acoustic models",
    2013.

    >>> leaky_relu()
    Piecewise((x, x > 0), (x/100, True))
    """
    x = formula(x, "x")
    return sp.Piecewise((x, x > 0), (parameter(alpha, "alpha") * x, True))


def prelu(x=x, alpha=_one / 4):
    """x for x > 0, else alpha·x, with alpha learned. He, Zhang, Ren & Sun, "Delving deep into rectifiers", 2015.

    >>> a = sp.Symbol("a", real=True)
    >>> prelu(alpha=a).diff(a)
    Piecewise((0, x > 0), (x, True))
    """
    return leaky_relu(x, alpha)


def rrelu(x=x, lower=_one / 8, upper=_one / 3):
    """x for x > 0, else x·(lower + upper)/2: test mode; in training each slope is drawn between lower and upper.
    Xu, Wang, Chen & Li, "Empirical evaluation of rectified activations in convolutional network", 2015.

    >>> rrelu()
    Piecewise((x, x > 0), (11*x/48, True))
    """
    return leaky_relu(x, (parameter(lower, "lower") + parameter(upper, "upper")) / 2)


def elu(x=x, alpha=_one):
    """x for x > 0, else alpha·(e^x - 1). Clevert, Unterthiner & Hochreiter, "Fast and accurate deep network learning by
    exponential linear units (ELUs)", 2015.

    >>> elu()
    Piecewise((x, x > 0), (exp(x) - 1, True))
    """
    x = formula(x, "x")
    return sp.Piecewise((x, x > 0), (parameter(alpha, "alpha") * (sp.exp(x) - 1), True))


# The two numbers that give selu(Z) the mean 0 and the variance 1 of a standard normal Z itself: 1.6732632423543772848…
# and 1.0507009873554804934… (Klambauer et al. 2017, equation 14).
_OUTSIDE_1 = sp.erfc(1 / sp.sqrt(2))  # the chance that |Z| > 1; beyond 2 it is erfc(sqrt(2))
SELU_ALPHA = sp.sqrt(2 / sp.pi) / (1 - _OUTSIDE_1 * sp.sqrt(sp.E))
SELU_SCALE = (
    (1 - _OUTSIDE_1 * sp.sqrt(sp.E))
    * sp.sqrt(2 * sp.pi)
    / sp.sqrt(
        2 * sp.erfc(sp.sqrt(2)) * sp.E**2
        + sp.pi * _OUTSIDE_1**2 * sp.E
        - 2 * (2 + sp.pi) * _OUTSIDE_1 * sp.sqrt(sp.E)
        + sp.pi
        + 2
    )
)


def selu(x=x, alpha=SELU_ALPHA, scale=SELU_SCALE):
    """scale·x for x > 0, else scale·alpha·(e^x - 1). Klambauer et al., "Self-normalizing neural networks", 2017.

    The two constants are exact. They are long; symbols in their place are easier to read.

    >>> a, s = sp.symbols("a s", positive=True)
    >>> selu(alpha=a, scale=s)
    Piecewise((s*x, x > 0), (a*s*(exp(x) - 1), True))
    >>> SELU_ALPHA.evalf(17), SELU_SCALE.evalf(17)
    (1.6732632423543773, 1.0507009873554805)
    """
    x, alpha, scale = formula(x, "x"), parameter(alpha, "alpha"), parameter(scale, "scale")
    return sp.Piecewise((scale * x, x > 0), (scale * alpha * (sp.exp(x) - 1), True))


def softplus(x=x):
    """log(1 + e^x). Dugas et al., "Incorporating second-order functional knowledge for better option pricing", 2000.

    >>> softplus().diff()
    exp(x)/(exp(x) + 1)
    """
    return sp.log(1 + sp.exp(formula(x, "x")))


def silu(x=x):
    """x·sigmoid(x). Elfwing, Uchibe & Doya, "Sigmoid-weighted linear units for neural network function approximation in
    reinforcement learning", 2017.

    >>> silu()
    x/(1 + exp(-x))
    """
    return formula(x, "x") * sigmoid(x)


def mish(x=x):
    """x·tanh(softplus(x)). Misra, "Mish: a self regularized non-monotonic activation function", 2019.

    >>> mish()
    x*tanh(log(exp(x) + 1))
    """
    return formula(x, "x") * tanh(softplus(x))


def gelu(x=x):
    """x·Φ(x) = x/2·(1 + erf(x/√2)), Φ: the normal distribution. Hendrycks & Gimpel, "Gaussian error linear units
    (GELUs)", 2016.

    >>> gelu()
    x*(erf(sqrt(2)*x/2) + 1)/2
    """
    x = formula(x, "x")
    return x * (1 + sp.erf(x / sp.sqrt(2))) / 2


def gelu_tanh(x=x):
    """x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))), within 0.0005 of gelu. Hendrycks & Gimpel, "Gaussian error linear units
    (GELUs)", 2016.

    >>> gelu_tanh()
    x*(tanh(sqrt(2)*(8943*x**3/200000 + x)/sqrt(pi)) + 1)/2
    """
    x = formula(x, "x")
    return x * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + sp.Rational("0.044715") * x**3))) / 2


def hardswish(x=x):
    """x·relu6(x + 3)/6. Howard et al., "Searching for MobileNetV3", 2019.

    >>> hardswish()
    Piecewise((0, x <= -3), (x*(x + 3)/6, x < 3), (x, True))
    """
    x = formula(x, "x")
    return sp.Piecewise((0, x <= -3), (x * (x + 3) / 6, x < 3), (x, True))


# Of every activation in the catalog the function above that has its name; tests/test_catalog.py says which lacks one.
EXPRESSIONS = {name: globals()[name] for name in ACTIVATIONS if name in globals()}
__all__ += EXPRESSIONS


def expression(name, x=x, **parameters):
    """SymPy expression of the activation with this name; `acts.catalog.UnknownActivation` if there is none.

    >>> expression("softplus", 0)
    log(2)
    >>> expression("elu", alpha=2)
    Piecewise((x, x > 0), (2*exp(x) - 2, True))
    """
    if name not in EXPRESSIONS:
        raise UnknownActivation(unknown("activation", name, EXPRESSIONS))
    return EXPRESSIONS[name](x, **parameters)


# --- softmax ---------------------------------------------------------------------------------------------------------

# A Dummy equals no symbol of the reader's. With a plain j, the derivative by x[j] would take the j inside the sum for
# the one outside, and come out wrong without a word.
_j = sp.Dummy("j", integer=True)
_xs = sp.IndexedBase("x", real=True)
_n = sp.Symbol("n", integer=True, positive=True)
_three = sp.symbols("x1:4", real=True)


def softmax(xs=_three):
    """e^x_i/(e^x_1 + … + e^x_n) of the expressions in a list, a tuple or a row or column matrix; by default, of three.

    Returns a matrix of the shape of `xs`; for a list or a tuple, a column, whose `jacobian(xs)` is softmax's. Raises
    `TypeError` or `ValueError` if `xs` is something else, or empty. Bridle, "Training stochastic model recognition
    algorithms as networks can lead to maximum mutual information estimation of parameters", 1990.

    >>> softmax([x, 0])
    Matrix([
    [exp(x)/(exp(x) + 1)],
    [     1/(exp(x) + 1)]])
    """
    if not isinstance(xs, list | tuple | sp.Tuple | sp.MatrixBase):
        raise TypeError(f"xs must be a list, a tuple or a matrix of expressions, got {xs!r} ({type(xs).__name__})")
    shape = xs.shape if isinstance(xs, sp.MatrixBase) else (len(xs), 1)
    if 1 not in shape or 0 in shape:
        raise ValueError(f"xs must be one row or one column of expressions, got {shape[0]} × {shape[1]}")
    powers = [sp.exp(formula(x, f"xs[{i}]")) for i, x in enumerate(xs)]
    return sp.ImmutableMatrix(*shape, [power / sum(powers) for power in powers])


def softmax_indexed(i, xs=_xs, n=_n):
    """e^x_i/(e^x_1 + … + e^x_n): entry i of softmax for any number n of entries x[1], …, x[n].

    Parameters
    ----------
    i : index, an integer or `sp.Symbol("i", integer=True)`.
    xs : `sp.IndexedBase`. Declare it with real=True.
    n : number of entries, a positive integer or a symbol for one.

    To differentiate by x[k], say that k is one of 1, …, n:

    >>> xs, n = sp.IndexedBase("x", real=True), sp.Symbol("n", integer=True, positive=True)
    >>> i, k = sp.symbols("i k", integer=True)
    >>> y_i, y_k = softmax_indexed(i), softmax_indexed(k)
    >>> proof = Derivation(sp.Derivative(y_i, xs[k]), assuming=[i >= 1, i <= n, k >= 1, k <= n])
    >>> proof.then(y_i * (sp.KroneckerDelta(i, k) - y_k), "quotient rule").steps[0].how
    'proved'
    """
    if not isinstance(xs, sp.IndexedBase):
        raise TypeError(f'xs must be a sp.IndexedBase, as sp.IndexedBase("x", real=True), got {xs!r}')
    i, n = formula(i, "i"), formula(n, "n")
    for number, name in ((i, "i"), (n, "n")):
        if number.is_integer is False or number.is_positive is False:
            raise ValueError(f"{name} must be a positive integer, or a symbol for one, got {number}")
    return sp.exp(xs[i]) / sp.Sum(sp.exp(xs[_j]), (_j, 1, n))


def __getattr__(name):
    raise AttributeError(f"acts.symbolic has no {name!r}; its activations are {', '.join(EXPRESSIONS)}")
