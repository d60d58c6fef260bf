"""The places of the site that messages and gateways point to. The site routes them; others write them."""

LINK_PATH = "/lien/"
STOP_PATH = "/pas-moi/"
SMS_REPORT_PATH = "/sms/report/"
SMS_ANSWER_PATH = "/sms/inbound"


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
