"""Fetching from the CQC's API: everything the first time, then what changed, never a name."""

import json

import pytest

from icsgraph.loaders.cqc_api import read
from icsgraph.loaders.fetch_cqc import without_names
from icsgraph.loaders.records import FileAccount, SourceEntry
from icsgraph.ontology.errors import MissingService, ServiceFailed, UsageError

TUESDAY = "2026-11-03T09:00:00Z"


def identifiers(payloads):
    return [payload.get("locationId", payload["providerId"]) for payload in payloads]


def records_asked(service):
    """The identifiers of the payloads that were asked for one by one."""
    paths = [target.partition("?")[0].split("/")[1:] for target in service.asked]
    return [path[1] for path in paths if len(path) == 2 and path[0] != "changes"]


def test_the_first_run_fetches_everything(cqc, lines):
    locations, providers = cqc.fetch()
    assert identifiers(lines(locations.path)) == ["1-201", "1-202", "1-203", "1-204", "1-205"]
    assert identifiers(lines(providers.path)) == ["1-101", "1-102", "1-103"]
    assert (locations.records, locations.fetched, locations.gone) == (5, 5, 0)
    assert locations.until == "2026-11-02T09:00:00Z"
    assert sorted(records_asked(cqc.service)) == sorted(
        ["1-201", "1-202", "1-203", "1-204", "1-205", "1-101", "1-102", "1-103"]
    )


def test_every_request_carries_the_key_and_says_who_asks(cqc):
    cqc.fetch()
    headers = cqc.service.headers
    assert {h["Ocp-Apim-Subscription-Key"] for h in headers} == {"a-key-of-this-test"}
    assert {h["User-Agent"].split("/")[0] for h in headers} == {"icsgraph"}
    assert not any("a-key-of-this-test" in target for target in cqc.service.asked)


def test_a_partner_code_goes_with_each_request(cqc):
    cqc.fetch(environment={**cqc.environment, "CQC_PARTNER_CODE": "ICS"})
    assert all("partnerCode=ICS" in target for target in cqc.service.asked)


def test_what_was_fetched_is_what_the_loader_reads(cqc):
    files = tuple(file.path for file in cqc.fetch())
    entry = SourceEntry("cqc-api@2026-11-02", "cqc-api", files, "CQC", "2026-11-02")
    tables = list(read(entry))
    accounts = [table for table in tables if isinstance(table, FileAccount)]
    assert [(a.rows_in, a.accepted.len()) for a in accounts] == [(5, 5), (3, 3)]


def test_a_run_asked_again_fetches_only_what_changed(cqc, lines):
    cqc.fetch()
    cqc.register.change("location", "1-204", "2026-11-02T15:00:00Z", name="Elm House")
    cqc.register.put("location", "1-206")
    cqc.register.change("location", "1-206", "2026-11-02T16:00:00Z")
    cqc.service.now = TUESDAY
    locations, providers = cqc.fetch()
    assert records_asked(cqc.service) == ["1-204", "1-206"]
    between = "startTimestamp=2026-11-02T09%3A00%3A00Z&endTimestamp=2026-11-03T09%3A00%3A00Z"
    assert [t for t in cqc.service.asked if t.startswith("/changes/")] == [
        f"/changes/location?{between}&page=1&perPage=1000",
        f"/changes/provider?{between}&page=1&perPage=1000",
    ]
    names = {p["locationId"]: p["name"] for p in lines(locations.path)}
    assert (names["1-204"], len(names)) == ("Elm House", 6)
    assert (locations.records, locations.fetched, providers.fetched) == (6, 2, 0)
    assert locations.until == providers.until == TUESDAY


def test_all_pages_of_the_changes_are_read(cqc):
    cqc.fetch()
    for number in range(1, 6):
        cqc.register.change("location", f"1-20{number}", "2026-11-02T15:00:00Z")
    cqc.service.now = TUESDAY
    cqc.fetch()
    assert records_asked(cqc.service) == ["1-201", "1-202", "1-203", "1-204", "1-205"]


def test_nothing_changed_leaves_the_bytes_as_they_are(cqc):
    before = {file.path: file.path.read_bytes() for file in cqc.fetch()}
    cqc.service.now = TUESDAY
    cqc.fetch()
    assert {path: path.read_bytes() for path in before} == before
    assert records_asked(cqc.service) == []


def test_the_same_second_again_asks_for_no_changes(cqc):
    cqc.fetch()
    cqc.fetch()
    assert cqc.service.asked == ["/locations?page=1&perPage=1", "/providers?page=1&perPage=1"]


def test_what_the_service_no_longer_has_is_dropped(cqc, lines):
    cqc.fetch()
    cqc.register.change("location", "1-203", "2026-11-02T15:00:00Z")
    del cqc.register.payloads["location"]["1-203"]
    cqc.service.now = TUESDAY
    locations, _providers = cqc.fetch()
    assert identifiers(lines(locations.path)) == ["1-201", "1-202", "1-204", "1-205"]
    assert (locations.records, locations.fetched, locations.gone) == (4, 0, 1)


def test_a_list_that_changes_between_its_pages_is_read_again(cqc, lines):
    """1-201 goes after the first page was given: 1-203 moves there, and would be missed."""

    def before(target):
        if target.startswith("/locations?page=2"):
            cqc.register.payloads["location"].pop("1-201", None)

    cqc.service.before = before
    locations, _providers = cqc.fetch()
    assert identifiers(lines(locations.path)) == ["1-202", "1-203", "1-204", "1-205"]
    assert locations.gone == 1


def test_a_list_that_never_settles_is_read_three_times(cqc):
    new = iter(range(300, 400))

    def before(target):
        if target.startswith("/locations?page=1"):
            cqc.register.put("location", f"1-{next(new)}")
        elif target.startswith("/locations?page=2"):
            cqc.register.put("location", f"1-{next(new)}")

    cqc.service.before = before
    locations, _providers = cqc.fetch()
    assert len([t for t in cqc.service.asked if t.startswith("/locations?page=1&")]) == 3
    assert locations.records == 11


def test_one_local_authority_can_be_fetched_and_kept_up_to_date(cqc, lines):
    oldham = {"local-authority": ["Oldham"]}
    locations, _providers = cqc.fetch(oldham)
    assert identifiers(lines(locations.path)) == ["1-201", "1-202", "1-203"]
    moment = "2026-11-02T15:00:00Z"
    cqc.register.change("location", "1-201", moment, localAuthority="Bury")  # moves out
    cqc.register.change("location", "1-202", moment, name="Elm House")
    cqc.register.change("location", "1-204", moment, localAuthority="Oldham")  # moves in
    cqc.register.change("location", "1-205", moment)  # lies elsewhere all the time
    cqc.service.now = TUESDAY
    locations, _providers = cqc.fetch(oldham)
    assert identifiers(lines(locations.path)) == ["1-202", "1-203", "1-204"]
    assert records_asked(cqc.service) == ["1-202", "1-204"]


def test_two_local_authorities_are_fetched_together(cqc):
    locations, _providers = cqc.fetch({"local-authority": ["Oldham", "Bury"]})
    assert locations.records == 5


def test_a_local_authority_that_the_service_does_not_know_is_said(cqc):
    with pytest.raises(UsageError, match="The CQC API lists no locations in Oldam."):
        cqc.fetch({"local-authority": ["Oldam"]})


def test_no_name_of_a_person_is_written_anywhere(cqc, dead):
    """Nor into the file of a run that is cut off half way."""

    def before(target):
        if target.startswith("/providers/1-103"):
            cqc.service.faults = [dead]

    cqc.service.before = before
    with pytest.raises(ServiceFailed):
        cqc.fetch()
    written = [path.read_bytes() for path in cqc.folder.iterdir() if path.suffix != ".gz"]
    assert any(b"Ash House 1-102" in content for content in written)
    cqc.service.before = lambda target: None
    cqc.fetch()
    cqc.fetch(packed=False)
    written += [path.read_bytes() for path in cqc.folder.iterdir() if path.suffix != ".gz"]
    assert any(b"Ash House 1-203" in content for content in written)
    assert not any(b"Quillfeather" in c or b"Ottoline" in c for c in written)
    assert not any(b"a-key-of-this-test" in content for content in written)


def test_of_a_contact_only_the_roles_stay():
    contact = {"personTitle": "Ms", "personFamilyName": "Doe", "personRoles": ["Partner"]}
    payload = {"contacts": [contact], "deep": [{"contacts": [contact]}], "NominatedIndividual": {}}
    roles = [{"personRoles": ["Partner"]}]
    assert without_names(payload) == {"contacts": roles, "deep": [{"contacts": roles}]}
    assert without_names({"contacts": "Ms Doe"}) == {"contacts": []}


def test_without_the_key_nothing_is_asked(cqc):
    with pytest.raises(MissingService) as said:
        cqc.fetch(environment={"ICSGRAPH_CQC_URL": cqc.url})
    assert "CQC_SUBSCRIPTION_KEY" in str(said.value)
    assert "https://api-portal.service.cqc.org.uk/" in str(said.value)
    assert cqc.service.asked == []
    assert not cqc.folder.exists()


def test_a_key_with_odd_letters_is_refused_here(cqc):
    with pytest.raises(UsageError, match="CQC_SUBSCRIPTION_KEY holds letters that no key has"):
        cqc.fetch(environment={**cqc.environment, "CQC_SUBSCRIPTION_KEY": "a\x00b"})


# The real samples


def test_the_layouts_of_the_real_service(cqc, lines, shared):
    """All of Oldham: the published list pages and payloads, replayed."""
    folder = shared / "data" / "cqc_api"
    listed = json.loads((folder / "samples" / "locations_list_page.json").read_text("utf-8"))
    real = {p["locationId"]: p for p in lines(folder / "oldham_locations_2025-03.jsonl.gz")}
    cqc.register.payloads["location"] = real
    cqc.register.payloads["provider"] = {
        p["providerId"]: p for p in lines(folder / "oldham_providers_2025-03.jsonl.gz")
    }
    cqc.register.page_size = 1000
    locations, providers = cqc.fetch()
    assert (locations.records, providers.records) == (451, 20)
    fetched = lines(locations.path)
    assert identifiers(fetched) == sorted(row["locationId"] for row in listed["locations"])
    assert fetched == [without_names(real[payload["locationId"]]) for payload in fetched]
    assert "[redacted]" not in json.dumps([fetched, lines(providers.path)])
