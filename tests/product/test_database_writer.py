"""CASE 51: somebody who can write to the database of a running product, but has no key, achieves nothing."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from click.testing import CliRunner

from cli.journal import journal
from tests.support.postgres import postgresql
from tests.support.product import HERE, SPACE, Installation, hosts, installation

PASSWORD, THEIRS = "Nuage violet 2018", "Girafe timide 2019"
TOKEN = "A" * 43


@pytest.fixture(name="product", scope="module", params=["sqlite", "postgresql"])
def product_on_each_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Run a product with its site, courier and mail server on each kind of database."""
    tmp_path = tmp_path_factory.mktemp("written")
    if request.param == "sqlite":
        with installation(tmp_path / "election") as made:
            made.start_product()
            yield made
        return
    with postgresql() as server, hosts(tmp_path, f"{server.url}/postgres", places=(HERE,)) as (host,):
        host.start_product()
        yield host


def write(product: Installation, statement: str, *values: object) -> None:
    """Write to the database with a statement that has `?` as placeholders."""
    if product.database is not None:
        with psycopg.connect(product.database.replace("+psycopg", "")) as server:
            server.execute(statement.replace("?", "%s").encode(), values)
        return
    with closing(sqlite3.connect(product.folder / "retrouve.sqlite3", timeout=180)) as connection, connection:
        connection.execute(statement, values)


def verify(product: Installation, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Run `retrouve journal verify`, and return its exit status and its output."""
    for name, value in product.variables.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(journal, ["verify", "--dir", str(product.folder)], catch_exceptions=False)
    return result.exit_code, result.stdout


def test_case_51_a_copied_credential_and_a_forged_session_do_not_reach_the_voter_space(
    product: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CASE 51: a copied password and a forged session do not work, and `journal verify` names both rows.

    The real voter can still sign in.
    """
    victim, mallory = product.take_unused_voter(), product.take_unused_voter()
    product.set_password_by_link(victim, PASSWORD)
    product.set_password_by_link(mallory, THEIRS)
    product.settled()
    own = product.rows("SELECT password FROM voters WHERE email = ?", victim.email)[0]
    assert verify(product, monkeypatch)[0] == 0

    theirs = product.rows("SELECT password FROM voters WHERE email = ?", mallory.email)[0]
    write(product, "UPDATE voters SET password = ? WHERE email = ?", *theirs, victim.email)
    page = product.browser().sign_in(victim.email, THEIRS)
    assert (page.status, page.step) == (product.browser().sign_in(f"x.{victim.email}", THEIRS).status, "MP-2")
    status, said = verify(product, monkeypatch)
    assert (status, "électeur n° " in said) == (1, True)
    write(product, "UPDATE voters SET password = ? WHERE email = ?", own[0], victim.email)
    assert product.browser().sign_in(victim.email, PASSWORD).step == "EV-1"
    assert verify(product, monkeypatch)[0] == 0

    write(
        product,
        "INSERT INTO sessions (digest, voter, epoch, expires) SELECT ?, voter, epoch, expires FROM sessions",
        hashlib.sha256(TOKEN.encode()).digest(),
    )
    browser = product.browser()
    page = browser.get(SPACE, headers={"Cookie": f"session={TOKEN}"})
    assert page.refusal == "sign-in-needed"
    status, said = verify(product, monkeypatch)
    assert (status, "session de l'électeur n° " in said) == (1, True)
    write(product, "DELETE FROM sessions")


def test_case_51_a_former_credential_that_was_put_back_is_found(
    product: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CASE 51: if an old row of the product is put back, `journal verify` says that it is old."""
    victim = product.take_unused_voter()
    product.set_password_by_link(victim, PASSWORD)
    former = product.rows("SELECT password, password_set, epoch, mac FROM voters WHERE email = ?", victim.email)[0]
    product.set_password_by_link(victim, THEIRS)
    product.settled()

    change = "UPDATE voters SET password = ?, password_set = ?, epoch = ?, mac = ? WHERE email = ?"
    write(product, change, *former, victim.email)

    status, said = verify(product, monkeypatch)
    assert (status, "la ligne et le journal ne s'accordent pas" in said) == (1, True)
