"""A site is a folder of linked pages, written whole or not at all, the same from the same graph."""

import json
import os
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.graph.published import search_file
from icsgraph.ontology.errors import UsageError
from icsgraph.visualisations.site import MARKER, write_site


@pytest.fixture(scope="module")
def site(registers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sites") / "site"
    write_site(registers, folder)
    return folder


def files(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_there_is_a_page_of_every_system_and_an_index_of_all(registers, site):
    systems = registers.nodes("System").height
    found = files(site)
    assert sum(name.startswith("reports/system-") for name in found) == systems
    assert sum(name.startswith("maps/system-") for name in found) == systems
    said = json.loads((site / MARKER).read_text(encoding="utf-8"))
    assert said["snapshot"] == registers.snapshot.id
    assert [*said["files"], MARKER] == [name for name in found if name != MARKER] + [MARKER]


def test_what_has_nothing_to_draw_is_no_page_and_no_link(spread, tmp_path):
    write_site(spread, tmp_path / "site")
    charts = [name for name in files(tmp_path / "site") if name.startswith("charts/hazard-")]
    assert charts == ["charts/hazard-online-consultation.html"]
    index = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert index.count("no chart") == 4
    pages = (tmp_path / "site" / "reports").glob("innovation-*.html")
    leading = {p.name for p in pages if "charts/hazard-" in p.read_text(encoding="utf-8")}
    assert leading == {"innovation-online-consultation.html"}


def test_an_interrupted_site_leaves_nothing_and_keeps_the_last(registers, site, tmp_path):
    def stop(step):
        if step.startswith("Maps ("):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_site(registers, tmp_path / "new", tell=stop)
    assert list(tmp_path.iterdir()) == []
    before = files(site)
    with pytest.raises(KeyboardInterrupt):
        write_site(registers, site, tell=stop)
    assert files(site) == before
    assert [p.name for p in site.parent.iterdir()] == ["site"]


def test_a_folder_with_other_things_is_left_alone(registers, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="holds other things"):
        write_site(registers, tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        write_site(registers, tmp_path / "mine.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_place_that_cannot_be_written(registers, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written to .*: .*file is a file, not a folder"):
        write_site(registers, tmp_path / "file" / "site")


WRITE = """
import sys
from icsgraph.session import open_graph
from icsgraph.visualisations.site import write_site
write_site(open_graph(sys.argv[1]), sys.argv[2])
"""


def test_the_same_bytes_in_every_process(registers, site, tmp_path):
    store = registers.snapshot.folder.parents[1]
    subprocess.run(
        [sys.executable, "-c", WRITE, str(store), str(tmp_path / "again")],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "4242"},
    )
    assert files(tmp_path / "again") == files(site)
    for name in files(site):
        assert (tmp_path / "again" / name).read_bytes() == (site / name).read_bytes(), name


def test_a_public_site_holds_nothing_that_is_left_out(registers, site, tmp_path):
    full = search_file(registers.snapshot, site).leaks
    assert "Dr Thorne" in [leak.value for leak in full]
    write_site(registers.public(), tmp_path / "site")
    found = search_file(registers.snapshot, tmp_path / "site")
    assert found.leaks == () and found.unread == ()


def test_one_command_from_raw_files_to_pages(repository, tmp_path):
    listed = repository / "tests" / "data" / "registers" / "SOURCES.toml"
    store, place = str(tmp_path / "store"), str(tmp_path / "site")
    asked = ["build", str(listed), "--store", store, "--site", place, "--profile", "public"]
    run = CliRunner().invoke(app, asked)
    assert run.exit_code == 0, run.stderr
    assert "Checked: every table is as written" in run.stdout
    assert (tmp_path / "site" / "index.html").is_file()
    run = CliRunner().invoke(app, ["build", "--sample", "--store", store, "--profile", "public"])
    assert run.exit_code == 2 and "belongs to a site" in run.stderr


def test_no_two_charts_of_the_index_are_called_alike(site):
    index = (site / "index.html").read_text(encoding="utf-8")
    names = re.findall(r'href="charts/(?!adoption-curve|hazard)[^"]+">([^<]+)<', index)
    assert len(names) > 4 and len(set(names)) == len(names)
