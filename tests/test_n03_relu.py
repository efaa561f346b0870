"""The exercises of 03_relu: what is judged is what stands in the notebook, and what its messages say is measured."""

from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import pytest

import acts
import acts_exercises
from acts.data import digits
from acts.network import MLP
from acts.probes import gradient_path, silent_units
from acts.training import clip_by_norm, train
from acts_exercises import n03_relu

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def cells():
    notebook = nbformat.read(ROOT / "solutions" / "03_relu.ipynb", as_version=4)
    return {cell.id: cell.source for cell in notebook.cells}


def names_of(*sources):
    names = {"np": np, "acts": acts, "print": lambda *words, **settings: None}
    for source in sources:
        exec(source, names)
    return names


def test_the_network_that_is_checked_is_the_one_of_the_notebook(cells):
    there = names_of(cells["kelvin-train"], cells["kelvin-run"])
    hours, kelvin = n03_relu.day()
    assert np.array_equal(there["hours"], hours) and np.array_equal(there["kelvin"], kelvin)
    for seed in range(3):
        for targets in (kelvin, (kelvin - kelvin.mean()) / kelvin.std()):
            mine, theirs = n03_relu.train(hours, targets, seed=seed), there["train"](hours, targets, seed=seed)
            assert all(np.allclose(a, b, rtol=1e-9) for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_it_dies_in_two_steps_as_the_messages_say(seed):
    hours, kelvin = n03_relu.day()
    dead = []
    for steps in (0, 2, 4000):
        w, b, v, c = n03_relu.train(hours, kelvin, steps=steps, seed=seed)
        z = np.outer(hours, w) + b
        dead.append((z <= 0).all(axis=0).mean())
        off = np.sqrt(np.mean((np.maximum(z, 0) @ v + c - kelvin) ** 2))
        assert steps or (np.abs(z).max() < 10 and 200 < off < 400)
    assert dead[0] < 0.3 and dead[1:] == [1, 1]
    assert abs(off - kelvin.std()) < 1e-6  # to the end the output is the mean


def test_twenty_layers_are_what_the_rule_predicts():
    images, labels = digits(standardised=True)
    deep = MLP([64] + [64] * 21 + [10], "relu", "pytorch", seeds=9, scale=2)
    path = gradient_path(deep, images[:200], labels[:200])
    assert abs(np.median(path[:, 21] / path[:, 1]) / (2 / 3) ** 10 - 1) < 0.25


@pytest.mark.parametrize(
    ("seeds", "width", "batch", "limit"),
    [(range(5), 32, 32, 0.3), (range(50, 56), 32, 32, 1), (range(10, 15), 64, 48, 0.1), (range(20, 26), 24, 64, 0.5)],
)
def test_differently_designed_experiments_are_accepted(seeds, width, batch, limit):
    train_set, test_set = digits(standardised=True).split()

    def run(rate, most=None):
        net = MLP([64, width, width, 10], "relu", "he", seeds)
        clip = most and partial(clip_by_norm, most=most)
        history = train(net, *train_set, rate, 100, batch, 100, test=test_set, clip=clip)
        return silent_units(net, train_set.images)[1].mean(axis=-1), history.accuracy[-1]

    (unclipped, _), (clipped, accuracy), (_, small_rate) = run(2.0), run(2.0, limit), run(0.4)
    report = dict(unclipped=unclipped.mean(), spread=unclipped.std(), clipped=clipped.mean())
    report |= dict(accuracy_clipped=accuracy.mean(), accuracy_small_rate=small_rate.mean())
    assert acts_exercises.find("saved_by_clipping").judge(report).startswith("well measured")


@pytest.mark.parametrize("seeds", [range(5), range(20, 25)])
def test_the_accuracy_on_the_training_images_is_refused(seeds):
    train_set, test_set = digits(standardised=True).split()
    net = MLP([64, 32, 32, 10], "relu", "he", seeds)
    on_test = train(net, *train_set, 0.4, 100, 32, 100, test=test_set).accuracy[-1].mean()
    on_training = (net.forward(train_set.images).pre_activations[-1].argmax(axis=-1) == train_set.labels).mean()
    assert on_test < n03_relu.MOST_ON_TEST - 0.005 < n03_relu.MOST_ON_TEST + 0.005 < on_training
