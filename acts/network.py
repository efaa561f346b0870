"""A small multilayer perceptron in NumPy, several seeds at once, with everything inside open to look at.

Every array of a network has the seeds as its first axis: weights are (seeds, fan_in, fan_out), activations are
(seeds, batch, units). One seed always gives the same network, whichever other seeds run beside it. `acts.training`
trains it, `acts.probes` measures what happens inside.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from acts._arguments import check_integer, finite, integers, seed_list
from acts._arrays import float_array
from acts._names import unknown
from acts.catalog import ACTIVATIONS, Activation
from acts.elementwise import rrelu_slopes, swiglu, swiglu_vjp
from acts.softmax import softmax_cross_entropy

__all__ = [
    "INITIALISATIONS", "LOSSES", "MLP", "Elementwise", "Gradients", "Initialisation", "Leaky", "SwiGLU", "Trace",
    "accuracy", "centre", "cross_entropy", "squared_error",
]  # fmt: skip


# Initialisations: from a generator, fan_in and fan_out to the weights (fan_in, fan_out) and the biases (fan_out,).


def pytorch_init(rng, fan_in, fan_out):
    """PyTorch's default for a linear layer: weights and biases uniform in ±1/√fan_in, so Var(w) = 1/(3 fan_in).

    Source: `torch.nn.Linear.reset_parameters`, kaiming_uniform_ with a = √5, since 2018.
    """
    bound = 1 / np.sqrt(fan_in)
    return rng.uniform(-bound, bound, (fan_in, fan_out)), rng.uniform(-bound, bound, fan_out)


def xavier_init(rng, fan_in, fan_out):
    """Xavier (Glorot): uniform with Var(w) = 2/(fan_in + fan_out), zero biases.

    Source: Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    """
    bound = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, (fan_in, fan_out)), np.zeros(fan_out)


def he_init(rng, fan_in, fan_out):
    """He (Kaiming): normal with Var(w) = 2/fan_in, zero biases. Its paper is that of `prelu` in `acts.catalog`."""
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)), np.zeros(fan_out)


def orthogonal_init(rng, fan_in, fan_out):
    """Orthogonal: all singular values are 1, zero biases.

    Source: Saxe, McClelland & Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks", 2014.
    """
    tall = rng.normal(size=(max(fan_in, fan_out), min(fan_in, fan_out)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diagonal(r))  # without the signs QR's q is not uniform among the orthogonal matrices
    return (q if fan_in >= fan_out else q.T), np.zeros(fan_out)


def plain_init(rng, fan_in, fan_out):
    """Plain: standard normal weights whatever the width, zero biases. `scale` is then their standard deviation."""
    return rng.normal(size=(fan_in, fan_out)), np.zeros(fan_out)


def wide_xavier_init(rng, fan_in, fan_out):
    """4 × Xavier, made for the sigmoid: the 4 makes up for σ′(0) = 1/4.

    The Theano tutorials of Glorot and Bengio's laboratory (2010) drew the sigmoid's weights like that.
    """
    weights, biases = xavier_init(rng, fan_in, fan_out)
    return 4 * weights, biases


def unit_variance(network, inputs):
    """Bring the pre-activations of each layer to variance 1 on these inputs, layer by layer.

    Source: Mishkin & Matas, "All you need is a good init", 2016 (LSUV).
    """
    if inputs is None:
        raise ValueError('initialisation "lsuv" needs inputs, a batch of data of shape (batch, sizes[0]); got None')
    for layer, weights in enumerate(network.weights):
        spread = network.forward(inputs).pre_activations[layer].std(axis=(1, 2), keepdims=True)
        if not (spread > 0).all():
            seed = network.seeds[int(np.argmin(spread > 0))]
            raise ValueError(
                f'inputs must leave the pre-activations of each layer some spread for "lsuv" to bring to 1; with '
                f"seed {seed} the standard deviation in layer {layer} is {spread.min()}"
            )
        weights /= spread


def centre(network):
    """Set the biases of every layer but the first to −½ Σ w; return the network.

    They cancel the mean ½ of the sigmoids that feed such a layer, so that its pre-activations have mean 0 wherever
    its inputs have mean ½. The first layer is fed by data and left as it is. The advice to centre each unit's
    input is from the paper of `tanh` in `acts.catalog`.
    """
    if network.activation.matrices > 1:
        raise ValueError('initialisation "centred" is made for the sigmoid and not for gated layers')
    for weights, biases in zip(network.weights[1:], network.biases[1:], strict=True):
        biases[:] = -weights.sum(axis=1, keepdims=True) / 2
    return network


class Initialisation(NamedTuple):
    """How a network begins: what draws each layer and, where that is not all, what is done with the network then.

    `fit(network, inputs)` needs data, and comes before the weights are multiplied by `scale`; `finish(network)` makes
    the biases from the weights, and comes after it.
    """

    draw: Callable
    fit: Callable | None = None
    finish: Callable | None = None

    @property
    def is_drawn(self):
        """Whether drawing is all there is to it, so that it serves a layer of any kind."""
        return self.fit is None and self.finish is None


INITIALISATIONS = {
    "pytorch": Initialisation(pytorch_init),
    "xavier": Initialisation(xavier_init),
    "he": Initialisation(he_init),
    "orthogonal": Initialisation(orthogonal_init),
    "plain": Initialisation(plain_init),
    "centred": Initialisation(wide_xavier_init, finish=centre),
    "lsuv": Initialisation(orthogonal_init, fit=unit_variance),
}


def draw_layers(draw, sizes, seeds, matrices=1):
    """Return the weights (seeds, fan_in, fan_out) and the biases (seeds, 1, fan_out) of each layer, in two lists.

    If a hidden layer has several matrices, they stand side by side, each drawn for itself.
    """
    generators, weights, biases = [np.random.default_rng(seed) for seed in seeds], [], []
    for layer, fans in enumerate(pairwise(sizes)):
        count = 1 if layer == len(sizes) - 2 else matrices
        drawn = [[draw(rng, *fans) for _ in range(count)] for rng in generators]
        weights.append(np.stack([np.concatenate([w for w, _ in pairs], axis=1) for pairs in drawn]))
        biases.append(np.stack([np.concatenate([b for _, b in pairs]) for pairs in drawn])[:, None])
    return weights, biases


# Activations: what a hidden layer does between its pre-activations z and its output h.


class Elementwise:
    """An activation that takes each pre-activation by itself, h = f(z), and sends back δ = upstream · f′(z).

    `MLP` makes one of any record of the catalog. An activation of another kind is a subclass: `forward` returns h, and
    whatever `backward` will need; `backward` returns the gradient with respect to z, and those of the activation's own
    `learned` parameters. `matrices` is how many pre-activations each of its units takes, that is how many matrices W.
    """

    matrices, learned = 1, ()

    def __init__(self, function, derivative):
        self.function, self.derivative = function, derivative

    def layers(self, units, seeds, dtype):
        """Return the activation of each hidden layer, in a list; `units` are their widths."""
        return [self] * len(units)

    def forward(self, z, training):
        return self.function(z), z

    def backward(self, upstream, saved):
        return upstream * self.derivative(saved), []


class Leaky(Elementwise):
    """The leaky family: x for x > 0, α · x below, with α constant (LeakyReLU), learned (PReLU) or random (RReLU).

    Parameters
    ----------
    alpha : float
        The slope below 0, or with which it starts.
    learn : None, "layer" or "unit"
        Whether α is learned, and how many there are: one for each layer, or one for each unit.
    random : None or (lower, upper)
        In training each element of each pass has a slope of its own, drawn from U(lower, upper) and kept for the
        backward pass; else the slope is (lower + upper)/2, whatever `alpha`.

    Raises
    ------
    ValueError
        For another `learn`, an alpha that is not finite, bounds in the wrong order, or α both learned and random.

    Attributes
    ----------
    alpha : (seeds, 1, 1), or (seeds, 1, units) if learned for each unit; `network.hidden[l].alpha` is that of layer l

    Examples
    --------
    >>> network = MLP([64, 8, 8, 10], Leaky(0.25, learn="unit"), "he", seeds=3)
    >>> _, gradients = cross_entropy(network, np.ones((5, 64)), np.arange(5))
    >>> [alpha.shape for (alpha,) in gradients.learned]
    [(3, 1, 8), (3, 1, 8)]
    """

    def __init__(self, alpha=0.01, learn=None, random=None):
        if learn not in (None, "layer", "unit"):
            raise ValueError(f'learn must be None, "layer" or "unit"; got {learn!r}')
        if random is not None and learn:
            raise ValueError(f"random slopes cannot be learned; got random = {random!r} and learn = {learn!r}")
        self.learn, self.random, self.alpha = learn, None, finite("alpha", alpha)
        if random is not None:
            lower, upper = (finite("random", bound) for bound in random)
            rrelu_slopes((), lower, upper)  # it says so if they are in the wrong order
            self.random, self.alpha = (lower, upper), (lower + upper) / 2

    def layers(self, units, seeds, dtype):
        generators, layers = [np.random.default_rng([seed, 2]) for seed in seeds], [copy.copy(self) for _ in units]
        for layer, width in zip(layers, units, strict=True):
            layer.generators = generators  # one for each seed: the layers draw from it in turn
            layer.alpha = np.full((len(seeds), 1, width if self.learn == "unit" else 1), self.alpha, dtype)
        return layers

    @property
    def learned(self):
        return [self.alpha] if self.learn else []

    def forward(self, z, training):
        slope = self.alpha
        if self.random and training:
            slope = np.stack([rrelu_slopes(z.shape[1:], *self.random, rng) for rng in self.generators]).astype(z.dtype)
        return np.where(z > 0, z, slope * z), (z, slope)

    def backward(self, upstream, saved):
        z, slope = saved
        shared = (1,) if self.learn == "unit" else (1, 2)
        own = [(upstream * np.minimum(z, 0)).sum(axis=shared, keepdims=True)] if self.learn else []
        return upstream * np.where(z > 0, 1.0, slope).astype(z.dtype), own


class SwiGLU(Elementwise):
    """A gated layer, value · silu(gate), both linear in the input; so a layer of m units has 2m pre-activations.

    Its two matrices stand side by side in `weights` (seeds, fan_in, 2m) and `biases` (seeds, 1, 2m): the m values
    first, then the m gates. For as many parameters as with another activation the layer has to be narrower; compare
    `MLP.parameters`. In the paper, which `acts.catalog` names, the gated layers are those of a transformer.

    Examples
    --------
    >>> network = MLP([64, 8, 10], SwiGLU(), seeds=3)
    >>> network.weights[0].shape, network.forward(np.ones((5, 64))).activations[1].shape
    ((3, 64, 16), (3, 5, 8))
    """

    matrices = 2

    def __init__(self):
        pass

    def forward(self, z, training):
        return swiglu(*np.split(z, 2, axis=-1)), z

    def backward(self, upstream, saved):
        return np.concatenate(swiglu_vjp(*np.split(saved, 2, axis=-1), upstream), axis=-1), []


def _activation(given):
    """Return the activation of a name or a record of the catalog, of an activation, or of None: h = z."""
    if given is None:
        return Elementwise(np.copy, np.ones_like)
    if isinstance(given, Elementwise):
        return given
    record = given if isinstance(given, Activation) else ACTIVATIONS[given]
    return Elementwise(record.function, record.derivative)


# The network.


@dataclass(frozen=True)
class Trace:
    """What a forward pass leaves: `activations[0]` is the input, `activations[l + 1] = f(pre_activations[l])`.

    The last layer is linear: `output` is its pre-activation. With residual links `activations[l + 1]` is the sum that
    leaves the layer; with normalisation `pre_activations[l]` is what f is given, and `spreads[l]` what it was divided
    by, else None. `saved[l]` is what the activation of hidden layer l keeps for the backward pass.
    """

    pre_activations: list
    activations: list
    saved: list = field(default_factory=list)
    spreads: list = field(default_factory=list)

    @property
    def output(self):
        return self.pre_activations[-1]

    def keep(self, z, h, saved, spread):
        """Append what one hidden layer leaves."""
        self.pre_activations.append(z)
        self.activations.append(h)
        self.saved.append(saved)
        self.spreads.append(spread)


@dataclass(frozen=True)
class Gradients:
    """Gradients of the loss, layer by layer, in the shapes of what they belong to.

    `activations[l]` belongs to the output of hidden layer l, that is to `trace.activations[l + 1]`; `learned[l]` is the
    list of those of its activation's own parameters, an empty one for most activations.
    """

    weights: list
    biases: list
    pre_activations: list
    activations: list
    learned: list = field(default_factory=list)

    @property
    def trainable(self):
        """The gradients of all that a training step moves, in the order of `MLP.trainable`."""
        return [*self.weights, *self.biases, *(part for layer in self.learned for part in layer)]

    def changed(self, change):
        """Return the gradients with those of weights and of biases, layer by layer, as `change` returns them."""
        return replace(self, weights=[*map(change, self.weights)], biases=[*map(change, self.biases)])


def joined(parts):
    """Return all numbers of each seed in one row, (seeds, numbers), layer after layer."""
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)


NORMALISED_AXIS = {"layer": -1, "batch": -2}  # of (seeds, batch, units)
LEAST_VARIANCE = 1e-12  # added before the root, so that what does not vary at all becomes 0 and not NaN


class MLP:
    """A multilayer perceptron with one activation in all hidden layers and a linear last layer.

    Parameters
    ----------
    sizes : sequence of at least two positive ints, the units of the input, of each hidden layer and of the output
    activation : name in `acts.catalog.ACTIVATIONS`, a record like those, `Leaky(…)`, `SwiGLU()`, or None: none at all
    initialisation : name in `INITIALISATIONS`
    seeds : int or iterable of ints, how many networks (seeds 0, 1, …), or which
    scale : float
        Every weight, not the biases, is multiplied by it, after everything else: "lsuv" has variance 1 at scale 1.
        Only the biases of "centred" follow, since they are made of the weights.
    inputs : array (batch, sizes[0]), for "lsuv" only: data on which each layer is brought to variance 1
    dtype : float16, float32 or float64
        Of the parameters and of all that is computed. The initial weights are drawn in float64 and rounded. In float16
        the sums of a matrix product run in float32, as on accelerators; its result and all else is rounded to float16.
    residual : float, or None
        A number r gives each hidden layer that is as wide as its input h a link around it: its output is
        h + r f(W h + b). Source: He, Zhang, Ren & Sun, "Deep residual learning for image recognition", 2016 (with
        r = 1, two layers in each block, and a ReLU after the sum).
    normalise : "layer", "batch" or None
        Each hidden layer's W h + b is brought to mean 0 and variance 1 before f is applied: "layer" over the units of
        each image, "batch" for each unit over the images of the batch; no parameters, no running averages. Sources:
        Ba, Kiros & Hinton, "Layer normalization", 2016; Ioffe & Szegedy, "Batch normalization", 2015.

    What does not fit raises `ValueError`; a name that the catalog does not know, `UnknownActivation`.

    Attributes
    ----------
    weights, biases : lists, one entry a layer, of (seeds, fan_in, fan_out) and (seeds, 1, fan_out), of `dtype`
    hidden : list, the activation of each hidden layer
    training : bool, True within a step of training; only an activation that is random in training takes notice

    Examples
    --------
    >>> network = MLP([2, 3, 1], activation="tanh", initialisation="xavier", seeds=4)
    >>> network.forward(np.ones((5, 2))).output.shape
    (4, 5, 1)
    """

    training = False

    def __init__(
        self, sizes, activation="sigmoid", initialisation="xavier", seeds=5, scale=1.0, inputs=None, dtype=np.float64,
        *, residual=None, normalise=None,
    ):  # fmt: skip
        _check_names(initialisation, normalise, dtype)
        self.sizes = integers("sizes must be at least two positive integers, the units of each layer", sizes, 1, 2)
        self.seeds, self.normalise = seed_list(seeds), normalise
        self.residual = None if residual is None else finite("residual", residual)
        self.activation = _activation(activation)
        self.hidden = self.activation.layers(self.sizes[1:-1], self.seeds, dtype)
        self.dtype, self.start = np.dtype(np.float64), INITIALISATIONS[initialisation]
        self.weights, self.biases = draw_layers(self.start.draw, self.sizes, self.seeds, self.activation.matrices)
        if self.start.fit:
            self.start.fit(self, inputs)
        self._scale(scale)
        self.dtype = np.dtype(dtype)
        self.weights = [weights.astype(dtype, copy=False) for weights in self.weights]
        self.biases = [biases.astype(dtype, copy=False) for biases in self.biases]

    def _scale(self, scale):
        factor = finite("scale", scale)
        self.weights = [factor * weights for weights in self.weights]
        if self.start.finish:
            self.start.finish(self)

    @property
    def depth(self):
        """Number of layers of weights."""
        return len(self.weights)

    @property
    def parameters(self):
        """Number of weights and biases of one seed."""
        return sum(part[0].size for part in [*self.weights, *self.biases])

    @property
    def trainable(self):
        """The arrays that a training step moves: weights, biases, and what the activations learn."""
        return [*self.weights, *self.biases, *(part for layer in self.hidden for part in layer.learned)]

    def shallower(self, hidden_layers, scale=1.0):
        """Return a network of the first hidden layers and the last layer of this one, its weights times `scale`.

        It shares no memory with this one. `ValueError` if there are not so many hidden layers, or if the last of them
        is not as wide as the one that feeds the last layer here.
        """
        check_integer("hidden_layers", hidden_layers, 1, self.depth - 1)
        if self.sizes[hidden_layers] != self.sizes[-2]:
            raise ValueError(
                f"hidden_layers must end in a layer of {self.sizes[-2]} units, for the last layer to fit; "
                f"layer {hidden_layers} has {self.sizes[hidden_layers]}"
            )
        network = copy.deepcopy(self)
        del network.sizes[hidden_layers + 1 : -1], network.hidden[hidden_layers:]
        del network.weights[hidden_layers:-1], network.biases[hidden_layers:-1]
        network._scale(scale)
        return network

    def forward(self, inputs):
        """Run the networks on a batch (batch, sizes[0]), or one batch for each seed (seeds, batch, sizes[0]).

        Returns a `Trace`. Raises `ValueError` for another shape or an empty batch, `TypeError` for what is not real.
        """
        h = _batch(inputs, self)
        trace = Trace([], [h])
        for layer, activation in enumerate(self.hidden):
            z, spread = _normalised(_affine(h, self.weights[layer], self.biases[layer]), self.normalise)
            f, saved = activation.forward(z, self.training)
            h = h + self.residual * f if self._linked(layer) else f
            trace.keep(z, h, saved, spread)
        trace.pre_activations.append(_affine(h, self.weights[-1], self.biases[-1]))
        return trace

    def _linked(self, layer):
        """Return whether this layer has a residual link around it."""
        return self.residual is not None and 0 < layer < self.depth - 1 and self.sizes[layer] == self.sizes[layer + 1]

    def backward(self, trace, output_gradient):
        """Carry the gradient of a loss with respect to the output, (seeds, batch, units), back to every layer.

        Returns `Gradients`. The chain rule, layer by layer from the last: with δ the gradient with respect to
        z = h W + b, that of W is hᵀ δ, that of b the sum of δ over the batch, that of h is δ Wᵀ; times f′ it is the δ
        of the layer before. Where a layer has a link around it, the gradient that goes around is added to that of h.
        """
        delta = np.broadcast_to(output_gradient, trace.output.shape)
        ones = np.ones((1, delta.shape[1]), delta.dtype)
        found = Gradients([], [], [delta], [])
        for layer in reversed(range(self.depth)):
            h, weights = trace.activations[layer], self.weights[layer]
            found.weights.insert(0, _product(h.mT, delta))
            found.biases.insert(0, _summed(delta, ones))
            if layer == 0:
                break
            upstream = _product(delta, weights.mT)
            if self._linked(layer):
                upstream += found.activations[0]
            found.activations.insert(0, upstream)
            before = layer - 1  # the hidden layer that h comes from
            delta, learned = self.hidden[before].backward(upstream, trace.saved[before])
            if self._linked(before):
                delta, learned = self.residual * delta, [self.residual * part for part in learned]
            found.pre_activations.insert(0, delta)
            found.learned.insert(0, learned)
            delta = _through_normalisation(delta, trace, before, self.normalise)
        return found


def _check_names(initialisation, normalise, dtype):
    if initialisation not in INITIALISATIONS:
        raise ValueError(unknown("initialisation", initialisation, INITIALISATIONS))
    if normalise not in (None, *NORMALISED_AXIS):
        raise ValueError(f'normalise must be "layer", "batch" or None; got {normalise!r}')
    if dtype not in (np.float16, np.float32, np.float64):
        raise ValueError(f"dtype must be float16, float32 or float64; got {dtype!r}")


def _batch(inputs, network):
    """Return the inputs as the network computes with them, if they are a batch for it."""
    inputs = float_array(inputs, "inputs").astype(network.dtype, copy=False)
    seeds, features = len(network.seeds), network.sizes[0]
    batch = inputs.shape[-2] if inputs.ndim > 1 else 0
    if batch < 1 or inputs.shape not in [(batch, features), (seeds, batch, features)]:
        raise ValueError(
            f"inputs must have shape (batch, {features}) or (seeds, batch, {features}), with seeds = {seeds} and "
            f"at least one row; got {inputs.shape}"
        )
    return inputs


def _product(left, right):
    """Return the matrix product; that of float16 is summed in float32 and then rounded."""
    if left.dtype.itemsize > 2:
        return left @ right
    return (left.astype(np.float32) @ right.astype(np.float32)).astype(np.float16)


def _affine(h, weights, biases):
    """Return h W + b."""
    z = _product(h, weights)
    z += biases  # no new array: at these sizes each one costs as much as what is computed in it
    return z


def _summed(delta, ones):
    """Return the sum over the batch, (…, 1, units)."""
    if delta.dtype.itemsize > 2:
        return ones @ delta  # half the time of a sum along this axis
    return delta.sum(axis=-2, keepdims=True)


def _normalised(z, normalise):
    """Return z with mean 0 and variance 1 along an axis, and the standard deviation that it was divided by.

    Without normalisation z comes back as it is, with None.
    """
    if normalise is None:
        return z, None
    axis = NORMALISED_AXIS[normalise]
    z = z - z.mean(axis=axis, keepdims=True)
    spread = np.sqrt((z * z).mean(axis=axis, keepdims=True) + LEAST_VARIANCE)
    return z / spread, spread


def _through_normalisation(delta, trace, layer, normalise):
    """Return the gradient in front of a normalisation, from that behind it: what changes mean or spread is lost."""
    if normalise is None:
        return delta
    axis, z = NORMALISED_AXIS[normalise], trace.pre_activations[layer]
    lost = delta.mean(axis=axis, keepdims=True) + z * (delta * z).mean(axis=axis, keepdims=True)
    return (delta - lost) / trace.spreads[layer]


# Losses, each with its gradients, and scores.


def cross_entropy(network, inputs, labels):
    """Return the mean softmax cross-entropy of each seed, (seeds,), and all gradients of it.

    Parameters
    ----------
    inputs : (batch, features) or (seeds, batch, features)
    labels : integers (batch,) or (seeds, batch)

    Raises
    ------
    TypeError
        If the labels are not integers.
    ValueError
        If a shape does not fit, or a label is none of the network's classes.

    Examples
    --------
    >>> network = MLP([2, 3], seeds=1, scale=0)
    >>> loss, gradients = cross_entropy(network, np.ones((4, 2)), np.array([0, 1, 2, 0]))
    >>> loss.round(4), gradients.biases[0].shape
    (array([1.0986]), (1, 1, 3))
    """
    trace = network.forward(inputs)
    loss, gradient = softmax_cross_entropy(trace.output, _labels(labels, trace.output))
    return loss.mean(axis=-1), network.backward(trace, gradient / loss.shape[-1])


def squared_error(network, inputs, targets):
    """Return the mean squared error of each seed, (seeds,), and all gradients of it, for a network with one output.

    Parameters
    ----------
    inputs : (batch, features) or (seeds, batch, features)
    targets : real numbers (batch,) or (seeds, batch)

    Raises
    ------
    TypeError
        If the targets are not real numbers.
    ValueError
        If a shape does not fit, or the network has more than one output.

    Examples
    --------
    >>> network = MLP([2, 1], seeds=1, scale=0)
    >>> loss, gradients = squared_error(network, np.ones((2, 2)), [1.0, 3.0])
    >>> loss, gradients.biases[0]
    (array([5.]), array([[[-4.]]]))
    """
    trace = network.forward(inputs)
    off = trace.output[..., 0] - _targets(targets, trace.output)  # (seeds, batch)
    return np.square(off).mean(axis=-1), network.backward(trace, 2 * off[..., None] / off.shape[-1])


def accuracy(network, inputs, labels):
    """Return the share of right answers of each seed, (seeds,). Arguments and errors as for `cross_entropy`.

    Examples
    --------
    >>> accuracy(MLP([2, 3], seeds=1, scale=0), np.ones((4, 2)), [0, 1, 2, 0])
    array([0.5])
    """
    return _loss_and_accuracy(network, inputs, labels)[1]


def _loss_and_accuracy(network, inputs, labels):
    output = network.forward(inputs).output
    labels = _labels(labels, output)
    return softmax_cross_entropy(output, labels)[0].mean(axis=-1), (output.argmax(axis=-1) == labels).mean(axis=-1)


def _loss_and_share_explained(network, inputs, targets):
    output = network.forward(inputs).output
    targets = _targets(targets, output)
    loss = np.square(output[..., 0] - targets).mean(axis=-1)
    explained = 1 - loss / targets.var(axis=-1)
    return loss, np.where(np.isnan(explained), -np.inf, explained)  # so that the diverged never comes out best


# For each loss: what gives it with its gradients, and what gives it with the score that `train` records as accuracy.
LOSSES = {
    "cross-entropy": (cross_entropy, _loss_and_accuracy),
    "squared error": (squared_error, _loss_and_share_explained),
}


def _labels(labels, output):
    """Return the labels as integers of shape (seeds, batch), each a class of the output (seeds, batch, classes)."""
    array, (seeds, batch, classes) = np.asarray(labels), output.shape
    if array.shape not in [(batch,), (seeds, batch)]:
        raise ValueError(f"labels must have shape ({batch},) or ({seeds}, {batch}); got {array.shape}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"labels must be integers; got an array of {array.dtype}")
    wrong = (array < 0) | (array >= classes)
    if wrong.any():
        raise ValueError(f"labels must be integers from 0 to {classes - 1}; got {array[wrong][0]}")
    return np.broadcast_to(array, (seeds, batch))


def _targets(targets, output):
    """Return the targets as floats of shape (seeds, batch), for an output (seeds, batch, 1)."""
    array, (seeds, batch, units) = float_array(targets, "targets"), output.shape
    if units != 1:
        raise ValueError(f"network must have one output for real targets; it has {units}")
    if array.shape not in [(batch,), (seeds, batch)]:
        raise ValueError(f"targets must have shape ({batch},) or ({seeds}, {batch}); got {array.shape}")
    return np.broadcast_to(array.astype(output.dtype, copy=False), (seeds, batch))
