"""Eighty texts that would run, load, send or break something on a page that did not escape them,
and a snapshot full of them."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import polars as pl

from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.views import View

__all__ = ["EVERYTHING", "HOSTILE", "RUN", "SURROGATES", "Hostile", "HostileIds"]

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
    # ends and beginnings of scripts, in the ways in which a browser reads them
    f"</ScRiPt ><script>{RUN}</script>",
    f"</script\t\n><script>{RUN}</script>",
    f"</script/><script>{RUN}//",
    f"<!--<script>{RUN}",
    f"<!--<script></script>--><script>{RUN}</script>",
    f"<scr\x00ipt>{RUN}</scr\x00ipt>",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"&lt;script&gt;{RUN}&lt;/script&gt;&#60;img src=x onerror={RUN}&#62;",
    # ends of texts in JSON, script, style and templates
    f'"}}]}};{RUN};//',
    f"'}};{RUN};({{'",
    f'\\";{RUN}//\u2028\u2029\\',
    "`${window.ran=true}`",
    "{{ ''.__class__.__mro__ }}{% for a in b %}{# c",
    "</style><style>*{display:none}",
    "red;} * { display: none } /* url(https://example.org/b.png)",
    f"<p style='width:expression({RUN});background:url(https://example.org/a.png)'>x</p>",
    # control characters, marks of order, directions and direction overrides
    f"a\x00b\x01\x02\x0b\x1f\x7f\x80\x9f<script>{RUN}</script>",
    f"\ufeff<script\x0c>{RUN}</script\x0b>\ufffe\uffff",
    "\u2066\u202eevil\u2069\u200f\u061c\u200bname\u202e",
    "e\u0301\u0327\u0489" * 120,
    "👨‍👩‍👧‍👦🏳️‍🌈" * 90,
    "é" * 2000,
    # addresses
    f"java\nscript:{RUN}",
    f"java&Tab;script:{RUN}",
    f"&#106;avascript&colon;{RUN}",
    f"\x01javascript:{RUN}",
    f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='parent.{RUN}'/>",
    "data:text/html;base64,PHNjcmlwdD5wYXJlbnQucmFuPXRydWU8L3NjcmlwdD4=",
    f"blob:https://example.org/{RUN}",
    "//example.org/a.js",
    "http://[",
    # markup and marks of other languages
    f"<svg/onload={RUN}//",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<meta http-equiv=Content-Security-Policy content='script-src *'><base href=javascript:{RUN}>",
    f"<template><script>{RUN}</script></template><noscript><img src=x onerror={RUN}></noscript>",
    f"<textarea autofocus onfocus={RUN}></textarea></title><xmp><plaintext>",
    f"[x](javascript:{RUN}) ![y](https://example.org/c.png) <https://example.org>",
    # formulas, files and parts of addresses
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "../../../etc/a#b%20c?d=e&f/g\\h:i*j|CON.html",
]

EVERYTHING = " ".join(text for text in HOSTILE if len(text) < 200)
"""All of them in one text, for fields that have fewer rows than there are hostile texts; without
those that are hostile by their length."""

SURROGATES = f"\ud800<script>{RUN}</script>\udfff"
"""What no table can hold, but a file of JSON or the name of a parameter."""

IDS = {
    *("id", "subject", "object", "source", "document", "finding", "area", "thing", "became_id"),
    *("sources", "codes"),
}
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
        named, said = ("title", "publisher", "url", "licence"), cycle([*texts, SURROGATES])
        sources = [{**f, **{n: next(said) for n in named}} for f in base.manifest["sources"]]
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


class HostileIds(View):
    """A snapshot in which every id ends in a text, the same in all tables."""

    def __init__(self, base: Snapshot, ending: str) -> None:
        super().__init__(base, "hostile-ids")
        self.ending = ending
        facts = [{**f, "id": f["id"] + ending} for f in base.manifest["sources"]]
        self.named = {**base.manifest, "sources": facts}

    @property
    def manifest(self) -> dict[str, Any]:
        return self.named

    def series(self, name: str) -> pl.DataFrame:
        return self.ended(self.base.series(name))

    def _nodes(self, kind: str) -> pl.DataFrame:
        return self.ended(self.base.nodes(kind))

    def _relationships(self, kind: str) -> pl.DataFrame:
        return self.ended(self.base.relationships(kind))

    def ended(self, table: pl.DataFrame) -> pl.DataFrame:
        """The table with the ending behind each id."""
        each = pl.element() + self.ending
        return table.with_columns(
            pl.col(name) + self.ending if kind == pl.String else pl.col(name).list.eval(each)
            for name, kind in table.schema.items()
            if name in IDS and kind in (pl.String, pl.List(pl.String))
        )
