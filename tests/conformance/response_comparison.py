"""Compares the responses to two voters, and checks the security headers."""

import re

from tests.conformance.html_page import HtmlPage

VARYING = [
    (r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", "CASE"),
    (r"(?<!\d)\d\d:\d\d(?!\d)", "HH:MM"),
    (r'(<input[^>]*type="hidden"[^>]*value=")[^"]*', r"\1"),
    (r"nonce[-=][\"']?[\w+/=-]+", "NONCE"),
]
"""The patterns of text that differs on every page: case numbers, times, and values of forms and policies per visit."""
HEADERS = {
    "X-Content-Type-Options": r"nosniff$",
    "X-Frame-Options": r"DENY$",
    "Permissions-Policy": r"camera=\(\)",
    "Cross-Origin-Opener-Policy": r"same-origin$",
    "Cross-Origin-Resource-Policy": r"same-origin$",
    "Content-Security-Policy": r"default-src 'none'(?=.*base-uri 'none')(?=.*frame-ancestors 'none')(?!.*unsafe)",
    "Referrer-Policy": r"(same-origin|no-referrer)$",
    "Cache-Control": r".*\bno-store\b",
}
"""The required security headers."""


def comparable_text(text: str, address: str) -> str:
    """Remove from a page's text or source the parts that always differ."""
    text = text.replace(address, "ADDRESS")
    for pattern, name in VARYING:
        text = re.sub(pattern, name, text)
    return text


def comparable_response(page: HtmlPage, address: str) -> tuple[object, ...]:
    """Return a response without the parts that always differ. Cookies keep their name, attributes and length."""
    headers = [(name.lower(), _header(name.lower(), value)) for name, value in page.headers if name.lower() != "date"]
    return page.status, sorted(headers), comparable_text(page.body, address)


def _header(name: str, value: str) -> str:
    if name == "set-cookie":
        cookie, _, attributes = value.partition(";")
        return f"{cookie.partition('=')[0]} {len(cookie)} {re.sub('(?i)expires=[^;]+', '', attributes)}"
    return re.sub(*VARYING[-1], value)


def missing_security_headers(page: HtmlPage, *, kept: bool = False) -> list[str]:
    """Return the missing security headers. A response that browsers may keep (`kept`) needs no "no-store"."""
    wanted = {name: value for name, value in HEADERS.items() if not (kept and name == "Cache-Control")}
    return [name for name, value in wanted.items() if not re.match(value, page.header(name) or "")]
