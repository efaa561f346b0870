"""The explorers of the page on softmax: shares in a triangle, its Jacobian, and the loss of a confident row."""

import numpy as np
from matplotlib.ticker import NullFormatter

from acts import plots
from acts.explorers.base import Explorer, choice_slider, slider
from acts.softmax import log_softmax, softmax, softmax_cross_entropy, softmax_jacobian

__all__ = ["ConfidentRowExplorer", "JacobianExplorer", "SimplexExplorer"]

THICK = 16  # points: the width of a bar


def bars(heights, positions):
    """Return upright segments from 0 to each height."""
    return [[(position, 0), (position, height)] for position, height in zip(positions, heights, strict=True)]


class SimplexExplorer(Explorer):
    """Three logits as bars, and their softmax as a point of the triangle of all shares of three classes.

    Result: `shares`, the softmax at this temperature.
    """

    title = "Three shares in a triangle"
    look_for = (
        "the point. Adding a number to all three logits lifts the bars and leaves the point where it is. The "
        "temperature moves it along the dashed path, from a corner to the middle, never to the order of the shares."
    )
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
    temperatures = np.geomspace(0.02, 100, 241)

    def build(self):
        self.sliders = {
            "A": slider("logit A", 2.0, -4.0, 4.0, 0.1, form=".1f"),
            "B": slider("logit B", 1.0, -4.0, 4.0, 0.1, form=".1f"),
            "C": slider("logit C", -1.0, -4.0, 4.0, 0.1, form=".1f"),
            "all": slider("added to all", 0.0, -3.0, 3.0, 0.1, form=".1f"),
            "T": slider("temperature", 1.0, 0.1, 10.0, 0.1, form=".1f"),
        }
        self.figure, (left, right) = plots.new_figure(columns=2, width=8.4, height=4.2, width_ratios=[1, 1.7])
        left.axhline(0, color="black", linewidth=1)
        left.set(ylim=(-7.4, 7.4), xlim=(-0.6, 2.6), xticks=range(3), xticklabels="ABC", ylabel="logit")
        self._draw_triangle(right)
        self.artists["logits"] = left.vlines(range(3), 0, 1, color=plots.COLOURS[0], linewidth=THICK)
        self.line("path", right, 0, "every temperature", linestyle="--")
        self.dots("at 1", right, 4, "temperature 1", fillstyle="none", markersize=11)
        self.dots("point", right, 1, "this temperature", markersize=9)
        self.artists["T"] = right.text(1.1, 0.8, "", ha="right", fontsize=11)
        right.legend(loc="upper left", bbox_to_anchor=(-0.12, 1.0))

    def _draw_triangle(self, axes):
        outline = self.corners[[0, 1, 2, 0]]
        axes.plot(*outline.T, color="black", linestyle="-", linewidth=1.2)
        for share in (0.25, 0.5, 0.75):
            for i in range(3):
                one, other = np.full(3, 0.0), np.full(3, 0.0)
                one[i] = other[i] = share
                one[i - 1] = other[i - 2] = 1 - share
                axes.plot(
                    *np.array([one @ self.corners, other @ self.corners]).T, color="#bbbbbb", linestyle=":", linewidth=1
                )
        for name, corner, (dx, dy) in zip("ABC", self.corners, [(-12, -6), (12, -6), (0, 9)], strict=True):
            axes.annotate(
                f"all {name}",
                corner,
                xytext=(dx, dy),
                textcoords="offset points",
                fontsize=11,
                ha="center",
                va="top" if dy < 0 else "bottom",
            )
        axes.set(xlim=(-0.16, 1.16), ylim=(-0.13, 1.0), aspect="equal")
        axes.axis("off")

    def show(self, values):
        temperature = values["T"]
        logits = np.array([values[name] for name in "ABC"]) + values["all"]
        self.shares = softmax(logits / temperature)
        self.artists["logits"].set_segments(bars(logits, range(3)))
        self.artists["T"].set_text(f"$T$ = {temperature:.1f}")
        path = softmax(logits / self.temperatures[:, None]) @ self.corners
        self.artists["path"].set_data(*path.T)
        for name, shares in [("at 1", softmax(logits)), ("point", self.shares)]:
            x, y = shares @ self.corners
            self.artists[name].set_data([x], [y])
        kept = self.shares[self.shares > 0]
        entropy = max(0.0, -float(kept @ np.log(kept)))
        return (
            f"Logits {', '.join(f'{logit + 0.0:.1f}' for logit in logits.round(1))} at temperature {temperature:.1f} "
            f"give shares of {', '.join(f'{100 * share:.1f}' for share in self.shares)} per cent; "
            f"their entropy is {entropy:.3f}, of at most {np.log(3):.3f}."
        )


class JacobianExplorer(Explorer):
    """The softmax of four logits, its Jacobian as coloured squares, and the Jacobian's eigenvalues."""

    title = "The Jacobian of four shares"
    look_for = (
        "colour, that is slope. One logit far above the others makes one share nearly 1 and all squares pale: nothing "
        "moves any more. Two logits far above give the strongest colours there are, and the largest eigenvalue, ½."
    )
    classes = 4
    fixed = (0.0, -1.0)

    def build(self):
        self.sliders = {f"x{i}": slider(f"logit {i}", start, -6.0, 6.0, 0.25) for i, start in [(1, 1.0), (2, 0.5)]}
        self.figure, (left, middle, right) = plots.new_figure(
            columns=3, width=8.4, height=3.5, width_ratios=[1, 1.5, 1]
        )
        places = range(1, self.classes + 1)
        for axes, title in ((left, "shares $y$"), (right, "eigenvalues")):
            axes.set(title=title, xlim=(0.4, self.classes + 0.6), ylim=(0, 1.02), xticks=places)
        right.set_ylim(0, 0.56)
        right.axhline(0.5, color="#555555", linestyle=":", linewidth=1.4)
        middle.set(title="Jacobian", xticks=places, yticks=places, xlabel="logit", ylabel="share")
        left.set_xlabel("class")
        right.set_xlabel("the largest first")
        middle.grid(False)
        middle.spines[:].set_visible(False)  # they and the ticks would lie under the squares or over them
        middle.tick_params(length=0)
        edges = np.arange(self.classes + 1) + 0.5
        colour = plots.COLOURS[0]
        self.artists = {
            "shares": left.vlines(places, 0, 1, color=colour, linewidth=THICK),
            # Not imshow, which makes a new image of all pixels at each move.
            "jacobian": middle.pcolormesh(edges, edges, np.zeros((4, 4)), cmap=plots.DIVERGING, vmin=-0.3, vmax=0.3),
            "eigenvalues": right.vlines(places, 0, 1, color=colour, linewidth=THICK),
        }
        middle.set(aspect="equal", xlim=edges[[0, -1]], ylim=edges[[-1, 0]])  # the first row on top
        for i in range(self.classes):
            for j in range(self.classes):
                self.artists[f"entry {i + 1} {j + 1}"] = middle.text(
                    j + 1, i + 1, "", ha="center", va="center", fontsize=9.5
                )

    def show(self, values):
        logits = values["x1"], values["x2"]
        x = np.array([*logits, *self.fixed])
        shares, jacobian = softmax(x), softmax_jacobian(x)
        eigenvalues = np.linalg.eigvalsh(jacobian)[::-1].clip(0)
        places = range(1, self.classes + 1)
        self.artists["shares"].set_segments(bars(shares, places))
        self.artists["eigenvalues"].set_segments(bars(eigenvalues, places))
        self.artists["jacobian"].set_array(jacobian)
        for (i, j), entry in np.ndenumerate(jacobian):
            text = self.artists[f"entry {i + 1} {j + 1}"]
            text.set_text(f"{entry.round(2) + 0.0:.2f}".replace("-", "−"))
            text.set_color("white" if abs(entry) > 0.14 else "black")
        return (
            f"Logits {', '.join(f'{logit:.2f}' for logit in logits)}, 0 and -1: the shares are "
            f"{', '.join(f'{share:.3f}' for share in shares)}. The largest eigenvalue of the Jacobian is "
            f"{eigenvalues[0]:.4f}, of at most 0.5; the smallest is 0."
        )


def _losses(rows):
    """Return the loss of rows whose first class is the true one, by each of `ConfidentRowExplorer.forms`."""
    powers = np.exp(rows)
    shifted = rows - rows.max(axis=-1, keepdims=True)
    by_share = -np.log(powers[:, 0] / powers.sum(axis=-1))
    return by_share, np.log(np.exp(shifted).sum(axis=-1)) - shifted[:, 0], -log_softmax(rows)[:, 0]


def _gradients(rows):
    """Return the size of the loss's gradient at the true class, by each of the forms."""
    powers = np.exp(rows)
    weights = np.exp(rows - rows.max(axis=-1, keepdims=True))
    _, gradient = softmax_cross_entropy(rows, np.zeros(len(rows), int))
    by_share = 1 - powers[:, 0] / powers.sum(axis=-1)
    return by_share, 1 - weights[:, 0] / weights.sum(axis=-1), np.abs(gradient[:, 0])


class ConfidentRowExplorer(Explorer):
    """The cross-entropy of the row (m, 0) against its margin m, computed in three ways."""

    title = "How much a confident row still has to learn"
    look_for = (
        "where a line ends. To the right the row is right, and surer and surer of it; what is left to learn is tiny, "
        "not 0. To the left it is wrong."
    )
    margins = np.arange(-120.0, 121.0)
    forms = ("logarithm of the share", "shifted log-sum-exp", "acts")
    shows = {"loss": ("loss", _losses), "gradient": ("size of the gradient", _gradients)}

    def build(self):
        self.sliders = {
            "margin": slider("margin", 20.0, -120.0, 120.0, 1.0, form=".0f"),
            "dtype": choice_slider("dtype", "float32", ["float16", "float32", "float64"]),
            "shows": choice_slider("shows", "loss", list(self.shows)),
        }
        self.figure, axes = plots.new_figure(height=4.2)
        self.artists["cursor"] = axes.axvline(0, color="#555555", linestyle=":", linewidth=1.4)
        # The lines lie on each other where all are right: the lower, the wider.
        for form, style, dash, width in zip(self.forms, (6, 1, 4), ("-", "--", "-"), (6.0, 3.6, 1.8), strict=True):
            self.line(form, axes, style, form, linestyle=dash, linewidth=width)
        axes.set(xlabel="margin $m$ of the true class: the row is $(m, 0)$", xlim=(-122, 122))
        axes.set(ylabel="loss, or size of its gradient", yscale="log", ylim=(1e-55, 1e8))
        axes.set_yticks(10.0 ** np.arange(-50, 1, 10))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.legend(loc="lower left")

    def show(self, values):
        margin, dtype = values["margin"], values["dtype"]
        what, compute = self.shows[values["shows"]]
        rows = np.stack([self.margins, np.zeros_like(self.margins)], axis=-1).astype(dtype)
        with np.errstate(all="ignore"):  # what overflows is what is shown
            curves = [np.asarray(curve, np.float64) for curve in compute(rows)]
        at, found = int(np.argmin(np.abs(self.margins - margin))), []
        for form, curve in zip(self.forms, curves, strict=True):
            shown = np.isfinite(curve) & (curve > 0)  # 0 has no place on a logarithmic axis
            self.artists[form].set_data(self.margins[shown], curve[shown])
            found.append(f"{form}: {_in_words(curve[at])}")
        self.artists["cursor"].set_xdata([margin, margin])
        return f"In {dtype}, at a margin of {margin:.0f}, the {what} is, by three forms: {'; '.join(found)}."


def _in_words(value):
    if np.isnan(value):
        return "not a number"
    return "infinite" if np.isinf(value) else f"{value + 0.0:.3g}"
