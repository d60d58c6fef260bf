from pathlib import Path
from typing import Annotated, Any

from annotated_types import Interval
from pydantic import BaseModel, ConfigDict, SecretStr

from core.app.settings.values import WholeNumber
from core.delivery.lease import SECONDS_TO_SEND

TimeoutSeconds = Annotated[WholeNumber, Interval(ge=1, le=int(SECONDS_TO_SEND))]


class SettingsSection(BaseModel):
    """Base class for the sections of election.toml. Unknown settings are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class RelayOrGatewaySection(SettingsSection):
    """Settings of a mail relay or SMS gateway. The password must not be in election.toml."""

    password_file: Path | None = None
    password: SecretStr | None = None
    timeout_seconds: TimeoutSeconds = 10

    @property
    def has_password(self) -> bool:
        return self.password is not None or self.password_file is not None

    @property
    def connection_settings(self) -> dict[str, Any]:
        """The arguments for opening a connection, including the password in clear text."""
        clear = "" if self.password is None else self.password.get_secret_value()
        return {**self.model_dump(exclude={"kind", "password_file"}), "password": clear}
