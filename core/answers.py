"""Parsers from what a person types to a value that cannot be wrong. Each raises a Rejected of `core.errors`.

A parser takes the whole form and its field's name, because a birth date is three inputs and a new password two.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from email_validator import EmailNotValidError, validate_email

from core import errors
from core.steps import CharacterClass, Criterion, Form

ADDRESS_MAXIMUM = 254
"""RFC 5321 §4.5.3.1.3: a path is 256 octets with its brackets."""
PASSWORD_TYPED_MAXIMUM = 1024
"""Above this a typed password is not worth normalising, let alone hashing."""
NUMEN_PATTERN = re.compile(r"\d{2}[A-Z]\d{7}[A-Z]{3}", re.ASCII)
NUMEN_TYPED_MAXIMUM = 64
AGENT_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9.\-]{1,39}", re.ASCII)
DATE_PARTS = ("day", "month", "year")
YEAR_DIGITS = 4
LINE_BREAKS = re.compile(r"[\r\n\v\f\u0085\u2028\u2029\0]")
MAILTO = "mailto:"
LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"})
"""Letters that Unicode does not take apart, as people without them type them."""


@dataclass(frozen=True, slots=True)
class Address:
    """A professional address: `typed` as its owner wrote it, `key` as it is compared and counted."""

    typed: str
    key: str


def parse_address(typed: str, *, example: str) -> Address:
    """Reads one address, forgiving case, spaces around it and full-width letters; `key` is ASCII and lower case.

    Letters of other alphabets are refused rather than folded, so that a look-alike is never another's address.
    Raises AddressMissing, AddressTooLong, AddressNotOne, AddressOddCharacter, AddressUnreadable.
    """
    stripped = typed.strip().removeprefix(MAILTO)
    if not stripped:
        raise errors.AddressMissing
    if len(stripped) > ADDRESS_MAXIMUM:
        raise errors.AddressTooLong(maximum=ADDRESS_MAXIMUM)
    if LINE_BREAKS.search(stripped) or stripped.count("@") > 1:
        raise errors.AddressNotOne
    folded = unicodedata.normalize("NFKC", stripped).lower()
    odd = next((character for character in folded if not character.isascii() or not character.isprintable()), None)
    if odd is not None:
        raise errors.AddressOddCharacter(character=odd if odd.isprintable() else "�")
    try:
        valid = validate_email(folded, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        raise errors.AddressUnreadable(example=example) from None
    return Address(typed=stripped, key=f"{valid.local_part}@{valid.ascii_domain}")


def address_field(example: str) -> Callable[[Form], Address]:
    """The parser of the field `email`."""
    return lambda form: parse_address(form.get("email", ""), example=example)


def parse_password(form: Form) -> str:
    """A password to be checked against the one on record: NFC, and otherwise as typed. Raises PasswordMissing."""
    typed = form.get("password", "")
    if not typed or len(typed) > PASSWORD_TYPED_MAXIMUM:
        raise errors.PasswordMissing if not typed else errors.WrongPassword
    return unicodedata.normalize("NFC", typed)


def count(criterion: Criterion, password: str) -> int:
    """How many NFC code points of the criterion's class a password has; the page's script counts the same way."""
    return sum(_is(criterion, character) for character in unicodedata.normalize("NFC", password))


def met(criterion: Criterion, password: str) -> bool:
    """Whether the criterion ticks."""
    counted = count(criterion, password)
    return criterion.minimum <= counted and (criterion.maximum is None or counted <= criterion.maximum)


def _is(criterion: Criterion, character: str) -> bool:
    match criterion.counts:
        case CharacterClass.ANY:
            return True
        case CharacterClass.DIGIT:
            return character in "0123456789"
        case CharacterClass.LOWER:
            return "a" <= character <= "z" or (criterion.unicode_letters and unicodedata.category(character) == "Ll")
        case CharacterClass.UPPER:
            return "A" <= character <= "Z" or (criterion.unicode_letters and unicodedata.category(character) == "Lu")


def new_password_field(criteria: tuple[Criterion, ...]) -> Callable[[Form], str]:
    """The parser of `new_password`, typed twice: NFC, spaces and paste allowed (NIST SP 800-63B §5.1.1.2)."""

    def parse(form: Form) -> str:
        typed, again = form.get("new_password", ""), form.get("new_password_again", "")
        if not typed:
            raise errors.NewPasswordMissing
        if len(typed) > PASSWORD_TYPED_MAXIMUM:
            raise errors.NewPasswordTooLong(maximum=next(c.maximum for c in criteria if c.counts is CharacterClass.ANY))
        password = unicodedata.normalize("NFC", typed)
        if any(unicodedata.category(character) == "Cc" for character in password):
            raise errors.NewPasswordControlCharacter
        for criterion in criteria:
            if not met(criterion, password):
                raise _unmet(criterion, password)
        if unicodedata.normalize("NFC", again[: PASSWORD_TYPED_MAXIMUM + 1]) != password:
            raise errors.NewPasswordDiffers
        return password

    return parse


def _unmet(criterion: Criterion, password: str) -> Exception:
    match criterion.counts:
        case CharacterClass.ANY:
            if count(criterion, password) < criterion.minimum:
                return errors.NewPasswordTooShort(minimum=criterion.minimum)
            return errors.NewPasswordTooLong(maximum=criterion.maximum)
        case CharacterClass.LOWER:
            return errors.NewPasswordWithoutLower()
        case CharacterClass.UPPER:
            return errors.NewPasswordWithoutUpper()
        case CharacterClass.DIGIT:
            return errors.NewPasswordWithoutDigit()


def clean_numen(typed: str) -> str | None:
    """A NUMEN after clean-up (spaces, dashes and case forgiven), or None if it is not `NUMEN_PATTERN`."""
    cleaned = re.sub(r"[\s.\-]", "", unicodedata.normalize("NFKC", typed)).upper()
    return cleaned if NUMEN_PATTERN.fullmatch(cleaned) else None


def parse_numen(form: Form, name: str) -> str:
    """The NUMEN of one input, clean. Raises NumenMissing, NumenUnreadable."""
    typed = form.get(name, "")
    if not typed.strip():
        raise errors.NumenMissing
    cleaned = clean_numen(typed[:NUMEN_TYPED_MAXIMUM])
    if cleaned is None:
        raise errors.NumenUnreadable
    return cleaned


def parse_birth_date(form: Form, name: str) -> date:
    """The date of three inputs, `name-day`, `name-month` and `name-year`.

    Raises BirthDateMissing, BirthDateNotNumbers, BirthDateYear, BirthDateImpossible.
    """
    typed = [unicodedata.normalize("NFKC", form.get(f"{name}-{part}", "")).strip() for part in DATE_PARTS]
    if not all(typed):
        raise errors.BirthDateMissing
    if not all(part.isascii() and part.isdigit() for part in typed):
        raise errors.BirthDateNotNumbers
    if len(typed[-1]) != YEAR_DIGITS:
        raise errors.BirthDateYear
    found = calendar_date("/".join(typed))
    if found is None:
        raise errors.BirthDateImpossible
    return found


def parse_agent_name(form: Form, name: str) -> str:
    """The name of an agent's account, in lower case. Raises AgentNameMissing, AgentNameUnreadable."""
    typed = unicodedata.normalize("NFKC", form.get(name, "")).strip().lower()
    if not typed:
        raise errors.AgentNameMissing
    if not AGENT_NAME_PATTERN.fullmatch(typed):
        raise errors.AgentNameUnreadable
    return typed


def parse_agent_password(form: Form, name: str) -> str:
    """An agent's password: NFC, and otherwise as typed. Raises AgentPasswordMissing."""
    typed = form.get(name, "")[: PASSWORD_TYPED_MAXIMUM + 1]
    if not typed:
        raise errors.AgentPasswordMissing
    return unicodedata.normalize("NFC", typed)


def parse_unlock(form: Form, name: str) -> str:
    """What opens a locked terminal: the password, or a code. Raises UnlockMissing."""
    typed = form.get(name, "")[: PASSWORD_TYPED_MAXIMUM + 1]
    if not typed:
        raise errors.UnlockMissing
    return unicodedata.normalize("NFC", typed)


def plain(text: str) -> str:
    """Without accents and case, for comparing names as people type them."""
    decomposed = unicodedata.normalize("NFKD", text.translate(LIGATURES))
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def masked(address: str) -> str:
    """An address its owner recognises and others cannot use: "c•••@ac-lumiere.example"."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}"


def calendar_date(typed: str) -> date | None:
    """A date in the French or the ISO order, or None: 31/12/1970, 31-12-1970, 31.12.1970, 1970-12-31."""
    french = re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", typed.strip(), re.ASCII)
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", typed.strip(), re.ASCII)
    if french:
        day, month, year = map(int, french.groups())
    elif iso:
        year, month, day = map(int, iso.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
