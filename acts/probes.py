"""Instruments for a network: sizes of signals and gradients on their ways, Jacobians, zeros and silent units."""

import numpy as np

from acts._arrays import float_array
from acts.network import cross_entropy, joined

__all__ = [
    "gradient_norm", "gradient_path", "jacobian_products", "offset_over_spread", "rms", "share_of_zeros", "signal_path",
    "silent_units",
]  # fmt: skip


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
    >>> from acts.network import MLP
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
    >>> from acts.network import MLP
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
    >>> from acts.network import MLP
    >>> products = jacobian_products(MLP([64, 8, 8, 8, 10], "relu", "he", seeds=3), np.ones((5, 64)))
    >>> [product.shape for product in products]
    [(3, 5, 8, 8), (3, 5, 8, 8)]
    """
    if network.residual is not None or network.normalise:
        raise ValueError("network must be a plain one, without residual links and without normalisation")
    if network.activation.matrices > 1:
        raise ValueError("a gated layer has no derivative unit by unit: each output depends on a value and a gate")
    products = []
    trace = network.forward(inputs)
    used = zip(network.hidden[:-1], trace.activations[1:-1], trace.saved[:-1], network.weights[1:-1], strict=True)
    for activation, h, saved, weights in used:
        slopes, _ = activation.backward(np.ones_like(h), saved)
        factor = slopes[..., None] * weights[:, None]
        products.append(products[-1] @ factor if products else factor)
    return products


def gradient_norm(gradients):
    """Return the Euclidean norm of the gradient of all weights and biases together, (seeds,).

    Examples
    --------
    >>> from acts.network import MLP
    >>> network = MLP([2, 2], seeds=1, scale=0)
    >>> gradient_norm(cross_entropy(network, np.array([[3.0, 4.0]]), [0])[1]).round(3)
    array([3.606])
    """
    entries = joined(gradients.weights + gradients.biases)
    largest = np.abs(entries).max(axis=1, keepdims=True)
    scaled = entries / np.where(largest > 0, largest, 1)  # the squares of what explodes would be infinite
    return largest[:, 0] * np.linalg.norm(scaled, axis=1)


def share_of_zeros(network, inputs):
    """Return which share of each hidden layer's activations is exactly 0, (seeds, hidden layers).

    Parameters
    ----------
    inputs : (batch, features) or (seeds, batch, features)

    Examples
    --------
    >>> from acts.network import MLP
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
    >>> from acts.network import MLP
    >>> network = MLP([1, 3, 1], "relu", seeds=1)
    >>> network.weights[0][:] = [[1.0, -1.0, 0.0]]
    >>> silent_units(network, [[1.0], [2.0]])
    [array([[False,  True,  True]])]
    """
    return [(z <= 0).all(axis=1) for z in network.forward(inputs).pre_activations[:-1]]
