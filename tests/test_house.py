"""The files around the course agree with each other."""

import itertools
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(lines):
    """{name: requirement} of the lines that name a package."""
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


STUDENT = requirements((ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines())
PACKAGE = requirements(PROJECT["dependencies"])
EXTRAS = {extra: requirements(lines) for extra, lines in PROJECT["optional-dependencies"].items()}
EVERY_LIST = [STUDENT, PACKAGE, *EXTRAS.values()]


def test_students_install_six_packages_and_acts():
    assert set(STUDENT) == {"jupyterlab", "numpy", "matplotlib", "ipywidgets", "sympy", "nbval"}
    assert "-e ." in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()


def test_ranges_are_the_same_everywhere():
    for one, other in itertools.combinations(EVERY_LIST, 2):
        for name in set(one) & set(other):
            assert one[name].specifier == other[name].specifier, name


def test_every_range_has_a_lowest_and_a_highest():
    for requirement in itertools.chain(*(each.values() for each in EVERY_LIST)):
        assert {part.operator for part in requirement.specifier} == {">=", "<"}, str(requirement)


def test_the_known_good_set_lies_in_the_ranges():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    known = requirements(lines)
    for name, requirement in itertools.chain(*(each.items() for each in EVERY_LIST)):
        assert name in known, f"constraints.txt does not pin {name}"
        (pin,) = known[name].specifier
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), f"{known[name]} is outside of {requirement}"


def test_the_owner_has_one_name_everywhere():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    owners = re.findall(r"(?:github\.com|/gh|/github)/([\w.-]+)/acts\b|\b([\w-]+)\.github\.io/acts\b", text)
    assert len(owners) >= 5, "README links to Binder, nbviewer and GitHub Pages"
    assert len({one or other for one, other in owners}) == 1, f"README calls its owner {owners}"


def test_binder_takes_a_python_that_acts_runs_on():
    # Without runtime.txt, Binder takes one of its own choice, for years 3.10.
    version = (ROOT / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(version)


def test_make_help_names_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE).group(1).split()
    for target in set(phony) - {"FORCE"}:
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE), f"make {target} is not in make help"


def test_every_link_in_readme_leads_to_a_file():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^()\s]+)\)", text) if "://" not in link]
    assert links, "README has links"
    for link in links:
        assert (ROOT / link.partition("#")[0]).exists(), f"README links to {link}, which is not there"
