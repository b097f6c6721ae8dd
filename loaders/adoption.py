"""Who took up an innovation, and when: published series of use, and adoptions dated by a rule.

Each data set becomes a series that keeps the values as published, and `ADOPTED` relationships that
follow from it by the declared rules (`ontology/adoption_rules.csv`). Another threshold is applied
to the stored series by `ontology.adoptions.adoptions`, without reading a file again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import (
    adoption_consultations,
    adoption_doac,
    adoption_gp_systems,
    adoption_sites,
    adoption_trimethoprim,
    adoption_wards,
)
from .data_sets import DataSet, read_data_set
from .records import SourceEntry, Table

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

    Raises `LayoutError` or `FileFault` for a file that cannot be of the data set.
    """
    yield from read_data_set(entry, DATA_SETS[entry.kind])
