"""The site, the courier and the helpdesk work with the keys of their own role only, on every store."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from core.adapters.key_vault import KeyVault
from core.adapters.master_keys import MasterKey, SubkeyNotHeldByRole
from core.adapters.random_source import SystemRandomSource
from core.adapters.role_key_files import role_keys
from core.delivery.courier import Courier
from core.flows.identifier.sms_messages import decrypt_phone_number, phone_number_sealing_context
from core.flows.identifier.states import CodeSent
from core.ports import MailTransport, MessageState
from core.security import key_purposes
from core.security.key_roles import ProgramKeyRole
from core.security.outbox_sealing import open_message
from tests.support.election import CAMILLE, OPENS
from tests.support.post import POSTPONES
from tests.support.reissues import E164, Reissuer, line, votes
from tests.support.worlds import World

MASTER = MasterKey(id=1, secret=b"m" * 32, created=OPENS)


def vault_of(role: ProgramKeyRole) -> KeyVault:
    """Return the vault of one role."""
    return KeyVault(role_keys([MASTER], role), SystemRandomSource())


@dataclass
class WorldOfRoles(World):
    """An election whose site and courier have only the keys of their own roles."""

    def of(self, role: ProgramKeyRole) -> World:
        """Return the same election with the keys of another role."""
        return World(self.kept, replace(self.dependencies, vault=vault_of(role)), self.post, self.air)

    def courier(self, carrier: MailTransport | None = None, jitter: Callable[[], float] = lambda: 1.0) -> Courier:
        return self.of(ProgramKeyRole.COURIER).courier(carrier, jitter)


@pytest.fixture
def site(any_world: World) -> WorldOfRoles:
    """An election with one voter, with the keys of the site."""
    world = WorldOfRoles(any_world.kept, replace(any_world.dependencies, vault=vault_of(ProgramKeyRole.SERVE)))
    world.add(line(world.of(ProgramKeyRole.OPERATOR)))
    return world


def test_a_voter_goes_every_way(site: WorldOfRoles) -> None:
    """With the keys of each role, a voter can choose a password, sign in, get an identifier and freeze the account."""
    camille = Reissuer(site).sign_in()

    identifier = camille.receive()

    assert votes(site.of(ProgramKeyRole.OPERATOR), identifier)
    site.courier().run_once()
    site.stops.freeze(site.post.to(CAMILLE)[-1].stop)
    site.courier().run_once()
    assert site.voter().frozen is not None
    assert set(site.counts()) == {MessageState.SENT}


def test_the_site_opens_no_message_and_no_number(site: WorldOfRoles) -> None:
    """Only the courier can decrypt waiting messages and telephone numbers. The site cannot decrypt even its own."""
    camille = Reissuer(site).sign_in().asked()
    site.post.says = POSTPONES
    site.of(ProgramKeyRole.SERVE).ask()
    ((sms, body),) = ((number, body) for number, body in site.kept.bodies().items() if body is not None)
    case, vault = camille.case, site.dependencies.vault
    assert isinstance(case.state, CodeSent)

    context = phone_number_sealing_context(case.number, camille.voter.id)
    for role in set(ProgramKeyRole) - {ProgramKeyRole.COURIER}:
        with pytest.raises(SubkeyNotHeldByRole):
            open_message(vault_of(role), sms, body)
        with pytest.raises(SubkeyNotHeldByRole):
            decrypt_phone_number(replace(site.dependencies, vault=vault_of(role)), context, case.state.number)
    assert E164.encode() not in repr(open_message(vault_of(ProgramKeyRole.COURIER), sms, body)).encode()
    site.courier().run_once()
    for number, mail in site.kept.bodies().items():
        if mail is not None:
            with pytest.raises(SubkeyNotHeldByRole):
                open_message(vault, number, mail)


def test_with_the_sites_keys_nobody_is_the_desk_the_courier_or_the_operator() -> None:
    """With the site's keys, nobody can sign a checkpoint, make an agent's code secret or make an identifier."""
    keys, purposes = vault_of(ProgramKeyRole.SERVE), key_purposes

    for attempt in (
        lambda: keys.sign(purposes.JOURNAL, b"checkpoint"),
        lambda: keys.seal(purposes.AGENT_CODE, b"JBSWY3DPEHPK3PXP", context=b"camille"),
        lambda: keys.digest(purposes.PLATFORM, b"verifier"),
        lambda: keys.digest(purposes.IDENTIFIER_DIGEST, b"account"),
        lambda: keys.digest(purposes.BOUNCE, b"envelope"),
        lambda: keys.digest(purposes.MESSAGE_ID, b"message"),
    ):
        with pytest.raises(SubkeyNotHeldByRole):
            attempt()


def test_a_code_sent_again_reaches_the_number_that_the_site_cannot_read(site: WorldOfRoles) -> None:
    """A code that is sent again reaches the same telephone, although the site cannot decrypt its number."""
    camille = Reissuer(site).sign_in().asked()
    code = camille.code()
    site.clock.move(minutes=1)
    camille.press("again")

    assert camille.code() == code
    assert [sms.recipient for sms in site.air.taken] == [E164, E164]


@pytest.mark.parametrize("meanwhile", [True, False], ids=["before the new number", "after it"])
def test_a_code_for_a_number_that_was_changed_is_not_sent(site: WorldOfRoles, *, meanwhile: bool) -> None:
    """If the voter changes the telephone number while a code waits, the old code is not sent."""
    camille = Reissuer(site).sign_in().asked()
    camille.press("other-number")
    if meanwhile:
        site.courier().run_once()
        assert site.air.taken == []

    camille.prove(phone="06 98 76 54 32")
    site.courier().run_once()
    if not meanwhile:  # the next code waits while the first has not been sent
        assert site.air.taken == []
        site.clock.move(minutes=1)
        for _ in range(2):  # the first round makes the waiting code, the second sends it
            site.courier().run_once()

    assert [sms.recipient for sms in site.air.taken] == ["+33698765432"]
    assert site.counts()[MessageState.DROPPED] == 1
