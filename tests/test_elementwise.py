"""The elementwise functions: accuracy, limits, kinds of input, errors, and what mathematics says of them."""

import decimal
import fractions
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
    battery,
    battery_of,
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
from acts._arrays import BLOCK, float_array
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
    error = error_in_ulp(got, true, at_least=np.where(case.near_root(x), 2.0**-4, 0))
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
    if not case.contract.small_types:
        pytest.skip("only absolute accuracy is promised")
    x = battery_of(dtype)
    true, got = case.function(x.astype(np.float64)), case.function(x)
    error = error_in_ulp(got, true, dtype, at_least=np.where(case.near_root(x), 2.0**-4, 0))
    sayable = np.abs(true) <= float(np.finfo(dtype).max)
    assert error[sayable].max() <= bound, worst(x[sayable], got[sayable], true[sayable], error[sayable])
    dead = lost(got, true, dtype)
    assert not dead.any(), f"{dead.sum()} values lost, such as at {x[dead][:5]}"


@each_case
def test_the_oracle_agrees_with_the_course_s_own_evaluation(case):
    """`symbolic.evaluate` bounds its own error; the oracle's way is 30 times faster."""
    x = [x for x in inputs(case)[:: len(inputs(case)) // 40].tolist() if abs(x) < 1e4]
    function = sp.lambdify(symbolic.x, formula(case), "mpmath")
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
    assert got.min() >= case.range[0] and got.max() <= case.range[1]


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
@each_dtype
@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_memory_layout(case, dtype, layout):
    # Large enough for several blocks in every layout.
    x = LAYOUTS[layout](np.random.default_rng(1).normal(0, 5, (3 * BLOCK // 20, 60)).astype(dtype))
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
    for x in (np.linspace(-3, 3, BLOCK + 5, dtype=dtype), np.array(0.5, dtype), np.ones((3, 4), dtype).T):
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
    x = np.random.default_rng(2).normal(0, 30, 2 * BLOCK + 3).astype(dtype)
    whole = case.function(x)
    for size in (1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 1):
        np.testing.assert_array_equal(case.function(x[:size]), whole[:size])
    borders = [0, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 2]
    # Vector and scalar code of the machine's libraries may differ in the last bits.
    alone = np.array([case.function(one) for one in x[borders]])
    assert error_in_ulp(alone, whole[borders].astype(np.float64), dtype).max() <= 8


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


@each_case
@pytest.mark.parametrize("kind", UNFIT)
def test_unfit_input_is_refused_in_words(case, kind):
    unfit, said = UNFIT[kind]
    with pytest.raises(TypeError) as error:
        case.function(unfit)
    message = str(error.value)
    assert message.startswith("x must be "), "names the argument"
    assert "float16, float32, float64, integers or booleans" in message, "says what was expected"
    assert message.endswith(f"; got {said}"), "says what was given"


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
@pytest.mark.parametrize("at_zero", [0, 1, 0.5, 0.1, 1e-300, np.float32(0.25), np.float64(1), np.int8(1), True])
def test_relu_derivative_takes_any_subgradient(dtype, at_zero):
    x = np.array([-1, -0.0, 0.0, 1, np.nan], dtype)
    got = acts.relu_derivative(x, at_zero=at_zero)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(got, np.array([0, at_zero, at_zero, 1, np.nan], dtype))
    assert got.dtype == dtype
    np.testing.assert_array_equal(acts.relu_derivative(x, at_zero), got)


NO_SUBGRADIENTS = [-0.1, 1.1, 2, -1, np.nan, np.inf, -5e-324, np.nextafter(1, 2), 10**400, "a", "0.5", None, [0.5],
                   np.array([0.5]), np.array([0.5, 0.5]), 0.5 + 0j, 1j, {}]


@pytest.mark.parametrize("at_zero", NO_SUBGRADIENTS, ids=lambda x: repr(x)[:20])
def test_relu_derivative_refuses_what_is_no_subgradient(at_zero):
    with pytest.raises(ValueError) as error:
        acts.relu_derivative([0.0], at_zero=at_zero)
    message = str(error.value)
    assert message.startswith("at_zero must ") and "the interval [0, 1]" in message
    assert message.endswith(f"; got {at_zero!r}")


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
        off = error_in_ulp(got, alone.astype(np.float64), dtype)[~np.isnan(x)]
    assert (off <= 8).all()


@pytest.mark.parametrize("case", derivatives, ids=str)
def test_derivative_is_the_slope(case):
    """Against central differences: the derivative belongs to this function, whatever the oracle says."""
    x = np.linspace(-6, 6, 101) + 0.0137
    step = 1e-5
    slope = (case.record.function(x + step) - case.record.function(x - step)) / (2 * step)
    np.testing.assert_allclose(case.function(x), slope, rtol=0, atol=1e-9)
