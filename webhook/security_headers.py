from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

SCRIPT_IN_HEAD = (files("templates") / "web" / "while_parsed.js").read_text("utf-8").strip()
"""The only inline script of the site. It runs before the browser draws the page."""
SCRIPT_DIGEST = b64encode(sha256(SCRIPT_IN_HEAD.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'self'; script-src 'self' 'sha256-{SCRIPT_DIGEST}'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With "no-referrer", browsers would send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
