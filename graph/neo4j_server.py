"""A Neo4j server: how it is reached, and what it says when it cannot be used, in our words.

The driver takes most of a second to import, so it is imported where a server is first spoken to.
"""

from __future__ import annotations

import os
import re
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlsplit

from ..ontology.errors import IcsgraphError, QueryError, ServiceFailed, UsageError

__all__ = ["OLDEST", "PASSWORD_VARIABLE", "WHAT", "Server", "why_unusable"]

OLDEST = (5, 26)
"""The oldest version that push, pull and the catalogue are tested with, the long-term line."""

PASSWORD_VARIABLE = "NEO4J_PASSWORD"
SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
SECONDS_TO_CONNECT = 10
WHAT = "The Neo4j server"

_READ_ONLY = {
    "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
    "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase",
    "Neo.ClientError.Statement.AccessMode",
    "Neo.ClientError.Security.Forbidden",
    "Neo.ClientError.Cluster.NotALeader",
}


class Server:
    """A server at an address. Nothing is sent before something is read or written.

    Without a password that of $NEO4J_PASSWORD is used; where there is none either, the server is
    asked without a user, as one that has authentication switched off wants it. `patience` is how
    many seconds a transaction is tried again after a transient fault or a broken connection.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str = "neo4j",
        password: str = "",
        database: str = "",
        patience: float = 30,
    ) -> None:
        self.url = url
        self.user = user
        self.database = database
        self.patience = patience
        self._password = password or os.environ.get(PASSWORD_VARIABLE, "")

    def __repr__(self) -> str:
        return f"Server({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def driver(self) -> Any:
        """The driver, once the server has answered and is of a version that can be used."""
        import neo4j

        if urlsplit(self.url).scheme not in SCHEMES:
            raise self._no_address()
        auth = (self.user, self._password) if self._password else None
        with self.explained():
            driver = neo4j.GraphDatabase.driver(
                self.url,
                auth=auth,
                connection_timeout=SECONDS_TO_CONNECT,
                max_transaction_retry_time=self.patience,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
            )
            try:
                if reason := why_unusable(driver.get_server_info().agent):
                    raise self._failed(reason)
            except BaseException:
                driver.close()
                raise
        # Whoever forgets to close it: no connection outlives the server that was spoken to.
        weakref.finalize(self, driver.close)
        return driver

    def read(self, text: str, **parameters: Any) -> list[list[Any]]:
        """The rows of a query that only reads."""
        with self.explained(), self.session("READ") as session:
            rows: list[list[Any]] = session.execute_read(
                lambda transaction: transaction.run(text, parameters).values()
            )
        return rows

    def write(self, text: str, **parameters: Any) -> list[list[Any]]:
        """The rows of a query that writes: one transaction, tried again after a transient fault."""
        return self.write_all([(text, parameters)])[-1]

    def write_all(self, queries: list[tuple[str, Mapping[str, Any]]]) -> list[list[list[Any]]]:
        """The rows of each of several queries that write, all in one transaction."""

        def work(transaction: Any) -> list[list[list[Any]]]:
            return [transaction.run(text, dict(given)).values() for text, given in queries]

        with self.explained(), self.session("WRITE") as session:
            rows: list[list[list[Any]]] = session.execute_write(work)
        return rows

    def close(self) -> None:
        """Let go of the connections."""
        if "driver" in self.__dict__:
            self.driver.close()
            del self.__dict__["driver"]

    def session(self, access: str) -> Any:
        return self.driver.session(database=self.database or None, default_access_mode=access)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Say what the driver or the server raises as one of our errors."""
        from neo4j.exceptions import DriverError, Neo4jError

        try:
            yield
        except (DriverError, Neo4jError, ValueError, OSError) as error:
            if isinstance(error, IcsgraphError):
                raise
            raise self._in_our_words(error) from None

    def _in_our_words(self, error: Exception) -> IcsgraphError:
        from neo4j.exceptions import AuthError, ConfigurationError, ServiceUnavailable

        code = getattr(error, "code", None) or ""
        said = _first_sentence(error)
        if isinstance(error, ConfigurationError | ValueError):
            return self._no_address()
        if isinstance(error, AuthError) and code not in _READ_ONLY:
            hint = f"Set {PASSWORD_VARIABLE}, or name another user."
            if not self._password:
                return self._failed("it wants a password", hint)
            return self._failed(f"it refused the user {self.user} with this password", hint)
        if code == "Neo.ClientError.Database.DatabaseNotFound":
            return self._failed(f"it has no database {self.database}", "Its usual one is neo4j.")
        if code in _READ_ONLY:
            hint = "Name a user, or a database, that may write."
            return self._failed("it may only be read", hint)
        if code.startswith("Neo.ClientError.Statement."):
            return QueryError("Cypher", said)
        hint = ""
        if isinstance(error, ServiceUnavailable | OSError):
            hint = "Is it started, and is this its Bolt address? What was done so far stays."
        return self._failed(said, hint)

    def _no_address(self) -> UsageError:
        hint = "It looks like bolt://localhost:7687 or neo4j+s://HOST."
        return UsageError(f"{self.url} is no Bolt address of a Neo4j server.", hint)

    def _failed(self, reason: str, hint: str = "") -> ServiceFailed:
        return ServiceFailed(WHAT, self.url, reason, hint)


def why_unusable(agent: str) -> str:
    """What is wrong with a server, by what it calls itself; '' if it can be used.

    >>> why_unusable("Neo4j/5.26.30"), why_unusable("Neo4j/2026.08.1")
    ('', '')
    >>> print(why_unusable("Neo4j/4.4.38"))
    it is Neo4j 4.4, and 5.26 is the oldest that can be used
    >>> print(why_unusable("Memgraph/3.1"))
    it calls itself Memgraph/3.1, which is no Neo4j
    """
    found = re.fullmatch(r"Neo4j/(\d+)\.(\d+)\S*", agent)
    if found is None:
        return f"it calls itself {agent}, which is no Neo4j"
    version = (int(found[1]), int(found[2]))
    if version >= OLDEST:
        return ""
    told, wanted = (".".join(map(str, each)) for each in (version, OLDEST))
    return f"it is Neo4j {told}, and {wanted} is the oldest that can be used"


def _first_sentence(error: Exception) -> str:
    """What a driver's error says, on one line, without the addresses that it tried."""
    said = getattr(error, "message", None) or str(error)
    return " ".join(str(said).split(" (resolved ")[0].split())
