"""Write what the notebooks settle into README: how many claims hold, and one picture.

python tools/readme.py            write README and its picture
python tools/readme.py --check    exit with 1 if README says something else than the notebooks
"""

import argparse
import base64
import json
import re
import sys
from pathlib import Path

from acts import ledger

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "front.png"
SHOWN = ("08_why_deep_networks_were_hard", "deep-map")  # a notebook, and the id of the cell that draws the picture


def picture():
    """Return the PNG that README shows, and its alt text, from the notebook that draws it."""
    name, wanted = SHOWN
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells if cell["id"] == wanted for output in cell["outputs"]]
    shown = [output for output in outputs if "image/png" in output.get("data", {})]
    if len(shown) != 1:
        raise ValueError(f"{name}.ipynb, cell {wanted}: {len(shown)} pictures, expected one")
    return base64.b64decode("".join(shown[0]["data"]["image/png"])), shown[0]["metadata"]["image/png"]["alt"]


def parts(entries, alt):
    """Return what stands between the markers of README, {name: text}."""
    found = ledger.counts(entries)
    return {
        "verdicts": f"**{len(entries)} claims: {found['holds']} hold, {found['holds-if']} hold under a condition that "
        f"the article leaves out, {found['corrected']} had to be corrected.**",
        "picture": f"![{alt}]({PICTURE.relative_to(ROOT).as_posix()})",
    }


def filled_in(text, entries, alt):
    """Return README's text with the parts filled in; ValueError where a pair of markers is missing."""
    for name, part in parts(entries, alt).items():
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
        png, alt = picture()
        after = filled_in(before, ledger.read(ROOT / "notebooks"), alt)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 1
    if after == before and PICTURE.exists() and PICTURE.read_bytes() == png:
        return 0
    if options.check:
        print("README.md says something else than the notebooks: run `make notebooks`", file=sys.stderr)
        return 1
    README.write_text(after, encoding="utf-8", newline="\n")
    PICTURE.write_bytes(png)
    return 0


if __name__ == "__main__":
    sys.exit(main())
