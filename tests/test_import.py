"""`import acts` is light, and `help(acts)` is a table of contents that leaves nothing out."""

import importlib.metadata
import inspect
import pkgutil
import pydoc
import re
import subprocess
import sys

import pytest

import acts

FUNCTIONS_ABOVE = {"elementwise", "softmax"}  # their names stand in the table one by one


def in_a_fresh_python(code):
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout.split()


def test_import_brings_nothing_heavier_than_numpy():
    loaded = in_a_fresh_python("import sys, acts; print(*sys.modules)")
    heavy = {"sympy", "mpmath", "matplotlib", "ipywidgets", "IPython", "traitlets", "PIL", "jupyterlab", "nbformat"}
    assert heavy.isdisjoint(loaded)
    roots = {name.partition(".")[0] for name in loaded}
    foreign = {root for root in roots if not root.startswith("_")} - sys.stdlib_module_names - {"acts", "numpy"}
    without = in_a_fresh_python("import sys, numpy; print(*sys.modules)")
    assert foreign <= {name.partition(".")[0] for name in without}, "only what Python and NumPy load anyway"


@pytest.mark.parametrize("module", ["catalog", "network", "training", "probes", "data"])
def test_the_numeric_core_knows_nothing_of_pictures(module):
    loaded = in_a_fresh_python(f"import sys, acts.{module}; print(*sys.modules)")
    assert {"sympy", "matplotlib", "ipywidgets"}.isdisjoint(loaded)


def named_in_the_docstring():
    names, modules = acts.__doc__.split("More, imported by name")
    listed = re.findall(r"\w+", " ".join(line for line in names.splitlines() if line.startswith("    ")))
    elementwise = acts._elementwise.__all__
    listed += [f"{name}_derivative" for name in listed if f"{name}_derivative" in elementwise]
    return listed, re.findall(r"^    acts\.(\w+) {2,}\S", modules, re.MULTILINE)


def test_the_docstring_is_the_table_of_contents():
    names, _ = named_in_the_docstring()
    assert sorted(names) == sorted(acts.__all__), "every public name once"
    assert len(names) == len(set(names))


def test_help_names_every_public_function():
    shown = pydoc.plain(pydoc.render_doc(acts))
    described = shown.split("FUNCTIONS", 1)[0]
    for name in acts.__all__:
        public = name.removesuffix("_derivative") if "NAME_derivative" in described else name
        assert re.search(rf"\b{public}\b", described), name
        assert re.search(rf"^    {name}\(", shown, re.MULTILINE), "and each has its own entry"


def test_the_docstring_lists_every_module():
    _, listed = named_in_the_docstring()
    there = {module.name for module in pkgutil.iter_modules(acts.__path__) if not module.name.startswith("_")}
    assert sorted(listed) == sorted(there - FUNCTIONS_ABOVE)


def test_tab_shows_what_the_table_says():
    for name in acts.__all__:
        assert inspect.isfunction(getattr(acts, name)) and getattr(acts, name).__name__ == name
    public = {name for name in vars(acts) if not name.startswith("_")}
    functions = {name for name in public if not inspect.ismodule(getattr(acts, name))}
    assert functions == set(acts.__all__)


def test_acts_softmax_stays_the_function_whatever_is_imported():
    code = "import acts.catalog, acts.softmax; from acts.softmax import log_softmax; print(callable(acts.softmax))"
    assert in_a_fresh_python(code) == ["True"]


@pytest.mark.parametrize("name", acts.__all__)
def test_every_public_docstring_says_what_the_reader_needs(name):
    function = getattr(acts, name)
    first = function.__doc__.strip().split("\n\n")[0]
    assert re.search(r"[=(−·]| for x| for \d| in \[", first), "the formula, or what is drawn"
    assert first.endswith("."), "a sentence"
    assert ">>> " in function.__doc__, "an example that runs"
    assert function.__doc__.count("`help(acts)`") == 1, "where to read of shapes, dtypes, errors and sources"
    for parameter in inspect.signature(function).parameters:
        assert parameter == "x" or re.search(rf"\b{parameter}\b", function.__doc__.split(">>> ")[0]), parameter


def test_help_says_once_what_every_function_promises():
    promise = acts.__doc__.split("What every function promises")[1]
    for word in ("shape", "float16", "float32", "float64", "Integers", "`TypeError`", "`ValueError`", "NaN", "warning"):
        assert word in promise, word
    assert "Paper and year of each function stand in `acts.catalog`" in promise


def test_signatures_are_the_formulas_own():
    assert str(inspect.signature(acts.sigmoid)) == "(x)"
    assert str(inspect.signature(acts.relu_derivative)) == "(x, at_zero=0.0)"
    assert str(inspect.signature(acts.leaky_relu_derivative)) == "(x, alpha=0.01, at_zero=None)"
    assert str(inspect.signature(acts.prelu)) == "(x, alpha=0.25, channel_axis=None)"
    assert str(inspect.signature(acts.prelu_alpha_gradient)) == "(x, upstream, channel_axis=None)"
    assert str(inspect.signature(acts.rrelu)) == "(x, slopes=None, lower=0.125, upper=0.3333333333333333)"
    assert str(inspect.signature(acts.softmax)) == "(x, axis=-1)"
    assert str(inspect.signature(acts.softmax_cross_entropy)) == "(logits, targets, axis=-1)"


def test_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+", acts.__version__)
    try:
        installed = importlib.metadata.version("acts")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("acts is not installed, only found on the path")
    assert installed == acts.__version__
