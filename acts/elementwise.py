"""Activation functions of one number, each with its derivative, in NumPy; and SwiGLU, of two.

What they all promise for any input stands once, in `help(acts)`; `acts._arrays.elementwise` keeps it. Paper and year
stand in `acts.catalog`.

Two letters stand for the same thing throughout: z = e^−|x|, which never overflows, and h = e^−|x|/2, with z = h·h,
which keeps the digits where z itself is too small for them.
"""

from numbers import Integral, Real

import numpy as np

from acts._arrays import blockwise, elementwise, float_array
from acts._names import public

# Sigmoid and tanh


def _logistic(x):
    z = np.exp(-np.abs(x))
    return np.maximum(z, x >= 0) / (1 + z)


@elementwise()
def sigmoid(x):
    """Logistic sigmoid, σ(x) = 1 / (1 + e⁻ˣ), a smooth step from 0 to 1.

    Computed as e^min(x,0) / (1 + e^−|x|): both exponents are at most 0, so nothing overflows, and the left tail keeps
    all of its digits. e^min(x,0) is e^−|x| or 1, whichever is due. At most 2 ULP off in float64.

    >>> float(sigmoid(0.0))
    0.5
    >>> sigmoid([-710, 0, 710])
    array([4.47628623e-309, 5.00000000e-001, 1.00000000e+000])
    """
    return _logistic(x)


@elementwise()
def sigmoid_derivative(x):
    """Derivative of the sigmoid, σ′(x) = σ(x)(1 − σ(x)) = e⁻ˣ / (1 + e⁻ˣ)².

    σ′ is even, so it is computed from z = e^−|x| as z / (1+z)², the square written out as 1 + (2+z)z: that is the more
    accurate, and never above 1/4. The familiar s·(1−s) is exactly 0 from x = 37 on, where the true value is still
    e⁻ˣ ≈ 10⁻¹⁶. At most 4 ULP off in float64.

    >>> float(sigmoid_derivative(0.0))
    0.25
    >>> f"{sigmoid_derivative(40.0):.3e}"
    '4.248e-18'
    """
    z = np.exp(-np.abs(x))
    return z / (1 + (2 + z) * z)


@elementwise()
def tanh(x):
    """Hyperbolic tangent, tanh(x) = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), a smooth step from −1 to 1.

    The C library's own tanh: the formula with two exponentials is inf/inf = NaN from x = 710 on. At most 2 ULP off in
    float64.

    >>> tanh([-1000, 0, 1000])
    array([-1.,  0.,  1.])
    """
    return np.tanh(x)


@elementwise()
def tanh_derivative(x):
    """Derivative of tanh, tanh′(x) = 1 − tanh²(x) = 1 / cosh²(x).

    1 − tanh² cancels to 0 from x = 20 on. Computed as (2h)² / (1 + h²)² with h = e^−|x| and the square below written
    out; h² alone would underflow too early. At most 4 ULP off in float64.

    >>> float(tanh_derivative(0.0))
    1.0
    >>> f"{tanh_derivative(20.0):.3e}"
    '1.699e-17'
    """
    h = np.exp(-np.abs(x))
    z = h * h
    return (2 * h) ** 2 / (1 + (2 + z) * z)


# ReLU and its family: two straight lines and a kink


def _number(name, value):
    """Return a finite real number as a float, which leaves the dtype of an array alone; else raise."""
    if isinstance(value, bool) or not isinstance(value, Real) or not np.isfinite(float(value)):
        raise ValueError(f"{name} must be a finite real number; got {value!r}")
    return float(value)


def _subgradient(function, at_zero, left, right):
    """Return at_zero as a float if it lies between the two one-sided slopes at 0; else raise."""
    low, high = min(left, right), max(left, right)
    if isinstance(at_zero, bool) or not isinstance(at_zero, Real) or not low <= at_zero <= high:
        raise ValueError(
            f"at_zero must lie in the subdifferential of {function} at 0, the interval [{low:g}, {high:g}]; "
            f"got {at_zero!r}"
        )
    return float(at_zero)


def _check_relu(x, parameters):
    return {"at_zero": _subgradient("relu", parameters["at_zero"], 0, 1)}


def _check_leaky_relu(x, parameters):
    checked = {"alpha": _number("alpha", parameters["alpha"])}
    if "at_zero" in parameters:
        at_zero = parameters["at_zero"]
        checked["at_zero"] = checked["alpha"] if at_zero is None else at_zero
        checked["at_zero"] = _subgradient("leaky_relu", checked["at_zero"], checked["alpha"], 1)
    return checked


def _check_prelu(x, parameters):
    """One alpha for all, or one for each channel, brought into a shape that broadcasts against x."""
    alpha, axis = float_array(parameters["alpha"], "alpha"), parameters["channel_axis"]
    if not np.isfinite(alpha).all():
        raise ValueError(f"alpha must be finite; got {parameters['alpha']!r}")
    if axis is None:
        if alpha.ndim:
            raise ValueError(f"alpha must be one number where channel_axis is None; got shape {alpha.shape}")
        return {"alpha": float(alpha), "channel_axis": None}
    channels = _channels(x, axis)
    if alpha.shape not in [(), (channels,)]:
        raise ValueError(
            f"alpha must be one number or have shape ({channels},), the length of x along channel_axis {axis}; "
            f"got shape {alpha.shape}"
        )
    if alpha.ndim:
        alpha = alpha.reshape([-1 if i == axis % x.ndim else 1 for i in range(x.ndim)])
    return {"alpha": alpha if alpha.ndim else float(alpha), "channel_axis": None}


def _channels(x, channel_axis):
    if isinstance(channel_axis, bool) or not isinstance(channel_axis, Integral):
        raise TypeError(f"channel_axis must be an integer or None; got {channel_axis!r}")
    if not -x.ndim <= channel_axis < x.ndim:
        allowed = f"from {-x.ndim} to {x.ndim - 1}" if x.ndim else "None"
        raise ValueError(f"channel_axis must be {allowed} for x of shape {x.shape}; got {channel_axis}")
    return x.shape[channel_axis]


def _bounds(lower, upper):
    lower, upper = _number("lower", lower), _number("upper", upper)
    if lower > upper:
        raise ValueError(f"lower must not exceed upper; got lower = {lower:g} and upper = {upper:g}")
    return lower, upper


def _check_rrelu(x, parameters):
    """The drawn slopes of training, or in test mode the mean slope."""
    lower, upper = _bounds(parameters["lower"], parameters["upper"])
    slopes = parameters["slopes"]
    if slopes is None:
        return {"slopes": (lower + upper) / 2, "lower": None, "upper": None}
    slopes = float_array(slopes, "slopes")
    if slopes.shape != x.shape:
        raise ValueError(f"slopes must have the shape of x, {x.shape}; got {slopes.shape}")
    if not np.isfinite(slopes).all():
        raise ValueError("slopes must be finite; got NaN or inf among them")
    return {"slopes": slopes if slopes.ndim else float(slopes), "lower": None, "upper": None}


def _two_lines(x, slope):
    """x to the right, slope·x to the left; a slope of 0 is the limit 0 at −∞, not the NaN of 0·∞."""
    return np.where(x > 0, x, np.where(np.isinf(x) & (np.asarray(slope) == 0), 0, slope * x))


def _two_slopes(x, slope, at_zero):
    return np.where(x > 0, 1, np.where(x < 0, slope, np.where(x == 0, at_zero, x)))  # at last x is NaN, and stays so


@elementwise()
def relu(x):
    """Rectified linear unit, relu(x) = max(0, x).

    Exact.

    >>> relu([-2, 0, 3])
    array([0., 0., 3.])
    """
    return np.maximum(x, 0)


@elementwise(check=_check_relu)
def relu_derivative(x, at_zero=0.0):
    """Derivative of relu: 0 for x < 0, 1 for x > 0, and `at_zero` at the kink, where it has none.

    `at_zero` is the subgradient to take at x = 0, from 0 to 1, else `ValueError`; the frameworks take 0. The Heaviside
    step. Exact.

    >>> relu_derivative([-2, 0, 3])
    array([0., 0., 1.])
    >>> relu_derivative([-2, 0, 3], at_zero=0.5)
    array([0. , 0.5, 1. ])
    """
    return np.heaviside(x, x.dtype.type(at_zero))


@elementwise()
def relu6(x):
    """ReLU with a ceiling, relu6(x) = min(6, max(0, x)).

    Exact. It bounds the activation; clipping gradients is another thing.

    >>> relu6([-2, 3, 8])
    array([0., 3., 6.])
    """
    return np.clip(x, 0, 6)


@elementwise()
def relu6_derivative(x):
    """Derivative of relu6: 1 for 0 < x < 6, else 0; 0 at both kinks, as the frameworks do.

    Exact.

    >>> relu6_derivative([-2, 3, 8])
    array([0., 1., 0.])
    """
    return np.heaviside(x, 0) * np.heaviside(6 - x, 0)


@elementwise(check=_check_leaky_relu)
def leaky_relu(x, alpha=0.01):
    """Leaky ReLU: x for x ≥ 0, alpha · x for x < 0.

    `alpha` is a finite number. At most 1 ULP off.

    >>> leaky_relu([-2.0, 0.0, 3.0], alpha=0.1)
    array([-0.2,  0. ,  3. ])
    """
    return _two_lines(x, alpha)


@elementwise(check=_check_leaky_relu)
def leaky_relu_derivative(x, alpha=0.01, at_zero=None):
    """Derivative of leaky_relu: alpha for x < 0, 1 for x > 0, and `at_zero` at the kink.

    `at_zero` is the subgradient to take at x = 0, between `alpha` and 1, else `ValueError`; None means alpha, as
    PyTorch does. 0 is not a subgradient at the kink, unless alpha is 0. Exact.

    >>> leaky_relu_derivative([-2, 0, 3], alpha=0.1)
    array([0.1, 0.1, 1. ])
    """
    return _two_slopes(x, alpha, at_zero)


@elementwise(check=_check_prelu)
def prelu(x, alpha=0.25, channel_axis=None):
    """Parametric ReLU: x for x ≥ 0, alpha · x for x < 0, with alpha learned, one for all or one for each channel.

    `alpha` is a finite number, or an array (channels,) if `channel_axis`, an int, says along which axis of x the
    channels lie. At most 1 ULP off.

    >>> prelu([[-4.0, -4.0]], alpha=[0.25, 0.5], channel_axis=1)
    array([[-1., -2.]])
    """
    return _two_lines(x, alpha)


@elementwise(check=_check_prelu)
def prelu_derivative(x, alpha=0.25, channel_axis=None):
    """Derivative of prelu with respect to x: alpha for x ≤ 0, 1 for x > 0.

    `alpha` and `channel_axis` as for `prelu`. Exact.

    >>> prelu_derivative([-4.0, 4.0])
    array([0.25, 1.  ])
    """
    return _two_slopes(x, alpha, alpha)


def prelu_alpha_gradient(x, upstream, channel_axis=None):
    """Gradient of a loss with respect to alpha of prelu, Σ upstream · min(x, 0), over all that share an alpha.

    `upstream`, of the shape of x, is the gradient of the loss with respect to prelu(x, alpha); `channel_axis` is that
    of `prelu`. The result has the shape of alpha: a scalar, or (channels,). Summed in float64. See `help(acts)`.

    >>> prelu_alpha_gradient([[-1.0, 2.0], [-3.0, -4.0]], [[1.0, 1.0], [1.0, 10.0]], channel_axis=1)
    array([ -4., -40.])
    """
    x, upstream = float_array(x), float_array(upstream, "upstream")
    if upstream.shape != x.shape:
        raise ValueError(f"upstream must have the shape of x, {x.shape}; got {upstream.shape}")
    summed = None
    if channel_axis is not None:
        _channels(x, channel_axis)
        summed = tuple(axis for axis in range(x.ndim) if axis != channel_axis % x.ndim)
    with np.errstate(all="ignore"):
        product = np.asarray(np.multiply(upstream, x, dtype=np.float64))
        np.copyto(product, 0, where=x > 0)
        return product.sum(axis=summed).astype(x.dtype)[()]


def rrelu_slopes(shape, lower=1 / 8, upper=1 / 3, rng=None):
    """Draw the slopes of randomised leaky ReLU for one pass of training, uniform in [lower, upper].

    Keep them: the backward pass needs the same ones.

    `shape` is that of x, an int or a tuple; `lower` ≤ `upper` are finite; `rng` is a `numpy.random.Generator`, a seed,
    or None for fresh randomness. Returns float64. The paper divides by a number from U(3, 8), the frameworks multiply
    by one from U(1/8, 1/3), as here: the two means differ. See `help(acts)`.

    >>> slopes = rrelu_slopes((2, 3), rng=0)
    >>> slopes.shape, bool((1 / 8 <= slopes).all() and (slopes <= 1 / 3).all())
    ((2, 3), True)
    """
    return np.random.default_rng(rng).uniform(*_bounds(lower, upper), shape)


@elementwise(check=_check_rrelu)
def rrelu(x, slopes=None, lower=1 / 8, upper=1 / 3):
    """Randomised leaky ReLU: x for x ≥ 0, slope · x for x < 0, a slope of its own for each element.

    In training `slopes` are those that `rrelu_slopes` drew, finite and of the shape of x; None means test mode, the
    mean slope (`lower` + `upper`) / 2 for all. At most 1 ULP off.

    >>> rrelu([-4.0, 4.0], slopes=[0.25, 0.25])
    array([-1.,  4.])
    >>> rrelu([-4.0, 4.0], lower=0.0, upper=0.5)
    array([-1.,  4.])
    """
    return _two_lines(x, slopes)


@elementwise(check=_check_rrelu)
def rrelu_derivative(x, slopes=None, lower=1 / 8, upper=1 / 3):
    """Derivative of rrelu: the slope for x ≤ 0, 1 for x > 0.

    `slopes`, `lower` and `upper` are those that the forward pass used. Exact.

    >>> rrelu_derivative([-4.0, 4.0], slopes=[0.25, 0.25])
    array([0.25, 1.  ])
    """
    return _two_slopes(x, slopes, slopes)


# ELU and SELU: a line and an exponential

# The fixed point of mean 0 and variance 1; `acts.symbolic.selu` has them as exact expressions.
SELU_SCALE = 1.0507009873554805  # λ
SELU_FLOOR = -1.7580993408473768  # −λα, rounded once: the product of the two floats is off by a bit


def _check_elu(x, parameters):
    return {"alpha": _number("alpha", parameters["alpha"])}


@elementwise(check=_check_elu)
def elu(x, alpha=1.0):
    """Exponential linear unit: x for x ≥ 0, alpha (eˣ − 1) for x < 0.

    `alpha`, a finite number, is minus the limit at −∞. expm1 keeps the digits that eˣ − 1 loses near 0. At most 2
    ULP off in float64.

    >>> elu([-1000.0, 0.0, 2.0])
    array([-1.,  0.,  2.])
    """
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


@elementwise(check=_check_elu)
def elu_derivative(x, alpha=1.0):
    """Derivative of elu: 1 for x > 0, alpha eˣ for x ≤ 0.

    Unless `alpha`, a finite number, is 1, there is a kink at 0; there the slope from the left is returned. At most
    2 ULP off in float64.

    >>> elu_derivative([-1000.0, 0.0, 2.0])
    array([0., 1., 1.])
    """
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


@elementwise()
def selu(x):
    """Scaled ELU, λ · elu(x, α): its two constants keep mean 0 and variance 1 from layer to layer.

    λ = 1.0507009873554805 and α = 1.6732632423543772. At most 2 ULP off in float64.

    >>> selu([-1000.0, 0.0, 1.0])
    array([-1.75809934,  0.        ,  1.05070099])
    """
    return np.where(x > 0, SELU_SCALE * x, -SELU_FLOOR * np.expm1(np.minimum(x, 0)))


@elementwise()
def selu_derivative(x):
    """Derivative of selu: λ for x > 0, λ α eˣ for x ≤ 0.

    At the kink the slope from the left is returned, λ α. At most 2 ULP off in float64.

    >>> selu_derivative([-1000.0, 0.0, 1.0])
    array([0.        , 1.75809934, 1.05070099])
    """
    # λα eˣ, but where eˣ alone has just gone under, e^(x+1) has not.
    return np.where(x > 0, SELU_SCALE, -SELU_FLOOR / np.e * np.exp(np.minimum(x, 0) + 1))


# Softplus


@elementwise()
def softplus(x):
    """Softplus, log(1 + eˣ), a smooth relu.

    Computed as max(x, 0) + log1p(e^−|x|): nothing overflows, and no threshold cuts the tail off. At most 2 ULP off in
    float64.

    >>> softplus([-1000, 0, 1000])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@elementwise()
def softplus_derivative(x):
    """Derivative of softplus: the sigmoid, eˣ / (1 + eˣ).

    At most 2 ULP off in float64.

    >>> float(softplus_derivative(0.0))
    0.5
    """
    return _logistic(x)


# x times a gate: SiLU, Mish, GELU, hardswish. For each, f(x) − max(x, 0) is even, or nearly so, and dies out on both
# sides; it is computed from a = |x|, capped where it is 0 beyond doubt, since ∞ · 0 would be NaN.


def _gated(x, a, v):
    """x · σ(v(x)) for an odd v, from a = |x| and v = v(a): max(x, 0) − a e^−v / (1 + e^−v)."""
    h = np.exp(-0.5 * v)
    tail = a * h
    tail *= h  # in place, here and below: a tenth quicker
    h *= h
    h += 1
    tail /= h
    return np.maximum(x, 0) - tail


def _gated_derivative(x, a, v, slope):
    """Its derivative, with slope = v′(a): e^−v (1 + e^−v − a v′) / (1 + e^−v)² on the left, on the right 1 − that."""
    h = np.exp(-0.5 * v)
    z = h * h
    left = ((1 - a * slope) + z) / (1 + z) ** 2 * h * h
    return np.where(x < 0, left, 1 - left)


def _capped(x, most):
    return np.minimum(np.abs(x), most)


@elementwise()
def silu(x):
    """SiLU or Swish, x · σ(x).

    Computed as max(x, 0) − |x| z / (1 + z): no 0·∞ at −∞, no lost tail. At most 4 ULP off in float64.

    >>> silu([-np.inf, 0.0, 1000.0])
    array([   0.,    0., 1000.])
    """
    a = _capped(x, 1500)
    return _gated(x, a, a)


@elementwise()
def silu_derivative(x):
    """Derivative of silu, σ(x) (1 + x (1 − σ(x))).

    At most 6 ULP off in float64; near its root, x = −1.278, one ULP means that of 2⁻⁴.

    >>> silu_derivative([-np.inf, 0.0, np.inf])
    array([-0. ,  0.5,  1. ])
    """
    a = _capped(x, 1500)
    return _gated_derivative(x, a, a, 1)


@elementwise()
def mish(x):
    """Mish, x · tanh(softplus(x)).

    tanh(log(1 + eˣ)) is a ratio of polynomials in eˣ: nothing is left of the two logarithms. At most 5 ULP off in
    float64.

    >>> mish([-np.inf, 0.0, 1000.0])
    array([  -0.,    0., 1000.])
    """
    a = _capped(x, 1500)
    h = np.exp(-0.5 * a)
    z = h * h
    left = (a * h) * ((z + 2) / (z * (z + 2) + 2)) * h
    return np.where(x < 0, -left, x * ((1 + 2 * z) / (1 + 2 * z * (1 + z))))


@elementwise()
def mish_derivative(x):
    """Derivative of mish, tanh(softplus(x)) + x σ(x) / cosh²(softplus(x)).

    With z = e^−|x|: to the left z (4(1 − |x|) + z (6 − 4|x| + z (4 + z))) / (w + 2)² with w = z (z + 2), to the
    right 1 − 2z² (q − 2x(1 + z)) / q² with q = 1 + 2z + 2z². At most 8 ULP off in float64; near its root, x = −1.192,
    one ULP means that of 2⁻⁴.

    >>> mish_derivative([-np.inf, 0.0, np.inf])
    array([-0. ,  0.6,  1. ])
    """
    a = _capped(x, 1500)
    h = np.exp(-0.5 * a)
    z = h * h
    w = z * (z + 2)
    q = 1 + 2 * z * (1 + z)
    left = h * ((4 * (1 - a) + z * (6 - 4 * a + z * (4 + z))) / (w + 2) ** 2) * h
    right = 1 - 2 * z * z * (q - 2 * a * (1 + z)) / (q * q)
    return np.where(x < 0, left, right)


# Φ(−a) e^(a²/2) (1 + a) as a polynomial in q = (a − 4) / (a + 4), for a from 0 to 40, where Φ(−a) is 0 in float64.
# Interpolated at Chebyshev's points with 60 digits; it is off by at most 8.1e-17 of its value.
_NORMAL_TAIL = [
    0.47205320650984467, -0.09670347732652537, 0.013999634724430079, 0.028600364053505894, -0.032197837428343264,
    0.017936097481039324, -0.005002378585404055, -0.0002856231167159992, 0.0006948970401931862, -9.443011548018516e-05,
    -8.785274947955092e-05, 2.12494552279694e-05, 1.3625025193974047e-05, -3.4306982771660744e-06,
    -2.607839079804581e-06, 4.0242748101432243e-07, 5.430039920605985e-07, 2.3513362577996063e-09,
    -1.0104644569536361e-07, -1.8538542083563312e-08, 1.1400867865785583e-08, 4.2378542227893796e-09,
    1.5513438905918424e-10,
]  # fmt: skip


def _normal_tail(a):
    """Return h, t, r with Φ(−a) = t r h², and φ(a) = r h² / √(2π), for a from 0 to 40; h² would underflow early."""
    q = (a - 4) / (a + 4)
    polynomial = np.full_like(q, _NORMAL_TAIL[-1])
    for coefficient in _NORMAL_TAIL[-2::-1]:
        polynomial *= q
        polynomial += coefficient
    # a² would be rounded, and e^ multiplies that error by a²/2: split a, so that the large part has an exact square.
    large = a.astype(np.float32).astype(np.float64)
    return np.exp(-large * large / 4), polynomial / (1 + a), np.exp(-(a - large) * (a + large) / 2)


@elementwise(compute=np.float64)
def gelu(x):
    """Gaussian error linear unit, x · Φ(x), with Φ the normal distribution function.

    Computed as max(x, 0) − |x| Φ(−|x|), the tail Φ(−|x|) from a polynomial times e^(−x²/2): 1 + erf cancels there. At
    most 6 ULP off in float64.

    >>> gelu([-np.inf, 0.0, 1000.0])
    array([   0.,    0., 1000.])
    >>> f"{gelu(-10.0):.6e}"
    '-7.619853e-23'
    """
    a = _capped(x, 40)
    h, tail, rest = _normal_tail(a)
    return np.maximum(x, 0) - a * tail * rest * h * h


@elementwise(compute=np.float64)
def gelu_derivative(x):
    """Derivative of gelu, Φ(x) + x φ(x), with φ the normal density.

    At most 9 ULP off in float64; near its root, x = −0.752, one ULP means that of 2⁻⁴.

    >>> gelu_derivative([-np.inf, 0.0, np.inf])
    array([-0. ,  0.5,  1. ])
    """
    a = _capped(x, 40)
    h, tail, rest = _normal_tail(a)
    left = (tail - a / np.sqrt(2 * np.pi)) * rest * h * h
    return np.where(x < 0, left, 1 - left)


def _tanh_gate(a):
    """2 √(2/π) (a + 0.044715 a³), and its derivative."""
    scale = 2 * np.sqrt(2 / np.pi)
    return scale * (a + 0.044715 * a * a * a), scale * (1 + 3 * 0.044715 * a * a)


@elementwise(compute=np.float64)
def gelu_tanh(x):
    """GELU's well-known approximation, x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))).

    (1 + tanh(u))/2 is σ(2u), so it is computed as a gate. It differs from `gelu` by up to 5·10⁻⁴. Accurate to 5·10⁻¹⁶
    of max(1, |x|); relative accuracy gets lost in the left tail, where e^ multiplies the rounding error of x³.

    >>> gelu_tanh([-np.inf, 0.0, 1000.0])
    array([   0.,    0., 1000.])
    """
    a = _capped(x, 50)
    return _gated(x, a, _tanh_gate(a)[0])


@elementwise(compute=np.float64)
def gelu_tanh_derivative(x):
    """Derivative of gelu_tanh, s + x s (1 − s) v′ with v = 2 √(2/π) (x + 0.044715 x³) and s = σ(v).

    It is the derivative of the approximation itself, not an approximation of gelu's. Accurate to 5·10⁻¹⁶; relative
    accuracy gets lost in the left tail.

    >>> gelu_tanh_derivative([-np.inf, 0.0, np.inf])
    array([-0. ,  0.5,  1. ])
    """
    a = _capped(x, 50)
    return _gated_derivative(x, a, *_tanh_gate(a))


@elementwise()
def hardswish(x):
    """Hard swish, x · relu6(x + 3) / 6: SiLU drawn with a ruler.

    At most 2 ULP off.

    >>> hardswish([-4.0, 0.0, 1.0, 4.0])
    array([-0.        ,  0.        ,  0.66666667,  4.        ])
    """
    return np.maximum(x, -3) * (np.clip(x + 3, 0, 6) / 6)


@elementwise()
def hardswish_derivative(x):
    """Derivative of hardswish: 0 for x < −3, (2x + 3)/6 for −3 ≤ x ≤ 3, 1 for x > 3.

    At the kinks the slope of the middle piece is returned, as PyTorch does. At most 2 ULP off; near its root, x = −1.5,
    one ULP means that of 2⁻⁴.

    >>> hardswish_derivative([-4.0, 0.0, 4.0])
    array([0. , 0.5, 1. ])
    """
    return np.where(np.abs(x) <= 3, (2 * x + 3) / 6, np.heaviside(x, 0))


# Of two arrays


def swiglu(x, gate):
    """SwiGLU, x · silu(gate) = x · gate · σ(gate): the gate decides how much of x passes.

    `x` and `gate` have one shape, else `ValueError`; the result has the wider of their dtypes. Without weights: in
    a network x = hV and gate = hW are two linear maps of one hidden vector h. As accurate as `silu`. 0 · ∞ has no
    limit and is NaN. See `help(acts)`.

    >>> swiglu([2.0, 2.0, 2.0], [-1000.0, 0.0, 1000.0])
    array([   0.,    0., 2000.])
    """
    x, gate = _in_the_widest(_alike(x=x, gate=gate))
    return blockwise(lambda x, gate: x * silu(gate), x, {"gate": gate})


def swiglu_vjp(x, gate, upstream):
    """Vector-Jacobian product of SwiGLU: the gradients g · silu(gate) of x and g · x · silu′(gate) of the gate.

    `x`, `gate` and `upstream`, the gradient g of the loss with respect to swiglu(x, gate), have one shape, else
    `ValueError`. Returns (gradient of x, gradient of gate), each in the dtype of what it is the gradient of. As
    accurate as `silu` and `silu_derivative`. 0 · ∞ has no limit and is NaN. See `help(acts)`.

    >>> swiglu_vjp(2.0, 0.0, 1.0) == (0.0, 1.0)
    True
    """
    given = _alike(x=x, gate=gate, upstream=upstream)
    x, gate, g = _in_the_widest(given)
    of_x = blockwise(lambda g, gate: g * silu(gate), g, {"gate": gate})
    of_gate = blockwise(_gradient_of_gate, gate, {"x": x, "g": g})
    with np.errstate(all="ignore"):
        return of_x.astype(given[0].dtype, copy=False), of_gate.astype(given[1].dtype, copy=False)


def _gradient_of_gate(gate, x, g):
    # The larger factor first: x · g may overflow, or silu′ · g underflow, where the product of all three does not.
    larger, smaller = np.where(np.abs(x) > np.abs(g), (x, g), (g, x))
    return silu_derivative(gate) * larger * smaller


def _alike(**arguments):
    arrays = {name: float_array(values, name) for name, values in arguments.items()}
    for name, array in arrays.items():
        expected = arrays["x"].shape
        if array.shape != expected:
            raise ValueError(f"{name} must have the shape of x, {expected}; got shape {array.shape}")
    return tuple(arrays.values())


def _in_the_widest(arrays):
    widest = np.result_type(*arrays)
    return tuple(array.astype(widest, copy=False) for array in arrays)


__all__ = public(globals())
