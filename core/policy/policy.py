"""The numbers in an election's rules, such as limits and durations.

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
    """True if accented letters, such as é and É, count as lower-case and upper-case letters."""
    password_guesses: Guesses = 10_000_000
    """Minimum number of guesses that an attacker must need to find a password. 1 means that every password is accepted.
    """
    password_wait_seconds: Seconds = 10
    """Maximum time that a password waits to be checked. After that, the voter is asked to come back later."""
    passwords_waiting: Count = 64

    link_valid_minutes: Minutes = 240
    """How long an emailed link is valid, counted from the request."""
    resend_after_minutes: Minutes = 3
    link_mail_margin_minutes: Minutes = 10
    """An email with a link is not sent if the link would expire in less than this number of minutes."""
    frozen_mail_pause_minutes: Minutes = 60
    notice_useful_minutes: Minutes = 3 * 24 * 60
    stop_link_days: Count = 30
    """Number of days for which the link in an email about a change can freeze the account."""
    normal_mail_delay_minutes: Minutes = 5

    asks_per_address: Count = 10
    """Maximum number of emails that can be requested for one address in `asks_window_minutes`."""
    asks_per_network: Count = 4
    asks_window_minutes: Minutes = 60
    desk_requests_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """Maximum number of requests to the helpdesk from one network in `asks_window_minutes`. 0 means no limit."""
    written_answers_per_voter_per_day: Count = 5

    sign_in_tries: Count = 5
    """Maximum number of wrong passwords for one email address from one network or recognised browser."""
    sign_in_pause_minutes: Minutes = 15
    sign_in_tries_from_strangers: Count = 50
    """Maximum number of wrong passwords for one email address from all unrecognised browsers together (OWASP)."""
    sign_in_strangers_window_minutes: Minutes = 60
    sign_in_addresses_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """Sign-ins from one network (IPv4 /24 or IPv6 /64) may fail for this number of email addresses.

    Above that, the network is slowed down. 0 means no limit.
    """
    sign_in_network_window_minutes: Minutes = 60
    sign_in_gap_seconds: Seconds = 15
    sign_in_gap_doubles_after: Count = 10
    """The pause between password checks doubles whenever sign-ins to this number of further email addresses fail."""
    session_minutes: Minutes = 60
    device_days: Count = 30

    form_repeat_minutes: Annotated[int, Interval(ge=60, le=7 * 24 * 60)] = 24 * 60
    """If an identical form is sent again within this time, it has no effect.

    The value must be at least 60, so that a repeated sign-in form cannot reopen a session that the voter has closed.
    """

    code_valid_minutes: Minutes = 10
    code_sendings: Count = 3
    code_resend_after_seconds: Seconds = 60
    code_call_after_seconds: Annotated[int, Interval(ge=0, le=3600)] = 0
    """This number of seconds after an SMS, a voter can ask for a call that reads the code aloud. 0 means no calls."""
    code_tries: Count = 5
    """A case is closed after this number of wrong security codes, typed on the site or sent by SMS."""
    code_pause_minutes: Minutes = 60
    """Time window in which wrong security codes are counted, and length of the pause that follows."""
    matching_tries: Count = 5
    matching_pause_minutes: Minutes = 60
    phone_codes: tuple[CallingCode, ...] = (33, 262, 508, 590, 594, 596, 681, 687, 689)
    """Calling codes of the countries to which security codes can be sent."""
    reissues: Count = 3
    reissues_given_back: Count = 3
    """Maximum number of a voter's undelivered identifiers that do not count towards the voter's limit."""
    identifier_useful_minutes: Minutes = 24 * 60
    """A new identifier is cancelled if it cannot be sent within this time. The voter is then notified."""
    confirm_in_mailbox: bool = False
    """True if a voter must confirm a request for a new identifier with a link in an email."""
    confirmation_valid_minutes: Minutes = 30
    confirmation_sendings: Count = 3

    limits_per_customer_network: Count = 4
    """The limits of one network are multiplied by this number for an IPv6 /56, which often belongs to one customer."""
    limits_per_organisation_network: Count = 16
    """The limits of one network are multiplied by this number for an IPv6 /48.

    If a /48 exceeds them, the electoral board gets an alarm.
    """

    visits_per_network_per_minute: Count = 600
    """Maximum number of forms sent per minute from one network (an IPv4 address or an IPv6 /64)."""

    sms_per_voter_per_hour: Count = 6
    """Maximum number of security codes for one voter in an hour. Each failed identity check counts as a code."""
    sms_per_voter_per_day: Count = 12
    sms_per_phone_per_day: Count = 12
    numbers_per_voter_per_hour: Count = 3
    numbers_per_voter_per_day: Count = 5
    sms_per_country_per_day: Volume = 2_000
    """Maximum number of security codes sent to a country per day, to limit SMS fraud.

    The limit rises when voters enter their codes.
    """
    sms_per_verified_code: Count = 3
    """Each time a voter enters a code correctly, the daily limit of the voter's country rises by this number."""
    sms_per_day: Volume = 200_000
    sms_at_midnight_percent: Percent = 25
    """Percentage of a daily SMS limit that is available at midnight. The rest becomes available during the day."""
    sms_network_percent: Percent = 10

    last_minutes: Minutes = 30

    agent_tries: Count = 5
    agent_pause_minutes: Minutes = 15
    desk_idle_minutes: Minutes = 10
    desk_warning_minutes: Minutes = 1
    """A terminal shows a warning this number of minutes before it locks."""
    caller_tries: Count = 5
    """After this number of failed identity checks by phone, the voter can use only the website."""
    caller_window_minutes: Minutes = 60
    caller_valid_minutes: Minutes = 30
    """How long a caller stays verified: about the length of one call."""
    caller_away_minutes: Minutes = 2
    """If an agent leaves the voter's file for longer than this, the caller must be verified again."""
    people_seen_per_agent_per_hour: Count = 500
    """The electoral board gets an alarm if an agent sees the names of more people than this in an hour."""
    signature_valid_minutes: Minutes = 5
    desk_late_minutes: Minutes = 15
    """A message that has waited longer than this is shown to the helpdesk."""
    desk_opens_hour: Hour = 8
    desk_closes_hour: Hour = 19
    desk_days: DaysOfWeek = 5
    """Number of days per week on which the helpdesk is open, starting on Monday: 5 means Monday to Friday."""
    call_back_grace_minutes: Minutes = 5
    """For this number of minutes after a call-back is due, only the agent to whom it is assigned can take it.

    After that, any agent can.
    """

    contest_days: Days = 90
    """Number of days after the vote during which the election can be contested. Evidence is kept until then."""
    checkpoint_lines: Count = 5_000
    checkpoint_minutes: Minutes = 60
    """Maximum time until a new journal line is covered by a checkpoint."""
    alarm_pause_minutes: Minutes = 60
    board_pause_seconds: Seconds = 60

    disk_free_percent: Percent = 10
    """The command `doctor` warns if less than this percentage of a disk is free."""
    roll_change_percent: Percent = 5
    """An import may remove or replace this percentage of the people on the roll without asking for confirmation."""


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
