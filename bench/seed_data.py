"""Data written through the product's own store before the timed requests."""

from datetime import UTC, datetime, timedelta
from itertools import count

from bench.measured_system import MeasuredSystem
from core.adapters.password_hashing import Argon2PasswordHasher
from core.adapters.random_source import SystemRandomSource
from core.flows.password.definition import PasswordFlow
from core.flows.password.states import LastRequestTimes, LinkRequestPending, SentLink, State
from core.policy.policy_and_calendar import Policy
from core.ports import LinkRecord, MessageKind, RecoveryCase, SignInSession, Transaction, Voter
from core.security import tokens

RECOVERY = PasswordFlow(Policy())
VALID = timedelta(hours=4)
_unknown = count()
_entropy = SystemRandomSource()


def unknown_address() -> str:
    """An address that is not on the roll."""
    return f"nobody.{next(_unknown)}@ac-ailleurs.example"


def mixed_addresses(system: MeasuredSystem, number: int) -> list[str]:
    """Return so many addresses, of which every other one is on the roll."""
    known = iter(system.next_addresses((number + 1) // 2))
    return [unknown_address() if ordinal % 2 else next(known) for ordinal in range(number)]


def voter_ids(system: MeasuredSystem, addresses: list[str]) -> list[int]:
    """The voters with these addresses."""
    with system.store.write() as transaction:
        return [_voter(transaction, address).id for address in addresses]


def waiting_asks(system: MeasuredSystem, addresses: list[str]) -> None:
    """Asks that wait for the courier."""
    now = datetime.now(UTC)
    with system.store.write() as transaction:
        for address in addresses:
            number = _add_case(transaction, _requested(address, now), now)
            transaction.outbox.put(kind=MessageKind.ASK, case=number, at=now, useful_until=now + VALID)


def sent_links(system: MeasuredSystem, addresses: list[str]) -> list[str]:
    """The tokens of valid links, one for each of these addresses of the roll."""
    now = datetime.now(UTC)
    made = []
    with system.store.write() as transaction:
        for address in addresses:
            voter, token = _voter(transaction, address), tokens.new_token(_entropy)
            link = SentLink(tokens.digest(token), now + VALID)
            state = _requested(address, now).send_link(link, voter=voter.id, epoch=voter.epoch)
            number = _add_case(transaction, state, now)
            record = LinkRecord(
                digest=link.digest, case=number, voter=voter.id, epoch=voter.epoch, expires=link.expires
            )
            transaction.links.add(record)
            made.append(token)
    return made


def with_password(system: MeasuredSystem, addresses: list[str]) -> list[str]:
    """The same addresses, whose voters have a password now; it is one for all."""
    hashed, now = Argon2PasswordHasher().hash("Inconnu de tous 1"), datetime.now(UTC)
    with system.store.write() as transaction:
        for address in addresses:
            voter = _voter(transaction, address)
            transaction.voters.set_password_hash(voter.id, hashed, epoch=voter.epoch, at=now)
    return addresses


def signed_in(system: MeasuredSystem, addresses: list[str]) -> list[str]:
    """The cookies of these voters' browsers, just signed in."""
    with_password(system, addresses)
    expires, cookies = datetime.now(UTC) + VALID, []
    with system.store.write() as transaction:
        for address in addresses:
            voter, token = _voter(transaction, address), tokens.new_token(_entropy)
            record = SignInSession(digest=tokens.digest(token), voter=voter.id, epoch=voter.epoch, expires=expires)
            transaction.sessions.open(record)
            cookies.append(f"session={token}")
    return cookies


def _requested(address: str, now: datetime) -> LinkRequestPending:
    asking = LastRequestTimes.of_request_at(now, valid=VALID, pause=timedelta(minutes=3))
    return LinkRequestPending(typed=address, address=address, asking=asking)


def _voter(transaction: Transaction, address: str) -> Voter:
    voter = transaction.voters.by_address(address)
    assert voter is not None
    return voter


def _add_case(transaction: Transaction, state: State, now: datetime) -> str:
    """Add a case of no browser in that state; returns its number."""
    handle, number = _entropy.random_bytes(32), tokens.new_case_number(_entropy)
    case = RecoveryCase(handle=handle, number=number, flow=RECOVERY.flow.slug, state=state, began=now)
    assert transaction.recoveries.add(case)
    return number
