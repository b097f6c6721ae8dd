"""Which loader reads which kind of source. A new publisher is one module and one row here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from ..ontology.errors import UnknownName
from .records import SourceEntry, Table

__all__ = ["LOADERS", "Loader", "loader"]

Read = Callable[[SourceEntry], Iterator[Table]]


@dataclass(frozen=True, slots=True)
class Loader:
    """One row of the registry: the kind named in `SOURCES.toml`, the module that has `read`, who
    publishes.

    Raise `version` when the same files should give other rows: a build then reads them again.
    """

    kind: str
    module: str
    version: int
    publisher: str
    what: str
    page: str
    official: bool = True
    """Whether its values go before those of other sources where they differ."""
    names_files: bool = False
    """Whether one of its files names others: then its module has `files_of`, and those need not be
    listed."""

    quotes: bool = False
    """Whether its statements quote a document that is one of its files."""

    @property
    def read(self) -> Read:
        """The loader's one function; its module is imported here and not before."""
        function: Read = import_module(self.module, __package__).read
        return function

    def files(self, listed: tuple[Path, ...]) -> tuple[Path, ...]:
        """The files that are read, if these are listed."""
        if not self.names_files:
            return listed
        found: tuple[Path, ...] = import_module(self.module, __package__).files_of(listed)
        return found


LOADERS: dict[str, Loader] = {
    row.kind: row
    for row in (
        Loader(
            "evidence",
            ".evidence",
            2,
            "icsgraph contributors",
            "the provider collaboration reviews and later reports as facts (a folder)",
            "",
            official=False,
        ),
        Loader(
            "cqc-ratings",
            ".cqc_ratings",
            2,
            "Care Quality Commission",
            "CQC latest ratings: locations, providers, brands, ratings (28 columns, 2021 or 2026)",
            "https://www.cqc.org.uk/about-us/transparency/using-cqc-data",
        ),
        Loader(
            "ods-trusts",
            ".ods",
            1,
            "NHS England",
            "ODS NHS trusts (etr): 27 columns, no header",
            "https://digital.nhs.uk/services/organisation-data-service",
        ),
        Loader(
            "ods-commissioners",
            ".ods",
            1,
            "NHS England",
            "ODS commissioners (eccg): clinical commissioning groups, sub-ICB locations, hubs",
            "https://digital.nhs.uk/services/organisation-data-service",
        ),
        Loader(
            "ods-care-trusts",
            ".ods",
            1,
            "NHS England",
            "ODS care trusts (ect): 27 columns, no header",
            "https://digital.nhs.uk/services/organisation-data-service",
        ),
        Loader(
            "ods-practices",
            ".ods_practices",
            1,
            "NHS England",
            "ODS GP practices and other prescribing cost centres (epraccur): 27 columns",
            "https://digital.nhs.uk/services/organisation-data-service",
        ),
        Loader(
            "ods-networks",
            ".ods_networks",
            1,
            "NHS England",
            "ODS primary care networks and their members (ePCN): a workbook",
            "https://digital.nhs.uk/services/organisation-data-service",
        ),
        Loader(
            "ods-network-mapping",
            ".ods_network_mapping",
            1,
            "NHS England",
            "practices to primary care networks, commissioners and systems, as of a day",
            "https://digital.nhs.uk/data-and-information/publications/statistical/patients-registered-at-a-gp-practice",
        ),
        Loader(
            "ods-successions",
            ".ods_successions",
            1,
            "NHS England",
            "ODS successions: former code, code that followed, legal date",
            "https://digital.nhs.uk/services/organisation-data-service",
        ),
        Loader(
            "ods-trust-points",
            ".ods_points",
            1,
            "humaniverse contributors",
            "points of the headquarters of NHS trusts in 2022 (geographr)",
            "https://github.com/humaniverse/geographr",
            official=False,
        ),
        Loader(
            "ods-changes",
            ".ods_changes",
            1,
            "NHS England",
            "ODS change summary of the board mergers of April 2026: a workbook of many tables",
            "https://digital.nhs.uk/services/organisation-data-service",
        ),
        Loader(
            "ods-ord",
            ".ods_ord",
            1,
            "NHS England",
            "ODS records of the ORD API (JSON): relationships and successions with dates",
            "https://digital.nhs.uk/developer/api-catalogue/organisation-data-service-ord",
        ),
        Loader(
            "ods-fhir",
            ".ods_fhir",
            1,
            "NHS England",
            "ODS records as FHIR R4 resources (JSON): organisations and affiliations",
            "https://digital.nhs.uk/developer/api-catalogue/organisation-data-terminology",
        ),
        Loader(
            "geography",
            ".geography",
            3,
            "Office for National Statistics",
            "look-up tables between areas: sub-ICB, ICB, region, CCG, local authority",
            "https://geoportal.statistics.gov.uk/",
        ),
        Loader(
            "memberships",
            ".memberships",
            1,
            "several publishers",
            "members of networks: cancer, stroke, paediatric networks, trust groups, ICB clusters",
            "",
            official=False,
        ),
        Loader(
            "online-consultation",
            ".adoption",
            1,
            "NHS England",
            "online consultation in general practice, by practice and month",
            "https://digital.nhs.uk/data-and-information/publications/statistical/submissions-via-online-consultation-systems-in-general-practice",
        ),
        Loader(
            "virtual-wards",
            ".adoption",
            1,
            "NHS England",
            "virtual ward beds and patients, by integrated care board and month",
            "https://www.england.nhs.uk/statistics/statistical-work-areas/virtual-ward/",
        ),
        Loader(
            "doac",
            ".adoption",
            1,
            "NHS Business Services Authority",
            "direct oral anticoagulant items, by clinical commissioning group and month",
            "https://opendata.nhsbsa.net/",
        ),
        Loader(
            "trimethoprim",
            ".adoption",
            1,
            "NHS Business Services Authority",
            "trimethoprim share of items, by practice, a column for each month",
            "https://opendata.nhsbsa.net/",
        ),
        Loader(
            "gp-systems",
            ".adoption",
            1,
            "NHS England",
            "clinical system of each GP practice at two dates",
            "https://digital.nhs.uk/data-and-information/publications/statistical/appointments-in-general-practice",
        ),
        Loader(
            "diagnostic-centres",
            ".adoption",
            1,
            "Department of Health and Social Care",
            "community diagnostic centres with services, two editions of the list",
            "https://www.gov.uk/government/organisations/department-of-health-and-social-care",
        ),
        Loader(
            "surgical-hubs",
            ".adoption",
            1,
            "Department of Health and Social Care",
            "elective surgical hubs, one edition of the list",
            "https://www.gov.uk/government/organisations/department-of-health-and-social-care",
        ),
        Loader(
            "rtt",
            ".flows",
            1,
            "NHS England",
            "RTT waiting times, full extract of a month: pathways by provider and commissioner",
            "https://www.england.nhs.uk/statistics/statistical-work-areas/rtt-waiting-times/",
        ),
        Loader(
            "catchments",
            ".flows",
            1,
            "Office for Health Improvement and Disparities",
            "shares of an acute trust's admissions by integrated care board or local authority",
            "https://www.gov.uk/government/statistics/"
            "nhs-acute-hospital-trust-catchment-populations-april-2026",
        ),
        Loader(
            "cqc-api",
            ".cqc_api",
            1,
            "Care Quality Commission",
            "payloads of the CQC's API: locations and providers, former ones, successions, ratings",
            "https://api-portal.service.cqc.org.uk/",
        ),
        Loader(
            "cqc-inspections",
            ".cqc_inspections",
            1,
            "Care Quality Commission",
            "overall ratings of home care and other community social care since 2014, with dates",
            "https://www.cqc.org.uk/about-us/transparency/using-cqc-data",
        ),
        Loader(
            "findings",
            ".coded_findings",
            1,
            "",
            "findings that an analyst coded in a report: the sheet of icsgraph code, the document",
            "",
            official=False,
            quotes=True,
        ),
        Loader(
            "own-data",
            ".own_data",
            1,
            "",
            "anyone's own node lists and ties, CSV or Excel, as a mapping (TOML) describes them",
            "",
            official=False,
            names_files=True,
        ),
        Loader(
            "partner-survey",
            ".partner_survey",
            1,
            "",
            "a survey of partners: respondent, partner, kind of tie, trust, value, frequency, date",
            "",
            official=False,
        ),
        Loader(
            "cqc-active",
            ".cqc_active",
            1,
            "Care Quality Commission",
            "CQC active locations (.xlsx or .ods): services, users, activities, company numbers",
            "https://www.cqc.org.uk/about-us/transparency/using-cqc-data",
        ),
        Loader(
            "cqc-directory",
            ".cqc_directory",
            1,
            "Care Quality Commission",
            "CQC care directory (CSV, weekly): active locations and their providers",
            "https://www.cqc.org.uk/about-us/transparency/using-cqc-data",
        ),
    )
}


def loader(kind: str) -> Loader:
    """The registry's row for a kind of source; `UnknownName` with the nearest if there is none.

    >>> loader("ods-trusts").publisher
    'NHS England'
    """
    if kind not in LOADERS:
        raise UnknownName("kind of source", kind, LOADERS)
    return LOADERS[kind]
