"""The limits, durations and other numbers of an election's rules.

The defaults are those of the French professional elections of December 2018.
"""

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
    """True if letters with accents, such as é and É, count as lower-case and upper-case letters."""
    password_guesses: Guesses = 10_000_000
    """Minimum number of guesses that a password must withstand. 1 accepts every password.

    At 50 guesses an hour (`sign_in_tries_from_strangers`), the default withstands an attacker for twenty years.
    """
    password_wait_seconds: Seconds = 10
    """How long a password may wait to be hashed. After that, the voter is asked to come back later."""
    passwords_waiting: Count = 64

    link_valid_minutes: Minutes = 240
    """How long an emailed link is valid after it was requested. It is long because emails can be hours late."""
    resend_after_minutes: Minutes = 3
    link_mail_margin_minutes: Minutes = 10
    """An email is cancelled if its link would expire in less than this number of minutes."""
    frozen_mail_pause_minutes: Minutes = 60
    notice_useful_minutes: Minutes = 3 * 24 * 60
    stop_link_days: Count = 30
    """Number of days for which the link in the email about a change can freeze the account."""
    normal_mail_delay_minutes: Minutes = 5

    asks_per_address: Count = 10
    """Maximum number of emails that can be requested for one address in `asks_window_minutes`.

    These are recovery emails and emails that confirm requests to the helpdesk. The latter can use at most half of the
    limit.
    """
    asks_per_network: Count = 4
    asks_window_minutes: Minutes = 60
    desk_requests_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """Maximum number of requests to the helpdesk from one network in `asks_window_minutes`. 0 means no limit."""
    written_answers_per_voter_per_day: Count = 5

    sign_in_tries: Count = 5
    """Maximum number of wrong passwords for one email address from one network or recognised browser."""
    sign_in_pause_minutes: Minutes = 15
    sign_in_tries_from_strangers: Count = 50
    """Maximum number of wrong passwords for one email address from all unrecognised browsers (OWASP).
    """
    sign_in_strangers_window_minutes: Minutes = 60
    sign_in_addresses_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """Number of email addresses with failed sign-ins after which a network (IPv4 /24 or IPv6 /64) is slowed down. 0
    means no limit. With the default, a school of 200 people is slowed down if one person in five fails on the same
    morning.
    """
    sign_in_network_window_minutes: Minutes = 60
    sign_in_gap_seconds: Seconds = 15
    sign_in_gap_doubles_after: Count = 10
    """Number of further email addresses with failed sign-ins after which `sign_in_gap_seconds` doubles."""
    session_minutes: Minutes = 60
    device_days: Count = 30

    form_repeat_minutes: Annotated[int, Interval(ge=60, le=7 * 24 * 60)] = 24 * 60
    """How long an identical form counts as a repetition and has no effect.

    It must be an hour or more, or else a repeated sign-in form could reopen a session that the voter has closed.
    """

    code_valid_minutes: Minutes = 10
    code_sendings: Count = 3
    code_resend_after_seconds: Seconds = 60
    code_call_after_seconds: Annotated[int, Interval(ge=0, le=3600)] = 0
    """How long after an SMS a voter may have the same code read aloud by a call. With 0, there are no calls."""
    code_tries: Count = 5
    """Number of wrong security codes after which a case is closed. Codes that the voter sends by SMS count too."""
    code_pause_minutes: Minutes = 60
    """Length of the period in which wrong security codes are counted, and of the pause that follows."""
    matching_tries: Count = 5
    matching_pause_minutes: Minutes = 60
    phone_codes: tuple[CallingCode, ...] = (33, 262, 508, 590, 594, 596, 681, 687, 689)
    """Country calling codes to which a code can be sent. The default is France and its overseas territories."""
    reissues: Count = 3
    reissues_given_back: Count = 3
    """Maximum number of undelivered identifiers that do not count towards the voter's limit."""
    identifier_useful_minutes: Minutes = 24 * 60
    """A new identifier that cannot be sent within this time is abandoned, and the voter is notified."""
    confirm_in_mailbox: bool = False
    """True if a voter who requests a new identifier must confirm the request with a link in an email."""
    confirmation_valid_minutes: Minutes = 30
    confirmation_sendings: Count = 3

    limits_per_customer_network: Count = 4
    """An IPv6 /56, which often belongs to one customer, may reach this many times the limits of one network."""
    limits_per_organisation_network: Count = 16
    """If an IPv6 /48 exceeds this many times the limits of one network, the electoral board gets an alarm."""

    visits_per_network_per_minute: Count = 600
    """Maximum number of forms sent in a minute from one IPv4 address or IPv6 /64, which a whole school may share."""

    sms_per_voter_per_hour: Count = 6
    """Maximum number of security codes sent to one voter in an hour. A failed identity check counts as a code."""
    sms_per_voter_per_day: Count = 12
    sms_per_phone_per_day: Count = 12
    numbers_per_voter_per_hour: Count = 3
    numbers_per_voter_per_day: Count = 5
    sms_per_country_per_day: Volume = 2_000
    """Daily limit on codes sent to a country before any voter there has entered a code. It limits SMS fraud."""
    sms_per_verified_code: Count = 3
    """The daily limit of a country rises by this number each time a voter there enters a code."""
    sms_per_day: Volume = 200_000
    sms_at_midnight_percent: Percent = 25
    """Percentage of a daily SMS limit that is available at midnight. The rest becomes available evenly over the day."""
    sms_network_percent: Percent = 10

    last_minutes: Minutes = 30

    agent_tries: Count = 5
    agent_pause_minutes: Minutes = 15
    desk_idle_minutes: Minutes = 10
    desk_warning_minutes: Minutes = 1
    """Number of minutes between a warning on a terminal and the moment at which the terminal locks."""
    caller_tries: Count = 5
    """Number of failed identity checks by phone after which the voter can use only the website."""
    caller_window_minutes: Minutes = 60
    caller_valid_minutes: Minutes = 30
    """How long a caller stays verified. The default is about the length of one call."""
    caller_away_minutes: Minutes = 2
    """An agent who leaves the voter's file for longer than this must verify the caller again."""
    people_seen_per_agent_per_hour: Count = 500
    """If an agent sees the names of more people than this in an hour, the electoral board gets an alarm."""
    signature_valid_minutes: Minutes = 5
    desk_late_minutes: Minutes = 15
    """The helpdesk sees every message that has waited longer than this number of minutes."""
    desk_opens_hour: Hour = 8
    desk_closes_hour: Hour = 19
    desk_days: DaysOfWeek = 5
    """Number of days a week on which the helpdesk is open, starting on Monday."""
    call_back_grace_minutes: Minutes = 5
    """How long a call-back is reserved for its agent after its due time. Then any agent can take it."""

    contest_days: Days = 90
    """Number of days after the vote during which the election can be contested. Evidence is kept for that time."""
    checkpoint_lines: Count = 5_000
    checkpoint_minutes: Minutes = 60
    """Maximum age of a journal line without a checkpoint. Until then, the line could be removed unnoticed."""
    alarm_pause_minutes: Minutes = 60
    board_pause_seconds: Seconds = 60

    disk_free_percent: Percent = 10
    """The command `doctor` warns if less than this percentage of a disk is free."""
    roll_change_percent: Percent = 5
    """Percentage of the people on the roll that an import may remove or replace without a confirmation."""


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
