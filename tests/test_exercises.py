"""The exercises: generated from their solutions byte for byte, nothing given away, and executed in both directions."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import acts_exercises
from acts_exercises import n01_sigmoid
from tools import exercises as generator

ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
# A set has five to eight exercises. Those about gates stand in one set with the page that explains gates.
LENGTHS = {"00_why_activations": 4, "02_tanh": 12}
every_notebook = pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=4)


def exercise_of(solution):
    return ROOT / "exercises" / solution.name


def records_of(solution):
    return {name: record for name, record in acts_exercises.exercises().items() if record.notebook == solution.stem}


def nbgrader_of(cell):
    return cell.metadata.get("nbgrader", {})


# ---- what is committed ---------------------------------------------------------------------------


def test_exercises_are_what_their_solutions_generate():
    assert generator.main(["--check"]) == 0


def test_deleted_and_generated_again_they_are_the_same_bytes(tmp_path):
    assert generator.main(["--target", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in SOLUTIONS}
    for solution in SOLUTIONS:
        assert (tmp_path / solution.name).read_bytes() == exercise_of(solution).read_bytes()


TIMED = """import atexit, runpy, sys, time
atexit.register(lambda: print(time.process_time()))
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")"""


def test_generating_takes_less_than_a_second(tmp_path):
    """Of the processor: what else the machine does at the time does not count."""
    command = [sys.executable, "-c", TIMED, str(ROOT / "tools" / "exercises.py"), "--target", str(tmp_path)]
    taken = [float(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(3)]
    assert min(taken) < 1


@every_notebook
def test_the_exercise_is_a_valid_notebook_in_its_normal_layout(solution):
    text = exercise_of(solution).read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n" == text
    for cell in notebook.cells:
        assert cell.cell_type != "code" or (cell.outputs, cell.execution_count) == ([], None)


@every_notebook
def test_no_line_of_a_solution_is_left_in_the_exercise(solution):
    given_away = exercise_of(solution).read_text(encoding="utf-8")
    lines = solution_lines(solution)
    assert len(lines) > 10
    for line in lines:
        assert json.dumps(line, ensure_ascii=False)[1:-1] not in given_away, line


def solution_lines(solution):
    """Every line of 12 characters or more that a student must not see."""
    hidden = []
    for cell in read(solution).cells:
        inside = bool(generator.HIDDEN_TAGS & set(cell.metadata.get("tags", [])))
        for line in map(str.strip, cell.source.splitlines()):
            if line in (generator.BEGIN, generator.END):
                inside = line == generator.BEGIN
            elif inside and len(line) >= 12:
                hidden.append(line)
    return hidden


# ---- what stands in the notebooks ----------------------------------------------------------------


@every_notebook
def test_metadata_are_those_of_nbgrader(solution):
    for cell in read(solution).cells:
        nbgrader = nbgrader_of(cell)
        if not nbgrader:
            continue
        kind = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}
        assert set(nbgrader) == (kind | {"points"} if nbgrader["grade"] else kind), nbgrader["grade_id"]
        assert (nbgrader["schema_version"], nbgrader["task"]) == (3, False)
        assert re.fullmatch(r"[a-z0-9_-]+", nbgrader["grade_id"])
        is_check = nbgrader["grade"] and not nbgrader["solution"]
        assert nbgrader["locked"] is is_check
        assert nbgrader["grade"] or cell.cell_type == "code"


@every_notebook
def test_every_graded_cell_has_its_judge(solution):
    graded = {nbgrader_of(c)["grade_id"]: c for c in read(solution).cells if nbgrader_of(c).get("grade")}
    for name, record in records_of(solution).items():
        cell = graded.pop(f"{name}-check" if record.judge else name)
        if record.judge:
            assert re.fullmatch(rf'check\("{name}", \w+\)', cell.source)
        else:
            assert cell.cell_type == "markdown" and nbgrader_of(cell)["solution"]
    assert not graded, f"graded, and no record in acts_exercises: {list(graded)}"


@every_notebook
def test_a_set_has_the_length_that_it_should(solution):
    rows = re.findall(r"^\| \d+ \|", read(solution).cells[0].source, re.MULTILINE)
    assert len(rows) == LENGTHS[solution.stem] if solution.stem in LENGTHS else 5 <= len(rows) <= 8


def test_the_facts_are_what_the_solutions_say_of_every_exercise():
    """That heading, table, README and data agree is what `--check` says; here the data are read as a student's."""
    facts = json.loads(acts_exercises.FACTS.read_text(encoding="utf-8"))
    assert set(facts) == set(acts_exercises.exercises())
    every = generator.read_sources(SOLUTIONS)
    assert every[2:] == (facts, [])
    exercise = acts_exercises.find("sigmoid")
    assert (exercise.points, exercise.minutes, exercise.claim, exercise.kind) == (3, 20, "S3", "implement")


@every_notebook
def test_cells_are_short(solution):
    for cell in read(solution).cells:
        assert cell.cell_type != "code" or len(cell.source.splitlines()) <= 15, cell.id


def test_the_network_that_is_checked_is_the_one_of_the_notebook():
    cells = {cell.id: cell.source for cell in read(ROOT / "solutions" / "01_sigmoid.ipynb").cells}
    names = {}
    exec("import numpy as np, acts\n" + cells["dead-network-train"], names)
    grey, targets = n01_sigmoid.three_digits()
    for seed in range(3):
        here = n01_sigmoid.train(grey, targets, _small, seed=seed)
        there = names["train"](grey, targets, _small, seed=seed)
        for mine, theirs in zip(here, there, strict=True):
            assert np.allclose(mine, theirs, rtol=1e-9)


def _small(rng, fan_in, fan_out):
    return rng.normal(0, 1 / 60, (fan_in, fan_out))


# ---- executed in both directions -----------------------------------------------------------------


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def graded_in(notebook):
    return [cell for cell in code_of(notebook) if nbgrader_of(cell).get("grade")]


@every_notebook
def test_run_all_on_a_fresh_exercise_finds_everything_still_to_do_and_no_other_error(solution, monkeypatch):
    """Strict, since then a check that has no answer yet is an error; without it, it prints the same and goes on."""
    monkeypatch.setenv("ACTS_STRICT", "1")
    notebook = read(exercise_of(solution))
    folder = {"metadata": {"path": str(ROOT / "exercises")}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True, resources=folder).execute()
    failed = {cell.id: o for cell in code_of(notebook) for o in cell.outputs if o.output_type == "error"}
    assert set(failed) == {cell.id for cell in graded_in(notebook)}
    for error in failed.values():
        assert error.ename == "CheckFailed" and "still to do" in error.evalue, error.evalue


@every_notebook
def test_every_check_of_a_solution_says_right(solution):
    """By the outputs on disk, which strict nbval holds true: `make test` executes the solutions there, once."""
    notebook = read(solution)
    assert not [o for cell in code_of(notebook) for o in cell.outputs if o.output_type == "error"]
    for cell in graded_in(notebook):
        assert "".join(o.text for o in cell.outputs if o.output_type == "stream").startswith("✓"), cell.source


# ---- the generator -------------------------------------------------------------------------------

ANSWER = {
    "grade": False,
    "grade_id": "f",
    "locked": False,
    "schema_version": 3,
    "solution": True,
    "task": False,
}


def cell(source, kind="code", id="one", tags=(), **nbgrader):
    metadata = {"tags": list(tags)} if tags else {}
    metadata |= {"nbgrader": ANSWER | nbgrader} if nbgrader or "SOLUTION" in source else {}
    body = {"cell_type": kind, "id": id, "metadata": metadata, "source": source}
    return body | ({"execution_count": 3, "outputs": []} if kind == "code" else {})


def save(folder, *cells, name="01_small.ipynb"):
    folder.mkdir(exist_ok=True)
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / name).write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture
def small(tmp_path, capsys):
    """A folder for sources, one for targets, and a way to generate that returns the exit code and what was said."""

    class Small:
        source, target = tmp_path / "solutions", tmp_path / "exercises"
        exercise = target / "01_small.ipynb"

        def __call__(self, *options):
            code = generator.main([*options, "--source", str(self.source), "--target", str(self.target)])
            return code, capsys.readouterr().err

    return Small()


FUNCTION = "def f(x):\n    ### BEGIN SOLUTION\n    y = x + 1\n    return y\n    ### END SOLUTION"


def test_a_solution_becomes_a_placeholder_at_the_same_place(small):
    save(
        small.source,
        cell(FUNCTION, tags=["kept"]),
        cell("answer = (\n    ### BEGIN SOLUTION\n    3\n    ### END SOLUTION\n)", id="two", grade_id="g"),
        cell(
            "### BEGIN SOLUTION\nBecause it is.\n### END SOLUTION",
            "markdown",
            id="three",
            grade_id="h",
        ),
        cell("the_whole_cell_is_a_secret = 1", id="four", tags=["solution"]),
        cell("print(1)", id="five"),
    )
    assert small() == (0, "")
    cells = read(small.exercise).cells
    assert [c.source for c in cells] == [
        "def f(x):\n    ...  # your code here",
        "answer = (\n    ...  # your code here\n)",
        "*Your answer here.*",
        "print(1)",
    ]
    assert cells[0].metadata.tags == ["kept"]
    assert [c.id for c in cells] == ["one", "two", "three", "five"]
    for c in cells:
        if c.cell_type == "code":
            ast.parse(c.source)
            assert c.execution_count is None


@pytest.mark.parametrize(
    "marker",
    [
        "### Begin Solution", "###BEGIN SOLUTION", "# BEGIN SOLUTION", "### BEGIN SOLUTON", "### BEGIN  SOLUTION",
        "## BEGIN SOLUTION", "#### BEGIN SOLUTION", "### BEGIN SOLUTIONS", "### BEGIN SOLUTION ###",
        "### BEGN SOLUTION", "### BEGIN_SOLUTION", "### BEGIN SOLUTION: the stable form", "### SOLUTION BEGIN",
        "y = 1  ### BEGIN SOLUTION", "BEGIN SOLUTION", "<!-- BEGIN SOLUTION -->",
    ],
)  # fmt: skip
@pytest.mark.parametrize("word", ["BEGIN", "END"])
def test_a_misspelt_marker_is_an_error(marker, word, small):
    if word == "END":
        marker = marker.replace("BEGIN", "END").replace("Begin", "End").replace("BEGN", "EDN")
    save(small.source, cell("x = 1", id="zero"), cell(f"def f(x):\n    {marker}\n    return x", grade_id="f"))
    code, said = small()
    assert code == 1
    assert said.startswith("solutions/01_small.ipynb, cell 2 (f), line 2: ")
    assert "looks like a marker; write exactly '### BEGIN SOLUTION' or '### END SOLUTION'" in said
    assert not small.target.exists()


@pytest.mark.parametrize(
    "line", ["x = 1  # begin here", "# the solution of this equation", "# in the end", "begin = end"]
)
def test_what_is_no_marker_is_left_alone(line, small):
    save(small.source, cell(line))
    assert small() == (0, "")


BEGIN, END = "### BEGIN SOLUTION\n", "### END SOLUTION\n"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            [cell(BEGIN + BEGIN + END)],
            "cell 1 (f), line 2: ### BEGIN SOLUTION inside a solution that began in line 1",
        ),
        (
            [cell(BEGIN + "x = 1")],
            "cell 1 (f), line 1: ### BEGIN SOLUTION is never closed by ### END SOLUTION",
        ),
        (
            [cell("x = 1\n" + END)],
            "cell 1 (f), line 2: ### END SOLUTION without ### BEGIN SOLUTION before it",
        ),
        ([cell("x = 1", grade_id="f")], "cell 1 (f): a solution cell without ### BEGIN SOLUTION"),
        (
            [cell(BEGIN + END), cell(BEGIN + END, id="two")],
            "cell 2 (f): grade_id 'f' is already that of cell 1",
        ),
        ([cell("x = 1"), cell("x = 2")], "cell 2: id 'one' is already that of cell 1"),
        (
            [cell(BEGIN + END, solution=False)],
            "cell 1 (f): ### BEGIN SOLUTION in a cell whose nbgrader metadata do not",
        ),
        ([cell(BEGIN + "x", "markdown")], "cell 1 (f), line 1: ### BEGIN SOLUTION is never closed"),
    ],
    ids=[
        "nested",
        "unclosed",
        "end-first",
        "no-markers",
        "same-grade-id",
        "same-id",
        "not-a-solution",
        "in-markdown",
    ],
)
def test_a_source_that_would_leak_is_an_error_that_names_file_and_cell(cells, said, small):
    save(small.source, *cells)
    code, message = small()
    assert code == 1
    assert f"solutions/01_small.ipynb, {said}" in message
    assert not small.target.exists()


def test_all_errors_are_told_at_once_and_nothing_is_written(small):
    save(small.source, cell(FUNCTION))
    save(small.source, cell(BEGIN), name="02.ipynb")
    save(small.source, cell(END), name="03.ipynb")
    code, said = small()
    assert code == 1 and "02.ipynb" in said and "03.ipynb" in said
    assert not small.target.exists()


def test_a_file_that_is_no_notebook(small):
    save(small.source)
    (small.source / "01_small.ipynb").write_text("{", encoding="utf-8")
    assert "solutions/01_small.ipynb is not a notebook" in small()[1]


TOP = (
    "# Exercises: one\n\nNo exercises, short: about 0 hours and 0 points in all.\n\n"
    "| | exercise | kind | claim | minutes | points |\n|---|---|---|---|---|---|"
)
HINTS = "**Hints**\n\n1. Look.\n2. Look again: `1.` is not a hint.\n3. Look there."
SAYS = {"kind": "predict", "claim": "S1", "minutes": 50}


def exercise(name, points=1, says=SAYS, hints=HINTS, kind="code"):
    """Return the cells of an exercise: its hints and its graded cell."""
    text = f'check("{name}", 1)' if kind == "code" else BEGIN + END
    graded = cell(text, kind, id=f"{name}-check", grade=True, grade_id=f"{name}-check", solution=kind != "code")
    graded["metadata"]["nbgrader"]["points"] = points
    graded["metadata"]["acts"] = {"exercise": says}
    return [cell(hints, "markdown", id=f"{name}-hints", tags=["hint"]), graded]


def task(text, id="task"):
    return cell(text, "markdown", id=id)


def test_facts_go_from_the_graded_cell_to_all_that_repeats_them(small):
    readme = small.source.parent / "README.md"
    readme.write_text("| 01 | 90 min, and 9 h of [exercises](exercises/01_small.ipynb) |\n", encoding="utf-8")
    cells = [task("## 7. Two parts\n\n*Debug · deepens X · 1 minutes · 9 points*\n\nDo it.\n\nDo it *well*.")]
    cells += exercise("one", 2) + exercise("two") + [task("## By hand\nExplain.", "b")]
    cells += exercise("three", 4, SAYS | {"kind": "explain", "minutes": 5}, kind="markdown")
    save(small.source, task(TOP, "top"), *cells, task("## Remember\n\nThis.", "end"))
    assert small() == (0, "")
    for path in (small.source / "01_small.ipynb", small.exercise):
        text = {c.id: c.source for c in read(path).cells}
        assert "Two exercises, short: about 1¾ hours and 7 points in all." in text["top"]
        rows = "| 1 | Two parts | predict | S1 | 100 | 3 |\n| 2 | By hand | explain | S1 | 5 | 4 |"
        assert text["top"].endswith(f"|---|\n{rows}")
        line = "*Predict · deepens S1 · 100 minutes · 3 points*"
        assert text["task"] == f"## 1. Two parts\n\n{line}\n\nDo it.\n\nDo it *well*."
        line = "*Explain · deepens S1 · 5 minutes · 4 points · graded by a person*"
        assert text["b"] == f"## 2. By hand\n\n{line}\n\nExplain." and text["end"] == "## Remember\n\nThis."
    assert not {"one-hints", "three-hints"} & {c.id for c in read(small.exercise).cells}
    facts = json.loads((small.source.parent / generator.FACTS).read_text(encoding="utf-8"))
    assert facts["one"] == SAYS | {
        "points": 2,
        "hints": ["Look.", "Look again: `1.` is not a hint.", "Look there."],
        "title": "Two parts",
        "notebook": "01_small",
    }
    assert readme.read_text(encoding="utf-8") == "| 01 | 90 min, and 1¾ h of [exercises](exercises/01_small.ipynb) |\n"
    assert small("--check") == (0, ""), "and a second time nothing changes"


def test_a_copy_that_says_something_else_is_named_and_mended(small):
    save(small.source, task(TOP, "top"), task("## One"), *exercise("one"))
    assert small("--facts") == (0, "") and not small.target.exists()
    small()
    data = small.source.parent / generator.FACTS
    for path, right, wrong in [
        (small.source / "01_small.ipynb", "50 minutes", "40 minutes"),
        (small.source / "01_small.ipynb", "| S1 | 50", "| S2 | 50"),
        (small.source / "01_small.ipynb", "1 point in all", "2 points in all"),
        (data, "Look there", "Look here"),
    ]:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(right, wrong), encoding="utf-8", newline="\n")
        assert path.read_text(encoding="utf-8") != text
        code, said = small("--check")
        assert code == 1 and f"{path.name}: says something else than the facts of the exercises" in said
        assert small() == (0, "") and path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (exercise("one"), "cell 2 (one-check): no heading `## …` above the exercise"),
        ([task("## A"), *exercise("one", says={"kind": "predict"})], "say kind, claim and minutes; got ['kind']"),
        ([task("## A"), *exercise("one", says=SAYS | {"kind": "guess"})], "kind must be one of implement, derive"),
        ([task("## A"), *exercise("one", hints="1. a\n2. b")], "at least 3 hints are needed"),
        ([task("## A"), *exercise("one")[1:]], "at least 3 hints are needed, in a cell tagged hint before this; got 0"),
        ([task("## A"), *exercise("one"), exercise("two")[0]], "the last hints belong to no graded cell"),
        ([task("## A"), exercise("two")[0], *exercise("one")], "hints, and those before belong to no graded cell"),
        ([task("## A"), *exercise("one"), *exercise("two", says=SAYS | {"claim": "S2"})], "one kind and one claim"),
        ([task("# No table"), task("## A", "b"), *exercise("one")], "must stand there once each; they stand 0 and 0"),
    ],
)  # fmt: skip
def test_facts_that_are_missing_are_named(cells, said, small):
    save(small.source, *cells)
    code, message = small()
    assert code == 1 and said in message
    assert not small.target.exists()


def test_two_notebooks_with_one_exercise(small):
    for name in ("01_small.ipynb", "02.ipynb"):
        save(small.source, task(TOP, "top"), task("## One"), *exercise("one"), name=name)
    assert "solutions/02.ipynb: 01_small has an exercise 'one', too" in small()[1]


def test_check_lists_what_differs_and_writes_nothing(small):
    save(small.source, cell(FUNCTION))
    assert small("--check") == (1, "exercises/01_small.ipynb: missing\nrun `make exercises`\n")
    small()
    assert small("--check") == (0, "")
    text = small.exercise.read_text(encoding="utf-8")
    for changed in (text.replace('"outputs"', '"outputs" '), text + "\n", text.replace("\n", "\r\n")):
        small.exercise.write_text(changed, encoding="utf-8", newline="")
        assert "exercises/01_small.ipynb: differs from what its solution generates" in small("--check")[1]
        assert small.exercise.read_bytes() == changed.encode()


def test_check_notices_an_exercise_whose_solution_is_gone(small):
    save(small.source, cell(FUNCTION))
    save(small.source, cell(FUNCTION), name="02.ipynb")
    small()
    (small.source / "02.ipynb").unlink()
    assert "exercises/02.ipynb: its solution is gone" in small("--check")[1]


def edit(path, change):
    notebook = read(path)
    change(notebook)
    nbformat.write(notebook, path)


def test_a_students_work_is_never_overwritten_unless_forced(small):
    save(small.source, cell(FUNCTION))
    small()

    def work(notebook):
        notebook.cells[0].source = "def f(x):\n    return x + 1  # mine"

    edit(small.exercise, work)
    save(small.source, cell(FUNCTION), cell("print('an update of the course')", id="two"))
    before = small.exercise.read_bytes()
    code, said = small()
    assert code == 1
    assert "exercises/01_small.ipynb: somebody has worked in it, so it was left alone and nothing is lost" in said
    assert small.exercise.read_bytes() == before
    assert small("--force") == (0, "")
    assert b"mine" not in small.exercise.read_bytes()


def test_a_strangers_file_is_work_too(small):
    save(small.source, cell(FUNCTION))
    save(small.target, cell("my_notes = 1"))
    assert "somebody has worked in it" in small()[1]


def test_outputs_alone_are_no_work(small):
    save(small.source, cell(FUNCTION))
    small()
    edit(small.exercise, lambda notebook: notebook.cells[0].update(execution_count=7))
    assert small() == (0, "")
    assert small("--check") == (0, "")
