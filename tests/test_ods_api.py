"""Records of the ODS API: bodies, sites, systems, how they are related, what they became."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from icsgraph.loaders.records import FileAccount, Nodes, Relationships, SourceEntry
from icsgraph.loaders.registry import loader
from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.errors import FileFault, LayoutError

DATA = Path(__file__).with_name("data")
PERIODS = "https://fhir.nhs.uk/England/StructureDefinition/Extension-England-TypedPeriod"
ROLES = "https://fhir.nhs.uk/England/StructureDefinition/Extension-England-OrganisationRole"
CLASSES = "https://digital.nhs.uk/services/organisation-data-service/CodeSystem/ODSRecordClass"


def load(*files, kind="ods-ord", as_of="2026-01"):
    return list(loader(kind).read(SourceEntry("ods@x", kind, files, "Records", as_of)))


def nodes(tables, kind):
    return next(t.rows for t in tables if isinstance(t, Nodes) and t.kind == kind)


def statements(tables, kind):
    found = [t.rows for t in tables if isinstance(t, Relationships) and t.kind == kind]
    return pl.concat(found, how="diagonal")


def ends(tables, kind):
    return set(statements(tables, kind).select("subject", "object").iter_rows())


def account(tables):
    (counted,) = (t for t in tables if isinstance(t, FileAccount))
    return counted


# --- ORD ------------------------------------------------------------------------------------------


def dated(start="2001-04-01", end=None, kind="Operational"):
    return [{"Type": kind, "Start": start, **({"End": end} if end else {})}]


def related(relation, target, role, dates=None):
    to = {"OrgId": {"extension": target}, "PrimaryRoleId": {"id": role}}
    return {"id": relation, "Date": dates or dated(), "Target": to}


def followed(kind, target, role, day):
    to = {"OrgId": {"extension": target}, "PrimaryRoleId": {"id": role}}
    return {"Type": kind, "Date": dated(day, kind="Legal"), "Target": to}


def record(code, name, *roles, rels=(), succs=(), dates=None, site=False):
    listed = [{"id": role, "primaryRole": role == roles[-1]} for role in roles]
    place = {"AddrLn1": "HOSPITAL LANE", "Town": "BARCHESTER", "PostCode": "BC1 3CC"}
    told = {
        "Name": name,
        "Date": dates or dated(),
        "OrgId": {"extension": code},
        "orgRecordClass": "RC2" if site else "RC1",
        "GeoLoc": {"Location": place},
        "Contacts": {"Contact": [{"type": "tel", "value": "01000 000000"}]},
        "Roles": {"Role": listed},
    }
    if rels:
        told["Rels"] = {"Rel": list(rels)}
    if succs:
        told["Succs"] = {"Succ": list(succs)}
    return {"Organisation": told}


TRUST = record(
    "R9X",
    "BARSETSHIRE HOSPITALS NHS TRUST",
    "RO57",  # a further role, here before the primary one
    "RO197",
    rels=[
        related("RE5", "Q9X", "RO261", dated("2020-04-01")),
        related("RE5", "Q99", "RO210", dated("2013-04-01", "2020-03-31")),
        related("RE9", "RPP", "RO161"),
    ],
    succs=[
        followed("Predecessor", "R9W", "RO197", "2001-04-01"),
        followed("Successor", "R9Y", "RO197", "2025-10-01"),
        followed("Successor", "R9Z", "RO197", "2025-10-01"),
    ],
)
SITE = record(
    "R9X01",
    "THE INFIRMARY",
    "RO198",
    rels=[related("RE6", "R9X", "RO197")],
    site=True,
)
PLAIN = record("R9V", "ARABIN NHS TRUST", "RO197", dates=dated("1993-04-01", "2001-03-31"))
PRACTICE = record(
    "Z99001",
    "THE PLUMSTEAD SURGERY",
    "RO76",
    "RO177",
    rels=[
        related("RE4", "99X", "RO98"),
        related("RE8", "U99901", "RO272", dated("2019-07-01", "2020-06-30")),
        related("RE8", "U99901", "RO272", dated("2021-07-01")),
        related("RE6", "Q9X", "RO261"),
    ],
)
LOCATION = record(
    "99X",
    "NHS BARSET ICB - 99X",
    "RO319",
    "RO98",
    rels=[related("RE5", "Q9X", "RO261"), related("RE5", "Y62", "RO209")],
)
SYSTEM = record("Q9X", "NHS BARSET INTEGRATED CARE BOARD", "RO318", "RO261")
ALL = [TRUST, SITE, PLAIN, PRACTICE, LOCATION, SYSTEM]


@pytest.fixture
def lines(tmp_path):
    def write(*documents, name="ord.jsonl"):
        texts = [d if isinstance(d, str) else json.dumps(d) for d in documents]
        path = tmp_path / name
        content = ("\n".join(texts) + "\n").encode("utf-8")
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write


def test_a_body_with_what_it_is_and_since_when(lines):
    trust = nodes(load(lines(*ALL)), "Organisation").row(0, named=True)
    told = ("id", "name", "org_type", "type_as_published", "is_provider", "postcode")
    assert [trust[c] for c in told] == [
        "ods:R9X",
        "Barsetshire Hospitals NHS Trust",
        "nhs-trust",
        "RO197; RO57",
        True,
        "BC1 3CC",
    ]
    assert (trust["start_earliest"], trust["end_earliest"]) == ("2001-04-01", "2026-01-02")


def test_a_record_without_relationships_or_successions_is_legal(lines):
    tables = load(lines(PLAIN))
    assert account(tables).accepted.to_list() == [1]
    assert nodes(tables, "Organisation").select("id", "end_latest").rows() == [
        ("ods:R9V", "2001-04-01")
    ]
    assert not [t for t in tables if isinstance(t, Relationships)]


def test_further_roles_say_more_than_the_primary_one(lines):
    kinds = nodes(load(lines(*ALL)), "Organisation").drop_nulls("org_type")
    assert kinds.select("id", "org_type").rows() == [
        ("ods:R9X", "nhs-trust"),
        ("ods:R9V", "nhs-trust"),
        ("ods:Z99001", "gp-practice"),
        ("ods:99X", "sub-icb-location"),
    ]


def test_a_site_is_a_location_and_a_strategic_partnership_a_system(lines):
    tables = load(lines(*ALL))
    site = nodes(tables, "Location").select("id", "name", "location_type")
    assert site.row(0) == ("ods:R9X01", "The Infirmary", "nhs-site")
    assert nodes(tables, "System").select("id", "name").rows() == [("ods:Q9X", "Barset")]


def test_relationships_by_their_kind(lines):
    tables = load(lines(*ALL))
    assert ends(tables, "OPERATES") == {("ods:R9X", "ods:R9X01")}
    assert ends(tables, "LOCATED_IN") == {
        ("ods:R9X", "ods:Q9X"),
        ("ods:R9X", "icsg:area-of/Q99"),
    }
    assert ends(tables, "SERVES") == {("ods:Q99", "icsg:area-of/Q99")}
    assert ends(tables, "PART_OF") == {
        ("ods:99X", "ods:Q9X"),
        ("ods:99X", "ods:Y62"),
        # A system runs nothing; its board does.
        ("ods:Z99001", "icsg:icb/Q9X"),
    }
    assert account(tables).notes == ("relationships of kinds that are not read: RE9 (1)",)


def test_a_practice_with_a_network_twice(lines):
    members = statements(load(lines(*ALL)), "MEMBER_OF")
    assert members.select("object", "key", "role", "end_latest").rows() == [
        ("ods:99X", "2001-04-01", "practice", None),
        ("ods:U99901", "2019-07-01", "practice", "2020-07-01"),
        ("ods:U99901", "2021-07-01", "practice", None),
    ]


def test_successions_both_ways(lines):
    told = statements(load(lines(*ALL)), "SUCCEEDED_BY")
    assert set(told.select("subject", "object", "start_earliest", "end_earliest").rows()) == {
        ("ods:R9W", "ods:R9X", "2001-04-01", None),
        ("ods:R9X", "ods:R9Y", "2025-10-01", None),
        ("ods:R9X", "ods:R9Z", "2025-10-01", None),
    }


def test_legal_dates_go_before_operational_ones(lines):
    both = [*dated("2016-01-29", "2019-06-30"), *dated("2015-04-01", "2019-03-31", "Legal")]
    row = nodes(load(lines(record("R9X", "X NHS TRUST", "RO197", dates=both))), "Organisation")
    assert row.select("start_earliest", "end_latest").row(0) == ("2015-04-01", "2019-04-01")


def test_every_end_has_a_node(lines):
    tables = load(lines(*ALL))
    known = set(pl.concat(t.rows.select("id") for t in tables if isinstance(t, Nodes))["id"])
    for table in tables:
        if isinstance(table, Relationships):
            assert set(table.rows["subject"]) | set(table.rows["object"]) <= known


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"OrgId": {"extension": "[tbc]"}}, "OrgId", "is not an ODS code"),
        ({"Name": None}, "Name", "is missing"),
        ({"Name": "BC1 3CC"}, "Name", "is a postcode, not a name"),
        ({"Name": "BARSET\0SHIRE"}, None, "the document holds a NUL character"),
        ({"Date": dated("2001-04-31")}, "Start", "is no day of the calendar"),
        ({"Date": dated("2001-04-01", "2001-03-31")}, "End", "lies before its start"),
        (
            {"Rels": {"Rel": [related("RE5", "tbc?", "RO261")]}},
            "target",
            "is not an ODS code of what it relates to",
        ),
        (
            {"Rels": {"Rel": [related("RE5", "Q9X", "RO261", dated("2002-01-01", "2001-01-01"))]}},
            "last",
            "ends a relation before it begins",
        ),
        ({"Rels": {"Rel": "none"}}, None, "the document is no JSON, or not of the form of a rec"),
    ],
)
def test_a_record_with_a_fault_is_rejected_alone(lines, change, column, reason):
    wrong = {"Organisation": {**TRUST["Organisation"], **change}}
    counted = account(load(lines(PLAIN, wrong, SITE)))
    (rejected,) = counted.rejected.select("row", "column", "reason").rows()
    assert rejected[:2] == (2, column) and rejected[2].startswith(reason)
    assert counted.accepted.to_list() == [1, 3]


def test_what_is_no_record_is_rejected(lines):
    error = {"errorCode": 404, "errorText": "Record not found."}
    counted = account(load(lines(PLAIN, error, "{not JSON}", "[]", SITE)))
    assert counted.rejected.select("row", "reason").unique().sort("row").rows() == [
        (2, "the document is no record of an organisation"),
        (3, "the document is no JSON, or not of the form of a record"),
        (4, "the document is no JSON, or not of the form of a record"),
    ]
    assert counted.rows_in == 5


def test_a_repeated_record_is_merged_and_another_one_of_its_code_rejected(lines):
    other = record("R9V", "ARABIN NHS FOUNDATION TRUST", "RO197")
    counted = account(load(lines(PLAIN, PLAIN, other, TRUST)))
    assert (counted.accepted.to_list(), counted.merged.to_list()) == ([1, 4], [2])
    assert counted.rejected["reason"].to_list() == ["has another record in an earlier document"]


def test_files_folders_lists_and_packed_lines_are_alike(lines, tmp_path):
    expected = statements(load(lines(*ALL)), "PART_OF")
    listed = tmp_path / "list.json"
    listed.write_text(json.dumps(ALL, indent=1), encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, document in enumerate(ALL):
        text = json.dumps(document, indent=1)
        (folder / f"{number}.json").write_text(text, encoding="utf-8")
    (folder / "ods.jsonl.gz.state.json").write_text("{}", encoding="utf-8")
    for at in (listed, folder, lines(*ALL, name="ord.jsonl.gz")):
        tables = load(at)
        assert account(tables).rows_in == 6
        assert statements(tables, "PART_OF").equals(expected)


def test_half_a_file_is_refused(lines, tmp_path):
    whole = lines(*ALL).read_bytes()
    path = tmp_path / "half.jsonl"
    path.write_bytes(whole[:-40])
    with pytest.raises(LayoutError, match="its last line breaks off"):
        load(path)
    packed = lines(*ALL, name="ord.jsonl.gz")
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(LayoutError, match="it is damaged or breaks off"):
        load(packed)
    (tmp_path / "none").mkdir()
    with pytest.raises(FileFault, match="the folder holds no JSON files"):
        load(tmp_path / "none")


# --- FHIR -----------------------------------------------------------------------------------------


def period(kind, start, end=None):
    held = {"start": start, **({"end": end} if end else {})}
    typed = {"url": "dateType", "valueCoding": {"code": kind}}
    return {"url": PERIODS, "extension": [typed, {"url": "period", "valuePeriod": held}]}


def role(code, *periods):
    named = {"url": "roleCode", "valueCodeableConcept": {"coding": [{"code": code}]}}
    return {"url": ROLES, "extension": [{"url": "instanceID"}, named, *periods]}


def organization(code, name, *roles, record_class="RC1"):
    return {
        "resourceType": "Organization",
        "id": code,
        "extension": list(roles),
        "identifier": [{"value": code}],
        "type": [{"coding": [{"system": CLASSES, "code": record_class}]}],
        "name": name,
        "address": [{"line": ["HOSPITAL LANE"], "city": "BARCHESTER", "postalCode": "BC1 3CC"}],
    }


def affiliation(number, of, relation, to, *periods):
    return {
        "resourceType": "OrganizationAffiliation",
        "id": number,
        "extension": list(periods),
        "period": {"start": "1990-01-01"},
        "organization": {"identifier": {"value": of}},
        "participatingOrganization": {"reference": f"Organization/{to}"},
        "code": [{"coding": [{"code": relation}]}],
    }


RESOURCES = [
    organization(
        "R9X",
        "BARSETSHIRE HOSPITALS NHS TRUST",
        role("RO197", period("Operational", "2002-01-01"), period("Legal", "2001-04-01")),
        role("RO57", period("Legal", "2007-08-01", "2020-03-31")),
    ),
    organization(
        "R9X01",
        "THE INFIRMARY",
        role("RO198", period("Operational", "1999-04-01", "2020-03-31")),
        record_class="RC2",
    ),
    affiliation("1", "R9X01", "RE6", "R9X", period("Operational", "1999-04-01", "2020-03-31")),
    affiliation("2", "R9X", "RE5", "QZX", period("Legal", "2020-04-01")),
    affiliation("3", "Z99001", "RE8", "U99901", period("Legal", "2019-07-01")),
    affiliation("4", "F9X01", "RE5", "Q74", period("Legal", "2015-04-01", "2020-03-31")),
]


@pytest.fixture
def bundle(tmp_path):
    def write(*resources):
        entries = [{"resource": resource} for resource in resources]
        path = tmp_path / "bundle.json"
        told = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        path.write_text(json.dumps(told, indent=1), encoding="utf-8")
        return load(path, kind="ods-fhir")

    return write


def test_resources_say_what_records_say(bundle):
    tables = bundle(*RESOURCES)
    assert account(tables).accepted.to_list() == [1, 2, 3, 4, 5, 6]
    body = nodes(tables, "Organisation").row(0, named=True)
    told = ("id", "org_type", "type_as_published", "start_earliest", "end_latest", "town")
    assert [body[c] for c in told] == [
        "ods:R9X",
        "nhs-trust",
        "RO197; RO57",
        "2001-04-01",
        None,
        "Barchester",
    ]
    site = nodes(tables, "Location").row(0, named=True)
    assert (site["id"], site["location_type"], site["end_latest"]) == (
        "ods:R9X01",
        "nhs-site",
        "2020-04-01",
    )
    assert ends(tables, "OPERATES") == {("ods:R9X", "ods:R9X01")}
    assert ends(tables, "MEMBER_OF") == {("ods:Z99001", "ods:U99901")}
    # Codes that no role stands beside are told by their form; F... is a pharmacy.
    located = statements(tables, "LOCATED_IN").select("subject", "object", "start_earliest")
    assert located.rows() == [
        ("ods:R9X", "ods:QZX", "2020-04-01"),
        ("ods:F9X01", "icsg:area-of/Q74", "2015-04-01"),
    ]


def test_an_answer_that_is_no_resource_is_rejected(bundle):
    counted = account(bundle(RESOURCES[0], {"resourceType": "OperationOutcome"}))
    assert (counted.accepted.to_list(), counted.rows_in) == ([1], 2)
    assert counted.rejected["reason"].to_list() == ["the document is no record of an organisation"]


def test_a_bundle_of_nothing_is_refused(bundle):
    with pytest.raises(FileFault, match="the file holds no documents"):
        bundle()


def test_an_affiliation_without_a_target_is_rejected(bundle):
    nowhere = affiliation("9", "R9X", "RE5", "", period("Legal", "2020-04-01"))
    counted = account(bundle(*RESOURCES, nowhere))
    assert counted.rejected.select("row", "column").rows() == [(7, "target")]


# --- real records ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(shared):
    (source,) = (e for e in read_sources(DATA / "all.toml") if e.kind == "ods-ord")
    return list(loader(source.kind).read(source))


def test_a_real_trust_with_seven_geographies_and_two_predecessors(real):
    located = statements(real, "LOCATED_IN").filter(pl.col("subject") == "ods:RWR")
    assert located.height == 7
    # Legal dates leave no day between two of them.
    days = located.sort("start_earliest").select("start_earliest", "end_latest").rows()
    assert all(end == start for (_, end), (start, _) in zip(days, days[1:], strict=False))
    assert ends(real, "SUCCEEDED_BY") >= {("ods:RC8", "ods:RWR"), ("ods:RQJ", "ods:RWR")}


def test_a_real_hospital_and_a_real_trust_without_relationships(real):
    assert ends(real, "OPERATES") == {("ods:RVV", "ods:RVVKC")}
    closed = nodes(real, "Organisation").row(by_predicate=pl.col("id") == "ods:RJY", named=True)
    assert closed["end_latest"] == "2001-04-01"
