"""Compute the expected values of the exercises with mpmath, at 50 digits, into acts_exercises/_data/expected.json.

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

TABLE = Path(__file__).parents[1] / "acts_exercises" / "_data" / "expected.json"
DIGITS = 50

# Where formulas break: the roots, the middle, the ends of float32 (88 to 104) and of float64 (709 to 745), and beyond.
# Every finite input but ±1e300 is exact in float32 too, so that one table serves both. -710 and -720 catch what -745
# lets through: there the true value is so small that 0 is nearly right.
SIZES = (
    0.125, 0.5, 1, 2.5, 5, 10, 20, 36, 37, 40, 88, 89, 100, 104, 300, 700, 709, 710, 720, 740, 745, 750, 1e300,
)  # fmt: skip

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


# Functions of rows, three numbers each. Where these break: overflow, underflow of a whole row, rows far below their
# neighbours, a class that is ruled out (-inf), a NaN that must stay in its row.
SCORES = (
    (0, 0, 0),
    (1, 2, 3),
    (2.5, -1, 0.5),
    (-3, -3.5, -2),
    (10, 0, -10),
    (40, 0, -20),
    (0, -720, -3),
    (89, 88, 0),
    (-105, -104, -110),
    (710, 0, -5),
    (-750, -751, -760),
    (1000, 999, 998.5),
    (-1000.5, -1000, -1002),
    (1e300, 0, -1e300),
    (5, float("-inf"), 4),
    (1, float("nan"), 2),
)
# A gradient for the shares of some rows of scores: hesitating and sure rows, and a gradient far from 0.
UPSTREAM = (
    ((0, 0, 0), (1, 2, 4)),
    ((1, 2, 3), (1, -2, 0.5)),
    ((2, 0, -1), (0.5, 3, -1)),
    ((3, -2, 1), (-4, 1, 2)),
    ((0, 0, -30), (1, -1, 2)),
    ((12, 0, -1), (1, 2, -1)),
    ((-20, 20, 0), (3, 5, 1)),
    ((40, 0, -1), (1, 2, 3)),
    ((300, 1, 299), (-1, 2, 5)),
    ((1, 0.5, 0), (1000001, 1000002, 1000004)),
    ((1, 1, 0), (1, float("nan"), 2)),
    ((60, 0, 1), (0, 1, -1)),
)


def softmax(row):
    return [mpmath.exp(x) / sum(map(mpmath.exp, row)) for x in row]


def log_sum_exp(row):
    return [mpmath.log(sum(map(mpmath.exp, row)))]


def softmax_vjp(y, g):
    """Return g times the Jacobian of the softmax, by pairs: exact also where the shares, rounded, miss the sum of 1."""
    return [y[i] * sum(y[j] * (g[i] - g[j]) for j in range(len(y))) for i in range(len(y))]


ROW_FORMULAS = {"softmax": softmax, "log_sum_exp": log_sum_exp, "softmax_vjp": softmax_vjp}


def row_inputs():
    """Return what the functions of rows are given, {name: {argument: rows of float64}}."""
    shares = [[as_float64(y) for y in softmax([mpmath.mpf(x) for x in scores])] for scores, _ in UPSTREAM]
    scores = {"x": SCORES}
    return {"softmax": scores, "log_sum_exp": scores, "softmax_vjp": {"y": shares, "g": [g for _, g in UPSTREAM]}}


def row_table(formula, inputs):
    """Return the columns of a function of rows, one row after the other."""
    rows = zip(*inputs.values(), strict=True)
    values = [formula(*([mpmath.mpf(x) for x in row] for row in given)) for given in rows]
    columns = inputs | {"value": [[as_float64(value) for value in row] for row in values]}
    return {name: [repr(float(x)) for row in column for x in row] for name, column in columns.items()}


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
        for name, inputs in row_inputs().items():
            rows[name] = row_table(ROW_FORMULAS[name], inputs)
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
