"""Generate the students' notebooks in exercises/ from solutions/, their one source.

    python tools/exercises.py                 write exercises/
    python tools/exercises.py --check         exit with 1 and name the files that differ
    python tools/exercises.py --force         also overwrite files that somebody has worked in

Between `### BEGIN SOLUTION` and `### END SOLUTION` a placeholder appears, at the same indentation, that does not raise.
Cells tagged `solution` are dropped; outputs, counts and passing metadata are cleared. Markers and cell metadata are
nbgrader's, so that solutions/ is an nbgrader source as it stands.

Notebooks are read and written as the JSON that they are: importing nbformat alone takes longer than all the rest.
That the result is a valid notebook, in nbformat's own layout, is a matter for the tests.

A generated file carries a fingerprint of its cells. Where that no longer fits, somebody has worked in the file, and it
is never overwritten without --force.
"""

import argparse
import difflib
import hashlib
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
CODE_PLACEHOLDER = "...  # your code here"
TEXT_PLACEHOLDER = "*Your answer here.*"
KEPT_METADATA = ("acts", "nbgrader", "tags")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
MADE_FROM = "generated_from"


class SourceError(ValueError):
    """Something in a solution notebook that cannot be turned into an exercise; names file and cell."""


# ---- one cell ------------------------------------------------------------------------------------


def looks_like_marker(line):
    """Return whether a line is meant as a marker, well written or not.

    Examples
    --------
    >>> [looks_like_marker(line) for line in ("### Begin Solution", "# BEGIN SOLUTON", "x = 1  # begin here")]
    [True, True, False]
    """
    comment = line[line.find("#") :] if "#" in line else line
    for text in {line, comment}:
        letters = re.sub("[^A-Z]", "", text.upper())
        if re.search(r"(BEGIN|START|END)(OF|THE)*SOLUT|SOLUTION(BEGIN|START|END)", letters) and len(letters) < 40:
            return True
        if any(difflib.SequenceMatcher(None, letters, m).ratio() > 0.8 for m in ("BEGINSOLUTION", "ENDSOLUTION")):
            return True
    return False


def without_solution(source, is_code, where):
    """Return the source with each solution replaced by a placeholder, and how many there were."""
    kept, begun_at, count = [], None, 0
    for number, line in enumerate(source.split("\n"), start=1):
        text, place = line.strip(), f"{where}, line {number}"
        if text == BEGIN:
            if begun_at is not None:
                raise SourceError(f"{place}: {BEGIN} inside a solution that began in line {begun_at}")
            begun_at, count = number, count + 1
            indentation = line[: len(line) - len(line.lstrip())]
            kept.append(indentation + (CODE_PLACEHOLDER if is_code else TEXT_PLACEHOLDER))
        elif text == END:
            if begun_at is None:
                raise SourceError(f"{place}: {END} without {BEGIN} before it")
            begun_at = None
        elif looks_like_marker(line):
            raise SourceError(f"{place}: {text!r} looks like a marker; write exactly {BEGIN!r} or {END!r}")
        elif begun_at is None:
            kept.append(line)
    if begun_at is not None:
        raise SourceError(f"{where}, line {begun_at}: {BEGIN} is never closed by {END}")
    return "\n".join(kept), count


def exercise_cell(cell, where):
    """Return the student's version of a cell, or None for a cell that the student must not see."""
    is_code, metadata = cell["cell_type"] == "code", cell.get("metadata", {})
    source, solutions = without_solution("".join(cell["source"]), is_code, where)
    if "solution" in metadata.get("tags", []):
        return None
    is_answer = metadata.get("nbgrader", {}).get("solution", False)
    if is_answer and not solutions:
        raise SourceError(f"{where}: a solution cell without {BEGIN}: students would see all of it")
    if solutions and not is_answer:
        raise SourceError(f"{where}: {BEGIN} in a cell whose nbgrader metadata do not say solution: true")
    fresh = {key: cell[key] for key in ("attachments", "cell_type", "id") if key in cell}
    fresh["metadata"] = {key: metadata[key] for key in KEPT_METADATA if key in metadata}
    fresh["source"] = source.splitlines(keepends=True)
    return fresh | {"execution_count": None, "outputs": []} if is_code else fresh


# ---- one notebook --------------------------------------------------------------------------------


def exercise_text(source):
    """Return the text of the exercise notebook that belongs to a solution notebook."""
    cells, grade_ids, ids = [], {}, {}
    for number, cell in enumerate(_cells_of(source), start=1):
        grade_id = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
        where = f"{_shown(source)}, cell {number}" + (f" ({grade_id})" if grade_id else "")
        if "id" not in cell:
            raise SourceError(f"{where}: the cell has no id; tools/notebooks.py gives it one")
        _must_be_new(grade_ids, grade_id, "grade_id", where, number)
        _must_be_new(ids, cell["id"], "id", where, number)
        cells.append(exercise_cell(cell, where))
    notebook = {"cells": [cell for cell in cells if cell], "nbformat": 4, "nbformat_minor": 5}
    made = {MADE_FROM: f"solutions/{source.name}", "fingerprint": fingerprint(notebook)}
    notebook["metadata"] = {"acts": made, "kernelspec": KERNEL, "language_info": {"name": "python"}}
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"  # nbformat's own layout


def _cells_of(source):
    try:
        cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
        _ = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{_shown(source)} is not a notebook: {type(error).__name__}: {error}") from error
    return cells


def _must_be_new(seen, name, kind, where, number):
    if name is not None and seen.setdefault(name, number) != number:
        raise SourceError(f"{where}: {kind} {name!r} is already that of cell {seen[name]}")


def _shown(path):
    return f"{path.parent.name}/{path.name}"


def fingerprint(notebook):
    """Return a short hash of what stands in the cells; outputs, counts and metadata do not count."""
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]


def _read(path):
    """Return the notebook and the record that it was generated, each None if it cannot be had."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        made = notebook["metadata"].get("acts", {})
        return notebook, made if MADE_FROM in made else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, None


def somebody_worked_in(path):
    """Return whether a file holds something that this program did not write."""
    if not path.exists():
        return False
    notebook, made = _read(path)
    return made is None or made.get("fingerprint") != fingerprint(notebook)


# ---- all notebooks -------------------------------------------------------------------------------


def differing(texts, target):
    """Return a line for each file of the target that is not as it would be generated."""
    lines = []
    for name, text in texts.items():
        path = target / name
        if not path.exists():
            lines.append(f"{_shown(path)}: missing")
        elif path.read_bytes() != text.encode():
            lines.append(f"{_shown(path)}: differs from what its solution generates")
    for path in sorted(target.glob("*.ipynb")):
        if path.name not in texts and _read(path)[1]:
            lines.append(f"{_shown(path)}: its solution is gone")
    return lines


def write(texts, target, force):
    """Write what is new; return a line for each file that was left alone because somebody worked in it."""
    target.mkdir(parents=True, exist_ok=True)
    refused = []
    for name, text in texts.items():
        path = target / name
        if path.exists() and path.read_bytes() == text.encode():
            continue
        if somebody_worked_in(path) and not force:
            refused.append(
                f"{_shown(path)}: somebody has worked in it, so it was left alone and nothing is lost; "
                f"copy it elsewhere, or overwrite it with --force"
            )
            continue
        path.write_text(text, encoding="utf-8", newline="\n")
    return refused


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, exit with 1 if a file differs")
    parser.add_argument("--force", action="store_true", help="overwrite files that somebody has worked in")
    parser.add_argument("--source", type=Path, default=ROOT / "solutions", metavar="DIR")
    parser.add_argument("--target", type=Path, default=ROOT / "exercises", metavar="DIR")
    options = parser.parse_args(arguments)
    sources = sorted(options.source.glob("*.ipynb"))
    if not sources:
        parser.error(f"no notebooks in {options.source}")
    texts, problems = {}, []
    for source in sources:
        try:
            texts[source.name] = exercise_text(source)
        except SourceError as error:
            problems.append(str(error))
    if not problems:
        check = options.check
        problems = differing(texts, options.target) if check else write(texts, options.target, options.force)
        if check and problems:
            problems.append("run `make exercises`")
    print("\n".join(problems), end="\n" if problems else "", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
