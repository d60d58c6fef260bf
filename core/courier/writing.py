"""Writes each message the courier sends: which words, to whom, with which facts and which link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from core import purposes
from core.flows.identifier import IdentifierFlow
from core.flows.password import PasswordFlow
from core.flows.stop import Matter, StopFlow
from core.journal import checkpoints
from core.places import link_address, stop_address
from core.ports import Checkpoint, Composer, Envelope, Parcel, ParcelKind, Voter
from core.recovery import Asking
from core.reissue import GivenUp, Undelivered
from core.reissue_journey import failure_facts
from core.service.identifier.outcomes import ending_of
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
    identifier: IdentifierFlow
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

    def notice(self, parcel: Parcel, voter: Voter, state: object) -> Envelope | None:
        """The notice that parcel is; None where its case no longer bears it out."""
        match parcel.kind:
            case ParcelKind.STOPPED:
                return self.stopped(parcel, voter)
            case ParcelKind.FROZEN:
                return self.frozen(parcel, voter)
            case ParcelKind.REOPENED:
                return self.reopened(parcel, voter)
            case ParcelKind.REISSUED:
                return self.reissued(parcel, voter, state)
            case ParcelKind.UNDELIVERED:
                return self.undelivered(parcel, voter, state)
            case _:
                return self.changed(parcel, voter)

    def changed(self, parcel: Parcel, voter: Voter) -> Envelope:
        """The notice of a new password, with the way to stop it."""
        facts = {"changed_at": Moment(self.tools.calendar.local(parcel.created))}
        link = self._stop_address(parcel, voter, Matter.PASSWORD)
        return self._to_voter(self.password.notice, parcel, voter, facts, link=link)

    def reissued(self, parcel: Parcel, voter: Voter, state: object) -> Envelope | None:
        """The notice of a new identifier, at once, with the way to stop it; without a number it was given up already."""
        ending = ending_of(state)
        if ending is None:
            return None
        facts = {"requested_at": Moment(self.tools.calendar.local(parcel.created)), "ending": ending}
        link = self._stop_address(parcel, voter, Matter.IDENTIFIER)
        return self._to_voter(self.identifier.notice, parcel, voter, facts, link=link)

    def undelivered(self, parcel: Parcel, voter: Voter, state: object) -> Envelope | None:
        """The notice that an identifier cannot have arrived; none when it has, after all."""
        if not isinstance(state, Undelivered | GivenUp):
            return None
        return self._to_voter(self.identifier.failure_mail, parcel, voter, failure_facts(state), link=None)

    def _stop_address(self, parcel: Parcel, voter: Voter, matter: Matter) -> str:
        notice = Notice(voter=voter.id, case=parcel.case, changed=parcel.created, matter=matter)
        return stop_address(self.tools.election.site, stop_token(self.tools.vault, notice))

    def stopped(self, parcel: Parcel, _voter: Voter) -> Envelope:
        """To the desk: a voter has frozen their account. The mail names the case, not the person."""
        facts = {"frozen_at": Moment(self.tools.calendar.local(parcel.created))}
        return self._compose(
            self.stop.desk_notice, parcel, to=self.desk_address, facts=facts, language=Language.FRENCH, link=None
        )

    def frozen(self, parcel: Parcel, voter: Voter) -> Envelope:
        """To the voter: the desk has frozen their account."""
        facts = {"frozen_at": Moment(self.tools.calendar.local(parcel.created))}
        return self._to_voter(self.stop.frozen_notice, parcel, voter, facts, link=None)

    def reopened(self, parcel: Parcel, voter: Voter) -> Envelope:
        """To the voter: the desk has opened their account again."""
        facts = {"reopened_at": Moment(self.tools.calendar.local(parcel.created))}
        return self._to_voter(self.stop.reopened_notice, parcel, voter, facts, link=None)

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
