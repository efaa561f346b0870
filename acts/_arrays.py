"""What every numeric function of `acts` does with its arguments, in one place.

Which dtypes are accepted, in which precision is computed, how memory stays small, why nothing ever warns: all of it
stands here, so that a function elsewhere reads like its formula.
"""

import functools
import inspect

import numpy as np

# Elements of a block: 64 KiB of float64. The temporaries of a formula stay in the cache, and below the size from which
# the system takes memory back after each use and hands it out anew.
BLOCK = 1 << 13

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


def computed_in(dtype):
    """Return the dtype in which values of `dtype` are computed: float16 goes through float32."""
    return _COMPUTED_IN.get(np.dtype(dtype), np.dtype(dtype))


def blockwise(formula, x, operands=None, compute=None):
    """Apply `formula(x, **operands)` element by element, block by block, without a warning.

    `x` comes from `float_array`; `operands` is a dict of arrays that broadcast against it. The result has the shape and
    dtype of `x`; 0-d in, scalar out. `np.nditer` does the blocks, the casts and every memory layout.
    """
    operands = operands or {}
    compute = computed_in(x.dtype) if compute is None else np.dtype(compute)
    out = np.empty_like(x, subok=False)
    iterator = np.nditer(
        [x, *operands.values(), out],
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[["readonly"]] * (1 + len(operands)) + [["writeonly"]],
        op_dtypes=[compute] * (2 + len(operands)),
        casting="same_kind",
        buffersize=BLOCK,
    )
    # Overflow to inf and underflow to 0 are the right answers at the ends of the number line, not mishaps.
    with np.errstate(all="ignore"), iterator:
        for block, *others, target in iterator:
            target[...] = formula(block, **dict(zip(operands, others, strict=True)))
    return out[()]


def elementwise(check=None, compute=None):
    """Make a formula on float arrays a public function: any real input, any shape, no warning.

    The formula receives a one-dimensional block of float32 or float64 and its parameters. `check(x, parameters)` is
    asked before any block is computed; it returns the parameters cleaned, or raises. Those that are arrays go through
    the blocks like `x`. `compute` is the dtype of the blocks, where that of `x` does not do.
    """

    def decorate(function):
        signature = inspect.signature(function)

        @functools.wraps(function)
        def public(x, *args, **kwargs):
            bound = signature.bind(x, *args, **kwargs)
            bound.apply_defaults()
            parameters = dict(bound.arguments)
            values = float_array(parameters.pop("x"))
            if check is not None:
                parameters = check(values, parameters)
            operands = {name: value for name, value in parameters.items() if isinstance(value, np.ndarray)}
            constants = {name: value for name, value in parameters.items() if name not in operands}
            return blockwise(functools.partial(function, **constants), values, operands, compute)

        if function.__doc__:  # None under python -OO
            public.__doc__ = inspect.cleandoc(function.__doc__) + CONTRACT
        return public

    return decorate
