"""Whose data a page shows, and under which licence: a page that is passed on must say it itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..ontology.dates import BoundedDate
from .tables import grouped
from .wording import counted

__all__ = ["licences"]

FEW = 3
"""Editions of one licence that are named one by one; of more, the publishers are."""

OGL = "OGL-UK-3.0"
# https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/ asks for this sentence.
ATTRIBUTION = "Contains public sector information licensed under the Open Government Licence v3.0."


def licences(editions: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A sentence for each licence: the editions of sources that stand under it, or their
    publishers where there are many.

    `editions` have `title`, `publisher`, `as_of` and `licence`, as in a snapshot's manifest.

    >>> facts = {"title": "Trusts", "publisher": "NHS England", "as_of": "2026-01"}
    >>> list(licences([{**facts, "licence": "MIT"}]))
    ['MIT: Trusts (NHS England, as of January 2026).']
    >>> list(licences([{"title": "Our own list"}]))
    ['Licence not stated: Our own list.']
    """
    known = [dict(edition) for edition in editions]
    by_licence = grouped((one.get("licence") or "", str(at)) for at, one in enumerate(known))
    for licence in sorted(by_licence, key=lambda name: (not name, name)):
        under = [known[int(at)] for at in by_licence[licence]]
        told = "; ".join(map(_edition, under)) if len(under) <= FEW else _many(under)
        yield f"{licence or 'Licence not stated'}: {told}."
    if any(OGL in licence for licence in by_licence):
        yield ATTRIBUTION


def _edition(facts: Mapping[str, Any]) -> str:
    stated = facts.get("as_of")
    day = f"as of {BoundedDate.parse(stated).plain()}" if stated else ""
    inside = ", ".join(part for part in (facts.get("publisher"), day) if part)
    return f"{facts['title']} ({inside})" if inside else str(facts["title"])


def _many(under: Sequence[Mapping[str, Any]]) -> str:
    publishers = sorted({one.get("publisher") or "not stated" for one in under})
    return f"{counted(len(under), 'edition')} by {'; '.join(publishers)}"
