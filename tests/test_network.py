"""The small network: its gradients, seeds, initialisations and training, and what it says to wrong arguments."""

import dataclasses
import functools

import numpy as np
import pytest

import acts
import acts.network
from acts.catalog import ACTIVATIONS, UnknownActivation
from acts.data import digits, terrain
from acts.elementwise import prelu_alpha_gradient, relu_derivative
from acts.network import (
    INITIALISATIONS,
    LOSSES,
    MLP,
    AnnealedNoise,
    GatedMLP,
    Gradients,
    History,
    LeakyMLP,
    LinearDecay,
    Sweep,
    accuracy,
    clip_by_norm,
    clip_by_value,
    cross_entropy,
    equalise_layers,
    gradient_norm,
    gradient_path,
    jacobian_products,
    offset_over_spread,
    rms,
    scale_by_layer,
    share_of_zeros,
    signal_path,
    silent_units,
    squared_error,
    sweep,
    train,
)

each_activation = pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
each_initialisation = pytest.mark.parametrize("initialisation", sorted(INITIALISATIONS))
each_depth = pytest.mark.parametrize("layers", [1, 2, 3, 4])
each_batch = pytest.mark.parametrize("batch", ["shared", "per seed"])

UNITS = [4, 3, 5, 2, 6]  # no two layers alike, so that a transposed matrix does not fit
SEEDS = [4, 0, 9]
ROWS = 7


def build(initialisation, sizes=(6, 5, 4, 3), activation="tanh", seeds=SEEDS, **kwargs):
    """A network of any initialisation, with data for the one that needs them."""
    inputs = np.random.default_rng(5).normal(0.3, 1, (20, sizes[0])) if initialisation == "lsuv" else None
    return MLP(sizes, activation, initialisation, seeds, inputs=inputs, **kwargs)


def parameters(network):
    return [*network.weights, *network.biases]


def assert_same_parameters(one, other, **tolerance):
    for a, b in zip(parameters(one), parameters(other), strict=True):
        np.testing.assert_allclose(a, b, **({"rtol": 0, "atol": 0} | tolerance))


# ── The backward pass ─────────────────────────────────────────────────────────────────────────────────────────────
#
# Against finite differences. All parameters are drawn anew, biases too: zeros and symmetric values hide mistakes.

STEP = 1e-4


def example(activation, layers, batch):
    """A network, a batch and labels for which no pre-activation is so near a kink that a step could cross it."""
    for draw in range(1000):
        rng = np.random.default_rng([draw, layers])
        network = MLP(UNITS[: layers + 1], activation, seeds=SEEDS)
        network.weights = [rng.normal(0.1, 0.7, w.shape) for w in network.weights]
        network.biases = [rng.choice([-1, 1], b.shape) * rng.uniform(0.1, 0.9, b.shape) for b in network.biases]
        lead = () if batch == "shared" else (len(SEEDS),)
        inputs = rng.normal(0.2, 1, (*lead, ROWS, UNITS[0]))
        labels = rng.integers(0, UNITS[layers], (*lead, ROWS))
        hidden = network.forward(inputs).pre_activations[:-1]
        kinks = ACTIVATIONS[activation].kinks
        if all(np.abs(z - kink).min() > 40 * STEP for z in hidden for kink in kinks):
            return network, inputs, labels, rng
    raise AssertionError("every draw is near a kink")


def slope(function, at, index):
    """Derivative of function() with respect to `at[index]`, central differences of fourth order; `at` is restored."""
    kept, values = at[index].copy(), {}
    for steps in (-2, -1, 1, 2):
        at[index] = kept + steps * STEP
        values[steps] = function()
    at[index] = kept
    return (8 * (values[1] - values[-1]) - (values[2] - values[-2])) / (12 * STEP)


def slopes(function, array):
    """Derivatives of function(), one value for each seed, with respect to all entries of array (seeds, …)."""
    found = np.empty_like(array)
    for index in np.ndindex(array.shape[1:]):
        found[:, *index] = slope(function, array, (slice(None), *index))
    return found


def assert_gradients(computed, measured):
    assert computed.shape == measured.shape
    assert np.abs(measured).max() > 1e-4, "a gradient of zeros would prove nothing"
    np.testing.assert_allclose(computed, measured, rtol=1e-8, atol=1e-9)


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


def test_rms():
    x = np.random.default_rng(0).normal(size=(3, 4, 5))
    assert rms(x) == pytest.approx(np.linalg.norm(x) / np.sqrt(60))
    np.testing.assert_allclose(rms(x, axis=(1, 2)), np.linalg.norm(x.reshape(3, -1), axis=1) / np.sqrt(20))


def test_offset_over_spread():
    rng = np.random.default_rng(0)
    units = rng.normal(size=(3, 2000, 50))
    assert np.all(offset_over_spread(units) < 0.05)
    np.testing.assert_allclose(offset_over_spread(units + 2), 2, rtol=0.02)
    np.testing.assert_allclose(offset_over_spread(5 * units + 10), 2, rtol=0.02)
    signs = np.where(np.arange(50) % 2, 1, -1)  # the units' offsets must not cancel each other
    np.testing.assert_allclose(offset_over_spread(units + 2 * signs), 2, rtol=0.02)
    np.testing.assert_allclose(offset_over_spread(np.stack([units[0], units[0] + 3]))[1], 3, rtol=0.02)


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
    assert network.centre() is network
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
        own.centre()
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


# ── gradient_path ─────────────────────────────────────────────────────────────────────────────────────────────────


@each_activation
def test_gradient_path_by_hand(activation):
    """Each seed by itself, with Jacobians as matrices: the gradient of one row is multiplied back, layer by layer."""
    network, inputs, labels, _ = example(activation, 4, "shared")
    path = gradient_path(network, inputs, labels)
    assert path.shape == (len(SEEDS), 4)
    trace = network.forward(inputs)
    for seed in range(len(SEEDS)):
        y = np.exp(trace.output[seed])
        y /= y.sum(axis=1, keepdims=True)
        gradients = [row_of_y @ network.weights[3][seed].T for row_of_y in (y - np.eye(UNITS[4])[labels]) / ROWS]
        start, expected = np.sqrt(np.mean(np.square(gradients))), [1.0]
        for layer in (2, 1, 0):
            slopes_at = ACTIVATIONS[activation].derivative(trace.pre_activations[layer][seed])
            deltas = [np.diag(s) @ g for s, g in zip(slopes_at, gradients, strict=True)]
            expected.append(np.sqrt(np.mean(np.square(deltas))) / start)
            gradients = [network.weights[layer][seed] @ delta for delta in deltas]
        np.testing.assert_allclose(path[seed], expected, rtol=1e-12)


def test_gradient_path_of_sigmoids_at_zero_is_a_quarter_for_each_layer():
    """With orthogonal weights, centred so that every pre-activation is 0: the article's 0.25 and nothing else."""
    network = MLP([4, 4, 4, 4, 2], "sigmoid", "orthogonal", seeds=3)
    network.biases = [-w.sum(axis=1, keepdims=True) / 2 for w in network.weights]
    path = gradient_path(network, np.full((3, 4), 0.5), np.array([0, 1, 0]))
    np.testing.assert_allclose(path, np.broadcast_to(0.25 ** np.arange(4), (3, 4)), rtol=1e-12)


# ── Zeros and silent units ────────────────────────────────────────────────────────────────────────────────────────


def by_hand(activation="relu"):
    """Two seeds, one input, four units that are positive for both inputs, for one, for none, and 0 for both."""
    network = MLP([1, 4, 2], activation, seeds=2)
    for weights, biases in zip(network.weights[0], network.biases[0], strict=True):
        weights[:], biases[:] = [[1.0, 2.0, -1.0, 0.0]], [[1.0, -3.0, -1.0, 0.0]]
    return network, [[1.0], [2.0]]


def test_share_of_zeros_by_hand():
    assert share_of_zeros(*by_hand()).tolist() == [[5 / 8], [5 / 8]]
    assert share_of_zeros(*by_hand("leaky_relu")).tolist() == [[2 / 8], [2 / 8]]  # only the unit that gets 0
    assert share_of_zeros(*by_hand("sigmoid")).tolist() == [[0], [0]]


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_silent_units_by_hand(activation):
    (silent,) = silent_units(*by_hand(activation))
    assert silent.tolist() == [[False, False, True, True]] * 2


def test_units_of_several_layers_have_their_shapes():
    network = MLP([6, 5, 4, 3], "relu", "he", SEEDS)
    inputs = np.random.default_rng(0).normal(size=(3, 20, 6))  # a batch for each seed
    assert [silent.shape for silent in silent_units(network, inputs)] == [(3, 5), (3, 4)]
    assert share_of_zeros(network, inputs).shape == (3, 2)
    for k, seed in enumerate(SEEDS):
        alone = MLP([6, 5, 4, 3], "relu", "he", [seed])
        assert np.allclose(share_of_zeros(alone, inputs[k]), share_of_zeros(network, inputs)[k])


def test_a_network_that_has_diverged_is_not_silent():
    network, inputs = by_hand()
    network.weights[0][1] = np.nan
    (silent,) = silent_units(network, inputs)
    assert silent[0].any() and not silent[1].any()


def test_a_silent_relu_gets_no_gradient_and_a_silent_leaky_relu_does():
    for activation in ("relu", "leaky_relu"):
        network = MLP([6, 5, 4, 3], activation, "he", SEEDS)
        network.biases[1][:, :, 2] = -100
        inputs, labels = np.random.default_rng(0).normal(size=(20, 6)), np.arange(20) % 3
        _, gradients = cross_entropy(network, inputs, labels)
        assert silent_units(network, inputs)[1][:, 2].all()
        assert gradients.biases[1][:, :, 2].any() == (activation == "leaky_relu")


# ── Descent and training ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rate", [0.3, np.array([0.1, 0.0, 2.0]), [1, 2, 3]], ids=["one", "each", "integers"])
def test_descend_takes_one_step_in_place(rate):
    network, inputs, labels, _ = example("tanh", 3, "shared")
    _, gradients = cross_entropy(network, inputs, labels)
    arrays, before = parameters(network), [array.copy() for array in parameters(network)]
    network.descend(gradients, rate)
    rates = np.broadcast_to(rate, 3)
    for array, now, old, gradient in zip(
        arrays, parameters(network), before, gradients.weights + gradients.biases, strict=True
    ):
        assert now is array
        for seed in range(3):
            np.testing.assert_allclose(now[seed], old[seed] - rates[seed] * gradient[seed], rtol=1e-14)


@pytest.fixture(scope="module")
def data():
    return digits().split()


RATE = {"sigmoid": 2.0, "relu": 0.2}


@each_activation
def test_training_learns_the_digits(data, activation):
    training, test = data
    network = MLP([64, 16, 10], activation, seeds=3)
    history = train(network, *training, RATE.get(activation, 0.5), steps=150, test=test)
    assert (history.loss[-1] < 0.5 * history.loss[0]).all()
    assert (history.accuracy[-1] > 0.8).all() and (history.accuracy[0] < 0.4).all()


def test_history_has_its_shapes_and_is_of_the_test_set(data):
    training, test = data
    network = MLP([64, 8, 10], seeds=SEEDS)
    history = train(network, *training, 1.0, steps=50, record_every=20, test=test)
    assert history.steps.tolist() == [0, 20, 40, 50]
    assert history.loss.shape == history.accuracy.shape == (4, 3)
    np.testing.assert_allclose(history.loss[-1], cross_entropy(network, *test)[0], rtol=1e-13)
    np.testing.assert_array_equal(history.accuracy[-1], accuracy(network, *test))
    fresh = MLP([64, 8, 10], seeds=SEEDS)
    np.testing.assert_allclose(history.loss[0], cross_entropy(fresh, *test)[0], rtol=1e-13)
    assert (history.accuracy[-1] != accuracy(network, *training)).any()


def test_history_is_of_the_training_set_unless_told_otherwise():
    images, labels = digits()
    network = MLP([64, 10], seeds=2)
    history = train(network, images, labels, 1.0, steps=4, record_every=2)
    assert history.steps.tolist() == [0, 2, 4]
    np.testing.assert_array_equal(history.accuracy[-1], accuracy(network, images, labels))


def test_no_steps_change_nothing(data):
    network = MLP([64, 8, 10], seeds=2)
    history = train(network, *data[0], 1.0, steps=0)
    assert history.steps.tolist() == [0] and history.loss.shape == (1, 2)
    assert_same_parameters(network, MLP([64, 8, 10], seeds=2))


def test_training_is_deterministic_and_leaves_its_data_alone(data):
    kept = [array.copy() for part in data for array in part]
    runs = []
    for _ in range(2):
        network = MLP([64, 8, 10], seeds=2)
        runs.append((network, train(network, *data[0], 1.0, steps=20, test=data[1])))
    (one, history), (other, same) = runs
    assert_same_parameters(one, other)
    np.testing.assert_array_equal(history.loss, same.loss)
    for array, before in zip([array for part in data for array in part], kept, strict=True):
        np.testing.assert_array_equal(array, before)


def test_each_seed_trains_as_if_alone_at_its_own_rate(data):
    rates = np.array([0.5, 0.0, 3.0])
    together = MLP([64, 8, 10], seeds=SEEDS)
    history = train(together, *data[0], rates, steps=20, record_every=10)
    for k, seed in enumerate(SEEDS):
        alone = MLP([64, 8, 10], seeds=[seed])
        own = train(alone, *data[0], rates[k], steps=20, record_every=10)
        np.testing.assert_allclose(history.loss[:, k], own.loss[:, 0], rtol=1e-12)
        for a, b in zip(parameters(together), parameters(alone), strict=True):
            np.testing.assert_allclose(a[k], b[0], rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(together.weights[0][1], MLP([64, 8, 10], seeds=[SEEDS[1]]).weights[0][0])


def batches_of(monkeypatch, seeds, n=12, steps=8, batch_size=5):
    """The rows that each step draws for each seed, (steps, seeds, batch). Row i has the label i mod 3."""
    seen = []

    def spy(network, inputs, labels):
        seen.append((inputs[..., 0].astype(int), labels))
        return cross_entropy(network, inputs, labels)

    with monkeypatch.context() as patch:
        patch.setitem(LOSSES, "cross-entropy", (spy, LOSSES["cross-entropy"][1]))
        images = np.arange(float(n))[:, None]
        train(MLP([1, 3], seeds=seeds), images, np.arange(n) % 3, 0.1, steps, batch_size)
    rows, labels = (np.array(column) for column in zip(*seen, strict=True))
    np.testing.assert_array_equal(labels, rows % 3)
    return rows


def test_each_seed_draws_its_own_batches(monkeypatch):
    rows = batches_of(monkeypatch, SEEDS)
    assert rows.shape == (8, 3, 5)
    for step, seed in np.ndindex(8, 3):
        assert len(set(rows[step, seed])) == 5, "drawn without replacement"
    assert set(rows.ravel()) == set(range(12))
    for k, seed in enumerate(SEEDS):
        np.testing.assert_array_equal(batches_of(monkeypatch, [seed])[:, 0], rows[:, k])
        for other in range(k):
            assert (rows[:, k] != rows[:, other]).any()
    assert (rows[0] != rows[1]).any()


def test_a_batch_of_everything_is_gradient_descent_by_hand():
    images, labels = np.random.default_rng(0).normal(size=(9, 4)), np.arange(9) % 3
    trained, by_hand = MLP([4, 5, 3], seeds=SEEDS), MLP([4, 5, 3], seeds=SEEDS)
    train(trained, images, labels, 0.7, steps=3, batch_size=9)
    for _ in range(3):
        by_hand.descend(cross_entropy(by_hand, images, labels)[1], 0.7)
    assert_same_parameters(trained, by_hand, rtol=1e-12, atol=1e-14)


def test_lists_will_do():
    network = MLP([2, 2], seeds=1)
    history = train(network, [[0, 1], [1, 0]], [0, 1], 1.0, steps=30, batch_size=2, test=([[0, 1]], [0]))
    assert history.accuracy[-1].tolist() == [1.0]


def test_watch_sees_the_network_at_each_record():
    images, labels = np.eye(2), np.array([0, 1])
    network, often = MLP([2, 2], seeds=3), {"steps": 5, "batch_size": 1, "record_every": 2}
    history = train(network, images, labels, 1.0, **often, watch=lambda network: network.weights[0].copy())
    assert history.steps.tolist() == [0, 2, 4, 5] and len(history.watched) == 4
    np.testing.assert_array_equal(history.watched[0], MLP([2, 2], seeds=3).weights[0])
    np.testing.assert_array_equal(history.watched[-1], network.weights[0])
    assert train(network, images, labels, 1.0, steps=1, batch_size=1).watched == []


def test_steps_to_reach_is_the_first_record_at_or_above():
    accuracies = np.array([[0.9, 0.1, 0.1], [0.2, 0.5, 0.1], [0.2, 0.9, 0.4]])
    history = History(np.array([0, 20, 30]), 1 - accuracies, accuracies)
    assert history.steps_to_reach(0.5).tolist() == [0, 20, np.inf]


# ── sweep ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sweep_equals_training_at_each_rate_alone(data):
    rates = [0.1, 1.0, 3.0]
    swept = sweep(lambda seeds: MLP([64, 8, 10], seeds=seeds), rates, *data, seeds=2, steps=40, batch_size=32)
    np.testing.assert_array_equal(swept.rates, rates)
    assert swept.validation.shape == swept.test.shape == (3, 2)
    fitting, validation = data[0].split()
    for k, rate in enumerate(rates):
        network = MLP([64, 8, 10], seeds=2)
        train(network, *fitting, rate, steps=40, batch_size=32)
        np.testing.assert_allclose(swept.validation[k], accuracy(network, *validation), atol=1e-12)
        np.testing.assert_allclose(swept.test[k], accuracy(network, *data[1]), atol=1e-12)


def test_sweep_chooses_by_the_median_of_the_validation_accuracy():
    validation = np.array([[0.3, 0.4, 1.0], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]])
    found = Sweep(np.array([1.0, 2.0, 3.0]), validation, test=np.arange(9.0).reshape(3, 3))
    assert found.best == 1
    assert found.tuned.tolist() == [3, 4, 5]


def test_sweep_keeps_the_way_and_the_networks(data):
    arguments = {"steps": 40, "seeds": 2, "record_every": 10}
    rates = [0.01, 1.0]
    swept = sweep(
        lambda seeds: MLP([64, 8, 10], seeds=seeds), rates, *data, watch=lambda network: network.seeds, **arguments
    )
    assert swept.history.steps.tolist() == [0, 10, 20, 30, 40]
    assert swept.history.watched == [[0, 1, 0, 1]] * 5
    np.testing.assert_array_equal(swept.history.accuracy[-1].reshape(2, 2), swept.validation)
    np.testing.assert_array_equal(swept.tuned_on(*data[1]), swept.tuned)
    level = swept.validation[1].min()
    steps = swept.steps_to_reach(level)
    assert steps.shape == (2, 2) and np.isinf(steps[0]).all()
    quickest, rate = swept.quickest(level)
    assert rate == 1.0 and quickest.tolist() == steps[1].tolist()


def test_without_records_sweep_knows_both_ends_only(data):
    swept = sweep(lambda seeds: MLP([64, 10], seeds=seeds), [0.1], *data, steps=7, seeds=2)
    assert swept.history.steps.tolist() == [0, 7]


# ── What it says to wrong arguments ───────────────────────────────────────────────────────────────────────────────

NET = MLP([4, 5, 5, 3], "tanh", seeds=2)
X, Y = np.random.default_rng(0).normal(size=(6, 4)), np.arange(6) % 3


def training(**wrong):
    arguments = {"images": X, "labels": Y, "learning_rate": 0.1, "steps": 2, "batch_size": 4} | wrong
    return lambda: train(MLP([4, 3], seeds=2), **arguments)


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
    "products around links": (
        lambda: jacobian_products(MLP([4, 5, 5, 3], residual=1), X),
        ValueError,
        ["network", "residual links"],
    ),
    "products through normalisation": (
        lambda: jacobian_products(MLP([4, 5, 5, 3], normalise="batch"), X),
        ValueError,
        ["network", "normalisation"],
    ),
    "a factor too few": (
        lambda: scale_by_layer(cross_entropy(NET, X, Y)[1], [1.0]),
        ValueError,
        ["factors", "each of", "(1,)"],
    ),
    "noise of no size": (lambda: AnnealedNoise(0), ValueError, ["eta", "positive", "got 0"]),
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
    "a path without layers": (lambda: gradient_path(MLP([4, 3]), X, Y), ValueError, ["network", "hidden", "[4, 3]"]),
    "a path from nothing": (
        lambda: gradient_path(MLP([4, 5, 3], seeds=[8], scale=0), X, Y),
        ValueError,
        ["network", "seed 8", "0"],
    ),
    "units of one seed only": (lambda: offset_over_spread(X), ValueError, ["units", "(seeds, batch, units)", "(6, 4)"]),
    "units that stand still": (lambda: offset_over_spread(np.ones((2, 6, 4))), ValueError, ["units", "change"]),
    "units in words": (lambda: offset_over_spread("many"), TypeError, ["units", "'many'"]),
    "too many rates": (training(learning_rate=[1, 2, 3]), ValueError, ["learning_rate", "2 seeds", "(3,)"]),
    "too few rates": (training(learning_rate=[1]), ValueError, ["learning_rate", "2 seeds", "(1,)"]),
    "rates as a matrix": (training(learning_rate=[[1], [2]]), ValueError, ["learning_rate", "(2, 1)"]),
    "rate a word": (training(learning_rate="fast"), TypeError, ["learning_rate", "'fast'"]),
    "negative steps": (training(steps=-1), ValueError, ["steps", "at least 0", "got -1"]),
    "half a step": (training(steps=0.5), ValueError, ["steps", "integer", "got 0.5"]),
    "batch too large": (training(batch_size=7), ValueError, ["batch_size", "from 1 to 6", "got 7"]),
    "batch of none": (training(batch_size=0), ValueError, ["batch_size", "from 1 to 6", "got 0"]),
    "never recorded": (training(record_every=0), ValueError, ["record_every", "at least 1", "got 0"]),
    "labels for other images": (training(labels=Y[:4]), ValueError, ["images", "labels", "(6, 4)", "(4,)"]),
    "images in three axes": (training(images=X[None]), ValueError, ["images", "(n, features)", "(1, 6, 4)"]),
    "images too narrow": (training(images=X[:, :2]), ValueError, ["(batch, 4)", "(6, 2)"]),
    "labels out of range": (training(labels=Y + 1), ValueError, ["labels", "from 0 to 2", "got 3"]),
    "a loss of another name": (training(loss="squared eror"), ValueError, ["loss", *LOSSES, "Did you mean"]),
    "targets for three outputs": (lambda: squared_error(NET, X, Y), ValueError, ["network", "one output", "has 3"]),
    "targets too few": (lambda: squared_error(MLP([4, 1]), X, Y[:5]), ValueError, ["targets", "(6,)", "(5,)"]),
    "targets in words": (lambda: squared_error(MLP([4, 1]), X, "high"), TypeError, ["targets", "'high'"]),
    "decay over no step": (lambda: LinearDecay(0), ValueError, ["steps", "at least 1", "got 0"]),
    "decay clipped to nothing": (lambda: LinearDecay(5, 0), ValueError, ["most", "positive", "got 0"]),
    "gates with the sigmoid's start": (lambda: GatedMLP([4, 5, 3], "centred"), ValueError, ["centred", "sigmoid"]),
    "gates with an activation": (
        lambda: GatedMLP([4, 5, 3], activation="relu"),
        ValueError,
        ["no activation to choose", "'relu'"],
    ),
    "products of gated layers": (
        lambda: jacobian_products(GatedMLP([4, 5, 5, 3]), X),
        ValueError,
        ["gated layer", "unit by unit"],
    ),
    "test labels too few": (training(test=(X, Y[:3])), ValueError, ["labels", "(6,)", "(3,)"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_argument_is_named(name):
    call, error, words = MISTAKES[name]
    with pytest.raises(error) as raised:
        call()
    missing = [word for word in words if word not in str(raised.value)]
    assert not missing, f"{missing} not in: {raised.value}"
    assert type(raised.value) is error


def test_a_refused_step_leaves_the_network_as_it_was():
    network = MLP([4, 3], seeds=2)
    with pytest.raises(ValueError, match="learning_rate"):
        train(network, X, Y, [1, 2, 3], steps=2, batch_size=4)
    assert_same_parameters(network, MLP([4, 3], seeds=2))


# Products of Jacobians, and clipping.


@pytest.mark.parametrize("activation", ["relu", "tanh", "softplus"])
def test_jacobian_products_are_the_derivatives_of_later_layers(activation):
    network = MLP([3, 4, 5, 6, 2], activation, "pytorch", seeds=2)
    inputs = np.random.default_rng(0).normal(size=(7, 3))
    products = jacobian_products(network, inputs)
    assert [product.shape for product in products] == [(2, 7, 4, 5), (2, 7, 4, 6)]
    start = network.forward(inputs).pre_activations[0]

    def from_first(z, layer):
        for weights, biases in zip(network.weights[1 : layer + 1], network.biases[1 : layer + 1], strict=True):
            z = network.activation.function(z) @ weights + biases
        return z

    for layer, product in enumerate(products, start=1):
        for unit in range(4):
            step = np.zeros(4)
            step[unit] = 1e-6
            slope = (from_first(start + step, layer) - from_first(start - step, layer)) / 2e-6
            np.testing.assert_allclose(product[:, :, unit], slope, rtol=1e-6, atol=1e-8)


def test_a_network_of_one_hidden_layer_has_no_product():
    assert jacobian_products(MLP([3, 4, 2], "relu"), np.ones((1, 3))) == []


@pytest.fixture
def gradients():
    network = MLP([3, 4, 2], "tanh", "pytorch", seeds=3)
    return cross_entropy(network, np.random.default_rng(0).normal(size=(5, 3)), np.arange(5) % 2)[1]


def flat(gradients):
    """All gradients of weights and biases, (seeds, parameters)."""
    return np.concatenate([part.reshape(len(part), -1) for part in gradients.weights + gradients.biases], axis=1)


def test_gradient_norm_is_that_of_all_parameters(gradients):
    np.testing.assert_allclose(gradient_norm(gradients), np.linalg.norm(flat(gradients), axis=1))


def test_gradient_norm_of_huge_tiny_and_no_gradients(gradients):
    for factor in (1e200, 1e-200, 0.0):
        scaled = dataclasses.replace(
            gradients, weights=[factor * w for w in gradients.weights], biases=[factor * b for b in gradients.biases]
        )
        np.testing.assert_allclose(gradient_norm(scaled), factor * gradient_norm(gradients), rtol=1e-12)


def test_clip_by_norm_shortens_only_what_is_too_long(gradients):
    norms = gradient_norm(gradients)
    most = float(np.median(norms))
    clipped = clip_by_norm(gradients, most)
    np.testing.assert_allclose(gradient_norm(clipped), np.minimum(norms, most))
    np.testing.assert_allclose(flat(clipped), flat(gradients) * np.minimum(1, most / norms)[:, None])
    assert np.array_equal(flat(clip_by_norm(gradients, 2 * norms.max())), flat(gradients))


def test_clip_by_value_clips_each_entry(gradients):
    before = flat(gradients).copy()
    most = float(np.median(np.abs(before)))
    clipped = clip_by_value(gradients, most)
    assert np.array_equal(flat(clipped), np.clip(before, -most, most))
    assert np.array_equal(flat(gradients), before), "the gradients given stay as they were"
    assert clipped.activations is gradients.activations


@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
@pytest.mark.parametrize("most", [0, -1.0, np.inf, np.nan])
def test_a_limit_that_is_none_is_refused(gradients, clip, most):
    with pytest.raises(ValueError, match="most must be a "):
        clip(gradients, most)


def test_training_takes_clipped_steps_and_shows_each_network(data):
    seen = []

    def look(network):
        seen.append([weights.copy() for weights in network.weights])
        network.biases[0][:] = 7

    train_set, _ = data
    network = MLP([64, 8, 10], "relu", "he", seeds=2)
    before = [weights.copy() for weights in network.weights]
    halve = functools.partial(clip_by_norm, most=1e-3)
    train(network, *train_set, 1.0, steps=3, batch_size=16, clip=halve, after_step=look)
    moved = [
        np.concatenate([(a - b).reshape(2, -1) for a, b in zip(new, old, strict=True)], axis=1)
        for old, new in zip([before, *seen], seen, strict=False)
    ]
    lengths = np.linalg.norm(moved, axis=-1)
    assert len(seen) == 3 and (lengths <= 1e-3).all() and (lengths > 1e-4).all()
    assert (network.biases[0] == 7).all()


def test_a_network_that_diverges_does_so_without_a_warning(data):
    def build(seeds):
        return MLP([64, 8, 8, 8, 10], "softplus", "he", seeds, scale=5)

    train_set, test_set = data
    history = train(build([0, 1]), *train_set, 1e90, steps=30, batch_size=16)
    assert not np.isfinite(history.loss[-1]).any()
    assert (sweep(build, [1e90], train_set, test_set, steps=30).tuned < 0.3).all()


# ── Without an activation ─────────────────────────────────────────────────────────────────────────────────────────


def test_without_an_activation_the_network_is_one_affine_map():
    network = build("pytorch", sizes=(6, 5, 4, 3), activation=None)
    matrix, bias = np.eye(6), np.zeros((1, 6))
    for weights, biases in zip(network.weights, network.biases, strict=True):
        matrix, bias = matrix @ weights, bias @ weights + biases
    inputs = np.random.default_rng(0).normal(size=(ROWS, 6))
    np.testing.assert_allclose(network.forward(inputs).output, inputs @ matrix + bias, atol=1e-12)


def test_without_an_activation_the_gradients_are_those_of_leaky_relu_with_slope_one():
    linear, leaky = build("xavier", activation=None), build("xavier", activation="leaky_relu")
    leaky.activation = dataclasses.replace(
        leaky.activation, function=lambda z: acts.leaky_relu(z, 1.0),
        derivative=lambda z: acts.leaky_relu_derivative(z, 1.0),
    )  # fmt: skip
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
    assert network.activation is stuck
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
    network.descend(gradients, [0.1] * len(SEEDS))
    arrays = [*parameters(network), *trace.pre_activations, *trace.activations, *gradients.weights, *gradients.biases]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    tolerance = 30 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(trace.output, exact.forward(inputs).output, rtol=tolerance, atol=tolerance)
    assert {array.dtype for array in parameters(network.shallower(2, scale=0.5))} == {np.dtype(dtype)}


def test_a_network_in_float16_learns():
    network = MLP([2, 8, 2], "relu", "he", seeds=3, dtype=np.float16)
    history = train(network, np.eye(2), np.array([0, 1]), learning_rate=0.5, steps=100, batch_size=1)
    assert (history.accuracy[-1] == 1).all()


@pytest.mark.parametrize("dtype", [np.int64, np.longdouble, "float64", None])
def test_another_dtype_is_refused(dtype):
    if dtype is np.longdouble and np.dtype(dtype) == np.float64:
        pytest.skip("here longdouble is float64")
    with pytest.raises(ValueError, match="dtype must be float16, float32 or float64; got"):
        MLP([2, 2], dtype=dtype)


def leaky(**settings):
    network = LeakyMLP([4, 3, 5, 2], 0.3, seeds=SEEDS, **settings)
    rng = np.random.default_rng(1)
    for part in parameters(network):
        part[:] = rng.normal(0, 0.7, part.shape)
    if network.learn:
        for alpha in network.alphas:
            alpha[:] = rng.uniform(-0.5, 1, alpha.shape)
    return network, rng.normal(size=(ROWS, 4)), rng.integers(0, 2, ROWS)


@pytest.mark.parametrize("learn", ["layer", "unit"])
def test_gradients_of_a_leaky_network_are_those_of_finite_differences(learn):
    network, inputs, labels = leaky(learn=learn)
    _, gradients = cross_entropy(network, inputs, labels)
    pairs = zip(
        [*parameters(network), *network.alphas], [*gradients.weights, *gradients.biases, *gradients.alphas], strict=True
    )
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
    for layer, found in enumerate(gradients.alphas):
        for seed in range(len(SEEDS)):
            z, upstream = trace.pre_activations[layer][seed], gradients.activations[layer][seed]
            np.testing.assert_allclose(found[seed].ravel(), prelu_alpha_gradient(z, upstream, axis), rtol=1e-12)


def test_alpha_0_is_relu_and_the_constant_alpha_is_the_catalogs():
    for alpha, name in ((0.0, "relu"), (0.01, "leaky_relu")):
        one, other = LeakyMLP([64, 8, 8, 10], alpha, seeds=3), MLP([64, 8, 8, 10], name, "he", seeds=3)
        images, labels = digits().split()[0]
        for network in (one, other):
            train(network, images, labels, 0.1, steps=20)
        assert_same_parameters(one, other, rtol=1e-10, atol=1e-12)


def test_a_learned_alpha_decays_and_a_constant_one_stays():
    network, inputs, labels = leaky(learn="layer", alpha_decay=0.5)
    before = [alpha.copy() for alpha in network.alphas]
    _, gradients = cross_entropy(network, inputs, labels)
    network.descend(gradients, 0.1)
    for old, new, slope in zip(before, network.alphas, gradients.alphas, strict=True):
        np.testing.assert_allclose(new, old - 0.1 * (slope + 0.5 * old), rtol=1e-14)
    network, inputs, labels = leaky()
    network.descend(cross_entropy(network, inputs, labels)[1], 0.1)
    assert all((alpha == 0.3).all() for alpha in network.alphas)


def test_random_slopes_are_drawn_in_training_only_and_kept_for_the_way_back():
    network, inputs, _ = leaky(random=(0.1, 0.5))
    assert np.array_equal(network.forward(inputs).output, network.forward(inputs).output)
    np.testing.assert_allclose(network.alphas[0], 0.3)
    network.training = True
    trace = network.forward(inputs)
    assert not np.array_equal(trace.output, network.forward(inputs).output)
    for z, slope, after in zip(trace.pre_activations, trace.negative_slopes, trace.activations[1:], strict=False):
        assert slope.shape == z.shape and slope.min() >= 0.1 and slope.max() <= 0.5
        np.testing.assert_array_equal(after, np.where(z > 0, z, slope * z))
    gradients = network.backward(trace, np.ones(trace.output.shape))
    z, slope = trace.pre_activations[1], trace.negative_slopes[1]
    expected = gradients.activations[1] * np.where(z > 0, 1, slope)
    np.testing.assert_array_equal(gradients.pre_activations[1], expected)


def test_training_ends_in_test_mode_and_a_seed_draws_the_same_slopes_alone():
    images, labels = digits().split()[0]
    networks = [LeakyMLP([64, 8, 10], seeds=seeds, random=(0.1, 0.5)) for seeds in ([0, 3], [3])]
    for network in networks:
        train(network, images, labels, 0.1, steps=5)
        assert not network.training
    np.testing.assert_allclose(networks[0].weights[0][1], networks[1].weights[0][0], rtol=1e-10)


def test_jacobian_products_use_the_networks_own_slopes():
    network, inputs, _ = leaky()
    z = network.forward(inputs).pre_activations[0]
    expected = np.where(z > 0, 1, 0.3)[..., None] * network.weights[1][:, None]
    np.testing.assert_allclose(jacobian_products(network, inputs)[0], expected)


def test_a_shallower_leaky_network_has_its_own_alphas():
    network = LeakyMLP([4, 3, 3, 2], learn="unit", seeds=2)
    shallow = network.shallower(1)
    shallow.alphas[0][:] = 9
    assert len(shallow.alphas) == 1 and (network.alphas[0] == 0.01).all()


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"learn": "all"}, 'learn must be None, "layer" or "unit"'),
        ({"learn": "unit", "random": (0.1, 0.2)}, "cannot be learned"),
        ({"random": (0.5, 0.1)}, "lower must not exceed upper"),
        ({"alpha": np.nan}, "alpha must be a finite number"),
        ({"alpha_decay": np.inf}, "alpha_decay must be a finite number"),
    ],
)
def test_a_leaky_network_says_what_is_wrong(settings, said):
    with pytest.raises(ValueError, match=said):
        LeakyMLP([2, 2, 2], **settings)


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


def test_signal_path_by_hand():
    network = MLP([4, 5, 6, 3], "sigmoid", seeds=SEEDS)
    inputs, labels = np.random.default_rng(0).normal(size=(8, 4)), np.arange(8) % 3
    signal, gradient = signal_path(network, inputs, labels)
    _, gradients = cross_entropy(network, inputs, labels)
    for layer, h in enumerate(network.forward(inputs).activations[1:]):
        spread = np.sqrt(h.var(axis=1).mean(axis=-1))
        np.testing.assert_allclose(signal[:, layer], spread / np.sqrt((h**2).mean(axis=(1, 2))))
        size = rms(gradients.activations[layer], axis=(1, 2))
        np.testing.assert_allclose(gradient[:, layer], size / rms(gradients.activations[-1], axis=(1, 2)))
    same = signal_path(network, np.ones((8, 4)), labels)[0]
    assert signal.shape == gradient.shape == (3, 2) and same.max() < 1e-15


def test_a_factor_for_each_layer():
    _, gradients = cross_entropy(MLP(UNITS, "tanh", seeds=SEEDS), np.ones((5, 4)), np.arange(5))
    scaled = scale_by_layer(gradients, [1, 10, 0, -2])
    for factor, layer in [(1, 0), (10, 1), (0, 2), (-2, 3)]:
        np.testing.assert_array_equal(scaled.weights[layer], factor * gradients.weights[layer])
        np.testing.assert_array_equal(scaled.biases[layer], factor * gradients.biases[layer])
    assert all(one is other for one, other in zip(scaled.activations, gradients.activations, strict=True))


@pytest.mark.parametrize("factor", [1.0, 1e-200, 1e200])
def test_equal_layers_have_size_1_and_their_old_direction(factor):
    parts = [np.random.default_rng(0).normal(size=(2, 3, 4)), np.zeros((2, 4, 5))]
    equal = equalise_layers(Gradients([factor * part for part in parts], [parts[0][:, :1]], [], []))
    np.testing.assert_allclose(rms(equal.weights[0], axis=(1, 2)), 1)
    np.testing.assert_allclose(equal.weights[0] * rms(parts[0], axis=(1, 2))[:, None, None], parts[0])
    assert (equal.weights[1] == 0).all()


def test_noise_has_its_variance_and_is_annealed():
    nothing = Gradients([np.zeros((2, 100, 100))], [np.zeros((2, 1, 100))], [], [])
    noise, again = AnnealedNoise(0.3, seed=1), AnnealedNoise(0.3, seed=1)
    for step in range(4):
        noisy = noise(nothing)
        variance = 0.3 / (1 + step) ** 0.55
        np.testing.assert_allclose(noisy.weights[0].var(axis=(1, 2)), variance, rtol=0.06)
        assert abs(noisy.weights[0].mean()) < 5 * np.sqrt(variance / 20000)
        assert not np.array_equal(*noisy.weights[0])  # each network has noise of its own
        np.testing.assert_array_equal(noisy.weights[0], again(nothing).weights[0])
    assert (nothing.weights[0] == 0).all()


# Gated layers, the squared error, and a rate that falls.


@pytest.mark.parametrize("residual", [None, 0.6])
@pytest.mark.parametrize("normalise", [None, "layer", "batch"])
@each_batch
def test_gradients_of_a_gated_network_are_those_of_finite_differences(residual, normalise, batch):
    rng = np.random.default_rng(4)
    network = GatedMLP([4, 5, 5, 3], seeds=SEEDS, residual=residual, normalise=normalise)
    network.weights = [rng.normal(0.1, 0.7, w.shape) for w in network.weights]
    network.biases = [rng.normal(0.2, 0.5, b.shape) for b in network.biases]
    inputs = rng.normal(0.2, 1, (ROWS, 4) if batch == "shared" else (len(SEEDS), ROWS, 4))
    labels = rng.integers(0, 3, ROWS)
    _, gradients = cross_entropy(network, inputs, labels)
    for array, computed in zip(parameters(network), [*gradients.weights, *gradients.biases], strict=True):
        measured = slopes(lambda: cross_entropy(network, inputs, labels)[0], array)
        np.testing.assert_allclose(computed, measured, rtol=1e-6, atol=1e-8)


def test_a_gated_layer_is_swiglu_of_its_two_halves():
    network = GatedMLP([4, 5, 6, 3], seeds=2)
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
    network, plain = GatedMLP(sizes, initialisation, seeds=1), MLP(sizes, "relu", initialisation, seeds=1)
    for layer in (0, 1):
        value, gate = np.split(network.weights[layer], 2, axis=-1)
        assert abs(np.corrcoef(value.ravel(), gate.ravel())[0, 1]) < 0.02
        for half in (value, gate):
            np.testing.assert_allclose(half.std(), plain.weights[layer].std(), rtol=0.02)
    assert network.weights[2].shape == (1, 300, 9)


def test_a_gated_seed_is_the_same_network_alone_and_lsuv_brings_both_halves_to_variance_1():
    inputs = np.random.default_rng(5).normal(0.3, 1, (20, 4))
    both, one = (GatedMLP([4, 5, 5, 3], "lsuv", seeds, inputs=inputs) for seeds in ([0, 3], [3]))
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


def test_the_score_of_the_squared_error_is_the_share_explained():
    targets = np.array([1.0, 2.0, 3.0, 6.0])
    network = MLP([1, 1], seeds=3, scale=0)
    network.biases[0][:, 0, 0] = [3.0, 1.0, np.nan]  # the mean, something worse, and a network that has diverged
    history = train(network, np.ones((4, 1)), targets, 0.1, steps=0, batch_size=2, loss="squared error")
    assert history.loss[0, :2].tolist() == [targets.var(), targets.var() + 4]
    assert history.accuracy[0].tolist() == [0.0, -4 / targets.var(), -np.inf]


def test_training_learns_the_terrain_and_a_gated_network_the_digits():
    train_set, test_set = terrain(every=20, standardised=True).split()
    found = sweep(
        lambda seeds: MLP([2, 16, 1], "tanh", seeds=seeds), [0.001, 0.1], train_set, test_set, steps=100, seeds=3,
        loss="squared error",
    )  # fmt: skip
    assert found.best == 1 and found.tuned.min() > 0.2
    network = GatedMLP([64, 12, 10], "lsuv", 3, inputs=digits().images)
    history = train(network, *digits(), 0.5, steps=200, clip=LinearDecay(200))
    assert history.accuracy[-1].min() > 0.85


def test_a_falling_rate_is_gradient_descent_with_a_shrinking_step():
    network, by_hand = (MLP([4, 3], seeds=2) for _ in range(2))
    train(network, X, Y, 0.4, steps=4, batch_size=6, clip=LinearDecay(4, most=0.05))
    for step in range(4):
        _, gradients = cross_entropy(by_hand, X, Y)
        by_hand.descend(clip_by_norm(gradients, 0.05), 0.4 * (1 - step / 4))
    assert_same_parameters(network, by_hand, rtol=1e-12)
