"""Fictional electoral rolls for the demo and the tests; the same seed makes the same people."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from string import ascii_uppercase

from faker.providers.person.fr_FR import Provider

from core.roll.roll_columns import COLUMNS, RollColumn
from core.text.text import Language
from core.text.translation import translate
from demo.voter_names_and_academies import ACADEMIES, AWKWARD, MAINLAND, NameAndAcademie

FIRST_NAMES = tuple(sorted({*Provider.first_names_female, *Provider.first_names_male}))
LAST_NAMES = tuple(sorted(set(Provider.last_names)))
COMPOUND = 0.08
OVERSEAS = 0.06
"""Shares of the people, about those of the real roll."""
BORN = (date(1955, 1, 1).toordinal(), date(2000, 12, 31).toordinal())
NUMENS = 10_000_000
NUMEN_STRIDE = 7_919
"""A prime without a common factor with NUMENS: serial numbers look random and never repeat."""
LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "ı": "i"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FictionalPerson:
    """A fictional person, as the roll's file and a caller would present them."""

    email: str
    last_name: str
    first_name: str
    birth_date: date
    numen: str
    phone: str
    academie: str
    language: Language


def fictional_people(count: int, seed: int) -> Iterator[FictionalPerson]:
    """Return the first `count` people of that seed. Nobody shares an address, a NUMEN or a telephone."""
    random = Random(seed)  # noqa: S311  # fiction, not secrets
    first_numen = random.randrange(NUMENS)
    addresses: set[str] = set()
    phones: set[str] = set()
    for ordinal in range(count):
        name = AWKWARD[ordinal] if ordinal < len(AWKWARD) else _common_name(random)
        yield FictionalPerson(
            email=_address(name, addresses),
            last_name=name.last,
            first_name=name.first,
            birth_date=date.fromordinal(random.randint(*BORN)),
            numen=_numen(random, (first_numen + ordinal * NUMEN_STRIDE) % NUMENS),
            phone=_phone(random, name.academie, phones),
            academie=name.academie,
            language=name.language,
        )


def write_roll(people: Iterable[FictionalPerson], path: Path) -> None:
    """Write the file a ministry would send: UTF-8, semicolons, French dates."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(translate(COLUMNS[column].name, Language.FRENCH) for column in WRITTEN)
        for person in people:
            writer.writerow(_cells(person))


WRITTEN = tuple(column for column in RollColumn if column is not RollColumn.FIRST_VERIFIER)


def _cells(person: FictionalPerson) -> list[str]:
    values = {column: getattr(person, column) for column in WRITTEN}
    return list({**values, RollColumn.BIRTH_DATE: f"{person.birth_date:%d/%m/%Y}"}.values())


def _common_name(random: Random) -> NameAndAcademie:
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    if random.random() < COMPOUND:
        first = f"{first}-{random.choice(FIRST_NAMES)}"
    if random.random() < COMPOUND:
        last = f"{last}-{random.choice(LAST_NAMES)}"
    overseas = random.random() < OVERSEAS
    return NameAndAcademie(
        first, last, random.choice([name for name in ACADEMIES if (name not in MAINLAND) is overseas])
    )


def _address(name: NameAndAcademie, taken: set[str]) -> str:
    local, domain = f"{_ascii(name.first)}.{_ascii(name.last)}"[:60].rstrip("-."), ACADEMIES[name.academie].domain
    address, ordinal = f"{local}@{domain}", 1
    while address in taken:
        ordinal += 1
        address = f"{local}{ordinal}@{domain}"
    taken.add(address)
    return address


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(LIGATURES))
    return re.sub(r"[^a-z]+", "-", re.sub(r"['’]", "", plain.encode("ascii", "ignore").decode())).strip("-")


def _numen(random: Random, serial: int) -> str:
    letters = "".join(random.choices(ascii_uppercase, k=4))
    return f"{random.randint(1, 95):02d}{letters[0]}{serial:07d}{letters[1:]}"


def _phone(random: Random, academie: str, taken: set[str]) -> str:
    prefixes, digits = ACADEMIES[academie].prefixes, ACADEMIES[academie].digits
    while True:
        prefix = random.choice(prefixes)
        phone = prefix + "".join(random.choices("0123456789", k=digits - len(prefix)))
        if phone not in taken:
            taken.add(phone)
            return _typed(random, phone)


def _typed(random: Random, phone: str) -> str:
    """Return the number as people write it: in pairs, with dots, or without separators."""
    if phone.startswith("+"):
        return f"{phone[:4]} {phone[4:]}"
    return random.choice((" ", ".", "", "")).join(re.findall("..", phone))
