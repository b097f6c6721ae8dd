"""Forty texts that would run, load, send or break something on a page that did not escape them,
and a snapshot full of them."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import polars as pl

from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.views import View

__all__ = ["EVERYTHING", "HOSTILE", "RUN", "Hostile"]

RUN = "window.ran=true"
HOSTILE = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<img src=x onerror=\"{RUN}\" href='x'>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src='javascript:parent.{RUN}'></iframe>",
    f"<a href='javascript:{RUN}'>href</a>",
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f" javascript:{RUN}",
    f"java\tscript:{RUN}",
    f"data:text/html,<script>parent.{RUN}</script>",
    f"vbscript:{RUN}",
    "file:///etc/passwd",
    'https://example.org/"onmouseover="window.ran=true',
    f"https://user:pass@example.org/<script>{RUN}</script>",
    f'"><script>{RUN}</script>',
    f"'><img src=x onerror={RUN}>",
    f'" autofocus onfocus={RUN} x="',
    f"' onmouseover='{RUN}",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=https://example.org/a.css>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<base href=https://example.org/>",
    "<form action=https://example.org><button autofocus>x</button></form>",
    f"<details open ontoggle={RUN}>",
    f"<body onload={RUN}>",
    f"<math><mtext></table></math><img src=x onerror={RUN}>",
    "<!--",
    "--><h1>out</h1>",
    "]]>",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "${window.ran=true}",
    f"\u2028{RUN}\u2029",
    "\u202egnp.exe\u202c أمن المرضى",
    "👩‍⚕️ " * 20,
    "W" * 2000,
]

EVERYTHING = " ".join(HOSTILE)
"""All of them in one text, for fields that have fewer rows than there are hostile texts."""

STRUCTURE = {
    *("id", "kind", "subject", "object", "source", "document", "finding", "area", "boundary"),
    *("start_earliest", "start_latest", "end_earliest", "end_latest", "first_seen", "last_seen"),
    *("knowledge_level", "level", "topic", "theme", "cluster", "evidence_class", "finding_kind"),
    *("org_type", "location_type", "area_type", "concept_type", "source_type", "broader"),
    *("measure", "period", "treatment_function", "statutory_from", "thing", "date"),
    "became_id",
}
"""Columns by which rows are found, put together and dated: no text of theirs is a source's own."""


class Hostile(View):
    """A snapshot in which every text that a source wrote is hostile: each in its own way, or all of
    them at once."""

    def __init__(self, base: Snapshot, texts: Sequence[str] = HOSTILE) -> None:
        super().__init__(base, "hostile")
        self.texts = cycle(texts)
        named = ("title", "publisher", "url", "licence")
        sources = [{**f, **{n: next(self.texts) for n in named}} for f in base.manifest["sources"]]
        self.named = {**base.manifest, "sources": sources}

    @property
    def manifest(self) -> dict[str, Any]:
        return self.named

    def series(self, name: str) -> pl.DataFrame:
        return self.hostile(self.base.series(name))

    def _nodes(self, kind: str) -> pl.DataFrame:
        return self.hostile(self.base.nodes(kind))

    def _relationships(self, kind: str) -> pl.DataFrame:
        return self.hostile(self.base.relationships(kind))

    def hostile(self, table: pl.DataFrame) -> pl.DataFrame:
        """The table with a hostile text in each cell of words; codes keep their register."""
        for name, kind in table.schema.items():
            cells = [next(self.texts) for _ in range(table.height)]
            if kind == pl.String and name not in STRUCTURE:
                table = table.with_columns(pl.Series(name, cells, dtype=pl.String))
            elif name in ("other_names", "codes"):
                lists = [[text if name == "other_names" else f"ods:{text}"] for text in cells]
                table = table.with_columns(pl.Series(name, lists, dtype=kind))
        return table
