"""Mails with a link, one of them composed ahead: while a database server writes a decision for good, the next one's mail is made."""

from contextlib import suppress
from dataclasses import dataclass, field

from core import tokens
from core.courier.asks import Ask, Asks
from core.courier.writing import Writer
from core.ports import Envelope, Voter
from core.service.tools import Tools


@dataclass(frozen=True, slots=True)
class Draft:
    """A token and its mail. It means nothing until its ask is decided, and is forgotten when that is looked up again."""

    ask: Ask
    token: str
    envelope: Envelope


@dataclass(slots=True)
class Drafts:
    """The one that is made ahead, if there is one."""

    tools: Tools
    writer: Writer
    asks: Asks
    _ahead: Draft | None = field(default=None, init=False)

    def of(self, ask: Ask, voter: Voter) -> Draft:
        """The mail that answers an ask of that voter."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead.ask.parcel is ask.parcel and ahead.ask.reader is ask.reader:
            return ahead
        return self._draft(ask, voter)

    def compose_ahead(self) -> None:
        """The next ask's, if its address is known. What cannot be composed fails in its own turn, not here."""
        ask = self.asks.next
        if ask is not None and ask.reader is not None:
            with suppress(Exception):
                self._ahead = self._draft(ask, ask.reader.voter)

    def _draft(self, ask: Ask, voter: Voter) -> Draft:
        token = tokens.new_token(self.tools.entropy)
        return Draft(ask, token, self.writer.link(ask.parcel, voter, ask.state.asking, token))
