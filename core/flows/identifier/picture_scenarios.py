from collections.abc import Iterable
from datetime import timedelta

from core.flows.identifier.confirmation_steps import (
    FollowIdentifierSmsAnswer,
    ResendConfirmationAnswer,
)
from core.flows.identifier.definition import SLUG, CallWithCodeAnswer, ResendCodeAnswer, RestartReissueAnswer
from core.flows.identifier.sent_security_code import ResendLimits
from core.flows.identifier.states import ReissueOpened
from core.flows.identifier.voter_limits import code_attempt_limit
from core.flows.picture_browser import PictureBrowser, PictureScenarios, go_to_refusal_after_repeating
from core.forms import errors
from core.forms.flow_model import FieldKind, Step
from core.forms.phone_number_parser import MobileNumber
from core.ports import CodeRequestOutcome, RecoveryCase, SmsDeliveryStatus
from core.security.digests import phone_digest

CUT = 4
"""Number of characters to remove from a link to make it incomplete."""


def _too_many_codes(walker: PictureBrowser, step: Step) -> None:
    if step is not walker.flow.steps[0]:
        walker.repeat_mistake(errors.WrongCode)
        return
    # During the pause, the first step has no form. The refusal answers a form that was opened before.
    walker.go_to_first_step()
    rules = walker.site.dependencies
    with walker.site.voter_transaction() as (transaction, voter):
        code_attempt_limit(rules.vault, rules.policy).pause(transaction, voter.id, rules.clock.now())
    walker.go_until_refused()


def _none_left(walker: PictureBrowser, _step: Step) -> None:
    walker.go_to_first_step()
    for slot in range(1, walker.site.dependencies.policy.reissues + 1):
        case = _reserve(walker, slot)
        with walker.site.voter_transaction() as (transaction, _):
            transaction.reissues.record_generation_in_force(case, slot)
            transaction.reissues.end(case, walker.site.dependencies.clock.now())
    walker.go_until_refused()


def _under_way(walker: PictureBrowser, _step: Step) -> None:
    walker.go_to_first_step()
    _reserve(walker, 1)
    walker.go_until_refused()


def _reserve(walker: PictureBrowser, slot: int) -> str:
    number, now = f"{'ABCDEFG'[slot]}234-5678", walker.site.dependencies.clock.now()
    with walker.site.voter_transaction() as (transaction, voter):
        state = ReissueOpened(voter=voter.id, epoch=voter.epoch - 1)
        case = RecoveryCase(handle=number.encode(), number=number, flow=SLUG, state=state, began=now)
        transaction.recoveries.add(case, voter=voter.id)
        transaction.reissues.reserve(number, voter.id, slot=slot, at=now)
    return number


def _phone_taken(walker: PictureBrowser, _step: Step) -> None:
    fields = (field for step in walker.flow.steps for action in step.actions for field in action.fields)
    phones = (field.parse(field.example) for field in fields if field.kind is FieldKind.PHONE)
    phone = next(phones)
    if isinstance(phone, MobileNumber):
        digest = phone_digest(walker.site.dependencies.vault, phone.e164)
        with walker.site.voter_transaction(other=True) as (transaction, other):
            transaction.reissues.claim_phone(digest, other.id, walker.site.dependencies.clock.now())
    walker.go_to_first_step()
    walker.go_until_refused()


def _many_sendings(walker: PictureBrowser, phones: Iterable[bytes]) -> None:
    with walker.site.voter_transaction() as (transaction, voter):
        for phone in phones:
            now = walker.site.dependencies.clock.now()
            transaction.code_sendings.add(voter.id, phone, now, CodeRequestOutcome.NOT_SENT)
    walker.go_to_first_step()
    walker.go_until_refused()


def _confirmation_expired(walker: PictureBrowser, _step: Step) -> None:
    link, rules = walker.walk_to_recovery_link(), walker.site.dependencies
    walker.site.set_clock(rules.clock.now() + timedelta(minutes=rules.policy.confirmation_valid_minutes))
    walker.open(link)


def _confirmation_used(walker: PictureBrowser, step: Step) -> None:
    link = walker.walk_to_recovery_link()
    walker.go_to_next_step(step)
    walker.go_to_next_step(walker.flow.steps[walker.flow.steps.index(step) + 1])
    walker.open(link)


def _confirmation_replaced(walker: PictureBrowser, _step: Step) -> None:
    link, begin = walker.walk_to_recovery_link(), walker.flow.steps[0]
    walker.open_step(begin)
    walker.fill_in_and_press(begin.actions[0])
    walker.open(link)


SCENARIOS = PictureScenarios(
    side_steps={
        RestartReissueAnswer: lambda walker: walker.site.report_last_sms(SmsDeliveryStatus.UNDELIVERED),
        FollowIdentifierSmsAnswer: lambda _walker: None,  # the browser that confirmed still holds the link
    },
    pauses={
        ResendCodeAnswer: lambda policy: ResendLimits.of_code(policy).pause,
        CallWithCodeAnswer: lambda policy: timedelta(seconds=policy.code_call_after_seconds),
        ResendConfirmationAnswer: lambda policy: ResendLimits.of_confirmation(policy).pause,
    },
    refusals={
        errors.TooManyIdentityAttempts.id: go_to_refusal_after_repeating(errors.IdentityNotMatched),
        errors.TooManyWrongCodes.id: _too_many_codes,
        errors.PhoneTaken.id: _phone_taken,
        errors.VoterSmsLimitReached.id: lambda walker, _step: _many_sendings(
            walker, [b"number"] * walker.site.dependencies.policy.sms_per_voter_per_hour
        ),
        errors.TooManyPhoneNumbers.id: lambda walker, _step: _many_sendings(
            walker, (b"%d" % number for number in range(walker.site.dependencies.policy.numbers_per_voter_per_hour))
        ),
        errors.NoReissueLeft.id: _none_left,
        errors.ReissueUnderWay.id: _under_way,
        errors.ConfirmationExpired.id: _confirmation_expired,
        errors.ConfirmationUnknown.id: lambda walker, _step: walker.open(walker.walk_to_recovery_link()[:-CUT]),
        errors.ConfirmationUsed.id: _confirmation_used,
        errors.ConfirmationReplaced.id: _confirmation_replaced,
    },
)
