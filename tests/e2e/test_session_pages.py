"""The page of sessions in a real browser: what broke, what changed and what was said is seen, found and linked to."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.support import answers, synthetic
from tests.support.analyzer import Analyzer
from tests.support.browser import Page, chromium
from tests.support.client import Client
from tests.support.looking import (
    HOSTILE,
    assert_nothing_ran,
    expected,
    figures,
    until_it_fits,
    use_everything,
)
from tests.support.patience import PATIENCE
from tests.support.proxy import recording
from tests.support.talks import SESSION, Talk, body, called, reminder, result, said, system, user
from traces import running
from traces.model import Failure, Ids, Response
from traces.running import Spent

LONG = "The whole file, line by line. " * 3000


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture
def analyzer(tmp_path: Path) -> Analyzer:
    return Analyzer(tmp_path)


def story() -> Talk:
    """Two agents; a header that changes, a tool that comes, a history that is edited, and a pause."""
    question = user(reminder("Be brief."), "What is in the file?")
    read = called("Read", "t1", path="/etc/hosts")
    more = user("Compare it with the other one.")
    usage = {"input_tokens": 900, "cache_read_input_tokens": 50, "output_tokens": 8}
    talk = Talk()
    talk.ask(body(question, system=system("cch=11111;")), read, usage=usage)
    talk.ask(body(user("Look for the word."), tools=[]), said("It is plum."), agent="a1")
    back = [question, read, result("t1", LONG)]
    talk.ask(body(*back, system=system("cch=22222;")), said("A list of hosts.", thought="Easily said."), usage=usage)
    edited = [question, read, result("t1", "[cleared]"), said("A list of hosts."), more]
    talk.ask(
        body(*edited, system=system("cch=22222;", intro="You are a hasty agent.")), said("They differ."), usage=usage
    )
    return talk


def reported(browser: webdriver.Chrome, analyzer: Analyzer, talk: Talk, *options: str) -> Page:
    synthetic.write_all(talk.traces, analyzer.root)
    file = analyzer.home / "session.html"
    made = analyzer("report", analyzer.root, "-o", file, *options)
    assert made.exit_code == 0, made.output
    return Page(browser, file)


def hostile() -> Talk:
    """Every text in it that anybody but us writes."""
    talk = Talk(mode="local")
    for number in range(3):
        asked = body(
            user(reminder(HOSTILE), f"{number} {HOSTILE}"),
            called(HOSTILE, "t", **{HOSTILE: HOSTILE}),
            result("t", HOSTILE),
            model=f"{HOSTILE}{number}",
            system=system(f"{HOSTILE} cch={number}{number}{number}{number}{number};", HOSTILE, f"{HOSTILE} {number}"),
            tools=[{"name": f"{HOSTILE}{number}", "description": HOSTILE, "input_schema": {HOSTILE: HOSTILE}}],
        )
        talk.ask(asked, said(HOSTILE, thought=HOSTILE), session=HOSTILE, agent=HOSTILE if number == 1 else None)
    talk.traces = [
        replace(
            trace,
            request=replace(trace.request, method=HOSTILE, url=f"http://{HOSTILE}/", headers={HOSTILE: HOSTILE}),
            error=Failure("stream_error", HOSTILE) if trace is talk.traces[-1] else None,
        )
        for trace in talk.traces
    ]
    return talk


@pytest.mark.parametrize("options", [[], ["--share"], ["--share=numbers"]])
def test_nothing_that_a_session_holds_ever_runs(
    browser: webdriver.Chrome, analyzer: Analyzer, options: list[str]
) -> None:
    page = reported(browser, analyzer, hostile(), *options)

    page.run("for (const turn of document.querySelectorAll('.turn')) turn.ensure()")
    if options != ["--share=numbers"]:
        assert page.run("return document.querySelector('main').textContent.includes('window.hacked=1')")
        use_everything(page)
    assert_nothing_ran(page)


def test_every_figure_is_that_of_session_and_of_cache(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = reported(browser, analyzer, story())
    page.run("for (const turn of document.querySelectorAll('.turn')) turn.ensure()")
    [report] = json.loads(analyzer("session", "--format", "json").stdout)
    printed = {"report": report, "cache": json.loads(analyzer("cache", "--format", "json").stdout)}

    found = figures(page)
    paths = {path for path, _, _ in found}
    assert {"report.total.input_tokens", "cache.sums.wasted", "report.turns.3.ttft", "report.time.waiting"} <= paths
    assert [(path, text) for path, _, text in found] == [
        (path, expected(printed, path, kind)) for path, kind, _ in found
    ]


def test_the_charts_name_what_broke_and_who_worked(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = reported(browser, analyzer, story())
    page.run("dispatchEvent(new Event('beforeprint'))")  # which draws all charts

    words = page.run("return [...document.querySelectorAll('.chart')].map((chart) => chart.textContent)")
    timeline, prefix, growth, parts = words
    assert "main" in timeline
    assert "subagent" in timeline
    assert "billing header" in prefix
    assert "System reminders" in growth
    assert "Tool result Read" in parts  # of the largest turn


def test_a_pause_of_the_user_doesn_t_hide_the_session(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    talk = story()
    talk.step = 3600.0
    talk.ask(body(user("Good morning.")), said("Good morning."))
    page = reported(browser, analyzer, talk)

    assert "only the user was active is shortened: 2 gaps" in page.text("#timeline .note")


def test_a_turn_unfolds_to_what_changed(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = reported(browser, analyzer, story())

    page.browser.find_element(By.CSS_SELECTOR, "#turn-4 > summary").click()
    page.until("document.querySelector('#turn-4 .changes')")
    kinds = page.run("return [...document.querySelectorAll('#turn-4 .changes > *')].map((each) => each.className)")
    assert [kind.split()[-1] for kind in kinds].count("changed") == 1  # the intro
    assert {"went", "came"} <= {kind.split()[-1] for kind in kinds}  # the result that was cleared, and what was asked
    page.browser.find_element(By.CSS_SELECTOR, "#turn-4 .changed > summary").click()
    page.until("document.querySelector('#turn-4 .changed del')")
    assert page.text("#turn-4 .changed del") == "careful"
    assert page.text("#turn-4 .changed ins") == "hasty"
    assert "system text" in page.text("#turn-4 .alarm")


def test_a_turn_shows_the_answer_the_call_and_the_raw_exchange(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = reported(browser, analyzer, story())

    page.run("location.hash = '#turn-1'")
    page.until("document.querySelector('#turn-1 .answer')")
    assert "path: /etc/hosts" in page.text("#turn-1 .answer")
    page.browser.find_element(By.CSS_SELECTOR, "#turn-1-request > summary").click()
    page.until("document.querySelector('#turn-1-request .code')")
    shown = page.run("return JSON.parse(document.querySelector('#turn-1-request .code').textContent)")
    assert shown == story().traces[0].request.body
    assert page.copied("Copy as curl").startswith("curl ")


def test_a_search_finds_what_lies_in_a_folded_turn(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = reported(browser, analyzer, story())
    search = page.browser.find_element(By.CSS_SELECTOR, "input[type=search]")

    search.send_keys("the other one")
    page.until("document.querySelector('mark.current')")
    assert page.text("search output") == "1 of 1"
    assert page.run("return document.querySelector('mark.current').closest('.turn').id") == "turn-4"
    assert page.run("return document.querySelector('#turn-4').open")
    search.clear()
    search.send_keys("hasty")  # stands in a block that is shown as a difference
    page.until("document.querySelector('mark.current')?.textContent === 'hasty'")
    assert page.run("return document.querySelector('mark.current').closest('.turn').id") == "turn-4"
    search.send_keys(Keys.BACKSPACE * 5)
    page.until("!document.querySelector('mark')")
    assert page.run("return document.querySelector('#turn-4 .changed ins').textContent") == "hasty"


def test_a_search_goes_on_when_the_page_is_drawn_again(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = reported(browser, analyzer, story())
    search = page.browser.find_element(By.CSS_SELECTOR, "input[type=search]")
    search.send_keys("hosts")
    page.until("document.querySelector('mark.current')")
    told = page.text("search output")

    page.run("document.querySelector('.picker select').dispatchEvent(new Event('change'))")

    assert page.text("search output") == told
    page.browser.find_element(By.CSS_SELECTOR, "[aria-label='Next match']").click()
    page.until("document.querySelector('mark.current')")


def test_the_same_link_leads_there_again(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = reported(browser, analyzer, story())
    link = page.browser.find_element(By.CSS_SELECTOR, "#turns td a")

    for _ in range(2):
        page.run("arguments[0].click()", link)
        page.until("document.querySelector('#turn-1').open")
        page.run("document.querySelector('#turn-1').open = false")


def test_a_failed_turn_says_why(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = reported(browser, analyzer, Talk(traces=[replace(synthetic.failed(), ids=Ids(SESSION))]))

    assert "529: Overloaded" in page.text("#turn-1")


def test_a_part_is_found_where_it_first_came(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = reported(browser, analyzer, story())

    slider = page.browser.find_element(By.CSS_SELECTOR, ".slider input")
    page.run("arguments[0].scrollIntoView({ block: 'center' })", slider)
    slider.send_keys(Keys.END)
    series = "echarts.getInstanceByDom(document.querySelectorAll('.chart')[3]).getOption().series"
    tile = f"{series}[0].data.flatMap(({{ children }}) => children).findLast(({{ name }}) => name === 'Assistant')"
    page.until(tile)
    page.run(f"echarts.getInstanceByDom(document.querySelectorAll('.chart')[3]).trigger('click', {{ data: {tile} }})")
    page.until("location.hash.startsWith('#turn-3-answer')")
    assert page.run("return document.querySelector(location.hash).textContent").count("A list of hosts.") >= 1


def test_one_agent_s_turns_can_be_looked_at_alone(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = reported(browser, analyzer, story())

    Select(page.browser.find_element(By.CSS_SELECTOR, "#conversation select")).select_by_visible_text("subagent")
    assert page.run("return [...document.querySelectorAll('.turn')].map(({ id }) => id)") == ["turn-2"]
    page.run("location.hash = '#turn-3'")  # a link leads to a turn that is hidden
    page.until("document.querySelector('#turn-3')?.open")


def test_the_map_follows_the_slider(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    page = reported(browser, analyzer, story())

    slider = page.browser.find_element(By.CSS_SELECTOR, ".slider input")
    page.run("arguments[0].scrollIntoView({ block: 'center' })", slider)
    slider.send_keys(Keys.HOME, Keys.ARROW_RIGHT)
    assert page.text(".slider output") == "Turn 2, subagent, SUBAGENT"
    words = "document.querySelectorAll('.chart')[3].textContent"
    page.until(f"{words}.includes('System prompt') && !{words}.includes('Bash')")  # the subagent has no tools


def test_of_several_sessions_one_is_shown_and_a_link_leads_to_any(
    browser: webdriver.Chrome, analyzer: Analyzer
) -> None:
    talk = story()
    other = "0ther000-0000-4000-8000-000000000001"
    talk.ask(body(user("Another one.")), said("Yes."), session=other)
    page = reported(browser, analyzer, talk)

    assert page.text("h1") == "qwen3-coder"
    assert page.run("return [...document.querySelectorAll('.turn')].map(({ id }) => id)") == ["s1-turn-1"]
    page.browser.find_elements(By.CSS_SELECTOR, "#sessions td a")[1].click()
    page.until("document.querySelectorAll('.turn').length === 4")
    page.run("location.hash = '#s1-turn-1'")
    page.until("document.querySelector('#s1-turn-1')?.open")
    assert "Another one." in page.text("#s1-turn-1")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_page_is_wider_than_its_screen(browser: webdriver.Chrome, analyzer: Analyzer, width: int) -> None:
    for talk in (story(), hostile()):
        page = reported(browser, analyzer, talk)
        until_it_fits(page, width)
    page.emulate()


def test_a_session_that_no_model_was_given_has_a_page(browser: webdriver.Chrome, analyzer: Analyzer) -> None:
    refused = replace(synthetic.failed(), ids=Ids(SESSION), response=Response(529, {}, answers.message()))
    page = reported(browser, analyzer, Talk(traces=[refused]))

    assert "No model was given" in page.text("#prefix")
    assert page.console() == []


@pytest.fixture
def viewing(analyzer: Analyzer) -> Iterator[str]:
    """The address of a running `view`."""
    command = analyzer.command("view", "--no-open")
    environment = {**os.environ, **analyzer.environment}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def test_a_running_session_of_the_real_client_appears_as_it_happens(
    browser: webdriver.Chrome, analyzer: Analyzer, viewing: str, claude: Client, tiny_server: str
) -> None:
    page = Page(browser, viewing)
    assert page.text("h1") == "No sessions yet"
    arguments = ("--model", "tiny", "--tools", "Read", "--session-id", SESSION)
    limit = {"CLAUDE_CODE_MAX_OUTPUT_TOKENS": "8"}
    spent = running.path_of(analyzer.root, os.getpid())
    running.write(spent, Spent("$4.12 of $5.00 spent", 82))
    page.until("document.querySelector('.running.wrong')?.textContent === 'Running now: $4.12 of $5.00 spent (82%)'")
    spent.unlink()
    page.until("!document.querySelector('.running')")
    with recording(tiny_server, analyzer.home) as proxy:
        claude.ask(proxy.url, "What is plum?", *arguments, **limit)
        page.until("document.querySelector('td a')")
        page.run("document.querySelector('td a').click()")  # in one step: the page draws itself anew as requests come
        page.until("document.querySelectorAll('.turn').length >= 1")
        before = page.run("return document.querySelectorAll('.turn').length")
        page.run("document.querySelector('#turn-1').open = true")
        claude.ask(proxy.url, "And what is a pear?", *arguments[:4], "--resume", SESSION, **limit)
        page.until(f"document.querySelectorAll('.turn').length > {before}")
    page.until("document.querySelector('main').textContent.includes('And what is a pear?')")
    assert page.run("return document.querySelector('#turn-1').open")
    assert page.run("return document.documentElement.dataset.live") == "on"
    assert page.console() == []
    assert all(url.startswith(viewing) for url in page.asked())


def test_a_search_in_all_traces_leads_to_the_turn(browser: webdriver.Chrome, analyzer: Analyzer, viewing: str) -> None:
    asked = Talk().ask(body(user("What is ripe?")), said("The <b>plum</b>."))
    synthetic.write_all(asked.ask(body(user("What is ripe?"), user("Sure?")), said("Yes.")).traces, analyzer.root)
    page = Page(browser, viewing)
    page.until("document.querySelector('#search input')")

    page.browser.find_element("css selector", "#search input").send_keys("plum")
    page.until("document.querySelector('.hits mark')")

    assert page.text(".hits mark") == "plum"
    assert "The <b>plum</b>." in page.text(".hits article")
    page.run("document.querySelector('.hits a').click()")
    page.until("document.querySelector('#turn-1')?.open")
    assert page.console() == []
