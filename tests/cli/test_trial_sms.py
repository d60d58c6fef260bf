"""`retrouve doctor --sms` sends one SMS through a local provider, and shows what happens."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner

from cli import main
from core.app.settings import DeclaredGatewaySection
from core.ports import EventType
from tests.support.http_provider import Heard, Says, http_provider
from tests.support.worlds import World
from webhook.site_application import create_site

SECRET = 's3cret é"&'
NUMBER = "06 12 34 56 78"


def run(world: World, monkeypatch: pytest.MonkeyPatch, answer: Callable[[Heard], Says], *words: str) -> tuple[int, str]:
    with http_provider(answer) as provider:
        section = DeclaredGatewaySection.model_validate(
            {
                "name": "main",
                "sender": "38000",
                "secret": SECRET,
                "callbacks": provider.url,
                "request": {
                    "url": f"{provider.url}/send/{{secret}}",
                    "auth": "basic",
                    "username": "me",
                    "json": {"to": "{number}", "key": "{secret}", "report": "{report_url}", "text": "{text}"},
                    "accepted": {"status": [202], "when": "id", "id": "id"},
                },
                "report": {"delivered": "state == 'ok'", "failed": "state == 'no'"},
            }
        )
        sms = world.services.settings.sms.model_copy(update={"gateways": (section,)})
        services = replace(world.services, settings=world.services.settings.model_copy(update={"sms": sms}))
        monkeypatch.setattr("cli.trial_sms.open_services_or_exit", lambda _directory, _role: services)
        monkeypatch.setattr("cli.trial_sms.WAIT_SECONDS", 0.1)
        monkeypatch.setattr("cli.trial_sms.POLL_SECONDS", 0.01)
        site = create_site(services).test_client()
        reports.append(
            lambda heard, state: site.post(
                json.loads(heard.body)["report"].removeprefix(provider.url), json={"state": state}
            )
        )
        result = CliRunner().invoke(main, ["doctor", "--sms", NUMBER, *words], catch_exceptions=False)
        return result.exit_code, result.output


reports: list[Callable[[Heard, str], object]] = []


@pytest.mark.parametrize(("states", "code", "said"), [
    (("sent", "ok", "ok"), 0, "Compte rendu : le téléphone a reçu le SMS."),
    (("no",), 1, "Compte rendu : le SMS n'a pas été remis."),
    ((), 0, "Aucun compte rendu définitif n'est arrivé"),
])  # fmt: skip
def test_the_request_the_answer_and_the_report_are_shown(
    world: World, monkeypatch: pytest.MonkeyPatch, states: tuple[str, ...], code: int, said: str
) -> None:
    """The secret is masked wherever it is, also where the provider quotes it. The journal has each act once."""

    def answer(heard: Heard) -> Says:
        for state in states:
            reports[-1](heard, state)
        return Says(202, json.dumps({"id": "m-1", "echo": SECRET}))

    status, output = run(world, monkeypatch, answer)

    assert (status, said in output) == (code, True), output
    for shown in (
        "POST http://127.0.0.1:",
        "Authorization: …",
        '"to":"+33612345678"',
        "HTTP 202",
        '"id": "m-1"',
        "main accepte",
    ):
        assert shown in output
    assert "s3cret" not in output
    assert "bWU6" not in output
    with world.store.read() as transaction:
        case = next(part.split(".")[1] for part in output.split("/") if part.startswith("test."))
        events = [(event.act, event.reason) for event in transaction.journal.of_case(case)]
    accepted = (EventType.SMS_ACCEPTED, "test main")
    assert events.count(accepted) == 1
    assert len(events) == len(set(states)) + 1


def test_a_refused_sms_and_a_wrong_name_are_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    status, output = run(world, monkeypatch, lambda _: Says(401, '{"error": "bad key"}'))
    assert status == 1
    assert "main n'accepte pas le SMS (401" in output
    assert "Vérifiez le secret" in output

    page = '<a href="/">' * 1000
    status, output = run(world, monkeypatch, lambda _: Says(200, page, "text/html"))
    assert status == 1
    assert "Vérifiez le secret" not in output
    assert len(output) < len(page) / 4

    status, output = run(world, monkeypatch, lambda _: Says(202, "{}"), "--gateway", "other")
    assert (status, "Celles des réglages : main." in output) == (1, True)
