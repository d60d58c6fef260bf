"""The interfaces between a flow's scenarios, the browser that takes the help's pictures, and the site that it walks."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from core.flows.dependencies import Dependencies
from core.forms import errors
from core.forms.flow_model import Action, FieldRejected, Flow, MailOrSmsText, Step
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.ports import SmsDeliveryStatus, Transaction, Voter
from core.text.text import Language

DAY = timedelta(days=1)


class PictureSite(Protocol):
    """A running site in one language, with an election of its own for each walk."""

    language: Language
    address: str
    """The address that voters type, without a trailing slash."""
    port: int
    """The loopback port at which the site is served."""
    calendar: Calendar
    voter_email: str
    """The mailbox of the voter in the fields' examples."""

    @property
    def dependencies(self) -> Dependencies:
        """The rules and the store of the present walk."""

    @property
    def last_sms_text(self) -> str:
        """The newest SMS on the voter's telephone, or nothing."""

    def begin_new_walk(self, walk: str) -> None:
        """Begin an election in which nothing has happened, with the same random numbers for the same name."""

    def set_clock(self, moment: datetime) -> None:
        """Set the time of the whole product."""

    def deliver_messages(self) -> None:
        """Send the waiting messages."""

    def voter_transaction(self, *, other: bool = False) -> AbstractContextManager[tuple[Transaction, Voter]]:
        """A transaction of the present walk, and its voter, or another one."""

    def report_last_sms(self, delivery: SmsDeliveryStatus) -> None:
        """Report that delivery of the newest SMS, as the operator would."""


class PictureBrowser(Protocol):
    """A browser that walks one flow of the site as the fictional voter."""

    @property
    def site(self) -> PictureSite:
        """The site that is walked."""

    @property
    def flow(self) -> Flow:
        """The flow that is walked."""

    def in_first_flow(self) -> "PictureBrowser":
        """The same browser, which walks the first flow instead: the one that anybody can begin."""

    def go_to_first_step(self) -> None:
        """Go to the flow's first step, by its entrance if it has one."""

    def go_to_step(self, step: Step) -> None:
        """Go to that step from the beginning."""

    def go_to_next_step(self, step: Step) -> None:
        """Go from that step, which is on the page, to the next one."""

    def go_until_refused(self) -> None:
        """Go on from the first step until the site refuses."""

    def repeat_mistake(self, error: type[FieldRejected]) -> None:
        """Repeat that mistake until the page shows something else."""

    def open(self, path: str) -> None:
        """Open a path of the site, or a link of a mail."""

    def open_step(self, step: Step) -> None:
        """Open the path of a step; the site may lead elsewhere."""

    def fill_in_and_press(self, action: Action[object]) -> None:
        """Type the examples of an action's fields and press its button."""

    def open_message(self, message: MailOrSmsText) -> None:
        """Open the voter's newest mail, which must be that one."""

    def link_of_mail(self) -> str:
        """The address of the one link in the open mail."""

    def walk_to_recovery_link(self) -> str:
        """Walk as far as the mail with the recovery link; return the link."""


Meeting = Callable[[PictureBrowser, Step], None]
"""Meets a refusal at a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureScenarios:
    """The flows' instructions for a walk. Steps are known by the answers of their first action, refusals by their ids."""

    leads_on: frozenset[type[object]] = frozenset()
    """The answers that lead to the next step where a step offers several."""
    entrances: Mapping[str, Callable[[PictureBrowser], None]] = field(default_factory=dict)
    """The answers that lead past a refusal before the first step."""
    side_steps: Mapping[type[object], Callable[[PictureBrowser], None]] = field(default_factory=dict)
    """Preparations for each side step, by its answer: they make the walk show it instead of the usual last step."""
    refusals: Mapping[str, Meeting] = field(default_factory=dict)
    pauses: Mapping[type[object], Callable[[Policy], timedelta]] = field(default_factory=dict)
    """Time that an action stays closed before it can be chosen, by its answer."""
    answers: Mapping[str, Callable[[PictureBrowser], None]] = field(default_factory=dict)
    """The desk's answers in writing, by the slug of the flow whose last step awaits one."""

    def __or__(self, other: "PictureScenarios") -> "PictureScenarios":
        return PictureScenarios(
            leads_on=self.leads_on | other.leads_on,
            entrances={**self.entrances, **other.entrances},
            side_steps={**self.side_steps, **other.side_steps},
            refusals={**self.refusals, **other.refusals},
            pauses={**self.pauses, **other.pauses},
            answers={**self.answers, **other.answers},
        )


def go_to_refusal_after_repeating(error: type[FieldRejected]) -> Meeting:
    """Return the scenario that repeats one mistake until the refusal that follows too many of them."""
    return lambda walker, _step: walker.repeat_mistake(error)


def _at(walker: PictureBrowser, moment: datetime) -> None:
    """Meet the refusal of that moment in the first flow, where every way begins: nobody is signed in then."""
    walker.site.set_clock(moment)
    first = walker.in_first_flow()
    first.go_to_first_step()
    first.go_until_refused()


SHARED = PictureScenarios(
    refusals={
        errors.NotYetOpen.id: lambda walker, _step: _at(walker, walker.site.dependencies.calendar.recovery_opens - DAY),
        errors.VoteClosed.id: lambda walker, _step: _at(walker, walker.site.dependencies.calendar.vote_closes),
    }
)
"""The refusals of the calendar, which any flow may meet."""
