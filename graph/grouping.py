"""Groups of ids that are one thing, where some may be kept from ever joining (union-find)."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Grouping"]


class Grouping:
    """Ids that hang together through pairs, pair by pair.

    >>> known = Grouping()
    >>> known.keep_apart("a", "c")
    True
    >>> known.join("a", "b"), known.join("b", "c")
    (True, False)
    >>> list(known)
    [['a', 'b'], ['c']]
    """

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._apart: dict[str, set[str]] = {}

    def _root(self, member: str) -> str:
        parent = self._parent
        while parent.setdefault(member, member) != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    def together(self, one: str, other: str) -> bool:
        """Whether the two are in one group."""
        return self._root(one) == self._root(other)

    def apart(self, one: str, other: str) -> bool:
        """Whether the groups of the two are kept from joining."""
        target = self._root(other)
        return any(self._root(kept) == target for kept in self._apart.get(self._root(one), ()))

    def keep_apart(self, one: str, other: str) -> bool:
        """Never let the groups of the two join; False if they are one group already."""
        if self.together(one, other):
            return False
        self._apart.setdefault(self._root(one), set()).add(other)
        self._apart.setdefault(self._root(other), set()).add(one)
        return True

    def join(self, one: str, other: str) -> bool:
        """Make one group of two; False if they are kept apart."""
        if self.together(one, other):
            return True
        if self._apart and self.apart(one, other):
            return False
        gone, root = self._root(one), self._root(other)
        self._parent[gone] = root
        if gone in self._apart:
            self._apart.setdefault(root, set()).update(self._apart.pop(gone))
        return True

    def __iter__(self) -> Iterator[list[str]]:
        """The groups, each as the list of its ids, in the order in which ids were first named."""
        groups: dict[str, list[str]] = {}
        for member in list(self._parent):
            groups.setdefault(self._root(member), []).append(member)
        yield from groups.values()
