"""The points of a set, for people and for a learning platform: whoever was not graded has none, which is not 0."""

import csv
from glob import glob
from pathlib import Path

from nbgrader.api import MissingEntry
from nbgrader.plugins import ExportPlugin

from classroom.grading import course_of

COLUMNS = (
    "assignment duedate timestamp student_id last_name first_name email raw_score late_submission_penalty score "
    "max_score status"
).split()


def handed_in(coursedir, name):
    """Return the students with a folder for a set in submitted/, whatever is in it."""
    folders = glob(coursedir.format_path(coursedir.submitted_directory, "*", name))
    return {Path(folder).parent.name for folder in folders if Path(folder).is_dir()}


def is_graded(coursedir, student, name):
    return (Path(coursedir.format_path(coursedir.autograded_directory, student, name)) / f"{name}.ipynb").exists()


def points_of(coursedir, submission):
    """Return what a submission got: {"graded", "points", "late", "most", "by_hand", "cells": {grade_id: points}}.

    `points` are those after the penalty for late work, `late`. Where it is not graded both are None.
    """
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    graded = is_graded(coursedir, submission.student.id, submission.assignment.name)
    late = submission.late_submission_penalty or 0.0
    return {
        "graded": graded,
        "points": max(0.0, submission.score - late) if graded else None,
        "late": late if graded else None,
        "most": submission.max_score,
        "by_hand": sorted(grade.name for grade in grades if grade.needs_manual_grade) if graded else [],
        "cells": {grade.name: grade.score for grade in grades} if graded else {},
    }


def scores(gradebook, coursedir, name):
    """Return {student: points_of(…)} for everyone who handed something in."""
    found = dict.fromkeys(handed_in(coursedir, name))
    found |= {s.student.id: points_of(coursedir, s) for s in gradebook.assignment_submissions(name)}
    most = gradebook.find_assignment(name).max_score
    nothing = {"graded": False, "points": None, "late": None, "most": most, "by_hand": [], "cells": {}}
    return {student: row or nothing for student, row in sorted(found.items())}


def table(found):
    """Return the points as text, a line for each student; late work has its penalty taken off, and says so.

    Examples
    --------
    >>> row = {"graded": True, "points": 5.0, "late": 2.0, "most": 22.0, "by_hand": ["explain"], "cells": {}}
    >>> print(table({"ada": row, "bob": row | {"graded": False}}))
    student  points  to grade by hand
    ada        5/22  explain (late: 2 points taken off)
    bob           –  not graded
    """
    width = max([len(student) for student in found] + [7])
    lines = [f"{'student':{width}}  points  to grade by hand"]
    for student, row in found.items():
        points = f"{row['points']:g}/{row['most']:g}" if row["graded"] else "–"
        note = ", ".join(row["by_hand"]) if row["graded"] else "not graded"
        late = f" (late: {row['late']:g} points taken off)" if row["graded"] and row["late"] else ""
        lines.append(f"{student:{width}}  {points:>6}  {note + late}".rstrip())
    return "\n".join(lines)


class GradesCsv(ExportPlugin):
    """nbgrader's grades.csv with one more column, `status`; without a grade the points stay empty.

    nbgrader writes 0.0 for a file that could not be graded, and for who handed in nothing. Whether that is worth 0 is
    the teacher's decision.
    """

    def export(self, gradebook):
        coursedir, to = course_of(self), self.to or "grades.csv"
        wanted = {str(name) for name in self.assignment} or {assignment.name for assignment in gradebook.assignments}
        names = {student.id: student for student in gradebook.students}
        self.log.info("Exporting grades to %s", to)
        with open(to, "w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
            rows.writeheader()
            for assignment in gradebook.assignments:
                if assignment.name in wanted:
                    folders = handed_in(coursedir, assignment.name)
                    for student in sorted({*names, *folders} & ({*map(str, self.student)} or {*names, *folders})):
                        row = self._row(gradebook, coursedir, assignment, student, student in folders)
                        rows.writerow(_in_words(row | _known_of(names.get(student))))

    def _row(self, gradebook, coursedir, assignment, student, has_folder):
        row = {"assignment": assignment.name, "duedate": assignment.duedate, "student_id": student}
        row |= {"max_score": assignment.max_score, "status": "not graded" if has_folder else "not handed in"}
        try:
            submission = gradebook.find_submission(assignment.name, student)
        except MissingEntry:
            return row
        found = points_of(coursedir, submission)
        row["timestamp"] = submission.timestamp
        if not found["graded"]:
            return row | {"status": "not graded"}
        status = "to grade by hand" if found["by_hand"] else "graded"
        scores = {"raw_score": submission.score, "late_submission_penalty": found["late"], "score": found["points"]}
        return row | scores | {"status": status}


def _known_of(student):
    return {name: getattr(student, name) for name in ("last_name", "first_name", "email")} if student else {}


def _in_words(row):
    """Return a row as text; a name that a spreadsheet would take for a formula gets an apostrophe before it."""
    texts = {key: "" if value is None else str(value) for key, value in row.items()}
    return {key: f"'{text}" if text[:1] in ("=", "+", "@", "-", "\t") else text for key, text in texts.items()}
