"""The store and the keys of a product at work, as one of its own processes has them: what a race begins with, and what came of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core import purposes, tokens
from core.adapters import keys
from core.adapters.entropy import SystemEntropy
from core.adapters.keys import KeyVault
from core.adapters.registry import EmbeddedPlatform
from core.adapters.sql.engine import open_engine
from core.adapters.sql.store import SqlStore
from core.bootstrap import states_by_flow
from core.codes import code_of
from core.digests import phone_digest
from core.flows.identifier import identifier_flow
from core.identifiers import clean_identifier
from core.phones import Phone
from core.platform import Registered
from core.policy import Policy
from core.ports import Recovery, SessionRecord
from core.pseudonyms import Pseudonyms
from core.reissue import CodeSent, Number, Opened, Terms
from tests.support.product.post import Voter
from tests.support.product.site import Product

FLOW = identifier_flow(Policy()).flow.slug
NOBODYS = "$argon2id$v=19$m=8,t=1,p=1$nobodys$nobodys"
"""A hash that no password has: these voters came by another way than signing in."""
SESSION = timedelta(minutes=30)


@dataclass(frozen=True)
class Inside:
    """What stands in the product's database, by the product's own adapters."""

    store: SqlStore
    vault: KeyVault

    def signed_in(self, voters: Sequence[Voter]) -> list[str]:
        """A session for each of those voters, who now have a password that nobody knows: the header that holds it."""
        now, made = datetime.now(UTC), []
        with self.store.write() as transaction:
            for each in voters:
                voter = transaction.voters.by_address(each.email)
                assert voter is not None
                if voter.password is None:
                    transaction.voters.choose_password(voter.id, NOBODYS, epoch=voter.epoch, at=now)
                token, epoch = tokens.new_token(SystemEntropy()), voter.epoch + (voter.password is None)
                record = SessionRecord(digest=tokens.digest(token), voter=voter.id, epoch=epoch, expires=now + SESSION)
                transaction.sessions.open(record)
                made.append(f"session={token}")
        return made

    def awaiting_code(self, voter: Voter, phone: Phone) -> str:
        """Puts that voter where a code has gone to that number (ID-3); the case."""
        number, now = tokens.new_case_number(SystemEntropy()), datetime.now(UTC)
        with self.store.write() as transaction:
            found = transaction.voters.by_address(voter.email)
            assert found is not None
            state = Opened(voter=found.id, epoch=found.epoch).send_code(
                self._number(number, phone), now, Terms.of(Policy())
            )
            case = Recovery(handle=SystemEntropy().token(32), number=number, flow=FLOW, state=state, began=now)
            assert transaction.recoveries.add(case, voter=found.id)
            transaction.awaited_codes.expect(state.number.digest, number, state.code.valid_until)
        return number

    def _number(self, case: str, phone: Phone) -> Number:
        return Number(
            sealed=self.vault.seal(purposes.PHONE_NUMBER, phone.e164.encode(), context=case.encode()),
            digest=phone_digest(self.vault, phone.e164),
            ending=phone.ending,
            region=phone.region,
        )

    def code(self, voter: Voter) -> str | None:
        """The code that the voter's last case awaits, if it awaits one."""
        with self.store.read() as transaction:
            found = transaction.voters.by_address(voter.email)
            case = None if found is None else transaction.recoveries.latest(found.id, FLOW)
        if case is None or not isinstance(case.state, CodeSent):
            return None
        return code_of(self.vault, case.number, case.state.code.ordinal)

    @property
    def platform_key(self) -> bytes:
        """As the house derives the one it shares with nobody but itself."""
        return self.vault.digest(purposes.PLATFORM, b"shared key")

    def registered(self, voter: Voter) -> Registered | None:
        """What the voting platform keeps of that voter."""
        with self.store.read() as transaction:
            return transaction.registry.find(self._pseudonym(voter))

    def votes(self, voter: Voter, identifier: str) -> bool:
        """Whether that voter could vote with that identifier now."""
        symbols = clean_identifier(identifier)
        assert symbols is not None
        return EmbeddedPlatform(self.store).verify(self._pseudonym(voter), symbols, self.platform_key)

    def _pseudonym(self, voter: Voter) -> str:
        pseudonyms = Pseudonyms(self.platform_key)
        return pseudonyms.told(pseudonyms.kept(voter.numen))


@contextmanager
def inside(product: Product) -> Iterator[Inside]:
    """Open until the end of the block."""
    engine = open_engine(product.database or f"sqlite:///{product.folder / 'retrouve.sqlite3'}")
    store = SqlStore(engine, states_by_flow(Policy()))
    try:
        yield Inside(store, KeyVault(keys.read(product.folder / keys.FILE), SystemEntropy()))
    finally:
        store.close()
