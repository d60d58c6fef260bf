"""The paths of the site that messages, gateways and the help point to, which the site routes, and the links of telephone numbers."""

import re
from hashlib import sha256

from core.text.text import Language

LINK_PATH = "/lien/"
STOP_PATH = "/pas-moi/"
CONFIRM_PATH = "/confirmer/"
SMS_REPORT_PATH = "/sms/report/"
SMS_ANSWER_PATH = "/sms/inbound"
ACCESSIBILITY_PATH = "/accessibilite"
PRIVACY_PATH = "/donnees"
"""Short, because every mail prints it."""
LEGAL_NOTICE_PATH = "/mentions-legales"
STATUS_PATH = "/statut"
STATUS_FEED_PATH = "/statut.rss"
MAILBOX_PATH = "/messagerie"
CONTACT_PATH = "/joindre/assistance"
"""The form by which the desk is asked for an answer: the step of a flow."""
HELP_PATH = "/aide/"
HELP_FRONT = "index"
HELP_MESSAGES = "messages"
HELP_SITUATIONS = "situations"
HELP_SEARCH = "recherche"
EASY_ANCHOR = "facile"
"""The place of the easy-to-read guides on the front page of the help."""
FINGERPRINT = "v"
"""The name of a file's fingerprint in its address: what has one may be kept for good."""
NOT_DIALLED = re.compile(r"[^\d+]")


def tel_link(number: str) -> str:
    return f"tel:{NOT_DIALLED.sub('', number)}"


def sms_report_url(callbacks: str, message_id: str, tag: str) -> str:
    """Return the URL to which a gateway reports about one SMS, with %d in the place of the status."""
    return f"{callbacks}{SMS_REPORT_PATH}{message_id}/{tag}?status=%d"


def sms_answer_url(callbacks: str) -> str:
    """Return the URL to which a gateway passes the SMS that voters send."""
    return f"{callbacks}{SMS_ANSWER_PATH}"


def help_page_file(name: str, language: Language) -> str:
    """Return the file of a help page, relative to the help's folder; the French pages stand at the top."""
    folder = "" if language is Language.FRENCH else f"{language.value}/"
    return f"{folder}{name}.html"


def easy_to_read_page_name(flow: str) -> str:
    return f"{flow}-facile"


def help_file_fingerprint(content: bytes) -> str:
    return sha256(content).hexdigest()[:6]


def handout_file(name: str, language: Language, ending: str) -> str:
    """Return the file of a handout, which stands beside its help page and carries its language in its name."""
    return help_page_file(f"{name}.{language.value}", language).removesuffix("html") + ending


def step_anchor(code: str) -> str:
    """Return the anchor of a step on the page of its flow."""
    return code.lower()


def field_anchor(code: str, name: str) -> str:
    """Return the anchor of a field on the page of its flow."""
    return f"{step_anchor(code)}-{name}"
