"""One push at a time to a Neo4j server: of two at once, the second is told to wait.

Who pushes keeps a transaction open that has written to a node of our own, and never commits it. The
server holds the node locked for it and lets go when its connection ends, however it ends: a push
that died is in nobody's way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ..ontology.errors import ServiceFailed
from .neo4j_server import WHAT, Server

__all__ = ["alone"]

_CONSTRAINT = (
    "CREATE CONSTRAINT icsgraph_lock_id IF NOT EXISTS FOR (l:IcsgraphLock) REQUIRE l.id IS UNIQUE"
)
_WRITE = "MERGE (l:IcsgraphLock {id: 'push'}) SET l.asked = true"
SECONDS_TO_WAIT = 1
# What a server says of a transaction that waited for a lock until its time was over.
_HELD = ("TransactionTimedOut", "LockClientStopped", "LockAcquisitionTimeout")


@contextmanager
def alone(server: Server) -> Iterator[Callable[[], None]]:
    """Let nobody else push meanwhile; what is given raises `ServiceFailed` once that has ended.

    Raises `ServiceFailed` if another push is under way.
    """
    for text in (_CONSTRAINT, _WRITE):
        _try(server, text)
    with server.explained(), server.session("WRITE") as session:
        # No limit: a push takes as long as it takes.
        transaction = session.begin_transaction(timeout=0)
        try:
            transaction.run(_WRITE).consume()
            yield lambda: _still(server, transaction)
        finally:
            with suppress(Exception):  # a connection that is gone has let go, too
                transaction.rollback()


def _try(server: Server, text: str) -> None:
    """Write at once, or not at all."""
    from neo4j.exceptions import Neo4jError

    with server.explained(), server.session("WRITE") as session:
        try:
            with session.begin_transaction(timeout=SECONDS_TO_WAIT) as transaction:
                transaction.run(text).consume()
                transaction.commit()
        except Neo4jError as error:
            if any(sign in (error.code or "") for sign in _HELD):
                reason = "another push to it is under way"
                raise ServiceFailed(WHAT, server.url, reason, "Push when it has ended.") from None
            raise


def _still(server: Server, transaction: Any) -> None:
    with server.explained():
        transaction.run("RETURN 1").consume()
