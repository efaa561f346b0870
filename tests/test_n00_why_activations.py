"""What the checks and the explorers of 00_why_activations compute is what the notebook and the course compute."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from acts.elementwise import relu
from acts.explorers.n00_why_activations import best_fit, random_units
from acts_exercises import n00_why_activations

SOLUTION = Path(__file__).resolve().parent.parent / "solutions" / "00_why_activations.ipynb"


def bend(z):
    return np.maximum(z, 0), np.where(z > 0, 1.0, 0.0)


def of_the_notebook(*ids):
    """Return what some cells of the notebook define."""
    cells = {cell.id: cell.source for cell in nbformat.read(SOLUTION, as_version=4).cells}
    names = {}
    exec("\n".join(["import numpy as np, acts", *(cells[id] for id in ids)]), names)
    return names


def test_the_network_that_is_checked_is_the_one_of_the_notebook():
    names = of_the_notebook("guessing-network-data", "guessing-network-train")
    points, labels = n00_why_activations.clouds()
    assert np.array_equal(points, names["points"]) and np.array_equal(labels, names["labels"])
    here = n00_why_activations.train(points, labels, bend, seeds=(0, 1, 2))
    for seed in range(3):
        weights = names["train"](points, labels, bend, seed=seed)
        assert np.allclose(here[seed], names["score"](points, bend, *weights), rtol=1e-9)


def test_what_is_said_of_the_other_causes_is_true():
    names = of_the_notebook("guessing-network-data", "guessing-network-train", "guessing-network-run")
    for change in ({}, {"rate": 5}, {"steps": 2000}, {"units": 100}):
        for seed in range(3):
            first, second = names["train"](names["points"], names["labels"], names["bend"], **change, seed=seed)
            scores = names["score"](names["points"], names["bend"], first, second)
            assert np.mean((scores > 0) == names["labels"]) <= 0.75
            slopes = names["bend"](names["with_one"](names["points"]) @ first)[1]
            assert (slopes == 1).all() or "rate" in change  # such steps may throw the units past the corner at last
            assert np.ptp(first, axis=1).min() > 0


def test_the_affine_at_is_that_of_the_network():
    rng = np.random.default_rng(0)
    for layers, x in n00_why_activations.networks_and_places():
        matrix, bias = n00_why_activations.affine_at(layers, x)
        for near in x + 1e-4 * rng.normal(size=(10, len(x))):
            assert np.allclose(near @ matrix + bias, n00_why_activations.network(layers, near), atol=1e-9)


def test_four_lines_make_as_many_regions_as_the_check_expects():
    rng = np.random.default_rng(0)
    places = rng.standard_cauchy((50_000, 2))
    draws = [places @ rng.normal(size=(2, 4)) + rng.normal(size=4) > 0 for _ in range(20)]
    assert n00_why_activations.FOUR_LINES.judge(max(len(np.unique(on @ 2 ** np.arange(4))) for on in draws)).startswith(
        "right"
    )


# ---- the explorers' random units, and the best weighted sum of them ------------------------------

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
