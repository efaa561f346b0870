"""Nothing in a graded notebook acts on who opens it: seen in a browser, in the formgrader and in the feedback."""

import json
import re
import shutil

import pytest
from attacks import CLICKED, HONEST_ANSWER, MARKDOWN, honest_notebook, hostile_notebook, solution_notebook
from browser import Lab
from course import Course, released
from submissions import read

from classroom.harmless import harmless_markdown

FIRED = re.compile(r"/fired/([\w-]+)$")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Two courses with the same hostile and the same honest submission: graded by nbgrader as it comes, and by ours."""
    found = {}
    one = released(tmp_path_factory.mktemp("released"), solution_notebook())
    for kind in ("plain", "ours"):
        course = Course(shutil.copytree(one.folder, tmp_path_factory.mktemp(kind) / "course"))
        course.hand_in("eve", "small", hostile_notebook(guarded=kind == "ours"))
        course.hand_in("ada", "small", honest_notebook())
        if kind == "plain":
            (course.folder / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
        done = course.nbgrader("autograde", "small") if kind == "plain" else course.autograde("small", "--jobs=1")
        assert done.returncode == 0, done.stdout + done.stderr
        found[kind] = course
    return found


CLICK_ALL = """() => [...document.querySelectorAll('*')]
    .filter(element => element.textContent.trim() === 'click' && !element.childElementCount)
    .forEach(element => element.click())"""


class Opened:
    """What happens when a page is opened and all that can be clicked is clicked."""

    def __init__(self, browser, address, login=None):
        with browser.new_context() as context:
            page = context.new_page()
            if login:  # a teacher is logged in, and has the cookie that a script would use
                page.goto(login, wait_until="commit")
            self.requests, self.dialogs = [], []
            page.on("request", lambda request: self.requests.append(request.url))
            page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
            page.goto(address, wait_until="load")
            page.wait_for_timeout(1000)
            self.text = page.locator("body").inner_text() if page.locator("body").count() else ""
            pictures = page.locator("img[src^='data:image/png']")
            self.pictures = pictures.evaluate_all("all => all.map(picture => picture.naturalWidth)")
            page.evaluate(CLICK_ALL)
            page.wait_for_timeout(1000)
        self.fired = {found[1] for url in self.requests if (found := FIRED.search(url.split("?")[0]))}


@pytest.fixture(scope="module")
def opened(graded, browser, tmp_path_factory):
    """Each submission's page in the formgrader, {(kind, student): Opened}."""
    found = {}
    for kind, course in graded.items():
        with Lab(course.folder, tmp_path_factory.mktemp(f"{kind}-settings"), cwd=course.folder) as lab:
            for student in ("ada", "eve"):
                with course.gradebook() as gradebook:
                    id = gradebook.find_submission_notebook("small", "small", student).id
                address = f"{lab.address}/formgrader/submissions/{id}"
                found[kind, student] = Opened(browser, address, f"{lab.address}/lab?token={lab.token}")
    return found


def test_the_attacks_act_where_nobody_guards(opened, graded):
    fired = opened["plain", "eve"].fired
    print(sorted(fired))
    assert {"points", "html", "javascript", "size"} <= fired
    assert len(fired & MARKDOWN.keys()) >= 20
    assert fired & set(CLICKED)
    assert graded["plain"].scores("small")["eve"]["points"] == 5
    assert (graded["plain"].folder / "was_here.txt").exists()


def test_the_formgrader_shows_them_and_nothing_happens(opened, graded):
    page = opened["ours", "eve"]
    assert (page.fired, page.dialogs) == (set(), [])
    assert "The slope is at most 1/4." in page.text
    outward = {url.split("/")[2] for url in page.requests if "127.0.0.1" not in url and not url.startswith("data:")}
    assert outward <= {"cdnjs.cloudflare.com"}  # where nbconvert looks for MathJax
    row = graded["ours"].scores("small")["eve"]
    assert (row["points"], row["by_hand"]) == (3, ["explain"])
    assert not (graded["ours"].folder / "was_here.txt").exists()


def test_honest_words_formulas_and_pictures_stay(opened, graded):
    page = opened["ours", "ada"]
    for words in ("ten layers leave", "\\sigma(1-\\sigma) \\le 1/4", "\\prod_{l=1}^{10}", "the article", "1e-6"):
        assert words in page.text, words
    assert page.pictures == [1]
    assert graded["ours"].scores("small")["ada"]["points"] == 3


def test_feedback_shows_them_and_nothing_happens(graded, browser):
    course = graded["ours"]
    done = course.nbgrader("generate_feedback", "small")
    assert done.returncode == 0, done.stderr
    for student in ("ada", "eve"):
        page = Opened(browser, (course.folder / "feedback" / student / "small" / "small.html").as_uri())
        assert (page.fired, page.dialogs) == (set(), [])
        assert [url for url in page.requests if url.startswith("file:")] == page.requests[:1]
    assert "1/4" in page.text


def test_what_is_kept_holds_no_metadata_of_the_student(graded):
    notebook = read(graded["ours"].folder / "autograded" / "eve" / "small" / "small.ipynb")
    assert "fired" not in json.dumps(notebook["metadata"])
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"nbgrader", "execution"}
        for output in cell.get("outputs", []):
            assert set(output.get("data", {})) <= {"text/plain", "text/latex", "image/png", "image/jpeg"}


@pytest.mark.parametrize(
    "source",
    [
        "[x](javascript:alert(1))",
        "[x](evil.html)",
        "[x](/hub/logout)",
        "[x](data:text/html,hi)",
        "![](https://example.org/count.png)",
        "[x][y]\n\n[y]: vbscript:x",
        "# explain\na heading with the name of a score on the page",
        "![](attachment:not-there.png)",
        "~~~mermaid\nclick A href 'javascript:x'\n~~~",
        "$\\href{javascript:alert(1)}{x}$",
        "$\\style{background:url(/x)}{x}$",
        "``` `<b>` ```` <script>",
    ],
)
def test_markdown_that_could_act_is_shown_as_words(source):
    kept, attachments = harmless_markdown(source, {}, ["explain"])
    assert kept != source and attachments == {}
    assert re.sub(r"\W", "", kept).replace("noattachment", "attachment") == re.sub(r"\W", "", source)
    assert harmless_markdown(kept, {}, ["explain"])[0] == kept or kept.startswith("```")


def test_honest_markdown_is_kept_to_the_letter():
    words = re.sub(r"!\[\].*\n", "", HONEST_ANSWER).replace("<s", "< s").replace("`a<b`", "`a< b`")
    assert harmless_markdown(words.replace("0<\\", "0<\\"))[0] == words
