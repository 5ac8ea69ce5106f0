"""The pages of `report` in a real browser: what a person sees, and that nothing in them ever runs or asks a network."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from replay.load import page as load_page
from replay.request import Variant
from replay.results import files
from tests.support import answers, exams, load_rows, replays, scripted, side_by_side, synthetic
from tests.support.analyzer import Analyzer
from tests.support.browser import Page, chromium
from tests.support.looking import (
    HOSTILE,
    assert_nothing_ran,
    expected,
    figures,
    until_it_fits,
    use_everything,
)
from tests.support.needs import need
from tests.support.patience import PATIENCE
from tests.support.replayer import Replayer
from traces.model import Event, Exchange, Failure, Ids, Request, Response, Trace, Upstream
from ui.page import page as render
from ui.page.bundles import Bundle

LONG = "The whole file, line by line. " * 3000


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture(scope="module")
def analyzer(tmp_path_factory: pytest.TempPathFactory) -> Analyzer:
    return Analyzer(tmp_path_factory.mktemp("analyzer"))


@pytest.fixture(scope="module")
def replayer(tmp_path_factory: pytest.TempPathFactory) -> Replayer:
    """Three models' results: one of them wrong at times, one gone."""
    made = Replayer(tmp_path_factory.mktemp("replayer"))
    steps = tuple(Event(1 + number / 10, "content_block_delta", "text", 7) for number in range(30))
    right = {"verdicts": replays.RIGHT, "message": answers.message(answers.text("Here it is."), answers.tool("Read"))}
    given = [
        *replays.runs("fast", [0.9, 1.0, 1.1, 1.0, 1.2, 0.8], **right),
        *replays.runs("slow-but-thorough-35b", [2.0, 2.2, 2.1, 2.0, 2.3, 1.9], decode=21.5, **right),
        *(replace(run, verdicts=replays.wrong()) for run in replays.runs("wrong", [0.5] * 6)),
        replays.failed(),
    ]
    for each in given:
        files.save(replace(each, chunks=steps), made.results)
    return made


def traced(browser: webdriver.Chrome, analyzer: Analyzer, trace: Trace, *options: str) -> Page:
    file = synthetic.write(trace, analyzer.root)
    page = analyzer.home / "trace.html"
    result = analyzer("report", file, "-o", page, *options)
    assert result.exit_code == 0, result.output
    return Page(browser, page)


def compared(browser: webdriver.Chrome, replayer: Replayer, folder: Path, *options: str) -> Page:
    page = folder / "comparison.html"
    result = replayer("report", replayer.results, "-o", page, *options)
    assert result.exit_code == 0, result.output
    return Page(browser, page)


def hostile_trace() -> Trace:
    """Every text in it that anybody but us writes."""
    body = {
        "model": HOSTILE,
        HOSTILE: HOSTILE,
        "system": [{"type": "text", "text": HOSTILE}],
        "tools": [
            {"name": HOSTILE, "description": HOSTILE, "input_schema": {HOSTILE: HOSTILE}},
            {"name": f"mcp__{HOSTILE}__{HOSTILE}", "description": "?", "input_schema": {}},
        ],
        "messages": [
            {
                "role": "user",
                "content": f"<system-reminder>\nContents of /{HOSTILE}/CLAUDE.md:\n\n{HOSTILE}\n</system-reminder>"
                + HOSTILE,
            },
            {
                "role": "assistant",
                "content": [answers.thinking(HOSTILE), answers.tool(HOSTILE, id="t", **{HOSTILE: HOSTILE})],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t", "content": HOSTILE},
                    {"type": "image", "source": {"type": "base64", "media_type": HOSTILE, "data": "AAAA"}},
                    {"type": "image", "source": {"type": "url", "url": "http://elsewhere.invalid/x.png"}},
                    {"type": HOSTILE, HOSTILE: HOSTILE},
                ],
            },
        ],
    }
    said = {
        **answers.message(answers.text(HOSTILE), answers.tool(HOSTILE, x=HOSTILE)),
        "stop_reason": HOSTILE,
        "model": HOSTILE,
    }
    headers = {"content-type": HOSTILE, HOSTILE: HOSTILE, "x-api-key": "[redacted]"}
    return replace(
        synthetic.tool_call(),
        mode="local",
        request=Request(HOSTILE, f"http://{HOSTILE}/", headers, body),
        response=Response(200, headers, said),
        error=Failure("stream_error", HOSTILE),
        ids=Ids(HOSTILE, HOSTILE, HOSTILE),
        marks=(HOSTILE,),
        upstream=Upstream(
            Exchange(
                timestamp="2025-10-26T14:23:45.123Z",
                mode="local",
                request=Request("POST", f"http://{HOSTILE}/", headers, {**body, "system": f"Before. {HOSTILE}"}),
                response=Response(200, headers, said),
                error=Failure("stream_error", HOSTILE),
            ),
            (HOSTILE,),
        ),
    )


@pytest.mark.parametrize("options", [[], ["--share"], ["--share=numbers"]])
def test_nothing_that_a_trace_holds_ever_runs(
    browser: webdriver.Chrome, analyzer: Analyzer, options: list[str]
) -> None:
    page = traced(browser, analyzer, hostile_trace(), *options)

    if options != ["--share=numbers"]:
        use_everything(page)
        assert page.run("return document.querySelector('main').textContent.includes('window.hacked=1')")
    assert_nothing_ran(page)


def test_what_was_changed_on_the_way_is_shown_as_a_diff(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = traced(browser, analyzer, synthetic.translated())
    way = page.text("#way")
    assert "metadata: dropped" in way
    assert "0.400 s" in way  # at the server
    assert "parts as before" in way
    removed = page.run("return [...document.querySelectorAll('#way .went .kind')].map((each) => each.textContent)")
    assert any("thinking" in kind.lower() for kind in removed)
    assert '"role": "system"' in page.run(
        "const fold = document.querySelector('#way-request'); fold.open = true; return fold.ensure().textContent"
    )


def test_two_sessions_are_shown_side_by_side(browser: webdriver.Chrome, analyzer: Analyzer, tmp_path: Path) -> None:
    names = [tmp_path / "older", tmp_path / "newer"]
    for folder, talk in zip(names, (side_by_side.older(), side_by_side.newer()), strict=True):
        synthetic.write_all(talk.traces, folder)
    written = analyzer("diff", *names, "-o", tmp_path / "diff.html")
    assert written.exit_code == 0, written.output
    page = Page(browser, tmp_path / "diff.html")
    printed = json.loads(analyzer("diff", *names, "--format", "json").stdout)
    found = figures(page)
    assert "sums.input_tokens.right" in {path for path, _, _ in found}
    assert [(path, text) for path, _, text in found] == [
        (path, expected(printed, path, kind)) for path, kind, _ in found
    ]
    assert "They part at turn 1 of A and turn 1 of B: another answer." in page.text("#parting")
    assert "changed: billing header" in page.text("#prompt")
    changed = "return [...document.querySelectorAll('#prompt details.changed')].map((fold) => fold.ensure().innerHTML)"
    assert any("<del>careful</del><ins>swift</ins>" in inside for inside in page.run(changed))
    search = page.browser.find_element(By.CSS_SELECTOR, "input[type=search]")
    for words, fold in (
        ("careful", "prompt"),
        ("swift", "prompt"),
        ("conftest", "turn-1"),
    ):  # what was, is, and is folded
        search.send_keys(words)
        page.until(f"document.querySelector('mark.current')?.textContent === '{words}'")
        assert page.run(f"return document.querySelector('mark.current').closest('#{fold}') !== null"), words
        search.clear()
        search.send_keys(Keys.SPACE, Keys.BACKSPACE)
        page.until("!document.querySelector('mark')")
    opened = page.run("const fold = document.querySelector('#turn-1'); return fold.ensure().textContent")
    assert "conftest" in opened
    until_it_fits(page, 360)
    page.emulate()
    assert page.console() == page.asked() == []


def test_nothing_that_a_result_holds_ever_runs(browser: webdriver.Chrome, tmp_path: Path) -> None:
    replayer = Replayer(tmp_path)
    said = answers.message(
        answers.thinking(HOSTILE), answers.text(HOSTILE), answers.tool(HOSTILE, **{HOSTILE: HOSTILE})
    )
    more = {"message": said, "stop_reason": HOSTILE, "notes": (HOSTILE,), "doubts": (HOSTILE,)}
    ref = replace(replays.SIMPLE, name=HOSTILE)
    runs = [
        *replays.runs(HOSTILE, [1.0, 2.0], verdicts=replays.wrong(HOSTILE), trace=ref, **more),
        *replays.runs("other", [1.0, 2.0], trace=ref),
        replays.failed(HOSTILE, 1, HOSTILE),
    ]
    for run in runs:
        files.save(run, replayer.results)

    page = compared(browser, replayer, tmp_path)
    use_everything(page)

    assert page.run("return document.querySelector('main').textContent.includes('window.hacked=1')")
    assert_nothing_ran(page)


def test_a_load_is_drawn_run_by_run_and_nothing_in_it_ever_runs(browser: webdriver.Chrome, tmp_path: Path) -> None:
    found, unknown = load_rows.loads()
    hostile = replace(unknown, model=HOSTILE, server=HOSTILE, target=f"http://{HOSTILE}/")
    failing = replace(hostile, rows=tuple(replace(row, error=HOSTILE, agent=HOSTILE) for row in hostile.rows))
    file = tmp_path / "load.html"
    render.write(file, render.render(Bundle.LOAD, load_page.data([found, failing])))
    page = Page(browser, file)
    assert "This server carries 3 agents" in page.text("main")

    for place, drawn in ((2, 3), (4, 1)):  # 4 agents of a server that told of itself; the load of which little is known
        page.run(
            "const select = document.querySelector('#which-run'); select.value = String(arguments[0]);"
            "select.dispatchEvent(new Event('change'));",
            place,
        )
        page.until(f"document.querySelectorAll('#runs figure').length === {drawn}")
        assert page.run("return document.activeElement.id") == "which-run"
        page.run("document.querySelector('#runs').scrollIntoView()")
        page.until("document.querySelector('#runs .chart canvas, #runs .chart svg')")
    assert_nothing_ran(page)


def test_hidden_characters_can_be_seen(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = traced(
        browser, analyzer, synthetic.with_body({"messages": [{"role": "user", "content": "left \u202eright\x1b[2J"}]})
    )

    assert page.text("#part-1 .text") == "left U+202ErightU+001B[2J"


def test_every_figure_of_a_trace_is_that_of_analyze(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = traced(browser, analyzer, synthetic.tool_call())
    printed = json.loads(analyzer("analyze", page.data["exchanges"][0]["report"]["file"], "--format", "json").stdout)

    found = figures(page)
    assert {"tokens.reported.total", "timing.ttft", "measures.generation_speed", "tools.0.tokens"} <= {
        path for path, _, _ in found
    }
    assert [(path, text) for path, _, text in found] == [
        (path, expected(printed, path, kind)) for path, kind, _ in found
    ]


def test_every_figure_of_a_comparison_is_that_of_compare(
    browser: webdriver.Chrome, replayer: Replayer, tmp_path: Path
) -> None:
    page = compared(browser, replayer, tmp_path)
    printed = json.loads(replayer("compare", replayer.results, "--format", "json").stdout)

    found = figures(page)
    assert len(found) >= 4 * 6
    assert [(path, text) for path, _, text in found] == [
        (path, expected(printed, path, kind)) for path, kind, _ in found
    ]
    for line in printed["comparisons"][0]["advice"] + printed["cautions"]:
        assert line in page.run("return document.querySelector('main').textContent")


def test_a_chart_is_drawn_when_it_comes_into_view_and_names_its_axes(
    browser: webdriver.Chrome, replayer: Replayer, tmp_path: Path
) -> None:
    page = compared(browser, replayer, tmp_path)

    assert page.run("return document.querySelectorAll('.chart').length") == 5
    for number in range(5):
        page.run("document.querySelectorAll('.chart')[arguments[0]].scrollIntoView()", number)
        page.until(f"document.querySelectorAll('.chart')[{number}].querySelector('svg text')")
    words = page.run("return [...document.querySelectorAll('.chart')].map((chart) => chart.textContent)")
    assert all("econd" in each for each in words)
    assert all("slow-but-thorough-35b" in each for each in words)


def test_a_long_text_comes_into_the_page_when_it_is_unfolded(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    said = [
        {"role": "user", "content": "Read it."},
        {"role": "user", "content": [{"type": "tool_result", "content": LONG}]},
    ]
    page = traced(browser, analyzer, synthetic.with_body({"messages": said}))

    assert page.text("#part-1 .text") == "Read it."
    assert LONG[:400] not in page.run("return document.querySelector('main').textContent")
    page.browser.find_element(By.CSS_SELECTOR, "#part-2 summary").click()
    page.until("document.querySelector('#part-2 .text')")
    assert len(page.text("#part-2 .text")) < 21_000
    page.browser.find_element(By.CSS_SELECTOR, "#part-2 .text button").click()
    assert page.run("return document.querySelector('#part-2 .text').textContent") == LONG


def test_a_search_finds_what_is_folded_and_goes_from_one_to_the_next(
    browser: webdriver.Chrome, analyzer: Analyzer
) -> None:
    page = traced(browser, analyzer, synthetic.tool_call())
    search = page.browser.find_element(By.CSS_SELECTOR, "input[type=search]")

    search.send_keys("STRANGER")
    page.until("document.querySelector('mark.current')")
    assert page.text("search output") == "1 of 8"
    assert page.run("return document.querySelector('mark.current').closest('details').open")
    search.send_keys(Keys.ENTER)
    assert page.text("search output") == "2 of 8"
    search.send_keys(Keys.SHIFT, Keys.ENTER, Keys.ENTER)
    assert page.text("search output") == "8 of 8"
    search.send_keys("s")
    page.until("document.querySelector('search output').textContent === 'nothing found'")
    assert page.run("return document.querySelectorAll('mark').length") == 0


def test_a_link_leads_to_a_part_and_unfolds_it(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = traced(browser, analyzer, synthetic.tool_call())

    page.run("location.hash = '#part-2'")
    page.until("document.querySelector('#part-2').open && document.querySelector('#part-2 .text')")
    assert "Runs a command in a shell" in page.text("#part-2 .text")


def test_the_answers_of_another_run_can_be_chosen(
    browser: webdriver.Chrome, replayer: Replayer, tmp_path: Path
) -> None:
    page = compared(browser, replayer, tmp_path)

    page.run(
        "const [select] = document.querySelectorAll('.answers select');"
        "select.value = '3'; select.dispatchEvent(new Event('change'))"
    )
    shown = "[...document.querySelectorAll('.answers > div:first-child > div')].map((run) => !run.hidden)"
    assert page.run(f"return {shown}") == [False, False, False, True, False, False]


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_in_light_and_in_dark(browser: webdriver.Chrome, analyzer: Analyzer, scheme: str) -> None:
    page = traced(browser, analyzer, synthetic.tool_call())
    page.emulate(prefers_color_scheme=scheme)

    look = {name: page.colour(name) for name in ("ink", "soft", "accent", "paper", "card")}
    assert (luminance(look["paper"]) > 0.5) is (scheme == "light")
    for letters in ("ink", "soft", "accent"):
        for ground in ("paper", "card"):
            assert contrast(look[letters], look[ground]) >= 4.5, (letters, ground)


def test_charts_follow_the_colours_of_the_page(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = traced(browser, analyzer, synthetic.tool_call())
    page.emulate(prefers_color_scheme="light")
    page.run("document.querySelectorAll('.chart')[1].scrollIntoView()")
    page.until("document.querySelectorAll('.chart')[1].querySelector('svg text')")
    texts = "[...document.querySelectorAll('.chart')[1].querySelectorAll('svg text')]"
    colours = f"[...new Set({texts}.map((text) => getComputedStyle(text).fill))].sort().join()"
    light = page.run(f"return {colours}")

    for _ in ("light", "dark"):
        page.browser.find_element(By.CSS_SELECTOR, ".theme").click()

    assert page.run("return document.documentElement.dataset.theme") == "dark"
    assert page.run(f"return {colours}") != light


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_page_is_wider_than_its_screen(
    browser: webdriver.Chrome, analyzer: Analyzer, replayer: Replayer, tmp_path: Path, width: int
) -> None:
    for page in (traced(browser, analyzer, hostile_trace()), compared(browser, replayer, tmp_path)):
        until_it_fits(page, width)
    page.emulate()


def test_paper_is_light_and_has_all_charts(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = traced(browser, analyzer, synthetic.tool_call())
    page.emulate(prefers_color_scheme="dark")
    page.run(
        "addEventListener('beforeprint', () => { window.printed = ["
        "[...document.querySelectorAll('.chart')].every((place) => echarts.getInstanceByDom(place)),"
        "getComputedStyle(document.documentElement).backgroundColor]; })"
    )

    page.browser.print_page()

    drawn, paper = page.run("return window.printed")
    assert drawn
    assert luminance(paper) > 0.8
    assert luminance(page.colour("paper")) < 0.1
    page.emulate()


def test_the_command_that_is_copied_sends_the_request_again(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    shell = shutil.which("bash")
    need(shutil.which("curl") and shell, "curl or bash is missing: apt-get install curl bash")
    with scripted.serving([scripted.whole({})]) as server:
        trace = hostile_trace()
        headers = {
            "content-type": "application/json",
            "x-api-key": "[redacted]",
            "cookie": "[redacted]",
            "x-odd": HOSTILE,
            "host": "elsewhere",
        }
        page = traced(
            browser,
            analyzer,
            replace(trace, request=Request("POST", f"{server.url}/v1/messages?beta=true", headers, trace.request.body)),
        )
        command = page.copied("Copy as curl", "#raw")  # the section on the way has one, too
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", command)

        subprocess.run(
            [str(shell)],
            input=command,
            env={"ANTHROPIC_API_KEY": "my-own-key", "PATH": "/usr/bin:/bin"},
            text=True,
            check=True,
            capture_output=True,
            timeout=PATIENCE,
        )

        [request] = server.received
    assert request.path == "/v1/messages?beta=true"
    assert json.loads(request.body) == trace.request.body
    assert request.header("x-api-key") == "my-own-key"
    assert request.header("cookie") is None


def test_an_exam_s_page_shows_what_was_answered_and_runs_none_of_it(browser: webdriver.Chrome, tmp_path: Path) -> None:
    hostile = [[answers.tool("Read", file_path=HOSTILE)], *exams.WRONG[1:]]
    replayer = Replayer(tmp_path)
    synthetic.write_all(exams.session().traces, replayer.traces)
    with exams.serving(alike=exams.ALIKE, wrong=hostile) as server:
        asked = ("--target", server.url, *exams.ANTHROPIC, "--model", "alike", "--model", "wrong")
        replayer("exam", "latest", *asked, "-o", replayer.results)
    [file] = replayer.results.glob("*/*.html")
    page = Page(browser, file)

    assert page.run("return window.hacked") is None
    assert page.console() == []
    assert page.asked() == []
    rows = " ".join(page.text("#overview table").split())
    assert "alike 100% [61%, 100%] of 6" in rows
    assert "wrong 0% [0%, 39%] of 6" in rows
    assert "called a tool where the recording called none" in page.text("#mistakes")
    assert "Arguments mean what the recorded ones do" in page.text("#checks")
    assert page.text("#answers table").count("✗") == 6
    page.emulate(width=390)
    page.until("document.documentElement.scrollWidth <= 390")
    page.emulate()


def test_what_was_changed_in_a_replayed_request_is_shown_with_what_it_did(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    replayer = Replayer(tmp_path)
    variant = Variant("shorter", "d16e57", ("-tools[Read].description: <b>long</b>", "+tools[Read].description: short"))
    plain = replays.runs("m", [1.0, 1.1, 0.9, 1.0, 1.2, 0.8], verdicts=replays.RIGHT)
    changed = [replace(run, run=replace(run.run, variant=variant), verdicts=replays.wrong()) for run in plain]
    for each in [*plain, *changed]:
        files.save(each, replayer.results)
    page = compared(browser, replayer, tmp_path)

    shown = page.text("#changes")
    assert "-tools[Read].description: <b>long</b>\n+tools[Read].description: short" in shown
    assert "0 of 6 [0%, 39%]\t6 of 6 [61%, 100%]\t0.0312\ta difference" in shown
    assert page.console() == []
