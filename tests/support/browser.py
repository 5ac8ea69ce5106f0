"""A real headless Chromium with a page, and what it logged and requested."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

from tests.support.needs import need
from tests.support.patience import PATIENCE

INSIDE = ("about:", "data:", "chrome:", "chrome-untrusted:", "devtools:")
"""Addresses that cause no request outside the browser."""


@contextmanager
def chromium(profile: Path) -> Iterator[webdriver.Chrome]:
    """Run a browser that logs its console and its network requests."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    need(program and driver, "Chromium is missing: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = str(program)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for argument in (
        *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"),
        *("disable-component-update", "disable-sync", "window-size=1280,900", f"user-data-dir={profile}"),
    ):
        options.add_argument(f"--{argument}")
    started = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        yield started
    finally:
        started.quit()


class Page:
    """A page that is open: a file, or an address."""

    def __init__(self, browser: webdriver.Chrome, place: Path | str) -> None:
        self.browser = browser
        browser.get_log("browser")  # type: ignore[no-untyped-call]
        browser.get_log("performance")  # type: ignore[no-untyped-call]
        browser.get("about:blank")
        browser.get(place.as_uri() if isinstance(place, Path) else place)

    def run(self, script: str, *arguments: object) -> Any:
        return self.browser.execute_script(script, *arguments)

    def until(self, script: str) -> None:
        """Wait until the script's expression is true."""
        WebDriverWait(self.browser, PATIENCE).until(lambda _: self.run(f"return {script}"), f"never true: {script}")

    @property
    def data(self) -> Any:
        """The page's data."""
        return json.loads(self.run("return document.getElementById('data').textContent"))

    def copied(self, button: str, within: str = "body") -> str:
        """Return what a click on the first button of this name within an element copies."""
        self.run("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
        named = f"[...document.querySelectorAll('{within} button')].find((each) => each.textContent === {button!r})"
        self.run(f"{named}.click()")
        self.until("window.copied !== undefined")
        return str(self.run("const { copied } = window; delete window.copied; return copied"))

    def colour(self, name: str) -> str:
        """Return a colour of the page's stylesheet as it is now."""
        self.run("document.body.insertAdjacentHTML('beforeend', '<i id=probe></i>')")
        self.run("document.querySelector('#probe').style.color = `var(--${arguments[0]})`", name)
        probe = "const probe = document.querySelector('#probe'); const { color } = getComputedStyle(probe);"
        return str(self.run(f"{probe} probe.remove(); return color"))

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def console(self) -> list[str]:
        log: list[dict[str, str]] = self.browser.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in log]

    def asked(self) -> list[str]:
        """Return the addresses that were requested since the page was opened, without its own."""
        log: list[dict[str, str]] = self.browser.get_log("performance")  # type: ignore[no-untyped-call]
        messages = [json.loads(entry["message"])["message"] for entry in log]
        sent = [message for message in messages if message["method"] == "Network.requestWillBeSent"]
        urls = [message["params"]["request"]["url"] for message in sent]
        return [url for url in urls if not url.startswith(INSIDE) and not url.endswith(".html")]

    def emulate(self, width: int = 1280, **features: str) -> None:
        """Emulate a screen of this width, with CSS media features such as prefers_color_scheme="dark"."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
