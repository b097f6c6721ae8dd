"""A survey of partners: who works with whom, as each of them sees it.

Columns: Respondent, Partner (with an ODS code each, where known), Tie, Trust, Value, Frequency,
Date. They are read by the mapping `templates/partner-survey.toml`; a survey with other columns is
read as own data, by a copy of that mapping.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .mapping import read_mapping
from .own_data import read_mapped
from .records import SourceEntry, Table

__all__ = ["read"]

_MAPPING = Path(__file__).with_name("templates") / "partner-survey.toml"


def read(entry: SourceEntry) -> Iterator[Table]:
    """Who says what of whom? A tie for each answer, with its scores and the day on which it held.

    Two bodies that answer about one another are two ties. Raises `LayoutError` if a file lacks a
    column that a survey must have.
    """
    mapping = read_mapping(_MAPPING)
    ties = [
        part.model_copy(update={"file": path.name}) for path in entry.files for part in mapping.ties
    ]
    yield from read_mapped(
        mapping.model_copy(update={"ties": tuple(ties)}), entry.files, _MAPPING.name
    )
