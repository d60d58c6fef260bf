"""The security code (rule 5): six digits that need not be kept, since they follow from the master key and the case."""

import base64
import re
import unicodedata
from hmac import compare_digest

import pyotp

from core import errors, purposes
from core.ports import Vault
from core.steps import Form

DIGITS = 6
TYPED_MAXIMUM = 40
BETWEEN = re.compile(r"[\s.·_\u00ad\u2010-\u2015\u2212-]+")
"""What people put between the digits, hyphens and dashes of every width among them."""
IN_A_TEXT = re.compile(rf"(?<!\d)\d{{{DIGITS}}}(?!\d)", re.ASCII)


def code_of(vault: Vault, case: str, ordinal: int) -> str:
    """The code of that ordinal in that case: HOTP (RFC 4226) with a secret of the case's own."""
    secret = base64.b32encode(vault.digest(purposes.CODE, case.encode())).decode()
    return pyotp.HOTP(secret, digits=DIGITS).at(ordinal)


def is_code(vault: Vault, case: str, ordinal: int, typed: str) -> bool:
    """Whether that is the code; how long it takes does not tell how near it is."""
    return compare_digest(code_of(vault, case, ordinal).encode(), typed.encode())


def parse_code(form: Form) -> str:
    """The six digits typed, forgiving spaces, dashes and full-width digits (CASE 26). Raises CodeMissing, CodeUnreadable."""
    typed = form.get("code", "")
    if not typed.strip():
        raise errors.CodeMissing
    code = read_code(typed)
    if code is None:
        raise errors.CodeUnreadable(digits=DIGITS)
    return code


def parse_agent_code(form: Form, name: str) -> str:
    """The same, of the application that an agent signs in with. Raises AgentCodeMissing, AgentCodeUnreadable."""
    typed = form.get(name, "")
    if not typed.strip():
        raise errors.AgentCodeMissing
    code = read_code(typed)
    if code is None:
        raise errors.AgentCodeUnreadable
    return code


def read_code(typed: str) -> str | None:
    """The six digits, whatever stands between them; None if that is no code."""
    digits = _digits(typed[:TYPED_MAXIMUM])
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdigit() else None


def code_in(text: str) -> str | None:
    """The first six digits in a row of an answer by SMS, which may hold anything; None without any."""
    found = IN_A_TEXT.search(_digits(text[: 4 * TYPED_MAXIMUM]))
    return None if found is None else found[0]


def _digits(typed: str) -> str:
    return BETWEEN.sub("", unicodedata.normalize("NFKC", typed).strip())
