"""acts: activation functions, their derivatives, and what the course measures them with.

Elementwise, each NAME with its NAME_derivative
    {activations}
    {helpers}

Along an axis
    {softmax}

More, imported by name
    acts.catalog         one record for each activation
    acts.symbolic        the same functions in SymPy, and Derivation, the proof that checks itself
    acts.proofs          what Derivation stands on: how lines are read, evaluated and compared
    acts.network         a small network, several seeds at once
    acts.training        train it, at several rates at once
    acts.records         what the recorded experiments found, and their contenders trained again
    acts.probes          what one measures in it
    acts.measure         a stopwatch, and the edge where a function reaches its limit
    acts.recurrent       an LSTM cell whose activations can be swapped
    acts.data            the digits, MNIST-1D, a terrain, and two moons
    acts.plots           figures
    acts.explorers       sliders
    acts.feedback        check, hint and progress, for the exercises
    acts.ledger          every claim of the article, with its verdict

What every function promises
    Input is a number, a list or an array of any shape (along an axis: of one axis or more, and not empty), and is never
    modified. float16, float32 and float64 keep their dtype; float16 is computed in float32, and what goes along an axis
    in float64, but for long rows of float32. Integers and booleans become float64. Anything else is a `TypeError`; a
    parameter, a shape or an axis that does not fit is a `ValueError`; both name it.
    The result has the shape of the input: a number gives a scalar. NaN stays NaN, ±inf gives the limit, equal infinite
    entries of a softmax share equally, and no warning is ever emitted. Subclasses of arrays count as the plain arrays
    of their data: a masked array loses its mask, so fill it first.
    A zero keeps the sign of what leads to it: f(−0.0) is −0.0 where f(0) is 0, and −0.0 is what falls to 0 from below,
    such as silu and its derivative towards −∞, or hardswish left of −3. Every other zero of an elementwise function of
    one argument is +0.0.
    Paper and year of each function stand in `acts.catalog`.
"""

import textwrap

from acts import elementwise as _elementwise
from acts import softmax as _softmax_module
from acts.elementwise import *  # noqa: F403
from acts.softmax import *  # noqa: F403

__version__ = "0.1.0"

__all__ = [*_elementwise.__all__, *_softmax_module.__all__]


def _listed(names):
    return textwrap.fill(", ".join(names), 116).replace("\n", "\n    ")


_names = [name for name in _elementwise.__all__ if not name.endswith("_derivative")]
if __doc__:  # None under python -OO
    __doc__ = __doc__.format(
        activations=_listed(name for name in _names if f"{name}_derivative" in __all__),
        helpers=_listed(name for name in _names if f"{name}_derivative" not in __all__),
        softmax=_listed(_softmax_module.__all__),
    )
