"""Records of the small site about voters and visitors, and the defects that can be planted in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.product import FictionalVoter

ADAPTER = Path(__file__).parent / "small_site.toml"
DEFECTS: Mapping[str, str] = {
    "token unchecked": "a new password needs no link, only the address that was typed",
    "token of another": "the voter whose password is set is read from a field",
    "token twice": "a link works again after it was used",
    "token raced": "whether a link was used is looked up before it is marked",
    "token cut off": "the first eight characters of a link are enough",
    "reset signs in": "whoever sets a password is signed in",
    "session survives": "a new password leaves former sessions open",
    "session reopened": "a sign-in that is sent again opens the session that was closed",
    "cookie trusted": "the address in a cookie is taken for who signed in",
    "code unchecked": "any six digits are taken for the code",
    "code of another": "a code that was sent to anybody is taken",
    "step skipped": "the page after the code can be opened without it",
    "case shown": "a field names the case that is shown",
    "tries of another": "a field names the case whose tries are counted",
    "re-issue of another": "a field names the case in which the identifier is ordered",
    "ask kills links": "asking for a link ends those that were mailed before",
    "asks used up": "two links are mailed to an address, whoever asks for more",
    "ask signs out": "asking for a link ends the voter's sessions",
}
TRIES, REISSUES, MOST_ASKS = 5, 3, 2


@dataclass
class SiteRecordOfVoter:
    """The small site's record of one voter."""

    voter: FictionalVoter
    password: str = ""
    epoch: int = 0
    case: str = ""
    code: str = ""
    phone: str = ""
    ready: bool = False
    identifiers: int = 0
    asks: int = 0
    left: dict[str, int] = field(default_factory=lambda: {"who": TRIES, "code": TRIES})


@dataclass
class SiteRecordOfBrowserCookie:
    """The small site's record for the cookie of one browser."""

    email: str = ""
    token: str = ""
    done: bool = False
    user: str = ""
    epoch: int = 0
    sessions: int = 0
    """Number of sign-ins with this browser."""


@dataclass
class SiteAnswer:
    """A page, or a redirect."""

    step: str = ""
    text: str = ""
    status: int = 200
    to: str = ""
    signed_out: bool = False


def fictional_voter(number: int) -> FictionalVoter:
    """Return the voter of that number."""
    return FictionalVoter(
        email=f"voter.{number}@small.example",
        birth_date=f"19{60 + number % 40}-{1 + number % 12:02d}-{1 + number % 28:02d}",
        numen=f"01E{number:07d}ABC",
        phone=f"+3361260{number:04d}",
        first_name=f"First{number:03d}",
        last_name=f"Last{number:03d}",
    )
