"""The catalog: each record complete, true, and the same as the public functions."""

import ast
import dataclasses
import inspect
import re
from pathlib import Path

import numpy as np
import oracle
import pytest
from test_symbolic import BY_HAND

import acts
from acts import catalog, elementwise, symbolic
from acts.catalog import ACTIVATIONS, UnknownActivation

each_record = pytest.mark.parametrize("record", ACTIVATIONS.values(), ids=lambda record: record.name)


# ── What an activation needs ──────────────────────────────────────────────────────────────────────────────────────

HELPERS = {"prelu_alpha_gradient", "rrelu_slopes", "swiglu", "swiglu_vjp"}


def missing():
    """Say of each name that any place of an activation knows which places do not know it."""
    stems = {name.removesuffix("_derivative") for name in elementwise.__all__} - HELPERS
    names = stems.union(ACTIVATIONS, symbolic.EXPRESSIONS, oracle.CONTRACTS, BY_HAND)
    for name in sorted(names):
        there = {
            f"a record in acts.catalog.ACTIVATIONS[{name!r}]": name in ACTIVATIONS,
            f"a function acts.elementwise.{name}": hasattr(elementwise, name),
            f"a derivative acts.elementwise.{name}_derivative": hasattr(elementwise, f"{name}_derivative"),
            f"a SymPy expression acts.symbolic.{name}": name in symbolic.EXPRESSIONS,
            f"a contract in tests/oracle.py, CONTRACTS[{name!r}]": name in oracle.CONTRACTS,
            f"its formula in other words in tests/test_symbolic.py, BY_HAND[{name!r}]": name in BY_HAND,
        }
        if name in ACTIVATIONS and name in oracle.CONTRACTS:
            kinks, values = ACTIVATIONS[name].kinks, oracle.CONTRACTS[name].at_kinks
            there["a value at each of its kinks in its contract, at_kinks"] = len(kinks) == len(values)
        yield from (f"{name} lacks {part}" for part, is_there in there.items() if not is_there)


def test_every_activation_is_complete():
    assert list(missing()) == []
    assert list(ACTIVATIONS) == [record.name for record in ACTIVATIONS.values()]


@pytest.mark.parametrize("name", ["sigmoid", "mish"])
def test_what_is_forgotten_is_named(name, monkeypatch):
    for place, key, said in [
        (ACTIVATIONS, name, f"a record in acts.catalog.ACTIVATIONS[{name!r}]"),
        (symbolic.EXPRESSIONS, name, f"a SymPy expression acts.symbolic.{name}"),
        (oracle.CONTRACTS, name, f"a contract in tests/oracle.py, CONTRACTS[{name!r}]"),
        (BY_HAND, name, f"its formula in other words in tests/test_symbolic.py, BY_HAND[{name!r}]"),
    ]:
        whole = dict(place)
        with monkeypatch.context() as patch:
            patch.delitem(place, key)
            assert list(missing()) == [f"{name} lacks {said}"]
        place.clear()  # what was put back stands last; bring the order back, too
        place.update(whole)
    for public, said in [(name, f"a function acts.elementwise.{name}"),
                         (f"{name}_derivative", f"a derivative acts.elementwise.{name}_derivative")]:  # fmt: skip
        with monkeypatch.context() as patch:
            patch.delattr(elementwise, public)
            assert list(missing()) == [f"{name} lacks {said}"]


def test_a_kink_without_a_value_is_named(monkeypatch):
    for kinks in ((), (0.0, 1.0)):
        monkeypatch.setitem(ACTIVATIONS, "relu", dataclasses.replace(ACTIVATIONS["relu"], kinks=kinks))
        assert list(missing()) == ["relu lacks a value at each of its kinks in its contract, at_kinks"]


def test_a_new_record_alone_is_not_enough(monkeypatch):
    monkeypatch.setitem(ACTIVATIONS, "fresh", ACTIVATIONS["relu"])
    assert len(list(missing())) == 5 and all(words.startswith("fresh lacks ") for words in missing())


# ── Paper and year ────────────────────────────────────────────────────────────────────────────────────────────────

PAPERS = [(record.paper, record.year) for record in ACTIVATIONS.values()] + list(catalog.SOURCES.values())
YEAR = r"(?<![\d.])(1[89]|20)\d\d(?!\d|\.\d)"
FIRST = sorted({re.match(r"\w+", paper)[0] for paper, _ in PAPERS} - {"He"})  # who has other papers, too
CITED = rf"\b({'|'.join(FIRST)})(,| &| et al| and [A-Z])"
TITLES = "|".join(sorted({re.escape(re.split(r", (?=[^,&]+$)", paper)[-1][:30]) for paper, _ in PAPERS}))
ROOM = Path(acts.__file__).parent
OF_FUNCTIONS = ("elementwise.py", "softmax.py", "symbolic.py", "_arrays.py", "__init__.py")  # these cite nothing else


def cited_in(path):
    """Yield what a file's docstrings say of papers that the catalog has."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = re.sub(r"\n *>>>.*?(\n *\n|$)", "\n", ast.get_docstring(node) or "", flags=re.DOTALL)
            text = " ".join(text.split())
            where = f"{path.name}, {getattr(node, 'name', 'its docstring')}"
            yield from (f"{where}: {found[0]}" for found in re.finditer(f"{CITED}|{TITLES}", text, re.IGNORECASE))
            if path.name in OF_FUNCTIONS:
                yield from (f"{where}: {found[0]}" for found in re.finditer(YEAR, text))


def test_paper_and_year_stand_in_the_catalog_alone():
    assert [words for path in sorted(ROOM.rglob("*.py")) for words in cited_in(path)] == []


@pytest.mark.parametrize(
    ("docstring", "said"),
    [
        ("A step. Maas, Hannun & Ng.", "Maas,"),
        ("A step, found\n    in 2013.", "2013"),
        ("A step. From: Rectifier nonlinearities\n    improve.", "Rectifier nonlinearities impro"),
        ("A step.\n\n    >>> 2013\n    2013\n\n    Misra et al.", "Misra et al"),
    ],
)
def test_a_source_that_stands_twice_is_named(docstring, said, tmp_path):
    path = tmp_path / "elementwise.py"
    path.write_text(f'def step(x):\n    """{docstring}"""\n', encoding="utf-8")
    assert list(cited_in(path)) == [f"elementwise.py, step: {said}"]
    path.write_text('def step(x):\n    """He\'s step.\n\n    >>> 2013\n    2013\n    """\n', encoding="utf-8")
    assert list(cited_in(path)) == []


def test_every_paper_has_authors_a_title_and_a_year():
    for paper, year in PAPERS:
        assert 1800 < year < 2100 and ", " in paper
    assert set(catalog.SOURCES) <= set(acts.__all__)


# ── The records ───────────────────────────────────────────────────────────────────────────────────────────────────


@each_record
def test_function_and_derivative_are_the_public_ones(record):
    assert record.function is getattr(acts, record.name)
    assert record.derivative is getattr(acts, f"{record.name}_derivative")
    assert record.expression is getattr(symbolic, record.name)


@each_record
def test_every_field_is_filled(record):
    assert record.name.isidentifier() and record.label
    assert record.latex and record.latex.count("{") == record.latex.count("}")
    assert isinstance(record.parameters, dict) and isinstance(record.kinks, tuple)
    for low, high in (record.output_range, record.derivative_range):
        assert low < high


@each_record
def test_parameters_are_those_of_both_functions(record):
    """Their defaults too, and within the range in which the record says they make sense."""
    for function in (record.function, record.derivative):
        signature = {
            name: parameter.default for name, parameter in inspect.signature(function).parameters.items() if name != "x"
        }
        choices = {name for name, default in signature.items() if default is None or name == "at_zero"}
        assert {name: parameter.default for name, parameter in record.parameters.items()} == {
            name: default for name, default in signature.items() if name not in choices
        }
    for parameter in record.parameters.values():
        assert parameter.lowest <= parameter.default <= parameter.highest


@each_record
def test_sympy_s_expression_has_the_same_parameters_and_values(record):
    parameters = inspect.signature(symbolic.EXPRESSIONS[record.name]).parameters
    for name, parameter in record.parameters.items():
        assert float(parameters[name].default) == parameter.default
    x = [-2.5, -0.7, 0.3, 1.9]
    said = [float(value) for value in symbolic.evaluate(symbolic.expression(record.name), x)]
    np.testing.assert_allclose(record.function(x), said, rtol=1e-14)


@each_record
def test_latex_can_be_drawn(record):
    from matplotlib import mathtext

    mathtext.MathTextParser("path").parse(f"${record.latex}$")


@each_record
def test_records_cannot_be_changed(record):
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.name = "other"


@each_record
def test_ranges_are_the_closures(record):
    """Nothing lies outside, and the ends are met, or come close to."""
    x = np.concatenate([np.linspace(-50, 50, 20_001), np.linspace(-4, 4, 400_001), [-1e300, 1e300, -np.inf, np.inf]])
    for function, (low, high) in ((record.function, record.output_range), (record.derivative, record.derivative_range)):
        y = function(x)
        assert y.min() == low or low - 4e-16 <= y.min() <= low + 1e-9
        assert y.max() == high or high - 1e-9 <= y.max() <= high + 4e-16


@each_record
def test_kinks_are_where_the_slopes_of_both_sides_differ(record):
    h = 1e-6
    grid = np.union1d(np.linspace(-8, 8, 1601), record.kinks)
    y = record.function(grid)
    left, right = (y - record.function(grid - h)) / h, (record.function(grid + h) - y) / h
    assert grid[np.abs(right - left) > 1e-3].tolist() == sorted(record.kinks)


@each_record
def test_a_derivative_at_a_kink_lies_between_the_slopes(record):
    for kink in record.kinks:
        slopes = record.derivative(np.array([kink - 1e-9, kink + 1e-9]))
        assert min(slopes) - 1e-8 <= record.derivative(kink) <= max(slopes) + 1e-8


@pytest.mark.parametrize(("given", "close"), [("sigmod", "sigmoid"), ("Tanh", "tanh"), ("soft plus", "softplus")])
def test_an_unknown_name_says_which_there_are_and_which_is_close(given, close):
    with pytest.raises(UnknownActivation) as error:
        ACTIVATIONS[given]
    expected = f"unknown activation {given!r}. Did you mean {close!r}? Expected one of {', '.join(ACTIVATIONS)}."
    assert str(error.value) == expected, "a sentence, not a KeyError's quoted one"
    assert given not in ACTIVATIONS, "asking leaves no trace"


@pytest.mark.parametrize("given", ["zzz", "", 3, None], ids=repr)
def test_an_unknown_name_that_is_close_to_none(given):
    with pytest.raises(KeyError) as error:
        ACTIVATIONS[given]
    assert str(error.value) == f"unknown activation {given!r}. Expected one of {', '.join(ACTIVATIONS)}."


def test_the_catalog_is_a_plain_dict_otherwise():
    assert ACTIVATIONS.get("zzz") is None and len(ACTIVATIONS) == len(list(ACTIVATIONS))
    assert all(isinstance(record, catalog.Activation) for record in ACTIVATIONS.values())
