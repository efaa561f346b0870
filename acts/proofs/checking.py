"""Is one line of a derivation equal to the next? First a hunt for a counter-example, then a proof.

The hunt goes first: it is quick, and a counter-example is what a student learns from. Both sides are evaluated at
many points, simple ones first, with 50 digits and a bound on the error (see `precise`). Only where no point speaks
against it is SymPy asked to prove that the difference is zero.
"""

import itertools
import random
from dataclasses import dataclass

import sympy as sp
from mpmath import mp
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.core.relational import Relational

from acts.proofs.precise import NeedsMoreDigits, NotComputable, ball, exact_decimals

DIGITS = 50
ENOUGH_POINTS = 8  # fewer say too little about a whole line
_MOST_POINTS = {"scalar": 48, "matrix": 16, "slow": 12}
_half = sp.Rational(1, 2)
_SIMPLE = [sp.sympify(v) for v in (0, 1, -1, 2, -2, _half, -_half, 3, -3, 3 * _half, -3 * _half, 4, -4, 5, -5, 7, -7)]
_SIMPLE += [sp.Rational(p, q) for p, q in ((1, 3), (-2, 3), (1, 4), (-3, 4), (7, 3), (-11, 7), (1, 10), (-1, 10))]
_SIMPLE += [sp.Integer(10), sp.Integer(-10), sp.Rational(25, 2), sp.Rational(-25, 2), sp.sqrt(2), -sp.sqrt(3), sp.pi]
_COMPLEX = [sp.I, 1 + sp.I, -1 - 2 * sp.I, _half - 3 * sp.I, 4 * sp.I, -3 + 5 * sp.I]
_NOT_SMOOTH = (sp.Piecewise, sp.Abs, sp.Max, sp.Min, sp.sign, sp.Heaviside)


# --- what a line means -----------------------------------------------------------------------------------------------


class Definitions:
    """Named parts of a derivation: sigma(z) stands for 1/(1 + exp(-z)), for any argument."""

    def __init__(self, define):
        self.functions, self.symbols = {}, {}
        for name, body in dict(define or {}).items():
            body = sp.sympify(body)
            if isinstance(name, UndefinedFunction) and isinstance(body, sp.Lambda):
                self.functions[name] = body
            elif isinstance(name, AppliedUndef) and all(a.is_Symbol for a in name.args):
                self.functions[name.func] = sp.Lambda(name.args, body)
            elif isinstance(name, sp.Symbol):
                self.symbols[name] = body
            else:
                raise TypeError(f"define names a symbol, or a function of symbols such as sigma(z); got {name!r}")

    def expand(self, expr):
        """`expr` with every name replaced by what it stands for."""
        for _ in range(len(self.functions) + len(self.symbols) + 1):
            expanded = _rebuilt(expr, self._replace)
            if expanded == expr:
                return expr
            expr = expanded
        raise ValueError("define goes round in a circle: a name stands for something that contains it")

    def _replace(self, part):
        if part.func in self.functions:
            return self.functions[part.func](*part.args)
        return self.symbols.get(part, part)


def _rebuilt(expr, replace):
    if isinstance(expr, sp.MatrixBase):
        return expr.applyfunc(lambda entry: _rebuilt(entry, replace))
    if expr.args:
        args = [_rebuilt(arg, replace) for arg in expr.args]
        # Untouched parts stay the very same object: rebuilding them could only change what the author wrote.
        if any(new is not old for new, old in zip(args, expr.args, strict=True)):
            expr = expr.func(*args)
    return replace(expr)


@dataclass
class Side:
    """One line, made ready for the check: names replaced, derivatives and integrals carried out."""

    shape: tuple | None
    entries: list
    derivatives: list  # of each entry: those of functions that may have a kink

    @classmethod
    def of(cls, expr, definitions):
        expr = exact_decimals(definitions.expand(expr))
        if not isinstance(expr, sp.MatrixBase | sp.MatrixExpr):
            return cls(None, [expr.doit()], [_of_kinks(expr)])
        kinks = None if isinstance(expr, sp.MatrixBase) else _of_kinks(expr)
        matrix = expr.doit()
        matrix = matrix if isinstance(matrix, sp.MatrixBase) else matrix.as_explicit()
        kinks = [_of_kinks(entry) for entry in expr] if kinks is None else [kinks] * len(matrix)
        return cls(matrix.shape, list(matrix), kinks)

    def index(self, k):
        """Place of entry number k, None for a scalar."""
        return None if self.shape is None else divmod(k, self.shape[1])


def _of_kinks(expr):
    return [d for d in in_order(expr.atoms(sp.Derivative)) if d.expr.has(*_NOT_SMOOTH)]


def in_order(things):
    """Return them sorted by name, which is the same order every time."""
    return sorted(things, key=lambda thing: (str(thing), sp.default_sort_key(thing)))


def stand_ins(sides):
    """A concrete function for each unknown one, so that a line about any f can be tried on one f."""
    unknown = set().union(*(entry.atoms(AppliedUndef) for side in sides for entry in side.entries))
    chosen = {}
    for k, f in enumerate(in_order(unknown)):
        if not (f.is_nonpositive or f.is_integer or f.is_imaginary) and f.func not in chosen:
            args = [sp.Dummy() for _ in f.args]
            body = k + 1 + sum(sp.exp(a / (k + n + 2)) + a**2 / (k + n + 3) for n, a in enumerate(args))
            chosen[f.func] = sp.Lambda(tuple(args), body)
    return chosen


# --- where to look ---------------------------------------------------------------------------------------------------


class Assumptions:
    """What `assuming` says: relations that every test point obeys and that the proof may use."""

    def __init__(self, assuming=None):
        given = [] if assuming is None else list(assuming) if isinstance(assuming, (list, tuple, set)) else [assuming]
        self.equations, self.relations = [], []
        for relation in itertools.chain.from_iterable(sp.And.make_args(one) for one in map(self._checked, given)):
            (self.equations if isinstance(relation, sp.Eq) else self.relations).append(relation)
        self.solved = self._solve()
        for symbol in in_order(self.free_symbols()):
            if self.domain(symbol) is sp.S.EmptySet:
                raise ValueError(f"assuming contradicts itself: no {symbol} obeys {given}")

    @staticmethod
    def _checked(relation):
        decided = isinstance(relation, bool | sp.logic.boolalg.BooleanAtom)
        if decided or not isinstance(relation, sp.logic.boolalg.Boolean):
            hint = " (SymPy has already decided it: are the symbols declared with assumptions?)" if decided else ""
            raise TypeError(f"assuming takes a relation such as x > 0, or a list of them; got {relation!r}{hint}")
        return relation

    def _solve(self):
        """An equation lets one of its symbols be computed from the others."""
        solved = {}
        for equation in self.equations:
            equation = equation.subs(solved)
            for symbol in in_order(equation.free_symbols):
                solutions = sp.solve(equation, symbol)
                if len(solutions) == 1:
                    solved = {s: e.subs(symbol, solutions[0]) for s, e in solved.items()} | {symbol: solutions[0]}
                    break
            else:
                raise ValueError(f"assuming: {equation} cannot be solved for one of its symbols")
        return solved

    def hold_at(self, point):
        return all(relation.subs(point) == sp.true for relation in self.relations)

    def free_symbols(self):
        return set().union(*(r.free_symbols for r in self.relations), *(e.free_symbols for e in self.equations))

    def domain(self, symbol):
        """Set of real values that the relations in this symbol alone, and its own assumptions, leave."""
        domain = sp.Interval(-sp.oo, sp.oo)
        if symbol.is_extended_nonnegative:
            domain = sp.Interval.open(0, sp.oo) if symbol.is_positive else sp.Interval(0, sp.oo)
        elif symbol.is_extended_nonpositive:
            domain = sp.Interval.open(-sp.oo, 0) if symbol.is_negative else sp.Interval(-sp.oo, 0)
        for relation in self.relations:
            if relation.free_symbols == {symbol}:
                plain = sp.Dummy(real=True)
                try:
                    narrower = domain.intersect(relation.xreplace({symbol: plain}).as_set())
                except (NotImplementedError, TypeError, ValueError, AttributeError):
                    continue  # the points are still filtered by the relation itself
                if all(isinstance(part, _PLAIN_SETS) for part in _parts(narrower)):
                    domain = narrower
        return domain


_PLAIN_SETS = (sp.Interval, sp.FiniteSet, sp.sets.sets.EmptySet)


def _parts(domain):
    return domain.args if isinstance(domain, sp.Union) else [domain]


_ARRAY_ENTRIES = (sp.Indexed, sp.matrices.expressions.matexpr.MatrixElement)


class Points:
    """The test points of two lines: simple ones first, the same ones each time."""

    def __init__(self, left, right, assumptions):
        self.assumptions = assumptions
        # A derivative that comes out as a constant still has its kinks, so what it is taken of counts too.
        kinked = [d for side in (left, right) for ds in side.derivatives for d in ds]
        everything = sp.Tuple(*left.entries, *right.entries, *(part for d in kinked for part in (d.expr, *d.variables)))
        self.symbols = in_order((everything.free_symbols | assumptions.free_symbols()) - set(assumptions.solved))
        self.symbols = [s for s in self.symbols if isinstance(s, sp.Symbol) and not _is_label(s, everything)]
        relations = everything.atoms(Relational) | set(assumptions.relations)
        ordered = [r for r in relations if not isinstance(r, sp.Eq | sp.Ne)] + list(everything.atoms(sp.Max, sp.Min))
        self.compared = set().union(*(r.free_symbols for r in ordered))  # only real numbers are
        self.breakpoints = {s: _breakpoints(everything, s) for s in self.symbols if self.is_real(s)}
        self.arrays = everything.has(*_ARRAY_ENTRIES) and everything
        slow = everything.has(sp.Integral, sp.Sum, sp.Product)
        self.most = _MOST_POINTS["slow" if slow else "scalar" if left.shape is None else "matrix"]

    def is_real(self, symbol):
        return symbol.is_extended_real or symbol in self.compared

    def candidates(self, symbol):
        """Values to try for one symbol, in this order."""
        values = _SIMPLE[:5] + self.breakpoints.get(symbol, []) + _SIMPLE[5:]
        if self.is_real(symbol):
            values += _inside(self.assumptions.domain(symbol))
            values += [b + d for b in self.breakpoints[symbol] for d in (_half, -_half)]
        else:
            values += _COMPLEX
        if symbol.is_imaginary:
            values += [2 * sp.I, -sp.I / 3]
        alone = [r for r in self.assumptions.relations if r.free_symbols == {symbol}]
        return [
            value
            for value in dict.fromkeys(values)
            if _suits(symbol, value) and all(r.subs(symbol, value) == sp.true for r in alone)
        ]

    def __iter__(self):
        points = self._all()
        if self.arrays:
            points = self._with_array_entries(points if self.symbols else itertools.repeat({}))
        return itertools.islice(points, self.most)

    def _all(self):
        for values in _combinations([self.candidates(s) for s in self.symbols]):
            point = dict(zip(self.symbols, values, strict=True))
            solved = {s: e.subs(point) for s, e in self.assumptions.solved.items()}
            if all(_suits(s, value) for s, value in solved.items()):
                point |= solved
                if self.assumptions.hold_at(point):
                    yield point

    def _with_array_entries(self, points):
        """Indices first, then values for the entries z[1], z[2], … that they call for."""
        values = itertools.cycle(_SIMPLE[1:])
        for point in points:
            entries = in_order(self.arrays.subs(point).doit().atoms(*_ARRAY_ENTRIES))
            yield point | {entry: next(v for v in values if _suits(entry, v)) for entry in entries}


def _is_label(symbol, everything):
    return any(symbol == base.label for base in everything.atoms(sp.IndexedBase))


def _suits(symbol, value):
    """Does the value obey what the symbol was declared to be: positive, integer, …?"""
    return value.is_finite and all(
        getattr(value, f"is_{name}") in (expected, None) for name, expected in symbol.assumptions0.items()
    )


def _inside(domain):
    """Some values in a set: its ends and steps away from them."""
    values = []
    for part in _parts(domain):
        if not isinstance(part, sp.Interval):
            values += list(part) if isinstance(part, sp.FiniteSet) else []
        elif part.inf.is_finite and part.sup.is_finite:
            values += [part.inf + part.measure * sp.Rational(k, 12) for k in (6, 3, 9, 4, 8, 1, 11, 0, 12, 5, 7, 2)]
        elif part.inf.is_finite:
            values += [part.inf + step for step in (1, 2, _half, 3, 5, 10, 0, sp.Rational(1, 7), sp.Rational(7, 3))]
        elif part.sup.is_finite:
            values += [part.sup - step for step in (1, 2, _half, 3, 5, 10, 0, sp.Rational(1, 7), sp.Rational(7, 3))]
    return [value for value in values if domain.contains(value) == sp.true]


def _combinations(choices):
    """Tuples of values, the simple ones first, then some mixed ones."""
    if len(choices) < 2:
        yield from itertools.product(*choices)
        return
    if not all(choices):
        return
    small = [values[:3] for values in choices[:3]] + [values[:1] for values in choices[3:]]
    seen = set()
    simple = sorted(itertools.product(*map(range, map(len, small))), key=lambda t: (sum(t), t))
    rng = random.Random(0)
    mixed = ([rng.randrange(len(values)) for values in choices] for _ in range(3000))
    for indices in itertools.chain(simple[:8], mixed, simple[8:]):
        if tuple(indices) not in seen:
            seen.add(tuple(indices))
            yield tuple(values[i] for values, i in zip(choices, indices, strict=True))


def _breakpoints(expr, symbol):
    """Where a Piecewise, an absolute value or a maximum changes its formula, as numbers, in order."""
    borders = [r.lhs - r.rhs for r in expr.atoms(Relational)]
    borders += [f.args[0] for f in expr.atoms(sp.Abs, sp.sign, sp.Heaviside)]
    borders += [a - b for f in expr.atoms(sp.Max, sp.Min) for a, b in itertools.combinations(f.args, 2)]
    found = set()
    for border in borders:
        if border.free_symbols == {symbol}:
            plain = sp.Dummy(real=True)
            try:
                found.update(sp.solve(border.xreplace({symbol: plain}), plain))
            except NotImplementedError:
                continue
    return sorted((b for b in found if b.is_real and b.is_number), key=lambda b: (b.evalf(), str(b)))


# --- what a line is worth at a point ---------------------------------------------------------------------------------


class Undefined(ArithmeticError):
    """The line has no finite value there; the message says why."""


def value_at(expr, point, bits):
    """(value, error) of an entry at a point. `Undefined`: it has none. `NotComputable`: nobody knows."""
    try:
        constant = expr.subs({s: v for s, v in point.items() if s.is_Symbol})
        if constant.has(sp.Sum, sp.Product, sp.KroneckerDelta, sp.Derivative, sp.Limit):
            constant = constant.doit()
        constant = constant.subs({s: v for s, v in point.items() if not s.is_Symbol})
    except (TypeError, ValueError, NotImplementedError, AttributeError) as err:
        raise NotComputable(str(err)) from err
    if constant in (sp.oo, -sp.oo):
        raise Undefined("infinite")
    if constant.has(sp.zoo, sp.oo, -sp.oo, sp.nan):
        raise Undefined("undefined")
    if constant.free_symbols:
        raise NotComputable(f"{constant} is not a number")
    with mp.workprec(bits):
        return ball(constant, {})


def _kink(derivatives, point):
    """Why a derivative does not exist at a point, where the slopes from the left and from the right differ."""
    step = sp.Rational(1, 10**25)
    for derivative in derivatives:
        for order, variable in enumerate(derivative.variables, start=1):
            sides = [point | {variable: point[variable] + d} for d in (-step, step)] if variable in point else []
            for n in range(order + 1):
                part = sp.diff(derivative.expr, *derivative.variables[:n]) if n else derivative.expr
                try:
                    values = [value_at(part, side, _BITS)[0] for side in sides]
                except ArithmeticError:
                    continue
                if values and not _close(*values):
                    left, right = map(short, values)
                    what = "jumps" if n == 0 else "has a kink"
                    return f"undefined (the function {what}: {left} from the left, {right} from the right)"
    return None


def _close(a, b):
    return abs(a - b) <= mp.mpf(10) ** -8 * (1 + abs(a) + abs(b))


def short(value, digits=6):
    """A number for a student's eye: six digits, no tail of zeros."""
    if not isinstance(value, mp.mpf | mp.mpc):
        return str(value)
    if isinstance(value, mp.mpc):
        if value.imag == 0:
            return short(value.real, digits)
        if value.real == 0:
            return f"{short(value.imag, digits)}i"
        sign = "-" if value.imag < 0 else "+"
        return f"{short(value.real, digits)} {sign} {short(abs(value.imag), digits)}i"
    text = mp.nstr(value, digits, min_fixed=-6, max_fixed=digits + 3)
    return text[:-2] if text.endswith(".0") else text


# --- the hunt --------------------------------------------------------------------------------------------------------


@dataclass
class CounterExample:
    """Where two lines differ; `left` and `right` are their values, or words where one is undefined."""

    point: dict
    left: object
    right: object
    index: tuple | None = None


_BITS = int((DIGITS + 20) * 3.33)
_MANY_BITS = 4 * _BITS


def hunt(left, right, points):
    """(counter-example or None, number of points at which all entries agree)."""
    agreed, suspect = 0, None
    for point in points:
        everywhere = True
        for k, entries in enumerate(zip(left.entries, right.entries, strict=True)):
            try:
                verdict = _compare(entries, (left.derivatives[k], right.derivatives[k]), point, points)
            except (NotComputable, NeedsMoreDigits):
                everywhere = False
                continue
            if verdict is not None:
                everywhere = False
            if isinstance(verdict, tuple):
                found = CounterExample(point, *verdict, left.index(k))
                if not any(isinstance(value, str) for value in verdict):
                    return found, agreed
                suspect = suspect or found  # two different numbers convince more than a missing one: look on
        agreed += everywhere
    return suspect, agreed


def _compare(entries, derivatives, point, points):
    """None if the two entries agree at the point, else their two values, or "both undefined"."""
    values, reasons = [], []
    kinks = [_kink(with_kinks, point) for with_kinks in derivatives]
    for entry, kink in zip(entries, kinks, strict=True):
        reason, value = kink, None
        try:
            value = None if kink else value_at(entry, point, _BITS)
        except Undefined as err:
            reason = str(err)
        values.append(value)
        reasons.append(reason)
    if None not in values:
        return _differ(entries, values, point)
    if values == [None, None]:
        return "both undefined"
    gap = values.index(None)
    there = values[1 - gap][0]
    if not kinks[gap] and _removable(entries[gap], there, point, points):
        return None
    return tuple(reasons[i] if i == gap else there for i in (0, 1))


def _differ(entries, values, point):
    (a, ea), (b, eb) = values
    for bits in (_BITS, _MANY_BITS):
        with mp.workprec(bits):
            if abs(a - b) > ea + eb:
                return a, b
            if ea + eb <= max(abs(a), abs(b)) * mp.mpf(10) ** -DIGITS:
                return None
            # They cannot be told apart, but the error is large beside them, as it is for sin² + cos² - 1.
            if bits < _MANY_BITS:
                (a, ea), (b, eb) = (value_at(entry, point, _MANY_BITS) for entry in entries)
            elif ea + eb > mp.mpf(10) ** -DIGITS:
                raise NotComputable("too little is known of the two values")
    return None


def _removable(entry, there, point, points):
    """Is the gap of an undefined entry one that its neighbourhood fills, as (x² - 1)/(x - 1) at 1 is filled by 2?"""
    tried = 0
    for sign in (1, -1):
        step = sp.Rational(sign, 10**15)
        near = {s: v if s.is_integer else v + step * sp.Rational(7 + i, 7) for i, (s, v) in enumerate(point.items())}
        if near == point or not points.assumptions.hold_at(near) or not all(_suits(s, v) for s, v in near.items()):
            continue
        try:
            value, _ = value_at(entry, near, _MANY_BITS)
        except ArithmeticError:
            return False
        if abs(value - there) > mp.mpf(10) ** -8 * (1 + abs(there)):
            return False
        tried += 1
    return tried > 0


# --- the proof -------------------------------------------------------------------------------------------------------


def prove(left, right, points):
    """Does SymPy prove all entries equal, in every case that the kinks and `assuming` make?"""
    return all(
        a == b or _is_always_zero(_assuming(points.assumptions, a - b), points)
        for a, b in zip(left.entries, right.entries, strict=True)
    )


def _assuming(assumptions, difference):
    if difference.has(sp.KroneckerDelta):
        difference = difference.doit()  # a sum over δ_jk is its k-th term, if 1 ≤ k ≤ n
    # A branch of a Piecewise that asks for what is assumed is open.
    return difference.subs(assumptions.solved).xreplace(dict.fromkeys(assumptions.relations, sp.true))


def _is_always_zero(difference, points):
    quick = any(_simplified(strategy, difference) == 0 for strategy in STRATEGIES[:3])
    return quick or all(_is_zero(case) for case in _cases(difference, points))


def _cases(difference, points):
    """The difference on each side of each kink and at it, with what lies between written by a positive number.

    On x > 2, for instance, x becomes 2 + t with t positive: then SymPy itself drops the branches that do not apply.
    """
    cases = [difference]
    for symbol in points.symbols:
        if not points.is_real(symbol) or symbol.is_integer:
            continue
        substitutes = _regions(points.assumptions.domain(symbol), points.breakpoints[symbol], symbol)
        cases = [case.subs(symbol, value) for case in cases for value in substitutes]
        if len(cases) > 200:
            return [difference]
    return cases


def _regions(domain, breakpoints, symbol):
    borders = {*breakpoints, *(b for b in domain.boundary if b.is_finite)}
    borders = sorted(borders, key=lambda b: b.evalf())
    if not borders:
        return [symbol]
    t = sp.Dummy("t", positive=True)
    between = [(a + (b - a) * t / (1 + t), (a + b) / 2) for a, b in itertools.pairwise(borders)]
    open_ones = [(borders[0] - t, borders[0] - 1), *between, (borders[-1] + t, borders[-1] + 1)]
    return [e for e, inside in [*open_ones, *((b, b) for b in borders)] if domain.contains(inside) != sp.false]


def _is_zero(difference):
    return any(_simplified(strategy, difference) == 0 for strategy in STRATEGIES)


def _simplified(strategy, expr):
    try:
        return strategy(expr)
    except Exception:  # SymPy's simplifiers raise many things; one that fails has proved nothing
        return None


def _as_exponentials(expr):
    return sp.powsimp(sp.expand(sp.numer(sp.together(expr.rewrite(sp.exp)))))


STRATEGIES = (
    lambda e: e,
    sp.expand,
    _as_exponentials,
    lambda e: sp.expand(e.rewrite(sp.erf)),
    lambda e: sp.cancel(sp.together(e)),
    lambda e: sp.expand(sp.expand_log(sp.logcombine(e))),
    sp.simplify,
    lambda e: sp.simplify(sp.piecewise_fold(e)),
    lambda e: sp.simplify(e.rewrite(sp.exp)),
    lambda e: sp.expand(sp.expand_log(sp.factor(e), force=False)),
)
