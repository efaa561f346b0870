"""The benchmark's figures as Markdown and as one picture."""

import base64

import naive
import numpy as np
from peers import ACTS, COPY, NAIVE

from acts.plots import LINES, Picture, new_figure, styled

MOST_ULP, LEAST_ULP = 1e12, 0.25  # beyond the first no digit is right; below the second there is nothing to tell apart


def ulp_text(found, digits=1):
    """Say an error in words: `1.7`, `5.8e5`, `434, 6 lost`, with ⚠ if there was a warning."""
    if found is None:
        return "–"
    told = found.ulp < MOST_ULP or not found.lost  # where normal values are lost, how far off says nothing more
    parts = ([_short(found.ulp, digits)] if told else []) + ([f"{found.lost:,} lost"] if found.lost else [])
    return ", ".join(parts) + (" ⚠" if found.warns else "")


def _short(ulp, digits):
    if ulp == 0 or not np.isfinite(ulp):
        return "0" if ulp == 0 else "∞"
    if ulp < 1e4:
        return f"{ulp:.{digits}f}" if ulp < 100 else f"{ulp:.0f}"
    mantissa, exponent = f"{ulp:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def number(value, digits=2):
    """Say a positive number with two digits or more, without an exponent."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.{digits}f}"


def tick(kept):
    return "✓" if kept else "✗"


def table(head, rows):
    """Return a Markdown table; the first column is text, the others are numbers, to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def code(name):
    return f"`{name}`"


def promises_table(results):
    rows = [[p.what, p.promised, p.measured, tick(p.kept)] for p in results.promises]
    return table(["promise", "promised", "measured", ""], rows)


def accuracy_table(results):
    peers = [NAIVE, *(peer.label for peer in results.peers)]
    rows = []
    for name, found in results.accuracy.items():
        bound = results.bounds[name]
        ours, most = ulp_text(found[ACTS]), f"≤ {bound.ulp:g}"
        if bound.absolute is not None:
            ours, most = f"{ours}; absolute {found[ACTS].absolute:.0e}", f"absolute ≤ {bound.absolute:.0e}"
        rows.append(
            [
                code(name),
                most,
                f"{ours} {tick(bound.kept(found[ACTS]))}",
                *(ulp_text(found.get(peer)) for peer in peers),
            ]
        )
    return table(["function, float64", "promised", ACTS, *peers], rows)


def small_types_table(results):
    rows = []
    for name, found in results.small_types.items():
        bounds = results.small_bounds[name]
        cells = [
            ulp_text(one, digits=2) + (f" {tick(bounds[dtype].kept(one))}" if bounds else "")
            for dtype, one in found.items()
        ]
        rows.append([code(name), *cells])
    heads = [f"{ACTS}, {dtype}" for dtype in next(iter(results.small_types.values()))]
    return table(["function", *heads], rows)


def others_of(results):
    """Return the contenders beside acts."""
    return [NAIVE, *(peer.label for peer in results.peers)]


def speed_table(results, n, dtype):
    """ns per element of a copy and of acts, and the time of each other over that of acts in the same rounds."""
    others = others_of(results)
    rows = [
        [code(name), number(found[COPY]), number(found[ACTS]), *(ratio_text(found, other) for other in others)]
        for name, found in results.speed[n, dtype].items()
    ]
    return table(["function", "copy, ns", f"{ACTS}, ns", *(f"{other} / {ACTS}" for other in others)], rows)


def ratio_text(found, other):
    return f"{found[other] / found[ACTS]:.2f}" if other in found else "–"


def speed_summary(results):
    """Median and worst of the ratios of each table of speed."""
    rows = []
    for (n, dtype), timed in results.speed.items():
        cells = []
        for other in others_of(results):
            ratios = {name: found[other] / found[ACTS] for name, found in timed.items() if other in found}
            if ratios:
                worst = min(ratios, key=ratios.get)
                cells.append(f"{np.median(list(ratios.values())):.2f}; {ratios[worst]:.2f} ({code(worst)})")
            else:
                cells.append("–")
        rows.append([f"{n:,}, {dtype}", *cells])
    return table(["n", *(f"{other} / {ACTS}: median; worst" for other in others_of(results))], rows)


def memory_table(results):
    columns = list(next(iter(results.memory.values())))
    rows = [[code(name), *(number(found.get(column)) for column in columns)] for name, found in results.memory.items()]
    return table(["function", *columns], rows)


def lines_table():
    return table(["call", "naive line"], [[code(call), code(line)] for call, line in naive.lines().items()])


def vjp_table(results):
    rows = [
        [
            n,
            number(found["vjp"] * 1e6),
            number(found["matrix"] * 1e6),
            number(found["jacobian"] * 1e6),
            number(found["matrix"] / found["vjp"], 1),
            number(found["jacobian"] / found["vjp"], 1),
        ]
        for n, found in results.vjp.items()
    ]
    head = [
        "n",
        "`softmax_vjp(y, g)`, µs",
        "`(diag(y) − y yᵀ) @ g`, µs",
        "`softmax_jacobian(x) @ g`, µs",
        "times quicker than the matrix",
        "than `softmax_jacobian`",
    ]
    return table(head, rows)


def formulas_table(results):
    peers = results.peers
    names = [name for name in results.accuracy if any(name in peer.formulas for peer in peers)]
    rows = [
        [code(name), *(code(peer.formulas[name]) if name in peer.formulas else "–" for peer in peers)] for name in names
    ]
    return table(["function", *(f"{peer.label} {peer.version}" for peer in peers)], rows)


def explorers_table(results):
    rows = [[title, f"{found['median']:.0f}", f"{found['max']:.0f}"] for title, found in results.explorers.items()]
    return table(["slider: from a key to the new picture", "median, ms", "max, ms"], rows)


READING = (
    "Errors are the largest over some 3,000 hard inputs (to ±1e300, subnormals, saturation edges), in ULP where the "
    "true value is a normal number; near the root of a derivative, 1 ULP is that of 1/16. *Lost*: 0 or non-finite "
    "though a float could say the value; where an error stands beside it, only subnormal numbers were. ⚠: emits a "
    "warning. ∞: not finite where it should be, or the other way round. Absolute errors are shares of max(1, |x|)."
)
SIDE_BY_SIDE = (
    "Nanoseconds per element, median of rounds in which all contenders run one after the other; the ratios are those "
    "of the medians, above 1 where acts is quicker. *Copy* (`x.copy()`) is the limit that memory sets, *naive* the "
    "line that a student would write. x ~ N(0, 3²), one thread. At n = 5,120, what goes along an axis gets 5 × 32 rows "
    "of 10."
)


def markdown(results, picture_name, alt):
    """Return the whole report; `alt` says in words what the picture beside it shows."""
    kept = sum(promise.kept for promise in results.promises)
    parts = [
        "# What `make bench` measured",
        "Written by `tests/benchmarks/bench_numerics.py`; do not edit.",
        f"Machine: {results.machine}.",
        "## Promises",
        f"{kept} of {len(results.promises)} promises kept.",
        promises_table(results),
        "In short, the time of each other contender over that of acts; above 1 acts is quicker:",
        speed_summary(results),
        f"![{alt}]({picture_name})",
        "## Accuracy",
        READING,
        accuracy_table(results),
        "acts in float32, from the smallest subnormal to the largest float, and in every float16, against acts in "
        "float64:",
        small_types_table(results),
        "## Speed",
        SIDE_BY_SIDE,
    ]
    for n, dtype in results.speed:
        parts += [f"### n = {n:,}, {dtype}", speed_table(results, n, dtype)]
    parts += [
        "## Memory",
        "Peak of NumPy's memory over the size of the inputs: inputs + outputs + temporaries. For one input and one "
        "output 2 is the least. *rows*: of 1,000 numbers; *one row*: all of them along the axis. `softmax_jacobian` is "
        "not here, since its result has n times as many numbers as its input.",
        memory_table(results),
        "## The softmax's gradient: as a product, or through the Jacobian",
        vjp_table(results),
    ]
    if results.explorers:
        parts += ["## Sliders", explorers_table(results)]
    parts += ["## The naive lines", "What a good student would write; `tests/benchmarks/naive.py`.", lines_table()]
    if results.peers:
        parts += [
            "## The peers' formulas",
            "PyTorch and JAX differentiate these themselves; for PyTorch only the backward pass is timed.",
            formulas_table(results),
        ]
    return "\n\n".join(parts) + "\n"


@styled
def picture(results):
    """Draw, for every function, the error of each contender on the left and its time on the right."""
    contenders = [ACTS, *others_of(results)]
    functions = list(results.accuracy)
    n, dtype = results.decisive
    timed = results.speed[n, dtype]
    figure, (errors, times) = new_figure(width=9.6, height=1.6 + 0.24 * len(functions), columns=2, sharey=True)
    for which, (contender, line) in enumerate(zip(contenders, LINES, strict=False)):
        style = {"color": line["color"], "marker": line["marker"], "linestyle": "none", "markersize": 5.5}
        shift = (which - (len(contenders) - 1) / 2) * 0.17  # side by side, so that equal values don't hide each other
        rows = [row for row, name in enumerate(functions) if results.accuracy[name].get(contender)]
        found = [results.accuracy[functions[row]][contender] for row in rows]
        ulp = [np.clip(one.ulp, LEAST_ULP, MOST_ULP) for one in found]
        errors.plot(ulp, np.array(rows) + shift, label=contender, **style)
        rows = [row for row, name in enumerate(functions) if contender in timed.get(name, ())]
        nanoseconds = [timed[functions[row]][contender] for row in rows]
        times.plot(nanoseconds, np.array(rows) + shift, label=contender, **style)
    bounds = [results.bounds[name].ulp for name in functions]
    errors.plot(
        np.maximum(bounds, LEAST_ULP),
        range(len(functions)),
        color="#555555",
        marker="|",
        markersize=10,
        linestyle="none",
        label="promised",
    )
    copy = np.median([found[COPY] for found in timed.values()])
    times.axvline(copy, color="#555555", linestyle=":", linewidth=1.4, label="a copy")
    powers = [1, 1e3, 1e6, 1e9]
    errors.set(
        xscale="log",
        xlabel="largest error in ULP, float64",
        xlim=(LEAST_ULP / 2, MOST_ULP * 6),
        title="Accuracy (left is better)",
    )
    errors.set_xticks([*powers, MOST_ULP], ["1", "10³", "10⁶", "10⁹", "no digit\nright"])
    times.set(xscale="log", xlabel=f"ns per element, n = {n:,}, {dtype}", title="Time (left is better)")
    times.xaxis.set_major_formatter("{x:g}")
    errors.set_yticks(range(len(functions)), [name.replace("_derivative", "′") for name in functions])
    errors.set_ylim(len(functions) - 0.4, -0.6)
    for axes in (errors, times):
        axes.tick_params(axis="x", which="minor", length=0)
    figure.legend(*_legend(errors, times), loc="outside lower center", ncols=len(contenders) + 2)
    return Picture(figure, alt_text(results, contenders))


def _legend(*panels):
    """Handles and labels of several panels, each label once."""
    found = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return list(found.values()), list(found)


def alt_text(results, contenders):
    """Say in words what the picture shows."""
    n, dtype = results.decisive
    said = []
    for contender in contenders:
        found = [one[contender] for one in results.accuracy.values() if one.get(contender)]
        wrong = [one.ulp >= MOST_ULP for one in found]
        worst = max((one.ulp for one in found if one.ulp < MOST_ULP), default=0.0)
        said.append(
            f"{contender} has not a digit right somewhere in {sum(wrong)} of {len(found)} functions, and is at "
            f"most {worst:.3g} ULP off in the others"
        )
    timed = results.speed[results.decisive]
    for peer in contenders[1:]:
        ratios = [one[peer] / one[ACTS] for one in timed.values() if peer in one]
        said.append(f"a median function of {peer} takes {np.median(ratios):.2f} times as long as that of {ACTS}")
    return (
        f"Two dot plots with one row for each function. Left, the largest error in float64; right, the time for "
        f"each of {n:,} elements in {dtype}. " + "; ".join(said) + "."
    )


def save_png(picture, path):
    data, _ = picture._repr_mimebundle_()
    path.write_bytes(base64.b64decode(data["image/png"]))
