"""softmax, its logarithm, their derivatives, the cross-entropy and SwiGLU.

Of each: accuracy, axes, limits, kinds of input, errors, invariances.
"""

import functools
import tracemalloc
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
from acts import (
    log_softmax,
    log_softmax_vjp,
    softmax,
    softmax_cross_entropy,
    softmax_jacobian,
    softmax_vjp,
    swiglu,
    swiglu_vjp,
)
from acts._arrays import BLOCK

SOFTMAX_ULP, LOG_SOFTMAX_ULP, LOSS_ULP, GRADIENT_ULP, JACOBIAN_ULP = 4, 2, 2, 3, 5
VJP_EPS = 8  # of the sum of the sizes of what is added up, see `sums`

VJPS = {softmax_vjp: softmax, log_softmax_vjp: log_softmax}  # each with the function whose output it takes
each_vjp = pytest.mark.parametrize(("vjp", "function"), VJPS.items(), ids=[vjp.__name__ for vjp in VJPS])
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
        # Of rows of ten likewise: where the sum of the others, or of all, is rounded once too often.
        "unlucky tens": np.array(
            [
                [0.2, 7.276, -2.598, -1.694, -4.692, 3.335, 5.93, -5.907, 1.712, 26.551],
                [-4.642, 27.779, 7.826, -3.912, -10.508, -0.719, -0.038, 5.687, -2.4, -12.005],
                [2.128, 2.102, 0.301, 3.724, -3.731, 0.943, -1.749, 1.983, 2.845, -1.564],
            ]
        ),
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
def test_the_jacobian_is_accurate(kind):
    x, y, _ = with_truth(kind)
    x, y = x[:3] if x.shape[1] > 100 else x, y[:, :100]  # of the thousand classes a corner
    with mpmath.workdps(420):
        exact = np.array([np.diag(row) - np.outer(row, row) for row in y])
        if x.shape[1] == 1:
            exact *= 0
    got = softmax_jacobian(x)[:, : y.shape[1], : y.shape[1]]
    assert_accurate(got, exact, JACOBIAN_ULP, np.broadcast_to(x[:, : y.shape[1], None], got.shape))


UPSTREAMS = {"ordinary": (1, 0), "far from zero": (1, 1e6), "nearly constant": (1e-8, 1), "huge": (1e300, 0)}


def sums(vjp, y, g):
    """Return the true product of one row, and the sum of the sizes of its terms, free of every cancellation.

    softmax: yᵢ Σⱼ yⱼ(gᵢ − gⱼ); log_softmax: gᵢ Σⱼ≠ᵢ yⱼ − yᵢ Σⱼ≠ᵢ gⱼ, whose y is known to |log yᵢ| ULP only.
    """
    g = np.array([mpmath.mpf(one) for one in g.tolist()])
    if vjp is softmax_vjp:
        terms = y[:, None] * y * (g[:, None] - g)
        return terms.sum(axis=1), abs(terms).sum(axis=1)
    off_diagonal = 1 - np.eye(len(g), dtype=int)
    true = g * (off_diagonal @ y) - y * (off_diagonal @ g)
    digits = 1 + np.array([abs(mpmath.log(share)) for share in y])
    return true, abs(g) * (off_diagonal @ y) + y * digits * (off_diagonal @ abs(g))


@each_vjp
@pytest.mark.parametrize("upstream", UPSTREAMS)
@pytest.mark.parametrize("kind", ["pairs", "fives", "far from zero", "confident", "ties", "far apart"])
def test_vjps_are_accurate(vjp, function, kind, upstream):
    x, y, _ = with_truth(kind)
    scale, offset = UPSTREAMS[upstream]
    g = np.random.default_rng(21).normal(0, 1, x.shape) * scale + offset
    got = vjp(function(x), g)
    with mpmath.workdps(420):
        for row in range(len(x)):
            true, size = sums(vjp, y[row], g[row])
            off = abs(np.array([mpmath.mpf(one) for one in got[row].tolist()]) - true)
            # A subnormal share has been rounded to 5e-324, and a huge upstream brings that to light.
            allowed = VJP_EPS * np.finfo(float).eps * size + np.finfo(float).tiny + 5e-324 * abs(g[row]).sum()
            assert (off <= allowed).all(), (x[row], g[row], got[row], true.astype(float))


@pytest.mark.parametrize("at", [0, 5])
def test_the_vjp_of_an_even_row_is_accurate_whichever_class_is_asked_for(at):
    """Relative to the largest entry and not to the mean it would be 2000 eps off; the rest is the order of adding."""
    y, g = np.full(1000, 1 / 1000), np.arange(1000) == at
    expected = np.where(g, 999e-6, -1e-6)
    np.testing.assert_allclose(softmax_vjp(y, g), expected, rtol=50 * np.finfo(float).eps)


def test_the_vjp_of_a_confident_row_is_not_zero():
    for gap in (16.0, 37.0, 50.0, 300.0, 700.0):
        y = softmax([gap, 0.0])
        np.testing.assert_allclose(softmax_vjp(y, [1.0, 2.0]), [-y[1], y[1]], rtol=3e-7)
        log_y = log_softmax([gap, 0.0])
        np.testing.assert_allclose(log_softmax_vjp(log_y, [-1.0, 0.0]), [-y[1], y[1]], rtol=1e-12)


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


def shifted_by_the_maximum(x):
    """The softmax of SciPy, PyTorch and JAX."""
    weight = np.exp(x - x.max())
    return weight / weight.sum()


def test_peer_is_wrong_softmax_of_far_logits_has_lost_three_digits():
    x = np.array([[3.988, -696.94]])
    truth = truth_of(true_softmax(x)[0])
    assert error_in_ulp(shifted_by_the_maximum(x[0]), truth).max() == pytest.approx(434.9, abs=2), "theirs"
    assert error_in_ulp(softmax(x[0]), truth).max() < 1


CONFIDENT = (37, 40, 100, 700, 740)


def test_peer_is_wrong_confident_log_softmax_is_not_zero():
    for gap in CONFIDENT:
        x = np.array([gap, 0.0])
        assert (x - x.max() - np.log(np.exp(x - x.max()).sum()))[0] == 0, "what they return"
        assert log_softmax(x)[0] == pytest.approx(-np.exp(-float(gap)), rel=1e-9, abs=1e-323)


def test_peer_is_wrong_confident_cross_entropy_is_not_zero():
    for gap in CONFIDENT:
        loss, _ = softmax_cross_entropy([gap, 0.0], 0)
        assert loss == pytest.approx(np.exp(-float(gap)), rel=1e-9, abs=1e-323), "they return 0"


def test_peer_is_wrong_confident_cross_entropy_gradient_is_not_zero():
    for gap in CONFIDENT:
        x = np.array([gap, 0.0])
        assert (shifted_by_the_maximum(x) - [1, 0])[0] == 0, "what they return"
        _, gradient = softmax_cross_entropy(x, 0)
        assert gradient[0] == -gradient[1] != 0
        assert gradient[1] == pytest.approx(np.exp(-float(gap)), rel=1e-9, abs=1e-323)


def test_peer_is_wrong_confident_softmax_vjp_is_not_zero():
    y, g = np.array([1.0, 1e-20]), np.array([1.0, 2.0])
    assert (y * (g - (g * y).sum()))[0] == 0, "the formula as it is written"
    assert softmax_vjp(y, g).tolist() == [-1e-20, 1e-20]


def test_log_softmax_vjp_is_the_gradient_of_the_cross_entropy():
    for kind, x in hard_logits().items():
        if kind != "one class":
            classes = np.arange(len(x)) % x.shape[1]
            _, gradient = softmax_cross_entropy(x, classes)
            got = log_softmax_vjp(log_softmax(x), -np.eye(x.shape[1])[classes])
            np.testing.assert_allclose(got, gradient, rtol=4e-13, atol=1e-300)  # e^log y has |log y| ULP


@each_vjp
def test_vjps_against_finite_differences(vjp, function):
    rng, step = np.random.default_rng(22), 1e-6
    x, g = rng.normal(0, 2, (4, 5)), rng.normal(0, 1, (4, 5))
    got = vjp(function(x), g)
    for i in range(5):
        shift = step * (np.arange(5) == i)
        difference = (g * (function(x + shift) - function(x - shift))).sum(axis=1) / (2 * step)
        np.testing.assert_allclose(got[:, i], difference, atol=3e-9)


def test_the_jacobian_against_finite_differences():
    x, step = np.random.default_rng(23).normal(0, 2, (4, 5)), 1e-6
    jacobian = softmax_jacobian(x)
    for j in range(5):
        shift = step * (np.arange(5) == j)
        np.testing.assert_allclose(jacobian[:, :, j], (softmax(x + shift) - softmax(x - shift)) / (2 * step), atol=2e-9)


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 4e-7), (np.float16, 6e-4)])
def test_derivatives_of_small_types(dtype, rtol):
    """Computed in float64 from what the small type holds: only the last rounding is left."""
    rng = np.random.default_rng(24)
    for n in (2, 10, 5000):
        x, g = (rng.normal(0, 2, (3, n)).astype(dtype) for _ in range(2))
        tiny = float(np.finfo(dtype).tiny)
        for vjp, function in VJPS.items():
            y = function(x)
            got, exact = vjp(y, g), vjp(y.astype(float), g.astype(float))
            assert got.dtype == dtype
            np.testing.assert_allclose(got, exact, rtol=rtol, atol=tiny)
            assert not lost(got, exact, dtype).any()
        if n <= 10:
            got = softmax_jacobian(x)
            assert got.dtype == dtype
            np.testing.assert_allclose(got, softmax_jacobian(x.astype(float)), rtol=rtol, atol=tiny)


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
    functions = [
        softmax,
        log_softmax,
        lambda x: softmax_cross_entropy(x, [0, 0, 2])[1],
        lambda x: softmax_jacobian(x).reshape(3, 9),
        lambda x: softmax_vjp(softmax(x), np.eye(3)),
        lambda x: log_softmax_vjp(log_softmax(x), np.eye(3)),
        lambda x: softmax_vjp(np.full((3, 3), 1 / 3), x),
        lambda x: log_softmax_vjp(np.full((3, 3), -np.log(3)), x),
    ]
    for function in functions:
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


@each_dtype
@pytest.mark.parametrize(
    ("y", "upstream", "gradient", "gradient_of_log"),
    [
        ([0.25, 0.75], [INF, 0], [INF, -INF], [INF, -INF]),
        ([0.25, 0.75], [0, -INF], [INF, -INF], [INF, -INF]),
        ([0.25, 0.75], [INF, INF], [0, 0], [INF, -INF]),
        ([0.125, 0.125, 0.75], [INF, INF, INF], [0, 0, 0], [INF, INF, -INF]),
        ([0.25, 0.25, 0.5], [INF, -INF, 2], [INF, -INF, 0.5], [INF, -INF, 1]),
        ([0, 0.5, 0.5], [-INF, 1, 2], [0, -0.25, 0.25], [-INF, INF, INF]),
        ([0, 1], [0, INF], [0, 0], [0, 0]),
        ([0.25, 0.75], [NAN, INF], [NAN, NAN], [NAN, NAN]),
        ([0, 1], [NAN, 1], [NAN, NAN], [NAN, NAN]),
    ],
    ids=str,
)
def test_an_infinite_upstream_is_a_limit(y, upstream, gradient, gradient_of_log, dtype):
    y, upstream = np.array(y, dtype), np.array(upstream, dtype)
    with np.errstate(divide="ignore"):
        log_y = np.log(y)
    np.testing.assert_array_equal(softmax_vjp(y, upstream), np.array(gradient, dtype))
    rounding = np.finfo(dtype).eps  # of log y
    np.testing.assert_allclose(log_softmax_vjp(log_y, upstream), gradient_of_log, rtol=rounding)


def test_one_infinite_upstream_leaves_the_other_rows_to_the_bit():
    rng = np.random.default_rng(25)
    x, g = rng.normal(0, 3, (4, 6)), rng.normal(0, 1, (4, 6)) * 1e-310
    spoilt = g.copy()
    spoilt[1, 2], spoilt[2, 0] = INF, 1.7e308
    for vjp, function in VJPS.items():
        y = function(x)
        np.testing.assert_array_equal(vjp(y, spoilt)[[0, 3]], vjp(y, g)[[0, 3]])


def test_the_largest_upstream_does_not_overflow():
    most = np.finfo(float).max
    np.testing.assert_allclose(softmax_vjp([0.5, 0.5], [most, -most]), [most / 2, -most / 2], rtol=1e-15)
    log_half = np.log([0.5, 0.25, 0.25])
    got = log_softmax_vjp(log_half, [most, most, most])
    np.testing.assert_allclose(got, [-most / 2, most / 4, most / 4], rtol=1e-15)


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


@each_dtype
def test_derivatives_along_every_axis(dtype):
    rng = np.random.default_rng(26)
    x, g = (rng.normal(0, 3, (2, 3, 4)).astype(dtype) for _ in range(2))
    for axis in range(-3, 3):
        last = np.moveaxis(x, axis, -1)
        got = softmax_jacobian(x, axis=axis)
        n = x.shape[axis]
        assert got.shape == (*np.delete(x.shape, axis), n, n) and got.dtype == dtype
        np.testing.assert_array_equal(got, softmax_jacobian(last))
        np.testing.assert_array_equal(got[1, 0], softmax_jacobian(last[1, 0]))
        for vjp, function in VJPS.items():
            y = function(x, axis=axis)
            got = vjp(y, g, axis=axis)
            assert got.shape == x.shape and got.dtype == dtype
            rows = vjp(np.moveaxis(y, axis, -1).copy(), np.moveaxis(g, axis, -1).copy())
            np.testing.assert_array_equal(np.moveaxis(got, axis, -1), rows)
            one = (np.moveaxis(a, axis, -1)[1, 0] for a in (y, g))
            np.testing.assert_array_equal(np.moveaxis(got, axis, -1)[1, 0], vjp(*one))


def test_the_gradient_keeps_the_dtype_of_y():
    for vjp, function in VJPS.items():
        for dtype in DTYPES:
            y = function(np.array([1, 2, 3], dtype))
            for upstream in ([1, 0, 0], (True, False, False), np.array([1, 0, 0], np.float32), np.array([1.0, 0, 0])):
                got = vjp(y, upstream)
                assert got.dtype == dtype and type(got) is np.ndarray
                np.testing.assert_array_equal(got, vjp(y, np.array([1, 0, 0], dtype)))
    assert softmax_vjp([1, 0], [3, 4]).dtype == log_softmax_vjp([0], [3]).dtype == np.float64


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


@each_vjp
@each_dtype
def test_memory_layouts_of_y_and_upstream(vjp, function, dtype):
    rng = np.random.default_rng(27)
    x, g = (rng.normal(0, 1, (6, 8)).astype(dtype) for _ in range(2))
    y = function(x)
    expected = vjp(y, g)

    def layouts(a):
        yield from (np.asfortranarray(a), a[::-1][::-1], a.T.copy().T, a.astype(a.dtype.newbyteorder("S")))
        yield from (a.view(np.matrix), np.ma.array(a, mask=a > 0), np.repeat(a, 2, axis=1)[:, ::2])

    for same_y, same_g in zip(layouts(y), layouts(g), strict=True):
        for got in (vjp(same_y, g), vjp(y, same_g)):
            assert type(got) is np.ndarray and got.dtype.isnative
            np.testing.assert_array_equal(got, expected)
    assert vjp(np.empty((0, 3), dtype), np.empty((0, 3), dtype)).shape == (0, 3)
    assert softmax_jacobian(np.empty((0, 3), dtype)).shape == (0, 3, 3)


@each_dtype
def test_inputs_are_never_modified(dtype):
    x, targets = np.arange(6, dtype=dtype).reshape(2, 3), np.eye(3, dtype=dtype)[:2]
    x.flags.writeable = targets.flags.writeable = False
    before = x.copy(), targets.copy()
    results = softmax(x), log_softmax(x), *softmax_cross_entropy(x, targets), *softmax_cross_entropy(x, [0, 1])
    uniform = np.full((2, 3), 1 / 3, dtype)
    log_uniform = np.log(uniform)
    uniform.flags.writeable = log_uniform.flags.writeable = False
    results += softmax_jacobian(x), softmax_vjp(uniform, x), log_softmax_vjp(log_uniform, x)
    results += swiglu(x, x), *swiglu_vjp(x, x, x)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(targets, before[1])
    assert (uniform == dtype(1 / 3)).all() and (log_uniform == np.log(uniform)).all()
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
            if x.shape[1] < 1000:
                softmax_jacobian(x)
            for vjp, function in VJPS.items():
                vjp(function(x), x)
                vjp(function(x), x * 0 + np.finfo(dtype).max if np.isfinite(x).all() else x)
                vjp(function(x, axis=0), x, axis=0)
            swiglu(x, x)
            swiglu_vjp(x, x, x[::-1])
        assert set(np.geterr().values()) == {"raise"}, "the caller's settings are left alone"


# ── Errors ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "unfit",
    [1j, "a", ["a"], None, object(), [[1], [1, 2]], [1, None], np.datetime64("2020")],
    ids=["complex", "string", "strings", "None", "object", "ragged", "with None", "date"],
)
def test_unfit_logits_are_refused(unfit):
    cases = [
        (softmax, "x"),
        (log_softmax, "x"),
        (softmax_jacobian, "x"),
        (lambda x: softmax_cross_entropy(x, 0), "logits"),
        (lambda y: softmax_vjp(y, 1), "y"),
        (lambda y: log_softmax_vjp(y, 1), "y"),
        (lambda g: softmax_vjp([1.0], g), "upstream"),
        (lambda g: log_softmax_vjp([0.0], g), "upstream"),
        (lambda x: swiglu(x, 1), "x"),
        (lambda gate: swiglu(1, gate), "gate"),
        (lambda x: swiglu_vjp(x, 1, 1), "x"),
        (lambda gate: swiglu_vjp(1, gate, 1), "gate"),
        (lambda g: swiglu_vjp(1, 1, g), "upstream"),
    ]
    for function, name in cases:
        with pytest.raises(TypeError, match=rf"^{name} must be .*integers or booleans; got .*\(\w+\)$"):
            function(unfit)


FUNCTIONS = {
    "x": [softmax, log_softmax, softmax_jacobian],
    "y": [lambda y, axis=-1, vjp=vjp: vjp(y, y, axis) for vjp in VJPS],
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


UNFIT_ROWS = {
    "another shape": ([0.5, 0.5], [1], -1, "upstream must have the shape of y, (2,); got shape (1,)"),
    "a number": ([0.5, 0.5], 1, -1, "upstream must have the shape of y, (2,); got shape ()"),
    "transposed": ([[0.5, 0.5]], [[1], [1]], -1, "upstream must have the shape of y, (1, 2); got shape (2, 1)"),
    "the logits": ([3.0, 0.5], [1, 1], -1, "{expected} along axis -1; the row sums to {0}"),
    "the second row": ([[1.0, 0.0], [0.5, 0.75]], [[1, 1], [1, 1]], 1, "{expected} along axis 1; row (1,) sums to {1}"),
    "another axis": ([[1.0, 0.0], [1.0, 0.0]], [[1, 1], [1, 1]], 0, "{expected} along axis 0; row (0,) sums to {2}"),
    "beside NaN": ([[NAN, 0.0], [0.5, 0.75]], [[1, 1], [1, 1]], 1, "{expected} along axis 1; row (1,) sums to {1}"),
}
EXPECTED = {
    softmax_vjp: ("y must be an output of softmax and sum to 1", 3.5, 1.25, 2.0),
    log_softmax_vjp: ("y must be an output of log_softmax, whose exponentials sum to 1", 3.5, 1.25, 2.0),
}


@each_vjp
@pytest.mark.parametrize("kind", UNFIT_ROWS)
def test_unfit_rows_are_refused_in_words(vjp, function, kind):
    y, upstream, axis, message = UNFIT_ROWS[kind]
    expected, *totals = EXPECTED[vjp]
    if vjp is log_softmax_vjp:
        with np.errstate(divide="ignore"):
            y = np.log(y)
    with pytest.raises(ValueError) as caught:
        vjp(y, upstream, axis=axis)
    said, _, total = str(caught.value).rpartition(" sums to ")
    wanted, _, wanted_total = message.format(*totals, expected=expected).rpartition(" sums to ")
    assert said == wanted
    assert total == wanted_total or float(total) == pytest.approx(float(wanted_total), rel=1e-12)


@each_vjp
def test_the_row_of_a_wrong_sum_is_counted_as_y_counts_it(vjp, function):
    y = function(np.zeros((2, 3, 4)), axis=0)
    y[0, 1, 3] = 0.875
    with pytest.raises(ValueError, match=r"along axis 0; row \(1, 3\) sums to "):
        vjp(y, y, axis=0)


@each_vjp
@each_dtype
def test_what_softmax_returns_is_accepted(vjp, function, dtype):
    for n in (1, 3, 1000, 30_000):
        for scale in (0, 0.1, 3, 300):
            x = (np.random.default_rng(28).normal(0, 1, n) * scale).astype(dtype)
            assert np.isfinite(vjp(function(x), np.ones(n))).all()


def test_rounded_probabilities_are_accepted():
    for dtype in (np.float32, np.float64):
        targets = np.random.default_rng(11).dirichlet(np.ones(1000), size=3).astype(dtype)
        softmax_cross_entropy(np.zeros((3, 1000)), targets)
    softmax_cross_entropy(np.zeros(3), [0.1, 0.2, 0.7])
    with pytest.raises(ValueError, match="sum to 1"):
        softmax_cross_entropy(np.zeros(3), [0.1, 0.2, 0.69])


LENGTHS = (2, 10, 100, 1000, 30_000, 500_000, 1_000_000)


@each_dtype
@pytest.mark.parametrize("n", LENGTHS)
def test_what_softmax_returns_sums_to_1_as_well_as_its_type_can_say(dtype, n):
    """In float16 a share of 1e-6 is a subnormal number, 2 % off: only its last digit of 6e-8 is left to round to."""
    for scale in (0, 1, 5):
        x = (np.random.default_rng(n).normal(0, 1, n) * scale).astype(dtype)
        y, ones = softmax(x), np.ones(n, dtype)
        assert abs(softmax_vjp(y, ones)).max() <= 1e-3
        assert np.isfinite(log_softmax_vjp(log_softmax(x), np.resize([1, -1], n).astype(dtype))).all()
        loss, gradient = softmax_cross_entropy(x, y)
        assert np.isfinite(loss) and np.isfinite(gradient).all()


@each_dtype
@pytest.mark.parametrize("n", LENGTHS[:-2])
def test_logits_in_the_place_of_probabilities_are_refused(dtype, n):
    for logits in (np.zeros(n, dtype), np.ones(n, dtype), np.random.default_rng(n).normal(1, 1, n).astype(dtype)):
        for refused in (
            lambda y: softmax_vjp(y, y),
            lambda y: log_softmax_vjp(y, y),
            lambda y: softmax_cross_entropy(y, abs(y)),
        ):
            with pytest.raises(ValueError, match="sums? to"):
                refused(logits)


def test_a_sum_that_rounding_does_not_explain_is_refused():
    for dtype, n, off in ((np.float16, 10, 1.003), (np.float16, 30_000, 1.01), (np.float32, 10, 1 + 1e-5)):
        y = softmax(np.zeros(n)) * off
        with pytest.raises(ValueError, match="^targets must sum to 1 along axis -1; the row sums to "):
            softmax_cross_entropy(np.zeros(n), y.astype(dtype))
    with pytest.raises(ValueError, match="^y must be an output of softmax"):
        softmax_vjp(np.full(500_000, 1.05 / 500_000, np.float16), np.ones(500_000))


# ── Long rows, and blocks of them ─────────────────────────────────────────────────────────────────────────────────


def long_rows():
    rng = np.random.default_rng(31)
    n = 2 * BLOCK + 5
    confident = rng.normal(0, 1, n) - 60
    confident[-3] = 0
    return {"ordinary": rng.normal(0, 3, n), "far away": rng.normal(-900, 3, n), "confident": confident}


def some_shares(row):
    """Return a few indices of a long row, the true shares of these entries, and their logarithms."""
    some = [0, 7, 100, BLOCK - 1, BLOCK, len(row) - 3, len(row) - 1]
    with mpmath.workdps(60):
        largest = float(row.max())
        difference = [mpmath.mpf(one) - largest for one in row.astype(float).tolist()]
        log_total = mpmath.log(mpmath.fsum(mpmath.exp(one) for one in difference))
        log_y = np.array([difference[one] - log_total for one in some])
        return some, np.array([mpmath.exp(one) for one in log_y]), log_y


@each_dtype
@pytest.mark.parametrize("kind", long_rows())
def test_a_row_in_pieces_is_as_accurate_as_one(dtype, kind):
    x = long_rows()[kind].astype(dtype)
    some, y, log_y = some_shares(x)
    ulp = {np.float16: FLOAT16_ULP, np.float32: FLOAT32_ULP}
    for got, exact, bound in (
        (softmax(x)[some], y, ulp.get(dtype, SOFTMAX_ULP)),
        (log_softmax(x)[some], log_y, ulp.get(dtype, LOG_SOFTMAX_ULP)),
        (softmax_cross_entropy(x, 7)[0], -log_y[1:2], ulp.get(dtype, LOSS_ULP)),
    ):
        true = truth_of(exact)
        assert error_in_ulp(np.ravel(got), true, dtype).max() <= bound
        assert not lost(np.ravel(got), true, dtype).any()


@each_dtype
def test_a_row_in_pieces_is_led_back_as_one_of_float64(dtype):
    eps = np.finfo(dtype).eps
    for x in long_rows().values():
        g = np.random.default_rng(32).normal(0, 1, len(x)).astype(dtype)
        y, log_y = softmax(x).astype(dtype), log_softmax(x).astype(dtype)
        wide, relative = y.astype(np.longdouble), g.astype(np.longdouble) - g[y.argmax()]
        mean = (wide * relative).sum()
        terms = wide * (abs(relative) + abs(mean))
        assert (abs(softmax_vjp(y, g) - wide * (relative - mean)) <= 4 * eps * terms + np.finfo(dtype).tiny).all()
        share, total = np.exp(log_y.astype(np.longdouble)), g.astype(np.longdouble).sum()
        off = abs(log_softmax_vjp(log_y, g) - (g - share * total))
        assert (off <= 4 * eps * (abs(g) + share * abs(g.astype(float)).sum())).all()


@each_dtype
def test_what_is_not_finite_in_a_row_in_pieces(dtype):
    n = 2 * BLOCK + 5
    x = np.zeros(n, dtype)
    x[5], x[-1] = INF, INF
    assert softmax(x)[[0, 5, -1]].tolist() == [0, 0.5, 0.5] and log_softmax(x)[0] == -INF
    x[7] = NAN
    assert np.isnan(softmax(x)).all() and np.isnan(log_softmax(x)).all()
    y, g = np.zeros(n, dtype), np.zeros(n, dtype)
    y[[0, -1]], g[0] = 0.5, INF
    assert softmax_vjp(y, g)[[0, 1, -1]].tolist() == [INF, 0, -INF]
    with np.errstate(divide="ignore"):
        assert log_softmax_vjp(np.log(y), g)[[0, 1, -1]].tolist() == [INF, 0, -INF]


@both
@each_dtype
@pytest.mark.parametrize("n", [40, 300])
def test_a_row_that_needs_care_does_not_harm_the_others_of_its_block(function, dtype, n):
    """Rows whose e^x overflows, underflows or is not finite go another way than the rest of the block."""
    rng = np.random.default_rng(33)
    x = rng.normal(0, 2, (6, n))
    x[1] += 2000
    x[2] -= 2000
    x[3, 3] = 60
    x[4, :5] = -INF
    x[5] -= 0.5 * n
    x = x.astype(dtype)
    got = function(x)
    np.testing.assert_array_equal(got, [function(row) for row in x])
    y, log_y = true_softmax(x[[0, 1, 2, 3, 5], :].astype(float))
    true = truth_of(y if function is softmax else log_y)
    bound = {np.float16: FLOAT16_ULP, np.float32: FLOAT32_ULP}.get(dtype, SOFTMAX_ULP)
    error = error_in_ulp(np.ravel(got[[0, 1, 2, 3, 5]]), true, dtype)
    assert error.max() <= bound
    assert not lost(np.ravel(got[[0, 1, 2, 3, 5]]), true, dtype).any()


def peak_over_the_inputs(function, *inputs):
    tracemalloc.start()
    try:
        function(*inputs)
        return 1 + tracemalloc.get_traced_memory()[1] / sum(array.nbytes for array in inputs)
    finally:
        tracemalloc.stop()


@each_dtype
@pytest.mark.parametrize("shape", [(200_000, 10), (2000, 1000), (100, 20_000), (1, 2_000_000)], ids=str)
def test_memory_is_at_most_three_times_the_inputs(dtype, shape):
    x, g = np.random.default_rng(34).normal(0, 3, (2, *shape)).astype(dtype)
    y, log_y, classes = softmax(x), log_softmax(x), np.zeros(len(x), int)
    cases = {
        "softmax": (softmax, x),
        "log_softmax": (log_softmax, x),
        "softmax_vjp": (softmax_vjp, y, g),
        "log_softmax_vjp": (log_softmax_vjp, log_y, g),
        "classes": (lambda x: softmax_cross_entropy(x, classes), x),
        "probabilities": (softmax_cross_entropy, x, y),
        "first axis": (lambda x: softmax(x, axis=0), np.ascontiguousarray(x.T)),
    }
    peaks = {name: peak_over_the_inputs(function, *inputs) for name, (function, *inputs) in cases.items()}
    assert max(peaks.values()) <= 3, peaks


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
def test_the_jacobian_is_what_the_notebook_proves(row, data):
    jacobian, y = softmax_jacobian(row), softmax(row)
    np.testing.assert_array_equal(jacobian, jacobian.T)
    assert np.abs(jacobian.sum(axis=1)).max() <= 1e-15 * len(row), "rows sum to 0"
    assert (jacobian.diagonal() >= 0).all() and (jacobian.diagonal() <= 0.25).all()
    assert np.linalg.eigvalsh(jacobian).min() >= -1e-15, "positive semi-definite"
    g = np.array(data.draw(st.lists(st.floats(-1e3, 1e3), min_size=len(row), max_size=len(row))))
    np.testing.assert_allclose(softmax_vjp(y, g), jacobian @ g, atol=1e-12, rtol=1e-12)
    log_jacobian = np.eye(len(row)) - y  # ∂log yᵢ/∂xⱼ = δᵢⱼ − yⱼ
    np.testing.assert_allclose(log_softmax_vjp(log_softmax(row), g), g @ log_jacobian, atol=1e-9)


@quick
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=8))
def test_the_jacobian_has_rank_n_minus_one(row):
    assert np.linalg.matrix_rank(softmax_jacobian(row), tol=1e-10) == len(row) - 1


@quick
@given(rows, st.data())
def test_a_constant_added_upstream_changes_nothing(row, data):
    g = np.array(data.draw(st.lists(st.integers(-1000, 1000), min_size=len(row), max_size=len(row))), float)
    y, constant = softmax(row), float(data.draw(st.integers(-(2**40), 2**40)))
    np.testing.assert_array_equal(softmax_vjp(y, g + constant), softmax_vjp(y, g))
    assert (softmax_vjp(y, np.full(len(row), constant)) == 0).all()


@quick
@given(rows, st.randoms())
def test_a_permutation_permutes_the_derivatives(row, random):
    order = random.sample(range(len(row)), len(row))
    x = np.array(row)
    g = np.arange(1.0, len(row) + 1)
    np.testing.assert_allclose(
        softmax_jacobian(x[order]), softmax_jacobian(x)[np.ix_(order, order)], rtol=1e-14, atol=1e-300
    )
    for vjp, function in VJPS.items():
        got, same = vjp(function(x[order]), g[order]), vjp(function(x), g)[order]
        np.testing.assert_allclose(got, same, rtol=1e-10, atol=1e-14 * len(row) ** 2)


@quick
@given(rows, st.data())
def test_a_gradient_led_back_sums_to_zero(row, data):
    g = np.array(data.draw(st.lists(st.floats(-1e3, 1e3), min_size=len(row), max_size=len(row))))
    for vjp, function in VJPS.items():
        assert abs(vjp(function(row), g).sum()) <= 1e-12 * (1 + abs(g).sum())


@quick
@given(rows, st.data())
def test_the_gradient_of_a_row_sums_to_zero_and_the_loss_is_not_negative(row, data):
    true_class = data.draw(st.integers(0, len(row) - 1))
    loss, gradient = softmax_cross_entropy(row, true_class)
    assert loss >= 0 and abs(gradient.sum()) < 1e-15 * len(row)
    assert gradient[true_class] <= 0 and (np.delete(gradient, true_class) >= 0).all()


# ── SwiGLU ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_swiglu_is_x_times_silu_of_the_gate_and_so_are_its_gradients():
    rng = np.random.default_rng(29)
    x, gate, g = rng.normal(0, 3, (3, 40, 7))
    np.testing.assert_array_equal(swiglu(x, gate), x * acts.silu(gate))
    of_x, of_gate = swiglu_vjp(x, gate, g)
    np.testing.assert_array_equal(of_x, swiglu(g, gate))
    np.testing.assert_allclose(of_gate, g * x * acts.silu_derivative(gate), rtol=4e-16)
    step = 1e-6
    difference = g * (swiglu(x + step, gate) - swiglu(x - step, gate)) / (2 * step)
    np.testing.assert_allclose(of_x, difference, atol=1e-7)
    difference = g * (swiglu(x, gate + step) - swiglu(x, gate - step)) / (2 * step)
    np.testing.assert_allclose(of_gate, difference, atol=1e-7)


def test_swiglu_is_linear_in_x_and_not_symmetric():
    """Shazeer's Swish(xW) ⊗ xV: Swish goes over the gate, not over the value."""
    gate = np.linspace(-3, 3, 13)
    np.testing.assert_array_equal(swiglu(np.full(13, 2.0), gate), 2 * acts.silu(gate))
    np.testing.assert_array_equal(swiglu(gate, np.full(13, 2.0)), gate * acts.silu(2.0))


def true_silu(gate, order):
    with mpmath.workdps(60):
        gate = mpmath.mpf(gate)
        share = 1 / (1 + mpmath.exp(-gate))
        return share * (1 + gate * (1 - share)) if order else gate * share


@each_dtype
def test_swiglu_and_its_gradients_are_accurate(dtype):
    bound = {np.float16: FLOAT16_ULP, np.float32: FLOAT32_ULP, np.float64: 8}[dtype]
    rng = np.random.default_rng(30)
    x, gate, g = (rng.normal(0, scale, 400).astype(dtype) for scale in (3, 30, 3))
    of_x, of_gate = swiglu_vjp(x, gate, g)
    for got, factors, order in ((swiglu(x, gate), (x,), 0), (of_x, (g,), 0), (of_gate, (g, x), 1)):
        assert got.dtype == dtype
        with mpmath.workdps(60):
            exact = [
                mpmath.fprod([true_silu(float(one), order), *(mpmath.mpf(float(factor[i])) for factor in factors)])
                for i, one in enumerate(gate)
            ]
            truth = truth_of(np.array(exact, object))
        away = is_normal(truth, dtype) & ((np.abs(gate.astype(float) + 1.2784645) > 0.5) | (order == 0))
        assert error_in_ulp(got, truth, dtype)[away].max() <= bound
        assert not lost(got, truth, dtype).any()


def test_the_gradient_of_the_gate_takes_its_factors_in_an_order_that_neither_overflows_nor_underflows():
    for x, g in ((1e200, 1e200), (1e-200, 1e300), (1e300, 1e-200)):
        gate = -700.0
        with mpmath.workdps(60):
            exact = float(mpmath.mpf(x) * mpmath.mpf(g) * true_silu(gate, 1))
        assert swiglu_vjp(x, gate, g)[1] == pytest.approx(exact, rel=1e-14, abs=0)


@each_dtype
def test_limits_of_swiglu(dtype):
    x = np.array([2, 2, INF, 2, NAN, INF, 0], dtype)
    gate = np.array([INF, -INF, 1, NAN, 1, -INF, INF], dtype)
    value = swiglu(x, gate)
    assert value.tolist()[:2] == [INF, 0] and value[2] == INF and np.isnan(value[3:]).all()
    of_x, of_gate = swiglu_vjp(dtype([2, 2]), dtype([INF, -INF]), dtype([3, 3]))
    assert of_x.tolist() == [INF, 0] and of_gate.tolist() == [6, 0]


def test_dtypes_and_shapes_of_swiglu():
    for wide, narrow in ((np.float64, np.float32), (np.float64, np.float16), (np.float32, np.float16)):
        x, gate = np.array([1.5, -2], narrow), np.array([[0.1, 3]], wide)[0]
        assert swiglu(x, gate).dtype == swiglu(gate, x).dtype == wide
        assert [gradient.dtype for gradient in swiglu_vjp(x, gate, gate)] == [narrow, wide]
        np.testing.assert_array_equal(swiglu(x, gate), swiglu(x.astype(wide), gate))
    for shape in ((), (3,), (2, 0, 3), (2, 3, 4)):
        ones = np.ones(shape, np.float32)
        assert swiglu(ones, ones).shape == swiglu_vjp(ones, ones, ones)[1].shape == shape
    assert type(swiglu(1, 2)) is type(swiglu_vjp(1, 2, 3)[0]) is type(swiglu_vjp(1, 2, 3)[1]) is np.float64
    wide = np.ones((4, 6))
    np.testing.assert_array_equal(swiglu(wide.T, wide[:, ::-1].T), swiglu(wide.T.copy(), wide.T.copy()))


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (swiglu, ([1, 2], 1), "gate must have the shape of x, (2,); got shape ()"),
        (swiglu, ([[1, 2]], [1, 2]), "gate must have the shape of x, (1, 2); got shape (2,)"),
        (swiglu_vjp, ([1, 2], [1], [1, 2]), "gate must have the shape of x, (2,); got shape (1,)"),
        (swiglu_vjp, ([1, 2], [1, 2], 1), "upstream must have the shape of x, (2,); got shape ()"),
    ],
)
def test_unfit_shapes_of_swiglu_are_refused(function, arguments, message):
    with pytest.raises(ValueError) as caught:
        function(*arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_many_rows_are_each_their_own(axis):
    x = np.random.default_rng(5).normal(0, 5, (30, 40, 50))  # several blocks of rows along every axis
    assert x.size > 3 * BLOCK
    rows = np.moveaxis(x, axis, -1).reshape(-1, x.shape[axis])
    classes = np.arange(len(rows)) % rows.shape[1]
    for function in (softmax, log_softmax):
        alone = np.array([function(row) for row in rows])
        np.testing.assert_array_equal(np.moveaxis(function(x, axis), axis, -1).reshape(rows.shape), alone)
    loss, gradient = softmax_cross_entropy(x, classes.reshape(np.delete(x.shape, axis)), axis)
    alone = [softmax_cross_entropy(row, true_class) for row, true_class in zip(rows, classes, strict=True)]
    np.testing.assert_array_equal(loss.ravel(), [one for one, _ in alone])
    np.testing.assert_array_equal(np.moveaxis(gradient, axis, -1).reshape(rows.shape), [one for _, one in alone])
