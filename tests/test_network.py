"""The small network: its gradients, seeds, initialisations, activations and losses, and its errors."""

import dataclasses
import functools

import numpy as np
import pytest
from small_networks import (
    NET,
    ROWS,
    SEEDS,
    UNITS,
    X,
    Y,
    assert_gradients,
    assert_named,
    assert_same_parameters,
    build,
    each_activation,
    each_batch,
    each_depth,
    each_initialisation,
    example,
    leaky,
    parameters,
    slopes,
)

import acts
from acts.catalog import ACTIVATIONS, UnknownActivation
from acts.elementwise import prelu_alpha_gradient, relu_derivative
from acts.network import INITIALISATIONS, MLP, Leaky, SwiGLU, accuracy, centre, cross_entropy, squared_error
from acts.probes import rms
from acts.training import descend, train


@each_activation
@each_depth
@each_batch
def test_gradients_of_all_parameters(activation, layers, batch):
    network, inputs, labels, _ = example(activation, layers, batch)
    _, gradients = cross_entropy(network, inputs, labels)

    def loss():
        return cross_entropy(network, inputs, labels)[0]

    for computed, parameter in zip([*gradients.weights, *gradients.biases], parameters(network), strict=True):
        assert_gradients(computed, slopes(loss, parameter))


def finish(network, layer, z):
    """The output of the network when the pre-activations of a layer are z."""
    for weights, biases in zip(network.weights[layer + 1 :], network.biases[layer + 1 :], strict=True):
        z = network.activation.function(z) @ weights + biases
    return z


def resume(network, layer, h):
    """The output of the network when the activations that enter a layer are h."""
    return finish(network, layer, h @ network.weights[layer] + network.biases[layer])


@each_activation
@each_depth
@each_batch
def test_gradients_of_pre_activations_and_activations(activation, layers, batch):
    """Of a loss other than cross-entropy, ½ Σ c · output²: `backward` must take any."""
    network, inputs, _, rng = example(activation, layers, batch)
    trace = network.forward(inputs)
    c = rng.normal(size=trace.output.shape)
    gradients = network.backward(trace, c * trace.output)
    assert len(gradients.pre_activations) == len(gradients.weights) == len(gradients.biases) == layers
    assert len(gradients.activations) == layers - 1

    def loss_of(output):
        return (c * output**2).sum(axis=(1, 2)) / 2

    for layer in range(layers):
        z = trace.pre_activations[layer].copy()
        measured = slopes(lambda z=z, layer=layer: loss_of(finish(network, layer, z)), z)
        assert_gradients(gradients.pre_activations[layer], measured)
    for layer in range(1, layers):
        h = trace.activations[layer].copy()
        measured = slopes(lambda h=h, layer=layer: loss_of(resume(network, layer, h)), h)
        assert_gradients(gradients.activations[layer - 1], measured)


def test_backward_changes_neither_the_network_nor_the_trace():
    network, inputs, labels, _ = example("tanh", 3, "per seed")
    trace = network.forward(inputs)
    arrays = [*parameters(network), *trace.pre_activations, *trace.activations]
    before = [array.copy() for array in arrays]
    network.backward(trace, np.ones(trace.output.shape))
    for array, kept in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, kept)


@each_activation
def test_forward_row_by_row(activation):
    network, inputs, _, _ = example(activation, 3, "per seed")
    trace = network.forward(inputs)
    assert trace.output is trace.pre_activations[-1]
    for seed, row in np.ndindex(len(SEEDS), ROWS):
        h = inputs[seed, row]
        for layer in range(3):
            np.testing.assert_allclose(trace.activations[layer][seed, row], h, atol=1e-14)
            weights, biases = network.weights[layer][seed], network.biases[layer][seed, 0]
            z = [h @ weights[:, unit] + biases[unit] for unit in range(UNITS[layer + 1])]
            np.testing.assert_allclose(trace.pre_activations[layer][seed, row], z, atol=1e-14)
            h = ACTIVATIONS[activation].function(np.array(z))


def test_a_shared_batch_is_the_same_batch_for_each_seed():
    network, inputs, labels, _ = example("sigmoid", 3, "shared")
    repeated = np.stack([inputs] * len(SEEDS)), np.stack([labels] * len(SEEDS))
    (loss, gradients), (same_loss, same) = cross_entropy(network, inputs, labels), cross_entropy(network, *repeated)
    np.testing.assert_allclose(loss, same_loss, atol=1e-14)
    for a, b in zip(gradients.weights + gradients.biases, same.weights + same.biases, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-14)


def test_float32_inputs_are_computed_in_float64():
    network, inputs, _, _ = example("tanh", 2, "shared")
    single = inputs.astype(np.float32)
    trace = network.forward(single)
    assert {array.dtype for array in trace.pre_activations + trace.activations} == {np.dtype(np.float64)}
    np.testing.assert_array_equal(trace.output, network.forward(single.astype(np.float64)).output)


# ── Loss and accuracy ─────────────────────────────────────────────────────────────────────────────────────────────


@each_batch
def test_cross_entropy_and_accuracy_by_hand(batch):
    network, inputs, labels, _ = example("sigmoid", 2, batch)
    loss, _ = cross_entropy(network, inputs, labels)
    output = network.forward(inputs).output
    right, expected = np.zeros((len(SEEDS), ROWS)), np.zeros((len(SEEDS), ROWS))
    for seed, row in np.ndindex(right.shape):
        label = labels[row] if batch == "shared" else labels[seed, row]
        logits = output[seed, row]
        expected[seed, row] = np.log(np.exp(logits).sum()) - logits[label]
        right[seed, row] = all(logits[label] >= logits)
    np.testing.assert_allclose(loss, expected.mean(axis=1), rtol=1e-13)
    np.testing.assert_array_equal(accuracy(network, inputs, labels), right.mean(axis=1))
    assert 0 < right.mean() < 1


# ── Seeds ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@each_initialisation
@each_activation
def test_a_seed_is_the_same_network_alone_and_among_others(initialisation, activation):
    """Its initialisation to the last bit, or the last but few where data enter; its passes to rounding."""
    tolerance = {"rtol": 1e-12} if initialisation == "lsuv" else {}
    stacked = build(initialisation, activation=activation, seeds=SEEDS)
    inputs, labels = np.random.default_rng(1).normal(size=(7, 6)), np.arange(7) % 3
    loss, gradients = cross_entropy(stacked, inputs, labels)
    for k, seed in enumerate(SEEDS):
        alone = build(initialisation, activation=activation, seeds=[seed])
        for a, b in zip(parameters(stacked), parameters(alone), strict=True):
            np.testing.assert_allclose(a[k : k + 1], b, **({"rtol": 0} | tolerance))
        own_loss, own = cross_entropy(alone, inputs, labels)
        np.testing.assert_allclose(loss[k], own_loss[0], rtol=1e-12)
        for a, b in zip(gradients.weights + gradients.biases, own.weights + own.biases, strict=True):
            np.testing.assert_allclose(a[k : k + 1], b, rtol=1e-12, atol=1e-14)


@each_initialisation
def test_different_seeds_and_layers_are_different(initialisation):
    network = build(initialisation, sizes=(4, 4, 4))
    matrices = [matrix for layer in network.weights for matrix in layer]
    for i, one in enumerate(matrices):
        for other in matrices[:i]:
            assert np.abs(one / rms(one) - other / rms(other)).max() > 0.1


def test_seeds_as_a_number_and_as_a_list():
    assert MLP([2, 2], seeds=3).seeds == [0, 1, 2]
    assert MLP([2, 2], seeds=np.int64(3)).seeds == [0, 1, 2]
    assert MLP([2, 2], seeds=np.array([7, 7])).seeds == [7, 7]
    assert_same_parameters(MLP([2, 2], seeds=3), MLP([2, 2], seeds=(seed for seed in range(3))))


def test_one_seed_cannot_reach_another():
    """Change one seed's weights and inputs: the losses and gradients of the others stay as they were."""
    network, inputs, labels, _ = example("tanh", 3, "per seed")
    loss, gradients = cross_entropy(network, inputs, labels)
    for array in [*parameters(network), inputs]:
        array[1] += 0.5
    new_loss, new_gradients = cross_entropy(network, inputs, labels)
    assert new_loss[1] != loss[1]
    np.testing.assert_array_equal(new_loss[[0, 2]], loss[[0, 2]])
    for a, b in zip(new_gradients.weights, gradients.weights, strict=True):
        np.testing.assert_array_equal(a[[0, 2]], b[[0, 2]])


# ── Initialisations ───────────────────────────────────────────────────────────────────────────────────────────────
#
# On 20 · 100 · 60 weights, whose variance is known to 0.4 % at worst (normal, one standard deviation).


FAN_IN, FAN_OUT = 100, 60

VARIANCE = {
    "pytorch": 1 / (3 * FAN_IN),
    "xavier": 2 / (FAN_IN + FAN_OUT),
    "he": 2 / FAN_IN,
    "plain": 1,
    "centred": 16 * 2 / (FAN_IN + FAN_OUT),
    "orthogonal": 1 / FAN_IN,  # each of the 60 columns, of 100 entries, has length 1
}

BOUND = {"pytorch": 1 / np.sqrt(FAN_IN), "xavier": np.sqrt(6 / 160), "centred": 4 * np.sqrt(6 / 160)}


@pytest.fixture(scope="module")
def drawn():
    return {name: MLP([FAN_IN, FAN_OUT], initialisation=name, seeds=20) for name in VARIANCE}


@pytest.mark.parametrize("initialisation", sorted(VARIANCE))
def test_weights_have_the_variance_promised(drawn, initialisation):
    weights = drawn[initialisation].weights[0]
    assert weights.shape == (20, FAN_IN, FAN_OUT)
    assert weights.var() == pytest.approx(VARIANCE[initialisation], rel=0.03)
    assert abs(weights.mean()) < 0.02 * weights.std()


@pytest.mark.parametrize("initialisation", sorted(BOUND))
def test_uniform_weights_fill_their_interval_and_nothing_else(drawn, initialisation):
    weights, bound = drawn[initialisation].weights[0], BOUND[initialisation]
    assert 0.999 * bound < weights.max() <= bound and -bound <= weights.min() < -0.999 * bound
    share, _ = np.histogram(weights, bins=4, range=(-bound, bound))
    np.testing.assert_allclose(share / weights.size, 0.25, atol=0.01)


@pytest.mark.parametrize("initialisation", ["he", "plain"])
def test_normal_weights_are_normal(drawn, initialisation):
    weights = drawn[initialisation].weights[0] / np.sqrt(VARIANCE[initialisation])
    assert (weights**4).mean() == pytest.approx(3, rel=0.05)
    assert (np.abs(weights) < 1).mean() == pytest.approx(0.6827, abs=0.01)


@pytest.mark.parametrize("initialisation", sorted(set(INITIALISATIONS) - {"pytorch", "centred"}))
def test_biases_are_zero(initialisation):
    for biases in build(initialisation).biases:
        np.testing.assert_array_equal(biases, 0)


def test_pytorch_draws_biases_like_weights(drawn):
    biases, bound = drawn["pytorch"].biases[0], BOUND["pytorch"]
    assert biases.shape == (20, 1, FAN_OUT)
    assert biases.var() == pytest.approx(1 / (3 * FAN_IN), rel=0.1)
    assert 0.99 * bound < np.abs(biases).max() <= bound


@pytest.mark.parametrize("sizes", [(7, 4), (4, 7), (5, 5), (1, 6), (6, 1)], ids=str)
def test_orthogonal_weights_have_singular_values_of_one(sizes):
    weights = MLP(sizes, initialisation="orthogonal", seeds=4).weights[0]
    assert weights.shape == (4, *sizes)
    np.testing.assert_allclose(np.linalg.svd(weights, compute_uv=False), 1, rtol=1e-13)


@pytest.mark.parametrize("sizes", [(3, 3), (3, 2), (2, 3)], ids=str)
def test_orthogonal_weights_prefer_no_direction(sizes):
    """In three dimensions each entry is uniform in ±1; without the signs of R one would always be negative."""
    weights = MLP(sizes, initialisation="orthogonal", seeds=600).weights[0]
    np.testing.assert_allclose(weights.mean(axis=0), 0, atol=0.1)
    np.testing.assert_allclose(weights.var(axis=0), 1 / 3, atol=0.06)


def test_centred_biases_cancel_the_mean_of_the_sigmoids_before():
    network = MLP([7, 90, 50, 3], "sigmoid", "centred", seeds=3)
    np.testing.assert_array_equal(network.biases[0], 0)  # data feed it, not sigmoids
    for weights, biases in zip(network.weights[1:], network.biases[1:], strict=True):
        halves = np.full((1, weights.shape[1]), 0.5)
        np.testing.assert_allclose(halves @ weights + biases, 0, atol=1e-12)


def test_centred_is_centred_after_scaling_and_shortening():
    scaled = MLP([6, 5, 5, 3], "sigmoid", "centred", scale=3)
    for network in (scaled, scaled.shallower(1, scale=2.5)):
        for weights, biases in zip(network.weights[1:], network.biases[1:], strict=True):
            np.testing.assert_allclose(biases, -weights.sum(axis=1, keepdims=True) / 2, atol=1e-12)


def test_centre_changes_the_biases_alone():
    network, before = build("pytorch"), build("pytorch")
    assert centre(network) is network
    np.testing.assert_array_equal(network.biases[0], before.biases[0])
    for weights, same in zip(network.weights, before.weights, strict=True):
        np.testing.assert_array_equal(weights, same)


def test_centred_is_four_times_xavier(drawn):
    np.testing.assert_array_equal(drawn["centred"].weights[0], 4 * drawn["xavier"].weights[0])


@each_initialisation
@pytest.mark.parametrize("scale", [2.5, -1, 0])
def test_scale_multiplies_the_weights_and_not_the_biases(initialisation, scale):
    network, plain = build(initialisation, scale=scale), build(initialisation)
    for weights, unscaled in zip(network.weights, plain.weights, strict=True):
        np.testing.assert_array_equal(weights, scale * unscaled)
    for biases, same in zip(network.biases, plain.biases, strict=True):
        # Centred biases follow from the weights; all others are drawn and stay.
        np.testing.assert_allclose(biases, scale * same if initialisation == "centred" else same, atol=1e-12)
    assert_same_parameters(network, plain.shallower(plain.depth - 1, scale))


@each_activation
@each_batch
def test_lsuv_brings_each_layer_to_unit_variance(activation, batch):
    lead = () if batch == "shared" else (len(SEEDS),)
    inputs = np.random.default_rng(0).normal(1, 3, (*lead, 50, 8))
    network = MLP([8, 12, 12, 5], activation, "lsuv", SEEDS, inputs=inputs)
    for z in network.forward(inputs).pre_activations:
        np.testing.assert_allclose(z.std(axis=(1, 2)), 1, rtol=1e-12)
    start = MLP([8, 12, 12, 5], activation, "orthogonal", SEEDS)
    for weights, orthogonal in zip(network.weights, start.weights, strict=True):
        factor = rms(weights, axis=(1, 2)) / rms(orthogonal, axis=(1, 2))
        np.testing.assert_allclose(weights, factor[:, None, None] * orthogonal, rtol=1e-12, atol=1e-14)


def test_lsuv_scale_comes_last():
    inputs = np.random.default_rng(0).normal(size=(50, 8))
    z = MLP([8, 12, 5], "sigmoid", "lsuv", SEEDS, scale=3, inputs=inputs).forward(inputs).pre_activations
    np.testing.assert_allclose(z[0].std(axis=(1, 2)), 3, rtol=1e-12)


# ── shallower ─────────────────────────────────────────────────────────────────────────────────────────────────────


@each_initialisation
@pytest.mark.parametrize("hidden_layers", [1, 2, 3])
def test_shallower_equals_a_network_of_its_own(initialisation, hidden_layers):
    network = build(initialisation, sizes=(6, 5, 5, 5, 3))
    short = network.shallower(hidden_layers, scale=1.5)
    own = MLP([6] + [5] * hidden_layers + [3], "tanh", seeds=SEEDS)
    kept = [*range(hidden_layers), 3]
    own.weights = [1.5 * network.weights[layer] for layer in kept]
    own.biases = [network.biases[layer] for layer in kept]
    if initialisation == "centred":
        centre(own)
    assert (short.sizes, short.depth, short.seeds) == (own.sizes, own.depth, own.seeds)
    inputs, labels = np.random.default_rng(0).normal(size=(4, 6)), np.arange(4) % 3
    loss, gradients = cross_entropy(short, inputs, labels)
    own_loss, own_gradients = cross_entropy(own, inputs, labels)
    np.testing.assert_array_equal(loss, own_loss)
    for a, b in zip(gradients.weights, own_gradients.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_shallower_draws_its_hidden_layers_like_a_shallower_network():
    short, own = MLP([6, 5, 5, 5, 3]).shallower(2), MLP([6, 5, 5, 3])
    for layer in range(2):
        np.testing.assert_array_equal(short.weights[layer], own.weights[layer])


def test_shallower_shares_no_memory():
    network = build("centred", sizes=(6, 5, 5, 3))
    short = network.shallower(2)
    for a in parameters(network):
        assert not any(np.shares_memory(a, b) for b in parameters(short))
    assert short.seeds is not network.seeds and short.sizes is not network.sizes
    before = build("centred", sizes=(6, 5, 5, 3))
    train(short, np.eye(6), np.arange(6) % 3, 1.0, steps=3, batch_size=2)
    assert_same_parameters(network, before)
    assert network.sizes == [6, 5, 5, 3]


# ── What it says to wrong arguments ───────────────────────────────────────────────────────────────────────────────


# Each: what is called, the error, and the words that name the argument, what was expected and what was given.
MISTAKES = {
    "one size": (lambda: MLP([64]), ValueError, ["sizes", "at least two positive integers", "[64]"]),
    "no units": (lambda: MLP([64, 0, 10]), ValueError, ["sizes", "positive", "[64, 0, 10]"]),
    "half a unit": (lambda: MLP([64, 2.5]), ValueError, ["sizes", "integers", "[64, 2.5]"]),
    "sizes a number": (lambda: MLP(64), ValueError, ["sizes", "at least two", "got 64"]),
    "misspelt initialisation": (
        lambda: MLP([2, 2], initialisation="xavir"),
        ValueError,
        ["initialisation 'xavir'", *INITIALISATIONS, "Did you mean 'xavier'?"],
    ),
    "unknown initialisation": (lambda: MLP([2, 2], initialisation="zzz"), ValueError, ["'zzz'", "pytorch, xavier, he"]),
    "misspelt activation": (
        lambda: MLP([2, 2], "sigmod"),
        UnknownActivation,
        ["activation 'sigmod'", *ACTIVATIONS, "Did you mean 'sigmoid'?"],
    ),
    "no seeds": (lambda: MLP([2, 2], seeds=0), ValueError, ["seeds", "positive integer", "got 0"]),
    "an empty list of seeds": (lambda: MLP([2, 2], seeds=[]), ValueError, ["seeds", "got []"]),
    "fewer than no seeds": (lambda: MLP([2, 2], seeds=-3), ValueError, ["seeds", "got -3"]),
    "a negative seed": (lambda: MLP([2, 2], seeds=[1, -1]), ValueError, ["seeds", "from 0 on", "[1, -1]"]),
    "half a seed": (lambda: MLP([2, 2], seeds=2.5), ValueError, ["seeds", "integer", "got 2.5"]),
    "normalised by row": (lambda: MLP([2, 2], normalise="row"), ValueError, ["normalise", '"layer"', "got 'row'"]),
    "residual NaN": (lambda: MLP([2, 2], residual=np.nan), ValueError, ["residual", "finite", "got nan"]),
    "scale NaN": (lambda: MLP([2, 2], scale=np.nan), ValueError, ["scale", "finite", "got nan"]),
    "scale infinite": (lambda: MLP([2, 2], scale=np.inf), ValueError, ["scale", "finite", "got inf"]),
    "scale a list": (lambda: MLP([2, 2], scale=[1, 2]), ValueError, ["scale", "number", "got [1, 2]"]),
    "scale a word": (lambda: MLP([2, 2], scale="big"), TypeError, ["scale", "real number", "'big'"]),
    "lsuv without inputs": (lambda: MLP([2, 2], initialisation="lsuv"), ValueError, ["lsuv", "inputs", "got None"]),
    "lsuv on nothing": (
        lambda: MLP([4, 2], initialisation="lsuv", inputs=np.zeros((5, 4)), seeds=[3]),
        ValueError,
        ["inputs", "lsuv", "layer 0", "seed 3", "0.0"],
    ),
    "lsuv on NaN": (
        lambda: MLP([4, 2], initialisation="lsuv", inputs=np.full((5, 4), np.nan)),
        ValueError,
        ["inputs", "layer 0", "nan"],
    ),
    "inputs too narrow": (lambda: NET.forward(X[:, :3]), ValueError, ["inputs", "(batch, 4)", "(6, 3)"]),
    "inputs one row": (lambda: NET.forward(X[0]), ValueError, ["inputs", "(batch, 4)", "got (4,)"]),
    "inputs a number": (lambda: NET.forward(1.0), ValueError, ["inputs", "got ()"]),
    "inputs of no rows": (lambda: NET.forward(X[:0]), ValueError, ["inputs", "at least one row", "(0, 4)"]),
    "inputs for 3 seeds": (lambda: NET.forward(np.stack([X] * 3)), ValueError, ["inputs", "seeds = 2", "(3, 6, 4)"]),
    "inputs for 1 seed": (lambda: NET.forward(X[None]), ValueError, ["inputs", "seeds = 2", "(1, 6, 4)"]),
    "inputs complex": (lambda: NET.forward(X + 1j), TypeError, ["inputs", "complex128"]),
    "a label too many": (lambda: cross_entropy(NET, X, Y + 1), ValueError, ["labels", "from 0 to 2", "got 3"]),
    "a negative label": (lambda: accuracy(NET, X, Y - 1), ValueError, ["labels", "from 0 to 2", "got -1"]),
    "labels too few": (lambda: cross_entropy(NET, X, Y[:5]), ValueError, ["labels", "(6,) or (2, 6)", "got (5,)"]),
    "labels one": (lambda: accuracy(NET, X, 1), ValueError, ["labels", "(6,)", "got ()"]),
    "labels of floats": (lambda: cross_entropy(NET, X, Y / 1), TypeError, ["labels", "integers", "float64"]),
    "too shallow": (lambda: NET.shallower(0), ValueError, ["hidden_layers", "from 1 to 2", "got 0"]),
    "too deep": (lambda: NET.shallower(3), ValueError, ["hidden_layers", "from 1 to 2", "got 3"]),
    "half a layer": (lambda: NET.shallower(1.5), ValueError, ["hidden_layers", "integer", "got 1.5"]),
    "shallower by NaN": (lambda: NET.shallower(1, np.nan), ValueError, ["scale", "finite", "got nan"]),
    "last layer does not fit": (
        lambda: MLP([4, 6, 5, 3]).shallower(1),
        ValueError,
        ["hidden_layers", "5 units", "layer 1 has 6"],
    ),
    "targets for three outputs": (lambda: squared_error(NET, X, Y), ValueError, ["network", "one output", "has 3"]),
    "targets too few": (lambda: squared_error(MLP([4, 1]), X, Y[:5]), ValueError, ["targets", "(6,)", "(5,)"]),
    "targets in words": (lambda: squared_error(MLP([4, 1]), X, "high"), TypeError, ["targets", "'high'"]),
    "gates with the sigmoid's start": (lambda: MLP([4, 5, 3], SwiGLU(), "centred"), ValueError, ["centred", "sigmoid"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_argument_is_named(name):
    assert_named(*MISTAKES[name])


# ── Without an activation ─────────────────────────────────────────────────────────────────────────────────────────


def test_without_an_activation_the_network_is_one_affine_map():
    network = build("pytorch", sizes=(6, 5, 4, 3), activation=None)
    matrix, bias = np.eye(6), np.zeros((1, 6))
    for weights, biases in zip(network.weights, network.biases, strict=True):
        matrix, bias = matrix @ weights, bias @ weights + biases
    inputs = np.random.default_rng(0).normal(size=(ROWS, 6))
    np.testing.assert_allclose(network.forward(inputs).output, inputs @ matrix + bias, atol=1e-12)


def test_without_an_activation_the_gradients_are_those_of_leaky_relu_with_slope_one():
    slope_one = dataclasses.replace(
        ACTIVATIONS["leaky_relu"], function=lambda z: acts.leaky_relu(z, 1.0),
        derivative=lambda z: acts.leaky_relu_derivative(z, 1.0),
    )  # fmt: skip
    linear, leaky = build("xavier", activation=None), build("xavier", activation=slope_one)
    inputs, labels = np.random.default_rng(0).normal(size=(ROWS, 6)), np.arange(ROWS) % 3
    for one, other in zip(cross_entropy(linear, inputs, labels)[1].weights,
                          cross_entropy(leaky, inputs, labels)[1].weights, strict=True):  # fmt: skip
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_none_is_no_name_of_the_catalog():
    assert "identity" not in ACTIVATIONS
    with pytest.raises(UnknownActivation):
        MLP([2, 2], "identity")


# Another derivative, another dtype


def test_an_activation_may_be_a_record_of_one_s_own():
    stuck = dataclasses.replace(ACTIVATIONS["relu"], derivative=np.zeros_like)
    network = MLP([3, 4, 2], stuck, "he", SEEDS)
    assert network.activation.derivative is stuck.derivative
    inputs = np.ones((5, 3))
    assert np.array_equal(network.forward(inputs).output, MLP([3, 4, 2], "relu", "he", SEEDS).forward(inputs).output)
    _, gradients = cross_entropy(network, inputs, np.zeros(5, int))
    assert not gradients.weights[0].any() and gradients.weights[1].any()


def test_the_derivative_at_the_kink_is_the_record_s_own():
    """A layer of zeros: with slope s at 0 the gradient of its weights is s times that with slope 1."""
    found = {}
    for slope in (0.0, 0.5, 1.0):
        derivative = functools.partial(relu_derivative, at_zero=slope)
        network = MLP([3, 4, 2], dataclasses.replace(ACTIVATIONS["relu"], derivative=derivative), "he", SEEDS)
        network.weights[0][:] = 0
        found[slope] = cross_entropy(network, np.ones((5, 3)), np.zeros(5, int))[1].weights[0]
    assert not found[0.0].any() and found[1.0].any()
    np.testing.assert_array_equal(found[0.5], found[1.0] / 2)


@pytest.mark.parametrize("initialisation", sorted(INITIALISATIONS))
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_everything_is_computed_in_the_dtype(dtype, initialisation):
    network = build(initialisation, dtype=dtype)
    exact = build(initialisation)
    inputs, labels = np.random.default_rng(0).normal(size=(7, 6)), np.arange(7) % 3
    _, gradients = cross_entropy(network, inputs, labels)
    trace = network.forward(inputs)
    descend(network, gradients, [0.1] * len(SEEDS))
    arrays = [*parameters(network), *trace.pre_activations, *trace.activations, *gradients.weights, *gradients.biases]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    tolerance = 30 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(trace.output, exact.forward(inputs).output, rtol=tolerance, atol=tolerance)
    assert {array.dtype for array in parameters(network.shallower(2, scale=0.5))} == {np.dtype(dtype)}


@pytest.mark.parametrize("dtype", [np.int64, np.longdouble, "float64", None])
def test_another_dtype_is_refused(dtype):
    if dtype is np.longdouble and np.dtype(dtype) == np.float64:
        pytest.skip("here longdouble is float64")
    with pytest.raises(ValueError, match="dtype must be float16, float32 or float64; got"):
        MLP([2, 2], dtype=dtype)


@pytest.mark.parametrize("learn", ["layer", "unit"])
def test_gradients_of_a_leaky_network_are_those_of_finite_differences(learn):
    network, inputs, labels = leaky(learn=learn)
    _, gradients = cross_entropy(network, inputs, labels)
    pairs = zip(network.trainable, gradients.trainable, strict=True)
    for part, gradient in pairs:
        assert gradient.shape == part.shape
        for entry in np.ndindex(part.shape[1:]):
            at = (slice(None), *entry)
            kept, losses = part[at].copy(), []
            for step in (1e-6, -1e-6):
                part[at] = kept + step
                losses.append(cross_entropy(network, inputs, labels)[0])
            part[at] = kept
            np.testing.assert_allclose(gradient[at], (losses[0] - losses[1]) / 2e-6, atol=1e-8)


@pytest.mark.parametrize("learn, axis", [("layer", None), ("unit", 1)])
def test_alpha_gradients_are_those_of_prelu_alpha_gradient(learn, axis):
    network, inputs, labels = leaky(learn=learn)
    trace, (_, gradients) = network.forward(inputs), cross_entropy(network, inputs, labels)
    for layer, (found,) in enumerate(gradients.learned):
        for seed in range(len(SEEDS)):
            z, upstream = trace.pre_activations[layer][seed], gradients.activations[layer][seed]
            np.testing.assert_allclose(found[seed].ravel(), prelu_alpha_gradient(z, upstream, axis), rtol=1e-12)


def test_random_slopes_are_drawn_in_training_only_and_kept_for_the_way_back():
    network, inputs, _ = leaky(random=(0.1, 0.5))
    assert np.array_equal(network.forward(inputs).output, network.forward(inputs).output)
    np.testing.assert_allclose(network.hidden[0].alpha, 0.3)
    network.training = True
    trace = network.forward(inputs)
    assert not np.array_equal(trace.output, network.forward(inputs).output)
    for (z, slope), after in zip(trace.saved, trace.activations[1:], strict=True):
        assert slope.shape == z.shape and slope.min() >= 0.1 and slope.max() <= 0.5
        np.testing.assert_array_equal(after, np.where(z > 0, z, slope * z))
    gradients = network.backward(trace, np.ones(trace.output.shape))
    z, slope = trace.saved[1]
    expected = gradients.activations[1] * np.where(z > 0, 1, slope)
    np.testing.assert_array_equal(gradients.pre_activations[1], expected)


def test_a_shallower_leaky_network_has_its_own_alphas():
    network = MLP([4, 3, 3, 2], Leaky(learn="unit"), "he", seeds=2)
    shallow = network.shallower(1)
    shallow.trainable[-1][:] = 9
    assert len(shallow.hidden) == 1 and (shallow.hidden[0].alpha == 9).all() and (network.hidden[0].alpha == 0.01).all()


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"learn": "all"}, 'learn must be None, "layer" or "unit"'),
        ({"learn": "unit", "random": (0.1, 0.2)}, "cannot be learned"),
        ({"random": (0.5, 0.1)}, "lower must not exceed upper"),
        ({"alpha": np.nan}, "alpha must be a finite number"),
    ],
)
def test_a_leaky_network_says_what_is_wrong(settings, said):
    with pytest.raises(ValueError, match=said):
        Leaky(**settings)


@pytest.mark.parametrize("residual", [None, 1.0, -0.6])
@pytest.mark.parametrize("normalise", [None, "layer", "batch"])
@each_batch
def test_gradients_around_links_and_through_normalisation(residual, normalise, batch):
    rng = np.random.default_rng(3)
    network = MLP([4, 5, 5, 5, 2, 2, 3], "tanh", seeds=SEEDS, residual=residual, normalise=normalise)
    network.weights = [rng.normal(0.1, 0.7, w.shape) for w in network.weights]
    network.biases = [rng.normal(0.2, 0.5, b.shape) for b in network.biases]
    inputs = rng.normal(0.2, 1, (ROWS, 4) if batch == "shared" else (len(SEEDS), ROWS, 4))
    labels = rng.integers(0, 3, ROWS)
    _, gradients = cross_entropy(network, inputs, labels)
    for layer in range(network.depth):
        for array, computed in [
            (network.weights[layer], gradients.weights[layer]), (network.biases[layer], gradients.biases[layer]),
        ]:  # fmt: skip
            measured = slopes(lambda: cross_entropy(network, inputs, labels)[0], array)
            np.testing.assert_allclose(computed, measured, rtol=1e-6, atol=1e-8)


def test_links_lie_around_hidden_layers_of_equal_width_only():
    plain, linked = (MLP([5, 5, 5, 4, 4, 4], "tanh", seeds=2, residual=r) for r in (None, 0.5))
    inputs = np.random.default_rng(0).normal(size=(6, 5))
    trace = linked.forward(inputs)
    h, z = trace.activations, trace.pre_activations
    for layer, link in enumerate([0, 1, 0, 1]):  # the first layer is fed by data, the last one is no hidden layer
        f = np.tanh(z[layer])
        np.testing.assert_allclose(h[layer + 1], h[layer] + 0.5 * f if link else f, rtol=1e-14)
    np.testing.assert_allclose(trace.output, h[4] @ linked.weights[4] + linked.biases[4], rtol=1e-14)
    assert_same_parameters(plain, linked)
    without = plain.forward(inputs)
    np.testing.assert_array_equal(without.activations[2], np.tanh(without.pre_activations[1]))


@pytest.mark.parametrize("normalise, axis", [("layer", -1), ("batch", -2)])
def test_normalisation_brings_hidden_layers_to_mean_0_and_variance_1(normalise, axis):
    network = MLP([4, 9, 8, 3], "relu", "pytorch", seeds=3, normalise=normalise)
    plain = MLP([4, 9, 8, 3], "relu", "pytorch", seeds=3)
    inputs = np.random.default_rng(0).normal(1, 3, (7, 4))
    trace = network.forward(inputs)
    for z in trace.pre_activations[:-1]:
        np.testing.assert_allclose(z.mean(axis=axis), 0, atol=1e-12)
        np.testing.assert_allclose(z.std(axis=axis), 1, atol=1e-9)
    first = plain.forward(inputs).pre_activations[0]
    np.testing.assert_allclose(trace.pre_activations[0] * trace.spreads[0] + first.mean(axis, keepdims=True), first)
    assert not np.allclose(trace.output.std(axis=axis), 1)


@pytest.mark.parametrize("normalise", ["layer", "batch"])
def test_what_does_not_vary_is_normalised_to_0(normalise):
    network = MLP([4, 5, 3], seeds=2, scale=0, normalise=normalise)
    loss, gradients = cross_entropy(network, np.ones((6, 4)), np.zeros(6, dtype=int))
    assert (network.forward(np.ones((6, 4))).pre_activations[0] == 0).all() and np.isfinite(loss).all()
    assert all(np.isfinite(part).all() for part in gradients.weights + gradients.biases)


# Gated layers, the squared error, and a rate that falls.


@pytest.mark.parametrize("residual", [None, 0.6])
@pytest.mark.parametrize("normalise", [None, "layer", "batch"])
@each_batch
def test_gradients_of_a_gated_network_are_those_of_finite_differences(residual, normalise, batch):
    rng = np.random.default_rng(4)
    network = MLP([4, 5, 5, 3], SwiGLU(), seeds=SEEDS, residual=residual, normalise=normalise)
    network.weights = [rng.normal(0.1, 0.7, w.shape) for w in network.weights]
    network.biases = [rng.normal(0.2, 0.5, b.shape) for b in network.biases]
    inputs = rng.normal(0.2, 1, (ROWS, 4) if batch == "shared" else (len(SEEDS), ROWS, 4))
    labels = rng.integers(0, 3, ROWS)
    _, gradients = cross_entropy(network, inputs, labels)
    for array, computed in zip(parameters(network), [*gradients.weights, *gradients.biases], strict=True):
        measured = slopes(lambda: cross_entropy(network, inputs, labels)[0], array)
        np.testing.assert_allclose(computed, measured, rtol=1e-6, atol=1e-8)


def test_a_gated_layer_is_swiglu_of_its_two_halves():
    network = MLP([4, 5, 6, 3], SwiGLU(), seeds=2)
    h = X
    for weights, biases, units in zip(network.weights[:-1], network.biases[:-1], [5, 6], strict=True):
        value, gate = (h @ weights[..., part] + biases[..., part] for part in (slice(units), slice(units, None)))
        h = acts.swiglu(value, gate)
    np.testing.assert_allclose(network.forward(X).output, h @ network.weights[-1] + network.biases[-1], rtol=1e-14)
    assert network.parameters == 2 * (4 * 5 + 5) + 2 * (5 * 6 + 6) + 6 * 3 + 3
    assert MLP([4, 5, 3]).parameters == 4 * 5 + 5 + 5 * 3 + 3


@pytest.mark.parametrize("initialisation", sorted(set(INITIALISATIONS) - {"centred", "lsuv", "orthogonal"}))
def test_values_and_gates_are_drawn_alike_and_apart(initialisation):
    sizes = [200, 300, 300, 9]
    network, plain = MLP(sizes, SwiGLU(), initialisation, seeds=1), MLP(sizes, "relu", initialisation, seeds=1)
    for layer in (0, 1):
        value, gate = np.split(network.weights[layer], 2, axis=-1)
        assert abs(np.corrcoef(value.ravel(), gate.ravel())[0, 1]) < 0.02
        for half in (value, gate):
            np.testing.assert_allclose(half.std(), plain.weights[layer].std(), rtol=0.02)
    assert network.weights[2].shape == (1, 300, 9)


def test_a_gated_seed_is_the_same_network_alone_and_lsuv_brings_both_halves_to_variance_1():
    inputs = np.random.default_rng(5).normal(0.3, 1, (20, 4))
    both, one = (MLP([4, 5, 5, 3], SwiGLU(), "lsuv", seeds, inputs=inputs) for seeds in ([0, 3], [3]))
    for stacked, alone in zip(parameters(both), parameters(one), strict=True):
        np.testing.assert_array_equal(stacked[1], alone[0])
    for z in both.forward(inputs).pre_activations:
        np.testing.assert_allclose(z.std(axis=(1, 2)), 1, rtol=1e-10)


@each_batch
def test_gradients_of_the_squared_error_are_those_of_finite_differences(batch):
    rng = np.random.default_rng(2)
    network = MLP([4, 5, 1], "tanh", seeds=SEEDS)
    network.biases = [rng.normal(0.2, 0.5, b.shape) for b in network.biases]
    inputs, targets = (rng.normal(size=s if batch == "shared" else (3, *s)) for s in [(ROWS, 4), (ROWS,)])
    loss, gradients = squared_error(network, inputs, targets)
    by_hand = np.square(network.forward(inputs).output[:, :, 0] - targets).mean(axis=1)
    np.testing.assert_allclose(loss, by_hand, rtol=1e-14)
    for array, computed in zip(parameters(network), [*gradients.weights, *gradients.biases], strict=True):
        assert_gradients(computed, slopes(lambda: squared_error(network, inputs, targets)[0], array))


@pytest.mark.parametrize("normalise", [None, "layer", "batch"])
@pytest.mark.parametrize("learn", ["layer", "unit"])
def test_gradients_of_a_leaky_network_with_links_and_normalisation(learn, normalise):
    rng = np.random.default_rng(5)
    network = MLP([4, 5, 5, 5, 3], Leaky(0.3, learn), "he", SEEDS, residual=-0.6, normalise=normalise)
    network.biases = [rng.normal(0.2, 0.5, b.shape) for b in network.biases]
    inputs, labels = rng.normal(size=(ROWS, 4)), rng.integers(0, 3, ROWS)
    _, gradients = cross_entropy(network, inputs, labels)
    assert len(gradients.trainable) == 4 + 4 + 3
    for array, computed in zip(network.trainable, gradients.trainable, strict=True):
        measured = slopes(lambda: cross_entropy(network, inputs, labels)[0], array)
        np.testing.assert_allclose(computed, measured, rtol=1e-5, atol=1e-7)


OTHERS = {"learned": Leaky(0.25, "unit"), "random": Leaky(random=(0.1, 0.5)), "gated": SwiGLU()}


@pytest.mark.parametrize("activation", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_other_activations_compute_in_the_dtype_too(activation, dtype):
    network = MLP([6, 5, 4, 3], activation, "he", SEEDS, dtype=dtype)
    network.training = True
    inputs, labels = np.random.default_rng(0).normal(size=(7, 6)), np.arange(7) % 3
    _, gradients = cross_entropy(network, inputs, labels)
    trace = network.forward(inputs)
    arrays = [*network.trainable, *trace.pre_activations, *trace.activations, *gradients.trainable]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


def test_one_activation_object_serves_many_networks():
    given = Leaky(0.25, learn="layer")
    one, other = (MLP([4, 5, 3], given, "he", SEEDS) for _ in range(2))
    one.hidden[0].alpha[:] = 9
    assert (other.hidden[0].alpha == 0.25).all() and given.alpha == 0.25
