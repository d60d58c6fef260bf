"""What voters have done before the request that is timed, written through the product's own store."""

from datetime import UTC, datetime, timedelta
from itertools import count

import msgspec

from bench.ground import Ground
from core import purposes, tokens
from core.adapters.entropy import SystemEntropy
from core.adapters.hashing import Argon2Hasher
from core.flows.identifier import identifier_flow
from core.flows.password import password_flow
from core.policy import Policy
from core.ports import LinkRecord, ParcelKind, Recovery, SessionRecord
from core.recovery import Asking, Confirming, Identified, Link, Requested, State
from core.reissue import Opened
from webhook.session import LINK_COOKIE_LIFE, Pocket

FLOW = password_flow(Policy())
REISSUE = identifier_flow(Policy())
VALID = timedelta(hours=4)
STRANGERS = "nobody.{}@ac-ailleurs.example"
_strangers = count()
_entropy = SystemEntropy()


def stranger() -> str:
    """An address that is on no roll."""
    return STRANGERS.format(next(_strangers))


def half_known(ground: Ground, number: int) -> list[str]:
    """So many addresses, every other one on the roll."""
    known = iter(ground.next_known((number + 1) // 2))
    return [stranger() if ordinal % 2 else next(known) for ordinal in range(number)]


def _add(ground: Ground, states: list[State]) -> list[str]:
    """Cases in those states; returns the browsers' handles."""
    handles = [tokens.new_handle(_entropy) for _ in states]
    now = datetime.now(UTC)
    with ground.store.write() as transaction:
        for handle, state in zip(handles, states, strict=True):
            case = Recovery(
                handle=tokens.digest(handle),
                number=tokens.new_case_number(_entropy),
                flow=FLOW.flow.slug,
                state=state,
                began=now,
            )
            assert transaction.recoveries.add(case)
    return handles


def confirming(ground: Ground, addresses: list[str]) -> list[str]:
    """Browsers at MP-3, where the message can be asked for."""
    return _add(ground, [Confirming(typed=address, address=address) for address in addresses])


def identified(ground: Ground, addresses: list[str]) -> list[str]:
    """Browsers at MP-2, where one can sign in."""
    return _add(ground, [Identified(typed=address, address=address) for address in addresses])


def asked(ground: Ground, addresses: list[str]) -> None:
    """Asks that wait for the courier."""
    now = datetime.now(UTC)
    asking = Asking.begin(now, valid=VALID, pause=timedelta(minutes=3))
    with ground.store.write() as transaction:
        for address in addresses:
            number = tokens.new_case_number(_entropy)
            case = Recovery(
                handle=_entropy.token(32),
                number=number,
                flow=FLOW.flow.slug,
                state=Requested(typed=address, address=address, asking=asking),
                began=now,
            )
            assert transaction.recoveries.add(case)
            transaction.outbox.put(kind=ParcelKind.ASK, case=number, at=now, useful_until=now + VALID)


def linked(ground: Ground, addresses: list[str]) -> list[str]:
    """Tokens of links that work, one for each of those addresses of the roll."""
    now = datetime.now(UTC)
    asking = Asking.begin(now, valid=VALID, pause=timedelta(minutes=3))
    made = []
    with ground.store.write() as transaction:
        for address in addresses:
            voter = transaction.voters.by_address(address)
            assert voter is not None
            token, number = tokens.new_token(_entropy), tokens.new_case_number(_entropy)
            link = Link(tokens.digest(token), asking.until)
            state = Requested(typed=address, address=address, asking=asking).send_link(
                link, voter=voter.id, epoch=voter.epoch
            )
            case = Recovery(handle=_entropy.token(32), number=number, flow=FLOW.flow.slug, state=state, began=now)
            assert transaction.recoveries.add(case)
            transaction.links.add(
                LinkRecord(digest=link.digest, case=number, voter=voter.id, epoch=voter.epoch, expires=link.expires),
                most=1,
                now=now,
            )
            made.append(token)
    return made


def pocket(ground: Ground, token: str) -> str:
    """The sealed cookie of a browser that has opened that link."""
    expires = int((datetime.now(UTC) + LINK_COOKIE_LIFE).timestamp())
    clear = msgspec.json.encode(Pocket(token, expires))
    return tokens.base64url(ground.vault.seal(purposes.LINK_COOKIE, clear, context=b""))


def with_password(ground: Ground, addresses: list[str]) -> list[str]:
    """The same voters, who have a password now: one for all, since nobody is to know it."""
    hashed, now = Argon2Hasher().hash("Inconnu de tous 1"), datetime.now(UTC)
    with ground.store.write() as transaction:
        for address in addresses:
            voter = transaction.voters.by_address(address)
            assert voter is not None
            transaction.voters.choose_password(voter.id, hashed, epoch=voter.epoch, at=now)
    return addresses


def signed_in(ground: Ground, addresses: list[str], *, opened: bool = False) -> list[str]:
    """The cookies of those voters' browsers, which have just signed in; with a case at ID-2 if it is `opened`."""
    with_password(ground, addresses)
    now, tokens_made = datetime.now(UTC), []
    with ground.store.write() as transaction:
        for address in addresses:
            voter = transaction.voters.by_address(address)
            assert voter is not None
            token = tokens.new_token(_entropy)
            transaction.sessions.open(
                SessionRecord(digest=tokens.digest(token), voter=voter.id, epoch=voter.epoch, expires=now + VALID)
            )
            tokens_made.append(f"session={token}")
            if opened:
                case = Recovery(
                    handle=_entropy.token(32),
                    number=tokens.new_case_number(_entropy),
                    flow=REISSUE.flow.slug,
                    state=Opened(voter=voter.id, epoch=voter.epoch),
                    began=now,
                )
                assert transaction.recoveries.add(case, voter=voter.id)
    return tokens_made
