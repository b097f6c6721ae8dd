"""Asking a publisher's web service: patiently, at the pace it allows, and only at its own address.

The HTTP library is imported when a client is made, so nothing but fetching loads it. It takes
proxies (HTTPS_PROXY, NO_PROXY) and certificates (SSL_CERT_FILE, otherwise those that the system
trusts) from the environment, and the certificate of the server is always checked.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode, urlsplit

from ..ontology.errors import MissingService, ServiceFailed, UsageError, shown
from .fetch_service import AGAIN, Answer, Key, Query, Service, Tell

if TYPE_CHECKING:
    import httpx2

__all__ = ["Client"]

ATTEMPTS = 5
"""How often one thing is asked before the service counts as failing: after 1, 2, 4 and 8 s."""

LONGEST_WAIT = 300.0
"""Seconds that are waited at most; a service that asks for more is asked again by a later run."""

LARGEST_ANSWER = 64 * 2**20
"""Bytes of an answer, unpacked; the largest expected is a tenth of it."""

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may be another one the next time."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class _Passing(Exception):
    """A fault that may be gone the next time; `wait` is how many seconds the service asks for."""

    def __init__(self, reason: str, status: int | None = None, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.wait = wait


class Client:
    """Asks one service, again after a passing fault, and never faster than it allows.

    `MissingService` if the environment lacks the key, `UsageError` if a setting there cannot be
    used.
    """

    def __init__(
        self,
        service: Service,
        environment: Mapping[str, str],
        sleep: Callable[[float], None],
        tell: Tell,
    ) -> None:
        self.service = service
        self._base = _base(service, environment)
        self._key = _key(service.key, environment) if service.key else ""
        self._more = [
            (n, environment[v]) for n, v in service.parameters.items() if v in environment
        ]
        self._sleep = sleep
        self._tell = tell
        self._asked_at = float("-inf")
        self._http = _connections(service, self._key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def get(self, path: str, query: Query = ()) -> Answer:
        """The answer at a path below the service's address.

        `ServiceFailed` if it refuses, or gives no whole JSON answer after `ATTEMPTS` attempts.
        """
        url = f"{self._base}/{path}"
        if asked := [*query, *self._more]:
            url += f"?{urlencode(asked)}"
        attempt = 1
        while True:
            self._pace()
            try:
                return self._once(url)
            except _Passing as passing:
                wait = max(passing.wait, 2.0 ** (attempt - 1))
                if attempt == ATTEMPTS or wait > LONGEST_WAIT:
                    raise self._given_up(url, passing, attempt, wait) from None
                self._tell(f"{passing.reason}; asking again in {wait:.0f} s", 0, 0)
            self._sleep(wait)
            attempt += 1

    def find(self, path: str, query: Query = ()) -> Answer | None:
        """The answer at a path, or None if the service has nothing there."""
        try:
            return self.get(path, query)
        except ServiceFailed as error:
            if error.status == 404:
                return None
            raise

    def _pace(self) -> None:
        """Wait until the next request may be sent."""
        early = 60 / self.service.per_minute - (time.monotonic() - self._asked_at)
        if early > 0:
            self._sleep(early)
        self._asked_at = time.monotonic()

    def _once(self, url: str) -> Answer:
        import httpx2

        try:
            with self._http.stream("GET", url) as response:
                content = self._content(url, response)
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            if _is_about_the_certificate(error):
                raise self._distrusted(url) from None
            raise _Passing(f"no whole answer came ({_words(error)})") from None
        if response.status_code != 200:
            raise self._refusal(url, response, content)
        try:
            body = json.loads(content)
        except (ValueError, RecursionError):
            raise _Passing(f"it answered what is no JSON: {_excerpt(content)}") from None
        return Answer(self.service.title, url, body, response.headers)

    def _content(self, url: str, response: httpx2.Response) -> bytes:
        content = bytearray()
        for part in response.iter_bytes():
            content += part
            if len(content) > LARGEST_ANSWER:
                reason = f"its answer is larger than {LARGEST_ANSWER:,} bytes"
                raise ServiceFailed(self.service.title, url, reason, self._other_address())
        return bytes(content)

    def _refusal(self, url: str, response: httpx2.Response, content: bytes) -> Exception:
        """The error for a status that is no success."""
        status = response.status_code
        said = f"it answered {status} {response.reason_phrase}".strip()
        if status in PASSING:
            return _Passing(said, status, _seconds(response.headers))
        if status in (401, 403) and self.service.key:
            reason = f"{said}: it does not accept the key in {self.service.key.variable}"
            hint = f"Check the key; another one is given out at {self.service.key.page}"
            return ServiceFailed(self.service.title, url, reason, hint, status)
        if 300 <= status < 400:
            reason, hint = f"{said}, and other addresses are not followed", self._other_address()
            return ServiceFailed(self.service.title, url, reason, hint, status)
        text = _excerpt(content.replace(self._key.encode(), b"...") if self._key else content)
        reason = f"{said}: {text}" if content else said
        return ServiceFailed(self.service.title, url, reason, self._other_address(), status)

    def _given_up(self, url: str, passing: _Passing, attempts: int, wait: float) -> ServiceFailed:
        reason, hint = passing.reason, AGAIN
        if wait > LONGEST_WAIT:
            reason += f", and asks to wait {wait / 60:.0f} minutes"
        elif attempts > 1:
            reason += f", {attempts} times"
        if passing.status is None:
            hint += f"\n{self._other_address()}"
        return ServiceFailed(self.service.title, url, reason, hint, passing.status)

    def _distrusted(self, url: str) -> ServiceFailed:
        reason = "its certificate is not one that this machine trusts"
        hint = "If a proxy of your own stands between, name its certificates in SSL_CERT_FILE."
        return ServiceFailed(self.service.title, url, reason, hint)

    def _other_address(self) -> str:
        return (
            f"If it is at another address now, name that in {self.service.url_variable}; "
            f"its page is {self.service.page}"
        )


def _connections(service: Service, key: str) -> httpx2.Client:
    import httpx2

    headers = {
        "Accept": service.accept,
        "User-Agent": f"icsgraph/{version('icsgraph')} (knowledge graph of integrated care)",
    }
    if service.key:
        headers[service.key.header] = key
    # A redirect is not followed: the library would send the key along to any other host.
    return httpx2.Client(
        headers=headers, timeout=httpx2.Timeout(60.0, connect=15.0), follow_redirects=False
    )


def _base(service: Service, environment: Mapping[str, str]) -> str:
    """The address of a service, without a last slash."""
    url = environment.get(service.url_variable) or service.url
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.username:
        raise UsageError(
            f"{service.url_variable} is {shown(url)}, which is no address of a service.",
            f"Write it as {service.url}",
        )
    if parts.scheme == "http" and host not in LOOPBACK:
        raise UsageError(
            f"{service.url_variable} is {shown(url)}, which anybody on the way could read.",
            "Write an address that begins with https://",
        )
    return url.rstrip("/")


def _key(key: Key, environment: Mapping[str, str]) -> str:
    """The key that the environment holds."""
    held = environment.get(key.variable, "").strip()
    if not held:
        raise MissingService(
            f"a key in the environment variable {key.variable}", f"Get one at {key.page}"
        )
    if not (held.isascii() and held.isprintable()):
        raise UsageError(
            f"The environment variable {key.variable} holds letters that no key has.",
            "Copy the key again.",
        )
    return held


def _seconds(headers: Mapping[str, str]) -> float:
    """How long a service asks to wait, as seconds or as a day and time; 0 if it does not say.

    >>> _seconds({"Retry-After": "7"}), _seconds({"Retry-After": "soon"}), _seconds({})
    (7.0, 0.0, 0.0)
    >>> day = "Sun, 22 Nov 2026 00:40:"
    >>> _seconds({"Date": f"{day}00 GMT", "Retry-After": f"{day}30 GMT"})
    30.0
    """
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return 0.0
    return max(wait.total_seconds(), 0.0)


def _is_about_the_certificate(error: BaseException | None) -> bool:
    """Whether a fault comes from a certificate that is not trusted."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _words(error: Exception) -> str:
    """What a fault of the connection is, in the words of the library."""
    return str(error).strip().rstrip(".") or type(error).__name__


def _excerpt(content: bytes) -> str:
    """The beginning of an answer on one line, so that a page of a proxy can be told apart."""
    return shown(" ".join(content[:400].decode("utf-8", "replace").split()))
