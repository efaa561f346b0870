import numpy as np
import pytest
from sliders import numbers, shared, show

from acts.explorers import DeadUnitsExplorer, OffsetExplorer


def test_dead_units_by_hand():
    """Four records, one rate and seed, two layers of two units: never silent, revived, silent for good, at the end."""
    silent = np.zeros((4, 2, 1, 2, 2), dtype=bool)
    silent[1, 0, 0, 0, 1] = True
    silent[1:, 0, 0, 1, 0] = True
    silent[3, 0, 0, 1, 1] = True
    explorer = DeadUnitsExplorer([0.1, 1.0], [0, 5, 10, 12], silent)
    said = show(explorer, rate=0.1)
    first, second = (explorer.artists[f"layer {k}"].get_segments() for k in (1, 2))
    assert [bar[:, 0].tolist() for bar in first] == [[5, 10]]
    assert [bar[:, 0].tolist() for bar in second] == [[5, 12], [10, 12]]  # the last one is drawn, though just begun
    assert all(bar[0, 1] == bar[1, 1] for bar in [*first, *second])
    assert numbers(said)[2:4] == [3, 1]
    assert explorer.dead_at_end.tolist() == [0, 2]
    assert "dead at the end: 0 of 2 in layer 1, 2 of 2 in layer 2" in said
    show(explorer, rate=1.0)
    assert not any(explorer.artists[f"layer {k}"].get_segments() for k in (1, 2))


def test_dead_units_draws_every_silent_record():
    explorer = shared(DeadUnitsExplorer)
    for k, rate in enumerate(explorer.rates):
        show(explorer, rate=rate, seed=0)
        chosen = explorer.silent[:, k, 0]
        for layer in (0, 1):
            bars = explorer.artists[f"layer {layer + 1}"].get_segments()
            assert len(bars) == (np.diff(chosen[:, layer], axis=0, prepend=False) & chosen[:, layer]).sum()
            ends = sum(bar[1, 0] == explorer.steps[-1] for bar in bars)
            # One that was revived at the very last record also ends there.
            assert ends == (chosen[-1, layer] | (chosen[-2, layer] & ~chosen[-1, layer])).sum()


@pytest.mark.parametrize("shape", [(4, 2, 1, 2), (3, 2, 1, 2, 2), (4, 3, 1, 2, 2)])
def test_dead_units_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="silent must have shape .* 4 records and 2 rates; got"):
        DeadUnitsExplorer([0.1, 1.0], [0, 5, 10, 12], np.zeros(shape, dtype=bool))


def test_offset_explorer_counts_what_it_draws():
    explorer = shared(OffsetExplorer)
    for layer, variance, biases in [(1, "2/n, He", 0.0), (6, "1/(3n), PyTorch", 1.0), (10, "4/n", 2.0)]:
        said = show(explorer, layer=layer, variance=variance, biases=biases)
        alive, dead = (explorer.artists[name].get_xydata() for name in ("alive", "dead"))
        assert len(alive) + len(dead) == explorer.seeds * explorer.width
        assert f"{len(dead) / (len(alive) + len(dead)):.0%} of 200 units are dead" in said
        assert (dead[:, 1] < 0).all()  # a unit whose mean is positive is positive for some image
        inside = np.concatenate([alive, dead])
        assert (inside**2).sum(axis=1).mean() == pytest.approx(1)
        low, high = explorer.figure.axes[0].get_xlim(), explorer.figure.axes[0].get_ylim()
        assert (inside[:, 0] < low[1]).all() and (np.abs(inside[:, 1]) < high[1]).all()


def test_without_biases_the_variance_kills_nobody():
    explorer = shared(OffsetExplorer)
    dead = [explorer.measured[variance, 0.0][2].mean() for variance in explorer.variances]
    assert np.ptp(dead) < 0.01
    assert explorer.measured["1/(3n), PyTorch", 1.0][2][8].mean() > 0.4
