"""Fetching from the ODS ORD API: the record of every organisation with one of some roles.

A search by primary role names the codes, then each record is asked for by its code. A run asked
again takes the changes from the sync endpoint, which reaches back 185 days and names codes of any
role; which of those not held yet have one of the roles, a search by the same date says. After a
longer pause everything is fetched anew.

Publisher's page: https://digital.nhs.uk/developer/api-catalogue/organisation-data-service-ord
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from ..ontology.errors import ServiceFailed, UsageError
from .fetch_files import Destination, Fetched, Output, Payload, Run, Scope, fetch_each
from .fetch_http import Client
from .fetch_service import Answer, Listing, Page, Tell, settled, stamp

__all__ = ["ROLES", "code_of", "fetch", "roles_of"]

ROLES = {
    "RO98": "clinical commissioning groups and sub-ICB locations",
    "RO107": "care trusts",
    "RO177": "prescribing cost centres, GP practices among them",
    "RO197": "NHS trusts",
    "RO198": "sites of NHS trusts",
    "RO261": "integrated care boards, before 2022 STPs",
    "RO272": "primary care networks",
}
"""The primary roles that are fetched unless others are asked for."""

FURTHEST_BACK = timedelta(days=185)
LIMIT = 1000
"""Entries of a page, as many as the service gives."""

NOT_ACCEPTABLE = 406
"""The status for a day further back than the sync endpoint reaches."""


def roles_of(scope: Scope) -> list[str]:
    """The codes of the roles asked for, otherwise all of `ROLES`; `UsageError` for what is none.

    >>> roles_of({"role": ["ro197"]}), len(roles_of({}))
    (['RO197'], 7)
    """
    asked = [role.upper() for role in scope.get("role", [])]
    if wrong := [role for role in asked if not re.fullmatch("RO[0-9]{1,4}", role)]:
        known = "; ".join(f"{role} {name}" for role, name in ROLES.items())
        raise UsageError(f"{wrong[0]} is no code of a role.", f"For example: {known}.")
    return sorted(set(asked)) or list(ROLES)


def fetch(client: Client, destination: Destination, tell: Tell) -> Iterator[Fetched]:
    """Fetch the records of the roles asked for."""
    roles = roles_of(destination.scope)
    destination = replace(destination, scope={"role": roles})
    register = _Register(client, roles, tell)
    with destination.output("ods-ord", code_of) as output:
        fetch_each(output, partial(register.plan, output), register.record, tell)
        yield output.result


def code_of(record: Payload) -> str:
    """The ODS code of a record; `LookupError` or `TypeError` if it is none.

    >>> code_of({"Organisation": {"OrgId": {"extension": "RWR"}}})
    'RWR'
    """
    return str(record["Organisation"]["OrgId"]["extension"])


@dataclass(frozen=True, slots=True)
class _Register:
    client: Client
    roles: list[str]
    tell: Tell

    def record(self, code: str) -> Payload | None:
        """The record of one code; None if the service does not have it (any more)."""
        answer = self.client.find(f"organisations/{quote(code, safe='')}")
        if answer is None:
            return None
        try:
            found = code_of(answer.body)
        except (LookupError, TypeError):
            found = ""
        if found != code:
            raise answer.fault(f"the answer is no record of {code}")
        record: Payload = answer.body
        return record

    def plan(self, output: Output) -> Run:
        """What is left to fetch: everything the first time, then what changed."""
        since = output.until[:10]
        changes = self._changes(since) if since else None
        if changes is None:
            listing = self._listing([])
            if not listing.identifiers:
                raise UsageError(
                    f"{self.client.service.title} has no record with {' or '.join(self.roles)}.",
                    "Check the codes of the roles.",
                )
            return Run(stamp(listing.time), whole=True, wanted=listing.identifiers)
        of_our_roles = set(self._listing([("LastChangeDate", since)]).identifiers)
        wanted = (changes.codes & output.identifiers()) | of_our_roles
        return Run(stamp(changes.time), whole=False, wanted=sorted(wanted))

    def _changes(self, since: str) -> _Changes | None:
        """What changed from that day on; None if it is further back than the service reaches."""
        self.tell("the list of changes", 0, 0)
        try:
            answer = self.client.get("sync", [("LastChangeDate", since)])
        except ServiceFailed as error:
            if error.status == NOT_ACCEPTABLE:
                return None
            raise
        if answer.time.date() - datetime.fromisoformat(since).date() > FURTHEST_BACK:
            return None
        links = [link for link in answer.items("Organisations") if isinstance(link, dict)]
        return _Changes({_code_in(answer, link.get("OrgLink")) for link in links}, answer.time)

    def _listing(self, query: list[tuple[str, str]]) -> Listing:
        """The codes with one of the roles, of those that a search finds."""
        listings = [settled(partial(self._pages, role, query)) for role in self.roles]
        codes = {code for listing in listings for code in listing.identifiers}
        return Listing(sorted(codes), min(listing.time for listing in listings))

    def _pages(self, role: str, query: list[tuple[str, str]]) -> Iterator[Page]:
        seen: set[str] = set()
        offset, more = 0, True
        while more:
            self.tell(f"the list of {ROLES.get(role, role)}", offset, 0)
            asked = [("PrimaryRoleId", role), *query, ("Limit", str(LIMIT))]
            if offset:  # the service refuses one below 2, so the first page has none
                asked.append(("Offset", str(offset)))
            answer = self.client.get("organisations", asked)
            codes = [_code(answer, row) for row in answer.items("Organisations")]
            total = _total(answer)
            yield Page(codes, total, answer.time)
            offset += len(codes)
            # A page that adds nothing is the last one, whatever the service says.
            more = not seen.issuperset(codes)
            more &= len(codes) >= LIMIT if total is None else offset < total
            seen.update(codes)


@dataclass(frozen=True, slots=True)
class _Changes:
    codes: set[str]
    time: datetime


def _code(answer: Answer, row: Any) -> str:
    """The code in an entry of a search."""
    code = row.get("OrgId") if isinstance(row, dict) else None
    if not isinstance(code, str) or not code:
        raise answer.fault("an entry of the list has no OrgId")
    return code


def _code_in(answer: Answer, link: Any) -> str:
    """The code that a link ends with; the link itself is not followed."""
    code = urlsplit(link).path.rpartition("/")[2] if isinstance(link, str) else ""
    if not code:
        raise answer.fault("an entry of the list has no OrgLink")
    return code


def _total(answer: Answer) -> int | None:
    """How many the whole list has, if the service says so."""
    said = answer.headers.get("X-Total-Count", "")
    return int(said) if said.isascii() and said.isdigit() else None
