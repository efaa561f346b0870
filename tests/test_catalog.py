"""The catalog: each record complete, true, and the same as the public functions."""

import dataclasses

import numpy as np
import pytest

import acts
from acts import catalog, elementwise
from acts.catalog import ACTIVATIONS, UnknownActivation

each_record = pytest.mark.parametrize("record", ACTIVATIONS.values(), ids=lambda record: record.name)


def test_every_elementwise_function_has_its_record():
    names = elementwise.__all__
    assert set(ACTIVATIONS) == {name for name in names if f"{name}_derivative" in names}
    assert list(ACTIVATIONS) == [record.name for record in ACTIVATIONS.values()]


@each_record
def test_function_and_derivative_are_the_public_ones(record):
    assert record.function is getattr(acts, record.name)
    assert record.derivative is getattr(acts, f"{record.name}_derivative")


@each_record
def test_every_field_is_filled(record):
    assert record.name.isidentifier() and record.label
    assert record.latex and record.latex.count("{") == record.latex.count("}")
    assert isinstance(record.parameters, dict) and isinstance(record.kinks, tuple)
    for low, high in (record.output_range, record.derivative_range):
        assert low < high
    assert 1800 < record.year < 2100 and ", " in record.paper
    assert record.paper.split(",")[0].split(" ")[0] in record.function.__doc__, "the docstring names the same paper"
    assert str(record.year) in record.function.__doc__


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
    x = np.concatenate([np.linspace(-50, 50, 20_001), [-1e300, 1e300, -np.inf, np.inf]])
    for function, (low, high) in ((record.function, record.output_range), (record.derivative, record.derivative_range)):
        y = function(x)
        assert low <= y.min() <= low + 1e-9
        assert high - 1e-9 <= y.max() <= high or y.max() == high


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
        assert min(slopes) <= record.derivative(kink) <= max(slopes)


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
