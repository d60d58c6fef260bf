"""Tests that the help is served if it was built, and that every field and every error links to it."""

import gzip
from html import unescape
from http import HTTPStatus
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.app.services import Services
from core.flows.password.plugin import PasswordFlowPlugin
from core.forms import errors
from core.text.faces import page_frame_texts as words
from core.text.text import Language
from core.text.translation import translate
from core.text.urls import (
    FINGERPRINT,
    HELP_FRONT,
    HELP_MESSAGES,
    HELP_PATH,
    field_anchor,
    help_file_fingerprint,
    help_messages_page_name,
    help_page_file,
    step_anchor,
)
from tests.support.worlds import World
from webhook.site_application import create_site


@pytest.fixture
def client(world: World, tmp_path: Path) -> FlaskClient:
    """A browser of a site with the folder `tmp_path / "guides"` for the help."""
    settings = world.services.settings.model_copy(update={"guides_folder": tmp_path / "guides"})
    return create_site(Services(settings, world.dependencies, world.services.networks)).test_client()


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A help with two pages."""
    folder = tmp_path / "guides"
    (folder / "en").mkdir(parents=True)
    for language in Language:
        (folder / help_page_file(HELP_FRONT, language)).write_text(language.value, encoding="utf-8")
    return folder


def got(client: FlaskClient, address: str, **form: str) -> tuple[int, str]:
    """Return a page, or the response to a form."""
    site = "https://vote.exemple.fr"
    with client.post(address, base_url=site, data=form) if form else client.get(address, base_url=site) as answer:
        return answer.status_code, unescape(answer.get_data(as_text=True))


def test_the_help_is_served_with_the_sites_headers(client: FlaskClient, built: Path) -> None:
    """Browsers may cache help pages for a while, and search engines may list them, unlike pages with forms."""
    with client.get(HELP_PATH, base_url="https://vote.exemple.fr") as answer:
        assert (answer.get_data(as_text=True), answer.mimetype) == ("fr", "text/html")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "max-age" in answer.headers["Cache-Control"]
        assert answer.headers["X-Robots-Tag"] == "all"

    assert got(client, HELP_PATH + help_page_file(HELP_FRONT, Language.ENGLISH)) == (HTTPStatus.OK, "en")
    assert built.exists()


def test_a_file_with_its_fingerprint_is_kept_for_good(client: FlaskClient, built: Path) -> None:
    """A style sheet is compressed if the browser accepts it. Only a URL with the right fingerprint is immutable."""
    (built / "help.css").write_bytes(style := b"p { margin: 0; }" * 100)
    right = f"{HELP_PATH}help.css?{FINGERPRINT}={help_file_fingerprint(style)}"

    def asked(address: str, **headers: str) -> TestResponse:
        return client.get(address, base_url="https://vote.exemple.fr", headers=headers)

    with asked(right, **{"Accept-Encoding": "br, gzip"}) as answer, asked(right) as plain:
        assert gzip.decompress(answer.data) == plain.data == style
        assert "gzip" not in plain.headers.get("Content-Encoding", "")
        assert {each.headers["Vary"] for each in (answer, plain)} == {"Accept-Encoding"}
        assert all("immutable" in each.headers["Cache-Control"] for each in (answer, plain))
        seen = answer.headers["ETag"]
    with asked(right, **{"If-None-Match": seen, "Accept-Encoding": "gzip"}) as again:
        assert (again.status_code, again.data) == (HTTPStatus.NOT_MODIFIED, b"")
    with asked(f"{HELP_PATH}help.css?{FINGERPRINT}=000000") as former:
        assert (former.data, "immutable" in former.headers["Cache-Control"]) == (style, False)


def test_handouts_and_pictures_are_served_as_what_they_are(
    client: FlaskClient, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The media types are right even if the system does not know them."""
    for name, kind in (("a.pdf", "application/pdf"), ("a.pptx", "presentation"), ("a.webp", "image/webp")):
        monkeypatch.setattr("mimetypes.guess_type", lambda *_: (None, None))
        (built / name).write_bytes(b"...")

        with client.get(HELP_PATH + name, base_url="https://vote.exemple.fr") as answer:
            assert answer.mimetype.endswith(kind)


def test_nothing_but_the_help_is_served(client: FlaskClient, built: Path) -> None:
    """A path outside the folder gives the page "not found"."""
    for name in ("nothing.html", "../election.toml", "%2e%2e/election.toml", "en", "en/"):
        (built.parent / "election.toml").write_text("secret", encoding="utf-8")
        status, page = got(client, HELP_PATH + name)

        assert status == HTTPStatus.NOT_FOUND
        assert f'content="{errors.PageNotFound.id}"' in page


def test_a_field_and_an_error_lead_to_their_place(client: FlaskClient, built: Path, world: World) -> None:
    """The links are in the reader's language. They open a new window, so that nothing typed is lost."""
    step = world.services.flows[PasswordFlowPlugin].steps.identify
    slug = world.services.flows[PasswordFlowPlugin].steps.flow.slug
    chapter, messages, of_step = (
        HELP_PATH + help_page_file(name, Language.FRENCH)
        for name in (slug, HELP_MESSAGES, help_messages_page_name(step.code))
    )
    _, plain = got(client, "/")
    _, refused = got(client, "/", email="camille")
    _, missing = got(client, "/nulle-part")

    assert f'href="{chapter}#{field_anchor(step.code, "email")}" target="_blank"' in plain
    assert f'href="{chapter}#{step_anchor(step.code)}" target="_blank"' in plain
    assert f'href="{of_step}#{errors.AddressUnreadable.id}" target="_blank"' in refused
    assert f'href="{messages}#{errors.PageNotFound.id}" target="_blank"' in missing
    assert translate(words.NEW_WINDOW, Language.FRENCH) in plain
    assert built.exists()


def test_without_a_help_nothing_leads_to_it(client: FlaskClient) -> None:
    """No page links to a help that is not built yet, and the path of the help says that it is not ready."""
    assert HELP_PATH not in got(client, "/")[1]
    assert HELP_PATH not in got(client, "/nulle-part")[1]
    status, page = got(client, HELP_PATH)
    assert (status, f'content="{errors.HelpNotReady.id}"' in page) == (HTTPStatus.NOT_FOUND, True)
