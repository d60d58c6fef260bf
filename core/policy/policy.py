"""Limits and durations of an election. Defaults: French professional elections of December 2018."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

Minutes = Annotated[int, Interval(ge=1, le=7 * 24 * 60)]
Seconds = Annotated[int, Interval(ge=1, le=3600)]
Days = Annotated[int, Interval(ge=0, le=3650)]
Count = Annotated[int, Interval(ge=1, le=10_000)]
Volume = Annotated[int, Interval(ge=1, le=10_000_000)]
PasswordLength = Annotated[int, Interval(ge=8, le=128)]
CallingCode = Annotated[int, Interval(ge=1, le=999)]
Percent = Annotated[int, Interval(ge=1, le=100)]
Guesses = Annotated[int, Interval(ge=1, le=1_000_000_000)]
Hour = Annotated[int, Interval(ge=0, le=24)]
DaysOfWeek = Annotated[int, Interval(ge=1, le=7)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    password_minimum_length: PasswordLength = 8
    password_maximum_length: PasswordLength = 24
    password_unicode_letters: bool = False
    """True if accented letters count as lower-case and upper-case letters."""
    password_guesses: Guesses = 10_000_000
    """Minimum number of guesses that an attacker must need to find a password."""
    password_wait_seconds: Seconds = 10
    """Maximum time that a password waits to be checked, in seconds."""
    passwords_waiting: Count = 64

    link_valid_minutes: Minutes = 240
    """How long an emailed link is valid, counted from the request."""
    resend_after_minutes: Minutes = 3
    link_mail_margin_minutes: Minutes = 10
    """Minimum remaining validity of a link when its email is sent, in minutes."""
    frozen_mail_pause_minutes: Minutes = 60
    notice_useful_minutes: Minutes = 3 * 24 * 60
    stop_link_days: Count = 30
    """Number of days for which an emailed link can freeze the account."""
    normal_mail_delay_minutes: Minutes = 5

    asks_per_address: Count = 10
    """Maximum number of emails requested for one address in `asks_window_minutes`."""
    asks_per_network: Count = 4
    asks_window_minutes: Minutes = 60
    desk_requests_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """Helpdesk requests allowed from one network per `asks_window_minutes`. 0 means no limit."""
    written_answers_per_voter_per_day: Count = 5

    sign_in_tries: Count = 5
    """Wrong passwords allowed for one address from one network or recognised browser."""
    sign_in_pause_minutes: Minutes = 15
    sign_in_tries_from_strangers: Count = 50
    """Wrong passwords allowed for one address from all unrecognised browsers together (OWASP)."""
    sign_in_strangers_window_minutes: Minutes = 60
    sign_in_addresses_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """An IPv4 /24 or IPv6 /64 is slowed down if it tries more email addresses than this. 0 means never."""
    sign_in_network_window_minutes: Minutes = 60
    sign_in_gap_seconds: Seconds = 15
    sign_in_gap_doubles_after: Count = 10
    """The pause between password checks doubles each time this many more addresses are tried."""
    session_minutes: Minutes = 60
    device_days: Count = 30

    form_repeat_minutes: Annotated[int, Interval(ge=60, le=7 * 24 * 60)] = 24 * 60
    """How long the same form has no effect if it is sent again. At least 60, or it could reopen a closed session."""

    code_valid_minutes: Minutes = 10
    code_sendings: Count = 3
    code_resend_after_seconds: Seconds = 60
    code_call_after_seconds: Annotated[int, Interval(ge=0, le=3600)] = 0
    """Wait between an SMS and a call with the code. 0 means no calls."""
    code_tries: Count = 5
    """Number of wrong security codes after which a case is closed."""
    code_pause_minutes: Minutes = 60
    """Period in which wrong security codes are counted. After too many, a pause of the same length follows."""
    matching_tries: Count = 5
    matching_pause_minutes: Minutes = 60
    phone_codes: tuple[CallingCode, ...] = (33, 262, 508, 590, 594, 596, 681, 687, 689)
    """Calling codes of the countries to which security codes can be sent."""
    reissues: Count = 3
    reissues_given_back: Count = 3
    """Maximum number of undelivered identifiers that do not count towards a voter's limit."""
    identifier_useful_minutes: Minutes = 24 * 60
    """Time after which an unsent identifier is cancelled."""
    confirm_in_mailbox: bool = False
    """True if voters must confirm requests for identifiers by email."""
    confirmation_valid_minutes: Minutes = 30
    confirmation_sendings: Count = 3

    limits_per_customer_network: Count = 4
    """Factor for the limits of an IPv6 /56. A /56 often belongs to one customer."""
    limits_per_organisation_network: Count = 16
    """Factor for the limits of an IPv6 /48. Exceeding them raises an alarm."""

    visits_per_network_per_minute: Count = 600
    """Maximum number of forms per minute from one IPv4 address or IPv6 /64."""

    sms_per_voter_per_hour: Count = 6
    """Maximum number of security codes and failed identity checks in an hour, counted together."""
    sms_per_voter_per_day: Count = 12
    sms_per_phone_per_day: Count = 12
    numbers_per_voter_per_hour: Count = 3
    numbers_per_voter_per_day: Count = 5
    sms_per_country_per_day: Volume = 2_000
    """Basic daily limit on security codes to one country. Each correctly entered code raises the limit."""
    sms_per_verified_code: Count = 3
    """How much each correctly entered code raises a country's daily limit."""
    sms_per_day: Volume = 200_000
    sms_at_midnight_percent: Percent = 25
    """Percentage of a daily SMS limit that is available at midnight."""
    sms_network_percent: Percent = 10

    last_minutes: Minutes = 30

    agent_tries: Count = 5
    agent_pause_minutes: Minutes = 15
    desk_idle_minutes: Minutes = 10
    desk_warning_minutes: Minutes = 1
    """A terminal shows a warning this number of minutes before it locks."""
    caller_tries: Count = 5
    """Maximum number of failed identity checks by phone."""
    caller_window_minutes: Minutes = 60
    caller_valid_minutes: Minutes = 30
    """How long a caller stays verified."""
    caller_away_minutes: Minutes = 2
    """The caller must be verified again if the agent leaves the voter's file for this long."""
    people_seen_per_agent_per_hour: Count = 500
    """An alarm is raised if an agent sees more people than this in an hour."""
    signature_valid_minutes: Minutes = 5
    desk_late_minutes: Minutes = 15
    """A message that has waited longer than this is shown to the helpdesk."""
    desk_opens_hour: Hour = 8
    desk_closes_hour: Hour = 19
    desk_days: DaysOfWeek = 5
    """Opening days of the helpdesk per week: 5 means Monday to Friday."""
    call_back_grace_minutes: Minutes = 5
    """Any agent can take an assigned call-back this long after it was due."""

    contest_days: Days = 90
    """Number of days after the vote in which the election can be contested."""
    checkpoint_lines: Count = 5_000
    checkpoint_minutes: Minutes = 60
    """Maximum time until a new journal line is covered by a checkpoint."""
    alarm_pause_minutes: Minutes = 60
    board_pause_seconds: Seconds = 60

    disk_free_percent: Percent = 10
    """Percentage of free disk space below which the command `doctor` warns."""
    roll_change_percent: Percent = 5
    """Percentage of people that an import may remove or replace without confirmation."""


PRESETS: dict[str, Policy] = {
    "2018": Policy(),
    "2026": Policy(
        password_minimum_length=12,
        password_maximum_length=128,
        password_unicode_letters=True,
        password_guesses=100_000_000,
        confirm_in_mailbox=True,
    ),
}
