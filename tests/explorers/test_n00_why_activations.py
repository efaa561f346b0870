import numpy as np
import pytest
from sliders import numbers, shared, show

from acts.explorers import BoundaryExplorer, HingeExplorer, WidthExplorer


def test_boundary_lies_where_the_score_changes_its_sign():
    explorer = shared(BoundaryExplorer)
    for activation, units in [("none", 16), ("ReLU", 3), ("tanh", 8)]:
        said = show(explorer, activation=activation, units=units)
        ground = explorer.artists["ground"].get_array()
        assert ground.shape == (explorer.side, explorer.side) and set(np.unique(ground)) == {0, 1}
        x, y = explorer.data.points.T
        near = ground[np.searchsorted(explorer.y, y), np.searchsorted(explorer.x, x)] == explorer.data.labels
        assert near.mean() == pytest.approx(explorer.right, abs=0.03)
        assert numbers(said)[:3] == pytest.approx([units, 320, 100 * explorer.right], abs=0.06)
        for x, y in np.concatenate(explorer.artists["boundary"].get_segments()):
            i, j = np.searchsorted(explorer.y, y), np.searchsorted(explorer.x, x)
            around = ground[max(i - 2, 0) : i + 2, max(j - 2, 0) : j + 2]
            assert around.min() == 0 and around.max() == 1
        assert len(explorer.artists["units"].get_segments()) == (0 if activation == "none" else units)


def test_boundary_without_an_activation_is_a_straight_line_and_with_three_relus_is_not():
    explorer = shared(BoundaryExplorer)
    bent = {}
    for activation, units in [("none", 16), ("ReLU", 3)]:
        show(explorer, activation=activation, units=units)
        points = np.concatenate(explorer.artists["boundary"].get_segments())
        bent[activation] = np.linalg.svd(points - points.mean(axis=0))[1][1] / len(points) ** 0.5
    assert bent["none"] < 1e-6 < 0.05 < bent["ReLU"]


def test_boundary_can_bend_only_at_a_unit_s_line():
    explorer = shared(BoundaryExplorer)
    show(explorer, activation="ReLU", units=3, steps=320)
    hidden, _, biases, _ = explorer.networks["ReLU", 3, 320]
    for segment, weights, bias in zip(explorer.artists["units"].get_segments(), hidden.T, biases[0], strict=True):
        np.testing.assert_allclose(segment @ weights + bias, 0, atol=1e-12)


def test_hinges_sum_up_and_the_error_is_the_largest():
    explorer = shared(HingeExplorer)
    said = show(explorer, **dict(zip(explorer.sliders, (0.625, -1.25, 0.0, 1.25), strict=True)))
    x, total = explorer.artists["sum"].get_data()
    parts = sum(explorer.artists[f"part {name}"].get_ydata() for name in explorer.names)
    np.testing.assert_allclose(total, parts, atol=1e-12)
    np.testing.assert_allclose(total[[0, 60, 120, 180]], [0, 0.625 * np.pi / 2, 0, -0.625 * np.pi / 2], atol=1e-12)
    assert explorer.largest == np.abs(total - np.sin(x)).max() == pytest.approx(0.22, abs=0.01)
    (low, high), (left, right) = sorted(explorer.artists["error"].get_ydata()), explorer.artists["error"].get_xdata()
    assert numbers(said) == pytest.approx([0.625, -0.625, -0.625, 0.625, explorer.largest, left], abs=6e-3)
    assert high - low == pytest.approx(explorer.largest) and left == right
    assert np.abs(total - np.sin(x))[x == left] == explorer.largest


def test_width_shows_polynomials_that_stop_and_others_that_go_on():
    explorer = shared(WidthExplorer)
    error = {}
    for target in explorer.targets:
        for activation in explorer.activations:
            for width in (2, 3, 64):
                said = show(explorer, target=target, activation=activation, width=width)
                fit, wanted = explorer.artists["fit"].get_ydata(), explorer.artists["target"].get_ydata()
                assert explorer.error == pytest.approx(np.sqrt(np.mean((fit - wanted) ** 2)))
                assert numbers(said)[-1] == pytest.approx(explorer.error, abs=6e-5)
                error[activation, width] = explorer.error
        assert error["x²", 2] == pytest.approx(error["x²", 64]) and error["x³", 3] == pytest.approx(error["x³", 64])
        assert max(error["ReLU", 64], error["tanh", 64]) < 0.5 * min(error["ReLU", 3], error["tanh", 3])
