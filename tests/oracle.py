"""What the numeric tests measure against: hard inputs, the truth at 50 digits and more, and a distance in ULP.

A new activation is one record in `acts.catalog`, one expression in `acts.symbolic` and one line in `CONTRACTS`. The
oracle of `NAME_derivative` is the derivative that SymPy takes of `symbolic.NAME`.
"""

import functools
from dataclasses import dataclass

import mpmath
import numpy as np
import sympy as sp

from acts import symbolic
from acts.catalog import ACTIVATIONS

INF = np.inf
DTYPES = (np.float16, np.float32, np.float64)


@dataclass(frozen=True)
class Contract:
    """What `acts` promises of one activation f and of its derivative f′.

    `ulp`: largest error in float64, of f and of f′. `limits`: f(−∞), f(+∞), f′(−∞), f′(+∞).
    `roots`: intervals around the roots of f′, where one ULP means that of 2⁻⁴. `parity` of f′: +1 even, None neither.
    `small_types`: False where float32 and float16 promise no more than absolute accuracy.
    """

    ulp: tuple[float, float]
    limits: tuple[float, float, float, float]
    roots: tuple[tuple[float, float], ...] = ()
    parity: int | None = None
    monotone: bool = True
    small_types: bool = True


CONTRACTS = {
    "sigmoid": Contract(ulp=(2, 4), limits=(0, 1, 0, 0), parity=1),
    "tanh": Contract(ulp=(2, 4), limits=(-1, 1, 0, 0), parity=1),
    "relu": Contract(ulp=(0, 0), limits=(0, INF, 0, 1)),
    "softplus": Contract(ulp=(2, 2), limits=(0, INF, 0, 1)),
}
FLOAT32_ULP, FLOAT16_ULP = 8, 0.51


@dataclass(frozen=True)
class Case:
    """One public function of one argument, with the contract that it is held to."""

    activation: str
    order: int  # 0: the function, 1: its derivative

    @property
    def record(self):
        return ACTIVATIONS[self.activation]

    @property
    def contract(self):
        return CONTRACTS[self.activation]

    @property
    def function(self):
        return self.record.derivative if self.order else self.record.function

    @property
    def range(self):
        return self.record.derivative_range if self.order else self.record.output_range

    @property
    def ulp(self):
        return self.contract.ulp[self.order]

    @property
    def limits(self):
        return self.contract.limits[2 * self.order :][:2]

    def near_root(self, x):
        inside = [(low <= x) & (x <= high) for low, high in self.contract.roots if self.order]
        return np.any(inside, axis=0) if inside else np.zeros(np.shape(x), bool)

    def __str__(self):
        return self.function.__name__


CASES = [Case(name, order) for name in ACTIVATIONS for order in (0, 1)]

# Where an exponential, its square or its complement reaches 0, 1, the subnormals or infinity.
EDGES = (8.3, 9.0, 16.6, 17.3, 18.7, 19.06, 22.0, 36.04, 36.7, 37.5, 38.5, 39.2, 87.3, 88.7, 103.3, 103.9, 354.2,
         354.9, 372.5, 373.0, 700.0, 708.4, 709.1, 709.8, 710.0, 720.0, 744.4, 745.1, 745.2, 746.0, 1e4, 1e16)


@functools.cache
def battery():
    """Return the hard finite inputs: float64, sorted, without the kinks of any activation but 0."""
    rng = np.random.default_rng(20)
    near = np.concatenate([np.linspace(0, 800, 401), rng.uniform(0, 800, 200), rng.uniform(0, 40, 300)])
    tiny, huge = np.log(5e-324), np.log(1e300)
    spread = np.exp(np.concatenate([rng.uniform(tiny, huge, 200), rng.uniform(np.log(1e-20), np.log(1e3), 300)]))
    limits = np.finfo(np.float64)
    special = [0.0, limits.smallest_subnormal, limits.tiny, np.nextafter(limits.tiny, 0), limits.eps, 1.0, 1e300,
               limits.max]
    edges = np.array(EDGES)
    positive = np.concatenate([near, spread, special, edges, np.nextafter(edges, 0), np.nextafter(edges, INF)])
    return np.unique(np.concatenate([-positive, positive]))  # −0.0 and 0.0 count as one; tests add the other


def battery_of(dtype):
    """Return every finite float16, or some 100,000 float32 from the smallest subnormal to the largest, sorted."""
    if dtype == np.float16:
        values = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    else:
        bits = np.arange(0, 1 << 31, 40_009, dtype=np.uint32)
        spread = np.concatenate([bits, bits | np.uint32(1 << 31)]).view(np.float32)
        values = np.concatenate([spread, np.linspace(-120, 120, 48_001, dtype=np.float32)])
    return np.unique(values[np.isfinite(values)])


class Truth:
    """Real numbers, each as the float64 nearest to it plus the float64 nearest to the rest: some 32 digits."""

    def __init__(self, numbers):
        self.high = np.array([float(mpmath.mpf(number)) for number in numbers])
        finite = zip(numbers, self.high.tolist(), strict=True)
        self.low = np.array([float(number - high) if mpmath.isfinite(high) else 0.0 for number, high in finite])

    def __getitem__(self, index):
        part = object.__new__(Truth)
        part.high, part.low = self.high[index], self.low[index]
        return part


def exactly(function, x):
    """Evaluate the mpmath `function` at the float `x`, with digits enough for 25 of them to be right.

    Where 60 and 120 digits disagree, something cancels, as in 1 − tanh². What 450 digits leave of such a difference has
    25 right ones down to 10⁻⁴²⁵, far below the smallest subnormal.
    """
    short, long = (_at(digits, function, x) for digits in (60, 120))
    return long if short and abs(long - short) <= mpmath.mpf(10) ** -25 * abs(long) else _at(450, function, x)


def _at(digits, function, x):
    with mpmath.workdps(digits):
        return mpmath.mpf(function(mpmath.mpf(x)))


def formula(case):
    """Return SymPy's expression of f, or the derivative that SymPy takes of it, in the symbol `symbolic.x`."""
    return sp.diff(symbolic.expression(case.activation), symbolic.x, case.order)


@functools.cache
def inputs(case):
    """Return the battery, for a derivative without the kinks, where there is none."""
    x = battery()
    return x[~np.isin(x, case.record.kinks)] if case.order else x


@functools.cache
def truth(case):
    """Return the true values of a case at its `inputs`."""
    function = sp.lambdify(symbolic.x, formula(case), "mpmath")
    with mpmath.workdps(60):
        return Truth([exactly(function, x) for x in inputs(case).tolist()])


def ulp_of(values, dtype, at_least=0.0):
    """Return the distance of neighbouring floats of `dtype` around the float64 `values`."""
    kind = np.finfo(dtype)
    _, exponent = np.frexp(np.maximum(np.abs(values), np.maximum(at_least, float(kind.tiny))))
    return np.ldexp(1.0, exponent - 1 - kind.nmant)


def error_in_ulp(got, true, dtype=np.float64, at_least=0.0):
    """Return |got − true| in ULP of `dtype`; `true` is a `Truth` or an array.

    Where only one of the two is finite, the error is infinite.
    """
    high, low = (true.high, true.low) if isinstance(true, Truth) else (true, 0.0)
    with np.errstate(all="ignore"):
        got = np.asarray(got, np.float64)
        off = np.abs((got - high) - low) / ulp_of(high, dtype, at_least)
        return np.where((got == high) & ~np.isfinite(high), 0.0, np.where(np.isnan(off), INF, off))


def lost(got, true, dtype=np.float64):
    """Tell where `got` is 0 or not finite though a float of `dtype`, subnormals included, could say the value."""
    high = true.high if isinstance(true, Truth) else true
    kind = np.finfo(dtype)
    sayable = (np.abs(high) >= float(kind.smallest_subnormal)) & (np.abs(high) <= float(kind.max))
    got = np.asarray(got, np.float64)
    return sayable & ((got == 0) | ~np.isfinite(got))


def is_normal(true, dtype=np.float64):
    high = np.abs(true.high if isinstance(true, Truth) else true)
    return (high >= float(np.finfo(dtype).tiny)) & (high <= float(np.finfo(dtype).max))


def worst(x, got, true, error):
    """Say the worst input in words, for the message of a failing assert."""
    at = int(np.argmax(error))
    high = true.high if isinstance(true, Truth) else true
    return f"{error[at]:.2f} ULP at x = {float(x[at])!r}: expected {float(high[at])!r}, got {float(got[at])!r}"


def true_softmax(logits):
    """Return the true softmax of each row and its logarithm, as two matrices of mpmath numbers."""
    with mpmath.workdps(420):  # log(1 − 10⁻³⁰⁰) needs more than 300 digits
        y, log_y = [], []
        for row in logits.tolist():
            weights = [mpmath.exp(mpmath.mpf(x) - mpmath.mpf(max(row))) for x in row]
            total = mpmath.fsum(weights)
            y.append([weight / total for weight in weights])
            log_y.append([mpmath.log(share) for share in y[-1]])
    return np.array(y, object), np.array(log_y, object)


def truth_of(numbers):
    """Return an array of mpmath numbers as a flat `Truth`."""
    with mpmath.workdps(420):
        return Truth(list(np.ravel(numbers)))
