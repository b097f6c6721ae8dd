"""One self-contained HTML page around a drawing: our template, our script, no request to anywhere.

Text from data reaches the page in two ways only: through the template, which escapes it, and as
JSON in a data block, which our script shows with `textContent`. A strict Content-Security-Policy
names the exact inline scripts and style by their SHA-256 and allows nothing else, so that markup
which should ever slip in cannot run, load or send anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..graph.files import write_whole
from ..ontology.errors import UsageError
from .palette import css_variables

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = [
    "LegendEntry",
    "LegendShape",
    "Note",
    "Page",
    "filled",
    "led_back",
    "own_text",
    "policy",
    "render",
    "safe_json",
    "well_formed",
    "write_page",
]

TEMPLATES = Path(__file__).with_name("templates")

SHELL_PARTS = (
    "shell_dom.js",
    "shell_state.js",
    "draw_curves.js",
    "draw_words.js",
    "draw_picture.js",
    "draw_pyvis.js",
    "shell_filters.js",
    "shell_time.js",
    "shell_search.js",
    "shell_panel.js",
    "shell_cards.js",
    "shell_table.js",
    "shell_tables.js",
    "shell_path.js",
    "shell_view.js",
    "shell_export.js",
    "shell_map.js",
    "shell.js",
)
"""Our script, in the order of its parts: they are one scope, joined when the page is written."""


@dataclass(frozen=True)
class LegendShape:
    """One shape in the middle of a legend's swatch: `look` is a class of `shell.css`, `size` its
    radius in pixels."""

    form: str
    look: str
    size: float = 6.0


@dataclass(frozen=True)
class LegendEntry:
    """What a mark means."""

    words: str
    shapes: tuple[LegendShape, ...]


@dataclass(frozen=True)
class Note:
    """A heading and its sentences in the panel, before anything is chosen."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """Everything of a page but its looks. `payload` is plain data for the script (see `payload`).

    `packed` are data blocks by their id, gzipped and in base64, for what would be long as JSON;
    `parts` are the files of the script."""

    title: str
    heading: str
    sentence: str
    search_label: str
    stage_label: str
    legend: Sequence[LegendEntry]
    notes: Sequence[Note]
    payload: Mapping[str, Any]
    empty: str = ""
    library: str = field(default="", repr=False)
    parts: Sequence[str] = SHELL_PARTS
    packed: Mapping[str, str] = field(default_factory=dict, repr=False)
    time_label: str = "When it was observed"


def render(page: Page) -> str:
    """The whole HTML text of a page: the same bytes for the same page, and nothing fetched to show
    it.

    >>> page = Page("A <map>", "Heading", "Sentence", "Find", "Map", [], [], {"name": "</script>"})
    >>> html = render(page)
    >>> "<title>A &lt;map&gt;</title>" in html, html.count("</script>")
    (True, 3)
    """
    styles, script = css_variables() + own_text("shell.css"), _shell_script(page.parts)
    return filled(
        "shell.html",
        page=page,
        policy=policy(scripts=[page.library, script], styles=[styles]),
        styles=styles,
        script=script,
        library=page.library,
        data=safe_json(page.payload),
    )


def filled(template: str, **values: Any) -> str:
    """One of our templates with its values: every text is escaped, but for what the template marks
    `safe`, which is ours or was made safe before."""
    return well_formed(_templates().get_template(template).render(values))


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def own_text(name: str) -> str:
    """A style sheet or script of ours as it stands in a page."""
    # universal newlines: a checkout with CR LF must hash and read like any other
    return (TEMPLATES / name).read_text(encoding="utf-8")


def led_back(html: str, links: Sequence[tuple[str, str]]) -> str:
    """A map or chart as a page of a site: its header begins with the way to other pages, each a
    file and what it is called.

    >>> led_back("<header><h1>A map</h1>", [("../index.html", "All maps")])[-56:]
    '<a href="../index.html">All maps</a></nav><h1>A map</h1>'
    """
    ways = "".join(f'<a href="{escape(file)}">{escape(name)}</a>' for file, name in links)
    nav = f'<nav class="home" aria-label="Other pages">{ways}</nav>'
    return html.replace("<header>", f"<header>{nav}", 1)


def _shell_script(names: Sequence[str]) -> str:
    # async: a part may wait for packed data; where none waits, all runs at once as ever
    parts = "\n".join(own_text(name) for name in names)
    return f'(async () => {{\n"use strict";\n{parts}}})();\n'


def policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """A Content-Security-Policy that allows exactly these inline texts and nothing else.

    >>> policy([], ["p { margin: 0 }"]).split("; ")[:2]
    ["default-src 'none'", "script-src 'none'"]
    """

    def hashes(texts: Sequence[str]) -> str:
        digests = (hashlib.sha256(text.encode("utf-8")).digest() for text in texts)
        found = [f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests]
        return " ".join(found) or "'none'"

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(styles)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def safe_json(value: Any) -> str:
    """JSON that can stand in a script element: nothing in it can end the element or a line of
    script.

    >>> safe_json("</script>")
    '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def well_formed(text: str) -> str:
    """Lone surrogates, which no encoding can carry, become the replacement character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def write_page(html: str, path: str | Path) -> Path:
    """Write a page whole or not at all: a reader of the path never meets half a file.

    `UsageError` if the file cannot be written; what stood there before is then untouched.
    """
    target = Path(path)
    try:
        write_whole(target, html)
    except OSError as error:
        raise UsageError(
            f"The page cannot be written to {target}: {error.strerror or error}.",
            "Name a file in a folder that you may write to.",
        ) from error
    return target
