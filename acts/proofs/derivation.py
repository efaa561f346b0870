"""`Derivation`: a proof that checks each of its lines when it is written.

>>> z = sp.Symbol("z", real=True)
>>> s = sp.Function("sigma")
>>> proof = Derivation(sp.Derivative(s(z), z), define={s(z): 1 / (1 + sp.exp(-z))})
>>> proof = proof.then("exp(-z)/(1 + exp(-z))**2", "quotient rule").then("σ(z)·(1 - σ(z))", "recognise σ")
>>> print(proof)
Derivative(sigma(z), z)
  = exp(-z)/(1 + exp(-z))**2    quotient rule
  = σ(z)·(1 - σ(z))             recognise σ
>>> proof.then("σ(z)", "wishful thinking")  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
acts.proofs.derivation.StepError: step 3 (wishful thinking) is not equal to the line before it: at z = 0 ... is 0.5.
"""

from dataclasses import dataclass

import sympy as sp
from sympy.core.function import AppliedUndef

from acts.proofs import checking, witness, written
from acts.proofs.deadline import OutOfTime, within

__all__ = ["Derivation", "Step", "StepError"]


class StepError(ValueError):
    """A line does not follow from the one before it.

    Attributes: `step`, its number from 1, or 0 for the start; `reason`, as given; `point`, dict {symbol: value} of the
    counter-example, or None if the step could not be decided or the shapes differ; `left`, `right`: the values there of
    the line before and of the step, as SymPy numbers with 50 digits, or words where one is undefined; `index`: (row,
    column) in a matrix.
    """

    def __init__(self, message, step, reason, point=None, left=None, right=None, index=None):
        super().__init__(message)
        self.step, self.reason, self.point, self.index = step, reason, point, index
        self.left, self.right = left, right

    def _render_traceback_(self):
        # IPython asks for this: a student needs the sentence, not the way through our code.
        return [f"StepError: {self}"]


class WitnessesDisagree(StepError):
    """SymPy claims one value, the numbers say another: the step is neither proved nor refused."""


@dataclass(frozen=True)
class Step:
    """One line: `expr` to calculate with, `reason`, `how` it was checked, `latex` and `text` as they are shown."""

    expr: sp.Basic
    reason: str
    how: str
    latex: str
    text: str


class Derivation:
    """A chain of equalities, each checked when it is written. Shows itself as aligned LaTeX, a reason on each line.

    Parameters
    ----------
    start : SymPy expression or matrix, or a string, where the chain starts.
    assuming : relation such as `x > 0`, or a list of them, that holds throughout. Symbols may also carry assumptions of
        their own: `sp.Symbol("x", positive=True)`. One without any may be complex.
    define : dict of names and what they stand for: `{sigma(z): 1/(1 + sp.exp(-z))}`, where sigma is
        `sp.Function("sigma")`. Lines show the name, the check uses what it stands for, also for sigma(2*z).

    How a line is checked: it is compared with the line before it at many points that obey the assumptions, 0 and the
    kinks among them, to 50 digits. Points where both are undefined are left out. Where one alone is undefined, that is
    a counter-example, unless the gap is removable, as in (x**2 - 1)/(x - 1) = x + 1. A `Derivative` has no value at a
    kink, where the slopes from both sides differ: write `assuming=sp.Ne(x, 0)` to leave the point out. (`sp.diff`
    hides the kink: SymPy answers at once, with one side's slope.) Then SymPy is asked to prove the difference zero;
    where it cannot, the line says "checked numerically at 50 digits", and at how many points.

    What SymPy says of a limit, an integral, a derivative or a sum is one witness; the other is a value found without
    it, by numbers alone. Where the two disagree the step is neither proved nor refused: `WitnessesDisagree` says what
    each of them claims. Where SymPy has no answer, or none within seconds, the numbers decide, and the line says so.

    A decimal number means itself: 0.1 is 1/10. An indefinite integral is the one that SymPy finds, without a constant.

    >>> x = sp.Symbol("x", real=True)
    >>> Derivation(sp.sqrt(x**2), assuming=x > 0).then(x, "x is positive")
    Abs(x)
      = x    x is positive
    """

    def __init__(self, start, assuming=None, define=None):
        with sp.evaluate(True):
            self._definitions = checking.Definitions(define)
            self._assumptions = checking.Assumptions(assuming)
            self._names = {}
            for part in [*dict(define or {}), *dict(define or {}).values()]:
                self._learn_names(part)
            for relation in self._assumptions.equations + self._assumptions.relations:
                self._learn_names(relation)
            self._start = self._read(start, "start", reason="", how="given")
            self._last_side = self._side(self._start, 0)
            self._steps = []

    @property
    def start(self):
        """The expression it starts from."""
        return self._start.expr

    @property
    def result(self):
        """The last expression."""
        return self._lines()[-1].expr

    @property
    def steps(self):
        """The steps, each with `expr`, `reason`, `how`: "proved", or "checked numerically at 50 digits, n points"."""
        return tuple(self._steps)

    def __len__(self):
        return len(self._steps)

    def then(self, expr, reason):
        """Write the next line, if it equals the last one; return the derivation, so that calls can be chained.

        Parameters
        ----------
        expr : SymPy expression, number or matrix; or a string such as "(0 - 1*(-exp(-z)))/(1 + exp(-z))**2", which is
            shown as it is written, where SymPy would tidy up. A string knows the names of the lines before it.
        reason : str, why it follows.

        Raises
        ------
        StepError
            It does not follow, or cannot be decided. The derivation stays as it was.
        TypeError, ValueError
            `expr` is not an expression, or a string that cannot be read.
        """
        if not isinstance(reason, str):
            raise TypeError(f"reason must be a string, got {reason!r}")
        with sp.evaluate(True):
            step = self._read(expr, "expr", reason, how="")
            side = self._side(step, len(self) + 1)
            how = self._check(side, step)
            self._learn_names(step.expr)
        self._steps.append(Step(step.expr, reason, how, step.latex, step.text))
        self._last_side = side
        return self

    # Reading

    def _read(self, value, argument, reason, how):
        if isinstance(value, str):
            expr, latex = written.read(value, self._names)
            text = value.strip()
        else:
            expr = written.formula(value, argument)
            latex, text = _as_given(expr, sp.latex), _as_given(expr, sp.sstr)
        written.formula(expr, argument)
        if argument == "start":
            self._learn_names(expr)
        return Step(expr, reason, how, latex, text)

    def _learn_names(self, expr):
        expr = sp.sympify(expr)
        for symbol in checking.in_order(expr.atoms(sp.Symbol) - expr.atoms(sp.Dummy)):
            self._names.setdefault(symbol.name, symbol)
        for function in expr.atoms(AppliedUndef):
            self._names.setdefault(function.func.__name__, function.func)

    def _side(self, line, number):
        try:
            return checking.Side.of(line.expr, self._definitions)
        except checking.Undeclared as err:
            what = f"step {number}" + (f" ({line.reason})" if line.reason else "") if number else "the start"
            raise StepError(f"{what} {err}", number, line.reason) from None

    # Checking

    def _check(self, side, step):
        before = self._last_side
        if before.shape != side.shape:
            shapes = [f"a matrix {s[0]} × {s[1]}" if s else "a single number" for s in (before.shape, side.shape)]
            self._refuse(step, f"has another shape than the line before it: that is {shapes[0]}, this is {shapes[1]}.")
        points = self._points(before, side, step)
        stand_ins = checking.stand_ins([before, side])
        concrete = [self._with_stand_ins(line.expr, stand_ins) for line in (self._lines()[-1], step)]
        found = checking.hunt(*(concrete if stand_ins else (before, side)), points)
        if found.disagreement:
            self._disagree(found.disagreement, step)
        if found.counter_example:
            self._refuse_at(found.counter_example, step, stand_ins)
        if found.undefined and not found.agreed and found.seen:
            self._refuse(step, f"says nothing: neither line has a value. The line before is {found.undefined}.")
        proved = checking.prove(before, side, points)
        alone = self._with_one_witness(concrete if stand_ins else (before, side), found)
        if proved and not alone:
            return "proved"
        needed = checking.ENOUGH_POINTS if points.symbols or points.arrays else 1
        # One f that obeys a law says nothing of all the others.
        if found.agreed < needed or stand_ins or alone:
            says = f"SymPy says that {alone} is so, and no numbers could be found for it" if alone else (
                f"SymPy cannot prove it, and it could be evaluated and compared at {found.agreed} points only"
            )  # fmt: skip
            late = " in the time there is" * found.out_of_time
            self._refuse(step, f"could not be decided: {says}{late}. Try a smaller step, or state what you assume.")
        return f"checked numerically at {found.digits} digits, {found.agreed} point{'s' * (found.agreed != 1)}"

    def _points(self, before, side, step):
        try:
            return within(checking.SECONDS["points"], checking.Points, before, side, self._assumptions)
        except OutOfTime:
            self._refuse(step, "could not be decided: it takes too long to find out where its formulas change.")

    @staticmethod
    def _with_one_witness(sides, found):
        """Return the first part of which only SymPy has said what it is, in words; None if there is none."""
        left, right = sides
        for (number, k), times in found.seen.items():
            if not times and left.written[k] != right.written[k]:
                return sp.sstr(checking.in_order(sides[number].claims(k))[0])
        return None

    def _disagree(self, found, step):
        which = "the line before" if found.side == 0 else "the step"
        place = _place(found.point)
        sympy_says, numbers_say = _told_apart(found.sympy_says, found.numbers_say)
        number = len(self) + 1
        reason = f" ({step.reason})" if step.reason else ""
        raise WitnessesDisagree(
            f"step {number}{reason} is neither proved nor refused, for two witnesses disagree{place and f' {place}'}: "
            f"SymPy claims that {which} is {sympy_says}, the numbers say {numbers_say}. "
            "Trust the numbers more than SymPy, and a smaller step more than both.",
            number, step.reason, point=found.point,
        )  # fmt: skip

    def _with_stand_ins(self, expr, stand_ins):
        expanded = self._definitions.expand(expr)
        return checking.Side.of(expanded, checking.Definitions(stand_ins)) if stand_ins else None

    def _refuse(self, step, message, **found):
        number = len(self) + 1
        reason = f" ({step.reason})" if step.reason else ""
        raise StepError(f"step {number}{reason} {message}", number, step.reason, **found)

    def _refuse_at(self, found, step, stand_ins):
        place = _place(found.point)
        entry = f" in entry [{found.index[0]}, {found.index[1]}]" if found.index else ""
        left, right = _told_apart(found.left, found.right)
        values = f"{place}{' ' * bool(place)}the line before is {left}, step {len(self) + 1} is {right}."
        sentences = [f"is not equal to the line before it{entry}: {values}", *self._hints(found, step, stand_ins)]
        left, right = (side if isinstance(side, str) else _to_sympy(side) for side in (found.left, found.right))
        self._refuse(step, "\n  ".join(sentences), point=found.point, left=left, right=right, index=found.index)

    def _hints(self, found, step, stand_ins):
        earlier = set().union(*(self._symbols(line.expr) for line in self._lines()))
        new = [str(s) for s in checking.in_order(self._symbols(step.expr) - earlier - set(self._definitions.symbols))]
        if new:
            yield f"New here, in no line before this one: {', '.join(new)}."
        for symbol, value in found.point.items():
            if not value.is_real and symbol.is_real is None:
                yield f'{symbol} may be complex here; if it is real, declare it so: sp.Symbol("{symbol}", real=True).'
        for function, body in stand_ins.items():
            arguments = sp.symbols(f"u:{len(body.signature)}") if len(body.signature) > 1 else [sp.Symbol("u")]
            yield f"Tried with {function(*arguments)} = {body(*arguments)}."
        if found.point and "the function" in f"{found.left} {found.right}":
            symbol, value = next(iter(found.point.items()))
            yield f"If the line leaves that point out, say so: assuming=sp.Ne({symbol}, {value})."
        if step.expr.atoms(sp.Float):
            yield "A decimal number means itself: for 1/3 write sp.Rational(1, 3), not 0.333."

    def _symbols(self, expr):
        everywhere = expr.free_symbols | self._definitions.expand(expr).free_symbols
        return {symbol for symbol in everywhere if isinstance(symbol, sp.Symbol)}

    # Showing

    def _lines(self):
        return [self._start, *self._steps]

    def _repr_latex_(self):
        first, *rest = self._lines()
        if not rest:
            return f"$${first.latex}$$"
        rows = [rf"{first.latex if i == 0 else ''} &= {step.latex} && {_remark(step)}" for i, step in enumerate(rest)]
        return "$$\\begin{aligned}\n" + " \\\\[4pt]\n".join(row.strip() for row in rows) + "\n\\end{aligned}$$"

    def __repr__(self):
        first, *rest = self._lines()
        formulas = [" ".join(step.text.split()) for step in rest]
        width = max(map(len, formulas), default=0)
        numerically = [f"  [{step.how}]" if step.how != "proved" else "" for step in rest]
        rows = [
            f"  = {formula:{width}}    {step.reason}{note}".rstrip()
            for formula, step, note in zip(formulas, rest, numerically, strict=True)
        ]
        return "\n".join([" ".join(first.text.split()), *rows])


def _as_given(expr, printer):
    """Printed in SymPy's usual order, but in the author's where the author has stopped SymPy from tidying up."""
    return printer(expr) if _rebuild(expr) == expr else printer(expr, order="none")


def _rebuild(expr):
    if isinstance(expr, sp.MatrixBase):
        return expr.applyfunc(_rebuild)
    return expr.func(*map(_rebuild, expr.args)) if expr.args else expr


def _place(point):
    return "at " * bool(point) + ", ".join(f"{symbol} = {sp.sstr(value)}" for symbol, value in point.items())


def _to_sympy(value):
    real, imaginary = (sp.Float(part, checking.DIGITS) for part in (value.real, value.imag))
    return real + sp.I * imaginary if imaginary else real


def _told_apart(left, right):
    """Both values in words, with six digits, or as many as it takes to tell one from the other."""
    for digits in (6, 10, 20, 35, 50):
        texts = witness.short(left, digits), witness.short(right, digits)
        if texts[0] != texts[1]:
            break
    return texts


_IN_MATHS = {
    "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$", "{": r"\{", "}": r"\}", "\\": r"\backslash ",
    "^": r"\wedge ", "~": r"\sim ", "<": r"\lt ", ">": r"\gt ", "′": "'", "″": "''", "·": r"\cdot ", "×": r"\times ",
    "−": "-", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "∞": r"\infty ", "→": r"\to ", "²": "^2", "³": "^3",
    "∂": r"\partial ", "∑": r"\Sigma ", "√": r"\surd ", "±": r"\pm ", "∈": r"\in ", "≈": r"\approx ",
}  # fmt: skip
_IN_MATHS |= {letter: f"\\{name} " for letter, name in written.GREEK.items()}


def _remark(step):
    note = "" if step.how == "proved" else rf"\;\text{{({step.how})}}"
    return latex_of_words(step.reason) + note


def latex_of_words(words):
    r"""Words for the right margin. What \text{…} would trip over, in some MathJax or other, is set as mathematics."""
    latex, plain = "", ""
    for letter in " ".join(words.split()):
        if letter in _IN_MATHS:
            latex += (rf"\text{{{plain}}}" if plain else "") + f"{{{_IN_MATHS[letter].strip()}}}"
            plain = ""
        else:
            plain += letter
    return latex + (rf"\text{{{plain}}}" if plain else "")
