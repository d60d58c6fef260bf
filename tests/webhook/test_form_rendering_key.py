"""Tests the key that a page's forms send, so that a repeated form is recognised."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from flask.testing import FlaskClient

from core.flows.password.plugin import PasswordFlowPlugin
from core.ports import CommitOutcomeUnknown, Transaction
from core.text.urls import LINK_PATH
from tests.support.election import GOOD
from tests.support.reissues import reissuer
from tests.support.stores import leaving_after
from tests.support.worlds import World
from webhook.site_application import create_site

KEY = re.compile(r'name="form_key" value="([^"]*)"')
META = re.compile(r'<meta name="(?:step|refusal)" content="([^"]*)"')
OTHER = dict.fromkeys(("new_password", "new_password_again"), "Girafe tambour 31")
LINK = re.compile(r'class="button" href="([^"]*)"')


def at_choice(world: World) -> tuple[FlaskClient, Callable[[str], str], str]:
    """Return a browser at MP-2, a function that reads a page, and the path of MP-2."""
    site = str(world.services.settings.election.site)
    client = create_site(world.services).test_client()
    client.set_cookie("__Host-pending", world.confirming(), domain=site.removeprefix("https://"), secure=True)
    steps = world.services.flows[PasswordFlowPlugin].steps
    path = f"/{steps.flow.slug}/{steps.choose_way.slug}"
    return client, lambda where: client.get(where, base_url=site).get_data(as_text=True), path


@contextmanager
def unanswered(world: World) -> Iterator[None]:
    """Make every COMMIT succeed but lose the answer to it."""
    store = world.services.dependencies.store
    write = store.write

    @contextmanager
    def lost() -> Iterator[Transaction]:
        with write() as transaction:
            yield transaction
        raise CommitOutcomeUnknown("act")

    with patch.object(store, "write", lost):
        yield


def test_each_drawing_has_a_key_that_all_its_forms_send(world: World) -> None:
    """Every page gets a new key, unless the URL contains a valid key."""
    _, read, path = at_choice(world)

    first, second = (KEY.findall(read(path)) for _ in range(2))

    assert len(first) == len(second) > 1
    assert len({*first, *second}) == 2
    assert set(KEY.findall(read(f"{path}?form_key={first[0]}"))) == {first[0]}
    assert "x" not in KEY.findall(read(f"{path}?form_key=x"))


def test_what_is_typed_again_after_an_unknown_outcome_is_the_same_act(world: World) -> None:
    """The button "nous vérifions" leads to a page with the key of the form that was sent."""
    world.add()
    world.with_password()
    client, read, path = at_choice(world)
    site = str(world.services.settings.election.site)
    key = KEY.findall(read(path))[0]
    wrong = {"choice": "sign-in", "password": "Mauvais essai 1"}

    with unanswered(world):
        told = client.post(path, base_url=site, data={**wrong, "form_key": key})
    again = KEY.findall(read(LINK.findall(told.get_data(as_text=True))[0]))[0]
    refused = client.post(path, base_url=site, data={**wrong, "form_key": again}).get_data(as_text=True)

    assert (told.status_code, again) == (503, key)
    assert "Il vous reste 4 essais" in refused
    assert KEY.findall(refused)[0] != key


def test_a_wrong_code_is_told_as_counted_when_the_store_leaves_before_its_page(world: World) -> None:
    """The page must not say that nothing was changed, unless the field could not even be read."""
    camille, site = reissuer(world).asked(), str(world.services.settings.election.site)
    client = create_site(world.services).test_client()
    assert camille.session is not None
    client.set_cookie("__Host-session", camille.session, domain=site.removeprefix("https://"), secure=True)
    path, told = f"/{camille.steps.flow.slug}/{camille.steps.code.slug}", []
    camille.code()

    for code, spared in (("", 2), ("000000", 4)):
        with leaving_after(world.store, spared):
            page = client.post(path, base_url=site, data={"choice": "validate", "code": code})
        told.append((page.status_code, META.findall(page.get_data(as_text=True))))

    assert told == [(503, ["unavailable"]), (503, ["not-known-yet"])]
    assert "Il vous reste 4 essais" in client.get(path, base_url=site).get_data(as_text=True).replace("\u00a0", " ")


def test_password_whose_answer_was_lost_is_shown_as_chosen(any_world: World) -> None:
    """The browser that chose the password can sign in next. In another form or browser, the link is used."""
    any_world.add()
    site, token = str(any_world.services.settings.election.site), any_world.link()
    steps = any_world.services.flows[PasswordFlowPlugin].steps
    ours, other = (create_site(any_world.services).test_client() for _ in range(2))
    for client in (ours, other):
        client.get(f"{LINK_PATH}{token}", base_url=site)
    path = f"/{steps.flow.slug}/{steps.choose_password.slug}"
    typed = {"new_password": GOOD, "new_password_again": GOOD, "form_key": "k" * 43}

    with unanswered(any_world):
        unknown = ours.post(path, base_url=site, data=typed)
    (again,) = LINK.findall(unknown.get_data(as_text=True))
    shown = [ours.get(where, base_url=site, follow_redirects=True) for where in (again, path)]
    refused = [
        other.get(again, base_url=site, follow_redirects=True),
        other.get(f"{LINK_PATH}{token}", base_url=site),
        ours.post(path, base_url=site, data={**typed, **OTHER}),
    ]
    onward = ours.post(shown[0].request.path, base_url=site, data={"choice": "sign-in"}, follow_redirects=True)

    told = [META.findall(page.get_data(as_text=True))[0] for page in (*shown, onward, *refused)]
    assert told == ["MP-7", "MP-7", "MP-2", *["link-used"] * 3]
    case = any_world.services.flows[PasswordFlowPlugin].handler.links.find_link(token).case.number
    for page in refused:  # as the agent sees it
        assert "<b>MP-6</b>" in page.get_data(as_text=True)
        assert case in page.get_data(as_text=True)
    assert 'class="stamp"' not in other.get("/elsewhere", base_url=site).get_data(as_text=True)
