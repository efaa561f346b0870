"""A line of a derivation as its author wrote it: a string, read without evaluating it, shown in the order of writing.

SymPy sorts and merges what it is given: 0 - 1*(-exp(-z)) becomes exp(-z), which is the next line of the proof. So a
line may be a string. It is read with Python's own parser (never `eval`), and comes back twice: as LaTeX, for the eye,
in the order written, and as an ordinary SymPy expression, for the check.
"""

import ast
import keyword
import re
from fractions import Fraction
from numbers import Number

import sympy as sp
from sympy.core.function import UndefinedFunction

from acts.proofs.precise import exact_decimals

_KNOWN = {
    name: getattr(sp, name)
    for name in (
        "exp log sqrt sin cos tan cot sec csc asin acos atan sinh cosh tanh coth sech csch asinh acosh atanh erf erfc "
        "Abs sign Max Min Heaviside Piecewise Derivative Integral Sum Product Limit KroneckerDelta factorial "
        "Eq Ne And Or Not Matrix Rational pi E I oo"
    ).split()
}
_KNOWN |= {"ln": sp.log, "e": sp.E, "abs": sp.Abs}
_NAMED = {getattr(sp, name) for name in "log sin cos tan cot sec csc sinh cosh tanh coth sech csch erf erfc".split()}
_OPERATORS = str.maketrans({"·": "*", "×": "*", "⋅": "*", "−": "-"})
_LETTERS = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega"
GREEK = dict(zip("αβγδεζηθικλμνξπρστφχψω", _LETTERS.split(), strict=True))
# A symbol that is called as a word of Python's own has these names in a line, and λ is lam.
_ALSO = {"lam": ("lambda", "λ"), "lambda": ("lam",)}
_ALSO |= {f"{word}{end}": (word,) for word in keyword.kwlist if word != "lambda" for end in ("_", "1")}
_COMPARISONS = {ast.Lt: sp.Lt, ast.LtE: sp.Le, ast.Gt: sp.Gt, ast.GtE: sp.Ge, ast.Eq: sp.Eq, ast.NotEq: sp.Ne}
_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4  # how tightly the LaTeX of a part holds together


def read(text, names):
    """(SymPy expression, LaTeX) of a line written as a string.

    `names`: dict of the symbols and functions that the line may use, besides exp, log, tanh, Piecewise, ….
    Raises `ValueError` saying what cannot be read, and which names are known.
    """
    try:
        tree = ast.parse(text.strip().translate(_OPERATORS), mode="eval").body
    except SyntaxError as err:
        reserved = next((word for word in re.findall(r"\w+", text) if keyword.iskeyword(word)), None)
        if reserved:
            instead = "lam or λ" if reserved == "lambda" else f"{reserved}_ or {reserved}1"
            raise ValueError(
                f"cannot read {text!r}: {reserved!r} is a word of Python's own, no name for a symbol; write {instead}"
            ) from None
        hint = " (a product needs *, as in 2*x)" if "=" not in text else " (write the right-hand side only)"
        raise ValueError(f"cannot read {text!r}: {err.msg}{hint}") from None
    reader = _Reader(text, names)
    expression = reader.build(tree)
    return expression, reader.show(tree)[0]


class _Reader:
    def __init__(self, text, names):
        self.text, self.names = text, names

    def refuse(self, what):
        return ValueError(f"cannot read {self.text!r}: {what}")

    # What the line means: an ordinary SymPy expression

    def build(self, node):
        match node:
            case ast.Constant(value=bool()):
                return sp.sympify(node.value)
            case ast.Constant(value=int()):
                return sp.Integer(node.value)
            case ast.Constant(value=float()):
                return sp.Rational(Fraction(self._source(node)))  # 0.1 is 1/10, not the float next to it
            case ast.Name(id=name):
                return self._look_up(name)
            case ast.UnaryOp(op=ast.USub()):
                return -self.build(node.operand)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.build(node.operand)
            case ast.BinOp(left=left, op=op, right=right):
                return self._combine(op, self.build(left), self.build(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                return _COMPARISONS[type(op)](self.build(left), self.build(right))
            case ast.Tuple(elts=items):
                return tuple(self.build(item) for item in items)
            case ast.List(elts=items):
                return [self.build(item) for item in items]
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                function, arguments = self._look_up(name), [self.build(arg) for arg in args]
                if not callable(function):
                    raise self.refuse(f"{name} is not a function; a product needs *, as in {name}*(…)")
                try:
                    return function(*arguments)
                except (TypeError, ValueError) as err:
                    raise self.refuse(str(err)) from err
        raise self.refuse(f"{ast.unparse(node)!r} is not part of a formula")

    def _combine(self, op, left, right):
        match op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                if right == 0:
                    raise self.refuse("it divides by 0")
                return left / right
            case ast.Pow():
                return left**right
        raise self.refuse("write ** for a power" if isinstance(op, ast.BitXor) else "only + - * / ** are understood")

    def _look_up(self, name):
        plain = "".join(GREEK.get(letter, letter) for letter in name)
        for spelling in (name, plain, *_ALSO.get(plain, ())):
            if spelling in self.names:
                return self.names[spelling]
        if plain in _KNOWN:
            return _KNOWN[plain]
        raise self.refuse(
            f"the name {name!r} is not known here; known are {', '.join(sorted(self.names)) or 'no symbols'}, "
            "and functions such as exp, log, sqrt, tanh, Abs, Max, Piecewise, Derivative"
        )

    def _source(self, node):
        return ast.get_source_segment(self.text.strip().translate(_OPERATORS), node).replace("_", "")

    # What the line looks like: (LaTeX, how tightly it holds together)

    def show(self, node):
        match node:
            case ast.Constant(value=int() | float()):
                return self._source(node), _ATOM
            case ast.Name(id=name):
                return sp.latex(self._look_up(name)), _ATOM
            case ast.UnaryOp(op=ast.UAdd()):
                return self.show(node.operand)
            case ast.UnaryOp(op=ast.USub()):
                return f"-{self._within(node.operand, _PRODUCT)}", _SUM
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                sign, needed = ("+", _SUM) if isinstance(op, ast.Add) else ("-", _PRODUCT)
                return f"{self.show(left)[0]} {sign} {self._within(right, needed)}", _SUM
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return f"{self._first(left)}{self._times(left, right)}{self._within(right, _PRODUCT)}", _PRODUCT
            case ast.BinOp(left=ast.BinOp(left=left, op=ast.Mult(), right=top), op=ast.Div(), right=right) if (
                _is_fraction(left) or isinstance(top, ast.Constant) and top.value == 1
            ):
                # Python reads a/b * c/d as ((a/b)*c)/d; its author means two fractions.
                fraction = rf"\frac{{{self.show(top)[0]}}}{{{self.show(right)[0]}}}"
                return rf"{self._first(left)} \cdot {fraction}", _PRODUCT
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return rf"\frac{{{self.show(left)[0]}}}{{{self.show(right)[0]}}}", _PRODUCT
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._show_power(left, self.show(right)[0])
            case ast.Call():
                return self._show_call(node)
        return self._by_sympy(node)

    def _first(self, node):
        # A leading minus needs no brackets in -a*b, but a sum does.
        if isinstance(node, ast.UnaryOp):
            return self.show(node)[0]
        return self._within(node, _PRODUCT)

    @staticmethod
    def _times(left, right):
        # 2x, but 2·3 and a·b with the dot, as the author wrote a product
        power = isinstance(right, ast.BinOp) and isinstance(right.op, ast.Pow)
        base = right.left if power else right
        return " " if isinstance(left, ast.Constant) and isinstance(base, ast.Name | ast.Call) else r" \cdot "

    def _within(self, node, needed):
        latex, strength = self.show(node)
        if strength < needed or latex.startswith("-"):
            return _brackets(latex)
        return latex

    def _show_power(self, base, exponent):
        if isinstance(base, ast.Call) and self._is_named(base):
            name, arguments = self._name_and_arguments(base)
            return f"{name}^{{{exponent}}}{arguments}", _POWER
        return f"{self._within(base, _ATOM)}^{{{exponent}}}", _POWER

    def _show_call(self, node):
        name = self._look_up(node.func.id)
        arguments = [self.show(arg)[0] for arg in node.args]
        if name is sp.exp:
            return f"e^{{{arguments[0]}}}", _POWER
        if name is sp.sqrt:
            return rf"\sqrt{{{arguments[0]}}}", _ATOM
        if name is sp.Abs:
            return rf"\left|{arguments[0]}\right|", _ATOM
        if name is sp.Derivative and len(node.args) == 2 and isinstance(node.args[1], ast.Name):
            d = "d" if len(self.build(node.args[0]).free_symbols) < 2 else r"\partial"
            what = arguments[0] if _is_fraction(node.args[0]) else self._within(node.args[0], _POWER)
            return rf"\frac{{{d}}}{{{d} {arguments[1]}}} {what}", _PRODUCT
        if self._is_named(node):
            return "".join(self._name_and_arguments(node)), _ATOM
        return self._by_sympy(node)

    def _is_named(self, node):
        """A function that is written name(arguments), as tanh or a function of the author's."""
        function = self._look_up(node.func.id)
        return isinstance(function, UndefinedFunction) or function in _NAMED

    def _name_and_arguments(self, node):
        name = sp.latex(self._look_up(node.func.id))
        return name, "{" + _brackets(", ".join(self.show(arg)[0] for arg in node.args)) + "}"

    def _by_sympy(self, node):
        built = self.build(node)
        loose = isinstance(built, sp.Expr) and (built.is_Add or built.is_Mul or built.is_Pow)
        return sp.latex(built), _SUM if loose else _PRODUCT


def _is_fraction(node):
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)


def _brackets(latex):
    return rf"\left({latex}\right)"


# --- a formula that was not written as a string -----------------------------------------------------------------------


def formula(value, argument):
    """Return `value` as a SymPy expression, or raise a clear `TypeError`."""
    wanted = "a SymPy expression, a number or a matrix"
    if isinstance(value, bool | str) or not isinstance(value, Number | sp.Basic | sp.MatrixBase):
        raise TypeError(f"{argument} must be {wanted}, got {value!r} ({type(value).__name__})")
    expr = sp.sympify(value)
    if isinstance(expr, sp.MatrixBase):
        expr = expr.as_immutable()
    elif isinstance(expr, sp.core.relational.Relational):
        raise TypeError(f"{argument} must be {wanted}, got the relation {expr}; write its right-hand side only")
    elif not isinstance(expr, sp.Expr):
        raise TypeError(f"{argument} must be {wanted}, got {expr} ({type(expr).__name__})")
    if expr.has(sp.nan, sp.zoo):
        raise ValueError(f"{argument} must have a value, got {expr}: it divides by 0, or the like")
    return expr


def parameter(value, argument):
    """Return `value` as an exact SymPy expression: a decimal means itself."""
    if isinstance(value, float):
        value = sp.Rational(repr(float(value)))
    return exact_decimals(formula(value, argument))
