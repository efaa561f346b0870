"""The line that a good student would write for each function of `acts`, in plain NumPy: what `acts` has to be as quick
as, on the numbers where that line is right.

Each key is the call of `acts`, each value the student's line; both are text, so that a report shows exactly what was
measured. `contenders(call, x)` returns both as functions without arguments. Every line keeps float32: a NumPy scalar
such as `np.sqrt(2 / np.pi)` would make float64 of it, a Python number does not.
"""

from functools import cache

import numpy as np

import acts

# The names stand for x, one slope for each channel, one for each element, the gate, and the gradient that comes back;
# dtype, for x.dtype. NumPy has no erf: the lines with it need SciPy.
LINES = {
    "sigmoid(x)": "1 / (1 + np.exp(-x))",
    "sigmoid_derivative(x)": "(s := 1 / (1 + np.exp(-x))) * (1 - s)",
    "tanh(x)": "np.tanh(x)",
    "tanh_derivative(x)": "1 - np.tanh(x) ** 2",
    "relu(x)": "np.maximum(x, 0)",
    "relu_derivative(x)": "(x > 0).astype(dtype)",
    "relu6(x)": "np.minimum(np.maximum(x, 0), 6)",
    "relu6_derivative(x)": "((x > 0) & (x < 6)).astype(dtype)",
    "leaky_relu(x)": "np.where(x > 0, x, 0.01 * x)",
    "leaky_relu_derivative(x)": "np.where(x > 0, dtype.type(1), dtype.type(0.01))",
    "prelu(x)": "np.where(x > 0, x, 0.25 * x)",
    "prelu_derivative(x)": "np.where(x > 0, dtype.type(1), dtype.type(0.25))",
    "prelu(x, alpha, channel_axis=0)": "np.where(x > 0, x, alpha.reshape(column) * x)",
    "prelu_derivative(x, alpha, channel_axis=0)": "np.where(x > 0, dtype.type(1), alpha.reshape(column))",
    "prelu_alpha_gradient(x, upstream)": "(upstream * np.minimum(x, 0)).sum()",
    "prelu_alpha_gradient(x, upstream, channel_axis=0)": "(upstream * np.minimum(x, 0)).sum(axis=others)",
    "rrelu(x)": "np.where(x > 0, x, 11 / 48 * x)",
    "rrelu_derivative(x)": "np.where(x > 0, dtype.type(1), dtype.type(11 / 48))",
    "rrelu(x, slopes)": "np.where(x > 0, x, slopes * x)",
    "rrelu_derivative(x, slopes)": "np.where(x > 0, dtype.type(1), slopes)",
    "elu(x)": "np.where(x > 0, x, np.exp(x) - 1)",
    "elu_derivative(x)": "np.where(x > 0, dtype.type(1), np.exp(x))",
    "selu(x)": "1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(x) - 1))",
    "selu_derivative(x)": "1.0507009873554805 * np.where(x > 0, dtype.type(1), 1.6732632423543772 * np.exp(x))",
    "softplus(x)": "np.log(1 + np.exp(x))",
    "softplus_derivative(x)": "1 / (1 + np.exp(-x))",
    "silu(x)": "x / (1 + np.exp(-x))",
    "silu_derivative(x)": "(s := 1 / (1 + np.exp(-x))) * (1 + x * (1 - s))",
    "mish(x)": "x * np.tanh(np.log(1 + np.exp(x)))",
    "mish_derivative(x)": "(t := np.tanh(np.log(1 + np.exp(x)))) + x * (1 - t * t) / (1 + np.exp(-x))",
    "gelu(x)": "0.5 * x * (1 + erf(0.7071067811865476 * x))",
    "gelu_derivative(x)": "0.5 * (1 + erf(0.7071067811865476 * x)) + 0.3989422804014327 * x * np.exp(-0.5 * x * x)",
    "gelu_tanh(x)": "0.5 * x * (1 + np.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))",
    "gelu_tanh_derivative(x)": (
        "0.5 * (1 + (t := np.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))) "
        "+ 0.5 * x * (1 - t * t) * (0.7978845608028654 + 0.1070322243 * x * x)"
    ),
    "hardswish(x)": "x * np.minimum(np.maximum(x + 3, 0), 6) / 6",
    "hardswish_derivative(x)": "np.where(x < -3, dtype.type(0), np.where(x > 3, dtype.type(1), (2 * x + 3) / 6))",
    "swiglu(x, gate)": "x * gate / (1 + np.exp(-gate))",
    "swiglu_vjp(x, gate, upstream)": (
        "(upstream * gate * (s := 1 / (1 + np.exp(-gate))), upstream * x * s * (1 + gate * (1 - s)))"
    ),
    "softmax(x)": "(e := np.exp(x - x.max(-1, keepdims=True))) / e.sum(-1, keepdims=True)",
    "log_softmax(x)": "(d := x - x.max(-1, keepdims=True)) - np.log(np.exp(d).sum(-1, keepdims=True))",
    "softmax_vjp(y, upstream)": "y * (upstream - (upstream * y).sum(-1, keepdims=True))",
    "log_softmax_vjp(log_y, upstream)": "upstream - np.exp(log_y) * upstream.sum(-1, keepdims=True)",
    "softmax_cross_entropy(x, classes)": (
        "(p := (e := np.exp(x - x.max(-1, keepdims=True))) / e.sum(-1, keepdims=True), "
        "-np.log(np.take_along_axis(p, classes[..., None], -1))[..., 0], p - (classes[..., None] == entries))[1:]"
    ),
    "softmax_cross_entropy(x, y)": (
        "(p := (e := np.exp(x - x.max(-1, keepdims=True))) / e.sum(-1, keepdims=True), "
        "-(y * np.log(p)).sum(-1), p - y)[1:]"
    ),
}
ALONG_AN_AXIS = [call for call in LINES if "softmax" in call]


def name_of(call):
    """Return the name of the function that is called."""
    return call.partition("(")[0]


def lines():
    """Return the table, without the lines that need SciPy where it is not installed."""
    return {call: line for call, line in LINES.items() if "erf(" not in line or _erf() is not None}


def contenders(call, x, classes=None):
    """Return acts' call and the student's line as functions without arguments, all other arrays made from x."""
    rng = np.random.default_rng(1)
    names = {
        "np": np,
        "erf": _erf(),
        "x": x,
        "dtype": x.dtype,
        "alpha": np.linspace(0.1, 0.4, len(x), dtype=x.dtype),
        "column": (-1,) + (1,) * (x.ndim - 1),
        "others": tuple(range(1, x.ndim)),
        "slopes": acts.rrelu_slopes(x.shape, rng=rng).astype(x.dtype),
        "gate": rng.normal(0, 3, x.shape).astype(x.dtype),
        "upstream": rng.normal(0, 1, x.shape).astype(x.dtype),
    }
    if call in ALONG_AN_AXIS:
        names |= {"y": acts.softmax(x), "log_y": acts.log_softmax(x), "entries": np.arange(x.shape[-1])}
        names["classes"] = rng.integers(0, x.shape[-1], x.shape[:-1]) if classes is None else classes
    ours = eval(f"lambda: {call}", {**names, name_of(call): getattr(acts, name_of(call))})
    return ours, eval(f"lambda: {LINES[call]}", names)


@cache
def _erf():
    try:
        from scipy.special import erf
    except ImportError:
        return None
    return erf
