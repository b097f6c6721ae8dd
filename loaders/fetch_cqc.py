"""Fetching from the CQC's API: the payload of every provider and of every location.

A list names the identifiers, then each payload is asked for by itself. A run asked again asks the
service what changed since, and fetches that. The names of registered managers and nominated
individuals are taken out of a payload before anything is written.

Publisher's page: https://api-portal.service.cqc.org.uk/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from ..ontology.errors import UsageError
from .fetch_files import Destination, Fetched, Output, Payload, Run, fetch_each
from .fetch_http import Client
from .fetch_service import Answer, Listing, Page, Query, Tell, settled, stamp

__all__ = ["fetch", "without_names"]

PER_PAGE = "1000"
"""Entries of a page, as many as the service gives."""


def fetch(client: Client, destination: Destination, tell: Tell) -> Iterator[Fetched]:
    """Fetch locations, then providers; each file is in its place before the next begins."""
    authorities = destination.scope.get("local-authority", [])
    for one, many in (("location", "locations"), ("provider", "providers")):
        register = _Register(client, one, many, tuple(authorities), tell)
        with destination.output(f"cqc-{many}", register.identifier) as output:
            fetch_each(output, partial(register.plan, output), register.payload, tell)
            yield output.result


@dataclass(frozen=True, slots=True)
class _Register:
    """The locations or the providers of the service, those of some local authorities or all."""

    client: Client
    one: str
    many: str
    authorities: tuple[str, ...]
    tell: Tell

    def identifier(self, payload: Payload) -> str:
        return str(payload[f"{self.one}Id"])

    def payload(self, identifier: str) -> Payload | None:
        """One payload without names; None if the service does not have it (any more)."""
        answer = self.client.find(f"{self.many}/{quote(identifier, safe='')}")
        if answer is None:
            return None
        payload = answer.body
        if not isinstance(payload, dict) or payload.get(f"{self.one}Id") != identifier:
            raise answer.fault(f"the answer is no payload of {self.one} {identifier}")
        without: Payload = without_names(payload)
        return without

    def plan(self, output: Output) -> Run | None:
        """What is left to fetch: everything the first time, then what changed."""
        if not output.until:
            listing = self._listing()
            return Run(stamp(listing.time), whole=True, wanted=listing.identifiers)
        now = stamp(self.client.get(self.many, [("page", "1"), ("perPage", "1")]).time)
        if now <= output.until:
            return None
        changed, dropped = self._changed(output.until, now), set[str]()
        if self.authorities:  # of which the service says nothing with a change
            inside, held = set(self._listing().identifiers), output.identifiers()
            changed, dropped = (changed & inside) | (inside - held), held - inside
        return Run(now, whole=False, wanted=sorted(changed), dropped=sorted(dropped))

    def _listing(self) -> Listing:
        """The identifiers of all, or of those of the local authorities asked for."""
        parts = [[("localAuthority", name)] for name in self.authorities] or [[]]
        listings = [settled(partial(self._pages, self.many, self.many, part)) for part in parts]
        identifiers = {identifier for part in listings for identifier in part.identifiers}
        if identifiers:
            return Listing(sorted(identifiers), min(part.time for part in listings))
        where = f" in {' or '.join(self.authorities)}" if self.authorities else ""
        raise UsageError(
            f"{self.client.service.title} lists no {self.many}{where}.",
            "Write a local authority as the CQC does: Oldham, or Kingston upon Hull, City of.",
        )

    def _changed(self, since: str, until: str) -> set[str]:
        """The identifiers of what changed between two times of the service's clock."""
        between = [("startTimestamp", since), ("endTimestamp", until)]
        return set(settled(partial(self._pages, f"changes/{self.one}", "changes", between))[0])

    def _pages(self, path: str, items: str, query: Query) -> Iterator[Page]:
        page, pages = 1, 1
        while page <= pages:
            self.tell(f"the list {path}", page - 1, pages)
            numbered = [*query, ("page", str(page)), ("perPage", PER_PAGE)]
            answer = self.client.get(path, numbered)
            rows = answer.items(items)
            found = [_identifier(answer, row, f"{self.one}Id") for row in rows]
            yield Page(found, _number(answer, "total"), answer.time)
            # A page without rows is the last one, whatever the service says.
            pages = (_number(answer, "totalPages") or 1) if rows else page
            page += 1


def without_names(value: Any) -> Any:
    """A payload without the names of people in it; of a contact only the roles stay.

    >>> without_names({"name": "Ash House", "regulatedActivities": [{"code": "RA1", "contacts": [
    ...     {"personFamilyName": "Doe", "personRoles": ["Registered Manager"]}]}]})
    {'name': 'Ash House', 'regulatedActivities': [{'code': 'RA1', 'contacts': [{'personRoles': \
['Registered Manager']}]}]}
    """
    if isinstance(value, list):
        return [without_names(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: without_names(item) for key, item in value.items() if not _names_a_person(key)}
    if "contacts" in kept:
        kept["contacts"] = [_roles(contact) for contact in _objects(kept["contacts"])]
    return kept


def _names_a_person(key: str) -> bool:
    word = key.lower()
    return word != "personroles" and (word.startswith("person") or word == "nominatedindividual")


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _roles(contact: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in contact.items() if key == "personRoles"}


def _identifier(answer: Answer, row: Any, key: str) -> str:
    """The identifier in an entry of a list; a list of changes holds nothing else."""
    identifier = row.get(key) if isinstance(row, dict) else row
    if not isinstance(identifier, str) or not identifier:
        raise answer.fault(f"an entry of the list has no {key}")
    return identifier


def _number(answer: Answer, name: str) -> int | None:
    """A number of the answer, if it has it."""
    found = answer.body.get(name)
    return found if isinstance(found, int) else None
