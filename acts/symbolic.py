"""The activations in SymPy; and `Derivation`, the proof that checks itself, handed on from `acts.proofs`.

Paper and year of each stand in `acts.catalog`.

>>> sigmoid().diff()
exp(-x)/(1 + exp(-x))**2
>>> Derivation(sigmoid().diff()).then(sigmoid() * (1 - sigmoid()), "recognise σ").steps[0].how
'proved'
"""

import sympy as sp

from acts._names import unknown
from acts.catalog import UnknownActivation
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

EXPRESSIONS = {}


def _activation(function):
    """Enter a function into EXPRESSIONS, under its own name; it is the one that the catalog's record has."""
    EXPRESSIONS[function.__name__] = function
    return function


# Each takes any SymPy expression for x, and any for its parameters: prelu(x, alpha=a) with a symbol a has a
# derivative in a. A decimal means itself: leaky_relu(x, alpha=0.01) has the slope 1/100.


@_activation
def sigmoid(x=x):
    """1/(1 + e^-x).

    >>> sigmoid()
    1/(1 + exp(-x))
    """
    return 1 / (1 + sp.exp(-formula(x, "x")))


@_activation
def tanh(x=x):
    """(e^x - e^-x)/(e^x + e^-x).

    It is SymPy's own tanh, for the sake of a short derivative; `tanh(x).rewrite(sp.exp)` writes it out.

    >>> tanh().diff()
    1 - tanh(x)**2
    """
    return sp.tanh(formula(x, "x"))


@_activation
def relu(x=x):
    """max(0, x).

    >>> relu()
    Piecewise((x, x > 0), (0, True))
    """
    x = formula(x, "x")
    return sp.Piecewise((x, x > 0), (0, True))


@_activation
def relu6(x=x):
    """min(6, max(0, x)).

    >>> relu6()
    Piecewise((0, x <= 0), (x, x < 6), (6, True))
    """
    x = formula(x, "x")
    return sp.Piecewise((0, x <= 0), (x, x < 6), (6, True))


@_activation
def leaky_relu(x=x, alpha=_one / 100):
    """x for x > 0, else alpha·x.

    >>> leaky_relu()
    Piecewise((x, x > 0), (x/100, True))
    """
    x = formula(x, "x")
    return sp.Piecewise((x, x > 0), (parameter(alpha, "alpha") * x, True))


@_activation
def prelu(x=x, alpha=_one / 4):
    """x for x > 0, else alpha·x, with alpha learned.

    >>> a = sp.Symbol("a", real=True)
    >>> prelu(alpha=a).diff(a)
    Piecewise((0, x > 0), (x, True))
    """
    return leaky_relu(x, alpha)


@_activation
def rrelu(x=x, lower=_one / 8, upper=_one / 3):
    """x for x > 0, else x·(lower + upper)/2: test mode; in training each slope is drawn between lower and upper.

    >>> rrelu()
    Piecewise((x, x > 0), (11*x/48, True))
    """
    return leaky_relu(x, (parameter(lower, "lower") + parameter(upper, "upper")) / 2)


@_activation
def elu(x=x, alpha=_one):
    """x for x > 0, else alpha·(e^x - 1).

    >>> elu()
    Piecewise((x, x > 0), (exp(x) - 1, True))
    """
    x = formula(x, "x")
    return sp.Piecewise((x, x > 0), (parameter(alpha, "alpha") * (sp.exp(x) - 1), True))


# The two numbers that give selu(Z) the mean 0 and the variance 1 of a standard normal Z itself: 1.6732632423543772848…
# and 1.0507009873554804934… (equation 14 of its paper).
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


@_activation
def selu(x=x, alpha=SELU_ALPHA, scale=SELU_SCALE):
    """scale·x for x > 0, else scale·alpha·(e^x - 1).

    The two constants are exact. They are long; symbols in their place are easier to read.

    >>> a, s = sp.symbols("a s", positive=True)
    >>> selu(alpha=a, scale=s)
    Piecewise((s*x, x > 0), (a*s*(exp(x) - 1), True))
    >>> SELU_ALPHA.evalf(17), SELU_SCALE.evalf(17)
    (1.6732632423543773, 1.0507009873554805)
    """
    x, alpha, scale = formula(x, "x"), parameter(alpha, "alpha"), parameter(scale, "scale")
    return sp.Piecewise((scale * x, x > 0), (scale * alpha * (sp.exp(x) - 1), True))


@_activation
def softplus(x=x):
    """log(1 + e^x).

    >>> softplus().diff()
    exp(x)/(exp(x) + 1)
    """
    return sp.log(1 + sp.exp(formula(x, "x")))


@_activation
def silu(x=x):
    """x·sigmoid(x).

    >>> silu()
    x/(1 + exp(-x))
    """
    return formula(x, "x") * sigmoid(x)


@_activation
def mish(x=x):
    """x·tanh(softplus(x)).

    >>> mish()
    x*tanh(log(exp(x) + 1))
    """
    return formula(x, "x") * tanh(softplus(x))


@_activation
def gelu(x=x):
    """x·Φ(x) = x/2·(1 + erf(x/√2)), Φ: the normal distribution.

    >>> gelu()
    x*(erf(sqrt(2)*x/2) + 1)/2
    """
    x = formula(x, "x")
    return x * (1 + sp.erf(x / sp.sqrt(2))) / 2


@_activation
def gelu_tanh(x=x):
    """x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))), within 0.0005 of gelu.

    >>> gelu_tanh()
    x*(tanh(sqrt(2)*(8943*x**3/200000 + x)/sqrt(pi)) + 1)/2
    """
    x = formula(x, "x")
    return x * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + sp.Rational("0.044715") * x**3))) / 2


@_activation
def hardswish(x=x):
    """x·relu6(x + 3)/6.

    >>> hardswish()
    Piecewise((0, x <= -3), (x*(x + 3)/6, x < 3), (x, True))
    """
    x = formula(x, "x")
    return sp.Piecewise((0, x <= -3), (x * (x + 3) / 6, x < 3), (x, True))


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
    `TypeError` or `ValueError` if `xs` is something else, or empty.

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
