"""Types of arguments that a terminal sends to the desk's daemon."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

AwareDatetime = Annotated[datetime, Meta(tz=True)]
"""A moment with its zone: one without is refused before anything is called."""
