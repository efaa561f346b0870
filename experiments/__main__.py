"""Run the experiments whose record is missing or stale: `python -m experiments [--only n00] [--dask tcp://…]`."""

import argparse
import importlib
import pkgutil

import experiments
from experiments.declared import Experiment
from experiments.running import is_stale, run_all


def declared(only=""):
    """Return the experiments of all modules whose name begins with `only`, in the order of the pages."""
    modules = sorted(module.name for module in pkgutil.iter_modules(experiments.__path__))
    found = [importlib.import_module(f"experiments.{name}") for name in modules if name[1:3].isdigit()]
    own = [value for module in found for value in vars(module).values() if isinstance(value, Experiment)]
    return [experiment for experiment in own if experiment.name.startswith(only)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="the experiments of one page, or one: the beginning of its name")
    parser.add_argument("--dask", help="the address of a Dask scheduler; without it all cores of this machine")
    parser.add_argument("--check", action="store_true", help="only say which records are missing or stale")
    given = parser.parse_args()
    chosen = declared(given.only)
    if not chosen:
        parser.error(f"no experiment begins with {given.only!r}; there are {', '.join(e.name for e in declared())}")
    stale = [experiment for experiment in chosen if is_stale(experiment)]
    print(f"{len(chosen)} experiments, {len(stale)} to run" + "".join(f"\n  {each.name}" for each in stale))
    if stale and given.check:
        raise SystemExit(1)
    if stale:
        run_all(stale, dask=given.dask)


if __name__ == "__main__":
    main()
