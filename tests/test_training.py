"""Training the small network: steps, batches, records, learning rates, and what it says to wrong arguments."""

import functools

import numpy as np
import pytest
from small_networks import (
    SEEDS,
    X,
    Y,
    assert_named,
    assert_same_parameters,
    each_activation,
    example,
    flat,
    leaky,
    parameters,
    small_gradients,
)

from acts.data import digits, terrain
from acts.network import LOSSES, MLP, Leaky, SwiGLU, accuracy, cross_entropy
from acts.probes import gradient_norm
from acts.training import Adam, History, Sweep, clip_by_norm, descend, sweep, train

# ── Descent and training ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rate", [0.3, np.array([0.1, 0.0, 2.0]), [1, 2, 3]], ids=["one", "each", "integers"])
def test_descend_takes_one_step_in_place(rate):
    network, inputs, labels, _ = example("tanh", 3, "shared")
    _, gradients = cross_entropy(network, inputs, labels)
    arrays, before = parameters(network), [array.copy() for array in parameters(network)]
    descend(network, gradients, rate)
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
        descend(by_hand, cross_entropy(by_hand, images, labels)[1], 0.7)
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


@pytest.mark.parametrize(
    "every, steps", [(7, [0, 7, 9]), ([4, 2], [0, 2, 4, 9]), (np.array([0, 1, 9]), [0, 1, 9]), ([3], [0, 3, 9])]
)
def test_records_are_taken_every_so_often_or_at_chosen_steps(data, every, steps):
    network = MLP([64, 8, 10], seeds=2)
    history = train(network, *data[0], 1.0, steps=9, record_every=every)
    often = train(MLP([64, 8, 10], seeds=2), *data[0], 1.0, steps=9, record_every=1)
    assert history.steps.tolist() == steps
    np.testing.assert_array_equal(history.loss, often.loss[steps])


def test_training_stops_where_it_is_told_to(data):
    seen = []

    def when_it_is_good(history):
        seen.append(history.steps.tolist())
        return np.median(history.accuracy[-1]) > 0.5

    network, often = MLP([64, 8, 10], seeds=3), {"steps": 200, "record_every": 10}
    history = train(network, *data[0], 1.0, **often, stop=when_it_is_good)
    last = history.steps[-1]
    assert 0 < last < 200 and seen == [list(range(0, k + 1, 10)) for k in range(0, last + 1, 10)]
    assert np.median(history.accuracy[-1]) > 0.5 >= np.median(history.accuracy[-2])
    same = MLP([64, 8, 10], seeds=3)
    train(same, *data[0], 1.0, steps=int(last))
    assert_same_parameters(network, same)


def test_sweep_hands_on_where_to_record_and_when_to_stop(data):
    swept = sweep(
        lambda seeds: MLP([64, 10], seeds=seeds), [0.1, 1.0], *data, steps=50, seeds=2, record_every=[1, 10],
        stop=lambda history: history.steps[-1] == 10,
    )  # fmt: skip
    assert swept.history.steps.tolist() == [0, 1, 10] and swept.validation.shape == (2, 2)
    np.testing.assert_array_equal(swept.history.accuracy[-1].reshape(2, 2), swept.validation)


def test_diverged_is_who_ends_without_a_finite_loss():
    loss = np.array([[np.nan, 1.0, 1.0, 1.0], [0.5, 0.5, np.inf, np.nan]])
    assert History(np.array([0, 5]), loss, loss).diverged.tolist() == [False, False, True, True]


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


def training(**wrong):
    arguments = {"images": X, "labels": Y, "learning_rate": 0.1, "steps": 2, "batch_size": 4} | wrong
    return lambda: train(MLP([4, 3], seeds=2), **arguments)


# Each: what is called, the error, and the words that name the argument, what was expected and what was given.
MISTAKES = {
    "too many rates": (training(learning_rate=[1, 2, 3]), ValueError, ["learning_rate", "2 seeds", "(3,)"]),
    "too few rates": (training(learning_rate=[1]), ValueError, ["learning_rate", "2 seeds", "(1,)"]),
    "rates as a matrix": (training(learning_rate=[[1], [2]]), ValueError, ["learning_rate", "(2, 1)"]),
    "rate a word": (training(learning_rate="fast"), TypeError, ["learning_rate", "'fast'"]),
    "negative steps": (training(steps=-1), ValueError, ["steps", "at least 0", "got -1"]),
    "half a step": (training(steps=0.5), ValueError, ["steps", "integer", "got 0.5"]),
    "batch too large": (training(batch_size=7), ValueError, ["batch_size", "from 1 to 6", "got 7"]),
    "batch of none": (training(batch_size=0), ValueError, ["batch_size", "from 1 to 6", "got 0"]),
    "never recorded": (training(record_every=0), ValueError, ["record_every", "at least 1", "got 0"]),
    "recorded after the end": (training(record_every=[1, 3]), ValueError, ["record_every", "from 0 to 2", "[1, 3]"]),
    "recorded at half a step": (training(record_every=[0.5]), ValueError, ["record_every", "from 0 to 2", "[0.5]"]),
    "recorded at no steps": (training(record_every=[]), ValueError, ["record_every", "from 0 to 2", "[]"]),
    "an optimiser's class": (training(optimiser=Adam), TypeError, ["optimiser", "Adam()", "<class"]),
    "an optimiser's name": (training(optimiser="adam"), TypeError, ["optimiser", "Adam()", "'adam'"]),
    "labels for other images": (training(labels=Y[:4]), ValueError, ["images", "labels", "(6, 4)", "(4,)"]),
    "images in three axes": (training(images=X[None]), ValueError, ["images", "(n, features)", "(1, 6, 4)"]),
    "images too narrow": (training(images=X[:, :2]), ValueError, ["(batch, 4)", "(6, 2)"]),
    "labels out of range": (training(labels=Y + 1), ValueError, ["labels", "from 0 to 2", "got 3"]),
    "a loss of another name": (training(loss="squared eror"), ValueError, ["loss", *LOSSES, "Did you mean"]),
    "test labels too few": (training(test=(X, Y[:3])), ValueError, ["labels", "(6,)", "(3,)"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_argument_is_named(name):
    assert_named(*MISTAKES[name])


def test_a_refused_step_leaves_the_network_as_it_was():
    network = MLP([4, 3], seeds=2)
    with pytest.raises(ValueError, match="learning_rate"):
        train(network, X, Y, [1, 2, 3], steps=2, batch_size=4)
    assert_same_parameters(network, MLP([4, 3], seeds=2))


@pytest.fixture
def gradients():
    return small_gradients()


def test_clip_by_norm_shortens_only_what_is_too_long(gradients):
    norms = gradient_norm(gradients)
    most = float(np.median(norms))
    clipped = clip_by_norm(gradients, most)
    np.testing.assert_allclose(gradient_norm(clipped), np.minimum(norms, most))
    np.testing.assert_allclose(flat(clipped), flat(gradients) * np.minimum(1, most / norms)[:, None])
    assert np.array_equal(flat(clip_by_norm(gradients, 2 * norms.max())), flat(gradients))


@pytest.mark.parametrize("most", [0, -1.0, np.inf, np.nan])
def test_a_limit_that_is_none_is_refused(gradients, most):
    with pytest.raises(ValueError, match="most must be a "):
        clip_by_norm(gradients, most)


def test_training_hands_clipped_gradients_to_the_optimiser(data):
    seen = []

    def look(network, gradients, rate):
        descend(network, gradients, rate)
        seen.append([weights.copy() for weights in network.weights])
        network.biases[0][:] = 7

    train_set, _ = data
    network = MLP([64, 8, 10], "relu", "he", seeds=2)
    before = [weights.copy() for weights in network.weights]
    halve = functools.partial(clip_by_norm, most=1e-3)
    train(network, *train_set, 1.0, steps=3, batch_size=16, clip=halve, optimiser=look)
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


def test_a_network_in_float16_learns():
    network = MLP([2, 8, 2], "relu", "he", seeds=3, dtype=np.float16)
    history = train(network, np.eye(2), np.array([0, 1]), learning_rate=0.5, steps=100, batch_size=1)
    assert (history.accuracy[-1] == 1).all()


def test_alpha_0_is_relu_and_the_constant_alpha_is_the_catalogs():
    for alpha, name in ((0.0, "relu"), (0.01, "leaky_relu")):
        one, other = MLP([64, 8, 8, 10], Leaky(alpha), "he", seeds=3), MLP([64, 8, 8, 10], name, "he", seeds=3)
        images, labels = digits().split()[0]
        for network in (one, other):
            train(network, images, labels, 0.1, steps=20)
        assert_same_parameters(one, other, rtol=1e-10, atol=1e-12)


def test_a_learned_alpha_takes_a_step_and_a_constant_one_stays():
    network, inputs, labels = leaky(learn="layer")
    before = [layer.alpha.copy() for layer in network.hidden]
    _, gradients = cross_entropy(network, inputs, labels)
    descend(network, gradients, 0.1)
    for old, layer, (slope,) in zip(before, network.hidden, gradients.learned, strict=True):
        np.testing.assert_allclose(layer.alpha, old - 0.1 * slope, rtol=1e-14)
    network, inputs, labels = leaky()
    _, gradients = cross_entropy(network, inputs, labels)
    descend(network, gradients, 0.1)
    assert gradients.learned == [[], []] and all((layer.alpha == 0.3).all() for layer in network.hidden)


def test_training_ends_in_test_mode_and_a_seed_draws_the_same_slopes_alone():
    images, labels = digits().split()[0]
    networks = [MLP([64, 8, 10], Leaky(random=(0.1, 0.5)), "he", seeds) for seeds in ([0, 3], [3])]
    for network in networks:
        train(network, images, labels, 0.1, steps=5)
        assert not network.training
    np.testing.assert_allclose(networks[0].weights[0][1], networks[1].weights[0][0], rtol=1e-10)


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
    network = MLP([64, 12, 10], SwiGLU(), "lsuv", 3, inputs=digits().images)
    history = train(network, *digits(), 0.3, steps=200, clip=functools.partial(clip_by_norm, most=1.0))
    assert history.accuracy[-1].min() > 0.85
