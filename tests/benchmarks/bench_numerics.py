"""How right and how quick are the functions of `acts`, beside the line that a student would write, SciPy and, where
installed, PyTorch and JAX?

`make bench` runs it; it takes some minutes and wants a quiet machine. It writes results.md and results.png beside
itself, and ends with an error if a promise is not kept.

    python tests/benchmarks/bench_numerics.py [--explorers FILE] [--quick] [--into FOLDER]
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tracemalloc
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

# One thread for all; it counts only before NumPy is imported.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_variable, "1")

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [folder for folder in (str(HERE), str(HERE.parent)) if folder not in sys.path]

import mpmath  # noqa: E402
import naive  # noqa: E402
import numpy as np  # noqa: E402
import oracle  # noqa: E402
import peers as peer_libraries  # noqa: E402
import report  # noqa: E402
import test_softmax  # noqa: E402
from peers import ACTS, COPY, NAIVE  # noqa: E402

import acts  # noqa: E402
from acts.measure import seconds  # noqa: E402

MEMORY_SIZE, COLUMNS = 4_000_000, 1000  # what memory is measured with: so many numbers, in rows of so many or in one
MOST_MEMORY = 3  # times the input, itself included
MOST_IMPORT = 20  # milliseconds on top of NumPy
LEAST_GAIN = 100  # of softmax_vjp over the Jacobian at n = 1024
MOST_KEY_TO_PICTURE = 100  # milliseconds
# Of the naive line's time over that of acts the least, or what acts may take longer: one of the two, for each size.
NAIVE_PROMISES = {10: (np.inf, 8e-6), 5_120: (0.8, 8e-6), 1_000_000: (1.0, 0.0)}
PIECEWISE = ("relu", "relu6", "leaky_relu", "prelu", "rrelu", "hardswish")
MOST_OF_PYTORCH = 4  # times its time, for the piecewise functions and their derivatives
# Name in SciPy's terms, and the largest share of its time that is promised, at n = 1e7 in float64.
SPEED_PROMISES = {"sigmoid": 0.85, "silu": 0.9, "softplus": 0.5, "gelu": 1.3}
SOFTMAX_BOUNDS = {
    "softmax": test_softmax.SOFTMAX_ULP,
    "log_softmax": test_softmax.LOG_SOFTMAX_ULP,
    "cross-entropy": test_softmax.LOSS_ULP,
    "cross-entropy gradient": test_softmax.GRADIENT_ULP,
}


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    sizes: tuple[int, ...] = (10, 5_120, 1_000_000, 10_000_000)
    memory_size: int = MEMORY_SIZE
    classes: tuple[int, ...] = (10, 64, 256, 1024, 4096)
    seconds_each: float = 0.15  # that all contenders of one line of a table may take together…
    least_rounds: int = 5  # … but for this many rounds
    most_rounds: int = 200
    imports: int = 15


QUICK = Plan(sizes=(10, 1_000), memory_size=200_000, classes=(10, 1024), seconds_each=0, least_rounds=1, imports=1)


@dataclass(frozen=True)
class Accuracy:
    ulp: float  # largest, where the true value is a normal number
    lost: int  # how many are 0 or not finite though a float could say them
    warns: bool
    absolute: float = 0.0  # largest, as a share of max(1, |x|)

    def __or__(self, other):
        return Accuracy(
            max(self.ulp, other.ulp),
            self.lost + other.lost,
            self.warns or other.warns,
            max(self.absolute, other.absolute),
        )


@dataclass(frozen=True)
class Bound:
    """What is promised of an error: so many ULP, or, where `absolute` is given, no more than that."""

    ulp: float
    absolute: float | None = None

    def share(self, found):
        """Return which part of the bound the error takes up; above 1 the promise is broken."""
        error, most = (found.ulp, self.ulp) if self.absolute is None else (found.absolute, self.absolute)
        return 0.0 if error == 0 else error / most if most else np.inf

    def kept(self, found):
        return self.share(found) <= 1 and not found.lost and not found.warns


@dataclass(frozen=True)
class Promise:
    what: str
    promised: str
    measured: str
    kept: bool


@dataclass
class Results:
    """All that was measured; what each dict's keys are, `measure` says."""

    machine: str
    peers: list
    decisive: tuple[int, str]  # the size and dtype that the promises are about
    bounds: dict
    small_bounds: dict  # of float32 and float16; None where only absolute accuracy is promised
    accuracy: dict
    small_types: dict
    speed: dict
    memory: dict
    vjp: dict
    import_milliseconds: float
    explorers: dict = field(default_factory=dict)
    promises: list = field(default_factory=list)


# ── Accuracy ──────────────────────────────────────────────────────────────────────────────────────────────────────


def run_hard(function):
    """Return what `function` returns, and whether it emitted a warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return np.asarray(function()), bool(caught)


def judged(function, true, dtype=np.float64, at_least=0.0):
    got, warns = run_hard(function)
    got = np.ravel(got)
    error, normal = oracle.error_in_ulp(got, true, dtype, at_least), oracle.is_normal(true, dtype)
    return Accuracy(float(error[normal].max(initial=0)), int(oracle.lost(got, true, dtype).sum()), warns)


def absolute_error(got, true, x):
    with np.errstate(all="ignore"):
        error = np.abs((got - true.high) - true.low) / np.maximum(1, np.abs(x))
    return float(np.where(got == true.high, 0, error).max())


def accuracy_of(case, peers):
    """{contender: Accuracy} of a case, over the battery in float64."""
    x, true = oracle.inputs(case), oracle.truth(case)
    tries = {ACTS: lambda: case.function(x), NAIVE: naive_line(f"{case}(x)", x)}
    tries |= {peer.label: peer.prepare(str(case), x) for peer in peers}
    found = {name: judged(function, true, at_least=case.least(x)) for name, function in tries.items() if function}
    # The ends of the number line are not in the battery; acts must be silent there too.
    _, warns = run_hard(lambda: case.function(np.array([np.inf, -np.inf, np.nan, -0.0])))
    found[ACTS] |= Accuracy(0, 0, warns, absolute_error(case.function(x), true, x))
    return found


def naive_line(call, x, classes=None):
    """Return the naive line of a call as a function, or None where it needs what is not installed."""
    return naive.contenders(call, x, classes)[1] if call in naive.lines() else None


def small_accuracy_of(case):
    """{dtype name: Accuracy} of acts in float32 and float16, against acts in float64."""
    found = {}
    for dtype in (np.float32, np.float16):
        x = oracle.battery_of(dtype)
        true = case.function(x.astype(np.float64))
        found[dtype.__name__] = judged(lambda x=x: case.function(x), true, dtype, case.least(x))
    return found


def softmax_accuracy(peers):
    """{name: {contender: Accuracy}} of the softmax and its relatives, over the hard rows of the tests."""
    found = {name: {} for name in SOFTMAX_BOUNDS}
    for kind in test_softmax.hard_logits():
        x, y, log_y = test_softmax.with_truth(kind)
        for true_class in sorted({0, x.shape[1] // 2, x.shape[1] - 1}):
            classes = np.full(len(x), true_class)
            with mpmath.workdps(420):
                gradient = y - (np.arange(x.shape[1]) == true_class).astype(int)
            truths = {
                "softmax": y,
                "log_softmax": log_y,
                "cross-entropy": -log_y[:, true_class],
                "cross-entropy gradient": gradient,
            }
            ours = {
                "softmax": lambda x=x: acts.softmax(x),
                "log_softmax": lambda x=x: acts.log_softmax(x),
                "cross-entropy": lambda x=x, t=classes: acts.softmax_cross_entropy(x, t)[0],
                "cross-entropy gradient": lambda x=x, t=classes: acts.softmax_cross_entropy(x, t)[1],
            }
            both = naive_line("softmax_cross_entropy(x, classes)", x, classes)
            naive_lines = {
                "softmax": naive_line("softmax(x)", x),
                "log_softmax": naive_line("log_softmax(x)", x),
                "cross-entropy": lambda both=both: both()[0],
                "cross-entropy gradient": lambda both=both: both()[1],
            }
            for name, exact in truths.items():
                true = oracle.truth_of(exact)
                tries = {ACTS: ours[name], NAIVE: naive_lines[name]} | {
                    peer.label: peer.prepare(name, x, classes) for peer in peers
                }
                for contender, function in tries.items():
                    if function:
                        before = found[name].get(contender, Accuracy(0, 0, False))
                        found[name][contender] = before | judged(function, true)
    return found


# ── Speed and memory ──────────────────────────────────────────────────────────────────────────────────────────────


def medians(functions, plan):
    """{name: median seconds} of functions that take turns; quick ones are called several times in a row."""
    for function in functions.values():
        function()
    calls = {name: _calls_in_a_row(function) for name, function in functions.items()}
    in_a_row = [lambda f=f, times=calls[name]: call(f, times) for name, f in functions.items()]
    start = perf_counter()
    for function in in_a_row:
        function()
    once = perf_counter() - start
    rounds = int(np.clip(plan.seconds_each / once, plan.least_rounds, max(plan.least_rounds, plan.most_rounds)))
    measured = np.median(seconds(*in_a_row, repeats=rounds), axis=0).tolist()
    return {name: time / calls[name] for name, time in zip(functions, measured, strict=True)}


def _calls_in_a_row(function, at_least=1e-3):
    start = perf_counter()
    function()
    return max(1, min(100, int(at_least / (perf_counter() - start + 1e-9))))


def speed_of(case, x, peers, plan):
    """{contender: nanoseconds per element}, the copy among them."""
    functions = {COPY: x.copy, ACTS: lambda: case.function(x), NAIVE: naive_line(f"{case}(x)", x)}
    functions |= {peer.label: peer.prepare(str(case), x) for peer in peers}
    return per_element(functions, x, plan)


def per_element(functions, x, plan):
    found = medians({name: function for name, function in functions.items() if function}, plan)
    return {name: time / x.size * 1e9 for name, time in found.items()}


def speed_beside_the_lines(n, dtype, peers, plan):
    """{call: {contender: nanoseconds per element}} of all that is no function of x alone, or goes along an axis."""
    found, cases = {}, {f"{case}(x)" for case in oracle.CASES}
    for call in naive.lines():
        if call not in cases:
            for shape in shapes_for(call, n):
                x = preactivations(int(np.prod(shape)), dtype).reshape(shape)
                functions = dict(zip((ACTS, NAIVE), naive.contenders(call, x), strict=True)) | {COPY: x.copy}
                name = call.removesuffix("(x)")
                if name in ("softmax", "log_softmax"):
                    functions |= {peer.label: peer.prepare(name, x) for peer in peers}
                found[f"{name}, {' × '.join(map(str, shape))}"] = per_element(functions, x, plan)
    return found


def shapes_for(call, n):
    """Return the shapes of n numbers that are measured; of a training step it is 5 × 32 rows of ten along an axis."""
    if call not in naive.ALONG_AN_AXIS:
        return [(10, n // 10)]
    return {10: [(1, 10)], 5_120: [(5, 32, 10)]}.get(n, [(n // 10, 10), (max(1, n // 1000), 1000), (1, n)])


def preactivations(n, dtype):
    return np.random.default_rng(0).normal(0, 3, n).astype(dtype)


def peak(function, *inputs):
    """Return NumPy's peak memory over the size of the inputs: these, the outputs and all that lies between."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        function(*inputs)
        _, highest = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return 1 + (highest - before) / sum(array.nbytes for array in inputs)


def memory_of(n):
    """{name: {"dtype, shape": peak}} of everything that returns no more than it is given."""
    found = {}
    for dtype in (np.float64, np.float32, np.float16):
        for kind, shape in {"rows": (-1, COLUMNS), "one row": (1, -1)}.items():
            x, g = (preactivations(n, dtype).reshape(shape) for _ in range(2))
            for name, function, *inputs in memory_cases(x, g):
                found.setdefault(name, {})[f"{dtype.__name__}, {kind}"] = peak(function, *inputs)
    return found


def memory_cases(x, g):
    """Yield (name, function, *inputs)."""
    y, log_y, classes = acts.softmax(x), acts.log_softmax(x), np.zeros(len(x), int)
    for case in oracle.CASES:
        yield str(case), case.function, x
    slopes = acts.rrelu_slopes(x.shape, rng=0).astype(x.dtype)
    alpha = np.full(len(x), 0.25, x.dtype)
    yield "rrelu of slopes", acts.rrelu, x, slopes
    yield "rrelu_derivative of slopes", acts.rrelu_derivative, x, slopes
    yield "prelu of channels", lambda x: acts.prelu(x, alpha, channel_axis=0), x
    yield "prelu_derivative of channels", lambda x: acts.prelu_derivative(x, alpha, channel_axis=0), x
    yield "prelu_alpha_gradient", acts.prelu_alpha_gradient, x, g
    yield "prelu_alpha_gradient of channels", lambda x, g: acts.prelu_alpha_gradient(x, g, channel_axis=0), x, g
    yield "swiglu", acts.swiglu, x, g
    yield "swiglu_vjp", acts.swiglu_vjp, x, y, g
    yield "softmax", acts.softmax, x
    yield "log_softmax", acts.log_softmax, x
    yield "softmax_vjp", acts.softmax_vjp, y, g
    yield "log_softmax_vjp", acts.log_softmax_vjp, log_y, g
    yield "cross-entropy of classes", lambda x: acts.softmax_cross_entropy(x, classes), x
    yield "cross-entropy of probabilities", acts.softmax_cross_entropy, x, y


def vjp_of(n, plan):
    """Seconds for the gradient of one row of n classes: as a product, and through the Jacobian in two ways."""
    rng = np.random.default_rng(n)
    x, upstream = rng.normal(0, 3, n), rng.normal(0, 1, n)
    y = acts.softmax(x)
    functions = {
        "vjp": lambda: acts.softmax_vjp(y, upstream),
        "matrix": lambda: (np.diag(y) - np.outer(y, y)) @ upstream,
        "jacobian": lambda: acts.softmax_jacobian(x) @ upstream,
    }
    one, *others = (function() for function in functions.values())
    for other in others:
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    # In turns of one call each, the Jacobian of megabytes would sweep the small product out of the caches every time,
    # and its first call afterwards would be timed: several calls in a row are what a network makes.
    calls = {name: 100 if name == "vjp" or n <= 256 else 1 for name in functions}
    in_a_row = {name: lambda f=f, calls=calls[name]: call(f, calls) for name, f in functions.items()}
    return {name: time / calls[name] for name, time in medians(in_a_row, plan).items()}


def call(function, times):
    """Call a function some times and drop what it returns, so that its memory is used again."""
    for _ in range(times):
        function()


def import_milliseconds(times):
    """Return the median cost of `import acts` in a fresh Python that has NumPy already."""
    program = "import time, numpy; start = time.perf_counter(); import acts; print(time.perf_counter() - start)"
    command = [sys.executable, "-c", program]
    runs = [subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True) for _ in range(times + 1)]
    return 1e3 * statistics.median(float(run.stdout) for run in runs[1:])  # the first may compile


# ── The machine and the promises ──────────────────────────────────────────────────────────────────────────────────


def processor():
    """Return the processor's name as the operating system has it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return platform.processor() or platform.machine()


def operating_system():
    if sys.platform == "linux":
        try:
            return platform.freedesktop_os_release()["PRETTY_NAME"]
        except OSError:
            return "Linux"
    return f"{'macOS' if sys.platform == 'darwin' else platform.system()} {platform.release()}"


def machine(peers):
    """Say what was measured on, in words that name no host."""
    widest = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])[-1:]
    hardware = [processor(), *widest, f"{os.cpu_count()} cores"]
    software = [f"Python {platform.python_version()}", f"NumPy {np.__version__}"]
    software += [f"{peer.label} {peer.version}" for peer in peers]
    return f"{', '.join(hardware)}, {operating_system()}, {', '.join(software)}"


def worst_of(found):
    """Return the name with the largest value, and that value."""
    name = max(found, key=found.get)
    return name, found[name]


def accuracy_promises(results):
    ours = {name: found[ACTS] for name, found in results.accuracy.items()}
    shares = {name: results.bounds[name].share(found) for name, found in ours.items()}
    missed = [name for name, share in shares.items() if share > 1]
    name, share = worst_of(shares)
    measured = f"missed by {', '.join(missed)}" if missed else f"closest: {name}, {share:.0%} of it"
    yield Promise("float64: error within the bound of each function", "see Accuracy", measured, not missed)
    for dtype in ("float32", "float16"):
        bounds = {name: found[dtype] for name, found in results.small_bounds.items() if found}
        name, ulp = worst_of({name: one[dtype].ulp for name, one in results.small_types.items() if name in bounds})
        most = bounds[name].ulp
        yield Promise(f"{dtype}: largest error", f"≤ {most:g} ULP", f"{ulp:.3g} ULP ({name})", ulp <= most)
    every = [*ours.values(), *(one for found in results.small_types.values() for one in found.values())]
    lost, warned = sum(one.lost for one in every), sum(one.warns for one in every)
    yield Promise("values lost, float16 to float64", "0", str(lost), lost == 0)
    yield Promise("functions that warn, float16 to float64", "0", str(warned), warned == 0)


def speed_promises(results):
    timed = results.speed[results.decisive]
    scipy = next((peer for peer in results.peers if peer.label == "SciPy"), None)
    for name, most in SPEED_PROMISES.items():
        formula = peer_libraries.SCIPY[name]
        what, promised = f"{name}: time over that of SciPy's `{formula}`", f"≤ {most:g}"
        if scipy and name in timed:
            ratio = timed[name][ACTS] / timed[name][scipy.label]
            yield Promise(what, promised, f"{ratio:.2f}", ratio <= most)
        else:
            yield Promise(what, promised, "not measured", False)


def naive_promises(results):
    """Of every function, at every size that is promised: as quick as the line that a student would write?"""
    for (n, dtype), timed in results.speed.items():
        if n not in NAIVE_PROMISES:
            continue
        least, more = NAIVE_PROMISES[n]
        both = {name: (one[NAIVE], one[ACTS]) for name, one in timed.items() if NAIVE in one}
        microseconds = {name: (ours - line) * elements(name, n) / 1e3 for name, (line, ours) in both.items()}
        slow = [name for name, (line, ours) in both.items() if line / ours < least and microseconds[name] > more * 1e6]
        name, longest = worst_of(microseconds)
        worst, behind = worst_of({name: ours / line for name, (line, ours) in both.items()})
        promised = " or ".join([f"≥ {least:g}"] * (least < np.inf) + [f"≤ {more * 1e6:g} µs more"] * (more > 0))
        measured = f"{longest:+.1f} µs ({name})" if least == np.inf else f"{1 / behind:.2f} ({worst})"
        yield Promise(
            f"n = {n:,}, {dtype}: the naive line's time over that of acts, worst of {len(both)}",
            promised,
            f"{measured}; {len(slow)} too slow" if slow else measured,
            not slow,
        )


def elements(name, n):
    """Return how many numbers a line of the speed table is about: its own shape, where it names one."""
    _, comma, shape = name.rpartition(", ")
    return int(np.prod([int(part) for part in shape.split(" × ")])) if comma and "×" in shape else n


def pytorch_promises(results):
    """Within a few times the time of PyTorch, where it is installed, for what has no exponential."""
    names = [name + ending for name in PIECEWISE for ending in ("", "_derivative")]
    for (n, dtype), timed in results.speed.items():
        ratios = {name: timed[name][ACTS] / timed[name]["PyTorch"] for name in names if "PyTorch" in timed[name]}
        if n == 1_000_000 and ratios:
            name, most = worst_of(ratios)
            yield Promise(
                f"n = {n:,}, {dtype}: time over that of PyTorch, piecewise functions and derivatives",
                f"≤ {MOST_OF_PYTORCH}",
                f"{most:.2f} ({name})",
                most <= MOST_OF_PYTORCH,
            )


def other_promises(results):
    ours = {f"{name}, {column}": value for name, found in results.memory.items() for column, value in found.items()}
    name, most = worst_of(ours)
    too_many = sum(value > MOST_MEMORY for value in ours.values())
    yield Promise(
        f"peak memory over the inputs, themselves included, worst of {len(ours)}",
        f"≤ {MOST_MEMORY}",
        f"{most:.2f} ({name})" + (f"; {too_many} above" if too_many else ""),
        most <= MOST_MEMORY,
    )
    times = results.vjp[1024]
    gain = min(times["matrix"], times["jacobian"]) / times["vjp"]  # the quicker of both ways through the Jacobian
    yield Promise(
        "softmax's gradient at n = 1024: times quicker than through the Jacobian",
        f"≥ {LEAST_GAIN}",
        f"{gain:,.0f}",
        gain >= LEAST_GAIN,
    )
    yield Promise(
        "`import acts` on top of NumPy",
        f"≤ {MOST_IMPORT} ms",
        f"{results.import_milliseconds:.1f} ms",
        results.import_milliseconds <= MOST_IMPORT,
    )
    if results.explorers:
        title, median = worst_of({title: found["median"] for title, found in results.explorers.items()})
        yield Promise(
            "slider: from a key to the new picture, median",
            f"≤ {MOST_KEY_TO_PICTURE} ms",
            f"{median:.0f} ms ({title})",
            median <= MOST_KEY_TO_PICTURE,
        )


# ── All of it ─────────────────────────────────────────────────────────────────────────────────────────────────────


def say(words):
    print(words, file=sys.stderr, flush=True)


def measure(plan, peers, explorers=None):
    """Measure everything and return `Results`."""
    cases = oracle.CASES
    say(f"acts beside {', '.join(peer.label for peer in peers) or 'nothing else'}: accuracy")
    accuracy = {str(case): accuracy_of(case, peers) for case in cases} | softmax_accuracy(peers)
    small_types = {str(case): small_accuracy_of(case) for case in cases}
    bounds = {str(case): Bound(case.ulp, case.contract.absolute) for case in cases}
    bounds |= {name: Bound(ulp) for name, ulp in SOFTMAX_BOUNDS.items()}
    small = {"float32": Bound(oracle.FLOAT32_ULP), "float16": Bound(oracle.FLOAT16_ULP)}
    speed = {}
    for n in plan.sizes:
        for dtype in (np.float32, np.float64):
            say(f"speed, n = {n:,}, {dtype.__name__}")
            x = preactivations(n, dtype)
            speed[n, dtype.__name__] = {str(case): speed_of(case, x, peers, plan) for case in cases}
            if n <= max(NAIVE_PROMISES):
                speed[n, dtype.__name__] |= speed_beside_the_lines(n, dtype, peers, plan)
    say("memory, the softmax's gradient, import")
    results = Results(
        machine=machine(peers),
        peers=peers,
        decisive=(plan.sizes[-1], "float64"),
        bounds=bounds,
        small_bounds={name: None if bound.absolute else small for name, bound in bounds.items()},
        accuracy=accuracy,
        small_types=small_types,
        speed=speed,
        memory=memory_of(plan.memory_size),
        vjp={n: vjp_of(n, plan) for n in plan.classes},
        import_milliseconds=import_milliseconds(plan.imports),
        explorers=explorers or {},
    )
    for promises in (accuracy_promises, naive_promises, pytorch_promises, speed_promises, other_promises):
        results.promises += promises(results)
    return results


def write(results, folder):
    """Write results.md and results.png into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = report.picture(results)
    text = report.markdown(results, "results.png", picture.alt)
    (folder / "results.md").write_text(text, encoding="utf-8", newline="\n")
    report.save_png(picture, folder / "results.png")


def arguments(words):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--explorers", type=Path, metavar="FILE", help="what bench_explorers.py --save wrote")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: does it run?")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="write there, and not beside this file")
    given = parser.parse_args(words)
    if given.quick and given.into is None:
        parser.error("--quick needs --into FOLDER: its figures must not stand in results.md")
    return given


def main(words=None):
    given = arguments(words)
    explorers = json.loads(given.explorers.read_text(encoding="utf-8")) if given.explorers else None
    results = measure(QUICK if given.quick else Plan(), peer_libraries.installed(), explorers)
    write(results, given.into or HERE)
    print(report.promises_table(results))
    missed = [promise.what for promise in results.promises if not promise.kept]
    print(f"\n{len(results.promises) - len(missed)} of {len(results.promises)} promises kept")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
