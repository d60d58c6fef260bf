"""Opens the database and the keys of a running product. Tests use this to prepare races and to read their results."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.adapters import key_vault
from core.adapters.embedded_voting_platform import EmbeddedVotingPlatform
from core.adapters.key_vault import KeyVault
from core.adapters.random_source import SystemRandomSource
from core.adapters.sql.engine import open_engine
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.store import SqlStore
from core.flows.registry import states_by_flow
from core.ports import SignInSession
from core.security import key_purposes, tokens
from core.security.digests import PlatformPseudonyms
from core.security.voting_identifiers import clean_identifier
from tests.support.product.site import DemoVoter, RunningProduct

UNKNOWN_PASSWORD_HASH = "$argon2id$v=19$m=8,t=1,p=1$nobodys$nobodys"
"""A stored password hash that matches no password."""
SESSION = timedelta(hours=12)
"""Life of the sessions that `signed_in` makes. It is longer than any drill, because probes sign in only once."""


@dataclass(frozen=True)
class Inside:
    store: SqlStore
    vault: KeyVault

    def signed_in(self, voters: Sequence[DemoVoter]) -> list[str]:
        """Sign in voters without a usable password. Returns the Cookie header of each."""
        now, made = datetime.now(UTC), []
        with self.store.write() as transaction:
            for each in voters:
                voter = transaction.voters.by_address(each.email)
                assert voter is not None
                if voter.password is None:
                    transaction.voters.set_password_hash(voter.id, UNKNOWN_PASSWORD_HASH, epoch=voter.epoch, at=now)
                token, epoch = tokens.new_token(SystemRandomSource()), voter.epoch + (voter.password is None)
                record = SignInSession(digest=tokens.digest(token), voter=voter.id, epoch=epoch, expires=now + SESSION)
                transaction.sessions.open(record)
                made.append(f"session={token}")
        return made

    @property
    def platform_key(self) -> bytes:
        """Key that Retrouve shares with the embedded voting platform."""
        return self.vault.digest(key_purposes.PLATFORM, b"shared key")

    def votes(self, voter: DemoVoter, identifier: str) -> bool:
        """Return whether a voter could vote with an identifier now."""
        symbols = clean_identifier(identifier)
        assert symbols is not None
        return EmbeddedVotingPlatform(self.store).is_in_force(self._pseudonym(voter), symbols, self.platform_key)

    def _pseudonym(self, voter: DemoVoter) -> str:
        pseudonyms = PlatformPseudonyms(self.platform_key)
        return pseudonyms.platform_pseudonym(pseudonyms.stored_pseudonym(voter.numen))


@contextmanager
def inside(product: RunningProduct) -> Iterator[Inside]:
    """Open the database and the keys of a product while the block runs."""
    engine = open_engine(product.database or f"sqlite:///{product.folder / 'retrouve.sqlite3'}")
    vault = KeyVault(key_vault.read_key_file(product.folder / key_vault.FILE), SystemRandomSource())
    store = SqlStore(engine, states_by_flow(), RowAuthenticator(vault))
    try:
        yield Inside(store, vault)
    finally:
        store.close()
