"""The exercises of 05_leaky_prelu_rrelu: what is judged is what stands in the notebook, and the messages are true."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

import acts
import acts_exercises
from acts.data import digits
from acts.network import MLP, Leaky, accuracy
from acts.training import train
from acts_exercises import n05_leaky_prelu_rrelu

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def cells():
    notebook = nbformat.read(ROOT / "solutions" / "05_leaky_prelu_rrelu.ipynb", as_version=4)
    return {cell.id: cell.source for cell in notebook.cells}


def names_of(*sources, **given):
    names = {"np": np, "acts": acts, "print": lambda *words, **settings: None} | given
    for source in sources:
        exec(source, names)
    return names


def test_the_silent_unit_is_the_one_of_the_notebook(cells):
    there = names_of(cells["silent-measured"], prediction=1000)
    for alpha in (0.1, 0.01):
        assert there["steps_until"](alpha, 0)[0] == n05_leaky_prelu_rrelu.steps_until_awake(alpha)
    assert n05_leaky_prelu_rrelu.steps_until_awake(0.01) == 996
    for asleep in (0, -0.01):
        assert n05_leaky_prelu_rrelu.steps_until_awake(asleep, limit=2000) == 2000


@pytest.mark.parametrize("what", n05_leaky_prelu_rrelu.BACKWARD_CASES)
def test_both_gradients_of_prelu_are_those_of_the_course_and_of_difference_quotients(what):
    (x, alpha, upstream, axis), _ = n05_leaky_prelu_rrelu.BACKWARD_CASES[what]
    x, upstream = x.astype(np.float64), upstream.astype(np.float64)
    in_x, in_alpha = n05_leaky_prelu_rrelu.prelu_backward(x, alpha, upstream, axis)
    assert np.allclose(in_x, upstream * acts.prelu_derivative(x, alpha, channel_axis=axis))
    assert np.allclose(in_alpha, acts.prelu_alpha_gradient(x, upstream, channel_axis=axis))
    step = 1e-6
    for place in np.ndindex(np.shape(alpha)):
        aside = np.zeros(np.shape(alpha))
        aside[place] = step
        ends = [acts.prelu(x, (alpha + way * aside)[()], channel_axis=axis) for way in (1, -1)]
        assert np.isclose(np.sum(upstream * (ends[0] - ends[1])) / (2 * step), in_alpha[place], atol=1e-7)


def test_typical_mistakes_with_alpha_are_told_apart_by_four_numbers():
    mistakes = acts_exercises.find("prelu_backward").judge.mistakes()
    answers = [wrong(*n05_leaky_prelu_rrelu.BY_HAND)[1] for wrong, _ in mistakes]
    values = {round(float(answer), 9) for answer in answers if np.ndim(answer) == 0}
    assert len(values) > 10 and np.diff(sorted(values)).min() > 0.05


def test_the_device_that_is_checked_is_the_one_of_the_notebook(cells):
    there = names_of(cells["stuck-device"], cells["stuck-train"])
    mixing, inputs, wanted = n05_leaky_prelu_rrelu.device()
    assert all(map(np.array_equal, there["mixing"], mixing))
    assert np.array_equal(there["inputs"], inputs) and np.allclose(there["wanted"], wanted, rtol=1e-12)
    for tied in (True, False):
        mine, theirs = ([np.array([0.25])] * 4 if tied else [np.array([0.25]) for _ in "1234"] for _ in "12")
        loss = n05_leaky_prelu_rrelu.learn(mine, steps=50)
        there["learn"](theirs, steps=50)
        assert np.allclose(mine, theirs, rtol=1e-9)
        assert np.isclose(loss, there["loss_and_gradients"](theirs)[0], rtol=1e-9)


def test_the_tied_slopes_stand_still_as_the_messages_say():
    recorded = n05_leaky_prelu_rrelu.device()
    tied = [np.array([0.25])] * 4
    before = n05_leaky_prelu_rrelu.learn(tied, steps=300)
    assert abs(tied[0][0]) < 0.01  # nearly a ReLU: decay suggests itself
    _, gradients = n05_leaky_prelu_rrelu.loss_and_gradients(*recorded, tied)
    assert abs(sum(gradients)) < 1e-6 and np.abs(gradients).min() > 0.1
    assert abs(n05_leaky_prelu_rrelu.learn(tied, steps=2700) - before) < 1e-6
    seen, _ = n05_leaky_prelu_rrelu.forward(*recorded[:2], [0.25] * 4)
    sizes = [np.sqrt(np.mean(z**2)) for z in seen]
    assert 0.7 < min(sizes) and max(sizes) < 2


def test_the_gradients_of_the_device_fit_difference_quotients():
    recorded, slopes = n05_leaky_prelu_rrelu.device(), np.array([0.1, 0.2, 0.3, 0.4])
    _, gradients = n05_leaky_prelu_rrelu.loss_and_gradients(*recorded, slopes)
    for number, aside in enumerate(1e-6 * np.eye(4)):
        ends = [n05_leaky_prelu_rrelu.loss_and_gradients(*recorded, slopes + way * aside)[0] for way in (1, -1)]
        assert np.isclose((ends[0] - ends[1]) / 2e-6, gradients[number], rtol=1e-5)


def test_separate_slopes_find_the_true_ones():
    slopes = [np.array([n05_leaky_prelu_rrelu.START]) for _ in range(4)]
    assert n05_leaky_prelu_rrelu.learn(slopes, steps=300) < 1e-12
    assert np.allclose(np.ravel(slopes), n05_leaky_prelu_rrelu.TRUE_SLOPES)


def test_wide_bounds_keep_the_signal_in_training_and_lose_it_in_testing():
    low, high, inputs = 11 / 48 - 1, 11 / 48 + 1, np.random.default_rng(0).normal(size=(200, 64))
    variance = 2 / (64 * (1 + (low**2 + low * high + high**2) / 3))
    deep = MLP([64] + [256] * 10 + [10], Leaky(random=(low, high)), "he", scale=np.sqrt(variance * 32))
    last = {}
    for deep.training in (True, False):
        sizes = [np.median((z**2).mean(axis=(1, 2))) for z in deep.forward(inputs).pre_activations[:10]]
        last[deep.training] = sizes[-1] / sizes[0]
    assert 0.85 < last[True] < 1.15
    loss = (1 + (11 / 48) ** 2) / (1 + (low**2 + low * high + high**2) / 3)
    assert abs(last[False] / loss**9 - 1) < 0.3


@pytest.mark.parametrize(
    ("seeds", "settings"),
    [
        (range(20), {"steps": 100}),
        (range(50, 70), {"rate": 0.06, "depth": 8, "batch": 24}),
        (range(200, 220), {"width": 24}),
    ],
    ids=["fewer steps", "eight layers", "narrow layers"],
)
def test_differently_designed_experiments_are_accepted(seeds, settings):
    train_set, test_set = digits(standardised=True).split()

    def accuracies(alpha, rate=0.08, depth=10, width=32, batch=32, steps=150):
        scale = 1 / np.sqrt(1 + alpha**2)
        net = MLP([64] + [width] * depth + [10], Leaky(alpha), "he", seeds, scale=scale)
        train(net, *train_set, rate, steps, batch, steps)
        return accuracy(net, *test_set)

    relu, report = accuracies(0, **settings), {"seeds": len(seeds)}
    for name, alpha in {"001": 0.01, "03": 0.3}.items():
        gains = accuracies(alpha, **settings) - relu
        report |= {f"gain_{name}": gains.mean(), f"error_{name}": gains.std(ddof=1) / np.sqrt(len(seeds))}
    report["needed"] = np.ceil(len(seeds) * (2 * report["error_001"] / 0.01) ** 2)
    assert acts_exercises.find("better_than_relu").judge(report).startswith("well measured")
