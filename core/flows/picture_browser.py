"""Interfaces between a flow's screenshot scenarios, the browser that takes the screenshots, and the site."""

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
    """A running site in one language. Each walk has its own election."""

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
        """The latest SMS on the voter's telephone, or an empty string."""

    def begin_new_walk(self, walk: str) -> None:
        """Start a new election. The same name gives the same random numbers."""

    def set_clock(self, moment: datetime) -> None:
        """Set the clock of the site."""

    def deliver_messages(self) -> None:
        """Send the waiting messages."""

    def voter_transaction(self, *, other: bool = False) -> AbstractContextManager[tuple[Transaction, Voter]]:
        """Open a transaction of the present walk. Yield it with the voter, or with another voter."""

    def report_last_sms(self, delivery: SmsDeliveryStatus) -> None:
        """Report the delivery of the latest SMS, as the operator would."""


class PictureBrowser(Protocol):
    """A browser that walks one flow of the site as the fictional voter."""

    @property
    def site(self) -> PictureSite:
        """The site that is walked."""

    @property
    def flow(self) -> Flow:
        """The flow that is walked."""

    def in_first_flow(self) -> "PictureBrowser":
        """Return the same browser in the first flow, which anybody can begin."""

    def go_to_first_step(self) -> None:
        """Go to the flow's first step, by its entrance if it has one."""

    def go_to_step(self, step: Step) -> None:
        """Go to that step from the beginning."""

    def go_to_next_step(self, step: Step) -> None:
        """Go to the step after `step`, which is on the page."""

    def go_until_refused(self) -> None:
        """Continue from the first step until the site refuses."""

    def repeat_mistake(self, error: type[FieldRejected]) -> None:
        """Repeat that mistake until the page shows something else."""

    def open(self, path: str) -> None:
        """Open a path of the site, or a link of a mail."""

    def open_step(self, step: Step) -> None:
        """Open the path of a step. The site may show another step."""

    def fill_in_and_press(self, action: Action[object]) -> None:
        """Type the examples of an action's fields and press its button."""

    def open_message(self, message: MailOrSmsText) -> None:
        """Open the voter's newest mail, which must be that one."""

    def link_of_mail(self) -> str:
        """Return the only link in the open mail."""

    def walk_to_recovery_link(self) -> str:
        """Walk to the mail with the recovery link. Return the link."""


Meeting = Callable[[PictureBrowser, Step], None]
"""Walks to a refusal at a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureScenarios:
    """Instructions for walking the flows. Steps are known by the answers of their first action, refusals by id."""

    leads_on: frozenset[type[object]] = frozenset()
    """The answers that lead to the next step, for steps with several actions."""
    entrances: Mapping[str, Callable[[PictureBrowser], None]] = field(default_factory=dict)
    """Functions that get past a refusal before the first step, by the refusal's id."""
    side_steps: Mapping[type[object], Callable[[PictureBrowser], None]] = field(default_factory=dict)
    """Preparations that lead the walk to a side step, by the answer of the step."""
    refusals: Mapping[str, Meeting] = field(default_factory=dict)
    pauses: Mapping[type[object], Callable[[Policy], timedelta]] = field(default_factory=dict)
    """How long an action is unavailable at first, by its answer."""
    answers: Mapping[str, Callable[[PictureBrowser], None]] = field(default_factory=dict)
    """The desk's written answers, by the slug of the flow."""

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
    """Return the scenario that repeats a mistake until the site refuses."""
    return lambda walker, _step: walker.repeat_mistake(error)


def _at(walker: PictureBrowser, moment: datetime) -> None:
    """Set the clock and walk to the refusal in the first flow, the only one that needs no sign-in."""
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
"""Refusals of the calendar, which occur in every flow."""
