"""What every numeric function of `acts` does with its arguments, in one place.

Which dtypes are accepted, in which precision is computed, how memory stays small, why nothing ever warns: all of it
stands here, so that a function elsewhere reads like its formula.
"""

import functools
import inspect
import math

import numpy as np

# Elements of a block: 64 KiB of float64. Many temporaries stay in the cache, and below the size from which the system
# takes memory back after each use and hands it out anew.
BLOCK = 1 << 13
# Of a formula that works in place: few temporaries, so that the block may be large, and calling NumPy cost little.
LARGE_BLOCK = 16 * BLOCK

CONTRACT = "\n\nAny real input, any shape: see `help(acts)`. Paper and year: `acts.catalog`.\n"

_COMPUTED_IN = {np.dtype(np.float16): np.dtype(np.float32)}


def float_array(values, name="x"):
    """Return `values` as an array of float16, float32 or float64; integers and booleans become float64.

    A float array comes back as it is, without a copy, unless its bytes have to be put into the machine's order.

    Raises
    ------
    TypeError
        If the values are complex, strings, objects, of a longer float type, or form no array at all.

    Examples
    --------
    >>> float_array([1, 2])
    array([1., 2.])
    """
    expected = f"{name} must be a real number or an array of float16, float32, float64, integers or booleans"
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise TypeError(f"{expected}; got rows of different lengths ({type(values).__name__})") from error
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    given = repr(values) if np.ndim(array) == 0 else f"an array of {array.dtype}"
    raise TypeError(f"{expected}; got {given} ({type(values).__name__})")


def computed_in(dtype, constants=()):
    """Return the dtype in which values of `dtype` are computed: float16 goes through float32, and all through float64
    beside a parameter that float32 could not hold as a normal number."""
    if any(isinstance(one, float) and one and not 1e-37 < abs(one) < 1e38 for one in constants):
        return np.dtype(np.float64)
    return _COMPUTED_IN.get(dtype, dtype)


def blockwise(formula, x, operands=None, compute=None, whole=False):
    """Apply `formula(x, out, **operands)` element by element, block by block, without a warning.

    `x` comes from `float_array`; `operands` is a dict of arrays that broadcast against it. The result has the shape and
    dtype of `x`; 0-d in, scalar out. The formula returns its values, a new array or `out`, which is memory for them. It
    never writes into anything else that it is given. `whole`: it needs no memory but `out`, and so no blocks.
    """
    if x.ndim == 0:
        return blockwise(formula, x.reshape(1), operands, compute)[0]
    size = 2 * BLOCK if compute or x.itemsize == 2 else LARGE_BLOCK  # a block wider than x itself weighs more
    compute = compute or computed_in(x.dtype)
    operands = operands or {}
    result = np.empty_like(x, subok=False)
    # Overflow to inf and underflow to 0 are the right answers at the ends of the number line, not mishaps.
    with np.errstate(all="ignore"):
        if x.dtype == compute and (x.size <= size or (whole and x.flags.c_contiguous)) and x.size:
            return formula(x, result, **{name: np.asarray(other, compute) for name, other in operands.items()})
        x, out, *others = _in_memory_order(x, result, *operands.values())
        for part in blocks(x.shape, size):
            block, target = np.ascontiguousarray(x[part], compute), out[part]
            fits = target.dtype == compute and target.flags.c_contiguous
            memory = target if fits else np.empty_like(block)
            given = [np.asarray(other[part], compute) for other in others]
            values = formula(block, memory, **dict(zip(operands, given, strict=True)))
            if values is not target:
                target[...] = values
    return result


def _in_memory_order(x, *others):
    """Return views of all, their axes in the order in which x lies in memory, and as one axis where that can be."""
    if x.flags.c_contiguous and all(other.flags.c_contiguous and other.shape == x.shape for other in others):
        return [array.reshape(-1) for array in (x, *others)]
    order = sorted(range(x.ndim), key=lambda axis: -abs(x.strides[axis]))
    wide = [array if array.shape == x.shape else np.broadcast_to(array, x.shape) for array in (x, *others)]
    views = [array.transpose(order) for array in wide]
    return [view.reshape(-1) for view in views] if all(view.flags.c_contiguous for view in views) else views


def blocks(shape, size=BLOCK):
    """Yield the index of one block after the other of an array of this shape, in the order of C."""
    row = math.prod(shape[1:])
    if row > size:
        yield from ((slice(i, i + 1), *rest) for i in range(shape[0]) for rest in blocks(shape[1:], size))
    elif row:
        step = size // row
        yield from ((slice(start, start + step),) for start in range(0, shape[0], step))


def elementwise(check=None, compute=None, whole=False):
    """Make a formula on float arrays a public function: any real input, any shape, no warning.

    The formula receives a block of float32 or float64, the memory `out` for its values, and its parameters.
    `check(x, parameters)` is asked before any block is computed; it returns the parameters cleaned, or raises. Those
    that are arrays go through the blocks like `x`. `compute` is the dtype of the blocks, where that of `x` does not do;
    `whole`: see `blockwise`.
    """

    compute = compute and np.dtype(compute)

    def decorate(formula):
        signature = inspect.signature(formula)
        shown = [parameter for name, parameter in signature.parameters.items() if name != "out"]
        signature = signature.replace(parameters=shown)
        defaults = {parameter.name: parameter.default for parameter in shown[1:]}

        @functools.wraps(formula)
        def public(x, *args, **kwargs):
            parameters = defaults
            if args or kwargs:
                # Signature.bind would take longer than all the rest; here it only says what is wrong.
                given = dict(zip(defaults, args)) | kwargs  # noqa: B905
                if len(given) < len(args) + len(kwargs) or not given.keys() <= defaults.keys():
                    signature.bind(x, *args, **kwargs)
                parameters = defaults | given
            x = float_array(x)
            if check is None:
                return blockwise(formula, x, None, compute, whole)
            parameters = check(x, parameters)
            operands = {name: value for name, value in parameters.items() if isinstance(value, np.ndarray)}
            constants = {name: value for name, value in parameters.items() if name not in operands}
            wide = compute or computed_in(x.dtype, constants.values())
            wide = None if wide == computed_in(x.dtype) else wide
            return blockwise(functools.partial(formula, **constants), x, operands, wide, whole)

        public.__signature__ = signature
        if formula.__doc__:  # None under python -OO
            public.__doc__ = inspect.cleandoc(formula.__doc__) + CONTRACT
        return public

    return decorate
