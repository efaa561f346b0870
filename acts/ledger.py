"""The ledger: every claim of the article, in its order, with its notebook's verdict and a link to its cell.

Nothing of it is typed here. The claim in our words, the verdict and what it depends on are read from the notebooks'
own cells and metadata; page 11 shows the table, and `tools/readme.py` writes the numbers into README.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

__all__ = ["VERDICTS", "Entry", "LedgerError", "as_markdown", "counts", "read", "sections"]

VERDICTS = {"holds": "holds.", "holds-if": "holds if", "corrected": "corrected."}  # and how a sentence begins with it


class LedgerError(ValueError):
    """A notebook does not settle a claim as it should; the message names the notebook and the claim."""


@dataclass(frozen=True)
class Entry:
    """One claim, settled: `words` say under which condition it holds, or what is true instead; "" where it just holds.

    `cell` is the id of the cell that settles it; `about` says whether it speaks of the function, its cost, or networks.
    """

    id: str
    section: str
    about: str
    notebook: str
    cell: str
    claim: str
    verdict: str
    words: str


@cache
def _claims():
    """Return [{"id": …, "section": …, "notebook": …, "about": …}, …] in the article's order."""
    return json.loads((files("acts") / "_data" / "claims.json").read_text(encoding="utf-8"))


def sections():
    """Return the sections of the article, in order.

    Examples
    --------
    >>> sections()[:2]
    ['0 Preface', '1 Sigmoid']
    """
    return list(dict.fromkeys(claim["section"] for claim in _claims()))


def read(folder="."):
    """Return an `Entry` for every claim of the article, read from the notebooks in `folder`.

    Raises
    ------
    LedgerError
        A ValueError, if a notebook is missing, or a claim has no cell, no words, no verdict or not exactly one.
    """
    notebooks = {claim["notebook"]: _cells(Path(folder, f"{claim['notebook']}.ipynb")) for claim in _claims()}
    return [_entry(**claim, cells=notebooks[claim["notebook"]]) for claim in _claims()]


def counts(entries):
    """Return how many claims got which verdict, {verdict: number}, every verdict among them."""
    found = Counter(entry.verdict for entry in entries)
    return {verdict: found[verdict] for verdict in VERDICTS}


def as_markdown(entries):
    """Return the table in Markdown, with links for a notebook that stands beside the others.

    A link leads to the cell where JupyterLab shows the notebook, and to the notebook everywhere else.
    """
    rows = ["| | the article's claim, in our words | verdict |", "|---|---|---|"]
    section = None
    for entry in entries:
        if entry.section != section:
            section = entry.section
            rows.append(f"| | **{section.partition(' ')[2]}** | |")
        verdict = f"**{VERDICTS[entry.verdict]}** {entry.words}".strip()
        link = f"[{entry.id}]({entry.notebook}.ipynb#cell-id={entry.cell})"
        rows.append(f"| {link} | {_in_a_table(entry.claim)} | {_in_a_table(verdict)} |")
    return "\n".join(rows)


def _cells(path):
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError) as error:
        raise LedgerError(f"{path.name}: no notebook that can be read ({type(error).__name__}: {error})") from error
    return [cell | {"source": "".join(cell["source"])} for cell in cells]


def _entry(id, section, about, notebook, cells):
    where = f"{notebook}.ipynb, claim {id}"

    def the_only(what, found):
        if len(found) != 1:
            raise LedgerError(f"{where}: {len(found)} {what}, expected one")
        return found[0]

    settling = the_only(
        f"cells with the tag claim-{id}", [c for c in cells if f"claim-{id}" in c["metadata"].get("tags", [])]
    )
    prose = [cell for cell in cells if cell["cell_type"] == "markdown"]
    claim = the_only(
        f"paragraphs that begin **Claim {id}.**",
        [p for c in prose for p in c["source"].split("\n\n") if p.startswith(f"**Claim {id}.**")],
    )
    judging = the_only(
        f"cells with a verdict on {id}",
        [c for c in prose if c["metadata"].get("acts", {}).get("claim") == id],
    )
    said = judging["metadata"]["acts"]
    if said.get("verdict") not in VERDICTS:
        raise LedgerError(f"{where}: verdict {said.get('verdict')!r}, expected one of {', '.join(VERDICTS)}")
    claim = _one_line(claim.removeprefix(f"**Claim {id}.**"))
    words = _words(where, said, judging["source"])
    return Entry(id, section, about, notebook, settling["id"], claim, said["verdict"], words)


def _words(where, said, source):
    """Return the condition, from the verdict's bold words, or the correction, from the verdict's metadata."""
    begins = f"**Verdict {said['claim']}: {VERDICTS[said['verdict']].rstrip('.')}"
    if not re.match(re.escape(begins) + r"(?! if)\W", source):
        raise LedgerError(f"{where}: its metadata say {said['verdict']!r}, so its words must begin {begins!r}")
    if said["verdict"] == "holds":
        return ""
    if said["verdict"] == "corrected":
        if not said.get("instead"):
            raise LedgerError(f"{where}: a corrected claim needs `instead` in its metadata: what is true")
        return said["instead"]
    condition = re.match(r"\*\*Verdict \w+: holds if (.*?)\*\*", source, re.DOTALL)
    if not condition:
        raise LedgerError(f"{where}: the bold words of its verdict must name the condition, **Verdict …: holds if …**")
    return _one_line(condition[1]).rstrip(".,") + "."


def _one_line(text):
    return " ".join(text.split())


def _in_a_table(text):
    """Write a bar as mathematics inside $…$, and escaped elsewhere: in a table it would end the column."""
    parts = re.split(r"(\$[^$]*\$)", text)
    return "".join(p.replace("|", r"\vert{}") if p.startswith("$") else p.replace("|", r"\|") for p in parts)
