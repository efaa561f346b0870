"""The digits are the UCI digits, the signals MNIST-1D, the terrain is matplotlib's, moons half circles, no leaks."""

import io
import socket

import numpy as np
import pytest

from acts.data import Digits, Points, Terrain, digits, mnist1d, moons, terrain


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
    mnist1d()
    terrain()


def test_mnist1d_is_what_its_authors_package_makes():
    """`tools/make_mnist1d.py --check` compares all values where the package is installed; here are some facts."""
    signals, labels = mnist1d()
    assert signals.shape == (5000, 40) and signals.dtype == np.float64 and labels.dtype == np.int64
    assert np.bincount(labels).tolist() == [500] * 10 and labels[:12].tolist() == [2, 6, 4, 5, 6, 6, 6, 0, 3, 1, 6, 9]
    np.testing.assert_array_equal((20 * signals[0, :8]).round(9), [-7, -9, -16, -20, -18, 2, 33, 33])
    assert round(20 * signals.sum()) == -129 and abs(signals.std() - 1) < 1e-3


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


def test_moons_without_noise_are_two_half_circles():
    points, labels = moons(1000, noise=0, seed=2)
    assert points.shape == (1000, 2) and points.dtype == np.float64
    assert labels.dtype == np.int64 and np.bincount(labels).tolist() == [500, 500]
    upper, lower = points[labels == 0] + [0.5, 0.25], points[labels == 1] + [0.5, 0.25]
    np.testing.assert_allclose(np.hypot(*upper.T), 1, rtol=1e-12)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1, rtol=1e-12)
    assert (upper[:, 1] >= 0).all() and (lower[:, 1] <= 0.5).all()
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=0.1)


def test_moons_repeat_themselves_and_depend_on_seed_and_noise():
    first = moons(50, 0.3, seed=1)
    np.testing.assert_array_equal(first.points, moons(50, 0.3, seed=1).points)
    assert (first.points != moons(50, 0.3, seed=2).points).any()
    spread = (moons(5000, 0.3).points - moons(5000, 0).points).std(axis=0)
    np.testing.assert_allclose(spread, 0.3, rtol=0.05)


def test_moons_are_split_like_the_digits():
    train, test = moons(200).split()
    assert isinstance(train, Points) and isinstance(test, Points)
    assert (len(train.labels), len(test.points)) == (150, 50)
    every = np.concatenate([train.points, test.points])
    np.testing.assert_array_equal(np.sort(every[:, 0]), np.sort(moons(200).points[:, 0]))
    with pytest.raises(ValueError, match="test_share must lie between 0 and 1 and leave both sets some of the 200 poi"):
        moons(200).split(2)


@pytest.mark.parametrize("wrong, said", [
    (dict(n=1), "n must be an integer of at least 2; got 1"), (dict(n=10.0), "n must be an integer"),
    (dict(noise=-0.1), "noise must be a finite number, not negative; got -0.1"), (dict(noise=np.nan), "noise must be"),
    (dict(noise="some"), "noise must be"),
])  # fmt: skip
def test_moons_that_cannot_be_are_refused(wrong, said):
    with pytest.raises(ValueError) as error:
        moons(**wrong)
    assert said in str(error.value)


def test_terrain_is_the_elevation_model_that_matplotlib_ships():
    points, heights = terrain(every=1)
    assert points.shape == (344 * 403, 2) and heights.shape == (344 * 403,) and heights.dtype == np.float64
    assert heights[:3].tolist() == [483, 487, 491] and (heights.min(), heights.max()) == (236, 1076)
    west_to_east, north_to_south = points[:403, 0], points[::403, 1]
    assert (np.diff(west_to_east) > 0).all() and (np.diff(north_to_south) < 0).all()
    np.testing.assert_allclose(np.ptp(north_to_south), 343 / 1200 * 111.2, rtol=1e-12)
    np.testing.assert_allclose(np.ptp(west_to_east), 402 / 1200 * 111.2 * np.cos(np.radians(36.59)), rtol=1e-4)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-9)


def test_thinned_terrain_keeps_each_point_s_height():
    points, heights = terrain(every=1)
    few, of_few = terrain(every=30)
    known = dict(zip(map(tuple, points), heights, strict=True))
    assert [known[tuple(point)] for point in few] == of_few.tolist() and len(few) == 12 * 14


def test_standardised_terrain_is_not_stretched():
    plain, standard = terrain(), terrain(standardised=True)
    np.testing.assert_allclose(standard.points.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.square(standard.points).mean(), 1, rtol=1e-12)
    np.testing.assert_allclose([standard.heights.mean(), standard.heights.std()], [0, 1], atol=1e-12)
    factors = np.ptp(standard.points, axis=0) / np.ptp(plain.points, axis=0)
    np.testing.assert_allclose(factors[0], factors[1], rtol=1e-12)
    np.testing.assert_allclose(np.corrcoef(plain.heights, standard.heights)[0, 1], 1, rtol=1e-12)


def test_terrain_is_split_like_the_digits():
    train, test = terrain().split()
    assert isinstance(train, Terrain) and (len(train.heights), len(test.points)) == (1645, 548)
    every = np.concatenate([train.heights, test.heights])
    np.testing.assert_array_equal(np.sort(every), np.sort(terrain().heights))


@pytest.mark.parametrize("every", [0, 345, 2.0, "all"])
def test_terrain_thinned_otherwise_is_refused(every):
    with pytest.raises(ValueError, match=f"every must be an integer from 1 to 344; got {every!r}"):
        terrain(every)
