"""Measures how much a page in Chromium moves its content while it loads."""

from playwright.sync_api import Page

MOST_SHIFT = 0.02
"""Maximum cumulative layout shift. Core Web Vitals rates values up to 0.1 as good."""
SHIFTS = """() => new Promise(done => {
    const shifts = [];
    new PerformanceObserver(list => shifts.push(...list.getEntries())).observe({type: "layout-shift", buffered: true});
    scrollTo(0, document.body.scrollHeight);
    setTimeout(() => done(shifts.reduce((sum, each) => sum + (each.hadRecentInput ? 0 : each.value), 0)), 300);
})"""


def layout_shift(page: Page) -> float:
    """Return the cumulative layout shift of a page that has loaded."""
    shift: float = page.evaluate(SHIFTS)
    return shift
