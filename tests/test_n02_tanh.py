"""The exercises of 02_tanh: what their records take for true is computed here, from the notebook's own cells."""

from pathlib import Path

import mpmath
import nbformat
import numpy as np
import pytest

import acts
import acts_exercises
from acts.data import digits
from acts.network import MLP
from acts.probes import offset_over_spread, rms
from acts.recurrent import LSTM
from acts_exercises import n02_tanh

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def friend():
    """The names that the notebook's cells about the exploding network define."""
    cells = {c.id: c.source for c in nbformat.read(ROOT / "solutions" / "02_tanh.ipynb", as_version=4).cells}
    names = {}
    for part in ("shortcut", "backward", "train", "repair"):
        exec(cells["imports"] + "\n" + cells[f"exploding-{part}"], names)
    return names


# ---- predictions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("bits", "edge"), [(8, 3.5), (11, 4.6), (24, 9.1), (53, 19.1)])
def test_where_tanh_is_rounded_to_one(bits, edge):
    half_a_step = mpmath.mpf(2) ** -(bits + 1)
    with mpmath.workdps(50):
        tenths = (n for n in range(1000) if 1 - mpmath.tanh(mpmath.mpf(n) / 10) <= half_a_step)
        assert next(tenths) / 10 == edge
    judge = acts_exercises.find("bfloat16_reaches_one").judge
    if bits == 8:
        assert judge(edge).startswith("right")
    else:
        with pytest.raises(acts_exercises.Wrong) as wrong:
            judge(edge)
        assert f"has {bits} bits" in wrong.value.details[0]


@pytest.mark.parametrize("h", [0.5, 1.0, 3.0])
def test_the_gradient_of_a_network_of_width_one_falls_like_the_power(h):
    slopes = []
    for _ in range(20000):
        slopes.append(float(acts.tanh_derivative(h)))
        h = np.tanh(h)
    gradient = np.cumprod(slopes)
    power = np.log10(gradient[19999] / gradient[1999])
    assert power == pytest.approx(-1.5, abs=0.01)
    assert acts_exercises.find("width_one").judge(round(power * 4) / 4).startswith("right")


# ---- the network that explodes -------------------------------------------------------------------


def _quotient(friend, through, matrix, place):
    losses = []
    for nudge in (1e-5, -1e-5):
        weights = friend["start"]()
        weights[matrix][place] += nudge
        losses.append(friend["loss_and_gradients"](weights, through)[0])
    return (losses[0] - losses[1]) / 2e-5


@pytest.mark.parametrize("name", ["through_tanh", "mended"])
def test_which_gradients_are_right(friend, name):
    through = friend[name]
    _, gradients = friend["loss_and_gradients"](friend["start"](), through)
    for matrix, place in ((0, (20, 0)), (0, (33, 5)), (1, (0, 0)), (1, (7, 20)), (2, (0, 0)), (2, (31, 9))):
        agree = np.isclose(gradients[matrix][place], _quotient(friend, through, matrix, place), rtol=1e-4)
        assert agree == (matrix == 2 or name == "mended"), (matrix, place)


def test_what_is_said_against_the_other_causes(friend):
    weights = friend["start"]()
    loss, gradients = friend["loss_and_gradients"](weights, friend["through_tanh"])
    assert 0.9 < rms(friend["images"] @ weights[0]) < 1.2
    assert all(0.1 < rms(w) < 0.25 for w in weights)
    assert all(rms(g) < 0.1 for g in gradients)
    lower = [w - 0.1 * g for w, g in zip(weights, gradients, strict=True)]
    assert friend["loss_and_gradients"](lower, friend["through_tanh"])[0] < loss
    for rate in (0.1, 0.01, 0.001):
        assert _largest(friend["train"](friend["through_tanh"], rate)) > 1e6


def test_mended_it_learns_at_any_of_these_rates(friend):
    for rate in (0.01, 0.1, 1.0):
        assert _largest(friend["train"](friend["mended"], rate)) < 2
    for through in (friend["mended"], _tanh_twice):
        assert "loss from 2.4 to 0.0 in 300 steps" in friend["train"](through)


def _tanh_twice(upstream, z):
    return upstream * acts.tanh_derivative(np.tanh(z))


def _largest(told):
    return float(told.split()[-1])


# ---- the measurement -----------------------------------------------------------------------------


def _report(images, seeds, layer=10, width=64):
    sizes, report = [64] + 10 * [width] + [10], {}
    for kind in ("xavier", "pytorch"):
        for name, factor in (("without", 0), ("with", 1)):
            network = MLP(sizes, "tanh", kind, seeds=seeds)
            network.biases = [factor * b for b in MLP(sizes, "tanh", "pytorch", seeds=seeds).biases]
            found = offset_over_spread(network.forward(images).activations[layer])
            report[f"{kind}_{name}"] = found.mean()
    return report | {"spread": found.std()}


STANDARDISED = digits(standardised=True)


@pytest.mark.parametrize("begin", range(0, 60, 10))
@pytest.mark.parametrize("images", [slice(0, 64), slice(100, 400), slice(None)], ids=str)
def test_sound_designs_are_accepted(images, begin):
    report = _report(STANDARDISED.images[images], range(begin, begin + 5))
    assert acts_exercises.find("centred_by_default").judge(report).startswith("well measured")


@pytest.mark.parametrize(
    "report",
    [
        lambda: _report(digits().images, 5),
        lambda: _report(STANDARDISED.images, 5, layer=9),
        lambda: _report(STANDARDISED.images, 5, width=32),
        lambda: _report(STANDARDISED.images, 1),
    ],
    ids=["raw", "layer-9", "width-32", "one-seed"],
)
def test_other_designs_are_not(report):
    with pytest.raises(acts_exercises.Wrong) as wrong:
        acts_exercises.find("centred_by_default").judge(report())
    assert wrong.value.details, "each of these has words of its own"


# ---- gates ---------------------------------------------------------------------------------------


def test_the_step_is_that_of_the_course():
    cell, rows = LSTM(8, 6, seeds=1, forget_bias=0.5), np.random.default_rng(0).normal(size=(12, 8))
    weights, biases = ({name: part[0] for name, part in parts.items()} for parts in (cell.weights, cell.biases))
    memory = shown = np.zeros(6)
    for x in rows:
        memory, shown = n02_tanh.lstm_step(x, shown, memory, weights, biases)
    trace = cell.forward(rows)
    assert np.allclose(memory, trace.cell[0, -1], rtol=1e-12) and np.allclose(shown, trace.hidden[0, -1], rtol=1e-12)


def test_the_smallest_bias_that_holds_is_the_one_the_check_expects():
    biases = np.arange(20)
    held = 1 / (1 + np.exp(-biases)) ** 100 >= 0.5
    assert n02_tanh.GATE_BIAS.judge(biases[held][0]).startswith("right")
