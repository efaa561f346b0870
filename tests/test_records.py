"""Recorded experiments: none is stale, a run that is stopped goes on, and what a page reads is what was found."""

import numpy as np
import pytest

from acts import records
from acts.records import Setting, load, names, paired_difference
from experiments import declared as declarations
from experiments import running
from experiments.__main__ import declared
from experiments.declared import Experiment, _without_words, code, log_spaced

DECLARED = declared()
SMALL = Experiment(
    "n99_small", "Does the test of the runner run?",
    {"ReLU": {"activation": "relu", "initialisation": "he"}, "sigmoid": {"activation": "sigmoid"}},
    where=((("digits",), (8,), (1,), ("SGD", "Adam")),), budgets=(10, 20), seeds=3, splits=2,
)  # fmt: skip


@pytest.mark.parametrize("experiment", DECLARED, ids=lambda each: each.name)
def test_no_record_is_stale(experiment):
    assert not running.is_stale(experiment), "make experiments"


def test_every_record_is_declared():
    assert set(names()) == {each.name for each in DECLARED}


def test_all_records_together_are_small():
    assert sum(path.stat().st_size for path in running.RECORDS.glob("*")) < 3_000_000


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """Let records and what is kept on the way lie in a folder of the test's own."""
    monkeypatch.setattr(running, "RECORDS", tmp_path)
    monkeypatch.setattr(running, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    return tmp_path


def test_a_record_says_what_was_found(workshop):
    assert running.is_stale(SMALL)
    running.run_all([SMALL], workers=1)
    assert not running.is_stale(SMALL)
    record = load("n99_small")
    found = record["ReLU", Setting("digits", 8, 1, "SGD"), 20]
    assert found.accuracy.shape == found.loss.shape == (len(found.steps), 2, 3)
    assert found.rate in found.rates and found.steps[-1] == 20 and found.end.shape == (2, 3)
    assert record.declaration == SMALL.declaration()
    live, recorded = record.replay("ReLU", Setting("digits", 8, 1, "SGD"), 20, split=1)
    np.testing.assert_allclose(live, recorded, atol=0.01)


def test_a_run_that_is_stopped_goes_on(workshop, monkeypatch):
    """Stopped after some of its jobs, it keeps their results, writes no record, and does only the others then."""
    did, real = [], running.finish

    def finish(job):
        if len(did) == 3:
            raise KeyboardInterrupt
        did.append(job.key)
        return real(job)

    monkeypatch.setattr(running, "finish", finish)
    with pytest.raises(KeyboardInterrupt):
        running.run_all([SMALL], workers=1)
    assert not (workshop / "n99_small.json.gz").exists()
    first = did.copy()
    did.clear()
    running.run_all([SMALL], workers=1)
    assert len(did) == len(SMALL.jobs()) - len(first) and not set(did) & set(first)
    assert not running.is_stale(SMALL)


def test_another_declaration_or_code_makes_a_record_stale(workshop, monkeypatch):
    running.run_all([SMALL], workers=1)
    longer = Experiment(**{**vars(SMALL), "budgets": (10, 30)})
    assert running.is_stale(longer)
    monkeypatch.setattr(running, "code", lambda: "other code")
    assert running.is_stale(SMALL)


@pytest.mark.parametrize("constant", ["BATCH", "TUNING_SEEDS", "MOST_RATES"])
def test_a_constant_of_the_protocol_counts_as_code(constant, monkeypatch):
    before = code.__wrapped__()
    monkeypatch.setattr(declarations, constant, 7)
    assert code.__wrapped__() != before


def test_words_about_code_do_not_make_it_other_code():
    plain = "def f(x):\n    return x  # as it is\n"
    told = 'def f(x):\n    """Return x."""\n\n    # why\n    return x\n'
    assert _without_words(plain) == _without_words(told)
    assert _without_words(plain) != _without_words(plain.replace("return x", "return -x"))


def test_log_spaced_steps():
    steps = log_spaced(3000)
    assert steps[0] == 0 and steps[-1] == 3000 and steps == sorted(set(steps)) and len(steps) < 25


class TestPairedDifference:
    def test_constant_difference(self):
        found = paired_difference(np.full((3, 10), 0.9), np.full((3, 10), 0.8))
        assert (found.mean, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
        assert found.is_within(0.11) and not found.is_within(0.1)

    @pytest.mark.parametrize("spread_of_splits", [0, 0.3, 1, 3])
    def test_the_interval_holds_the_truth_as_often_as_it_says(self, spread_of_splits):
        rng = np.random.default_rng(0)
        held = []
        for _ in range(600):
            each = rng.normal(size=(3, 10)) + spread_of_splits * rng.normal(size=(3, 1))
            found = paired_difference(each, np.zeros((3, 10)))
            held.append(found.low < 0 < found.high)
        assert 0.91 < np.mean(held) < 0.99

    def test_it_is_paired(self):
        """A difference that each pair has is seen, though the seeds are further apart than that."""
        level = np.random.default_rng(0).uniform(0.5, 0.9, (3, 10))
        assert paired_difference(level + 0.01, level).low > 0.009
