"""A page of PDF with its objects in one order: whoever drew it may write them in any."""

from __future__ import annotations

from io import BytesIO
from typing import Any

__all__ = ["in_order"]


def in_order(drawn: bytes) -> bytes:
    """The same pages, the same bytes however the objects and names of `drawn` were ordered."""
    from pypdf import PdfReader, PdfWriter

    writer, ordered = PdfWriter(), BytesIO()
    for page in PdfReader(BytesIO(drawn)).pages:
        _sort(page, set())
        writer.add_page(page)  # objects are copied, and numbered, as they are met
    writer.write(ordered)
    return ordered.getvalue()


def _sort(thing: Any, seen: set[int]) -> None:
    """Put the names of every dictionary that a thing leads to in order."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

    if isinstance(thing, IndirectObject):
        if thing.idnum in seen:
            return
        seen.add(thing.idnum)
        thing = thing.get_object()
    if isinstance(thing, DictionaryObject):
        items = sorted(thing.items())
        thing.clear()
        thing.update(items)
        for name, value in items:
            if name != "/Parent":
                _sort(value, seen)
    elif isinstance(thing, ArrayObject):
        for value in thing:
            _sort(value, seen)
