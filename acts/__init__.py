"""acts: activation functions, their derivatives, and what the course measures them with.

Elementwise, each NAME with its NAME_derivative
    smooth        sigmoid, tanh, softplus
    rectifiers    relu, relu6, leaky_relu, prelu, rrelu
    exponential   elu, selu
    gates         silu, mish, gelu, gelu_tanh, hardswish
    and           prelu_alpha_gradient, rrelu_slopes

Along an axis
    softmax, softmax_jacobian, softmax_vjp
    log_softmax, log_softmax_vjp, softmax_cross_entropy

Of two arrays
    swiglu, swiglu_vjp

More, imported by name
    acts.catalog         one record for each activation
    acts.symbolic        the same functions in SymPy, and Derivation, the proof that checks itself
    acts.proofs          what Derivation stands on: how lines are read, evaluated and compared
    acts.network         a small network, several seeds at once
    acts.training        train it, at several rates at once
    acts.probes          what one measures in it
    acts.measure         a stopwatch, and the edge where a function reaches its limit
    acts.recurrent       an LSTM cell whose activations can be swapped
    acts.data            the digits, and two moons
    acts.plots           figures
    acts.explorers       sliders
    acts.feedback        check, hint and progress, for the exercises
    acts.ledger          every claim of the article, with its verdict
"""

from acts import elementwise as _elementwise
from acts import softmax as _softmax_module
from acts.elementwise import *  # noqa: F403
from acts.softmax import *  # noqa: F403

__version__ = "0.1.0"

__all__ = [*_elementwise.__all__, *_softmax_module.__all__]
