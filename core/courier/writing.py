"""Writes each message the courier sends: which words, to whom, with which facts and which link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from core import purposes
from core.flows.password import PasswordFlow
from core.flows.stop import StopFlow
from core.journal import checkpoints
from core.places import link_address, stop_address
from core.ports import Checkpoint, Composer, Envelope, Parcel, Voter
from core.recovery import Asking
from core.service.stopping import Notice, stop_token
from core.service.tools import Tools
from core.steps import Message
from core.text import Language, Moment
from core.words.journal import CHECKPOINT_MAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """The words come from the flows; only their facts are found here."""

    tools: Tools
    composer: Composer
    password: PasswordFlow
    stop: StopFlow
    desk_address: str
    board_address: str | None

    def link(self, parcel: Parcel, voter: Voter, asking: Asking, token: str) -> Envelope:
        """The link, to the address on the roll."""
        address = link_address(self.tools.election.site, token)
        return self._to_voter(self.password.mail.message, parcel, voter, self._ask_facts(asking), link=address)

    def refusal(self, parcel: Parcel, voter: Voter, asking: Asking) -> Envelope:
        """To a frozen voter: no link, call the desk."""
        return self._to_voter(self.password.refusal_mail, parcel, voter, self._ask_facts(asking), link=None)

    def changed(self, parcel: Parcel, voter: Voter) -> Envelope:
        """The notice of a new password, with the way to stop it."""
        notice = Notice(voter=voter.id, case=parcel.case, changed=parcel.created)
        address = stop_address(self.tools.election.site, stop_token(self.tools.vault, notice))
        facts = {"changed_at": Moment(self.tools.calendar.local(parcel.created))}
        return self._to_voter(self.password.notice, parcel, voter, facts, link=address)

    def stopped(self, parcel: Parcel, _voter: Voter) -> Envelope:
        """To the desk: a voter has frozen their account. The mail names the case, not the person."""
        facts = {"frozen_at": Moment(self.tools.calendar.local(parcel.created))}
        return self._compose(
            self.stop.desk_notice, parcel, to=self.desk_address, facts=facts, language=Language.FRENCH, link=None
        )

    def checkpoint(self, parcel: Parcel, checkpoint: Checkpoint, to: str) -> Envelope:
        """To the board: nothing of any voter, and lines that it can check."""
        said, policy = checkpoints.said(checkpoint), self.tools.policy
        facts = {
            "checkpoint": str(checkpoint.number),
            "lines": said.lines,
            "made_at": Moment(self.tools.calendar.local(datetime.fromisoformat(said.made))),
            "checkpoint_lines": policy.checkpoint_lines,
            "checkpoint_minutes": policy.checkpoint_minutes,
        }
        message = replace(CHECKPOINT_MAIL, exact=checkpoints.shown(checkpoint))
        return self._compose(message, parcel, to=to, facts=facts, language=Language.FRENCH, link=None)

    def _ask_facts(self, asking: Asking) -> dict[str, object]:
        local = self.tools.calendar.local
        return {"asked_at": Moment(local(asking.at)), "until": Moment(local(asking.until))}

    def _to_voter(
        self, message: Message, parcel: Parcel, voter: Voter, facts: Mapping[str, object], *, link: str | None
    ) -> Envelope:
        named = {**facts, "first_name": voter.first_name, "last_name": voter.last_name}
        return self._compose(message, parcel, to=voter.email, facts=named, language=voter.language, link=link)

    def _compose(
        self,
        message: Message,
        parcel: Parcel,
        *,
        to: str,
        facts: Mapping[str, object],
        language: Language,
        link: str | None,
    ) -> Envelope:
        return self.composer.compose(
            message,
            to=to,
            facts={**facts, "case": parcel.case},
            language=language,
            link=link,
            case=parcel.case,
            message_key=self.tools.vault.digest(purposes.MESSAGE_ID, str(parcel.id).encode()),
            at=self.tools.calendar.local(self.tools.clock.now()),
        )
