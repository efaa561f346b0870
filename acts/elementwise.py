"""Activation functions of one number, each with its derivative, in NumPy.

Every function here takes `x`, a scalar, a list or an array of any shape, and returns its values in the same shape.
float16, float32 and float64 keep their dtype (float16 is computed in float32); integers and booleans become float64;
anything else raises `TypeError`. The input is never modified, NaN stays NaN, and no warning is ever emitted.
"""

from numbers import Real

import numpy as np

from acts._arrays import elementwise

__all__ = [
    "relu", "relu_derivative", "sigmoid", "sigmoid_derivative", "softplus", "softplus_derivative", "tanh",
    "tanh_derivative",
]


@elementwise
def sigmoid(x):
    """Logistic sigmoid, σ(x) = 1 / (1 + e⁻ˣ), a smooth step from 0 to 1.

    Parameters
    ----------
    x : scalar or array_like of any shape; float16, float32, float64, integers or booleans

    Returns
    -------
    scalar or array of the shape of x, in [0, 1]; float dtypes are kept, integers give float64

    Raises
    ------
    TypeError
        If x is complex, a string or an object.

    Notes
    -----
    Computed as e^min(x,0) / (1 + e^−|x|): both exponents are at most 0, so nothing overflows, and the left tail keeps
    all of its digits. At most 2 ULP off in float64.

    Source: Verhulst, "Notice sur la loi que la population suit dans son accroissement", 1838; as a unit of a network:
    Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors", 1986.

    Examples
    --------
    >>> float(sigmoid(0.0))
    0.5
    >>> sigmoid([-710, 0, 710])
    array([4.47628623e-309, 5.00000000e-001, 1.00000000e+000])
    """
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


@elementwise
def sigmoid_derivative(x):
    """Derivative of the sigmoid, σ′(x) = σ(x)(1 − σ(x)) = e⁻ˣ / (1 + e⁻ˣ)².

    Parameters
    ----------
    x : scalar or array_like of any shape; float16, float32, float64, integers or booleans

    Returns
    -------
    scalar or array of the shape of x, in [0, 1/4]; float dtypes are kept, integers give float64

    Raises
    ------
    TypeError
        If x is complex, a string or an object.

    Notes
    -----
    σ′ is even, so it is computed from z = e^−|x| as z / (1+z)², the square written out as 1 + (2+z)z: that is the more
    accurate way, and rounding never lifts the result above 1/4. The familiar s·(1−s) is exactly 0 from x = 37 on, where
    the true value is still e⁻ˣ ≈ 10⁻¹⁶. At most 4 ULP off in float64.

    Source: Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors", 1986.

    Examples
    --------
    >>> float(sigmoid_derivative(0.0))
    0.25
    >>> f"{sigmoid_derivative(40.0):.3e}"
    '4.248e-18'
    """
    z = np.exp(-np.abs(x))
    return z / (1 + (2 + z) * z)


@elementwise
def tanh(x):
    """Hyperbolic tangent, tanh(x) = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), a smooth step from −1 to 1.

    Parameters
    ----------
    x : scalar or array_like of any shape; float16, float32, float64, integers or booleans

    Returns
    -------
    scalar or array of the shape of x, in [−1, 1]; float dtypes are kept, integers give float64

    Raises
    ------
    TypeError
        If x is complex, a string or an object.

    Notes
    -----
    The C library's own tanh: the formula with two exponentials is inf/inf = NaN from x = 710 on. At most 2 ULP off in
    float64.

    Source: LeCun, Bottou, Orr & Müller, "Efficient BackProp", 1998.

    Examples
    --------
    >>> tanh([-1000, 0, 1000])
    array([-1.,  0.,  1.])
    """
    return np.tanh(x)


@elementwise
def tanh_derivative(x):
    """Derivative of tanh, tanh′(x) = 1 − tanh²(x) = 1 / cosh²(x).

    Parameters
    ----------
    x : scalar or array_like of any shape; float16, float32, float64, integers or booleans

    Returns
    -------
    scalar or array of the shape of x, in [0, 1]; float dtypes are kept, integers give float64

    Raises
    ------
    TypeError
        If x is complex, a string or an object.

    Notes
    -----
    1 − tanh² cancels to 0 from x = 20 on. Computed as (2h)² / (1+z)² with h = e^−|x| and z = h², the lower square
    written out as 1 + (2+z)z. In the numerator z itself would underflow too early. At most 4 ULP off in float64.

    Source: LeCun, Bottou, Orr & Müller, "Efficient BackProp", 1998.

    Examples
    --------
    >>> float(tanh_derivative(0.0))
    1.0
    >>> f"{tanh_derivative(20.0):.3e}"
    '1.699e-17'
    """
    h = np.exp(-np.abs(x))
    z = h * h
    return (2 * h) ** 2 / (1 + (2 + z) * z)


@elementwise
def relu(x):
    """Rectified linear unit, relu(x) = max(0, x).

    Parameters
    ----------
    x : scalar or array_like of any shape; float16, float32, float64, integers or booleans

    Returns
    -------
    scalar or array of the shape of x, in [0, ∞]; float dtypes are kept, integers give float64

    Raises
    ------
    TypeError
        If x is complex, a string or an object.

    Notes
    -----
    Exact.

    Source: Nair & Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.

    Examples
    --------
    >>> relu([-2, 0, 3])
    array([0., 0., 3.])
    """
    return np.maximum(x, 0)


def _subgradient_of_relu(parameters):
    at_zero = parameters["at_zero"]
    if not (isinstance(at_zero, Real) and 0 <= at_zero <= 1):
        raise ValueError(f"at_zero must lie in the subdifferential of relu at 0, the interval [0, 1]; got {at_zero!r}")
    return {"at_zero": float(at_zero)}


@elementwise(check=_subgradient_of_relu)
def relu_derivative(x, at_zero=0.0):
    """Derivative of relu: 0 for x < 0, 1 for x > 0, and `at_zero` at the kink, where it has none.

    Parameters
    ----------
    x : scalar or array_like of any shape; float16, float32, float64, integers or booleans
    at_zero : float in [0, 1]
        Which subgradient to take at x = 0. The frameworks take 0.

    Returns
    -------
    scalar or array of the shape of x; float dtypes are kept, integers give float64

    Raises
    ------
    TypeError
        If x is complex, a string or an object.
    ValueError
        If at_zero is not in [0, 1], the subdifferential of relu at 0.

    Notes
    -----
    The Heaviside step. Exact.

    Source: Nair & Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010; for the value at 0:
    Bertoin, Bolte, Gerchinovitz & Pauwels, "Numerical influence of ReLU'(0) on backpropagation", 2021.

    Examples
    --------
    >>> relu_derivative([-2, 0, 3])
    array([0., 0., 1.])
    >>> relu_derivative([-2, 0, 3], at_zero=0.5)
    array([0. , 0.5, 1. ])
    """
    return np.heaviside(x, x.dtype.type(at_zero))


@elementwise
def softplus(x):
    """Softplus, log(1 + eˣ), a smooth relu.

    Parameters
    ----------
    x : scalar or array_like of any shape; float16, float32, float64, integers or booleans

    Returns
    -------
    scalar or array of the shape of x, in [0, ∞]; float dtypes are kept, integers give float64

    Raises
    ------
    TypeError
        If x is complex, a string or an object.

    Notes
    -----
    Computed as max(x, 0) + log1p(e^−|x|): nothing overflows, and no threshold cuts the tail off. At most 2 ULP off in
    float64.

    Source: Dugas, Bengio, Bélisle, Nadeau & Garcia, "Incorporating second-order functional knowledge for better option
    pricing", 2001.

    Examples
    --------
    >>> softplus([-1000, 0, 1000])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@elementwise
def softplus_derivative(x):
    """Derivative of softplus: the sigmoid, eˣ / (1 + eˣ).

    Parameters
    ----------
    x : scalar or array_like of any shape; float16, float32, float64, integers or booleans

    Returns
    -------
    scalar or array of the shape of x, in [0, 1]; float dtypes are kept, integers give float64

    Raises
    ------
    TypeError
        If x is complex, a string or an object.

    Notes
    -----
    At most 2 ULP off in float64.

    Source: Dugas, Bengio, Bélisle, Nadeau & Garcia, "Incorporating second-order functional knowledge for better option
    pricing", 2001.

    Examples
    --------
    >>> float(softplus_derivative(0.0))
    0.5
    """
    return sigmoid(x)
