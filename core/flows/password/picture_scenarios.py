from datetime import timedelta

from core.flows.password.definition import ForgotPasswordAnswer, ResendRecoveryMailAnswer, SignInWithPasswordAnswer
from core.flows.password_rules import EXAMPLE_PASSWORD
from core.flows.picture_browser import PictureBrowser, PictureScenarios, go_to_refusal_after_repeating
from core.forms import errors
from core.forms.flow_model import Step
from core.text.urls import LINK_PATH

CUT = 4
"""Number of characters to remove from a link to make it incomplete."""


def sign_in(walker: PictureBrowser) -> None:
    hashed = walker.site.dependencies.hasher.hash(EXAMPLE_PASSWORD)
    with walker.site.voter_transaction() as (transaction, voter):
        transaction.voters.set_password_hash(
            voter.id, hashed, epoch=voter.epoch, at=walker.site.dependencies.clock.now()
        )
    first = walker.in_first_flow()
    first.open("/")
    for step in first.flow.steps:
        signing_in = next((action for action in step.actions if action.answers is SignInWithPasswordAnswer), None)
        first.fill_in_and_press(signing_in or step.actions[0])
        if signing_in is not None:
            return


def _frozen(walker: PictureBrowser, _step: Step) -> None:
    with walker.site.voter_transaction() as (transaction, voter):
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=walker.site.dependencies.clock.now())
    sign_in(walker)


def _expired(walker: PictureBrowser, _step: Step) -> None:
    link, rules = walker.walk_to_recovery_link(), walker.site.dependencies
    walker.site.set_clock(rules.clock.now() + timedelta(minutes=rules.policy.link_valid_minutes))
    walker.open(link)


def _used(walker: PictureBrowser, step: Step) -> None:
    link = walker.walk_to_recovery_link()
    for step_to_complete in walker.flow.steps[walker.flow.steps.index(step) : -1]:
        walker.go_to_next_step(step_to_complete)
    walker.open(link)


def _replaced(walker: PictureBrowser, step: Step) -> None:
    link = walker.walk_to_recovery_link()
    _used(walker, step)
    walker.open(link)


SCENARIOS = PictureScenarios(
    leads_on=frozenset({ForgotPasswordAnswer}),
    pauses={ResendRecoveryMailAnswer: lambda policy: timedelta(minutes=policy.resend_after_minutes)},
    refusals={
        errors.TooManySignIns.id: go_to_refusal_after_repeating(errors.WrongPassword),
        errors.AccountFrozen.id: _frozen,
        errors.LinkExpired.id: _expired,
        errors.LinkDamaged.id: lambda walker, _step: walker.open(walker.walk_to_recovery_link()[:-CUT]),
        errors.LinkUnknown.id: lambda walker, _step: walker.open(
            LINK_PATH + walker.walk_to_recovery_link().rpartition("/")[2][::-1]
        ),
        errors.LinkUsed.id: _used,
        errors.LinkReplaced.id: _replaced,
    },
)
