"""Creates fictional electoral rolls. The same seed always creates the same people."""

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


@dataclass(frozen=True, slots=True)
class Academie:
    """An académie (a French school district). Its mobile numbers begin with one of the `prefixes`."""

    domain: str
    prefixes: tuple[str, ...] = ("060", "061", "062", "066", "067", "068", "076", "077", "078")
    digits: int = 10


# Mainland names are fictional. Overseas names are real, because their telephone prefixes are real.
MAINLAND = {
    "Lumière": Academie("ac-lumiere.example"),
    "Rivage": Academie("ac-rivage.example"),
    "Vallon": Academie("ac-vallon.example"),
    "Grand-Pré": Academie("ac-grand-pre.example"),
    "Haute-Brume": Academie("ac-haute-brume.example"),
    "Estuaire": Academie("ac-estuaire.example"),
}
ACADEMIES = {
    **MAINLAND,
    "La Réunion": Academie("ac-reunion.example", ("0692",)),
    "Guadeloupe": Academie("ac-guadeloupe.example", ("0690",)),
    "Martinique": Academie("ac-martinique.example", ("06962", "06963")),
    "Guyane": Academie("ac-guyane.example", ("06942", "06940")),
    "Mayotte": Academie("ac-mayotte.example", ("06396", "06392")),
    "Nouvelle-Calédonie": Academie("ac-noumea.example", ("+6877", "+6879"), 10),
    "Polynésie française": Academie("ac-polynesie.example", ("+68987", "+68989"), 12),
    "Saint-Pierre-et-Miquelon": Academie("ac-saint-pierre.example", ("+50855", "+50856"), 10),
    "Wallis-et-Futuna": Academie("ac-wallis.example", ("+68182", "+68183"), 10),
}


@dataclass(frozen=True, slots=True)
class NameAndAcademie:
    first: str
    last: str
    academie: str
    language: Language = Language.FRENCH


# Names with unusual characters. They come first in every roll.
AWKWARD = (
    NameAndAcademie("Camille", "Martin", "Lumière"),
    NameAndAcademie("Oliver", "O'Brien", "Lumière", Language.ENGLISH),
    NameAndAcademie("Marie-Ève", "Lefèvre", "Lumière"),
    NameAndAcademie("Agrippine", "d'Aubigné", "Rivage"),
    NameAndAcademie("Gwenaëlle", "L'Hostis", "Rivage"),
    NameAndAcademie("Jean-François", "de La Tour", "Vallon"),
    NameAndAcademie("Dominique", "Petit", "Vallon"),  # homonyms: four persons, two of them in one académie
    NameAndAcademie("Dominique", "Petit", "Vallon"),
    NameAndAcademie("Dominique", "Petit", "Rivage"),
    NameAndAcademie("Dominique", "Petit", "La Réunion"),
    NameAndAcademie("Anne", "O", "Lumière"),
    NameAndAcademie("É", "Ly", "Grand-Pré"),
    NameAndAcademie("Cœlia", "Lecœur", "Grand-Pré"),
    NameAndAcademie("Loïc", "de L'Haÿ", "Estuaire"),
    NameAndAcademie("Zoé", "Nuñez y Peña", "Estuaire"),
    NameAndAcademie("Łukasz", "Wiśniewski", "Haute-Brume"),
    NameAndAcademie("Nguyễn Thị", "Hương", "Lumière"),
    NameAndAcademie("Jürgen", "Weiß", "Haute-Brume"),
    NameAndAcademie("Søren", "Ågård", "Rivage"),
    NameAndAcademie("Ayşe", "Yılmaz", "Vallon"),
    NameAndAcademie("Nomvula", "Dlamini", "Lumière", Language.ENGLISH),
    NameAndAcademie("Fatoumata", "N’Diaye", "Rivage"),
    NameAndAcademie(
        "Marie-Antoinette-Joséphine", "de Montmorency-Laval de La Rochefoucauld-Liancourt d'Estissac", "Vallon"
    ),
    NameAndAcademie("Maximilien Anne-Charles Hyacinthe", "Vandenbroucke-Schwarzenbergerhoff", "Haute-Brume"),
    NameAndAcademie("Jean Yves", "LE GOFF", "Estuaire"),
    NameAndAcademie("Jean-Yves", "Le Goff", "Estuaire"),
    NameAndAcademie("marie", "du bois", "Grand-Pré"),
    NameAndAcademie("Noël", "Noël", "Lumière"),
    NameAndAcademie("Aïcha", "Ben Saïd-El Khoury", "Rivage"),
    NameAndAcademie("Ginette", "Hoarau", "La Réunion"),
    NameAndAcademie("Jean-Hugues", "Payet", "La Réunion"),
    NameAndAcademie("Maryse", "Sainte-Rose", "Guadeloupe"),
    NameAndAcademie("Rose-Aimée", "Mont-Désir", "Martinique"),
    NameAndAcademie("Aïssa", "Saint-Élie", "Guyane"),
    NameAndAcademie("Saïd", "M'Changama", "Mayotte"),
    NameAndAcademie("Téa", "Wamytan", "Nouvelle-Calédonie"),
    NameAndAcademie("Hinano", "Tetuanui", "Polynésie française"),
    NameAndAcademie("Yannick", "Detcheverry", "Saint-Pierre-et-Miquelon"),
    NameAndAcademie("Malia", "Tuʻugahala", "Wallis-et-Futuna"),
    NameAndAcademie("Null", "Test", "Lumière"),
)


FIRST_NAMES = tuple(sorted({*Provider.first_names_female, *Provider.first_names_male}))
LAST_NAMES = tuple(sorted(set(Provider.last_names)))
COMPOUND = 0.08
"""Share of first names that are double names. The same share applies to last names."""
OVERSEAS = 0.06
"""The share of people who work overseas."""
BORN = (date(1955, 1, 1).toordinal(), date(2000, 12, 31).toordinal())
NUMENS = 10_000_000
NUMEN_STRIDE = 7_919  # a prime number that does not divide NUMENS, so that all NUMENs are different
LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "ı": "i"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FictionalPerson:
    email: str
    last_name: str
    first_name: str
    birth_date: date
    numen: str
    phone: str
    academie: str
    language: Language


def fictional_people(count: int, seed: int) -> Iterator[FictionalPerson]:
    """Yield people. No two people share an email address, NUMEN or telephone number."""
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
    """Write an electoral roll in the ministry's CSV format."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(translate(COLUMNS[column].name, Language.FRENCH) for column in WRITTEN)
        for person in people:
            birth_date = {RollColumn.BIRTH_DATE: f"{person.birth_date:%d/%m/%Y}"}
            writer.writerow(birth_date.get(column, getattr(person, column)) for column in WRITTEN)


WRITTEN = tuple(column for column in RollColumn if column is not RollColumn.FIRST_VERIFIER)


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
            return _in_random_notation(random, phone)


def _in_random_notation(random: Random, phone: str) -> str:
    if phone.startswith("+"):
        return f"{phone[:4]} {phone[4:]}"
    return random.choice((" ", ".", "", "")).join(re.findall("..", phone))
