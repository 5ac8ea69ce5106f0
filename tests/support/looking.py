"""What every page must be: safe from what it shows, and true to what the commands print."""

from typing import Any

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.support.browser import Page

HOSTILE = (
    "</script></title></textarea><script>window.hacked=1</script><!--<img src=x onerror=window.hacked=2>"
    "<svg onload=window.hacked=3><iframe src='javascript:window.hacked=4'></iframe>javascript:window.hacked=5"
    '" onmouseover="window.hacked=6" style=\'position:fixed\' ${window.hacked=7} '
    "{{constructor.constructor('window.hacked=8')()}}"
    "\u202eback\u2066wards\u200b \x1b[2J\x00\x9b \ud83d [x](javascript:window.hacked=9) http://elsewhere.invalid/x.png"
)


def use_everything(page: Page) -> None:
    """Open all folds, point at every chart, search, print, and change the theme."""
    for _ in range(3):  # what is unfolded holds folds
        page.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
        folds = "[...document.querySelectorAll('details')]"
        page.until(f"{folds}.every((fold) => fold.ensure ? fold.ensure().hasChildNodes() : true)")
    page.run("for (const button of document.querySelectorAll('button:not(.theme)')) button.click()")
    page.run("dispatchEvent(new Event('beforeprint'))")  # which draws all charts
    page.run(
        """
        for (const place of document.querySelectorAll(".chart")) {
            const drawn = echarts.getInstanceByDom(place);
            const { series } = drawn.getOption();
            series.forEach((_, seriesIndex) => {
                for (const dataIndex of [0, 1, 2]) drawn.dispatchAction({ type: "showTip", seriesIndex, dataIndex });
            });
        }
        """
    )
    page.browser.find_element(By.CSS_SELECTOR, ".theme").click()
    search = page.browser.find_element(By.CSS_SELECTOR, "input[type=search]")
    search.send_keys("hacked")
    page.until("document.querySelector('search output').textContent !== ''")
    search.send_keys(Keys.ENTER, Keys.ENTER)
    page.browser.print_page()


def assert_nothing_ran(page: Page) -> None:
    """Nor was anything asked for, and nothing complained."""
    assert page.run("return window.hacked") is None
    assert page.console() == []
    assert page.asked() == []
    assert page.run("return document.querySelectorAll('script, iframe, img, object, embed, form').length") == 3
    assert page.run(
        "return [...document.querySelectorAll('a')].every((link) => link.getAttribute('href').startsWith('#'))"
    )
    attributes = "[...document.querySelectorAll('*')].flatMap((element) => [...element.attributes])"
    assert page.run(f"return {attributes}.filter(({{ name }}) => name.startsWith('on')).length") == 0


SHOWN: dict[str, Any] = {
    "tokens": "{:,.10g}".format,
    "count": "{:,.10g}".format,
    "seconds": lambda value: f"{value:,.{3 if value < 1 else 2}f} s",
    "milliseconds": lambda value: f"{value * 1000:.1f} ms",
    "speed": "{:,.1f}".format,
    "percent": "{:.10g}%".format,
    "text": str,
}


def figures(page: Page) -> list[tuple[str, str, str]]:
    """Return the path, the kind and the text of each figure on the page."""
    all_of_them = "[...document.querySelectorAll('[data-figure]')]"
    read = "(each) => [each.dataset.figure, each.dataset.kind, each.textContent]"
    return [(path, kind, text) for path, kind, text in page.run(f"return {all_of_them}.map({read})")]


def expected(document: Any, path: str, kind: str) -> str:
    """Return how the page shows the figure at that path: a sum with unknown members as the least it can be."""
    holder: Any = {}
    for step in path.split("."):
        holder, document = document, document[int(step)] if isinstance(document, list) else document[step]
    if document is None:
        return "–"
    beside = holder if isinstance(holder, dict) else {}
    at_least, about = (beside.get(f"{path.split('.')[-1]}_{mark}") for mark in ("unknown", "estimated"))
    return f"{'≥ ' if at_least else '~' if about else ''}{SHOWN[kind](document)}"


def until_it_fits(page: Page, width: int) -> None:
    """Open all folds on a screen of this width, and wait until nothing is wider, since charts resize later."""
    page.emulate(width)
    page.run("for (const fold of document.querySelectorAll('details')) { fold.open = true; fold.ensure?.(); }")
    scrolls = ".scroll, .answers, .text, .chart, svg"
    too_wide = f"each.getBoundingClientRect().right > innerWidth && !each.closest('{scrolls}')"
    wide = f"[...document.querySelectorAll('main *')].filter((each) => {too_wide})"
    room = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    page.until(f"{room} === 0 && {wide}.length === 0")
