"""Who may come to the desk: added, renewed and removed by the operator, on the service's own machine."""

from dataclasses import dataclass, field

import pyotp

from core.ports import Act, Actor, Agent, Durability, Event, Role, Transaction
from core.purposes import AGENT_CODE as PURPOSE
from core.service.tools import Tools, until_unmoved
from core.tokens import CASE_ALPHABET

FIRST_PASSWORD_SYMBOLS = 16
"""79 bits, said aloud in groups of four; it serves once."""
GROUP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the operator hands to an agent, once: nothing gives it back."""

    name: str
    role: Role
    first_password: str = field(repr=False)
    secret_uri: str = field(repr=False)
    """For the QR code that an authenticator application reads (otpauth)."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The agents' accounts."""

    tools: Tools

    def everyone(self) -> list[Agent]:
        """By name, removed ones too."""
        with self.tools.store.read() as transaction:
            return transaction.agents.all()

    def add(self, name: str, role: Role) -> Credentials | None:
        """Someone new, or None if that name was ever given."""
        made, secret = self._credentials(name, role)
        hashed, now = self.tools.hasher.hash(made.first_password), self.tools.clock.now()
        sealed = self._sealed(name, secret)
        with self.tools.store.write(Durability.FULL) as transaction:
            added = transaction.agents.add(name, role=role, password=hashed, secret=sealed, at=now)
            if added:
                self._note(transaction, Act.AGENT_ADDED, name, role)
        return made if added else None

    def renew(self, name: str, role: Role | None = None) -> Credentials | None:
        """A new first password and a new secret; whoever was on duty is no more. None if nobody has that name."""
        return until_unmoved(lambda: self._renew(name, role))

    def _renew(self, name: str, role: Role | None) -> Credentials | None:
        agent = self._named(name)
        if agent is None:
            return None
        made, secret = self._credentials(name, role or agent.role)
        hashed, sealed = self.tools.hasher.hash(made.first_password), self._sealed(name, secret)
        with self.tools.store.write(Durability.FULL) as transaction:
            transaction.agents.renew(agent.id, role=made.role, password=hashed, secret=sealed, epoch=agent.epoch)
            self._note(transaction, Act.AGENT_RENEWED, name, made.role)
        return made

    def remove(self, name: str) -> bool:
        """Ends it, and every duty of theirs. False if nobody has that name."""
        return until_unmoved(lambda: self._remove(name))

    def _remove(self, name: str) -> bool:
        agent, now = self._named(name), self.tools.clock.now()
        if agent is None or agent.removed is not None:
            return agent is not None
        with self.tools.store.write(Durability.FULL) as transaction:
            transaction.agents.remove(agent.id, epoch=agent.epoch, at=now)
            self._note(transaction, Act.AGENT_REMOVED, name, agent.role)
        return True

    def reseal(self) -> None:
        """Seals every secret with today's key, so that older keys may be retired. What none of the keys opens stays."""
        for agent in self.everyone():
            until_unmoved(lambda name=agent.name: self._reseal(name))  # type: ignore[misc]  # a default binds the loop's name

    def _reseal(self, name: str) -> None:
        agent = self._named(name)
        clear = None if agent is None else self.tools.vault.open(PURPOSE, agent.secret, context=name.encode())
        if agent is None or clear is None:
            return
        with self.tools.store.write(Durability.FULL) as transaction:
            transaction.agents.reseal(agent.id, self._sealed(name, clear.decode()), epoch=agent.epoch)

    def _named(self, name: str) -> Agent | None:
        with self.tools.store.read() as transaction:
            return transaction.agents.by_name(name)

    def _credentials(self, name: str, role: Role) -> tuple[Credentials, str]:
        symbols = self.tools.entropy.symbols(CASE_ALPHABET, FIRST_PASSWORD_SYMBOLS)
        groups = (symbols[start : start + GROUP] for start in range(0, len(symbols), GROUP))
        secret = pyotp.random_base32()
        uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=self.tools.election.name)
        return Credentials(name=name, role=role, first_password="-".join(groups), secret_uri=uri), secret

    def _sealed(self, name: str, secret: str) -> bytes:
        return self.tools.vault.seal(PURPOSE, secret.encode(), context=name.encode())

    def _note(self, transaction: Transaction, act: Act, name: str, role: Role) -> None:
        event = Event(at=self.tools.clock.now(), actor=Actor.OPERATOR, act=act, agent=name, reason=role)
        transaction.journal.write(event)
