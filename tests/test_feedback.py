"""What a student sees: every wrong answer is refused with the message meant for it, every right one accepted.

`make messages` writes all messages into build/messages.txt. After a change read them there as a student would.
"""

import json
import os
import re
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from matplotlib.figure import Figure

import acts
import acts_exercises
from acts import plots
from acts.feedback import CheckFailed, check, hint, progress
from acts.symbolic import Derivation
from acts_exercises import judges
from acts_exercises.progress import FILE, Record
from tools import expected, messages

CHECKED = {name: exercise for name, exercise in acts_exercises.exercises().items() if exercise.judge}


def wrong(name):
    """Return [(answer, what its message must say), …]; never as this file is read, for every worker reads it."""
    return messages.wrong_answers().get(name, [])


def right(name):
    return [answer for module in messages.answers().values() for answer in module.RIGHT.get(name, ())]


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """No hint shown yet, nothing checked, not strict; in a folder of its own, as if in a notebook."""
    monkeypatch.delenv("ACTS_STRICT", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(acts_exercises, "_hints_shown", {})
    monkeypatch.setattr(acts_exercises, "_record", Record())
    monkeypatch.setitem(sys.modules, "ipykernel", object())
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def said(capsys):
    """Call something and return what it printed."""

    def run(function, *arguments):
        assert function(*arguments) is None
        return capsys.readouterr().out

    return run


# ---- answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHECKED)
def test_wrong_answers_are_refused_with_the_message_meant(name, said):
    problems = []
    for answer, meant in wrong(name):
        try:
            refuse(name, answer, meant, said)
        except (Exception, pytest.fail.Exception) as problem:  # a judge that falls over is a problem, too
            problems.append(f"{messages.label(answer)}: {type(problem).__name__}: {problem}")
    assert not problems, "\n\n".join(problems)


def refuse(name, answer, meant, said):
    """Check a wrong answer, as a student does and as a grader; raise AssertionError unless the message is as meant."""
    acts_exercises._record = Record()  # nothing checked yet; `fresh` puts the old one back
    message = said(check, name, answer)
    assert message[0] in "✗○"
    assert max(map(len, message.split("\n"))) <= 120
    message = message.replace("\n    ", " ")  # a long line is broken, and goes on after four spaces
    assert meant in message
    lines = message.rstrip("\n").split("\n")
    assert lines[-1].startswith(f'  → hint("{name}") shows hint 1 of ')
    assert len(lines) <= 5
    assert not re.search(r"np\.(float|int|str|bool|array)|Traceback|array\(\[|numpy\.ndarray", message)
    with pytest.MonkeyPatch.context() as strict:
        strict.setenv("ACTS_STRICT", "1")
        with pytest.raises(CheckFailed) as failure:
            check(name, answer)
    assert str(failure.value).replace("\n    ", " ") == message.rstrip("\n")


@pytest.mark.parametrize("name", CHECKED)
def test_right_answers_are_accepted(name, said, monkeypatch):
    monkeypatch.setenv("ACTS_STRICT", "1")
    for answer in right(name):
        acts_exercises._record = Record()
        assert said(check, name, answer).startswith(f"✓ {name}: "), messages.label(answer)


def test_under_nbgrader_a_check_always_raises(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(CheckFailed, match="still to do"):
        check("sigmoid", ...)


def test_every_exercise_has_enough_wrong_and_right_answers():
    for kind, answers, least in (("wrong", wrong, 5), ("right", right, 2)):
        for name in CHECKED:
            found = len(answers(name))
            assert found >= least, f"{name} has {found} {kind} answers, {least} are needed"
    given = {name for module in messages.answers().values() for name in module.RIGHT}
    assert set(messages.wrong_answers()) == given == set(CHECKED)
    assert all(words for name in CHECKED for _, words in wrong(name))


def test_wrong_and_right_answers_stand_in_the_file_of_their_notebook():
    for notebook, module in messages.answers().items():
        assert set(module.RIGHT) == {name for name, exercise in CHECKED.items() if exercise.notebook == notebook}
        assert set(module.WRONG) <= set(module.RIGHT)


@pytest.mark.parametrize("name", CHECKED)
def test_a_check_takes_at_most_50_ms(name):
    for answer in [*(answer for answer, _ in wrong(name)), *right(name)]:
        taken = []
        for _ in range(5):
            started = time.thread_time()  # not the clock on the wall: other tests may run beside
            acts_exercises._verdict(acts_exercises.find(name), answer)
            taken.append(time.thread_time() - started)
            if taken[-1] <= 0.05:
                break
        assert min(taken) <= 0.05, (messages.label(answer), taken)


# ---- check and hint ------------------------------------------------------------------------------


def test_import_is_quick_and_light():
    program = (
        "import time, sys; started = time.process_time(); import acts.feedback; "
        "print(time.process_time() - started, *{'sympy', 'matplotlib', 'IPython'} & set(sys.modules))"
    )
    runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True) for _ in "123"]
    seconds, *heavy = min(run.stdout.split() for run in runs)
    assert float(seconds) <= 0.3
    assert not heavy


def test_an_unknown_exercise_is_named_with_the_closest_one():
    for function in (lambda: check("sigmiod", acts.sigmoid), lambda: hint("sigmiod")):
        with pytest.raises(ValueError, match=r"unknown exercise 'sigmiod'. Did you mean 'sigmoid'\?.*dead_network"):
            function()
    with pytest.raises(ValueError, match=r"unknown exercise 'zzz'. Expected one of "):
        check("zzz", 1)


def test_the_name_must_come_first():
    with pytest.raises(TypeError, match=r"check\('sigmoid', sigmoid\); got function"):
        check(acts.sigmoid, "sigmoid")


def test_a_missing_answer_is_asked_for(said):
    assert 'your answer is missing\n  give it after the name: check("sigmoid", your_answer)' in said(check, "sigmoid")


def test_hints_come_one_after_the_other(said):
    first, second, third, after = (said(hint, "sigmoid") for _ in range(4))
    assert first.startswith("hint 1 of 3: ") and 'hint("sigmoid", 2) shows the next one' in first
    assert second.startswith("hint 2 of 3: ") and third.startswith("hint 3 of 3: ")
    assert "→" not in third
    assert after == 'these were all 3 hints of sigmoid; hint("sigmoid", 1) shows the first again\n'


def test_after_a_given_hint_comes_the_one_behind_it(said):
    assert said(hint, "sigmoid", 2).startswith("hint 2 of 3: ")
    assert 'hint("sigmoid") shows hint 3 of 3' in said(check, "sigmoid", 3)
    assert said(hint, "sigmoid", 1).startswith("hint 1 of 3: ")  # a look back
    assert said(hint, "sigmoid").startswith("hint 3 of 3: ")


def test_the_way_to_the_next_hint_follows_what_was_shown(said):
    said(hint, "sigmoid")
    assert 'hint("sigmoid") shows hint 2 of 3' in said(check, "sigmoid", 3)
    for _ in range(3):
        said(hint, "sigmoid")
    assert 'hint("sigmoid", 3) shows the last hint again' in said(check, "sigmoid", 3)


@pytest.mark.parametrize(("number", "named"), [(0, "0 (an int)"), (4, "4 (an int)"), ("2", "'2' (a str)"), (True, "T")])
def test_a_hint_that_is_not_there(number, named, said):
    assert f"sigmoid has the hints 1 to 3; got {named}" in said(hint, "sigmoid", number)


def test_an_exercise_graded_by_a_person_is_never_refused(said, monkeypatch):
    monkeypatch.setenv("ACTS_STRICT", "1")
    assert "graded by a person" in said(check, "quarter_to_the_tenth", "since the weights multiply too")


def test_an_answer_that_trips_the_check_is_a_message_too(said):
    class Odd:
        def __float__(self):
            raise RuntimeError("no")

        is_number = True

    assert "this check cannot read your answer" in said(check, "reaches_one", Odd())


def test_a_warning_that_is_not_about_numbers_is_passed_on(said):
    def old_fashioned(x):
        warnings.warn("this is old", DeprecationWarning, stacklevel=1)
        return acts.sigmoid(x)

    with pytest.warns(DeprecationWarning, match="this is old"):
        assert "✓" in said(check, "sigmoid", old_fashioned)


# ---- progress ------------------------------------------------------------------------------------

TABLE = """\
01_sigmoid: 1 of 8 checks right, 1 of 20 points
  ✓ reaches_one           1 point
  ✗ sigmoid               3 points
  ○ sigmoid_derivative    2 points
  ○ third_derivative      2 points
  ○ cosh_form             3 points
  ○ dead_network          1 point
  ○ dead_network_repair   3 points
  ○ layer_ratio           5 points
  – quarter_to_the_tenth  2 points, graded by a person
"""


def new_session(monkeypatch):
    monkeypatch.setattr(acts_exercises, "_record", Record())


def test_progress_before_anything_was_checked(said):
    assert "nothing checked yet" in said(progress)
    said(hint, "sigmoid")
    said(check, "sigmoid", ...)  # a blank is no attempt
    assert "nothing checked yet" in said(progress)
    assert not Path(FILE).exists()


def test_progress_is_a_table_and_is_there_tomorrow(said, monkeypatch):
    said(check, "reaches_one", 17)
    said(check, "sigmoid", np.tanh)
    assert said(progress) == TABLE
    new_session(monkeypatch)
    assert said(progress) == TABLE
    assert json.loads(Path(FILE).read_text()) == {"reaches_one": "right", "sigmoid": "tried"}


def test_what_was_right_stays_right(said, monkeypatch):
    said(check, "reaches_one", 17)
    said(check, "reaches_one", 16)
    new_session(monkeypatch)
    said(check, "reaches_one", 16)
    assert "✓ reaches_one" in said(progress)


def test_two_notebooks_in_one_folder_forget_nothing_of_each_other(said, monkeypatch):
    said(check, "reaches_one", 17)
    other = Record()
    other.note("dead_network", True)
    said(check, "sigmoid", np.tanh)
    assert set(json.loads(Path(FILE).read_text())) == {"reaches_one", "dead_network", "sigmoid"}
    assert os.listdir() == [FILE]


@pytest.mark.parametrize("text", ["{", "[]", '{"sigmoid": "perfect"}', '{"sigmoid": [1]}', "\x00"])
def test_a_file_that_is_not_ours_is_left_alone(text, said):
    Path(FILE).write_text(text)
    said(check, "reaches_one", 17)
    assert "✓ reaches_one" in said(progress)
    assert Path(FILE).read_text() == text


def test_an_exercise_that_is_no_more_does_not_disturb(said):
    Path(FILE).write_text('{"of_an_old_edition": "right", "reaches_one": "right"}')
    assert "✓ reaches_one" in said(progress)


@pytest.mark.parametrize("where", ["graded", "outside a notebook"])
def test_no_file_is_written(where, said, monkeypatch):
    if where == "graded":
        monkeypatch.setenv("ACTS_STRICT", "1")
    else:
        monkeypatch.delitem(sys.modules, "ipykernel")
    said(check, "reaches_one", 17)
    assert "✓ reaches_one" in said(progress)
    assert os.listdir() == []


def test_a_folder_that_can_not_be_written_to_costs_nothing_but_the_file(said, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    said(check, "reaches_one", 17)
    assert "✓ reaches_one" in said(progress)


# ---- judges --------------------------------------------------------------------------------------


def refusal(judge, answer):
    with pytest.raises(acts_exercises.Wrong) as wrong:
        judge(answer)
    return "\n".join([wrong.value.headline, *wrong.value.details])


def halves(x, most):
    """Return half of x, and how many of its entries are below `most`."""
    return x / 2, np.sum(x < most)


HALVES = judges.function(
    halves,
    {
        "x = [1, 2]": ((np.array([1.0, 2.0]), 9), "half of each"),
        "a table": ((np.array([[4.0, 8.0], [6.0, 12.0]]), 7), ""),
        "float32": ((np.array([4, 8], dtype=np.float32), 5), "keep the width"),
    },
    mistakes=(
        (lambda x, most: (x * x / 2, np.sum(x < most)), "squared"),
        (lambda x, most: (x / 2, x.size), "that counts all"),
        (lambda x, most: (x / 2, len(x)), "that counts the rows"),
        (lambda x, most: (x + 1e-6, 0), "nearly", lambda x, most, got, expected: np.allclose(got, expected, atol=1e-3)),
    ),
    returns=("half", "below"),
    collisions={"broadcast": "each row by itself"},
)


def in_place(x, most):
    x /= 2
    return x, 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (3, "expected a function halves(x, most), got 3 (an int)\npass the function itself"),
        (in_place, "your function changed x, which it was given"),
        (lambda x, most: x / 2, "expected 2 arrays: return half, below"),
        (lambda x, most: (x / 2, "two"), "returned 'two' (a str) as below\nexpected a number"),
        (lambda x, most: (np.sum(x < most), x / 2), "in the wrong order\nreturn half, below"),
        (lambda x, most: (x.sum() / 2, 2), "half has the wrong shape for x = [1, 2]\nexpected (2,), got ()"),
        (lambda x, most: (x, 2), "for x = [1, 2]: half[0]\nexpected 0.5, got 1.0: 2 times what it should be\nhalf"),
        (lambda x, most: (x * np.nan, 2), "half[0]\nexpected 0.5, got nan"),
        (lambda x, most: (x * x / 2, 17), "half[1]\nexpected 1.0, got 2.0: 2 times what it should be\nsquared"),
        (lambda x, most: (x / 2 + 1e-5, 2), "about 4 digits right\nnearly"),
        (lambda x, most: (x / 2, len(x)), "for float32: below\nexpected 1.0, got 2.0: 2 times what it should be\nthat"),
        (lambda x, most: (x.astype(float) / 2, np.sum(x < most)), "for float32 half has come as float64"),
        (lambda x, most: ((x + np.ones(2) @ x) / 2, x @ x[:, :1]), "your function raised IndexError"),
        (lambda x, most: (x / 2 + np.zeros(2 if x.ndim < 2 else 3), 2), "do not fit together – for a table"),
        (lambda x, most: (x / 2 + 0 / (x - 2), np.sum(x < most)), "NumPy warned: invalid value encountered in divide"),
    ],
)  # fmt: skip
def test_a_function(answer, said):
    assert said in refusal(HALVES, answer)


def test_a_function_that_is_right_or_blank():
    assert HALVES(halves) == HALVES(lambda x, most: [0.5 * x, (x < most).sum()]) == "right"
    for blank in (lambda x, most: None, lambda x, most: (..., 2)):
        with pytest.raises(acts_exercises.StillToDo):
            HALVES(blank)


def test_of_two_mistakes_that_look_alike_the_later_cases_tell():
    all_of_them, the_rows = (lambda x, most: (x / 2, x.size)), (lambda x, most: (x / 2, len(x)))
    count = judges.function(
        halves,
        {"one": ((np.ones(3), 0), ""), "two": ((np.ones((3, 2)), 0), "")},
        mistakes=((all_of_them, "all"), (the_rows, "rows")),
        returns=("half", "below"),
    )
    assert refusal(count, all_of_them).endswith("\nall")
    assert refusal(count, the_rows).endswith("\nrows")


def test_a_judge_tells_its_mistakes():
    judge = judges.in_turn(judges.number(1, mistakes=((2, "two"),)), judges.number(1, mistakes=((3, "three"),)))
    assert judge.mistakes() == [(2, "two"), (3, "three")]
    assert judge(1) == "right" and "two" in refusal(judge, 2)
    bands = judges.measurements({"a": (1, 3), "b": (0, 1)}, mistakes=(({"b": 5}, "five"),))
    assert bands.mistakes() == [({"a": 2, "b": 5}, "five")]
    assert [refusal(bands, {"a": a, "b": 5}) for a in (1, 4)] == ['"b" is 5: too large\nfive', '"a" is 4: too large']


def test_an_array():
    judge = judges.array([[1.0, 2.0], [3.0, 4.0]], mistakes=[([[1, 3], [2, 4]], "rows and columns are swapped")])
    assert judge([[1, 2], [3, 4]]) == judge(np.array([[1, 2], [3, 4.0]])) == "right"
    assert "rows and columns are swapped" in refusal(judge, [[1, 3], [2, 4]])
    assert "The first is [0, 1]\nexpected 2.0, got 3.0" in refusal(judge, [[1, 3], [2, 4]])
    assert refusal(judge, [1, 2]) == "expected shape (2, 2), got shape (2,)"
    assert "expected an array of numbers, got a list of 1" in refusal(judge, ["a"])
    assert "expected an array of shape (2, 2), got 3 (an int)" in refusal(judge, 3)


def test_a_number_within_a_tolerance():
    judge = judges.number(0.25, tolerance=0.01, mistakes=[(1, "that is the largest value, not the slope")])
    assert judge(0.255) == judge(np.float32(0.25)) == judge(sp.Rational(1, 4)) == judge(np.array([0.25])) == "right"
    assert "not the slope" in refusal(judge, 1)
    tiny = judges.number(0.25, mistakes=[(1e-15, "a root is missing"), (1e-13, "so is the other"), (0, "nothing")])
    assert [refusal(tiny, value).split("\n")[1] for value in (1e-13, 1e-14)] == ["so is the other", "nothing"]
    assert refusal(judge, float("nan")) == "nan is not a number"
    assert "0.25" not in refusal(judge, 0.2601), "a prediction must not be given away"


def test_a_mistake_may_have_another_form_or_width():
    def total(x):
        return x.sum()

    judge = judges.function(
        total,
        {"long": ((np.full(3, 0.1),), ""), "short": ((np.full(3, 0.1, dtype=np.float32),), "")},
        mistakes=[
            (lambda x: x[3], "it raises"),
            (lambda x: (x.sum(), x.size), "one number, not two"),
            (lambda x: float(x.sum()) + np.float64(1), "one too much"),
            (lambda x: x.astype(float).sum(), "it is widened"),
        ],
    )
    assert judge(total) == judge(lambda x: float(x.sum())) == "right"
    for answer, words in judge.mistakes()[1:]:
        assert refusal(judge, answer).endswith(words)
    assert refusal(judge, lambda x: ("a", x)) == "for long your function returned a tuple of 2\nexpected a number"


def test_an_expression_in_any_form():
    x, y = sp.symbols("x y")
    judge = judges.expression(lambda: sp.sin(x) ** 2 + y)
    assert judge(1 - sp.cos(x) ** 2 + y) == "right"
    assert judge(sp.Symbol("y", positive=True) + sp.sin(sp.Symbol("x", real=True)) ** 2) == "right"
    assert "it should be" in refusal(judge, sp.sin(x) ** 2 + y + sp.Rational(1, 10**12))
    assert "expected a SymPy expression in x, y, got a list of 0" in refusal(judge, [])


STEP = judges.Curve("the step", lambda x: (x > 1) * 1.0, jumps=(1.0,))
RAMP = judges.Curve("the ramp", lambda x: x)


def picture(*lines, labels=("ramp", "step")):
    """Return an axes with these lines on it, each a tuple for `plot`, and all words that a figure needs."""
    axes = Figure().subplots()
    for line, label in zip(lines, [*labels, *lines], strict=False):
        axes.plot(*line, label=label if isinstance(label, str) else None)
    axes.set(xlabel="x", ylabel="y")
    axes.legend()
    return axes


def test_the_lines_of_a_figure():
    judge = judges.figure_lines((RAMP, STEP), window=(0, 2), mistakes=[(abs, "a sign is lost")])
    ramp, honest = ([-1, 3], [-1, 3]), ([-1, 1, np.nan, 1, 3], [0, 0, np.nan, 1, 1], "--")
    axes = picture(ramp, honest)
    assert judge(axes) == judge(axes.figure) == judge(plots.Picture(axes.figure, "A ramp and a step.")) == "right"
    assert judge(picture(ramp, ([3, 1, np.nan, 1, -1], [1, 1, 0, 0, 0], "--"))) == "right", "drawn from right to left"
    assert judge(picture(([-1, 1, 3], [-1, 1, 3]), ([-1, 0.99], [0, 0], ":"), ([1.01, 3], [1, 1], ":"))) == "right"
    across = picture(ramp, ([-1, 0.9, 1.1, 3], [0, 0, 1, 1], "--"))
    assert refusal(judge, across).startswith(
        "the line “step” runs across the jump of the step at x = 1\nit goes from (0.9, 0) to (1.1, 1), as if"
    )
    assert "it goes from (1, 0) to (1, 1)" in refusal(judge, picture(ramp, ([-1, 1, 1, 3], [0, 0, 1, 1], "--")))
    assert "it goes from (0.5, 0) to (1, 0.5)" in refusal(judge, picture(ramp, ([-1, 0.5, 1], [0, 0, 0.5], "--")))
    fold = ([-1, 0, 3], [1, 0, 3])
    assert refusal(judge, picture(fold, honest, labels=["", "step"])) == (
        "line 1 is not the ramp: 1 of its 3 points are off. Worst: x = -1\n"
        "expected -1.0, got 1.0: the sign is wrong\na sign is lost"
    )
    assert "no line shows the step\nat x = 1.2, for instance, it should have the height 1" in refusal(
        judge, picture(ramp, labels=["ramp"])
    )
    assert "the ramp is not drawn from x = 0 to x = 0.5" in refusal(judge, picture(([0.5, 3], [0.5, 3]), honest))
    assert "break off at a jump, but closer" in refusal(
        judge, picture(ramp, ([-1, 0.8, np.nan, 1.2, 3], [0, 0, 0, 1, 1], "--"))
    )
    half = picture(ramp, ([-1, 1], [0, 0], "--"))
    assert refusal(judge, half).endswith("the step has a value there too, 1: draw that piece as well")
    late = picture(([0.5, 3], [0.5, 3]), honest)
    assert refusal(judge, late).endswith("the exercise asks for x from 0 to 2 at least")
    assert "are both solid lines" in refusal(judge, picture(ramp, honest[:2]))
    assert "cannot tell which is which" in refusal(judge, picture(ramp, honest, labels=["ramp", "_step"]))
    with pytest.raises(acts_exercises.StillToDo, match="nothing is drawn"):
        judge(Figure().subplots())


def test_what_is_no_line_of_data_is_left_out_of_a_figure():
    judge = judges.figure_lines((RAMP,), window=(0, 2))
    axes = picture(([0, 2], [0, 2]), ([0, 2], [5, 5], "o"), labels=["ramp"])
    axes.axvline(1)
    axes.axhline(3)
    axes.fill_between([0, 2], 4, 5)
    axes.plot([0, 2], [7, 9])[0].set_visible(False)
    assert judge(axes) == "right"
    axes.lines[0].remove()
    assert refusal(judge, axes).startswith('there is no line on your axes\naxes.plot(x, y, "-") draws a line')


def test_a_proof_that_goes_astray_is_refused_whoever_checked_it():
    class Claim:
        start, result = sp.exp(-sp.Symbol("z")) / (1 + sp.exp(-sp.Symbol("z"))) ** 2, sp.Integer(1)

        def then(self):
            """Has no conscience."""

        def __len__(self):
            return 3

    assert "does not equal your first" in refusal(acts_exercises.find("cosh_form").judge, Claim())


def test_a_line_of_a_proof_may_hold_a_slope_that_is_not_worked_out():
    x = sp.Symbol("x", real=True)
    start, stop = sp.Derivative(x * sp.erf(x), x), sp.erf(x) + x * sp.Derivative(sp.erf(x), x)
    judge = judges.derivation(
        lambda: start, lambda: [start.doit()], goal_in_words="it", mistakes=[(lambda: stop, "work it out")]
    )
    proof = Derivation(start).then(stop, "product rule")
    assert "work it out" in refusal(judge, proof)
    assert judge(proof.then(start.doit(), "the slope of erf")) == "proved in 2 steps"


def test_a_proof_is_not_padded_and_gives_its_reasons():
    x = sp.Symbol("x")
    start = sp.Derivative(x * sp.sin(x), x)
    judge = judges.derivation(lambda: start, lambda: [sp.sin(x) + x * sp.cos(x)], goal_in_words="it")

    def proof(*lines):
        derivation = Derivation(start)
        for line, reason in lines:
            derivation.then(line, reason)
        return derivation

    goal, half = "sin(x) + x*cos(x)", sp.sin(x) + x * sp.Derivative(sp.sin(x), x)
    assert judge(proof((half, "product rule"), (goal, "slope of sin"))) == "proved in 2 steps"
    again = refusal(judge, proof((goal, "known"), (goal, "known")))
    assert "in one leap" in again and "step 2 only says again what stood there before" in again
    assert "step 1 only says again" in refusal(judge, proof((sp.Derivative(sp.sin(x) * x, x), "swap"), (goal, "known")))
    assert "step 2 has no reason" in refusal(judge, proof((half, "product rule"), (goal, " ")))


def test_a_proof_may_assume_an_equation_but_not_start_from_its_goal():
    p, z = sp.Symbol("p", positive=True), sp.Symbol("z", real=True)
    sigma = 1 / (1 + sp.exp(-z))
    judge = judges.derivation(
        lambda: p,
        lambda: [sigma],
        goal_in_words="1/(1 + e⁻ᶻ)",
        given=lambda: {"p": sigma},
        places=(Fraction(2, 7), Fraction(5, 11)),
    )

    def proof(start, *lines):
        derivation = Derivation(start, assuming=[p < 1, sp.Eq(sp.log(p / (1 - p)), z)])
        for line in lines:
            derivation.then(line, "because")
        return derivation

    assert judge(proof(p, sp.exp(z) / (1 + sp.exp(z)), sigma)) == "proved in 2 steps"
    assert "it should start from p" in refusal(judge, proof(sigma, sp.exp(z) / (1 + sp.exp(z)), sigma))
    wrong = Derivation(p).then(p**2 / p, "because")
    wrong._steps.append(replace(wrong.steps[0], expr=1 / (1 + sp.exp(z))))
    assert "does not equal your first" in refusal(judge, wrong)


def test_a_proof_about_matrices():
    a, b, u = sp.symbols("a b u")
    start = sp.MatMul(sp.diag(u, 1), sp.Matrix([[sp.Derivative(a**2, a), b], [0, 1]]), evaluate=False)
    goal = sp.Matrix([[2 * a**2, a * b], [0, 1]])
    judge = judges.derivation(lambda: start, lambda: [goal], goal_in_words="it", define=lambda: {"u": a})

    def proof(*lines, start=start):
        derivation = Derivation(start, define={u: a})
        for line in lines:
            derivation.then(line, "because")
        return derivation

    taken = sp.MatMul(sp.diag(u, 1), sp.Matrix([[2 * a, b], [0, 1]]), evaluate=False)
    in_two = sp.MatAdd(sp.diag(2 * a**2, 1), sp.Matrix([[0, a * b], [0, 0]]), evaluate=False)
    for last in (goal, in_two, goal.as_immutable()):
        assert judge(proof(taken, last)) == "proved in 2 steps"
    assert "in one leap" in refusal(judge, proof(goal))
    assert "it ends at Matrix([ [u, 0]" in refusal(judge, proof(taken))
    assert "your proof starts from Matrix([ [u, 0]" in refusal(judge, proof(goal, goal, start=taken))
    assert "your proof starts from" in refusal(judge, proof(goal.T, goal.T, start=start.T.doit()))

    class Claim:
        start, result = proof().start, goal + sp.Matrix([[0, 0], [0, sp.Rational(1, 10**9)]])
        then, __len__ = None, lambda self: 3

    assert "does not equal your first" in refusal(judge, Claim())
    Claim.result = goal.reshape(4, 1)
    assert "does not equal your first" in refusal(judge, Claim())
    assert "expected a SymPy expression in a, got Matrix" in refusal(judges.expression(lambda: a), taken.doit())


def test_an_exercise_without_a_notebook_says_what_to_do(tmp_path, monkeypatch):
    facts = json.loads(acts_exercises.FACTS.read_text(encoding="utf-8"))
    del facts["sigmoid"]
    (tmp_path / "exercises.json").write_text(json.dumps(facts), encoding="utf-8")
    monkeypatch.setattr(acts_exercises, "FACTS", tmp_path / "exercises.json")
    with pytest.raises(ValueError, match="'sigmoid' is in no notebook of solutions/, or run `make exercises`"):
        acts_exercises.exercises.__wrapped__()


# ---- the table of expected values ----------------------------------------------------------------


def test_the_table_is_what_mpmath_computes():
    assert expected.main(["--check"]) == 0


def test_a_changed_table_is_noticed(tmp_path, monkeypatch, capsys):
    changed = tmp_path / "expected.json"
    changed.write_text(expected.TABLE.read_text(encoding="utf-8").replace("0.25", "0.26", 1), encoding="utf-8")
    monkeypatch.setattr(expected, "TABLE", changed)
    assert expected.main(["--check"]) == 1
    assert "python tools/expected.py" in capsys.readouterr().err
    assert expected.main([]) == expected.main(["--check"]) == 0


def test_every_text_is_the_shortest_of_its_float64():
    for columns in json.loads(expected.TABLE.read_text(encoding="utf-8")).values():
        for texts in columns.values():
            assert [repr(float(text)) for text in texts] == texts


@pytest.mark.parametrize("name", expected.FORMULAS)
def test_the_functions_of_the_course_agree_with_the_table(name):
    x, true = judges.expected_values(name)
    got = getattr(acts, name)(x)
    tiny = np.finfo(np.float64).smallest_subnormal
    finite = np.isfinite(true)  # softplus goes to inf
    assert np.array_equal(got[~finite], true[~finite], equal_nan=True)
    assert np.all(np.abs(got[finite] - true[finite]) <= np.maximum(4 * np.spacing(true[finite]), tiny))
