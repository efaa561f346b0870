"""Write every message and hint of the exercises into one text, to be read as a student would read it.

    python tools/messages.py                  build/messages.txt
    python tools/messages.py NAME …           the messages of these exercises, on the screen

For each exercise: the mistakes that its judge knows, the other wrong answers and the right ones of tests/answers, and
its hints.
"""

import contextlib
import importlib.util
import io
import os
import re
import sys
from functools import cache
from pathlib import Path

import numpy as np

from acts.feedback import check, hint
from acts_exercises import exercises, find

ROOT = Path(__file__).resolve().parents[1]
ANSWERS = ROOT / "tests" / "answers"
TARGET = ROOT / "build" / "messages.txt"


def main(arguments=None):
    os.environ.pop("ACTS_STRICT", None)  # a refusal is printed here, not raised
    names = sys.argv[1:] if arguments is None else arguments
    text = "\n".join(f"======== {name}\n\n{messages(name)}" for name in names or exercises())
    if names:
        print(text)
        return 0
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text, encoding="utf-8", newline="\n")
    print(f"{TARGET.relative_to(ROOT)}: the messages of {len(exercises())} exercises")
    return 0


@cache
def answers():
    """Return {notebook: the module of its answers}; a module has WRONG and RIGHT, {exercise: answers}."""
    return {path.stem.removeprefix("n"): _load(path) for path in sorted(ANSWERS.glob("n*.py"))}


@cache
def wrong_answers():
    """Return {exercise: [(answer, what its message must say), …]}: the judge's mistakes, then those of the modules."""
    wrong = {}
    for name, exercise in exercises().items():
        if exercise.judge:
            wrong[name] = list(getattr(exercise.judge, "mistakes", list)())
    for module in answers().values():
        for name, rows in module.WRONG.items():
            wrong[name] += rows
    return wrong


def _load(path):
    spec = importlib.util.spec_from_file_location(f"answers_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def label(answer):
    """Name an answer, the same on every machine."""
    if hasattr(answer, "get_label"):  # a figure, an axes, a line
        return answer.get_label() or type(answer).__name__
    is_long = isinstance(answer, (dict, np.ndarray)) or hasattr(answer, "then") or re.search("0x|\n", str(answer))
    return getattr(answer, "__name__", None) or (type(answer).__name__ if is_long else str(answer))


def messages(name):
    """Return what a student may read about an exercise."""
    wrong = [answer for answer, _ in wrong_answers().get(name, ())]
    right = [answer for module in answers().values() for answer in module.RIGHT.get(name, ())]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        for answer in (*wrong, *right):
            print(f"[{label(answer)}]")
            check(name, answer)
        for number, _ in enumerate(find(name).hints, start=1):
            hint(name, number)
    return said.getvalue()


if __name__ == "__main__":
    sys.exit(main())
