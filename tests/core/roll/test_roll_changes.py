"""Tests of reading, checking and importing an electoral roll."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.sql.engine import open_engine
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import metadata
from core.forms.errors import Refusal
from core.forms.field_parsers import parse_address
from core.forms.flow_model import FieldRejected
from core.ports import EventType, RollEntry, Store
from core.ports.journal import JournalFilter
from core.roll.cell_parsers import WEB_ADDRESS, CellRefused, address_parser
from core.roll.roll_changes import RollChanges, apply_changes, compare_rolls
from core.roll.roll_check import FAULTS_KEPT, read_roll
from core.roll.roll_columns import COLUMNS, RollColumn, columns_as_markdown, find_column_by_heading
from core.roll.sentences import EmptyRoll, RollFaulty, RollNotText, WrongRollColumns
from core.roll.spooled_roll import SpooledRoll
from core.security.digests import PlatformPseudonyms
from core.text.text import Language
from core.text.translation import translate
from tests.support.election import PLATFORM_KEY, SeededRandomSource, vault
from tests.support.stores import ROWS, reading

DOCUMENT = Path(__file__).parents[3] / "docs/roll.md"
PSEUDONYMS = PlatformPseudonyms(PLATFORM_KEY)
TODAY = date(2018, 11, 1)
NOW = datetime(2018, 11, 1, 9, tzinfo=UTC)
HEADING_OF = {
    RollColumn.EMAIL: "courriel",
    RollColumn.LAST_NAME: "nom",
    RollColumn.FIRST_NAME: "prénom",
    RollColumn.BIRTH_DATE: "date de naissance",
    RollColumn.NUMEN: "NUMEN",
    RollColumn.PHONE: "téléphone",
    RollColumn.ACADEMIE: "académie",
    RollColumn.LANGUAGE: "langue",
    RollColumn.FIRST_VERIFIER: "vérificateur",
}
"""The heading of each column in the test files, in order."""
HEADINGS = ";".join(HEADING_OF.values())
VERIFIER = f"c2FsdA==:{'dmVy' * 10}dmU="
MARTIN_CELLS = {
    RollColumn.EMAIL: "camille.martin@ac-lumiere.example",
    RollColumn.LAST_NAME: "Martin",
    RollColumn.FIRST_NAME: "Camille",
    RollColumn.BIRTH_DATE: "31/12/1970",
    RollColumn.NUMEN: "12A1234567ABC",
    RollColumn.PHONE: "06 12 34 56 78",
    RollColumn.ACADEMIE: "Lumière",
    RollColumn.LANGUAGE: "fr",
    RollColumn.FIRST_VERIFIER: VERIFIER,
}
OBRIEN_CELLS = {
    RollColumn.EMAIL: "oliver.obrien@ac-lumiere.example",
    RollColumn.LAST_NAME: "O'Brien",
    RollColumn.FIRST_NAME: "Oliver",
    RollColumn.BIRTH_DATE: "1980-02-29",
    RollColumn.NUMEN: "13B7654321XYZ",
    RollColumn.LANGUAGE: "en",
}
REQUIRED = [column for column in HEADING_OF if COLUMNS[column].required]


def line_of(cells: Mapping[RollColumn, str], columns: Iterable[RollColumn] = HEADING_OF) -> str:
    """Return a line of a roll file with these columns. A column without a given cell is empty."""
    return ";".join(cells.get(column, "") for column in columns)


MARTIN, OBRIEN = line_of(MARTIN_CELLS), line_of(OBRIEN_CELLS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite database."""
    engine = open_engine(f"sqlite:///{tmp_path / 'roll.sqlite'}")
    metadata.create_all(engine)
    with closing(SqlStore(engine, {}, ROWS)) as sql:
        yield sql


def read(*lines: str, headings: str = HEADINGS, encoding: str = "utf-8", end: str = "\n") -> SpooledRoll:
    return read_bytes(end.join([headings, *lines, ""]).encode(encoding))


def read_bytes(content: bytes) -> SpooledRoll:
    return read_roll(io.BytesIO(content), vault(SeededRandomSource()), PSEUDONYMS, today=TODAY, spool=io.BytesIO())


def faults(*lines: str) -> list[str]:
    """Return the faults in a roll file with these lines."""
    with pytest.raises(RollFaulty) as refused:
        read(*lines)
    return [translate(fault.sentence(), Language.FRENCH) for fault in refused.value.faults]


def with_cell(line: str, column: RollColumn, value: str) -> str:
    return line_of({**dict(zip(HEADING_OF, line.split(";"), strict=True)), column: value})


def import_roll(store: Store, roll: SpooledRoll) -> RollChanges:
    with store.write() as transaction:
        changes = compare_rolls(transaction.roll.entries(), roll, transaction.roll.entries_of_removed_voters())
        apply_changes(transaction, changes, lambda: NOW)
    return changes


def current_roll(store: Store) -> dict[str, RollEntry]:
    """Return the current roll as entries by address."""
    with store.read() as transaction:
        return {entry.email: entry for _, entry in transaction.roll.entries()}


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_becomes_an_entry() -> None:
    """An entry contains names, address and language in clear text, and the last two digits of the phone number."""
    (entry,) = read(MARTIN)
    assert (entry.email, entry.last_name, entry.first_name) == (
        "camille.martin@ac-lumiere.example",
        "Martin",
        "Camille",
    )
    assert (entry.phone_ending, entry.academie, entry.language) == ("78", "Lumière", Language.FRENCH)
    assert entry.first_verifier == VERIFIER

    (entry,) = read(OBRIEN)
    assert (entry.phone_digest, entry.phone_ending, entry.academie, entry.first_verifier) == (None,) * 4


def test_what_identifies_is_never_in_clear() -> None:
    """An entry contains no birth date, NUMEN or phone number, and does not show that birth dates are the same."""
    (entry,) = read(MARTIN)
    for secret in ("1970", "12A1234567ABC", "0612345678", "1234567"):
        assert secret not in repr(entry), secret

    first, second = read(MARTIN, with_cell(OBRIEN, RollColumn.BIRTH_DATE, "31/12/1970"))
    assert first.birth_date_digest != second.birth_date_digest


def test_an_unusable_verifier_is_a_fault() -> None:
    """A verifier must be a salt and 32 bytes in base64. An empty cell is allowed."""
    for written in (
        "v1",
        "salt",
        "c2FsdA==",
        "c2FsdA==:",
        f":{'dmVy' * 10}dmU=",
        "c2FsdA==:dmVy",
        f"c2FsdA:{'dmVy' * 10}dmU=",
    ):
        told = faults(with_cell(MARTIN, RollColumn.FIRST_VERIFIER, written))

        assert [each.endswith("tous deux en base64.") for each in told] == [True], written


def test_encodings_separators_and_line_ends() -> None:
    """Every encoding, separator and line end that spreadsheets write gives the same entry."""
    as_written = list(read(MARTIN))
    for encoding, separator, end in product(("utf-8", "utf-8-sig", "cp1252"), ";,\t", ("\n", "\r\n", "\r")):
        headings, line = (each.replace(";", separator) for each in (HEADINGS, MARTIN))
        entries = list(read(line, headings=headings, encoding=encoding, end=end))
        assert entries == as_written, (encoding, separator, end)


def test_headings_are_read_in_any_spelling() -> None:
    """Headings may be French or English. Accents, case and hyphens do not matter. Optional columns may be missing."""
    for headings in (
        "E-mail;NOM;Prenom;Date-de-naissance;numen",
        "mél;Nom de famille;PRÉNOM;Né(e) le;N.U.M.E.N.",
        "email;last name;First Name;birth_date;Numen",
        "Adresse professionnelle;surname;given name;date of birth;NUMEN",
        "ADRESSE_MEL;NOM_USAGE;PRENOM_USUEL;DATE_NAISSANCE;NUMEN;; ",
    ):
        roll = read(line_of(MARTIN_CELLS, REQUIRED), headings=headings)

        assert [entry.last_name for entry in roll] == ["Martin"], headings


def test_dates_in_both_orders_are_one() -> None:
    """A birth date has the same digest in the French order and in the ISO order."""
    (french,), (iso,) = read(MARTIN), read(with_cell(MARTIN, RollColumn.BIRTH_DATE, "1970-12-31"))
    assert french == iso


def test_blank_lines_are_skipped() -> None:
    """Spreadsheets write empty rows and columns at the end of a file."""
    assert len(read("", MARTIN, line_of({}), "   ", f"{OBRIEN};;")) == 2


# ── The file refused as a whole ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", HEADINGS.encode(), HEADINGS.encode() + b"\n;;\n"])
def test_a_file_of_nobody_is_refused(content: bytes) -> None:
    """Importing an empty file would remove everyone."""
    with pytest.raises(EmptyRoll):
        read_bytes(content)


@pytest.mark.parametrize("content", [HEADINGS.encode("utf-16"), b"PK\x03\x04\0\0", b"nom;\x81\x8d"])
def test_a_file_of_no_text_is_refused(content: bytes) -> None:
    """UTF-16, a spreadsheet's own format and undecodable bytes are refused."""
    with pytest.raises(RollNotText):
        read_bytes(content)


def test_wrong_columns_are_named() -> None:
    """The error names the columns found and the columns expected."""
    for headings, wrong in (
        ("courriel;nom;prénom;NUMEN", "Il manque : date de naissance."),
        (f"{HEADINGS};pointure", "Colonnes inconnues : « pointure »."),
        (f"{HEADINGS};e-mail", "Deux colonnes disent la même chose : « courriel », « e-mail »."),
    ):
        with pytest.raises(WrongRollColumns) as refused:
            read(MARTIN, headings=headings)

        said = [translate(sentence.fill(refused.value.facts), Language.FRENCH) for sentence in refused.value.remedy]
        assert said == [
            wrong,
            f"Colonnes trouvées : {', '.join(headings.split(';'))}.",
            "Colonnes attendues : courriel, nom, prénom, date de naissance, NUMEN.",
            "Facultatives : téléphone, académie, langue, vérificateur.",
        ]


# ── One line refused ─────────────────────────────────────────────────────────────────────────────────────


def test_a_wrong_cell_is_named() -> None:
    """The fault names the line, the value and the reason."""
    for column, value, reason in (
        (RollColumn.EMAIL, "camille.martin", "adresse complète"),
        (RollColumn.EMAIL, "camille@@ac.example", "adresse complète"),
        (RollColumn.EMAIL, "hélène@ac-lumiere.example", "« é » n'existe pas"),
        (RollColumn.EMAIL, "", "il manque : courriel"),
        (RollColumn.LAST_NAME, " ", "il manque : nom"),
        (RollColumn.FIRST_NAME, "", "il manque : prénom"),
        (RollColumn.FIRST_NAME, "Cam\u200bille", "ne se voit pas"),
        (RollColumn.FIRST_NAME, "Cam\u202eille", "ne se voit pas"),
        (RollColumn.LAST_NAME, "Martin\x1b]52", "ne se voit pas"),
        (RollColumn.LAST_NAME, "Gagnez sur https://prix.example", "adresse web"),
        (RollColumn.LAST_NAME, "Martin www.prix.example", "adresse web"),
        (RollColumn.BIRTH_DATE, "31/02/1970", "n'existe pas"),
        (RollColumn.BIRTH_DATE, "31/12/70", "n'existe pas"),
        (RollColumn.BIRTH_DATE, "02/11/2004", "donnerait 13 ans"),
        (RollColumn.BIRTH_DATE, "01/11/1907", "donnerait 111 ans"),
        (RollColumn.BIRTH_DATE, "2070-12-31", "dans l'avenir"),
        (RollColumn.BIRTH_DATE, "", "il manque : date de naissance"),
        (RollColumn.NUMEN, "12A1234567AB", "pas un NUMEN"),
        (RollColumn.PHONE, "06 12 34", "pas un numéro"),
        (RollColumn.PHONE, "06 12 34 56 78 ou le soir", "pas un numéro"),
        (RollColumn.PHONE, "1234567890123456", "pas un numéro"),
        (RollColumn.LANGUAGE, "klingon", "fr ou en"),
    ):
        said = faults(OBRIEN, with_cell(MARTIN, column, value))

        assert len(said) == 1, (column, value, said)
        assert said[0].startswith("Ligne 3"), (column, value)
        shown = "".join(sign if sign.isprintable() else "�" for sign in value).strip()
        assert shown in said[0], (column, value)
        assert reason in said[0], (column, value)


def test_ages_from_fourteen_to_a_hundred_and_ten_are_taken() -> None:
    """The age is computed to the day."""
    for birth_date in ("01/11/2004", "02/11/1907"):
        assert len(read(with_cell(MARTIN, RollColumn.BIRTH_DATE, birth_date))) == 1, birth_date


def test_a_numen_or_address_twice_names_the_first_line() -> None:
    """The second line is faulty whatever the spelling, and also if the first line has another fault."""
    (said,) = faults(MARTIN, with_cell(OBRIEN, RollColumn.NUMEN, "12a-1234567 abc"))
    assert said == "Ligne 3, « 12A1234567ABC » : ce NUMEN est déjà à la ligne 2."

    (said,) = faults(MARTIN, with_cell(OBRIEN, RollColumn.EMAIL, "Camille.MARTIN@ac-lumiere.example"))
    assert "cette adresse est déjà à la ligne 2" in said

    said = faults(
        with_cell(MARTIN, RollColumn.BIRTH_DATE, "hier"), with_cell(OBRIEN, RollColumn.NUMEN, "12A1234567ABC")
    )
    assert [line[:7] for line in said] == ["Ligne 2", "Ligne 3"]


def test_a_wrong_number_of_cells_is_a_fault() -> None:
    columns = len(HEADING_OF)
    for line, found in ((f"{MARTIN};x", columns + 1), (MARTIN.removesuffix(f";{VERIFIER}"), columns - 1)):
        said = faults(line)

        expected = f"cette ligne compte {found} cellules au lieu de {columns}"
        assert [expected in each for each in said] == [True], found


def test_the_line_is_where_the_record_starts() -> None:
    """Blank lines, and a quoted cell on two lines, do not shift the line numbers."""
    said = faults(MARTIN.replace("Lumière", '"Lumière\nSud"'), "", with_cell(OBRIEN, RollColumn.LANGUAGE, "de"))
    assert [line[:7] for line in said] == ["Ligne 5"]


def test_a_quote_that_never_closes_is_named_where_it_opens() -> None:
    """Otherwise the quote would be reported only at the end of the file."""
    (said,) = faults(MARTIN, OBRIEN.replace("O'Brien", "\"O'Brien"))
    assert said.startswith("Ligne 3 : les guillemets")


def test_every_fault_is_counted_though_not_all_are_listed() -> None:
    with pytest.raises(RollFaulty) as refused:
        read(*[MARTIN.replace("12A", "?")] * 1000)

    assert len(refused.value.faults) == FAULTS_KEPT
    assert refused.value.total == 1000 + 999  # each NUMEN, and each address but the first


# ── Any file ─────────────────────────────────────────────────────────────────────────────────────────────

NAMES = st.text(st.characters(codec="cp1252", categories=("L", "P", "S")), min_size=1, max_size=12).filter(
    lambda name: WEB_ADDRESS.search(name) is None
)


@dataclass(frozen=True)
class Line:
    """A person as written in a spreadsheet."""

    last_name: str
    first_name: str
    birth_date: date
    iso: bool

    def cells(self, ordinal: int) -> list[str]:
        born = self.birth_date.isoformat() if self.iso else f"{self.birth_date:%d/%m/%Y}"
        return [f"p{ordinal}@ac.example", self.last_name, self.first_name, born, f"12A{ordinal:07d}ABC"]


LINES = st.lists(
    st.builds(Line, NAMES, NAMES, st.dates(date(1910, 1, 1), date(2000, 1, 1)), st.booleans()), min_size=1, max_size=5
)


@given(
    LINES,
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    st.sampled_from([";", ","]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_people_are_read_as_written(
    people: list[Line], encoding: str, separator: str, quoting: int, end: str
) -> None:
    """This holds for every encoding, separator and style of quoting."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]  # typeshed wants the literal
    writer.writerow(["courriel", "nom", "prénom", "date de naissance", "NUMEN"])
    writer.writerows(line.cells(ordinal) for ordinal, line in enumerate(people))

    roll = read_bytes(written.getvalue().encode(encoding))

    assert [(entry.last_name, entry.first_name) for entry in roll] == [(p.last_name, p.first_name) for p in people]


@given(st.binary(max_size=300), st.sampled_from(["", f"{HEADINGS}\n", f"{HEADINGS}\n{MARTIN}\n"]))
def test_arbitrary_bytes_are_read_or_refused(noise: bytes, before: str) -> None:
    try:
        roll = read_bytes(before.encode() + noise)
    except Refusal:
        return

    assert len(roll) == len(list(roll)) > 0


@given(st.one_of(st.emails(), st.from_regex(r"[a-z0-9._+-]{1,70}@(a-b|ac)\.example", fullmatch=True)))
def test_remembered_domains_change_no_answer(typed: str) -> None:
    """Parsing an address with a remembered domain gives the same result as `parse_address`."""
    short_way = address_parser()
    for domain in ("a-b.example", "ac.example", typed.rpartition("@")[2]):
        parse_or_none(short_way, f"someone@{domain}")

    assert parse_or_none(short_way, typed) == parse_or_none(lambda cell: parse_address(cell, example="").key, typed)


def parse_or_none(parse: Callable[[str], str], typed: str) -> str | None:
    try:
        return parse(typed)
    except (CellRefused, FieldRejected):
        return None


# ── Comparing and applying ───────────────────────────────────────────────────────────────────────────────


def test_a_first_import_adds_everyone_and_the_same_again_nobody(store: Store) -> None:
    """The second import has the same lines in another order."""
    changes = import_roll(store, read(MARTIN, OBRIEN))
    assert changes.is_first_import
    assert list(current_roll(store).values()) == list(read(MARTIN, OBRIEN))

    import_roll(store, read(MARTIN, OBRIEN))
    again = import_roll(store, read(OBRIEN, MARTIN))
    assert (again.changed_person_count, again.unchanged) == (0, 2)


def test_a_correction_names_its_column(store: Store) -> None:
    """People are matched by NUMEN, and a correction names each changed column once."""
    for column, value in (
        (RollColumn.EMAIL, "camille.durand@ac-lumiere.example"),
        (RollColumn.LAST_NAME, "Durand"),
        (RollColumn.FIRST_NAME, "Camille Marie"),
        (RollColumn.BIRTH_DATE, "30/12/1970"),
        (RollColumn.PHONE, "06 12 34 56 79"),
        (RollColumn.PHONE, ""),
        (RollColumn.ACADEMIE, "Rivage"),
        (RollColumn.LANGUAGE, "en"),
        (RollColumn.FIRST_VERIFIER, VERIFIER.replace("dmVy", "dmVz")),
    ):
        import_roll(store, read(MARTIN, OBRIEN))
        corrected = read(with_cell(MARTIN, column, value), OBRIEN)

        changes = import_roll(store, corrected)

        assert [each.labels for each in changes.corrected] == [(COLUMNS[column].name,)], value
        assert list(current_roll(store).values()) == list(corrected), (column, value)


def test_a_new_address_ends_links_and_a_new_name_does_not(store: Store) -> None:
    """A new address ends the links that were sent to the old address."""
    import_roll(store, read(MARTIN))
    import_roll(store, read(with_cell(MARTIN, RollColumn.LAST_NAME, "Durand")))
    before = reading(store).voters.by_address("camille.martin@ac-lumiere.example")
    import_roll(store, read(with_cell(MARTIN, RollColumn.EMAIL, "c.durand@ac-lumiere.example")))
    after = reading(store).voters.by_address("c.durand@ac-lumiere.example")

    assert before is not None
    assert after is not None
    assert (before.id, before.epoch) == (after.id, 0)
    assert after.epoch > before.epoch


def test_a_person_not_in_the_file_is_removed(store: Store) -> None:
    """In the same import, the removed person's address may be given to a new person."""
    import_roll(store, read(MARTIN, OBRIEN))

    changes = import_roll(store, read(OBRIEN))

    assert len(changes.removed) == 1
    assert list(current_roll(store)) == ["oliver.obrien@ac-lumiere.example"]

    newcomer = read(with_cell(OBRIEN, RollColumn.NUMEN, "99Z9999999ZZZ"))

    import_roll(store, newcomer)

    assert list(current_roll(store).values()) == list(newcomer)


@pytest.mark.parametrize(
    ("taken", "others"),
    [
        ("camille.martin@ac-lumiere.example", []),
        ("o.obrien@ac-lumiere.example", [(RollColumn.NUMEN, "99Z9999999ZZZ")]),
    ],
    ids=["exchange", "chain"],
)
def test_an_address_may_pass_to_another_person(store: Store, taken: str, others: list[tuple[RollColumn, str]]) -> None:
    """Two people exchange their addresses, or a newcomer has the address of a person who takes another's."""
    import_roll(store, read(MARTIN, OBRIEN))
    moved = read(
        with_cell(MARTIN, RollColumn.EMAIL, "oliver.obrien@ac-lumiere.example"),
        with_cell(OBRIEN, RollColumn.EMAIL, taken),
        *(with_cell(MARTIN, *cell) for cell in others),
    )

    import_roll(store, moved)

    assert current_roll(store) == {entry.email: entry for entry in moved}


def test_a_returning_person_is_the_same_voter(store: Store) -> None:
    """This also holds if someone else has taken the person's address in the meantime."""
    import_roll(store, read(MARTIN, OBRIEN))
    before = numbers(store)
    import_roll(store, read(MARTIN))
    import_roll(store, read(with_cell(MARTIN, RollColumn.EMAIL, "oliver.obrien@ac-lumiere.example")))
    whole = read(
        with_cell(MARTIN, RollColumn.EMAIL, "oliver.obrien@ac-lumiere.example"),
        with_cell(with_cell(OBRIEN, RollColumn.EMAIL, "o.obrien@ac-lumiere.example"), RollColumn.LAST_NAME, "Brien"),
    )
    changes = import_roll(store, whole)

    assert (len(changes.returned), len(changes.added), changes.unchanged, changes.changed_person_count) == (1, 0, 1, 1)
    assert numbers(store) == before
    assert current_roll(store) == {entry.email: entry for entry in whole}
    with store.read() as transaction:
        assert list(transaction.roll.entries_of_removed_voters()) == []
        assert [each.voter for each in transaction.directory.by_name(["brien"], limit=5).found] == list(
            before.values()
        )[1:]
        assert transaction.directory.by_name(["obrien"], limit=5).found == ()


def test_of_two_removed_rows_the_last_is_used_again(store: Store) -> None:
    """Older imports could leave two removed rows with the same NUMEN."""
    (line,) = read(OBRIEN)
    with store.write() as transaction:
        for _ in range(2):
            transaction.roll.add([line])
            ((last, _),) = transaction.roll.entries()
            transaction.roll.remove([last], NOW)
    import_roll(store, read(OBRIEN))

    assert numbers(store) == {line.numen_digest: last}


def numbers(store: Store) -> dict[bytes, int]:
    """Return the voter number of each NUMEN."""
    with store.read() as transaction:
        return {entry.numen_digest: voter for voter, entry in transaction.roll.entries()}


def test_progress_adds_up_to_the_changes_and_to_the_file(store: Store) -> None:
    content = f"{HEADINGS}\n{MARTIN}\n{OBRIEN}".encode()
    read_bytes_told: list[int] = []
    told: list[int] = []

    roll = read_roll(
        io.BytesIO(content),
        vault(SeededRandomSource()),
        PSEUDONYMS,
        today=TODAY,
        spool=io.BytesIO(),
        progress=read_bytes_told.append,
    )
    with store.write() as transaction:
        apply_changes(transaction, compare_rolls([], roll), lambda: NOW + timedelta(seconds=sum(told)), told.append)
    (line,) = reading(store).journal.page(JournalFilter(act=EventType.ROLL_IMPORTED), after=0, before=1 << 60, limit=2)

    assert line.event.at == NOW + timedelta(seconds=2)  # its end: a line older than settled ones is counted by nobody
    assert sum(read_bytes_told) == len(content)
    assert sum(told) == 2


def test_a_cell_that_is_too_long_is_refused_by_line() -> None:
    """A local part may have 64 characters and a name 200."""
    for column, longest, said in (
        (RollColumn.EMAIL, "x" * 64 + "@ac-lumiere.example", "précède le @"),
        (RollColumn.LAST_NAME, "n" * 200, "200 caractères"),
        (RollColumn.FIRST_NAME, "p" * 200, "200 caractères"),
        (RollColumn.ACADEMIE, "a" * 200, "200 caractères"),
    ):
        assert len(read(with_cell(MARTIN, column, longest), OBRIEN)) == 2, column

        told = faults(OBRIEN, with_cell(MARTIN, column, "x" + longest))

        assert [(each[:7], said in each) for each in told] == [("Ligne 3", True)], column


# ── The table of columns ─────────────────────────────────────────────────────────────────────────────────


def test_the_document_holds_the_table_of_the_code() -> None:
    """docs/roll.md ends with the output of `RETROUVE_LANGUAGE=en retrouve roll columns`."""
    table = columns_as_markdown(lambda text: translate(text, Language.ENGLISH))

    assert DOCUMENT.read_text("utf-8").endswith(table + "\n")


def test_every_heading_of_the_table_is_recognised() -> None:
    """A heading that is copied from the table is recognised as its column."""
    for column, each in COLUMNS.items():
        assert {find_column_by_heading(heading) for heading in each.headings.split()} == {column}, column
