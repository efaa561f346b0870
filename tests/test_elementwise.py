"""The elementwise functions: accuracy, limits, kinds of input, errors, and what mathematics says of them."""

import decimal
import fractions
import itertools
import re
import tracemalloc
import warnings

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from oracle import (
    CASES,
    CONTRACTS,
    DTYPES,
    FLOAT16_ULP,
    FLOAT32_ULP,
    Truth,
    battery,
    battery_of,
    by_mpmath,
    error_in_ulp,
    exactly,
    formula,
    inputs,
    is_normal,
    lost,
    truth,
    ulp_of,
    worst,
)

import acts
from acts import symbolic
from acts._arrays import LARGE_BLOCK, float_array
from acts.catalog import ACTIVATIONS

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
derivatives = [case for case in CASES if case.order]
SMOOTH_DERIVATIVES = [case for case in derivatives if not case.record.kinks]
quick = settings(max_examples=60, deadline=None, derandomize=True)


def test_every_activation_has_a_contract():
    assert set(CONTRACTS) == set(ACTIVATIONS)


# ── Accuracy ──────────────────────────────────────────────────────────────────────────────────────────────────────


@each_case
def test_float64_is_accurate(case):
    x, true = inputs(case), truth(case)
    got = case.function(x)
    if case.contract.absolute is not None:
        off = np.abs(np.where(got == true.high, 0, got - true.high - true.low)) / np.maximum(1, np.abs(x))
        assert off.max() <= case.contract.absolute, worst(x, got, true, off)
        return
    error = error_in_ulp(got, true, at_least=case.least(x))
    normal = is_normal(true)
    assert error[normal].max() <= case.ulp, worst(x[normal], got[normal], true[normal], error[normal])
    # Below the normal numbers ULP no longer grow small; the bound is kept there too.
    assert error.max() <= max(case.ulp, 1), worst(x, got, true, error)


@each_case
def test_float64_loses_nothing(case):
    x, true = inputs(case), truth(case)
    dead = lost(case.function(x), true)
    assert not dead.any(), f"{dead.sum()} values lost, such as at {x[dead][:5]}"


@each_case
@pytest.mark.parametrize(("dtype", "bound"), [(np.float32, FLOAT32_ULP), (np.float16, FLOAT16_ULP)])
def test_small_types_are_accurate(case, dtype, bound):
    """Against float64, which the tests above hold to mpmath: every float16, and float32 from end to end."""
    x = battery_of(dtype)
    true, got = case.function(x.astype(np.float64)), case.function(x)
    error = error_in_ulp(got, true, dtype, at_least=case.least(x))
    sayable = np.abs(true) <= float(np.finfo(dtype).max)
    assert error[sayable].max() <= bound, worst(x[sayable], got[sayable], true[sayable], error[sayable])
    dead = lost(got, true, dtype)
    assert not dead.any(), f"{dead.sum()} values lost, such as at {x[dead][:5]}"


@each_case
def test_the_oracle_agrees_with_the_course_s_own_evaluation(case):
    """`symbolic.evaluate` bounds its own error; the oracle's way is 30 times faster."""
    x = [x for x in inputs(case)[:: len(inputs(case)) // 40].tolist() if abs(x) < 1e4]
    function = by_mpmath(formula(case))
    for one, value in zip(x, symbolic.evaluate(formula(case), x), strict=True):
        assert abs(exactly(function, one) - value) <= abs(value) * mpmath.mpf(10) ** -25 + mpmath.mpf(10) ** -420


@pytest.mark.parametrize("case", SMOOTH_DERIVATIVES, ids=str)
def test_the_oracle_bites(case):
    """The derivative as a central difference of the function has half of the digits, and the bounds see it."""
    x, true = inputs(case), truth(case)
    with np.errstate(all="ignore"):
        rough = (case.record.function(x + 1e-5) - case.record.function(x - 1e-5)) / 2e-5
    assert error_in_ulp(rough, true)[np.abs(x) < 5].max() > 1000
    assert lost(rough, true).any()


# ── The ends of the number line ───────────────────────────────────────────────────────────────────────────────────


@each_case
@each_dtype
def test_limits_at_infinity(case, dtype):
    got = case.function(np.array([-np.inf, np.inf], dtype))
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, np.array(case.limits, dtype))


@each_case
@each_dtype
def test_nan_stays_nan_and_alone(case, dtype):
    got = case.function(np.array([np.nan, 1, -np.nan, -1, 0], dtype))
    assert np.isnan(got).tolist() == [True, False, True, False, False]
    assert np.isnan(case.function(dtype("nan")))


@each_case
@each_dtype
def test_both_zeros_give_the_same(case, dtype):
    plus, minus = case.function(dtype(0.0)), case.function(dtype(-0.0))
    assert plus == minus


FALL_TO_ZERO_FROM_BELOW = {
    "silu", "silu_derivative", "mish", "mish_derivative", "gelu", "gelu_derivative", "gelu_tanh",
    "gelu_tanh_derivative", "hardswish",
}  # fmt: skip


@each_case
@each_dtype
def test_zeros_have_one_rule_for_their_sign(case, dtype):
    x = np.tile(np.array([-np.inf, -6e4, -5, -3, -0.0, 0.0, 6, 6e4, np.inf], dtype), 9)
    below = (str(case) in FALL_TO_ZERO_FROM_BELOW) & (x < 0)
    kept = (case.order == 0) & (x == 0) & np.signbit(x)
    got = case.function(x)
    zero = got == 0
    np.testing.assert_array_equal(np.signbit(got)[zero], (below | kept)[zero])
    if case.order == 0 and not case.function(0.0):
        assert np.signbit(case.function(dtype(-0.0))) and not np.signbit(case.function(dtype(0.0)))


@each_case
@each_dtype
def test_nothing_warns(case, dtype):
    with np.errstate(all="ignore"):
        hard = np.concatenate([battery().astype(dtype), [np.inf, -np.inf, np.nan, -0.0]], dtype=dtype)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        case.function(hard)
        case.function(hard[::-2])
        for one in hard[:: len(hard) // 50]:
            case.function(one)
            case.function(float(one))
        assert set(np.geterr().values()) == {"raise"}, "the caller's settings are left alone"


@each_case
@each_dtype
def test_values_lie_in_the_range_of_the_record(case, dtype):
    """No rounding lifts σ′ above 1/4: near the top, where it could, as well as everywhere else."""
    with np.errstate(all="ignore"):
        hard = battery().astype(dtype)
    near_zero = np.linspace(-0.01, 0.01, 100_001, dtype=dtype)
    got = case.function(np.concatenate([hard, near_zero, near_zero / 10_000]))
    # An end such as the lowest value of silu is no float16, and only nearly a float64.
    slack = [0 if float(np.float16(end)) == end else 4 * ulp_of(end, dtype) for end in case.range]
    assert got.min() >= case.range[0] - slack[0] and got.max() <= case.range[1] + slack[1]


# ── Kinds of input ────────────────────────────────────────────────────────────────────────────────────────────────


def bits_equal(one, other):
    np.testing.assert_array_equal(one, other)
    assert one.dtype == other.dtype and np.shape(one) == np.shape(other)


@each_case
@each_dtype
def test_float_dtypes_are_kept(case, dtype):
    assert case.function(np.zeros((2, 3), dtype)).dtype == dtype
    assert type(case.function(dtype(1))) is dtype
    assert type(case.function(np.array(1, dtype))) is dtype, "0-d in, scalar out"


@each_case
@pytest.mark.parametrize("dtype", [bool, *np.typecodes["AllInteger"]], ids=str)
def test_integers_and_booleans_become_float64(case, dtype):
    x = np.array([0, 1, 1, 0], dtype)
    bits_equal(case.function(x), case.function(x.astype(np.float64)))
    assert type(case.function(x[1])) is np.float64


@each_case
def test_large_integers_do_not_wrap_around(case):
    for x in (np.array([-(2**63), 2**63 - 1]), np.array([2**64 - 1], np.uint64)):
        bits_equal(case.function(x), case.function(x.astype(np.float64)))


@each_case
@pytest.mark.parametrize("x", [2, 2.0, True, np.float64(2), np.array(2.0)], ids=lambda x: type(x).__name__)
def test_a_number_gives_a_number(case, x):
    got = case.function(x)
    assert type(got) is np.float64 and got == case.function([float(x)])[0]


@each_case
@pytest.mark.parametrize("x", [[-1, 0, 2], (-1.0, 0.0, 2.0), range(-1, 3), [[1, 2], [3, 4]], [np.float64(1), 2]])
def test_sequences_are_arrays(case, x):
    bits_equal(case.function(x), case.function(np.array(x, np.float64)))


SEVERAL = {
    "prelu": lambda x: acts.prelu(x, np.linspace(-0.5, 2, x.shape[1]), channel_axis=1),
    "prelu, flat": lambda x: acts.prelu(x, np.linspace(0, 1, x.shape[1]), channel_axis=1),
    "prelu_derivative": lambda x: acts.prelu_derivative(x, np.linspace(-0.5, 2, x.shape[1]), channel_axis=1),
    "rrelu": lambda x: acts.rrelu(x, np.cos(np.nan_to_num(x, posinf=1, neginf=2))),
    "rrelu_derivative": lambda x: acts.rrelu_derivative(x, np.sin(np.nan_to_num(x, posinf=1, neginf=2))),
    "swiglu": lambda x: acts.swiglu(x, x[::-1]),
    "swiglu_vjp": lambda x: np.stack(acts.swiglu_vjp(x, x[::-1], x[:, ::-1]), -1),
}


@pytest.mark.parametrize("name", SEVERAL)
@each_dtype
def test_functions_of_several_arrays_take_any_layout(name, dtype):
    """With a block of one row, of many, and with arrays that lie in memory in different orders."""
    x = np.random.default_rng(5).normal(0, 5, (LARGE_BLOCK // 40, 60)).astype(dtype)
    x[0, :6] = -np.inf, np.inf, np.nan, -0.0, 0.0, -50
    whole = SEVERAL[name](x)
    assert whole.dtype == dtype
    np.testing.assert_array_equal(SEVERAL[name](np.asfortranarray(x)), whole)
    np.testing.assert_array_equal(SEVERAL[name](np.repeat(x, 2, axis=1)[:, ::2]), whole)
    before = x.copy()
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(SEVERAL[name](x), whole)
    np.testing.assert_array_equal(x, before)
    part = np.concatenate([x[:2], x[-2:]])  # as small as a block, with the same partners
    np.testing.assert_array_equal(SEVERAL[name](part)[:2], SEVERAL[name](np.concatenate([x, x])[[0, 1, -2, -1]])[:2])


@pytest.mark.parametrize("shape", [(3, LARGE_BLOCK + 7), (LARGE_BLOCK + 7, 3), (2, 3, LARGE_BLOCK // 2), (1, 1, 9)])
def test_one_row_may_be_longer_than_a_block(shape):
    x = np.random.default_rng(6).normal(0, 5, shape)
    for axis, channels in enumerate(shape):
        alpha = np.linspace(-1, 2, channels)
        wide = alpha.reshape([-1 if one == axis else 1 for one in range(len(shape))])
        np.testing.assert_array_equal(acts.prelu(x, alpha, channel_axis=axis), np.where(x > 0, x, wide * x))
        others = tuple(one for one in range(len(shape)) if one != axis)
        loop = (np.minimum(x, 0) * x).sum(axis=others)
        np.testing.assert_allclose(acts.prelu_alpha_gradient(x, x, axis), loop, rtol=1e-12)
    np.testing.assert_allclose(acts.prelu_alpha_gradient(x, x), (np.minimum(x, 0) * x).sum(), rtol=1e-12)


@each_case
@each_dtype
def test_the_reader_s_settings_change_no_value(case, dtype):
    with np.errstate(all="ignore"):
        x = np.concatenate([battery().astype(dtype), [np.inf, -np.inf, np.nan]], dtype=dtype)
    quiet = case.function(x)
    with np.errstate(all="raise"):
        bits_equal(case.function(x), quiet)
        bits_equal(case.function(x.reshape(1, -1).T), quiet.reshape(-1, 1))


def test_the_identity_is_a_copy():
    for x in (np.ones(3), np.ones(LARGE_BLOCK + 1)):
        for got in (acts.leaky_relu(x, 1), acts.relu(x), acts.prelu(x, 1), acts.rrelu(x, x), acts.elu(x)):
            assert not np.shares_memory(got, x) and got.flags.writeable and (got == x).all()


@each_case
@each_dtype
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0, 2)], ids=str)
def test_empty_gives_empty(case, dtype, shape):
    got = case.function(np.empty(shape, dtype))
    assert got.shape == shape and got.dtype == dtype


LAYOUTS = {
    "Fortran": np.asfortranarray,
    "transposed": lambda x: x.T,
    "every other": lambda x: x[::2, 1::3],
    "backwards": lambda x: x[::-1, ::-1],
    "broadcast": lambda x: np.broadcast_to(x[:1], (5, *x.shape)),
    "new axes": lambda x: x[:, None, :, None],
    "swapped": lambda x: np.swapaxes(x[:, :, None] + np.zeros(3, x.dtype), 0, 2),
    "unaligned": lambda x: np.frombuffer(b"?" + x.tobytes(), x.dtype, offset=1).reshape(x.shape),
}


@each_case
def test_any_memory_layout(case):
    """Each function meets every layout, and the types in turn."""
    for layout, dtype in zip(LAYOUTS, itertools.cycle(DTYPES), strict=False):
        # Large enough for several blocks in every layout.
        x = LAYOUTS[layout](np.random.default_rng(1).normal(0, 5, (LARGE_BLOCK // 40, 60)).astype(dtype))
        bits_equal(case.function(x), case.function(np.ascontiguousarray(x)))


@each_case
@each_dtype
def test_any_byte_order_gives_the_machine_s(case, dtype):
    x = np.linspace(-9, 9, 33, dtype=dtype)
    swapped = x.astype(x.dtype.newbyteorder("S"))
    got = case.function(swapped)
    bits_equal(got, case.function(x))
    assert got.dtype.isnative
    assert case.function(swapped[0]) == case.function(x[0])


@each_case
def test_subclasses_give_plain_arrays(case):
    x = np.array([[-1.0, 2.0]])
    for special in (x.view(np.matrix), np.ma.array(x, mask=[[True, False]]), x.view(np.recarray)):
        got = case.function(special)
        assert type(got) is np.ndarray
        bits_equal(got, case.function(x))


@each_case
@each_dtype
def test_the_input_is_never_modified(case, dtype):
    for x in (np.linspace(-3, 3, LARGE_BLOCK + 5, dtype=dtype), np.array(0.5, dtype), np.ones((3, 4), dtype).T):
        before = x.copy()
        got = case.function(x)
        np.testing.assert_array_equal(x, before)
        assert not np.shares_memory(got, x)
        frozen = before
        frozen.flags.writeable = False
        bits_equal(case.function(frozen), got)


@each_case
def test_the_result_can_be_written(case):
    for x in (np.ones(3), np.broadcast_to(1.0, (3,)), [1.0, 2.0, 3.0]):
        case.function(x)[0] = 7


@each_case
@each_dtype
def test_blocks_are_invisible(case, dtype):
    """Around every border of a block each element comes out as it does alone."""
    x = np.random.default_rng(2).normal(0, 30, 2 * LARGE_BLOCK + 3).astype(dtype)
    whole = case.function(x)
    for size in (
        1,
        LARGE_BLOCK - 1,
        LARGE_BLOCK,
        LARGE_BLOCK + 1,
        2 * LARGE_BLOCK - 1,
        2 * LARGE_BLOCK,
        2 * LARGE_BLOCK + 1,
    ):
        np.testing.assert_array_equal(case.function(x[:size]), whole[:size])
    borders = [
        0,
        LARGE_BLOCK - 1,
        LARGE_BLOCK,
        LARGE_BLOCK + 1,
        2 * LARGE_BLOCK - 1,
        2 * LARGE_BLOCK,
        2 * LARGE_BLOCK + 2,
    ]
    # Vector and scalar code of the machine's libraries may differ in the last bits.
    alone = np.array([case.function(one) for one in x[borders]])
    assert error_in_ulp(alone, whole[borders].astype(np.float64), dtype, case.least(x[borders])).max() <= 8


@each_case
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=lambda dtype: dtype.__name__)
def test_memory_stays_small(case, dtype):
    x = np.linspace(-9, 9, 1_000_000, dtype=dtype)
    tracemalloc.start()
    try:
        case.function(x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * x.nbytes, "the result, and blocks that are small beside it"


# ── Errors ────────────────────────────────────────────────────────────────────────────────────────────────────────

UNFIT = {
    "complex": (1 + 2j, "(1+2j) (complex)"),
    "complex list": ([1 + 2j], "an array of complex128 (list)"),
    "string": ("a", "'a' (str)"),
    "number as a string": ("1.0", "'1.0' (str)"),
    "strings": (["a", "b"], "an array of <U1 (list)"),
    "mixed": ([1, "a"], "an array of <U21 (list)"),
    "bytes": (b"a", "b'a' (bytes)"),
    "None": (None, "None (NoneType)"),
    "list with None": ([1.0, None], "an array of object (list)"),
    "object array": (np.array([1.0], object), "an array of object (ndarray)"),
    "Fraction": (fractions.Fraction(1, 2), "Fraction(1, 2) (Fraction)"),
    "Decimal": (decimal.Decimal(1), "Decimal('1') (Decimal)"),
    "int of 100 bits": (1 << 100, f"{1 << 100} (int)"),
    "dict": ({"a": 1}, "{'a': 1} (dict)"),
    "set": ({1}, "{1} (set)"),
    "ragged": ([[1.0], [1.0, 2.0]], "rows of different lengths (list)"),
    "datetime": (np.datetime64("2020-01-01"), "np.datetime64('2020-01-01') (datetime64)"),
    "timedelta": (np.array([1], "m8[s]"), "an array of timedelta64[s] (ndarray)"),
    "record": (np.array([(1.0,)], [("field", "f8")]), "an array of [('field', '<f8')] (ndarray)"),
    "function": (len, "<built-in function len> (builtin_function_or_method)"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_unfit_input_is_refused_in_words(kind):
    unfit, said = UNFIT[kind]
    with pytest.raises(TypeError) as error:
        float_array(unfit)
    message = str(error.value)
    assert message.startswith("x must be "), "names the argument"
    assert "float16, float32, float64, integers or booleans" in message, "says what was expected"
    assert message.endswith(f"; got {said}"), "says what was given"


@each_case
def test_every_function_refuses_unfit_input(case):
    unfit, said = UNFIT["complex"]  # the one that NumPy would compute with
    with pytest.raises(TypeError, match=f"^x must be .*; got {re.escape(said)}$"):
        case.function(unfit)


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize == 8, reason="longdouble is float64 on this machine")
@each_case
def test_longer_floats_are_refused(case):
    with pytest.raises(TypeError, match=r"^x must be .*; got an array of (float|longdouble)\d+ \(ndarray\)$"):
        case.function(np.ones(2, np.longdouble))


def test_the_name_of_the_argument_can_be_given():
    with pytest.raises(TypeError, match="^logits must be "):
        float_array("a", "logits")


@each_case
def test_wrong_arguments_are_refused(case):
    with pytest.raises(TypeError, match=f"{case}.*'x'"):
        case.function()
    with pytest.raises(TypeError, match="beta"):
        case.function(1.0, beta=1)


@each_case
def test_arguments_by_name(case):
    assert case.function(x=0.5) == case.function(0.5)


# ── ReLU at its kink ──────────────────────────────────────────────────────────────────────────────────────────────


@each_dtype
def test_relu_derivative_at_zero_is_zero_unless_asked(dtype):
    x = np.array([-1, -0.0, 0.0, 1], dtype)
    assert acts.relu_derivative(x).tolist() == [0, 0, 0, 1]
    assert acts.relu_derivative(x).dtype == dtype


@each_dtype
@pytest.mark.parametrize("at_zero", [0, 1, 0.5, 0.1, 1e-300, np.float32(0.25), np.float64(1), np.int8(1)])
def test_relu_derivative_takes_any_subgradient(dtype, at_zero):
    x = np.array([-1, -0.0, 0.0, 1, np.nan], dtype)
    got = acts.relu_derivative(x, at_zero=at_zero)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(got, np.array([0, at_zero, at_zero, 1, np.nan], dtype))
    assert got.dtype == dtype
    np.testing.assert_array_equal(acts.relu_derivative(x, at_zero), got)


NO_SUBGRADIENTS = [
    -0.1, 1.1, 2, -1, np.nan, np.inf, -5e-324, np.nextafter(1, 2), 10**400, True, "a", "0.5", None, [0.5],
    np.array([0.5]), np.array([0.5, 0.5]), 0.5 + 0j, 1j, {},
]  # fmt: skip


@pytest.mark.parametrize("at_zero", NO_SUBGRADIENTS, ids=lambda x: repr(x)[:20])
def test_relu_derivative_refuses_what_is_no_subgradient(at_zero):
    with pytest.raises(ValueError) as error:
        acts.relu_derivative([0.0], at_zero=at_zero)
    message = str(error.value)
    assert message.startswith("at_zero must ") and "the interval [0, 1]" in message
    assert message.endswith(f"; got {at_zero!r}")


@pytest.mark.parametrize("case", [case for case in derivatives if case.record.kinks], ids=str)
@each_dtype
def test_derivatives_at_kinks_are_as_promised(case, dtype):
    kinks = np.array(case.record.kinks, dtype)
    np.testing.assert_allclose(case.function(kinks), case.contract.at_kinks, rtol=2 * np.finfo(dtype).eps)


# ── Leaky ReLU and its choice at the kink ─────────────────────────────────────────────────────────────────────────


@each_dtype
@pytest.mark.parametrize("alpha", [0, 1, -0.1, 2, 0.3, np.float32(0.1)])
def test_leaky_relu_takes_any_slope(dtype, alpha):
    x = np.array([-np.inf, -2, -0.0, 0.0, 3, np.inf, np.nan], dtype)
    slope = dtype(alpha)
    end = -np.inf * np.sign(slope) if slope else 0
    np.testing.assert_array_equal(acts.leaky_relu(x, alpha), [end, dtype(-2 * float(alpha)), 0, 0, 3, np.inf, np.nan])
    np.testing.assert_array_equal(
        acts.leaky_relu_derivative(x, alpha), np.array([slope, slope, slope, slope, 1, 1, np.nan], dtype)
    )
    assert acts.leaky_relu(x, alpha).dtype == acts.leaky_relu_derivative(x, alpha).dtype == dtype


def test_leaky_relu_is_relu_at_0_and_the_identity_at_1():
    x = battery()
    np.testing.assert_array_equal(acts.leaky_relu(x, 0), acts.relu(x))
    np.testing.assert_array_equal(acts.leaky_relu(x, 1), x)
    np.testing.assert_array_equal(acts.leaky_relu_derivative(x, 0), acts.relu_derivative(x))


@pytest.mark.parametrize(
    ("alpha", "at_zero"),
    [(0.1, 0.1), (0.1, 1), (0.1, 0.55), (2, 1), (2, 1.5), (2, 2), (-0.1, 0), (-0.1, -0.1), (0, 0), (1, 1)],
)
def test_leaky_relu_derivative_takes_any_subgradient(alpha, at_zero):
    got = acts.leaky_relu_derivative([-1, -0.0, 0.0, 1], alpha=alpha, at_zero=at_zero)
    np.testing.assert_array_equal(got, [alpha, at_zero, at_zero, 1])


def test_leaky_relu_derivative_at_zero_is_alpha_unless_asked():
    assert acts.leaky_relu_derivative(0.0) == 0.01
    assert acts.leaky_relu_derivative(0.0, 0.3) == acts.leaky_relu_derivative(0.0, 0.3, None) == 0.3


@pytest.mark.parametrize(
    ("alpha", "at_zero", "interval"),
    [(0.01, 0, "[0.01, 1]"), (0.5, 0.49, "[0.5, 1]"), (2, 0.99, "[1, 2]"), (2, 2.01, "[1, 2]"), (1, 0, "[1, 1]"),
     (0, -0.1, "[0, 1]"), (0.01, 1.1, "[0.01, 1]"), (0.01, np.nan, "[0.01, 1]"), (0.01, "0.5", "[0.01, 1]")],
)  # fmt: skip
def test_leaky_relu_derivative_refuses_what_is_no_subgradient(alpha, at_zero, interval):
    with pytest.raises(ValueError) as error:
        acts.leaky_relu_derivative([0.0], alpha=alpha, at_zero=at_zero)
    message = str(error.value)
    assert message.startswith("at_zero must ") and f"leaky_relu at 0, the interval {interval}" in message
    assert message.endswith(f"; got {at_zero!r}")


# ── ELU's alpha, SELU's constants ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("alpha", [0.5, 2, 0, 1.25, -3, 100, 1e300, -1e-300])
@pytest.mark.parametrize("order", [0, 1])
def test_elu_of_any_alpha_is_what_sympy_says(alpha, order):
    x = inputs(CASES[0])[::5]
    x = x[x != 0] if order else x
    function = by_mpmath(sp.diff(symbolic.elu(alpha=alpha), symbolic.x, order))
    with mpmath.workdps(60):
        true = Truth([exactly(function, one) for one in x.tolist()])
    got = (acts.elu_derivative if order else acts.elu)(x, alpha)
    assert error_in_ulp(got, true).max() <= 2
    assert not lost(got, true).any()


def test_elu_derivative_keeps_what_a_large_alpha_brings_back():
    """Far left eˣ alone is subnormal, or 0."""
    assert acts.elu_derivative(-745, alpha=100) == 2.82e-322
    assert acts.elu_derivative(-1000, alpha=1e300) == pytest.approx(5.0759588975494e-135, rel=1e-13)
    assert acts.elu_derivative(np.float32(-104), alpha=1e30) == pytest.approx(6.8e-16, rel=1e-2)
    x = np.array([-np.inf, -1000, -800, np.nan, 0, 1])
    np.testing.assert_array_equal(np.isnan(acts.elu_derivative(x, 1e300)), np.isnan(x))
    assert acts.elu_derivative(x, 1e300)[[0, -1]].tolist() == [0, 1]


@pytest.mark.parametrize("alpha", [1e-60, 1e300, -1e300])
@pytest.mark.parametrize(
    "function", [acts.leaky_relu, acts.leaky_relu_derivative, acts.prelu, acts.prelu_derivative, acts.elu]
)
def test_parameters_that_a_float32_cannot_hold(function, alpha):
    x = np.array([-3e38, -2.0, -1e-40, -0.0, 0.0, 2.0, np.inf, np.nan], np.float32)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(function(x, alpha), function(x.astype(np.float64), alpha).astype(np.float32))


def test_elu_derivative_at_zero_is_the_slope_from_the_left():
    assert acts.elu_derivative(0.0, 0.5) == acts.elu_derivative(-0.0, alpha=0.5) == 0.5
    assert acts.elu(-np.inf, 2) == -2 and acts.elu_derivative(-np.inf, 2) == 0


def test_selu_keeps_mean_0_and_variance_1():
    """Under the standard normal distribution, by Gauss's rule on both sides of the kink."""
    node, weight = np.polynomial.legendre.leggauss(200)
    x = np.concatenate([10 * (node - 1), 10 * (node + 1)])
    density = np.tile(10 * weight, 2) * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    y = acts.selu(x)
    assert abs((density * y).sum()) < 1e-14 and abs((density * y * y).sum() - 1) < 1e-14


# ── PReLU: one slope for all, or one for each channel ─────────────────────────────────────────────────────────────

SHAPE = (2, 3, 4, 5)
each_axis = pytest.mark.parametrize("axis", range(-4, 4))


def signed(shape, dtype=np.float64, seed=3):
    return np.random.default_rng(seed).normal(0, 2, shape).astype(dtype)


@each_axis
@each_dtype
def test_prelu_per_channel_is_leaky_relu_channel_by_channel(axis, dtype):
    x = signed(SHAPE, dtype)
    x[0] = 0
    alpha = np.linspace(-0.5, 2, SHAPE[axis])
    got, slope = acts.prelu(x, alpha, channel_axis=axis), acts.prelu_derivative(x, alpha, channel_axis=axis)
    assert got.dtype == slope.dtype == dtype and got.shape == slope.shape == SHAPE
    for channel in range(SHAPE[axis]):
        one = np.take(x, channel, axis)
        np.testing.assert_array_equal(np.take(got, channel, axis), acts.leaky_relu(one, alpha[channel]))
        np.testing.assert_array_equal(np.take(slope, channel, axis), acts.leaky_relu_derivative(one, alpha[channel]))


@each_dtype
def test_prelu_shared_is_leaky_relu(dtype):
    x = signed(SHAPE, dtype)
    for alpha in (0.25, np.float32(0.25), np.array(0.25), 1 / 4):
        bits_equal(acts.prelu(x, alpha), acts.leaky_relu(x, 0.25))
        bits_equal(acts.prelu_derivative(x, alpha, channel_axis=1), acts.leaky_relu_derivative(x, 0.25))
    bits_equal(acts.prelu(x, [0.25] * 3, channel_axis=1), acts.prelu(x))


@each_axis
def test_prelu_alpha_gradient_is_the_loop_s(axis):
    x, upstream = signed(SHAPE), signed(SHAPE, seed=4)
    loop = np.zeros(SHAPE[axis])
    for index in np.ndindex(SHAPE):
        if x[index] < 0:
            loop[index[axis]] += upstream[index] * x[index]
    np.testing.assert_allclose(acts.prelu_alpha_gradient(x, upstream, axis), loop, rtol=1e-13)
    np.testing.assert_allclose(acts.prelu_alpha_gradient(x, upstream), loop.sum(), rtol=1e-13)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_prelu_gradients_are_those_of_finite_differences(axis):
    x, upstream = signed((3, 4, 5)), signed((3, 4, 5), seed=4)
    alpha = np.array(0.3) if axis is None else np.linspace(0.1, 0.7, x.shape[axis])

    def loss(alpha, x=x):
        return (upstream * acts.prelu(x, alpha, axis)).sum()

    gradient = acts.prelu_alpha_gradient(x, upstream, axis)
    assert np.shape(gradient) == alpha.shape, "the shape of alpha"
    for index in np.ndindex(alpha.shape):
        step = np.zeros(alpha.shape)
        step[index] = 1e-3  # the loss is linear in alpha: no step is too large
        slope = (loss(alpha + step) - loss(alpha - step)) / 2e-3
        np.testing.assert_allclose(np.asarray(gradient)[index], slope, rtol=1e-9)
    toward = signed(x.shape, seed=5) * 1e-7
    slope = (loss(alpha, x + toward) - loss(alpha, x - toward)) / 2
    assert slope == pytest.approx((upstream * acts.prelu_derivative(x, alpha, axis) * toward).sum(), rel=1e-6)


@each_dtype
def test_prelu_alpha_gradient_keeps_the_dtype_and_sums_in_float64(dtype):
    x, upstream = np.full((100_000, 1), -0.1, dtype), np.ones((100_000, 1), dtype)
    got = acts.prelu_alpha_gradient(x / 10, upstream, 1)
    assert got.dtype == dtype and got.shape == (1,)
    np.testing.assert_allclose(got, dtype(np.float64((x / 10)[0, 0]) * 100_000), rtol=1e-12)
    assert type(acts.prelu_alpha_gradient(x, upstream)) is dtype
    assert acts.prelu_alpha_gradient([-1, 2], [3, 4]) == -3 and acts.prelu_alpha_gradient(-2, 3) == -6


def test_prelu_alpha_gradient_at_the_ends():
    """Where x is positive alpha has no part, not even if x or upstream is infinite there; NaN stays NaN."""
    assert acts.prelu_alpha_gradient([np.inf, 0.0, -1.0], [1.0, 1.0, 2.0]) == -2
    assert acts.prelu_alpha_gradient([1.0, -1.0], [np.inf, 2.0]) == -2
    assert np.isnan(acts.prelu_alpha_gradient([np.nan, -1.0], [1.0, 2.0]))
    np.testing.assert_array_equal(acts.prelu_alpha_gradient(np.empty((0, 3)), np.empty((0, 3)), 1), [0, 0, 0])


# ── RReLU: slopes drawn, kept, and their mean ─────────────────────────────────────────────────────────────────────


@each_dtype
def test_rrelu_uses_the_slopes_that_were_drawn_forwards_and_backwards(dtype):
    x = signed(SHAPE, dtype)
    slopes = acts.rrelu_slopes(x.shape, rng=1)
    kept = slopes.copy()
    y, gradient = acts.rrelu(x, slopes), acts.rrelu_derivative(x, slopes)
    assert y.dtype == gradient.dtype == dtype
    narrow = slopes.astype(np.float32 if dtype == np.float16 else dtype)
    wide = x.astype(narrow.dtype)
    np.testing.assert_array_equal(y, np.where(x > 0, wide, narrow * wide).astype(dtype))
    np.testing.assert_array_equal(gradient, np.where(x > 0, 1, narrow).astype(dtype))
    np.testing.assert_array_equal(slopes, kept)
    bits_equal(acts.rrelu(x.T, slopes.T), y.T)  # each slope stays with its element in any memory layout


def test_rrelu_without_slopes_is_the_mean_line():
    x = signed(SHAPE)
    bits_equal(acts.rrelu(x), acts.leaky_relu(x, (1 / 8 + 1 / 3) / 2))
    bits_equal(acts.rrelu_derivative(x, lower=0.1, upper=0.5), acts.leaky_relu_derivative(x, 0.3))
    bits_equal(acts.rrelu(x, lower=0.2, upper=0.2), acts.leaky_relu(x, 0.2))


def test_rrelu_slopes_are_uniform_and_belong_to_their_seed():
    slopes = acts.rrelu_slopes((200, 500), rng=7)
    assert slopes.shape == (200, 500) and slopes.dtype == np.float64
    assert 1 / 8 <= slopes.min() < 0.1251 and 0.3332 < slopes.max() <= 1 / 3
    share, _ = np.histogram(slopes, 20, (1 / 8, 1 / 3))
    assert ((share - 5000) ** 2 / 5000).sum() < 43.8  # χ² with 19 degrees of freedom, 1 in 1000
    np.testing.assert_array_equal(acts.rrelu_slopes((200, 500), rng=7), slopes)
    np.testing.assert_array_equal(acts.rrelu_slopes((200, 500), rng=np.random.default_rng(7)), slopes)
    assert (acts.rrelu_slopes((200, 500), rng=8) != slopes).all()
    assert (acts.rrelu_slopes(9) != acts.rrelu_slopes(9)).any(), "fresh where no seed is given"
    assert acts.rrelu_slopes(3, 0.2, 0.2, rng=0).tolist() == [0.2] * 3
    assert acts.rrelu_slopes(1000, -1, 2, rng=0).min() < -0.9


def test_rrelu_in_training_is_on_average_rrelu_in_testing():
    x = np.array([-3.0, -0.5, 2.0])
    rng = np.random.default_rng(11)
    mean = np.mean([acts.rrelu(x, acts.rrelu_slopes(3, rng=rng)) for _ in range(4000)], axis=0)
    spread = np.abs(x) * (1 / 3 - 1 / 8) / np.sqrt(12 * 4000)
    assert (np.abs(mean - acts.rrelu(x)) <= 4 * spread).all()


# ── Parameters that cannot be ─────────────────────────────────────────────────────────────────────────────────────

X = np.array([[-1.0, 2.0, -3.0], [4.0, -5.0, 6.0]])
NUMBERS = [np.nan, np.inf, -np.inf, "0.1", None, [0.1], 0.1j, True, {}]
REFUSED = {
    **{f"leaky_relu alpha {bad!r}": (acts.leaky_relu, {"alpha": bad}, "alpha must be a finite") for bad in NUMBERS},
    **{f"leaky′ alpha {bad!r}": (acts.leaky_relu_derivative, {"alpha": bad}, "alpha must be a") for bad in NUMBERS},
    **{f"elu alpha {bad!r}": (acts.elu, {"alpha": bad}, "alpha must be a finite real number") for bad in NUMBERS},
    **{f"elu′ alpha {bad!r}": (acts.elu_derivative, {"alpha": bad}, "alpha must be a finite") for bad in NUMBERS},
    **{f"rrelu lower {bad!r}": (acts.rrelu, {"lower": bad}, "lower must be a finite real number") for bad in NUMBERS},
    **{f"rrelu upper {bad!r}": (acts.rrelu, {"upper": bad}, "upper must be a finite real number") for bad in NUMBERS},
}
for prelu in (acts.prelu, acts.prelu_derivative):
    for words, arguments, said in [
        ("alpha long", {"alpha": [1, 2, 3], "channel_axis": 0}, r"alpha must .*shape \(2,\).*axis 0; got shape \(3,\)"),
        ("alpha short", {"alpha": [0.5], "channel_axis": 1}, r"alpha must .*shape \(3,\).*axis 1; got shape \(1,\)"),
        ("alpha of x's shape", {"alpha": X, "channel_axis": 1}, r"alpha must .*got shape \(2, 3\)"),
        ("alpha without an axis", {"alpha": [1, 2, 3]}, r"alpha must .*channel_axis is None; got shape \(3,\)"),
        ("alpha NaN", {"alpha": np.nan}, "alpha must be finite; got nan"),
        ("alpha with a NaN", {"alpha": [1, np.nan], "channel_axis": 0}, r"alpha must be finite; got \[1, nan\]"),
        ("alpha a string", {"alpha": "a"}, "alpha must be a real number or an array.*got 'a'"),
        ("alpha None", {"alpha": None}, "alpha must be a real number.*got None"),
        ("axis 2", {"channel_axis": 2}, r"channel_axis must be from -2 to 1 for x of shape \(2, 3\); got 2"),
        ("axis -3", {"channel_axis": -3}, "channel_axis must be from -2 to 1 .*; got -3"),
        ("axis 1.0", {"channel_axis": 1.0}, "channel_axis must be an integer or None; got 1.0"),
        ("axis True", {"channel_axis": True}, "channel_axis must be an integer or None; got True"),
        ("axis a string", {"channel_axis": "1"}, "channel_axis must be an integer or None; got '1'"),
        ("axis a tuple", {"channel_axis": (0,)}, r"channel_axis must be an integer or None; got \(0,\)"),
    ]:
        REFUSED[f"{prelu.__name__} {words}"] = (prelu, arguments, said)
for rrelu in (acts.rrelu, acts.rrelu_derivative):
    for words, arguments, said in [
        ("bounds crossed", {"lower": 0.5, "upper": 0.2}, "lower must not exceed upper; got .* = 0.5 and upper = 0.2"),
        ("slopes in a row", {"slopes": [0.2, 0.2, 0.2]}, r"slopes must have the shape of x, \(2, 3\); got \(3,\)"),
        ("slopes one number", {"slopes": 0.2}, r"slopes must have the shape of x, \(2, 3\); got \(\)"),
        ("slopes transposed", {"slopes": X.T / 20}, r"slopes must have .*got \(3, 2\)"),
        ("slopes with NaN", {"slopes": np.where(X > 5, np.nan, 0.2)}, "slopes must be finite"),
        ("slopes strings", {"slopes": "a"}, "slopes must be a real number or an array.*got 'a'"),
    ]:
        REFUSED[f"{rrelu.__name__} {words}"] = (rrelu, arguments, said)


@pytest.mark.parametrize("what", REFUSED)
def test_unfit_parameters_are_refused_in_words_and_left_alone(what):
    function, arguments, said = REFUSED[what]
    x, before = X.copy(), repr(arguments)
    with pytest.raises((ValueError, TypeError), match=f"^{said}"):
        function(x, **arguments)
    np.testing.assert_array_equal(x, X)
    assert repr(arguments) == before


def test_a_scalar_has_no_channels():
    with pytest.raises(ValueError, match=r"^channel_axis must be None for x of shape \(\); got 0$"):
        acts.prelu(1.0, channel_axis=0)


@pytest.mark.parametrize(
    ("x", "upstream", "axis", "said"),
    [(X, X[0], None, r"upstream must have the shape of x, \(2, 3\); got \(3,\)"),
     (X, 1.0, 0, r"upstream must have the shape of x, \(2, 3\); got \(\)"),
     (X, X, 2, "channel_axis must be from -2 to 1"), (X, X, 0.0, "channel_axis must be an integer or None; got 0.0"),
     (X, X, False, "channel_axis must be an integer or None; got False"), ("a", X, 0, "x must be a real number"),
     (X, "a", 0, "upstream must be a real number"), (X, X * 1j, 0, "upstream must be .*got an array of complex128")],
)  # fmt: skip
def test_prelu_alpha_gradient_refuses(x, upstream, axis, said):
    before = X.copy()
    with pytest.raises((ValueError, TypeError), match=f"^{said}"):
        acts.prelu_alpha_gradient(x, upstream, axis)
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((3, 0.5, 0.2), "lower must not exceed upper"), ((3, np.nan), "lower must be a finite real number; got nan"),
     ((3, 0.1, "1"), "upper must be a finite real number; got '1'"), ((3, True), "lower must be .*got True")],
)  # fmt: skip
def test_rrelu_slopes_refuses(arguments, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        acts.rrelu_slopes(*arguments)


# ── What mathematics says ─────────────────────────────────────────────────────────────────────────────────────────

finite = st.floats(-1e3, 1e3)


@quick
@given(finite)
def test_sigmoid_of_minus_x_is_one_minus_sigmoid(x):
    assert abs(acts.sigmoid(-x) - (1 - acts.sigmoid(x))) <= 2 * 2.0**-53


@quick
@given(finite)
def test_sigmoid_derivative_is_the_product_of_both_sides(x):
    product = acts.sigmoid(x) * acts.sigmoid(-x)
    assert abs(acts.sigmoid_derivative(x) - product) <= 10 * ulp_of(product, np.float64)


@quick
@given(finite)
def test_tanh_is_a_stretched_sigmoid(x):
    assert abs(acts.tanh(x) - (2 * acts.sigmoid(2 * x) - 1)) <= 4 * 2.0**-53
    assert abs(acts.tanh_derivative(x) - 4 * acts.sigmoid_derivative(2 * x)) <= 9 * ulp_of(
        acts.tanh_derivative(x), np.float64
    )


@quick
@given(finite)
def test_softplus_of_x_less_that_of_minus_x_is_x(x):
    right, left = acts.softplus(abs(x)), acts.softplus(-abs(x))
    assert abs((right - left) - abs(x)) <= 4 * ulp_of(right, np.float64)


@quick
@given(finite)
def test_softplus_lies_above_relu_by_at_most_log_2(x):
    assert 0 <= acts.softplus(x) - acts.relu(x) <= np.nextafter(np.log(2), 1)


@quick
@given(finite)
def test_relu_is_x_times_its_derivative(x):
    assert acts.relu(x) == x * acts.relu_derivative(x)


@pytest.mark.parametrize("case", [case for case in CASES if case.contract.monotone], ids=str)
def test_monotone_functions_never_fall_and_their_derivatives_are_never_negative(case):
    got = case.function(inputs(case))
    if case.order:
        assert (got >= 0).all()
    else:
        slack = case.ulp * ulp_of(got[:-1], np.float64)
        assert (np.diff(got) >= -slack).all()


@pytest.mark.parametrize("case", [case for case in derivatives if case.contract.parity], ids=str)
@each_dtype
def test_derivatives_of_odd_functions_are_even(case, dtype):
    with np.errstate(all="ignore"):
        x = battery().astype(dtype)
    np.testing.assert_array_equal(case.function(-x), case.contract.parity * case.function(x))


@each_case
@quick
@given(data=st.data())
def test_elementwise_is_one_element_at_a_time(case, data):
    dtype = data.draw(st.sampled_from(DTYPES))
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    x = data.draw(hnp.arrays(dtype, shape))
    got = case.function(x)
    assert np.shape(got) == shape and got.dtype == dtype
    alone = np.array([case.function(one) for one in x.flat], dtype).reshape(shape)
    assert np.array_equal(np.isnan(got), np.isnan(x))
    with np.errstate(all="ignore"):
        off = error_in_ulp(got, alone.astype(np.float64), dtype, case.least(x))[~np.isnan(x)]
    assert (off <= 8).all()


@pytest.mark.parametrize("case", derivatives, ids=str)
def test_derivative_is_the_slope(case):
    """Against central differences: the derivative belongs to this function, whatever the oracle says."""
    x = np.linspace(-6, 6, 101) + 0.0137
    step = 1e-5
    slope = (case.record.function(x + step) - case.record.function(x - step)) / (2 * step)
    np.testing.assert_allclose(case.function(x), slope, rtol=0, atol=1e-9)
