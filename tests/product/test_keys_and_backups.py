"""Keys are rotated and backups made while the product runs."""

from contextlib import closing
from pathlib import Path
from shutil import copyfile, move

from cli.demo_folder import ROLL_FILE, SMS_SECRET_FILE
from conformance.identifier_walk import new_identifier_walk
from conformance.product import Product
from core.adapters.key_vault import read_key_file
from core.app.open_election_folder import open_services
from core.desk.sessions_callers_and_approvals import AgentSession
from core.security.roles_holding_keys import ProgramKeyRole
from demo import agents as demo_agents
from tests.support.product import CHOOSE, Installation, eventually, said

PASSWORD = "Nuage violet 2018"
FREEZE = "/ce-n-etait-pas-moi/confirmer"


def test_keys_rotate_while_everything_runs(parts: Installation) -> None:
    """After a rotation open pages work, messages are sent, and older notices stop a change, without a restart."""
    for name in ("mailbox", "courier", "serve"):
        parts.start(name)
    before, during, after = (parts.take_unused_voter() for _ in range(3))
    parts.set_password_by_link(before, PASSWORD)
    notice = parts.mail(before.email, count=2)
    browser_at_new_password = parts.browser_at_new_password(during)

    for _ in range(3):
        said("keys", "rotate", "--dir", parts.folder)
        assert browser_at_new_password.get(CHOOSE).step == "MP-6"
    assert browser_at_new_password.submit_new_password(PASSWORD).step == "MP-7"
    assert parts.set_password_by_link(after, PASSWORD).sign_in(after.email, PASSWORD).step == "EV-1"

    stopping = parts.browser()
    stopping.get(notice.link)
    assert stopping.post(FREEZE).step == "ST-2"
    assert len(read_key_file(parts.folder / "master.key")) == 4
    parts.settled()
    assert parts.rows("SELECT DISTINCT state FROM outbox") == [("sent",)]


def test_everything_works_while_the_master_key_is_kept_away(parts: Installation, tmp_path: Path) -> None:
    """Site, courier, desk and the operator's commands work with the key files of their roles only."""
    move(parts.folder / "master.key", tmp_path / "master.key")
    for name in ("mailbox", "telephone", "courier", "serve"):
        parts.start(name)
    product = Product(url=parts.site)
    way = new_identifier_walk(product)
    way.go_to_step("ID-3")
    way.browser.submit(way.current_page, {"code": way.wait_for_code()})
    eventually(lambda: way.browser.get(way.current_page.url).step == "ID-5", "a new identifier")
    voter = parts.take_unused_voter()
    parts.set_password_by_link(voter, PASSWORD)
    stopping = parts.browser()
    stopping.get(parts.mail(voter.email, count=2).link)
    assert stopping.post(FREEZE).step == "ST-2"

    for command in (
        ("roll", "import", parts.folder / ROLL_FILE),
        ("agent", "add", "new.agent", "--role", "agent"),
        ("agent", "list"),
        ("platform", "reconcile"),
        ("journal", "verify"),
        ("journal", "key"),
        ("purge",),
        ("backup", tmp_path / "backup.tar"),
    ):
        said(*command, "--dir", parts.folder)
    for name in ("serve", "courier"):
        parts.stop(name)
    desk, agent = open_services(parts.folder, ProgramKeyRole.DESK), next(iter(demo_agents.read(parts.folder)))
    with closing(desk):
        session = desk.desk.sessions.sign_in(agent.name, agent.password, agent.totp_code(desk.clock.now()))
        assert isinstance(session, AgentSession)
        assert desk.desk.search.find(session, voter.email, limit=2).found


def test_a_backup_of_a_running_product_works_elsewhere(parts: Installation, tmp_path: Path) -> None:
    """A backup of a running product serves a requested link in another folder, once the first product has stopped."""
    for name in ("mailbox", "courier", "serve"):
        parts.start(name)
    voter = parts.take_unused_voter()
    link = parts.link(voter)
    waiting = parts.browser()
    waiting.get(link)

    said("backup", tmp_path / "backup.tar", "--with-key", "--dir", parts.folder)
    said("restore", tmp_path / "backup.tar", "--dir", tmp_path / "elsewhere")
    for name in ("serve", "courier"):
        parts.stop(name)
    (tmp_path / "elsewhere" / "logs").mkdir()
    copyfile(parts.folder / SMS_SECRET_FILE, tmp_path / "elsewhere" / SMS_SECRET_FILE)  # not in a backup
    first, parts.folder = parts.folder, tmp_path / "elsewhere"
    parts.start("serve")

    assert waiting.submit_new_password(PASSWORD).step == "MP-7"
    assert parts.browser().sign_in(voter.email, PASSWORD).step == "EV-1"
    parts.folder = first
    assert parts.epoch(voter) == 0
