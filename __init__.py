"""icsgraph: a dated, evidence-carrying knowledge graph of how health and care organisations in
England work together.

    import icsgraph

    g = icsgraph.open()                           # or icsgraph.open("my-store")
    g.ask("barriers", topic="cancer")             # a polars frame with .caveats
    g.cypher("MATCH (s:System) RETURN s.name AS name ORDER BY name")
    g.networkx()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .ontology.errors import IcsgraphError
    from .session import Graph
    from .session import open_graph as open

__all__ = ["Graph", "IcsgraphError", "open"]

# Heavy libraries load with the first use of a name, so that `import icsgraph` stays quick.
_HOMES = {
    "Graph": ("session", "Graph"),
    "IcsgraphError": ("ontology.errors", "IcsgraphError"),
    "open": ("session", "open_graph"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    return getattr(import_module(f".{module}", __name__), attribute)
