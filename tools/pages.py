"""Prepare the notebooks and texts for Sphinx, and build the course as static pages.

    python tools/pages.py                     pages in build/html, to be opened from the file system
    python tools/pages.py --target FOLDER     pages elsewhere

Sphinx with MyST-NB does the work. What is prepared here is what a notebook says in JupyterLab's own way: links to a
cell or a heading, alt texts in the outputs' metadata, sliders that need a kernel. A link to what is no page (a
folder, a solution, a file of code) becomes plain text.
"""

import argparse
import json
import posixpath
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
FOLDERS = ("notebooks", "exercises")
FRONT_PAGE = "README.md"
# The texts beside README and docs/, and the pictures that they show.
TEXTS = ("CONTRIBUTING.md", "tests/benchmarks/results.md", "LICENSE", "LICENSE-CC-BY-4.0.md")
PICTURES = ("docs/front.png", "tests/benchmarks/results.png")

MARKDOWN_LINK = re.compile(r"(?<!!)\[(?P<words>[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]\((?P<to>[^()\s]+)\)")
# Where JupyterLite stands, seen from the front page of the site; see tools/lite.py.
LITE = "lite/lab/index.html?path="


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", type=Path, default=ROOT / "build" / "html")
    options = parser.parse_args(arguments)
    return build(options.target)


def build(target, lite=False):
    """Let Sphinx build the pages in the folder `target`; every warning is an error. Returns its exit code.

    With `lite`, each notebook's page says where it runs in the browser.
    """
    from sphinx.cmd.build import main as sphinx

    source = target.with_name(f"{target.name}-source")
    prepare(source, lite=lite)
    shutil.rmtree(target, ignore_errors=True)
    doctrees = target.with_name(f"{target.name}-doctrees")
    code = sphinx(["-W", "--keep-going", "-q", "-E", "-b", "html", "-d", str(doctrees), str(source), str(target)])
    leave_out_of_mathjax(target / "_static" / "mathjax")
    return code


def leave_out_of_mathjax(folder):
    """Keep of MathJax what the pages load or its menu offers: one renderer with its fonts, TeX, what is read aloud."""
    keep = {"tex-chtml.js", "a11y", "input", "output", "sre", "ui"}
    for path in folder.iterdir() if folder.exists() else []:
        if path.name not in keep:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for svg in folder.glob("output/svg*"):
        shutil.rmtree(svg) if svg.is_dir() else svg.unlink()


def prepare(source, lite=False):
    """Write everything that Sphinx reads into the folder `source`, made anew."""
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    shutil.copy(DOCS / "conf.py", source)
    for name in ("_static", "_templates"):
        shutil.copytree(DOCS / name, source / name)
    found = pages()
    for path, page in found.items():
        goal = source / page
        goal.parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / path).read_text(encoding="utf-8")
        if path.endswith(".ipynb"):
            notebook = json.loads(text)
            prepare_notebook(notebook, path, found, lite)
            text = json.dumps(notebook, ensure_ascii=False)
        elif path == FRONT_PAGE:
            text = front_page(text, found)
        elif path == "LICENSE":
            title, _, rest = text.partition("\n")
            text = f"# {title}\n\n```text\n{rest.strip()}\n```\n"
        else:
            text = on_pages(text, path, found)
        goal.write_text(text, encoding="utf-8")
    for path in PICTURES:
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, source / path)


def pages():
    """Return {file of the repository: the page's source}, in the order of the table of contents."""
    paths = [FRONT_PAGE]
    for pattern in (*(f"{folder}/*.ipynb" for folder in FOLDERS), "docs/*.md", *TEXTS):
        paths += sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern))
    own_names = {FRONT_PAGE: "index.md", "LICENSE": "LICENSE.md"}
    return {path: own_names.get(path, path) for path in paths}


def front_page(text, found):
    """Return README as the front page, with a table of contents."""
    text = on_pages(text, FRONT_PAGE, found)
    others = [path for path in found if path != FRONT_PAGE and not path.startswith(FOLDERS)]
    parts = {
        "The course": [path for path in found if path.startswith("notebooks/")],
        "Exercises": [path for path in found if path.startswith("exercises/")],
        "More": others,
    }
    for caption, paths in parts.items():
        entries = "\n".join(contents_entry(path, found[path]) for path in paths)
        text += f"\n```{{toctree}}\n:caption: {caption}\n:hidden:\n:titlesonly:\n\n{entries}\n```\n"
    return text


def contents_entry(path, page):
    """Return a line of the table of contents; notebooks and exercises go by the number that README gives them."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.endswith(".ipynb"):
        lesson = ROOT / "notebooks" / Path(path).name  # exercises go by the title of what they belong to
        source = json.loads(lesson.read_text(encoding="utf-8") if lesson.exists() else text)["cells"][0]["source"]
        text = f"{lesson.name.partition('_')[0]} {''.join(source).removeprefix('# ')}"
    title = text.removeprefix("# ").partition("\n")[0].replace("`", "")
    return f"{title} </{page.rpartition('.')[0]}>"


def prepare_notebook(notebook, path, found, lite=False):
    """Change a notebook in place into one that Sphinx can show as JupyterLab does."""
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = on_pages("".join(cell["source"]), path, found)
            cells.append(cell)
            continue
        if any(tag.startswith("claim-") for tag in cell["metadata"].get("tags", [])):
            cells.append(markdown(f"({cell['id']})=", f"{cell['id']}-target"))
        cells += one_picture_each(cell)
        for output in cell["outputs"]:
            data = output.get("data", {})
            if "text/markdown" in data:
                data["text/markdown"] = on_pages("".join(data["text/markdown"]), path, found)
        if said := explorers_words(cell):
            cells.append(markdown(said, f"{cell['id']}-words"))
    if lite:
        title, _, rest = cells[0]["source"].partition("\n")
        up = "../" * path.count("/")
        cells[0]["source"] = (
            f'{title}\n\n<p class="acts-run"><a href="{up}{LITE}{path}">Run this page in your browser</a>, sliders and '
            f"all. Nothing is installed; the first time, loading Python takes a while.</p>\n{rest}"
        )
    notebook["cells"] = cells


def one_picture_each(cell):
    """Return the cell, in pieces if it shows several pictures: MyST-NB knows one alt text for each cell."""
    pieces = [cell | {"outputs": []}]
    for output in cell["outputs"]:
        if has_picture(output) and any(map(has_picture, pieces[-1]["outputs"])):
            own = {"id": f"{cell['id']}-{len(pieces) + 1}", "metadata": {"tags": ["remove-input"]}, "outputs": []}
            pieces.append(cell | own)
        pieces[-1]["outputs"].append(output)
    for piece in pieces:
        for output in filter(has_picture, piece["outputs"]):
            alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
            piece["metadata"] = piece["metadata"] | {"mystnb": {"image": {"alt": alt}}}
    return pieces


def has_picture(output):
    return "image/png" in output.get("data", {})


def is_explorer(output):
    """Return whether an explorer made the output: it says so in the metadata, beside its alt text."""
    return output.get("metadata", {}).get("acts", {}).get("explorer", False)


def markdown(source, identity):
    return {"cell_type": "markdown", "id": identity, "metadata": {}, "source": source}


def on_pages(text, path, found):
    """Return Markdown with its links turned from those of the repository into those between pages.

    `path` says which file of the repository the text comes from, `found` which files are pages.
    """

    def turned(link):
        target, hash_sign, fragment = link["to"].partition("#")
        if re.match(r"[a-z]+:", target):
            return link[0]
        here = posixpath.dirname(path)
        goal = posixpath.normpath(posixpath.join(here, target)) if target else path
        if goal not in found:
            return link["words"]
        page = posixpath.relpath(found[goal], posixpath.dirname(found[path]) or ".") if target else ""
        return f"[{link['words']}]({page}{hash_sign}{anchor(fragment)})"

    return MARKDOWN_LINK.sub(turned, text)


def anchor(fragment):
    """Return what MyST calls a place that JupyterLab calls `cell-id=claim-s1`, or `2.-The-range` after its heading."""
    if fragment.startswith("cell-id="):
        return fragment.removeprefix("cell-id=")
    return re.sub(r"[^\w-]", "", fragment).lower()


def explorers_words(cell):
    """Return what an explorer says of itself, for the reader who has no kernel; None for any other cell."""
    for output in cell["outputs"]:
        if is_explorer(output):
            words = "".join(output["data"]["text/plain"])
            return f"*Where a kernel runs, in JupyterLab for instance, this picture has sliders.* {words}"
    return None


if __name__ == "__main__":
    sys.exit(main())
