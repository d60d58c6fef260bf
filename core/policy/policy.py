"""The limits, durations and other numbers of an election's rules.

The defaults are those of the French professional elections of December 2018. Each type contains the range of allowed
numbers, so that `core.app.settings` can reject a wrong number and say which numbers are allowed.
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
    """True if every Unicode letter counts as lower-case or upper-case, such as é and É."""
    password_guesses: Guesses = 10_000_000
    """Minimum number of guesses that a French-speaking attacker should need to find a password. 1 accepts any password.

    At 50 guesses an hour (`sign_in_tries_from_strangers`), the default takes an attacker twenty years.
    """
    password_wait_seconds: Seconds = 10
    """Maximum time that a password waits to be hashed. After that, the voter is asked to come back later."""
    passwords_waiting: Count = 64
    """Maximum number of passwords that wait to be hashed in one web process."""

    link_valid_minutes: Minutes = 240
    """How long a mailed link is valid after it was requested. Mails were over an hour late in 2022, so it is long."""
    resend_after_minutes: Minutes = 3
    link_mail_margin_minutes: Minutes = 10
    """A mail is cancelled if its link would be valid for less than this number of minutes."""
    frozen_mail_pause_minutes: Minutes = 60
    """Minimum time between two mails to a voter who requests links for a frozen account."""
    notice_useful_minutes: Minutes = 3 * 24 * 60
    stop_link_days: Count = 30
    """Number of days for which the link in a change notice can freeze the account, unless the helpdesk reopens it."""
    normal_mail_delay_minutes: Minutes = 5

    asks_per_address: Count = 10
    """Maximum number of links requested for one mail address in `asks_window_minutes`."""
    asks_per_network: Count = 4
    """Maximum number of links requested for one mail address from one network in `asks_window_minutes`."""
    asks_window_minutes: Minutes = 60
    desk_requests_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """Maximum number of requests to the helpdesk from one network in `asks_window_minutes`. 0 means no limit."""
    written_answers_per_voter_per_day: Count = 5
    """Maximum number of written answers that the helpdesk sends to one voter in 24 hours."""

    sign_in_tries: Count = 5
    """Maximum number of wrong passwords for one mail address from one network, or from one recognised browser."""
    sign_in_pause_minutes: Minutes = 15
    sign_in_tries_from_strangers: Count = 50
    """Maximum number of wrong passwords for one mail address from all unrecognised browsers (OWASP: device cookies)."""
    sign_in_strangers_window_minutes: Minutes = 60
    sign_in_addresses_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """Number of mail addresses for which sign-ins from one network may fail before the network is slowed down.

    0 means no limit. A network is an IPv4 /24 or an IPv6 /64. Only unrecognised browsers count. The default slows down
    a school of 200 people only if one in five fails on the same morning.
    """
    sign_in_network_window_minutes: Minutes = 60
    sign_in_gap_seconds: Seconds = 15
    """Minimum time between two passwords that are checked for a slowed network which tries many voters' addresses."""
    sign_in_gap_doubles_after: Count = 10
    """Number of further mail addresses with failed sign-ins after which `sign_in_gap_seconds` doubles."""
    session_minutes: Minutes = 60
    device_days: Count = 30

    form_repeat_minutes: Annotated[int, Interval(ge=60, le=7 * 24 * 60)] = 24 * 60
    """How long an unchanged form that is sent again from the same page counts as a repetition of the first one.

    It must be at least an hour. Otherwise a repeated sign-in form could reopen a session that the voter has closed.
    """

    code_valid_minutes: Minutes = 10
    code_sendings: Count = 3
    """Maximum number of times that one security code is sent."""
    code_resend_after_seconds: Seconds = 60
    code_tries: Count = 5
    """Number of wrong security codes, typed on the page or sent by SMS, after which a voter's case is closed."""
    code_pause_minutes: Minutes = 60
    """The period in which wrong security codes are counted. The pause that follows has the same length."""
    matching_tries: Count = 5
    """Maximum number of failed identity checks of one voter. A check compares a birth date and a NUMEN."""
    matching_pause_minutes: Minutes = 60
    phone_codes: tuple[CallingCode, ...] = (33, 262, 508, 590, 594, 596, 681, 687, 689)
    """Country calling codes to which SMS are sent. The default is France and its overseas territories."""
    reissues: Count = 3
    """Maximum number of new voting identifiers for one voter."""
    reissues_given_back: Count = 3
    """Maximum number of new identifiers for one voter that do not count because their SMS was not delivered."""
    identifier_useful_minutes: Minutes = 24 * 60
    """A new identifier that cannot be sent within this time is abandoned, and the voter is notified."""
    confirm_in_mailbox: bool = False
    """True if a voter who requests a new identifier must first confirm the request in the mailbox."""
    confirmation_valid_minutes: Minutes = 30
    """How long the link for confirming a request is valid, counted from the request."""
    confirmation_sendings: Count = 3
    """Maximum number of confirmation mails for one request."""

    limits_per_customer_network: Count = 4
    """How many times the limits of a single network apply to an IPv6 /56, which often belongs to one customer."""
    limits_per_organisation_network: Count = 16
    """How many times the limits of a single network an IPv6 /48 may reach before the electoral board gets an alarm."""

    visits_per_network_per_minute: Count = 600
    """Maximum number of forms that one IPv4 address or IPv6 /64 may send in a minute. A whole school may share it."""

    sms_per_voter_per_hour: Count = 6
    """Maximum number of security codes that are sent to one voter in an hour. A failed identity check counts as one."""
    sms_per_voter_per_day: Count = 12
    """Maximum number of security codes sent to one voter in 24 hours: enough for three identifiers, with a margin."""
    sms_per_phone_per_day: Count = 12
    """Maximum number of security codes that are sent to one phone number in 24 hours for the same voter."""
    numbers_per_voter_per_hour: Count = 3
    """Maximum number of phone numbers that one voter may try in an hour. A number that was verified does not count."""
    numbers_per_voter_per_day: Count = 5
    sms_per_country_per_day: Volume = 2_000
    """Maximum number of codes sent to one country in a day while no number there is verified. It limits fraud."""
    sms_per_verified_code: Count = 3
    """Number of codes by which a country's limit for the day rises each time that a number there is verified."""
    sms_per_day: Volume = 200_000
    """Maximum number of codes sent in a day. It comes from the contract with the SMS operator."""
    sms_at_midnight_percent: Percent = 25
    """Share of a daily SMS limit that is available at midnight. The rest becomes available evenly during the day."""
    sms_network_percent: Percent = 10
    """Share of a country's limit for the day that one network may use."""

    last_minutes: Minutes = 30

    agent_tries: Count = 5
    """Maximum number of failed sign-ins of one agent before a pause."""
    agent_pause_minutes: Minutes = 15
    desk_idle_minutes: Minutes = 10
    """A terminal locks after this number of minutes without a key press."""
    desk_warning_minutes: Minutes = 1
    """A terminal shows a warning this number of minutes before it locks."""
    caller_tries: Count = 5
    """Maximum number of failed identity checks of callers for one voter. The voter can still use the site then."""
    caller_window_minutes: Minutes = 60
    caller_valid_minutes: Minutes = 30
    """How long a caller stays verified. The default is about the length of one call."""
    caller_away_minutes: Minutes = 2
    """How long an agent may leave the voter's file during a call before the caller must be verified again."""
    signature_valid_minutes: Minutes = 5
    """How long a supervisor's approval is valid."""
    desk_late_minutes: Minutes = 15
    """The helpdesk sees every message that has waited longer than this number of minutes."""
    desk_opens_hour: Hour = 8
    desk_closes_hour: Hour = 19
    """The hour at which the helpdesk closes. It calls people back only during its opening hours."""
    desk_days: DaysOfWeek = 5
    """Number of days in a week on which the helpdesk is open, counted from Monday."""
    call_back_grace_minutes: Minutes = 5
    """How long a call-back is reserved for its assigned agent after its due time. Then any agent can take it."""

    contest_days: Days = 90
    """Number of days after the vote during which the election can be contested. Evidence is kept for that time."""
    checkpoint_lines: Count = 5_000
    """Number of new journal lines after which the electoral board gets a checkpoint, even if it got one recently."""
    checkpoint_minutes: Minutes = 60
    """Maximum age of a journal line that is not yet in a checkpoint. Such a line could be removed unnoticed."""
    alarm_pause_minutes: Minutes = 60
    """Minimum time between two alarms of the same kind."""
    board_pause_seconds: Seconds = 60
    """Minimum time between two messages of the same kind to the electoral board."""

    disk_free_percent: Percent = 10
    """The command `doctor` warns if less than this share of a disk is free."""
    roll_change_percent: Percent = 5
    """Share of the roll that an import may change without a confirmation. It counts people removed or replaced."""


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
