"""The electoral roll: what is read, what is refused and why, what an import changes."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.memory import MemoryStore
from core.adapters.sql.engine import open_engine
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import metadata
from core.answers import parse_address
from core.errors import Refusal
from core.i18n import say
from core.ports import Entry, Store
from core.pseudonyms import Pseudonyms
from core.roll.cells import Wrong, address_parser
from core.roll.changes import Changes, apply, compare
from core.roll.check import FAULTS_KEPT, read_roll
from core.roll.columns import NAMES as COLUMN_NAMES
from core.roll.columns import Column
from core.roll.new_roll import NewRoll
from core.roll.words import RollColumns, RollEmpty, RollFaulty, RollNotText
from core.steps import Rejected
from core.text import Language
from tests.support.election import PLATFORM_KEY, SeededEntropy, vault

PSEUDONYMS = Pseudonyms(PLATFORM_KEY)
TODAY = date(2018, 11, 1)
NOW = datetime(2018, 11, 1, 9, tzinfo=UTC)
HEADINGS = "courriel;nom;prénom;date de naissance;NUMEN;téléphone;académie;langue;vérificateur"
VERIFIER = f"c2FsdA==:{'dmVy' * 10}dmU="
MARTIN = (
    f"camille.martin@ac-lumiere.example;Martin;Camille;31/12/1970;12A1234567ABC;06 12 34 56 78;Lumière;fr;{VERIFIER}"
)
OBRIEN = "oliver.obrien@ac-lumiere.example;O'Brien;Oliver;1980-02-29;13B7654321XYZ;;;en;"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    if request.param == "memory":
        yield MemoryStore()
        return
    engine = open_engine(f"sqlite:///{tmp_path / 'roll.sqlite'}")
    metadata.create_all(engine)
    with closing(SqlStore(engine, {})) as sql:
        yield sql


def read(*lines: str, headings: str = HEADINGS, encoding: str = "utf-8", end: str = "\n") -> NewRoll:
    """The roll of a file of these lines."""
    return read_bytes(end.join([headings, *lines, ""]).encode(encoding))


def read_bytes(content: bytes) -> NewRoll:
    """The roll of a file of these bytes."""
    return read_roll(io.BytesIO(content), vault(SeededEntropy()), PSEUDONYMS, today=TODAY, spool=io.BytesIO())


def faults(*lines: str) -> list[str]:
    """What is said about a file of these lines."""
    with pytest.raises(RollFaulty) as refused:
        read(*lines)
    return [say(fault.sentence(), Language.FRENCH) for fault in refused.value.faults]


def with_cell(line: str, column: Column, value: str) -> str:
    """A line with another value in one column."""
    cells = line.split(";")
    cells[list(Column).index(column)] = value
    return ";".join(cells)


def bring(store: Store, roll: NewRoll) -> Changes:
    """Imports a roll and returns what that changed."""
    with store.write() as transaction:
        changes = compare(transaction.roll.entries(), roll, transaction.roll.leavers())
        apply(transaction, changes, NOW)
    return changes


def present(store: Store) -> dict[str, Entry]:
    """The present roll, by address."""
    with store.read() as transaction:
        return {entry.email: entry for _, entry in transaction.roll.entries()}


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_becomes_an_entry() -> None:
    """An entry keeps names, address and language in clear, and of a telephone its last two digits."""
    (entry,) = read(MARTIN)

    assert (entry.email, entry.last_name, entry.first_name) == (
        "camille.martin@ac-lumiere.example",
        "Martin",
        "Camille",
    )
    assert (entry.phone_ending, entry.academie, entry.language) == ("78", "Lumière", Language.FRENCH)
    assert entry.first_verifier == VERIFIER


@pytest.mark.parametrize(
    "written",
    ["v1", "salt", "c2FsdA==", "c2FsdA==:", f":{'dmVy' * 10}dmU=", "c2FsdA==:dmVy", f"c2FsdA:{'dmVy' * 10}dmU="],
)
def test_a_verifier_that_would_verify_nothing_is_found_before_the_vote(written: str) -> None:
    """A salt and 32 bytes, in base64, or an empty cell."""
    (told,) = faults(with_cell(MARTIN, Column.FIRST_VERIFIER, written))

    assert told.endswith("tous deux en base64.")


def test_what_identifies_is_never_in_clear() -> None:
    """No byte of an entry is a birth date, a NUMEN or a telephone number."""
    (entry,) = read(MARTIN)

    for secret in ("1970", "12A1234567ABC", "0612345678", "1234567"):
        assert secret not in repr(entry)


def test_equal_birth_dates_do_not_show_as_equal() -> None:
    """Two persons born on one day have different digests."""
    first, second = read(MARTIN, with_cell(OBRIEN, Column.BIRTH_DATE, "31/12/1970"))

    assert first.birth_date_digest != second.birth_date_digest


def test_optional_cells_may_be_empty() -> None:
    """Without a telephone, an académie or a verifier there is nothing, not an empty text."""
    (entry,) = read(OBRIEN)

    assert (entry.phone_digest, entry.phone_ending, entry.academie, entry.first_verifier) == (None,) * 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends(encoding: str, separator: str, end: str) -> None:
    """Whatever a spreadsheet wrote, the same entry is read."""
    lines = [line.replace(";", separator) for line in (HEADINGS, MARTIN)]

    (entry,) = read(lines[1], headings=lines[0], encoding=encoding, end=end)

    assert entry == next(iter(read(MARTIN)))


@pytest.mark.parametrize(
    "headings",
    [
        "E-mail;NOM;Prenom;Date-de-naissance;numen",
        "mél;Nom de famille;PRÉNOM;Né(e) le;N.U.M.E.N.",
        "email;last name;First Name;birth_date;Numen",
        "Adresse professionnelle;surname;given name;date of birth;NUMEN",
    ],
)
def test_headings_are_forgiven_their_dress(headings: str) -> None:
    """French or English, with or without accents, capitals and hyphens; optional columns may be absent."""
    (entry,) = read(";".join(MARTIN.split(";")[:5]), headings=headings)

    assert entry.last_name == "Martin"


def test_dates_in_both_orders_are_the_same_date() -> None:
    """31/12/1970 and 1970-12-31 have one digest."""
    (french,), (iso,) = read(MARTIN), read(with_cell(MARTIN, Column.BIRTH_DATE, "1970-12-31"))

    assert french == iso


def test_blank_lines_are_passed_over() -> None:
    """Empty lines and the rows of separators a spreadsheet leaves at the end are nobody."""
    assert len(read("", MARTIN, ";;;;;;;;", "   ")) == 1


# ── The file refused as a whole ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", HEADINGS.encode(), HEADINGS.encode() + b"\n;;\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    """A file with nobody in it would remove everyone: it is refused."""
    with pytest.raises(RollEmpty):
        read_bytes(content)


@pytest.mark.parametrize("content", [HEADINGS.encode("utf-16"), b"PK\x03\x04\0\0", b"nom;\x81\x8d"])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    """UTF-16, a spreadsheet's own format or bytes of no encoding are told apart from wrong columns."""
    with pytest.raises(RollNotText):
        read_bytes(content)


@pytest.mark.parametrize(
    ("headings", "wrong"),
    [
        ("courriel;nom;prénom;NUMEN", "Il manque : date de naissance."),
        (f"{HEADINGS};pointure", "Colonnes inconnues : « pointure »."),
        (f"{HEADINGS};e-mail", "Deux colonnes disent la même chose : « courriel », « e-mail »."),
    ],
)
def test_wrong_columns_are_named(headings: str, wrong: str) -> None:
    """The refusal names the columns found and those expected."""
    with pytest.raises(RollColumns) as refused:
        read(MARTIN, headings=headings)

    said = [say(sentence.fill(refused.value.facts), Language.FRENCH) for sentence in refused.value.remedy]
    assert said == [
        wrong,
        f"Colonnes trouvées : {', '.join(headings.split(';'))}.",
        "Colonnes attendues : courriel, nom, prénom, date de naissance, NUMEN.",
        "Facultatives : téléphone, académie, langue, vérificateur.",
    ]


# ── One line refused ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (Column.EMAIL, "camille.martin", "adresse complète"),
        (Column.EMAIL, "camille@@ac.example", "adresse complète"),
        (Column.EMAIL, "hélène@ac-lumiere.example", "« é » n'existe pas"),
        (Column.EMAIL, "", "il manque : courriel"),
        (Column.LAST_NAME, " ", "il manque : nom"),
        (Column.FIRST_NAME, "", "il manque : prénom"),
        (Column.FIRST_NAME, "Cam\u200bille", "ne se voit pas"),
        (Column.BIRTH_DATE, "31/02/1970", "n'existe pas"),
        (Column.BIRTH_DATE, "31/12/70", "n'existe pas"),
        (Column.BIRTH_DATE, "02/11/2004", "donnerait 13 ans"),
        (Column.BIRTH_DATE, "01/11/1907", "donnerait 111 ans"),
        (Column.BIRTH_DATE, "2070-12-31", "dans l'avenir"),
        (Column.BIRTH_DATE, "", "il manque : date de naissance"),
        (Column.NUMEN, "12A1234567AB", "pas un NUMEN"),
        (Column.PHONE, "06 12 34", "pas un numéro"),
        (Column.PHONE, "06 12 34 56 78 ou le soir", "pas un numéro"),
        (Column.PHONE, "1234567890123456", "pas un numéro"),
        (Column.LANGUAGE, "klingon", "fr ou en"),
    ],
)
def test_a_wrong_cell_is_named(column: Column, value: str, reason: str) -> None:
    """The fault gives the line, the value and the reason."""
    (said,) = faults(OBRIEN, with_cell(MARTIN, column, value))

    assert said.startswith("Ligne 3")
    assert value.replace("\u200b", "�").strip() in said
    assert reason in said


@pytest.mark.parametrize("birth_date", ["01/11/2004", "02/11/1907"])
def test_the_ages_at_the_bounds_are_taken(birth_date: str) -> None:
    """Fourteen years today, and not yet a hundred and eleven."""
    assert len(read(with_cell(MARTIN, Column.BIRTH_DATE, birth_date))) == 1


def test_a_numen_twice_names_the_first_line() -> None:
    """The second line with a NUMEN is at fault, however the NUMEN is typed."""
    (said,) = faults(MARTIN, with_cell(OBRIEN, Column.NUMEN, "12a-1234567 abc"))

    assert said == "Ligne 3, « 12A1234567ABC » : ce NUMEN est déjà à la ligne 2."


def test_an_address_shared_by_two_names_the_first_line() -> None:
    """Two persons with one address are refused, whatever its case."""
    (said,) = faults(MARTIN, with_cell(OBRIEN, Column.EMAIL, "Camille.MARTIN@ac-lumiere.example"))

    assert "cette adresse est déjà à la ligne 2" in said


def test_a_duplicate_of_a_faulty_line_is_still_seen() -> None:
    """All faults show at once: mending one must not uncover another."""
    said = faults(with_cell(MARTIN, Column.BIRTH_DATE, "hier"), with_cell(OBRIEN, Column.NUMEN, "12A1234567ABC"))

    assert [line[:7] for line in said] == ["Ligne 2", "Ligne 3"]


@pytest.mark.parametrize(("line", "found"), [(f"{MARTIN};x", 10), (MARTIN.removesuffix(f";{VERIFIER}"), 8)])
def test_cells_too_few_or_too_many(line: str, found: int) -> None:
    """A line that does not have a cell for each column is not guessed at."""
    (said,) = faults(line)

    assert f"cette ligne compte {found} cellules au lieu de 9" in said


def test_the_line_is_where_the_record_starts() -> None:
    """A quoted cell over two physical lines, and blank lines, do not shift the numbers."""
    said = faults(MARTIN.replace("Lumière", '"Lumière\nSud"'), "", with_cell(OBRIEN, Column.LANGUAGE, "de"))

    assert [line[:7] for line in said] == ["Ligne 5"]


def test_quotes_astray_are_a_fault_of_their_line() -> None:
    """A quote that never closes is named where it opens."""
    (said,) = faults(MARTIN, OBRIEN.replace("O'Brien", "\"O'Brien"))

    assert said.startswith("Ligne 3 : les guillemets")


def test_every_fault_is_counted_though_not_all_are_kept() -> None:
    """A file wrong from end to end is told in a page, with its true count."""
    with pytest.raises(RollFaulty) as refused:
        read(*[MARTIN.replace("12A", "?")] * 1000)

    assert len(refused.value.faults) == FAULTS_KEPT
    assert refused.value.total == 1000 + 999  # each NUMEN, and each address but the first


# ── Any file ─────────────────────────────────────────────────────────────────────────────────────────────

NAMES = st.text(st.characters(codec="cp1252", categories=("L", "P", "S")), min_size=1, max_size=12)


@dataclass(frozen=True)
class Line:
    """A person as a spreadsheet holds one."""

    last_name: str
    first_name: str
    birth_date: date
    iso: bool

    def cells(self, ordinal: int) -> list[str]:
        """The required cells."""
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
def test_whoever_is_written_is_read_back(
    people: list[Line], encoding: str, separator: str, quoting: int, end: str
) -> None:
    """Any people, in any encoding, separator and quoting, are read as they are."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]  # typeshed wants the literal
    writer.writerow(["courriel", "nom", "prénom", "date de naissance", "NUMEN"])
    writer.writerows(line.cells(ordinal) for ordinal, line in enumerate(people))

    roll = read_bytes(written.getvalue().encode(encoding))

    assert [(entry.last_name, entry.first_name) for entry in roll] == [(p.last_name, p.first_name) for p in people]


@given(st.binary(max_size=300), st.sampled_from(["", f"{HEADINGS}\n", f"{HEADINGS}\n{MARTIN}\n"]))
def test_arbitrary_bytes_are_read_or_refused(noise: bytes, before: str) -> None:
    """Whatever the bytes, a roll or one of the refusals comes out."""
    try:
        roll = read_bytes(before.encode() + noise)
    except Refusal:
        return

    assert len(roll) == len(list(roll)) > 0


@given(st.one_of(st.emails(), st.from_regex(r"[a-z0-9._+-]{1,70}@(a-b|ac)\.example", fullmatch=True)))
def test_remembered_domains_change_no_answer(typed: str) -> None:
    """The short way for an address of a domain already met says what `parse_address` says."""
    short_way = address_parser()
    for domain in ("a-b.example", "ac.example", typed.rpartition("@")[2]):
        attempt(short_way, f"someone@{domain}")

    assert attempt(short_way, typed) == attempt(lambda cell: parse_address(cell, example="").key, typed)


def attempt(parse: Callable[[str], str], typed: str) -> str | None:
    """The address, or None where it is refused."""
    try:
        return parse(typed)
    except (Wrong, Rejected):
        return None


# ── Comparing and applying ───────────────────────────────────────────────────────────────────────────────


def test_a_first_import_adds_everyone(store: Store) -> None:
    """On an empty roll all lines are new."""
    changes = bring(store, read(MARTIN, OBRIEN))

    assert changes.first
    assert list(present(store).values()) == list(read(MARTIN, OBRIEN))


def test_the_same_file_again_changes_nothing(store: Store) -> None:
    """An import is idempotent, in whatever order the lines come."""
    bring(store, read(MARTIN, OBRIEN))

    again = bring(store, read(OBRIEN, MARTIN))

    assert (again.total, again.unchanged) == (0, 2)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Column.EMAIL, "camille.durand@ac-lumiere.example"),
        (Column.LAST_NAME, "Durand"),
        (Column.FIRST_NAME, "Camille Marie"),
        (Column.BIRTH_DATE, "30/12/1970"),
        (Column.PHONE, "06 12 34 56 79"),
        (Column.PHONE, ""),
        (Column.ACADEMIE, "Rivage"),
        (Column.LANGUAGE, "en"),
        (Column.FIRST_VERIFIER, VERIFIER.replace("dmVy", "dmVz")),
    ],
)
def test_a_correction_names_its_column(store: Store, column: Column, value: str) -> None:
    """Whoever keeps the NUMEN is the same person; what differs is named once and corrected."""
    bring(store, read(MARTIN, OBRIEN))
    corrected = read(with_cell(MARTIN, column, value), OBRIEN)

    changes = bring(store, corrected)

    assert [each.labels for each in changes.corrected] == [(COLUMN_NAMES[column],)]
    assert list(present(store).values()) == list(corrected)


def test_a_new_address_ends_what_was_given_out_and_a_new_name_does_not(store: Store) -> None:
    """Links sent to the former address are dead."""
    bring(store, read(MARTIN))
    bring(store, read(with_cell(MARTIN, Column.LAST_NAME, "Durand")))
    with store.read() as transaction:
        before = transaction.voters.by_address("camille.martin@ac-lumiere.example")
    bring(store, read(with_cell(MARTIN, Column.EMAIL, "c.durand@ac-lumiere.example")))
    with store.read() as transaction:
        after = transaction.voters.by_address("c.durand@ac-lumiere.example")

    assert before is not None
    assert after is not None
    assert (before.id, before.epoch) == (after.id, 0)
    assert after.epoch > before.epoch


def test_who_is_not_in_the_file_leaves(store: Store) -> None:
    """The file is the whole roll."""
    bring(store, read(MARTIN, OBRIEN))

    changes = bring(store, read(OBRIEN))

    assert len(changes.removed) == 1
    assert list(present(store)) == ["oliver.obrien@ac-lumiere.example"]


def test_a_leavers_address_may_be_given_to_a_newcomer(store: Store) -> None:
    """Leavers go first, so that their address is free in the same import."""
    bring(store, read(MARTIN))
    newcomer = read(with_cell(MARTIN, Column.NUMEN, "99Z9999999ZZZ"))

    bring(store, newcomer)

    assert list(present(store).values()) == list(newcomer)


def test_two_persons_may_exchange_addresses(store: Store) -> None:
    """Each gets the other's, though no two may ever share one."""
    bring(store, read(MARTIN, OBRIEN))
    exchanged = read(
        with_cell(MARTIN, Column.EMAIL, "oliver.obrien@ac-lumiere.example"),
        with_cell(OBRIEN, Column.EMAIL, "camille.martin@ac-lumiere.example"),
    )

    bring(store, exchanged)

    assert present(store) == {entry.email: entry for entry in exchanged}


def test_addresses_may_move_along_a_chain_to_a_newcomer(store: Store) -> None:
    """One takes another's address, the other a new one, and a newcomer the first's."""
    bring(store, read(MARTIN, OBRIEN))
    moved = read(
        with_cell(MARTIN, Column.EMAIL, "oliver.obrien@ac-lumiere.example"),
        with_cell(OBRIEN, Column.EMAIL, "o.obrien@ac-lumiere.example"),
        with_cell(MARTIN, Column.NUMEN, "99Z9999999ZZZ"),
    )

    bring(store, moved)

    assert present(store) == {entry.email: entry for entry in moved}


def test_who_comes_back_is_the_voter_they_were(store: Store) -> None:
    """Half a file, then the whole one: nobody begins anew, though another has taken the address meanwhile."""
    bring(store, read(MARTIN, OBRIEN))
    before = numbers(store)
    bring(store, read(MARTIN))
    bring(store, read(with_cell(MARTIN, Column.EMAIL, "oliver.obrien@ac-lumiere.example")))
    whole = read(
        with_cell(MARTIN, Column.EMAIL, "oliver.obrien@ac-lumiere.example"),
        with_cell(with_cell(OBRIEN, Column.EMAIL, "o.obrien@ac-lumiere.example"), Column.LAST_NAME, "Brien"),
    )
    changes = bring(store, whole)

    assert (len(changes.returned), len(changes.added), changes.unchanged, changes.total) == (1, 0, 1, 1)
    assert numbers(store) == before
    assert present(store) == {entry.email: entry for entry in whole}
    with store.read() as transaction:
        assert list(transaction.roll.leavers()) == []
        assert [each.voter for each in transaction.directory.named(["brien"], limit=5).found] == list(before.values())[
            1:
        ]
        assert transaction.directory.named(["obrien"], limit=5).found == ()


def test_of_two_lines_of_a_leaver_the_last_comes_back(store: Store) -> None:
    """As a roll imported before this was so may hold them."""
    (line,) = read(OBRIEN)
    with store.write() as transaction:
        for _ in range(2):
            transaction.roll.add([line])
            ((last, _),) = transaction.roll.entries()
            transaction.roll.remove([last], NOW)
    bring(store, read(OBRIEN))

    assert numbers(store) == {line.numen_digest: last}


def numbers(store: Store) -> dict[bytes, int]:
    """Which voter is whose NUMEN."""
    with store.read() as transaction:
        return {entry.numen_digest: voter for voter, entry in transaction.roll.entries()}


def test_progress_adds_up_to_the_changes_and_to_the_file(store: Store) -> None:
    """What a progress bar is told sums to its length."""
    content = f"{HEADINGS}\n{MARTIN}\n{OBRIEN}".encode()
    read_bytes_told: list[int] = []
    told: list[int] = []

    roll = read_roll(
        io.BytesIO(content),
        vault(SeededEntropy()),
        PSEUDONYMS,
        today=TODAY,
        spool=io.BytesIO(),
        progress=read_bytes_told.append,
    )
    with store.write() as transaction:
        apply(transaction, compare([], roll), NOW, told.append)

    assert sum(read_bytes_told) == len(content)
    assert sum(told) == 2
