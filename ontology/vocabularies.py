"""The vocabularies: one small CSV file for each SKOS scheme, in `vocabularies/`.

A file's name is its scheme's name. Its columns are terms of SKOS
(https://www.w3.org/TR/skos-reference/): `notation` (the coded value that tables hold), `label`,
`alt_labels` (what publishers write, split by `;`), `definition`, `broader` (notations in the same
file, split by `;`) and `source`. What the schemes themselves are called stands in `schemes.csv`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from .errors import FileFault, UnknownName

__all__ = [
    "COLUMNS",
    "Scheme",
    "Term",
    "plain",
    "read",
    "scheme",
    "schemes",
]

COLUMNS = ("notation", "label", "alt_labels", "definition", "broader", "source")
"""The header of every vocabulary file."""

_FOLDER = Path(__file__).with_name("vocabularies")
_NAMES = Path(__file__).with_name("schemes.csv")
_NOTATION = re.compile("[a-z0-9]+(?:[-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Term:
    """One concept of a scheme. `broader` and `alt_labels` keep the order of the file."""

    notation: str
    label: str
    alt_labels: tuple[str, ...] = ()
    definition: str = ""
    broader: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Scheme:
    """A vocabulary: its terms by notation, in the order of its file.

    >>> ratings = scheme("rating")
    >>> ratings.notation_of("requires improvement"), ratings.notation_of("Splendid")
    ('requires-improvement', None)
    """

    name: str
    terms: Mapping[str, Term]
    title: str = ""
    definition: str = ""

    def __contains__(self, notation: object) -> bool:
        return notation in self.terms

    def __iter__(self) -> Iterator[str]:
        return iter(self.terms)

    def term(self, notation: str) -> Term:
        """The term of a notation; UnknownName, with the nearest, if there is none.

        >>> scheme("topic").term("cancer").label
        'Cancer care'
        """
        if notation not in self.terms:
            raise UnknownName(self.name, notation, self.terms)
        return self.terms[notation]

    def label(self, notation: str) -> str:
        """What is this value called? UnknownName, with the nearest, if it is none of the scheme's.

        >>> scheme("rating").label("requires-improvement")
        'Requires improvement'
        """
        return self.term(notation).label

    def notation_of(self, text: str) -> str | None:
        """Which value does a publisher's wording mean? None if the scheme does not know it.

        Labels, alternative labels and notations are compared, whatever their case and blanks.

        >>> scheme("organisation-type").notation_of("NHS  ACUTE TRUST")
        'acute-trust'
        """
        return self._by_wording.get(_folded(text))

    def ancestors(self, notation: str) -> tuple[str, ...]:
        """Which values are broader than this one, at any distance? Nearest first; itself excluded.

        >>> scheme("organisation-type").ancestors("acute-trust")
        ('nhs-trust', 'nhs-organisation', 'health-or-care-provider')
        """
        return self._reached(notation, lambda n: self.terms[n].broader)

    def narrower(self, notation: str) -> tuple[str, ...]:
        """Which values are narrower than this one, at any distance? Nearest first; itself excluded.

        A filter on a value asks for it and all of these.

        >>> scheme("sector").narrower("urgent-care")
        ('nhs-111', 'urgent-treatment-centre')
        """
        return self._reached(notation, lambda n: self._children.get(n, ()))

    def _reached(self, start: str, step: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        edge = [self.term(start).notation]
        while edge:
            edge = [n for at in edge for n in step(at) if n not in found]
            found.update(dict.fromkeys(edge))
        return tuple(found)

    @cached_property
    def _by_wording(self) -> dict[str, str]:
        return {w: term.notation for term in self.terms.values() for w in _wordings(term)}

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        children: dict[str, tuple[str, ...]] = {}
        for term in self.terms.values():
            for broader in term.broader:
                children[broader] = (*children.get(broader, ()), term.notation)
        return children


@cache
def schemes() -> tuple[str, ...]:
    """The names of all schemes, sorted.

    >>> "organisation-type" in schemes()
    True
    """
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.csv")))


@cache
def scheme(name: str) -> Scheme:
    """The scheme of this name, read once; UnknownName, with the nearest, if there is none.

    >>> scheme("topic").title
    'Topic of a review'
    """
    if name not in schemes():
        raise UnknownName("vocabulary", name, schemes())
    return read(_FOLDER / f"{name}.csv")


def plain(name: str, notation: str | None) -> str:
    """What a coded value is called, for showing: never an error, blank for a missing value.

    A value that its scheme does not know is shown in plain letters.

    >>> plain("voice", "voluntary_sector"), plain("voice", "trade_bulletin"), plain("voice", None)
    ('Voluntary sector', 'Trade bulletin', '')
    """
    if not notation:
        return ""
    if notation in scheme(name):
        return scheme(name).label(notation)
    words = re.sub("[-_]+", " ", notation).strip()
    return words[:1].upper() + words[1:]


def read(path: Path) -> Scheme:
    """The scheme of one file, checked whole; FileFault names the row and column that is wrong.

    Refused: another header, a notation that is no slug or stands twice, a missing label, one
    wording for two notations, a broader notation that the file does not have, a circle of them.
    """
    terms: dict[str, Term] = {}
    rows: dict[str, int] = {}
    words: dict[str, str] = {}
    for row, term in _rows(path):
        _refuse_bad_term(path, row, term)
        if term.notation in terms:
            raise FileFault(path, row, "notation", term.notation, "stands twice")
        for wording in _wordings(term):
            if words.setdefault(wording, term.notation) != term.notation:
                reason = f"means {words[wording]} already"
                raise FileFault(path, row, "alt_labels", wording, reason)
        terms[term.notation], rows[term.notation] = term, row
    _refuse_bad_broader(path, terms, rows)
    title, definition = _naming(path.stem)
    return Scheme(path.stem, terms, title, definition)


def _rows(path: Path) -> Iterator[tuple[int, Term]]:
    """Each term with the number of its line, as an editor counts it."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        if tuple(next(reader, ())) != COLUMNS:
            raise FileFault(path, 1, reason=f"the header is not {','.join(COLUMNS)}")
        for cells in reader:
            if len(cells) != len(COLUMNS):
                reason = f"it has {len(cells)} cells, not {len(COLUMNS)}"
                raise FileFault(path, reader.line_num, reason=reason)
            notation, label, alternatives, definition, broader, source = map(str.strip, cells)
            term = Term(notation, label, _parts(alternatives), definition, _parts(broader), source)
            yield reader.line_num, term


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _wordings(term: Term) -> tuple[str, ...]:
    return tuple(_folded(wording) for wording in (term.notation, term.label, *term.alt_labels))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _refuse_bad_term(path: Path, row: int, term: Term) -> None:
    if not _NOTATION.fullmatch(term.notation):
        hint = "Write it in small letters and digits, joined by - or _."
        raise FileFault(path, row, "notation", term.notation, "is no notation", hint)
    if not term.label:
        raise FileFault(path, row, "label", reason="it is missing")


def _refuse_bad_broader(path: Path, terms: Mapping[str, Term], rows: Mapping[str, int]) -> None:
    for notation, term in terms.items():
        for broader in term.broader:
            if broader not in terms:
                reason = "is no notation of this file"
                raise FileFault(path, rows[notation], "broader", broader, reason)
    try:
        TopologicalSorter({n: term.broader for n, term in terms.items()}).prepare()
    except CycleError as circle:
        at = min(rows[notation] for notation in circle.args[1])
        around = " -> ".join(circle.args[1])
        raise FileFault(path, at, "broader", around, "is a circle") from None


@cache
def _names() -> dict[str, tuple[str, str]]:
    with _NAMES.open(encoding="utf-8", newline="") as file:
        return {row["scheme"]: (row["label"], row["definition"]) for row in csv.DictReader(file)}


def _naming(name: str) -> tuple[str, str]:
    """Title and definition of a scheme; what `schemes.csv` does not name is called by its file."""
    words = name.replace("-", " ")
    return _names().get(name, (words[:1].upper() + words[1:], ""))
