"""Make what was handed in safe to look at: nothing in it acts on the person who opens it.

The formgrader shows a graded notebook on the grader's own site, with the grader's rights, and nbconvert hands on HTML
as it stands. So what a student wrote, and what the student's code printed, is kept as words, formulas and pictures:
no HTML, no script, no address that is fetched by looking at it. It is done to the notebook itself, while grading, so
that it holds for every command, for the formgrader and for the feedback.
"""

import base64
import binascii
import mimetypes
import re
from urllib.parse import quote

import nbformat.v4
from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

# The pictures that a browser only draws, and how each begins.
PICTURES = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8", "image/webp": b"RIFF"}
SHOWN_OUTPUTS = ("text/plain", "text/latex", "image/png", "image/jpeg")
# What a browser would run if the formgrader served it.
ACTIVE = re.compile(r"html|xml|svg|script|pdf|flash|multipart|rfc822")

# What Markdown makes of words: these elements, with these attributes. `id` is that of a heading.
ELEMENTS = frozenset(
    "a blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr img input li ol p pre span strong table tbody td th "
    "thead tr ul".split()
)
ATTRIBUTES = frozenset("align alt checked class disabled href id src start style title type".split())
ADDRESS = re.compile(r"(https?://|mailto:|#)", re.ASCII)
STYLE = re.compile(r"text-align: ?(left|right|center);?")
PICTURE = re.compile(rf"data:({'|'.join(PICTURES)});base64,[A-Za-z0-9+/=]+")
# Macros of MathJax that make links, or reach for the page around the formula.
MACRO = re.compile(r"\\(?=(href|url|style|class|cssId|require|unicode|csname|includegraphics|data)\b)")
# Names on the formgrader's own page; a heading of the same name would be taken for them.
PAGE = frozenset(("notebook", "notebook-container", "statusmessage", "toc", "top"))


# ---- words ---------------------------------------------------------------------------------------


def harmless_markdown(source, attachments=None, names=()):
    """Return Markdown that shows the same words, formulas and pictures and does nothing else, and its attachments.

    `names` are the exercises on the page: no heading may be called as one of them is.

    Examples
    --------
    >>> harmless_markdown("The slope is $1/4$, as a<b <script>alert(1)</script>")[0]
    'The slope is $1/4$, as a< b < script>alert(1)< /script>'
    >>> harmless_markdown("[look](javascript:alert(1)) at *this*")[0]
    '[look] (javascript:alert(1)) at *this*'
    """
    source, pictures = _with_pictures(str(source), attachments or {})
    # A `<` opens an element only where a letter or one of these follows; formulas and comparisons mean the same.
    source = MACRO.sub(r"\\ ", re.sub(r"<(?=[A-Za-z/!?])", "< ", source))
    if not _is_harmless(source, pictures, names):
        source = re.sub(r"\](?=\((?!attachment:picture-)|:|\[)", "] ", source)
    if not _is_harmless(source, pictures, names):
        source, pictures = verbatim(source), {}
    return source, pictures


def verbatim(text):
    """Return Markdown that shows a text letter by letter."""
    fence = "`" * (max([len(run) for run in re.findall("`+", text)] + [2]) + 1)
    return f"{fence}\n{text}\n{fence}"


def _is_harmless(source, attachments, names):
    """Whether nbconvert makes nothing of this Markdown but what is known to do nothing."""
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    try:
        page = BeautifulSoup(MarkdownWithMath(renderer=renderer).render(source), "html.parser")
    except Exception:  # whatever a parser stumbles over, a reader shall not
        return False
    taken = PAGE | {name + end for name in names for end in ("", "-comment", "_extra_credit")}
    return all(_does_nothing(element, taken) for element in page.find_all(True))


def _does_nothing(element, taken):
    attributes = element.attrs
    return (
        element.name in ELEMENTS
        and ATTRIBUTES.issuperset(attributes)
        and ADDRESS.match(attributes.get("href", "#")) is not None
        and (element.name != "img" or PICTURE.fullmatch(attributes.get("src", "")) is not None)
        and (element.name != "input" or attributes.get("type") == "checkbox")
        and STYLE.fullmatch(attributes.get("style", "text-align: left")) is not None
        and attributes.get("id") not in taken
        and "mermaid" not in attributes.get("class", ())
    )


def _with_pictures(source, attachments):
    """Return the source with its pictures under plain names, and these pictures; the rest of the attachments goes."""
    source = re.sub(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?(attachment:[^\"'>]+)[\"']?[^>]*>", r"![](<\1>)", source)
    pictures, unseen = {}, []
    for number, (name, data) in enumerate(attachments.items() if isinstance(attachments, dict) else (), start=1):
        picture = _first_picture(data)
        if picture is None:
            unseen.append(f"*(An attachment that is not a picture was left out: {_plain(name)})*")
            continue
        new = f"picture-{number}.{next(iter(picture)).partition('/')[2]}"
        pictures[new], before = picture, source
        for spelling in {name, quote(name)}:
            for reference in (f"(attachment:{spelling})", f"(<attachment:{spelling}>)"):
                source = source.replace(reference, f"(attachment:{new})")
        if source == before:  # it would not be seen at all
            unseen.append(f"![](attachment:{new})")
    source = re.sub(r"\(<?attachment:(?!picture-\d+\.[a-z]+\))", "(no attachment: ", source)
    for new in set(re.findall(r"\(attachment:(picture-\d+\.[a-z]+)\)", source)) - pictures.keys():
        source = source.replace(f"(attachment:{new})", f"(no attachment: {new})")
    return "\n\n".join([source, *unseen]), pictures


def _plain(name):
    return re.sub(r"[^\w. -]", "?", str(name))[:60]


def _first_picture(data):
    """Return the first picture among an attachment's types, {type: base64}; None if there is none."""
    for kind, text in data.items() if isinstance(data, dict) else ():
        if kind in PICTURES and (clean := _base64(kind, text)):
            return {kind: clean}
    return None


def _base64(kind, text):
    """Return a picture's base64 without anything else in it; None if it is not a picture of this kind."""
    try:
        raw = base64.b64decode("".join(str(text).split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(raw).decode() if raw.startswith(PICTURES[kind]) else None


# ---- cells ---------------------------------------------------------------------------------------


def harmless_cell(cell, names=()):
    """Return a new cell with the student's words or code, and nothing else of what the file said of it."""
    source = cell.get("source", "")
    if cell.get("cell_type") == "code":
        return nbformat.v4.new_code_cell(str(source))
    if cell.get("cell_type") == "markdown":
        source, attachments = harmless_markdown(source, cell.get("attachments"), names)
        return nbformat.v4.new_markdown_cell(source, **({"attachments": attachments} if attachments else {}))
    return nbformat.v4.new_markdown_cell(verbatim(str(source)))  # a raw cell is HTML to nbconvert


# ---- outputs -------------------------------------------------------------------------------------


def make_outputs_harmless(cell):
    """Keep of what a cell's code showed only what a page shows without running or fetching anything."""
    if cell.cell_type == "code":
        cell.execution_count = cell.execution_count if type(cell.execution_count) is int else None
        cell.outputs = [harmless_output(output) for output in cell.outputs]


def harmless_output(output):
    """Return an output as text, formula or picture, without metadata."""
    kind = output.output_type
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return NotebookNode(output_type="stream", name=name, text=str(output.get("text", "")))
    if kind == "error":
        lines = [str(line) for line in output.get("traceback", ())]
        return NotebookNode(output_type="error", ename=str(output.ename), evalue=str(output.evalue), traceback=lines)
    data = {}
    for shown in SHOWN_OUTPUTS:
        text = output.get("data", {}).get(shown)
        if isinstance(text, str) and (text := _harmless_data(shown, text)) is not None:
            data[shown] = text
    count = {"execution_count": None} if kind == "execute_result" else {}
    return NotebookNode(output_type=kind, data=NotebookNode(data), metadata=NotebookNode(), **count)


def _harmless_data(kind, text):
    if kind in PICTURES:
        return _base64(kind, text)
    return MACRO.sub(r"\\ ", re.sub(r"<(?=[A-Za-z/!?])", "< ", text)) if kind == "text/latex" else text


# ---- files ---------------------------------------------------------------------------------------


def links_in(folder):
    """Return the links in a submission: to copy one is to hand out whatever file it names."""
    return [path for path in sorted(folder.rglob("*")) if path.is_symlink()]


def remove_active_files(folder):
    """Remove what a browser would run if it were opened beside the notebook; return what was removed."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_symlink() or _is_active(path)]
    for path in found:
        path.unlink()
    return found


def _is_active(path):
    kind = mimetypes.guess_type(path.name)[0] or ""
    return path.is_file() and ACTIVE.search(kind) is not None
