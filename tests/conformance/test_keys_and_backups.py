"""Keys that change, and a backup that is made, while the product runs."""

from pathlib import Path
from shutil import copyfile

from cli.demo_folder import SMS_SECRET_FILE
from core.adapters.keys import read
from tests.support.product import CHOOSE, Installation, said

PASSWORD = "Nuage violet 2018"
FREEZE = "/ce-n-etait-pas-moi/confirmer"


def test_keys_rotate_while_everything_runs(parts: Installation) -> None:
    """No restart: pages open across a rotation go on, messages leave, notices of before still stop a change."""
    for name in ("mailbox", "courier", "serve"):
        parts.start(name)
    before, during, after = (parts.new_voter() for _ in range(3))
    parts.give_password(before, PASSWORD)
    notice = parts.mail(before.email, count=2)
    at_choice = parts.at_choice(during)

    for _ in range(3):
        said("keys", "rotate", "--dir", parts.folder)
        assert at_choice.get(CHOOSE).step == "MP-6"
    assert at_choice.choose(PASSWORD).step == "MP-7"
    assert parts.give_password(after, PASSWORD).sign_in(after.email, PASSWORD).step == "EV-1"

    stopping = parts.browser()
    stopping.get(notice.link)
    assert stopping.post(FREEZE).step == "ST-2"
    assert len(read(parts.folder / "master.key")) == 4
    parts.settled()
    assert parts.rows("SELECT DISTINCT state FROM outbox") == [("sent",)]


def test_a_backup_of_a_running_product_goes_on_elsewhere(parts: Installation, tmp_path: Path) -> None:
    """Made while it serves; the other folder, once the first has stopped, serves a link that was asked before."""
    for name in ("mailbox", "courier", "serve"):
        parts.start(name)
    voter = parts.new_voter()
    link = parts.link(voter)
    waiting = parts.browser()
    waiting.get(link)

    said("backup", tmp_path / "backup.tar", "--dir", parts.folder)
    said("restore", tmp_path / "backup.tar", "--dir", tmp_path / "elsewhere")
    for name in ("serve", "courier"):
        parts.stop(name)
    (tmp_path / "elsewhere" / "logs").mkdir()
    copyfile(parts.folder / SMS_SECRET_FILE, tmp_path / "elsewhere" / SMS_SECRET_FILE)  # not in a backup, which says so
    first, parts.folder = parts.folder, tmp_path / "elsewhere"
    parts.start("serve")

    assert waiting.choose(PASSWORD).step == "MP-7"
    assert parts.browser().sign_in(voter.email, PASSWORD).step == "EV-1"
    parts.folder = first
    assert parts.epoch(voter) == 0
