"""Writes data through the product's store before the timed requests, and prepares these requests."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count

from core.adapters.password_hashing import Argon2PasswordHasher
from core.adapters.random_source import SystemRandomSource
from core.flows.password.definition import PasswordFlow
from core.flows.password.states import LastRequestTimes, LinkRequestPending, SentLink, State
from core.policy.policy import Policy
from core.ports import LinkRecord, MessageKind, RecoveryCase, SignInSession, Transaction, Voter
from core.security import tokens
from core.text.urls import LINK_PATH
from tests.bench.load_generator import BrowserRequests, form, page, visit
from tests.bench.measured_system import MeasuredSystem

RECOVERY = PasswordFlow(Policy())
IDENTIFY_PATH = "/"
CHOOSE_WAY_PATH, ASK_PATH, CHOOSE_PASSWORD_PATH = (
    f"/{RECOVERY.flow.slug}/{step.slug}" for step in (RECOVERY.choose_way, RECOVERY.confirm, RECOVERY.choose_password)
)
FORGOTTEN = {"choice": "forgotten"}
PASSWORD = "Kx7 wq3 Zvj8 nk"
"""Contains no voter's name, because such a password would be refused."""
VALID = timedelta(hours=4)
_unknown = count()
_entropy = SystemRandomSource()


def unknown_address() -> str:
    """Return an address that is not on the roll."""
    return f"nobody.{next(_unknown)}@ac-ailleurs.example"


def mixed_addresses(system: MeasuredSystem, number: int) -> list[str]:
    """Return that many addresses. Every second one is on the roll."""
    known = iter(system.next_addresses((number + 1) // 2))
    return [unknown_address() if ordinal % 2 else next(known) for ordinal in range(number)]


# ── The way to the link ──────────────────────────────────────────────────────────────────────────────────────


def asking_visit(system: MeasuredSystem, address: str) -> BrowserRequests:
    """Return the three pages and forms up to the request for a message to that address."""
    forms = ((IDENTIFY_PATH, {"email": address}), (CHOOSE_WAY_PATH, FORGOTTEN), (ASK_PATH, {"choice": ""}))
    return [each for path, typed in forms for each in (page(system.port, path), form(system.port, path, typed))]


def ask_forms(system: MeasuredSystem, addresses: Iterable[str]) -> list[bytes]:
    """Return the forms that request the link, from browsers where these addresses were typed."""
    forgotten = form(system.port, CHOOSE_WAY_PATH, FORGOTTEN)
    visits = [[form(system.port, IDENTIFY_PATH, {"email": each}), forgotten] for each in addresses]
    browsers = visit(system.port, visits, 303).cookies
    return [form(system.port, ASK_PATH, {"choice": ""}, cookies) for cookies in browsers]


def wrong_sign_in_forms(system: MeasuredSystem, addresses: Iterable[str]) -> list[bytes]:
    """Return a wrong sign-in for each of these addresses."""
    visits = [[form(system.port, IDENTIFY_PATH, {"email": each})] for each in addresses]
    typed = {"choice": "sign-in", "password": "Mauvais mot de passe 1"}
    return [form(system.port, CHOOSE_WAY_PATH, typed, each) for each in visit(system.port, visits, 303).cookies]


def waiting_asks(system: MeasuredSystem, addresses: list[str]) -> None:
    """Store requests that wait for the courier."""
    now = datetime.now(UTC)
    with system.store.write() as transaction:
        for address in addresses:
            number = _add_case(transaction, _requested(address, now), now)
            transaction.outbox.put(kind=MessageKind.ASK, case=number, at=now, useful_until=now + VALID)


# ── The link, and the session ────────────────────────────────────────────────────────────────────────────────


def link_pages(system: MeasuredSystem, number: int) -> list[bytes]:
    """Return the requests that open that many valid links, each of another voter."""
    now = datetime.now(UTC)
    opened = []
    with system.store.write() as transaction:
        for address in system.next_addresses(number):
            voter, token = voter_of(transaction, address), tokens.new_token(_entropy)
            link = SentLink(tokens.digest(token), now + VALID)
            state = _requested(address, now).send_link(link, voter=voter.id, epoch=voter.epoch)
            case = _add_case(transaction, state, now)
            record = LinkRecord(digest=link.digest, case=case, voter=voter.id, epoch=voter.epoch, expires=link.expires)
            transaction.links.add(record)
            opened.append(page(system.port, LINK_PATH + token))
    return opened


def new_password_forms(system: MeasuredSystem, browsers: Iterable[str], password: str = PASSWORD) -> list[bytes]:
    """Return a new-password form from each browser that has opened a link."""
    typed = dict.fromkeys(("new_password", "new_password_again"), password)
    return [form(system.port, CHOOSE_PASSWORD_PATH, typed, cookies) for cookies in browsers]


def with_password(system: MeasuredSystem, addresses: list[str]) -> list[str]:
    """Give all these voters the same password and return their addresses."""
    hashed, now = Argon2PasswordHasher().hash("Inconnu de tous 1"), datetime.now(UTC)
    with system.store.write() as transaction:
        for address in addresses:
            voter = voter_of(transaction, address)
            transaction.voters.set_password_hash(voter.id, hashed, epoch=voter.epoch, at=now)
    return addresses


def signed_in(system: MeasuredSystem, addresses: list[str]) -> list[str]:
    """Sign in these voters and return the cookies of their browsers."""
    with_password(system, addresses)
    expires, cookies = datetime.now(UTC) + VALID, []
    with system.store.write() as transaction:
        for address in addresses:
            voter, token = voter_of(transaction, address), tokens.new_token(_entropy)
            record = SignInSession(digest=tokens.digest(token), voter=voter.id, epoch=voter.epoch, expires=expires)
            transaction.sessions.open(record)
            cookies.append(f"session={token}")
    return cookies


def _requested(address: str, now: datetime) -> LinkRequestPending:
    asking = LastRequestTimes(at=now, until=now + VALID, again_from=now + timedelta(minutes=3))
    return LinkRequestPending(typed=address, address=address, asking=asking)


def voter_of(transaction: Transaction, address: str) -> Voter:
    voter = transaction.voters.by_address(address)
    assert voter is not None
    return voter


def _add_case(transaction: Transaction, state: State, now: datetime) -> str:
    """Add a case in that state without a browser. Returns its number."""
    handle, number = _entropy.random_bytes(32), tokens.new_case_number(_entropy)
    case = RecoveryCase(handle=handle, number=number, flow=RECOVERY.flow.slug, state=state, began=now)
    assert transaction.recoveries.add(case)
    return number
