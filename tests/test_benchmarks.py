"""`make bench` in small: it runs, its tables are tables, and what it promised is marked as kept or not."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))

import bench_numerics  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402

from acts.catalog import ACTIVATIONS  # noqa: E402

EXPLORERS = {"Saturation": {"median": 41.4, "max": 70.0}}
FUNCTIONS = [name + ending for name in ACTIVATIONS for ending in ("", "_derivative")]


@pytest.fixture(scope="module")
def results():
    return bench_numerics.measure(bench_numerics.QUICK, peers.installed(), EXPLORERS)


def tables(text):
    """Return every Markdown table as a list of rows of cells; all rows of one are equally long."""
    found = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    parsed = [[[cell.strip() for cell in line.strip("|").split(" | ")] for line in block] for block in found]
    for head, rule, *rows in parsed:
        assert set(rule) <= {"---", "---:"} and rows
        assert {len(row) for row in (rule, *rows)} == {len(head)}, head
    return parsed


def test_it_writes_tables_and_a_picture(results, tmp_path):
    bench_numerics.write(results, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results.md", "results.png"]
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    first_columns = [[row[0] for row in rows] for _, _, *rows in tables(text)]
    functions = [f"`{name}`" for name in FUNCTIONS]
    sizes = 2 * len(bench_numerics.QUICK.sizes)
    assert first_columns.count(functions) == 1, "of small types"
    timed = [
        column for column in first_columns if column[: len(functions)] == functions and len(column) > len(functions) + 4
    ]
    assert len(timed) == sizes + 1, "one table for each size and dtype, and one of memory"
    assert [*functions, "`softmax`", "`log_softmax`", "`cross-entropy`", "`cross-entropy gradient`"] in first_columns
    assert re.search(r"!\[Two dot plots[^\]]{200,}\]\(results\.png\)", text)
    assert "Saturation" in text and results.machine in text
    kept = sum(promise.kept for promise in results.promises)
    assert f"\n{kept} of {len(results.promises)} promises kept.\n" in text
    with Image.open(tmp_path / "results.png") as image:
        assert image.format == "PNG" and image.width > 900


def test_the_numbers_make_sense(results):
    for speed in results.speed.values():
        assert list(speed)[: len(FUNCTIONS)] == FUNCTIONS
        assert {name.partition("(")[0].partition(",")[0] for name in speed} >= {"softmax", "softmax_vjp", "swiglu"}
        assert all(time > 0 for found in speed.values() for time in found.values())
    for found in results.memory.values():
        assert len(found) == 6 and min(found.values()) > 1, "three types, rows and one row; the inputs at least"
    assert all(found[peers.ACTS].ulp >= 0 for found in results.accuracy.values())
    assert results.import_milliseconds > 0


def test_every_promise_is_shown_kept_or_not(results):
    rows = tables(report.promises_table(results))[0][2:]
    assert len(rows) == len(results.promises) >= 13
    for row, promise in zip(rows, results.promises, strict=True):
        assert row == [promise.what, promise.promised, promise.measured, "✓" if promise.kept else "✗"]
    for name in bench_numerics.SPEED_PROMISES:
        assert sum(row[0].startswith(f"{name}: time") for row in rows) == 1


def test_a_broken_promise_is_shown(results):
    """Halve everything that acts promises, and the marks follow the figures."""
    wrong = bench_numerics.Accuracy(ulp=1e9, lost=3, warns=True)
    spoilt = {name: {**found, peers.ACTS: wrong} for name, found in results.accuracy.items()}
    changed = bench_numerics.Results(**{**vars(results), "accuracy": spoilt})
    kept = {promise.what: promise.kept for promise in bench_numerics.accuracy_promises(changed)}
    assert [kept[what] for what in kept if what.startswith(("float64", "values lost", "functions that"))] == [False] * 3
    row = tables(report.accuracy_table(changed))[0][2]
    assert row[2] == "1.0e9, 3 lost ⚠ ✗"


def test_a_slow_or_hungry_function_breaks_its_promise(results):
    def kept(part, **changed):
        found = bench_numerics.Results(**{**vars(results), **changed})
        return [promise.kept for promise in part(found)]

    quick = {name: {peers.ACTS: 1.0, peers.NAIVE: 1.0} for name in FUNCTIONS}
    slow = {**quick, "relu": {peers.ACTS: 1.01, peers.NAIVE: 1.0}}
    late = {**quick, "relu": {peers.ACTS: 900.0, peers.NAIVE: 1.0}}
    for timed, expected in ((quick, True), (slow, False)):
        assert kept(bench_numerics.naive_promises, speed={(1_000_000, "float64"): timed}) == [expected]
    for timed, expected in ((quick, True), (slow, True), (late, False)):
        assert kept(bench_numerics.naive_promises, speed={(10, "float64"): timed}) == [expected]
    for theirs, expected in ((0.26, True), (0.24, False)):
        timed = {name + end: {peers.ACTS: 1.0} for name in bench_numerics.PIECEWISE for end in ("", "_derivative")}
        timed["relu"]["PyTorch"] = theirs
        assert kept(bench_numerics.pytorch_promises, speed={(1_000_000, "float64"): timed}) == [expected]
    for peak, expected in ((3.0, True), (3.01, False)):
        memory = {"relu": {"float16, one row": peak, "float64, rows": 2.0}}
        assert kept(bench_numerics.other_promises, memory=memory)[0] == expected


def test_without_scipy_its_promises_are_not_kept(results):
    alone = bench_numerics.Results(**{**vars(results), "peers": []})
    promises = list(bench_numerics.speed_promises(alone))
    assert len(promises) == 4 and not any(promise.kept for promise in promises)
    assert {promise.measured for promise in promises} == {"not measured"}


def test_errors_in_words():
    def said(ulp, lost=0, warns=False):
        return report.ulp_text(bench_numerics.Accuracy(ulp, lost, warns))

    assert [said(0.0), said(1.72), said(434.2), said(5.8e5), said(np.inf)] == ["0", "1.7", "434", "5.8e5", "∞"]
    assert said(4.5e15, 2643) == "2,643 lost" and said(1.8, 41, True) == "1.8, 41 lost ⚠"
    assert report.ulp_text(None) == "–"


def test_peak_counts_input_output_and_what_lies_between():
    x = np.zeros(1 << 20)
    assert bench_numerics.peak(np.negative, x) == pytest.approx(2, abs=0.01)
    assert bench_numerics.peak(lambda x: [np.abs(x), np.sqrt(x), np.negative(x)], x) == pytest.approx(4, abs=0.01)


def test_a_quick_run_never_reaches_the_real_figures(capsys):
    with pytest.raises(SystemExit):
        bench_numerics.main(["--quick"])
    assert "--quick needs --into FOLDER" in capsys.readouterr().err


def test_formulas_name_functions_of_the_catalog():
    rows = {"softmax", "log_softmax", "cross-entropy", "cross-entropy gradient"}
    for formulas in (peers.SCIPY, peers.TORCH, peers.JAX):
        assert set(formulas) <= set(FUNCTIONS) | rows
