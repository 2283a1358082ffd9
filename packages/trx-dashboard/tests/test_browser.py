"""The dashboard in a real browser, on a service that really runs."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from .conftest import Stack
from .test_command import free_port, serving

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
PATIENCE = 30_000
AWAY = "The service does not answer at"

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium: install the package chromium"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    page.set_default_timeout(PATIENCE)
    yield page
    page.close()


@pytest.fixture
def asked(page: Page) -> set[str | None]:
    """Hosts that the page has asked for anything."""
    hosts: set[str | None] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    return hosts


def log_in(page: Page, url: str, stack: Stack) -> None:
    page.goto(url)
    page.get_by_label("User").fill("admin")
    page.get_by_label("Password", exact=True).fill(stack.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Newest tasks")).to_be_visible()


def test_a_task_is_submitted_and_seen_to_complete(
    page: Page, stack: Stack, asked: set[str | None], tmp_path: Path
) -> None:
    log_in(page, stack.dashboard, stack)
    page.get_by_role("link", name="Submit a task").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Field required")).to_be_visible()
    page.get_by_label("Type", exact=True).fill("web")
    page.get_by_role("combobox", name="Region").fill("mars")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("no pool stands in 'mars'")).to_be_visible()
    page.get_by_role("combobox", name="Region").fill("eu-west")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("completed", exact=True)).to_be_visible()

    page.get_by_role("link", name="Submit a batch").click()
    page.get_by_text("Upload a file").click()
    file = tmp_path / "tasks.csv"
    file.write_text("type,priority\nbatch-a,1\nbatch-b,10\n")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Submit 2 tasks").click()
    expect(page.get_by_text("Accepted 2 tasks.")).to_be_visible()

    page.get_by_role("link", name="Live").click()
    expect(page.get_by_test_id("stMetric").filter(has_text="Completed")).to_contain_text(
        re.compile(r"[1-9]")
    )
    expect(page.get_by_text("greedy decides")).to_be_visible()
    assert asked == {"127.0.0.1"}


def test_traffic_is_started_watched_and_stopped(page: Page, stack: Stack) -> None:
    log_in(page, stack.dashboard, stack)
    page.get_by_role("link", name="Simulate traffic").click()
    page.get_by_text("Parameters of the pattern").click()
    rate = page.get_by_label(re.compile(r"^rate \(float"))
    rate.fill("-1")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Input should be greater than 0")).to_be_visible()
    rate.fill("20")
    page.get_by_label(re.compile(r"^duration")).fill("1000")
    page.get_by_role("button", name="Start").click()
    card = page.locator("[class*='st-key-simulation-']").first
    expect(card.get_by_text("running", exact=True)).to_be_visible()
    expect(card.get_by_text(re.compile(r"^[1-9]\d* of at most 10,000 tasks"))).to_be_visible()
    card.get_by_role("button", name="Stop").click()
    expect(card.get_by_text("stopped", exact=True)).to_be_visible()
    expect(card.get_by_role("button", name="Stop")).to_have_count(0)


def test_the_documentation_of_the_api_asks_no_other_host(
    page: Page, stack: Stack, asked: set[str | None]
) -> None:
    page.goto(f"{stack.url}/api/v1/docs")
    page.locator("#operations-workers-listed_api_v1_workers_get").click()
    expect(page.get_by_text("The pools, by name, with the slots")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert asked == {"127.0.0.1"}


def test_the_view_moves_without_being_drawn_anew(page: Page, stack: Stack) -> None:
    log_in(page, stack.dashboard, stack)
    drawn = page.locator("[data-testid=stMetric], [data-testid=stDataFrame] canvas")
    expect(drawn.first).to_be_visible()
    _wait_for_news(page)
    drawn.evaluate_all("elements => elements.forEach(one => one.dataset.seen = 'yes')")
    _wait_for_news(page)
    assert drawn.evaluate_all("elements => elements.every(one => one.dataset.seen === 'yes')")


def test_a_filter_can_be_written_while_the_view_moves(page: Page, stack: Stack) -> None:
    log_in(page, stack.dashboard, stack)
    field = page.get_by_label("Type", exact=True)
    field.press_sequentially("no-such")
    _wait_for_news(page)
    expect(field).to_have_value("no-such")
    field.press_sequentially("-type")
    field.press("Enter")
    expect(page.get_by_text("No task passes these filters.")).to_be_visible()


def _wait_for_news(page: Page) -> None:
    uptime = page.get_by_text(re.compile("version .*, up"))
    expect(uptime).not_to_have_text(uptime.text_content() or "")


def test_the_view_says_that_the_api_is_away_and_recovers_by_itself(
    page: Page, stack: Stack
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    board = free_port()
    with serving(url, board):
        with forwarded(port, stack.url):
            log_in(page, f"http://127.0.0.1:{board}", stack)
            expect(page.get_by_text(AWAY)).to_have_count(0)
        expect(page.get_by_text(f"{AWAY} {url}.")).to_be_visible()
        expect(page.get_by_role("heading", name="Newest tasks")).to_be_visible()
        with forwarded(port, stack.url):
            expect(page.get_by_text(AWAY)).to_have_count(0)
            page.close()


@contextmanager
def forwarded(port: int, url: str) -> Iterator[None]:
    """A way to the API that can be closed: connections to ``port`` are passed on to ``url``."""
    target = urlsplit(url)
    open_sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        threads.append(thread)
        thread.start()

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection((target.hostname, target.port))
                open_sockets.extend((near, far))
                start(pump, near, far)
                start(pump, far, near)

    listener = socket.create_server(("127.0.0.1", port))
    start(accept, listener)
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        threads[0].join()
        for one in open_sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in threads[1:]:
            thread.join()
        for one in open_sockets:
            one.close()


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
