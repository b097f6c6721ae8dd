"""Fetching organisations as FHIR resources: bundles with next links, then what changed since."""

import re

import pytest

from icsgraph.ontology.errors import MissingService, ServiceFailed, UsageError

TRUSTS = {"role": ["RO197"]}
PUBLIC = "https://api.service.nhs.uk/organisation-data-terminology-api/fhir/Organization"


class Fhir:
    """The Organisation Data Terminology API: resources by code, two on a page."""

    def __init__(self, reply):
        self.reply = reply
        self.resources = {}
        for code in ("RAA", "RBB", "RCC"):
            self.put(code, "2026-10-01")

    def put(self, code, changed, name="ASH TRUST"):
        date = {"url": "dateTime", "valueDateTime": changed}
        self.resources[code] = {
            "resourceType": "Organization",
            "id": code,
            "name": name,
            "active": True,
            "extension": [{"url": "https://fhir.nhs.uk/TypedDateTime", "extension": [date]}],
        }

    def answer(self, path, query):
        assert path == "/Organization"
        assert query["roleCode"] == "RO197"
        after = query.get("lastChangeDate", "gt").removeprefix("gt")
        found = [r for r in self.resources.values() if self.changed(r) > after]
        if query.get("_summary") == "count":
            bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
            return self.reply(bundle)
        offset, count = int(query.get("_offset", 0)), min(int(query["_count"]), 2)
        rest = {n: v for n, v in query.items() if n != "_offset"}
        asked = "&".join(f"{n}={v}" for n, v in rest.items())
        links = [{"relation": "self", "url": f"{PUBLIC}?{asked}"}]
        if offset + count < len(found):
            url = f"{PUBLIC}?{asked}&_offset={offset + count}"
            links.append({"relation": "next", "url": url})
        entries = [
            {"fullUrl": f"{PUBLIC}/{r['id']}", "resource": r, "search": {"mode": "match"}}
            for r in found[offset : offset + count]
        ]
        return self.reply({"resourceType": "Bundle", "link": links, "entry": entries})

    def changed(self, resource):
        return resource["extension"][0]["extension"][0]["valueDateTime"]


@pytest.fixture
def ods(serving, reply):
    return serving("ods-fhir", Fhir(reply))


def pages_asked(service):
    return [t.partition("?")[2] for t in service.asked if "_summary" not in t]


def test_every_page_of_a_search_is_fetched(ods, lines):
    (file,) = ods.fetch(TRUSTS)
    assert lines(file.path) == [ods.register.resources[code] for code in ("RAA", "RBB", "RCC")]
    assert pages_asked(ods.service) == [
        "roleCode=RO197&_count=200",
        "roleCode=RO197&_count=200&_offset=2",
    ]


def test_the_key_goes_to_the_service_and_not_to_the_address_of_a_link(ods):
    """The links are those of the public service; the next page is asked of the one set here."""
    ods.fetch(TRUSTS)
    assert len(pages_asked(ods.service)) == 2
    assert {h["apikey"] for h in ods.service.headers} == {"a-key-of-this-test"}
    assert {h["Accept"] for h in ods.service.headers} == {"application/fhir+json"}


def test_without_the_key_nothing_is_asked(ods):
    with pytest.raises(MissingService, match="ODS_API_KEY"):
        ods.fetch(TRUSTS, environment={"ICSGRAPH_ODS_FHIR_URL": ods.url})
    assert ods.service.asked == []


def test_only_the_changes_are_fetched_again(ods, lines):
    ods.fetch(TRUSTS)
    ods.register.put("RBB", "2026-11-02", "ELM TRUST")  # on the day of the last run, after it
    ods.register.put("RDD", "2026-11-03")
    ods.service.now = "2026-11-04T09:00:00Z"
    (file,) = ods.fetch(TRUSTS)
    assert pages_asked(ods.service) == ["roleCode=RO197&lastChangeDate=gt2026-11-01&_count=200"]
    assert [r["name"] for r in lines(file.path)] == [
        "ASH TRUST",
        "ELM TRUST",
        "ASH TRUST",
        "ASH TRUST",
    ]
    assert (file.fetched, file.until) == (2, "2026-11-04T09:00:00Z")


def test_nothing_changed_leaves_the_bytes_as_they_are(ods):
    (file,) = ods.fetch(TRUSTS)
    before = file.path.read_bytes()
    (file,) = ods.fetch(TRUSTS)
    assert (file.path.read_bytes(), file.fetched, file.records) == (before, 0, 3)


def test_a_run_that_was_cut_goes_on_at_the_next_page(ods, dead):
    def before(target):
        if "_offset=2" in target:
            ods.service.faults = [dead]

    ods.service.before = before
    with pytest.raises(ServiceFailed):
        ods.fetch(TRUSTS)
    ods.service.before = lambda target: None
    (file,) = ods.fetch(TRUSTS)
    assert pages_asked(ods.service)[0] == "roleCode=RO197&_count=200&_offset=2"
    assert file.records == 3


def test_a_search_that_changes_between_its_pages_is_read_again(ods, lines):
    """RAA goes after the first page was given, so RCC moves to that page and would be missed."""

    def before(target):
        if "_offset=2" in target:
            ods.register.resources.pop("RAA", None)

    ods.service.before = before
    (file,) = ods.fetch(TRUSTS)
    assert [r["id"] for r in lines(file.path)] == ["RBB", "RCC"]


def test_pages_in_a_circle_end_the_run(ods, reply):
    link = {"relation": "next", "url": f"{PUBLIC}?roleCode=RO197&_count=200"}
    bundle = {"resourceType": "Bundle", "total": 3, "link": [link]}
    ods.service.answer = lambda path, query: reply(bundle)
    with pytest.raises(ServiceFailed, match="its next page is one that came before"):
        ods.fetch(TRUSTS)


@pytest.mark.parametrize(
    ("bundle", "said"),
    [
        ([], "the answer has no total"),
        ({"total": 3}, "the answer is no bundle"),
        ({"total": 3, "resourceType": "OperationOutcome"}, "the answer is no bundle"),
        ({"total": 3, "resourceType": "Bundle", "entry": {}}, 'the answer has no list "entry"'),
        ({"total": 3, "resourceType": "Bundle", "entry": [{}]}, "has no resource"),
        (
            {
                "total": 3,
                "resourceType": "Bundle",
                "entry": [{"resource": {"resourceType": "Organization"}}],
            },
            "an organisation of the bundle has no id",
        ),
    ],
)
def test_an_answer_of_another_shape_is_said(ods, reply, bundle, said):
    ods.service.answer = lambda path, query: reply(bundle)
    with pytest.raises(ServiceFailed, match=re.escape(said)):
        ods.fetch(TRUSTS)


def test_what_is_no_organisation_is_left_out(ods, lines, reply):
    outcome = {"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}}
    trust = {"resource": {"resourceType": "Organization", "id": "RAA"}}
    bundle = {"resourceType": "Bundle", "total": 1, "entry": [outcome, trust]}
    ods.service.answer = lambda path, query: reply(bundle)
    (file,) = ods.fetch(TRUSTS)
    assert lines(file.path) == [{"resourceType": "Organization", "id": "RAA"}]


def test_a_role_that_nothing_has_is_said(ods):
    ods.register.resources.clear()
    with pytest.raises(UsageError, match="has no record with RO197"):
        ods.fetch(TRUSTS)


def test_the_published_example(ods, lines, shared):
    """The bundle of the interface's own description, its next link and all."""
    yaml = (shared / "data" / "ods_api" / "organisation-data-terminology-api.openapi.yaml").open(
        encoding="utf-8"
    )
    with yaml:
        text = yaml.read()
    codes = re.findall(r"resourceType: Organization\n\s+id: (\w+)", text)
    assert codes[:2] == ["AQN", "C4O9I"]
    next_link = re.search(r"relation: next\n\s+url: >-\n\s+(\S+)", text)[1]
    assert next_link.endswith(
        "/Organization?_count=2&_offset=2&lastChangeDate=lt2023-05-04&lastChangeDate=gt2023-05-02"
    )
    trusts = [{"resource": {"resourceType": "Organization", "id": code}} for code in codes[:2]]
    first = {"link": [{"relation": "next", "url": next_link}], "entry": trusts[:1]}
    last = {"link": [], "entry": trusts[1:]}

    def answer(path, query):
        body = last if "_offset" in query else first
        return ods.register.reply({"resourceType": "Bundle", "total": 2, **body})

    ods.service.answer = answer
    (file,) = ods.fetch(TRUSTS)
    assert [resource["id"] for resource in lines(file.path)] == codes[:2]
    assert pages_asked(ods.service)[1].startswith("_count=2&_offset=2&lastChangeDate=lt2023-05-04")
