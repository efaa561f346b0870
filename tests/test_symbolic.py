"""`acts.symbolic`: the expressions, their values to 50 digits, and `Derivation`, which must refuse every wrong step."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mp

from acts import symbolic
from acts.catalog import UnknownActivation
from acts.proofs import checking, precise, written
from acts.proofs.derivation import latex_of_words
from acts.symbolic import (
    EXPRESSIONS,
    SELU_ALPHA,
    SELU_SCALE,
    Derivation,
    StepError,
    elu,
    evaluate,
    expression,
    gelu,
    gelu_tanh,
    hardswish,
    leaky_relu,
    mish,
    prelu,
    relu,
    relu6,
    rrelu,
    selu,
    sigmoid,
    silu,
    softmax,
    softmax_indexed,
    softplus,
    tanh,
)

z, w = sp.symbols("z w", real=True)
a, b = sp.symbols("a b", real=True)
c = sp.Symbol("c")  # no assumption: it may be complex
n = sp.Symbol("n", integer=True, positive=True)
k = sp.Symbol("k", integer=True)
f = sp.Function("f")
sigma = sp.Function("sigma")
SIGMA = {sigma(z): sigmoid(z)}
logits = sp.symbols("z1:4", real=True)
probabilities = sp.symbols("y1:4")
total = sum(map(sp.exp, logits))
SOFTMAX = {y: sp.exp(v) / total for y, v in zip(probabilities, logits, strict=True)}
JACOBIAN = sp.Matrix(3, 3, lambda i, j: sp.Derivative(sp.exp(logits[i]) / total, logits[j]))
y = sp.Matrix(probabilities)


def close(value, truth, digits=48):
    with mp.workdps(digits + 12):
        return abs(value - truth) <= abs(truth) * mp.mpf(10) ** -digits


# --- the expressions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_expressions_are_those_of_the_literature(name):
    assert symbolic.x.is_real
    proof = Derivation(expression(name, z)).then(BY_HAND[name][0], "the literature")
    assert proof.steps[0].how == "proved"


def test_a_gaussian_through_gelu_is_weighed_by_its_own_chance():
    share = sp.Integral(sp.exp(-(w**2) / 2) / sp.sqrt(2 * sp.pi), (w, -sp.oo, z))
    Derivation(z * share).then(gelu(z), "the distribution function of a normal number")


def test_selus_constants_keep_a_normal_number_at_mean_0_and_variance_1():
    alpha, scale = evaluate(SELU_ALPHA, {}), evaluate(SELU_SCALE, {})
    assert mpmath.nstr(alpha, 20) == "1.6732632423543772848" and mpmath.nstr(scale, 20) == "1.0507009873554804934"
    with mp.workdps(30):
        both = [mp.quad(lambda t, p=p: BY_HAND["selu"][1](t) ** p * mp.npdf(t), [-mp.inf, 0, mp.inf]) for p in (1, 2)]
        assert abs(both[0]) < 1e-25 and abs(both[1] - 1) < 1e-25


def test_parameters_are_exact_and_may_be_symbols():
    assert leaky_relu(z, alpha=0.01) == leaky_relu(z) and leaky_relu(z).has(sp.Rational(1, 100))
    assert rrelu(z, lower=a, upper=b) == leaky_relu(z, (a + b) / 2) and rrelu(z, 0.25, 0.25) == prelu(z)
    assert abs(rrelu(-48, upper=1 / 3) + 11) < 1e-14  # the float 1/3 is none, but near
    assert prelu(z, alpha=a).diff(a) == sp.Piecewise((0, z > 0), (z, True))
    assert elu(z, 2) == expression("elu", z, alpha=2.0) and elu(-1, 2) == 2 / sp.E - 2
    assert selu(z, 1, 1) == elu(z) and not selu(z).has(sp.Float)
    with pytest.raises(TypeError, match="alpha must be a SymPy expression.*'0.1'"):
        elu(z, alpha="0.1")
    with pytest.raises(TypeError, match="beta"):
        expression("elu", z, beta=1)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_takes_any_argument(name):
    assert expression(name) == EXPRESSIONS[name]() == getattr(symbolic, name)()
    assert expression(name, 2 * z + 1) == expression(name, w).subs(w, 2 * z + 1)
    assert expression(name, 0).is_number


def test_unknown_names_and_wrong_arguments_are_named():
    with pytest.raises(UnknownActivation, match="'sigmid'.*sigmoid, tanh, relu, relu6"):
        expression("sigmid")
    with pytest.raises(AttributeError, match="'gelo'.*sigmoid, tanh, relu, relu6"):
        _ = symbolic.gelo
    with pytest.raises(TypeError, match="x must be a SymPy expression.*'a'"):
        sigmoid("a")


def test_importing_acts_leaves_sympy_alone():
    code = "import sys, acts; assert 'sympy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])


# --- values to 50 digits ---------------------------------------------------------------------------------------------


def share(t):
    return 1 / (1 + mp.exp(-t))


def linear_above_0(slope):
    return lambda t: t if t > 0 else slope() * t, lambda t: mp.mpf(1) if t > 0 else slope()


def exponential_below_0(scale, alpha):
    return (
        lambda t: scale() * (t if t > 0 else alpha() * mp.expm1(t)),
        lambda t: scale() * (1 if t > 0 else alpha() * mp.exp(t)),
    )


def tail(t):
    """Chance that a normal number lies below t. From 1e100 on, mpmath's erfc may overflow, and the series ends soon."""
    return mp.erfc(-t / mp.sqrt(2)) / 2 if t > -1e100 else mp.npdf(t) / -t * (1 - t**-2)


def mish_slope(t):
    e = mp.exp(t)
    n = e * (e + 2)
    return n / (n + 2) + t * 4 * e * (e + 1) / (n + 2) ** 2


def bend(t):
    return mp.sqrt(8 / mp.pi) * (t + mp.mpf("0.044715") * t**3)


def gelu_tanh_slope(t):
    slope = mp.sqrt(8 / mp.pi) * (1 + 3 * mp.mpf("0.044715") * t**2)
    return share(bend(t)) + t * slope * share(bend(t)) * share(-bend(t))


def selu_alpha():
    return mp.sqrt(2 / mp.pi) / (1 - mp.erfc(mp.sqrt(0.5)) * mp.exp(0.5))


def selu_scale():
    """From the second moment of selu(Z)/scale, which scale² makes 1."""
    below = mp.exp(2) * mp.ncdf(-2) - 2 * mp.exp(0.5) * mp.ncdf(-1) + mp.mpf(1) / 2
    return 1 / mp.sqrt(mp.mpf(1) / 2 + selu_alpha() ** 2 * below)


# The formula in other words than in `symbolic`, for SymPy; f and f′ in mpmath, in forms in which nothing cancels.
BY_HAND = {
    "sigmoid": (1 / (1 + sp.exp(-z)), share, lambda t: mp.exp(-abs(t)) / (1 + mp.exp(-abs(t))) ** 2),
    "tanh": (
        (sp.exp(z) - sp.exp(-z)) / (sp.exp(z) + sp.exp(-z)),
        mp.tanh, lambda t: 4 * mp.exp(-2 * abs(t)) / (1 + mp.exp(-2 * abs(t))) ** 2,
    ),
    "relu": (sp.Max(0, z), lambda t: max(t, mp.mpf(0)), lambda t: mp.mpf(t > 0)),
    "relu6": (sp.Min(6, sp.Max(0, z)), lambda t: min(max(t, mp.mpf(0)), mp.mpf(6)), lambda t: mp.mpf(0 < t < 6)),
    "leaky_relu": (sp.Max(z, z / 100), *linear_above_0(lambda: mp.mpf(1) / 100)),
    "prelu": (sp.Max(0, z) + sp.Min(0, z) / 4, *linear_above_0(lambda: mp.mpf(1) / 4)),
    "rrelu": (
        sp.Max(0, z) + sp.Min(0, z) * sp.Rational(11, 48),
        *linear_above_0(lambda: (mp.mpf(1) / 8 + mp.mpf(1) / 3) / 2),
    ),
    "elu": (sp.Max(0, z) + sp.exp(sp.Min(0, z)) - 1, *exponential_below_0(lambda: 1, lambda: 1)),
    "selu": (
        SELU_SCALE * (sp.Max(0, z) + SELU_ALPHA * (sp.exp(sp.Min(0, z)) - 1)),
        *exponential_below_0(selu_scale, selu_alpha),
    ),
    "softplus": (z + sp.log(1 + sp.exp(-z)), lambda t: max(t, mp.mpf(0)) + mp.log1p(mp.exp(-abs(t))), share),
    "silu": (z * sp.exp(z) / (1 + sp.exp(z)), lambda t: t * share(t), lambda t: share(t) + t * share(t) * share(-t)),
    "mish": (
        z * ((1 + sp.exp(z)) ** 2 - 1) / ((1 + sp.exp(z)) ** 2 + 1),
        lambda t: t * mp.tanh(mp.log1p(mp.exp(t))), mish_slope,
    ),
    "gelu": (z / 2 * sp.erfc(-z / sp.sqrt(2)), lambda t: t * tail(t), lambda t: tail(t) + t * mp.npdf(t)),
    "gelu_tanh": (
        z / (1 + sp.exp(-sp.sqrt(8 / sp.pi) * (z + sp.Rational(44715, 10**6) * z**3))),
        lambda t: t * share(bend(t)), gelu_tanh_slope,
    ),
    "hardswish": (
        z * sp.Min(6, sp.Max(0, z + 3)) / 6,
        lambda t: t * min(max(t + 3, mp.mpf(0)), mp.mpf(6)) / 6,
        lambda t: mp.mpf(0) if t <= -3 else mp.mpf(1) if t >= 3 else t / 3 + mp.mpf(1) / 2,
    ),
}  # fmt: skip
HARD = [0.0, 0.5, 1.0, 3.0, 6.0, 8.3, 37.5, 745.0, 800.0, 1e4, 1e16, 1e154, 1e300, 1.7e308, 1e-9, 1e-300, 5e-324]
HARD += [-t for t in HARD[1:]] + [-0.7517915246935645, -1.1924312145157, -1.2784645427610738]  # near roots of f′


def by_hand(name, order, at):
    with mp.workdps(1300 if abs(at) > 1e4 else 90):  # x³ has 900 digits before the point, and e^x³ needs them
        return BY_HAND[name][1 + order](mp.mpf(at))


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_values_are_right_to_50_digits_at_both_ends_of_float64(name, order, monkeypatch):
    # The digits alone must do: to simplify a formula may take seconds, or for ever.
    monkeypatch.setattr(precise, "other_forms", lambda expr: pytest.fail(f"{expr} had to be simplified"))
    values = evaluate(expression(name).diff(symbolic.x, order), HARD)
    wrong = [at for at, value in zip(HARD, values, strict=True) if not close(value, by_hand(name, order, at))]
    assert wrong == []


@settings(deadline=None, max_examples=150)
@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(sorted(EXPRESSIONS)), st.sampled_from([0, 1]))
def test_values_are_right_for_any_float(at, name, order):
    assert close(evaluate(expression(name).diff(symbolic.x, order), at), by_hand(name, order, at))


def test_a_value_below_every_float_is_still_a_number():
    value = evaluate(gelu(), -1e300)
    assert value < 0 and float(value) == 0.0
    with mp.workdps(1300):  # log(-gelu) = -x²/2 - log(√(2π)), up to 1/x²
        assert close(mp.log(-value), -(mp.mpf(1e300) ** 2) / 2 - mp.log(2 * mp.pi) / 2, 640)


def test_the_far_tail_of_erfc_is_right_to_any_number_of_digits():
    with mp.workdps(900):
        assert close(evaluate(sp.erfc(z), 1e130, digits=600), mp.erfc(mp.mpf(1e130)), 598)
        long = 2**420 + 2**210  # its square is longer than the first precision tried
        assert close(evaluate(sp.erfc(z), long), mp.erfc(mp.mpf(long)))


def test_what_a_sum_rounds_away_is_counted():
    tiny = sp.Rational(1, 2**300)
    for numbers in itertools.permutations((1, tiny, -1)):
        assert evaluate(a + b + w, dict(zip((a, b, w), numbers, strict=True))) == mp.mpf(2) ** -300


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_second_derivatives_have_values_too(name):
    curvature = expression(name).diff(symbolic.x, 2)
    assert all(mp.isfinite(value) for value in evaluate(curvature, [-1e300, -800.0, 1e-300, 800.0, 1e300]))
    for at in (-0.7, 0.7):
        with mp.workdps(40):
            assert abs(evaluate(curvature, at) - mp.diff(BY_HAND[name][2], at)) < 1e-15


def test_a_formula_that_cannot_be_factored_is_given_up_not_waited_for():
    u = sp.sqrt(2) * (z + sp.Rational(8943, 200000) * z**3)
    with pytest.raises(ArithmeticError, match="cannot be evaluated to 50 digits"):
        evaluate(z * (z + z * sp.tanh(u)), -1e16)  # z + z·tanh hides what 1 + tanh would show


@pytest.mark.parametrize("expr", [sp.exp(-sp.exp(z)), 1 - sp.tanh(sp.exp(z)) ** 2, 1 - sp.erf(sp.exp(z))])
def test_a_value_too_small_for_any_memory_is_an_error_not_a_hang(expr):
    with pytest.raises(ArithmeticError, match="cannot be evaluated to 50 digits"):
        evaluate(expr, 1e300)


@pytest.mark.parametrize(
    ("expr", "truth"),
    [
        (sp.exp(z) - 1 - z, lambda t: mp.expm1(t) - t),
        (1 + sp.erf(z), lambda t: mp.erfc(-t)),
        (sp.sqrt(1 + z**2) - 1, lambda t: t**2 / (mp.sqrt(1 + t**2) + 1)),
        (1 / (z + 1) - 1 / z, lambda t: -1 / (t * (t + 1))),
    ],
)
@pytest.mark.parametrize("at", [-1e3, 1e-20, 25.0])
def test_cancellation_is_met_with_more_digits(expr, truth, at):
    with mp.workdps(400):
        assert close(evaluate(expr, at), truth(mp.mpf(at)))


def test_evaluate_reads_points_exactly():
    assert close(evaluate(z, "0.1"), mpmath.mpf(1) / 10, 15) and evaluate(z, 0.1) == mpmath.mpf(0.1)
    assert close(evaluate(0.1 * z, 1), evaluate(sp.Rational(1, 10) * z, 1))
    assert evaluate(z * w, {z: 3, w: sp.Rational(1, 2)}) == 1.5
    assert evaluate(z**2, [1, 2.0, mpmath.mpf(3)]) == [1, 4, 9]
    assert evaluate(sp.Derivative(z**2, z), 3) == 6


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: evaluate("z", 1), TypeError, "expr must be a SymPy expression, got str"),
        (lambda: evaluate(z * w, 1), ValueError, "dict"),
        (lambda: evaluate(z * w, {z: 1}), ValueError, "no value for .w."),
        (lambda: evaluate(z, float("inf")), ValueError, "finite"),
        (lambda: evaluate(1 / z, 0), ArithmeticError, "undefined"),
        (lambda: evaluate(sp.log(z), 0), ArithmeticError, "undefined"),
        (lambda: evaluate(f(z), 0), ArithmeticError, "undefined"),
    ],
)
def test_evaluate_says_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


# --- derivations that hold -------------------------------------------------------------------------------------------


def articles_chain():
    proof = Derivation(sp.Derivative(sigma(z), z), define=SIGMA)
    proof.then("Derivative(1/(1 + exp(-z)), z)", "definition of σ")
    proof.then("(0 - 1·(-exp(-z)))/(1 + exp(-z))**2", "quotient rule")
    proof.then("exp(-z)/(1 + exp(-z))**2", "tidy the numerator")
    proof.then("exp(-z)/(1 + exp(-z)) · 1/(1 + exp(-z))", "split the fraction")
    proof.then("(1 + exp(-z) - 1)/(1 + exp(-z)) · σ(z)", "add and take 1, recognise σ")
    return proof.then("(1 - σ(z))·σ(z)", "split again")


def test_the_articles_chain_is_proved_and_shown_line_for_line():
    proof = articles_chain()
    assert len(proof) == 6 and [step.how for step in proof.steps] == ["proved"] * 6
    assert proof.start == sp.Derivative(sigma(z), z) and proof.result == (1 - sigma(z)) * sigma(z)
    assert (
        proof._repr_latex_()
        == r"""$$\begin{aligned}
\frac{d}{d z} \sigma{\left(z \right)} &= \frac{d}{d z} \frac{1}{1 + e^{-z}} && \text{definition of }{\sigma} \\[4pt]
&= \frac{0 - 1 \cdot \left(-e^{-z}\right)}{\left(1 + e^{-z}\right)^{2}} && \text{quotient rule} \\[4pt]
&= \frac{e^{-z}}{\left(1 + e^{-z}\right)^{2}} && \text{tidy the numerator} \\[4pt]
&= \frac{e^{-z}}{1 + e^{-z}} \cdot \frac{1}{1 + e^{-z}} && \text{split the fraction} \\[4pt]
&= \frac{1 + e^{-z} - 1}{1 + e^{-z}} \cdot \sigma{\left(z\right)} && \text{add and take 1, recognise }{\sigma} \\[4pt]
&= \left(1 - \sigma{\left(z\right)}\right) \cdot \sigma{\left(z\right)} && \text{split again}
\end{aligned}$$"""
    )
    assert repr(proof).splitlines()[2] == "  = (0 - 1·(-exp(-z)))/(1 + exp(-z))**2        quotient rule"


RIGHT = {
    "no change": (z, [z], {}),
    "a Python number": (sp.sin(0) + 2, [2, 2.0], {}),
    "a decimal means itself": (0.1 * z, [z / 10, "0.1*z"], {}),
    "tanh is a stretched sigmoid": (sp.tanh(z), ["2*σ(2*z) - 1"], {"define": SIGMA}),
    "chain rule through a name": (sp.Derivative(sigma(2 * z), z), ["2*σ(2*z)*(1 - σ(2*z))"], {"define": SIGMA}),
    "chain rule by sp.diff": (sp.diff(sigma(2 * z), z), ["2*σ(2*z)*(1 - σ(2*z))"], {"define": SIGMA}),
    "root, x > 0": (sp.sqrt(z**2), [z], {"assuming": z > 0}),
    "root, x < 0": (sp.sqrt(z**2), [-z], {"assuming": [z < 0]}),
    "root, x ≥ 0": (sp.sqrt(z**2), [z], {"assuming": z >= 0}),
    "root, by the symbol": (sp.sqrt(n**2), [n], {}),
    "root, no assumption but x > 0": (sp.sqrt(c**2), [c], {"assuming": c > 0}),
    "two relations": (sp.log(a / (1 - a)), [sp.log(a) - sp.log(1 - a)], {"assuming": [a > 0, a < 1]}),
    "relations joined": (sp.log(a / (1 - a)), [sp.log(a) - sp.log(1 - a)], {"assuming": sp.And(a > 0, a < 1)}),
    "an equation": (a * b, [a - a**2], {"assuming": sp.Eq(a + b, 1)}),
    "relu by absolute value": (relu(z), ["(z + abs(z))/2"], {}),
    "relu is homogeneous": (relu(a * z), [a * relu(z)], {"assuming": a >= 0}),
    "ReLU6": (sp.Min(6, sp.Max(0, z)), ["Piecewise((0, z < 0), (z, z < 6), (6, True))"], {}),
    "a kink does not hurt where values agree": (relu(z), [sp.Piecewise((0, z < 0), (z, True))], {}),
    "slope of relu, 0 left out": (sp.Derivative(relu(z), z), [sp.Heaviside(z)], {"assuming": sp.Ne(z, 0)}),
    "a removable gap": ((z**2 - 1) / (z - 1), [z + 1], {}),
    "softplus' slope": (sp.Derivative(softplus(z), z), [sigmoid(z)], {}),
    "integral": (sp.Integral(sigmoid(w), (w, 0, z)), [softplus(z) - sp.log(2)], {}),
    "sum": (sp.Sum(z**k / sp.factorial(k), (k, 0, sp.oo)), [sp.exp(z)], {}),
    "sum up to n": (sp.Sum(k, (k, 1, n)), [n * (n + 1) / 2], {}),
    "limit": (sp.Limit(sp.sin(z) / z, z, 0), [1], {}),
    "infinite limit": (sp.Limit(1 / z, z, 0), [sp.oo], {}),
    "any function": (sp.Derivative(z * f(z), z), [f(z) + z * sp.Derivative(f(z), z)], {}),
    "complex": (1 / (1 + sp.I), [(1 - sp.I) / 2], {}),
    "mish": (sp.Derivative(z * tanh(softplus(z)), z), ["tanh(log(1+exp(z))) + z*σ(z)*sech(log(1+exp(z)))**2"],
             {"define": SIGMA}),
    "row sums of softmax' Jacobian": ((sp.diag(*y) - y * y.T) * sp.ones(3, 1), [y * (1 - sum(y)), sp.zeros(3, 1)],
                                      {"assuming": sp.Eq(sum(probabilities), 1)}),
    "softmax Jacobian": (JACOBIAN, [sp.diag(*y) - y * y.T], {"define": SOFTMAX}),
    "softmax Jacobian, of the module": (softmax(logits).jacobian(logits), [sp.diag(*y) - y * y.T], {"define": SOFTMAX}),
    "softmax of two is sigmoid": (softmax([z, 0])[0], [sigmoid(z)], {}),
    "softmax is shift invariant": (softmax([a + w, b + w, z + w]), [softmax([a, b, z])], {}),
    "slope of relu6": (sp.Derivative(relu6(z), z), ["Piecewise((1, And(0 < z, z < 6)), (0, True))"],
                       {"assuming": [sp.Ne(z, 0), sp.Ne(z, 6)]}),
    "slope of leaky ReLU": (sp.Derivative(leaky_relu(z, a), z), ["a + (1 - a)*Heaviside(z)"],
                            {"assuming": sp.Ne(z, 0)}),
    "leaky ReLU by ReLU": (leaky_relu(z, a), [relu(z) - a * relu(-z)], {}),
    "PReLU in alpha": (sp.Derivative(prelu(z, a), a), [sp.Min(0, z)], {}),
    "ELU with alpha 1 is smooth at 0": (sp.Derivative(elu(z), z), [sp.exp(sp.Min(0, z))], {}),
    "ELU's slope by its value": (sp.Derivative(elu(z, a), z), [elu(z, a) + a], {"assuming": z < 0}),
    "hardswish": (hardswish(z), [z * relu6(z + 3) / 6], {}),
    "hardswish is kinked at -3 and 3 only": (sp.Derivative(hardswish(z), z), [(2 * z + 3) / 6],
                                             {"assuming": [z > -3, z < 3]}),
    "slope of silu": (sp.Derivative(silu(z), z), ["σ(z)*(1 + z*(1 - σ(z)))"], {"define": SIGMA}),
    "silu reflected": (silu(z) - silu(-z), [z], {}),
    "slope of gelu": (sp.Derivative(gelu(z), z), ["gelu(z)/z + z*exp(-z**2/2)/sqrt(2*pi)"],
                      {"assuming": sp.Ne(z, 0), "define": {sp.Function("gelu")(z): gelu(z)}}),
    "unevaluated matrix product": (sp.MatMul(sp.Matrix([[1, 2], [3, 4]]), sp.Matrix([z, w]), evaluate=False),
                                   [sp.Matrix([z + 2 * w, 3 * z + 4 * w])], {}),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT)
def test_right_steps_are_proved(case):
    start, lines, options = RIGHT[case]
    proof = Derivation(start, **options)
    for line in lines:
        assert proof.then(line, case) is proof
    assert [step.how for step in proof.steps] == ["proved"] * len(lines)


xs = sp.IndexedBase("x", real=True)
i, j = sp.symbols("i j", integer=True)
INSIDE = [i >= 1, i <= n, k >= 1, k <= n]


def test_softmax_jacobian_for_any_n_with_indices():
    y_i, y_k = softmax_indexed(i), softmax_indexed(k)
    proof = Derivation(sp.Derivative(y_i, xs[k]), assuming=INSIDE)
    with pytest.raises(StepError) as caught:
        proof.then(y_i * (sp.KroneckerDelta(i, k) + y_k), "sign slipped")
    assert {i, k, n} <= set(caught.value.point)
    proof.then(y_i * (sp.KroneckerDelta(i, k) - y_k), "quotient rule")
    assert [step.how for step in proof.steps] == ["proved"]
    with pytest.raises(StepError, match="k = "):  # outside, the derivative is 0
        Derivation(sp.Derivative(y_i, xs[k]), assuming=INSIDE[:2]).then(proof.result, "any k")


def test_the_index_inside_the_sum_is_nobody_elses():
    letter = next(iter(softmax_indexed(i).atoms(sp.Sum))).variables[0].name
    same = sp.Symbol(letter, integer=True)
    for free in (j, same):
        slope = softmax_indexed(i, n=3).diff(xs[free]).subs({i: 1, free: 2}).doit()
        y_1, y_2 = (softmax_indexed(m, n=3) for m in (1, 2))
        assert sp.simplify(slope + (y_1 * y_2).doit()) == 0


@pytest.mark.parametrize("size", [1, 2, 3])
def test_softmax_with_indices_is_softmax_written_out(size):
    entries = [xs[m] for m in range(1, size + 1)]
    assert list(softmax(entries)) == [softmax_indexed(m, xs, size).doit() for m in range(1, size + 1)]
    y = softmax(entries)
    Derivation(y.jacobian(entries)).then(sp.diag(*y) - y * y.T, "written out").then(
        sp.Matrix(size, size, lambda r, c: y[r] * (sp.KroneckerDelta(r, c) - y[c])), "with δ"
    )


def test_softmax_keeps_a_matrix_in_shape_and_takes_three_by_default():
    assert softmax().shape == (3, 1) and softmax((z, w)) == softmax([z, w]) == softmax(sp.Matrix([z, w]))
    assert softmax(sp.Matrix([[z, w]])).shape == (1, 2) and softmax([z]) == sp.Matrix([1])
    assert softmax([0, 0, sp.log(2)]) == sp.Matrix([1, 1, 2]) / 4


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: softmax(z), TypeError, "xs must be a list, a tuple or a matrix.*got z"),
        (lambda: softmax([z, "w"]), TypeError, r"xs\[1\] must be.*'w'"),
        (lambda: softmax([]), ValueError, "one row or one column.*0 × 1"),
        (lambda: softmax(sp.eye(2)), ValueError, "2 × 2"),
        (lambda: softmax_indexed(0), ValueError, "i must be a positive integer.*got 0"),
        (lambda: softmax_indexed(i, n=sp.Rational(1, 2)), ValueError, "n must be a positive integer.*1/2"),
        (lambda: softmax_indexed(i, [z]), TypeError, "xs must be a sp.IndexedBase"),
    ],
)
def test_softmax_says_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_unevaluated_lines_show_as_written():
    with sp.evaluate(False):
        proof = Derivation(5 * z).then(2 * z + 3 * z + 0, "as written")
        with pytest.raises(StepError):
            proof.then(2 * z + 3 * z + 1, "wrong")
        slope = Derivation(sp.Derivative(1 / (1 + sp.exp(-z)), z)).then(
            (0 - 1 * (-sp.exp(-z))) / (1 + sp.exp(-z)) ** 2, "quotient rule"
        )
    assert slope.steps[0].how == "proved"
    assert "&= 2 z + 3 z + 0 &&" in proof._repr_latex_().replace(r"\left(", "").replace(r"\right)", "")


# --- derivations that do not hold ------------------------------------------------------------------------------------

# name: (start, right steps, the wrong one, options)
WRONG = {
    "sign": (sp.Derivative(sigma(z), z), ["σ(z)*(1 - σ(z))"], "σ(z)*(1 + σ(z))", {"define": SIGMA}),
    "forgot the chain rule": (sp.Derivative(sigma(2 * z), z), [], "σ(2*z)*(1 - σ(2*z))", {"define": SIGMA}),
    "forgot the square": (sp.Derivative(sigma(z), z), [], "exp(-z)/(1 + exp(-z))", {"define": SIGMA}),
    "the article's chain, sign lost": (sp.Derivative(sigma(z), z), ["exp(-z)/(1+exp(-z))*σ(z)"],
                                       "(1 - exp(-z) - 1)/(1 + exp(-z))*σ(z)", {"define": SIGMA}),
    "root without x > 0": (sp.sqrt(z**2), [], z, {}),
    "root, complex symbol": (sp.sqrt(c**2), [], c, {}),
    "logarithm of exponential, complex": (sp.log(sp.exp(c)), [], c, {}),
    "logarithm of a square": (sp.log(z**2), [], 2 * sp.log(z), {"assuming": sp.Ne(z, 0)}),
    "only one branch": (relu(z), [], z, {}),
    "wrong at the kink alone": (relu(z), [], sp.Piecewise((0, z < 0), (1, sp.Eq(z, 0)), (z, True)), {}),
    "wrong far out": (sp.Min(6, z), [], sp.Piecewise((z, z <= 6), (7, True)), {}),
    "wrong at one whole number": (z, [], sp.Piecewise((z + 1, sp.Eq(z, 1234)), (z, True)), {}),
    "relu is not additive": (relu(a + b), [], relu(a) + relu(b), {}),
    "homogeneous for a < 0 too": (relu(a * z), [], a * relu(z), {}),
    "tiny": (sp.exp(z), [], sp.exp(z) + sp.Rational(1, 10**60), {}),
    "a decimal for a third": (z / 3, [], 0.333333333333 * z, {}),
    "wrong only on a short interval": (z, [z], z + sp.Max(0, sp.Rational(1, 4) - sp.Abs(z - 1000)), {}),
    "a symbol from nowhere": (z, [], w, {}),
    "wrong for three values that add to 1": (a * b, [], a + a**2, {"assuming": sp.Eq(a + b, 1)}),
    "swapped under an assumption": (sp.Abs(a - b), [a - b], b - a, {"assuming": a > b}),
    "integral": (sp.Integral(sp.exp(-(w**2)), (w, -sp.oo, sp.oo)), [], sp.pi, {}),
    "sum": (sp.Sum(k, (k, 1, n)), [], n * (n - 1) / 2, {}),
    "constants": (sp.sqrt(2) + sp.sqrt(3), [], sp.sqrt(5), {}),
    "relu6 forgets its ceiling": (relu6(z), [], relu(z), {}),
    "slope of leaky ReLU, swapped": (sp.Derivative(leaky_relu(z), z), [], "Piecewise((1, z < 0), (1/100, True))",
                                     {"assuming": sp.Ne(z, 0)}),
    "ELU's slope without alpha": (sp.Derivative(elu(z, 2), z), [], sp.exp(z), {"assuming": z < 0}),
    "PReLU in alpha, on the wrong side": (sp.Derivative(prelu(z, a), a), [], sp.Max(0, z), {}),
    "hardswish by 5": (hardswish(z), [], z * relu6(z + 3) / 5, {}),
    "gelu is not its approximation": (gelu(z), [], gelu_tanh(z), {}),
    "mish is not silu": (mish(z), [], silu(z), {}),
    "an assumption opens only its own branch": (relu(z), [], z, {"assuming": z > -1}),
    "softmax Jacobian, sign": (JACOBIAN, [], sp.diag(*y) + y * y.T, {"define": SOFTMAX}),
    "softmax Jacobian, one entry": (JACOBIAN, [sp.diag(*y) - y * y.T], sp.diag(*y) - y * y.T + sp.Matrix(
        3, 3, lambda i, j: probabilities[0] if (i, j) == (1, 2) else 0), {"define": SOFTMAX}),
}  # fmt: skip


def value(line, error, definitions):
    """The line's value at the counter-example, found without the checker's own machinery."""
    if isinstance(line, str):
        line = written.read(line, {"z": z, "sigma": sigma})[0]
    for name, body in definitions.items():
        if name in SIGMA:
            line = line.replace(sigma, lambda argument, body=body: body.subs(z, argument))
        else:
            line = line.subs(name, body)
    line = line.doit().xreplace({number: sp.Rational(str(number)) for number in line.atoms(sp.Float)})
    if error.index:
        line = line[error.index]
    return line.subs(error.point).evalf(80)


@pytest.mark.parametrize("case", WRONG)
def test_wrong_steps_are_refused_with_a_true_counter_example(case):
    start, before, wrong, options = WRONG[case]
    proof = Derivation(start, **options)
    for line in before:
        proof.then(line, "right")
    with pytest.raises(StepError) as caught:
        proof.then(wrong, case)
    error = caught.value
    assert error.step == len(before) + 1 and error.reason == case and len(proof) == len(before)
    assert str(error).startswith(f"step {error.step} ({case}) is not equal to the line before it")

    last = [start, *before][-1]
    left, right = (value(line, error, options.get("define", {})) for line in (last, wrong))
    assert abs(left - right) > 1e-70
    assert abs(left - error.left) <= 1e-45 and abs(right - error.right) <= 1e-45

    assumptions = options.get("assuming", [])
    for relation in assumptions if isinstance(assumptions, list) else [assumptions]:
        assert relation.subs(error.point) == sp.true


def refusal(start, wrong, **options):
    with pytest.raises(StepError) as caught:
        Derivation(start, **options).then(wrong, "why")
    return caught.value


def test_the_message_is_for_a_student():
    error = refusal(sigmoid(z), tanh(z))
    what = "step 1 (why) is not equal to the line before it"
    assert str(error) == f"{what}: at z = 0 the line before is 0.5, step 1 is 0."
    assert error._render_traceback_() == [f"StepError: {error}"]
    assert "at w = 0, z = 1 the line before is 1, step 1 is 0." in str(refusal(z, w))
    assert "New here, in no line before this one: w." in str(refusal(z, z + w))
    assert "New here" not in str(refusal(sigmoid(z), 1 - sigma(z), define=SIGMA))
    assert 'sp.Symbol("c", real=True)' in str(refusal(sp.log(sp.exp(c)), c))
    assert "real=True" not in str(refusal(sp.sqrt(c**2), c))
    assert "sp.Rational(1, 3)" in str(refusal(z / 3, 0.333 * z))
    assert "Tried with f(u) = " in str(refusal(f(a + b), f(a) + f(b)))
    assert "in entry [1, 2]" in str(refusal(sp.zeros(2, 3), sp.Matrix([[0, 0, 0], [0, 0, z]])))
    assert "1.000000000001" in str(refusal(sp.Integer(1), 1 + sp.Rational(1, 10**12)))


@pytest.mark.parametrize(
    ("start", "wrong", "point", "simple"),
    [(z**2, z, z, [-1, 2]), (z, sp.Abs(z), z, [-1]), (z, z + 1, z, [0]), (n, n**2, n, [2]), (sp.exp(c), 1, c, [1, -1])],
)
def test_counter_examples_are_simple(start, wrong, point, simple):
    assert refusal(start, wrong).point[point] in simple


def test_two_numbers_are_a_better_counter_example_than_a_missing_one():
    assert refusal(1 / z, z).point[z] != 0  # at 0 the left side alone is undefined, which teaches less


def test_one_side_undefined_is_a_counter_example_unless_the_gap_closes():
    error = refusal(1 / z, sp.Piecewise((1 / z, sp.Ne(z, 0)), (0, True)))
    assert (error.point, error.left, error.right) == ({z: 0}, "undefined", 0)
    assert refusal(sp.sin(z) / z, sp.Piecewise((sp.sin(z) / z, sp.Ne(z, 0)), (0, True))).point == {z: 0}
    Derivation(sp.sin(z) / z).then(sp.Piecewise((sp.sin(z) / z, sp.Ne(z, 0)), (1, True)), "the gap closes")
    assert refusal(sp.Limit(1 / z, z, 0), 1).left == "infinite"


@pytest.mark.parametrize(
    ("start", "claim"),
    [
        (sp.Derivative(relu(z), z), sp.Piecewise((1, z > 0), (0, True))),
        (sp.Derivative(relu(z), z), sp.Heaviside(z)),
        (sp.Derivative(sp.Abs(z), z), sp.sign(z)),
        (sp.Derivative(relu(z), z, z), sp.Integer(0)),
        (sp.Derivative(sp.Max(0, z), z), sp.Piecewise((1, z >= 0), (0, True))),
        (sp.Derivative(leaky_relu(z), z), sp.Piecewise((1, z > 0), (sp.Rational(1, 100), True))),
        (sp.Derivative(elu(z, 2), z), sp.Piecewise((1, z > 0), (2 * sp.exp(z), True))),
        (sp.Derivative(elu(z), z, z), sp.Piecewise((0, z > 0), (sp.exp(z), True))),
        (sp.Derivative(relu6(z + 6), z), sp.Piecewise((0, z <= -6), (1, z < 0), (0, True))),
    ],
)
def test_a_slope_has_no_value_at_a_kink(start, claim):
    error = refusal(start, claim)
    assert error.point == {z: 0} and "has a kink" in error.left and "assuming=sp.Ne(z, 0)" in str(error)
    others = [sp.Ne(z, -6)] if start.has(6) else []
    Derivation(start, assuming=[sp.Ne(z, 0), *others]).then(claim, "away from the kink")


def test_shapes_must_agree():
    error = refusal(sp.zeros(2, 3), sp.zeros(3, 2))
    assert "a matrix 2 × 3" in str(error) and "a matrix 3 × 2" in str(error) and error.point is None
    assert "a single number" in str(refusal(z, sp.Matrix([z])))


# --- what cannot be proved, what cannot be decided -------------------------------------------------------------------


def test_a_numerical_check_says_so():
    heptagon = sp.cos(sp.pi / 7) - sp.cos(2 * sp.pi / 7) + sp.cos(3 * sp.pi / 7)
    proof = Derivation(heptagon).then(sp.Rational(1, 2), "a heptagon closes")
    assert proof.steps[0].how == "checked numerically at 50 digits, 1 point"
    assert r"\text{a heptagon closes}\;\text{(checked numerically at 50 digits, 1 point)}" in proof._repr_latex_()
    assert "[checked numerically at 50 digits, 1 point]" in repr(proof)


def test_without_a_prover_every_line_says_that_it_was_only_evaluated(monkeypatch):
    monkeypatch.setattr(checking, "prove", lambda *_: False)
    proof = Derivation(sp.Derivative(sigma(z), z), define=SIGMA).then("σ(z)*(1 - σ(z))", "quotient rule")
    how = proof.steps[0].how
    assert how.startswith("checked numerically at 50 digits, ") and int(how.split()[-2]) >= 20
    for case in ("sign", "root without x > 0", "softmax Jacobian, one entry"):
        test_wrong_steps_are_refused_with_a_true_counter_example(case)


def test_what_was_neither_evaluated_nor_proved_is_refused(monkeypatch):
    unknown = sp.Function("g", integer=True)  # nothing to try it with
    assert "compared at 0 points" in str(refusal(unknown(z), unknown(-z)))
    monkeypatch.setattr(checking, "prove", lambda *_: False)
    error = refusal(f(z) ** 2 - 1, (f(z) - 1) * (f(z) + 1))  # true of the one f that was tried, but one is not all
    assert "could not be decided" in str(error) and error.point is None
    two = refusal(z, 1 + (z - 1) ** 2, assuming=sp.Or(sp.Eq(z, 1), sp.Eq(z, 2)))  # true, but two points say too little
    assert "at 2 points" in str(two)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (relu(z), sp.Integer(0)),
        (relu(z), z),
        (relu(z), sp.Piecewise((0, z < 0), (1, sp.Eq(z, 0)), (z, True))),
        (sp.Max(0, z), sp.Piecewise((0, z < 0), (z, z < 2), (2, True))),
        (sp.Abs(z - 1) + sp.Abs(z + 1), sp.Piecewise((-2 * z, z < -1), (3, z < 1), (2 * z, True))),
    ],
)
def test_the_prover_alone_looks_at_every_side_of_every_kink(left, right):
    sides = [checking.Side.of(line, checking.Definitions(None)) for line in (left, right)]
    assert not checking.prove(*sides, checking.Points(*sides, checking.Assumptions()))
    assert checking.prove(sides[0], sides[0], checking.Points(*sides, checking.Assumptions()))


def test_a_failing_simplifier_proves_nothing(monkeypatch):
    def fails(_):
        raise RecursionError

    monkeypatch.setattr(checking, "STRATEGIES", (fails,))
    proof = Derivation(sp.sin(z) ** 2).then(1 - sp.cos(z) ** 2, "Pythagoras")
    assert proof.steps[0].how.startswith("checked numerically")


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        (None, TypeError, "expr must be a SymPy expression, a number or a matrix, got None"),
        (True, TypeError, "got True .bool."),
        ([z], TypeError, "list"),
        (sp.exp, TypeError, "exp"),
        (sp.Eq(z, 1), TypeError, "right-hand side only"),
        ("z < 1", TypeError, "right-hand side only"),
        ("(z, 1)", TypeError, "tuple"),
        (sp.nan, ValueError, "nan"),
        (sp.zoo, ValueError, "zoo"),
        ("1/0", ValueError, "divides by 0"),
        ("q + 1", ValueError, "the name 'q' is not known here; known are sigma, z"),
        ("2z", ValueError, r"a product needs \*"),
        ("z(1 + z)", ValueError, r"z is not a function; a product needs \*"),
        ("z^2", ValueError, r"write \*\* for a power"),
        ("= z", ValueError, "right-hand side only"),
        ("z.subs(1)", ValueError, "not part of a formula"),
        ("__import__('os')", ValueError, "not"),
        ("tanh()", ValueError, "tanh"),
        ("z + ", ValueError, "cannot read 'z [+] '"),
    ],
)
def test_a_line_that_is_no_expression_is_an_error_not_a_wrong_step(line, error, words):
    proof = Derivation(sigma(z), define=SIGMA)
    with pytest.raises(error, match=words) as caught:
        proof.then(line, "why")
    assert not isinstance(caught.value, StepError) and len(proof) == 0


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Derivation(None), TypeError, "start must be"),
        (lambda: Derivation("w"), ValueError, "known are no symbols"),
        (lambda: Derivation(z).then(z, None), TypeError, "reason must be a string, got None"),
        (lambda: Derivation(z, assuming=True), TypeError, "relation such as x > 0"),
        (lambda: Derivation(z, assuming=[z > 0, 1]), TypeError, "got 1"),
        (lambda: Derivation(z, assuming=[z > 0, z < -1]), ValueError, "contradicts itself: no z"),
        (lambda: Derivation(z, define={"s": z}), TypeError, "define names a symbol.*'s'"),
        (lambda: Derivation(z, define={sigma(2 * z): z}), TypeError, "sigma.2.z."),
        (lambda: Derivation(sigma(z), define={sigma(z): 1 + sigma(z)}), ValueError, "circle"),
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


# --- reading and showing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("0 - 1*(-z)", r"0 - 1 \cdot \left(-z\right)"),
        ("-z*2 - (z - 1)", r"-z \cdot 2 - \left(z - 1\right)"),
        ("z + (-z)", r"z + \left(-z\right)"),
        ("(z + 1)*(z - 1)", r"\left(z + 1\right) \cdot \left(z - 1\right)"),
        ("0.25*z**2", r"0.25 z^{2}"),
        ("(-z)**2 + (z/2)**2", r"\left(-z\right)^{2} + \left(\frac{z}{2}\right)^{2}"),
        ("exp(z)**2", r"\left(e^{z}\right)^{2}"),
        ("e**(-z)", r"e^{-z}"),
        ("tanh(z)**2 - abs(z) + sqrt(z)", r"\tanh^{2}{\left(z\right)} - \left|z\right| + \sqrt{z}"),
        ("Derivative(z*sigma(z), z)", r"\frac{d}{d z} \left(z \cdot \sigma{\left(z\right)}\right)"),
        ("z·2 − 1", r"z \cdot 2 - 1"),
        ("Piecewise((0, z < 0), (z, True))", sp.latex(sp.Piecewise((0, z < 0), (z, True)))),
        ("Matrix([[1, z]])", sp.latex(sp.Matrix([[1, z]]))),
    ],
)
def test_strings_show_as_written(text, latex):
    assert written.read(text, {"z": z, "sigma": sigma})[1] == latex


_terms = st.recursive(
    st.sampled_from(["z", "w", "1", "2", "0.5"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]}){t[1]}({t[2]})"),
        inner.map(lambda t: f"(-({t}))"),
        inner.map(lambda t: f"({t})**2"),
        inner.map(lambda t: f"tanh({t})"),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=40)
@given(_terms)
def test_any_line_equals_what_it_is_read_as_and_nothing_beside_it(text):
    expr = written.read(text, {"z": z, "w": w})[0]
    assert sp.expand(expr - sp.sympify(text, {"z": z, "w": w}, rational=True)) == 0
    proof = Derivation(expr, define={f(z, w): z * w})  # so that the names are known, whatever is left of the line
    proof.then(text, "as read").then(sp.expand(expr), "multiply out")
    wrong = refusal(expr, expr + sp.Rational(1, 10**9) * z**2)
    assert wrong.right != wrong.left and len(proof) == 2


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=5), st.integers(0, 4), st.integers(-9, 9))
def test_a_changed_coefficient_is_always_found(coefficients, place, change):
    assume(change and place < len(coefficients))
    right = sum(q * z**m for m, q in enumerate(coefficients))
    slope = sum(m * q * z ** (m - 1) for m, q in enumerate(coefficients) if m)
    Derivation(sp.Derivative(right, z, evaluate=False)).then(slope, "powers")
    error = refusal(right, right + change * z**place)
    assert abs(error.right - error.left - change * error.point.get(z, 1) ** place) < 1e-40


def test_reasons_survive_the_way_into_latex():
    assert latex_of_words("100% of a_b & σ′") == r"\text{100}{\%}\text{ of a}{\_}\text{b }{\&}\text{ }{\sigma}{'}"
    assert latex_of_words(r"\{x}^2 #1 $5 ~ <i>") == (
        r"{\backslash}{\{}\text{x}{\}}{\wedge}\text{2 }{\#}\text{1 }{\$}\text{5 }{\sim}\text{ }{\lt}\text{i}{\gt}"
    )
    assert latex_of_words("two\nlines, été 中") == r"\text{two lines, été 中}" and latex_of_words("") == ""


def test_a_lone_start_and_the_plain_text():
    assert Derivation(z)._repr_latex_() == "$$z$$" and repr(Derivation(z)) == "z" and len(Derivation(z)) == 0
    proof = Derivation(sp.sqrt(z**2), assuming=z > 0).then(z, "positive").then(sp.exp(sp.log(z)), "exp undoes log")
    assert repr(proof) == "Abs(z)\n  = z    positive\n  = z    exp undoes log"


def test_steps_cannot_be_slipped_in_from_outside():
    proof = Derivation(z).then(z, "same")
    assert isinstance(proof.steps, tuple) and proof.steps[0].reason == "same"
    with pytest.raises(AttributeError):
        proof.steps = ()


def test_what_is_shown_is_the_same_in_every_process():
    code = """
import sys; sys.path.insert(0, "tests")
import test_symbolic as t
print(t.articles_chain()._repr_latex_(), repr(t.articles_chain()))
for case in ("softmax Jacobian", "an equation", "ReLU6", "any function"):
    start, lines, options = t.RIGHT[case]
    proof = t.Derivation(start, **options)
    for line in lines: proof.then(line, case)
    print(proof._repr_latex_(), proof, proof.steps)
for case in ("sign", "relu is not additive", "swapped under an assumption", "softmax Jacobian, sign"):
    start, before, wrong, options = t.WRONG[case]
    try: t.Derivation(start, **options).then(wrong, case)
    except t.StepError as error: print(error)
"""
    runs = [
        subprocess.Popen(
            [sys.executable, "-X", "utf8", "-c", code], cwd=Path(__file__).parents[1], stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        for seed in ("1", "2024")
    ]  # fmt: skip
    outputs = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert outputs[0] == outputs[1] and outputs[0].count(b"is not equal to the line before") == 4
