"""Find a Chromium or Chrome for the tests, and get one where there is none.

    python tests/get_browser.py     gets one where there is none, and says which the tests will drive, or why none

ACTS_BROWSER names the browser; ACTS_BROWSER=none leaves out the tests that need one. With CI=true that is an error.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from playwright.sync_api import sync_playwright

ON_PATH = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"]
USUAL_PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    *(
        str(Path(os.environ[folder], program))
        for folder in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        if folder in os.environ
        for program in ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
    ),
]
INSTALL = (
    "install one (Debian, Ubuntu: sudo apt-get install chromium; elsewhere: "
    ".venv/bin/python -m playwright install chromium) or name yours in ACTS_BROWSER"
)
PATIENCE = 600  # seconds that a way to get a browser may take


class NoBrowser(RuntimeError):
    """Raised where no browser is found, or none is wanted; its one line says what to do."""


def find_browser(playwright):
    """Return the path of a browser: ACTS_BROWSER, or one on PATH, in the usual places, or of playwright's own."""
    named = os.environ.get("ACTS_BROWSER")
    if named == "none":
        raise NoBrowser("ACTS_BROWSER=none leaves them out: unset it to have them")
    if named:
        found = shutil.which(named)
        if not found:
            raise FileNotFoundError(f"ACTS_BROWSER names {named!r}, which is not a program")
        return found
    candidates = [*map(shutil.which, ON_PATH), *USUAL_PLACES, playwright.chromium.executable_path]
    found = next((path for path in candidates if path and Path(path).is_file() and _starts(path)), None)
    if not found:
        raise NoBrowser(f"no Chromium or Chrome is found: {INSTALL}")
    return found


def _starts(path):
    """Tell a browser from what only looks like one: Ubuntu's pointer to a snap, a download that lacks libraries."""
    if sys.platform == "win32":  # where Chrome would open a window
        return True
    done = _run([path, "--version"], 60)
    return done is not None and done.returncode == 0


def _run(command, patience=PATIENCE):
    """Run a command that may fail and must ask nothing; return what came of it, None if it did not start or end."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, encoding="utf-8", errors="replace", timeout=patience,
        )  # fmt: skip


def get_browser(playwright):
    """Return the path of a browser, and get one first where there is none."""
    try:
        return find_browser(playwright)
    except NoBrowser:
        if os.environ.get("ACTS_BROWSER") == "none":
            raise
    for command in ways_to_get_one():
        print("No Chromium or Chrome is found. Trying:", *command, flush=True)
        done = _run(command)
        with contextlib.suppress(NoBrowser):
            return find_browser(playwright)
        print("    That brought none", f"(exit code {done.returncode})." if done else f"in {PATIENCE} s.", flush=True)
    return find_browser(playwright)


def ways_to_get_one():
    """Yield commands that may bring a browser, or what it lacks; those for root only where nobody is asked."""
    driver = [sys.executable, "-m", "playwright"]
    yield [*driver, "install", "--no-shell", "chromium"]
    as_root = [] if is_root() else ["sudo", "-n"]
    done = _run([*as_root, "apt-get", "--version"])
    if done and done.returncode == 0:
        # `timeout` ends what sudo started, which is not ours to end.
        quietly = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "timeout", str(PATIENCE)]
        install = "apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium"
        yield [*quietly, "sh", "-c", install]
        yield [*as_root, *driver, "install-deps", "chromium"]  # for the download, where apt has no Chromium


def is_root():
    return hasattr(os, "geteuid") and os.geteuid() == 0


def in_ci():
    """Return whether this is continuous integration, where no test is left out unnoticed."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def left_out(reports):
    """Return one line that says which tests were skipped, by their reports, and why."""
    files = Counter(report.nodeid.partition("::")[0] for report in reports)
    where = ", ".join(f"{number} in {file}" for file, number in sorted(files.items()))
    reason = reports[0].longrepr[2].removeprefix("Skipped: ")
    return f"!!! SKIPPED {len(reports)} tests that need a browser ({where}): {reason} !!!"


def main():
    """Say which browser the tests will drive."""
    with sync_playwright() as playwright:
        try:
            print("The tests will drive", get_browser(playwright))
        except NoBrowser as problem:
            if in_ci():
                sys.exit(f"No test may be left out where CI is set, but {problem}")
            print(f"The tests that need a browser will be left out: {problem}")
        except FileNotFoundError as problem:
            sys.exit(str(problem))


if __name__ == "__main__":
    main()
