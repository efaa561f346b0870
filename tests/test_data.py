"""The digits that ship with the course are the UCI digits, and are split without leaks."""

import io
import socket

import numpy as np
import pytest

from acts.data import Digits, digits


def test_shapes_types_and_range():
    images, labels = digits()
    assert images.shape == (1797, 64) and images.dtype == np.float64
    assert labels.shape == (1797,) and labels.dtype == np.int64
    assert images.min() == 0 and images.max() == 1
    np.testing.assert_array_equal(images * 16, np.round(images * 16), "seventeen levels of ink, as they were scanned")


def test_they_are_the_uci_digits():
    """Facts known of the set from elsewhere: scikit-learn's documentation and the first image, a zero."""
    images, labels = digits()
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert (16 * images[0, :16]).tolist() == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0]
    assert (16 * images).sum() == 561_718


def test_no_network_is_needed(monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    digits()


def test_every_call_gives_its_own_copy():
    digits().images[:] = 7
    digits().labels[:] = 7
    images, labels = digits()
    assert images.max() == 1 and labels.max() == 9


def test_standardised():
    plain, images = digits().images, digits(standardised=True).images
    varied = plain.std(axis=0) > 0
    assert (~varied).sum() == 3
    np.testing.assert_allclose(images.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(images[:, varied].std(axis=0), 1, rtol=1e-12)
    assert (images[:, ~varied] == 0).all()
    np.testing.assert_array_equal(digits(standardised=True).labels, digits().labels)


@pytest.mark.parametrize("seed", [0, 1])
def test_split_parts_without_loss_or_overlap(seed):
    numbered = Digits(np.arange(1797)[:, None] * np.ones(64), np.arange(1797))
    train, test = numbered.split(seed=seed)
    assert isinstance(train, Digits) and isinstance(test, Digits)
    assert (len(train.labels), len(test.labels)) == (1348, 449)
    assert sorted([*train.labels, *test.labels]) == list(range(1797))
    for part in (train, test):
        np.testing.assert_array_equal(part.images[:, 0], part.labels, "an image keeps its label")
    assert (np.diff(test.labels) < 0).any(), "shuffled"


def test_split_repeats_itself_and_depends_on_its_seed():
    first, again, other = (digits().split(seed=seed)[1].labels for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    default, zero = digits().split()[1].labels, digits().split(test_share=0.25, seed=0)[1].labels
    np.testing.assert_array_equal(default, zero)


@pytest.mark.parametrize("share", [0.5, 0.1, 1 / 1797])
def test_share_of_the_test_set(share):
    train, test = digits().split(share)
    assert len(test.labels) == round(share * 1797) and len(train.labels) == 1797 - len(test.labels)


NO_SHARES = [0, 1, -0.1, 1.5, np.nan, np.inf, 1e-9, 1 - 1e-9, "a quarter", None, 1j, [0.5]]


@pytest.mark.parametrize("share", NO_SHARES, ids=repr)
def test_a_share_that_leaves_a_part_empty_is_refused(share):
    with pytest.raises(ValueError) as error:
        digits().split(share)
    assert str(error.value).startswith("test_share must ") and str(error.value).endswith(f"; got {share!r}")


def test_shipped_compressed_and_without_pickles():
    from importlib.resources import files

    stored = (files("acts") / "_data" / "digits.npz").read_bytes()
    assert len(stored) < 80_000
    with np.load(io.BytesIO(stored), allow_pickle=False) as data:
        assert data["images"].dtype == np.uint8


def test_the_source_is_named():
    assert "https://doi.org/10.24432/C50P49" in digits.__doc__ and "CC BY 4.0" in digits.__doc__
