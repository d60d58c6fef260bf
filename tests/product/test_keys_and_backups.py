"""Keys can be rotated and backups can be made while the product runs."""

from contextlib import closing
from pathlib import Path
from shutil import copyfile, move

from core.adapters.key_vault import read_key_file
from core.app.election_folder import open_services
from core.desk.authorisation import AgentSession
from core.security.key_roles import ProgramKeyRole
from demo import agents as demo_agents
from demo.folder import ROLL_FILE, SMS_SECRET_FILE
from tests.conformance.identifier_walk import new_identifier_walk
from tests.conformance.product import Product
from tests.support.product import CHOOSE, Installation, eventually, said

PASSWORD = "Nuage violet 2018"
FREEZE = "/ce-n-etait-pas-moi/confirmer"


def test_keys_rotate_while_everything_runs(running: Installation) -> None:
    """After a rotation of the keys, without a restart, open pages, messages and links in older notices still work."""
    before, during, after = (running.take_unused_voter() for _ in range(3))
    running.set_password_by_link(before, PASSWORD)
    notice = running.mail(before.email, count=2)
    browser_at_new_password = running.browser_at_new_password(during)

    for _ in range(3):
        said("keys", "rotate", "--dir", running.folder)
        assert browser_at_new_password.get(CHOOSE).step == "MP-6"
    assert browser_at_new_password.submit_new_password(PASSWORD).step == "MP-7"
    assert running.set_password_by_link(after, PASSWORD).sign_in(after.email, PASSWORD).step == "EV-1"

    stopping = running.browser()
    stopping.get(notice.link)
    assert stopping.post(FREEZE).step == "ST-2"
    assert len(read_key_file(running.folder / "master.key")) == 4
    running.settled()
    assert running.rows("SELECT DISTINCT state FROM outbox") == [("sent",)]


def test_a_backup_of_a_running_product_works_elsewhere(running: Installation, tmp_path: Path) -> None:
    """A backup of a running product works in another folder, and links that were requested before still work."""
    voter = running.take_unused_voter()
    link = running.link(voter)
    waiting = running.browser()
    waiting.get(link)

    said("backup", tmp_path / "backup.tar", "--with-key", "--dir", running.folder)
    said("restore", tmp_path / "backup.tar", "--dir", tmp_path / "elsewhere")
    for name in ("serve", "courier"):
        running.stop(name)
    (tmp_path / "elsewhere" / "logs").mkdir()
    copyfile(running.folder / SMS_SECRET_FILE, tmp_path / "elsewhere" / SMS_SECRET_FILE)  # not in a backup
    first, running.folder = running.folder, tmp_path / "elsewhere"
    running.start("serve")

    assert waiting.submit_new_password(PASSWORD).step == "MP-7"
    assert running.browser().sign_in(voter.email, PASSWORD).step == "EV-1"
    running.folder = first
    assert running.epoch(voter) == 0


def test_everything_works_while_the_master_key_is_kept_away(parts: Installation, tmp_path: Path) -> None:
    """The site, the courier, the helpdesk and the operator's commands work without the master key."""
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
    parts.settled()  # wait until the platform knows of the freeze

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
        session = desk.desk.sessions.sign_in(agent.name, agent.password, agent.totp_code(desk.dependencies.clock.now()))
        assert isinstance(session, AgentSession)
        assert desk.desk.search.find(session, voter.email, limit=2).found
