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

# Some functions break elsewhere too: tanh has its small values around 0, and the end of its slope's tail is half as far
# away. Inputs near 0 need not be exact in float32: what tanh is given wrong there, it returns wrong by the same factor.
# Softplus is often replaced by x beyond 20, where it still differs from x in the eleventh digit.
MORE_SIZES = {"softplus": (21, 24), "tanh": (1e-20, 1e-8, 1e-5, 0.01), "tanh_derivative": (360, 370, 372)}


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def sigmoid_derivative(x):
    return sigmoid(x) * sigmoid(-x)


def softplus(x):
    """Return log(1 + eˣ) by log1p, which keeps an e^(−|x|) that 50 digits would lose beside the 1."""
    return mpmath.log1p(mpmath.exp(x)) if x < 0 else x + mpmath.log1p(mpmath.exp(-x))


def tanh_derivative(x):
    return 4 * sigmoid_derivative(2 * x)


FORMULAS = {
    "sigmoid": sigmoid,
    "sigmoid_derivative": sigmoid_derivative,
    "softplus": softplus,
    "tanh": mpmath.tanh,
    "tanh_derivative": tanh_derivative,
}


def inputs_of(name):
    """Return the inputs of a function's table: both infinities, ± each of its sizes and 0, in order; then NaN."""
    sizes = sorted((*SIZES, *MORE_SIZES.get(name, ())))
    hard = (*(-size for size in reversed(sizes)), 0.0, *sizes)
    return tuple(float(x) for x in (float("-inf"), *hard, float("inf"), float("nan")))


def as_float64(value):
    """Round an mpmath number to the nearest float64, by way of its decimals: mpmath's own cast rounds twice."""
    return float(mpmath.nstr(value, DIGITS))


def table():
    """Return the text of the whole table."""
    with mpmath.workdps(DIGITS):
        rows = {
            name: {
                "x": [repr(x) for x in inputs_of(name)],
                "value": [repr(as_float64(formula(mpmath.mpf(x)))) for x in inputs_of(name)],
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
