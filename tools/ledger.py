"""Write what the notebooks settle into README: the table of all claims, and how many hold.

    python tools/ledger.py            write README
    python tools/ledger.py --check    exit with 1 if README says something else than the notebooks
"""

import argparse
import re
import sys
from pathlib import Path

from acts import ledger

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"


def parts(entries):
    """Return what stands between the markers of README, {name: text}."""
    found = ledger.counts(entries)
    return {
        "verdicts": f"**{len(entries)} claims: {found['holds']} hold, {found['holds-if']} hold under a condition that "
        f"the article leaves out, {found['corrected']} had to be corrected.**",
        "claims": ledger.as_markdown(entries, "notebooks/"),
    }


def filled_in(text, entries):
    """Return README's text with the parts filled in; ValueError where a pair of markers is missing."""
    for name, part in parts(entries).items():
        text, count = re.subn(
            rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)",
            lambda found, part=part: f"{found[1]}{part}\n{found[2]}",
            text,
            flags=re.DOTALL,
        )
        if count != 1:
            raise ValueError(f"README.md: {count} pairs of <!-- {name}:begin --> and <!-- {name}:end -->, expected one")
    return text


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    options = parser.parse_args(arguments)
    before = README.read_text(encoding="utf-8")
    try:
        after = filled_in(before, ledger.read(ROOT / "notebooks"))
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 1
    if after == before:
        return 0
    if options.check:
        print("README.md says something else than the notebooks: run `make notebooks`", file=sys.stderr)
        return 1
    README.write_text(after, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
