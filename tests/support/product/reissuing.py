"""The pages of a re-issue, and the patterns of its SMS."""

import re

from core.forms.phone_number_parser import parse_phone
from core.policy.policy_and_calendar import Policy

CODE, SENDING = "/identifiant/code", "/identifiant/envoi"
IDENTIFIER = re.compile(r"\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{5}\b")


def e164(phone: str) -> str:
    """Return the phone number in E.164."""
    return parse_phone(phone, Policy().phone_codes).e164
