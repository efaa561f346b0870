"""The activations in SymPy, and `Derivation`: a proof that checks each of its lines when it is written.

>>> z = sp.Symbol("z", real=True)
>>> s = sp.Function("sigma")
>>> proof = Derivation(sp.Derivative(s(z), z), define={s(z): sigmoid(z)})
>>> proof = proof.then("exp(-z)/(1 + exp(-z))**2", "quotient rule").then("σ(z)·(1 - σ(z))", "recognise σ")
>>> print(proof)
Derivative(sigma(z), z)
  = exp(-z)/(1 + exp(-z))**2    quotient rule
  = σ(z)·(1 - σ(z))             recognise σ
>>> proof.then("σ(z)", "wishful thinking")  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
acts.symbolic.StepError: step 3 (wishful thinking) is not equal to the line before it: at z = 0 ... 0.25, step 3 is 0.5.
"""

from dataclasses import dataclass
from numbers import Number

import sympy as sp
from sympy.core.function import AppliedUndef

from acts import _checking, _written
from acts._names import unknown
from acts._precise import evaluate, exact_decimals
from acts.catalog import ACTIVATIONS, UnknownActivation

__all__ = [  # and the activations, from EXPRESSIONS
    "EXPRESSIONS", "SELU_ALPHA", "SELU_SCALE", "Derivation", "StepError", "evaluate", "expression", "softmax",
    "softmax_indexed",
]  # fmt: skip

x = sp.Symbol("x", real=True)
_one = sp.Integer(1)  # _one / 100 is exact

# Each takes any SymPy expression for x, and any for its parameters: prelu(x, alpha=a) with a symbol a has a
# derivative in a. A decimal means itself: leaky_relu(x, alpha=0.01) has the slope 1/100.


def sigmoid(x=x):
    """1/(1 + e^-x). Verhulst, "Notice sur la loi que la population suit dans son accroissement", 1838.

    >>> sigmoid()
    1/(1 + exp(-x))
    """
    return 1 / (1 + sp.exp(-_formula(x, "x")))


def tanh(x=x):
    """(e^x - e^-x)/(e^x + e^-x). LeCun, Bottou, Orr & Müller, "Efficient BackProp", 1998.

    It is SymPy's own tanh, for the sake of a short derivative; `tanh(x).rewrite(sp.exp)` writes it out.

    >>> tanh().diff()
    1 - tanh(x)**2
    """
    return sp.tanh(_formula(x, "x"))


def relu(x=x):
    """max(0, x). Nair & Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.

    >>> relu()
    Piecewise((x, x > 0), (0, True))
    """
    x = _formula(x, "x")
    return sp.Piecewise((x, x > 0), (0, True))


def relu6(x=x):
    """min(6, max(0, x)). Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.

    >>> relu6()
    Piecewise((0, x <= 0), (x, x < 6), (6, True))
    """
    x = _formula(x, "x")
    return sp.Piecewise((0, x <= 0), (x, x < 6), (6, True))


def leaky_relu(x=x, alpha=_one / 100):
    """x for x > 0, else alpha·x. Maas, Hannun & Ng, "Rectifier nonlinearities improve neural network acoustic models",
    2013.

    >>> leaky_relu()
    Piecewise((x, x > 0), (x/100, True))
    """
    x = _formula(x, "x")
    return sp.Piecewise((x, x > 0), (_parameter(alpha, "alpha") * x, True))


def prelu(x=x, alpha=_one / 4):
    """x for x > 0, else alpha·x, with alpha learned. He, Zhang, Ren & Sun, "Delving deep into rectifiers", 2015.

    >>> a = sp.Symbol("a", real=True)
    >>> prelu(alpha=a).diff(a)
    Piecewise((0, x > 0), (x, True))
    """
    return leaky_relu(x, alpha)


def rrelu(x=x, lower=_one / 8, upper=_one / 3):
    """x for x > 0, else x·(lower + upper)/2: test mode; in training each slope is drawn between lower and upper.
    Xu, Wang, Chen & Li, "Empirical evaluation of rectified activations in convolutional network", 2015.

    >>> rrelu()
    Piecewise((x, x > 0), (11*x/48, True))
    """
    return leaky_relu(x, (_parameter(lower, "lower") + _parameter(upper, "upper")) / 2)


def elu(x=x, alpha=_one):
    """x for x > 0, else alpha·(e^x - 1). Clevert, Unterthiner & Hochreiter, "Fast and accurate deep network learning by
    exponential linear units (ELUs)", 2015.

    >>> elu()
    Piecewise((x, x > 0), (exp(x) - 1, True))
    """
    x = _formula(x, "x")
    return sp.Piecewise((x, x > 0), (_parameter(alpha, "alpha") * (sp.exp(x) - 1), True))


# The two numbers that give selu(Z) the mean 0 and the variance 1 of a standard normal Z itself: 1.6732632423543772848…
# and 1.0507009873554804934… (Klambauer et al. 2017, equation 14).
_OUTSIDE_1 = sp.erfc(1 / sp.sqrt(2))  # the chance that |Z| > 1; beyond 2 it is erfc(sqrt(2))
SELU_ALPHA = sp.sqrt(2 / sp.pi) / (1 - _OUTSIDE_1 * sp.sqrt(sp.E))
SELU_SCALE = (1 - _OUTSIDE_1 * sp.sqrt(sp.E)) * sp.sqrt(2 * sp.pi) / sp.sqrt(
    2 * sp.erfc(sp.sqrt(2)) * sp.E**2 + sp.pi * _OUTSIDE_1**2 * sp.E - 2 * (2 + sp.pi) * _OUTSIDE_1 * sp.sqrt(sp.E)
    + sp.pi + 2
)  # fmt: skip


def selu(x=x, alpha=SELU_ALPHA, scale=SELU_SCALE):
    """scale·x for x > 0, else scale·alpha·(e^x - 1). Klambauer et al., "Self-normalizing neural networks", 2017.

    The two constants are exact. They are long; symbols in their place are easier to read.

    >>> a, s = sp.symbols("a s", positive=True)
    >>> selu(alpha=a, scale=s)
    Piecewise((s*x, x > 0), (a*s*(exp(x) - 1), True))
    >>> SELU_ALPHA.evalf(17), SELU_SCALE.evalf(17)
    (1.6732632423543773, 1.0507009873554805)
    """
    x, alpha, scale = _formula(x, "x"), _parameter(alpha, "alpha"), _parameter(scale, "scale")
    return sp.Piecewise((scale * x, x > 0), (scale * alpha * (sp.exp(x) - 1), True))


def softplus(x=x):
    """log(1 + e^x). Dugas et al., "Incorporating second-order functional knowledge for better option pricing", 2000.

    >>> softplus().diff()
    exp(x)/(exp(x) + 1)
    """
    return sp.log(1 + sp.exp(_formula(x, "x")))


def silu(x=x):
    """x·sigmoid(x). Elfwing, Uchibe & Doya, "Sigmoid-weighted linear units for neural network function approximation in
    reinforcement learning", 2017.

    >>> silu()
    x/(1 + exp(-x))
    """
    return _formula(x, "x") * sigmoid(x)


def mish(x=x):
    """x·tanh(softplus(x)). Misra, "Mish: a self regularized non-monotonic activation function", 2019.

    >>> mish()
    x*tanh(log(exp(x) + 1))
    """
    return _formula(x, "x") * tanh(softplus(x))


def gelu(x=x):
    """x·Φ(x) = x/2·(1 + erf(x/√2)), Φ: the normal distribution. Hendrycks & Gimpel, "Gaussian error linear units
    (GELUs)", 2016.

    >>> gelu()
    x*(erf(sqrt(2)*x/2) + 1)/2
    """
    x = _formula(x, "x")
    return x * (1 + sp.erf(x / sp.sqrt(2))) / 2


def gelu_tanh(x=x):
    """x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))), within 0.0005 of gelu. Hendrycks & Gimpel, "Gaussian error linear units
    (GELUs)", 2016.

    >>> gelu_tanh()
    x*(tanh(sqrt(2)*(8943*x**3/200000 + x)/sqrt(pi)) + 1)/2
    """
    x = _formula(x, "x")
    return x * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + sp.Rational("0.044715") * x**3))) / 2


def hardswish(x=x):
    """x·relu6(x + 3)/6. Howard et al., "Searching for MobileNetV3", 2019.

    >>> hardswish()
    Piecewise((0, x <= -3), (x*(x + 3)/6, x < 3), (x, True))
    """
    x = _formula(x, "x")
    return sp.Piecewise((0, x <= -3), (x * (x + 3) / 6, x < 3), (x, True))


# Of every activation in the catalog the function above that has its name; tests/test_catalog.py says which lacks one.
EXPRESSIONS = {name: globals()[name] for name in ACTIVATIONS if name in globals()}
__all__ += EXPRESSIONS


def expression(name, x=x, **parameters):
    """SymPy expression of the activation with this name; `acts.catalog.UnknownActivation` if there is none.

    >>> expression("softplus", 0)
    log(2)
    >>> expression("elu", alpha=2)
    Piecewise((x, x > 0), (2*exp(x) - 2, True))
    """
    if name not in EXPRESSIONS:
        raise UnknownActivation(unknown("activation", name, EXPRESSIONS))
    return EXPRESSIONS[name](x, **parameters)


# --- softmax ---------------------------------------------------------------------------------------------------------

# A Dummy equals no symbol of the reader's. With a plain j, the derivative by x[j] would take the j inside the sum for
# the one outside, and come out wrong without a word.
_j = sp.Dummy("j", integer=True)
_xs = sp.IndexedBase("x", real=True)
_n = sp.Symbol("n", integer=True, positive=True)
_three = sp.symbols("x1:4", real=True)


def softmax(xs=_three):
    """e^x_i/(e^x_1 + … + e^x_n) of the expressions in a list, a tuple or a row or column matrix; by default, of three.

    Returns a matrix of the shape of `xs`; for a list or a tuple, a column, whose `jacobian(xs)` is softmax's. Raises
    `TypeError` or `ValueError` if `xs` is something else, or empty. Bridle, "Training stochastic model recognition
    algorithms as networks can lead to maximum mutual information estimation of parameters", 1990.

    >>> softmax([x, 0])
    Matrix([
    [exp(x)/(exp(x) + 1)],
    [     1/(exp(x) + 1)]])
    """
    if not isinstance(xs, list | tuple | sp.Tuple | sp.MatrixBase):
        raise TypeError(f"xs must be a list, a tuple or a matrix of expressions, got {xs!r} ({type(xs).__name__})")
    shape = xs.shape if isinstance(xs, sp.MatrixBase) else (len(xs), 1)
    if 1 not in shape or 0 in shape:
        raise ValueError(f"xs must be one row or one column of expressions, got {shape[0]} × {shape[1]}")
    powers = [sp.exp(_formula(x, f"xs[{i}]")) for i, x in enumerate(xs)]
    return sp.ImmutableMatrix(*shape, [power / sum(powers) for power in powers])


def softmax_indexed(i, xs=_xs, n=_n):
    """e^x_i/(e^x_1 + … + e^x_n): entry i of softmax for any number n of entries x[1], …, x[n].

    Parameters
    ----------
    i : index, an integer or `sp.Symbol("i", integer=True)`.
    xs : `sp.IndexedBase`. Declare it with real=True.
    n : number of entries, a positive integer or a symbol for one.

    To differentiate by x[k], say that k is one of 1, …, n:

    >>> xs, n = sp.IndexedBase("x", real=True), sp.Symbol("n", integer=True, positive=True)
    >>> i, k = sp.symbols("i k", integer=True)
    >>> y_i, y_k = softmax_indexed(i), softmax_indexed(k)
    >>> proof = Derivation(sp.Derivative(y_i, xs[k]), assuming=[i >= 1, i <= n, k >= 1, k <= n])
    >>> proof.then(y_i * (sp.KroneckerDelta(i, k) - y_k), "quotient rule").steps[0].how
    'proved'
    """
    if not isinstance(xs, sp.IndexedBase):
        raise TypeError(f'xs must be a sp.IndexedBase, as sp.IndexedBase("x", real=True), got {xs!r}')
    i, n = _formula(i, "i"), _formula(n, "n")
    for number, name in ((i, "i"), (n, "n")):
        if number.is_integer is False or number.is_positive is False:
            raise ValueError(f"{name} must be a positive integer, or a symbol for one, got {number}")
    return sp.exp(xs[i]) / sp.Sum(sp.exp(xs[_j]), (_j, 1, n))


def __getattr__(name):
    raise AttributeError(f"acts.symbolic has no {name!r}; its activations are {', '.join(EXPRESSIONS)}")


# --- derivations -----------------------------------------------------------------------------------------------------


class StepError(ValueError):
    """A line does not follow from the one before it.

    Attributes: `step`, its number from 1; `reason`, as given; `point`, dict {symbol: value} of the counter-example, or
    None if the step could not be decided or the shapes differ; `left`, `right`: the values there of the line before and
    of the step, as SymPy numbers with 50 digits, or words where one is undefined; `index`: (row, column) in a matrix.
    """

    def __init__(self, message, step, reason, point=None, left=None, right=None, index=None):
        super().__init__(message)
        self.step, self.reason, self.point, self.index = step, reason, point, index
        self.left, self.right = left, right

    def _render_traceback_(self):
        # IPython asks for this: a student needs the sentence, not the way through our code.
        return [f"StepError: {self}"]


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

    A decimal number means itself: 0.1 is 1/10. An indefinite integral is the one that SymPy finds, without a constant.

    >>> x = sp.Symbol("x", real=True)
    >>> Derivation(sp.sqrt(x**2), assuming=x > 0).then(x, "x is positive")
    Abs(x)
      = x    x is positive
    """

    def __init__(self, start, assuming=None, define=None):
        with sp.evaluate(True):
            self._definitions = _checking.Definitions(define)
            self._assumptions = _checking.Assumptions(assuming)
            self._names = {}
            for part in [*dict(define or {}), *dict(define or {}).values()]:
                self._learn_names(part)
            for relation in self._assumptions.equations + self._assumptions.relations:
                self._learn_names(relation)
            self._start = self._read(start, "start", reason="", how="given")
            self._last_side = self._side(self._start.expr)
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
            side = self._side(step.expr)
            how = self._check(side, step)
            self._learn_names(step.expr)
        self._steps.append(Step(step.expr, reason, how, step.latex, step.text))
        self._last_side = side
        return self

    # Reading

    def _read(self, value, argument, reason, how):
        if isinstance(value, str):
            expr, latex = _written.read(value, self._names)
            text = value.strip()
        else:
            expr = _formula(value, argument)
            latex, text = _as_given(expr, sp.latex), _as_given(expr, sp.sstr)
        _formula(expr, argument)
        if argument == "start":
            self._learn_names(expr)
        return Step(expr, reason, how, latex, text)

    def _learn_names(self, expr):
        expr = sp.sympify(expr)
        for symbol in _checking._sorted(expr.atoms(sp.Symbol) - expr.atoms(sp.Dummy)):
            self._names.setdefault(symbol.name, symbol)
        for function in expr.atoms(AppliedUndef):
            self._names.setdefault(function.func.__name__, function.func)

    def _side(self, expr):
        return _checking.Side.of(expr, self._definitions)

    # Checking

    def _check(self, side, step):
        before = self._last_side
        if before.shape != side.shape:
            shapes = [f"a matrix {s[0]} × {s[1]}" if s else "a single number" for s in (before.shape, side.shape)]
            self._refuse(step, f"has another shape than the line before it: that is {shapes[0]}, this is {shapes[1]}.")
        points = _checking.Points(before, side, self._assumptions)
        stand_ins = _checking.stand_ins([before, side])
        concrete = [self._with_stand_ins(line.expr, stand_ins) for line in (self._lines()[-1], step)]
        found, agreed = _checking.hunt(*(concrete if stand_ins else (before, side)), points)
        if found:
            self._refuse_at(found, step, stand_ins)
        if _checking.prove(before, side, points):
            return "proved"
        needed = _checking._ENOUGH_POINTS if points.symbols or points.arrays else 1
        # One f that obeys a law says nothing of all the others.
        if agreed < needed or stand_ins:
            self._refuse(
                step,
                "could not be decided: SymPy cannot prove it, and it could be evaluated and compared at "
                f"{agreed} points only. Try a smaller step, or state what you assume.",
            )
        return f"checked numerically at {_checking.DIGITS} digits, {agreed} point{'s' * (agreed != 1)}"

    def _with_stand_ins(self, expr, stand_ins):
        expanded = self._definitions.expand(expr)
        return _checking.Side.of(expanded, _checking.Definitions(stand_ins)) if stand_ins else None

    def _refuse(self, step, message, **found):
        number = len(self) + 1
        reason = f" ({step.reason})" if step.reason else ""
        raise StepError(f"step {number}{reason} {message}", number, step.reason, **found)

    def _refuse_at(self, found, step, stand_ins):
        place = ", ".join(f"{symbol} = {sp.sstr(value)}" for symbol, value in found.point.items())
        place = f"at {place} " if place else ""
        entry = f" in entry [{found.index[0]}, {found.index[1]}]" if found.index else ""
        left, right = _told_apart(found.left, found.right)
        values = f"{place}the line before is {left}, step {len(self) + 1} is {right}."
        sentences = [f"is not equal to the line before it{entry}: {values}", *self._hints(found, step, stand_ins)]
        left, right = (side if isinstance(side, str) else _to_sympy(side) for side in (found.left, found.right))
        self._refuse(step, "\n  ".join(sentences), point=found.point, left=left, right=right, index=found.index)

    def _hints(self, found, step, stand_ins):
        earlier = set().union(*(self._symbols(line.expr) for line in self._lines()))
        new = [str(s) for s in _checking._sorted(self._symbols(step.expr) - earlier - set(self._definitions.symbols))]
        if new:
            yield f"New here, in no line before this one: {', '.join(new)}."
        for symbol, value in found.point.items():
            if not value.is_real and symbol.is_real is None:
                yield f'{symbol} may be complex here; if it is real, declare it so: sp.Symbol("{symbol}", real=True).'
        for function, body in stand_ins.items():
            arguments = sp.symbols(f"u:{len(body.signature)}") if len(body.signature) > 1 else [sp.Symbol("u")]
            yield f"Tried with {function(*arguments)} = {body(*arguments)}."
        if any("the function" in value for value in (found.left, found.right) if isinstance(value, str)):
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


def _formula(value, argument):
    """`value` as a SymPy expression, or a clear `TypeError`."""
    wanted = "a SymPy expression, a number or a matrix"
    if isinstance(value, bool | str) or not isinstance(value, Number | sp.Basic | sp.MatrixBase):
        raise TypeError(f"{argument} must be {wanted}, got {value!r} ({type(value).__name__})")
    formula = sp.sympify(value)
    if isinstance(formula, sp.MatrixBase):
        formula = formula.as_immutable()
    elif isinstance(formula, sp.core.relational.Relational):
        raise TypeError(f"{argument} must be {wanted}, got the relation {formula}; write its right-hand side only")
    elif not isinstance(formula, sp.Expr):
        raise TypeError(f"{argument} must be {wanted}, got {formula} ({type(formula).__name__})")
    if formula.has(sp.nan, sp.zoo):
        raise ValueError(f"{argument} must have a value, got {formula}: it divides by 0, or the like")
    return formula


def _parameter(value, argument):
    """`value` as an exact SymPy expression: a decimal means itself."""
    if isinstance(value, float):
        value = sp.Rational(repr(float(value)))
    return exact_decimals(_formula(value, argument))


def _as_given(expr, printer):
    """Printed in SymPy's usual order, but in the author's where the author has stopped SymPy from tidying up."""
    return printer(expr) if _rebuild(expr) == expr else printer(expr, order="none")


def _rebuild(expr):
    if isinstance(expr, sp.MatrixBase):
        return expr.applyfunc(_rebuild)
    return expr.func(*map(_rebuild, expr.args)) if expr.args else expr


def _to_sympy(value):
    real, imaginary = (sp.Float(part, _checking.DIGITS) for part in (value.real, value.imag))
    return real + sp.I * imaginary if imaginary else real


def _told_apart(left, right):
    """Both values in words, with six digits, or as many as it takes to tell one from the other."""
    for digits in (6, 10, 20, 35, 50):
        texts = _checking.short(left, digits), _checking.short(right, digits)
        if texts[0] != texts[1]:
            break
    return texts


_IN_MATHS = {
    "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$", "{": r"\{", "}": r"\}", "\\": r"\backslash ",
    "^": r"\wedge ", "~": r"\sim ", "<": r"\lt ", ">": r"\gt ", "′": "'", "″": "''", "·": r"\cdot ", "×": r"\times ",
    "−": "-", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "∞": r"\infty ", "→": r"\to ", "²": "^2", "³": "^3",
    "∂": r"\partial ", "∑": r"\Sigma ", "√": r"\surd ", "±": r"\pm ", "∈": r"\in ", "≈": r"\approx ",
}  # fmt: skip
_IN_MATHS |= {letter: f"\\{name} " for letter, name in _written._GREEK.items()}


def _remark(step):
    note = "" if step.how == "proved" else rf"\;\text{{({step.how})}}"
    return _text(step.reason) + note


def _text(words):
    r"""Words for the right margin. What \text{…} would trip over, in some MathJax or other, is set as mathematics."""
    latex, plain = "", ""
    for letter in " ".join(words.split()):
        if letter in _IN_MATHS:
            latex += (rf"\text{{{plain}}}" if plain else "") + f"{{{_IN_MATHS[letter].strip()}}}"
            plain = ""
        else:
            plain += letter
    return latex + (rf"\text{{{plain}}}" if plain else "")
