"""How a message names a value: never `np.float64(…)`, never more digits than help."""

import textwrap

import numpy as np

__all__ = ["COLUMNS", "MISHAPS", "broken", "compared", "described", "in_words", "input_in_words"]

# What a student's code may end in. Not KeyboardInterrupt: who stops a check wants it to stop.
MISHAPS = (Exception, SystemExit, GeneratorExit)

COLUMNS = 120  # a printed page and a terminal show no more


def broken(line):
    """Return a line of a message, broken where it is too long; what goes on is set in by four spaces."""
    if len(line) <= COLUMNS:
        return line
    return textwrap.fill(line, COLUMNS, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def input_in_words(x):
    """Return an input as short as it can be read back: `-710.0`, `1e+300`, `nan`."""
    return str(x)


def _with_digits(value, digits):
    text = f"{float(value):.{digits}g}"
    return text if any(mark in text for mark in ".einf") else text + ".0"


def compared(expected, got):
    """Return both numbers, with as many digits as it takes to tell them apart, and how far they are from each other.

    Examples
    --------
    >>> compared(4.476286e-309, 0.0)
    'expected 4.476286e-309, got 0.0: every digit is lost'
    >>> compared(0.25, 0.2500000001)
    'expected 0.25, got 0.2500000001: off by 1e-10, about 9 digits right'
    >>> compared(float("nan"), 1.0)
    'expected nan, got 1.0'
    """
    for digits in range(7, 18):
        words = _with_digits(expected, digits), _with_digits(got, digits)
        if words[0] != words[1]:
            break
    distance = _how_far(float(expected), float(got))
    return f"expected {words[0]}, got {words[1]}" + (f": {distance}" if distance else "")


def _how_far(expected, got):
    if not (np.isfinite(expected) and np.isfinite(got)):
        return ""
    if expected == 0:
        return f"off by {abs(got):.2g}"
    if got == 0:
        return "every digit is lost"
    if np.sign(got) != np.sign(expected):
        return "the sign is wrong"
    ratio = got / expected if abs(expected) >= 1e-300 else float("nan")
    right = -np.log10(abs(got - expected) / abs(expected))
    if right >= 1:
        return f"off by {abs(got - expected):.2g}, about {int(right)} digit{'s' * (int(right) > 1)} right"
    if 0.1 <= ratio <= 10:
        return f"{ratio:.3g} times what it should be"
    return f"off by {abs(got - expected):.2g}"


def _short(value, limit=40):
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _article(word):
    return f"an {word}" if word[0].lower() in "aeiou" else f"a {word}"


def in_words(error):
    """Return an exception as Python's last line would: `ValueError: no such axis`."""
    try:
        said = str(error)
        return f"{type(error).__name__}: {said}" if said else type(error).__name__
    except MISHAPS:  # a student's own, which has a mistake in its __str__
        return type(error).__name__


def described(value):
    """Return what a student gave, in a few words: `3 (an int)`, `an array of shape (3,)`, `the function f`."""
    try:
        return _described(value)
    except MISHAPS as error:  # its __repr__, __len__ or __name__ fails
        return f"an object that cannot be shown ({in_words(error)})"


def _described(value):
    kind = type(value).__name__
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, (np.generic, np.ndarray)):
        return f"{value} ({_article(str(value.dtype))})"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if callable(value):
        return f"the function {getattr(value, '__name__', kind)}"
    if isinstance(value, (list, tuple, dict, set)):
        return f"{_article(kind)} of {len(value)}"
    return f"{_short(value)} ({_article(kind)})"
