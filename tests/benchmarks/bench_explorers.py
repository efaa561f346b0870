"""How long from a key to the new picture? For every slider of every explorer in a notebook, in JupyterLab in Chromium.

Run it as `python tests/benchmarks/bench_explorers.py [--save FILE] [notebook …]`; without a notebook it takes all of
notebooks/. `--save` writes the figures as JSON for bench_numerics.py, which then is the one to judge them.
The clock starts with the key event's own time stamp and stops when the new image is decoded, ready to be painted.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from browser import ROOT, Lab, Notebook, launched
from playwright.sync_api import sync_playwright

PRESSES = 20
TARGET = 100  # milliseconds, the median over all presses
# Before the press: an observer that waits for the image's next source and resolves to the milliseconds since the key. A
# step may leave the picture as it is, and change the words alone, which follow each picture: that resolves to null.
ARM = """box => {
    const image = box.querySelector('img'), words = box.querySelector('[role=status]').parentElement;
    window.keyToPicture = new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error('neither a new picture nor new words 30 s after the key')), 30000);
        let pressed = null, changed = false;
        document.addEventListener('keydown', event => { pressed = event.timeStamp; }, { capture: true, once: true });
        new MutationObserver(async (changes, observer) => {
            observer.disconnect();
            changed = true;
            await image.decode();
            resolve(performance.now() - pressed);
        }).observe(image, { attributes: true, attributeFilter: ['src'] });
        new MutationObserver((changes, observer) => {
            observer.disconnect();
            setTimeout(() => changed || resolve(null), 500);
        }).observe(words, { childList: true, subtree: true, characterData: true });
    });
}"""


def key_to_picture(explorer, number):
    """Return the milliseconds of each press on one slider that changed the picture, going up, and down from its end."""
    handle = explorer.handles[number]
    handle.focus()
    now, low, high = (float(handle.get_attribute(f"aria-value{end}")) for end in ("now", "min", "max"))
    key = "ArrowRight" if now < high else "ArrowLeft"
    times = []
    for _ in range(PRESSES):
        explorer.box.evaluate(ARM)
        handle.press(key)
        times.append(explorer.box.evaluate("() => window.keyToPicture"))
        now = float(handle.get_attribute("aria-valuenow"))
        key = "ArrowLeft" if now >= high else "ArrowRight" if now <= low else key
    times = [time for time in times if time is not None]
    assert times, f"{explorer.title}: {explorer.label(number)!r} never changed the picture in {PRESSES} presses"
    return times


def bench(notebook):
    """Print a line for each slider and return all milliseconds by explorer."""
    by_explorer = {}
    for explorer in notebook.explorers():
        explorer.settle()
        first = explorer.wait_for_picture(lambda shown: True, "its first picture")
        times = by_explorer.setdefault(explorer.title, [])
        for number in range(len(explorer.handles)):
            presses = key_to_picture(explorer, number)
            times += presses
            print(
                f"{explorer.title[:46]:48}{explorer.label(number):18}"
                f"{statistics.median(presses):8.0f}{max(presses):8.0f} ms"
                f"{'' if len(presses) == PRESSES else f'  ({len(presses)} pictures in {PRESSES} presses)'}"
            )
            explorer.settle()
            explorer.button.click()
            explorer.wait_for_picture(lambda shown, first=first: shown == first, "the first picture after Reset")
    return by_explorer


def main(paths, save=None):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary, "notebooks")
        folder.mkdir()
        names = [Path(shutil.copy(path, folder)).name for path in paths]
        jupyter = Lab(folder, Path(temporary, "jupyter"))
        with jupyter as lab, sync_playwright() as playwright, launched(playwright) as browser:
            print(f"Chromium {browser.version}, {PRESSES} presses for each slider\n")
            print(f"{'explorer':48}{'slider':18}{'median':>8}{'max':>8}")
            every = {}
            for name in names:
                with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
                    notebook = Notebook(context, lab, name)
                    problems = notebook.run_all()
                    if problems:
                        raise SystemExit("\n".join(problems))
                    every |= bench(notebook)
                lab.end_kernels()
    print()
    for title, times in every.items():
        print(f"{title[:46]:48}{'all':18}{statistics.median(times):8.0f}{max(times):8.0f} ms")
    worst = max(statistics.median(times) for times in every.values())
    print(f"\nworst median {worst:.0f} ms, target {TARGET} ms")
    if save:
        figures = {title: {"median": statistics.median(times), "max": max(times)} for title, times in every.items()}
        save.parent.mkdir(parents=True, exist_ok=True)
        save.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8", newline="\n")
    return worst > TARGET and not save


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--save", type=Path, metavar="FILE")
    given = parser.parse_args()
    sys.exit(main(given.notebooks or sorted((ROOT / "notebooks").glob("*.ipynb")), given.save))
