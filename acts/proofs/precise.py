"""Values of SymPy expressions to any number of digits, each with a bound on its own error.

Why not plain `expr.evalf(50)`: SymPy 1.14 returns 0 for log(1 + exp(-745)) and gives up on 1 - tanh(1e4)**2. Here
every value travels with the size of its rounding error, so a cancellation is seen, and answered with more digits.
"""

from functools import lru_cache

import sympy as sp
from mpmath import mp

_HUGE_EXPONENT = 5000  # e^x for |x| > 2^5000 would fill the memory; float64 stops at 2^1024


def _exp(u):
    if mp.mag(u) > _HUGE_EXPONENT:
        raise NotComputable("an exponential is too large or too small to hold")
    if not isinstance(u, mp.mpf) or mp.mag(u) < 100:
        return mp.exp(u)
    with mp.workprec(mp.prec + mp.mag(u)):  # e^u = 2^n·e^rest; mpmath would square e some thousand times
        n = mp.nint(u / mp.ln2)
        rest = u - n * mp.ln2
    return mp.ldexp(mp.exp(rest), int(n))


def _erfc(u):
    if not isinstance(u, mp.mpf) or u < mp.mpf(2) ** 400:
        return mp.erfc(u)
    # mpmath overflows from 1e154 on. Out there, a few terms of the asymptotic series are enough.
    term = total = mp.mpf(1)
    for k in range(1, mp.prec // 800 + 2):
        term *= (1 - 2 * k) / (2 * u * u)
        total += term
    with mp.workprec(2 * mp.prec):  # the square is exact: what it lost, the exponential would blow up
        return _exp(-u * u) / (u * mp.sqrt(mp.pi)) * total


_ELEMENTARY = {
    getattr(sp, name): getattr(mp, {"Abs": "fabs", "conjugate": "conj"}.get(name, name))
    for name in (
        "exp log sin cos tan cot sec csc asin acos atan sinh cosh tanh coth sech csch asinh acosh atanh "
        "erf erfc gamma factorial sign Abs re im conjugate atan2 floor sinc"
    ).split()
}
_ELEMENTARY |= {sp.Max: max, sp.Min: min, sp.exp: _exp, sp.erfc: _erfc, sp.ceiling: mp.ceil}
_ELEMENTARY[sp.Heaviside] = lambda u, at_zero: at_zero if u == 0 else mp.mpf(u > 0)
ELEMENTARY = {function.__name__: numeric for function, numeric in _ELEMENTARY.items()}
BY_NUMBERS = {}  # limits, integrals, derivatives, sums: `witness` enters here how each is computed
_MOST_BITS = 18_000


class NotComputable(ArithmeticError):
    """No value can be given, at any precision."""


class Undefined(NotComputable):
    """There is no finite value; the message says why."""


class NeedsMoreDigits(ArithmeticError):
    """At this precision the value drowns in its error."""


def evaluate(expr, at, digits=50):
    """Value of a SymPy expression, right in each of its `digits` digits, also where a float would be lost.

    Parameters
    ----------
    expr : SymPy expression with at most the symbols that `at` names.
    at : number, decimal string, or dict {symbol: number}; or a list or array of numbers, for a list of values.
        A float stands for exactly the number that it stores, a string for exactly what it spells.
    digits : number of right significant digits.

    Returns
    -------
    mpmath.mpf (mpc if the value is complex), or a list of them. An mpf has no smallest number: a value below every
    float, such as gelu(-1e300) = -10^(-2.17·10^599), comes back as it is, and float() of it is 0.

    Raises
    ------
    TypeError, ValueError
        `expr` is not an expression, a symbol has no value, or a value is not finite.
    ArithmeticError
        The value is undefined there, or cannot be had to so many digits.

    >>> x = sp.Symbol("x")
    >>> print(mp.nstr(evaluate(sp.log(1 + sp.exp(x)), -745), 17))
    2.8223507304719371e-324
    """
    if not isinstance(expr, sp.Expr):
        raise TypeError(f"expr must be a SymPy expression, got {type(expr).__name__}")
    if hasattr(at, "__len__") and not isinstance(at, (str, dict)):
        return [evaluate(expr, one, digits) for one in at]
    expr = _ready(expr)
    values = _values_of_symbols(expr, at)
    bits = int((digits + 15) * 3.33)
    with mp.workprec(bits):
        while mp.prec <= _MOST_BITS:
            # Only the form as given at first: the others cost a simplification, and are seldom needed.
            forms = (expr,) if mp.prec <= 27 * bits else (expr, *other_forms(expr))
            for form in forms:
                try:
                    value, error = ball(form, values)
                except (NeedsMoreDigits, NotComputable):
                    continue
                if error <= abs(value) * mp.mpf(10) ** -digits:
                    with mp.workdps(digits + 5):
                        return +value
            mp.prec *= 3
    point = ", ".join(f"{symbol} = {sp.N(number, 6)}" for symbol, number in values.items())
    raise ArithmeticError(f"{expr} is undefined, or cannot be evaluated to {digits} digits, at {point}")


@lru_cache(maxsize=64)
def _ready(expr):
    """Derivatives taken, decimals exact: what there is to do once, not for each point."""
    return exact_decimals(expr.doit())


def exact_decimals(expr):
    """A decimal number means itself: 0.1 is 1/10, not the float next to it."""
    return expr.xreplace({number: sp.Rational(str(number)) for number in expr.atoms(sp.Float)})


def _values_of_symbols(expr, at):
    symbols = sorted(expr.free_symbols, key=str)
    if not isinstance(at, dict):
        if len(symbols) > 1:
            raise ValueError(f"at must be a dict with a value for each of {symbols}, got {at!r}")
        at = dict.fromkeys(symbols, at)
    missing = [symbol for symbol in symbols if symbol not in at]
    if missing:
        raise ValueError(f"at has no value for {missing}; it has {list(at)}")
    return {symbol: _exact(number) for symbol, number in at.items()}


def _exact(number):
    if isinstance(number, mp.mpf):
        mantissa, exponent = number.man_exp
        number = sp.Integer(mantissa) * sp.Integer(2) ** exponent
    elif not isinstance(number, (str, sp.Expr, int)):
        number = float(number)
    if isinstance(number, float):
        if number != number or number in (float("inf"), float("-inf")):
            raise ValueError(f"at must be finite, got {number}")
        return sp.Rational(number)
    number = sp.Rational(number) if isinstance(number, str) else sp.sympify(number)
    if not (number.is_number and number.is_finite):
        raise ValueError(f"at must be a finite number, got {number}")
    return number


@lru_cache(maxsize=64)
def other_forms(expr):
    """Equal expressions that may not cancel where `expr` does, as 1 - tanh² = 4e^2x/(1 + e^2x)² at the far ends."""
    if any(max(abs(number.p), number.q) > 100 for number in expr.atoms(sp.Rational)):
        return ()  # to factor, exp(8943*t) is a polynomial of degree 8943: it would not come back
    exponential = expr.rewrite(sp.exp)
    forms = [sp.factor(exponential), sp.simplify(expr)]
    return tuple(form for form in dict.fromkeys(forms) if form != expr)


# --- numbers that know their error -----------------------------------------------------------------------------------


def ball(expr, values):
    """(value, error) of `expr` at the working precision: the true value lies within `error` of `value`.

    `values`: a SymPy number for each symbol, or such a pair.

    Raises `NeedsMoreDigits` where a larger precision may help, `NotComputable` where none will.
    """
    try:
        return _ball(expr, values)
    except ZeroDivisionError as err:
        raise NotComputable(f"division by zero in {expr}") from err


def _unit():
    return mp.mpf(2) ** (4 - mp.prec)  # a few units in the last place: what one operation may lose


def _ball(expr, values):
    if expr in values:
        known = values[expr]
        return known if isinstance(known, tuple) else _ball(known, {})
    if expr.is_Rational:
        value = mp.mpf(expr.p) / expr.q
        return value, mp.mpf(0) if _fits(expr.p) and expr.q & (expr.q - 1) == 0 else abs(value) * _unit()
    if expr is sp.I:
        return mp.j, mp.mpf(0)
    if expr.is_Add:
        return _sum(expr.args, values)
    if expr.is_Mul:
        return product([_ball(arg, values) for arg in expr.args])
    if isinstance(expr, sp.Piecewise):
        for branch, condition in expr.args:
            if _truth(condition, values):
                return _ball(branch, values)
        raise NotComputable(f"no branch of {expr} applies")
    if expr.is_Pow and not isinstance(expr, sp.exp):
        return _power(expr.base, expr.exp, values)
    if isinstance(expr, sp.log) and expr.args[0].is_Add and sp.S.One in expr.args[0].args:
        return _apply(mp.log1p, [_ball(expr.args[0] - 1, values)])  # 1 + tiny would lose all of tiny
    if expr.func in _ELEMENTARY:
        args = [_ball(arg, values) for arg in expr.args]
        return _apply(_ELEMENTARY[expr.func], args)
    if expr.func in BY_NUMBERS:
        return BY_NUMBERS[expr.func](expr, values)
    return _left_to_sympy(expr, values)


def _fits(integer):
    return (integer // (integer & -integer or 1)).bit_length() <= mp.prec  # without the zeros at its end


# What c - c·f(u) and c + c·f(u) are, over c, in a form that keeps the digits where f(u) is close to ∓1.
_WITHOUT_CANCELLING = {
    sp.erf: (_erfc, lambda u: _erfc(-u)),  # the tail of the Gaussian
    sp.tanh: (lambda u: 2 / (1 + _exp(2 * u)), lambda u: 2 / (1 + _exp(-2 * u))),
    "tanh²": (lambda u: 4 / (1 + _exp(2 * u)) / (1 + _exp(-2 * u)), None),
    sp.exp: (lambda u: -mp.expm1(u), None),
}


def _sum(terms, values):
    constant = next((term for term in terms if term.is_Rational), None)
    parts = []
    for term in terms if constant else ():
        factor, rest = term.as_coeff_Mul()
        kind, u = rest.func, rest.args[0] if rest.args else None
        if rest.is_Pow and isinstance(u, sp.tanh) and rest.exp == 2:
            kind, u = "tanh²", u.args[0]
        rewritten = _WITHOUT_CANCELLING.get(kind, (None, None))[int(factor == constant)]
        if rewritten and abs(factor) == abs(constant):
            parts.append(product([_ball(constant, {}), _apply(rewritten, [_ball(u, values)])]))
            terms = [t for t in terms if t not in (term, constant)]
            break
    parts += [_ball(term, values) for term in terms]
    value, error = parts[0]
    for v, e in parts[1:]:
        value += v
        error += e + abs(value) * _unit()  # mpmath rounds each sum correctly: exact parts that meet at 0 give 0
    return value, error


def product(parts):
    value, error = mp.mpf(1), mp.mpf(0)
    for v, e in parts:
        rounds = abs(value) != 1 and abs(v) != 1  # a change of sign is exact: -x must not blur a huge x
        error = abs(value) * e + abs(v) * error + error * e
        value = value * v
        error += abs(value) * _unit() if rounds else 0
    return value, error


def _power(base, exponent, values):
    b, e = _ball(base, values), _ball(exponent, values)
    if b[1] and abs(b[0]) <= b[1] and not (exponent.is_number and exponent.is_positive):
        raise NeedsMoreDigits(f"{base} cannot be told from 0")
    if exponent.is_Integer:
        return _apply(lambda t: t ** int(exponent), [b])
    return _apply(mp.power, [b, e])


def _apply(function, args):
    """A function of balls: its error is what moving each argument by its own error does, with room to spare."""
    try:
        centre = [value for value, _ in args]
        value = function(*centre)
        if not mp.isfinite(value):
            raise NotComputable("infinite, or not a number")
        error = abs(value) * _unit()
        for i, (v, e) in enumerate(args):
            if e:
                ends = [function(*centre[:i], v + shift, *centre[i + 1 :]) for shift in (e, -e)]
                error += 2 * max(abs(end - value) for end in ends)
    except (ValueError, TypeError, OverflowError) as err:
        raise NotComputable(str(err)) from err
    return value, error


def _truth(condition, values):
    if condition in (sp.true, sp.false):
        return bool(condition)
    if isinstance(condition, (sp.And, sp.Or)):
        return (all if isinstance(condition, sp.And) else any)(_truth(arg, values) for arg in condition.args)
    if isinstance(condition, sp.Not):
        return not _truth(condition.args[0], values)
    if not isinstance(condition, sp.core.relational.Relational):
        raise NotComputable(f"cannot decide {condition}")
    value, error = _ball(condition.lhs - condition.rhs, values)
    if error and abs(value) <= error:
        raise NeedsMoreDigits(f"cannot decide {condition} yet")
    if not isinstance(value, mp.mpc):
        return bool(condition.func(int(mp.sign(value)), 0))
    if isinstance(condition, (sp.Eq, sp.Ne)):
        return bool(condition.func(int(value != 0), 0))
    raise NotComputable(f"complex numbers have no order: {condition}")


def _left_to_sympy(expr, values):
    """Constants and special functions: SymPy evaluates them and says how many bits it is sure of."""
    plain = {s: sp.Float(v[0], mp.dps) if isinstance(v, tuple) else v for s, v in values.items()}
    number = expr.xreplace(plain).evalf(mp.dps)
    if not number.is_number or number.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise NotComputable(f"{expr} has no value")
    if number.is_Rational:
        return _ball(number, {})
    floats = number.atoms(sp.Float)
    if not floats or number.atoms(sp.Function, sp.Integral, sp.Sum, sp.Product, sp.Derivative):
        raise NotComputable(f"{expr} has no value")
    value = number._to_mpmath(mp.prec)
    sure = min(f._prec for f in floats)
    return value, abs(value) * mp.mpf(2) ** (4 - sure)
