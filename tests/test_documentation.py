"""The pages written from the code: they are current, and say what the code says."""

from pathlib import Path

from icsgraph.documentation import PUBLIC, api_page, pages, stale, write
from icsgraph.queries.catalogue import read_catalogue
from icsgraph.queries.pages import question_page, with_n


def test_what_is_checked_in_is_what_the_code_gives(repository: Path) -> None:
    assert stale(repository) == [], "run `make generate`"


def test_a_changed_page_or_one_of_no_question_is_stale_until_it_is_written(tmp_path: Path) -> None:
    assert write(tmp_path) == sorted(pages())
    assert stale(tmp_path) == []
    (tmp_path / "docs/api.md").unlink()
    (tmp_path / "docs/questions/gone.md").write_text("gone", encoding="utf-8")
    assert write(tmp_path) == ["docs/api.md", "docs/questions/gone.md"]
    assert stale(tmp_path) == []


def test_every_public_method_of_the_graph_is_told() -> None:
    page = api_page()
    for call in ("Graph.ask", "Graph.cypher", "Graph.sparql", "Graph.tables", "Graph.networkx"):
        assert f"\n#### {call}\n" in page
    for call in ("Graph.rdf", "Graph.show", "Graph.search", "Graph.diff", "Graph.within"):
        assert f"\n#### {call}\n" in page
    assert all(f"\n## {heading}\n" in page for heading in PUBLIC)
    assert 'ask(\n    name: str,\n    *,\n    on: Day = "",\n' in page
    assert "```pycon\n>>> import icsgraph\n" in page


def test_the_page_of_a_question_says_what_its_file_says() -> None:
    question = read_catalogue()["common-barriers"]
    page = question_page(question)
    for part in (
        question.question,
        *(with_n(c, "*n*") for c in question.caveats),
        question.texts["cypher"].strip(),
    ):
        assert part in page
    for name in (*question.parameters, *question.columns):
        assert f"\n| `{name}` | " in page
    assert "\nicsgraph ask common-barriers" in page


def test_a_caveat_is_a_sentence_before_its_counts_are_known(repository: Path) -> None:
    for name, question in read_catalogue().items():
        page = (repository / "docs/questions" / f"{name}.md").read_text(encoding="utf-8")
        said = page.partition("## To be said beside the answer")[2].partition("\n## ")[0]
        assert said.count("\n- ") == len(question.caveats)
        assert "{" not in said
    assert "*n* of the *n* findings" in question_page(read_catalogue()["barriers"])


def test_a_cell_stays_in_its_column(repository: Path) -> None:
    """A bar or a line break in a value would end the cell."""
    for path in (repository / "docs/questions").glob("*.md"):
        lines = path.read_text(encoding="utf-8").splitlines()
        for above, line in zip(lines, lines[1:], strict=False):
            if above.startswith("|") and line.startswith("|"):
                assert line.replace("\\|", "").count("|") == above.replace("\\|", "").count("|")
