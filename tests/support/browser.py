"""Chromium for browser tests: Debian's, driven by Playwright, with every fault a page shows held against the test."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

# Debian's: the one without a window first, which has less to do
CHROMIUM = ("chromium-headless-shell", "chromium")
FLAGS = [
    "--headless=new",
    "--no-sandbox",  # the session may run as root; it opens nothing but our own pages
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The console tells of a violation too, but not of every kind in every version.
REPORT_CSP_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) => {
    const place = `${event.sourceFile}:${event.lineNumber}`;
    console.error(`CSP violation: ${event.effectiveDirective} ${event.blockedURI} ${place}`);
});
"""
LOCAL_HOSTS = {"127.0.0.1", "localhost", None}  # None: about:blank, data:, blob:


def find_chromium() -> Path | None:
    """Return the browser to drive, or nothing where it is not installed."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    return Path(found) if found else None


def launch_chromium(playwright: Playwright, program: Path) -> Browser:
    """Start the browser without a window."""
    return playwright.chromium.launch(
        executable_path=program, args=FLAGS, headless=True, ignore_default_args=["--headless", "--headless=old"]
    )


class BrowserFaults:
    """What pages complained about during one test. The test fails for each line that it did not expect."""

    def __init__(self) -> None:
        self._seen: list[str] = []
        self._expected: list[str] = []

    def expect(self, fragment: str) -> None:
        """Say that this test provokes a fault whose line holds `fragment`; the test fails if it never comes."""
        self._expected.append(fragment)

    def report(self, line: str) -> None:
        """Write down a fault."""
        self._seen.append(line)

    def verdict(self) -> list[str]:
        """Return what to fail the test for, one line each."""
        surprises = [line for line in self._seen if not any(fragment in line for fragment in self._expected)]
        absent = [fragment for fragment in self._expected if not any(fragment in line for line in self._seen)]
        return surprises + [f"expected and did not come: {fragment}" for fragment in absent]


class PageMaker:
    """Opens pages, each in its own context (its own cookies): two people at two counters are two pages."""

    def __init__(self, browser: Browser, faults: BrowserFaults) -> None:
        self._browser = browser
        self._faults = faults
        self._contexts: list[BrowserContext] = []

    def __call__(self, viewport: tuple[int, int] = (1280, 800), *, javascript: bool = True) -> Page:
        """Open a page of `viewport` = (width, height) in CSS pixels, in Vietnamese, in Việt Nam's time zone."""
        width, height = viewport
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            java_script_enabled=javascript,
            accept_downloads=True,
            reduced_motion="reduce",  # axe must not meet a colour on its way to another
        )
        self._contexts.append(context)
        if javascript:
            context.add_init_script(REPORT_CSP_VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._faults.report(f"page error: {error.error}"))
        context.on("request", self._on_request)
        return context.new_page()

    def close_all(self) -> None:
        """Close what was opened."""
        while self._contexts:
            self._contexts.pop().close()

    def _on_console(self, message: ConsoleMessage) -> None:
        source = message.location.get("url", "")
        if message.type == "error" and not source.endswith("/favicon.ico"):  # the browser's own wish, not the page's
            self._faults.report(f"console error: {message.text} ({source})")

    def _on_request(self, request: Request) -> None:
        if urlsplit(request.url).hostname not in LOCAL_HOSTS:
            self._faults.report(f"asked another address: {request.url}")


def press_in_turn(page: Page, letters: str) -> None:
    """Single keys a tenth of a second apart, however long this process is kept from pressing them."""
    keyboard = page.context.new_cdp_session(page)
    at = page.evaluate("(performance.timeOrigin + performance.now()) / 1000")
    for number, letter in enumerate(letters):
        key = {"key": letter, "code": f"Key{letter.upper()}", "windowsVirtualKeyCode": ord(letter.upper())}
        timed = {**key, "timestamp": at + number / 10}
        keyboard.send("Input.dispatchKeyEvent", {**timed, "type": "keyDown", "text": letter})
        keyboard.send("Input.dispatchKeyEvent", {**timed, "type": "keyUp"})
    keyboard.detach()


def scan(page: Page, digits: str, *, gap_ms: int = 8, noise: bool = False) -> None:
    """What a scanner types, at the times that are said: the browser is told when each key was pressed."""
    keyboard = page.context.new_cdp_session(page)
    at = page.evaluate("(performance.timeOrigin + performance.now()) / 1000")
    for number, digit in enumerate(digits):
        at += gap_ms / 1000
        key = {"key": digit, "code": f"Digit{digit}", "windowsVirtualKeyCode": 48 + int(digit), "timestamp": at}
        if noise and number == 1:  # an input method swallows the key and rewrites what stands before it
            keyboard.send("Input.dispatchKeyEvent", {**key, "type": "rawKeyDown", "key": "Process"})
            keyboard.send("Input.dispatchKeyEvent", _key("Backspace", 8, at))
            continue
        keyboard.send("Input.dispatchKeyEvent", {**key, "type": "keyDown", "text": digit})
        keyboard.send("Input.dispatchKeyEvent", {**key, "type": "keyUp"})
    keyboard.send("Input.dispatchKeyEvent", {**_key("Enter", 13, at + gap_ms / 1000), "text": "\r"})
    keyboard.detach()


def _key(name: str, number: int, at: float) -> dict[str, object]:
    return {"type": "keyDown", "key": name, "code": name, "windowsVirtualKeyCode": number, "timestamp": at}
