"""Paths of the site, and functions that build URLs."""

import re
from hashlib import sha256

from core.text.text import Language

LINK_PATH = "/lien/"
STOP_PATH = "/pas-moi/"
CONFIRM_PATH = "/confirmer/"
SMS_REPORT_PATH = "/sms/report/"
PROVIDER_REPORT_PATH = "/sms/provider/"
"""Path to which SMS providers on the internet send delivery reports."""
SMS_ANSWER_PATH = "/sms/inbound"
ACCESSIBILITY_PATH = "/accessibilite"
PRIVACY_PATH = "/donnees"
"""Path of the privacy notice. This path is short, because every email contains it."""
LEGAL_NOTICE_PATH = "/mentions-legales"
STATUS_PATH = "/statut"
STATUS_FEED_PATH = "/statut.rss"
MAILBOX_PATH = "/messagerie"
CONTACT_PATH = "/joindre/assistance"
HELP_PATH = "/aide/"
HELP_FRONT = "index"
HELP_MESSAGES = "messages"
HELP_SITUATIONS = "situations"
HELP_LAST_RESORTS = "sans-messagerie-ni-mobile"
HELP_SEARCH = "recherche"
ANY_STEP = "partout"
EASY_ANCHOR = "facile"
FINGERPRINT = "v"
"""URL parameter that contains a file's fingerprint. URLs with this parameter can be cached forever."""
NOT_DIALLED = re.compile(r"[^\d+]")


def tel_link(number: str) -> str:
    return f"tel:{NOT_DIALLED.sub('', number)}"


def sms_report_url(callbacks: str, message_id: str, tag: str) -> str:
    """Return the URL for delivery reports. The gateway replaces "%d" with a status."""
    return f"{callbacks}{SMS_REPORT_PATH}{message_id}/{tag}?status=%d"


def provider_report_url(site: str, gateway: str, message_id: str, tag: str) -> str:
    return f"{site}{PROVIDER_REPORT_PATH}{gateway}/{message_id}/{tag}"


def sms_answer_url(callbacks: str) -> str:
    return f"{callbacks}{SMS_ANSWER_PATH}"


def help_page_file(name: str, language: Language) -> str:
    folder = "" if language is Language.FRENCH else f"{language.value}/"
    return f"{folder}{name}.html"


def help_messages_page_name(step_code: str | None) -> str:
    return f"{HELP_MESSAGES}-{step_anchor(step_code or ANY_STEP)}"


def easy_to_read_page_name(flow: str) -> str:
    return f"{flow}-facile"


def help_file_fingerprint(content: bytes) -> str:
    return sha256(content).hexdigest()[:6]


def handout_file(name: str, language: Language, ending: str) -> str:
    return help_page_file(f"{name}.{language.value}", language).removesuffix("html") + ending


def step_anchor(code: str) -> str:
    return code.lower()


def field_anchor(code: str, name: str) -> str:
    return f"{step_anchor(code)}-{name}"
