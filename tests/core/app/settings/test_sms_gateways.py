"""Tests of the [[sms.gateways]] sections that declare a request."""

import re
from pathlib import Path

import pytest

from core.adapters.sms_reports import ReceivedReport
from core.app import SETTINGS_FILE
from core.app.settings import DeclaredGatewaySection, Settings, SettingsRefused, load
from core.app.settings.election_toml_template import sample
from core.text.text import Language
from core.text.translation import translate

DOCUMENT = Path(__file__).parents[4] / "docs/sms.md"
TWILIO = """\
[[sms.gateways]]
name = "main"
preset = "twilio"
secret_file = "main.secret"
sender = "Elections"
[sms.gateways.values]
account = "AC1"
"""
BY_TOML = """\
[[sms.gateways]]
name = "other"
sender = "38000"
[sms.gateways.request]
url = "https://e.example/{number}"
json = { to = ["{digits}"] }
accepted = { when = "id" }
"""


def loaded(folder: Path, *sections: str, sends: bool = True) -> Settings:
    (folder / "main.secret").write_text("t0ken\n")
    (folder / SETTINGS_FILE).write_text(sample() + "\n" + "\n".join(sections), "utf-8")
    return load(folder, sends=sends)


def declared(settings: Settings) -> list[DeclaredGatewaySection]:
    return [each for each in settings.sms.gateways if isinstance(each, DeclaredGatewaySection)]


def test_what_is_set_replaces_what_the_preset_sets(tmp_path: Path) -> None:
    """Only the named settings change, also inside a form. Reports come to the voters' site by default."""
    change = '[sms.gateways.request]\nvalid_at_most = 300\nform = { MessagingServiceSid = "MG1" }\n'
    (gateway,) = declared(loaded(tmp_path, TWILIO, change))

    request = gateway.request
    assert request.form is not None
    assert (request.valid_at_most, request.form["MessagingServiceSid"], request.form["To"]) == (300, "MG1", "{number}")
    assert request.accepted.id == "sid"
    assert gateway.callbacks == "https://vote.exemple.fr"


CALL = '[sms.gateways.call]\ncaller = "+33900000000"\n'


def test_calls_need_the_operators_own_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The preset makes calls only with a caller's number, from the same account. Voters can ask only for such calls."""
    (without,) = declared(loaded(tmp_path, TWILIO))
    monkeypatch.setenv("RETROUVE_POLICY__CODE_CALL_AFTER_SECONDS", "120")
    (gateway,) = declared(loaded(tmp_path, TWILIO, CALL))
    assert without.call is None
    call = gateway.declared().call
    assert call is not None
    assert (call.auth, call.username, call.url.rpartition("/")[2]) == ("basic", "{account}", "Calls.json")
    for kind, content, status in (("call", "CallStatus", "busy"), ("code", "MessageStatus", "undelivered")):
        reading = gateway.report_reading(kind)
        assert reading is not None
        assert reading.secret == b"t0ken"
        ids = {"CallSid": ["C"], "MessageSid": ["M"]}
        report = ReceivedReport(url="", headers={}, body=b"", query={}, form={**ids, content: [status]})
        assert reading.status(report) == status
    with pytest.raises(SettingsRefused):
        loaded(tmp_path, TWILIO)
    monkeypatch.setenv("RETROUVE_POLICY__CODE_CALL_AFTER_SECONDS", "600")
    with pytest.raises(SettingsRefused):  # the code would have expired
        loaded(tmp_path, TWILIO, CALL)


def test_the_site_gets_only_the_secret_that_proves_reports(tmp_path: Path) -> None:
    """Twilio signs with the auth token, unless another file is named."""
    (site,) = declared(loaded(tmp_path, TWILIO, sends=False))
    assert site.secret is None
    assert site.report is not None
    assert site.report.secret is not None
    assert site.report.secret.get_secret_value() == "t0ken"

    (tmp_path / "signing.secret").write_text("signs\n")
    (site,) = declared(loaded(tmp_path, TWILIO, '[sms.gateways.report]\nsecret_file = "signing.secret"\n', sends=False))
    assert site.report is not None
    assert site.report.secret is not None
    assert site.report.secret.get_secret_value() == "signs"


WRONG = [
    (TWILIO.replace("account", "acount"), "sms.gateways[1].request.url", "{account}", "[[sms.gateways]]"),
    (TWILIO.replace('account = "AC1"', 'text = "AC1"'), "sms.gateways[1].values.text", "déjà pris", 'text = "AC1"'),
    (TWILIO.replace("main.secret", "gone"), "sms.gateways[1].secret_file", "lisible", 'secret_file = "gone"'),
    (TWILIO.replace('secret_file = "main.secret"\n', ""), "sms.gateways[1]", "secret_file", "[[sms.gateways]]"),
    (TWILIO.replace("twilio", "twillio"), "sms.gateways[1].preset", "'vonage'", 'preset = "twillio"'),
    (TWILIO.replace("Elections", "Élections"), "sms.gateways[1].sender", "sans espace", 'sender = "Élections"'),
    (TWILIO.replace('"main"', '"Main/../x"'), "sms.gateways[1].name", "pattern", 'name = "Main/../x"'),
    (TWILIO + TWILIO.replace("secret_file", "#"), "sms.gateways[2]", "secret_file", None),
    (TWILIO + BY_TOML.replace("other", "main"), "sms.gateways[2].name", "même nom", None),
    (BY_TOML.replace("{digits}", "{digit}"), "sms.gateways[1].request.json.to", "{digit}", 'json = { to = ["{digit}"] }'),
    (BY_TOML.replace("{digits}", "{report_url}"), "sms.gateways[1].request.json.to", "{report_url}", None),
    (BY_TOML.replace("{digits}", "{digits"), "sms.gateways[1].request.json.to", "accolade", None),
    (BY_TOML.replace("{digits}", "{secret}"), "sms.gateways[1]", "secret_file", "[[sms.gateways]]"),
    (BY_TOML.replace("json =", 'auth = "bearer"\njson ='), "sms.gateways[1]", "secret_file", None),
    (BY_TOML.replace("json =", 'auth = "digest"\njson ='), "sms.gateways[1].request.auth", "pattern", 'auth = "digest"'),
    (BY_TOML.replace("json =", "form = { a = 1 }\njson ="), "sms.gateways[1].request", "pas les deux", None),
    (BY_TOML.replace("json =", 'when = "x"\njson ='), "sms.gateways[1].request.when", "n'existe pas", 'when = "x"'),
    (BY_TOML.replace('"id"', '"id =="'), "sms.gateways[1].request.accepted.when", "JMESPath", 'accepted = { when = "id ==" }'),
    (BY_TOML.replace('"id"', '"len(id)"'), "sms.gateways[1].request.accepted.when", "len()", None),
    (BY_TOML.replace("https://e.example", "http://e.example"), "sms.gateways[1].request.url", "https://", None),
    (BY_TOML.replace("https://e.example", "https://u:p@e.example"), "sms.gateways[1].request.url", "secret", None),
    (BY_TOML.replace("https://e.example/{number}", "file:///etc/passwd"), "sms.gateways[1].request.url", "https://", None),
    (BY_TOML.replace("sender", 'secret = "open"\nsender'), "sms.gateways[1].secret", "secret", 'secret = "open"'),
    (TWILIO + CALL.replace("+33900000000", "Elections"), "sms.gateways[1].call.caller", "pattern", 'caller = "Elections"'),
    (TWILIO + CALL + 'form = { To = "{text}" }', "sms.gateways[1].call.form.To", "{text}", None),
    (TWILIO + CALL + 'token_url = "https://e.example"', "sms.gateways[1].call.token_url", "None", None),
    (BY_TOML.replace('{ when = "id" }', "{}"), "sms.gateways[1].request.accepted", "status", "accepted = {}"),
    (BY_TOML.replace("sender", "timeout_seconds = 51\nsender"), "sms.gateways[1].timeout_seconds", "equal to 50", "timeout_seconds = 51"),
    (BY_TOML + "permanent = { status = [] }", "sms.gateways[1].request.permanent", "when", "permanent = { status = [] }"),
    (BY_TOML.replace("https://e.example", "https://e example"), "sms.gateways[1].request.url", "https://", None),
    (BY_TOML.replace("{number}", "{number}\\n"), "sms.gateways[1].request.url", "https://", None),
    (BY_TOML.replace("{number}", "{number}#x"), "sms.gateways[1].request.url", "https://", None),
    (BY_TOML + 'headers = { "X Key" = "a" }', "sms.gateways[1].request.headers.X Key", "en-tête", None),
    (BY_TOML + 'headers = { X = "a\\nb" }', "sms.gateways[1].request.headers.X", "en-tête", None),
    (BY_TOML.replace("json", "method = 'GET'\njson"), "sms.gateways[1].request", "GET", None),
    (BY_TOML + '[sms.gateways.report]\ndelivered = "a"\nfailed = "b"\n', "sms.gateways[1].request", "{report_url}", None),
    (BY_TOML + '[sms.gateways.report]\ndelivered = "a"\nfailed = "b("\n', "sms.gateways[1].report.failed", "JMESPath", 'failed = "b("'),
]  # fmt: skip


@pytest.mark.parametrize(("section", "place", "reason", "line"), WRONG)
def test_a_wrong_declaration_is_refused_with_its_line_and_the_reason(
    tmp_path: Path, section: str, place: str, reason: str, line: str | None
) -> None:
    with pytest.raises(SettingsRefused) as refused:
        loaded(tmp_path, section)

    fault = next(each for each in refused.value.faults if each.place == place)
    sentence = translate(fault.sentence(), Language.FRENCH)
    assert reason in sentence
    assert fault.line is not None
    assert line is None or (tmp_path / "election.toml").read_text().splitlines()[fault.line - 1] == line
    assert "t0ken" not in sentence


def documented() -> list[str]:
    blocks = re.findall(r"```toml\n(.*?)```", re.sub(r"^ +", "", DOCUMENT.read_text(), flags=re.MULTILINE), re.DOTALL)
    return [block for block in blocks if block.startswith("[[sms.gateways]]")]


@pytest.mark.parametrize("section", documented())
def test_the_document_shows_settings_that_are_accepted(tmp_path: Path, section: str) -> None:
    for name in re.findall(r'secret_file = "(.*?)"', section):
        (tmp_path / name).write_text("secret\n")
    assert len(declared(loaded(tmp_path, section))) == 1


def test_a_key_of_the_request_may_have_the_name_of_a_secret(tmp_path: Path) -> None:
    """Providers name fields "key" or "password". A placeholder there is not a secret in the file."""
    section = BY_TOML.replace("sender", 'secret_file = "main.secret"\nsender')
    (gateway,) = declared(loaded(tmp_path, section.replace("to =", 'key = "{secret}", to =')))
    assert gateway.request.json_body == {"key": "{secret}", "to": ["{digits}"]}
