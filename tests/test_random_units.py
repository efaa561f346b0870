"""Random hidden units and the best weighted sum of them."""

import numpy as np
import pytest

from acts.elementwise import relu
from acts.explorers.n00_why_activations import best_fit, random_units

X = np.linspace(-1, 2, 61)


def test_units_cross_zero_inside_and_have_the_sizes_named():
    z = random_units(X, 200, seed=4)
    slopes = (z[-1] - z[0]) / 3
    assert z.shape == (61, 200)
    assert ((np.abs(slopes) >= 4 / 3) & (np.abs(slopes) <= 16 / 3)).all()
    assert (z[0] * z[-1] < 0).all(), "each is zero between the ends"
    assert 60 < (slopes < 0).sum() < 140, "both signs"
    np.testing.assert_allclose(z, z[0] + slopes * (X[:, None] + 1), atol=1e-12)


def test_a_wider_layer_begins_with_the_narrower_one():
    np.testing.assert_array_equal(random_units(X, 30)[:, :7], random_units(X, 7))
    assert (random_units(X, 7, seed=1) != random_units(X, 7)).any()


def test_best_fit_is_least_squares_with_a_constant():
    features, target = relu(random_units(X, 5)), np.sin(X)
    fit = best_fit(features, target)
    residual = fit - target
    np.testing.assert_allclose(np.column_stack([np.ones(61), features]).T @ residual, 0, atol=1e-10)
    np.testing.assert_allclose(best_fit(features * [1, 1e3, 1e-3, 5, -2], target), fit, atol=1e-9)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_powers_give_the_best_polynomial_whatever_the_width(degree):
    target = np.abs(X)
    best = np.polynomial.Polynomial.fit(X, target, degree)(X)
    for width in (degree, 10, 80):
        np.testing.assert_allclose(best_fit(random_units(X, width) ** degree, target), best, atol=1e-6)


def test_a_feature_of_zeros_does_no_harm():
    assert best_fit(np.zeros((4, 2)), np.array([1.0, 2, 3, 6])).tolist() == pytest.approx([3, 3, 3, 3])


@pytest.mark.parametrize("x, width, said", [
    (X[:, None], 3, "x must be a row of at least two numbers; got shape (61, 1)"),
    ([1.0], 3, "x must be a row"),
    (X, 0, "width must be a positive integer; got 0"),
    (X, 2.0, "width must be a positive integer; got 2.0"),
])  # fmt: skip
def test_wrong_units_are_named(x, width, said):
    with pytest.raises(ValueError) as error:
        random_units(x, width)
    assert said in str(error.value)


@pytest.mark.parametrize("features, target", [(X, X), (X[:, None], X[:5]), (X[:, None], X[:, None])])
def test_shapes_that_do_not_fit_are_refused(features, target):
    with pytest.raises(ValueError, match=r"features must have shape \(n, width\) and target \(n,\); got"):
        best_fit(features, target)
