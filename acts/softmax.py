"""Softmax, its logarithm, and the cross-entropy that a classifier is trained with, along any axis.

Rows are computed in float64 and returned in the dtype of the input (integers give float64). `inf` is taken as a limit:
one entry of +inf takes everything, equal infinite entries share equally. No warning is ever emitted.
"""

from numbers import Integral
from typing import NamedTuple

import numpy as np

from acts._arrays import float_array

__all__ = ["log_softmax", "softmax", "softmax_cross_entropy"]


class _Row(NamedTuple):
    """What the three functions share: each entry relative to the largest."""

    log_weight: np.ndarray  # x − max(x), rounded
    lost: np.ndarray  # what that rounding lost
    weight: np.ndarray  # e^log_weight; 1 for the largest entry
    other_weight: np.ndarray  # the same, and 0 for the largest entry


def _row(x, axis, name="x"):
    if x.ndim == 0:
        raise ValueError(f"{name} must have at least one axis; got a single number")
    if not isinstance(axis, Integral) or isinstance(axis, bool):
        raise TypeError(f"axis must be an integer; got {axis!r}")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis must be from {-x.ndim} to {x.ndim - 1} for shape {x.shape}; got {axis}")
    if x.shape[axis] == 0:
        raise ValueError(f"{name} must have at least one entry along axis {axis}; got shape {x.shape}")
    x = x.astype(np.float64)
    top = np.expand_dims(x.argmax(axis=axis), axis)
    largest = np.take_along_axis(x, top, axis)
    difference = np.where(x == largest, 0, x - largest)
    # Knuth's two-difference: difference + lost is x − largest to the last bit. It counts where the logits are large.
    taken = difference - x
    lost = (x - (difference - taken)) - (largest + taken)
    lost = np.where(np.isfinite(lost), lost, 0)
    weight = np.exp(difference)
    other_weight = weight.copy()
    np.put_along_axis(other_weight, top, 0, axis)
    return _Row(difference, lost, weight, other_weight)


def _sum(weight, lost, axis):
    """Return Σ weight·e^lost along an axis, and what its last rounding lost; every digit counts at the end.

    The weights are parted at 2⁻²⁷ of the largest: their upper parts add without any rounding, however many they are.
    """
    shift = 2.0**27 * weight.max(axis=axis, keepdims=True)
    upper = (weight + shift) - shift
    coarse = upper.sum(axis=axis, keepdims=True)
    fine = ((weight - upper) + weight * lost).sum(axis=axis, keepdims=True)
    total = coarse + fine
    return total, fine - (total - coarse)


def softmax(x, axis=-1):
    """Softmax, yᵢ = e^xᵢ / Σⱼ e^xⱼ: positive weights that sum to 1 along the axis.

    Parameters
    ----------
    x : array_like of at least one axis; float16, float32, float64, integers or booleans
    axis : int

    Returns
    -------
    array of the shape of x, in [0, 1]; float dtypes are kept, integers give float64

    Raises
    ------
    TypeError
        If x is complex, a string or an object.
    ValueError
        If x is a single number, or the axis is out of range or empty.

    Notes
    -----
    Shifted by the maximum, so that nothing overflows; what the shift rounds away is put back. At most 4 ULP off in
    float64.

    Source: Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990.

    Examples
    --------
    >>> softmax([0.0, 0.0])
    array([0.5, 0.5])
    >>> softmax([1000.0, 1000.0, -1000.0])
    array([0.5, 0.5, 0. ])
    """
    x = float_array(x)
    with np.errstate(all="ignore"):
        return _softmax(_row(x, axis), axis).astype(x.dtype)


def _softmax(row, axis):
    total, rest = _sum(row.weight, row.lost, axis)
    y = row.weight / total
    return y + y * (row.lost - rest / total)


def log_softmax(x, axis=-1):
    """Logarithm of the softmax, xᵢ − log Σⱼ e^xⱼ.

    Parameters
    ----------
    x : array_like of at least one axis; float16, float32, float64, integers or booleans
    axis : int

    Returns
    -------
    array of the shape of x, at most 0; float dtypes are kept, integers give float64

    Raises
    ------
    TypeError
        If x is complex, a string or an object.
    ValueError
        If x is a single number, or the axis is out of range or empty.

    Notes
    -----
    log1p of the sum *without* the largest weight: a confident row keeps its digits where log(1 + tiny) is 0. At most
    2 ULP off in float64.

    Source: Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990.

    Examples
    --------
    >>> f"{log_softmax([50.0, 0.0])[0]:.3e}"
    '-1.929e-22'
    """
    x = float_array(x)
    with np.errstate(all="ignore"):
        return _log_softmax(_row(x, axis), axis).astype(x.dtype)


def _log_softmax(row, axis):
    others, rest = _sum(row.other_weight, row.lost, axis)
    return row.log_weight + (row.lost - (np.log1p(others) + rest / (1 + others)))


def softmax_cross_entropy(logits, targets, axis=-1):
    """Cross-entropy of a softmax, −Σᵢ tᵢ log yᵢ for each row, and its gradient y − t with respect to the logits.

    Parameters
    ----------
    logits : array_like of at least one axis; float16, float32, float64, integers or booleans
    targets : integers of the logits' shape without the axis (the index of the true class),
        or probabilities of the logits' shape
    axis : int

    Returns
    -------
    loss : array of the logits' shape without the axis
    gradient : array of the logits' shape; both in the dtype of the logits

    Raises
    ------
    TypeError
        If the logits are complex, strings or objects, or the class indices are not integers.
    ValueError
        If the shapes do not fit, a class is out of range, a probability is negative or a row does not sum to 1.

    Notes
    -----
    Per row, unreduced. For the true class y − 1 is taken as minus the sum of the others, which does not cancel. At most
    2 ULP (loss) and 3 ULP (gradient) off in float64 for class indices.

    Source: Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990.

    Examples
    --------
    >>> loss, gradient = softmax_cross_entropy([[0.0, 0.0]], [1])
    >>> loss, gradient
    (array([0.69314718]), array([[ 0.5, -0.5]]))
    """
    x = float_array(logits, "logits")
    with np.errstate(all="ignore"):
        row = _row(x, axis, "logits")
        target = _probabilities(targets, x.shape, axis)
        y, log_y = _softmax(row, axis), _log_softmax(row, axis)
        loss = -np.where(target > 0, target * log_y, 0).sum(axis=axis)
        # Where y and t are both near 1 their difference cancels. (1 − t) − (1 − y) does not; 1 − y is what others have.
        of_others, _ = _sum(np.where(target > 0.5, 0, y), 0, axis)
        gradient = np.where(target > 0.5, (1 - target) - of_others, y - target)
        return (loss + 0.0).astype(x.dtype)[()], gradient.astype(x.dtype)  # + 0.0: a loss of −0 is 0


def _probabilities(targets, shape, axis):
    """Return the targets as probabilities of the logits' shape; class indices become one-hot rows."""
    classes = shape[axis]
    rows = shape[: axis % len(shape)] + shape[axis % len(shape) + 1 :]
    target = float_array(targets, "targets").astype(np.float64)
    if target.shape == shape:
        if not (target >= 0).all():
            raise ValueError(f"targets must be probabilities, none negative or NaN; got {target.min()}")
        total = target.sum(axis=axis)
        off = np.abs(total - 1)
        if off.size and off.max() > max(1e-6, classes * np.finfo(np.float32).eps):
            worst = np.unravel_index(off.argmax(), off.shape)
            where = f"row {tuple(map(int, worst))}" if worst else "the row"
            raise ValueError(f"targets must sum to 1 along axis {axis}; {where} sums to {float(total[worst])}")
        return target
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
    target = np.zeros(shape)
    np.put_along_axis(target, np.expand_dims(array, axis), 1, axis)
    return target
