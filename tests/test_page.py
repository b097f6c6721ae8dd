"""A page carries all it needs, names exactly what may run, and is written whole or not at all."""

import base64
import hashlib
import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from icsgraph.ontology.errors import UsageError
from icsgraph.visualisations.network import vis_network_script
from icsgraph.visualisations.page import Note, Page, render, safe_json, write_page

HOSTILE = "</script><script>alert(1)</script><!--\u2028\u2029&lt;"


class Inline(HTMLParser):
    """The text of each script and style element, and every attribute that could load something."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.inside, self.texts, self.loads = None, {"script": [], "style": [], "data": []}, []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag in ("script", "style"):
            self.inside = "data" if named.get("type") == "application/json" else tag
            self.texts[self.inside].append("")
        self.loads += [v for k, v in attributes if k in ("src", "href") and not v.startswith("#")]

    def handle_endtag(self, tag):
        self.inside = None if tag in ("script", "style") else self.inside

    def handle_data(self, text):
        if self.inside:
            self.texts[self.inside][-1] += text


def page(**changes) -> Page:
    parts = {
        "title": "Title",
        "heading": "Heading",
        "sentence": "Sentence",
        "search_label": "Find",
        "stage_label": "Map",
        "legend": [],
        "notes": [],
        "payload": {"name": "test"},
        "library": vis_network_script(),
    }
    return Page(**{**parts, **changes})


def parsed(html: str) -> Inline:
    reader = Inline()
    reader.feed(html)
    return reader


def test_the_policy_names_exactly_the_inline_texts():
    html = render(page())
    found = parsed(html).texts
    stated = set(re.findall(r"'(sha256-[^']+)'", unescape(html)))
    digests = {
        "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (*found["script"], *found["style"])
    }
    assert stated == digests
    assert "'unsafe" not in html.partition("<title>")[0]


def test_the_policy_stands_straight_after_the_charset():
    head = render(page()).partition("<head>")[2].strip().splitlines()
    assert head[0] == '<meta charset="utf-8">'
    assert head[1].startswith('<meta http-equiv="Content-Security-Policy" content="default-src')


def test_nothing_is_loaded_from_anywhere():
    assert parsed(render(page())).loads == ["data:,"]


def test_hostile_text_is_text_everywhere():
    html = render(
        page(
            title=HOSTILE,
            heading=HOSTILE,
            sentence=HOSTILE,
            search_label=HOSTILE,
            stage_label=HOSTILE,
            empty=HOSTILE,
            notes=[Note(HOSTILE, (HOSTILE,))],
            payload={"name": HOSTILE},
        )
    )
    found = parsed(html).texts
    assert (len(found["script"]), len(found["style"]), len(found["data"])) == (2, 1, 1)
    assert json.loads(found["data"][0]) == {"name": HOSTILE}
    assert "alert(1)</script>" not in html


def test_a_lone_surrogate_becomes_the_replacement_character():
    html = render(page(heading="a\ud800b", payload={"name": "a\ud800b"}))
    assert "a\ufffdb</h1>" in html
    assert html.encode("utf-8")


@pytest.mark.parametrize("text", ["</script>", "<!--", "]]>", "\u2028", "&amp;", "\ud83d\ude00"])
def test_safe_json_gives_back_what_went_in(text):
    written = safe_json({"text": text})
    assert json.loads(written) == {"text": text}
    assert not set("<>&\u2028\u2029") & set(written)


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError):
        safe_json(float("nan"))


def test_the_script_of_vis_network_asks_for_no_source_map():
    script = vis_network_script()
    assert "sourceMappingURL" not in script
    assert "\r" not in script and "</script" not in script and "<!--" not in script


def test_a_page_replaces_the_old_one(tmp_path):
    target = tmp_path / "map.html"
    target.write_text("old", encoding="utf-8")
    assert write_page("né\n", target) == target
    assert target.read_bytes() == "né\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]


def test_a_page_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write_page("new", tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
