"""Who took up an innovation, and when: published series of use, and adoptions dated by a rule.

Each data set becomes a series that keeps the values as published, and `ADOPTED` relationships that
follow from it by the declared rules (`ontology/adoption_rules.csv`). Another threshold is applied
to the stored series by `ontology.adoptions.adoptions`, without reading a file again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from . import (
    adoption_consultations,
    adoption_doac,
    adoption_gp_systems,
    adoption_sites,
    adoption_trimethoprim,
    adoption_wards,
)
from .adoption_tables import DataSet, checked
from .delimited import read_delimited
from .records import SourceEntry, Table
from .uniting import united

__all__ = ["DATA_SETS", "read"]

DATA_SETS: Mapping[str, DataSet] = {
    "online-consultation": adoption_consultations.ONLINE_CONSULTATION,
    "virtual-wards": adoption_wards.VIRTUAL_WARDS,
    "doac": adoption_doac.DOAC,
    "trimethoprim": adoption_trimethoprim.TRIMETHOPRIM,
    "gp-systems": adoption_gp_systems.GP_SYSTEMS,
    "diagnostic-centres": adoption_sites.DIAGNOSTIC_CENTRES,
    "surgical-hubs": adoption_sites.SURGICAL_HUBS,
}
"""The data set that each kind of source names."""


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as series, things, adoptions and memberships, and their accounts.

    Files of the same layout are parts of one table; of two rows for the same thing and month the
    one in the earlier file counts. Raises `LayoutError` or `FileFault` for a file that cannot be
    of the data set.
    """
    data_set = DATA_SETS[entry.kind]
    forms = {layout.name: form for layout, form in data_set.forms}
    parts: dict[str, list[pl.DataFrame]] = {}
    for path in entry.files:
        sheet = read_delimited(path, [layout for layout, _ in data_set.forms])
        name = sheet.layout.name
        sheet = checked(sheet, forms[name])
        parts.setdefault(name, []).append(sheet.rows)
        yield sheet.account()
    tables = {
        name: pl.concat(rows).unique(forms[name].key, keep="first", maintain_order=True)
        if len(rows) > 1
        else rows[0]
        for name, rows in parts.items()
    }
    yield from united(data_set.tables(tables, entry.as_of))
