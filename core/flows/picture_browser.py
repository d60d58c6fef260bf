"""Interfaces for taking the screenshots of the help pages."""

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
    """The website in one language. The screenshots show its pages."""

    language: Language
    address: str
    port: int
    calendar: Calendar
    voter_email: str

    @property
    def dependencies(self) -> Dependencies: ...

    @property
    def last_sms_text(self) -> str:
        """Text of the last SMS to the voter, or an empty string."""

    def begin_new_walk(self, walk: str) -> None:
        """Start with a new election. `walk` is the seed for random numbers."""

    def set_clock(self, moment: datetime) -> None: ...

    def deliver_messages(self) -> None: ...

    def voter_transaction(self, *, other: bool = False) -> AbstractContextManager[tuple[Transaction, Voter]]:
        """Yield a transaction and the fictional voter, or another voter if `other` is True."""

    def report_last_sms(self, delivery: SmsDeliveryStatus) -> None:
        pass


class PictureBrowser(Protocol):
    @property
    def site(self) -> PictureSite: ...

    @property
    def flow(self) -> Flow: ...

    def in_first_flow(self) -> "PictureBrowser":
        """Return a browser for the first flow. That flow needs no sign-in."""

    def go_to_first_step(self) -> None: ...

    def go_to_step(self, step: Step) -> None: ...

    def go_to_next_step(self, step: Step) -> None: ...

    def go_until_refused(self) -> None: ...

    def repeat_mistake(self, error: type[FieldRejected]) -> None:
        """Repeat a mistake in a form until the site shows another page."""

    def open(self, path: str) -> None: ...

    def open_step(self, step: Step) -> None:
        pass

    def fill_in_and_press(self, action: Action[object]) -> None:
        """Fill in the fields of an action with example values, and press its button."""

    def open_message(self, message: MailOrSmsText) -> None:
        """Open the newest email or SMS, and check that it is `message`."""

    def link_of_mail(self) -> str: ...

    def walk_to_recovery_link(self) -> str:
        """Go through the flow to the recovery email, and return its link."""


WalkToRefusal = Callable[[PictureBrowser, Step], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureScenarios:
    leads_on: frozenset[type[object]] = frozenset()
    """Form classes of the actions that lead to the next step."""
    entrances: Mapping[str, Callable[[PictureBrowser], None]] = field(default_factory=dict)
    """Functions that reach the first step despite a refusal. The keys are refusal ids."""
    side_steps: Mapping[type[object], Callable[[PictureBrowser], None]] = field(default_factory=dict)
    """Functions that prepare the steps outside the main sequence. The keys are form classes."""
    refusals: Mapping[str, WalkToRefusal] = field(default_factory=dict)
    pauses: Mapping[type[object], Callable[[Policy], timedelta]] = field(default_factory=dict)
    """How long an action is unavailable at first. The keys are form classes."""
    answers: Mapping[str, Callable[[PictureBrowser], None]] = field(default_factory=dict)
    """Functions that send a written answer from the helpdesk. The keys are flow slugs."""

    def __or__(self, other: "PictureScenarios") -> "PictureScenarios":
        return PictureScenarios(
            leads_on=self.leads_on | other.leads_on,
            entrances={**self.entrances, **other.entrances},
            side_steps={**self.side_steps, **other.side_steps},
            refusals={**self.refusals, **other.refusals},
            pauses={**self.pauses, **other.pauses},
            answers={**self.answers, **other.answers},
        )


def go_to_refusal_after_repeating(error: type[FieldRejected]) -> WalkToRefusal:
    """Return a function that repeats a mistake until the site refuses to continue."""
    return lambda walker, _step: walker.repeat_mistake(error)


def _open_step_at(walker: PictureBrowser, step: Step, moment: datetime) -> None:
    walker.site.set_clock(moment)
    walker.open_step(step)


SHARED = PictureScenarios(
    refusals={
        errors.NotYetOpen.id: lambda walker, step: _open_step_at(
            walker, step, walker.site.dependencies.calendar.recovery_opens - DAY
        ),
        errors.VoteClosed.id: lambda walker, step: _open_step_at(
            walker, step, walker.site.dependencies.calendar.vote_closes
        ),
    }
)
"""Scenarios that all flows share: the refusals before the service opens and after the vote."""
