"""The evidence: what reviews and later reports found, as facts in our own words.

A folder of fifteen CSV files, described in `evidence_files.FILES`; the bundled one is `sample/`.
Findings stand on the pages that carry them and are filed under the review, or the collection that
is no review, that they belong to. Four of the files are our own coding and may be absent: then
what they say stays blank.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from ..ontology.dates import BoundedDate
from ..ontology.identifiers import slug
from .evidence_coding import derive_uptake, read_coding
from .evidence_concepts import read_clusters, read_stages, read_themes
from .evidence_files import open_sheets
from .evidence_findings import read_evaluation, read_findings
from .evidence_organisations import read_aliases, read_organisations, read_ties
from .evidence_places import read_review_areas, read_successions, read_systems
from .evidence_reading import Reading
from .evidence_sources import compare_uses, read_publishers, read_reviews, read_sources
from .records import Judgements, SourceEntry, Table

__all__ = ["read"]


def read(entry: SourceEntry) -> Iterator[Table]:
    """What does this folder of evidence say, and what became of each of its rows?

    Yields a table for each kind of node and relationship, then the account of each file. A row
    that refers to something unknown (a page, a review, a system, an organisation), or has a date
    or value that cannot be, is rejected and everything else is read. Raises LayoutError if a file
    is missing or has other columns.

    >>> from .sources import sample_sources
    >>> tables = {type(table).__name__ for table in read(sample_sources()[0])}
    >>> sorted(tables)
    ['FileAccount', 'Judgements', 'Nodes', 'Relationships']
    """
    reading = Reading(open_sheets(entry), _as_of(entry), slug(entry.data_set))
    read_sources(reading)
    read_publishers(reading)
    read_reviews(reading)
    read_systems(reading)
    read_successions(reading)
    read_organisations(reading)
    read_aliases(reading)
    read_review_areas(reading)
    read_themes(reading)
    read_stages(reading)
    findings = read_findings(reading, read_clusters(reading))
    compare_uses(reading)
    read_coding(reading, findings)
    derive_uptake(reading, findings)
    read_evaluation(reading)
    read_ties(reading)
    yield from reading.found.tables()
    yield Judgements(_judgements(reading))
    yield from (sheet.account() for sheet in reading.sheets.values())


def _judgements(reading: Reading) -> pl.DataFrame:
    """Each published name with the body that it is judged to be, sorted."""
    rows = [(a.body, name, "same", a.why) for name, a in sorted(reading.aliases.items())]
    columns = dict.fromkeys(("one", "other", "judgement", "why"), pl.String)
    return pl.DataFrame(rows, schema=columns, orient="row")


def _as_of(entry: SourceEntry) -> date | None:
    """The first day that the edition's as-of text can mean."""
    return BoundedDate.parse(entry.as_of).start_earliest
