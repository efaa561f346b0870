"""Two witnesses: what SymPy says of limits, integrals, slopes and sums is held against numbers found without it."""

import threading
import time

import pytest
import sympy as sp
from sympy import (
    Abs,
    Derivative,
    Heaviside,
    Integral,
    Limit,
    Matrix,
    Max,
    Min,
    Ne,
    Piecewise,
    Product,
    Rational,
    Sum,
    exp,
    floor,
    log,
    oo,
    pi,
    sign,
    sin,
    sqrt,
)

from acts.proofs import checking
from acts.proofs.deadline import OutOfTime, within
from acts.proofs.derivation import WitnessesDisagree
from acts.symbolic import (
    Derivation,
    StepError,
    elu,
    hardswish,
    leaky_relu,
    prelu,
    relu,
    relu6,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)  # fmt: skip

x, y, h, t, b = sp.symbols("x y h t b", real=True)
a, s = sp.symbols("a s", positive=True)
u = sp.Symbol("u")  # undeclared: it may be complex
n = sp.Symbol("n", integer=True, positive=True)
k = sp.Symbol("k", integer=True)
bell = exp(-(x**2) / 2) / sqrt(2 * pi)
plane = exp(-(x**2 + y**2) / 2) / (2 * pi)
half = Rational(1, 2)
NOT_0 = {"assuming": Ne(x, 0)}

# name: (start, what it equals, options)
TRUE = {
    "relu(h)/h, right": (Limit(relu(h) / h, h, 0, "+"), 1, {}),
    "relu(h)/h, left": (Limit(relu(h) / h, h, 0, "-"), 0, {}),
    "relu6 at 6, right": (Limit((relu6(6 + h) - 6) / h, h, 0, "+"), 0, {}),
    "relu6 at 6, left": (Limit((relu6(6 + h) - 6) / h, h, 0, "-"), 1, {}),
    "leaky ReLU, left": (Limit(leaky_relu(h, a) / h, h, 0, "-"), a, {}),
    "PReLU, right": (Limit(prelu(h, b) / h, h, 0, "+"), 1, {}),
    "ELU, left": (Limit(elu(h, a) / h, h, 0, "-"), a, {}),
    "hardswish at 3, left": (Limit((hardswish(3 + h) - 3) / h, h, 0, "-"), Rational(3, 2), {}),
    "hardswish at 3, right": (Limit((hardswish(3 + h) - 3) / h, h, 0, "+"), 1, {}),
    "hardswish at -3, right": (Limit(hardswish(h - 3) / h, h, 0, "+"), -half, {}),
    "absolute value, left": (Limit(Abs(h) / h, h, 0, "-"), -1, {}),
    "sign, right": (Limit(sign(h), h, 0, "+"), 1, {}),
    "Heaviside, left": (Limit(Heaviside(h), h, 0, "-"), 0, {}),
    "floor, left of 1": (Limit(floor(x), x, 1, "-"), 0, {}),
    "both sides": (Limit(relu(h), h, 0, "+-"), 0, {}),
    "a Piecewise at its border": (Limit(Piecewise((x**2, x < 1), (5, sp.Eq(x, 1)), (2 - x, True)), x, 1, "+-"), 1, {}),
    "sinc": (Limit(sp.sinc(x), x, 0), 1, {}),
    "an undeclared variable": (Limit(relu(u) / u, u, 0, "+"), 1, {}),
    "at infinity": (Limit(softplus(x) - x, x, oo), 0, {}),
    "at minus infinity": (Limit(tanh(x), x, -oo), -1, {}),
    "a sequence": (Limit((1 + 1 / n) ** n, n, oo), sp.E, {}),
    "limits in a sum and a product": (2 * Limit(relu(h) / h, h, 0) + Limit(Abs(h) / h, h, 0, "-") ** 2, 3, {}),
    "limits in a matrix": (Matrix([[Limit(relu(h) / h, h, 0), Limit(relu(h) / h, h, 0, "-")]]), Matrix([[1, 0]]), {}),
    "sigmoid of a normal number": (Integral(sigmoid(x) * bell, (x, -oo, oo)), half, {}),
    "a kinked integrand": (Integral(Abs(sin(x) * sp.cos(x)), (x, 0, 2 * pi)), 2, {}),
    "an integral with a parameter": (Integral(x**2 * exp(-(x**2) / (2 * s**2)), (x, 0, oo)), sqrt(pi / 2) * s**3, {}),
    "an integrable pole": (Integral(1 / sqrt(x), (x, 0, 1)), 2, {}),
    "Max in an integral": (Integral(Max(0, x - 1), (x, 0, 3)), 2, {}),
    "floor in an integral": (Integral(floor(x), (x, 0, Rational(7, 2))), Rational(9, 2), {}),
    "a moment in the plane": (Integral(x**2 * plane, (x, -oo, oo), (y, -oo, oo)), 1, {}),
    "half waves": (Integral(sin(x) / x, (x, 0, oo)), pi / 2, {}),
    "slope at a single point": (Derivative(Piecewise((x, Ne(x, 0)), (0, True)), x), 1, {}),
    "slope of Abs": (Derivative(Abs(x), x), sign(x), NOT_0),
    "slope of x|x|": (Derivative(x * Abs(x), x), 2 * Abs(x), {}),
    "slope, then a place": (sp.Subs(Derivative(silu(x), x), x, 0), half, {}),
    "fundamental theorem": (Derivative(Integral(exp(-(t**2)), (t, 0, x)), x), exp(-(x**2)), {}),
    "mixed slopes": (Derivative(x**2 * sin(y), x, y), 2 * x * sp.cos(y), {}),
    "Max and Min": (Max(x, y) + Min(x, y), x + y, {}),
    "the larger of two by Abs": (Max(x, y), (x + y + Abs(x - y)) / 2, {}),
    "a matrix of slopes": (
        Matrix(2, 2, lambda i, j: Derivative(softmax([x, y])[i], (x, y)[j])),
        Matrix([[1, -1], [-1, 1]]) * sigmoid(x - y) * sigmoid(y - x), {},
    ),
    "a series": (Sum(1 / n**2, (n, 1, oo)), pi**2 / 6, {}),
    "a geometric series": (Sum(x**k, (k, 0, oo)), 1 / (1 - x), {"assuming": [x > -half, x < half]}),
    "a product": (Product(1 - 1 / k**2, (k, 2, n)), (n + 1) / (2 * n), {"assuming": n >= 2}),
    "a root": (sqrt(x**2), Abs(x), {}),
    "arcsine of sine, near 0": (sp.asin(sin(x)), x, {"assuming": [x > -1, x < 1]}),
}  # fmt: skip

FALSE = {
    "relu(h)/h, SymPy's answer": (Limit(relu(h) / h, h, 0, "+"), 0, {}),
    "relu(h)/h, both sides": (Limit(relu(h) / h, h, 0, "+-"), 1, {}),
    "relu(h)/h, both sides, 0": (Limit(relu(h) / h, h, 0, "+-"), 0, {}),
    "relu(h)/h, both sides, the mean": (Limit(relu(h) / h, h, 0, "+-"), half, {}),
    "relu6 at 6, right": (Limit((relu6(6 + h) - 6) / h, h, 0, "+"), 1, {}),
    "leaky ReLU, left": (Limit(leaky_relu(h, a) / h, h, 0, "-"), 1, {}),
    "ELU, left": (Limit(elu(h, a) / h, h, 0, "-"), 1, {}),
    "hardswish at 3": (Limit((hardswish(3 + h) - 3) / h, h, 0, "+"), Rational(3, 2), {}),
    "sign, both sides": (Limit(sign(h), h, 0, "+-"), 0, {}),
    "Heaviside, left": (Limit(Heaviside(h), h, 0, "-"), half, {}),
    "floor, left of 1": (Limit(floor(x), x, 1, "-"), 1, {}),
    "sinc": (Limit(sp.sinc(x), x, 0), 0, {}),
    "a value for a swing": (Limit(sin(1 / x), x, 0), 0, {}),
    "a value for a swinging sequence": (Limit((-1) ** n, n, oo), 0, {}),
    "infinite from one side only": (Limit(1 / x, x, 0, "+-"), oo, {}),
    "infinite with the wrong sign": (Limit(1 / x, x, 0, "-"), oo, {}),
    "limits in a matrix": (Matrix([[Limit(relu(h) / h, h, 0), 0]]), Matrix([[0, 0]]), {}),
    "sigmoid of a normal number": (Integral(sigmoid(x) * bell, (x, -oo, oo)), Rational(49, 100), {}),
    "a kinked integrand": (Integral(Abs(sin(x) * sp.cos(x)), (x, 0, 2 * pi)), 1, {}),
    "an integral with a parameter": (Integral(x**2 * exp(-(x**2) / (2 * s**2)), (x, 0, oo)), sqrt(pi / 2) * s**2, {}),
    "a principal value": (Integral(1 / x, (x, -1, 1)), 0, {}),
    "an odd function on the line": (Integral(x, (x, -oo, oo)), 0, {}),
    "a divergent integral": (Integral(1 / x, (x, 1, oo)), 100, {}),
    "a divergent integral, infinite": (Integral(1 / x, (x, 0, 1)), oo, {}),
    "through a pole": (Integral(1 / x**2, (x, -1, 1)), -2, {}),
    "an integral that swings": (Integral(sin(x), (x, 0, oo)), 1, {}),
    "a moment in the plane": (Integral(x**2 * plane, (x, -oo, oo), (y, -oo, oo)), 2, {}),
    "slope at a single point": (
        Derivative(Piecewise((x, Ne(x, 0)), (0, True)), x), Piecewise((1, Ne(x, 0)), (0, True)), {},
    ),
    "slope beside a single point": (Derivative(Piecewise((x, Ne(x, 0)), (5, True)), x), 1, {}),
    "slope of Abs at its kink": (Derivative(Abs(x), x), sign(x), {}),
    "slope of relu at its kink": (sp.Subs(Derivative(relu(x), x), x, 0), 0, {}),
    "slope of floor": (Derivative(floor(x), x), 0, {}),
    "Max and Min": (Max(x, y) - Min(x, y), x - y, {}),
    "a root": (sqrt(x**2), x, {}),
    "a power of a power": ((x**2) ** half, x, {}),
    "a logarithm of a product": (log(x * y), log(x) + log(y), {}),
    "arcsine of sine": (sp.asin(sin(x)), x, {}),
    "arctangent of tangent": (sp.atan(sp.tan(x)), x, {}),
    "Abs in a matrix": (Matrix([[Abs(x), 1]]), Matrix([[x, 1]]), {}),
    "a matrix of slopes": (
        Matrix(2, 2, lambda i, j: Derivative(softmax([x, y])[i], (x, y)[j])),
        Matrix([[1, 1], [1, 1]]) * sigmoid(x - y) * sigmoid(y - x), {},
    ),
    "a series": (Sum(1 / n**2, (n, 1, oo)), pi**2 / 8, {}),
    "a divergent series": (Sum(1 / n, (n, 1, oo)), 20, {}),
    "a series that swings": (Sum((-1) ** k, (k, 0, oo)), half, {}),
    "a geometric series outside": (Sum(x**k, (k, 0, oo)), 1 / (1 - x), {"assuming": x > 1}),
    "a product": (Product(1 - 1 / k**2, (k, 2, n)), n / (2 * n), {"assuming": n >= 2}),
}  # fmt: skip


SLOWEST = 10  # seconds, which no step may take


def step(start, line, options=None):
    before = time.process_time()
    try:
        return Derivation(start, **(options or {})).then(line, "why").steps[-1].how
    finally:
        assert time.process_time() - before < SLOWEST


@pytest.mark.parametrize("case", TRUE)
def test_true_steps_are_accepted(case):
    how = step(*TRUE[case])
    assert how == "proved" or how.startswith("checked numerically at 50 digits, ")


@pytest.mark.parametrize("case", FALSE)
def test_false_steps_are_not(case):
    with pytest.raises(StepError) as caught:
        step(*FALSE[case])
    assert "is not equal to the line before it" in str(caught.value)


def refusal(start, line, **options):
    with pytest.raises(StepError) as caught:
        step(start, line, options)
    return str(caught.value)


def test_the_message_says_why_there_is_no_value():
    assert "no limit: 0 from the left, 1 from the right" in refusal(*FALSE["relu(h)/h, both sides"][:2])
    assert "no limit: the values swing" in refusal(*FALSE["a value for a swing"][:2])
    assert "the integral does not settle" in refusal(*FALSE["a principal value"][:2])
    assert "the function jumps: 5 at the point, 0 beside it" in refusal(*FALSE["slope beside a single point"][:2])
    assert "the sum diverges" in refusal(*FALSE["a divergent series"][:2])
    assert "the line before is minus infinity, step 1 is infinite" in refusal(Limit(1 / x, x, 0, "-"), oo)
    nothing = Integral(1 / x, (x, 0, 1))
    assert "neither line has a value" in refusal(nothing, 2 * nothing)


# --- the two witnesses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "start", "truth"),
    [
        (Limit, Limit(sin(x) / x, x, 0), 1),
        (Integral, Integral(x**2, (x, 0, 3)), 9),
        (Derivative, Derivative(x**2 * y, x), 2 * x * y),
        (Sum, Sum(k**2, (k, 1, 3)), 14),
        (Product, Product(k, (k, 1, 4)), 24),
        (sp.Subs, sp.Subs(Derivative(x**2, x), x, 3), 6),
    ],
)
def test_a_wrong_answer_of_sympys_proves_nothing(monkeypatch, kind, start, truth):
    assert step(start, truth) == "proved"
    monkeypatch.setattr(kind, "doit", lambda *_, **__: sp.Integer(7))
    for line in (7, truth, sp.Integer(8)):
        with pytest.raises(
            WitnessesDisagree, match="SymPy claims that the line before is 7, the numbers say "
        ) as caught:
            step(start, line)
        error = caught.value
        assert "neither proved nor refused" in str(error) and error.step == 1 and error.reason == "why"
    with pytest.raises(WitnessesDisagree, match="SymPy claims that the step is 7"):
        step(truth, start)


def test_what_only_sympy_has_said_is_not_proved(monkeypatch):
    monkeypatch.setattr(checking, "second_value", lambda *_: None)
    assert "SymPy says that Limit(sin(x)/x, x, 0" in refusal(Limit(sin(x) / x, x, 0), 1)
    assert "no numbers could be found" in refusal(Limit(1 / log(x), x, oo), 0)


def test_a_wrong_antiderivative_is_found_by_its_slope(monkeypatch):
    assert step(Integral(exp(x), x), exp(x)) == "proved"
    monkeypatch.setattr(Integral, "doit", lambda *_, **__: x**2)
    with pytest.raises(WitnessesDisagree, match="no antiderivative"):
        step(Integral(exp(3 * x), x), x**2)


# --- time ------------------------------------------------------------------------------------------------------------

ENDLESS = Integral(exp(sin(x) ** 3 / (1 + x**2)) * log(1 + x**2 + exp(x)), (x, 0, 1))


def test_an_integral_that_sympy_never_finishes_is_left_to_the_numbers():
    reflected = Integral(ENDLESS.function.subs(x, 1 - y), (y, 0, 1))
    assert step(ENDLESS, reflected).startswith("checked numerically at 50 digits")
    assert "the line before is 1.24616, step 1 is 1.25" in refusal(ENDLESS, Rational(5, 4))


def test_work_without_end_is_ended_also_in_a_thread():
    def endless():
        with sp.evaluate(False):
            while True:
                abs(-1)

    def run():
        with pytest.raises(OutOfTime):
            within(0.05, endless)
        assert sp.Integer(1) + 1 == 2
        ended.append(within(5, abs, -1))

    ended = []
    run()
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert ended == [1, 1]


def test_where_no_thread_can_be_started_the_clock_is_watched_all_the_same(monkeypatch):
    monkeypatch.setattr(threading.Thread, "start", lambda _: (_ for _ in ()).throw(RuntimeError("no threads here")))

    def idle():
        pass

    def endless():
        while True:
            idle()

    assert within(5, abs, -1) == 1
    with pytest.raises(OutOfTime):
        within(0.05, endless)


def test_an_error_in_the_work_comes_through():
    with pytest.raises(ZeroDivisionError):
        within(5, divmod, 1, 0)


# --- names -----------------------------------------------------------------------------------------------------------


def test_an_undeclared_symbol_is_named_with_the_assumption_to_add():
    for line in (Abs(u), sign(u) * u, sp.re(u), sp.conjugate(u) + 1):
        with pytest.raises(StepError, match=r'^the start .* u = sp.Symbol\("u", real=True\)') as caught:
            Derivation(Derivative(line, u))
        assert caught.value.step == 0
    assert "step 1 (why) differentiates Abs(u)" in refusal(u, Derivative(Abs(u), u))
    assert step(Derivative(Max(0, u), u), Heaviside(u), {"assuming": Ne(u, 0)}) == "proved"


@pytest.mark.parametrize("word", ["lambda", "in", "is", "as", "def", "not"])
def test_a_word_of_pythons_own_has_another_name_in_a_line(word):
    symbol = sp.Symbol(word, real=True)
    instead = "lam or λ" if word == "lambda" else f"{word}_ or {word}1"
    with pytest.raises(ValueError, match=f"'{word}' is a word of Python's own.*write {instead}"):
        Derivation(symbol**2).then(f"{word}*{word}", "squared")
    first, second = instead.split(" or ")
    assert Derivation(symbol**2).then(f"{first}*{second}", "squared").steps[0].how == "proved"


@pytest.mark.parametrize("name", ["S", "N", "E", "I", "Q", "O", "beta", "gamma", "zeta", "pi", "lam"])
def test_a_symbol_is_a_symbol_whatever_sympy_calls_so(name):
    symbol = sp.Symbol(name, real=True)
    assert Derivation(symbol**2).then(f"{name}*{name}", "squared").result == symbol**2
