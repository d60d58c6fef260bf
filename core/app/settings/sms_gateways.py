"""The [[sms.gateways]] sections of the settings."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, StringConstraints, model_validator

from core.adapters.declared_sms_transport import CALL_PLACEHOLDERS, MESSAGE_PLACEHOLDERS, REPORT_URL, DeclaredGateway
from core.adapters.sms_reports import ReportReading
from core.app.settings.refusals import refusal, refuse
from core.app.settings.section_base import RelayOrGatewaySection, SettingsSection, TimeoutSeconds
from core.app.settings.sms_requests import Expression, RequestSection, Scalar
from core.app.settings.values import GatewayUrl, ShortText, Site, SmsSender
from core.ports import MessageKind
from core.text.text import N_

PRESETS = ("twilio", "vonage", "brevo")
PRESET_FOLDER = "sms_presets"

NO_PASSWORD_FOR_THE_GATEWAY = N_("Cette passerelle SMS n'a pas de mot de passe : il lui faut password_file.")
NO_REPORT_URL = N_("La requête ne donne {placeholder} nulle part : aucun compte rendu n'arriverait.")
SAME_NAME = N_("Deux passerelles SMS ne peuvent pas avoir le même nom.")
TAKEN_NAME = N_("Ce nom de valeur est déjà pris.")


class KannelSection(RelayOrGatewaySection):
    """An [[sms.gateways]] section for Kannel. `url` is the address of Kannel's "sendsms" service."""

    kind: Literal["kannel"] = "kannel"
    url: GatewayUrl
    username: ShortText
    sender: SmsSender

    @model_validator(mode="after")
    def _require_password(self) -> Self:
        if not self.has_password:
            raise refusal(NO_PASSWORD_FOR_THE_GATEWAY)
        return self

    @property
    def name(self) -> str:
        return urlsplit(self.url).netloc


class ReportSection(SettingsSection):
    """How to read a provider's delivery reports with JMESPath expressions."""

    id: Expression | None = None
    delivered: Expression
    failed: Expression
    signature: Literal["twilio", "vonage"] | None = None
    secret_file: Path | None = None
    secret: SecretStr | None = None


class CallReportSection(SettingsSection):
    """How to read a provider's reports about calls. Call reports are signed like SMS reports."""

    id: Expression | None = None
    delivered: Expression
    failed: Expression
    busy: Expression | None = None
    no_answer: Expression | None = None


class CallSection(RequestSection):
    """The request for a call that reads a code aloud. Without `auth`, the gateway's account is used."""

    token_url: None = None
    scope: None = None
    caller: Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{3,15}$")]
    report: CallReportSection | None = None


class DeclaredGatewaySection(SettingsSection):
    """A gateway section with a `preset` or a `request`. The section's settings override the preset."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,30}$")]
    preset: Literal[PRESETS] | None = None  # type: ignore[valid-type]  # mypy wants literals in place
    sender: SmsSender
    secret_file: Path | None = None
    secret: SecretStr | None = None
    timeout_seconds: TimeoutSeconds = 10
    callbacks: Site | None = None
    values: dict[str, Scalar] = Field(default_factory=dict)
    report: ReportSection | None = None
    request: RequestSection
    call: CallSection | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, written: object) -> object:
        if not isinstance(written, dict) or written.get("preset") not in PRESETS:
            return written
        known = preset(written["preset"])
        if "call" not in written:  # calls cost more, so only the operator's own section allows them
            known = {name: value for name, value in known.items() if name != "call"}
        return _merged(known, {"name": written["preset"], **written})

    @model_validator(mode="after")
    def _check_request(self) -> Self:
        reserved = MESSAGE_PLACEHOLDERS | CALL_PLACEHOLDERS | {REPORT_URL}
        for name in self.values:
            if name in reserved:
                refuse(("values", name), self.values[name], TAKEN_NAME)
        self._check_part("request", self.request, MESSAGE_PLACEHOLDERS, self.report)
        if self.call is not None:
            self._check_part("call", self.call, CALL_PLACEHOLDERS, self.call.report)
        return self

    def _check_part(
        self, name: str, part: RequestSection, names: frozenset[str], report: SettingsSection | None
    ) -> None:
        if report is not None:
            names |= {REPORT_URL}
        part.check((name,), {**dict.fromkeys(names, "0"), **self.values}, has_secret=self.has_secret)
        if report is not None and not part.fills(REPORT_URL):
            refuse((name,), {}, NO_REPORT_URL.fill({"placeholder": f"{{{REPORT_URL}}}"}))

    @property
    def has_secret(self) -> bool:
        return self.secret is not None or self.secret_file is not None

    @property
    def report_with_secret(self) -> ReportSection | None:
        """The report section with its secret. For Twilio, the default is the gateway's secret."""
        report = self.report
        if report is None or report.signature != "twilio" or report.secret or report.secret_file:
            return report
        return report.model_copy(update={"secret": self.secret, "secret_file": self.secret_file})

    def report_reading(self, kind: str) -> ReportReading | None:
        """Return the rules for reading reports about this kind of message. Returns None if there are no rules."""
        report = self.report if kind != MessageKind.CALL or self.call is None else self.call.report
        if report is None:
            return None
        signed = self.report
        secret = b"" if signed is None or signed.secret is None else signed.secret.get_secret_value().encode()
        options = report.model_dump(include={"id", "delivered", "failed", "busy", "no_answer"})
        return ReportReading(**options, signature=None if signed is None else signed.signature, secret=secret)

    def declared(self) -> DeclaredGateway:
        """Return the settings for the transport, including the secret in clear text."""
        return DeclaredGateway(
            name=self.name,
            sender=self.sender,
            request=self.request.declared(self.request),
            call=None if self.call is None else self.call.declared(self.call if self.call.auth else self.request),
            caller="" if self.call is None else self.call.caller,
            secret="" if self.secret is None else self.secret.get_secret_value(),
            values=self.values,
            timeout_seconds=self.timeout_seconds,
        )


GatewaySection = KannelSection | DeclaredGatewaySection


def _kind_of_gateway(written: object) -> object:
    """Validate a gateway section with the class for its kind of gateway, so that errors are precise."""
    if not isinstance(written, dict):
        return written
    declared = "preset" in written or "request" in written
    return (DeclaredGatewaySection if declared else KannelSection).model_validate(written)


AnyGatewaySection = Annotated[GatewaySection, BeforeValidator(_kind_of_gateway)]


def require_different_names(gateways: tuple[GatewaySection, ...]) -> tuple[GatewaySection, ...]:
    names: set[str] = set()
    for index, gateway in enumerate(gateways):
        if isinstance(gateway, DeclaredGatewaySection) and gateway.name in names:
            refuse((index, "name"), gateway.name, SAME_NAME)
        names.add(gateway.name)
    return gateways


@cache
def preset(name: str) -> dict[str, Any]:
    """Return the [[sms.gateways]] settings of a preset."""
    return tomllib.loads((files("core.app.settings") / PRESET_FOLDER / f"{name}.toml").read_text("utf-8"))


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        name: _merged(value, above[name])
        for name, value in below.items()
        if isinstance(value, dict) and isinstance(above.get(name), dict)
    }
    return {**below, **above, **both}
