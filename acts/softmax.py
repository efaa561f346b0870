"""Softmax, its logarithm, their derivatives, and the cross-entropy that a classifier is trained with, along any axis.

What they all promise for any input stands once, in `help(acts)`. Paper and year stand in `acts.catalog`.
"""

from numbers import Integral
from typing import NamedTuple

import numpy as np

from acts._arrays import BLOCK, computed_in, float_array
from acts._names import public

SHORT = 32  # entries: so short rows are quicker side by side, as columns


class _Part(NamedTuple):
    """What the functions of logits share: each entry relative to the largest of its column."""

    log_weight: np.ndarray  # x − max(x), rounded
    lost: np.ndarray | None  # what that rounding lost; None where it cannot count
    weight: np.ndarray  # e^log_weight; 1 for the largest entry


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


def _as_rows(array, axis):
    return _to_last(array, axis).reshape(-1, array.shape[axis])


def _blocks(rows):
    """Return slices of so many rows as make a block: large arrays need no large temporaries."""
    if rows.size <= BLOCK:
        return [slice(0, len(rows))]
    step = max(1, BLOCK // rows.shape[1])
    return [slice(start, start + step) for start in range(0, len(rows), step)]


def _columns(rows):
    """Return rows as columns, since all that follows runs along the first axis; a single one has no other axis.

    NumPy adds up a thousand columns at once, but rows one by one: short rows are laid side by side. Long ones stay as
    they lie in memory, where NumPy sums most accurately.
    """
    columns = _turned(rows)
    return np.asarray(columns, np.float64, order="C") if rows.shape[1] <= SHORT else columns


def _turned(rows):
    return rows[0] if len(rows) == 1 else rows.T


def _at(columns, index):
    """Return the entry at `index` of each column, in float64."""
    found = columns[index[0]] if columns.ndim == 1 else columns[index, np.arange(len(index))]
    return found.astype(np.float64, copy=False)


def _put(columns, index, value):
    if columns.ndim == 1:
        columns[index[0]] = value
    else:
        columns[index, np.arange(len(index))] = value


def _is_long(columns):
    """Return whether columns may be worked on as they are, in float32 or float64."""
    return len(columns) > SHORT and columns.dtype != np.float16


def _slices(n):
    return [slice(start, start + BLOCK) for start in range(0, n, BLOCK)]


class _Pieces:
    """What make(piece) returns for each piece of n numbers: kept if there is but one, else made anew each time.

    A row of millions has no room in memory for all of what is made of it.
    """

    def __init__(self, n, make):
        self.slices = [slice(0, n)] if n <= BLOCK else _slices(n)
        self.make = make
        self.kept = make(self.slices[0]) if n <= BLOCK else None

    def __getitem__(self, piece):
        return self.make(piece) if self.kept is None else self.kept

    def __iter__(self):
        return ((piece, self[piece]) for piece in self.slices)


def _in_float64(x):
    """Return columns of float64, each of them in one piece of memory."""
    return np.asarray(x, np.float64, order="F")


def _part(x, largest, exactly, finite):
    difference = x - largest
    lost = None
    if exactly:
        # Knuth's two-difference: difference + lost is x − largest to the last bit. It counts where logits are large.
        taken = difference - x
        lost = difference - taken
        lost = x - lost
        taken += largest
        lost -= taken
    if not finite:
        difference = np.where(x == largest, 0, difference)
        lost = None if lost is None else np.where(np.isfinite(lost), lost, 0)
    return _Part(difference, lost, np.exp(difference))


def _parted(weight, largest):
    """Part numbers at 2⁻²⁵ of the largest: their upper parts add without any rounding, however many they are."""
    shift = 2.0**27 * largest
    upper = weight + shift
    upper -= shift
    return upper, weight - upper


def _sum_and_rest(numbers):
    """Return the sum of each column, and what its last rounding lost."""
    upper, lower = _parted(numbers, np.maximum.reduce(abs(numbers), 0))
    coarse, fine = np.add.reduce(upper, 0), np.add.reduce(lower, 0)
    total = coarse + fine
    return total, fine - (total - coarse)


class _Logits:
    """A block of logits as columns, and the parts of each piece of them.

    float16 and float32 have digits to spare in float64: what x − max(x) loses there does not count.
    """

    def __init__(self, rows):
        self.x, self.exactly = _columns(rows), rows.dtype == np.float64
        self.largest = np.maximum.reduce(self.x, 0)
        if rows.dtype != np.float64:
            self.largest = self.largest.astype(np.float64)
        self.finite = True
        self._add_up()
        if np.count_nonzero(self.total - self.total):  # NaN: there are infinite or NaN entries, or an overflow
            self.finite = False
            self._add_up()

    def part(self, x):
        return _part(x, self.largest, self.exactly, self.finite)

    def _add_up(self):
        """Set `total` to Σ weight·e^lost, `others` to the same without one of the largest, whose weight is 1; and
        `total_rest` and `rest` to what their last rounding lost. Every digit of them counts.
        """
        # Not self.part: an object that holds a function that holds the object waits for the garbage collector.
        x, largest, exactly, finite = self.x, self.largest, self.exactly, self.finite
        in_float64 = np.asarray if len(x) <= SHORT else _in_float64  # short ones lie side by side, in float64
        self.parts = _Pieces(len(x), lambda piece: _part(in_float64(x[piece]), largest, exactly, finite))
        coarse = fine = finest = 0.0
        for _, (_, lost, weight) in self.parts:
            upper, lower = _parted(weight, 1.0)
            above = np.add.reduce(upper, 0)
            coarse = above + coarse
            if lost is not None:
                lower += weight * lost
            if np.count_nonzero(above < 1 + 2.0**-12):  # a confident row: what is below 2⁻²⁵ is most of the others
                below, left = _sum_and_rest(lower)
                finest = finest + left
            else:
                below = np.add.reduce(lower, 0)
            fine = below + fine
        self.total, self.others = coarse + fine, (coarse - 1) + fine
        self.total_rest = fine - (self.total - coarse)
        self.rest = fine - (self.others - (coarse - 1)) + finest

    def softmax(self, part):
        y = part.weight / self.total
        if part.lost is not None:
            y += y * (part.lost - self.total_rest / self.total)
        return y

    def complement(self):
        """Return 1 − y of the largest entries, which is what the others have."""
        share = self.others / self.total
        return share + (self.rest - share * self.total_rest) / self.total

    def log_softmax(self, part):
        log_total = np.log1p(self.others) + self.rest / (1 + self.others)
        return part.log_weight - (log_total if part.lost is None else log_total - part.lost)


def _of_each_row(function, directly, x, axis):
    """Return function(logits, part) of every part of every row along the axis, in the shape and dtype of x.

    `directly(x, y)` fills long columns y in a quicker way, and returns which of them are right.
    """
    _check_axis(x, axis, "x")
    rows = _as_rows(x, axis)
    out = np.empty_like(rows)
    for block in _blocks(rows):
        x_rows, y_rows = rows[block], out[block]
        if _is_long(x_rows.T):
            right = directly(_turned(x_rows), _turned(y_rows))
            if right.all():
                continue
            if right.any():
                logits = _Logits(x_rows[~right])
                y_rows[~right] = _turned(function(logits, logits.parts[slice(0, BLOCK)]))
                continue
        logits, y = _Logits(x_rows), _turned(y_rows)
        for piece, part in logits.parts:
            y[piece] = function(logits, part)
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
        return _of_each_row(_Logits.softmax, _softmax_directly, x, axis)


def _softmax_directly(x, y):
    """e^x / Σ e^x, without a shift that would have to be put right: for columns whose sum neither overflows nor lies so
    low that small shares are lost."""
    if y.ndim == 2 and not y.flags.f_contiguous:
        result, x = y, np.asarray(x, order="F")
        right = _softmax_directly(x, y := np.empty_like(x))
        result[...] = y
        return right
    weights = (np.exp(x[piece], out=y[piece]) for piece in _slices(len(x)))
    if x.dtype == np.float64:
        totals, rests = zip(*map(_sum_and_rest, weights), strict=True)
        total, rest = (totals[0], rests[0]) if len(totals) == 1 else _sum_and_rest(np.array([*totals, *rests]))
        for piece in _slices(len(x)):
            y[piece] /= total
            y[piece] -= y[piece] * (rest / total)
    else:
        total = np.sum([np.add.reduce(weight, 0) for weight in weights], axis=0, dtype=np.float64).astype(x.dtype)
        y /= total
    return (total >= 0.5) & (total <= np.finfo(x.dtype).max)


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
        n, shape = x.shape[axis], _to_last(x, axis).shape
        jacobian = np.empty((*shape, n), x.dtype)
        rows, out = _as_rows(x, axis), jacobian.reshape(-1, n, n)
        each = np.arange(n)
        for block in _blocks(rows):
            logits = _Logits(rows[block])
            part = logits.parts[slice(0, n)]
            y = logits.softmax(part)
            diagonal = y * np.where(part.weight == 1, logits.complement(), 1 - y)
            diagonal, y = (each.reshape(n, -1).T.astype(computed_in(x.dtype)) for each in (diagonal, y))
            product = y[:, :, None] * y[:, None, :]
            np.subtract(0, product, out=out[block], casting="same_kind")  # 0 − …: what vanishes is 0, not −0
            out[block, each, each] = diagonal
        return jacobian


def softmax_vjp(y, upstream, axis=-1):
    """Vector-Jacobian product of the softmax, yᵢ(gᵢ − Σⱼ gⱼyⱼ): leads the gradient g back from y = softmax(x) to x.

    `y` is what `softmax` returned, along `axis`, and `upstream` the gradient g of the loss with respect to y. A row
    of y that misses the sum of 1 by more than 1 %, and what rounding explains, is a `ValueError`: it may be what
    softmax was given.

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
    return _led_back(_softmax_vjp, y, upstream, axis, "y must be an output of softmax and sum to 1")


def _softmax_vjp(y, g, top, out):
    if len(y) > BLOCK:
        return _softmax_vjp_of_long(y, g, top, out)
    y, g = _in_float64(y), _in_float64(g)
    g = g - _at(g, top)
    g -= _dot(y, g)
    rest = _dot(y, g)
    g -= rest
    np.multiply(y, g, out=out, casting="same_kind")
    return _sum_of(y), rest


def _softmax_vjp_of_long(y, g, top, out):
    """Do the same in pieces: a row of millions has no room for all of its g relative to something."""
    of_top = _at(g, top)
    y = _Pieces(len(y), lambda piece, y=y: _in_float64(y[piece]))
    relative = _Pieces(len(g), lambda piece: _in_float64(g[piece]) - of_top)
    mean = _mean(relative, y)
    centred = _Pieces(len(g), lambda piece: relative[piece] - mean)
    rest = _mean(centred, y)
    for piece, part in centred:
        np.multiply(y[piece], part - rest, out=out[piece], casting="same_kind")
    return _sum(part for _, part in y), rest


def _sum(parts):
    return sum(_sum_of(part) for part in parts)


def _sum_of(part):
    """Return the sum of each column; of many short ones a product with ones is quicker."""
    return np.ones(len(part)) @ part if part.ndim == 2 and len(part) <= SHORT else np.add.reduce(part, 0)


def _mean(g, y):
    """Return Σ y·g of each column."""
    return sum(_dot(y[piece], part) for piece, part in g)


def _dot(a, b):
    return a @ b if a.ndim == 1 else np.vecdot(a, b, axis=0)


def _led_back(vjp, y, upstream, axis, expected):
    """Return vjp(y, g) of each row along the axis; y is refused where its shares do not sum to 1."""
    y, g = float_array(y, "y"), float_array(upstream, "upstream")
    _check_axis(y, axis, "y")
    if y.shape != g.shape:
        raise ValueError(f"upstream must have the shape of y, {y.shape}; got shape {g.shape}")
    rows, g_rows, shape = _as_rows(y, axis), _as_rows(g, axis), _to_last(y, axis).shape
    out = np.empty_like(rows)
    with np.errstate(all="ignore"):
        for block in _blocks(rows):
            given = _turned(rows[block]), _turned(g_rows[block]), rows[block].argmax(-1)
            total, last = vjp(*given, _turned(out[block]))
            if np.count_nonzero(abs(total - 1) > 0.01):
                _check_sums(total, axis, 0.01 + _rounding(rows), expected, shape[:-1], block.start)
            if np.count_nonzero(last - last):  # NaN
                _limits(vjp, *given, _turned(out[block]), np.atleast_1d(~np.isfinite(last)))
    return _from_last(out.reshape(shape), axis)


def _limits(vjp, y, g, top, out, where):
    """Fill out with vjp, linear in g, of the columns whose g is infinite or so large that a sum of it is."""
    y, g, out = (array.reshape(len(array), -1) for array in (y, g, out))
    y, g, top = y[:, where], g[:, where].astype(np.float64), top[where]
    infinite = np.isinf(g)
    small = 2.0**-60  # exact, a power of two
    finite, pull = np.empty_like(g), np.empty_like(g)
    vjp(y, np.where(infinite, 0, g) * small, top, finite)
    # Where the infinite entries pull to: ±inf, and nowhere (0) where their shares cancel.
    vjp(y, np.where(infinite, np.sign(g), 0), top, pull)
    out[:, where] = finite / small + np.where(pull == 0, 0, np.copysign(np.inf, pull))


def log_softmax(x, axis=-1):
    """Logarithm of the softmax, xᵢ − log Σⱼ e^xⱼ.

    Along `axis`, log1p of the sum *without* the largest weight: a confident row keeps its digits where log(1 + tiny) is
    0. At most 2 ULP off in float64. See `help(acts)`.

    >>> f"{log_softmax([50.0, 0.0])[0]:.3e}"
    '-1.929e-22'
    """
    x = float_array(x)
    with np.errstate(all="ignore"):
        return _of_each_row(_Logits.log_softmax, _log_softmax_directly, x, axis)


def _log_softmax_directly(x, y):
    """x − max(x) − log Σ in float32, whose eight ULP do not need more where the sum is large against its rounding."""
    if x.dtype != np.float32:
        return np.False_
    largest, total, spread = np.maximum.reduce(x, 0), 0.0, 0.0
    for piece in _slices(len(x)):
        difference = np.subtract(x[piece], largest, out=y[piece])
        weight = np.exp(difference)
        total = total + np.add.reduce(weight, 0).astype(np.float64)
        spread = spread - _dot(
            weight, difference
        )  # eps/2 times this is the most that rounding x − max(x) may have cost
    log_total = np.log(total)
    np.subtract(y, log_total.astype(x.dtype), out=y)
    return (total >= 2) & (spread <= 2 * total * log_total)


def log_softmax_vjp(y, upstream, axis=-1):
    """Vector-Jacobian product of log_softmax, gᵢ − e^yᵢ Σⱼ gⱼ: leads the gradient g back from y = log_softmax(x) to x.

    `y` is what `log_softmax` returned, along `axis`, and `upstream` the gradient g of the loss with respect to y. A row
    whose e^y misses the sum of 1 by more than 1 %, and what rounding explains, is a `ValueError`: it may be what
    log_softmax was given.

    For a share e^yᵢ above 1/2 the two terms cancel; there it is −gᵢ(e^yᵢ − 1), by expm1, minus e^yᵢ times the sum
    of the others. With g = −t it is the gradient of the cross-entropy, e^y − t. An infinite gⱼ is taken as a limit,
    and several are equally large. See `help(acts)`.

    >>> log_softmax_vjp(log_softmax([0.0, 0.0]), [-1.0, 0.0])
    array([-0.5,  0.5])
    """
    expected = "y must be an output of log_softmax, whose exponentials sum to 1"
    return _led_back(_log_softmax_vjp, y, upstream, axis, expected)


def _log_softmax_vjp(y, g, top, out):
    share = _Pieces(len(y), lambda piece: np.exp(_in_float64(y[piece])))
    total = _sum(part for _, part in share)
    of_top, y_top = _at(g, top), _at(y, top)
    of_others = _sum(_without(top, g, piece) for piece in share.slices)
    of_all = of_others + of_top
    for piece, part in share:
        part *= of_all
        np.subtract(g[piece], part, out=out[piece], casting="same_kind")
    confident = -of_top * np.expm1(y_top) - np.exp(y_top) * of_others
    _put(out, top, np.where(y_top > np.log(0.5), confident, _at(out, top)))
    return total, of_all


def _without(top, g, piece):
    """Return a piece of g in float64, with 0 at the entry `top` of each column."""
    part = g[piece].astype(np.float64, order="F")
    if len(part) == len(g):
        _put(part, top, 0)
    elif piece.start <= top[0] < piece.stop:  # a long column is alone
        part[top[0] - piece.start] = 0
    return part


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
    _check_axis(x, axis, "logits")
    with np.errstate(all="ignore"):
        rows, shape = _as_rows(x, axis), _to_last(x, axis).shape
        target = _checked_targets(targets, x.shape, axis)
        of_block = _of_classes if target.ndim == 1 else _of_probabilities
        loss, gradient = np.empty(len(rows), x.dtype), np.empty_like(rows)
        for block in _blocks(rows):
            loss[block] = of_block(_Logits(rows[block]), target[block], _turned(gradient[block]))
        return loss.reshape(shape[:-1])[()], _from_last(gradient.reshape(shape), axis)


# Where y and t are both near 1, y − t cancels. (1 − t) − (1 − y) does not; 1 − y is what others have.


def _of_classes(logits, classes, gradient):
    """Fill the gradient and return the loss."""
    if not (_is_long(gradient) and _softmax_directly(logits.x, gradient).all()):
        for piece, part in logits.parts:
            gradient[piece] = logits.softmax(part)
    true = logits.part(_at(logits.x, classes))
    surplus = np.where(true.weight == 1, 0 - logits.complement(), logits.softmax(true) - 1)
    _put(gradient, classes, surplus)
    return 0 - logits.log_softmax(true)  # 0 − …: no loss is −0


def _of_probabilities(logits, target, gradient):
    """Fill the gradient and return the loss."""
    loss, target = 0, _columns(target)
    for piece, part in logits.parts:
        t = target[piece].astype(np.float64, copy=False)
        near_1 = (part.weight == 1) & (t > 0.5)
        gradient[piece] = np.where(near_1, (1 - t) - logits.complement(), logits.softmax(part) - t)
        loss = loss - np.where(t > 0, t * logits.log_softmax(part), 0).sum(axis=0)
    return loss + 0.0


def _rounding(y):
    """Return how far rounding to the dtype of y may take the sum of a row of y, which is 1, away from it.

    Each entry by half of its last digit, eps/2 of itself, but by no less than half of the smallest number that there
    is. In float16 that is 3e-8: of 500,000 equal shares a sum of 1.5 % comes and goes.
    """
    kind = np.finfo(y.dtype)
    return float(kind.eps) + y.shape[-1] * float(kind.smallest_subnormal) / 2


def _check_sums(total, axis, tolerance, expected, shape, start=0):
    """Refuse sums of rows that are not 1; a NaN is let through, to stay NaN.

    They are those of the rows of an array of this shape, in order, from number `start` on.
    """
    off = abs(total - 1)
    if np.count_nonzero(off > tolerance):
        worst, total = np.nanargmax(off), np.atleast_1d(total)
        index = tuple(map(int, np.unravel_index(start + worst, shape)))
        where = f"row {index}" if index else "the row"
        raise ValueError(f"{expected} along axis {axis}; {where} sums to {float(total[worst])}")


def _are_integers(array):
    return isinstance(array, np.ndarray) and array.dtype.kind in "iu"


def _checked_targets(targets, shape, axis):
    """Return the targets as rows of probabilities, or as one class index for each row."""
    classes = shape[axis]
    rows = shape[: axis % len(shape)] + shape[axis % len(shape) + 1 :]
    target = targets if _are_integers(targets) else float_array(targets, "targets")
    if target.shape == shape:
        target = float_array(target, "targets")
        if not (target >= 0).all():
            raise ValueError(f"targets must be probabilities, none negative or NaN; got {target.min()}")
        target = _as_rows(target, axis)
        tolerance = max(1e-6, classes * np.finfo(np.float32).eps, _rounding(target))
        _check_sums(target.sum(axis=-1, dtype=np.float64), axis, tolerance, "targets must sum to 1", rows)
        return target
    array = np.asarray(targets)
    if array.shape != rows:
        raise ValueError(
            f"targets must be class indices of shape {rows} or probabilities of shape {shape}; got shape {array.shape}"
        )
    if array.dtype.kind not in "iu":
        raise TypeError(f"targets of shape {rows} are class indices and must be integers; got {array.dtype}")
    wrong = (array < 0) | (array >= classes)
    if np.count_nonzero(wrong):
        raise ValueError(f"targets must be classes from 0 to {classes - 1}; got {array[wrong].flat[0]}")
    return array.ravel()


__all__ = public(globals())
