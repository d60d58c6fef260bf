"""Finds what the end of a line tears on a page in Chromium, though it would fit on one line."""

from playwright.sync_api import Page

TORN = r"""() => {
  const whole = new RegExp([
    String.raw`[^\s«»“”(]*(?:@|://)[^\s«»“”)]*`,        // an address
    String.raw`\d{1,2}\s[^\W\d]\S{2,8}\s20\d\d`,        // a date
    String.raw`\d\d:\d\d`,
    String.raw`\d\d(?:\s\d\d){4}`,                        // a telephone number
    String.raw`\b[0-9A-Z]{4}-[0-9A-Z]{4}\b`,              // a case number
  ].join("|"), "gu");
  const room = node => {
    let block = node.parentElement;
    while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    const style = getComputedStyle(block);
    return block.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  };
  const torn = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    if (text.parentElement.closest("pre") !== null) continue;  // a mail's plain text as it came
    for (const found of text.data.matchAll(whole)) {
      const range = document.createRange();
      range.setStart(text, found.index);
      range.setEnd(text, found.index + found[0].length);
      const lines = [...range.getClientRects()].filter(each => each.width > 0);
      const wide = lines.reduce((sum, each) => sum + each.width, 0);
      if (new Set(lines.map(each => Math.round(each.top))).size > 1 && wide < room(text)) torn.push(found[0]);
    }
  }
  return torn;
}"""


def torn_words(page: Page) -> list[str]:
    """Return the addresses, dates, hours, telephone and case numbers that stand on two lines."""
    found: list[str] = page.evaluate(TORN)
    return found
