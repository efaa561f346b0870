"""Data of the course: digits and signals that ship with it, terrain that matplotlib ships, points made by a formula.

No cell ever reaches the network.
"""

from importlib.resources import files
from numbers import Real
from typing import NamedTuple

import numpy as np

__all__ = ["Digits", "Points", "Signals", "Terrain", "digits", "mnist1d", "moons", "terrain"]


class Digits(NamedTuple):
    """Handwritten digits: `images` (n, 64) float64 in [0, 1], `labels` (n,) of the integers 0 to 9."""

    images: np.ndarray
    labels: np.ndarray

    def split(self, test_share=0.25, seed=0):
        """Shuffle and part the images into a training and a test set, each a `Digits`.

        Examples
        --------
        >>> train, test = digits().split()
        >>> len(train.labels), len(test.labels)
        (1348, 449)
        """
        return _split(self, test_share, seed)


class Signals(NamedTuple):
    """Signals of MNIST-1D: `signals` (n, 40) float64, `labels` (n,) of the integers 0 to 9."""

    signals: np.ndarray
    labels: np.ndarray

    def split(self, test_share=0.2, seed=0):
        """Shuffle and part the signals into a training and a test set, each `Signals`.

        Examples
        --------
        >>> train, test = mnist1d().split()
        >>> len(train.labels), len(test.labels)
        (4000, 1000)
        """
        return _split(self, test_share, seed)


class Points(NamedTuple):
    """Points in a plane: `points` (n, 2) float64, `labels` (n,) of the integers 0 and 1."""

    points: np.ndarray
    labels: np.ndarray

    def split(self, test_share=0.25, seed=0):
        """Shuffle and part the points into a training and a test set, each `Points`.

        Examples
        --------
        >>> train, test = moons(200).split()
        >>> len(train.labels), len(test.labels)
        (150, 50)
        """
        return _split(self, test_share, seed)


class Terrain(NamedTuple):
    """Heights of a landscape: `points` (n, 2) float64, to the east and to the north, and `heights` (n,) float64."""

    points: np.ndarray
    heights: np.ndarray

    def split(self, test_share=0.25, seed=0):
        """Shuffle and part the points into a training and a test set, each a `Terrain`.

        Examples
        --------
        >>> train, test = terrain(every=20).split()
        >>> len(train.heights), len(test.heights)
        (284, 94)
        """
        return _split(self, test_share, seed)


def _split(data, test_share, seed):
    """Shuffle and part data (a pair of rows and labels) into two of the same kind."""
    size, kind = len(data[1]), type(data)
    tested = round(test_share * size) if isinstance(test_share, Real) and 0 < test_share < 1 else 0
    if not 0 < tested < size:
        raise ValueError(
            f"test_share must lie between 0 and 1 and leave both sets some of the {size} {kind._fields[0]}; "
            f"got {test_share!r}"
        )
    order = np.random.default_rng(seed).permutation(size)
    return kind(*(part[order[tested:]] for part in data)), kind(*(part[order[:tested]] for part in data))


def moons(n=400, noise=0.2, seed=0):
    """Return two half circles that reach into each other: points in a plane that no straight line can part.

    Parameters
    ----------
    n : int, at least 2
        How many points, every second one of class 1.
    noise : float, not negative
        Standard deviation of what is added to both coordinates. The circles have radius 1.
    seed : int

    Returns
    -------
    Points
        `points` of shape (n, 2), centred on the middle between the circles; `labels` of shape (n,), int64.

    Raises
    ------
    ValueError
        For fewer than two points or a noise that is negative or not finite.

    Notes
    -----
    Class 0 lies at (cos a, sin a) and class 1 at (1 − cos a, ½ − sin a), with a uniform in [0, π]; then (½, ¼) is
    subtracted. Source: scikit-learn's `make_moons`, 2011, which spaces the angles evenly.

    Examples
    --------
    >>> points, labels = moons(6, noise=0)
    >>> points.shape, labels.tolist()
    ((6, 2), [0, 1, 0, 1, 0, 1])
    """
    if not isinstance(n, (int, np.integer)) or n < 2:
        raise ValueError(f"n must be an integer of at least 2; got {n!r}")
    if not isinstance(noise, Real) or not 0 <= noise < np.inf:
        raise ValueError(f"noise must be a finite number, not negative; got {noise!r}")
    rng = np.random.default_rng(seed)
    labels, angles = np.arange(n) % 2, rng.uniform(0, np.pi, n)
    points = np.column_stack([np.cos(angles), np.sin(angles)])
    points = np.where(labels[:, None] == 1, [1, 0.5] - points, points) - [0.5, 0.25]
    return Points(points + noise * rng.normal(size=(n, 2)), labels.astype(np.int64))


def digits(standardised=False):
    """Return the UCI digits: 1,797 images of 8 × 8 pixels and their labels.

    Parameters
    ----------
    standardised : bool
        False: ink from 0 (paper) to 1. True: each pixel has mean 0 and variance 1 over the images; the three pixels
        that are always paper stay 0.

    Returns
    -------
    Digits
        `images` of shape (1797, 64), float64; `labels` of shape (1797,), int64.

    Notes
    -----
    Source: Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
    https://doi.org/10.24432/C50P49, CC BY 4.0. These are the 1,797 images of its test set, as scikit-learn ships them;
    here the 17 grey levels are stored as bytes, unchanged.

    Examples
    --------
    >>> images, labels = digits()
    >>> images.shape, labels[:3].tolist()
    ((1797, 64), [0, 1, 2])
    """
    with (files("acts") / "_data" / "digits.npz").open("rb") as file, np.load(file) as stored:
        images, labels = stored["images"] / 16.0, stored["labels"].astype(np.int64)
    if standardised:
        spread = images.std(axis=0)
        images = (images - images.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return Digits(images, labels)


def mnist1d():
    """Return MNIST-1D: 5,000 signals of 40 numbers and their labels, harder for a dense network than the digits.

    Returns
    -------
    Signals
        `signals` of shape (5000, 40), float64, with mean 0 and variance 1 over all of them; `labels` of shape (5000,),
        int64.

    Notes
    -----
    Each signal is one of ten drawn curves, stretched, sheared, moved along the axis, and with noise added: where the
    curve lies says nothing of its class. Source: Greydanus & Kobak, "Scaling down deep learning with MNIST-1D", ICML
    2024, https://arxiv.org/abs/2011.14439; made by their package (Apache 2.0) with its own seed, stored in steps of
    1/20.

    Examples
    --------
    >>> signals, labels = mnist1d()
    >>> signals.shape, labels[:3].tolist()
    ((5000, 40), [2, 6, 4])
    """
    with (files("acts") / "_data" / "mnist1d.npz").open("rb") as file, np.load(file) as stored:
        return Signals(stored["signals"] / 20.0, stored["labels"].astype(np.int64))


def terrain(every=8, standardised=False):
    """Return the heights around the Jacksboro fault, in the mountains of Tennessee and Kentucky, on a grid of points.

    Parameters
    ----------
    every : int from 1 to 344
        Every how many pixels of the elevation model, in both directions, a point is taken.
    standardised : bool
        False: kilometres from the middle of the map, and metres above the sea. True: both coordinates and the heights
        have mean 0 and variance 1 over the points (the two coordinates by one common factor, so that no direction is
        stretched).

    Returns
    -------
    Terrain
        `points` of shape (n, 2), `heights` of shape (n,), row by row from the north-west corner; n is 2,193 for every
        8th pixel.

    Raises
    ------
    ValueError
        If `every` is no integer from 1 to 344.

    Notes
    -----
    344 × 403 pixels of 3 arc seconds, measured by the Shuttle Radar Topography Mission of NASA and NGA in 2000, in the
    public domain. The file is `jacksboro_fault_dem.npz`, which matplotlib ships among its sample data.

    Examples
    --------
    >>> points, heights = terrain()
    >>> points.shape, heights.min(), heights.max()
    ((2193, 2), np.float64(251.0), np.float64(1027.0))
    """
    from matplotlib.cbook import get_sample_data  # here, since the numeric core gets along without pictures

    with get_sample_data("jacksboro_fault_dem.npz") as stored:
        elevation, cell = stored["elevation"], float(stored["dx"])
        middle = np.radians((stored["ymin"] + stored["ymax"]) / 2)  # its ymin is the northern edge
    rows, columns = elevation.shape
    if not isinstance(every, (int, np.integer)) or not 1 <= every <= rows:
        raise ValueError(f"every must be an integer from 1 to {rows}; got {every!r}")
    kilometres = 111.2 * cell  # of one cell to the north; to the east the meridians draw together
    east = (np.arange(columns) - (columns - 1) / 2) * kilometres * np.cos(middle)
    north = ((rows - 1) / 2 - np.arange(rows)) * kilometres
    grid = np.stack(np.meshgrid(east[::every], north[::every]), axis=-1)
    points, heights = grid.reshape(-1, 2), elevation[::every, ::every].astype(np.float64).ravel()
    if standardised:
        points = points - points.mean(axis=0)
        points /= np.sqrt(np.square(points).mean())
        heights = (heights - heights.mean()) / heights.std()
    return Terrain(points, heights)
