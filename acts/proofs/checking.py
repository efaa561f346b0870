"""Is one line of a derivation equal to the next? First a hunt for a counter-example, then a proof.

The hunt goes first: it is quick, and a counter-example is what a student learns from. Both sides are evaluated at
many points, simple ones first, with 50 digits and a bound on the error (see `precise`). Only where no point speaks
against it is SymPy asked to prove that the difference is zero.

What SymPy says of a limit, an integral, a derivative or a sum is one witness, and not always right. Each such line is
also computed without it (see `witness`), and where the two disagree nothing is proved.
"""

import itertools
import random
from dataclasses import dataclass, field

import sympy as sp
from mpmath import mp
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.core.relational import Relational

from acts.proofs.deadline import OutOfTime, within
from acts.proofs.precise import NeedsMoreDigits, NotComputable, Undefined, ball, exact_decimals
from acts.proofs.witness import CLAIMS, INFINITE, NOT_SMOOTH, NoSlope, kinks

DIGITS = 50
FEWEST_DIGITS = 12  # that a value must have for numbers alone to decide
SECONDS = {"SymPy's answer": 2, "points": 1, "hunt": 3.5, "proof": 2}
ENOUGH_POINTS = 8  # fewer say too little about a whole line
_MOST_POINTS = {"scalar": 48, "matrix": 16, "slow": 12}
_half = sp.Rational(1, 2)
_SIMPLE = [sp.sympify(v) for v in (0, 1, -1, 2, -2, _half, -_half, 3, -3, 3 * _half, -3 * _half, 4, -4, 5, -5, 7, -7)]
_SIMPLE += [sp.Rational(p, q) for p, q in ((1, 3), (-2, 3), (1, 4), (-3, 4), (7, 3), (-11, 7), (1, 10), (-1, 10))]
_SIMPLE += [sp.Integer(10), sp.Integer(-10), sp.Rational(25, 2), sp.Rational(-25, 2), sp.sqrt(2), -sp.sqrt(3), sp.pi]
_COMPLEX = [sp.I, 1 + sp.I, -1 - 2 * sp.I, _half - 3 * sp.I, 4 * sp.I, -3 + 5 * sp.I]
_WITNESSED = 5  # points at which a line with nothing but smooth parts is computed a second time
_WITNESS_DIGITS = 30
_NOT_FOR_COMPLEX = (sp.Abs, sp.sign, sp.re, sp.im, sp.arg, sp.conjugate)


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
    """One line, made ready for the check: names replaced, derivatives and integrals carried out by SymPy."""

    shape: tuple | None
    entries: list
    written: list  # the same entries as their author wrote them, for the second witness

    @classmethod
    def of(cls, expr, definitions):
        expr = _by_entry(_with_real_variables(exact_decimals(definitions.expand(expr))))
        is_matrix = isinstance(expr, sp.MatrixBase | sp.MatrixExpr)
        written = list(_explicit(expr)) if is_matrix else [expr]
        for derivative in itertools.chain.from_iterable(entry.atoms(sp.Derivative) for entry in written):
            _refuse_undeclared(derivative)
        try:
            done = within(SECONDS["SymPy's answer"], _carried_out, expr)
        except (OutOfTime, Exception):  # SymPy raises many things where it has no answer; the numbers may have one
            done = _explicit(expr) if is_matrix else expr
        if isinstance(done, sp.MatrixBase | sp.MatrixExpr):
            done = _explicit(done)
            return cls(done.shape, list(done), written)
        return cls(None, [done], written)

    def index(self, k):
        """Place of entry number k, None for a scalar."""
        return None if self.shape is None else divmod(k, self.shape[1])

    def claims(self, k):
        """What SymPy has answered for in entry number k: nothing, where it left the entry as it was."""
        return self.written[k].atoms(*CLAIMS) if self.written[k] != self.entries[k] else set()

    def kinked(self):
        """Derivatives of functions that may have a kink."""
        return [d for entry in self.written for d in in_order(entry.atoms(sp.Derivative)) if d.expr.has(*NOT_SMOOTH)]


def _by_entry(expr):
    """The derivative of a matrix is the matrix of the derivatives."""
    whole = [part for part in expr.atoms(*CLAIMS) if isinstance(part.args[0], sp.MatrixBase)]
    each = {part: part.args[0].applyfunc(lambda e, p=part: p.func(e, *p.args[1:])).as_immutable() for part in whole}
    return expr.xreplace(each)


def _explicit(matrix):
    return matrix if isinstance(matrix, sp.MatrixBase) else matrix.as_explicit()


def _with_real_variables(expr):
    """What an integral or a limit runs along is real, whether its author has declared it or not."""
    bound = _bound(expr, sp.Limit, sp.Integral)
    undeclared = [s for s in in_order(bound) if s.is_Symbol and s.is_extended_real is None and s.is_complex is None]
    return expr.xreplace({s: sp.Dummy(s.name, real=True) for s in undeclared})


def _bound(expr, *kinds):
    """Symbols that only name a place inside the expression, as the x of an integral along x."""
    parts = [part for part in expr.atoms(*(kinds or CLAIMS)) if not isinstance(part, sp.Derivative)]
    return set().union(*([p.args[1]] if isinstance(p, sp.Limit) else p.variables for p in parts))


class Undeclared(ValueError):
    """A symbol lacks the assumption without which the line means nothing."""


def _refuse_undeclared(derivative):
    parts = derivative.expr.atoms(*_NOT_FOR_COMPLEX)
    for symbol in in_order(set(derivative.variables)):
        if symbol.is_extended_real is None and any(part.has(symbol) for part in parts):
            raise Undeclared(
                f"differentiates {in_order(parts)[0]}, which has no derivative where {symbol} may be complex. "
                f'If {symbol} is real, declare it so: {symbol} = sp.Symbol("{symbol}", real=True).'
            )


def _carried_out(expr):
    """`expr.doit()`, with some help for SymPy where a formula changes: there it may take the wrong branch."""
    helped, left = {}, {}
    for part in expr.atoms(sp.Limit, sp.Integral):
        answer = (_limit if isinstance(part, sp.Limit) else _integral)(part)
        if answer is None:
            answer = sp.Dummy()
            left[answer] = part
        helped[part] = answer
    return expr.xreplace(helped).doit().xreplace(left)


def _limit(limit):
    """A limit along a positive number; None where SymPy finds none that it can be trusted with."""
    function, variable, point, direction = limit.args
    if variable.is_integer:
        return limit
    t = sp.Dummy("t", positive=True)
    if point in (sp.oo, -sp.oo):
        return sp.Limit(function.subs(variable, t if point is sp.oo else -t), t, sp.oo)
    signs = {"+": [1], "-": [-1], "+-": [-1, 1]}[str(direction)]
    beside = [function.subs(variable, point + sign * t) for sign in signs]
    if any(f.has(*NOT_SMOOTH) and f.free_symbols != {t} for f in beside):
        return None  # which branch it is depends on the other symbols, and SymPy does not ask
    sides = [sp.Limit(f, t, 0, "+").doit() for f in beside]
    return sides[0] if sides[0] == sides[-1] or sp.simplify(sides[0] - sides[-1]) == 0 else None


def _integral(integral):
    """An integral in pieces, one for each formula that its kinked integrand has, if SymPy knows where they meet."""
    function, (variable, *ends) = integral.function, integral.limits[-1]
    plain = len(integral.limits) == 1 and len(ends) == 2 and function.free_symbols == {variable}
    if not plain or not function.has(*NOT_SMOOTH) or (ends[0] < ends[1]) != sp.true:
        return integral
    try:
        places = [sp.solveset(border, variable, sp.Interval(*ends)) for border in kinks(function)]
    except (NotImplementedError, TypeError, ValueError):
        return integral
    if not all(isinstance(some, sp.FiniteSet | sp.sets.sets.EmptySet) for some in places):
        return integral
    pieces = itertools.pairwise(sorted({*ends, *itertools.chain(*places)}, key=lambda place: place.evalf()))
    return sp.Add(*(sp.Integral(_between(function, variable, *piece), (variable, *piece)) for piece in pieces))


def _between(function, variable, low, high):
    """The formula that a kinked function has between two of its kinks."""
    if low.is_finite and high.is_finite:
        inside = (low + high) / 2
    else:
        inside = low + 1 if low.is_finite else high - 1 if high.is_finite else sp.Integer(0)

    def formula(part):
        if isinstance(part, sp.Piecewise):
            return next(branch for branch, condition in part.args if condition.subs(variable, inside) == sp.true)
        if isinstance(part, sp.Max | sp.Min):
            return next(arg for arg in part.args if arg.subs(variable, inside) == part.subs(variable, inside))
        if isinstance(part, sp.Abs):
            return part.args[0] * sp.sign(part.args[0].subs(variable, inside))
        return part.subs(variable, inside)

    return function.replace(lambda part: isinstance(part, NOT_SMOOTH), formula)


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
        kinked = left.kinked() + right.kinked()
        everything = sp.Tuple(*left.entries, *right.entries, *(part for d in kinked for part in (d.expr, *d.variables)))
        free = sp.Tuple(*left.entries, *right.entries, *left.written, *right.written).free_symbols
        bound = set().union(*(_bound(entry) for side in (left, right) for entry in side.written)) - free
        self.symbols = (everything.free_symbols - bound) | assumptions.free_symbols()
        self.symbols = in_order(self.symbols - set(assumptions.solved))
        self.symbols = [s for s in self.symbols if isinstance(s, sp.Symbol) and not _is_label(s, everything)]
        relations = everything.atoms(Relational) | set(assumptions.relations)
        ordered = [r for r in relations if not isinstance(r, sp.Eq | sp.Ne)] + list(everything.atoms(sp.Max, sp.Min))
        self.compared = set().union(*(r.free_symbols for r in ordered))  # only real numbers are
        self.breakpoints = {s: _breakpoints(everything, s) for s in self.symbols if self.is_real(s)}
        self.kinked = bool(kinked)
        self.arrays = everything.has(*_ARRAY_ENTRIES) and everything
        slow = everything.has(sp.Integral, sp.Sum, sp.Product)
        self.most = _MOST_POINTS["slow" if slow else "scalar" if left.shape is None else "matrix"]

    def is_real(self, symbol):
        return symbol.is_extended_real or symbol in self.compared

    def at_a_break(self, point):
        """Is the point one where some formula changes?"""
        return any(value in self.breakpoints.get(symbol, ()) for symbol, value in point.items())

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
    found = set()
    for border in kinks(expr):
        if border.free_symbols == {symbol}:
            plain = sp.Dummy(real=True)
            try:
                found.update(sp.solve(border.xreplace({symbol: plain}), plain))
            except (NotImplementedError, TypeError, ValueError):
                continue
    return sorted((b for b in found if b.is_real and b.is_number), key=lambda b: (b.evalf(), str(b)))


# --- what a line is worth at a point ---------------------------------------------------------------------------------


def value_at(expr, point, bits):
    """(value, error) of an entry at a point. `Undefined`: it has none. `NotComputable`: nobody knows."""
    try:
        constant = expr.subs({s: v for s, v in point.items() if s.is_Symbol})
        if constant.has(*_ARRAY_ENTRIES):
            constant = constant.doit()  # from Sum(x[j], …) to x[1] + x[2] + …, to which the point gives values
    except (TypeError, ValueError, NotImplementedError, AttributeError) as err:
        raise NotComputable(str(err)) from err
    if constant in (sp.oo, -sp.oo):
        raise Undefined(INFINITE[constant is not sp.oo])
    bare = constant.xreplace({claim: sp.Dummy() for claim in constant.atoms(*CLAIMS)})  # its ends may be infinite
    if bare.has(sp.zoo, sp.oo, -sp.oo, sp.nan):
        raise Undefined("undefined")
    with mp.workprec(bits):
        return ball(constant, {s: v for s, v in point.items() if not s.is_Symbol})


def second_value(written, point):
    """(value, error) of an entry by numbers alone, None where they have nothing to say. `Undefined`: it has none."""
    if written.has(*_ARRAY_ENTRIES, sp.KroneckerDelta):
        written = written.xreplace({s: v for s, v in point.items() if s.is_integer})
    needed = written.free_symbols.union(*(derivative.variables for derivative in written.atoms(sp.Derivative)))
    needed |= sp.Tuple(*(part.doit() for part in written.atoms(sp.Sum) if part.has(sp.Indexed))).atoms(sp.Indexed)
    missing = in_order(needed - set(point))  # SymPy's answer does not depend on them
    point = point | {s: next((v for v in _SIMPLE[5:] if _suits(s, v)), sp.Integer(1)) for s in missing}
    try:
        with mp.workdps(_WITNESS_DIGITS):
            value, error = ball(written, point)
    except Undefined as err:
        if str(err) in INFINITE and not isinstance(written, CLAIMS):
            return None  # one over it may be 0
        raise
    except (ArithmeticError, TypeError, ValueError, NotImplementedError, AttributeError, RecursionError):
        return None
    return (value, error) if error <= mp.mpf(10) ** -4 * (1 + abs(value)) else None


# --- the hunt --------------------------------------------------------------------------------------------------------


@dataclass
class CounterExample:
    """Where two lines differ; `left` and `right` are their values, or words where one is undefined."""

    point: dict
    left: object
    right: object
    index: tuple | None = None


@dataclass
class Disagreement:
    """Where SymPy says one thing and the numbers another: of the line before (side 0) or of the step (side 1)."""

    side: int
    point: dict
    sympy_says: object
    numbers_say: object


@dataclass
class Findings:
    """What the hunt has found; it may have been stopped half-way."""

    counter_example: CounterExample | None = None
    disagreement: Disagreement | None = None
    agreed: int = 0  # points at which all entries are equal
    undefined: str = ""  # why at some point neither line has a value
    digits: int = DIGITS  # to which they are
    seen: dict = field(default_factory=dict)  # (side, entry): how many times it was computed without SymPy
    out_of_time: bool = False


_BITS = int((DIGITS + 20) * 3.33)
_MANY_BITS = 4 * _BITS


def hunt(left, right, points):
    """Return `Findings`: a counter-example, or how many points speak for the step."""
    findings = Findings()
    try:
        within(SECONDS["hunt"], _hunt, left, right, points, findings)
    except OutOfTime:
        findings.out_of_time = True
    return findings


def _hunt(left, right, points, findings):
    for point in points:
        everywhere = True
        for k in range(len(left.entries)):
            try:
                verdict = _compare((left, right), k, point, points, findings)
            except (NotComputable, NeedsMoreDigits):
                everywhere = False
                continue
            if findings.disagreement:
                return
            if verdict is not None:
                everywhere = False
            if isinstance(verdict, tuple):
                found = CounterExample(point, *verdict, left.index(k))
                convincing = not any(isinstance(value, str) for value in verdict)
                if convincing or not findings.counter_example:
                    findings.counter_example = found
                if convincing:
                    return  # two different numbers convince more than a missing one: after one of those, look on
        findings.agreed += everywhere


def _compare(sides, k, point, points, findings):
    """None if the two entries agree at the point, else their two values, or "both undefined"."""
    values, reasons, slopes = [], [], []
    for number, side in enumerate(sides):
        reason = value = None
        try:
            value, reason = _both_witnesses(number, side, k, point, points, findings)
        except NoSlope as err:
            reason, value = str(err), None
            slopes.append(number)
        values.append(value)
        reasons.append(reason)
    if findings.disagreement:
        return None
    if None not in values:
        return _differ([side.entries[k] for side in sides], values, point, findings)
    if values == [None, None]:
        if set(reasons) <= set(INFINITE) and reasons[0] == reasons[1]:
            return None
        findings.undefined = reasons[0]
        return tuple(reasons) if reasons[0] != reasons[1] and not points.symbols else "both undefined"
    gap = values.index(None)
    there = values[1 - gap][0]
    if gap not in slopes and _removable(sides[gap].entries[k], there, point, points):
        return None
    return tuple(reasons[i] if i == gap else there for i in (0, 1))


def _both_witnesses(number, side, k, point, points, findings):
    """((value, error), None), or (None, why there is none); a disagreement goes into the findings."""
    value = reason = second = second_reason = None
    claims = side.claims(k)
    slopes = bool(claims) and all(isinstance(claim, sp.Derivative | sp.Subs) for claim in claims)
    seen = findings.seen.setdefault((number, k), 0) if claims else 0
    asked = bool(claims) and (seen < _WITNESSED or points.kinked)
    if asked:
        try:
            second = second_value(side.written[k], point)
        except NoSlope:
            findings.seen[number, k] += 1
            raise
        except Undefined as err:
            second_reason = str(err)
        findings.seen[number, k] += bool(second or second_reason)
    try:
        value = value_at(side.entries[k], point, _BITS)
    except NoSlope:
        raise
    except Undefined as err:
        reason = str(err)
    except (NotComputable, NeedsMoreDigits):
        if not second and not second_reason:
            raise
        if second:  # SymPy has brought the line into a form that cannot be computed
            value = value_at(side.written[k], point, _BITS)
    if second and (value is None or not _consistent(value, second)):
        single = any(isinstance(claim, sp.Subs) for claim in claims) or points.at_a_break(point)
        if slopes and (reason or value is None or points.kinked and single):
            return second, None  # a slope at a single point, of which SymPy's rules for the branches know nothing
        findings.disagreement = Disagreement(number, point, reason or value and value[0], second[0])
    elif second_reason and value is not None:
        findings.disagreement = Disagreement(number, point, value[0], second_reason)
    elif second_reason and second_reason != reason and {reason, second_reason} <= set(INFINITE):
        findings.disagreement = Disagreement(number, point, reason, second_reason)
    return value, second_reason or reason


def _consistent(value, second):
    (a, ea), (b, eb) = value, second
    return abs(a - b) <= ea + 10 * eb + mp.mpf(10) ** -(_WITNESS_DIGITS - 8) * (1 + abs(a))


def _differ(entries, values, point, findings):
    (a, ea), (b, eb) = values
    for bits in (_BITS, _MANY_BITS):
        with mp.workprec(bits):
            if abs(a - b) > ea + eb:
                return a, b
            if ea + eb <= max(abs(a), abs(b)) * mp.mpf(10) ** -DIGITS:
                return None
            # They cannot be told apart, but the error is large beside them, as it is for sin² + cos² - 1.
            if bits < _MANY_BITS and not any(entry.has(sp.Integral) for entry in entries):  # more digits take too long
                (a, ea), (b, eb) = (value_at(entry, point, _MANY_BITS) for entry in entries)
            elif ea + eb > mp.mpf(10) ** -DIGITS:
                digits = int(-mp.log10((ea + eb) / (1 + abs(a))))
                if digits < FEWEST_DIGITS or not any(entry.has(*CLAIMS) for entry in entries):
                    raise NotComputable("too little is known of the two values")
                findings.digits = min(findings.digits, digits)
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
    """Does SymPy prove all entries equal, in every case that the kinks and `assuming` make, before its time is over?"""
    try:
        return within(SECONDS["proof"], _prove, left, right, points)
    except OutOfTime:
        return False


def _prove(left, right, points):
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
