"""The stopwatch, on a clock that the test turns by hand, and the search for the edge of a function."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import acts
import acts.measure
from acts.measure import first_reaching, seconds

quick = settings(max_examples=50, deadline=None, derandomize=True)
WIDTH = {np.float16: 16, np.float32: 32, np.float64: 64}
each_dtype = pytest.mark.parametrize("dtype", WIDTH, ids=lambda dtype: dtype.__name__)


# ── seconds ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Clock:
    """Stands still but for what its functions take: `lasting(s)` takes s seconds, the very first time 100 more."""

    def __init__(self):
        self.now, self.calls = 5.0, []

    def __call__(self):
        return self.now

    def lasting(self, *durations):
        name, rounds = len(durations), iter([durations[0] + 100, *durations])

        def function():
            self.calls.append(name)
            self.now += next(rounds)

        return function


def test_seconds_are_those_of_the_clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(acts.measure, "perf_counter", clock)
    measured = seconds(clock.lasting(1, 2), clock.lasting(0.5, 0.25, 8), repeats=2)
    np.testing.assert_allclose(measured, [[1, 0.5], [2, 0.25]])
    assert clock.calls == [2, 3] * 3, "side by side, and one round more than is counted"


def test_seconds_of_a_real_clock():
    measured = seconds(lambda: None, lambda: np.sort(np.arange(100_000.0)[::-1]), repeats=5)
    assert measured.shape == (5, 2)
    assert (measured >= 0).all() and np.median(measured[:, 1]) > np.median(measured[:, 0])


@pytest.mark.parametrize(
    ("functions", "repeats", "given"), [([], 3, "0 functions"), ([int], 0, "repeats=0"), ([int], -1, "repeats=-1")]
)
def test_seconds_of_nothing(functions, repeats, given):
    with pytest.raises(ValueError, match=f"functions and repeats must be at least one each; .*{given}"):
        seconds(*functions, repeats=repeats)


# ── first_reaching ────────────────────────────────────────────────────────────────────────────────────────────────


def edge_cases(dtype):
    """Two different finite numbers of a dtype: where the function steps up, and where the search starts."""
    numbers = st.floats(allow_nan=False, allow_infinity=False, width=WIDTH[dtype])
    return st.tuples(numbers, numbers).filter(lambda pair: pair[0] != pair[1])


@each_dtype
@quick
@given(st.data())
def test_the_first_number_exactly_wherever_it_lies(dtype, data):
    """Also among the subnormals, across zero, and with ends so far apart that their difference overflows."""
    edge, start = data.draw(edge_cases(dtype))
    side = 1 if edge > start else -1
    end = side * float(np.finfo(dtype).max)
    found = first_reaching(lambda x: side * x >= side * dtype(edge), True, start, end, dtype)
    assert found == edge
    assert type(found) is dtype


@each_dtype
@pytest.mark.parametrize(("function", "value", "end"), [(acts.sigmoid, 1, 1000), (acts.sigmoid, 0, -1000)])
def test_the_number_before_has_not_reached_it(function, value, end, dtype):
    edge = first_reaching(function, value, 0, end, dtype)
    assert type(edge) is dtype
    assert function(edge) == value
    assert function(np.nextafter(edge, dtype(0))) != value


def test_the_end_itself_may_be_the_first():
    assert first_reaching(lambda x: x == 2, True, 1.0, 2.0) == 2


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [(25.0, 100.0, ["1.0 at 25.0", "1.0 at 100.0"]), (0.0, 3.0, ["0.0 at 0.0", "0.99505475", "at 3.0"])],
    ids=["reached at the start", "not reached at the end"],
)
def test_a_function_that_does_not_reach_the_value_between(start, end, words):
    with pytest.raises(ValueError, match="function must reach 1.0 between start and end") as raised:
        first_reaching(np.tanh, 1.0, start, end)
    assert all(word in str(raised.value) for word in words)


@pytest.mark.parametrize(
    ("dtype", "end"), [(np.float64, np.inf), (np.float64, -np.inf), (np.float16, 1e5)], ids=["inf", "-inf", "too large"]
)
def test_ends_that_are_not_finite(dtype, end):
    with pytest.raises(ValueError, match=f"start and end must be finite in {dtype.__name__}; got 0 and {end}"):
        first_reaching(np.sign, 1.0, 0, end, dtype)
    with pytest.raises(ValueError, match=f"got {end} and 0"):
        first_reaching(np.sign, 1.0, end, 0, dtype)
