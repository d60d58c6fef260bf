"""CASES 42 and 44: what a whole run leaves in its logs and in its database. Last of the files, to see all of it."""

import base64
import re
import sqlite3
import subprocess
import tempfile
from contextlib import closing, suppress

import pytest

from tests.support.product import SPACE, Demo, eventually, reissuing, said

PASSWORD = "Nuage violet 2018"
OTHER_PASSWORD = "Renard roux 2019"
SHORTEST = 6


@pytest.fixture(scope="module")
def lived(product: Demo) -> Demo:
    """The product after all that the other tests did with it, and a whole life of one more voter."""
    voter = product.new_voter()
    product.browser().post("/", {"email": f"  {voter.email.upper()} "})
    product.browser().post("/", {"email": f"{voter.email},{voter.email}"})
    browser = product.at_choice(voter)
    browser.choose("trop court")
    browser.choose(PASSWORD)
    browser.sign_in(voter.email, OTHER_PASSWORD)
    browser.sign_in(voter.email, PASSWORD)
    browser.get(SPACE)
    browser.post(SPACE, {"choice": "new-password"})
    stopping = product.browser()
    notice = product.mail(voter.email, count=2)
    stopping.post(stopping.get(notice.link).url)
    browser.sign_in(voter.email, PASSWORD)
    product.browser().ask(voter.email)
    way = reissuing(product)
    way.ask_code()
    wrong = "000000" if way.code() != "000000" else "111111"
    way.type_code(wrong)
    way.type_code(way.code())
    eventually(way.identifiers, "an identifier")
    product.settled()
    product.secrets.update(mail.token for mail in product.mails() if "/" in mail.link)
    return product


def secrets_of(product: Demo) -> set[str]:
    """Everything that only its owner may know: passwords, tokens, ids in cookies, and what identifies a caller."""
    people = product.used.values()
    known = {each.birth_date for each in people} | {each.numen for each in people}
    known |= {"/".join(reversed(each.birth_date.split("-"))) for each in people}
    known |= {re.sub(r"\D", "", each.phone)[-9:] for each in people}
    return {secret for secret in product.secrets | known if len(secret) >= SHORTEST}


def test_case_42_no_log_shows_a_secret_or_a_person(lived: Demo) -> None:
    """CASE 42: no log of the run holds a secret, an address, or the name of a voter who did something."""
    logs = lived.logs()
    assert logs.count('"request"') > 10
    assert [secret for secret in secrets_of(lived) if secret in logs] == []
    folded = logs.casefold()
    assert [voter.email for voter in lived.voters if voter.email.casefold() in folded] == []
    words = set(re.findall(r"\w[\w'-]+", folded))
    names = {
        name.casefold() for each in lived.used.values() for name in (each.last_name, each.first_name) if len(name) > 3
    }
    assert names & words == set()
    assert "@ac-" not in folded


def test_case_44_database_dump_opens_nothing(lived: Demo) -> None:
    """CASE 44: neither the dump nor the bytes of the database hold a secret of this run, in clear or re-encoded."""
    path = lived.folder / "retrouve.sqlite3"
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        dump = "\n".join(connection.iterdump())
    raw = b"".join(each.read_bytes() for each in sorted(lived.folder.glob("retrouve.sqlite3*")))
    clear = {secret.encode() for secret in secrets_of(lived)}
    assert held(dump.encode(), {b"argon2id"} | clear) == {b"argon2id"}
    assert held(raw, {b"SQLite format 3"} | clear | {form for each in lived.secrets for form in decoded(each)}) == {
        b"SQLite format 3"
    }


def held(data: bytes, wanted: set[bytes]) -> set[bytes]:
    """Which of those it holds. Megabytes are looked through once for all of them; as numbers, for a token may hold any byte."""
    sought = "\n".join(each.hex(" ") for each in wanted)
    command = ("grep", "--only-matching", "--fixed-strings", "--file", "-")
    with tempfile.NamedTemporaryFile() as file:
        file.write(data.hex(" ").encode())
        file.flush()
        found = subprocess.run([*command, file.name], input=sought, capture_output=True, text=True, check=True)
    return {bytes.fromhex(line) for line in found.stdout.splitlines()}


def decoded(secret: str) -> list[bytes]:
    """The bytes that a token of at least 16 stands for."""
    with suppress(ValueError):
        clear = base64.b64decode(secret + "=" * (-len(secret) % 4), altchars=b"-_", validate=True)
        return [clear] if len(clear) >= 16 else []
    return []


def test_case_44_sent_bodies_are_erased(lived: Demo) -> None:
    """CASE 44: what was sent is no longer in the outbox, sealed or not."""
    assert lived.rows("SELECT count(*) FROM outbox WHERE state = 'sent' AND sealed IS NOT NULL") == [(0,)]
    assert lived.rows("SELECT count(*) FROM outbox WHERE state = 'sent'")[0][0] > 2


def test_case_45_the_journal_of_the_run_is_sound(lived: Demo) -> None:
    """CASE 45: everything that these tests did is sealed while the product works, and nothing is amiss."""

    def verified() -> str:
        return said("journal", "verify", "--dir", lived.folder)

    eventually(lambda: "Aucune ligne n'attend son sceau." in verified(), "every line's seal")


def test_no_request_of_the_run_ended_in_a_defect(lived: Demo) -> None:
    """CASE 5: after all these tests no web process and no courier has logged a stack trace."""
    assert "Traceback" not in lived.logs()
    assert '"defect"' not in lived.logs()
