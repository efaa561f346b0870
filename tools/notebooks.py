"""Execute the notebooks and save them in one normal form, so that a diff shows what changed and nothing else.

    python tools/notebooks.py                    all of notebooks/ and solutions/
    python tools/notebooks.py PATH ...           only these
    python tools/notebooks.py --check [PATH ...] execute nothing; are the files on disk in normal form?

The normal form: ids that follow from the cells, execution counts 1 to n, streams in one piece, no widget state,
no timestamps, no trace of the machine. Executing twice gives the same bytes, but for outputs that measure time.
"""

import argparse
import copy
import hashlib
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets import default

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("notebooks", "solutions")

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# Notes that editors leave in a cell's metadata; none of them is the author's.
EDITOR_NOTES = ("execution", "ExecuteTime", "vscode", "colab")

# Ids as programs make them: 8 hex digits (nbformat), a UUID (JupyterLab), ours. Any other id was written by hand.
GENERATED_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(cell-)?[0-9a-f]{8}(-\d+)?")
HAND_MADE_ID = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
HERE = sorted({str(ROOT), ROOT.as_posix(), str(Path.home()), Path.home().as_posix()}, key=len, reverse=True)
NOT_REPRODUCIBLE = {
    # Somebody's home counts on any machine: the check may run elsewhere than the notebook did.
    "a path of this machine": re.compile(
        "|".join(rf"(?<![\w.]){re.escape(path)}(?![\w-])" for path in HERE if len(path) > 1)
        + r"|/home/\w|/Users/\w|(?<![\w.])/root/|[A-Za-z]:\\+Users\\|/ipykernel_\d+"
    ),
    "a memory address": re.compile(r"\bat 0x[0-9a-fA-F]{6,}"),
}


class NotebookProblem(Exception):
    """A notebook that cannot be executed or saved; the message names the notebook and the cell."""


class KernelOfThisInterpreter(AsyncKernelManager):
    """Looks in no folder for kernels: a "python3" that the user has installed must not stand in for this Python."""

    @default("kernel_spec_manager")
    def _no_folders(self) -> KernelSpecManager:
        return KernelSpecManager(parent=self, kernel_dirs=[])


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 when every notebook is fine, 1 when one is not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, help="notebooks (default: those of notebooks/ and solutions/)")
    parser.add_argument("--check", action="store_true", help="execute nothing, say which files are not in normal form")
    parser.add_argument("--timeout", type=int, default=600, help="seconds that one cell may take (default: 600)")
    options = parser.parse_args(arguments)

    paths = options.paths or [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.ipynb"))]
    if not paths:
        print("no notebooks found in " + ", ".join(FOLDERS))
    failures = 0
    for path in paths:
        started = time.perf_counter()
        try:
            outcome = check(path) if options.check else refresh(path, options.timeout)
        except NotebookProblem as problem:
            print(f"✗ {problem}", file=sys.stderr, flush=True)
            if not options.check:
                return 1
            failures += 1
        else:
            print(f"✓ {name_of(path)}  {time.perf_counter() - started:5.1f} s  {outcome}", flush=True)
    return min(failures, 1)


def refresh(path: Path, timeout: int = 600) -> str:
    """Execute one notebook in a fresh kernel and save it in normal form; says whether the file changed."""
    before, notebook = read(path)
    execute(path, notebook, timeout)
    after = dumps(normalise(notebook, name_of(path)))
    if after == before:
        return "unchanged"
    write_atomically(path, after)
    return "written"


def check(path: Path) -> str:
    """Raise `NotebookProblem` unless the file on disk is in normal form."""
    text, notebook = read(path)
    cells = copy.deepcopy(notebook.cells)
    normal = normalise(notebook, name_of(path))
    if dumps(normal) != text:
        different = next((n for n, cell in enumerate(normal.cells) if cell != cells[n]), None)
        where = "its metadata or its layout" if different is None else describe(normal.cells, different)
        raise NotebookProblem(
            f"{name_of(path)} is not in normal form (first difference: {where}). "
            f"Mend it with: python tools/notebooks.py {name_of(path)}"
        )
    return "in normal form"


def read(path: Path) -> tuple[str, NotebookNode]:
    """The file's text, and the notebook in it (not validated: `normalise` mends before it judges)."""
    try:
        text = path.read_bytes().decode("utf-8")
        version = json.loads(text).get("nbformat")
    except (OSError, ValueError, AttributeError) as error:
        raise NotebookProblem(f"{name_of(path)} is not a notebook that can be read: {error}") from error
    if version != 4:
        raise NotebookProblem(f"{name_of(path)}: nbformat is {version!r}, expected 4")
    return text, nbformat.v4.reads(text)


def execute(path: Path, notebook: NotebookNode, timeout: int) -> None:
    """Fill in the outputs of `notebook`, in its own folder and with the Python that runs this script."""
    current = 0

    def remember(cell_index: int, **_: object) -> None:
        nonlocal current
        current = cell_index

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        kernel_manager_class=KernelOfThisInterpreter,
        timeout=timeout,
        resources={"metadata": {"path": str(path.resolve().parent)}},
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
        on_cell_start=remember,
    )
    try:
        client.execute(env=os.environ | {"ACTS_STRICT": "1"})  # a solution that its own check refuses stops here
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}\n\n{COLOUR.sub('', str(error.traceback))}"
        raise NotebookProblem(f"{name_of(path)}, {describe(notebook.cells, current)}: {reason}") from error
    except CellTimeoutError as error:
        reason = f"took more than {timeout} s"
        raise NotebookProblem(f"{name_of(path)}, {describe(notebook.cells, current)}: {reason}") from error
    except DeadKernelError as error:
        raise NotebookProblem(f"{name_of(path)}, {describe(notebook.cells, current)}: the kernel died") from error


def normalise(notebook: NotebookNode, name: str = "notebook") -> NotebookNode:
    """Bring `notebook` into normal form, in place, and return it.

    Raises `NotebookProblem` when an output cannot be the same on another machine, when some code cells were executed
    and others were not, or when the result is not a valid notebook.
    """
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = NotebookNode(KERNELSPEC)
    notebook.metadata["language_info"] = NotebookNode(name="python")
    name_cells(notebook.cells)
    for cell in notebook.cells:
        for note in EDITOR_NOTES:
            cell.metadata.pop(note, None)
        if cell.cell_type == "code":
            cell.outputs = normal_outputs(cell.outputs)
    count_executions(notebook.cells, name)
    refuse_traces(notebook.cells, name)
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise NotebookProblem(f"{name} is not a valid notebook: {error}") from error
    return notebook


def name_cells(cells: list[NotebookNode]) -> None:
    """Keep ids written by hand; derive the others from what the cell says, so that a new cell renames no other."""
    taken = set()
    for cell in cells:
        if is_hand_made(cell.get("id", "")) and cell["id"] not in taken:
            taken.add(cell["id"])
        else:
            cell["id"] = ""
    for cell in cells:
        if not cell["id"]:
            digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
            cell["id"] = first_free(f"cell-{digest}", taken)
            taken.add(cell["id"])


def is_hand_made(cell_id: str) -> bool:
    """Whether a person chose this id, as far as one can tell."""
    return bool(HAND_MADE_ID.fullmatch(cell_id)) and not GENERATED_ID.fullmatch(cell_id) and len(cell_id) <= 64


def first_free(name: str, taken: set[str]) -> str:
    """`name`, or `name-2`, `name-3`, … when it is taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def normal_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """One piece for each stream; no widget view whose model died with its kernel; tracebacks without library frames."""
    kept, streams = [], {}
    for output in outputs:
        if output.output_type == "stream":
            if output.name in streams:  # nbval joins them in the same way before it compares
                streams[output.name].text += output.text
                continue
            streams[output.name] = output
        elif output.output_type == "error":
            output.traceback = [part for part in output.traceback if not COLOUR.sub("", part).startswith("File ")]
        elif len(output.data) > 1:
            # The view holds a random model id and shows nothing without its kernel: leave the picture or the text.
            output.data.pop(WIDGET_VIEW, None)
        kept.append(output)
    return kept


def count_executions(cells: list[NotebookNode], name: str) -> None:
    """Number the executed code cells 1 to n: all of those that have code, or none (a fresh exercise)."""
    code = [n for n, cell in enumerate(cells) if cell.cell_type == "code" and cell.source.strip()]
    executed = [n for n in code if cells[n].execution_count is not None]
    if executed and len(executed) < len(code):
        missing = min(set(code) - set(executed))
        # nbval compares nothing in a cell without a count: it would pass unseen.
        raise NotebookProblem(f"{name}, {describe(cells, missing)}: never executed, though other cells were")
    for count, n in enumerate(executed, start=1):
        cells[n].execution_count = count
        for output in cells[n].outputs:
            if output.output_type == "execute_result":
                output.execution_count = count


def refuse_traces(cells: list[NotebookNode], name: str) -> None:
    """Raise `NotebookProblem` if an output holds a path of the machine or a memory address."""
    for n, cell in enumerate(cells):
        for text in output_texts(cell.get("outputs", [])):
            for what, pattern in NOT_REPRODUCIBLE.items():
                found = pattern.search(text)
                if found:
                    context = text[max(0, found.start() - 30) : found.end() + 40]
                    raise NotebookProblem(f"{name}, {describe(cells, n)}: the output holds {what}: …{context}…")


def output_texts(part: object, key: str = "") -> list[str]:
    """Every string inside an output, colours removed; base64 pictures left out, where any letters may turn up."""
    if isinstance(part, dict):
        return [text for name, value in part.items() for text in output_texts(value, name)]
    if isinstance(part, list):
        return [text for value in part for text in output_texts(value, key)]
    is_picture = key.startswith("image/") and key != "image/svg+xml"
    return [COLOUR.sub("", part)] if isinstance(part, str) and not is_picture else []


def dumps(notebook: NotebookNode) -> str:
    """The text of a notebook file: one line for each line of source, keys sorted, a newline at the end."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def write_atomically(path: Path, text: str) -> None:
    """Replace the file in one move, so that an interruption leaves the old one whole."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, path.stat().st_mode if path.exists() else 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def describe(cells: list[NotebookNode], n: int) -> str:
    """How a message names a cell: its place, its id, and its first line."""
    lines = cells[n].source.strip().splitlines() or ["(empty)"]
    return f"cell {n + 1} of {len(cells)} (id {cells[n].get('id', 'none')}, “{lines[0][:60]}”)"


def name_of(path: Path) -> str:
    """The path as a reader of the repository knows it."""
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


if __name__ == "__main__":
    sys.exit(main())
