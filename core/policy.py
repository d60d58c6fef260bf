"""Policy and Calendar: every number and every date of an election, once.

The defaults are those of the French professional elections of December 2018. Bounds are part of the types
(annotated-types), so that `core.settings` can refuse a wrong value with what is allowed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from annotated_types import Interval

from core.text import Phrase

Minutes = Annotated[int, Interval(ge=1, le=7 * 24 * 60)]
Seconds = Annotated[int, Interval(ge=1, le=3600)]
Days = Annotated[int, Interval(ge=0, le=3650)]
Count = Annotated[int, Interval(ge=1, le=10_000)]
Volume = Annotated[int, Interval(ge=1, le=10_000_000)]
PasswordLength = Annotated[int, Interval(ge=8, le=128)]
CallingCode = Annotated[int, Interval(ge=1, le=999)]
Strength = Annotated[int, Interval(ge=0, le=4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The numbers of the rules (DESIGN section 6). Names carry their unit."""

    password_minimum_length: PasswordLength = 8
    password_maximum_length: PasswordLength = 24
    password_unicode_letters: bool = False
    """Whether é counts as a lower-case letter and É as an upper-case one."""
    password_strength: Strength = 0
    """The least zxcvbn score (0 to 4); 0 asks for none."""

    link_valid_minutes: Minutes = 240
    """From the asking: in 2022 mails were over an hour late."""
    links_alive: Count = 3
    """Links of one voter that may work at one time; a further ask sends nothing."""
    resend_after_minutes: Minutes = 3
    link_mail_margin_minutes: Minutes = 10
    """A link mail is cancelled rather than sent with less than this left of its link."""
    notice_useful_minutes: Minutes = 3 * 24 * 60
    normal_mail_delay_minutes: Minutes = 5

    asks_per_address: Count = 10
    asks_window_minutes: Minutes = 60

    sign_in_tries: Count = 5
    """Wrong tries on one address from one network, or from one recognised browser."""
    sign_in_pause_minutes: Minutes = 15
    sign_in_tries_from_strangers: Count = 50
    """Wrong tries on one address from all unrecognised browsers together (OWASP: device cookies)."""
    sign_in_strangers_window_minutes: Minutes = 60
    session_minutes: Minutes = 60
    device_days: Count = 30

    code_valid_minutes: Minutes = 10
    code_sendings: Count = 3
    """Of one code."""
    code_resend_after_seconds: Seconds = 60
    code_tries: Count = 5
    """Wrong ones of one voter, on the page and by SMS together; then their case is closed."""
    code_pause_minutes: Minutes = 60
    """In which those are counted, and how long the pause is that follows."""
    matching_tries: Count = 5
    """Wrong pairs of birth date and NUMEN of one voter."""
    matching_pause_minutes: Minutes = 60
    phone_codes: tuple[CallingCode, ...] = (33, 262, 508, 590, 594, 596, 681, 687, 689)
    """Countries whose mobile numbers SMS are sent to: France and overseas."""
    reissues: Count = 3
    """New identifiers of one voter."""
    reissues_given_back: Count = 3
    """Of those, the ones that are not counted because their SMS was not delivered."""
    identifier_useful_minutes: Minutes = 24 * 60
    """An identifier that could not leave by then is given up, and the voter is told."""

    visits_per_network_per_minute: Count = 600
    """Requests that write, from one IPv4 address or one IPv6 /64: a whole school may stand behind it."""

    sms_per_phone_per_day: Count = 12
    """Codes to one number in 24 hours: three re-issues with all their sendings, and a little more."""
    sms_per_country_per_day: Volume = 2_000
    """Codes to the numbers of one country that none of them has to come back for (SMS pumping)."""
    sms_per_verified_code: Count = 3
    """For each code of that country that came back, so many more may go there that day."""
    sms_per_day: Volume = 200_000
    """Codes altogether, whatever came back: what the contract with the operator can bear."""

    last_minutes: Minutes = 30

    agent_tries: Count = 5
    """Wrong tries on one agent's name; then the pause."""
    agent_pause_minutes: Minutes = 15
    desk_idle_minutes: Minutes = 10
    """An untouched terminal locks."""
    caller_tries: Count = 5
    """Failed checks of callers who say they are one and the same voter; the voter's own way goes on."""
    caller_window_minutes: Minutes = 60
    caller_valid_minutes: Minutes = 30
    """How long a verified caller stays so: one call."""
    signature_valid_minutes: Minutes = 5
    """How long a supervisor's signature beside an agent serves."""
    desk_late_minutes: Minutes = 15
    """A message that waits longer is shown to the desk."""

    contest_days: Days = 90
    """After the close, until nobody may contest the election any more: what may be evidence is kept as long."""
    checkpoint_lines: Count = 5_000
    """Lines of the journal after which the board is told of them, however short the time."""
    checkpoint_minutes: Minutes = 60
    """How old a line may become before it is: what is done later than this ago could be undone unseen."""


PRESETS: dict[str, Policy] = {
    "2018": Policy(),
    "2026": Policy(
        password_minimum_length=12, password_maximum_length=128, password_unicode_letters=True, password_strength=3
    ),
}


class Phase(StrEnum):
    """Where the election's calendar stands."""

    BEFORE = "before"
    OPEN = "open"
    VOTING = "voting"
    LAST_MINUTES = "last-minutes"
    CLOSED = "closed"


class Deed(StrEnum):
    """What the calendar may forbid."""

    SIGN_IN = "sign-in"
    ASK_PASSWORD = "ask-password"
    CHOOSE_PASSWORD = "choose-password"
    REISSUE_IDENTIFIER = "reissue-identifier"
    STOP = "stop"


# Rule 10. "Ce n'était pas moi" is never closed: a stolen account matters after the vote too.
ALLOWED: dict[Phase, frozenset[Deed]] = {
    Phase.BEFORE: frozenset({Deed.STOP}),
    Phase.OPEN: frozenset(Deed),
    Phase.VOTING: frozenset(Deed),
    Phase.LAST_MINUTES: frozenset(Deed),
    Phase.CLOSED: frozenset({Deed.STOP}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The election's dates, all aware; `zone` is the one they are shown in."""

    recovery_opens: datetime
    vote_opens: datetime
    vote_closes: datetime
    last_minutes: timedelta
    zone: ZoneInfo

    def phase(self, now: datetime) -> Phase:
        """Where the calendar stands; each bound belongs to the phase it begins."""
        if now < self.recovery_opens:
            return Phase.BEFORE
        if now >= self.vote_closes:
            return Phase.CLOSED
        if now >= self.vote_closes - self.last_minutes:
            return Phase.LAST_MINUTES
        return Phase.VOTING if now >= self.vote_opens else Phase.OPEN

    def allows(self, deed: Deed, now: datetime) -> bool:
        """Whether that may be done now."""
        return deed in ALLOWED[self.phase(now)]

    def local(self, moment: datetime) -> datetime:
        """That moment on the election's clock."""
        return moment.astimezone(self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Election:
    """What the words of a page need to know of this election: its name, its site, its helpdesk."""

    name: str
    site: str
    """The base URL, without a trailing slash."""
    desk_phone: str
    desk_hours: Phrase

    @property
    def facts(self) -> dict[str, object]:
        """What any sentence may name of it."""
        return {
            "site": self.site,
            "desk_phone": self.desk_phone,
            "desk_hours": self.desk_hours,
            "election": self.name,
        }
