"""What nbgrader must do differently for this course; classroom/nbgrader_config.py plugs it in.

nbgrader gives all points to a check cell that shows no error. That is wrong for a check that never ran, and for one
that the student replaced; and it gives none where the grading machine is at fault. Here a check cell counts only when
the check itself said so, and a machine that cannot judge is an error, never a zero.
"""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path

import nbformat.v4
from jupyter_client.utils import ensure_async
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.exchange.default import Exchange
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.preprocessors.execute import Execute
from nbgrader.utils import is_grade, is_solution
from traitlets import Integer

from classroom import jail
from classroom.harmless import harmless_cell, links_in, make_outputs_harmless, remove_active_files

IN_KERNEL = Path(__file__).with_name("in_kernel.py")
VERDICT = "application/vnd.acts.verdict+json"
# Where every check ends so, the course is not installed as it should be. A single one may be a student's own import.
IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError"}


class GradingMachineBroken(RuntimeError):
    """This machine cannot judge; whoever is told so must not get a zero."""


class NotGradable(RuntimeError):
    """A submission that nobody may grade as it is; the message says why."""


def course_of(configurable):
    """Return nbgrader's course directory, whoever of its objects asks."""
    while not hasattr(configurable, "coursedir"):
        configurable = configurable.parent
    return configurable.coursedir


def released_version(coursedir, name):
    """Return the version of the course that a set was released with; "" if it bears none."""
    path = Path(coursedir.format_path(coursedir.release_directory, ".", name)) / f"{name}.ipynb"
    try:
        return json.loads(path.read_text(encoding="utf-8"))["metadata"]["acts"]["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def is_check(cell):
    """Whether a cell is one of the course's check cells."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


class CourseCells(NbGraderPreprocessor):
    """Give the course's cells back what the course knows of them, whatever became of them on the way.

    Copied cells, cells that are gone, flags, points and tags that were changed: nbgrader stops at some of these, for
    all students at once, and believes others. What counts is the `grade_id` and the text of an answer, nothing else;
    and of that text only what does nothing to the person who reads it.
    """

    def preprocess(self, nb, resources):
        if links := links_in(Path(resources["metadata"]["path"])):
            raise NotGradable(f"{links[0].name} is a link to another file: only files can be handed in")
        known = self._known(resources["nbgrader"])
        nb.metadata = NotebookNode(language_info={"name": "python"})
        found = {}
        for cell in reversed(nb.cells):  # of copies the last one counts, as it is the one that ran last
            given = cell.metadata.pop("nbgrader", None)
            name = given.get("grade_id") if isinstance(given, dict) else None
            if isinstance(name, str) and name in known and name not in found:
                found[name] = cell
        nb.cells = [
            next(
                (self._restored(known[name], cell, known) for name in found if found[name] is cell),
                harmless_cell(cell, known),
            )
            for cell in nb.cells
        ]
        for name, course in known.items():
            if name not in found and course.metadata.nbgrader.grade:
                self.log.warning("%s was missing and is put back at the end", name)
                nb.cells.append(course)
        return nb, resources

    def _known(self, resources):
        """Return the course's cells, {grade_id: cell}, from the gradebook."""
        with Gradebook(resources["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(resources["notebook"], resources["assignment"])
            points = {cell.name: float(cell.max_score) for cell in notebook.grade_cells}
            answers = {cell.name for cell in notebook.solution_cells}
            return {
                cell.name: _cell(cell.cell_type, cell.source, cell.name, points, answers)
                for cell in notebook.source_cells
            }

    def _restored(self, course, cell, names):
        """Return the course's cell, with the student's text in an answer; a blank one stays as it is."""
        if not course.metadata.nbgrader.solution or str(cell.source) == course.source:
            return course
        if course.cell_type == "code":
            course.source = str(cell.source)
        else:
            answer = harmless_cell(cell | {"cell_type": "markdown"}, names)
            course.update({key: answer[key] for key in ("source", "attachments") if key in answer})
        return course


def _cell(kind, source, name, points, answers):
    nbgrader = {
        "grade": name in points,
        "grade_id": name,
        "locked": name not in answers,
        "schema_version": 3,
        "solution": name in answers,
        "task": False,
    } | ({"points": points[name]} if name in points else {})
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make(source, metadata=NotebookNode(nbgrader=NotebookNode(nbgrader)))


class GuardedExecute(Execute):
    """Run a submission, with limits, so that only a check that says so gives points."""

    seconds_in_all = Integer(300, help="Seconds that one submission may take.").tag(config=True)
    megabytes = Integer(4096, help="Memory that one submission may take; Linux only.").tag(config=True)
    characters = Integer(1_000_000, help="Characters of output that one cell may make.").tag(config=True)

    def preprocess(self, nb, resources=None, km=None):
        self._door = f"_{secrets.token_hex(16)}"
        self._deadline = None
        self._over = ""
        self._printed = 0
        self._errors = []
        self._name = Path(resources["metadata"]["path"]).name
        with contextlib.ExitStack() as self._afterwards:
            nb, resources = super().preprocess(nb, resources, km)
        self._stop_if_the_machine_failed()
        if "nbgrader" in resources:  # a submission, and not the course's own solution
            for path in remove_active_files(Path(resources["metadata"]["path"])):
                self.log.warning("%s was removed: it could act on who opens it", path.name)
        return nb, resources

    def _stop_if_the_machine_failed(self):
        failed = [error for error in self._errors if error in IMPORT_ERRORS]
        every = failed and len(failed) == len(self._errors)
        if every or "UnknownExercise" in self._errors:
            error = "UnknownExercise" if not every else failed[0]
            raise GradingMachineBroken(
                f"{self._errors.count(error)} of {len(self._errors)} checks ended in {error}: is the right version of "
                "acts installed for the kernel that grades, with all that it needs? Nobody's points were set"
            )

    # ---- the kernel ------------------------------------------------------------------------------

    def create_kernel_manager(self):
        """Reach a kernel in the jail, which has no network, through sockets in a folder that the two share."""
        km = super().create_kernel_manager()
        if km.kernel_name == jail.NAME:
            folder = tempfile.mkdtemp(prefix="acts-", dir="/tmp")  # the path of a socket has 107 characters at most
            self._afterwards.callback(shutil.rmtree, folder, ignore_errors=True)
            km.transport, km.ip, km.connection_file = "ipc", f"{folder}/socket", f"{folder}/kernel.json"
        return km

    def start_new_kernel(self, **options):
        """Start it such that what is handed in beside the notebook, say acts.py, takes no module's place."""
        # The variable is for Python, which would find the kernel itself there; the argument is for IPython before 9.7.
        self.extra_arguments = [*self.extra_arguments, "--InteractiveShellApp.ignore_cwd=True"]
        hidden = [course_of(self).root, Exchange(parent=self).root]
        own = {"PYTHONSAFEPATH": "1", jail.HIDE: os.pathsep.join(map(os.path.abspath, hidden))}
        super().start_new_kernel(env=os.environ | own, **options)

    def start_new_kernel_client(self):
        try:
            return super().start_new_kernel_client()
        except RuntimeError as error:
            more = " `python -m classroom jail` tells why." if self.kernel_name == jail.NAME else ""
            raise GradingMachineBroken(f"the kernel {self.kernel_name!r} does not start: {error}.{more}") from None

    # ---- cells -----------------------------------------------------------------------------------

    def preprocess_cell(self, cell, resources, index):
        if self._deadline is None:
            self._prepare_kernel()
            self._deadline = time.monotonic() + self.seconds_in_all
        if cell.cell_type != "code":
            return cell, resources
        source, proof, check = cell.source, secrets.token_hex(16), is_check(cell)
        if check:
            cell.source = f"{self._door}({source!r}, {proof!r})"
        try:
            self._run(cell, resources, index)
        finally:
            cell.source = source
        if check:
            self._settle(cell, proof)
        make_outputs_harmless(cell)
        return cell, resources

    def _prepare_kernel(self):
        """Run in_kernel.py; what fails here fails for everybody, so it must not look like a student's mistake."""
        text = IN_KERNEL.read_text(encoding="utf-8") + f"\nbegin({self._door!r}, {self.megabytes})"
        code = f"exec(compile({text!r}, 'grader', 'exec'), {{'__name__': 'grader'}})"
        asked = {name: f"{self._door}.{name}" for name in ("note", "version")}
        reply = self.wait_for_reply(self.kc.execute(code, silent=True, user_expressions=asked))
        content = reply["content"] if reply else {"status": "error", "ename": "no answer", "evalue": ""}
        if content["status"] != "ok":
            raise GradingMachineBroken(
                f"the kernel {self.kernel_name!r} cannot judge: {content['ename']}: {content['evalue']}. "
                "Install the course for it, as docs/for-teachers.md says. Nobody's points were set"
            )
        said = {name: found["data"]["text/plain"].strip("'") for name, found in content["user_expressions"].items()}
        (self.log.warning if "no limit" in said["note"] else self.log.info)("%s: %s", self.kernel_name, said["note"])
        released = released_version(course_of(self), self._name)
        if said["version"] != released:
            raise GradingMachineBroken(
                f"{self._name} was released with version {released or 'unknown'} of the course, and the kernel "
                f"{self.kernel_name!r} judges with version {said['version']}. Install the version that you released, "
                "or run `make release`, which renews the sets and keeps all points. Nobody's points were set"
            )

    def _run(self, cell, resources, index):
        self._printed = 0
        if not self._over and time.monotonic() > self._deadline:
            self._over = f"the notebook took more than {self.seconds_in_all} seconds"
        if self._over:
            cell.outputs = [_error("NotRun", f"not run: {self._over}")]
            return
        try:
            super().preprocess_cell(cell, resources, index)
        except DeadKernelError:
            self._over = "the kernel died in a cell before"
            cell.outputs.append(_error("KernelDied", "the kernel died in this cell: a crash, or an exit"))
        except CellTimeoutError:
            self._over = "a cell before could not be stopped"
            cell.outputs.append(_error("CellTimeoutError", "this cell went on after it was told to stop"))
        if self._printed > self.characters:
            cell.outputs.append(_error("PrintedTooMuch", f"stopped: more than {self.characters} characters of output"))

    def _settle(self, cell, proof):
        """Leave in a check cell what its verdict is worth: no error if the check said right, an error if not."""
        verdicts = [output.data.pop(VERDICT) for output in cell.outputs if VERDICT in output.get("data", {})]
        verdict = next((found for found in verdicts if found.get("proof") == proof), None)
        cell.outputs = [output for output in cell.outputs if output.output_type in ("stream", "error")]
        self._errors.append(verdict["error"] if verdict else "no verdict")
        if verdict and not verdict["error"]:
            # nbgrader takes a warning for a failure; it may come from a right answer.
            cell.outputs = [output for output in cell.outputs if output.output_type == "stream"]
            for output in cell.outputs:
                output.name = "stdout"
        elif not any(output.output_type == "error" for output in cell.outputs):
            cell.outputs.append(_error("NotChecked", "✗ this check did not come to a verdict"))

    # ---- limits ----------------------------------------------------------------------------------

    def _get_timeout(self, cell):
        seconds = super()._get_timeout(cell) or self.seconds_in_all
        left = seconds if self._deadline is None else self._deadline - time.monotonic()
        return max(1, min(seconds, int(left) + 1))

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "update_display_data"):
            before, size = self._printed, len(json.dumps(msg["content"], default=str))
            self._printed += size
            if self._printed > self.characters:
                if before <= self.characters:
                    asyncio.ensure_future(ensure_async(self.km.interrupt_kernel()))
                return None
        return super().process_message(msg, cell, cell_index)


def _error(name, message):
    return NotebookNode(output_type="error", ename=name, evalue=message, traceback=[message])
