"""What the numeric tests measure against: hard inputs, the truth at 50 digits and more, and a distance in ULP.

What an activation promises is one line in `CONTRACTS`. The oracle of `NAME_derivative` is the derivative that SymPy
takes of `symbolic.NAME`. CONTRIBUTING.md says what else a new activation needs.
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
    `roots` of f′, around which one ULP means that of 2⁻⁴. `parity` of f′: +1 even, None neither.
    `at_kinks`: what f′ returns at each kink of the record, in its order.
    `absolute`: if given, float64 promises no more than this times max(1, |x|), and `ulp` says nothing.
    """

    ulp: tuple[float, float]
    limits: tuple[float, float, float, float]
    roots: tuple[float, ...] = ()
    parity: int | None = None
    monotone: bool = True
    absolute: float | None = None
    at_kinks: tuple[float, ...] = ()


SELU_LAMBDA, SELU_FLOOR = 1.0507009873554805, -1.7580993408473768

CONTRACTS = {
    "sigmoid": Contract(ulp=(2, 4), limits=(0, 1, 0, 0), parity=1),
    "tanh": Contract(ulp=(2, 4), limits=(-1, 1, 0, 0), parity=1),
    "relu": Contract(ulp=(0, 0), limits=(0, INF, 0, 1), at_kinks=(0,)),
    "relu6": Contract(ulp=(0, 0), limits=(0, 6, 0, 0), at_kinks=(0, 0)),
    "leaky_relu": Contract(ulp=(1, 0.5), limits=(-INF, INF, 0.01, 1), at_kinks=(0.01,)),
    "prelu": Contract(ulp=(0, 0), limits=(-INF, INF, 0.25, 1), at_kinks=(0.25,)),
    "rrelu": Contract(ulp=(2, 1), limits=(-INF, INF, 11 / 48, 1), at_kinks=(11 / 48,)),
    "elu": Contract(ulp=(2, 2), limits=(-1, INF, 0, 1)),
    "selu": Contract(ulp=(2, 2), limits=(SELU_FLOOR, INF, 0, SELU_LAMBDA), at_kinks=(-SELU_FLOOR,)),
    "softplus": Contract(ulp=(2, 2), limits=(0, INF, 0, 1)),
    "silu": Contract(ulp=(4, 6), limits=(0, INF, 0, 1), roots=(-1.278464542761074,), monotone=False),
    "mish": Contract(ulp=(5, 8), limits=(0, INF, 0, 1), roots=(-1.192431214515803,), monotone=False),
    "gelu": Contract(ulp=(6, 9), limits=(0, INF, 0, 1), roots=(-0.7517915246935645,), monotone=False),
    # Its argument grows with x³, and e^ multiplies the rounding error of it: relative accuracy has to go.
    "gelu_tanh": Contract(
        ulp=(INF, INF), limits=(0, INF, 0, 1), roots=(-0.7524614220710163,), monotone=False, absolute=5e-16
    ),
    "hardswish": Contract(ulp=(2, 2), limits=(0, INF, 0, 1), roots=(-1.5,), monotone=False, at_kinks=(-0.5, 1.5)),
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
        near = [np.abs(x - root) < 0.5 for root in self.contract.roots if self.order]
        return np.any(near, axis=0) if near else np.zeros(np.shape(x), bool)

    def least(self, x):
        """Return the magnitude below which ULP grow no smaller at x: 2⁻⁴ near a root, else 0."""
        return np.where(self.near_root(x), 2.0**-4, 0.0)

    def __str__(self):
        return self.function.__name__


CASES = [Case(name, order) for name in ACTIVATIONS for order in (0, 1)]

# Where an exponential, its square, its complement or x times it reaches 0, 1, the subnormals or infinity; kinks; where
# a formula changes its way.
EDGES = (
    0.75, 1.19, 1.28, 1.5, 3.0, 5.5, 6.0, 8.3, 9.0, 16.6, 17.3, 18.7, 19.06, 20.0, 21.2, 21.6, 22.0, 36.04, 36.7,
    37.0, 37.5, 37.6, 37.7, 38.3, 38.4, 38.5, 38.55, 38.6, 39.2, 40.0, 50.0, 87.3, 88.7, 103.3, 103.9, 354.2, 354.9,
    372.5, 373.0, 700.0, 708.4, 709.1, 709.8, 710.0, 714.9, 715.0, 720.0, 744.4, 745.1, 745.2, 746.0, 751.0, 751.7,
    752.4, 1500.0, 1e4, 1e16, 1e154, 1e200,
)  # fmt: skip


@functools.cache
def battery():
    """Return the hard finite inputs: float64, sorted, without the kinks of any activation but 0."""
    rng = np.random.default_rng(20)
    tails = [rng.uniform(20.5, 22.5, 60), rng.uniform(36.5, 39, 100), rng.uniform(700, 755, 150)]
    near = np.concatenate([np.linspace(0, 800, 401), rng.uniform(0, 800, 100), rng.uniform(0, 40, 300), *tails])
    tiny, huge = np.log(5e-324), np.log(1e300)
    spread = np.exp(np.concatenate([rng.uniform(tiny, huge, 200), rng.uniform(np.log(1e-20), np.log(1e3), 300)]))
    limits = np.finfo(np.float64)
    special = [
        0.0, limits.smallest_subnormal, limits.tiny, np.nextafter(limits.tiny, 0), limits.eps, 1.0, 1e300, limits.max,
    ]  # fmt: skip
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
    25 right ones down to 10⁻⁴²⁵, far below the smallest subnormal. Far out and close to 0 they are asked at once: there
    a part of a sum, as log(1 + e⁻³⁰⁰), may be lost at 60 and at 120 digits alike.
    """
    if not 1e-20 < abs(x) < 50:
        return _at(450, function, x)
    short, long = (_at(digits, function, x) for digits in (60, 120))
    return long if short and abs(long - short) <= mpmath.mpf(10) ** -25 * abs(long) else _at(450, function, x)


def _at(digits, function, x):
    with mpmath.workdps(digits):
        return mpmath.mpf(function(mpmath.mpf(x)))


def formula(case):
    """Return SymPy's expression of f, or the derivative that SymPy takes of it, in the symbol `symbolic.x`."""
    return sp.diff(symbolic.expression(case.activation), symbolic.x, case.order)


def by_mpmath(expression):
    """Return a SymPy expression in `symbolic.x` as a function of one mpmath number, in a form that is quick.

    1 + erf(u) becomes one function, since nothing cancels in erfc(−u); constants such as those of selu are evaluated
    once, and each exponential is kept for the next function that needs it.
    """
    quick = expression.replace(sp.erf, lambda u: sp.Function("erf_plus_1")(u) - 1)
    quick = quick.replace(lambda part: part.is_number and not part.is_Rational, lambda part: part.evalf(470))
    return sp.lambdify(symbolic.x, quick, [{"erf_plus_1": _erf_plus_1, "exp": _exp}, "mpmath"], cse=True)


def _erf_plus_1(u):
    if abs(u) > 1000:
        return mpmath.mpf(2 if u > 0 else 0)  # to 400,000 digits; mpmath itself overflows from 1e154 on
    tail = _at_precision(mpmath.erfc, abs(u), mpmath.mp.prec)
    return 2 - tail if u > 0 else tail


def _exp(u):
    return _at_precision(mpmath.exp, u, mpmath.mp.prec) if u > -1_000_000 else mpmath.mpf(0)


@functools.lru_cache(maxsize=50_000)
def _at_precision(function, u, precision):
    return function(u)


@functools.cache
def inputs(case):
    """Return the battery, for a derivative without the kinks, where there is none."""
    x = battery()
    return x[~np.isin(x, case.record.kinks)] if case.order else x


@functools.cache
def truth(case):
    """Return the true values of a case at its `inputs`."""
    function = by_mpmath(formula(case))
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
