"""The ledger: what page 11 and README say of the claims is what the other notebooks say, and nothing is typed."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from acts import ledger
from tools import readme as tool

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
ENTRIES = ledger.read(NOTEBOOKS)


def notebook(name):
    return json.loads((NOTEBOOKS / name).read_text(encoding="utf-8"))


@pytest.fixture
def copy(tmp_path):
    """A copy of the notebooks, and a way to change the cells of one of them."""
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, tmp_path)

    def change(name, edit):
        path = tmp_path / name
        found = json.loads(path.read_text(encoding="utf-8"))
        edit(found["cells"])
        path.write_text(json.dumps(found), encoding="utf-8")
        return tmp_path

    return change


def verdict_cell(cells, claim):
    return next(cell for cell in cells if cell["metadata"].get("acts", {}).get("claim") == claim)


# ---- what stands in the notebooks, in 11 and in README ---------------------------------------------


def test_every_claim_is_there_in_the_article_s_order():
    order = "PSTRLXK"
    assert [entry.id for entry in ENTRIES] == sorted(
        (entry.id for entry in ENTRIES), key=lambda name: (order.index(name[0]), int(name[1:]))
    )


def test_counting_the_metadata_gives_the_same_numbers():
    found = Counter()
    for path in NOTEBOOKS.glob("*.ipynb"):
        found.update(re.findall(r'"verdict": "([a-z-]+)"', path.read_text(encoding="utf-8")))
    assert ledger.counts(ENTRIES) == found


def test_page_11_shows_this_table():
    """If a verdict was changed, `make notebooks` brings 11 and README up to date."""
    data = [o["data"] for c in notebook("11_claims.ipynb")["cells"] for o in c.get("outputs", []) if "data" in o]
    tables = ["".join(one["text/markdown"]) for one in data if "text/markdown" in one]
    assert tables == [ledger.as_markdown(ENTRIES)]


def test_readme_shows_these_numbers():
    assert tool.main(["--check"]) == 0


def test_every_link_leads_to_the_cell_of_its_claim():
    links = re.findall(r"\[(\w+)\]\((\S+)#cell-id=(\S+)\)", ledger.as_markdown(ENTRIES))
    assert [claim for claim, _, _ in links] == [entry.id for entry in ENTRIES]
    for claim, name, cell in links:
        (found,) = [c for c in notebook(name)["cells"] if c["id"] == cell]
        assert f"claim-{claim}" in found["metadata"]["tags"]


def test_every_row_has_three_columns():
    for row in ledger.as_markdown(ENTRIES).splitlines():
        assert len(re.split(r"(?<!\\)\|", row)) == 5, row


# ---- what must not pass ----------------------------------------------------------------------------


def corrected(cells):
    cell = verdict_cell(cells, "S4")
    cell["metadata"]["acts"].update(verdict="corrected", instead="Something else.")
    cell["source"] = "**Verdict S4: corrected.** Something else."


def test_a_changed_verdict_is_noticed_by_page_11_and_readme(copy, monkeypatch, capsys):
    changed = ledger.read(copy("01_sigmoid.ipynb", corrected))
    assert ledger.as_markdown(changed) != ledger.as_markdown(ENTRIES)
    assert ledger.counts(changed) != ledger.counts(ENTRIES)
    monkeypatch.setattr(ledger, "read", lambda _: changed)
    assert tool.main(["--check"]) == 1
    assert "run `make notebooks`" in capsys.readouterr().err


def no_verdict(cells):
    verdict_cell(cells, "S4")["metadata"] = {}


def unknown_verdict(cells):
    verdict_cell(cells, "S4")["metadata"]["acts"]["verdict"] = "true"


def no_instead(cells):
    del verdict_cell(cells, "S9")["metadata"]["acts"]["instead"]


def no_condition(cells):
    verdict_cell(cells, "S1")["source"] = "**Verdict S1: holds if** it rains."


def other_words(cells):
    verdict_cell(cells, "S4")["source"] = "**Verdict S4: holds if** it rains."


def second_cell(cells):
    cells.append(next(cell for cell in cells if "claim-S4" in cell["metadata"].get("tags", [])))


def no_words(cells):
    for cell in cells:
        cell["source"] = "".join(cell["source"]).replace("**Claim S4.**", "**Claim S4**")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (no_verdict, "claim S4: 0 cells with a verdict on S4, expected one"),
        (unknown_verdict, "claim S4: verdict 'true', expected one of holds, holds-if, corrected"),
        (no_instead, "claim S9: a corrected claim needs `instead` in its metadata: what is true"),
        (no_condition, "claim S1: the bold words of its verdict must name the condition"),
        (other_words, "claim S4: its metadata say 'holds', so its words must begin"),
        (second_cell, "claim S4: 2 cells with the tag claim-S4, expected one"),
        (no_words, r"claim S4: 0 paragraphs that begin \*\*Claim S4.\*\*, expected one"),
    ],
)
def test_a_claim_that_is_not_settled_is_named(edit, said, copy):
    with pytest.raises(ledger.LedgerError, match=rf"^01_sigmoid.ipynb, {said}"):
        ledger.read(copy("01_sigmoid.ipynb", edit))


def test_a_missing_notebook_is_named(tmp_path):
    with pytest.raises(ledger.LedgerError, match=r"^00_why_activations.ipynb: no notebook that can be read"):
        ledger.read(tmp_path)


def test_readme_without_its_markers_is_an_error():
    text = "<!-- verdicts:begin -->\nold\n<!-- verdicts:end -->\n"
    with pytest.raises(ValueError, match="0 pairs of <!-- picture:begin -->"):
        tool.filled_in(text, ENTRIES, "A map")
    whole = f"{text}<!-- picture:begin -->\n<!-- picture:end -->\n"
    filled = tool.filled_in(whole, ENTRIES, "A map")
    assert "\nold\n" not in filled and filled == tool.filled_in(filled, ENTRIES, "A map")


def test_the_picture_of_readme_is_that_of_its_notebook(monkeypatch, tmp_path, capsys):
    png, alt = tool.picture()
    assert tool.PICTURE.read_bytes() == png and f"![{alt}](docs/front.png)" in tool.README.read_text(encoding="utf-8")
    monkeypatch.setattr(tool, "picture", lambda: (png + b"more", alt))
    assert tool.main(["--check"]) == 1 and "run `make notebooks`" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr(tool, "SHOWN", (tool.SHOWN[0], "no-such-cell"))
    with pytest.raises(ValueError, match="cell no-such-cell: 0 pictures, expected one"):
        tool.picture()


def test_a_bar_does_not_end_a_column():
    entry = ENTRIES[0].__class__("T9", "2 tanh", "networks", "02_tanh", "c", r"$|x|$ | y", "holds", "")
    assert r"$\vert{}x\vert{}$ \| y |" in ledger.as_markdown([entry])
