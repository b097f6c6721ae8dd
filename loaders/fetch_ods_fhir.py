"""Fetching from the Organisation Data Terminology API (FHIR R4): organisations with some roles.

A search gives whole resources, page by page; a run that was cut goes on at the next page. A run
asked again searches what was changed since. A record that was deleted altogether is found by a run
into another folder only: the search for changes does not have it.

Publisher's page: https://digital.nhs.uk/developer/api-catalogue/organisation-data-terminology
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..ontology.errors import UsageError
from .fetch_files import Destination, Fetched, Output, Payload, Run
from .fetch_http import Client
from .fetch_ods import roles_of
from .fetch_service import WALKS, Answer, Query, Tell, stamp

__all__ = ["fetch"]

COUNT = "200"
"""Resources of a page; the service refuses answers of more than 5 MB."""

PATH = "Organization"


def fetch(client: Client, destination: Destination, tell: Tell) -> Iterator[Fetched]:
    """Fetch the resources of the organisations with the roles asked for."""
    roles = roles_of(destination.scope)
    destination = replace(destination, scope={"role": roles})
    search = _Search(client, roles, tell)
    with destination.output("ods-fhir", _code) as output:
        if output.run is not None:
            output.go_on()
            search.go_on(output, output.run)
        run = search.plan(output.until)
        output.begin(run)
        search.go_on(output, run)
        yield output.result


def _first_page(run: Run, total: int) -> Run:
    return replace(run, page=f"{run.search}&_count={COUNT}", total=total)


def _code(resource: Payload) -> str:
    return str(resource["id"])


@dataclass(frozen=True, slots=True)
class _Search:
    client: Client
    roles: list[str]
    tell: Tell

    def plan(self, until: str) -> Run:
        """What is left to fetch: everything the first time, then what changed."""
        whole = not until
        query = [("roleCode", ",".join(self.roles))]
        if not whole:
            # The service knows later than a day, not from it on.
            day_before = date.fromisoformat(until[:10]) - timedelta(days=1)
            query.append(("lastChangeDate", f"gt{day_before}"))
        count = self._count(query)
        if whole and not count.total:
            raise UsageError(
                f"{self.client.service.title} has no record with {' or '.join(self.roles)}.",
                "Check the codes of the roles.",
            )
        return _first_page(Run(count.time, whole, search=urlencode(query)), count.total)

    def go_on(self, output: Output, run: Run) -> None:
        """Fetch the pages that are left. What was taken out meanwhile has moved others to a page
        that was read already; so all are read again, until one reading had as many as there were
        before it and after."""
        seen = output.fetched()
        for _ in range(WALKS):
            seen |= self._walk(output, run)
            total = self._count(parse_qsl(run.search)).total
            if run.total == total == len(seen):
                break
            run, seen = _first_page(run, total), set()
        for identifier in output.fetched() - seen if seen else ():
            output.add(identifier, None)
        output.finish(run)

    def _walk(self, output: Output, run: Run) -> set[str]:
        """Fetch one page after the other, from the one that is next; what they held."""
        seen, asked, page = set[str](), set[str](), run.page
        while page:
            self.tell(output.path.name, len(seen), run.total)
            answer = self.client.get(PATH, parse_qsl(page))
            for resource in _resources(answer):
                output.add(_code(resource), resource)
                seen.add(_code(resource))
            asked.add(page)
            page = _next(answer)
            if page in asked:
                raise answer.fault("its next page is one that came before")
            output.note(replace(run, page=page))
        return seen

    def _count(self, query: Query) -> _Count:
        answer = self.client.get(PATH, [*query, ("_summary", "count")])
        total = answer.body.get("total") if isinstance(answer.body, dict) else None
        if not isinstance(total, int):
            raise answer.fault("the answer has no total")
        return _Count(total, stamp(answer.time))


@dataclass(frozen=True, slots=True)
class _Count:
    total: int
    time: str


def _resources(answer: Answer) -> Iterator[dict[str, Any]]:
    """The organisations of a bundle."""
    if not isinstance(answer.body, dict) or answer.body.get("resourceType") != "Bundle":
        raise answer.fault("the answer is no bundle")
    for entry in answer.items("entry") if "entry" in answer.body else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            raise answer.fault("an entry of the bundle has no resource")
        if resource.get("resourceType") == PATH:
            if not isinstance(resource.get("id"), str):
                raise answer.fault("an organisation of the bundle has no id")
            yield resource


def _next(answer: Answer) -> str:
    """What the next page is asked by; blank if there is none.

    Only what follows the question mark is taken: the key is not sent to the address of a link.
    """
    links = answer.body.get("link", [])
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            return urlsplit(str(link.get("url", ""))).query
    return ""
