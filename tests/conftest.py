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
    """A headless browser without a network; where none is found, a test fails and says what to install."""
    from browser import NoBrowser, launched  # here, since both modules need the extra packages of the tests
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        try:
            with launched(playwright) as browser:
                yield browser
        except NoBrowser as problem:
            pytest.fail(str(problem), pytrace=False)


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
