"""Every claim of the article has exactly one cell and one verdict, in the notebook it belongs to."""

import json
from collections import Counter

import nbformat
import pytest
from test_notebook_style import PATHS, ROOT, claims_of, verdict_of

LEDGER = json.loads((ROOT / "acts" / "_data" / "claims.json").read_text(encoding="utf-8"))
IN_LEDGER = Counter(entry["id"] for entry in LEDGER)
WRITTEN = {path.stem: path for path in PATHS["notebooks"]}


def settled(path):
    """Count the cells and the verdicts of each claim in a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    tagged = Counter(claim for cell in cells for claim in claims_of(cell))
    judged = Counter(verdict_of(cell)[0] for cell in cells if verdict_of(cell))
    return tagged, judged


def test_the_ledger_is_whole():
    assert Counter(claim[0] for claim in IN_LEDGER) == {"P": 5, "S": 10, "T": 7, "R": 12, "L": 5, "X": 1, "K": 2}
    assert set(IN_LEDGER.values()) == {1}


@pytest.mark.parametrize("entry", LEDGER, ids=lambda entry: entry["id"])
def test_claim_has_one_cell_and_one_verdict(entry):
    tagged, judged = settled(WRITTEN[entry["notebook"]])
    assert (tagged[entry["id"]], judged[entry["id"]]) == (1, 1), "cells and verdicts of the claim, expected one each"


@pytest.mark.parametrize("name", WRITTEN)
def test_no_notebook_settles_a_claim_that_is_not_its_own(name):
    tagged, judged = settled(WRITTEN[name])
    own = {entry["id"] for entry in LEDGER if entry["notebook"] == name}
    assert set(tagged) | set(judged) <= own
