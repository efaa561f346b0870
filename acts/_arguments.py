"""What several modules ask of an argument: it comes back clean, or an error names it and says what was given."""

import math
import operator

import numpy as np

from acts._arrays import float_array


def integers(expected, values, lowest, fewest=1):
    """Return the values as a list of ints, if they are at least `fewest` of them and none is below `lowest`.

    Examples
    --------
    >>> integers("sizes must be two positive integers", [3, 2.5], lowest=1, fewest=2)
    Traceback (most recent call last):
    ValueError: sizes must be two positive integers; got [3, 2.5]
    """
    complaint = f"{expected}; got {values!r}"
    try:
        found = [operator.index(value) for value in values]
    except TypeError as error:  # no row at all, or one with something else in it
        raise ValueError(complaint) from error
    if len(found) < fewest or min(found) < lowest:
        raise ValueError(complaint)
    return found


def seed_list(seeds):
    """Return the seeds 0, 1, … of a number of seeds, or those that are given as a list of ints."""
    expected = "seeds must be a positive integer, or some integers from 0 on"
    if isinstance(seeds, (int, np.integer)):
        if seeds < 1:
            raise ValueError(f"{expected}; got {seeds!r}")
        return list(range(seeds))
    return integers(expected, seeds, lowest=0)


def check_integer(name, value, lowest, highest=math.inf):
    """Raise `ValueError` unless the value is an integer between the two limits."""
    if not isinstance(value, (int, np.integer)) or not lowest <= value <= highest:
        limits = f"from {lowest} to {highest}" if highest < math.inf else f"of at least {lowest}"
        raise ValueError(f"{name} must be an integer {limits}; got {value!r}")


def positive_integer(name, value):
    """Return the value as an int, if it is a positive integer and no bool."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a positive integer; got {value!r}")
    return int(value)


def finite(name, value):
    """Return the value as a float, if it is a finite number."""
    number = float_array(value, name)
    if number.ndim or not np.isfinite(number):
        raise ValueError(f"{name} must be a finite number; got {value!r}")
    return float(number)


def positive(name, value):
    """Return the value as a float, if it is a positive number."""
    number = finite(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be a positive number; got {value!r}")
    return number


def part_of_one(name, value):
    """Return the value as a float, if it is a number from 0 to below 1."""
    number = finite(name, value)
    if not 0 <= number < 1:
        raise ValueError(f"{name} must be a number from 0 to below 1; got {value!r}")
    return number
