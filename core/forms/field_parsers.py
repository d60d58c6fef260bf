"""Parsers for form fields. Each parser returns a valid value or raises a FieldRejected."""

import re
import string
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from email_validator import EmailNotValidError, validate_email

from core.forms import errors
from core.forms.flow_model import CharacterClass, FieldRejected, Form, PasswordCriterion
from core.text.text import Text

ADDRESS_MAXIMUM = 254
"""Maximum length of an email address (RFC 5321 §4.5.3.1.3)."""
PASSWORD_TYPED_MAXIMUM = 1024
HIDDEN_CATEGORIES = {"Cc", "Cf", "Zl", "Zp", "Zs"}
"""Unicode categories that a new password must not contain."""
JOINERS = "\u200c\u200d"
TYPED_THOUGH_HIDDEN = {" ", *JOINERS, *map(chr, range(0xE0020, 0xE0080))}
"""Invisible characters that a new password may contain: the space and parts of emoji."""
NUMEN_PATTERN = re.compile(r"\d{2}[A-Z]\d{7}[A-Z]{3}", re.ASCII)
NUMEN_TYPED_MAXIMUM = 64
AGENT_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9.\-]{1,39}", re.ASCII)
DATE_PARTS = ("day", "month", "year")
YEAR_DIGITS = 4
LINE_BREAKS = re.compile(r"[\r\n\v\f\u0085\u2028\u2029\0]")
MAILTO = "mailto:"
AROUND_COPIED = (
    string.whitespace
    + "".join(
        chr(sign)
        for first, last in (
            (0x85, 0x85),
            (0xA0, 0xA0),
            (0xAD, 0xAD),
            (0x2000, 0x200F),
            (0x2028, 0x202F),
            (0x205F, 0x2069),
        )
        for sign in range(first, last + 1)
    )
    + "\u3000\ufeff"
)
"""Spaces and invisible characters that are often copied together with a text."""
LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"})
"""Maps letters such as "œ" to plain letters. Unicode normalisation does not change these letters."""


@dataclass(frozen=True, slots=True)
class ParsedEmailAddress:
    """An email address. For comparisons, use the normalised `key`."""

    typed: str
    key: str


def parse_address(typed: str, *, example: str) -> ParsedEmailAddress:
    """Parse one email address in ASCII.

    Raises AddressMissing, AddressTooLong, SeveralAddresses, AddressOddCharacter or AddressUnreadable.
    """
    stripped = typed.lstrip(AROUND_COPIED + "<").rstrip(AROUND_COPIED + ">.,;")
    if stripped[: len(MAILTO)].lower() == MAILTO:
        stripped = stripped[len(MAILTO) :]
    if not stripped:
        raise errors.AddressMissing
    if len(stripped) > ADDRESS_MAXIMUM:
        raise errors.AddressTooLong(maximum=ADDRESS_MAXIMUM)
    if LINE_BREAKS.search(stripped) or stripped.count("@") > 1:
        raise errors.SeveralAddresses
    folded = unicodedata.normalize("NFKC", stripped).lower()
    if not (folded.isascii() and folded.isprintable()):
        odd = next(character for character in folded if not character.isascii() or not character.isprintable())
        raise errors.AddressOddCharacter(character=odd if odd.isprintable() else "�")
    try:
        valid = validate_email(folded, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        raise errors.AddressUnreadable(example=example) from None
    return ParsedEmailAddress(typed=stripped, key=f"{valid.local_part}@{valid.ascii_domain}")


def email_parser(example: str) -> Callable[[Form], ParsedEmailAddress]:
    return lambda form: parse_address(form.get("email", ""), example=example)


def parse_checkbox(form: Form, name: str) -> bool:
    return bool(form.get(name))


def parse_password(form: Form) -> str:
    """Return the password typed at sign-in, normalised to Unicode NFC. Raises PasswordMissing or WrongPassword."""
    typed = form.get("password", "")
    if not typed or len(typed) > PASSWORD_TYPED_MAXIMUM:
        raise errors.PasswordMissing if not typed else errors.WrongPassword
    return unicodedata.normalize("NFC", typed)


LETTERS = {
    CharacterClass.DIGIT: (string.digits, ""),
    CharacterClass.LOWER: (string.ascii_lowercase, "Ll"),
    CharacterClass.UPPER: (string.ascii_uppercase, "Lu"),
}
"""The ASCII characters and the Unicode category of each character class."""


def is_criterion_met(criterion: PasswordCriterion, password: str) -> bool:
    """Return whether the password meets the criterion. Counts code points in Unicode NFC."""
    characters = list(unicodedata.normalize("NFC", password))
    if criterion.counts is not CharacterClass.ANY:
        ascii_characters, category = LETTERS[criterion.counts]
        any_letter = criterion.unicode_letters
        characters = [
            character
            for character in characters
            if character in ascii_characters or (any_letter and unicodedata.category(character) == category)
        ]
    counted = len(characters)
    return criterion.minimum <= counted and (criterion.maximum is None or counted <= criterion.maximum)


def new_password_parser(criteria: tuple[PasswordCriterion, ...]) -> Callable[[Form], str]:
    """Return a parser for a new password, typed twice. Spaces are allowed (NIST SP 800-63B)."""

    def parse(form: Form) -> str:
        typed, again = form.get("new_password", ""), form.get("new_password_again", "")
        if not typed:
            raise errors.NewPasswordMissing
        if len(typed) > PASSWORD_TYPED_MAXIMUM:
            raise errors.NewPasswordTooLong(maximum=next(c.maximum for c in criteria if c.counts is CharacterClass.ANY))
        password = unicodedata.normalize("NFC", typed)
        hidden = any(
            unicodedata.category(each) in HIDDEN_CATEGORIES and each not in TYPED_THOUGH_HIDDEN for each in password
        )
        if hidden or password.strip(JOINERS) != password:
            raise errors.NewPasswordControlCharacter
        unmet = [_unmet(criterion, password) for criterion in criteria if not is_criterion_met(criterion, password)]
        for other in unmet[1:]:
            unmet[0].reason = Text("{reason} {other}").fill({"reason": unmet[0].reason, "other": other.reason})
        if unmet:
            raise unmet[0]
        if unicodedata.normalize("NFC", again[: PASSWORD_TYPED_MAXIMUM + 1]) != password:
            raise errors.NewPasswordsDiffer
        return password

    return parse


def _unmet(criterion: PasswordCriterion, password: str) -> FieldRejected:
    match criterion.counts:
        case CharacterClass.ANY:
            if len(password) < criterion.minimum:
                return errors.NewPasswordTooShort(minimum=criterion.minimum)
            return errors.NewPasswordTooLong(maximum=criterion.maximum)
        case CharacterClass.LOWER:
            return errors.NewPasswordWithoutLower()
        case CharacterClass.UPPER:
            return errors.NewPasswordWithoutUpper()
        case CharacterClass.DIGIT:
            return errors.NewPasswordWithoutDigit()


def clean_numen(typed: str) -> str | None:
    """Return the NUMEN (employee number) without spaces and dashes, or None if it is malformed."""
    cleaned = re.sub(r"[\s.\-]", "", unicodedata.normalize("NFKC", typed).strip(AROUND_COPIED)).upper()
    return cleaned if NUMEN_PATTERN.fullmatch(cleaned) else None


def parse_numen(form: Form, name: str) -> str:
    """Return the NUMEN (employee number) typed in the input `name`. Raises NumenMissing or NumenUnreadable."""
    typed = form.get(name, "")
    if not typed.strip():
        raise errors.NumenMissing
    cleaned = clean_numen(typed[:NUMEN_TYPED_MAXIMUM])
    if cleaned is None:
        raise errors.NumenUnreadable
    return cleaned


def parse_birth_date(form: Form, name: str) -> date:
    """Return the birth date from three inputs.

    Raises BirthDateMissing, BirthDateNotNumbers, BirthYearTooShort or BirthDateImpossible.
    """
    typed = [unicodedata.normalize("NFKC", form.get(f"{name}-{part}", "")).strip(AROUND_COPIED) for part in DATE_PARTS]
    if not all(typed):
        raise errors.BirthDateMissing
    if not all(part.isascii() and part.isdigit() for part in typed):
        raise errors.BirthDateNotNumbers
    if len(typed[-1]) != YEAR_DIGITS:
        raise errors.BirthYearTooShort
    birth_date = parse_calendar_date("/".join(typed))
    if birth_date is None:
        raise errors.BirthDateImpossible
    return birth_date


def parse_agent_name(form: Form, name: str) -> str:
    """Return an agent's name in lower case. Raises AgentNameMissing or AgentNameUnreadable."""
    typed = unicodedata.normalize("NFKC", form.get(name, "")).strip().lower()
    if not typed:
        raise errors.AgentNameMissing
    if not AGENT_NAME_PATTERN.fullmatch(typed):
        raise errors.AgentNameUnreadable
    return typed


def parse_agent_password(form: Form, name: str) -> str:
    """Return an agent's password, normalised to Unicode NFC. Raises AgentPasswordMissing."""
    return _typed_secret(form, name, errors.AgentPasswordMissing)


def parse_unlock_password_or_code(form: Form, name: str) -> str:
    """Return the password or one-time code that unlocks a terminal. Raises UnlockSecretMissing."""
    return _typed_secret(form, name, errors.UnlockSecretMissing)


def _typed_secret(form: Form, name: str, missing: type[FieldRejected]) -> str:
    typed = form.get(name, "")[: PASSWORD_TYPED_MAXIMUM + 1]
    if not typed:
        raise missing
    return unicodedata.normalize("NFC", typed)


def without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(LIGATURES))
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def mask_address(address: str) -> str:
    """Mask an email address, as in "c•••@ac-lumiere.example"."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}"


def parse_calendar_date(typed: str) -> date | None:
    """Parse a date such as 31/12/1970 or 1970-12-31. Returns None if it is invalid."""
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
