"""What a person sees in mitmweb: a real one, with the addon, in a real browser."""

import http.client
import json
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.support import answers, scripted
from tests.support.needs import need
from tests.support.patience import PATIENCE
from tests.support.proxy import recording

PASSWORD = "sesame"  # mitmproxy 12 asks for it, 11 has no such option

REQUEST = {
    "model": "claude-opus-5",
    "max_tokens": 32000,
    "stream": True,
    "system": "You are Claude Code.",
    "tools": [{"name": "Read", "description": "Reads a file.\nAny file.", "input_schema": {"type": "object"}}],
    "messages": [
        {"role": "user", "content": "<system-reminder>\nToday is Monday.\n</system-reminder>\nWhat is in notes.txt?"}
    ],
}
FIRST, *REST = answers.events(
    answers.thinking("A file, so I read it."), answers.text("Let me look."), answers.tool("Read", file_path="notes.txt")
)
PAUSE = 1.2
STREAM = scripted.stream([FIRST, PAUSE, *(step for event in REST for step in (event, 0.02))], encoding="gzip")
SECRETS = {"x-api-key": "geheim-header-0001", "referer": "https://me:geheim-user-0002@host/?token=geheim-referer-0003"}
QUERY = "key=geheim-query-0004"
ECHO = scripted.whole({"echo": " ".join([*SECRETS.values(), QUERY])}, set_cookie="sid=geheim-set-0005")
OVERLOADED = scripted.whole({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, 529)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    need(program and driver, "Chromium is missing: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = str(program)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in (
        *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"),
        *("disable-component-update", "disable-sync", "window-size=1440,900"),
        f"user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(f"--{argument}")
    started = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield started
    started.quit()


@pytest.fixture(scope="module")
def page(browser: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """mitmweb's page, open while three requests pass: a tool call, an error, and one that isn't for a model."""
    port = free_port()
    options = (f"web_port={port}", "web_open_browser=false", f"web_password={PASSWORD}")
    settings = [word for option in options for word in ("--set", option)]
    folder = tmp_path_factory.mktemp("mitmweb")
    with (
        scripted.serving([STREAM, OVERLOADED, ECHO]) as server,
        recording(server.url, folder, *settings, program="mitmweb") as proxy,
    ):
        browser.get(f"http://127.0.0.1:{port}/?token={PASSWORD}")
        wait(browser, lambda: "reverse:" in browser.find_element(By.TAG_NAME, "footer").text)
        for path in ("/v1/messages", "/v1/messages", "/something/else"):
            post(proxy.url, f"{path}?beta=true&{QUERY}")
        wait(browser, lambda: len(rows(browser)) == 3 and "http_error" in rows(browser)[1].text)
        yield browser


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def post(url: str, path: str) -> None:
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)) as connection:
        connection.request("POST", path, json.dumps(REQUEST), {"content-type": "application/json", **SECRETS})
        connection.getresponse().read()


def wait(page: webdriver.Chrome, until: Callable[[], object]) -> None:
    WebDriverWait(page, PATIENCE, ignored_exceptions=[StaleElementReferenceException]).until(lambda _: until())


def rows(page: webdriver.Chrome) -> list[WebElement]:
    """The flow list, but for the rows that only make room."""
    return [row for row in page.find_elements(By.CSS_SELECTOR, ".flow-table tbody tr") if row.text]


def view(page: webdriver.Chrome, row: int, tab: str) -> tuple[str, list[str]]:
    """Clicks a flow and a tab; the name of the view that mitmweb chose, and the lines of it that can be seen."""
    rows(page)[row].click()
    page.find_element(By.CSS_SELECTOR, ".flow-detail nav").find_element(By.LINK_TEXT, tab).click()
    shown = f"section.{tab.lower()} .contentview"
    wait(page, lambda: page.find_element(By.CSS_SELECTOR, f"{shown} pre").text)
    name = page.find_element(By.CSS_SELECTOR, f"{shown} h5").text
    pre = page.find_element(By.CSS_SELECTOR, f"{shown} pre")
    lines = page.execute_script("return [...arguments[0].children].map(line => line.innerText)", pre)
    page.find_element(By.CSS_SELECTOR, ".flow-detail .close-button").click()  # the next view can't be this one
    return name, lines


def test_the_flow_list_tells_each_exchange_by_its_comment(page: webdriver.Chrome) -> None:
    called, failed, other = (row.find_element(By.CSS_SELECTOR, ".col-comment").text for row in rows(page))
    shares = r"sys \d+% tools \d+% msgs \d+%"
    assert re.fullmatch(rf"TOOL_CALL Read · {shares} · TTFT \d\.\d\ds · ~[\d.]+ tok/s", called)
    assert failed == "http_error 529: Overloaded"
    assert other == ""


def test_a_comment_is_shown_whole(page: webdriver.Chrome) -> None:
    comment = rows(page)[0].find_element(By.CSS_SELECTOR, ".col-comment")
    assert fits(page, comment)


def test_no_line_of_a_view_is_too_long_for_it(page: webdriver.Chrome) -> None:
    rows(page)[0].click()
    wait(page, lambda: page.find_element(By.CSS_SELECTOR, ".contentview pre").text)
    assert fits(page, page.find_element(By.CSS_SELECTOR, ".contentview pre"))


def fits(page: webdriver.Chrome, element: WebElement) -> bool:
    return bool(page.execute_script("return arguments[0].scrollWidth <= arguments[0].clientWidth", element))


def test_a_request_reads_as_what_was_asked(page: webdriver.Chrome) -> None:
    name, lines = view(page, 0, "Request")
    assert "LLM" in name
    assert lines[0] == "claude-opus-5"
    assert "  max_tokens  32000" in lines
    assert "SYSTEM  1 block · 5 tokens" in lines
    assert any(re.fullmatch(r"   1  Read +\d+  Reads a file\.", line) for line in lines)
    titles = [line.split(" ─")[0] for line in lines if line.startswith("── 1 ")]
    assert titles == ["── 1 system", "── 1 system reminder", "── 1 user"]
    assert lines.index("  Today is Monday.") < lines.index("  What is in notes.txt?")


def test_a_stream_reads_as_the_answer_it_brought_and_when(page: webdriver.Chrome) -> None:
    name, lines = view(page, 0, "Response")
    assert "LLM" in name
    assert lines[:2] == ["TOOL_CALL Read", "stop reason tool_use"]
    rows_of = {line[:23].strip(): line[23:].strip() for line in lines if line.startswith("  ")}
    assert rows_of["Input"] == "15 tokens"
    assert rows_of["From the Cache"] == "3 tokens"
    assert rows_of["Output"] == "7 tokens"
    assert (
        PAUSE
        <= float(rows_of["Time to First Token"].removesuffix("s"))
        < float(rows_of["Total Time"].removesuffix("s"))
    )
    assert rows_of["Decode Speed"].endswith(" tok/s")
    assert [line for line in lines if line.startswith("  ")][-3:] == [
        "  A file, so I read it.",
        "  Let me look.",
        "  file_path: notes.txt",
    ]


def test_an_error_reads_as_what_the_server_said(page: webdriver.Chrome) -> None:
    name, lines = view(page, 1, "Response")
    assert "LLM" in name
    assert "http_error 529: Overloaded" in lines
    assert '    "type": "overloaded_error",' in lines


def test_other_traffic_keeps_mitmwebs_own_views(page: webdriver.Chrome) -> None:
    name, _ = view(page, 2, "Request")
    assert "LLM" not in name


def test_nothing_that_the_page_shows_or_loads_is_a_secret(page: webdriver.Chrome) -> None:
    read = "const [path, done] = arguments; fetch(path).then(answer => answer.text()).then(done)"
    wait(page, lambda: "geheim" not in page.execute_async_script(read, "./flows"))
    flows = json.loads(page.execute_async_script(read, "./flows"))
    shown = [page.execute_async_script(read, "./flows/dump")]
    for number, flow in enumerate(flows):
        shown += [
            page.execute_async_script(read, f"./flows/{flow['id']}/{part}/content{place}")
            for part in ("request", "response")
            for place in (".data", "/Auto.json", "/Raw.json")
        ]
        rows(page)[number].click()
        for tab in ("Request", "Response", "Connection", "Timing"):
            page.find_element(By.CSS_SELECTOR, ".flow-detail nav").find_element(By.LINK_TEXT, tab).click()
            shown.append(page.find_element(By.TAG_NAME, "body").text)
        page.find_element(By.CSS_SELECTOR, ".flow-detail .close-button").click()
    assert "[redacted]" in "".join(shown)
    assert not [text for text in shown if "geheim" in text]


def test_the_page_reports_no_errors(page: webdriver.Chrome) -> None:
    log: list[dict[str, str]] = page.get_log("browser")  # type: ignore[no-untyped-call]
    severe = [entry["message"] for entry in log if entry["level"] == "SEVERE"]
    assert [message for message in severe if "/src/css/" not in message] == []  # 12.3 lacks a source of its own style
