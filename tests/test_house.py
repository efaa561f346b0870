"""The files around the course agree with each other."""

import doctest
import itertools
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import acts
import acts_exercises
from acts_exercises.progress import Record

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
    text = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    owners = re.findall(r"(?:github\.com|/gh|/github)/([\w.-]+)/acts\b|\b([\w-]+)\.github\.io/acts\b", text)
    assert len(owners) >= 4, "docs/publishing.md links to Binder, nbviewer and GitHub Pages"
    assert len({one or other for one, other in owners}) == 1, f"docs/publishing.md calls its owner {owners}"


def test_binder_takes_a_python_that_acts_runs_on():
    # Without runtime.txt, Binder takes one of its own choice, for years 3.10.
    version = (ROOT / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(version)


def test_make_help_names_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE).group(1).split()
    for target in set(phony) - {"FORCE"}:
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE), f"make {target} is not in make help"


PAGES = ["README.md", "CONTRIBUTING.md", "docs/for-teachers.md", "docs/publishing.md"]


def test_readme_stays_short_and_has_no_link_to_be_filled_in():
    text = (ROOT / "README.md").read_bytes()
    assert len(text) <= 8192, f"README has {len(text):,} bytes, at most 8,192 are read"
    assert b"OWNER" not in text, "a reader cannot follow a link to OWNER: docs/publishing.md is the place for it"


def test_the_code_in_readme_says_what_readme_shows(monkeypatch):
    """Line for line, but for the error, which is broken into lines to fit."""
    monkeypatch.setattr(acts_exercises, "_record", Record())
    blocks = re.findall(r"^```pycon\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README.md", "README.md", 0)
    for example in test.examples:
        if example.exc_msg:
            example.options[doctest.NORMALIZE_WHITESPACE] = True
    assert any("✗" in example.want for example in test.examples), "README shows what `check` says"
    said = []
    outcome = doctest.DocTestRunner().run(test, out=said.append)
    assert not outcome.failed, "".join(said)


@pytest.mark.parametrize("page", sorted({*PAGES} - {"CONTRIBUTING.md"}))  # whose example is made up
def test_every_link_leads_to_a_file(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^()\s]+)\)", text)
    assert links, f"{page} has links"
    for link in [link for link in links if "://" not in link]:
        assert ((ROOT / page).parent / link.partition("#")[0]).exists(), f"{page} links to {link}, which is not there"


def test_every_make_target_that_a_page_names_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in PAGES:
        code = re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
        assert code
        for target in {one or other for one, other in code}:
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page} names make {target}, which is not there"


def test_students_need_nothing_of_the_classroom():
    assert not set(EXTRAS["classroom"]) & (set(STUDENT) | set(PACKAGE) | set(EXTRAS["test"]))
    for path in (ROOT / "acts").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) (nbgrader|classroom)", text, re.MULTILINE), path


def test_the_citation_says_what_the_package_says():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0" and citation["message"] and citation["type"] == "software"
    assert citation["title"].startswith(PROJECT["name"])
    assert citation["version"] == PROJECT["version"] == acts.__version__
    assert citation["license"] == PROJECT["license"].split(" AND ")[0], "that of the code"
    assert citation["authors"] == PROJECT["authors"]


def test_the_course_map_names_every_notebook_and_its_exercises():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d\d) \| (.+) \| .+ \| (.+) \|$", text, re.MULTILINE)
    assert [number for number, _, _ in rows] == sorted({number for number, _, _ in rows}), "one row each, in order"
    names, times = ({row[0]: row[part] for row in rows} for part in (1, 2))
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        number, link = path.name[:2], f"](notebooks/{path.name})"
        assert link in names.get(number, ""), f"README's map of the course has no row for notebooks/{path.name}"
        assert re.match(r"\d+ min\b", times[number]), f"README does not say how long notebooks/{path.name} takes"
    for path in sorted((ROOT / "exercises").glob("*.ipynb")):
        link = rf"\band \S+ h of \[exercises\]\(exercises/{path.name}\)"  # `make exercises` writes the hours
        assert re.search(link, times.get(path.name[:2], "")), f"README's map has no link to exercises/{path.name}"
