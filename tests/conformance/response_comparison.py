"""Compares the responses that two voters get, and checks the security headers."""

import re

from tests.conformance.html_page import HtmlPage

VARYING = [
    (r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", "CASE"),
    (r"(?<!\d)(?:\d\d:\d\d|\d\d?\sh(?:\s\d\d)?)(?!\w)", "HH:MM"),
    (r'(<input[^>]*type="hidden"[^>]*value=")[^"]*', r"\1"),
    (r"nonce[-=][\"']?[\w+/=-]+", "NONCE"),
]
"""Patterns for text that differs on every page, such as case numbers, times and hidden values of forms."""
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
"""Security headers that every response must have."""


def comparable_text(text: str, address: str) -> str:
    """Remove the parts that always differ from the text or the source of a page."""
    text = text.replace(address, "ADDRESS")
    for pattern, name in VARYING:
        text = re.sub(pattern, name, text)
    return text


def comparable_response(page: HtmlPage, address: str) -> tuple[object, ...]:
    """Return a response without the parts that always differ.

    Each cookie is replaced by its name, attributes and length.
    """
    headers = [(name.lower(), _header(name.lower(), value)) for name, value in page.headers if name.lower() != "date"]
    return page.status, sorted(headers), comparable_text(page.body, address)


def _header(name: str, value: str) -> str:
    if name == "set-cookie":
        cookie, _, attributes = value.partition(";")
        return f"{cookie.partition('=')[0]} {len(cookie)} {re.sub('(?i)expires=[^;]+', '', attributes)}"
    return re.sub(*VARYING[-1], value)


def missing_security_headers(page: HtmlPage, *, kept: bool = False) -> list[str]:
    """Return the security headers that a response lacks.

    A response that browsers may keep (`kept`) does not need "no-store".
    """
    wanted = {name: value for name, value in HEADERS.items() if not (kept and name == "Cache-Control")}
    return [name for name, value in wanted.items() if not re.match(value, page.header(name) or "")]
