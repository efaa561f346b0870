"""The second witness: numbers for limits, integrals, derivatives and sums that owe nothing to what SymPy says of them.

    a limit         values ever closer to the point, from each side
    an integral     quadrature at two precisions, split where the integrand has a kink, a jump or a pole
    a derivative    difference quotients of the function itself, from both sides
    a finite sum    its terms, one by one

Errors are estimates here, not bounds as in `precise`: what a quantity still moves by when more digits are spent on it.
"""

from functools import lru_cache
from itertools import chain, combinations, pairwise

import sympy as sp
from mpmath import mp
from sympy.core.relational import Relational

from acts.proofs.precise import (
    BY_NUMBERS,
    ELEMENTARY,
    NeedsMoreDigits,
    NotComputable,
    Undefined,
    ball,
    product,
)

CLAIMS = (sp.Derivative, sp.Integral, sp.Limit, sp.Product, sp.Subs, sp.Sum)
NOT_SMOOTH = (sp.Piecewise, sp.Abs, sp.Max, sp.Min, sp.sign, sp.Heaviside, sp.floor, sp.ceiling)
INFINITE = ("infinite", "minus infinity")
_ODD = (89, 113, 71, 101, 127, 83, 107, 97, 73, 109)  # /64: no steps of a pattern that sin(pi/x) could fall in with
_MOST_TERMS = 3000


class NoSlope(Undefined):
    """A derivative that does not exist, because the slopes from both sides differ."""


def short(value, digits=6):
    """Return a number for a student's eye: six digits, no tail of zeros."""
    if not isinstance(value, mp.mpf | mp.mpc):
        return str(value)
    if isinstance(value, mp.mpc):
        if value.imag == 0:
            return short(value.real, digits)
        if value.real == 0:
            return f"{short(value.imag, digits)}i"
        sign = "-" if value.imag < 0 else "+"
        return f"{short(value.real, digits)} {sign} {short(abs(value.imag), digits)}i"
    text = mp.nstr(mp.chop(value, mp.mpf(10) ** -50), digits, min_fixed=-6, max_fixed=digits + 3)
    return text[:-2] if text.endswith(".0") else text


def agree(a, b):
    """Return whether two numbers are the same but for what a short step leaves of a slope."""
    return abs(a - b) <= _tolerance(a, b)


def _tolerance(a, b):
    return mp.mpf(10) ** -8 * (1 + abs(a) + abs(b))


def _step(number, digits):
    """Return about 10^-digits, as a number that needs no rounding."""
    return sp.Rational(_ODD[number % len(_ODD)], 64) / 2 ** int(digits * 3.33)


def _moved(symbol, values, shift):
    if symbol not in values:
        raise NotComputable(f"{symbol} has no value")
    at = values[symbol]
    return values | {symbol: (at[0] + ball(shift, {})[0], at[1]) if isinstance(at, tuple) else at + shift}


# --- derivatives -----------------------------------------------------------------------------------------------------


def _derivative(expr, values):
    *inner, (variable, order) = expr.variable_count
    if not isinstance(order, int | sp.Integer):
        raise NotComputable(f"{order} is not a number")
    function = sp.Derivative(expr.expr, *inner, evaluate=False) if inner else expr.expr
    sides = [_slopes(function, variable, int(order), sign, values) for sign in (-1, 1)]
    for n, ((left, left_error), (right, right_error)) in enumerate(zip(*sides, strict=True)):
        error = max(left_error, right_error)
        if n and error > _tolerance(left, right):
            at, beside = ball(function, values)[0], sides[0][0][0]
            if agree(at, beside):
                raise NotComputable("the slopes do not settle")
            raise NoSlope(f"undefined (the function jumps: {short(at)} at the point, {short(beside)} beside it)")
        if not agree(left, right):
            what = "has a kink" if n else "jumps"
            raise NoSlope(
                f"undefined (the function {what}: {short(left)} from the left, {short(right)} from the right)"
            )
    return right, error + abs(left - right)


def _slopes(function, variable, order, sign, values):
    """Return (value, error) beside the point, then of the slopes of each order, all from one side."""
    coarse, fine = (_differences(function, variable, order, sign, values, n * mp.dps) for n in (1, 2))
    return [(b, e + abs(b - a)) for (a, _), (b, e) in zip(coarse, fine, strict=True)]


def _differences(function, variable, order, sign, values, digits):
    with mp.workdps((order + 1) * digits + mp.dps):
        h = sign * _step(digits, digits)
        there = [ball(function, _moved(variable, values, k * h)) for k in range(order + 1)]
        size, found = ball(h, {})[0], [there[1]]
        for n in range(1, order + 1):
            weights = [(-1) ** (n - k) * sp.binomial(n, k).p for k in range(n + 1)]
            value = sum(c * v for c, (v, _) in zip(weights, there, strict=False)) / size**n
            found.append((value, sum(abs(c) * e for c, (_, e) in zip(weights, there, strict=False)) / abs(size) ** n))
    return found


def _subs(expr, values):
    """`Subs`: the derivative sin'(u) at u = 2z, as the chain rule writes it."""
    with_symbols = values | {s: ball(at, values) for s, at in zip(expr.variables, expr.point, strict=True)}
    return ball(expr.expr, with_symbols)


# --- limits ----------------------------------------------------------------------------------------------------------


def _limit(expr, values):
    function, variable, point, direction = expr.args
    if point in (sp.oo, -sp.oo):
        return _one_sided(function, variable, point, 1, values)
    signs = {"+": [1], "-": [-1], "+-": [-1, 1]}[str(direction)]
    sides = []
    for sign in signs:
        try:
            sides.append(_one_sided(function, variable, point, sign, values))
        except Undefined as infinite:
            if len(signs) == 1 or str(infinite) not in INFINITE:
                raise
            sides.append((str(infinite), 0))
    (left, left_error), (right, right_error) = sides[0], sides[-1]
    if isinstance(left, str) and left == right:
        raise Undefined(left)
    if isinstance(left, str) or isinstance(right, str) or abs(left - right) > left_error + right_error + mp.eps:
        raise Undefined(f"undefined (no limit: {short(left)} from the left, {short(right)} from the right)")
    return right, right_error


def _one_sided(function, variable, point, sign, values):
    """The limit from one side, from values at steps of 10^-1, 10^-2, 10^-4, … 10^-128."""
    if isinstance(point, sp.Expr) and point.free_symbols & set(values):
        point = point.xreplace({s: v for s, v in values.items() if not isinstance(v, tuple)})
    seen = []
    rungs = (1, 2, 3, 5, 7, 10) if function.has(sp.Integral) else (1, 2, 4, 8, 16, 32, 64, 128)
    for number, digits in enumerate(rungs):
        step = _step(number, digits)
        at = point + sign * step if point.is_finite else (1 if point is sp.oo else -1) / step
        places = [at]
        if variable.is_integer:
            places = [sp.floor(at), sp.floor(at) + 1]  # a sequence may do one thing for even, another for odd
        try:
            seen += [_sharp(function, values | {variable: place}, digits) for place in places]
        except (NeedsMoreDigits, NotComputable):
            continue  # too large, or too small, to be held: the other places may do
    if len(seen) < 5:
        raise NotComputable("too few values near the point")
    return _settled(seen)


def _sharp(function, values, digits):
    """A value with a small absolute error; the closer to the point, the more cancels, and the more digits it takes."""
    for dps in (mp.dps + 2 * digits, mp.dps + 6 * digits, mp.dps + 18 * digits):
        with mp.workdps(dps):
            try:
                value, error = ball(function, values)
            except NeedsMoreDigits:
                continue
        if error <= (mp.mpf(10) ** -16 if function.has(sp.Integral) else mp.eps) * (1 + abs(value)):
            return value
    raise NeedsMoreDigits(f"{function} drowns in its rounding error")


def _settled(seen):
    """(limit, error) of a sequence, if it has one."""
    moves = [abs(b - a) for a, b in pairwise(seen)]
    last, scale = seen[-1], 1 + abs(seen[-1])
    if moves[-1] <= mp.mpf(10) ** -15 * scale and moves[-2] <= mp.mpf(10) ** -7 * scale:
        return last, moves[-1] + mp.eps * scale
    growing = [abs(b) >= 1.5 * abs(a) and not isinstance(b, mp.mpc) and a * b > 0 for a, b in pairwise(seen[-4:])]
    if all(growing):
        raise Undefined(INFINITE[int(last < 0)])
    if max(moves[-3:]) > max(moves) / 2:
        raise Undefined(f"undefined (no limit: the values swing, {', '.join(map(short, seen[-3:]))})")
    # As slow as 1/log x: each step brings half of what is left. Two rounds of Aitken's formula sum such a series.
    with mp.workdps(2 * mp.dps):
        once = [c - (c - b) ** 2 / (c - 2 * b + a) for a, b, c in zip(seen, seen[1:], seen[2:], strict=False)
                if c - 2 * b + a]  # fmt: skip
    if len(once) < 3 or abs(once[-1] - once[-2]) > mp.mpf(10) ** -4 * scale:
        raise NotComputable("the values come too slowly to rest")
    return once[-1], 10 * abs(once[-1] - once[-2]) + mp.eps * scale


# --- integrals -------------------------------------------------------------------------------------------------------


def _integral(expr, values):
    if expr.has(sp.Indexed):
        return _by_quadrature(expr, tuple(values.items()), mp.prec)
    symbols = sorted(expr.free_symbols & set(values), key=str)
    return _cached_quadrature(expr, tuple((s, values[s]) for s in symbols), mp.prec)


def _by_quadrature(expr, values, _):
    values = dict(values)
    *inner, outer = expr.limits
    if len(outer) == 1:
        return _antiderivative(expr, outer[0], values)
    if len(outer) != 3:
        raise NotComputable(f"the ends of {expr} are not both given")
    body = sp.Integral(expr.function, *inner) if inner else expr.function
    variable = outer[0]
    start, end = (_end(end, values) for end in outer[1:])
    if start == end:
        return product([(mp.mpf(0), mp.mpf(0)), ball(body, values | {variable: (start, mp.mpf(0))})])
    inside = any(isinstance(value, tuple) for value in values.values())  # another one, which looks twice itself
    digits = mp.dps if not body.has(*CLAIMS) else 8  # an integral of integrals has its price
    low, high = min(start, end), max(start, end)
    function = _compiled(body, variable, values)
    with mp.workdps(digits):
        cuts = [low, *_cuts(body, variable, values, _grid(low, high, 40 if inside else 240)), high]
    if (low, high) == (-mp.inf, mp.inf) and len(cuts) == 2:
        cuts.insert(1, mp.mpf(0))  # each end must converge by itself
    looks = [digits] if inside else [4 * digits // 5, digits]
    parts = [_quadrature(function, body, variable, *ends, looks) for ends in pairwise(cuts)]
    total = sum(value for value, _ in parts)
    return total if start < end else -total, sum(error for _, error in parts) + abs(total) * mp.eps * 16


_cached_quadrature = lru_cache(maxsize=512)(_by_quadrature)  # by the precision too


def _antiderivative(expr, variable, values):
    """An integral without ends is the one that SymPy finds; that its slope is the integrand can be tried."""
    found = _by_sympy(expr)
    slope, wanted = (ball(f, values)[0] for f in (sp.Derivative(found, variable), _by_sympy(expr.function)))
    if not agree(slope, wanted):
        raise Undefined(f"no antiderivative (its slope is {short(slope)}, not {short(wanted)})")
    return ball(found, values)


@lru_cache(maxsize=64)
def _by_sympy(expr):
    return expr.doit()


def _end(end, values):
    if end in (sp.oo, -sp.oo):
        return mp.inf if end is sp.oo else -mp.inf
    value, _ = ball(end, values)
    if isinstance(value, mp.mpc):
        raise NotComputable("an integral with complex ends")
    return value


def _compiled(body, variable, values):
    """The integrand as a function of one number, quick where nothing in it has to be computed step by step."""
    if body.has(*CLAIMS, sp.Indexed):
        return lambda t: ball(body, values | {variable: (t, mp.mpf(0))})[0]
    others = tuple(sorted((s for s in body.free_symbols if s != variable), key=str))
    quick = _lambda(body, (variable, *others))
    with mp.workdps(2 * mp.dps):
        known = [ball(s, values)[0] for s in others]
    return lambda t: quick(t, *known)


@lru_cache(maxsize=128)
def _lambda(body, symbols):
    return sp.lambdify(symbols, body, [ELEMENTARY, "mpmath"])


def _quadrature(function, body, variable, low, high, looks):
    """(value, error) of a piece, at two precisions: where it diverges they disagree."""
    found = []
    for dps in looks:
        with mp.workdps(dps):
            try:
                found.append(mp.quad(function, [low, high], error=True))
            except (ZeroDivisionError, ValueError, OverflowError, TypeError) as err:
                raise NotComputable(str(err)) from err
    (rough, _), (value, error) = found[0], found[-1]
    gap, scale = abs(value - rough), 1 + abs(value)
    if len(looks) == 1:
        gap = error
    if not mp.isfinite(value) or gap > mp.mpf(10) ** -7 * scale:
        oscillating = _oscillating(function, body, variable, low, high, looks[-1])
        if oscillating:
            return oscillating
        if gap < mp.mpf(scale) / 50:
            raise NotComputable("the integral comes too slowly to rest")
        raise Undefined(f"undefined (the integral does not settle: {short(rough)}, then {short(value)})")
    return value, 10 * max(error, gap, mp.eps * scale)  # the first look's error, and room


def _oscillating(function, body, variable, low, high, digits):
    """An integral to infinity over sin(kx) or cos(kx) times something that fades: half wave by half wave."""
    waves = {abs(f.args[0].diff(variable)) for f in body.atoms(sp.sin, sp.cos) if f.has(variable)}
    if not mp.isinf(high) or mp.isinf(low) or len(waves) != 1 or not (wave := waves.pop()).is_number:
        return None
    if max(abs(function(mp.mpf(10) ** 9 + mp.mpf(k) / 7)) for k in range(60)) > mp.mpf(10) ** -4:
        return None  # it swings for ever, as sin(x) alone
    values = []
    for dps in (15, max(20, digits // 2)):
        with mp.workdps(dps):
            values.append(mp.quadosc(function, [low, high], omega=mp.mpf(sp.N(wave, dps))))
    gap = abs(values[1] - values[0])
    return (values[1], gap) if gap < mp.mpf(10) ** -10 * (1 + abs(values[1])) else None


def _cuts(body, variable, values, grid):
    """Places where, seen from one place of the grid to the next, the integrand may have a kink, a jump or a pole."""
    found = set()
    for border in chain(kinks(body), _poles(body)):
        strangers = border.free_symbols - {variable, *values}  # those of an integral inside
        if variable not in border.free_symbols or strangers or border.has(*CLAIMS):
            continue
        function = _compiled(border, variable, values)
        signs = [(t, _sign(function, t)) for t in grid]
        found |= {t for t, sign in signs if sign == 0}
        for (a, left), (b, right) in pairwise(signs):
            if left and right and left != right:
                found.add(_bisected(function, a, b, left))
    return sorted(found)


def kinks(expr):
    """Yield expressions that are zero where the formula changes, at the border of a Piecewise, say."""
    for f in expr.atoms(Relational):
        yield f.lhs - f.rhs
    for f in expr.atoms(sp.Abs, sp.sign, sp.Heaviside):
        yield f.args[0]
    for f in expr.atoms(sp.Max, sp.Min):
        yield from (a - b for a, b in combinations(f.args, 2))
    for f in expr.atoms(sp.floor, sp.ceiling):
        yield sp.sin(sp.pi * f.args[0])


def _poles(expr):
    """Yield expressions that are zero where there may be no value."""
    for f in expr.atoms(sp.log):
        yield f.args[0]
    for f in expr.atoms(sp.Pow):
        if f.exp.is_nonnegative is not True or f.exp.is_integer is not True:
            yield f.base
    for f in expr.atoms(sp.tan, sp.sec, sp.cot, sp.csc):
        yield (sp.cos if isinstance(f, sp.tan | sp.sec) else sp.sin)(f.args[0])


def _grid(low, high, parts):
    """Places strictly between the two ends, dense near the finite ones, or near 0."""
    fractions = [mp.mpf(k) / parts for k in range(1, parts)]
    if mp.isinf(low) and mp.isinf(high):
        return [(2 * f - 1) / (f * (1 - f)) for f in fractions]
    if mp.isinf(high):
        return [low + f / (1 - f) for f in fractions]
    if mp.isinf(low):
        return [high - (1 - f) / f for f in fractions]
    return [low + (high - low) * f for f in fractions]


def _sign(function, t):
    try:
        value = function(t)
        return int(mp.sign(value)) if isinstance(value, mp.mpf) else None
    except (ArithmeticError, ValueError, TypeError):
        return None


def _bisected(function, a, b, left):
    for _ in range(mp.prec + 10):
        middle = (a + b) / 2
        sign = _sign(function, middle)
        if sign in (0, None):
            return middle
        a, b = (middle, b) if sign == left else (a, middle)
    return (a + b) / 2


# --- sums ------------------------------------------------------------------------------------------------------------


def _terms(expr, values):
    """(value, error) of each term; None if they go on for ever."""
    *inner, (index, first, last) = expr.limits
    body = expr.func(expr.function, *inner) if inner else expr.function
    if last is sp.oo and not inner:
        return None
    first, last = (ball(end, values)[0] for end in (first, last))
    if not (mp.isint(first) and mp.isint(last) and last - first < _MOST_TERMS):
        raise NotComputable(f"too many terms, or none: {expr}")
    return [ball(body.xreplace({index: sp.Integer(int(k))}), values) for k in mp.arange(first, last + 1)]


def _sum(expr, values):
    terms = _terms(expr, values)
    if terms is None:
        return _series(expr.function, *expr.limits[0][:2], values)
    total = sum((value for value, _ in terms), mp.mpf(0))
    return total, sum((error + abs(value) * mp.eps for value, error in terms), mp.mpf(0))


def _product(expr, values):
    terms = _terms(expr, values)
    if terms is not None:
        return product(terms)
    value, error = _series(sp.log(expr.function), *expr.limits[0][:2], values)
    return mp.exp(value), 2 * error * abs(mp.exp(value))


def _series(body, index, first, values):
    """A sum without end, by mpmath's extrapolation at two precisions, if its terms fall fast enough to have a sum."""
    start = ball(first, values)[0]
    term = _compiled(body, index, values)
    far = [[term(start + mp.mpf(10) ** n + k) for k in range(4)] for n in (3, 6, 9)]
    sizes = [max(map(abs, terms)) for terms in far]
    alternate = all(mp.re(a * b) < 0 for terms in far for a, b in pairwise(terms))
    if sizes[2] > mp.mpf("0.9") * sizes[0] > 0 or not alternate and sizes[2] * 1000 > mp.mpf("0.9") * sizes[1] > 0:
        raise Undefined("undefined (the sum diverges)")
    found = []
    for dps in (mp.dps * 4 // 5, mp.dps):
        with mp.workdps(dps):
            found.append(mp.nsum(term, [start, mp.inf]))
    rough, value = found
    if abs(value - rough) > mp.mpf(10) ** -7 * (1 + abs(value)):
        raise NotComputable("the sum comes too slowly to rest")
    return value, 10 * abs(value - rough) + mp.eps * (1 + abs(value))


BY_NUMBERS |= {
    sp.Derivative: _derivative,
    sp.Integral: _integral,
    sp.Limit: _limit,
    sp.Product: _product,
    sp.Subs: _subs,
    sp.Sum: _sum,
}
