"""Finds words that Chromium breaks at the end of a line although they would fit on one line."""

from playwright.sync_api import Page

TORN = r"""() => {
  const whole = new RegExp([
    String.raw`[^\s«»“”(]*(?:@|://)[^\s«»“”)]*`,        // an address
    String.raw`\d{1,2}\s[^\W\d]\S{2,8}\s20\d\d`,        // a date
    String.raw`\d\d:\d\d|\d{1,2}\sh\b(?:\s\d\d)?`,
    String.raw`\d\d(?:\s\d\d){4}`,                        // a telephone number
    String.raw`\b[0-9A-Z]{4}-[0-9A-Z]{4}\b`,              // a case number
  ].join("|"), "gu");
  const room = node => {
    let block = node.parentElement;
    while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    const style = getComputedStyle(block);
    return block.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  };
  const textsOf = element => {
    const found = [], texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) found.push(texts.currentNode);
    return found;
  };
  const part = (text, start, end) => {
    const range = document.createRange();
    range.setStart(text, start);
    range.setEnd(text, end);
    return range;
  };
  const torn = [];
  const check = (...ranges) => {
    const lines = ranges.flatMap(each => [...each.getClientRects()]).filter(each => each.width > 0);
    const wide = lines.reduce((sum, each) => sum + each.width, 0);
    const onOne = new Set(lines.map(each => Math.round(each.top))).size <= 1;
    if (!onOne && wide < room(ranges[0].startContainer)) torn.push(ranges.join(""));
  };
  for (const text of textsOf(document.body)) {
    if (text.parentElement.closest("pre") !== null) continue;  // a mail's plain text as it came
    for (const found of text.data.matchAll(whole)) check(part(text, found.index, found.index + found[0].length));
  }
  for (const address of document.querySelectorAll("main .whole:not(.whole .whole), [role=main] span")) {
    if (address.textContent.includes("://")) textsOf(address).forEach(each => check(part(each, 0, each.length)));
    if (!address.textContent.includes("@")) continue;
    const texts = textsOf(address);
    check(...texts.map(each => part(each, 0, each.length)));
    for (const text of texts) {  // what is wider than the screen goes on after its @ alone
      const at = text.data.indexOf("@") + 1;
      for (const [start, end] of [[0, at], [at, text.length]]) check(part(text, start, end));
    }
  }
  return torn;
}"""


def torn_words(page: Page) -> list[str]:
    """Return the addresses, dates, times, telephone numbers and case numbers that are broken into two lines.

    An address may break once, after its @.
    """
    found: list[str] = page.evaluate(TORN)
    return found
