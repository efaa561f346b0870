"""Real data that ships with the course: no cell ever reaches the network."""

from importlib.resources import files
from numbers import Real
from typing import NamedTuple

import numpy as np

__all__ = ["Digits", "digits"]


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
        size = len(self.labels)
        tested = round(test_share * size) if isinstance(test_share, Real) and 0 < test_share < 1 else 0
        if not 0 < tested < size:
            raise ValueError(
                f"test_share must lie between 0 and 1 and leave both sets some of the {size} images; got {test_share!r}"
            )
        order = np.random.default_rng(seed).permutation(size)
        return Digits(*(part[order[tested:]] for part in self)), Digits(*(part[order[:tested]] for part in self))


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
