"""The paragraphs of a PDF, page by page."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..ontology.errors import LayoutError

__all__ = ["paragraphs", "pdf_pages"]

_A_PDF = "a PDF that can be read"
_PAGE_NUMBER = re.compile(r"(?:page\s+)?\d{1,4}(?:\s+(?:of|/)\s+\d{1,4})?", re.IGNORECASE)
_ITEM = re.compile(r"(?:[•▪◦●‣–-]|\d{1,2}[.)])\s+(.*)")
_ENDS = (".", "!", "?", ":", ";")
_NEARLY_WHOLE = 0.85
"""A line that ends a sentence and is shorter than this share of the longest ends a paragraph."""


def pdf_pages(path: Path, content: bytes) -> tuple[str, Iterator[tuple[int | None, list[str]]]]:
    """The title that the file gives itself, and the paragraphs of each page.

    `LayoutError` if it is encrypted or damaged.
    """
    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it mends is no news to a user
    try:
        reader = PdfReader(io.BytesIO(content))
        title = str(reader.metadata.title or "").strip() if reader.metadata else ""
        texts = [page.extract_text() for page in reader.pages]
    except FileNotDecryptedError:
        hint = "Save it without a password."
        raise LayoutError(path, _A_PDF, "it is encrypted", hint) from None
    except Exception as error:  # of a damaged file any part of the library may fail in any way
        reason = f"it is damaged ({type(error).__name__})"
        raise LayoutError(path, _A_PDF, reason, "Fetch it again, or save it as text.") from None
    return title, ((n, list(paragraphs(text))) for n, text in enumerate(texts, start=1))


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a page, of which only the lines are known.

    A paragraph ends at a blank line, before an item of a list, and after a line that ends a
    sentence and is clearly shorter than the others. Words that a line break divides are joined.

    >>> list(paragraphs("Beds were short in the whole sys-\\ntem.\\nStaff were too few.\\n3"))
    ['Beds were short in the whole system.', 'Staff were too few.']
    """
    lines = [line.strip() for line in text.replace("\0", "").splitlines()]
    whole = max((len(line) for line in lines), default=0)
    for block in _divided(lines, whole * _NEARLY_WHOLE):
        yield _joined(block)


def _divided(lines: Iterable[str], whole: float) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        item = _ITEM.match(line)
        ended = block and block[-1].endswith(_ENDS) and len(block[-1]) < whole
        if block and (not line or item or ended):
            yield block
            block = []
        if line and not _PAGE_NUMBER.fullmatch(line):
            block.append(item[1] if item else line)
    if block:
        yield block


def _joined(lines: Iterable[str]) -> str:
    text = ""
    for line in lines:
        divided = text.endswith("-") and text[-2:-1].isalpha() and line[:1].islower()
        text = text[:-1] + line if divided else f"{text} {line}".strip()
    return text
