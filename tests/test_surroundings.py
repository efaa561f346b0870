"""A student's own settings change no verdict, a check changes none of them, and no answer is too odd for a verdict."""

import decimal
import importlib
import random
import subprocess
import sys
import warnings

import matplotlib
import mpmath
import numpy as np
import pytest
import sympy

import acts
import acts_exercises
from acts.feedback import check, hint, progress
from acts_exercises.progress import Record
from tools import messages

RIGHT = {name: answers for module in messages.answers().values() for name, answers in module.RIGHT.items()}
WRONG = messages.wrong_answers()
CHECKED = {name: exercise for name, exercise in acts_exercises.exercises().items() if exercise.judge}


def settings():
    """Everything that a process shares, as it is now; the random generators by the state that comes next."""
    return {
        "errors": np.geterr(),
        "printing": np.get_printoptions(),
        "decimal": decimal.getcontext(),
        "mpmath": mpmath.mp.prec,
        "sympy": sympy.core.parameters.global_parameters.evaluate,
        "random": random.getstate(),
        "numpy": [part.tolist() if isinstance(part, np.ndarray) else part for part in np.random.get_state()],
    }


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """Nothing checked yet, not strict, in a folder of its own."""
    monkeypatch.setattr(acts_exercises, "_hints_shown", {})
    monkeypatch.setattr(acts_exercises, "_record", Record())
    monkeypatch.delenv("ACTS_STRICT", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def meddled():
    """The settings of a student who has tried everything; what they were comes back at the end."""
    drawn = np.random.get_state(), random.getstate()
    with (
        np.errstate(all="raise"),
        np.printoptions(precision=2, suppress=True, threshold=3, sign="+", formatter={"float": lambda x: "?"}),
        warnings.catch_warnings(),
        decimal.localcontext(decimal.Context(3, decimal.ROUND_UP, traps=[decimal.Inexact])),
        mpmath.workdps(3),
        sympy.evaluate(False),
        matplotlib.rc_context({"lines.linestyle": ":", "lines.linewidth": 0, "axes.grid": True, "legend.loc": "best"}),
    ):
        warnings.simplefilter("error")
        np.random.seed(42)
        random.seed(42)
        yield settings()
    np.random.set_state(drawn[0])
    random.setstate(drawn[1])


def verdicts(name, wrong=None):
    answers = [*RIGHT[name], *(answer for answer, _ in WRONG[name][:wrong])]
    return [acts_exercises._verdict(acts_exercises.find(name), answer) for answer in answers]


@pytest.mark.parametrize("name", CHECKED)
def test_no_setting_changes_a_verdict_and_no_check_a_setting(name, request):
    with warnings.catch_warnings(record=True) as caught:  # pytest's filter, which makes them errors, holds in no check
        before = verdicts(name)
    assert [str(warning.message) for warning in caught] == []
    assert {verdict.kind for verdict in before[: len(RIGHT[name])]} == {"right"}
    as_they_were = request.getfixturevalue("meddled")
    filters = list(warnings.filters)
    assert verdicts(name, wrong=3) == before[: len(RIGHT[name]) + 3]
    assert str(settings()) == str(as_they_were) and warnings.filters == filters


def test_the_answer_itself_runs_as_in_a_fresh_kernel(meddled, capsys):
    seen = []

    def nosy(x):
        warnings.warn("too old", DeprecationWarning, stacklevel=1)
        warnings.warn("just so", UserWarning, stacklevel=1)
        seen.append({**settings(), "draws": (random.random(), np.random.random())})
        return acts.sigmoid(x)

    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)
        with warnings.catch_warnings(record=True) as caught:
            check("sigmoid", nosy)
        assert {str(warning.message) for warning in caught} == {"too old", "just so"}
    assert capsys.readouterr().out.count("✓") == 2
    half = len(seen) // 2
    assert seen[0]["draws"] == seen[half]["draws"] and seen[0]["draws"] != seen[1]["draws"]
    fresh = subprocess.run(
        [sys.executable, "-c", "import decimal, mpmath, sympy, numpy as np; print(np.geterr(), np.get_printoptions(), "
         "decimal.getcontext(), mpmath.mp.prec, sympy.core.parameters.global_parameters.evaluate)"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    for one in seen:
        del one["random"], one["numpy"], one["draws"]
        assert " ".join(map(str, one.values())) == fresh


def test_judges_are_imported_in_a_fresh_kernel(meddled, monkeypatch):
    seen, load = [], importlib.import_module
    monkeypatch.setattr(importlib, "import_module", lambda name: seen.append(np.geterr()) or load(name))
    acts_exercises.exercises.__wrapped__()
    assert seen and all(one == {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"} for one in seen)


def test_whoever_changes_settings_before_the_first_check_gets_it_all_the_same():
    program = (
        "import warnings, numpy as np; from acts import sigmoid; from acts.feedback import check, hint, progress; "
        "np.seterr(all='raise'); warnings.simplefilter('error'); hint('sigmoid'); check('sigmoid', sigmoid); progress()"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "✓ sigmoid: right" in run.stdout and "1 of 8 checks right" in run.stdout and not run.stderr


# ---- odd answers ---------------------------------------------------------------------------------


class Unwell(RuntimeError):
    def __str__(self):
        raise ValueError("no words either")


def odd(dunder, error, base=object, **more):
    """Return an object of which one method raises, or is a property that does."""

    def raises(self, *arguments, **named):
        raise error

    raising = property(raises) if dunder in ("__class__", "__name__", "__code__", "__module__", "__doc__") else raises
    with_call = {"__call__": lambda self, *arguments, **named: arguments[0]} if dunder in CALLED else {}
    return type("Odd", (base,), with_call | {dunder: raising} | more)


CALLED = ("__name__", "__code__", "__module__")
DUNDERS = [
    "__repr__", "__str__", "__len__", "__name__", "__code__", "__module__", "__eq__", "__bool__", "__array__",
    "__class__", "__iter__", "__call__", "__getattr__", "__getattribute__", "__float__", "__int__", "__index__",
    "__hash__", "__getitem__", "__contains__", "__format__", "__array_function__", "__array_ufunc__", "__deepcopy__",
    "_sympy_", "is_number", "figure", "__doc__", "__instancecheck__", "__signature__", "__sub__", "__abs__", "__lt__",
]  # fmt: skip
ERRORS = [RuntimeError("oh"), SystemExit(), Unwell(), AttributeError("not there"), StopIteration(), KeyError(0)]


def odd_answers():
    """Odd objects; numbers, lists, dicts, texts and arrays that are odd; functions that fail, or return such."""
    for number, dunder in enumerate(DUNDERS):
        error = ERRORS[number % len(ERRORS)]
        yield odd(dunder, error)()
        for base in (float, list, dict):
            if dunder not in ("__getattribute__",) and not (base is dict and dunder == "__hash__"):
                yield odd(dunder, error, base)()
    nothing = odd("__repr__", RuntimeError("oh"))()
    for result in (
        nothing,
        odd("__class__", Unwell())(),
        odd("__len__", SystemExit(), list)(),
        [nothing],
        {0: nothing},
    ):
        yield lambda *given, result=result, **named: result
    for error in (*ERRORS, GeneratorExit()):

        def failing(*given, error=error, **named):
            raise error

        yield failing
    yield sys.exit
    yield np.zeros(3).view(odd("__array_function__", RuntimeError("oh"), np.ndarray))
    yield np.zeros(3).view(odd("__repr__", RuntimeError("oh"), np.ndarray))
    yield type(nothing)
    yield odd("__repr__", RuntimeError("oh"), type)("Odd", (), {})


ODD = list(odd_answers())


@pytest.mark.parametrize("name", CHECKED)
def test_no_answer_is_too_odd_for_a_verdict(name, capsys):
    for answer in ODD:
        check(name, answer)
        said = capsys.readouterr().out
        assert said[:2] in ("✗ ", "○ ") and f'hint("{name}")' in said, said


def test_what_a_person_grades_may_be_as_odd(capsys):
    for name in set(acts_exercises.exercises()) - set(CHECKED):
        for answer in ODD:
            check(name, answer)
            assert "graded by a person" in capsys.readouterr().out


TOLD = {
    "repr": (odd("__repr__", RuntimeError("oh"))(), "an object that cannot be shown (RuntimeError: oh)"),
    "len": (odd("__len__", SystemExit(), list)([1]), "an object that cannot be shown (SystemExit)"),
    "class": (odd("__class__", Unwell())(), "an object that cannot be shown (Unwell)"),
    "exit": (sys.exit, "your function raised SystemExit"),
}


@pytest.mark.parametrize("name", TOLD)
def test_an_odd_answer_is_told_what_is_odd(name, capsys):
    answer, said = TOLD[name]
    check("sigmoid", answer)
    assert said in capsys.readouterr().out


def test_whoever_stops_a_check_stops_it():
    def waits(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("sigmoid", waits)


def test_an_odd_number_of_a_hint_is_no_crash(capsys):
    for number in (odd("__repr__", RuntimeError("oh"))(), odd("__class__", Unwell())(), "one", True, 9):
        hint("sigmoid", number)
        assert "sigmoid has the hints 1 to " in capsys.readouterr().out
    progress()
