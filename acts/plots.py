"""Static figures in the course's style: safe for colour-blind readers, and a description in words with each.

A figure function ends in a `Picture`: the figure and its alt text in one object, which a notebook shows as a PNG.
"""

import base64
import functools
import io

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from acts.catalog import ACTIVATIONS

__all__ = [
    "COLOURS", "DIVERGING", "LINES", "PALE", "STYLE", "Picture", "classes", "draw_points", "draw_spread",
    "function_and_derivative", "heatmaps", "lines", "matrices", "new_figure", "png", "points", "shares", "styled",
    "supporting_lines", "walks",
]  # fmt: skip

# Okabe & Ito, "Color universal design", 2008; each colour goes with a line style, so that neither is needed alone.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9"]
DASHES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 3)), (0, (1, 1))]
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
HATCHES = ["", "///", "...", "\\\\\\", "xxx", "---", "ooo"]
LINES = [
    {"color": colour, "linestyle": dash, "marker": marker, "markersize": 4.5}
    for colour, dash, marker in zip(COLOURS, DASHES, MARKERS, strict=True)
]
# For signed numbers: below 0 orange, above blue, the darker the further from 0; 0 is white.
DIVERGING = LinearSegmentedColormap.from_list("acts", ["#8A3A00", COLOURS[1], "#FFFFFF", COLOURS[0], "#00375A"])
PALE = ["#D3E6F3", "#FBE0CC"]  # of the first two colours: the ground on which points of two classes lie

STYLE = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelsize": 11,
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS, linestyle=DASHES),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "figure.constrained_layout.use": True,
    "figure.dpi": 120,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "grid.alpha": 0.35,
    "grid.linewidth": 0.7,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "mathtext.fontset": "dejavusans",
}
PIXELS_PER_INCH = 100  # on the page; the picture itself has STYLE's finer dpi, for sharp screens


def styled(function):
    """Run a figure function under the course's style, whatever the reader's own settings."""

    @functools.wraps(function)
    def under_style(*args, **kwargs):
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(STYLE)
            return function(*args, **kwargs)

    return under_style


@styled
def new_figure(width=7.2, height=3.8, columns=1, rows=1, layout=None, **subplots):
    """Return a figure that no pyplot state keeps, and its axes (an array if there are several)."""
    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, **subplots)


def png(figure, small=True):
    """Return the figure as it was last drawn, as the bytes of a PNG of 256 colours: the smallest, or the quickest."""
    from PIL import Image  # matplotlib brings it along; only a drawn picture needs it

    picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    buffer = io.BytesIO()
    if small:
        picture.quantize(256, dither=Image.Dither.NONE).save(buffer, "png", optimize=True)
    else:
        picture.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(buffer, "png", compress_level=1)
    return buffer.getvalue()


def size_on_page(figure):
    """Return width and height in CSS pixels, as an image's metadata state them."""
    width, height = figure.get_size_inches() * PIXELS_PER_INCH
    return {"width": round(width), "height": round(height)}


class Picture:
    """A finished figure with its description in words, `alt`, for readers who don't see it."""

    def __init__(self, figure, alt):
        self.figure = figure
        self.alt = " ".join(alt.split())

    @styled
    def _repr_mimebundle_(self, include=None, exclude=None):
        self.figure.canvas.draw()
        data = {"image/png": base64.b64encode(png(self.figure)).decode(), "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt, **size_on_page(self.figure)}}

    def __repr__(self):
        return self.alt


def lines_for(curves):
    """Return one of `LINES` for each curve; ValueError if there are too few, since no curve may go missing unseen."""
    if len(curves) > len(LINES):
        raise ValueError(f"{len(curves)} curves; there are {len(LINES)} kinds of line to tell them apart")
    return LINES[: len(curves)]


def draw_spread(axes, x, values, label, line):
    """Draw the median over the seeds, and the range of all seeds as a band.

    `values` has shape (seeds, len(x)); `line` is one of `LINES`. On a log axis the band stays honest, since a range
    needs no subtraction.
    """
    values = np.asarray(values)
    axes.fill_between(x, values.min(axis=0), values.max(axis=0), color=line["color"], alpha=0.18, linewidth=0)
    return axes.plot(x, np.median(values, axis=0), label=label, **line)[0]


@styled
def function_and_derivative(names, low=-6.0, high=6.0, points=601):
    """Draw activations and their derivatives on one axes: f solid, f′ dashed, one colour for each activation.

    At a kink the derivative has no value: the dashed line breaks off, and a ring marks each of its two ends.

    Parameters
    ----------
    names : name in the catalog, or several
    """
    names = [names] if isinstance(names, str) else list(names)
    x = np.linspace(low, high, points)
    figure, axes = new_figure()
    for name, line in zip(names, lines_for(names), strict=True):
        record, colour = ACTIVATIONS[name], line["color"]
        axes.plot(x, record.function(x), color=colour, linestyle="-", label=f"{record.label}, $f(x)$")
        with_gaps, slopes, ends = _slopes_with_gaps(record, x)
        axes.plot(with_gaps, slopes, color=colour, linestyle="--", label="its derivative, $f'(x)$")
        if ends:
            axes.plot(
                *zip(*ends, strict=True),
                color=colour,
                marker="o",
                fillstyle="none",
                linestyle="none",
                label="not reached: no derivative there",
            )
    axes.set(xlabel="$x$", ylabel="$f(x)$ and $f'(x)$", xlim=(low, high))
    axes.legend(loc="upper left")
    labels = " and ".join(ACTIVATIONS[name].label for name in names)
    return Picture(figure, f"Line plot of {labels}, solid, and the derivative, dashed, for x from {low:g} to {high:g}.")


def _slopes_with_gaps(record, x):
    """Return x and f′(x) with a NaN at each kink within, and the points where the line breaks off."""
    kinks = [kink for kink in record.kinks if x[0] < kink < x[-1]]
    sides = np.array([(np.nextafter(kink, -np.inf), np.nextafter(kink, np.inf)) for kink in kinks]).reshape(-1, 2)
    x = np.unique(np.concatenate([x, kinks, sides.ravel()]))
    slopes = np.where(np.isin(x, kinks), np.nan, record.derivative(x))
    ends = [(kink, float(slope)) for kink, side in zip(kinks, sides, strict=True) for slope in record.derivative(side)]
    return x, slopes, ends


@styled
def lines(x, curves, alt, *, reference=None, vertical=None, legend="best", markers=None, height=3.8, **axes_settings):
    """Draw several curves over the same x, each in a colour and a line style of its own.

    Parameters
    ----------
    x : (n,)
    curves : dict from label to values, of shape (n,), or (seeds, n): then the median, with the range of all seeds
    alt : what the picture shows, in words
    reference : dict from label to values, (n,), drawn as thin grey lines: what is known, beside what is measured
    vertical : dict from label to the x of a dotted vertical line
    legend : matplotlib's location, or "above" (the axes, in rows of three), or None
    markers : bool; whether each point is marked, by default if there are at most 20
    axes_settings : passed on to `Axes.set`: xlabel, ylabel, xscale, yscale, ylim, title, …

    Returns
    -------
    Picture
    """
    x = np.asarray(x)
    markers = len(x) <= 20 if markers is None else markers
    figure, axes = new_figure(height=height)
    for (label, values), line in zip(curves.items(), lines_for(curves), strict=True):
        line = line if markers else {**line, "marker": ""}
        if np.ndim(values) == 2:
            draw_spread(axes, x, values, label, line)
        else:
            axes.plot(x, values, label=label, **line)
    for (label, values), dash in zip((reference or {}).items(), DASHES[1:], strict=False):
        axes.plot(x, values, label=label, color="#555555", linestyle=dash, linewidth=1.5)
    for label, where in (vertical or {}).items():
        axes.axvline(where, color="#555555", linestyle=":", linewidth=1.4)
        axes.annotate(
            label,
            (where, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4, -4),
            color="#333333",
            textcoords="offset points",
            rotation=90,
            va="top",
            fontsize=9.5,
        )
    axes.set(**axes_settings)
    for axis in (axes.xaxis, axes.yaxis):
        if f"{axis.axis_name}ticks" in axes_settings:
            axis.set_minor_locator(NullLocator())  # a log axis would label some of its minor ticks as well
    _place_legend(axes, legend)
    return Picture(figure, alt)


def _place_legend(axes, legend):
    """Place the legend where matplotlib's `loc` says, or "above" the axes; nowhere if it is None."""
    if legend == "above":
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    elif legend:
        axes.legend(loc=legend)


@styled
def points(groups, alt, *, reference=None, legend="best", height=3.8, **axes_settings):
    """Draw groups of points, each with an x of its own, in a colour and a marker of its own.

    Parameters
    ----------
    groups : dict from label to (x, y): x of shape (n,), y of shape (n,), or (seeds, n): then the median is marked, with
        a bar over the range of all seeds
    alt : what the picture shows, in words
    reference : dict from label to (x, y), drawn as grey lines: what is expected, beside what is measured
    legend : matplotlib's location, or None
    axes_settings : passed on to `Axes.set`: xlabel, ylabel, xscale, yscale, ylim, title, …

    Returns
    -------
    Picture
    """
    figure, axes = new_figure(height=height)
    for (label, (x, y)), dash in zip((reference or {}).items(), DASHES, strict=False):
        axes.plot(x, y, label=label, color="#555555", linestyle=dash, linewidth=1.5)
    for (label, (x, y)), line in zip(groups.items(), lines_for(groups), strict=True):
        look = {"color": line["color"], "marker": line["marker"], "linestyle": "none", "markersize": 7}
        if np.ndim(y) == 2:
            middle = np.median(y, axis=0)
            bars = [middle - np.min(y, axis=0), np.max(y, axis=0) - middle]
            axes.errorbar(x, middle, yerr=bars, capsize=4, elinewidth=1.5, label=label, **look)
        else:
            axes.plot(x, y, label=label, fillstyle="none", markeredgewidth=1.6, **look)
    axes.set(**axes_settings)
    _place_legend(axes, legend)
    return Picture(figure, alt)


@styled
def shares(rows, parts, alt, *, xlabel="", height=3.8):
    """Draw one bar for each row, from the top, cut into parts, each with a hatching of its own and its number.

    Parameters
    ----------
    rows : labels
    parts : dict from label to the sizes (rows,)
    alt : what the picture shows, in words

    Returns
    -------
    Picture
    """
    figure, axes = new_figure(height=height)
    start = np.zeros(len(rows))
    for (label, sizes), line, hatch in zip(parts.items(), lines_for(parts), HATCHES, strict=False):
        sizes = np.asarray(sizes)
        bars = axes.barh(
            range(len(rows)),
            sizes,
            left=start,
            label=label,
            facecolor=line["color"],
            edgecolor="white",
            hatch=hatch,
            height=0.7,
        )
        texts = axes.bar_label(bars, [f"{size:g}" if size else "" for size in sizes], label_type="center", fontsize=10)
        for text in texts:
            text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.2})
        start += sizes
    axes.set_yticks(range(len(rows)), rows)
    axes.invert_yaxis()
    axes.grid(False, axis="y")
    axes.set(xlabel=xlabel)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(parts))
    return Picture(figure, alt)


@styled
def walks(paths, alt, xlabel, ylabel):
    """Draw walks in a plane, one panel for each: small steps as a line, the start as a ring, the end as a disc.

    Parameters
    ----------
    paths : dict from title to an array (steps, 2)
    """
    figure, panels = new_figure(columns=len(paths), height=4.2, sharex=True, sharey=True, squeeze=False)
    panels = panels[0]
    for axes, (title, path), line in zip(panels, paths.items(), lines_for(paths), strict=True):
        axes.plot(*path.T, color=line["color"], linestyle="-", linewidth=1.1, marker=".", markersize=4)
        axes.plot(*path[0], color="black", marker="o", fillstyle="none", markersize=9, linestyle="none", label="start")
        axes.plot(*path[-1], color="black", marker="o", markersize=9, linestyle="none", label="end")
        axes.set(title=title, xlabel=xlabel)
    panels[0].set_ylabel(ylabel)
    panels[0].legend(loc="best")
    return Picture(figure, alt)


def draw_points(axes, points, labels, size=14):
    """Draw points (n, 2) of two classes, 0 as discs and 1 as squares; return what was drawn, one for each class."""
    return [
        axes.scatter(
            *np.asarray(points)[np.asarray(labels) == kind].T, s=size, color=LINES[kind]["color"],
            marker=LINES[kind]["marker"], edgecolors="white", linewidths=0.4, label=f"class {kind}", zorder=3,
        )
        for kind in (0, 1)
    ]  # fmt: skip


@styled
def classes(panels, alt, *, xlabel="$x_1$", ylabel="$x_2$", size=14, height=3.2, resolution=160):
    """Draw points of two classes, and where a classifier says which: one panel for each.

    Parameters
    ----------
    panels : dict from title to a dict of
        `points` (n, 2) and `labels` (n,), 0 or 1;
        `score`, optional: a function from points (m, 2) to scores (m,), or (seeds, m): positive means class 1. The
        ground is coloured by what most seeds say, and each seed's boundary is a black line;
        `limits`, optional: (left, right, bottom, top);
        `xlabel`, `ylabel`, optional: for this panel alone
    alt : what the picture shows, in words
    size : of a point, in square points; resolution : of the ground, in points a side

    Returns
    -------
    Picture
    """
    figure, row = new_figure(columns=len(panels), height=height, layout="compressed", squeeze=False)
    for axes, (title, panel) in zip(row[0], panels.items(), strict=True):
        points = np.asarray(panel["points"], dtype=float)
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.15 * (high - low).max()
        left, right, bottom, top = panel.get("limits", (low[0] - margin, high[0] + margin, low[1] - margin,
                                                        high[1] + margin))  # fmt: skip
        if "score" in panel:
            x, y = np.linspace(left, right, resolution), np.linspace(bottom, top, resolution)
            grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
            scores = np.atleast_2d(panel["score"](grid)).reshape(-1, resolution, resolution)
            side = (np.median(scores, axis=0) > 0).astype(float)
            axes.contourf(x, y, side, levels=[-0.5, 0.5, 1.5], colors=PALE, zorder=0)
            for score in scores:
                axes.contour(x, y, score, levels=[0], colors="black", linewidths=1.0, linestyles="-", zorder=2)
        draw_points(axes, points, panel["labels"], size)
        axes.set(title=title, xlim=(left, right), ylim=(bottom, top), aspect="equal")
        axes.set(xlabel=panel.get("xlabel", xlabel), ylabel=panel.get("ylabel", ylabel if axes is row[0][0] else ""))
        if axes is not row[0][0] and "ylabel" not in panel:
            axes.tick_params(labelleft=False)
        axes.grid(False)
    handles = row[0][0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2, markerscale=max(1, (40 / size) ** 0.5))
    figure.canvas.draw()
    figure.set_layout_engine("none")  # else panels of a fixed aspect move a little with every drawing
    return Picture(figure, alt)


@styled
def supporting_lines(panels, alt, reach=2.0):
    """Draw functions with lines through (0, f(0)), one panel each: a fan of those that are nowhere above the graph.

    Such a line is solid, its slope a subgradient of f at 0, and the fan between the outermost two is shaded. A line
    that rises above the graph in the window is dashed, the piece between it and the graph hatched.

    Parameters
    ----------
    panels : dict from title to a pair: a function of an array, and the slopes of the lines
    alt : what the picture shows, in words
    reach : how far the window goes to both sides of 0
    """
    x = np.linspace(-reach, reach, 401)
    figure, axes_of_all = new_figure(height=3.9, columns=len(panels), sharey=True, squeeze=False)
    for axes, (title, (function, slopes)) in zip(axes_of_all[0], panels.items(), strict=True):
        height, centre = function(x), float(function(np.zeros(1))[0])
        below = [slope for slope in slopes if (centre + slope * x <= height + 1e-12).all()]
        if below:
            fan = centre + np.outer([min(below), max(below)], x)
            axes.fill_between(
                x,
                fan.min(axis=0),
                fan.max(axis=0),
                color=COLOURS[6],
                alpha=0.3,
                linewidth=0,
                label="the fan of legal slopes",
            )
        for slope in slopes:
            line = centre + slope * x
            if slope in below:
                axes.plot(x, line, color=COLOURS[0], linestyle="-", linewidth=1)
            else:
                axes.plot(x, line, color=COLOURS[1], linestyle="--", linewidth=2)
                axes.fill_between(
                    x,
                    height,
                    np.maximum(height, line),
                    facecolor="none",
                    edgecolor=COLOURS[1],
                    hatch="////",
                    linewidth=0,
                    label=f"slope {slope:g} is above the graph",
                )
        axes.plot(x, height, color="black", linestyle="-", linewidth=2.8)
        axes.set(title=title, xlabel="$x$", xlim=(-reach, reach), ylim=(-reach / 2, reach))
        axes.legend(loc="upper left")
    axes_of_all[0][0].set_ylabel("$f(x)$, thick, and lines through the kink")
    return Picture(figure, alt)


@styled
def matrices(panels, alt, *, columns=None, limit=None, values=None, label="", height=3.8, **axes_settings):
    """Draw matrices as coloured squares, one panel for each: orange below 0, white at 0, blue above.

    All panels share the colours, from −limit to limit.

    Parameters
    ----------
    panels : dict from title to a matrix (rows, columns)
    alt : what the picture shows, in words
    columns : panels in a row; all of them if None
    limit : the size that gets the darkest colour; the largest of all entries if None
    values : format such as ".2f" to write each entry into its square, or None
    label : what the colours mean
    axes_settings : passed on to `Axes.set` of each panel: xticks, yticks, …; no ticks unless given

    Returns
    -------
    Picture
    """
    columns = columns or len(panels)
    figure, axes = new_figure(height=height, columns=columns, rows=-(-len(panels) // columns), squeeze=False)
    limit = limit or max(np.abs(matrix).max() for matrix in panels.values())
    for panel in axes.flat[len(panels) :]:
        panel.set_axis_off()
    for panel, (title, matrix) in zip(axes.flat, panels.items(), strict=False):
        image = panel.imshow(matrix, cmap=DIVERGING, vmin=-limit, vmax=limit)
        panel.set(**{"title": title, "xticks": [], "yticks": []} | axes_settings)
        panel.grid(False)
        panel.spines[:].set_visible(False)
        for (row, column), entry in np.ndenumerate(np.asarray(matrix) if values else np.empty((0, 0))):
            text = format(entry, values)
            colour = "white" if abs(entry) > 0.6 * limit else "black"
            panel.text(
                column,
                row,
                text.replace("-", "−") if float(text) else "0",
                ha="center",
                va="center",
                color=colour,
                fontsize=9,
            )
    bar = figure.colorbar(image, ax=axes, label=label, shrink=0.85)
    bar.outline.set_visible(False)
    # Beside a colour bar the layout of square panels moves a little with every drawing: settle it, then keep it.
    for _ in range(2):
        figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return Picture(figure, alt)


@styled
def heatmaps(panels, rows, columns, alt, *, xlabel="", height=4.2, limits=None, texts=None, colourmap="cividis"):
    """Draw tables whose cells are coloured by their numbers and show them, one panel beside the other.

    The colours go from dark to light, by brightness more than by hue, so that they survive colour blindness and a grey
    print; and no number has to be read from a colour.

    Parameters
    ----------
    panels : dict from title to an array (rows, columns), or (rows, columns, seeds): then the median is drawn
    rows, columns : labels
    alt : what the picture shows, in words
    limits : dict from title to the values of the darkest and the lightest colour; else the panel's own extremes
    texts : dict from title to a function from the values of one cell, a number or (seeds,), to what is written in it

    Returns
    -------
    Picture
    """
    figure, axes = new_figure(columns=len(panels), height=height, sharey=True, squeeze=False)
    for axis, (title, values) in zip(axes[0], panels.items(), strict=True):
        values = np.asarray(values)
        middle = values if values.ndim == 2 else np.median(values, axis=-1)
        low, high = (limits or {}).get(title, (middle.min(), middle.max()))
        axis.imshow(middle, cmap=colourmap, vmin=low, vmax=high, aspect="auto")
        write = (texts or {}).get(title, lambda cell: f"{np.median(cell):.2f}")
        for row, column in np.ndindex(middle.shape):
            light = middle[row, column] > (low + high) / 2
            axis.text(
                column,
                row,
                write(values[row, column]),
                ha="center",
                va="center",
                fontsize=9.5,
                color="black" if light else "white",
            )
        axis.set(title=title, xlabel=xlabel)
        axis.set_xticks(range(len(columns)), columns)
        axis.set_yticks(range(len(rows)), rows)
        axis.grid(False)
        axis.tick_params(length=0)
    return Picture(figure, alt)
