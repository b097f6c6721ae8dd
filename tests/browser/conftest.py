"""A real browser without a network, and what it said of each page it was shown."""

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from page_data import completed
from playwright.sync_api import Browser, Page, Playwright

from icsgraph.visualisations.around_map import around_map
from icsgraph.visualisations.flows_map import flows_map
from icsgraph.visualisations.innovation_map import innovation_map
from icsgraph.visualisations.national_map import national_map
from icsgraph.visualisations.page import write_page
from icsgraph.visualisations.question_map import question_map
from icsgraph.visualisations.system_map import system_map
from icsgraph.visualisations.systems_map import systems_map
from icsgraph.visualisations.topic_map import topic_map

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    os.path.expandvars("${PROGRAMFILES}/Google/Chrome/Application/chrome.exe"),
    os.path.expandvars("${PROGRAMFILES}/Microsoft/Edge/Application/msedge.exe"),
)
SWITCHES = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
]
# said by Chromium's own software compositor whenever it shows a canvas of WebGL
COMPOSITOR = "GPU stall due to ReadPixels"
NO_BROWSER = "no browser here; to get one: python -m playwright install chromium"
READY = "html[data-ready]"
DRAWN = "document.getElementById('stage').icsgraphMap.drawnIds()"
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="session")
def browser_type_launch_args(playwright: Playwright) -> dict[str, Any]:
    """The system's own browser, else Playwright's; a machine that has neither skips."""
    own = Path(playwright.chromium.executable_path)
    found = [shutil.which(name) for name in NAMES] + [p for p in PATHS if Path(p).is_file()]
    executable = next((path for path in found if path), str(own) if own.is_file() else None)
    if executable is None:
        pytest.skip(NO_BROWSER)
    return {"executable_path": executable, "chromium_sandbox": False, "args": SWITCHES}


@dataclass
class Visit:
    """A page that was opened, and everything it asked for or complained of.

    `requests` are those that its own policy stopped as well; `sent` are those it let through.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def complain(self, line: str) -> None:
        """Keep a line of the console, but for the one that is the browser's own."""
        if COMPOSITOR not in line:
            self.complaints.append(line)

    @property
    def drawn(self) -> list[str]:
        """The ids of what the national map draws now."""
        found: list[str] = self.page.evaluate(DRAWN)
        return found

    @property
    def scrolls_sideways(self) -> bool:
        """Whether the page is wider than its window."""
        return bool(self.page.evaluate(WIDER))

    @property
    def payload(self) -> dict[str, Any]:
        """The data in the page."""
        found: dict[str, Any] = self.page.evaluate(
            "JSON.parse(document.getElementById('data').textContent)"
        )
        return completed(found)

    def read_a_source_and_close(self, steps: int) -> None:
        """From the panel of what is chosen go on to a link within so many steps of the Tab key, and
        close the panel: the map has the keyboard again."""
        for _ in range(steps):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.tagName") == "A":
                break
        assert self.page.evaluate("document.activeElement.href").startswith("http")
        self.page.keyboard.press("Escape")
        assert self.page.locator("#overview").is_visible()
        assert self.page.evaluate("document.activeElement.id") == "stage-focus"

    def point(self, name: str) -> tuple[float, float]:
        """Where a mark lies on the screen, by its name, while the whole map is in view."""
        drawing = self.payload["drawing"]
        node = next(node for node in drawing["nodes"] if node["label"] == name)
        world, box = drawing["world"], self.page.locator("#stage").bounding_box()
        assert box is not None
        scale = min(box["width"] / world["width"], box["height"] / world["height"])
        return (
            box["x"] + box["width"] / 2 + (node["x"] - world["x"] - world["width"] / 2) * scale,
            box["y"] + box["height"] / 2 + (node["y"] - world["y"] - world["height"] / 2) * scale,
        )

    def rows(self, name: str) -> list[list[str]]:
        """The texts of the rows of one of the tables, which is left open."""
        if self.page.locator("#table-view").get_attribute("aria-pressed") == "false":
            self.page.locator("#table-view").click()
        self.page.locator(f"[data-table={name}]").click()
        found: list[list[str]] = self.page.locator("#rows tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
        )
        return found

    def find(self, text: str) -> None:
        """Type into the search and take the first result, by the keyboard."""
        self.page.locator("#search").fill(text)
        self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")


Open = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens a file with the network blocked and logged; choices go to the browser's context.

    `first_run` is a script that runs before any of the page.
    """
    contexts = []

    def opened(path: Path, first_run: str = "", **choices: Any) -> Visit:
        settings = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
        context = browser.new_context(**{**settings, "service_workers": "block", **choices})
        contexts.append(context)
        page = context.new_page()
        if first_run:
            page.add_init_script(first_run)
        seen = Visit(page)

        def guard(route: Any) -> None:
            seen.sent.append(route.request.url)
            if route.request.url.startswith(("file:", "data:", "blob:")):
                route.continue_()
            else:
                route.abort()

        page.route("**/*", guard)
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("console", lambda line: seen.complain(f"{line.type}: {line.text}"))
        page.on("pageerror", lambda error: seen.complaints.append(f"error: {error}"))
        page.on("dialog", lambda box: (seen.complaints.append("dialog"), box.dismiss()))
        page.goto(path.as_uri())
        page.wait_for_selector(READY)
        return seen

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def systems_file(sample: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The map of systems, of the bundled evidence."""
    folder = tmp_path_factory.mktemp("maps")
    return write_page(systems_map(sample.snapshot), folder / "systems.html")


@pytest.fixture(scope="session")
def england_file(registers: Any, viewer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The national map, of the small made-up registers."""
    html = national_map(registers.snapshot)
    return write_page(html, tmp_path_factory.mktemp("england") / "england.html")


@pytest.fixture
def systems(visit: Open, systems_file: Path) -> Visit:
    """That map, open."""
    return visit(systems_file)


@pytest.fixture(scope="session")
def broken_rules() -> Callable[[Visit], list[str]]:
    """Every rule that axe-core, as the installed package carries it, finds broken, with where."""
    found = importlib.util.find_spec("axe_playwright_python")
    assert found is not None and found.origin is not None
    script = Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")

    def broken(seen: Visit) -> list[str]:
        seen.page.evaluate(script)  # a script element would be stopped by the page's own policy
        told = seen.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['impact']}: {one['id']}: {node['target']}"
            for one in told["violations"]
            for node in one["nodes"]
        ]

    return broken


@pytest.fixture(scope="session")
def map_files(
    sample: Any, registers: Any, spread: Any, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A page of every kind of map, of small graphs: those with things on them, and an empty one."""
    became = sample.ask("system-2022-to-2026")
    question = sample.questions["system-2022-to-2026"]
    pages = {
        "system": system_map(registers.snapshot, "Q9X"),
        "innovation": innovation_map(spread.snapshot, "Shared record"),
        "topic": topic_map(sample.snapshot, "cancer"),
        "around": around_map(sample.snapshot, "Virtual ward", hops=2),
        "question": question_map(sample.snapshot, became, question=question),
        "flows": flows_map(registers.snapshot),
        "empty": flows_map(sample.snapshot),
    }
    folder = tmp_path_factory.mktemp("kinds")
    return {name: write_page(html, folder / f"{name}.html") for name, html in pages.items()}
