"""The exercises of 06_softmax: the tables of rows, the judge of functions of rows, and facts that the texts rely on."""

import tracemalloc
from pathlib import Path

import nbformat
import numpy as np
import pytest

import acts
from acts_exercises import Wrong, find, judges, n06_softmax
from tools import expected

NOTEBOOK = Path(__file__).resolve().parents[1] / "solutions" / "06_softmax.ipynb"


def spacing(values):
    return np.maximum(np.spacing(np.abs(values)), np.finfo(np.float64).smallest_subnormal)


# ---- the tables ----------------------------------------------------------------------------------


def test_the_functions_of_the_course_agree_with_the_tables_of_rows():
    (x,), shares = judges.expected_rows("softmax")
    clean = ~np.isnan(x).any(axis=1)
    assert np.isnan(shares[~clean]).all()
    assert np.all(np.abs(acts.softmax(x) - shares)[clean] <= 4 * spacing(shares[clean]))
    (x,), lse = judges.expected_rows("log_sum_exp")
    first = x[clean, 0] - acts.log_softmax(x)[clean, 0]  # the first score of each row is finite
    assert np.allclose(first, lse[clean], rtol=1e-14, atol=0)
    (y, g), led_back = judges.expected_rows("softmax_vjp")
    clean = ~np.isnan(g).any(axis=1)
    assert np.allclose(acts.softmax_vjp(y, g)[clean], led_back[clean], rtol=1e-14, atol=0)
    assert np.isnan(led_back[~clean]).all()


def test_every_table_of_rows_has_rows_of_three():
    for inputs in expected.row_inputs().values():
        assert {len(row) for column in inputs.values() for row in column} == {judges.WIDTH}


@pytest.mark.parametrize("name", expected.ROW_FORMULAS)
def test_every_table_of_rows_begins_with_plain_rows(name):
    inputs, values = judges.expected_rows(name)
    assert np.abs(np.hstack(inputs)[:4]).max() < 10 and np.abs(values[:4]).min() > 0.01


# ---- the judge -----------------------------------------------------------------------------------


def refusal(judge, answer):
    with pytest.raises(Wrong) as wrong:
        judge(answer)
    return "\n".join([wrong.value.headline, *wrong.value.details])


def right(x, axis=-1):
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def test_a_message_names_row_entry_and_both_values():
    message = refusal(judges.function_of_rows("softmax"), lambda x, axis=-1: right(x, axis) ** 2)
    assert message == (
        "wrong in 14 of 15 rows (float64), for instance in [0, 0, 0]\n"
        "its entry [0]: expected 0.3333333, got 0.1111111: 0.333 times what it should be"
    )


def test_each_kind_of_table_is_looked_at():
    def spoilt(where):
        return lambda x, axis=-1: right(x, axis) * (1 + 1e-3 * where(x, axis))

    judge = judges.function_of_rows("softmax")
    for where, said in (
        (lambda x, axis: x.ndim == 1, "wrong for a single row: [0, 0, 0]"),
        (lambda x, axis: axis == 0, "(axis=0)"),
        (lambda x, axis: axis == 1, "(axis=1)"),
        (lambda x, axis: x.dtype.kind == "i", "(integers)"),
        (lambda x, axis: x.dtype == np.float32, "was given a table of float32 and returned float64"),
    ):
        assert said in refusal(judge, spoilt(lambda x, axis, where=where: np.array(float(where(x, axis)))))


def test_a_row_of_a_thousand_is_weighed_and_tracemalloc_left_as_it_was():
    row = np.ones(1000)
    assert judges.peak_bytes(lambda y: y * 2, row) < 50_000
    assert judges.peak_bytes(lambda y: np.outer(y, y).sum(), row) > 7_900_000
    assert not tracemalloc.is_tracing()
    tracemalloc.start()
    try:
        judges.peak_bytes(lambda y: y * 2, row)
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()


# ---- facts that the texts rely on ----------------------------------------------------------------


def test_the_predictions_are_what_the_computer_says():
    row, sure = np.array([1.2, 0.9, -0.4]), np.log([0.99, 0.007, 0.003])
    cold = acts.softmax(np.array([3.0, 3, 1, 0]) / 1e-3)[0]
    moved = acts.softmax_cross_entropy(row + 100, 0)[0] - acts.softmax_cross_entropy(row, 0)[0]
    computed = {
        "untrained": acts.softmax_cross_entropy(np.zeros(10), 3)[0],
        "shifted": 0.7 + round(moved, 12),
        "cold": cold,
        "gradient": acts.softmax_cross_entropy(sure, 0)[1][0],
    }
    assert find("four_predictions").judge(computed)


@pytest.fixture(scope="module")
def notebook():
    """The names of the notebook's cells about the classifier that is never sure."""
    cells = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells}
    names = {}
    exec("import numpy as np, acts\nfrom acts.data import digits\n" + cells["never-sure-train"], names)
    names["images"], names["labels"] = (part[:400] for part in acts.data.digits(standardised=True))
    return names


def loss(notebook, weights):
    shares = acts.softmax(notebook["images"] @ weights)
    return acts.softmax_cross_entropy(shares, notebook["labels"])[0]


def test_one_of_the_five_causes_is_the_cause_and_the_others_are_not(notebook):
    images, labels = notebook["images"], notebook["labels"]
    descend, suspect = notebook["descend"], notebook["suspect"]
    floor = np.log((np.e + 9) / np.e)
    for rate in (0.3, 3.0, 9.0):  # a
        weights = descend(images, labels, suspect, 300, rate)
        assert loss(notebook, weights).min() >= floor - 1e-12 and 1.46 < loss(notebook, weights).mean() < 1.55
        assert np.mean((images @ weights).argmax(axis=1) == labels) > 0.95  # e
    assert np.ptp(descend(images, labels, suspect, 1), axis=1).max() > 1e-3  # b
    scores, truth, step = np.random.default_rng(0).normal(size=(1, 10)), np.array([3]), 1e-5
    nudges = scores + step * np.concatenate([np.eye(10), -np.eye(10)])
    losses = acts.softmax_cross_entropy(acts.softmax(nudges), np.full(20, 3))[0]
    assert np.allclose((losses[:10] - losses[10:]) / (2 * step), suspect(scores, truth), rtol=0, atol=1e-9)  # c
    mended = descend(images, labels, lambda s, t: acts.softmax_cross_entropy(s, t)[1])  # d
    assert acts.softmax_cross_entropy(images @ mended, labels)[0].mean() < 0.1


def test_the_rows_of_the_repair_are_of_the_kinds_that_are_named():
    scores, labels = n06_softmax._scores_and_labels()
    shares = acts.softmax(scores)
    assert shares[3, labels[3]] > 1 - 1e-12 and shares[4, labels[4]] == 0
    assert shares[:3].max() < 0.9
