"""A small multilayer perceptron in NumPy, several seeds at once, with everything inside open to look at.

Every array of a network has the seeds as its first axis: weights are (seeds, fan_in, fan_out), activations are
(seeds, batch, units). One seed always gives the same network, whichever other seeds run beside it.
"""

import copy
import math
import operator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np

from acts._arrays import float_array
from acts._names import unknown
from acts.catalog import ACTIVATIONS, Activation
from acts.elementwise import rrelu_slopes
from acts.softmax import softmax_cross_entropy, swiglu, swiglu_vjp

__all__ = [
    "INITIALISATIONS",
    "LOSSES",
    "MLP",
    "AnnealedNoise",
    "GatedMLP",
    "Gradients",
    "History",
    "LeakyMLP",
    "LinearDecay",
    "Sweep",
    "Trace",
    "accuracy",
    "clip_by_norm",
    "clip_by_value",
    "cross_entropy",
    "equalise_layers",
    "gradient_norm",
    "gradient_path",
    "jacobian_products",
    "offset_over_spread",
    "rms",
    "scale_by_layer",
    "share_of_zeros",
    "signal_path",
    "silent_units",
    "squared_error",
    "sweep",
    "train",
]


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
    """He (Kaiming): normal with Var(w) = 2/fan_in, zero biases.

    Source: He, Zhang, Ren & Sun, "Delving deep into rectifiers", 2015.
    """
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


def centred_init(rng, fan_in, fan_out):
    """Centred, made for the sigmoid: 4 × Xavier; `MLP` then sets the biases so that each layer's input is centred.

    The 4 makes up for σ′(0) = 1/4; the Theano tutorials of Glorot and Bengio's laboratory (2010) drew the sigmoid's
    weights like that. The biases are those of `MLP.centre`.
    """
    weights, biases = xavier_init(rng, fan_in, fan_out)
    return 4 * weights, biases


INITIALISATIONS = {
    "pytorch": pytorch_init,
    "xavier": xavier_init,
    "he": he_init,
    "orthogonal": orthogonal_init,
    "plain": plain_init,
    "centred": centred_init,  # and then centred, see MLP.centre
    "lsuv": orthogonal_init,  # and then rescaled on data, see MLP
}


# No activation at all. It is no record of the catalog, since it is what all of those are compared with.
_IDENTITY = SimpleNamespace(name="identity", label="no activation", function=np.copy, derivative=np.ones_like)


def _activation(given):
    """Return the record of an activation: of a name, of itself, or of none."""
    if given is None:
        return _IDENTITY
    return given if isinstance(given, Activation) else ACTIVATIONS[given]


def rms(x, axis=None):
    """Root mean square, the size of a typical entry: √mean(x²).

    Examples
    --------
    >>> float(rms(np.array([3.0, -4.0, 0.0, 0.0])))
    2.5
    """
    return np.sqrt(np.mean(np.square(x), axis=axis))


def offset_over_spread(units):
    """Return how far from centred the units of a layer are, (seeds,): 0 if each has mean 0 over the batch.

    The root mean square, over the units, of a unit's mean over the batch, over the average standard deviation of a
    unit. Above 1, what a unit says of all images alike is more than what it says of one of them.

    Parameters
    ----------
    units : array (seeds, batch, units), the activations or the pre-activations of one layer

    Raises
    ------
    ValueError
        For another number of axes, or if no unit of some seed changes over the batch.

    Examples
    --------
    >>> offset_over_spread(np.array([[[1.0, -1.0], [3.0, -3.0]]]))
    array([2.])
    """
    units = float_array(units, "units")
    if units.ndim != 3 or not units.size:
        raise ValueError(f"units must have shape (seeds, batch, units), none of them 0; got {units.shape}")
    spread = units.std(axis=1).mean(axis=-1)
    if not spread.all():
        raise ValueError(f"units must change over the batch; in seed {int(np.argmin(spread))} of the array none does")
    return rms(units.mean(axis=1), axis=-1) / spread


@dataclass(frozen=True)
class Trace:
    """What a forward pass leaves: `activations[0]` is the input, `activations[l + 1] = f(pre_activations[l])`.

    The last layer is linear: `output` is its pre-activation. With residual links `activations[l + 1]` is the sum that
    leaves the layer; with normalisation `pre_activations[l]` is what f is given, and `spreads[l]` what it was divided
    by. `negative_slopes` are what a `LeakyMLP` used below 0 in each hidden layer, kept for the backward pass; an `MLP`
    leaves None there.
    """

    pre_activations: list
    activations: list
    negative_slopes: list = field(default_factory=list)
    spreads: list = field(default_factory=list)

    @property
    def output(self):
        return self.pre_activations[-1]


@dataclass(frozen=True)
class Gradients:
    """Gradients of the loss, layer by layer, in the shapes of what they belong to.

    `activations[l]` belongs to the output of hidden layer l, that is to `trace.activations[l + 1]`; `alphas` is empty
    but for a `LeakyMLP`.
    """

    weights: list
    biases: list
    pre_activations: list
    activations: list
    alphas: list = field(default_factory=list)


NORMALISED_AXIS = {"layer": -1, "batch": -2}  # of (seeds, batch, units)
LEAST_VARIANCE = 1e-12  # added before the root, so that what does not vary at all becomes 0 and not NaN


class MLP:
    """A multilayer perceptron with one activation in all hidden layers and a linear last layer.

    Parameters
    ----------
    sizes : sequence of at least two positive ints
        Units of the input, of each hidden layer and of the output.
    activation : name in `acts.catalog.ACTIVATIONS`, or an `acts.catalog.Activation`, such as one of them with another
        derivative by `dataclasses.replace`; or None
        None leaves every layer affine: the network without activations.
    initialisation : name in `INITIALISATIONS`
    seeds : int or iterable of ints
        How many networks (seeds 0, 1, …), or which.
    scale : float
        Every weight, not the biases, is multiplied by it, after everything else: "lsuv" has variance 1 at scale 1.
        Only the biases of "centred" follow, since they are made of the weights.
    inputs : array (batch, sizes[0]), for "lsuv" only
        The data on which each layer's pre-activations are brought to variance 1.
    dtype : float16, float32 or float64
        Of the parameters and of all that is computed. The initial weights are drawn in float64 and rounded. In float16
        the sums of a matrix product run in float32, as on accelerators; its result and all else is rounded to float16.
    residual : float, or None
        A number r gives each hidden layer that is as wide as its input h a link around it: its output is
        h + r f(W h + b). None: no links. Source: He, Zhang, Ren & Sun, "Deep residual learning for image recognition",
        2016 (with r = 1, two layers in each block, and a ReLU after the sum).
    normalise : "layer", "batch" or None
        Each hidden layer's W h + b is brought to mean 0 and variance 1 before f is applied: "layer" over the units of
        each image, "batch" for each unit over the images of the batch. Neither has parameters of its own, and "batch"
        keeps no running averages: whatever batch is given is normalised by itself. Sources: Ba, Kiros & Hinton, "Layer
        normalization", 2016; Ioffe & Szegedy, "Batch normalization", 2015.

    Raises
    ------
    ValueError
        For fewer than two sizes or one that is no positive integer, an unknown initialisation, no seeds or a negative
        one, a scale or a residual that is not finite, another normalisation or dtype, "lsuv" without inputs or with
        inputs that leave a layer constant.
    UnknownActivation
        For a name that the catalog does not know.

    Attributes
    ----------
    weights, biases : lists, one entry a layer, of (seeds, fan_in, fan_out) and (seeds, 1, fan_out), of `dtype`
    training : bool, True within a step of `train`; only an activation that is random in training takes notice

    Notes
    -----
    "lsuv" is orthogonal, then rescaled layer by layer: Mishkin & Matas, "All you need is a good init", 2016.

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
        self.sizes = _integers(sizes)
        if len(self.sizes) < 2 or min(self.sizes) < 1:
            raise ValueError(f"sizes must be at least two positive integers, the units of each layer; got {sizes!r}")
        if initialisation not in INITIALISATIONS:
            raise ValueError(unknown("initialisation", initialisation, INITIALISATIONS))
        if initialisation == "lsuv" and inputs is None:
            raise ValueError('initialisation "lsuv" needs inputs, a batch of data of shape (batch, sizes[0]); got None')
        if dtype not in (np.float16, np.float32, np.float64):
            raise ValueError(f"dtype must be float16, float32 or float64; got {dtype!r}")
        self.activation = _activation(activation)
        self.dtype = np.dtype(np.float64)
        self.initialisation = initialisation
        self.seeds = list(range(seeds)) if isinstance(seeds, (int, np.integer)) else _integers(seeds)
        if not self.seeds or min(self.seeds) < 0:
            raise ValueError(f"seeds must be a positive integer, or some integers from 0 on; got {seeds!r}")
        if normalise not in (None, *NORMALISED_AXIS):
            raise ValueError(f'normalise must be "layer", "batch" or None; got {normalise!r}')
        self.normalise = normalise
        self.residual = None if residual is None else _finite("residual", residual)
        factor = _finite("scale", scale)
        self._initialise(INITIALISATIONS[initialisation])
        if initialisation == "lsuv":
            self._bring_to_unit_variance(inputs)
        self.weights = [factor * weights for weights in self.weights]
        if initialisation == "centred":
            self.centre()
        self.dtype = np.dtype(dtype)
        self.weights = [weights.astype(self.dtype, copy=False) for weights in self.weights]
        self.biases = [biases.astype(self.dtype, copy=False) for biases in self.biases]

    def _initialise(self, draw):
        layers = list(enumerate(zip(self.sizes[:-1], self.sizes[1:], strict=True)))
        generators = [np.random.default_rng(seed) for seed in self.seeds]
        drawn = [[self._draw(draw, rng, layer, *sizes) for layer, sizes in layers] for rng in generators]
        self.weights = [np.stack([network[layer][0] for network in drawn]) for layer in range(len(layers))]
        self.biases = [np.stack([network[layer][1] for network in drawn])[:, None, :] for layer in range(len(layers))]

    def _draw(self, draw, rng, layer, fan_in, fan_out):
        return draw(rng, fan_in, fan_out)

    def _bring_to_unit_variance(self, inputs):
        for layer, weights in enumerate(self.weights):
            spread = self.forward(inputs).pre_activations[layer].std(axis=(1, 2), keepdims=True)
            if not (spread > 0).all():
                seed = self.seeds[int(np.argmin(spread > 0))]
                raise ValueError(
                    f'inputs must leave the pre-activations of each layer some spread for "lsuv" to bring to 1; with '
                    f"seed {seed} the standard deviation in layer {layer} is {spread.min()}"
                )
            weights /= spread

    def centre(self):
        """Set the biases of every layer but the first to −½ Σ w; return the network.

        They cancel the mean ½ of the sigmoids that feed such a layer, so that its pre-activations have mean 0 wherever
        its inputs have mean ½. The first layer is fed by data and left as it is. Source: the advice to centre each
        unit's input, LeCun, Bottou, Orr & Müller, "Efficient BackProp", 1998.
        """
        for weights, biases in zip(self.weights[1:], self.biases[1:], strict=True):
            biases[:] = -weights.sum(axis=1, keepdims=True) / 2
        return self

    @property
    def depth(self):
        """Number of layers of weights."""
        return len(self.weights)

    @property
    def parameters(self):
        """Number of weights and biases of one seed."""
        return sum(part[0].size for part in [*self.weights, *self.biases])

    def shallower(self, hidden_layers, scale=1.0):
        """Return a network of the first hidden layers and the last layer of this one, its weights times `scale`.

        It shares no memory with this one. The hidden layer before the last layer must have as many units as the last
        hidden layer of this network; else, and for fewer than 1 or too many hidden layers, `ValueError`.
        """
        _check_integer("hidden_layers", hidden_layers, 1, self.depth - 1)
        if self.sizes[hidden_layers] != self.sizes[-2]:
            raise ValueError(
                f"hidden_layers must end in a layer of {self.sizes[-2]} units, for the last layer to fit; "
                f"layer {hidden_layers} has {self.sizes[hidden_layers]}"
            )
        factor = _finite("scale", scale)
        network = copy.copy(self)
        network.seeds = self.seeds.copy()
        network.weights = [factor * weights for weights in [*self.weights[:hidden_layers], self.weights[-1]]]
        network.biases = [biases.copy() for biases in [*self.biases[:hidden_layers], self.biases[-1]]]
        network.sizes = [*self.sizes[: hidden_layers + 1], self.sizes[-1]]
        return network.centre() if self.initialisation == "centred" else network

    def forward(self, inputs):
        """Run the networks on a batch (batch, sizes[0]), or one batch for each seed (seeds, batch, sizes[0]).

        Returns a `Trace`. Raises `ValueError` for another shape or an empty batch, `TypeError` for what is not real.
        """
        inputs = float_array(inputs, "inputs").astype(self.dtype, copy=False)
        seeds, features = len(self.seeds), self.sizes[0]
        batch = inputs.shape[-2] if inputs.ndim > 1 else 0
        if batch < 1 or inputs.shape not in [(batch, features), (seeds, batch, features)]:
            raise ValueError(
                f"inputs must have shape (batch, {features}) or (seeds, batch, {features}), with seeds = {seeds} and "
                f"at least one row; got {inputs.shape}"
            )
        pre_activations, activations, slopes, spreads = [], [inputs], [], []
        for layer, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = _product(activations[-1], weights) + biases
            if layer < self.depth - 1:
                if self.normalise:
                    z, spread = _normalised(z, NORMALISED_AXIS[self.normalise])
                    spreads.append(spread)
                slopes.append(self._negative_slope(layer, z.shape))
                h = self._activate(z, slopes[-1])
                activations.append(activations[-1] + self.residual * h if self._linked(layer) else h)
            pre_activations.append(z)
        return Trace(pre_activations, activations, slopes, spreads)

    def _linked(self, layer):
        """Has this layer a residual link around it?"""
        return self.residual is not None and 0 < layer < self.depth - 1 and self.sizes[layer] == self.sizes[layer + 1]

    def _negative_slope(self, layer, shape):
        return None

    def _activate(self, z, negative_slope):
        return self.activation.function(z)

    def _derivative(self, z, negative_slope):
        return self.activation.derivative(z)

    def _through_activation(self, upstream, z, negative_slope):
        return upstream * self._derivative(z, negative_slope)

    def backward(self, trace, output_gradient):
        """Carry the gradient of a loss with respect to the output, (seeds, batch, units), back to every layer.

        Returns `Gradients`. For a layer with input h, pre-activation z = h W + b and the gradient δ with respect to z:
        that of W is hᵀ δ, that of b the sum of δ over the batch, that of h is δ Wᵀ; times f′ it is the next layer's δ.
        Where the layer is normalised, δ goes back through the normalisation first; where it has a link around it, the
        gradient that goes around is added to that of h.
        Source: Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors", 1986.
        """
        delta = np.broadcast_to(output_gradient, trace.output.shape)
        weights, biases, deltas, on_activations = [], [], [delta], []
        for layer in reversed(range(self.depth)):
            weights.append(_product(np.swapaxes(trace.activations[layer], -1, -2), delta))
            biases.append(delta.sum(axis=-2, keepdims=True))
            if layer:
                around = on_activations[-1] if self._linked(layer) else 0
                on_activations.append(_product(delta, np.swapaxes(self.weights[layer], -1, -2)) + around)
                z, slope = trace.pre_activations[layer - 1], trace.negative_slopes[layer - 1]
                delta = self._through_activation(on_activations[-1], z, slope)
                if self._linked(layer - 1):
                    delta = self.residual * delta
                deltas.append(delta)
                if self.normalise:
                    axis = NORMALISED_AXIS[self.normalise]
                    delta = _through_normalisation(delta, z, trace.spreads[layer - 1], axis)
        return Gradients(weights[::-1], biases[::-1], deltas[::-1], on_activations[::-1])

    def descend(self, gradients, learning_rate):
        """Take one step of gradient descent, in place: W ← W − rate · gradient.

        `learning_rate`: a number, or one for each seed, (seeds,); `ValueError` for another shape.
        """
        rate = float_array(learning_rate, "learning_rate")
        if rate.shape not in [(), (len(self.seeds),)]:
            raise ValueError(
                f"learning_rate must be a number or one for each of {len(self.seeds)} seeds; got shape {rate.shape}"
            )
        rate = np.reshape(rate, (-1, 1, 1)).astype(self.dtype, copy=False)
        for parameters, slopes in [(self.weights, gradients.weights), (self.biases, gradients.biases)]:
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter -= rate * slope


class LeakyMLP(MLP):
    """A multilayer perceptron of the leaky family: x for x > 0, α · x below, with α constant, learned or random.

    Parameters
    ----------
    sizes, initialisation, seeds, and scale as a keyword : as for `MLP`
    alpha : float
        The slope below 0 (LeakyReLU), or with which it starts (PReLU).
    learn : None, "layer" or "unit"
        Whether α is learned, and how many there are: one for each layer, or one for each unit.
    alpha_decay : float
        Strength of the weight decay on a learned α: each step adds alpha_decay · α to its gradient.
    random : None or (lower, upper)
        RReLU: in training each element of each pass has a slope of its own, drawn from U(lower, upper) and kept in the
        trace for the backward pass; else the slope is (lower + upper)/2, whatever `alpha`. Set `training` to draw.

    Raises
    ------
    ValueError
        For another `learn`, an alpha or a decay that is not finite, bounds in the wrong order, or α both learned and
        random; and as `MLP` does.

    Attributes
    ----------
    alphas : list, one entry a hidden layer, of (seeds, 1, 1), or (seeds, 1, units) if learned for each unit

    Notes
    -----
    Sources: Maas, Hannun & Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013; He, Zhang, Ren
    & Sun, "Delving deep into rectifiers", 2015; Xu, Wang, Chen & Li, "Empirical evaluation of rectified activations in
    convolutional network", 2015.

    Examples
    --------
    >>> network = LeakyMLP([64, 8, 8, 10], learn="unit", alpha=0.25, seeds=3)
    >>> _, gradients = cross_entropy(network, np.ones((5, 64)), np.arange(5))
    >>> [alpha.shape for alpha in gradients.alphas]
    [(3, 1, 8), (3, 1, 8)]
    """

    def __init__(
        self, sizes, alpha=0.01, initialisation="he", seeds=5, *, learn=None, alpha_decay=0.0, random=None, **settings
    ):  # fmt: skip
        if learn not in (None, "layer", "unit"):
            raise ValueError(f'learn must be None, "layer" or "unit"; got {learn!r}')
        if random is not None and learn:
            raise ValueError(f"random slopes cannot be learned; got random = {random!r} and learn = {learn!r}")
        if settings.get("residual") is not None or settings.get("normalise"):
            raise ValueError(f"a LeakyMLP has neither residual links nor normalisation; got {settings}")
        self.learn, self.alpha_decay, self.random = learn, _finite("alpha_decay", alpha_decay), None
        self._first_alpha = _finite("alpha", alpha)
        if random is not None:
            lower, upper = (_finite("random", bound) for bound in random)
            rrelu_slopes((), lower, upper)  # it says so if they are in the wrong order
            self.random, self._first_alpha = (lower, upper), (lower + upper) / 2
        super().__init__(sizes, "leaky_relu", initialisation, seeds, **settings)
        self._generators = [np.random.default_rng([seed, 2]) for seed in self.seeds]

    def _initialise(self, draw):
        super()._initialise(draw)
        units = [size if self.learn == "unit" else 1 for size in self.sizes[1:-1]]
        self.alphas = [np.full((len(self.seeds), 1, n), self._first_alpha) for n in units]

    def _negative_slope(self, layer, shape):
        if self.random is None or not self.training:
            return self.alphas[layer]
        return np.stack([rrelu_slopes(shape[1:], *self.random, rng) for rng in self._generators])

    def _activate(self, z, negative_slope):
        return np.where(z > 0, z, negative_slope * z)

    def _derivative(self, z, negative_slope):
        return np.where(z > 0, 1.0, negative_slope)

    def backward(self, trace, output_gradient):
        """As `MLP.backward`, and with each alpha's gradient: the sum of upstream · min(z, 0) over who shares it."""
        gradients = super().backward(trace, output_gradient)
        each = [h * np.minimum(z, 0) for h, z in zip(gradients.activations, trace.pre_activations[:-1], strict=True)]
        shared = (1,) if self.learn == "unit" else (1, 2)
        return replace(gradients, alphas=[part.sum(axis=shared, keepdims=True) for part in each])

    def descend(self, gradients, learning_rate):
        """As `MLP.descend`; a learned alpha takes a step of the same rate, its decay added to its gradient."""
        super().descend(gradients, learning_rate)
        if self.learn:
            rate = np.reshape(learning_rate, (-1, 1, 1))
            for alpha, slope in zip(self.alphas, gradients.alphas, strict=True):
                alpha -= rate * (slope + self.alpha_decay * alpha)

    def shallower(self, hidden_layers, scale=1.0):
        """As `MLP.shallower`; the alphas of the layers that stay are copied."""
        network = super().shallower(hidden_layers, scale)
        network.alphas = [alpha.copy() for alpha in self.alphas[:hidden_layers]]
        network._generators = copy.deepcopy(self._generators)
        return network


class GatedMLP(MLP):
    """A multilayer perceptron whose hidden layers are gated by SwiGLU: value · silu(gate), both linear in the input.

    A hidden layer of m units has two matrices, so 2m pre-activations: the m values first, then the m gates. They stand
    side by side in `weights` (seeds, fan_in, 2m) and `biases` (seeds, 1, 2m), each half drawn for itself. For as many
    parameters as an `MLP` it has to be narrower; compare their `parameters`.

    Parameters
    ----------
    sizes, initialisation, seeds, and all else as a keyword : as for `MLP`, but there is no activation to choose

    Raises
    ------
    ValueError
        For the initialisation "centred", which is the sigmoid's, and as `MLP` does.

    Notes
    -----
    Source: Shazeer, "GLU variants improve transformer", 2020, where the gated layers are those of a transformer.

    Examples
    --------
    >>> network = GatedMLP([64, 8, 10], seeds=3)
    >>> network.weights[0].shape, network.forward(np.ones((5, 64))).activations[1].shape
    ((3, 64, 16), (3, 5, 8))
    """

    def __init__(self, sizes, initialisation="xavier", seeds=5, **settings):
        if initialisation == "centred":
            raise ValueError('initialisation "centred" is made for the sigmoid and not for gated layers')
        if "activation" in settings:
            raise ValueError(f"a GatedMLP has no activation to choose; got {settings['activation']!r}")
        super().__init__(sizes, None, initialisation, seeds, **settings)

    def _draw(self, draw, rng, layer, fan_in, fan_out):
        drawn = [draw(rng, fan_in, fan_out) for _ in range(1 if layer == len(self.sizes) - 2 else 2)]
        return tuple(np.concatenate(parts, axis=-1) for parts in zip(*drawn, strict=True))

    def _activate(self, z, negative_slope):
        return swiglu(*np.split(z, 2, axis=-1))

    def _derivative(self, z, negative_slope):
        raise ValueError("a gated layer has no derivative unit by unit: each output depends on a value and a gate")

    def _through_activation(self, upstream, z, negative_slope):
        return np.concatenate(swiglu_vjp(*np.split(z, 2, axis=-1), upstream), axis=-1)


def _product(left, right):
    """Return the matrix product; that of float16 is summed in float32 and then rounded."""
    if left.dtype != np.float16:
        return left @ right
    return (left.astype(np.float32) @ right.astype(np.float32)).astype(np.float16)


def _normalised(z, axis):
    """Return z with mean 0 and variance 1 along the axis, and the standard deviation that it was divided by."""
    z = z - z.mean(axis=axis, keepdims=True)
    spread = np.sqrt((z * z).mean(axis=axis, keepdims=True) + LEAST_VARIANCE)
    return z / spread, spread


def _through_normalisation(delta, z, spread, axis):
    """Return the gradient in front of a normalisation, from that behind it: what changes mean or spread is lost."""
    lost = delta.mean(axis=axis, keepdims=True) + z * (delta * z).mean(axis=axis, keepdims=True)
    return (delta - lost) / spread


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


def gradient_path(network, inputs, labels):
    """Return how large the gradient still is on its way back, (seeds, hidden layers + 1), its start being 1.

    Entry k is the root mean square of the gradient with respect to the pre-activations k hidden layers back, over that
    with respect to the last hidden activation: k activations and k − 1 layers of weights lie between the two.
    Arguments as for `cross_entropy`.

    Raises
    ------
    ValueError
        If the network has no hidden layer, or the gradient is 0 at its start, as with a last layer of zeros.

    Examples
    --------
    >>> network = MLP([64, 32, 32, 10], "sigmoid", "xavier", seeds=3)
    >>> gradient_path(network, np.ones((5, 64)), np.arange(5)).shape
    (3, 3)
    """
    if network.depth < 2:
        raise ValueError(f"network must have at least one hidden layer; got sizes {network.sizes}")
    _, gradients = cross_entropy(network, inputs, labels)
    sizes = [rms(delta, axis=(1, 2)) for delta in gradients.pre_activations[-2::-1]]
    start = rms(gradients.activations[-1], axis=(1, 2))
    if not start.all():
        seed = network.seeds[int(np.argmin(start))]
        raise ValueError(f"network must pass some gradient to its last hidden layer; with seed {seed} it is 0")
    return np.stack([start, *sizes], axis=1) / start[:, None]


def signal_path(network, inputs, labels):
    """Return what becomes of the signal on its way there and of the gradient on its way back, hidden layer by layer.

    Returns
    -------
    signal : (seeds, hidden layers)
        How much of a layer's output tells one image from another: its standard deviation over the batch over its size,
        both as root mean squares over the units. It is 0 if all images look alike.
    gradient : (seeds, hidden layers)
        Size of the gradient with respect to each layer's output, relative to that of the last hidden layer. Arguments
        as for `cross_entropy`.

    Examples
    --------
    >>> network = MLP([64, 32, 32, 10], "tanh", seeds=3)
    >>> signal, gradient = signal_path(network, np.eye(64)[:5], np.arange(5))
    >>> signal.shape, gradient[:, -1]
    ((3, 2), array([1., 1., 1.]))
    """
    outputs = network.forward(inputs).activations[1:]
    _, gradients = cross_entropy(network, inputs, labels)
    signal = [rms(h - h.mean(axis=1, keepdims=True), axis=(1, 2)) / rms(h, axis=(1, 2)) for h in outputs]
    sizes = np.stack([rms(gradient, axis=(1, 2)) for gradient in gradients.activations], axis=1)
    return np.stack(signal, axis=1), sizes / sizes[:, -1:]


def jacobian_products(network, inputs):
    """Return how each pre-activation of the hidden layers moves with that of the first, image by image.

    Entry k − 1 of the list is the Jacobian ∂z/∂z₁ after k more layers, D₁W₂ D₂W₃ ⋯ with Dᵢ = diag(f′(zᵢ)), of shape
    (seeds, batch, units of layer 1, units of layer k + 1). The last, linear layer is left out. Its singular values say
    what becomes of a gradient: the largest how much it can grow, their root mean square what happens to a typical one.
    Source: Saxe, McClelland & Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks", 2014. Inputs and errors as for `MLP.forward`; for a network with residual links or normalisation, whose
    Jacobians are others, `ValueError`.

    Examples
    --------
    >>> products = jacobian_products(MLP([64, 8, 8, 8, 10], "relu", "he", seeds=3), np.ones((5, 64)))
    >>> [product.shape for product in products]
    [(3, 5, 8, 8), (3, 5, 8, 8)]
    """
    if network.residual is not None or network.normalise:
        raise ValueError("network must be a plain one, without residual links and without normalisation")
    products = []
    trace = network.forward(inputs)
    used = zip(trace.pre_activations[:-2], trace.negative_slopes[:-1], network.weights[1:-1], strict=True)
    for z, slope, weights in used:
        factor = network._derivative(z, slope)[..., None] * weights[:, None]
        products.append(products[-1] @ factor if products else factor)
    return products


def gradient_norm(gradients):
    """Return the Euclidean norm of the gradient of all weights and biases together, (seeds,).

    Examples
    --------
    >>> network = MLP([2, 2], seeds=1, scale=0)
    >>> gradient_norm(cross_entropy(network, np.array([[3.0, 4.0]]), [0])[1]).round(3)
    array([3.606])
    """
    parts = gradients.weights + gradients.biases
    entries = np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)
    largest = np.abs(entries).max(axis=1, keepdims=True)
    scaled = entries / np.where(largest > 0, largest, 1)  # the squares of what explodes would be infinite
    return largest[:, 0] * np.linalg.norm(scaled, axis=1)


def clip_by_norm(gradients, most):
    """Return the gradients, shortened for each seed whose `gradient_norm` exceeds `most`; their direction stays.

    Source: Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", 2013. `ValueError`
    unless `most` is a positive number.

    Examples
    --------
    >>> network = MLP([2, 2], seeds=1, scale=0)
    >>> _, gradients = cross_entropy(network, np.array([[3.0, 4.0]]), [0])
    >>> gradient_norm(clip_by_norm(gradients, 1.0)).round(3)
    array([1.])
    """
    factor = _positive("most", most) / np.maximum(gradient_norm(gradients), most)
    return _of_parameters(gradients, lambda part: part * factor[:, None, None])


def clip_by_value(gradients, most):
    """Return the gradients with each entry brought between −most and most; their direction changes.

    Source: Mikolov, "Statistical language models based on neural networks", 2012. `ValueError` unless `most` is a
    positive number.

    Examples
    --------
    >>> network = MLP([2, 2], seeds=1, scale=0)
    >>> _, gradients = cross_entropy(network, np.array([[3.0, 0.5]]), [0])
    >>> clip_by_value(gradients, 1.0).weights[0]
    array([[[-1.  ,  1.  ],
            [-0.25,  0.25]]])
    """
    limit = _positive("most", most)
    return _of_parameters(gradients, lambda part: np.clip(part, -limit, limit))


def scale_by_layer(gradients, factors):
    """Return the gradients with those of layer l, weights and biases, times `factors[l]`; `ValueError` unless one each.

    Given to `train` as `clip`, it makes a learning rate for each layer: rate times factor.

    Examples
    --------
    >>> _, gradients = cross_entropy(MLP([2, 2], seeds=1, scale=0), np.array([[3.0, 0.5]]), [0])
    >>> scale_by_layer(gradients, [10.0]).biases[0]
    array([[[-5.,  5.]]])
    """
    factors = float_array(factors, "factors")
    if factors.shape != (len(gradients.weights),):
        raise ValueError(f"factors must be one for each of {len(gradients.weights)} layers; got shape {factors.shape}")
    weights, biases = (
        [factor * part for factor, part in zip(factors, parts, strict=True)]
        for parts in (gradients.weights, gradients.biases)
    )
    return replace(gradients, weights=weights, biases=biases)


def equalise_layers(gradients):
    """Return the gradients with those of each layer, weights and biases apart, brought to a root mean square of 1.

    Every layer then moves at the same speed, however small its gradient was; what is exactly 0 stays 0. Given to
    `train` as `clip`, the learning rate is the length of a typical entry's step. The same idea with a memory over steps
    is RMSProp; for whole layers: You, Gitman & Ginsburg, "Large batch training of convolutional networks", 2017.

    Examples
    --------
    >>> _, gradients = cross_entropy(MLP([2, 2], seeds=1, scale=0), np.array([[3.0, 0.5]]), [0])
    >>> equalise_layers(gradients).biases[0]
    array([[[-1.,  1.]]])
    """

    def to_one(part):
        largest = np.abs(part).max(axis=(1, 2), keepdims=True)
        part = part / np.where(largest > 0, largest, 1)  # the squares of what has vanished would be 0
        size = rms(part, axis=(1, 2))[:, None, None]
        return part / np.where(size > 0, size, 1)

    return _of_parameters(gradients, to_one)


class AnnealedNoise:
    """Normal noise of variance η/(1 + t)^γ, added to every gradient at step t = 0, 1, …; for `train` as `clip`.

    Each network of the stack gets noise of its own. One object serves one training run, since it counts the steps.
    Source: Neelakantan et al., "Adding gradient noise improves learning for very deep networks", 2015, with γ = 0.55
    and η chosen from 0.01, 0.3 and 1.

    Examples
    --------
    >>> _, gradients = cross_entropy(MLP([2, 2], seeds=1, scale=0), np.array([[3.0, 0.5]]), [0])
    >>> noise = AnnealedNoise(0.01)
    >>> noise(gradients).weights[0].shape, noise.step
    ((1, 2, 2), 1)
    """

    def __init__(self, eta, gamma=0.55, seed=0):
        self.eta, self.gamma, self.step = _positive("eta", eta), _finite("gamma", gamma), 0
        self.rng = np.random.default_rng([seed, 2])

    def __call__(self, gradients):
        spread = np.sqrt(self.eta / (1 + self.step) ** self.gamma)
        self.step += 1
        return _of_parameters(gradients, lambda part: part + self.rng.normal(0, spread, part.shape))


class LinearDecay:
    """Steps that shrink in a straight line to 0 over `steps` steps, each clipped by norm first; for `train` as `clip`.

    A rate that falls lets a network settle where a constant one would keep it jumping, and with it the luck of the last
    step. One object serves one training run, since it counts the steps. `ValueError` unless `steps` is a positive
    integer and `most` a positive number.

    Examples
    --------
    >>> _, gradients = cross_entropy(MLP([2, 2], seeds=1, scale=0), np.array([[3.0, 4.0]]), [0])
    >>> decay = LinearDecay(steps=2, most=1.0)
    >>> [float(gradient_norm(decay(gradients))[0].round(3)) for _ in range(3)]
    [1.0, 0.5, 0.0]
    """

    def __init__(self, steps, most=1.0):
        _check_integer("steps", steps, 1)
        self.steps, self.most, self.step = int(steps), _positive("most", most), 0

    def __call__(self, gradients):
        left = max(0.0, 1 - self.step / self.steps)
        self.step += 1
        return _of_parameters(clip_by_norm(gradients, self.most), lambda part: left * part)


def _of_parameters(gradients, change):
    """Return the gradients with those of weights and biases changed."""
    return replace(gradients, weights=[*map(change, gradients.weights)], biases=[*map(change, gradients.biases)])


def accuracy(network, inputs, labels):
    """Return the share of right answers of each seed, (seeds,). Arguments and errors as for `cross_entropy`.

    Examples
    --------
    >>> accuracy(MLP([2, 3], seeds=1, scale=0), np.ones((4, 2)), [0, 1, 2, 0])
    array([0.5])
    """
    return _loss_and_accuracy(network, inputs, labels)[1]


def share_of_zeros(network, inputs):
    """Return which share of each hidden layer's activations is exactly 0, (seeds, hidden layers).

    Parameters
    ----------
    inputs : (batch, features) or (seeds, batch, features)

    Examples
    --------
    >>> network = MLP([64, 32, 32, 10], "relu", "he", seeds=3)
    >>> share_of_zeros(network, np.ones((5, 64))).shape
    (3, 2)
    """
    return np.stack([(a == 0).mean(axis=(1, 2)) for a in network.forward(inputs).activations[1:]], axis=1)


def silent_units(network, inputs):
    """Return which hidden units have no positive pre-activation on any of the inputs, a bool for each.

    A silent ReLU is *dead* on these inputs: its output is 0 for all of them, so its own weights and bias get no
    gradient. A silent LeakyReLU would be dead if it were a ReLU. (NaN is not silent: such a network has diverged.)

    Parameters
    ----------
    inputs : (batch, features) or (seeds, batch, features)

    Returns
    -------
    list, one entry for each hidden layer, of arrays of bool, (seeds, units)

    Examples
    --------
    >>> network = MLP([1, 3, 1], "relu", seeds=1)
    >>> network.weights[0][:] = [[1.0, -1.0, 0.0]]
    >>> silent_units(network, [[1.0], [2.0]])
    [array([[False,  True,  True]])]
    """
    return [(z <= 0).all(axis=1) for z in network.forward(inputs).pre_activations[:-1]]


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
    after_step=None, loss="cross-entropy",
):  # fmt: skip
    """Train all seeds at once by plain stochastic gradient descent, in place; return a `History`.

    Parameters
    ----------
    network : MLP
    images : (n, features); labels : integers (n,), or real targets (n,) for the squared error
    learning_rate : float, or an array with one for each seed
    steps, batch_size, record_every : int
        Recorded are step 0, every `record_every` steps, and the last.
    test : pair of images and labels on which loss and accuracy are recorded; the training set if None
    watch : function of the network, called at each record; what it returns is kept in the history
    clip : function from `Gradients` to those with which each step is made, such as `clip_by_norm` with a limit
    after_step : function that is given the network after each step, to change it in place
    loss : name in `LOSSES`, "cross-entropy" for classes or "squared error" for one real number

    Raises
    ------
    TypeError
        If images or learning rates are not real numbers, or labels not integers.
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
    _check_integer("steps", steps, 0)
    _check_integer("record_every", record_every, 1)
    _check_integer("batch_size", batch_size, 1, len(images))
    if loss not in LOSSES:
        raise ValueError(unknown("loss", loss, LOSSES))
    with_gradients, with_score = LOSSES[loss]
    generators = [np.random.default_rng([seed, 1]) for seed in network.seeds]
    records, watched = [], []
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps + 1):
            if step % record_every == 0 or step == steps:
                if watch is not None:
                    watched.append(watch(network))
                records.append((step, *with_score(network, *((images, labels) if test is None else test))))
            if step < steps:
                batch = np.stack([rng.choice(len(images), batch_size, replace=False) for rng in generators])
                network.training = True
                _, gradients = with_gradients(network, images[batch], labels[batch])
                network.training = False
                network.descend(gradients if clip is None else clip(gradients), learning_rate)
                if after_step is not None:
                    after_step(network)
    return History(*(np.array(column) for column in zip(*records, strict=True)), watched)


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
    after_step=None, loss="cross-entropy",
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
    record_every : int, how often the validation accuracy is recorded on the way; only at both ends if None
    loss : as for `train`
    watch, clip, after_step : as for `train`; they are given the network of all rates and seeds

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
        after_step=after_step, loss=loss,
    )  # fmt: skip
    shape = (len(rates), seeds)
    with np.errstate(over="ignore", invalid="ignore"):  # a rate that is too large makes a network diverge
        tested = LOSSES[loss][1](network, *test_set)[1].reshape(shape)
    return Sweep(rates, history.accuracy[-1].reshape(shape), tested, network, history)


# What the functions above ask of their arguments.


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


def _integers(values):
    """Return the values as a list of ints, an empty one if they are something else."""
    try:
        return [operator.index(value) for value in values]
    except TypeError:
        return []


def _check_integer(name, value, lowest, highest=math.inf):
    if not isinstance(value, (int, np.integer)) or not lowest <= value <= highest:
        limits = f"from {lowest} to {highest}" if highest < math.inf else f"of at least {lowest}"
        raise ValueError(f"{name} must be an integer {limits}; got {value!r}")


def _positive(name, value):
    number = _finite(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be a positive number; got {value!r}")
    return number


def _finite(name, value):
    number = float_array(value, name)
    if number.ndim or not np.isfinite(number):
        raise ValueError(f"{name} must be a finite number; got {value!r}")
    return float(number)
