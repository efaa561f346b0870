"""What the other libraries compute, written the way their users write it: one formula for each function of `acts`.

The formulas are text, so that the report shows exactly what was measured. A library that is not installed is left out,
and so is a function that a library does not have.

SciPy's derivatives are written by hand, since it takes none; PyTorch and JAX differentiate their own functions. For
PyTorch only the backward pass is timed, with the forward pass given.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ACTS, COPY, NAIVE = "acts", "copy", "naive"  # the contenders that are no peers; naive.py has the lines of the last

SCIPY = {
    "sigmoid": "expit(x)",
    "sigmoid_derivative": "expit(x) * expit(-x)",
    "tanh": "np.tanh(x)",
    "tanh_derivative": "1 / np.cosh(x)**2",
    "relu": "np.maximum(x, 0)",
    "relu_derivative": "np.heaviside(x, 0)",
    "relu6": "np.clip(x, 0, 6)",
    "leaky_relu": "np.where(x > 0, x, 0.01 * x)",
    "prelu": "np.where(x > 0, x, 0.25 * x)",
    "rrelu": "np.where(x > 0, x, 11/48 * x)",
    "elu": "np.where(x > 0, x, np.expm1(x))",
    "elu_derivative": "np.exp(np.minimum(x, 0))",
    "selu": "1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))",
    "softplus": "-log_expit(-x)",
    "softplus_derivative": "expit(x)",
    "silu": "x * expit(x)",
    "silu_derivative": "expit(x) * (1 + x * expit(-x))",
    "mish": "x * np.tanh(-log_expit(-x))",
    "gelu": "x * ndtr(x)",
    "gelu_derivative": "ndtr(x) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi).astype(x.dtype)",
    "gelu_tanh": "x / 2 * (1 + np.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))",
    "hardswish": "x * np.clip(x + 3, 0, 6) / 6",
    "softmax": "softmax(x, axis=-1)",
    "log_softmax": "log_softmax(x, axis=-1)",
    "cross-entropy": "-log_softmax(x, axis=-1)[rows, classes]",
    "cross-entropy gradient": "softmax(x, axis=-1) - np.eye(x.shape[-1])[classes]",
}
TORCH = {
    "sigmoid": "torch.sigmoid(x)",
    "tanh": "torch.tanh(x)",
    "relu": "F.relu(x)",
    "relu6": "F.relu6(x)",
    "leaky_relu": "F.leaky_relu(x, 0.01)",
    "prelu": "F.prelu(x, x.new_full((1,), 0.25))",
    "rrelu": "F.rrelu(x)",
    "elu": "F.elu(x)",
    "selu": "F.selu(x)",
    "softplus": "F.softplus(x)",
    "silu": "F.silu(x)",
    "mish": "F.mish(x)",
    "gelu": "F.gelu(x)",
    "gelu_tanh": "F.gelu(x, approximate='tanh')",
    "hardswish": "F.hardswish(x)",
    "softmax": "F.softmax(x, -1)",
    "log_softmax": "F.log_softmax(x, -1)",
    "cross-entropy": "F.cross_entropy(x, torch.from_numpy(classes), reduction='none')",
}
JAX = {
    "sigmoid": "nn.sigmoid(x)",
    "tanh": "jnp.tanh(x)",
    "relu": "nn.relu(x)",
    "relu6": "nn.relu6(x)",
    "leaky_relu": "nn.leaky_relu(x, 0.01)",
    "prelu": "nn.leaky_relu(x, 0.25)",
    "rrelu": "nn.leaky_relu(x, 11/48)",
    "elu": "nn.elu(x)",
    "selu": "nn.selu(x)",
    "softplus": "nn.softplus(x)",
    "silu": "nn.silu(x)",
    "mish": "nn.mish(x)",
    "gelu": "nn.gelu(x, approximate=False)",
    "gelu_tanh": "nn.gelu(x, approximate=True)",
    "hardswish": "nn.hard_swish(x)",
    "softmax": "nn.softmax(x, -1)",
    "log_softmax": "nn.log_softmax(x, -1)",
    "cross-entropy": "-nn.log_softmax(x, -1)[rows, classes]",
}


@dataclass(frozen=True)
class Peer:
    """A library. `prepare(name, x, classes)` returns a function without arguments that computes and returns an array,
    or None if the library has no such function; all that needs to be done only once is done before."""

    label: str
    version: str
    formulas: dict[str, str]
    prepare: Callable


def installed():
    """Return the libraries that can be imported, in the order of the report's columns."""
    found = []
    for load in (_scipy, _torch, _jax):
        try:
            found.append(load())
        except ImportError:
            continue
    return found


def base_of(name):
    """Return the name of the function, and whether its derivative is meant."""
    for ending in ("_derivative", " gradient"):
        if name.endswith(ending):
            return name.removesuffix(ending), True
    return name, False


def _compiled(formula, names):
    return eval(f"lambda x, rows, classes: {formula}", names)


def _scipy():
    import scipy
    from scipy import special

    names = {"np": np, **{name: getattr(special, name) for name in special.__all__}}

    def prepare(name, x, classes=None):
        if name not in SCIPY:
            return None
        function, rows = _compiled(SCIPY[name], names), np.arange(len(x))
        return lambda: function(x, rows, classes)

    return Peer("SciPy", scipy.__version__, SCIPY, prepare)


def _torch():
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)

    def prepare(name, x, classes=None):
        base, differentiated = base_of(name)
        if base not in TORCH:
            return None
        function = _compiled(TORCH[base], {"torch": torch, "F": functional})
        tensor, rows = torch.from_numpy(x), torch.arange(len(x))
        if not differentiated:
            return lambda: function(tensor, rows, classes).numpy()
        leaf = tensor.clone().requires_grad_()
        y = function(leaf, rows, classes)
        ones = torch.ones_like(y)
        return lambda: torch.autograd.grad(y, leaf, ones, retain_graph=True)[0].numpy()

    return Peer("PyTorch", torch.__version__, TORCH, prepare)


def _jax():
    # One thread, as for all others; XLA reads this when it is loaded.
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def prepare(name, x, classes=None):
        base, differentiated = base_of(name)
        if base not in JAX:
            return None
        formula = _compiled(JAX[base], {"jnp": jnp, "nn": jax.nn})
        rows = np.arange(len(x))

        def function(x):
            return formula(x, rows, classes)

        def total(x):
            return function(x).sum()

        compiled, values = jax.jit(jax.grad(total) if differentiated else function), jnp.asarray(x)
        return lambda: np.asarray(compiled(values).block_until_ready())

    return Peer("JAX", jax.__version__, JAX, prepare)
