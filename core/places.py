"""The places of the site that messages, gateways and the help point to. The site routes them; others write them."""

from core.text import Language

LINK_PATH = "/lien/"
STOP_PATH = "/pas-moi/"
SMS_REPORT_PATH = "/sms/report/"
SMS_ANSWER_PATH = "/sms/inbound"
HELP_PATH = "/aide/"
HELP_FRONT = "index"
HELP_MESSAGES = "messages"


def link_address(site: str, token: str) -> str:
    """Where a recovery link leads."""
    return f"{site}{LINK_PATH}{token}"


def stop_address(site: str, token: str) -> str:
    """Where "ce n'était pas moi" leads."""
    return f"{site}{STOP_PATH}{token}"


def sms_report_address(callbacks: str, message_id: str, tag: str) -> str:
    """Where a gateway reports about one SMS; it writes what happened in the place of %d."""
    return f"{callbacks}{SMS_REPORT_PATH}{message_id}/{tag}?status=%d"


def sms_answer_address(callbacks: str) -> str:
    """Where a gateway tells what voters send."""
    return f"{callbacks}{SMS_ANSWER_PATH}"


def help_page(name: str, language: Language) -> str:
    """The file of a page of the help, from the folder it stands in: the French ones are at the top, as the site begins."""
    folder = "" if language is Language.FRENCH else f"{language.value}/"
    return f"{folder}{name}.html"


def help_handout(name: str, language: Language, ending: str) -> str:
    """The file of what can be taken away of a page of the help, beside it; it says its language wherever it is kept."""
    return help_page(f"{name}.{language.value}", language).removesuffix("html") + ending


def step_anchor(code: str) -> str:
    """Where a step is on the page of its flow."""
    return code.lower()


def field_anchor(code: str, name: str) -> str:
    """Where a field is on the page of its flow."""
    return f"{step_anchor(code)}-{name}"
