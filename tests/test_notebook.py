"""A notebook shows maps and reports."""

import nbformat
import pytest
from nbclient import NotebookClient

from icsgraph.visualisations.notebook import Shown


def test_the_example_notebook_runs_and_shows_what_it_promises(repository):
    notebook = nbformat.read(repository / "docs" / "notebook.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    outputs = [
        output.get("data", {})
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "execute_result"
    ]
    frames = [data["text/html"] for data in outputs if "<iframe" in data.get("text/html", "")]
    assert len(frames) >= 2 and all('sandbox="allow-scripts' in frame for frame in frames)
    assert outputs[-1]["text/plain"] == "True"


def test_a_page_in_a_frame_cannot_end_the_frame():
    shown = Shown('a "b" <c>', '<!doctype html><p title="x">\'</iframe><script>1</script>')
    html = shown._repr_html_()
    assert html.count("<") == 2 and html.count("</iframe>") == 1
    assert set(shown._repr_mimebundle_()) == {"text/html", "text/plain"}
    assert "doctype" not in shown._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize("kind", ["system", "topic", "innovation", "programme"])
def test_a_report_of_a_graph_can_be_saved(sample, tmp_path, kind):
    names = {"system": "Dorset", "topic": "cancer", "innovation": "Virtual ward"}
    page = sample.report(kind, names.get(kind, "")).save(tmp_path / "page.html")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
