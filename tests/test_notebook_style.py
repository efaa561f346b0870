"""The rules for notebooks: each a function `rule(notebook)` that returns problems, each seen failing below."""

import ast
import copy
import re
import statistics
from collections import defaultdict
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.notebooks import check as check_normal_form

ROOT = Path(__file__).resolve().parents[1]
PATHS = {folder: sorted((ROOT / folder).glob("*.ipynb")) for folder in ("notebooks", "solutions", "exercises")}
MOST_LINES, MOST_LINES_MEDIAN = 15, 9
LEAST_WORDS = 40  # characters of text that stand for a picture
LEAST_WORDS_SAID_ONCE = 12  # shorter sentences may well come again, "Guess before you run it."
IGNORED = "nbval-ignore-output"
VERDICTS = {"holds": "holds", "holds-if": "holds if", "corrected": "corrected"}


# Reading notebooks


def code_cells(notebook):
    """Yield (number among all cells, cell) of each code cell that is not empty."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip():
            yield number, cell


def tags(cell):
    return cell.metadata.get("tags", [])


def claims_of(cell):
    return [tag.removeprefix("claim-") for tag in tags(cell) if tag.startswith("claim-")]


def verdict_of(cell):
    """Return (claim, verdict) of a markdown cell that gives one, else None."""
    said = cell.metadata.get("acts", {})
    return (said["claim"], said.get("verdict")) if cell.cell_type == "markdown" and "claim" in said else None


def ends_in_assert(cell):
    body = ast.parse(cell.source).body
    return bool(body) and isinstance(body[-1], ast.Assert)


def shows_picture(cell):
    return any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


def sections(notebook):
    """Return (level, title, the first lines below it) of every heading."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        lines = re.sub(r"^```.*?^```", "", cell.source, flags=re.DOTALL | re.MULTILINE).splitlines()
        for i, line in enumerate(lines):
            if heading := re.match(r"(#+) (.*)", line):
                below = [text for text in lines[i + 1 :] if text.strip()]
                found.append((len(heading[1]), heading[2].strip(), below[:1]))
    return found


def called(node):
    """Return the dotted name that a call calls, or a name stands for; "" if it has none."""
    if isinstance(node, ast.Call):
        return called(node.func)
    if isinstance(node, ast.Attribute):
        return f"{called(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


# The rules


def short_cells(notebook):
    lengths = {number: len(cell.source.splitlines()) for number, cell in code_cells(notebook)}
    problems = [f"cell {n}: {lines} lines, at most {MOST_LINES}" for n, lines in lengths.items() if lines > MOST_LINES]
    if lengths and statistics.median(lengths.values()) > MOST_LINES_MEDIAN:
        problems.append(f"median of {statistics.median(lengths.values())} lines, at most {MOST_LINES_MEDIAN}")
    return problems


def run_from_top_to_bottom(notebook):
    counts = [cell.execution_count for _, cell in code_cells(notebook)]
    return [] if counts == list(range(1, len(counts) + 1)) else [f"execution counts are {counts}, not 1, 2, 3, …"]


def claims_are_settled(notebook):
    """One tagged cell for each claim, ending in an assert; the claim in words above, one verdict right after."""
    problems, seen, judged, claimed_in_words, pending = [], set(), set(), set(), None
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            claimed_in_words |= set(re.findall(r"\*\*Claim ([A-Z]\d+)", cell.source))
        for claim in claims_of(cell):
            if claim in seen:
                problems.append(f"cell {number}: a second cell is tagged claim-{claim}")
            if pending:
                problems.append(f"cell {number}: claim {claim} begins before {pending} has its verdict")
            if cell.cell_type != "code" or not ends_in_assert(cell):
                problems.append(f"cell {number}: the cell of claim {claim} must end in an assert")
            if claim not in claimed_in_words:
                problems.append(f"cell {number}: no **Claim {claim}.** in words above its cell")
            if cell.id != f"claim-{claim.lower()}":
                problems.append(f"cell {number}: its id is {cell.id!r}; links expect 'claim-{claim.lower()}'")
            seen.add(claim)
            pending = claim
        if verdict := verdict_of(cell):
            claim, word = verdict
            if word not in VERDICTS:
                problems.append(f"cell {number}: verdict {word!r}, expected one of {', '.join(VERDICTS)}")
            elif not re.match(rf"\*\*Verdict {claim}: {VERDICTS[word]}\b(?! if)", cell.source):
                problems.append(f"cell {number}: must begin **Verdict {claim}: {VERDICTS[word]} …, as its metadata say")
            if claim in judged:
                problems.append(f"cell {number}: a second verdict on {claim}")
            if claim != pending:
                problems.append(f"cell {number}: a verdict on {claim}, but the claim before it is {pending}")
            judged.add(claim)
            pending = None
    return problems + ([f"claim {pending} has no verdict"] if pending else [])


def prose_between_pictures(notebook):
    problems, picture_in_run = [], False
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            picture_in_run = False
        elif shows_picture(cell):
            if picture_in_run:
                problems.append(f"cell {number}: a picture right after a picture, without a word between")
            picture_in_run = True
    return problems


def pictures_in_words(notebook):
    problems = []
    for number, cell in code_cells(notebook):
        for output in cell.outputs:
            if "image/png" not in output.get("data", {}):
                continue
            if not output.metadata.get("image/png", {}).get("alt", "").strip():
                problems.append(f"cell {number}: the picture has no alt text in its output's metadata")
            if len(output.data.get("text/plain", "")) < LEAST_WORDS:
                problems.append(f"cell {number}: fewer than {LEAST_WORDS} characters of text stand for the picture")
    return problems


def plain_python(notebook):
    """No magics, no pyplot, no interact, no network, nothing that hides a warning."""
    problems = []
    for number, cell in code_cells(notebook):
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:
            problems.append(f"cell {number}: not plain Python (a magic, a shell command?)")
            continue
        problems += [f"cell {number}: {problem}" for node in ast.walk(tree) for problem in unwanted(node)]
    return problems


def unwanted(node):
    modules = []
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        modules = [node.module or ""] + [f"{node.module}.{alias.name}" for alias in node.names]
    for module in modules:
        if module.split(".")[0] in {"urllib", "requests", "http", "httpx", "aiohttp", "socket", "ftplib", "subprocess"}:
            yield f"imports {module}: no cell reaches the network or a shell"
        if module == "matplotlib.pyplot" or module == "pylab":
            yield f"imports {module}: figures come from acts.plots"
    name = called(node) if isinstance(node, (ast.Call, ast.Name, ast.Attribute)) else ""
    if re.fullmatch(r"(\w+\.)*interact(ive|_manual|ive_output)?", name):
        yield f"uses {name}: sliders come from acts.explorers"
    if isinstance(node, ast.Call):
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        given = [value.value for value in values if isinstance(value, ast.Constant)]
        keywords = {keyword.arg for keyword in node.keywords}
        last = name.split(".")[-1]
        if (
            (last in ("filterwarnings", "simplefilter") and not {"error", "always"} & {str(value) for value in given})
            or (last == "catch_warnings" and not ("record" in keywords or "error" in given))
            or (last in ("errstate", "seterr") and "ignore" in given)
        ):
            yield f"{name}(…) hides warnings"


def ignored_outputs_are_asserted(notebook):
    return [
        f"cell {number}: tagged {IGNORED} without an assert at its end"
        for number, cell in code_cells(notebook)
        if IGNORED in tags(cell) and not ends_in_assert(cell)
    ]


def clean_outputs(notebook):
    problems = []
    for number, cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                problems.append(f"cell {number}: ended in {output.ename}")
            if output.get("name") == "stderr":
                problems.append(f"cell {number}: wrote to stderr: {output.text.strip()[:80]}")
    return problems


def explorers_are_proved_wired(notebook):
    problems, cells = [], [*code_cells(notebook), (None, new_code_cell(""))]
    for (number, cell), (_, following) in zip(cells[:-1], cells[1:], strict=True):
        calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
        if not any(called(call).endswith("Explorer") for call in calls):
            continue
        nodes = list(ast.walk(ast.parse(following.source)))
        targets = [target for node in nodes if isinstance(node, ast.Assign) for target in node.targets]
        moves = any(isinstance(target, ast.Attribute) and target.attr == "value" for target in targets)
        if not moves or not any(isinstance(node, ast.Assert) for node in nodes):
            problems.append(f"cell {number}: the code cell after an explorer must set a slider's .value and assert")
    return problems


def time_estimates(notebook):
    return [
        f"section {title!r}: no estimate such as *(8 min)* in or right under the heading"
        for level, title, below in sections(notebook)
        if level == 2 and not re.search("remember", title, re.IGNORECASE)
        if not any(re.search(r"\*.*\d[½¼¾]? (min|hour).*\*", line) for line in [title, *below])
    ]


def one_title(notebook):
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        return ["the first cell must be the title, '# …'"]
    titles = [title for level, title, _ in sections(notebook) if level == 1]
    return [] if len(titles) == 1 else [f"{len(titles)} titles ('# …'), expected one: {titles}"]


def closing_sections(notebook):
    last = [title for level, title, _ in sections(notebook) if level == 2][-2:]
    expected = ["What to remember", "Exercises"]
    return [] if last == expected else [f"the last two sections are {last}, expected {expected}"]


def prose(notebook):
    """Yield (number of the cell, text) of each paragraph and of each of its sentences, whitespace folded.

    References are left out: a paper may be read for two pages.
    """
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and not cell.source.startswith("### References"):
            for paragraph in re.split(r"\n\s*\n", cell.source):
                text = " ".join(paragraph.split())
                yield from ((number, piece) for piece in {text, *re.split(r"(?<=[.:?!]) ", text)})


def said_twice(notebooks):
    """Return what stands twice in the pages, {name: notebook}: a cell that was copied, or a draft that was left."""
    places = defaultdict(list)
    for name, notebook in notebooks.items():
        for number, text in prose(notebook):
            if len(text.split()) >= LEAST_WORDS_SAID_ONCE:
                places[text].append(f"{name}, cell {number}")
    return [f"{' and '.join(where)}: {text}" for text, where in places.items() if len(where) > 1]


WRITTEN = [short_cells, plain_python, one_title, time_estimates, ignored_outputs_are_asserted]
EXECUTED = [run_from_top_to_bottom, prose_between_pictures, pictures_in_words, clean_outputs]
LESSONS = [claims_are_settled, explorers_are_proved_wired, closing_sections]
RULES = {"notebooks": WRITTEN + EXECUTED + LESSONS, "solutions": WRITTEN + EXECUTED, "exercises": WRITTEN}
CASES = [(path, rule) for folder, rules in RULES.items() for path in PATHS[folder] for rule in rules]


def name_of(value):
    return f"{value.parent.name}/{value.stem}" if isinstance(value, Path) else value.__name__


@pytest.mark.parametrize("path, rule", CASES, ids=name_of)
def test_notebook_keeps_the_rule(path, rule):
    assert rule(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("path", PATHS["notebooks"] + PATHS["solutions"], ids=name_of)
def test_notebook_is_in_normal_form(path):
    assert check_normal_form(path) == "in normal form"


def test_no_paragraph_and_no_sentence_stands_twice_in_the_pages():
    assert said_twice({path.stem: nbformat.read(path, as_version=4) for path in PATHS["notebooks"]}) == []


def test_how_many_outputs_are_not_compared(capsys):
    """No limit, but nobody can say that it was hidden: the counts are printed on every run."""
    with capsys.disabled():
        for path in PATHS["notebooks"] + PATHS["solutions"]:
            cells = [cell for _, cell in code_cells(nbformat.read(path, as_version=4))]
            ignored = sum(IGNORED in tags(cell) for cell in cells)
            share = f"{ignored} of {len(cells)} code cells ({ignored / max(len(cells), 1):.0%})"
            print(f"\n{name_of(path)}: {share} have outputs that are not compared", end="")


# Each rule must pass the good notebook and flag what `spoil` makes of it.


def good_notebook():
    picture = new_output(
        "display_data",
        {"image/png": "iVBORw0KGgo=", "text/plain": "A line from the lower left to the upper right."},
        metadata={"image/png": {"alt": "A rising line"}},
    )
    cells = [
        new_markdown_cell("# The title"),
        new_markdown_cell("## 1. A section\n\n*(8 min)*\n\n**Claim S1.** One is one."),
        new_code_cell("one = 1\nassert one == 1", id="claim-s1", metadata={"tags": ["claim-S1", IGNORED]}),
        new_markdown_cell("**Verdict S1: holds.**", metadata={"acts": {"claim": "S1", "verdict": "holds"}}),
        new_code_cell("explorer = CurveExplorer()\nexplorer", outputs=[picture]),
        new_markdown_cell("Read the plot."),
        new_code_cell('explorer.sliders["gain"].value = 2\nassert explorer', outputs=[new_output("stream", text="ok")]),
        new_markdown_cell("## What to remember\n\n- One."),
        new_markdown_cell("## Exercises\n\n*(60 min)*"),
    ]
    for count, (_, cell) in enumerate(code_cells(new_notebook(cells=cells)), start=1):
        cell.execution_count = count
    return new_notebook(cells=cells)


def source(number, text):
    return lambda cells: cells[number].__setitem__("source", text)


def bare_picture(cells):
    cells[4].outputs[0].metadata = {}
    cells[4].outputs[0].data["text/plain"] = "<Figure>"


def verdict(number=3, **said):
    return lambda cells: cells[number].metadata.__setitem__("acts", said)


BAD = [
    (short_cells, source(2, "1\n" * 16), "cell 2: 16 lines"),
    (short_cells, lambda cells: [cell.__setitem__("source", "1\n" * 10) for cell in cells], "median of 10"),
    (run_from_top_to_bottom, lambda cells: cells[4].__setitem__("execution_count", 7), "[1, 7, 3]"),
    (run_from_top_to_bottom, lambda cells: cells[2].__setitem__("execution_count", None), "[None, 2, 3]"),
    (claims_are_settled, source(2, "assert True\nprint(1)"), "must end in an assert"),
    (claims_are_settled, source(2, "if True:\n    assert True"), "must end in an assert"),
    (claims_are_settled, lambda cells: cells.pop(3), "S1 has no verdict"),
    (claims_are_settled, lambda cells: cells.insert(3, cells[2]), "a second cell is tagged claim-S1"),
    (claims_are_settled, lambda cells: cells.insert(4, cells[3]), "a second verdict on S1"),
    (claims_are_settled, lambda cells: cells.insert(1, cells.pop(3)), "the claim before it is None"),
    (claims_are_settled, source(1, "## 1. A section *(8 min)*"), "no **Claim S1.** in words"),
    (claims_are_settled, verdict(claim="S1", verdict="true"), "verdict 'true', expected one of holds"),
    (claims_are_settled, verdict(claim="S1", verdict="corrected"), "must begin **Verdict S1: corrected"),
    (claims_are_settled, source(3, "**Verdict S1: holds if it rains.**"), "must begin **Verdict S1: holds"),
    (claims_are_settled, lambda cells: cells[2].__setitem__("id", "cell-12345678"), "links expect 'claim-s1'"),
    (prose_between_pictures, lambda cells: cells.insert(5, cells[4]), "cell 5: a picture right after a picture"),
    (pictures_in_words, bare_picture, "no alt text"),
    (pictures_in_words, bare_picture, "fewer than 40 characters"),
    (plain_python, source(2, "%matplotlib inline"), "not plain Python"),
    (plain_python, source(2, "!pip install torch"), "not plain Python"),
    (plain_python, source(2, "import matplotlib.pyplot as plt"), "imports matplotlib.pyplot"),
    (plain_python, source(2, "from matplotlib import pyplot"), "imports matplotlib.pyplot"),
    (plain_python, source(2, "import urllib.request"), "imports urllib.request"),
    (plain_python, source(2, "widgets.interact(f, x=3)"), "uses widgets.interact"),
    (plain_python, source(2, "@interact(x=3)\ndef f(x): ..."), "uses interact"),
    (plain_python, source(2, "warnings.filterwarnings('ignore')"), "hides warnings"),
    (plain_python, source(2, "warnings.simplefilter(action='ignore')"), "hides warnings"),
    (plain_python, source(2, "with warnings.catch_warnings(): ..."), "hides warnings"),
    (plain_python, source(2, "with np.errstate(all='ignore'): ..."), "hides warnings"),
    (ignored_outputs_are_asserted, source(2, "print(1)"), "cell 2: tagged nbval-ignore-output"),
    (clean_outputs, lambda cells: cells[6].outputs[0].__setitem__("name", "stderr"), "wrote to stderr: ok"),
    (
        clean_outputs,
        lambda cells: cells[6].outputs.append(new_output("error", ename="ZeroDivisionError", evalue="", traceback=[])),
        "ended in ZeroDivisionError",
    ),
    (explorers_are_proved_wired, source(6, "assert explorer"), "cell 4"),
    (explorers_are_proved_wired, source(6, 'explorer.sliders["gain"].value = 2'), "cell 4"),
    (explorers_are_proved_wired, lambda cells: cells.pop(6), "cell 4"),
    (time_estimates, source(1, "## 1. A section\n\nSome words.\n\n*(8 min)*"), "section '1. A section'"),
    (one_title, lambda cells: cells.pop(0), "the first cell must be the title"),
    (one_title, source(5, "# Another title"), "2 titles"),
    (closing_sections, lambda cells: cells.pop(7), "expected ['What to remember', 'Exercises']"),
    (closing_sections, lambda cells: cells.append(new_markdown_cell("## More")), "['Exercises', 'More']"),
]


@pytest.mark.parametrize("rule", RULES["notebooks"], ids=name_of)
def test_a_good_notebook_passes(rule):
    assert rule(good_notebook()) == []


@pytest.mark.parametrize("rule, spoil, said", BAD, ids=[f"{rule.__name__}-{i}" for i, (rule, _, _) in enumerate(BAD)])
def test_a_bad_notebook_is_flagged(rule, spoil, said):
    notebook = copy.deepcopy(good_notebook())
    spoil(notebook.cells)
    assert said in "\n".join(rule(notebook))


def test_every_rule_is_seen_failing():
    assert {rule for rule, _, _ in BAD} == set(RULES["notebooks"])


def test_recorded_warnings_hide_nothing():
    notebook = good_notebook()
    notebook.cells[2].source = "with warnings.catch_warnings(record=True):\n    warnings.simplefilter('error')"
    assert plain_python(notebook) == []


LONG = "Before anything is trained with another slope, the weights must fit it, or we would compare initialisations."
SHORT = "All of it is short. So is this. And this one too. Together they are long."


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (LONG, LONG, LONG),
        (SHORT, SHORT.replace(" ", "\n"), SHORT),  # a paragraph, in other lines
        (f"A draft. {LONG}", f"## A title\n\n{LONG} And more.", LONG),  # two drafts that begin alike
        (f"{LONG} It is so.", f"{LONG.replace('slope', 'rate')} It is so.", None),
        (f"### References\n\n- {LONG}", f"### References\n\n- {LONG}", None),
    ],
)
def test_what_stands_twice_is_found(first, second, said):
    cells = ([new_markdown_cell("# Title"), new_markdown_cell(text)] for text in (first, second))
    one, other = (new_notebook(cells=each) for each in cells)
    expected = [] if said is None else [f"one, cell 1 and other, cell 1: {said}"]
    assert said_twice({"one": one, "other": other}) == expected
    assert said_twice({"one": one}) == []
