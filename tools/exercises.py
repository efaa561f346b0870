"""Generate the students' notebooks in exercises/ from solutions/, their one source, and all that repeats their facts.

    python tools/exercises.py                 write exercises/ and the facts
    python tools/exercises.py --facts         write the facts alone
    python tools/exercises.py --check         exit with 1 and name the files that differ
    python tools/exercises.py --force         also overwrite files that somebody has worked in

What an exercise is worth stands in its graded cell: the points in nbgrader's metadata, and beside them
`{"acts": {"exercise": {"kind": "predict", "claim": "S2", "minutes": 10}}}`. Its hints are a numbered list in the cell
tagged `hint` before that. From these follow the numbers and the line below each heading of a solution, the table and
the sums at its top, the hours in README, and the table that `check`, `hint` and `progress` read.

Between `### BEGIN SOLUTION` and `### END SOLUTION` a placeholder appears, at the same indentation, that does not raise.
Cells tagged `solution` or `hint` are dropped; outputs, counts and passing metadata are cleared. Markers and cell
metadata are nbgrader's, so that solutions/ is an nbgrader source as it stands.

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
FACTS = Path("acts_exercises", "_data", "exercises.json")
KINDS = ("implement", "derive", "predict", "debug", "measure", "explain")
COUNTS = "No One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()
HIDDEN_TAGS = {"solution", "hint"}
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
    if HIDDEN_TAGS & set(metadata.get("tags", [])):
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


# ---- the facts of one notebook -------------------------------------------------------------------

TITLE = re.compile(r"## (?:\d+\. )?(.+)")
FACTS_LINE = re.compile(r"\*.+ · deepens .+\*")
TABLE = re.compile(r"(?<=\n\n)(\| \| exercise \| kind .*\n\|---.*)(?:\n\|.*)*")
SUMS = re.compile(r"\b\w+( exercises?,[^\n]*: )about [^\n]*? points? in all")


def with_facts(notebook, source):
    """Return {name: facts} of a solution's exercises, and write what follows from them into its cells."""
    facts, tasks, hints = {}, [], []
    for number, cell in enumerate(notebook["cells"], start=1):
        metadata, text = cell.get("metadata", {}), "".join(cell["source"])
        nbgrader = metadata.get("nbgrader", {})
        where = f"{_shown(source)}, cell {number} ({nbgrader.get('grade_id') or cell.get('id')})"
        if "hint" in metadata.get("tags", []):
            if hints:
                raise SourceError(f"{where}: hints, and those before belong to no graded cell")
            hints = re.findall(r"^\d+\. (.+)$", text, re.MULTILINE)
        elif cell["cell_type"] == "markdown" and text.startswith("## "):
            tasks.append((cell, []))
        elif nbgrader.get("grade"):
            name = nbgrader["grade_id"].removesuffix("-check")
            if not tasks:
                raise SourceError(f"{where}: no heading `## …` above the exercise")
            facts[name] = {"notebook": source.stem, "title": _title(tasks[-1][0]), **_facts(metadata, hints, where)}
            tasks[-1][1].append((facts[name], cell["cell_type"] == "markdown"))
            hints = []
    if hints:
        raise SourceError(f"{_shown(source)}: the last hints belong to no graded cell")
    rows = _with_headings([(cell, parts) for cell, parts in tasks if parts], source)
    if rows:
        _write_table(notebook["cells"][0], rows, source)
    return facts


def _facts(metadata, hints, where):
    facts = metadata.get("acts", {}).get("exercise", {})
    if set(facts) != {"kind", "claim", "minutes"}:
        raise SourceError(f"{where}: the metadata of a graded cell say kind, claim and minutes; got {sorted(facts)}")
    if facts["kind"] not in KINDS:
        raise SourceError(f"{where}: kind must be one of {', '.join(KINDS)}; got {facts['kind']!r}")
    if len(hints) < 3:
        raise SourceError(f"{where}: at least 3 hints are needed, in a cell tagged hint before this; got {len(hints)}")
    in_order = {what: facts[what] for what in ("kind", "claim", "minutes")}
    return {**in_order, "points": metadata["nbgrader"]["points"], "hints": hints}


def _title(cell):
    return TITLE.match("".join(cell["source"]))[1]


def _with_headings(tasks, source):
    """Write the number of each task and the line below its heading; return the rows of the table."""
    rows = []
    for number, (cell, parts) in enumerate(tasks, start=1):
        (kind, claim), *others = {(facts["kind"], facts["claim"]) for facts, _ in parts}
        if others:
            raise SourceError(f"{_shown(source)}, exercise {number}: its parts must have one kind and one claim")
        minutes, points = (sum(facts[what] for facts, _ in parts) for what in ("minutes", "points"))
        rows.append((number, _title(cell), kind, claim, minutes, points))
        by_hand = " · graded by a person" * all(is_written for _, is_written in parts)
        line = f"*{kind.capitalize()} · deepens {claim} · {minutes} minutes · {_counted(points, 'point')}{by_hand}*"
        rest = "".join(cell["source"]).partition("\n")[2].strip("\n").split("\n\n")
        rest = rest[1:] if FACTS_LINE.fullmatch(rest[0]) else rest
        _set_source(cell, "\n\n".join([f"## {number}. {_title(cell)}", line, *rest]))
    return rows


def _write_table(cell, rows, source):
    """Write the table of the exercises, how many they are, and the sums."""
    minutes, points = (sum(column) for column in list(zip(*rows, strict=True))[-2:])
    table = "".join(f"\n| {' | '.join(map(str, row))} |" for row in rows)
    count = COUNTS[len(rows)] if len(rows) < len(COUNTS) else len(rows)
    sums = f"about {hours(minutes)} hours and {_counted(points, 'point')} in all"
    text, tables = TABLE.subn(lambda found: found[1] + table, "".join(cell["source"]))
    text, sentences = SUMS.subn(lambda found: f"{count}{found[1]}{sums}", text)
    if (tables, sentences) != (1, 1):
        raise SourceError(
            f"{_shown(source)}, cell 1: “… exercises, …: about … points in all” and the head of the table, "
            f"“| | exercise | kind …”, must stand there once each; they stand {sentences} and {tables} times"
        )
    _set_source(cell, text)


def _counted(number, what):
    return f"{number} {what}{'s' * (number != 1)}"


def hours(minutes):
    """Return minutes as hours, to the quarter.

    Examples
    --------
    >>> hours(220), hours(120)
    ('3¾', '2')
    """
    whole, quarter = divmod(round(minutes / 15), 4)
    return f"{whole}{['', '¼', '½', '¾'][quarter]}"


def _set_source(cell, text):
    cell["source"] = text.splitlines(keepends=True)


def with_hours(readme, facts):
    """Return README's text with the hours of each set beside its link."""
    for stem in {each["notebook"] for each in facts.values()}:
        taken = hours(sum(each["minutes"] for each in facts.values() if each["notebook"] == stem))
        link = f"[exercises](exercises/{stem}.ipynb)"
        readme = re.sub(rf"\band \S+ h of {re.escape(link)}", f"and {taken} h of {link}", readme)
    return readme


# ---- one notebook --------------------------------------------------------------------------------


def exercise_text(notebook, source):
    """Return the text of the exercise notebook that belongs to a solution notebook."""
    cells, grade_ids, ids = [], {}, {}
    for number, cell in enumerate(notebook["cells"], start=1):
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
    return _dumps(notebook)


def _dumps(notebook):
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"  # nbformat's own layout


def _loaded(source):
    try:
        notebook = json.loads(source.read_text(encoding="utf-8"))
        _ = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{_shown(source)} is not a notebook: {type(error).__name__}: {error}") from error
    return notebook


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


def read_sources(sources):
    """Return {path: text} of the solutions that change, {name: text} of the exercises, the facts, and the problems."""
    solutions, texts, facts, problems = {}, {}, {}, []
    for source in sources:
        try:
            notebook = _loaded(source)
            before = [cell["source"] for cell in notebook["cells"]]
            found = with_facts(notebook, source)
            if [cell["source"] for cell in notebook["cells"]] != before:
                solutions[source] = _dumps(notebook)
            texts[source.name] = exercise_text(notebook, source)
            for name in set(found) & set(facts):
                raise SourceError(f"{_shown(source)}: {facts[name]['notebook']} has an exercise {name!r}, too")
            facts |= found
        except SourceError as error:
            problems.append(str(error))
    return solutions, texts, facts, problems


def repeated(solutions, facts, home):
    """Return {path: text} of the files that do not say what the facts say."""
    files = dict(solutions)
    if facts:
        files[home / FACTS] = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
        readme = home / "README.md"
        files |= {readme: with_hours(readme.read_text(encoding="utf-8"), facts)} if readme.exists() else {}
    return {path: text for path, text in files.items() if not path.exists() or path.read_bytes() != text.encode()}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, exit with 1 if a file differs")
    parser.add_argument("--facts", action="store_true", help="write the facts of the exercises, not exercises/")
    parser.add_argument("--force", action="store_true", help="overwrite files that somebody has worked in")
    parser.add_argument("--source", type=Path, default=ROOT / "solutions", metavar="DIR")
    parser.add_argument("--target", type=Path, default=ROOT / "exercises", metavar="DIR")
    options = parser.parse_args(arguments)
    sources = sorted(options.source.glob("*.ipynb"))
    if not sources:
        parser.error(f"no notebooks in {options.source}")
    solutions, texts, facts, problems = read_sources(sources)
    stale = {} if problems else repeated(solutions, facts, options.source.parent)
    if problems:
        pass
    elif options.check:
        problems = [f"{_shown(path)}: says something else than the facts of the exercises" for path in stale]
        problems += differing(texts, options.target)
        problems += ["run `make exercises`"] if problems else []
    else:
        for path, text in stale.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        problems = [] if options.facts else write(texts, options.target, options.force)
    print("\n".join(problems), end="\n" if problems else "", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
