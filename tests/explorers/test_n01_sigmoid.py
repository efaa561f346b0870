import numpy as np
import pytest
from sliders import numbers, shared, show

from acts.elementwise import sigmoid
from acts.explorers import SaturationExplorer


@pytest.mark.parametrize("zoom", [0, 2, 7])
@pytest.mark.parametrize("limit", list(SaturationExplorer.limits))
@pytest.mark.parametrize("dtype", SaturationExplorer.dtypes)
def test_saturation_shows_the_true_edge(dtype, limit, zoom):
    explorer = shared(SaturationExplorer)
    said = show(explorer, dtype=dtype, limit=limit, zoom=zoom)
    value = explorer.limits[limit]
    side = 1 if value == 1 else -1
    edge = explorer.artists["edge"].get_xdata()[0]
    number = np.dtype(dtype).type
    assert sigmoid(number(edge)) == value
    last = sigmoid(np.nextafter(number(edge), number(0)))
    assert explorer.step == abs(float(value) - float(last)) > 0
    x, computed = explorer.artists["computed"].get_data()
    drawn = value - side * computed * explorer.step
    assert np.array_equal(drawn, sigmoid(x.astype(dtype)).astype(float))
    true = explorer.artists["true"].get_ydata()
    inside = computed > 20  # where a step is small beside the value
    assert np.allclose(computed[inside], true[inside], rtol=0.06)
    said = numbers(said.split("exactly ", 1)[1])
    assert said[0] == value and said[1] == pytest.approx(edge, abs=6e-3)
    assert said[2] == pytest.approx(explorer.step, rel=0.06)
    assert said[3] == pytest.approx(abs(edge - x[0]), rel=1e-3)
    assert said[4] == pytest.approx(computed[0], rel=0.06)
