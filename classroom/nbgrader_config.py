"""nbgrader's settings for this course. The course folder that `make release` makes loads this file.

Put your own (the course's name, the exchange, longer times) into the `nbgrader_config.py` of the course folder, below
the line that loads this one.
"""

import sys
from pathlib import Path

from nbconvert.preprocessors import ClearMetadataPreprocessor, TagRemovePreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LimitOutput,
    LockCells,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    SaveCells,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from classroom import jail  # noqa: E402
from classroom.exchange import Collect, Release  # noqa: E402
from classroom.grading import CourseCells, GuardedExecute  # noqa: E402
from tools.exercises import BEGIN, CODE_PLACEHOLDER, END, HIDDEN_TAGS, TEXT_PLACEHOLDER  # noqa: E402

c = get_config()  # noqa: F821 (nbgrader defines it)
c.CourseDirectory.course_id = "acts"
c.ExchangeFactory.collect = Collect
c.ExchangeFactory.release_assignment = Release

# ---- releasing: the same notebook as tools/exercises.py makes ------------------------------------
c.ClearSolutions.begin_solution_delimeter = BEGIN
c.ClearSolutions.end_solution_delimeter = END
c.ClearSolutions.code_stub = {"python": CODE_PLACEHOLDER}
c.ClearSolutions.text_stub = TEXT_PLACEHOLDER
c.TagRemovePreprocessor.enabled = True  # it is nbconvert's, and asleep unless told
c.TagRemovePreprocessor.remove_cell_tags = HIDDEN_TAGS
c.GenerateAssignment.preprocessors = [
    TagRemovePreprocessor,
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
]

# ---- points: a file for a learning platform in which "not graded" is no 0 --------------------------
c.ExportApp.plugin_class = "classroom.points.GradesCsv"

# ---- grading -------------------------------------------------------------------------------------
c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    CourseCells,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    GuardedExecute,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
c.ExecutePreprocessor.timeout = 60  # seconds for one cell
c.ExecutePreprocessor.shutdown_kernel = "immediate"
if jail.is_installed():  # with a kernel's name here, nbclient does not ask the notebook for one
    c.ExecutePreprocessor.kernel_name = jail.NAME
c.ExecutePreprocessor.extra_arguments = ["--log-level=ERROR"]
c.GuardedExecute.error_on_timeout = {
    "ename": "CellTimeoutError",
    "evalue": "stopped: it did not come to an end in time",
    "traceback": ["stopped: it did not come to an end in time"],
}
c.LimitOutput.max_lines = 200
