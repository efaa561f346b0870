"""Build the course as a site: the static pages, and beside them JupyterLite, which runs the notebooks in the browser.

    python tools/lite.py                      build/site, which any web server can serve
    python tools/lite.py --target FOLDER      elsewhere
    python tools/lite.py --wheels FOLDER      where the wheels are that `make site` has put into the environment

    build/site/                               the pages, as `make html` builds them, with a link to JupyterLite on each
    build/site/lite/                          JupyterLite with its files: notebooks/ and exercises/
    build/site/lite/pypi/                     the wheels that a notebook may install: acts, and ipywidgets with its own

Nothing here needs the network. The site does: the kernel, Pyodide, comes from its makers' CDN, NumPy, matplotlib and
SymPy with it.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pages
from pages import FOLDERS, ROOT

WHEELS = Path(sys.prefix, "wheels")
PACKAGES = ("acts", "acts_exercises")  # the wheel of acts holds both
# What a notebook needs beyond acts and beyond what Pyodide ships; the kernel itself asks for comm.
NEEDED = ("comm", "ipywidgets", "jupyterlab_widgets")
# What Pyodide ships, in the version that the pinned kernel loads. tests/test_site.py holds it to acts' own ranges.
PYODIDE = {"pyodide": "314.0.6", "python": "3.14.2", "numpy": "2.4.6", "matplotlib": "3.10.8", "sympy": "1.14.0"}
# JupyterLab's own half of the kernel and of the sliders, and no other extension that happens to be installed.
EXTENSIONS = ("@jupyterlite/pyodide-kernel-extension", "@jupyter-widgets/jupyterlab-manager")
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
FIRST_CELL = {
    "cell_type": "code",
    "execution_count": None,
    "id": "install-acts",
    "metadata": {"tags": ["install-acts"]},
    "outputs": [],
    "source": "# Python runs inside this browser page, where acts has to be installed each time. Run this cell first.\n"
    "%pip install -q acts",
}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--wheels", type=Path, default=WHEELS)
    options = parser.parse_args(arguments)
    if code := pages.build(options.target, lite=True):
        return code
    build_lite(options.target / "lite", options.wheels)
    (options.target / ".nojekyll").touch()  # served from a branch, GitHub Pages would leave out folders like _static
    return 0


def build_lite(target, wheels):
    """Build JupyterLite in the folder `target`."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        (source / "pypi").mkdir()
        for name in NEEDED:
            found = sorted(wheels.glob(f"{name}-*.whl"))
            if len(found) != 1:
                sys.exit(f"{wheels} holds {len(found)} wheels of {name}, expected 1: `make site` puts them there")
            shutil.copy(found[0], source / "pypi")
        build_wheel(source / "acts", source / "pypi")
        for name in FOLDERS:
            for path in sorted((ROOT / name).glob("*.ipynb")):
                with_first_cell(path, source / "contents" / name)
        write_settings(source)
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(target.resolve())]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"JupyterLite was not built.\n{done.stdout}\n{done.stderr}")


def build_wheel(copy, target):
    """Build the wheel of acts from a copy: setuptools would leave its traces, and take up traces, in the clone."""
    copy.mkdir()
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-CC-BY-4.0.md"):
        shutil.copy(ROOT / name, copy)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    here = ["--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(target), str(copy)]
    subprocess.run([*pip, *here], check=True)


def with_first_cell(path, folder):
    """Write the notebook into the folder, with a cell that installs acts before its first code cell."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    notebook["cells"].insert(kinds.index("code"), FIRST_CELL)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / path.name).write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")


def write_settings(source):
    """Write what JupyterLite reads: at build time, and when it starts in the browser."""
    build = {
        "LiteBuildConfig": {
            "apps": ["lab"],
            "contents": ["contents"],
            "federated_extensions": [str(extension(name)) for name in EXTENSIONS],
            "ignore_sys_prefix": True,
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "cache_dir": str(source / "cache"),
        }
    }
    run = {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "acts",
            "exposeAppInBrowser": True,  # tests/jupyterlite.py talks to it
            # All that the course needs is in lite/pypi or comes with Pyodide: nothing is taken from elsewhere unasked.
            "litePluginSettings": {KERNEL: {"disablePyPIFallback": True}},
        },
    }
    (source / "jupyter_lite_config.json").write_text(json.dumps(build), encoding="utf-8")
    (source / "jupyter-lite.json").write_text(json.dumps(run), encoding="utf-8")


def extension(name):
    """Return the folder of an extension; `make site` has put that of JupyterLite where JupyterLab does not look."""
    places = [Path(sys.prefix, "lite", name), Path(sys.prefix, "share", "jupyter", "labextensions", name)]
    return next((place for place in places if place.is_dir()), places[-1])


if __name__ == "__main__":
    sys.exit(main())
