"""A mail that a real mail server could not deliver is recorded in its case."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.postfix import Postfix, postfix
from tests.support.product import DemoVoter, Installation, eventually, free_port, installation, relay, said

BOUNCES = "vote.example"
REFUSALS = {"mailbox-full": "5.2.2 The mailbox is full", "refused-as-spam": "5.7.1 This looks like spam"}


@dataclass(frozen=True)
class BouncingPost:
    """An election whose relay is a real Postfix, with voters whose mails come back for each reason."""

    product: Installation
    server: Postfix
    voters: dict[str, DemoVoter]
    relay: str

    def read_bounces(self) -> str:
        """Run `retrouve bounces` on the Maildir and return its output."""
        folders = ("--dir", self.product.folder, "--maildir", self.server.maildir)
        return said("bounces", *folders, variables=self.product.variables)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[BouncingPost]:
    """The running service."""
    port = free_port()
    with installation(tmp_path / "election", relays=[relay(port)]) as product:
        voters = {reason: product.new_voter() for reason in ("unknown-mailbox", *REFUSALS)}
        refusals = {voters[reason].email: words for reason, words in REFUSALS.items()}
        domain = voters["unknown-mailbox"].email.rpartition("@")[2]
        with postfix(port, local=domain, bounces=BOUNCES, refusals=refusals) as server:
            product.start("serve")
            product.start("courier")
            yield BouncingPost(product, server, voters, f"127.0.0.1:{port}")


def test_the_case_has_the_reason_of_its_bounce(post: BouncingPost) -> None:
    """Postfix accepts the courier's mail, cannot deliver it and sends the bounce to the case's address."""
    cases = {reason: post.product.browser().ask(voter.email).case or "" for reason, voter in post.voters.items()}
    new = post.server.maildir / "new"
    eventually(lambda: new.is_dir() and len(list(new.iterdir())) == len(cases), "the bounces")
    post.product.settled()

    assert post.read_bounces() == "Retours lus : 3. Notés au dossier : 3. Déjà notés : 0. Laissés de côté : 0.\n"
    for each in (post.server.maildir / "cur").iterdir():
        each.rename(new / each.name.partition(":")[0])
    assert post.read_bounces() == "Retours lus : 3. Notés au dossier : 0. Déjà notés : 3. Laissés de côté : 0.\n"

    told = {reason: post.product.events(case)[2:] for reason, case in cases.items()}
    assert told == {reason: [("mail-accepted", post.relay), ("mail-bounced", reason)] for reason in cases}
