"""docs/for-teachers.md, "On a JupyterHub", walked word for word: its commands, its files, real accounts and passwords.

Each test is a step and needs those before it. tests/classroom/hub.sh runs them on a machine that is thrown away.
"""

import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest
import requests
from course import SETS
from submissions import blank, filled, grade_id, hostile, solution

from tests.browser import PATIENCE, ROOT, launched

pytestmark = pytest.mark.skipif(os.environ.get("ACTS_HUB") != "inside", reason="only `make test-hub` makes a machine")

PAGE = (ROOT / "docs" / "for-teachers.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## On a JupyterHub") : PAGE.index("## What is protected")]
HUB = "http://127.0.0.1:8000"
SET = "01_sigmoid"
TEACHER, STUDENTS = "teacher1", ["student1", "student2", "student3"]
PASSWORD = "a password of the accounts"
COURSE = Path("/home/grader-acts/acts-course")
EXCHANGE = Path("/usr/local/share/nbgrader/exchange")
SHOTS = Path(os.environ.get("ACTS_HUB_SHOTS", ROOT / "build" / "hub-shots"))


def said(text):
    """Return the page's block of commands that holds a text, and the account that its first line names."""
    blocks = [block for block in re.findall(r"^```sh\n(.*?)^```", SECTION, re.M | re.S) if text in block]
    assert len(blocks) == 1, f"{len(blocks)} blocks of the page hold {text!r}"
    account = re.match(r"# as ([\w-]+)", blocks[0]).group(1)
    return account, blocks[0]


def run_as(account, commands, **options):
    command = ["bash", "-euc", commands] if account == "root" else ["runuser", "-l", account, "-s", "/bin/bash", "-c"]
    if account != "root":
        command.append(f"set -eu\n{commands}")
    options = {"capture_output": True, "text": True, "timeout": 1200} | options
    return subprocess.run(command, **options)


def follow(text, code=0):
    """Run the page's block of commands that holds a text."""
    account, block = said(text)
    done = run_as(account, block)
    assert done.returncode == code, f"{block}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done


class Person:
    """Somebody who is logged in, by name and password, over HTTP."""

    def __init__(self, name, password=PASSWORD):
        self.name, self.home = name, f"{HUB}/user/{name}"
        self.web = requests.Session()
        self.web.get(f"{HUB}/hub/login").raise_for_status()
        form = {"username": name, "password": password, "_xsrf": self.web.cookies.get("_xsrf", path="/hub/")}
        self.login = self.web.post(f"{HUB}/hub/login", data=form, allow_redirects=False)

    def start(self):
        """Start the person's notebook server, and return how many seconds it took."""
        started = time.monotonic()
        self.web.get(f"{HUB}/hub/spawn")
        while not (answer := self.web.get(f"{self.home}/lab")).url.startswith(self.home) or answer.status_code != 200:
            assert time.monotonic() < started + 120, f"{self.name}'s server: {answer.url} {answer.status_code}"
            time.sleep(0.5)
        return time.monotonic() - started

    def token(self):
        """Return a token that may do all that the person may do."""
        xsrf = {"X-XSRFToken": self.web.cookies.get("_xsrf", path="/hub/")}
        answer = self.web.post(f"{HUB}/hub/api/users/{self.name}/tokens", json={}, headers=xsrf)
        assert answer.status_code == 201, f"{answer.status_code} {answer.text}"
        return answer.json()["token"]

    def send(self, method, path, **more):
        token = self.web.cookies.get("_xsrf", path=f"/user/{self.name}/")
        return self.web.request(method, self.home + path, headers={"X-XSRFToken": token}, **more)

    def assignment(self, action):
        """Press a button of Assignment List."""
        answer = self.send("POST", f"/assignments/{action}", data={"course_id": "acts", "assignment_id": SET})
        assert answer.status_code == 200, f"{action}: {answer.status_code} {answer.text[-300:]}"
        assert answer.json()["success"], answer.text
        return answer.json()

    def write(self, notebook):
        model = {"type": "notebook", "format": "json", "content": notebook}
        answer = self.send("PUT", f"/api/contents/{SET}/{SET}.ipynb", json=model)
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def hub():
    """The machine after all steps of the page, with the hub running."""
    ours = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{ROOT}.insteadOf"}
    os.environ |= ours | {"GIT_CONFIG_VALUE_0": "https://github.com/OWNER/acts"}
    if Path("/opt/hub").exists():  # ACTS_HUB_ROOT keeps it: only the course is new then
        Path("/etc/gitconfig").unlink(missing_ok=True)
        update = "cd /opt/acts && git fetch --quiet origin HEAD && git reset --quiet --hard FETCH_HEAD"
        done = run_as("root", update)
        assert done.returncode == 0, done.stderr
    else:
        follow("git clone")
    for name in [TEACHER, *STUDENTS]:
        done = run_as("root", f"useradd --create-home {name} && chpasswd", input=f"{name}:{PASSWORD}\n")
        assert done.returncode == 0, done.stderr
    for step in ["useradd", "mkdir -p /usr/local/share", "mkdir -p /etc/jupyter", "release_assignment"]:
        follow(step)
    log = SHOTS / "hub.log"
    _, block = said("jupyterhub -f")
    with log.open("w") as out:
        process = subprocess.Popen(["bash", "-euc", block], stdout=out, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 120
    while True:
        time.sleep(0.5)
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()[-4000:]
        try:
            if requests.get(f"{HUB}/hub/login").ok and requests.get("http://127.0.0.1:9999/").status_code:
                break
        except requests.ConnectionError:
            pass
    yield log
    process.terminate()
    process.wait(60)


@pytest.fixture(scope="module")
def people(hub):
    everybody = {name: Person(name) for name in [TEACHER, *STUDENTS]}
    print({name: f"{person.start():.1f} s" for name, person in everybody.items()})
    return everybody


@pytest.fixture(scope="module")
def chromium(hub):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


def page_of(chromium, name):
    """Log in through the hub's page, as a person does."""
    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{HUB}/hub/login?next=/hub/home")
    page.fill("#username_input", name)
    page.fill("#password_input", PASSWORD)
    page.click("#login_submit")
    page.wait_for_url("**/hub/home")
    return page


def shoot(page, name):
    page.screenshot(path=SHOTS / f"{name}.png")


@pytest.fixture(scope="module", autouse=True)
def shots():
    SHOTS.mkdir(parents=True, exist_ok=True)


# ---- the machine ---------------------------------------------------------------------------------


def test_the_hub_takes_passwords_and_complains_of_nothing(hub):
    assert Person("student1").login.status_code == 302
    assert Person("student1", "another").login.status_code == 403
    complaints = re.findall(r"^.*(?:No allow config|[Dd]eprecat|Traceback).*$", hub.read_text(), re.M)
    assert complaints == []


def test_the_exchange_looks_as_the_page_says(hub):
    expected = re.search(r"must print exactly\n\n```\n(.*?)```", SECTION, re.S).group(1)
    assert follow("stat --format").stdout == expected


@pytest.mark.parametrize("place", ["acts", "acts/outbound", f"acts/outbound/{SET}", "acts/inbound"])
def test_a_student_cannot_take_a_folder_of_the_exchange_away(hub, place):
    for commands in [f"mv {EXCHANGE}/{place} {EXCHANGE}/old", f"rm -rf {EXCHANGE}/{place}"]:
        done = run_as("student3", commands)
        assert done.returncode and re.search("Operation not permitted|Permission denied", done.stderr), done
    assert (EXCHANGE / place).is_dir()


@pytest.mark.parametrize("place", [str(COURSE), str(COURSE.parent), "/home/student1", "/srv/jupyterhub"])
def test_nor_look_into_the_folders_of_others(hub, place):
    done = run_as("student3", f"ls {place}")
    assert done.returncode and "Permission denied" in done.stderr


def test_all_see_the_course_and_nobody_can_change_it(hub):
    done = run_as("student3", "/opt/hub/bin/python -c 'import acts; print(acts.__file__)'")
    assert done.stdout.startswith("/opt/acts/"), done.stderr
    assert run_as("student3", "touch /opt/acts/acts/feedback.py || touch /opt/hub/bin/python").returncode


# ---- from release to feedback --------------------------------------------------------------------


def test_students_fetch_work_and_submit(people):
    handed_in = {
        "student1": solution(),
        "student2": filled("reaches_one"),
        "student3": hostile("import time\nwhile True:\n    time.sleep(1)"),
    }
    for name, notebook in handed_in.items():
        people[name].assignment("fetch")
        got = people[name].send("GET", f"/api/contents/{SET}/{SET}.ipynb").json()["content"]
        assert [grade_id(cell) for cell in got["cells"]] == [grade_id(cell) for cell in blank()["cells"]]
        people[name].write(notebook)
        people[name].assignment("submit")


def test_a_forged_submission_is_left_aside_and_the_honest_ones_are_collected(people):
    name = f"student1+{SET}+2099-01-01 10:00:00.000000 UTC+forged"
    forge = f"cp -r ~/{SET} '{EXCHANGE}/acts/inbound/{name}'"
    assert run_as("student3", forge).returncode == 0
    account, block = said("nbgrader collect")
    collect = block[: block.index("cd /opt/acts")]
    done = run_as(account, collect)
    assert done.returncode == 1 and f"{name} belongs to student3, not to student1" in done.stderr, done.stderr
    collected = json.loads((COURSE / "submitted" / "student1" / SET / f"{SET}.ipynb").read_text())
    assert collected["cells"] == solution()["cells"]
    assert {path.name for path in (COURSE / "submitted").iterdir()} == set(STUDENTS)
    assert run_as("student3", f"rm -r '{EXCHANGE}/acts/inbound/{name}'").returncode == 0


def test_a_student_cannot_read_the_others_submissions_or_their_names(people):
    assert run_as("student3", f"ls {EXCHANGE}/acts/inbound").returncode
    theirs = next((EXCHANGE / "acts" / "inbound").glob("student1+*"))
    done = run_as("student3", f"mv '{theirs}' '{EXCHANGE}/acts/inbound/gone'")  # even with the name, which is secret
    assert done.returncode and "Operation not permitted" in done.stderr


def test_the_grader_collects_and_grades(people):
    done = follow("nbgrader collect")
    points = dict(re.findall(r"^(student\d) +(\S+)/22", done.stdout, re.M))
    assert points == {"student1": "20", "student2": "1", "student3": "1"}, done.stdout


def test_the_formgrader_opens_for_the_teacher_and_takes_points_and_words(chromium):
    page = page_of(chromium, TEACHER)
    page.get_by_role("button", name="Services").click()
    shoot(page, "1-teacher-services")
    page.get_by_role("link", name="acts", exact=True).click()
    if page.get_by_text("Authorize access").count():
        shoot(page, "2-teacher-authorize")
        page.get_by_role("button", name="Authorize").click()
    page.wait_for_url("**/services/acts/formgrader**")
    assert not page.frames[1:], "no frame, so nothing that could be blank"
    page.wait_for_selector(f"text={SET}")
    shoot(page, "3-teacher-formgrader")
    page.goto(f"{HUB}/services/acts/formgrader/gradebook/{SET}/{SET}")
    page.wait_for_selector("text=Submission #")
    shoot(page, "4-teacher-gradebook")
    page.locator("tr", has_text="20 / 22").get_by_role("link", name="Submission #").click()
    page.wait_for_load_state("networkidle")  # the formgrader listens to its boxes once it knows the points
    shoot(page, "5-teacher-submission")
    grade = page.locator("input.score").last  # the written answer's: the set's last
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT") as saved:
        grade.fill("2")
        grade.blur()
    assert saved.value.ok
    with page.expect_response(lambda answer: "/api/comment/" in answer.url and answer.request.method == "PUT") as saved:
        comment = page.locator("textarea.comment").last
        comment.fill("Well reasoned.")
        comment.blur()
    assert saved.value.ok
    shoot(page, "6-teacher-graded")


def test_the_points_given_by_hand_count(people):
    done = run_as("grader-acts", f"cd /opt/acts && /opt/hub/bin/python -m classroom --course {COURSE} scores {SET}")
    assert re.search(r"^student1 +22/22 *$", done.stdout, re.M), done.stdout + done.stderr


@pytest.mark.parametrize("path", ["", "formgrader", "lab", f"api/contents/source/{SET}/{SET}.ipynb", "api/terminals"])
def test_a_student_is_kept_out_of_the_service(people, path):
    # With a token, as a program asks: the teacher's opens every door, so it is the student's that is refused.
    for name, expected in [(TEACHER, 200), ("student3", 403)]:
        token = {"Authorization": f"token {people[name].token()}"}
        answer = requests.get(f"{HUB}/services/acts/{path}", headers=token)
        assert answer.status_code == expected, f"{name}, {answer.url}: {answer.status_code}"


def test_a_student_sees_no_formgrader_anywhere(people, chromium):
    assert people["student3"].send("GET", "/formgrader").status_code == 404
    page = page_of(chromium, "student3")
    assert page.get_by_role("button", name="Services").count() == 0
    answer = page.goto(f"{HUB}/services/acts/")
    assert answer.status == 403
    shoot(page, "7-student-403")
    page.goto(f"{HUB}/user/student3/lab")
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.wait_for_selector(".lm-Menu-itemLabel >> text=Assignment List")
    shoot(page, "8-student-menu")
    items = page.locator(".lm-Menu-itemLabel").all_inner_texts()
    assert "Formgrader" not in items and "Course List" not in items, items
    page.locator(".lm-Menu-itemLabel >> text=Assignment List").click()
    page.wait_for_selector(f"#submitted_assignments_list >> text={SET}")
    shoot(page, "9-student-assignment-list")


def test_the_link_brings_the_lessons_of_the_version_that_is_installed(people, chromium):
    link = re.search(r"^https://hub\.example\.org(\S+git-pull\S+)$", SECTION, re.M).group(1)
    page = page_of(chromium, "student1")
    page.goto(HUB + link)
    page.wait_for_url("**/lab/tree/acts/notebooks/01_sigmoid.ipynb**")
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=PATIENCE)
    shoot(page, "10-student-lesson")
    ours = run_as("student1", "git -C acts rev-parse HEAD")
    installed = run_as("root", "git -C /opt/acts rev-parse HEAD")
    assert ours.stdout == installed.stdout != "", ours.stderr
    assert {path.stem for path in Path("/home/student1/acts/exercises").glob("*.ipynb")} == set(SETS)


def test_the_feedback_reaches_its_student_alone(people):
    follow("nbgrader generate_feedback")
    for name in ["student1", "student2"]:
        people[name].assignment("fetch_feedback")
    pages = {name: list(Path("/home", name, SET, "feedback").rglob("*.html")) for name in STUDENTS}
    assert [len(pages[name]) for name in STUDENTS] == [1, 1, 0]
    assert "Well reasoned." in pages["student1"][0].read_text(encoding="utf-8")
    assert "Well reasoned." not in pages["student2"][0].read_text(encoding="utf-8")
    assert run_as("student3", f"ls {EXCHANGE}/acts/feedback").returncode
