import numpy as np
import pytest
from sliders import numbers, shared, show

from acts.explorers import ConfidentRowExplorer, JacobianExplorer, SimplexExplorer
from acts.softmax import log_softmax, softmax, softmax_cross_entropy, softmax_jacobian


@pytest.mark.parametrize("logits, temperature", [((2, 1, -1), 1), ((4, -4, 0.5), 0.1), ((-4, -4, -4), 10)])
@pytest.mark.parametrize("shift", [0, 3, -2.5])
def test_simplex_shows_the_shares_wherever_the_logits_are_shifted(logits, temperature, shift):
    explorer = shared(SimplexExplorer)
    said = show(explorer, **dict(zip("ABC", logits, strict=True)), all=shift, T=temperature)
    shares = softmax(np.array(logits) / temperature)
    assert explorer.shares == pytest.approx(shares)
    (x,), (y,) = explorer.artists["point"].get_data()
    # Barycentric coordinates, read back from the picture.
    third = y / np.sqrt(0.75)
    second = x - third / 2
    assert [1 - second - third, second, third] == pytest.approx(shares, abs=1e-12)
    bars = [segment[1, 1] for segment in explorer.artists["logits"].get_segments()]
    assert bars == pytest.approx(np.array(logits) + shift)
    said = numbers(said.replace("\u2212", "-"))
    assert said[:3] == pytest.approx(bars) and said[3] == temperature
    assert said[4:7] == pytest.approx(100 * shares, abs=0.06)
    kept = shares[shares > 0]
    assert said[7] == pytest.approx(-(kept * np.log(kept)).sum(), abs=6e-4)


def test_simplex_path_leads_through_the_point_from_the_corner_to_the_middle():
    explorer = shared(SimplexExplorer)
    show(explorer, A=2.0, B=1.0, C=-1.0)
    path = explorer.artists["path"].get_xydata()
    assert path[0] == pytest.approx(explorer.corners[0])
    assert path[-1] == pytest.approx(explorer.corners.mean(axis=0), abs=0.01)
    for temperature in (0.5, 1, 3):
        show(explorer, A=2.0, B=1.0, C=-1.0, T=temperature)
        point = explorer.artists["point"].get_xydata()[0]
        assert np.hypot(*(path - point).T).min() < 0.01


@pytest.mark.parametrize("logits", [(1, 0.5), (6, 6), (6, -6), (0, 0)])
def test_jacobian_is_drawn_as_it_is(logits):
    explorer = shared(JacobianExplorer)
    said = show(explorer, x1=logits[0], x2=logits[1])
    x = np.array([*logits, 0.0, -1.0])
    expected = softmax_jacobian(x)
    drawn = np.asarray(explorer.artists["jacobian"].get_array())
    assert np.array_equal(drawn, expected)
    for (i, j), entry in np.ndenumerate(expected):
        text = explorer.artists[f"entry {i + 1} {j + 1}"]
        assert text.get_position() == (j + 1, i + 1)
        assert float(text.get_text().replace("\u2212", "-")) == pytest.approx(entry, abs=0.0051)
    heights = {
        name: [segment[1, 1] for segment in explorer.artists[name].get_segments()] for name in ("shares", "eigenvalues")
    }
    assert heights["shares"] == pytest.approx(softmax(x))
    assert heights["eigenvalues"] == pytest.approx(np.linalg.eigvalsh(expected)[::-1], abs=1e-12)
    assert sum(heights["eigenvalues"]) == pytest.approx(np.trace(expected))
    said = numbers(said)
    assert said[4:8] == pytest.approx(softmax(x), abs=6e-4)
    assert said[8] == pytest.approx(heights["eigenvalues"][0], abs=6e-5) and said[8] <= 0.5


@pytest.mark.parametrize("dtype, last", [("float16", (7, 17)), ("float32", (16, 103)), ("float64", (36, 120))])
def test_confident_row_ends_where_each_form_loses_the_loss(dtype, last):
    explorer = shared(ConfidentRowExplorer)
    show(explorer, dtype=dtype, shows="loss")
    shifted, careful = (explorer.artists[form] for form in explorer.forms[1:])
    assert (shifted.get_xdata().max(), careful.get_xdata().max()) == last
    x, loss = careful.get_data()
    rows = np.stack([x, np.zeros_like(x)], axis=-1).astype(dtype)
    assert np.array_equal(loss, -log_softmax(rows)[:, 0].astype(float))
    show(explorer, dtype=dtype, shows="gradient")
    x, size = careful.get_data()
    rows = np.stack([x, np.zeros_like(x)], axis=-1).astype(dtype)
    assert np.array_equal(size, np.abs(softmax_cross_entropy(rows, np.zeros(len(x), int))[1][:, 0]).astype(float))


def test_confident_row_says_what_overflows():
    explorer = shared(ConfidentRowExplorer)
    for margin, words in [(100, "not a number"), (-120, "infinite"), (20, "share: 0;")]:
        assert words in show(explorer, margin=margin)
    assert f"acts: {np.exp(-20):.3g}." in show(explorer, margin=20)
