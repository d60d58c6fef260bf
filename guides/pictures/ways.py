"""How a walk gets where a flow's own acts do not lead: to what its first step asks for, and to every refusal.

Refusals are known by their class, acts by the answer they make: nothing here names a step or a flow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core import errors
from core.flows.identifier import AnotherTry
from core.flows.password import EXAMPLE_PASSWORD, Forgotten, SignIn
from core.phones import Phone
from core.places import LINK_PATH, STOP_PATH
from core.steps import Act, Field, FieldKind, Flow, Rejected, Slip, Step, Tell
from guides.pictures import PictureRefused
from guides.pictures.walk import Walk, elsewhere, examples

TURNINGS: frozenset[type[object]] = frozenset({Forgotten})
"""The answers that lead to the next step where there are several ways on."""
MANY = 50
"""More than any limit of tries."""


class NotMet(PictureRefused):
    """No way leads to that refusal, or it led to another page."""

    def __init__(self, refusal: str, shown: str = "") -> None:
        super().__init__(f"{refusal}: the screen shows {shown}" if shown else f"{refusal}: no way is known to meet it")


@dataclass
class Guide:
    """A walk through one flow of an election that has others; the first of them is the lost password's."""

    walk: Walk
    flows: Sequence[Flow]
    flow: Flow
    _closed_by: str = field(default="", init=False)
    """The refusal that stands before the first step, once it was met: nobody knocks twice at a closed door."""

    @property
    def first_flow(self) -> Flow:
        """The one that anybody can begin."""
        return self.flows[0]

    def enter(self) -> None:
        """To the flow's first step. Whoever is refused there meets first what the refusal asks for."""
        if not self._closed_by:
            self.walk.open_step(self.flow, self.flow.steps[0])
            self._closed_by = self.walk.screen().refusal
        if self._closed_by:
            ENTRANCES[self._closed_by](self)

    def arrive(self, step: Step) -> None:
        """To that step, from the beginning."""
        self.enter()
        if aside(step):
            self.walk.advance_to(self.flow, self.end)
            ASIDE[answer_at(step)](self)
            self.walk.open_step(self.flow, step)
        else:
            self.walk.advance_to(self.flow, step)

    @property
    def end(self) -> Step:
        """The last step of the way through."""
        return [step for step in self.flow.steps if not aside(step)][-1]

    def meet(self, refusal: str, step: Step) -> None:
        """To that refusal, as one meets it at that step. Raises NotMet."""
        if refusal not in WAYS:
            raise NotMet(refusal)
        WAYS[refusal](self, step)
        screen = self.walk.screen()
        if screen.refusal != refusal:
            raise NotMet(refusal, screen.refusal or screen.code)

    def complete_first(self) -> None:
        """The whole way to a password."""
        first = Guide(self.walk, self.flows, self.first_flow)
        first.arrive(self.first_flow.steps[-1])

    def open_notice(self) -> None:
        """The message that follows a new password."""
        last = self.first_flow.steps[-1]
        if not isinstance(last, Tell) or last.message is None:
            raise LookupError("the first flow ends without a notice")
        self.walk.open_message(last.message)

    def sign_in(self) -> None:
        """With the password of the example, as who has it already."""
        self.walk.stage.give_password(EXAMPLE_PASSWORD)
        self.walk.open("/")
        for step in self.first_flow.steps:
            act = next((act for act in step.acts if act.answers is SignIn), None)
            self.walk.fill(examples(act or step.acts[0]))
            self.walk.press(act or step.acts[0])
            if act is not None:
                return

    def on_until_refused(self) -> None:
        """The way on from the first step, as far as it goes."""
        for step in self.flow.steps:
            if self.walk.screen().refusal:
                return
            act = min(step.acts, key=lambda act: act.answers not in TURNINGS)
            self.walk.fill(self.walk.typed_at(act))
            self.walk.press(act)

    def repeat(self, told: type[Rejected]) -> None:
        """What is typed wrong to be told that, again and again until something else is said."""
        step = next(step for step in self.flow.steps if any(slip.told is told for _, slip in slips_of(step)))
        self.arrive(step)
        act, slip = next((act, slip) for act, slip in slips_of(step) if slip.told is told)
        for _ in range(MANY):
            self.walk.fill({**examples(act), **slip.typed})
            self.walk.press(act)
            if self.walk.screen().refusal:
                return

    def link(self) -> str:
        """The link of the message that leads on, in a recovery that has come so far."""
        self.arrive(next(step for step in self.flow.steps if elsewhere(step)))
        return self.walk.link_of_mail()


def slips_of(step: Step) -> Iterator[tuple[Act[object], Slip]]:
    """What can be typed wrong at a step, and the act whose button is pressed then."""
    for act in step.acts:
        for each in act.fields:
            for slip in each.slips:
                yield act, slip


def answer_at(step: Step) -> type[object]:
    """By which a step is known here: the answer of its first act."""
    return step.acts[0].answers if step.acts else type(None)


def aside(step: Step) -> bool:
    """Whether the way through a flow does not lead to that step."""
    return answer_at(step) in ASIDE


ASIDE: Mapping[type[object], Callable[[Guide], None]] = {AnotherTry: lambda guide: guide.walk.stage.lose_last_text()}
"""What must happen at the end of the way, so that another step is open instead; known by what one can answer there."""

# ── The entrances ────────────────────────────────────────────────────────────────────────────────────────


def _by_signing_in(guide: Guide) -> None:
    guide.sign_in()
    guide.walk.open_step(guide.flow, guide.flow.steps[0])


def _by_the_notice(guide: Guide) -> None:
    guide.complete_first()
    guide.open_notice()
    guide.walk.open(guide.walk.link_of_mail())


ENTRANCES: Mapping[str, Callable[[Guide], None]] = {
    errors.SignInNeeded.id: _by_signing_in,
    errors.StopLinkUnknown.id: _by_the_notice,
}

# ── The refusals ─────────────────────────────────────────────────────────────────────────────────────────


def _too_early(guide: Guide, _step: Step) -> None:
    _when(guide, guide.walk.stage.calendar.recovery_opens - timedelta(days=1))


def _too_late(guide: Guide, _step: Step) -> None:
    _when(guide, guide.walk.stage.calendar.vote_closes)


def _when(guide: Guide, moment: datetime) -> None:
    """Nobody is signed in then: every way begins, and is stopped, in the first flow."""
    guide.walk.stage.clock.at = moment
    first = Guide(guide.walk, guide.flows, guide.first_flow)
    first.enter()
    first.on_until_refused()


def _after(told: type[Rejected]) -> Callable[[Guide, Step], None]:
    def repeat(guide: Guide, _step: Step) -> None:
        guide.repeat(told)

    return repeat


def _frozen(guide: Guide, _step: Step) -> None:
    guide.walk.stage.freeze()
    guide.sign_in()


def _expired(guide: Guide, _step: Step) -> None:
    link = guide.link()
    guide.walk.stage.clock.move(minutes=guide.walk.stage.policy.link_valid_minutes)
    guide.walk.open(link)


def _damaged(guide: Guide, _step: Step) -> None:
    guide.walk.open(guide.link()[:-4])


def _unknown(guide: Guide, _step: Step) -> None:
    token = guide.link().rpartition("/")[2]
    guide.walk.open(LINK_PATH + token[::-1])


def _used(guide: Guide, step: Step) -> None:
    link = guide.link()
    for each in guide.flow.steps[guide.flow.steps.index(step) : -1]:
        guide.walk.advance(guide.flow, each)
    guide.walk.open(link)


def _replaced(guide: Guide, step: Step) -> None:
    link = guide.link()
    _used(guide, step)
    guide.walk.open(link)


def _not_signed_in(guide: Guide, step: Step) -> None:
    guide.walk.open_step(guide.flow, step)


def _damaged_stop(guide: Guide, _step: Step) -> None:
    guide.walk.open(f"{STOP_PATH}court")


def _none_left(guide: Guide, _step: Step) -> None:
    guide.enter()
    guide.walk.stage.spend_reissues()
    guide.on_until_refused()


def _under_way(guide: Guide, _step: Step) -> None:
    guide.enter()
    guide.walk.stage.keep_a_reissue_going()
    guide.on_until_refused()


def _phone_taken(guide: Guide, _step: Step) -> None:
    step = next(step for step in guide.flow.steps if _field(step, FieldKind.PHONE))
    each = _field(step, FieldKind.PHONE)
    if each is not None and isinstance(phone := each.parse(each.example), Phone):
        guide.walk.stage.give_phone_away(phone.e164)
    guide.enter()
    guide.on_until_refused()


def _field(step: Step, kind: FieldKind) -> Field[object] | None:
    return next((each for act in step.acts for each in act.fields if each.kind is kind), None)


WAYS: Mapping[str, Callable[[Guide, Step], None]] = {
    errors.NotYetOpen.id: _too_early,
    errors.VoteClosed.id: _too_late,
    errors.TooManySignIns.id: _after(errors.WrongPassword),
    errors.TooManyMatchings.id: _after(errors.IdentityUnmatched),
    errors.TooManyCodes.id: _after(errors.WrongCode),
    errors.PhoneTaken.id: _phone_taken,
    errors.NoReissueLeft.id: _none_left,
    errors.ReissueUnderWay.id: _under_way,
    errors.AccountFrozen.id: _frozen,
    errors.LinkExpired.id: _expired,
    errors.LinkDamaged.id: _damaged,
    errors.LinkUnknown.id: _unknown,
    errors.LinkUsed.id: _used,
    errors.LinkReplaced.id: _replaced,
    errors.SignInNeeded.id: _not_signed_in,
    errors.StopLinkUnknown.id: _damaged_stop,
}
