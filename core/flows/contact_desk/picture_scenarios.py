from datetime import timedelta

from core.flows.contact_desk.contact_requests import ContactRequests
from core.flows.contact_desk.definition import SLUG
from core.flows.contact_desk.states import ContactRequestEnded
from core.flows.contact_desk.written_answer_catalogue import answers_with_subject_first, written_answers
from core.flows.picture_browser import PictureBrowser, PictureScenarios
from core.forms import errors
from core.forms.flow_model import Step
from core.ports import MessageKind

BROWSER_ADDRESS = "127.0.0.1"


def _network_asks_too_often(walker: PictureBrowser, step: Step) -> None:
    rules = walker.site.dependencies
    bucket, limit = ContactRequests(rules).bucket_of_network(BROWSER_ADDRESS), rules.policy.desk_requests_per_network
    window = timedelta(minutes=rules.policy.asks_window_minutes)
    with walker.site.voter_transaction() as (transaction, _):
        for _number in range(limit):
            transaction.throttle.count_or_refuse(bucket, limit=limit, window=window, now=rules.clock.now())
    walker.open_step(step)
    walker.fill_in_and_press(step.actions[0])


def _answer_in_writing(walker: PictureBrowser) -> None:
    rules = walker.site.dependencies
    with walker.site.voter_transaction() as (transaction, voter):
        ((case, state),) = (
            (case, case.state)
            for case in transaction.recoveries.of_voter(voter.id, 1)
            if isinstance(case.state, ContactRequestEnded)
        )
        chosen, *_ = answers_with_subject_first(state.terms.reason, written_answers(rules.policy, rules.election))
        transaction.recoveries.update_state(case, state.with_written_answer(chosen.id), voter=voter.id)
        now = rules.clock.now()
        rules.queue_notice(transaction, MessageKind.CONTACT_ANSWER, case=case.number, voter=voter.id, at=now)


SCENARIOS = PictureScenarios(
    refusals={errors.TooManyDeskRequestsFromNetwork.id: _network_asks_too_often}, answers={SLUG: _answer_in_writing}
)
