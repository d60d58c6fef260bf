"""Keys that change, and a backup that is made, while the product runs."""

import os
import subprocess
from pathlib import Path
from shutil import copyfile

from cli.demo_folder import SMS_SECRET_FILE
from core.adapters.keys import read
from tests.support.product import CHOOSE, RETROUVE, Installation, demo

PASSWORD = "Nuage violet 2018"
FREEZE = "/ce-n-etait-pas-moi/confirmer"


def retrouve(*words: str | Path) -> str:
    """What the command says; it must succeed."""
    done = subprocess.run(
        [*RETROUVE, *words],
        env={**os.environ, "RETROUVE_LANGUAGE": "fr"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_keys_rotate_while_everything_runs(tmp_path: Path) -> None:
    """No restart: pages open across a rotation go on, messages leave, notices of before still stop a change."""
    with demo(tmp_path / "demo", "--no-throttle") as product:
        before, during, after = (product.new_voter() for _ in range(3))
        product.give_password(before, PASSWORD)
        notice = product.mail(before.email, count=2)
        at_choice = product.at_choice(during)

        for _ in range(3):
            retrouve("keys", "rotate", "--dir", product.folder)
            assert at_choice.get(CHOOSE).step == "MP-6"
        assert at_choice.choose(PASSWORD).step == "MP-7"
        assert product.give_password(after, PASSWORD).sign_in(after.email, PASSWORD).step == "EV-1"

        stopping = product.browser()
        stopping.get(notice.link)
        assert stopping.post(FREEZE).step == "ST-2"
        assert len(read(product.folder / "master.key")) == 4
        product.settled()
        assert product.rows("SELECT DISTINCT state FROM outbox") == [("sent",)]


def test_a_backup_of_a_running_product_goes_on_elsewhere(parts: Installation, tmp_path: Path) -> None:
    """Made while it serves; the other folder, once the first has stopped, serves a link that was asked before."""
    for name in ("mailbox", "courier", "serve"):
        parts.start(name)
    voter = parts.new_voter()
    link = parts.link(voter)
    waiting = parts.browser()
    waiting.get(link)

    retrouve("backup", tmp_path / "backup.tar", "--dir", parts.folder)
    retrouve("restore", tmp_path / "backup.tar", "--dir", tmp_path / "elsewhere")
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
