"""Softmax, its logarithm, their derivatives, and the cross-entropy that a classifier is trained with, along any axis.

What they all promise for any input stands once, in `help(acts)`. Paper and year stand in `acts.catalog`.
"""

from numbers import Integral
from typing import NamedTuple

import numpy as np

from acts._arrays import BLOCK, float_array
from acts._names import public


class _Row(NamedTuple):
    """What the functions of logits share: each entry relative to the largest."""

    log_weight: np.ndarray  # x − max(x), rounded
    lost: np.ndarray  # what that rounding lost
    weight: np.ndarray  # e^log_weight; 1 for the largest entry
    other_weight: np.ndarray  # the same, and 0 for the largest entry


def _check_axis(x, axis, name):
    if x.ndim == 0:
        raise ValueError(f"{name} must have at least one axis; got a single number")
    if not isinstance(axis, Integral) or isinstance(axis, bool):
        raise TypeError(f"axis must be an integer; got {axis!r}")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis must be from {-x.ndim} to {x.ndim - 1} for shape {x.shape}; got {axis}")
    if x.shape[axis] == 0:
        raise ValueError(f"{name} must have at least one entry along axis {axis}; got shape {x.shape}")


def _to_last(array, axis):
    """Move an axis to the end, where NumPy sums most accurately."""
    # moveaxis alone takes longer than all the rest of a short row.
    return array if axis in (-1, array.ndim - 1) else np.moveaxis(array, axis, -1)


def _from_last(array, axis):
    return array if axis in (-1, array.ndim - 1) else np.moveaxis(array, -1, axis)


def _blocks_of_rows(x, axis, name):
    """Return x as a matrix of rows along the axis, and slices of a few rows: large arrays need no large temporaries."""
    _check_axis(x, axis, name)
    rows = _to_last(x, axis).reshape(-1, x.shape[axis])
    step = max(1, BLOCK // rows.shape[1])
    return rows, [slice(start, start + step) for start in range(0, len(rows), step)]


def _row(x):
    x = x.astype(np.float64)
    top = x.argmax(axis=-1, keepdims=True)
    largest = np.take_along_axis(x, top, -1)
    difference = np.where(x == largest, 0, x - largest)
    # Knuth's two-difference: difference + lost is x − largest to the last bit. It counts where the logits are large.
    taken = difference - x
    lost = (x - (difference - taken)) - (largest + taken)
    lost = np.where(np.isfinite(lost), lost, 0)
    weight = np.exp(difference)
    other_weight = weight.copy()
    np.put_along_axis(other_weight, top, 0, -1)
    return _Row(difference, lost, weight, other_weight)


def _sum(weight, lost):
    """Return Σ weight·e^lost of each row, and what its last rounding lost; every digit counts at the end.

    The weights are parted at 2⁻²⁷ of the largest: their upper parts add without any rounding, however many they are.
    """
    shift = 2.0**27 * weight.max(axis=-1, keepdims=True)
    upper = (weight + shift) - shift
    coarse = upper.sum(axis=-1, keepdims=True)
    fine = ((weight - upper) + weight * lost).sum(axis=-1, keepdims=True)
    total = coarse + fine
    return total, fine - (total - coarse)


def _of_each_row(function, x, axis):
    """Return function(row) of every row along the axis, in the shape and dtype of x."""
    rows, blocks = _blocks_of_rows(x, axis, "x")
    out = np.empty_like(rows)
    for block in blocks:
        out[block] = function(_row(rows[block]))
    return _from_last(out.reshape(_to_last(x, axis).shape), axis)


def softmax(x, axis=-1):
    """Softmax, yᵢ = e^xᵢ / Σⱼ e^xⱼ: positive weights that sum to 1 along the axis.

    Shifted by the maximum along `axis`, so that nothing overflows; what the shift rounds away is put back. At most 4
    ULP off in float64. See `help(acts)`.

    >>> softmax([0.0, 0.0])
    array([0.5, 0.5])
    >>> softmax([1000.0, 1000.0, -1000.0])
    array([0.5, 0.5, 0. ])
    """
    x = float_array(x)
    with np.errstate(all="ignore"):
        return _of_each_row(_softmax, x, axis)


def _softmax(row):
    total, rest = _sum(row.weight, row.lost)
    y = row.weight / total
    return y + y * (row.lost - rest / total)


def softmax_jacobian(x, axis=-1):
    """Jacobian of the softmax, ∂yᵢ/∂xⱼ = yᵢ(δᵢⱼ − yⱼ), that is diag(y) − y yᵀ, for each row.

    The result has the shape of x without `axis`, followed by two new axes (i, j), each as long as the axis was: an x of
    shape (rows, n) gives (rows, n, n).

    Symmetric, positive semi-definite; its rows sum to 0 and its rank is n − 1. On the diagonal of a confident row
    1 − yᵢ would cancel; it is taken as the sum of the others. At most 7 ULP off in float64. To lead a gradient back use
    `softmax_vjp`, which never makes the n² numbers. See `help(acts)`.

    >>> softmax_jacobian([0.0, 0.0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    >>> softmax_jacobian([[0.0, 0.0, 0.0]] * 5).shape
    (5, 3, 3)
    """
    x = float_array(x)
    _check_axis(x, axis, "x")
    with np.errstate(all="ignore"):
        y = _softmax(_row(_to_last(x, axis)))
        of_others, _ = _sum(np.where(y > 0.5, 0, y), 0)  # 1 − y where it cancels: only the largest can be > 1/2
        diagonal = y * np.where(y > 0.5, of_others, 1 - y)
        jacobian = 0 - y[..., :, None] * y[..., None, :]  # 0 − …: what vanishes is 0, not −0
        each = np.arange(y.shape[-1])
        jacobian[..., each, each] = diagonal
        return jacobian.astype(x.dtype, copy=False)


def softmax_vjp(y, upstream, axis=-1):
    """Vector-Jacobian product of the softmax, yᵢ(gᵢ − Σⱼ gⱼyⱼ): leads the gradient g back from y = softmax(x) to x.

    `y` is what `softmax` returned, along `axis`, and `upstream` the gradient g of the loss with respect to y. A row
    of y that misses the sum of 1 by more than 1 % is a `ValueError`: it may be what softmax was given.

    g times `softmax_jacobian`, in n steps instead of n². As written, the formula cancels: the gradient of a
    confident row comes out as 0. A constant added to g changes nothing, so g is first taken relative to its value
    at the largest y, then to its mean, and what rounding leaves of the mean is taken off again: a few ULP of yᵢ Σⱼ
    yⱼ|gᵢ − gⱼ| off in float64. An infinite gⱼ is taken as a limit: it counts nothing where yⱼ is 0, and several are
    equally large. See `help(acts)`.

    >>> softmax_vjp([0.25, 0.75], [1.0, 0.0])
    array([ 0.1875, -0.1875])
    >>> softmax_vjp([1.0, 1e-20], [1.0, 2.0])
    array([-1.e-20,  1.e-20])
    """
    y, g = float_array(y, "y"), float_array(upstream, "upstream")
    rows, g_rows = _rows(y, g, axis)
    with np.errstate(all="ignore"):
        _check_sums(np.add.reduce(rows, -1), axis, 0.01, "y must be an output of softmax and sum to 1")
        return _as_given(_linear(_softmax_vjp, g_rows, rows), y, axis)


def _softmax_vjp(g, y):
    top = y.argmax(axis=-1)
    g = g - (g[top] if g.ndim == 1 else np.take_along_axis(g, top[..., None], -1))
    for _ in range(2):
        g -= np.vecdot(y, g, keepdims=True)
    g *= y
    return g


def _rows(y, g, axis):
    """Return both as rows of float64 along the last axis."""
    _check_axis(y, axis, "y")
    if y.shape != g.shape:
        raise ValueError(f"upstream must have the shape of y, {y.shape}; got shape {g.shape}")
    return np.asarray(_to_last(y, axis), np.float64, order="C"), np.asarray(_to_last(g, axis), np.float64, order="C")


def _as_given(rows, y, axis):
    """Return rows as `_rows` made them in the shape and dtype of y."""
    return _from_last(rows, axis).astype(y.dtype, copy=False)


def _linear(vjp, g, *given):
    """Return vjp(g, *given), linear in the rows g, whose entries may be infinite or so large that a sum of them is."""
    result = vjp(g, *given)
    if np.count_nonzero(np.isfinite(result)) == result.size:
        return result
    infinite = np.isinf(g)
    small = 2.0**-60  # exact, a power of two
    finite = vjp(np.where(infinite, 0, g) * small, *given) / small
    # Where the infinite entries pull to: ±inf, and nowhere (0) where their shares cancel.
    pull = vjp(np.where(infinite, np.sign(g), 0), *given)
    limit = finite + np.where(pull == 0, 0, np.copysign(np.inf, pull))
    return np.where(np.isfinite(result).all(axis=-1, keepdims=True), result, limit)


def log_softmax(x, axis=-1):
    """Logarithm of the softmax, xᵢ − log Σⱼ e^xⱼ.

    Along `axis`, log1p of the sum *without* the largest weight: a confident row keeps its digits where log(1 + tiny) is
    0. At most 2 ULP off in float64. See `help(acts)`.

    >>> f"{log_softmax([50.0, 0.0])[0]:.3e}"
    '-1.929e-22'
    """
    x = float_array(x)
    with np.errstate(all="ignore"):
        return _of_each_row(_log_softmax, x, axis)


def _log_softmax(row):
    others, rest = _sum(row.other_weight, row.lost)
    return row.log_weight + (row.lost - (np.log1p(others) + rest / (1 + others)))


def log_softmax_vjp(y, upstream, axis=-1):
    """Vector-Jacobian product of log_softmax, gᵢ − e^yᵢ Σⱼ gⱼ: leads the gradient g back from y = log_softmax(x) to x.

    `y` is what `log_softmax` returned, along `axis`, and `upstream` the gradient g of the loss with respect to y. A row
    whose e^y misses the sum of 1 by more than 1 % is a `ValueError`: it may be what log_softmax was given.

    For a share e^yᵢ above 1/2 the two terms cancel; there it is −gᵢ(e^yᵢ − 1), by expm1, minus e^yᵢ times the sum
    of the others. With g = −t it is the gradient of the cross-entropy, e^y − t. An infinite gⱼ is taken as a limit,
    and several are equally large. See `help(acts)`.

    >>> log_softmax_vjp(log_softmax([0.0, 0.0]), [-1.0, 0.0])
    array([-0.5,  0.5])
    """
    y, g = float_array(y, "y"), float_array(upstream, "upstream")
    rows, g_rows = _rows(y, g, axis)
    with np.errstate(all="ignore"):
        share = np.exp(rows)
        expected = "y must be an output of log_softmax, whose exponentials sum to 1"
        _check_sums(share.sum(axis=-1), axis, 0.01, expected)
        return _as_given(_linear(_log_softmax_vjp, g_rows, rows, share), y, axis)


def _log_softmax_vjp(g, y, share):
    gradient = share * g.sum(axis=-1, keepdims=True)
    np.subtract(g, gradient, out=gradient)
    confident = share > 0.5  # at most one of a row
    of_others = np.broadcast_to(g.sum(axis=-1, keepdims=True, where=~confident), g.shape)
    y, g, share, of_others = (array[confident] for array in (y, g, share, of_others))
    gradient[confident] = -g * np.expm1(y) - share * of_others
    return gradient


def softmax_cross_entropy(logits, targets, axis=-1):
    """Cross-entropy of a softmax, −Σᵢ tᵢ log yᵢ for each row, and its gradient y − t with respect to the logits.

    `targets` are the indices of the true classes, integers of the logits' shape without `axis`, or probabilities of the
    logits' shape; where a class is out of range or a row does not sum to 1, the `ValueError` says which. Returns
    (loss, gradient), in the dtype of the logits.

    Per row, unreduced. For the true class y − 1 is taken as minus the sum of the others, which does not cancel. At
    most 2 ULP (loss) and 3 ULP (gradient) off in float64 for class indices. See `help(acts)`.

    >>> loss, gradient = softmax_cross_entropy([[0.0, 0.0]], [1])
    >>> loss, gradient
    (array([0.69314718]), array([[ 0.5, -0.5]]))
    """
    x = float_array(logits, "logits")
    with np.errstate(all="ignore"):
        rows, blocks = _blocks_of_rows(x, axis, "logits")
        target = _checked_targets(targets, x.shape, axis)
        loss, gradient = np.empty(len(rows), x.dtype), np.empty_like(rows)
        for block in blocks:
            loss[block], gradient[block] = _cross_entropy(_row(rows[block]), target[block])
        shape = _to_last(x, axis).shape
        return loss.reshape(shape[:-1])[()], _from_last(gradient.reshape(shape), axis)


def _cross_entropy(row, target):
    y, log_y = _softmax(row), _log_softmax(row)
    if target.ndim == 1:
        target = 1.0 * (target[:, None] == np.arange(y.shape[1]))
    loss = -np.where(target > 0, target * log_y, 0).sum(axis=-1)
    # Where y and t are both near 1 their difference cancels. (1 − t) − (1 − y) does not; 1 − y is what others have.
    of_others, _ = _sum(np.where(target > 0.5, 0, y), 0)
    return loss + 0.0, np.where(target > 0.5, (1 - target) - of_others, y - target)  # + 0.0: a loss of −0 is 0


def _check_sums(total, axis, tolerance, expected):
    """Refuse sums of rows that are not 1; a NaN is let through, to stay NaN."""
    off = abs(total - 1)
    if np.count_nonzero(off > tolerance):
        worst = np.unravel_index(np.nanargmax(off), off.shape)
        where = f"row {tuple(map(int, worst))}" if worst else "the row"
        raise ValueError(f"{expected} along axis {axis}; {where} sums to {float(total[worst])}")


def _checked_targets(targets, shape, axis):
    """Return the targets as rows of probabilities, or as one class index for each row."""
    classes = shape[axis]
    rows = shape[: axis % len(shape)] + shape[axis % len(shape) + 1 :]
    target = float_array(targets, "targets")
    if target.shape == shape:
        if not (target >= 0).all():
            raise ValueError(f"targets must be probabilities, none negative or NaN; got {target.min()}")
        total = target.sum(axis=axis, dtype=np.float64)
        _check_sums(total, axis, max(1e-6, classes * np.finfo(np.float32).eps), "targets must sum to 1")
        return _to_last(target, axis).reshape(-1, classes)
    array = np.asarray(targets)
    if array.shape != rows:
        raise ValueError(
            f"targets must be class indices of shape {rows} or probabilities of shape {shape}; got shape {array.shape}"
        )
    if array.dtype.kind not in "iu":
        raise TypeError(f"targets of shape {rows} are class indices and must be integers; got {array.dtype}")
    wrong = (array < 0) | (array >= classes)
    if wrong.any():
        raise ValueError(f"targets must be classes from 0 to {classes - 1}; got {array[wrong].flat[0]}")
    return array.ravel()


__all__ = public(globals())
