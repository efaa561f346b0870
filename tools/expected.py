"""Compute the expected values of the exercises with mpmath, at 50 digits, into acts/_data/expected.json.

    python tools/expected.py            write the table
    python tools/expected.py --check    exit with 1 if the committed table differs from what would be written

Inputs and values are stored as decimal texts, because JSON knows neither inf nor nan. Each text is the shortest that
`float()` reads back to the very same float64, so nothing is lost on any machine.
"""

import argparse
import json
import sys
from pathlib import Path

import mpmath

TABLE = Path(__file__).parents[1] / "acts" / "_data" / "expected.json"
DIGITS = 50

# Where formulas break: the roots, the middle, the ends of float32 (88 to 104) and of float64 (709 to 745), and beyond.
# Every finite input but ±1e300 is exact in float32 too, so that one table serves both. -710 and -720 catch what -745
# lets through: there the true value is so small that 0 is nearly right.
SIZES = (
    0.125,
    0.5,
    1,
    2.5,
    5,
    10,
    20,
    36,
    37,
    40,
    88,
    89,
    100,
    104,
    300,
    700,
    709,
    710,
    720,
    740,
    745,
    750,
    1e300,
)
HARD = (*(-size for size in reversed(SIZES)), 0.0, *SIZES)
INPUTS = tuple(float(x) for x in (float("-inf"), *HARD, float("inf"), float("nan")))


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def sigmoid_derivative(x):
    return sigmoid(x) * sigmoid(-x)


FORMULAS = {"sigmoid": sigmoid, "sigmoid_derivative": sigmoid_derivative}


def as_float64(value):
    """Round an mpmath number to the nearest float64, by way of its decimals: mpmath's own cast rounds twice."""
    return float(mpmath.nstr(value, DIGITS))


def table():
    """Return the text of the whole table."""
    with mpmath.workdps(DIGITS):
        rows = {
            name: {
                "x": [repr(x) for x in INPUTS],
                "value": [repr(as_float64(formula(mpmath.mpf(x)))) for x in INPUTS],
            }
            for name, formula in FORMULAS.items()
        }
    return json.dumps(rows, indent=1) + "\n"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    options = parser.parse_args(arguments)
    fresh = table()
    if not options.check:
        TABLE.write_text(fresh, encoding="utf-8", newline="\n")
        return 0
    if TABLE.exists() and TABLE.read_text(encoding="utf-8") == fresh:
        return 0
    print(f"{TABLE.name} differs from what mpmath computes: run `python tools/expected.py`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
