"""Fetching from the ODS ORD API: records by role, then the changes of at most 185 days."""

import json

import pytest

from icsgraph.ontology.errors import ServiceFailed, UsageError

TRUSTS = {"role": ["RO197"]}
ADDRESS = "https://directory.spineservices.nhs.uk/ORD/2-0-0/organisations/"


class Ord:
    """The ODS ORD API: records by code, when each was changed last, two entries on a page."""

    def __init__(self, reply):
        self.reply = reply
        self.records = {}
        self.counts = True
        self.first_day = "2026-05-01"
        for code in ("RAA", "RBB", "RCC"):
            self.put(code, "RO197", "2026-10-01")
        self.put("G00001", "RO177", "2026-10-01")

    def put(self, code, role, changed, name="ASH TRUST"):
        self.records[code] = {
            "Organisation": {
                "Name": name,
                "OrgId": {"assigningAuthorityName": "HSCIC", "extension": code},
                "Status": "Active",
                "LastChangeDate": changed,
                "Roles": {"Role": [{"id": role, "primaryRole": True, "Status": "Active"}]},
            }
        }

    def answer(self, path, query):
        _, first, *rest = path.split("/")
        if first == "sync":
            return self.sync(query["LastChangeDate"])
        if rest:
            record = self.records.get(rest[0])
            return self.reply(record or {"errorCode": 404}, 200 if record else 404)
        return self.search(query)

    def changed_since(self, day):
        return [c for c, r in self.records.items() if r["Organisation"]["LastChangeDate"] >= day]

    def sync(self, day):
        if day < self.first_day:
            return self.reply({"errorCode": 406}, 406)
        links = [{"OrgLink": f"{ADDRESS}{code}"} for code in self.changed_since(day)]
        return self.reply({"Organisations": links})

    def search(self, query):
        offset, limit = int(query.get("Offset", 0)), min(int(query["Limit"]), 2)
        if "Offset" in query and offset < 2:
            return self.reply({"errorCode": 406}, 406)
        found = [
            {"OrgId": code, "Name": "ASH TRUST", "OrgLink": f"{ADDRESS}{code}"}
            for code in self.changed_since(query.get("LastChangeDate", ""))
            if self.records[code]["Organisation"]["Roles"]["Role"][0]["id"]
            == query["PrimaryRoleId"]
        ]
        headers = {"X-Total-Count": str(len(found))} if self.counts else {}
        return self.reply({"Organisations": found[offset : offset + limit]}, 200, headers)


@pytest.fixture
def ods(serving, reply):
    return serving("ods-ord", Ord(reply))


def records_asked(service):
    return [t.rpartition("/")[2] for t in service.asked if t.startswith("/organisations/")]


def test_the_records_of_a_role_are_fetched(ods, lines):
    (file,) = ods.fetch(TRUSTS)
    assert file.path.name == "ods-ord.jsonl.gz"
    assert lines(file.path) == [ods.register.records[code] for code in ("RAA", "RBB", "RCC")]
    assert ods.service.asked[:2] == [
        "/organisations?PrimaryRoleId=RO197&Limit=1000",
        "/organisations?PrimaryRoleId=RO197&Limit=1000&Offset=2",
    ]


def test_no_key_is_asked_for(ods):
    ods.fetch(TRUSTS)
    assert all("apikey" not in {name.lower() for name in h} for h in ods.service.headers)


def test_without_a_role_all_that_the_graph_uses_are_fetched(ods):
    (file,) = ods.fetch()
    assert (file.records, file.fetched) == (4, 4)
    roles = {t.partition("=")[2][:5].rstrip("&") for t in ods.service.asked if "Role" in t}
    assert roles == {"RO98", "RO107", "RO177", "RO197", "RO198", "RO261", "RO272"}


def test_only_the_changes_of_the_role_are_fetched_again(ods, lines):
    ods.fetch(TRUSTS)
    ods.register.put("RBB", "RO197", "2026-11-03", "ELM TRUST")
    ods.register.put("RDD", "RO197", "2026-11-03")
    ods.register.put("G00001", "RO177", "2026-11-03")
    ods.service.now = "2026-11-04T09:00:00Z"
    (file,) = ods.fetch(TRUSTS)
    assert ods.service.asked[0] == "/sync?LastChangeDate=2026-11-02"
    assert records_asked(ods.service) == ["RBB", "RDD"]
    names = {r["Organisation"]["OrgId"]["extension"]: r for r in lines(file.path)}
    assert names["RBB"]["Organisation"]["Name"] == "ELM TRUST"
    assert (sorted(names), file.until) == (["RAA", "RBB", "RCC", "RDD"], "2026-11-04T09:00:00Z")


def test_a_record_that_the_search_leaves_out_is_known_by_the_sync(ods, lines):
    """One held already, of which the service has changed the primary role."""
    ods.fetch(TRUSTS)
    ods.register.put("RBB", "RO107", "2026-11-03")
    (file,) = ods.fetch(TRUSTS)
    assert records_asked(ods.service) == ["RBB"]
    assert lines(file.path)[1]["Organisation"]["Roles"]["Role"][0]["id"] == "RO107"


def test_changes_of_the_day_of_the_last_run_are_asked_for_again(ods):
    ods.fetch(TRUSTS)
    ods.register.put("RBB", "RO197", "2026-11-02")  # after the run, on its day
    ods.fetch(TRUSTS)
    assert records_asked(ods.service) == ["RBB"]


def test_after_a_longer_pause_than_the_service_remembers_all_is_fetched(ods):
    ods.fetch(TRUSTS)
    del ods.register.records["RCC"]
    ods.register.first_day = "2027-01-01"  # the service answers 406 for days before
    ods.service.now = "2027-07-05T09:00:00Z"
    (file,) = ods.fetch(TRUSTS)
    assert records_asked(ods.service) == ["RAA", "RBB"]
    assert file.records == 2


def test_a_service_that_forgets_without_a_word_is_not_trusted(ods):
    ods.fetch(TRUSTS)
    ods.service.now = "2027-05-07T09:00:00Z"  # 186 days later, and the sync answers all the same
    ods.fetch(TRUSTS)
    assert records_asked(ods.service) == ["RAA", "RBB", "RCC"]


def test_pages_without_a_total_are_read_to_the_last(ods, lines):
    ods.register.counts = False
    ods.register.search = (
        lambda query: ods.register.reply(  # whole pages but for the last one
            {"Organisations": [{"OrgId": c} for c in codes[int(query.get("Offset", 0)) :][:1000]]}
        )
    )
    codes = [f"R{number:04}" for number in range(1500)]
    for code in codes:
        ods.register.put(code, "RO197", "2026-10-01")
    (file,) = ods.fetch(TRUSTS)
    assert file.records == 1500


def test_a_service_that_repeats_its_first_page_is_not_asked_for_ever(ods, reply):
    ods.register.search = lambda query: reply(
        {"Organisations": [{"OrgId": "RAA"}, {"OrgId": "RBB"}]}, 200, {"X-Total-Count": "9"}
    )
    (file,) = ods.fetch(TRUSTS)
    assert file.records == 2


def test_a_list_that_changes_between_its_pages_is_read_again(ods):
    def before(target):
        if "Offset=2" in target:
            ods.register.records.pop("RAA", None)

    ods.service.before = before
    (file,) = ods.fetch(TRUSTS)
    assert (file.records, file.gone) == (2, 1)


def test_a_run_that_was_cut_is_gone_on_with(ods, dead):
    def before(target):
        if target == "/organisations/RBB":
            ods.service.faults = [dead]

    ods.service.before = before
    with pytest.raises(ServiceFailed):
        ods.fetch(TRUSTS)
    ods.service.before = lambda target: None
    (file,) = ods.fetch(TRUSTS)
    assert records_asked(ods.service) == ["RBB", "RCC"]
    assert file.records == 3


def test_a_link_names_a_code_and_is_not_followed(ods, reply):
    ods.fetch(TRUSTS)
    link = "https://elsewhere.example/ORD/2-0-0/organisations/RAA?_format=xml"
    ods.register.sync = lambda day: reply({"Organisations": [{"OrgLink": link}]})
    ods.fetch(TRUSTS)
    assert records_asked(ods.service) == ["RAA"]


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ({"Organisations": [{"OrgLink": ""}]}, "an entry of the list has no OrgLink"),
        ({"Organisations": [{"OrgLink": 7}]}, "an entry of the list has no OrgLink"),
        ({"Organisations": None}, 'the answer has no list "Organisations"'),
    ],
)
def test_changes_of_another_shape_are_said(ods, reply, links, said):
    ods.fetch(TRUSTS)
    ods.register.sync = lambda day: reply(links)
    with pytest.raises(ServiceFailed, match=said):
        ods.fetch(TRUSTS)


@pytest.mark.parametrize("body", [{}, [], {"Organisation": {"OrgId": {"extension": "RZZ"}}}])
def test_a_record_of_another_code_is_not_kept(ods, reply, body):
    ods.register.records["RBB"] = body or {"Organisation": None}
    ods.register.search = lambda query: reply({"Organisations": [{"OrgId": "RBB"}]})
    with pytest.raises(ServiceFailed, match="the answer is no record of RBB"):
        ods.fetch(TRUSTS)


def test_a_role_that_is_none_is_refused(ods):
    with pytest.raises(UsageError, match="R197 is no code of a role") as said:
        ods.fetch({"role": ["R197"]})
    assert "RO197 NHS trusts" in said.value.hint


def test_a_role_that_nothing_has_is_said(ods):
    with pytest.raises(UsageError, match="has no record with RO999"):
        ods.fetch({"role": ["RO999"]})


def test_a_role_may_be_written_small(ods):
    ods.fetch({"role": ["ro197"]})
    (file,) = ods.fetch(TRUSTS)
    assert file.records == 3


def test_the_real_records(ods, lines, shared):
    """One without relationships or successors, a site, and a trust with both."""
    real = {}
    for code in ("RJY", "RVVKC", "RWR"):
        path = shared / "data" / "ods_api" / f"ORD_organisation_{code}.json"
        real[code] = json.loads(path.read_text("utf-8"))
    ods.register.records = real
    (file,) = ods.fetch({"role": ["RO197", "RO198"]})
    assert lines(file.path) == [real["RJY"], real["RVVKC"], real["RWR"]]
