"""acts: activation functions, their derivatives, and what the course measures them with.

Elementwise, each with its derivative
    sigmoid, tanh, relu, softplus
    sigmoid_derivative, tanh_derivative, relu_derivative, softplus_derivative

Along an axis
    softmax, log_softmax, softmax_cross_entropy

More, imported by name
    acts.catalog     one record for each activation
    acts.symbolic    the same functions in SymPy, and Derivation, the proof that checks itself
    acts.network     a small network, several seeds at once
    acts.measure     a stopwatch, and the edge where a function reaches its limit
    acts.data        the digits
    acts.plots       figures
    acts.explorers   sliders
    acts.feedback    check and hint, for the exercises
"""

from acts.elementwise import (
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    softplus,
    softplus_derivative,
    tanh,
    tanh_derivative,
)
from acts.softmax import log_softmax, softmax, softmax_cross_entropy

__version__ = "0.1.0"

__all__ = [
    "log_softmax", "relu", "relu_derivative", "sigmoid", "sigmoid_derivative", "softmax", "softmax_cross_entropy",
    "softplus", "softplus_derivative", "tanh", "tanh_derivative",
]
