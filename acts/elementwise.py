"""Activation functions of one number, each with its derivative, in NumPy; and SwiGLU, of two.

What they all promise for any input stands once, in `help(acts)`; `acts._arrays.elementwise` keeps it. Paper and year
stand in `acts.catalog`.

A formula gets a block x of floats, and memory `out` for its values: it works in place, since each new array costs more
than the sum or product that it holds. x itself it leaves alone. e stands for e⁻ˣ throughout.
"""

import math
from numbers import Integral, Real

import numpy as np

from acts._arrays import BLOCK, LARGE_BLOCK, blocks, blockwise, elementwise, float_array
from acts._names import public

# Sigmoid and tanh


# Below, e⁻ˣ overflows, or a function that falls like eˣ leaves the normal numbers.
_LOWEST = {np.dtype(np.float32): -87, np.dtype(np.float64): -708}


def _decay(x, out, share=1.0):
    """Return x, e = e⁻ˣ and None; or, where e² would overflow, x and e held from below, and the eˣ that is left out.

    A function that falls like eˣ far to the left is what it is of the first two, times the third. `share` of the range
    of eˣ is what a formula can do with. x loses −∞, whose product with 0 would be NaN.
    """
    e = np.exp(np.negative(x, out=out), out=out)
    if _bounded(e):
        return x, e, None
    lowest = int(share * _LOWEST[x.dtype])
    e = np.exp(-np.maximum(x, lowest), out=out)
    return np.maximum(x, -1500), e, np.exp(np.minimum(x - lowest, 0))


def _bounded(x):
    """Return whether nothing in x is NaN, infinite, or too large to be squared."""
    if x.size <= BLOCK:
        return math.isfinite(np.vdot(x, x))  # the quickest; of more numbers BLAS gives each thread a part, and waits
    most = np.finfo(x.dtype).max ** 0.4
    return bool(np.maximum.reduce(x, axis=None) < most and np.minimum.reduce(x, axis=None) > -most)


def _finite(x):
    """Return x, or, if there are infinities in it, x held where every function here has long reached its limit."""
    return x if _bounded(x) else x.clip(-1500, 1500)


def _faded(y, left_out):
    return y if left_out is None else np.multiply(y, left_out, out=y)


def _logistic(x, out):
    _, y, left_out = _decay(x, out)
    y += 1
    return _faded(np.divide(1, y, out=y), left_out)


def _over_cosh_squared(scale, x, out):
    """Return scale / cosh(x)², divided twice: cosh² itself would overflow where that is still a float."""
    c = np.cosh(x, out=out)
    return np.divide(np.divide(scale, c), c, out=out)


@elementwise()
def sigmoid(x, out):
    """Logistic sigmoid, σ(x) = 1 / (1 + e⁻ˣ), a smooth step from 0 to 1.

    Computed as it stands, which keeps every digit, down to x = −708. Below, e⁻ˣ would overflow and take the last values
    along: σ(−710) ≈ 4·10⁻³⁰⁹ is σ(−708) e⁻². At most 2 ULP off in float64.

    >>> float(sigmoid(0.0))
    0.5
    >>> sigmoid([-710, 0, 710])
    array([4.47628623e-309, 5.00000000e-001, 1.00000000e+000])
    """
    return _logistic(x, out)


@elementwise()
def sigmoid_derivative(x, out):
    """Derivative of the sigmoid, σ′(x) = σ(x)(1 − σ(x)) = e⁻ˣ / (1 + e⁻ˣ)².

    Computed as 1/4 / cosh(x/2)², which is the same, even, and never above 1/4. The familiar s·(1−s) is exactly 0
    from x = 37 on, where the true value is still e⁻ˣ ≈ 10⁻¹⁶. At most 4 ULP off in float64.

    >>> float(sigmoid_derivative(0.0))
    0.25
    >>> f"{sigmoid_derivative(40.0):.3e}"
    '4.248e-18'
    """
    return _over_cosh_squared(0.25, np.multiply(x, 0.5, out=out), out)


@elementwise(whole=True)
def tanh(x, out):
    """Hyperbolic tangent, tanh(x) = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), a smooth step from −1 to 1.

    The C library's own tanh: the formula with two exponentials is inf/inf = NaN from x = 710 on. At most 2 ULP off in
    float64.

    >>> tanh([-1000, 0, 1000])
    array([-1.,  0.,  1.])
    """
    return np.tanh(x, out=out)


@elementwise()
def tanh_derivative(x, out):
    """Derivative of tanh, tanh′(x) = 1 − tanh²(x) = 1 / cosh²(x).

    1 − tanh² cancels to 0 from x = 20 on. Computed as 1 / cosh(x)². At most 4 ULP off in float64.

    >>> float(tanh_derivative(0.0))
    1.0
    >>> f"{tanh_derivative(20.0):.3e}"
    '1.699e-17'
    """
    return _over_cosh_squared(1, x, out)


# ReLU and its family: two straight lines and a kink


def _number(name, value):
    """Return a finite real number as a float, which leaves the dtype of an array alone; else raise."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
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
    if not (_bounded(alpha) or np.isfinite(alpha).all()):
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
    if not (_bounded(slopes) or np.isfinite(slopes).all()):
        raise ValueError("slopes must be finite; got NaN or inf among them")
    return {"slopes": slopes if slopes.ndim else float(slopes), "lower": None, "upper": None}


def _two_lines(x, slope, out):
    """x to the right, slope·x to the left: the upper of the two lines, or the lower, if slope·x is the steeper."""
    line = np.multiply(x, slope, out=out)
    one = isinstance(slope, float)
    if not (one and slope) and not _bounded(x):
        np.copyto(line, 0, where=np.isnan(line) & ~np.isnan(x))  # the limit for a slope of 0, not the NaN of 0·∞
    if slope <= 1 if one else (slope <= 1).all():
        return np.maximum(x, line, out=out)
    return np.minimum(x, line, out=out) if one else np.where(x > 0, x, line)


def _indicator(mask, x, out):
    """Return 1 where the mask says so, else 0; NaN where x is. np.where would wait for the answer at each element."""
    np.copyto(out, mask)
    if np.isnan(np.maximum.reduce(x, axis=None)):  # a quicker look than at each
        np.copyto(out, x, where=np.isnan(x))
    return out


def _two_slopes(x, slope, at_zero, out):
    """slope to the left, 1 to the right, each exact: step + (1 − step) slope."""
    step = _indicator(x > 0, x, out)
    left = np.subtract(1, step)
    left *= slope
    step += left
    if at_zero is not slope:
        np.copyto(step, at_zero, where=x == 0)
    return step


@elementwise(whole=True)
def relu(x, out):
    """Rectified linear unit, relu(x) = max(0, x).

    Exact.

    >>> relu([-2, 0, 3])
    array([0., 0., 3.])
    """
    return x.clip(0, np.inf, out=out)


@elementwise(check=_check_relu, whole=True)
def relu_derivative(x, out, at_zero=0.0):
    """Derivative of relu: 0 for x < 0, 1 for x > 0, and `at_zero` at the kink, where it has none.

    `at_zero` is the subgradient to take at x = 0, from 0 to 1, else `ValueError`; the frameworks take 0. The Heaviside
    step. Exact.

    >>> relu_derivative([-2, 0, 3])
    array([0., 0., 1.])
    >>> relu_derivative([-2, 0, 3], at_zero=0.5)
    array([0. , 0.5, 1. ])
    """
    step = _indicator(x > 0, x, out)
    if at_zero:
        np.copyto(step, at_zero, where=x == 0)
    return step


@elementwise(whole=True)
def relu6(x, out):
    """ReLU with a ceiling, relu6(x) = min(6, max(0, x)).

    Exact. It bounds the activation; clipping gradients is another thing.

    >>> relu6([-2, 3, 8])
    array([0., 3., 6.])
    """
    return x.clip(0, 6, out=out)


@elementwise()
def relu6_derivative(x, out):
    """Derivative of relu6: 1 for 0 < x < 6, else 0; 0 at both kinks, as PyTorch does.

    Exact.

    >>> relu6_derivative([-2, 3, 8])
    array([0., 1., 0.])
    """
    mask = x > 0
    mask &= x < 6
    return _indicator(mask, x, out)


@elementwise(check=_check_leaky_relu)
def leaky_relu(x, out, alpha=0.01):
    """Leaky ReLU: x for x ≥ 0, alpha · x for x < 0.

    `alpha` is a finite number. At most 1 ULP off.

    >>> leaky_relu([-2.0, 0.0, 3.0], alpha=0.1)
    array([-0.2,  0. ,  3. ])
    """
    return _two_lines(x, alpha, out)


@elementwise(check=_check_leaky_relu)
def leaky_relu_derivative(x, out, alpha=0.01, at_zero=None):
    """Derivative of leaky_relu: alpha for x < 0, 1 for x > 0, and `at_zero` at the kink.

    `at_zero` is the subgradient to take at x = 0, between `alpha` and 1, else `ValueError`; None means alpha, as
    PyTorch does. 0 is not a subgradient at the kink, unless alpha is 0. Exact.

    >>> leaky_relu_derivative([-2, 0, 3], alpha=0.1)
    array([0.1, 0.1, 1. ])
    """
    return _two_slopes(x, alpha, at_zero, out)


@elementwise(check=_check_prelu)
def prelu(x, out, alpha=0.25, channel_axis=None):
    """Parametric ReLU: x for x ≥ 0, alpha · x for x < 0, with alpha learned, one for all or one for each channel.

    `alpha` is a finite number, or an array (channels,) if `channel_axis`, an int, says along which axis of x the
    channels lie. At most 1 ULP off.

    >>> prelu([[-4.0, -4.0]], alpha=[0.25, 0.5], channel_axis=1)
    array([[-1., -2.]])
    """
    return _two_lines(x, alpha, out)


@elementwise(check=_check_prelu)
def prelu_derivative(x, out, alpha=0.25, channel_axis=None):
    """Derivative of prelu with respect to x: alpha for x ≤ 0, 1 for x > 0.

    `alpha` and `channel_axis` as for `prelu`. Exact.

    >>> prelu_derivative([-4.0, 4.0])
    array([0.25, 1.  ])
    """
    return _two_slopes(x, alpha, alpha, out)


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
    channels = 1 if channel_axis is None else _channels(x, channel_axis)
    before = 1 if channel_axis is None else math.prod(x.shape[: channel_axis % x.ndim])
    parted = before, channels, x.size // max(1, before * channels)
    with np.errstate(all="ignore"):
        gradient = _alpha_gradient(x.reshape(parted), upstream.reshape(parted)).astype(x.dtype)
    return gradient[0] if channel_axis is None else gradient


def _alpha_gradient(x, upstream):
    """The sum over all axes but the middle one."""
    gradient = np.zeros(x.shape[1])
    for part in blocks(x.shape, LARGE_BLOCK):
        left = x[part].clip(-np.inf, 0).astype(np.float64, copy=False)
        g = upstream[part].astype(np.float64, copy=False)
        if not _bounded(g):  # to the right alpha has no part, not even of ∞
            g = np.where(x[part] > 0, 0, g)
        sums = np.vecdot(left, g) if x.shape[2] >= BLOCK else (left * g).sum(axis=2)
        gradient[part[1] if len(part) > 1 else ...] += sums.sum(axis=0)
    return gradient


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
def rrelu(x, out, slopes=None, lower=1 / 8, upper=1 / 3):
    """Randomised leaky ReLU: x for x ≥ 0, slope · x for x < 0, a slope of its own for each element.

    In training `slopes` are those that `rrelu_slopes` drew, finite and of the shape of x; None means test mode, the
    mean slope (`lower` + `upper`) / 2 for all. At most 1 ULP off.

    >>> rrelu([-4.0, 4.0], slopes=[0.25, 0.25])
    array([-1.,  4.])
    >>> rrelu([-4.0, 4.0], lower=0.0, upper=0.5)
    array([-1.,  4.])
    """
    return _two_lines(x, slopes, out)


@elementwise(check=_check_rrelu)
def rrelu_derivative(x, out, slopes=None, lower=1 / 8, upper=1 / 3):
    """Derivative of rrelu: the slope for x ≤ 0, 1 for x > 0.

    `slopes`, `lower` and `upper` are those that the forward pass used. Exact.

    >>> rrelu_derivative([-4.0, 4.0], slopes=[0.25, 0.25])
    array([0.25, 1.  ])
    """
    return _two_slopes(x, slopes, slopes, out)


# ELU and SELU: a line and an exponential

# The fixed point of mean 0 and variance 1; `acts.symbolic.selu` has them as exact expressions.
SELU_SCALE = 1.0507009873554805  # λ
SELU_FLOOR = -1.7580993408473768  # −λα, rounded once: the product of the two floats is off by a bit


def _check_elu(x, parameters):
    return {"alpha": _number("alpha", parameters["alpha"])}


def _line_and_exponential(x, scale, alpha, out):
    """scale · x to the right, alpha (eˣ − 1) to the left: each is 0 on the other's side, so the sum is exact."""
    y = x.clip(-np.inf, 0, out=out)
    np.expm1(y, out=y)
    y *= alpha
    right = x.clip(0, np.inf)
    if scale != 1:
        right *= scale
    y += right
    return y


def _one_and_exponential(x, scale, alpha, out):
    """Its derivative: scale to the right, alpha eˣ to the left."""
    y = x.clip(-np.inf, 0, out=out)
    if alpha == 1 == scale:
        return np.exp(y, out=y)
    step = _indicator(x > 0, x, np.empty_like(x))
    y = _times_e_to(alpha, y)
    y -= step * y
    step *= scale
    y += step
    return y


def _times_e_to(alpha, y):
    """Return alpha e^y for y ≤ 0, in the memory of y."""
    lowest, tail = _LOWEST[y.dtype], None
    if alpha and not np.minimum.reduce(y, axis=None) >= lowest:
        # Where e^y leaves the normal numbers, a large alpha leads back: (alpha / e^k) e^(y + k), both of them normal.
        k = min(math.ceil(math.log(abs(alpha))) - lowest // 10, -lowest)
        tail = y < lowest
        values = alpha / math.exp(k) * np.exp(y[tail] + k)
    np.exp(y, out=y)
    y *= alpha
    if tail is not None:
        y[tail] = values
    return y


@elementwise(check=_check_elu)
def elu(x, out, alpha=1.0):
    """Exponential linear unit: x for x ≥ 0, alpha (eˣ − 1) for x < 0.

    `alpha`, a finite number, is minus the limit at −∞. expm1 keeps the digits that eˣ − 1 loses near 0. At most 2
    ULP off in float64.

    >>> elu([-1000.0, 0.0, 2.0])
    array([-1.,  0.,  2.])
    """
    return _line_and_exponential(x, 1, alpha, out)


@elementwise(check=_check_elu)
def elu_derivative(x, out, alpha=1.0):
    """Derivative of elu: 1 for x > 0, alpha eˣ for x ≤ 0.

    Unless `alpha`, a finite number, is 1, there is a kink at 0; there the slope from the left is returned. At most
    2 ULP off in float64.

    >>> elu_derivative([-1000.0, 0.0, 2.0])
    array([0., 1., 1.])
    """
    return _one_and_exponential(x, 1, alpha, out)


@elementwise()
def selu(x, out):
    """Scaled ELU, λ · elu(x, α): its two constants keep mean 0 and variance 1 from layer to layer.

    λ = 1.0507009873554805 and α = 1.6732632423543772. At most 2 ULP off in float64.

    >>> selu([-1000.0, 0.0, 1.0])
    array([-1.75809934,  0.        ,  1.05070099])
    """
    return _line_and_exponential(x, SELU_SCALE, -SELU_FLOOR, out)


@elementwise()
def selu_derivative(x, out):
    """Derivative of selu: λ for x > 0, λ α eˣ for x ≤ 0.

    At the kink the slope from the left is returned, λ α. At most 2 ULP off in float64.

    >>> selu_derivative([-1000.0, 0.0, 1.0])
    array([0.        , 1.75809934, 1.05070099])
    """
    return _one_and_exponential(x, SELU_SCALE, -SELU_FLOOR, out)


# Softplus


@elementwise()
def softplus(x, out):
    """Softplus, log(1 + eˣ), a smooth relu.

    Computed as log1p(eˣ), which keeps the tail that 1 + eˣ would round away; where eˣ would overflow, it is x. At most
    2 ULP off in float64.

    >>> softplus([-1000, 0, 1000])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    y = np.exp(x, out=out)
    if not _bounded(y):
        y = np.exp(np.minimum(x, -_LOWEST[x.dtype]), out=out)
    np.log1p(y, out=y)
    return np.maximum(x, y, out=y)


@elementwise()
def softplus_derivative(x, out):
    """Derivative of softplus: the sigmoid, eˣ / (1 + eˣ).

    At most 2 ULP off in float64.

    >>> float(softplus_derivative(0.0))
    0.5
    """
    return _logistic(x, out)


# x times a gate: SiLU, Mish, GELU, hardswish.


@elementwise()
def silu(x, out):
    """SiLU or Swish, x · σ(x).

    Computed as x / (1 + e⁻ˣ), held in the tail like the sigmoid. At most 4 ULP off in float64.

    >>> silu([-np.inf, 0.0, 1000.0])
    array([  -0.,    0., 1000.])
    """
    x, y, left_out = _decay(x, out)
    y += 1
    return _faded(np.divide(x, y, out=y), left_out)


def _gated_derivative(e, x_slope):
    """The derivative of x · σ(v) from e = e^−v and x v′: σ (1 + x v′ (1 − σ)), with 1 − σ = e σ."""
    s = 1 + e
    np.divide(1, s, out=s)
    e *= s
    e *= x_slope
    e += 1
    e *= s
    return e


@elementwise()
def silu_derivative(x, out):
    """Derivative of silu, σ(x) (1 + x (1 − σ(x))).

    At most 6 ULP off in float64; near its root, x = −1.278, one ULP means that of 2⁻⁴.

    >>> silu_derivative([-np.inf, 0.0, np.inf])
    array([-0. ,  0.5,  1. ])
    """
    x, e, left_out = _decay(x, out)
    return _faded(_gated_derivative(e, _finite(x)), left_out)


def _mish_gate(e):
    """tanh(softplus(x)) is p / q with p = 1 + 2e and q = 1 + 2e + 2e²."""
    p = e + e
    q = e * p
    p += 1
    q += p
    return p, q


@elementwise()
def mish(x, out):
    """Mish, x · tanh(softplus(x)).

    tanh(log(1 + eˣ)) is a ratio of polynomials in eˣ: nothing is left of the two logarithms. At most 5 ULP off in
    float64.

    >>> mish([-np.inf, 0.0, 1000.0])
    array([  -0.,    0., 1000.])
    """
    x, e, left_out = _decay(x, out, 0.5)
    p, q = _mish_gate(e)
    p *= x
    return _faded(np.divide(p, q, out=out), left_out)


@elementwise()
def mish_derivative(x, out):
    """Derivative of mish, tanh(softplus(x)) + x σ(x) / cosh²(softplus(x)).

    Computed as (1 + 4e) / q² + r (4 (x + 1) r (1 + e) + 2r), with q of `mish` and r = e / q. At most 8 ULP off in
    float64; near its root, x = −1.192, one ULP means that of 2⁻⁴.

    >>> mish_derivative([-np.inf, 0.0, np.inf])
    array([-0. ,  0.6,  1. ])
    """
    x, e, left_out = _decay(x, out, 0.5)
    q = _mish_gate(e)[1]
    right = 4 * e
    right += 1
    right /= q
    right /= q
    r = np.divide(e, q, out=q)
    y = 4 * _finite(x)
    y += 4
    y *= r
    e += 1
    y *= e
    y += np.add(r, r, out=e)
    y *= r
    return _faded(np.add(y, right, out=e), left_out)


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


def _distance(x):
    """Return |x|, at most 40, where Φ(−|x|) is 0 beyond doubt: ∞ · 0 would be NaN."""
    return np.abs(x).clip(0, 40)


@elementwise(compute=np.float64)
def gelu(x, out):
    """Gaussian error linear unit, x · Φ(x), with Φ the normal distribution function.

    Computed as max(x, 0) − |x| Φ(−|x|), the tail Φ(−|x|) from a polynomial times e^(−x²/2): 1 + erf cancels there. At
    most 6 ULP off in float64.

    >>> gelu([-np.inf, 0.0, 1000.0])
    array([  -0.,    0., 1000.])
    >>> f"{gelu(-10.0):.6e}"
    '-7.619853e-23'
    """
    a = _distance(x)
    h, tail, rest = _normal_tail(a)
    for factor in (tail, rest, h, h):
        a *= factor
    return np.subtract(x.clip(-0.0, np.inf, out=out), a, out=out)


@elementwise(compute=np.float64)
def gelu_derivative(x, out):
    """Derivative of gelu, Φ(x) + x φ(x), with φ the normal density.

    At most 9 ULP off in float64; near its root, x = −0.752, one ULP means that of 2⁻⁴.

    >>> gelu_derivative([-np.inf, 0.0, np.inf])
    array([-0. ,  0.5,  1. ])
    """
    a = _distance(x)
    h, tail, rest = _normal_tail(a)
    a /= -math.sqrt(2 * math.pi)
    a += tail
    for factor in (rest, h, h):
        a *= factor
    # That is f′(−|x|); to the right f′ is 1 less that.
    step = np.ceil(x.clip(-0.0, 1, out=out), out=out)
    a *= 1 - 2 * step
    step += a
    return step


_TANH_SCALE = 2 * math.sqrt(2 / math.pi)


def _tanh_gate(x):
    """v = 2 √(2/π) (x + 0.044715 x³), and its derivative, but for the factor x of the former."""
    y = x * x
    y *= 0.044715 * _TANH_SCALE
    slope = 3 * y
    slope += _TANH_SCALE
    y += _TANH_SCALE
    y *= x
    return y, slope


@elementwise(compute=np.float64)
def gelu_tanh(x, out):
    """GELU's well-known approximation, x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))).

    (1 + tanh(u))/2 is σ(2u), so it is computed as a gate. It differs from `gelu` by up to 5·10⁻⁴. Accurate to 5·10⁻¹⁶
    of max(1, |x|); relative accuracy gets lost in the left tail, where e^ multiplies the rounding error of x³.

    >>> gelu_tanh([-np.inf, 0.0, 1000.0])
    array([  -0.,    0., 1000.])
    """
    capped = x.clip(-50, 50)
    v, _ = _tanh_gate(capped)
    _, y, left_out = _decay(v, out)
    y += 1
    return _faded(np.divide(np.maximum(x, capped, out=capped), y, out=y), left_out)


@elementwise(compute=np.float64)
def gelu_tanh_derivative(x, out):
    """Derivative of gelu_tanh, s + x s (1 − s) v′ with v = 2 √(2/π) (x + 0.044715 x³) and s = σ(v).

    It is the derivative of the approximation itself, not an approximation of gelu's. Accurate to 5·10⁻¹⁶; relative
    accuracy gets lost in the left tail.

    >>> gelu_tanh_derivative([-np.inf, 0.0, np.inf])
    array([-0. ,  0.5,  1. ])
    """
    x = x.clip(-50, 50)
    v, slope = _tanh_gate(x)
    _, e, left_out = _decay(v, out)
    slope *= x
    return _faded(_gated_derivative(e, slope), left_out)


@elementwise()
def hardswish(x, out):
    """Hard swish, x · relu6(x + 3) / 6: SiLU drawn with a ruler.

    At most 2 ULP off.

    >>> hardswish([-4.0, 0.0, 1.0, 4.0])
    array([-0.        ,  0.        ,  0.66666667,  4.        ])
    """
    gate = np.add(x, 3, out=out)
    gate.clip(0, 6, out=gate)
    gate /= 6
    gate *= x.clip(-3, np.inf)
    return gate


@elementwise()
def hardswish_derivative(x, out):
    """Derivative of hardswish: 0 for x < −3, (2x + 3)/6 for −3 ≤ x ≤ 3, 1 for x > 3.

    At the kinks the slope of the middle piece is returned, −1/2 and 3/2; PyTorch returns that of the outer ones, 0 and
    1. At most 2 ULP off; near its root, x = −1.5, one ULP means that of 2⁻⁴.

    >>> hardswish_derivative([-4.0, 0.0, 4.0])
    array([0. , 0.5, 1. ])
    """
    # Beyond the kinks, 1 instead of 2 times the nearer one: (±3 + 3) / 6 is 1 or 0.
    y = x.clip(-3, 3, out=out)
    y *= np.subtract(2, np.abs(x) > 3, dtype=x.dtype)
    y += 3
    y /= 6
    return y


# Of two arrays


def swiglu(x, gate):
    """SwiGLU, x · silu(gate) = x · gate · σ(gate): the gate decides how much of x passes.

    `x` and `gate` have one shape, else `ValueError`; the result has the wider of their dtypes. Without weights: in
    a network x = hV and gate = hW are two linear maps of one hidden vector h. As accurate as `silu`. 0 · ∞ has no
    limit and is NaN. See `help(acts)`.

    >>> swiglu([2.0, 2.0, 2.0], [-1000.0, 0.0, 1000.0])
    array([  -0.,    0., 2000.])
    """
    x, gate = _in_the_widest(_alike(x=x, gate=gate))
    return blockwise(lambda x, out, gate: np.multiply(x, silu.__wrapped__(gate, out), out=out), x, {"gate": gate})


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
    of_x = swiglu(g, gate)
    of_gate = blockwise(_gradient_of_gate, gate, {"x": x, "g": g})
    with np.errstate(all="ignore"):
        return of_x.astype(given[0].dtype, copy=False), of_gate.astype(given[1].dtype, copy=False)


def _gradient_of_gate(gate, out, x, g):
    # The larger factor first: x · g may overflow, or silu′ · g underflow, where the product of all three does not.
    size, other = np.abs(x), np.abs(g)
    y = silu_derivative.__wrapped__(gate, out)
    y *= np.copysign(np.maximum(size, other), x)
    y *= np.copysign(np.minimum(size, other), g)
    return y


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
