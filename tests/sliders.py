"""What the tests of explorers share."""

import functools
import re


@functools.cache
def shared(kind, *arguments):
    """Return the explorer that all tests of this process look at. Who moves its sliders resets it first."""
    return kind(*arguments)


def show(explorer, **values):
    """Let the explorer show these values, and where its sliders stand for all others; return what it says."""
    unknown = values.keys() - explorer.values.keys()
    assert not unknown, f"no such sliders: {unknown}"
    return explorer.show(explorer.values | values)


def numbers(text):
    """Return the numbers that a sentence says, without a full stop's dot or a thousand's comma."""
    return [float(found.replace(",", "")) for found in re.findall(r"-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?", text)]
