"""A web service on this machine that answers in the layouts of the CQC's and the ODS's.

It is a real server on a real socket. What it holds, what time it says it is, and which of its
answers go wrong, a test sets.
"""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from icsgraph.loaders.fetch import FETCHED, fetch

KEY = "a-key-of-this-test"
MONDAY = "2026-11-02T09:00:00Z"


@dataclass
class Reply:
    """What is sent: the body as JSON unless it is bytes; after `cut` bytes the line goes dead."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


DEAD = Reply({"line": "goes dead"}, cut=3)


class Service:
    """A server that answers with `answer(path, query)`, or first with what stands in `faults`."""

    def __init__(self, answer: Callable[[str, dict[str, str]], Reply]) -> None:
        self.answer = answer
        self.now = MONDAY
        self.faults: list[Reply] = []
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.before: Callable[[str], None] = lambda target: None

    def reply(self, target: str) -> Reply:
        self.before(target)
        if self.faults:
            return self.faults.pop(0)
        parts = urlsplit(target)
        return self.answer(parts.path, dict(parse_qsl(parts.query)))


def handler(service: Service) -> type[BaseHTTPRequestHandler]:
    """The handler of the requests to a service."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are sent apart

        def do_GET(self) -> None:
            service.asked.append(self.path)
            service.headers.append(dict(self.headers))
            reply = service.reply(self.path)
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: reply.cut])
            self.close_connection = reply.cut is not None

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(datetime.fromisoformat(service.now).astimezone(UTC), usegmt=True)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    return Handler


@contextmanager
def served(service: Service) -> Iterator[str]:
    """The address of a service while it runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(service))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def pages(path: str, name: str, rows: list[Any], query: dict[str, str], size: int) -> Reply:
    """A page of a list in the layout of the CQC's API, `size` entries at most."""
    page, per_page = int(query["page"]), min(int(query["perPage"]), size)
    count = -(-len(rows) // per_page)
    last = f"{path}?page={count}&perPage={per_page}"
    here = rows[(page - 1) * per_page : page * per_page]
    body = {
        "total": len(rows),
        "firstPageUri": f"{path}?page=1&perPage={per_page}",
        "page": page,
        "previousPageUri": None,
        "lastPageUri": last,
        "nextPageUri": f"{path}?page={page + 1}&perPage={per_page}" if page < count else None,
        "perPage": per_page,
        "totalPages": count,
        name: here,
        "uri": path,
    }
    return Reply(body)


def named(one: str, identifier: str, authority: str) -> dict[str, Any]:
    """A made-up payload in the layout of the CQC's API, with names of people in every place that
    the published schemas have for them."""
    person = {
        "personTitle": "Ms",
        "personGivenName": "Ottoline",
        "personFamilyName": "Quillfeather",
    }
    payload: dict[str, Any] = {
        f"{one}Id": identifier,
        "providerId": "1-101",
        "organisationType": one.capitalize(),
        "name": f"Ash House {identifier}",
        "registrationStatus": "Registered",
        "registrationDate": "2020-01-31",
        "localAuthority": authority,
        "postalCode": "OL1 1AA",
        "relationships": [],
    }
    activity: dict[str, Any] = {"name": "Personal care", "code": "RA1"}
    if one == "location":
        activity["contacts"] = [{**person, "personRoles": ["Registered Manager"]}]
    else:
        activity["nominatedIndividual"] = person
        payload |= {"providerId": identifier, "ownershipType": "Organisation", "locationIds": []}
        payload["contacts"] = [person]
    return {**payload, "regulatedActivities": [activity]}


class Cqc:
    """The CQC's API: payloads by identifier, and which of them changed when."""

    def __init__(self) -> None:
        self.payloads: dict[str, dict[str, dict[str, Any]]] = {"provider": {}, "location": {}}
        self.changes: list[tuple[str, str, str]] = []
        self.page_size = 2
        for number in range(1, 4):
            self.put("provider", f"1-10{number}", "Oldham")
        for number in range(1, 6):
            self.put("location", f"1-20{number}", "Oldham" if number < 4 else "Bury")

    def put(self, one: str, identifier: str, authority: str = "Oldham") -> None:
        self.payloads[one][identifier] = named(one, identifier, authority)

    def change(self, one: str, identifier: str, when: str, **new: str) -> None:
        self.payloads[one][identifier] |= new
        self.changes.append((when, one, identifier))

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        _, first, *rest = path.split("/")
        if first == "changes":
            since, until = query["startTimestamp"], query["endTimestamp"]
            changed = {i for at, one, i in self.changes if one == rest[0] and since <= at < until}
            return pages(path, "changes", sorted(changed), query, self.page_size)
        one = first.removesuffix("s")
        if rest:
            payload = self.payloads[one].get(rest[0])
            return Reply(payload) if payload else Reply({"message": "not found"}, 404)
        rows = [
            {f"{one}Id": i, f"{one}Name": payload["name"]}
            for i, payload in sorted(self.payloads[one].items())
            if query.get("localAuthority", payload["localAuthority"]) == payload["localAuthority"]
        ]
        return pages(path, first, rows, query, self.page_size)


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Serves a register under the name of a service: `.service` is how it answers, `.fetch()`
    fetches it into `.folder`, `.slept` are the seconds that were to be waited."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ExitStack() as running:

        def serve(name: str, register: Any) -> SimpleNamespace:
            service = Service(register.answer)
            url = running.enter_context(served(service))
            return fetching(name, register, service, url, tmp_path / "registers")

        yield serve


@pytest.fixture
def cqc(serving: Callable[..., Any]) -> SimpleNamespace:
    """The CQC's API, served."""
    return serving("cqc", Cqc())


def fetching(name: str, register: Any, service: Service, url: str, folder: Path) -> SimpleNamespace:
    """What a test of one service needs at hand."""
    row = FETCHED[name]
    environment = {row.url_variable: url, **({row.key.variable: KEY} if row.key else {})}
    slept: list[float] = []

    def run(scope: dict[str, list[str]] | None = None, **more: Any) -> Any:
        service.asked.clear()
        settings = {"environment": environment, "sleep": slept.append, **more}
        return fetch(name, folder, scope, **settings)

    return SimpleNamespace(
        register=register,
        service=service,
        url=url,
        folder=folder,
        environment=environment,
        slept=slept,
        fetch=run,
    )


@pytest.fixture
def reply() -> type[Reply]:
    """What a service can be set to send."""
    return Reply


@pytest.fixture
def dead() -> Reply:
    """An answer that breaks off after three bytes."""
    return DEAD


@pytest.fixture
def lines() -> Callable[[Path], list[dict[str, Any]]]:
    """Reads the payloads of a file, one on each line."""

    def lines(path: Path) -> list[dict[str, Any]]:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        return [json.loads(line) for line in data.decode("utf-8").splitlines()]

    return lines
