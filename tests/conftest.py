"""What all tests share."""

import os
import subprocess
import sys
from pathlib import Path

# As in the Makefile, for those who call pytest themselves. It counts only before NumPy is imported; kernels inherit it.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import matplotlib  # noqa: E402
import pytest  # noqa: E402

# Figures are drawn into memory, never into a window. Not by the variable MPLBACKEND: kernels would inherit it.
matplotlib.use("agg")


@pytest.fixture(scope="module")
def browser():
    """A headless browser without a network; where there is none, its tests are skipped, and in CI they fail."""
    from browser import launched  # here, since these modules need the extra packages of the tests
    from get_browser import NoBrowser, in_ci
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        try:
            with launched(playwright) as browser:
                yield browser
        except NoBrowser as problem:
            if in_ci():
                pytest.fail(str(problem), pytrace=False)
            pytest.skip(str(problem))


class Strict:
    """In a notebook a check that finds a solution wrong is an error. (No conftest.py is above the notebooks.)"""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item):
        with pytest.MonkeyPatch.context() as patch:
            if item.path.suffix == ".ipynb":  # the first of its cells starts the kernel
                patch.setenv("ACTS_STRICT", "1")
            return (yield)


def pytest_configure(config):
    config.pluginmanager.register(Strict())


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One worker more than there are cores: who drives a browser or a kernel mostly waits for it."""
    return (yield) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what drives a browser, before -m is asked; and begin with the files that take long, so that none is last."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    driving = {item.path for item in items if "browser" in item.keywords}
    items.sort(key=lambda item: (item.path not in driving, item.path.suffix != ".ipynb"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    """Say last, and loudly, what was left out for want of a browser."""
    result = yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")  # a worker has none
    skipped = [each for each in reporter.stats.get("skipped", []) if "browser" in each.keywords] if reporter else []
    if skipped:
        from get_browser import left_out

        reporter.write_line(left_out(skipped), yellow=True, bold=True)
    return result


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A function that lets one of tools/ build into a fresh folder, as `make` does, and returns that folder."""

    def build(tool, name):
        target = tmp_path_factory.mktemp(name) / name
        command = [sys.executable, Path(__file__).resolve().parents[1] / "tools" / tool, "--target", target]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == 0, done.stdout + done.stderr
        return target

    return build
