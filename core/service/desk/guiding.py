"""Guiding a caller through a flow: every step in both voices, where the voter is, and the acts that help them on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core import errors
from core.answers import masked
from core.ports import Recovery, Transaction, Voter, Written
from core.service.desk.acts import DeskAct, Offer, barred, offer
from core.service.desk.following import Following
from core.service.desk.mailing import Mailing
from core.service.desk.proofs import Caller, Duty, Proofs
from core.service.desk.seeing import SeenStep, seen
from core.service.tools import Tools
from core.steps import Flow, Shown, Step, Tell
from core.text import Text

LINES_LOOKED_AT = 200


class Progress(StrEnum):
    """Where the voter stands to a step."""

    DONE = "done"
    PRESENT = "present"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class GuidedStep:
    """A step of a guide."""

    progress: Progress
    seen: SeenStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A flow, guided: `present` is the place of the step where the voter is, or may begin; `offers` what the agent may do."""

    flow: str
    """The slug."""
    title: Text
    voter: int | None
    case: str | None
    steps: tuple[GuidedStep, ...]
    present: int
    offers: tuple[Offer, ...]
    elsewhere: str | None = None
    """The code of the step where the voter is, when it is one of another flow."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A step found by its code, and the flow it belongs to."""

    flow: Text
    step: SeenStep


@dataclass(frozen=True, slots=True)
class Guiding:
    """Over every flow of the house."""

    tools: Tools
    proofs: Proofs
    following: Following
    mailing: Mailing

    @property
    def flows(self) -> tuple[Flow, ...]:
        """What can be guided, the first being where most callers begin."""
        return tuple(line.flow for line in self.following.reception.lines)

    def follow(self, duty: Duty, voter: int, flow: str, caller: Caller | None = None) -> Guide:
        """The guide as it stands now; cheap enough to be asked for twice a second. Raises DutyOver, VoterGone."""
        self.proofs.require_duty(duty)
        with self.tools.store.read() as transaction:
            found = transaction.voters.by_id(voter)
            if found is None:
                raise errors.VoterGone
            followed = {each.slug: self._followed(transaction, voter, each.slug) for each in self.flows}
        case, history = followed[flow]
        shown = None if case is None else self.following.present(case, history)
        offers = self._offers(duty, found, case, flow, caller)
        guide = self._guide(self.following.flow(flow), shown, self._facts(found, case), voter, offers)
        return replace(guide, elsewhere=self._elsewhere(flow, followed))

    def _elsewhere(self, flow: str, followed: Mapping[str, tuple[Recovery | None, Sequence[Written]]]) -> str | None:
        """Where what happened last did, unless that is here."""
        last = {slug: history[-1].line for slug, (_, history) in followed.items() if history}
        newest = max(last, key=lambda slug: last[slug], default=flow)
        case, history = followed[newest]
        return None if newest == flow or case is None else self.following.present(case, history).step.code

    def start_mail(self, duty: Duty, caller: Caller) -> str:
        """Asks for the mail to the address on the roll; returns the number of its new case.

        Raises CallerForgotten, VoterGone, FrozenForDesk, EnoughLinks, AskedTooSoon, NotYetOpen, VoteClosed, DutyOver, NotAllowed.
        """
        return self.mailing.start(duty, caller)

    def send_again(self, duty: Duty, caller: Caller, number: str) -> None:
        """Asks for it once more in that case. Raises NothingToSendAgain, and as `start_mail`."""
        self.mailing.send_again(duty, caller, number)

    def lookup(self, code: str) -> LookedUp | None:
        """Any step by its public code, as people type it: `MP-4`, `mp4`."""
        wanted = _bare(code)
        for flow in self.flows:
            for step in flow.steps:
                if wanted and _bare(step.code) == wanted:
                    return LookedUp(flow.title, seen(step, self._facts(None, None)))
        return None

    def _followed(self, transaction: Transaction, voter: int, flow: str) -> tuple[Recovery | None, list[Written]]:
        """The voter's latest case of that flow, unless it belongs to another call, long over."""
        case = transaction.recoveries.latest(voter, flow)
        if case is None:
            return None, []
        history = transaction.journal.case_history(case.number, LINES_LOOKED_AT)
        shown = self.following.present(case, history)
        last = history[-1].event.at if history else case.began
        return (None, []) if self._stale(shown.step, last) else (case, history)

    def _stale(self, step: Step, last: datetime) -> bool:
        policy = self.tools.policy
        minutes = policy.caller_valid_minutes if isinstance(step, Tell) else policy.link_valid_minutes
        return self.tools.clock.now() >= last + timedelta(minutes=minutes)

    def _guide(
        self, flow: Flow, shown: Shown | None, facts: Mapping[str, object], voter: int | None, offers: tuple[Offer, ...]
    ) -> Guide:
        present = 0 if shown is None else next(at for at, step in enumerate(flow.steps) if step is shown.step)
        known = facts if shown is None else {**shown.facts, **facts}
        return Guide(
            flow=flow.slug,
            title=flow.title,
            voter=voter,
            case=None if shown is None else shown.case,
            steps=tuple(
                GuidedStep(Progress.AHEAD if shown is None else _progress(at, present, flow.steps), seen(step, known))
                for at, step in enumerate(flow.steps)
            ),
            present=present,
            offers=offers,
        )

    def _facts(self, voter: Voter | None, case: Recovery | None) -> dict[str, object]:
        """What every step may name. An address is masked here whatever the voter sees: rule 11 keeps contacts from agents."""
        facts = self.tools.election.facts
        if case is not None:
            facts |= {"case": case.number, "address": self.following.address(case)}
        if voter is not None:
            facts |= {"first_name": voter.first_name, "last_name": voter.last_name}
            facts["masked_address"] = masked(voter.email)
            facts.setdefault("address", masked(voter.email))
        return facts

    def _offers(
        self, duty: Duty, voter: Voter, case: Recovery | None, flow: str, caller: Caller | None
    ) -> tuple[Offer, ...]:
        if flow != self.mailing.flow:
            return ()
        bar = barred(self.proofs, duty, voter.id, caller)
        reasons = self.mailing.reasons(voter, case)
        return tuple(offer(act, bar or reasons[act]) for act in (DeskAct.START_MAIL, DeskAct.SEND_AGAIN))


def _progress(at: int, present: int, steps: Sequence[Step]) -> Progress:
    """The end of the way is done once it is reached. At another end the way has failed: one goes on from there."""
    ends = [place for place, step in enumerate(steps) if isinstance(step, Tell)]
    if at == present:
        return Progress.DONE if ends[:1] == [at] else Progress.PRESENT
    return Progress.DONE if at < present and at not in ends else Progress.AHEAD


def _bare(code: str) -> str:
    return re.sub(r"[\W_]", "", code).upper()
