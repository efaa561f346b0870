"""The explorer of the page on the sigmoid: what floating point leaves of it."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from acts import plots
from acts.elementwise import sigmoid, softplus
from acts.explorers.base import Explorer, choice_slider, whole_slider
from acts.measure import first_reaching

__all__ = ["SaturationExplorer"]


class SaturationExplorer(Explorer):
    """The last values that the sigmoid takes before it is exactly 1, or exactly 0, in each floating-point type.

    Result: `step`, from the limit to the last value before it.
    """

    title = "Where the digits die"
    look_for = (
        "the staircase. From far the computed curve lies on the true one; zoomed in, it has steps: values that come "
        "out, with none between them. Beyond the last of them only the limit is left."
    )
    limits = {"1, to the right": 1.0, "0, to the left": 0.0}
    dtypes = ["float16", "float32", "float64"]

    def build(self):
        self.sliders = {
            "dtype": choice_slider("type", "float32", self.dtypes),
            "limit": choice_slider("limit", "1, to the right", list(self.limits)),
            "zoom": whole_slider("zoom", 2, 0, 7),
        }
        self.figure, self.axes = plots.new_figure(layout="none")
        self.line("computed", self.axes, 0, "computed")
        self.line("true", self.axes, 1, "true value", linewidth=1.6)
        self.artists |= {
            "edge": self.axes.axvline(0, color=plots.COLOURS[4], linestyle=":", label="exactly the limit from here on"),
            "x axis": self.axes.xaxis,
            "y axis": self.axes.yaxis,
        }
        self.axes.set_xlabel("$x$")
        self.axes.xaxis.set_major_locator(MaxNLocator(5))
        self.axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        self.axes.xaxis.set_label_coords(0.5, -0.1)  # else each axis measures all its numbers to place the label
        self.axes.yaxis.set_label_coords(-0.1, 0.5)
        self.axes.legend(loc="upper center", ncols=3, bbox_to_anchor=(0.5, 1.15))
        self.figure.subplots_adjust(left=0.13, right=0.98, bottom=0.14, top=0.89)  # room for long numbers

    def show(self, values):
        dtype, limit = values["dtype"], self.limits[values["limit"]]
        side = 1 if limit == 1 else -1
        edge = float(first_reaching(sigmoid, limit, 0, 1000 * side, dtype))
        width = 16 / 2 ** values["zoom"]
        x = np.linspace(edge - side * width, edge + side * width / 4, 801)
        computed = sigmoid(x.astype(dtype)).astype(np.float64)  # the gap itself must not be rounded to the type
        gap = np.abs(limit - computed)
        self.step = gap[gap > 0].min()
        steps = gap[0] / self.step
        # The true gap lies below what float64 can hold, its logarithm does not: log(1 - sigmoid(x)) = -softplus(x).
        true = np.exp(-softplus(side * x) - np.log(self.step))
        self.artists["computed"].set_data(x, gap / self.step)
        self.artists["true"].set_data(x, true)
        self.artists["edge"].set_xdata([edge, edge])
        top = max(true.max(), steps)
        self.axes.set(xlim=sorted((x[0], x[-1])), ylim=(-0.06 * top, 1.06 * top))
        gap_in_words = r"$1 - \sigma(x)$" if side > 0 else r"$\sigma(x)$"
        self.axes.set_ylabel(f"{gap_in_words}, in steps of {self.step:.2g}")
        return (
            f"In {dtype} the sigmoid is exactly {limit:g} at x = {edge:.2f} and beyond. The last "
            f"step before is {self.step:.2g}. The window begins {width:g} before this edge; there the "
            f"limit is about {float(f'{steps:.2g}'):,.0f} steps of that size away."
        )
