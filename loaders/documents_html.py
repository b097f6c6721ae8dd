"""The paragraphs of a page in HTML."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["html_blocks"]

_HIDDEN = {"script", "style", "noscript", "template", "svg", "nav", "button", "select", "iframe"}
_INLINE = {
    *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
    *("ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup"),
    *("time", "u", "var", "wbr"),
}
_CELLS = {"td", "th"}


class _Blocks(HTMLParser):
    """Gathers the text between tags that are not inline; what is not shown is passed over."""

    def __init__(self, hidden: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self.title = ""
        self._hidden = hidden
        self._inside: list[str] = []
        self._open = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag opens: a new paragraph begins unless it is one within the line."""
        if tag in self._hidden:
            self._inside.append(tag)
        elif tag == "title":
            self._in_title = True
        elif tag in _CELLS:
            self._open += " | " if self._open.strip() else ""
        elif tag not in _INLINE:
            self.close_block()

    def handle_endtag(self, tag: str) -> None:
        """A tag closes: so does the paragraph, unless it was one within the line."""
        if tag in self._inside:
            del self._inside[self._inside.index(tag) :]
        elif tag == "title":
            self._in_title = False
        elif tag not in _INLINE and tag not in _CELLS:
            self.close_block()

    def handle_data(self, data: str) -> None:
        """Text: kept if it is shown."""
        if self._in_title:
            self.title += data
        elif not self._inside:
            self._open += data

    def close_block(self) -> None:
        """End the paragraph that is open."""
        if self._open.strip(" |\n\t\r"):
            self.blocks.append(self._open)
        self._open = ""


def html_blocks(text: str) -> tuple[str, list[str]]:
    """The title and the paragraphs, headings, items, and rows of tables; cells are joined by
    ` | `. Scripts, styles and menus are left out.

    >>> html_blocks("<title>Beds</title><p>Beds <b>were</b> short.<script>x()</script><p>So?")
    ('Beds', ['Beds were short.', 'So?'])
    """
    parser = _parsed(text, _HIDDEN)
    # A menu that is never closed would swallow the page.
    found = parser if parser.blocks else _parsed(text, {"script", "style", "template"})
    return " ".join(found.title.split()), found.blocks


def _parsed(text: str, hidden: set[str]) -> _Blocks:
    parser = _Blocks(hidden)
    parser.feed(text)
    parser.close()
    parser.close_block()
    return parser
