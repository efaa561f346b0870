"""Instruments for a function: a stopwatch, and the edge where it reaches its limit. For networks: `acts.probes`."""

from time import perf_counter

import numpy as np

__all__ = ["first_reaching", "seconds"]


def seconds(*functions, repeats=15):
    """Time functions of no argument side by side; return (repeats, len(functions)) seconds.

    In every round each function runs once, so that a slow moment of the machine slows all of them: ratios within a
    round are worth more than the seconds themselves. One round before the first is not counted. Fewer than one function
    or one repeat is a `ValueError`.

    Examples
    --------
    >>> seconds(lambda: sum(range(10)), lambda: sum(range(1000)), repeats=3).shape
    (3, 2)
    """
    if not functions or repeats < 1:
        raise ValueError(
            f"functions and repeats must be at least one each; got {len(functions)} functions, repeats={repeats!r}"
        )
    measured = np.empty((repeats + 1, len(functions)))
    for times in measured:
        for i, function in enumerate(functions):
            start = perf_counter()
            function()
            times[i] = perf_counter() - start
    return measured[1:]


def first_reaching(function, value, start, end, dtype=np.float64):
    """Return the first number of `dtype`, on the way from `start` to `end`, at which `function` is exactly `value`.

    Found by bisection, so the function must reach the value once and keep it.

    Parameters
    ----------
    function : takes and returns an array of `dtype`
    value : float
    start, end : finite floats; the function has not reached the value at `start`, and has at `end`
    dtype : a float dtype

    Returns
    -------
    scalar of `dtype`

    Raises
    ------
    ValueError
        If the function is at the value at `start` already, or not yet at `end`, or one of the two is not finite.

    Examples
    --------
    >>> float(first_reaching(lambda x: 1 + x, 1.0, start=1.0, end=0.0)) == 2.0**-53
    True
    """
    dtype = np.dtype(dtype).type
    if not max(abs(start), abs(end)) <= float(np.finfo(dtype).max):
        raise ValueError(f"start and end must be finite in {dtype.__name__}; got {start!r} and {end!r}")
    before, after = dtype(start), dtype(end)
    if function(before) == value or function(after) != value:
        raise ValueError(
            f"function must reach {value!r} between start and end; got {float(function(before))!r} at {start!r} "
            f"and {float(function(after))!r} at {end!r}"
        )
    while True:
        middle = before / 2 + after / 2  # their sum or difference could overflow
        if middle in (before, after):
            return after
        before, after = (before, middle) if function(middle) == value else (middle, after)
