"""How a function of rows is judged: softmax and its kin, which take a table and work along one of its axes.

As for the functions of `kinds`, expected values come from acts/_data/expected.json. There stand rows of three numbers,
one after the other, each row with a trap of its own.
"""

import tracemalloc

import numpy as np

from acts.checks import StillToDo, Wrong
from acts.checks.kinds import _missed, call, expected_values
from acts.checks.words import compared, described

__all__ = ["WIDTH", "expected_rows", "function_of_rows", "peak_bytes", "same_rows"]

WIDTH = 3


def expected_rows(table):
    """Return the inputs, each a table of rows, and the true values: a table too, or one number for each row."""
    *inputs, values = expected_values(table)
    inputs = [column.reshape(-1, WIDTH) for column in inputs]
    return inputs, values.reshape(-1, WIDTH) if values.size == inputs[0].size else values


def same_rows(formula):
    """Return a test for `mistakes`: are the student's values those of this wrong formula of the inputs?"""

    def recognised(inputs, got, expected):
        with np.errstate(all="ignore"):
            typical = formula(*inputs)
        return np.shape(typical) == got.shape and np.allclose(got, typical, rtol=1e-6, atol=0, equal_nan=True)

    return recognised


def peak_bytes(function, *arguments):
    """Return how many bytes a call needs beyond those that were there before."""
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        call(function, *arguments, shown=f"a row of {len(arguments[0])} numbers")
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not running:
            tracemalloc.stop()


def function_of_rows(table, *, names="x", mistakes=()):
    """Judge a function `f(x, axis=-1)` of rows, for every kind of table that a student would try.

    Parameters
    ----------
    table : str
        The name of the values in acts/_data/expected.json. Whether a row gives a row or a number follows from them.
    names : str
        What the inputs are called, in order: one letter each. Two inputs are a function `f(y, g, axis=-1)`.
    mistakes : sequence of (test, text)
        `test(inputs, got, expected)` recognises typical wrong values, inputs a tuple of tables; see `same_rows`.
    """

    def judge(function):
        if not callable(function) or isinstance(function, type):
            raise Wrong(
                f"expected a function of rows, got {described(function)}",
                f'pass the function itself, by its name and without brackets: check("{table}", my_function)',
            )
        inputs, expected = expected_rows(table)
        task, numbers = _Task(function, names, mistakes), ~np.isnan(np.hstack(inputs)).any(axis=1)
        clean = [column[numbers] for column in inputs], expected[numbers]
        complaints = task.judge_table(*clean)
        task.judge_nan(inputs, expected)
        task.judge_single_rows(inputs, expected)
        task.judge_axes(*clean)
        whole = task.judge_integers(*clean)
        task.judge_float32(*clean)
        if complaints:
            raise Wrong(
                f"the values are right, but NumPy warned: {'; '.join(complaints)}",
                "somewhere on the way a number grew too large, or 0 was divided or its logarithm taken: in which "
                "row?",
            )
        return f"right for all {len(expected)} rows, along any axis; also for single rows{whole} and float32"

    return judge


class _Task:
    """One student's function, and what is known of its mistakes."""

    def __init__(self, function, names, mistakes):
        self.function, self.names, self.mistakes = function, names, mistakes

    # ---- the kinds of input ----------------------------------------------------------------------

    def judge_table(self, inputs, expected):
        given = [table.copy() for table in inputs]
        shown = f"a table of shape {inputs[0].shape}"
        try:
            got, complaints = call(self.function, *given, shown=shown)
        except Wrong as problem:
            self._say_it_with_one_row(problem, inputs)
        for before, after in zip(inputs, given, strict=True):
            if not np.array_equal(before, after, equal_nan=True):
                raise Wrong(
                    "your function changed the table it was given",
                    "whoever calls it still needs that table: write x = x - … instead of x -= …",
                )
        self._form(got, expected.shape, np.float64, shown)
        self._compare(inputs, got, expected, "float64", complaints, self.mistakes)
        return complaints

    def judge_nan(self, inputs, expected):
        """The table again, now with a row that has a NaN: NumPy may warn of that one."""
        got, _ = call(self.function, *(table.copy() for table in inputs), shown="a table with a NaN in one row")
        whole = np.isnan(got).all() if isinstance(got, np.ndarray) else False
        self._compare(
            inputs,
            got,
            expected,
            "one of them with a NaN",
            nudge="without the NaN all rows were right: it must spoil its own row only. What runs over the whole table?"
            if whole
            else "NaN means “no number”; what is computed from it must be NaN too, or the accident goes unseen",
        )

    def judge_single_rows(self, inputs, expected):
        for *rows, right in zip(*inputs, expected, strict=True):
            shown = f"the single row {self._row(rows)}"
            got, _ = call(self.function, *(row.copy() for row in rows), shown=shown)
            self._form(got, right.shape, np.float64, shown)
            self._compare([row[None] for row in rows], np.asarray(got)[None], right[None], "a single row")

    def judge_axes(self, inputs, expected):
        count = len(expected) // 2 * 2
        pages = [table[:count].reshape(2, -1, WIDTH) for table in inputs]
        right = expected[:count].reshape(2, -1, *expected.shape[1:])
        thin = [table[:, None] for table in inputs]  # an axis of length 1, which a careless squeeze would drop
        for axis, tables, values in ((0, inputs, expected), (1, pages, right), (-1, thin, expected[:, None])):
            turned = [np.swapaxes(table, axis, -1).copy() for table in tables]
            keeps = expected.ndim > 1
            shape = np.swapaxes(values, axis, -1).shape if keeps else values.shape
            shown = f"a table of shape {turned[0].shape} and axis={axis}"
            got, _ = call(self.function, *turned, axis, shown=shown)
            self._form(got, shape, np.float64, shown)
            back = np.swapaxes(got, axis, -1) if keeps else np.asarray(got)
            self._compare(
                [table.reshape(-1, WIDTH) for table in tables],
                back.reshape(-1, *expected.shape[1:]),
                values.reshape(-1, *expected.shape[1:]),
                f"axis={axis}",
                nudge="the last axis was right: is `axis` used in every sum and every maximum?",
            )

    def judge_integers(self, inputs, expected):
        """Return ", integers" if there are rows of whole numbers to try."""
        both = np.hstack(inputs)
        chosen = (np.isfinite(both) & (np.abs(both) <= 2000) & (both == np.round(both))).all(axis=1)
        if not chosen.any():
            return ""
        whole = [table[chosen].astype(np.int64) for table in inputs]
        got, _ = call(self.function, *whole, shown="a table of integers")
        self._form(got, expected[chosen].shape, np.float64, "a table of integers")
        self._compare([table[chosen] for table in inputs], got, expected[chosen], "integers")
        return ", integers"

    def judge_float32(self, inputs, expected):
        both = np.hstack(inputs)
        chosen = ~(np.isfinite(both) & (np.abs(both) > 1e30)).any(axis=1)
        short = [table[chosen].astype(np.float32) for table in inputs]
        got, complaints = call(self.function, *short, shown="a table of float32")
        self._form(got, expected[chosen].shape, np.float32, "a table of float32")
        self._compare(
            [table[chosen] for table in inputs], got, expected[chosen], "float32", complaints, self.mistakes
        )

    # ---- what came back --------------------------------------------------------------------------

    def _say_it_with_one_row(self, problem, inputs):
        """Raise `problem`, told with the plainest single row for which the function raises the same error, if any."""
        for rows in zip(*inputs, strict=True):
            try:
                call(self.function, *(row.copy() for row in rows), shown=f"the single row {self._row(rows)}")
            except Wrong as plainer:
                if type(plainer.__cause__) is type(problem.__cause__):
                    raise plainer from None
        raise problem from None

    def _row(self, rows):
        """Name a row: `[1, 2, 3]`, or `y = [0.5, 0.5, 0], g = [1, 2, 4]`."""
        texts = ["[" + ", ".join(f"{value:.7g}" for value in row) + "]" for row in rows]
        if len(texts) == 1:
            return texts[0]
        return ", ".join(f"{name} = {text}" for name, text in zip(self.names, texts, strict=True))

    def _form(self, got, shape, dtype, given):
        """Raise if a result is blank, or not an array of this shape and dtype."""
        if got is None or got is ...:
            raise StillToDo("your function returns None; if you have written it, is its `return` missing?")
        if not isinstance(got, (np.ndarray, np.generic, float)):
            raise Wrong(
                f"your function was given {given} and returned {described(got)}",
                f"expected an array of shape {shape}" if shape else "expected a number",
            )
        if np.shape(got) != shape:
            raise Wrong(
                f"your function was given {given} and returned shape {np.shape(got)}; expected shape {shape}",
                _shape_nudge(np.shape(got), shape),
            )
        if np.asarray(got).dtype != dtype:
            raise Wrong(
                f"your function was given {given} and returned {np.asarray(got).dtype}",
                "expected float64: integers can't hold what lies between"
                if "integers" in given
                else f"expected {np.dtype(dtype)}: a plain formula of x keeps the dtype, dtype=float doesn't",
            )

    def _compare(self, inputs, got, expected, kind, complaints=(), mistakes=(), nudge=""):
        got = np.asarray(got)
        wrong, how = _missed(got, expected)
        if not wrong.any():
            return
        at = _first_far_off(how.reshape(len(expected), -1).max(axis=1))
        entry = _first_far_off(how[at]) if got.ndim > 1 else None
        place = () if entry is None else (entry,)
        row, rows_wrong = self._row([table[at] for table in inputs]), wrong.reshape(len(expected), -1).any(axis=1).sum()
        nudge = next((text for test, text in mistakes if test(tuple(inputs), got, expected)), nudge)
        raise Wrong(
            f"wrong in {rows_wrong} of {len(expected)} rows ({kind}), for instance in {row}"
            if len(expected) > 1
            else f"wrong for {kind}: {row}",
            ("" if entry is None else f"its entry [{entry}]: ") + compared(expected[at][place], got[at][place]),
            f"NumPy warned: {'; '.join(complaints)}" if complaints else "",
            nudge,
        )


def _first_far_off(how):
    """Return where the first of the badly wrong values is: the table goes from plain rows to hard ones."""
    return int(np.argmax(how >= min(0.1, how.max())))


def _shape_nudge(got, shape):
    if not got:
        return "one number for the whole table: compute each row by itself, along `axis`"
    if len(got) == len(shape) + 1 and got.count(1) > shape.count(1):
        return "the axis is still there, with length 1: np.squeeze(…, axis=axis), or a last sum without keepdims"
    if len(got) < len(shape):
        return "the shape must stay that of the table that was given"
    if len(got) == 2 and got[0] == got[1] and len(shape) == 1:
        return f"{shape} and ({shape[0]}, 1) make a whole table: one of the two has kept its axis, the other hasn't"
    if len(got) > len(shape):
        return "one number for each row is asked for: the axis must be gone from the result"
    if sum(got) > sum(shape):
        return (
            "too many numbers: did two arrays of different shapes meet? keepdims=True keeps an axis, np.squeeze "
            "without axis=… drops every axis of length 1"
        )
    return "one result for each row, and a row's own axis is `axis`"
