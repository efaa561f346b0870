"""Momentum and Adam: reference numbers, PyTorch step by step where it is installed, and one memory for each network."""

from dataclasses import replace

import numpy as np
import pytest
from small_networks import SEEDS, X, Y, assert_same_parameters, leaky, parameters, small_gradients

from acts.data import digits
from acts.network import MLP, cross_entropy
from acts.training import Adam, Momentum, clip_by_norm, descend, sweep, train

# Where one weight goes from 1 with the rate 1/8 and these gradients, by the sums without any recursion, for instance
# v = Σ β^(t−i) gᵢ, in mpmath with 50 digits.
SLOPES = [3.0, -1.0, 0.5, 2.0, 0.0, -4.0]
WAYS = {
    "momentum": (Momentum(), [0.625, 0.4125, 0.15875, -0.319625, -0.7501625, -0.63764625]),
    "momentum 0.5": (Momentum(0.5), [0.625, 0.5625, 0.46875, 0.171875, 0.0234375, 0.44921875]),
    "Adam": (Adam(), [
        0.87500000041666667, 0.824972679146137, 0.77429450398291338, 0.70057560053341213, 0.63826631720863092,
        0.64895773503494714,
    ]),
    "Adam with other settings": (Adam(0.5, 0.75, 0.1), [
        0.87903225806451613, 0.86013081412840201, 0.82896909460751196, 0.74420680159705967, 0.69476429652482048,
        0.777449261730711,
    ]),
}  # fmt: skip


def one_weight():
    network = MLP([1, 1], seeds=1)
    network.weights[0][:] = 1.0
    return network, cross_entropy(MLP([1, 1], seeds=1), np.ones((1, 1)), [0])[1]


@pytest.mark.parametrize("name", WAYS)
def test_one_weight_goes_the_way_of_the_formula(name):
    optimiser, way = WAYS[name]
    network, gradients = one_weight()
    step, found = optimiser.start(network), []
    for slope in SLOPES:
        step(network, replace(gradients, weights=[np.full((1, 1, 1), slope)]), 0.125)
        found.append(network.weights[0].item())
    np.testing.assert_allclose(found, way, rtol=1e-14, atol=0)


PEERS = {
    "SGD": (descend, lambda torch, parts: torch.optim.SGD(parts, 0.2)),
    "momentum": (Momentum(), lambda torch, parts: torch.optim.SGD(parts, 0.05, momentum=0.9)),
    "Adam": (Adam(), lambda torch, parts: torch.optim.Adam(parts, 0.01)),
}
RATES = {"SGD": 0.2, "momentum": 0.05, "Adam": 0.01}


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("name", PEERS)
def test_a_hundred_steps_are_those_of_pytorch(name, activation):
    """The same weights, the same batches, float64: no weight is further than 1e-10 from PyTorch's."""
    torch = pytest.importorskip("torch")
    optimiser, peer = PEERS[name]
    images, labels = digits().split()[0]
    network = MLP([64, 32, 32, 10], activation, seeds=[3])
    parts = [torch.tensor(part[0], requires_grad=True) for part in parameters(network)]
    weights, biases, step = parts[:3], parts[3:], peer(torch, parts)
    rng = np.random.default_rng([3, 1])  # as `train` draws for seed 3
    for _ in range(100):
        batch = rng.choice(len(images), 32, replace=False)
        h = torch.tensor(images[batch])
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            h = getattr(torch, activation)(h @ w + b)
        step.zero_grad()
        output = h @ weights[-1] + biases[-1]
        torch.nn.functional.cross_entropy(output, torch.tensor(labels[batch])).backward()
        step.step()
    start = [part.copy() for part in parameters(network)]
    train(network, images, labels, RATES[name], steps=100, batch_size=32, record_every=100, optimiser=optimiser)
    pairs = list(zip(parameters(network), parts, strict=True))
    assert min(np.abs(ours - old).max() for (ours, _), old in zip(pairs, start, strict=True)) > 1e-3
    assert max(np.abs(ours[0] - theirs.detach().numpy()).max() for ours, theirs in pairs) < 1e-10


EACH = pytest.mark.parametrize("optimiser", [Momentum(), Adam()], ids=["momentum", "Adam"])


@EACH
def test_each_network_and_each_training_has_a_memory_of_its_own(optimiser):
    networks = [MLP([4, 5, 3], seeds=SEEDS) for _ in range(3)]
    given = {"learning_rate": 0.1, "steps": 5, "batch_size": 4}
    for network in networks[:2]:
        train(network, X, Y, **given, optimiser=optimiser)
    train(networks[2], X, Y, **given, optimiser=type(optimiser)())
    for network in networks[1:]:
        assert_same_parameters(networks[0], network)


@EACH
def test_another_network_is_refused_by_a_memory(optimiser):
    one, other = (MLP([3, 4, 2], seeds=3) for _ in range(2))
    gradients, step = small_gradients(), optimiser.start(one)
    step(one, gradients, 0.1)
    before = [part.copy() for part in parameters(other)]
    for wrong, words in ((step, "is of another one"), (optimiser, r"step = (Momentum|Adam)\(…\).start\(network\)$")):
        with pytest.raises(ValueError, match=words):
            wrong(other, gradients, 0.1)
    for part, old in zip(parameters(other), before, strict=True):
        np.testing.assert_array_equal(part, old)
    third = MLP([3, 4, 2], seeds=3)
    step.start(other)(other, gradients, 0.1)
    optimiser.start(third)(third, gradients, 0.1)
    assert_same_parameters(other, third)


@EACH
def test_each_seed_goes_its_way_alone_at_its_own_rate_in_place(optimiser):
    data, rates = digits().split()[0], np.array([0.1, 0.0, 0.02])
    together = MLP([64, 8, 10], seeds=SEEDS)
    arrays = parameters(together)
    train(together, *data, rates, steps=20, optimiser=optimiser)
    assert all(now is array for now, array in zip(parameters(together), arrays, strict=True))
    for k, seed in enumerate(SEEDS):
        alone = MLP([64, 8, 10], seeds=[seed])
        train(alone, *data, rates[k], steps=20, optimiser=optimiser)
        for a, b in zip(parameters(together), parameters(alone), strict=True):
            np.testing.assert_allclose(a[k], b[0], rtol=1e-9, atol=1e-12)


@EACH
def test_learned_slopes_move_as_well(optimiser):
    network, inputs, labels = leaky(learn="unit")
    before = [layer.alpha.copy() for layer in network.hidden]
    optimiser.start(network)(network, cross_entropy(network, inputs, labels)[1], 0.1)
    for old, layer in zip(before, network.hidden, strict=True):
        assert (layer.alpha != old).any() and layer.alpha.shape == old.shape


@EACH
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_short_floats_stay_short_and_learn(optimiser, dtype):
    network = MLP([2, 8, 2], "relu", "he", seeds=3, dtype=dtype)
    history = train(network, np.eye(2), [0, 1], 0.05, steps=100, batch_size=1, optimiser=optimiser)
    assert (history.accuracy[-1] == 1).all() and {part.dtype for part in parameters(network)} == {np.dtype(dtype)}


def test_adam_in_float16_remembers_squares_that_float16_has_not():
    network, gradients = one_weight()
    network = MLP([1, 1], seeds=1, dtype=np.float16)
    before = network.weights[0].item()
    tiny = replace(gradients, weights=[np.full((1, 1, 1), 1e-4, np.float16)], biases=[np.zeros((1, 1, 1), np.float16)])
    Adam().start(network)(network, tiny, 0.25)
    assert before - network.weights[0].item() == pytest.approx(0.25, abs=1e-3)


@EACH
def test_sweep_and_clip_go_with_it(optimiser):
    def build(seeds):
        return MLP([64, 8, 10], seeds=seeds)

    norms = []

    def clip(gradients):
        norms.append(len(gradients.weights[0]))
        return clip_by_norm(gradients, 1.0)

    found = sweep(build, [0.001, 0.1], *digits().split(), steps=60, seeds=2, optimiser=optimiser, clip=clip)
    assert found.best == 1 and found.tuned.min() > 0.5 and norms == [4] * 60


@EACH
def test_a_network_that_diverges_does_so_without_a_warning(optimiser):
    network = MLP([64, 8, 8, 10], "softplus", "he", seeds=2, scale=5)
    assert train(network, *digits().split()[0], 1e200, steps=20, batch_size=16, optimiser=optimiser).diverged.all()


@pytest.mark.parametrize(
    "build, said",
    [
        (lambda: Momentum(1.0), "beta must be a number from 0 to below 1; got 1.0"),
        (lambda: Momentum(-0.1), "beta must be a number from 0 to below 1; got -0.1"),
        (lambda: Momentum(np.nan), "beta must be a finite number"),
        (lambda: Adam(beta1=1), "beta1 must be"),
        (lambda: Adam(beta2=1.5), "beta2 must be"),
        (lambda: Adam(eps=0), "eps must be a positive number; got 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(build, said):
    with pytest.raises(ValueError, match=said):
        build()


@EACH
def test_wrong_rates_are_refused_and_change_nothing(optimiser):
    network = MLP([4, 3], seeds=2)
    with pytest.raises(ValueError, match=r"learning_rate must be .* 2 seeds; got shape \(3,\)"):
        train(network, X, Y, [1, 2, 3], steps=2, batch_size=4, optimiser=optimiser)
    assert_same_parameters(network, MLP([4, 3], seeds=2))
