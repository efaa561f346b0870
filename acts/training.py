"""Train a small network, several seeds and learning rates at once; an optimiser is a function that takes one step."""

import copy
from dataclasses import dataclass, field

import numpy as np

from acts._arguments import check_integer, integers, part_of_one, positive
from acts._arrays import computed_in, float_array
from acts._names import unknown
from acts.network import LOSSES, MLP, accuracy, joined
from acts.probes import gradient_norm

__all__ = ["Adam", "History", "Momentum", "Sweep", "clip_by_norm", "descend", "sweep", "train"]


def descend(network, gradients, learning_rate):
    """Take one step of gradient descent, in place: W ← W − rate · gradient.

    `learning_rate`: a number, or one for each seed, (seeds,); `ValueError` for another shape. It is what `train` does
    by default; `Momentum()`, `Adam()`, or any function of the same three, may take its place.

    Examples
    --------
    >>> from acts.network import cross_entropy
    >>> network = MLP([2, 2], seeds=1, scale=0)
    >>> descend(network, cross_entropy(network, np.array([[3.0, 4.0]]), [0])[1], learning_rate=0.1)
    >>> network.biases[0]
    array([[[ 0.05, -0.05]]])
    """
    rate = _rate_of_each_seed(network, learning_rate)
    for parameter, slope in zip(network.trainable, gradients.trainable, strict=True):
        parameter -= rate * slope


def _rate_of_each_seed(network, learning_rate):
    """Return the rate with three axes, as all parameters have them: (1, 1, 1) or (seeds, 1, 1)."""
    rate = float_array(learning_rate, "learning_rate")
    if rate.shape not in [(), (len(network.seeds),)]:
        raise ValueError(
            f"learning_rate must be a number or one for each of {len(network.seeds)} seeds; got shape {rate.shape}"
        )
    return np.reshape(rate, (-1, 1, 1)).astype(network.dtype, copy=False)


class _Remembering:
    """An optimiser with a memory of its own for each network; `direction` returns which way it goes from a gradient."""

    network = None

    def start(self, network):
        """Return the optimiser for this network, with an empty memory.

        `train` calls this by itself. Who takes the steps by hand calls it once, and then what it returns, with the same
        arguments as `descend`; for another network that is a `ValueError`.
        """
        started = copy.copy(self)
        started.network = network
        started._forget()
        return started

    def __call__(self, network, gradients, learning_rate):
        if network is not self.network:
            name = type(self).__name__
            raise ValueError(
                f"{name} must be started for each network, step = {name}(…).start(network)"
                + (": what it remembers is of another one" if self.network else "")
            )
        rate = _rate_of_each_seed(network, learning_rate)
        slopes = joined(gradients.trainable)
        way = self.direction(slopes.astype(computed_in(slopes.dtype), copy=False))  # squares of float16 would be 0
        ends = np.cumsum([parameter[0].size for parameter in network.trainable])
        for parameter, part in zip(network.trainable, np.split(way, ends[:-1], axis=1), strict=True):
            parameter -= rate * part.reshape(parameter.shape)


class Momentum(_Remembering):
    """Momentum, the heavy ball: v ← βv + g and W ← W − rate · v, with the gradient g, from v = 0.

    Sources: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; Sutskever, Martens, Dahl
    & Hinton, "On the importance of initialization and momentum in deep learning", 2013. They have the rate inside v; as
    in PyTorch's `SGD` it stands outside here, which is the same as long as the rate does not change. `ValueError`
    unless `beta` is a number from 0 to below 1.

    Examples
    --------
    >>> network = MLP([2, 2], seeds=3)
    >>> history = train(network, np.eye(2), [0, 1], 0.1, steps=50, batch_size=1, optimiser=Momentum(beta=0.9))
    >>> history.accuracy[-1]
    array([1., 1., 1.])
    """

    def __init__(self, beta=0.9):
        self.beta = part_of_one("beta", beta)

    def _forget(self):
        self.v = 0.0

    def direction(self, g):
        self.v = self.beta * self.v + g
        return self.v


class Adam(_Remembering):
    """Adam: W ← W − rate · m̂/(√v̂ + ε), with running means m of the gradient g and v of g², from m = v = 0.

    At step t m ← β₁m + (1 − β₁)g and v ← β₂v + (1 − β₂)g²; m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ) make up for the start
    at 0. Source: Kingma & Ba, "Adam: a method for stochastic optimization", 2015. `ValueError` unless `beta1` and
    `beta2` are numbers from 0 to below 1, and `eps` is positive.

    Examples
    --------
    >>> from acts.network import cross_entropy
    >>> network = MLP([2, 2], seeds=1, scale=0)
    >>> step = Adam().start(network)
    >>> step(network, cross_entropy(network, np.array([[3.0, 4.0]]), [0])[1], learning_rate=0.1)
    >>> network.biases[0].round(6)  # at first each parameter moves by the rate, however large its gradient
    array([[[ 0.1, -0.1]]])
    """

    def __init__(self, beta1=0.9, beta2=0.999, eps=1e-8):
        self.beta1, self.beta2 = part_of_one("beta1", beta1), part_of_one("beta2", beta2)
        self.eps = positive("eps", eps)

    def _forget(self):
        self.t, self.m, self.v = 0, 0.0, 0.0

    def direction(self, g):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g * g
        m_hat = self.m / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - self.beta2**self.t)
        return m_hat / (np.sqrt(v_hat) + self.eps)


def clip_by_norm(gradients, most):
    """Return the gradients, shortened for each seed whose `gradient_norm` exceeds `most`; their direction stays.

    Source: Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", 2013. `ValueError`
    unless `most` is a positive number.

    Examples
    --------
    >>> from acts.network import cross_entropy
    >>> network = MLP([2, 2], seeds=1, scale=0)
    >>> _, gradients = cross_entropy(network, np.array([[3.0, 4.0]]), [0])
    >>> gradient_norm(clip_by_norm(gradients, 1.0)).round(3)
    array([1.])
    """
    factor = positive("most", most) / np.maximum(gradient_norm(gradients), most)
    return gradients.changed(lambda part: part * factor[:, None, None])


@dataclass(frozen=True)
class History:
    """What `train` recorded: `steps` (records,), `loss` and `accuracy` (records, seeds).

    For the squared error `accuracy` is the share of the targets' variance that is explained, R² = 1 − loss/variance:
    1 at best, 0 for a constant, −inf for a network that has diverged. `watched` is the list of what `watch` returned at
    each record.
    """

    steps: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray
    watched: list = field(default_factory=list)

    @property
    def diverged(self):
        """Whether each seed's last recorded loss is infinite or NaN, (seeds,)."""
        return ~np.isfinite(self.loss[-1])

    def steps_to_reach(self, level):
        """Return the first recorded step at which each seed's accuracy is at least `level`, (seeds,); inf if none is.

        Examples
        --------
        >>> accuracies = np.array([[0.1, 0.2], [0.9, 0.3], [0.8, 0.4]])
        >>> History(np.array([0, 10, 20]), 1 - accuracies, accuracies).steps_to_reach(0.75)
        array([10., inf])
        """
        reached = self.accuracy >= level
        return np.where(reached.any(axis=0), self.steps[reached.argmax(axis=0)], np.inf)


def train(
    network, images, labels, learning_rate, steps, batch_size=64, record_every=20, test=None, *, watch=None, clip=None,
    optimiser=descend, loss="cross-entropy", stop=None,
):  # fmt: skip
    """Train all seeds at once by stochastic gradient descent, in place; return a `History`.

    Parameters
    ----------
    network : MLP
    images : (n, features); labels : integers (n,), or real targets (n,) for the squared error
    learning_rate : float, or an array with one for each seed
    steps, batch_size : int
    record_every : int, or a sequence of steps
        Recorded are step 0, every `record_every` steps, or these, and the last.
    test : pair of images and labels on which loss and accuracy are recorded; the training set if None
    watch : function of the network, called at each record; what it returns is kept in the history
    clip : function from `Gradients` to those with which each step is made, such as `clip_by_norm` with a limit
    optimiser : `descend`, `Momentum()`, `Adam()`, or a function of the network, the gradients and the learning rate
        It takes the step in place. What has a `start`, as the two with a memory, is started: it begins without one.
    loss : name in `LOSSES`, "cross-entropy" for classes or "squared error" for one real number
    stop : function of the `History` so far, called at each record; where it returns True, training ends

    Raises
    ------
    TypeError
        If images or learning rates are not real numbers, labels not integers, or the optimiser cannot be called.
    ValueError
        If shapes do not fit, labels or counts are out of range, a batch is larger than the training set, or the loss
        is unknown.

    Notes
    -----
    Each seed draws its own mini-batches, without replacement, from a generator of its own. A network that diverges goes
    on without a warning: its loss is recorded as infinite or NaN.

    Examples
    --------
    >>> network = MLP([2, 2], seeds=3)
    >>> history = train(network, np.eye(2), np.array([0, 1]), learning_rate=1.0, steps=50, batch_size=1)
    >>> history.steps, history.accuracy[-1]
    (array([ 0, 20, 40, 50]), array([1., 1., 1.]))
    """
    images, labels = float_array(images, "images"), np.asarray(labels)
    if images.ndim != 2 or labels.shape != images.shape[:1]:
        raise ValueError(f"images must have shape (n, features), labels (n,); got {images.shape} and {labels.shape}")
    check_integer("steps", steps, 0)
    recorded = _recorded_steps(record_every, steps)
    check_integer("batch_size", batch_size, 1, len(images))
    if loss not in LOSSES:
        raise ValueError(unknown("loss", loss, LOSSES))
    if not callable(optimiser) or isinstance(optimiser, type):
        raise TypeError(f"optimiser must be a function such as descend, Momentum() or Adam(); got {optimiser!r}")
    take_step = optimiser.start(network) if hasattr(optimiser, "start") else optimiser
    with_gradients, with_score = LOSSES[loss]
    generators = [np.random.default_rng([seed, 1]) for seed in network.seeds]
    inputs = images.astype(network.dtype, copy=False)
    batch = np.empty((len(generators), batch_size), np.int64)
    records, watched = [], []

    def history():
        return History(*(np.array(column) for column in zip(*records, strict=True)), watched)

    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps + 1):
            if step in recorded:
                if watch is not None:
                    watched.append(watch(network))
                records.append((step, *with_score(network, *((images, labels) if test is None else test))))
                if stop is not None and stop(history()):
                    break
            if step < steps:
                for row, rng in zip(batch, generators, strict=True):
                    row[:] = rng.choice(len(images), batch_size, replace=False)
                network.training = True
                _, gradients = with_gradients(network, inputs[batch], labels[batch])
                network.training = False
                take_step(network, gradients if clip is None else clip(gradients), learning_rate)
    return history()


def _recorded_steps(record_every, steps):
    """Return at which steps there is a record, as a set."""
    if np.ndim(record_every) == 0:
        check_integer("record_every", record_every, 1)
        return {*range(0, steps, record_every), steps}
    expected = f"record_every must be an integer of at least 1, or steps from 0 to {steps}"
    chosen = integers(expected, record_every, lowest=0)
    if max(chosen) > steps:
        raise ValueError(f"{expected}; got {record_every!r}")
    return {0, *chosen, steps}


@dataclass(frozen=True)
class Sweep:
    """What `sweep` measured at each learning rate: accuracies of shape (rates, seeds), and the way there.

    After training with the squared error, read "share of the variance explained" for accuracy, as in `History`.
    `network` holds the trained networks and `history` their way on the validation set, both with the seeds of all rates
    side by side: rates × seeds in all.
    """

    rates: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    network: MLP | None = None
    history: History | None = None

    @property
    def best(self):
        """Index of the rate whose median validation accuracy is highest; of equals the first."""
        return int(np.median(self.validation, axis=1).argmax())

    @property
    def tuned(self):
        """Test accuracy at the best rate, (seeds,). The test set had no say in which rate that is."""
        return self.test[self.best]

    def tuned_on(self, inputs, labels):
        """Return the accuracy of the networks of the best rate on other data, (seeds,)."""
        return accuracy(self.network, inputs, labels).reshape(self.validation.shape)[self.best]

    def steps_to_reach(self, level):
        """Return the first recorded step at which the validation accuracy is at least `level`, (rates, seeds).

        It is inf where that never happened, and as exact as `record_every` of `sweep`.
        """
        return self.history.steps_to_reach(level).reshape(self.validation.shape)

    def quickest(self, level):
        """Return the steps to reach `level` at the rate whose median is least, (seeds,), and that rate.

        Of equals the first; so it is the first rate of all if the median never reaches the level.
        """
        steps = self.steps_to_reach(level)
        best = int(np.median(steps, axis=1).argmin())
        return steps[best], float(self.rates[best])


def sweep(
    build, rates, train_set, test_set, steps, batch_size=32, seeds=5, *, record_every=None, watch=None, clip=None,
    optimiser=descend, loss="cross-entropy", stop=None,
):  # fmt: skip
    """Train the same networks at several learning rates, all rates and seeds as one stacked array.

    A fourth of the training set is held back for validation, so that the rate can be chosen without the test set.

    Parameters
    ----------
    build : function from a list of seeds to an `MLP` with one network for each of them
    rates : sequence of floats
    train_set, test_set : `acts.data.Digits`, or `acts.data.Terrain` for the squared error
    steps, batch_size : as for `train`
    seeds : int, how many seeds at each rate
    record_every : as for `train`, of the validation accuracy; None records both ends only
    loss, stop : as for `train`
    watch, clip, optimiser : as for `train`; they are given the network of all rates and seeds

    Returns
    -------
    Sweep

    Examples
    --------
    >>> from acts.data import digits
    >>> found = sweep(lambda seeds: MLP([64, 10], seeds=seeds), [0.01, 1.0], *digits().split(), steps=20)
    >>> found.validation.shape, found.rates[found.best]
    ((2, 5), np.float64(1.0))
    """
    rates = np.asarray(rates, dtype=np.float64)
    network = build(list(range(seeds)) * len(rates))
    fitting, validation = train_set.split()
    every = steps if record_every is None else record_every
    history = train(
        network, *fitting, np.repeat(rates, seeds), steps, batch_size, every, validation, watch=watch, clip=clip,
        optimiser=optimiser, loss=loss, stop=stop,
    )  # fmt: skip
    shape = (len(rates), seeds)
    with np.errstate(over="ignore", invalid="ignore"):  # a rate that is too large makes a network diverge
        tested = LOSSES[loss][1](network, *test_set)[1].reshape(shape)
    return Sweep(rates, history.accuracy[-1].reshape(shape), tested, network, history)
