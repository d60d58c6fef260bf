"""The scenario that walks a request to the desk to its refusal, for the pictures."""

from datetime import timedelta

from core.flows.contact_desk.contact_requests import ContactRequests
from core.flows.picture_browser_interface import PictureBrowser, PictureScenarios
from core.forms import errors
from core.forms.flow_model import Step

BROWSER = "127.0.0.1"
"""The network of the browser that takes the pictures."""


def _network_asks_too_often(walker: PictureBrowser, step: Step) -> None:
    rules = walker.dependencies
    bucket, limit = ContactRequests(rules).bucket_of_network(BROWSER), rules.policy.desk_requests_per_network
    window = timedelta(minutes=rules.policy.asks_window_minutes)
    with walker.open_transaction() as (transaction, _):
        for _number in range(limit):
            transaction.throttle.count_or_refuse(bucket, limit=limit, window=window, now=rules.clock.now())
    walker.open_step(step)
    walker.fill_in_and_press(step.actions[0])


SCENARIOS = PictureScenarios(refusals={errors.TooManyDeskRequestsFromNetwork.id: _network_asks_too_often})
