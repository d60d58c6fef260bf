"""Tests the page that refuses further security codes: its status and the waiting time that it states."""

import pytest

from core.forms import errors
from core.forms.errors import Refusal
from core.forms.flow_model import FormErrors
from core.ports import EventType
from tests.support.reissues import E164, identity, numen_of, reissuer
from tests.support.worlds import World
from webhook.site_application import create_site

HOUR = 3600


@pytest.mark.parametrize("changes", [{}, {"numen": numen_of("other@ac-lumiere.example")}])
def test_retry_after_is_the_time_until_a_number_may_be_tried(any_world: World, changes: dict[str, str]) -> None:
    """The waiting time does not show whether the NUMEN was right. The sentence names the next full minute."""
    camille = reissuer(any_world)
    any_world.clock.move(seconds=20)
    for number in range(3):
        try:
            camille.asked(phone=f"+3361234560{number}", **changes)
        except (FormErrors, Refusal):
            continue
        camille.press("other-number")
    camille.request()
    any_world.clock.move(minutes=5)
    site = str(any_world.services.settings.election.site)
    client = create_site(any_world.services).test_client()
    client.set_cookie("__Host-session", str(camille.session), domain=site.removeprefix("https://"), secure=True)
    path = f"/{camille.steps.flow.slug}/{camille.steps.identity.slug}"
    events = len(any_world.kept.lines())

    answer = client.post(path, base_url=site, data=identity(phone=E164, **changes))

    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(HOUR - 5 * 60))
    assert f'name="refusal" content="{errors.TooManyPhoneNumbers.id}"' in page
    assert "13 h 01" in page
    assert any_world.kept.lines()[events:] == [(EventType.REISSUE_REFUSED, errors.TooManyPhoneNumbers.id)]
