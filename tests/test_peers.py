"""Ten places where a peer is wrong and `acts` is right, named so that a notebook can point to them.

No peer has to be installed: each test computes the peer's formula in NumPy, shows that it is lost (0 or not finite
where a float could say the value) or hundreds of ULP off, and that `acts` keeps its bound at the same inputs.
"""

import math

import mpmath
import numpy as np
import pytest
from oracle import CONTRACTS, Case, Truth, by_mpmath, error_in_ulp, exactly, formula, lost

import acts

# Overflow and 0·∞ are what is looked for here; that `acts` itself never warns is for test_elementwise.py to show.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

erf, erfc = np.vectorize(math.erf), np.vectorize(math.erfc)


def true_values(activation, order, x):
    """Return the true f (order 0) or f′ (order 1) at the floats x, from SymPy and mpmath."""
    function = by_mpmath(formula(Case(activation, order)))
    with mpmath.workdps(60):
        return Truth([exactly(function, one) for one in np.asarray(x, np.float64).tolist()])


def assert_acts_is_right(activation, order, x, true):
    case = Case(activation, order)
    got = case.function(x)
    assert not lost(got, true).any()
    assert error_in_ulp(got, true).max() <= CONTRACTS[activation].ulp[order]


def test_peer_is_wrong_sigmoid_derivative_from_37_on():
    """PyTorch, JAX and the naive formula: s(1 − s) is exactly 0 where the truth is e⁻ˣ, 2643 values of the battery."""
    x = np.arange(37.5, 709)
    true = true_values("sigmoid", 1, x)
    s = 1 / (1 + np.exp(-x))
    assert lost(s * (1 - s), true).all()
    assert_acts_is_right("sigmoid", 1, x, true)


def test_peer_is_wrong_tanh_derivative_from_20_on():
    """PyTorch, JAX and the naive formula: 1 − tanh² is exactly 0 where the truth is 4e^(−2x), some 3900 values."""
    x = np.arange(20.0, 354)
    true = true_values("tanh", 1, x)
    assert lost(1 - np.tanh(x) ** 2, true).all()
    assert_acts_is_right("tanh", 1, x, true)


def test_peer_is_wrong_tanh_by_two_exponentials():
    """The naive formula, NaN at 4186 values; written out in float32, as in the UvA tutorial, NaN from |x| = 90 on."""
    for dtype, edge in ((np.float32, 90), (np.float64, 710)):
        x = np.array([-edge, edge], dtype)
        assert np.isnan((np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))).all()
        assert acts.tanh(x).tolist() == [-1, 1]


def test_peer_is_wrong_softplus_beyond_its_threshold():
    """PyTorch: from x = 20 on it returns x, 5.8e5 ULP off in float64, and 1 for the derivative, 1.8e7 ULP off."""
    x = np.nextafter(20, 21) + np.arange(0, 10) / 4
    function, derivative = true_values("softplus", 0, x), true_values("softplus", 1, x)
    assert error_in_ulp(np.where(x > 20, x, np.log1p(np.exp(x))), function).max() > 5.7e5
    assert error_in_ulp(np.where(x > 20, 1.0, 1 / (1 + np.exp(-x))), derivative).max() > 1.8e7
    assert_acts_is_right("softplus", 0, x, function)
    assert_acts_is_right("softplus", 1, x, derivative)


def test_peer_is_wrong_silu_at_minus_infinity():
    """SciPy, PyTorch and JAX: x·σ(x) is −∞·0 = NaN, where the limit is 0."""
    x = -np.inf
    assert np.isnan(x * (1 / (1 + np.exp(-x))))
    assert acts.silu(x) == acts.silu_derivative(x) == 0


def test_peer_is_wrong_silu_s_lost_tail():
    """SciPy, PyTorch and JAX: σ(x) underflows before x·σ(x) does, even with the best of sigmoids."""
    x = np.array([-746.0, -748.0, -750.0, -751.0])
    true = true_values("silu", 0, x)
    assert lost(x * acts.sigmoid(x), true).all()
    assert_acts_is_right("silu", 0, x, true)


def test_peer_is_wrong_mish_in_its_left_tail():
    """PyTorch: the subnormal digits of tanh(softplus(x)) are multiplied by x, up to 675 ULP off; later all is lost."""
    x = np.linspace(-714.5, -709, 200)
    true = true_values("mish", 0, x)
    assert error_in_ulp(x * np.tanh(np.log1p(np.exp(x))), true).max() > 100
    assert_acts_is_right("mish", 0, x, true)
    far = np.array([-746.0, -750.0])
    true = true_values("mish", 0, far)
    assert lost(far * np.tanh(np.log1p(np.exp(far))), true).all()
    assert_acts_is_right("mish", 0, far, true)


def test_peer_is_wrong_gelu_by_1_plus_erf():
    """PyTorch: 1 + erf cancels, and from −8.3 on nothing is left: 805 values lost."""
    x = np.arange(-38.0, -8.3, 0.25)
    true = true_values("gelu", 0, x)
    assert lost(x / 2 * (1 + erf(x / np.sqrt(2))), true).all()
    assert_acts_is_right("gelu", 0, x, true)


def test_peer_is_wrong_gelu_by_a_rounded_square():
    """SciPy's x·ndtr(x) and JAX's erfc: x/√2 is rounded, and e^(−x²/2) makes 1700 ULP of that."""
    x = np.linspace(-37, -25, 400)
    true = true_values("gelu", 0, x)
    assert error_in_ulp(x / 2 * erfc(-x / np.sqrt(2)), true).max() > 500
    assert_acts_is_right("gelu", 0, x, true)


def test_peer_is_wrong_elu_and_selu_derivatives_in_the_left_tail():
    """JAX: it differentiates expm1 as expm1 + 1, which is exactly 0 where the truth is eˣ."""
    x = np.arange(-700.0, -38)
    for activation, scale in (("elu", 1), ("selu", 1.7580993408473768)):
        true = true_values(activation, 1, x)
        assert lost(scale * (np.expm1(x) + 1), true).all()
        assert_acts_is_right(activation, 1, x, true)
