"""The paragraphs of plain text and of Markdown."""

from __future__ import annotations

import re

__all__ = ["markdown_blocks", "text_blocks"]

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>", re.IGNORECASE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)(.+?)(?<=\S)\1")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_UNDERLINE = re.compile(r"(?:=+|-+)$")
_RULE = re.compile(r"(?:[-*_]\s*){3,}$")
_ITEM = re.compile(r"(?:[-*+•]|\d{1,3}[.)])\s+(.*)$")
_TABLE_RULE = re.compile(r"[\s|:-]+$")
_CELL = re.compile(r"(?<!\\)\|")


def text_blocks(text: str) -> tuple[str, list[str]]:
    """No title, and the paragraphs: what blank lines divide, and each item of a list.

    >>> text_blocks("One\\nparagraph.\\n\\n- an item\\n- another")[1]
    ['One paragraph.', 'an item', 'another']
    """
    return "", _blocks(text, markdown=False)


def markdown_blocks(text: str) -> tuple[str, list[str]]:
    """The first heading as title, and the paragraphs, headings, items, and rows of tables; cells
    are joined by ` | `. Images and addresses of links are left out.

    >>> markdown_blocks("# Beds\\n\\n| a | b |\\n|---|---|\\n| c | **d** |")
    ('Beds', ['Beds', 'a | b', 'c | d'])
    """
    plain = _IMAGE.sub("", _COMMENT.sub("", text))
    first = next((m[1] for line in plain.splitlines() if (m := _HEADING.match(line))), "")
    return _plain(first), _blocks(plain, markdown=True)


def _blocks(text: str, *, markdown: bool) -> list[str]:
    blocks: list[str] = []
    open_lines: list[str] = []

    def close() -> None:
        blocks.append(" ".join(open_lines))
        open_lines.clear()

    for line in map(str.strip, text.splitlines()):
        alone = _alone(line) if markdown else None
        if alone is not None or not line or _RULE.match(line):
            close()
            blocks.append(alone or "")
        elif markdown and _UNDERLINE.match(line):
            close()
        elif item := _ITEM.match(line):
            close()
            open_lines.append(item[1])
        else:
            open_lines.append(line)
    close()
    return [plain for block in blocks if (plain := _plain(block) if markdown else block)]


def _alone(line: str) -> str | None:
    """A line of Markdown that is a passage of its own: a heading, or a row of a table."""
    if heading := _HEADING.match(line):
        return heading[1]
    if line.startswith("|"):
        cells = (cell.strip() for cell in _CELL.split(line))
        return "" if _TABLE_RULE.match(line) else " | ".join(cell for cell in cells if cell)
    return None


def _plain(text: str) -> str:
    """Markdown without its marks."""
    without = _TAG.sub("", _LINK.sub(r"\1", text))
    return _EMPHASIS.sub(r"\2", without).replace("\\|", "|").strip()
