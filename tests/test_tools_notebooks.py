"""tools/notebooks.py: notebooks are executed in fresh kernels and saved in one normal form."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import notebooks

WIDGET = """\
class Explorer:
    def _repr_mimebundle_(self, **kwargs):
        import random
        view = {"model_id": f"{random.random()}", "version_major": 2, "version_minor": 0}
        data = {"image/png": "aGVsbG8=", "text/plain": "a curve", "application/vnd.jupyter.widget-view+json": view}
        return data, {"image/png": {"alt": "a curve that rises"}}

Explorer()"""


def save(path, *cells, **metadata):
    path.write_text(nbformat.writes(new_notebook(cells=list(cells), metadata=metadata)), encoding="utf-8")
    return path


def load(path):
    return nbformat.read(path, as_version=4)


def executed(source, *outputs, **more):
    return new_code_cell(source, outputs=list(outputs), execution_count=7, **more)


def kernels_of_this_process():
    return [child for child in psutil.Process().children(recursive=True) if "ipykernel" in " ".join(child.cmdline())]


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory):
    """A small notebook, executed and normalised."""
    path = tmp_path_factory.mktemp("course") / "01_small.ipynb"
    save(
        path,
        new_markdown_cell("# Small"),
        new_code_cell("import sys\nfrom pathlib import Path\nprint(1, flush=True)\nprint('é')"),
        new_code_cell(""),
        new_code_cell("Path('.').resolve().name, sys.executable == " + repr(sys.executable)),
        new_code_cell(WIDGET),
        new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]}),
        widgets={"state": {}},
    )
    assert notebooks.main([str(path)]) == 0
    return path


def test_executes_in_its_folder_with_this_interpreter(refreshed):
    result = load(refreshed).cells[3].outputs[0]
    assert result.data["text/plain"] == f"({refreshed.parent.name!r}, True)"


def test_executed_notebook_is_in_normal_form(refreshed):
    text = refreshed.read_bytes().decode("utf-8")
    assert notebooks.main(["--check", str(refreshed)]) == 0
    assert text.endswith("}\n") and '\n "cells"' in text and "é" in text and "\r" not in text
    notebook = json.loads(text)
    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == [1, None, 2, 3, 4]
    assert all("execution" not in cell["metadata"] for cell in code)
    assert [output["name"] for output in code[0]["outputs"]] == ["stdout"]


def test_widget_view_goes_and_alt_text_stays(refreshed):
    (output,) = load(refreshed).cells[4].outputs
    assert set(output.data) == {"image/png", "text/plain"}
    assert output.metadata == {"image/png": {"alt": "a curve that rises"}}


def test_executing_again_gives_the_same_bytes(refreshed):
    before = refreshed.read_bytes()
    modified = refreshed.stat().st_mtime_ns
    assert notebooks.refresh(refreshed) == "unchanged"
    assert kernels_of_this_process() == []
    assert refreshed.read_bytes() == before and refreshed.stat().st_mtime_ns == modified
    assert list(refreshed.parent.iterdir()) == [refreshed]


def test_strict_nbval_accepts_the_normal_form(refreshed):
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", refreshed.name]
    run = subprocess.run(command, cwd=refreshed.parent, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "5 passed" in run.stdout


def test_an_error_names_notebook_and_cell_and_leaves_the_file(tmp_path, capsys):
    path = save(tmp_path / "02_broken.ipynb", new_markdown_cell("x"), new_code_cell("y = 1\nmissing_name", id="oops"))
    before = path.read_bytes()
    assert notebooks.main([str(path)]) == 1
    message = capsys.readouterr().err
    assert "02_broken.ipynb, cell 2 of 2 (id oops, “y = 1”): NameError: name 'missing_name' is not defined" in message
    assert path.read_bytes() == before
    assert kernels_of_this_process() == []


def test_the_first_failure_stops_the_run(tmp_path, capsys):
    missing, other = tmp_path / "no.ipynb", save(tmp_path / "other.ipynb")
    before = other.read_bytes()
    assert notebooks.main([str(missing), str(other)]) == 1
    assert "no.ipynb is not a notebook that can be read" in capsys.readouterr().err
    assert other.read_bytes() == before


def test_a_stuck_cell_is_named(tmp_path, capsys):
    path = save(tmp_path / "stuck.ipynb", new_code_cell("import time; time.sleep(60)"))
    assert notebooks.main(["--timeout", "1", str(path)]) == 1
    assert "stuck.ipynb, cell 1 of 1" in (message := capsys.readouterr().err) and "took more than 1 s" in message


def ids(*cells):
    notebook = new_notebook()
    notebook.cells = list(cells)  # here nbformat lets ids pass that it would refuse above
    return [cell.id for cell in notebooks.normalise(notebook).cells]


def test_ids_written_by_hand_stay():
    assert ids(new_markdown_cell("a", id="claim-s8"), new_code_cell("b", id="plot_2")) == ["claim-s8", "plot_2"]


@pytest.mark.parametrize("generated", ["0a1b2c3d", "6f9619ff-8b86-d011-b42d-00c04fc964ff", "cell-0a1b2c3d-2", "A1+"])
def test_ids_made_by_programs_follow_from_the_cell(generated):
    cell = new_code_cell("x = 1")
    cell["id"] = generated
    (new,) = ids(cell)
    assert new != generated and new == ids(new_code_cell("x = 1"))[0]


def test_a_new_cell_renames_no_other():
    before = ids(*map(new_code_cell, ["a", "b", "c"]))
    after = ids(*map(new_code_cell, ["a", "new", "b", "c"]))
    assert after[:1] + after[2:] == before


def test_cells_that_say_the_same_have_different_ids():
    first, second, third = ids(*map(new_code_cell, ["a", "a", "a"]))
    assert (second, third) == (first + "-2", first + "-3")


def test_a_copied_hand_made_id_is_kept_once():
    first, second = ids(new_code_cell("a", id="mine"), new_code_cell("b", id="mine"))
    assert first == "mine" and second.startswith("cell-")


def test_streams_are_joined():
    said = [("stdout", "1"), ("stderr", "!"), ("stdout", "2")]
    pieces = [new_output("stream", name=name, text=text) for name, text in said]
    (cell,) = notebooks.normalise(new_notebook(cells=[executed("x", *pieces)])).cells
    assert [(output.name, output.text) for output in cell.outputs] == [("stdout", "12"), ("stderr", "!")]


def test_counts_of_results_follow_their_cells():
    result = new_output("execute_result", {"text/plain": "1"}, execution_count=7)
    (cell,) = notebooks.normalise(new_notebook(cells=[executed("1", result)])).cells
    assert cell.execution_count == cell.outputs[0].execution_count == 1


def test_library_frames_leave_the_traceback():
    frames = ["Traceback", "\x1b[32mFile \x1b[0m~/course/acts/x.py:3", "Cell In[1]", "ValueError: no"]
    error = new_output("error", ename="ValueError", evalue="no", traceback=frames)
    (cell,) = notebooks.normalise(new_notebook(cells=[executed("x", error)])).cells
    assert cell.outputs[0].traceback == ["Traceback", "Cell In[1]", "ValueError: no"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"saved to {notebooks.ROOT}/x.png", "a path of this machine"),
        (f"'{Path.home()}'", "a path of this machine"),
        ("/home/ada/course", "a path of this machine"),
        ("/Users/ada/course", "a path of this machine"),
        (r"C:\Users\ada\course", "a path of this machine"),
        ("/tmp/ipykernel_123/4.py", "a path of this machine"),
        ("<function f at 0x7f32a1b2c3d4>", "a memory address"),
    ],
)
def test_traces_of_the_machine_are_refused(text, what):
    cell = executed("x", new_output("display_data", {"text/plain": text}), id="the-cell")
    with pytest.raises(notebooks.NotebookProblem, match=rf"03, cell 1 of 1 \(id the-cell.*{what}"):
        notebooks.normalise(new_notebook(cells=[cell]), "03")


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml"])
def test_traces_are_seen_in_other_formats(mime):
    cell = executed("x", new_output("display_data", {mime: f"<p>{notebooks.ROOT}</p>"}))
    with pytest.raises(notebooks.NotebookProblem, match="a path of this machine"):
        notebooks.normalise(new_notebook(cells=[cell]))


def test_pictures_may_hold_any_letters():
    cell = executed("x", new_output("display_data", {"image/png": "abc/home/ada+/root/=", "text/plain": "y"}))
    notebooks.normalise(new_notebook(cells=[cell]))


def test_an_unexecuted_cell_among_executed_ones_is_refused():
    with pytest.raises(notebooks.NotebookProblem, match="cell 2 of 2 .*never executed"):
        notebooks.normalise(new_notebook(cells=[executed("a"), new_code_cell("b")]))


def test_a_fresh_exercise_stays_unexecuted():
    (cell,) = notebooks.normalise(new_notebook(cells=[new_code_cell("a")])).cells
    assert cell.execution_count is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda cell: cell.metadata.update(execution={"iopub.status.busy": "2026-01-01"}),
        lambda cell: cell.update(execution_count=5),
        lambda cell: cell.update(id="0a1b2c3d"),
        lambda cell: cell.pop("id"),
    ],
)
def test_check_says_which_cell_is_not_in_normal_form(tmp_path, capsys, spoil):
    notebook = notebooks.normalise(new_notebook(cells=[executed("a"), executed("b")]))
    spoil(notebook.cells[1])
    path = tmp_path / "04.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    before = path.read_bytes()
    assert notebooks.main(["--check", str(path)]) == 1
    assert "04.ipynb is not in normal form (first difference: cell 2 of 2" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_check_sees_layout_and_metadata(tmp_path, capsys):
    notebook = notebooks.normalise(new_notebook(cells=[]))
    path = tmp_path / "05.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert notebooks.main(["--check", str(path)]) == 1
    assert "its metadata or its layout" in capsys.readouterr().err


def test_other_formats_are_refused(tmp_path):
    path = tmp_path / "old.ipynb"
    path.write_text('{"nbformat": 3}', encoding="utf-8")
    with pytest.raises(notebooks.NotebookProblem, match="nbformat is 3, expected 4"):
        notebooks.check(path)


def test_an_interruption_leaves_the_old_file(tmp_path, monkeypatch):
    path = save(tmp_path / "06.ipynb")
    before = path.read_bytes()
    monkeypatch.setattr(notebooks.os, "replace", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        notebooks.write_atomically(path, "new")
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_committed_notebooks_are_in_normal_form():
    assert notebooks.main(["--check"]) == 0


def test_a_solution_that_its_own_check_refuses_is_not_saved(tmp_path, capsys):
    path = save(tmp_path / "a.ipynb", new_code_cell('from acts.feedback import check\ncheck("reaches_one", 16)'))
    before = path.read_bytes()
    assert notebooks.main([str(path)]) == 1
    assert "16 is too small" in capsys.readouterr().err
    assert path.read_bytes() == before
