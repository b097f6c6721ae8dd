"""Layouts of publishers' files, declared as data, and which of them a file has."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ..ontology.errors import LayoutError, nearest_names, shown

__all__ = ["Layout", "misfit", "recognised"]

_HEAD = 2**16
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout of one publisher, as data.

    `columns` gives each published name our name, or "" for a column that is known and not read.
    `optional` holds published names that may be absent, `aliases` other spellings that the
    publisher has used (case and blanks never matter). `preamble` is the number of lines before the
    header. A file without header has its columns in the order of `columns`. `proof` (our column,
    pattern, words for it) must hold of half the rows at least: it tells files without header apart.
    Where there may be `others`, columns that are not declared are passed over; a column without a
    name is in any layout. Where another edition may have `more` columns, they are emptied before
    anything else is done with the rows, and named in a note. Every column whose name begins as one
    of `families` is read under that name. Those that begin as one of `personal` hold names of
    persons: they are known, and emptied, too.
    """

    name: str
    columns: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    has_header: bool = True
    preamble: int = 0
    proof: tuple[str, str, str] | None = None
    others: bool = False
    more: bool = False
    families: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()

    def resolve(self, header: Sequence[str]) -> list[str | None]:
        """Which published column is each cell of a header? None for one that is not known.

        >>> Layout("cqc", {"Local authority": "area"}).resolve(["LOCAL  AUTHORITY", "Town"])
        ['Local authority', None]
        """
        known = {_folded(name): name for name in self.columns}
        known |= {_folded(alias): name for alias, name in self.aliases.items()}
        return [known.get(_folded(cell), self._as_written(cell)) for cell in header]

    def _as_written(self, cell: str) -> str | None:
        """The name of a column of a family, or of a personal one, with single blanks."""
        kin = self.is_personal(cell) or _begins(cell, self.families)
        return " ".join(cell.split()) if kin else None

    def is_personal(self, published: str) -> bool:
        """Does this column hold names of persons?

        >>> Layout("locations", {}, personal=("Registered manager",)).is_personal(
        ...     "Registered manager (note; one of several)"
        ... )
        True
        """
        return _begins(published, self.personal)

    def is_more(self, published: str) -> bool:
        """Is this column, of a header that fits, one that only this edition has?

        >>> Layout("cqc", {"Name": "name"}, more=True).is_more("Town")
        True
        """
        known = published in self.columns or _begins(published, self.families)
        return self.more and not known and not self.is_personal(published)

    def ours(self, published: str) -> str:
        """What do we call this column? Blank for one that is not read.

        >>> Layout("locations", {"Name": "name"}, families=("Service - ",)).ours("Service - Dental")
        'Service - Dental'
        """
        name = self.columns.get(published)
        return name if name is not None else published if _begins(published, self.families) else ""

    def fitted(self, header: Sequence[str]) -> list[str]:
        """The published names of a header's columns, if it is this layout's; else none.

        >>> Layout("cqc", {"Local authority": "area"}).fitted(["Local authority", "Town"])
        []
        """
        found = self.resolve(header)
        known = [name for name in found if name is not None]
        whole = not _missing(self, found) and len(set(known)) == len(known)
        strangers = [cell for cell, name in zip(header, found, strict=True) if name is None]
        if not whole or not (
            self.others or self.more or not any(cell.strip() for cell in strangers)
        ):
            return []
        return [cell if name is None else name for name, cell in zip(found, header, strict=True)]


def recognised(
    path: Path, content: bytes, layouts: Sequence[Layout]
) -> tuple[Layout, list[str], bytes]:
    """The layout, the published names of the file's columns in order, and the lines of data."""
    records = list(_records(content, 1 + max(layout.preamble for layout in layouts)))
    for layout in layouts:
        header, end = records[min(layout.preamble, len(records) - 1)]
        if not layout.has_header:
            if len(header) == len(layout.columns):
                return layout, list(layout.columns), content
            continue
        if names := layout.fitted(header):
            return layout, names, content[end:]
    raise misfit(path, records, layouts)


def _records(content: bytes, most: int) -> Iterator[tuple[list[str], int]]:
    """The first records of a file, each with the offset of what follows it."""
    head = content[:_HEAD].decode("utf-8", "ignore")
    reader = csv.reader(io.StringIO(head, newline=""))
    offset = lines = 0
    for record in reader:
        for _ in range(reader.line_num - lines):
            offset = content.find(b"\n", offset) + 1 or len(content)
        lines = reader.line_num
        yield record, offset
        most -= 1
        if not most:
            return


def _missing(layout: Layout, found: Sequence[str | None]) -> list[str]:
    return [name for name in layout.columns if name not in found and name not in layout.optional]


def misfit(
    path: Path, records: Sequence[tuple[list[str], int]], layouts: Sequence[Layout]
) -> LayoutError:
    """Why no layout fits, said of the one that comes nearest."""

    def header_of(layout: Layout) -> list[str]:
        return records[min(layout.preamble, len(records) - 1)][0]

    def known(layout: Layout) -> int:
        return len(set(layout.resolve(header_of(layout))) - {None}) if layout.has_header else 0

    layout = max(layouts, key=lambda each: (known(each), -len(each.columns)))
    header = header_of(layout)
    for separator, called in _SEPARATORS.items():
        if len(header) == 1 and header[0].count(separator) > 1:
            reason = f"its values are separated by {called}, not by commas"
            return LayoutError(path, layout.name, reason, "Save it as CSV with commas, UTF-8.")
    hint = "Check the kind of this source, and that the file is as published."
    if not layout.has_header:
        reason = f"it has {len(header)} columns, not {len(layout.columns)}"
    elif not layout.others and known(layout) * 2 < len(layout.columns) - len(layout.optional):
        reason = f"its first line is {shown(','.join(header))}"
        hint = f"Known here: {'; '.join(each.name for each in layouts)}."
    else:
        reason = _column_at_fault(layout, header)
    return LayoutError(path, layout.name, reason, hint)


def _column_at_fault(layout: Layout, header: Sequence[str]) -> str:
    found = layout.resolve(header)
    lenient = layout.others or layout.more
    if None in found and not lenient:
        unknown = header[found.index(None)]
        near = nearest_names(unknown, [name for name in layout.columns if name not in found])
        near = near or nearest_names(unknown, list(layout.columns))
        nearest = f"; the nearest known one is {shown(near[0])}" if near else ""
        return f"the column {shown(unknown)} is not known{nearest}"
    if absent := _missing(layout, found):
        others = [cell for cell, name in zip(header, found, strict=True) if name is None and cell]
        near = nearest_names(absent[0], others) if lenient else []
        nearest = f"; the nearest that it has is {shown(near[0])}" if near else ""
        return f"the column {shown(absent[0])} is missing{nearest}"
    named = zip(header, found, strict=True)
    twice = next(cell for cell, name in named if name is not None and found.count(name) > 1)
    return f"the column {shown(twice)} stands twice"


def _begins(name: str, beginnings: tuple[str, ...]) -> bool:
    if not beginnings:
        return False
    return _folded(name).startswith(tuple(beginning.casefold() for beginning in beginnings))


@lru_cache(maxsize=1024)  # every row of a workbook may be a header, and is held to the same names
def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
