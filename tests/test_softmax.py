"""softmax, log_softmax and the cross-entropy: accuracy, axes, limits, kinds of input, errors, invariances."""

import functools
import warnings

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import (
    DTYPES,
    FLOAT16_ULP,
    FLOAT32_ULP,
    error_in_ulp,
    is_normal,
    lost,
    true_softmax,
    truth_of,
    worst,
)

import acts
from acts import log_softmax, softmax, softmax_cross_entropy

SOFTMAX_ULP, LOG_SOFTMAX_ULP, LOSS_ULP, GRADIENT_ULP = 4, 2, 2, 3

both = pytest.mark.parametrize("function", [softmax, log_softmax], ids=lambda function: function.__name__)
each_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
quick = settings(max_examples=60, deadline=None, derandomize=True)

# ── Accuracy ──────────────────────────────────────────────────────────────────────────────────────────────────────


def hard_logits():
    rng = np.random.default_rng(5)
    scales = (1e-300, 1e-9, 0.1, 1, 3, 30, 300, 1e4, 1e15, 1e300)
    return {
        "one class": np.array([[0.0], [-3.0], [1e300]]),
        "pairs": np.concatenate([rng.normal(0, scale, (8, 2)) for scale in scales]),
        # Found by search among millions: the worst of this formula, and of it without one of its corrections.
        "unlucky pairs": np.array([[0.288, -2.465], [2.336, -0.417], [0.715, -2.038], [2.135, -0.618], [2.564, -0.9]]),
        "fives": np.concatenate([rng.normal(0, scale, (5, 5)) for scale in scales]),
        "far from zero": rng.normal(0, 3, (8, 5)) + np.array([1e3, -1e3, 1e8, -1e8, 1e15, -1e15, 0.1, 1e5])[:, None],
        "confident": np.array([[0, -gap] for gap in (1, 20, 36, 37, 38, 50, 300, 700, 708, 709, 720, 744, 745)], float),
        "ties": np.array([[0, 0, 0], [5, 5, -800], [-1e9, -1e9, -1e9], [1, 0, 1], [700, 700, 0]], float),
        "far apart": np.array([[1e300, -1e300, 0], [1e308, -1e308, 1e308], [0, -746, 746], [5e-324, 0, -5e-324]]),
        "a hundred classes": rng.normal(0, 1, (3, 100)),
        "a thousand alike": rng.normal(0, 1e-3, (1, 1000)),
        "a thousand classes": rng.normal(0, 2, (1, 1000)),
    }


hard_rows = pytest.mark.parametrize("kind", hard_logits())


@functools.cache
def with_truth(kind):
    logits = hard_logits()[kind]
    return logits, *true_softmax(logits)


def assert_accurate(got, exact, bound, x):
    true, got, x = truth_of(exact), np.ravel(got), np.ravel(x)
    error, normal = error_in_ulp(got, true), is_normal(true)
    assert error[normal].max(initial=0) <= bound, worst(x[normal], got[normal], true[normal], error[normal])
    assert error.max(initial=0) <= bound, worst(x, got, true, error)
    assert not lost(got, true).any()


@hard_rows
def test_softmax_is_accurate(kind):
    x, y, log_y = with_truth(kind)
    assert_accurate(softmax(x), y, SOFTMAX_ULP, x)


@hard_rows
def test_log_softmax_is_accurate(kind):
    x, y, log_y = with_truth(kind)
    assert_accurate(log_softmax(x), log_y, LOG_SOFTMAX_ULP, x)


@hard_rows
@pytest.mark.parametrize("axis", [0, 1])
def test_cross_entropy_is_accurate_for_every_class(kind, axis):
    x, y, log_y = with_truth(kind)
    for true_class in {0, x.shape[1] // 2, x.shape[1] - 1}:
        classes = np.full(len(x), true_class)
        loss, gradient = softmax_cross_entropy(x if axis else x.T.copy(), classes, axis=axis)
        gradient = gradient if axis else gradient.T
        with mpmath.workdps(420):
            exact = y - (np.arange(x.shape[1]) == true_class).astype(int)
        assert_accurate(loss, -log_y[:, true_class], LOSS_ULP, x[:, true_class])
        assert_accurate(gradient, exact, GRADIENT_ULP, x)


@hard_rows
@both
def test_no_axis_is_less_accurate(kind, function):
    """NumPy sums one after the other along all axes but the last; the digits must not go that way."""
    x, y, log_y = with_truth(kind)
    exact, bound = (y, SOFTMAX_ULP) if function is softmax else (log_y, LOG_SOFTMAX_ULP)
    assert_accurate(function(x.T.copy(), axis=0).T, exact, bound, x)
    assert_accurate(function(x[:, None, :, None], axis=2), exact[:, None, :, None], bound, x)


def test_ten_thousand_classes_along_a_first_axis():
    x = np.random.default_rng(0).normal(0, 0.5, (10_000, 3))
    np.testing.assert_array_max_ulp(softmax(x, axis=0), softmax(x.T.copy()).T, maxulp=2)


@both
@pytest.mark.parametrize(("dtype", "bound"), [(np.float32, FLOAT32_ULP), (np.float16, FLOAT16_ULP)])
def test_small_types_are_accurate(function, dtype, bound):
    rng = np.random.default_rng(7)
    x = np.concatenate([rng.normal(0, scale, (2000, 6)) for scale in (0.1, 3, 30, 300)]).astype(dtype)
    true, got = function(x.astype(np.float64)), function(x)
    assert got.dtype == dtype
    assert error_in_ulp(got, true, dtype).max() <= bound
    assert not lost(got, true, dtype).any()


def test_the_loss_of_a_right_and_confident_prediction_is_not_zero():
    for gap in (37, 40, 100, 700, 740):
        loss, gradient = softmax_cross_entropy([gap, 0.0], 0)
        assert loss == pytest.approx(np.exp(-float(gap)), rel=1e-9)
        assert gradient[0] == -gradient[1] != 0


def test_the_gradient_does_not_cancel_where_the_largest_entry_is_wrong():
    x = np.zeros(1000)
    x[0] = 1e-9
    _, gradient = softmax_cross_entropy(x, 7)
    assert gradient[0] == softmax(x)[0]


def test_gradient_against_finite_differences():
    rng = np.random.default_rng(3)
    logits, step = rng.normal(0, 2, (4, 5)), 1e-6
    soft = rng.dirichlet(np.ones(5), size=4)
    for targets in (np.array([0, 4, 2, 1]), soft):
        _, gradient = softmax_cross_entropy(logits, targets)
        for i in range(5):
            shift = step * (np.arange(5) == i)
            above, _ = softmax_cross_entropy(logits + shift, targets)
            below, _ = softmax_cross_entropy(logits - shift, targets)
            np.testing.assert_allclose(gradient[:, i], (above - below) / (2 * step), atol=2e-9)


def test_soft_targets():
    rng = np.random.default_rng(4)
    logits, targets = rng.normal(0, 3, (50, 6)), rng.dirichlet(np.ones(6), size=50)
    loss, gradient = softmax_cross_entropy(logits, targets)
    np.testing.assert_allclose(loss, -(targets * log_softmax(logits)).sum(axis=1), rtol=1e-14)
    np.testing.assert_allclose(gradient, softmax(logits) - targets, atol=1e-15)
    entropy, zero = softmax_cross_entropy(np.log(targets), targets)
    np.testing.assert_allclose(entropy, -(targets * np.log(targets)).sum(axis=1), rtol=1e-13)
    np.testing.assert_allclose(zero, 0, atol=1e-15)


# ── Limits ────────────────────────────────────────────────────────────────────────────────────────────────────────

INF, NAN, HALF = np.inf, np.nan, -np.log(2)


@each_dtype
@pytest.mark.parametrize(
    ("x", "y", "log_y"),
    [
        ([0, -INF], [1, 0], [0, -INF]),
        ([0, INF], [0, 1], [-INF, 0]),
        ([-INF, INF], [0, 1], [-INF, 0]),
        ([INF, INF], [0.5, 0.5], [HALF, HALF]),
        ([-INF, -INF], [0.5, 0.5], [HALF, HALF]),
        ([INF, 3, INF, -INF], [0.5, 0, 0.5, 0], [HALF, -INF, HALF, -INF]),
        ([INF], [1], [0]),
        ([-INF], [1], [0]),
        ([1, NAN], [NAN, NAN], [NAN, NAN]),
        ([INF, NAN], [NAN, NAN], [NAN, NAN]),
        ([-INF, NAN], [NAN, NAN], [NAN, NAN]),
    ],
    ids=str,
)
def test_infinite_entries_are_limits_and_nan_stays(x, y, log_y, dtype):
    x = np.array(x, dtype)
    np.testing.assert_array_equal(softmax(x), np.array(y, dtype))
    np.testing.assert_array_equal(log_softmax(x), np.array(log_y, dtype))


def test_nan_spoils_only_its_own_row():
    x = np.array([[1, 2, 3], [1, NAN, 3], [-INF, 2, INF]])
    for function in (softmax, log_softmax, lambda x: softmax_cross_entropy(x, [0, 0, 2])[1]):
        assert np.isnan(function(x)).all(axis=1).tolist() == [False, True, False]
        assert not np.isnan(function(x)[[0, 2]]).any()
    loss, _ = softmax_cross_entropy(x, [0, 0, 2])
    assert np.isnan(loss).tolist() == [False, True, False]


def test_cross_entropy_of_infinite_logits():
    loss, gradient = softmax_cross_entropy([[0, INF], [0, INF], [0, -INF]], [0, 1, 0])
    assert loss.tolist() == [INF, 0, 0]
    assert gradient.tolist() == [[-1, 1], [0, 0], [0, 0]]
    loss, _ = softmax_cross_entropy([[0, -INF, 0]], [[0.5, 0.0, 0.5]])
    assert loss == pytest.approx([np.log(2)]), "0 · log 0 counts as 0, its limit"
    assert not np.signbit(softmax_cross_entropy([5.0], 0)[0]), "a loss is never −0"


# ── Kinds of input ────────────────────────────────────────────────────────────────────────────────────────────────


@both
@each_dtype
def test_every_axis(function, dtype):
    x = np.random.default_rng(6).normal(0, 3, (2, 3, 4, 5)).astype(dtype)
    for axis in range(4):
        got = function(x, axis=axis)
        rows = np.apply_along_axis(function, axis, x)
        assert got.shape == x.shape and got.dtype == dtype
        np.testing.assert_array_max_ulp(got, rows, maxulp=2)
        np.testing.assert_array_equal(function(x, axis=axis - 4), got)
        np.testing.assert_array_equal(function(x, np.int64(axis)), got)
    np.testing.assert_array_equal(function(x), function(x, axis=3))


def test_cross_entropy_along_every_axis():
    rng = np.random.default_rng(8)
    x = rng.normal(0, 3, (2, 3, 4))
    for axis in range(-3, 3):
        shape = np.delete(x.shape, axis)
        classes = rng.integers(0, x.shape[axis], shape)
        loss, gradient = softmax_cross_entropy(x, classes, axis=axis)
        assert loss.shape == tuple(shape) and gradient.shape == x.shape
        last = softmax_cross_entropy(np.moveaxis(x, axis, -1), classes)
        np.testing.assert_array_equal(loss, last[0])
        np.testing.assert_array_equal(np.moveaxis(gradient, axis, -1), last[1])


@pytest.mark.parametrize("dtype", [*np.typecodes["AllInteger"]], ids=str)
def test_class_indices_and_one_hot_rows_agree(dtype):
    rng = np.random.default_rng(9)
    x, classes = rng.normal(0, 10, (40, 7)), rng.integers(0, 7, 40).astype(dtype)
    one_hot = np.eye(7)[classes]
    by_class = softmax_cross_entropy(x, classes)
    for targets in (classes.tolist(), one_hot, one_hot.astype(int), one_hot.astype(bool), one_hot.astype(np.float32)):
        for one, other in zip(by_class, softmax_cross_entropy(x, targets), strict=True):
            np.testing.assert_array_equal(one, other)


@each_dtype
def test_dtypes_and_shapes_of_the_cross_entropy(dtype):
    for shape, axis in (((3,), 0), ((4, 3), 1), ((3, 4), 0), ((2, 3, 4), 1), ((0, 3), 1)):
        x = np.zeros(shape, dtype)
        rows = np.delete(shape, axis)
        loss, gradient = softmax_cross_entropy(x, np.zeros(rows, int), axis=axis)
        assert np.shape(loss) == tuple(rows) and gradient.shape == shape
        assert loss.dtype == gradient.dtype == dtype
    loss, _ = softmax_cross_entropy(np.zeros(3, dtype), 1)
    assert type(loss) is dtype, "one row in, a scalar out"
    unreduced, _ = softmax_cross_entropy([[0.0, 0.0]] * 5, [0] * 5)
    assert unreduced == pytest.approx([np.log(2)] * 5)


@both
@pytest.mark.parametrize("x", [[0, 1], (0, 1), range(2), [False, True], np.array([0, 1], np.uint8), [[0], [1]]])
def test_integers_booleans_and_sequences(function, x):
    got = function(x)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, function(np.array(x, np.float64)))


@both
@each_dtype
def test_memory_layouts_byte_orders_and_subclasses(function, dtype):
    x = np.random.default_rng(10).normal(0, 3, (6, 8)).astype(dtype)
    swapped = x.astype(x.dtype.newbyteorder("S"))
    assert function(swapped).dtype.isnative and softmax_cross_entropy(swapped, [0] * 6)[0].dtype.isnative
    matrix, masked = x.view(np.matrix), np.ma.array(x, mask=x > 0)
    for same in (np.asfortranarray(x), x[::-1][::-1], x.T.copy().T, swapped, matrix, masked, x.tolist()):
        got = function(same)
        assert type(got) is np.ndarray
        np.testing.assert_array_max_ulp(got.astype(dtype), function(x), maxulp=1)
    wide = np.broadcast_to(x[:1], (4, 8))
    np.testing.assert_array_equal(function(wide), np.repeat(function(x[:1]), 4, axis=0))
    assert function(np.empty((0, 3), dtype)).shape == (0, 3)


@each_dtype
def test_inputs_are_never_modified(dtype):
    x, targets = np.arange(6, dtype=dtype).reshape(2, 3), np.eye(3, dtype=dtype)[:2]
    x.flags.writeable = targets.flags.writeable = False
    before = x.copy(), targets.copy()
    results = softmax(x), log_softmax(x), *softmax_cross_entropy(x, targets), *softmax_cross_entropy(x, [0, 1])
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(targets, before[1])
    for result in results:
        assert not np.shares_memory(result, x) and not np.shares_memory(result, targets)
        assert result.flags.writeable


@each_dtype
def test_nothing_warns(dtype):
    with np.errstate(all="ignore"):
        hard = [x.astype(dtype) for x in hard_logits().values()]
    hard += [np.array([[INF, -INF, NAN, 0]], dtype), np.array([[-INF, -INF]], dtype), np.array([[INF, 0]], dtype)]
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        for x in hard:
            softmax(x)
            log_softmax(x, axis=0)
            softmax_cross_entropy(x, [0] * len(x))
            softmax_cross_entropy(x, np.full(x.shape, 1 / x.shape[1]))
        assert set(np.geterr().values()) == {"raise"}, "the caller's settings are left alone"


# ── Errors ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "unfit", [1j, "a", ["a"], None, object(), [[1], [1, 2]], [1, None], np.datetime64("2020")], ids=repr
)
def test_unfit_logits_are_refused(unfit):
    for function, name in ((softmax, "x"), (log_softmax, "x"), (lambda x: softmax_cross_entropy(x, 0), "logits")):
        with pytest.raises(TypeError, match=rf"^{name} must be .*integers or booleans; got .*\(\w+\)$"):
            function(unfit)


FUNCTIONS = {
    "x": [softmax, log_softmax],
    "logits": [lambda x, axis=-1: softmax_cross_entropy(x, 0, axis)],
}


@pytest.mark.parametrize(("name", "function"), [(name, f) for name, fs in FUNCTIONS.items() for f in fs])
def test_unfit_shapes_and_axes_are_refused(name, function):
    with pytest.raises(ValueError, match=f"^{name} must have at least one axis; got a single number$"):
        function(3.0)
    with pytest.raises(ValueError, match=rf"^{name} must have at least one entry along axis -1; got shape \(2, 0\)$"):
        function(np.empty((2, 0)))
    for axis in (2, -3):
        with pytest.raises(ValueError, match=rf"^axis must be from -2 to 1 for shape \(2, 3\); got {axis}$"):
            function(np.zeros((2, 3)), axis=axis)
    for axis in (None, 1.0, "a", (0, 1), True):
        with pytest.raises(TypeError) as error:
            function(np.zeros((2, 3)), axis=axis)
        assert str(error.value) == f"axis must be an integer; got {axis!r}"


FITTING = "targets must be class indices of shape (2,) or probabilities of shape (2, 3); got shape "
REAL = "targets must be a real number or an array of float16, float32, float64, integers or booleans; got "
INDICES = "targets of shape (2,) are class indices and must be integers; got "
ONE = "targets must sum to 1 along axis -1; "
NOT_NEGATIVE = "targets must be probabilities, none negative or NaN; got "
UNFIT_TARGETS = {
    "class too high": ([0, 3], ValueError, "targets must be classes from 0 to 2; got 3"),
    "class negative": ([-1, 0], ValueError, "targets must be classes from 0 to 2; got -1"),
    "float classes": ([0.0, 1.0], TypeError, INDICES + "float64"),
    "bool classes": ([True, False], TypeError, INDICES + "bool"),
    "names": (["a", "b"], TypeError, REAL + "an array of <U1 (list)"),
    "None": (None, TypeError, REAL + "None (NoneType)"),
    "complex": ([[1j, 0, 0], [1, 0, 0]], TypeError, REAL + "an array of complex128 (list)"),
    "ragged": ([[0], [1, 2]], TypeError, REAL + "rows of different lengths (list)"),
    "too few": ([0], ValueError, FITTING + "(1,)"),
    "a column": ([[0], [1]], ValueError, FITTING + "(2, 1)"),
    "a number": (1, ValueError, FITTING + "()"),
    "transposed": (np.ones((3, 2)) / 2, ValueError, FITTING + "(3, 2)"),
    "sum of 1.1": ([[0.5, 0.5, 0.1], [0, 1, 0]], ValueError, ONE + "row (0,) sums to 1.1"),
    "sum of 0": ([[0, 1, 0], [0, 0, 0]], ValueError, ONE + "row (1,) sums to 0.0"),
    "sum of inf": ([[INF, 1, 0], [0, 1, 0]], ValueError, ONE + "row (0,) sums to inf"),
    "negative": ([[1.5, -0.5, 0], [0, 1, 0]], ValueError, NOT_NEGATIVE + "-0.5"),
    "NaN": ([[NAN, 1, 0], [0, 1, 0]], ValueError, NOT_NEGATIVE + "nan"),
}


@pytest.mark.parametrize("kind", UNFIT_TARGETS)
def test_unfit_targets_are_refused_in_words(kind):
    targets, error, message = UNFIT_TARGETS[kind]
    with pytest.raises(error) as caught:
        softmax_cross_entropy(np.zeros((2, 3)), targets)
    assert str(caught.value) == message


def test_the_row_of_a_single_row_is_not_numbered():
    with pytest.raises(ValueError, match="^targets must sum to 1 along axis -1; the row sums to 2.0$"):
        softmax_cross_entropy([0.0, 0.0], [1.0, 1.0])
    with pytest.raises(ValueError, match=r"along axis 1; row \(0, 1\) sums to 0.0$"):
        softmax_cross_entropy(np.zeros((1, 2, 2)), np.array([[[1.0, 0.0], [0.0, 0.0]]]), axis=1)


def test_rounded_probabilities_are_accepted():
    for dtype in (np.float32, np.float64):
        targets = np.random.default_rng(11).dirichlet(np.ones(1000), size=3).astype(dtype)
        softmax_cross_entropy(np.zeros((3, 1000)), targets)
    softmax_cross_entropy(np.zeros(3), [0.1, 0.2, 0.7])
    with pytest.raises(ValueError, match="sum to 1"):
        softmax_cross_entropy(np.zeros(3), [0.1, 0.2, 0.69])


# ── What mathematics says ─────────────────────────────────────────────────────────────────────────────────────────

rows = st.lists(st.floats(-700, 700), min_size=1, max_size=8)


@quick
@given(rows)
def test_shares_are_positive_and_sum_to_one(row):
    y = softmax(row)
    assert (y >= 0).all() and (y <= 1).all() and abs(y.sum() - 1) < 1e-15 * len(row)
    assert (log_softmax(row) <= 0).all()
    np.testing.assert_allclose(np.exp(log_softmax(row)), y, rtol=1e-12, atol=1e-300)


@quick
@given(st.lists(st.integers(-700, 700), min_size=1, max_size=8), st.integers(-(2**40), 2**40))
def test_a_shift_changes_nothing(row, shift):
    shifted = [entry + shift for entry in row]
    np.testing.assert_array_equal(softmax(shifted), softmax(row))
    np.testing.assert_array_equal(log_softmax(shifted), log_softmax(row))


@quick
@given(rows, st.randoms())
def test_a_permutation_permutes(row, random):
    order = random.sample(range(len(row)), len(row))
    x = np.array(row)
    np.testing.assert_array_max_ulp(softmax(x[order]), softmax(x)[order], maxulp=4)
    np.testing.assert_array_max_ulp(log_softmax(x[order]), log_softmax(x)[order], maxulp=4)


@quick
@given(rows)
def test_larger_logits_get_larger_shares_and_equal_ones_equal_shares(row):
    x = np.array(row)
    y = softmax(x)
    order = np.argsort(x)
    assert (np.diff(y[order]) >= 0).all()
    for one in x:
        assert len(set(y[x == one].tolist())) == 1


@quick
@given(st.floats(-700, 700))
def test_two_classes_are_a_sigmoid(x):
    np.testing.assert_array_max_ulp(softmax([x, 0.0])[0], acts.sigmoid(x), maxulp=6)
    np.testing.assert_array_max_ulp(-log_softmax([x, 0.0])[0], acts.softplus(-x), maxulp=4)


@quick
@given(rows, st.data())
def test_the_gradient_of_a_row_sums_to_zero_and_the_loss_is_not_negative(row, data):
    true_class = data.draw(st.integers(0, len(row) - 1))
    loss, gradient = softmax_cross_entropy(row, true_class)
    assert loss >= 0 and abs(gradient.sum()) < 1e-15 * len(row)
    assert gradient[true_class] <= 0 and (np.delete(gradient, true_class) >= 0).all()
