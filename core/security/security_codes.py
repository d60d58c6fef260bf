"""Six-digit security codes, computed from a key, the case and the address."""

import base64
import re
import unicodedata
from hmac import compare_digest

import pyotp

from core.forms import errors
from core.forms.field_parsers import AROUND_COPIED
from core.forms.flow_model import FieldRejected, Form
from core.ports import Vault
from core.security import key_purposes

DIGITS = 6
TYPED_MAXIMUM = 40
BETWEEN = re.compile(r"[\s.·_\u00ad\u2010-\u2015\u2212-]+")
"""Characters that people type between the digits of a security code."""
IN_A_TEXT = re.compile(rf"(?<!\d)\d{{{DIGITS}}}(?!\d)", re.ASCII)


def security_code(vault: Vault, case: str, address: str, ordinal: int) -> str:
    """Return a security code for a case and address. `ordinal` is the HOTP counter (RFC 4226)."""
    secret = base64.b32encode(vault.digest(key_purposes.CODE, f"{case} {address}".encode())).decode()
    return pyotp.HOTP(secret, digits=DIGITS).at(ordinal)


def check_code(vault: Vault, case: str, address: str, ordinal: int, typed: str) -> bool:
    return compare_digest(security_code(vault, case, address, ordinal).encode(), typed.encode())


def parse_code(form: Form) -> str:
    return _require_six_digits(form.get("code", ""), errors.CodeMissing(), errors.CodeUnreadable(digits=DIGITS))


def parse_agent_code(form: Form, name: str) -> str:
    return _require_six_digits(form.get(name, ""), errors.AgentCodeMissing(), errors.AgentCodeUnreadable())


def _require_six_digits(typed: str, missing: FieldRejected, unreadable: FieldRejected) -> str:
    if not typed.strip():
        raise missing
    code = parse_six_digits(typed)
    if code is None:
        raise unreadable
    return code


def parse_six_digits(typed: str) -> str | None:
    digits = _digits(typed[:TYPED_MAXIMUM])
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdigit() else None


def first_code_in(text: str) -> str | None:
    found = IN_A_TEXT.search(_digits(text[: 4 * TYPED_MAXIMUM]))
    return None if found is None else found[0]


def _digits(typed: str) -> str:
    return BETWEEN.sub("", unicodedata.normalize("NFKC", typed).strip(AROUND_COPIED))
