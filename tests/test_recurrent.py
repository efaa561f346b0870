"""The LSTM: against a plain loop over numbers, with each activation swapped, and what it says to wrong arguments."""

import math

import numpy as np
import pytest

from acts.catalog import ACTIVATIONS, UnknownActivation
from acts.recurrent import LSTM, LSTM_ACTIVATIONS

SIMPLE = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "relu6": lambda z: min(max(z, 0.0), 6.0),
}
SWAPS = [{}, *({place: name} for place in LSTM_ACTIVATIONS for name in SIMPLE), dict.fromkeys(LSTM_ACTIVATIONS, "relu")]
each_swap = pytest.mark.parametrize("swap", SWAPS, ids=str)
SEQUENCE = np.random.default_rng(3).normal(size=(7, 3))


def by_loops(lstm, inputs, seed, activations):
    """The formulas of the cell, number by number, for one seed: the cells and outputs after each step."""
    chosen = {place: SIMPLE[name] for place, name in activations.items()}
    cell, hidden, cells, shown = [0.0] * lstm.units, [0.0] * lstm.units, [], []
    for x in inputs:
        seen, new = [*x, *hidden], {}
        for layer, weights in lstm.weights.items():
            new[layer] = [
                chosen[layer](sum(w * s for w, s in zip(weights[seed, :, u], seen, strict=True))
                              + lstm.biases[layer][seed, u])
                for u in range(lstm.units)
            ]  # fmt: skip
        cell = [new["forget"][u] * cell[u] + new["input"][u] * new["candidate"][u] for u in range(lstm.units)]
        hidden = [new["output"][u] * chosen["readout"](cell[u]) for u in range(lstm.units)]
        cells.append(cell)
        shown.append(hidden)
    return np.array(cells), np.array(shown)


@each_swap
def test_the_cell_is_the_formula(swap):
    lstm = LSTM(3, 4, seeds=[5, 2], initialisation="pytorch", scale=1.3, **swap)
    trace = lstm.forward(SEQUENCE)
    for seed in (0, 1):
        cells, shown = by_loops(lstm, SEQUENCE, seed, LSTM_ACTIVATIONS | swap)
        np.testing.assert_allclose(trace.cell[seed, 1:], cells, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(trace.hidden[seed, 1:], shown, rtol=1e-12, atol=1e-14)
    assert not trace.cell[:, 0].any() and not trace.hidden[:, 0].any()


def test_the_trace_is_unrolled():
    """c_T is the sum of all that was written, each times all the forget gates after it."""
    trace = LSTM(3, 4, seeds=3).forward(SEQUENCE)
    written = trace.input * trace.candidate
    kept = [np.prod(trace.forget[:, t + 1 :], axis=1) * written[:, t] for t in range(len(SEQUENCE))]
    np.testing.assert_allclose(trace.cell[:, -1], sum(kept), rtol=1e-12)


def test_a_gate_can_be_any_function():
    assert (LSTM(3, 4, forget=np.ones_like).forward(SEQUENCE).forget == 1).all()
    one = LSTM(3, 4, forget=ACTIVATIONS["relu"].function).forward(SEQUENCE)
    np.testing.assert_array_equal(one.cell, LSTM(3, 4, forget="relu").forward(SEQUENCE).cell)


def test_a_swap_does_not_touch_the_weights_and_seeds_stand_alone():
    plain, swapped, alone = LSTM(3, 4, seeds=3), LSTM(3, 4, seeds=3, input="relu"), LSTM(3, 4, seeds=[2])
    for layer in plain.weights:
        np.testing.assert_array_equal(plain.weights[layer], swapped.weights[layer])
        np.testing.assert_array_equal(plain.weights[layer][2:], alone.weights[layer])
    np.testing.assert_allclose(plain.forward(SEQUENCE).cell[2:], alone.forward(SEQUENCE).cell, rtol=1e-12)


def test_scale_and_forget_bias():
    plain, other = LSTM(3, 4), LSTM(3, 4, scale=2, forget_bias=-1)
    for layer in plain.weights:
        np.testing.assert_array_equal(other.weights[layer], 2 * plain.weights[layer])
        bias = {"forget": 1}.get(layer, 0)
        assert (plain.biases[layer] == bias).all() and (other.biases[layer] == -bias).all()
    assert plain.weights["forget"].shape == (5, 7, 4) and plain.biases["forget"].shape == (5, 4)


def test_each_seed_may_have_a_sequence_of_its_own():
    own = np.stack([SEQUENCE, -SEQUENCE])
    both = LSTM(3, 4, seeds=2).forward(own)
    second = LSTM(3, 4, seeds=[1]).forward(-SEQUENCE)
    np.testing.assert_allclose(both.cell[1], second.cell[0], rtol=1e-12)


def test_overflow_is_counted_and_makes_no_warning():
    lstm = LSTM(3, 4, seeds=2, forget=lambda z: 10.0 + 0 * z)
    trace = lstm.forward(np.ones((400, 3)))
    assert (0 < trace.finite_steps).all() and (trace.finite_steps < 320).all()
    first = int(trace.finite_steps[0])
    assert np.isfinite(trace.cell[0, : first + 1]).all() and not np.isfinite(trace.cell[0, first + 1]).all()
    assert LSTM(3, 4, seeds=2).forward(SEQUENCE).finite_steps.tolist() == [7, 7]


@pytest.mark.parametrize(
    "wrong, said",
    [
        (dict(features=0), "features must be a positive integer; got 0"),
        (dict(units=2.0), "units must be a positive integer; got 2.0"),
        (dict(units=True), "units must be a positive integer; got True"),
        (dict(seeds=0), "seeds must be a positive integer"),
        (dict(seeds=[-1]), "seeds must be a positive integer, or some integers from 0 on"),
        (dict(initialisation="xavjer"), "unknown initialisation 'xavjer'. Did you mean 'xavier'"),
        (dict(initialisation="lsuv"), "unknown initialisation 'lsuv'"),
        (dict(initialisation="centred"), "unknown initialisation 'centred'"),
        (dict(scale=np.inf), "scale must be a finite number; got inf"),
        (dict(forget_bias=[1, 2]), "forget_bias must be a finite number"),
    ],
)
def test_wrong_arguments_are_named(wrong, said):
    with pytest.raises(ValueError) as error:
        LSTM(**(dict(features=3, units=4) | wrong))
    assert said in str(error.value)


def test_an_unknown_activation_is_named():
    with pytest.raises(UnknownActivation, match="Did you mean 'tanh'"):
        LSTM(3, 4, candidate="tahn")


@pytest.mark.parametrize("shape", [(3,), (7, 4), (4, 7, 3), (0, 3), (1, 5, 7, 3)])
def test_a_sequence_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"inputs must have shape \(steps, 3\) or \(seeds, steps, 3\), with seeds = 5"):
        LSTM(3, 4).forward(np.zeros(shape))


def test_a_sequence_of_words_is_refused():
    with pytest.raises(TypeError, match="inputs"):
        LSTM(3, 4).forward([["a", "b", "c"]])
