"""Payloads of the CQC's API as columns: one row for a location or provider, and what it lists.

A file has a payload on each line, or is one payload or a list of them. A payload is taken apart as
soon as it is read: only the values named here go into a table. The names of registered managers,
nominated individuals and partners are not among them, nor are they in the record of a reject.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import polars as pl

from ..ontology.errors import FileFault, LayoutError
from .decoding import FETCH_AGAIN
from .delimited import Layout, Sheet
from .records import REJECT_SCHEMA
from .streaming import blocks

__all__ = ["LISTS", "PAYLOAD", "Payloads", "read_payloads"]

Payload = Mapping[str, Any]

PAYLOAD = Layout(
    "payloads of the CQC's API",
    {
        "locationId": "location",
        "providerId": "provider",
        "name": "name",
        "alsoKnownAs": "also_known_as",
        "registrationStatus": "status",
        "registrationDate": "registered_text",
        "deregistrationDate": "deregistered_text",
        "type": "type",
        "ownershipType": "ownership",
        "careHome": "care_home",
        "numberOfBeds": "beds",
        "odsCode": "ods_code",
        "odsCcgCode": "commissioner",
        "odsCcgName": "commissioner_name",
        "onspdCcgCode": "ccg",
        "onspdCcgName": "ccg_name",
        "onspdIcbCode": "system",
        "onspdIcbName": "board_name",
        "onspdLatitude": "lat",
        "onspdLongitude": "lon",
        "localAuthority": "local_authority",
        "region": "region",
        "postalAddressLine1": "line_1",
        "postalAddressLine2": "line_2",
        "postalAddressTownCity": "town",
        "postalAddressCounty": "county",
        "postalCode": "postcode",
        "companiesHouseNumber": "company",
        "charityNumber": "charity",
        "brandId": "brand",
        "brandName": "brand_name",
        "inspectionCategories": "inspection_category",
    },
)
"""The values of a payload that are read, by the publisher's keys; a key may be absent."""

_NO_JSON = "the line is no JSON"
_NO_PAYLOAD = "the line is no payload of a location or provider"
_ITSELF = "Overall"


@dataclass(frozen=True, slots=True)
class Payloads:
    """The payloads of one file: their values, and by name the tables of `LISTS`."""

    sheet: Sheet
    lists: Mapping[str, pl.DataFrame]


# --- what a payload lists -------------------------------------------------------------------------


def _dicts(value: Any) -> Iterator[Payload]:
    """The objects of a list; what is missing, or is no list of objects, has none."""
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _dict(value: Any) -> Payload:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    """A value as text; null where there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def _rated(rated: Payload, group: str | None, day: str | None) -> Iterator[tuple[Any, ...]]:
    """The rating of one thing and of its key questions; their report's day is its own if stated."""
    day = _text(rated.get("reportDate")) or day
    yield group, "Overall", _text(rated.get("rating")), day
    for key in _dicts(rated.get("keyQuestionRatings")):
        day_of_key = _text(key.get("reportDate")) or day
        yield group, _text(key.get("name")), _text(key.get("rating")), day_of_key


def _ratings(payload: Payload) -> Iterator[tuple[Any, ...]]:
    """Current and historic ratings: of the whole, and of each service or population group."""
    for rating in (_dict(payload.get("currentRatings")), *_dicts(payload.get("historicRatings"))):
        day = _text(rating.get("reportDate"))
        yield from _rated(_dict(rating.get("overall")), _ITSELF, day)
        for service in _dicts(rating.get("serviceRatings")):
            yield from _rated(service, _text(service.get("name")), day)
    for assessment in _dicts(payload.get("assessment")):
        day = (_text(assessment.get("assessmentPlanPublishedDateTime")) or "")[:10] or None
        for service in _dicts(_dict(assessment.get("ratings")).get("asgRatings")):
            yield from _rated(service, _text(service.get("name")), day)


def _services(payload: Payload) -> Iterator[tuple[Any, ...]]:
    for measure, key, name in (
        ("service type", "gacServiceTypes", "description"),
        ("service category", "gacServiceTypes", "name"),
        ("specialism", "specialisms", "name"),
        ("regulated activity", "regulatedActivities", "name"),
    ):
        for item in _dicts(payload.get(key)):
            yield measure, _text(item.get(name))


def _relations(payload: Payload) -> Iterator[tuple[Any, ...]]:
    for item in _dicts(payload.get("relationships")):
        related = _text(item.get("relatedLocationId")) or _text(item.get("relatedProviderId"))
        name = _text(item.get("relatedLocationName")) or _text(item.get("relatedProviderName"))
        yield related, name, _text(item.get("type")), _text(item.get("reason"))


def _operated(payload: Payload) -> Iterator[tuple[Any, ...]]:
    locations = payload.get("locationIds")
    for location in locations if isinstance(locations, list) else ():
        yield (_text(location),)


def _inspection_areas(payload: Payload) -> Iterator[tuple[Any, ...]]:
    for item in _dicts(payload.get("inspectionAreas")):
        yield _text(item.get("inspectionAreaId")), _text(item.get("inspectionAreaName"))


@dataclass(frozen=True, slots=True)
class _List:
    columns: tuple[str, ...]
    rows: Callable[[Payload], Iterator[tuple[Any, ...]]]

    def table(self, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
        """The rows as text columns, `row` first."""
        schema = {"row": pl.Int64, **dict.fromkeys(self.columns, pl.String)}
        return pl.DataFrame(rows, schema=schema, orient="row")


LISTS: dict[str, _List] = {
    "ratings": _List(("group", "domain", "rating", "date"), _ratings),
    "services": _List(("measure", "value"), _services),
    "relations": _List(("related", "related_name", "relation", "reason"), _relations),
    "operated": _List(("location",), _operated),
    "inspection_areas": _List(("group", "group_name"), _inspection_areas),
}
"""What a payload lists, table by table; each row has `row`, the number of its payload."""


# --- reading --------------------------------------------------------------------------------------


def read_payloads(path: Path) -> Payloads:
    """The payloads of a file, plain or packed.

    `FileFault` if it cannot be read or is empty, `LayoutError` if it breaks off or has none.
    """
    taken = _Taken()
    for part in _parts(path):
        for payload in part:
            taken.add(payload)
        taken.close_part()
    if not taken.count:
        raise FileFault(path, reason="the file is empty")
    return taken.payloads(path)


def _parts(path: Path) -> Iterator[Iterator[Payload | str]]:
    """The payloads of each part of a file; in the place of one that is none, what is wrong."""
    parts = blocks(path, quoted=False)
    first = next(parts, b"")
    if not _has_a_payload_on_each_line(first):
        yield _whole(path, b"".join((first, *parts)))
        return
    yield _lines(path, first)
    for part in parts:
        yield _lines(path, part)


def _has_a_payload_on_each_line(start: bytes) -> bool:
    line = start.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0].strip()
    return line.startswith(b"{") and line.endswith(b"}")


def _lines(path: Path, part: bytes) -> Iterator[Payload | str]:
    whole = part.endswith(b"\n")
    lines = [line for line in part.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    for number, line in enumerate(lines, start=1):
        try:
            payload = json.loads(line)
        except ValueError:  # also what is no UTF-8
            if number == len(lines) and not whole:
                raise LayoutError(
                    path, PAYLOAD.name, "its last line breaks off", FETCH_AGAIN
                ) from None
            yield _NO_JSON
        else:
            yield payload if _is_payload(payload) else _NO_PAYLOAD


def _whole(path: Path, content: bytes) -> Iterator[Payload | str]:
    if not content.strip():
        raise FileFault(path, reason="the file is empty")
    try:
        found = json.loads(content)
    except ValueError:
        raise LayoutError(path, PAYLOAD.name, "it is no JSON, or breaks off", FETCH_AGAIN) from None
    if isinstance(found, dict) and "totalPages" in found:
        reason = "it is a page of a list, which names things and says nothing of them"
        raise LayoutError(path, PAYLOAD.name, reason, "Fetch the things that it lists.")
    for payload in found if isinstance(found, list) else [found]:
        yield payload if _is_payload(payload) else _NO_PAYLOAD


def _is_payload(found: Any) -> bool:
    return isinstance(found, dict) and ("locationId" in found or "providerId" in found)


class _Taken:
    """What was taken from payloads so far; a part's rows become columns when it is closed."""

    def __init__(self) -> None:
        self.count = 0
        self.faults: list[tuple[int, str]] = []
        self._values: list[tuple[str | None, ...]] = []
        self._listed: dict[str, list[tuple[Any, ...]]] = {name: [] for name in LISTS}
        self._parts: dict[str, list[pl.DataFrame]] = {name: [] for name in ("", *LISTS)}

    def add(self, payload: Payload | str) -> None:
        """One payload, or what is wrong with the line in its place."""
        self.count += 1
        if isinstance(payload, str):
            self.faults.append((self.count, payload))
            payload = {}
        self._values.append((*_values(payload), _digest(payload)))
        for name, listed in LISTS.items():
            rows = ((self.count, *row) for row in listed.rows(payload))
            self._listed[name].extend(rows)

    def close_part(self) -> None:
        schema = dict.fromkeys((*PAYLOAD.columns, "digest"), pl.String)
        self._parts[""].append(pl.DataFrame(self._values, schema=schema, orient="row"))
        for name, listed in LISTS.items():
            self._parts[name].append(listed.table(self._listed[name]))
            self._listed[name] = []
        self._values = []

    def payloads(self, path: Path) -> Payloads:
        told = {name: pl.concat(parts) for name, parts in self._parts.items()}
        values = told.pop("")
        cells = values.drop("digest")
        rows = values.rename(dict(PAYLOAD.columns)).with_row_index("row", 1)
        sheet = Sheet(
            file=path.name,
            layout=PAYLOAD,
            rows=rows.with_columns(pl.col("row").cast(pl.Int64)),
            cells=cells,
            merged=pl.Series("row", [], dtype=pl.Int64),
            rejected=pl.DataFrame(schema=REJECT_SCHEMA),
        )
        return Payloads(sheet.reject(_faults(self.faults)), told)


def _values(payload: Payload) -> Iterator[str | None]:
    for key in PAYLOAD.columns:
        value = payload.get(key)
        yield _primary(value) if key == "inspectionCategories" else _text(value)


def _primary(categories: Any) -> str | None:
    """The name of the inspection category that is marked as the primary one."""
    primary = (c for c in _dicts(categories) if c.get("primary") in (True, "true"))
    return next((_text(category.get("name")) for category in primary), None)


def _digest(payload: Payload) -> str:
    told = json.dumps(payload, sort_keys=True, ensure_ascii=False)
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _faults(found: list[tuple[int, str]]) -> pl.DataFrame:
    none = [(row, None, None, reason, FETCH_AGAIN) for row, reason in found]
    kept = ("row", "column", "value", "reason", "what_to_do")
    schema = {column: REJECT_SCHEMA[column] for column in kept}
    return pl.DataFrame(none, schema=schema, orient="row")
