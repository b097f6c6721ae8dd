"""Reads a report, text, Markdown, HTML or PDF, as numbered passages, and says whether a quote
stands in it.

A passage is a paragraph, a heading, an item of a list or a row of a table. Numbers count from 1
through the whole document; the page is known of a PDF, and of a text with form feeds.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..ontology.errors import FileFault, LayoutError
from ..ontology.identifiers import slug
from .decoding import as_utf8
from .documents_html import html_blocks
from .documents_pdf import pdf_pages
from .documents_text import markdown_blocks, text_blocks

__all__ = ["LARGEST_DOCUMENT", "LONGEST_PASSAGE", "Document", "Passage", "folded", "read_document"]

LARGEST_DOCUMENT = 2**27
"""Bytes of a document at most."""

LONGEST_PASSAGE = 1200
"""Characters of a passage at most; a longer paragraph is split at the ends of sentences."""

Blocks = Callable[[str], tuple[str, list[str]]]

_WORD = re.compile(r"\w")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'“‘(])")
_LEFT_OUT = re.compile(r"\s*(?:\[\s*(?:\.\.\.|…)\s*\]|\.\.\.|…)\s*")
_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛′`", "'") | dict.fromkeys("“”„‟″«»", '"'))
_BETWEEN = re.compile(r"[\s\u00ad\u200b-\u200d\ufeff*\-‐-―−]+")
_MARKS = {
    b"PK": "a workbook, a Word file or an archive",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel file",
    b"{\\rtf": "a rich text file",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that can be quoted. `page` is None where the document has no pages."""

    number: int
    page: int | None
    text: str

    @property
    def locator(self) -> str:
        """Where it stands, in words.

        >>> Passage(12, 3, "Beds were short.").locator
        'page 3, passage 12'
        """
        page = f"page {self.page}, " if self.page is not None else ""
        return f"{page}passage {self.number}"


@dataclass(frozen=True)
class Document:
    """A report as it was read: its file, its title, the checksum of its bytes, its passages."""

    path: Path
    title: str
    sha256: str
    passages: tuple[Passage, ...]

    @property
    def key(self) -> str:
        """What names it in identifiers: its file and the beginning of its checksum."""
        return f"{slug(self.path.stem)[:40].strip('-')}-{self.sha256[:8]}"

    @cached_property
    def _folded(self) -> str:
        return "".join(folded(passage.text) for passage in self.passages)

    def holds(self, quote: str) -> bool:
        """Whether the quote stands in it, word for word.

        White space, line breaks, hyphens and the form of quotation marks do not matter. Where the
        quote leaves something out (`...`), its parts must stand in their order.
        """
        at = 0
        for part in filter(None, map(folded, _LEFT_OUT.split(quote))):
            found = self._folded.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return at > 0


def folded(text: str) -> str:
    """A text as quotes are compared: without white space and hyphens, with plain quotation marks.

    >>> folded("“joined-up”  care") == folded('"joined up" care')
    True
    """
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return _BETWEEN.sub("", plain)


def read_document(path: Path) -> Document:
    """A report as numbered passages.

    `FileFault` if it is missing, empty, too large or has no text; `LayoutError` if it is of another
    kind, encrypted or damaged.
    """
    content = _content(path)
    if content.startswith(b"%PDF"):
        title, pages = pdf_pages(path, content)
    else:
        title, pages = _pages(_text(path, content), _kind(path, content))
    numbered = enumerate(_passages(pages), start=1)
    passages = tuple(Passage(number, page, text) for number, (page, text) in numbered)
    if not passages:
        hint = "Recognise its text first (OCR)." if content.startswith(b"%PDF") else ""
        raise FileFault(path, reason="the document has no text", hint=hint)
    checksum = hashlib.sha256(content).hexdigest()
    return Document(path, title or path.stem, checksum, passages)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_DOCUMENT:
            most = f"At most {LARGEST_DOCUMENT // 2**20} MiB are read."
            raise FileFault(path, reason="the document is too large", hint=most)
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileFault(path, reason="there is no such file") from None
    except OSError as error:
        raise FileFault(path, reason=f"it cannot be read: {error.strerror}") from None
    for mark, what in _MARKS.items():
        if content.startswith(mark):
            hint = "Save it as PDF, HTML or text."
            raise LayoutError(path, "a report that can be read", f"it is {what}", hint)
    return content


def _text(path: Path, content: bytes) -> str:
    for mark in (b"\xff\xfe", b"\xfe\xff"):
        if content.startswith(mark):
            text = content.decode("utf-16", "replace")
            return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    plain, _ = as_utf8(path, content)
    return plain.decode("utf-8").replace("\0", "")


def _kind(path: Path, content: bytes) -> Blocks:
    """How its passages are told apart, by its first bytes or else the ending of its name."""
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or path.suffix.lower() in (".html", ".htm"):
        return html_blocks
    return markdown_blocks if path.suffix.lower() in (".md", ".markdown") else text_blocks


def _pages(text: str, blocks: Blocks) -> tuple[str, Iterator[tuple[int | None, list[str]]]]:
    """The title, and the paragraphs of each page; a form feed begins a new page."""
    parts = [blocks(page) for page in text.split("\f")]
    paged = len(parts) > 1
    title = next((title for title, _ in parts if title), "")
    pages = ((n if paged else None, found) for n, (_, found) in enumerate(parts, start=1))
    return title, pages


def _passages(
    pages: Iterable[tuple[int | None, list[str]]],
) -> Iterator[tuple[int | None, str]]:
    """Each passage with its page: what has a word in it, in pieces that are not too long."""
    for page, blocks in pages:
        for block in blocks:
            plain = " ".join(block.split())
            if _WORD.search(plain):
                yield from ((page, piece) for piece in _pieces(plain))


def _pieces(text: str) -> Iterator[str]:
    """The text, split at ends of sentences (or, without any, between words) where it is long."""
    piece = ""
    for sentence in _SENTENCE_END.split(text):
        if piece and len(piece) + 1 + len(sentence) > LONGEST_PASSAGE:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip()
        while len(piece) > LONGEST_PASSAGE:
            cut = piece.rfind(" ", 1, LONGEST_PASSAGE)
            cut = cut if cut > 0 else LONGEST_PASSAGE
            yield piece[:cut]
            piece = piece[cut:].strip()
    if piece:
        yield piece
