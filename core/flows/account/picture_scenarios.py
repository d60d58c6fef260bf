from datetime import timedelta

from core.flows.account.stop_change_definition import ReturnToQuestionAnswer
from core.flows.password.picture_scenarios import sign_in
from core.flows.picture_browser import PictureBrowser, PictureScenarios
from core.forms import errors
from core.forms.flow_model import FinalStep, Step
from core.text.urls import STOP_PATH


def _by_signing_in(walker: PictureBrowser) -> None:
    sign_in(walker)
    walker.open_step(walker.flow.steps[0])


def _by_the_notice(walker: PictureBrowser) -> None:
    first = walker.in_first_flow()
    last = first.flow.steps[-1]
    if not isinstance(last, FinalStep) or last.message is None:
        raise LookupError("the first flow ends without a notice")
    first.go_to_step(last)
    first.open_message(last.message)
    walker.open(first.link_of_mail())


def _expired(walker: PictureBrowser, _step: Step) -> None:
    _by_the_notice(walker)
    rules = walker.site.dependencies
    walker.site.set_clock(rules.clock.now() + timedelta(days=rules.policy.stop_link_days))
    walker.open_step(walker.flow.steps[0])


def _reopened(walker: PictureBrowser, _step: Step) -> None:
    _by_the_notice(walker)
    with walker.site.voter_transaction() as (transaction, voter):
        now = walker.site.dependencies.clock.now()
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=now)
        transaction.voters.unfreeze(voter.id, epoch=voter.epoch + 1, at=now)
    walker.open_step(walker.flow.steps[0])


def _undo_the_freeze(walker: PictureBrowser) -> None:
    """Unfreeze the account without invalidating the link in the email."""
    with walker.site.voter_transaction() as (transaction, voter):
        before, present = walker.site.dependencies.clock.now() - timedelta(days=1), transaction.voters.by_id(voter.id)
        if present is not None and present.frozen is not None:
            transaction.voters.unfreeze(voter.id, epoch=present.epoch, at=before)


VOTER_SPACE = PictureScenarios(
    entrances={errors.SignInNeeded.id: _by_signing_in},
    refusals={errors.SignInNeeded.id: lambda walker, step: walker.open_step(step)},
)
STOP_CHANGE = PictureScenarios(
    side_steps={ReturnToQuestionAnswer: _undo_the_freeze},
    entrances={errors.StopLinkUnknown.id: _by_the_notice},
    refusals={
        errors.StopLinkUnknown.id: lambda walker, _step: walker.open(f"{STOP_PATH}court"),
        errors.StopLinkExpired.id: _expired,
        errors.StopLinkAccountReopened.id: _reopened,
    },
)
