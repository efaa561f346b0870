"""What the checks of 00_why_activations compute is what the notebook and the course compute."""

from pathlib import Path

import nbformat
import numpy as np

from acts.recurrent import LSTM
from acts_exercises import n00_why_activations

SOLUTION = Path(__file__).resolve().parent.parent / "solutions" / "00_why_activations.ipynb"


def relu(z):
    return np.maximum(z, 0), np.where(z > 0, 1.0, 0.0)


def of_the_notebook(*ids):
    """Return what some cells of the notebook define."""
    cells = {cell.id: cell.source for cell in nbformat.read(SOLUTION, as_version=4).cells}
    names = {}
    exec("\n".join(["import numpy as np, acts", *(cells[id] for id in ids)]), names)
    return names


def test_the_network_that_is_checked_is_the_one_of_the_notebook():
    names = of_the_notebook("guessing-network-data", "guessing-network-train")
    points, labels = n00_why_activations.clouds()
    assert np.array_equal(points, names["points"]) and np.array_equal(labels, names["labels"])
    here = n00_why_activations.train(points, labels, relu, seeds=(0, 1, 2))
    for seed in range(3):
        weights = names["train"](points, labels, relu, seed=seed)
        assert np.allclose(here[seed], names["score"](points, relu, *weights), rtol=1e-9)


def test_what_is_said_of_the_other_causes_is_true():
    names = of_the_notebook("guessing-network-data", "guessing-network-train", "guessing-network-run")
    for change in ({}, {"rate": 5}, {"steps": 2000}, {"units": 100}):
        for seed in range(3):
            first, second = names["train"](names["points"], names["labels"], names["bend"], **change, seed=seed)
            scores = names["score"](names["points"], names["bend"], first, second)
            assert np.mean((scores > 0) == names["labels"]) <= 0.75
            slopes = names["bend"](names["with_one"](names["points"]) @ first)[1]
            assert (slopes == 1).all() or "rate" in change  # such steps may throw the units past the corner at last
            assert np.ptp(first, axis=1).min() > 0


def test_the_affine_at_is_that_of_the_network():
    rng = np.random.default_rng(0)
    for layers, x in n00_why_activations.networks_and_places():
        matrix, bias = n00_why_activations.affine_at(layers, x)
        for near in x + 1e-4 * rng.normal(size=(10, len(x))):
            assert np.allclose(near @ matrix + bias, n00_why_activations.network(layers, near), atol=1e-9)


def test_the_step_is_that_of_the_course():
    cell, rows = LSTM(8, 6, seeds=1, forget_bias=0.5), np.random.default_rng(0).normal(size=(12, 8))
    weights, biases = ({name: part[0] for name, part in parts.items()} for parts in (cell.weights, cell.biases))
    memory = shown = np.zeros(6)
    for x in rows:
        memory, shown = n00_why_activations.lstm_step(x, shown, memory, weights, biases)
    trace = cell.forward(rows)
    assert np.allclose(memory, trace.cell[0, -1], rtol=1e-12) and np.allclose(shown, trace.hidden[0, -1], rtol=1e-12)


def test_four_lines_make_as_many_regions_as_the_check_expects():
    rng = np.random.default_rng(0)
    places = rng.standard_cauchy((50_000, 2))
    draws = [places @ rng.normal(size=(2, 4)) + rng.normal(size=4) > 0 for _ in range(20)]
    assert n00_why_activations.FOUR_LINES.judge(max(len(np.unique(on @ 2 ** np.arange(4))) for on in draws)).startswith(
        "right"
    )


def test_the_smallest_bias_that_holds_is_the_one_the_check_expects():
    biases = np.arange(20)
    held = 1 / (1 + np.exp(-biases)) ** 100 >= 0.5
    assert n00_why_activations.GATE_BIAS.judge(biases[held][0]).startswith("right")
