"""Prepare the notebooks and texts for Sphinx, and build the course as static pages.

    python tools/pages.py                     pages in build/html, to be opened from the file system
    python tools/pages.py --target FOLDER     pages elsewhere

Sphinx with MyST-NB does the work. What is prepared here is what a notebook says in JupyterLab's own way: links to a
cell, alt texts in the outputs' metadata, sliders that need a kernel.
"""

import argparse
import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
FOLDERS = ("notebooks", "exercises")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", type=Path, default=ROOT / "build" / "html")
    options = parser.parse_args(arguments)
    source = ROOT / "build" / "html-source"
    prepare(source)
    return build(source, options.target)


def build(source, target):
    """Let Sphinx build the pages; every warning is an error. Returns its exit code."""
    from sphinx.cmd.build import main as sphinx

    return sphinx(["-W", "--keep-going", "-q", "-j", "auto", "-b", "html", str(source), str(target)])


def prepare(source):
    """Write everything that Sphinx reads into the folder `source`, made anew."""
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    shutil.copy(DOCS / "conf.py", source)
    shutil.copytree(DOCS / "_static", source / "_static")
    for folder in FOLDERS:
        (source / folder).mkdir()
        for path in sorted((ROOT / folder).glob("*.ipynb")):
            notebook = json.loads(path.read_text(encoding="utf-8"))
            prepare_notebook(notebook)
            (source / folder / path.name).write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    (source / "index.md").write_text(front_page(), encoding="utf-8")


def prepare_notebook(notebook):
    """Change a notebook in place into one that Sphinx can show as JupyterLab does."""
    cells = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            cell["source"] = links_to_targets(source)
            cells.append(cell)
            continue
        if any(tag.startswith("claim-") for tag in cell["metadata"].get("tags", [])):
            cells.append(markdown(f"({cell['id']})="))
        cells.append(cell)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            alt = output.get("metadata", {}).get("image/png", {}).get("alt")
            if alt:
                cell["metadata"]["mystnb"] = {"image": {"alt": alt}}
            if "text/markdown" in data:
                data["text/markdown"] = links_to_targets("".join(data["text/markdown"]))
        if said := explorers_words(cell):
            cells.append(markdown(said))
    notebook["cells"] = cells


def markdown(source):
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def links_to_targets(text):
    """Turn JupyterLab's links to a cell into MyST's links to the target that stands before it."""
    return text.replace(".ipynb#cell-id=", ".ipynb#")


def explorers_words(cell):
    """Return what an explorer says of itself, for the reader who has no kernel; None for any other cell."""
    for output in cell.get("outputs", []):
        words = "".join(output.get("data", {}).get("text/plain", ""))
        if "image/png" in output.get("data", {}) and "(Sliders: " in words:
            return f"*This picture has sliders where a kernel runs, in JupyterLab for instance.* {words}"
    return None


def front_page():
    """Return README as the front page, with a table of contents of all pages."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return links_to_targets(text)


if __name__ == "__main__":
    sys.exit(main())
