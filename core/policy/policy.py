"""The numbers of an election's rules.

The defaults are those of the French professional elections of December 2018. Bounds are part of the types
(annotated-types), so that `core.app.settings` can reject a wrong value and say which values are allowed.
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
    """The numbers of the rules. Names carry their unit."""

    password_minimum_length: PasswordLength = 8
    password_maximum_length: PasswordLength = 24
    password_unicode_letters: bool = False
    """True to count é as a lower-case and É as an upper-case letter."""
    password_guesses: Guesses = 10_000_000
    """Minimum guesses that a French-speaking attacker needs (`core.security.guesses`); 1 accepts any password.

    At `sign_in_tries_from_strangers` guesses per hour, the default takes twenty years.
    """
    password_wait_seconds: Seconds = 10
    """How long a password may wait to be hashed. After that, the voter is asked to come back."""
    passwords_waiting: Count = 64
    """How many passwords may wait for that in one web process."""

    link_valid_minutes: Minutes = 240
    """Validity of a link from its request. In 2022, mails were over an hour late."""
    resend_after_minutes: Minutes = 3
    link_mail_margin_minutes: Minutes = 10
    """A mail is cancelled if its link would be valid for less than this."""
    frozen_mail_pause_minutes: Minutes = 60
    """A frozen voter who requests links gets one mail in this time, which says to call the desk."""
    notice_useful_minutes: Minutes = 3 * 24 * 60
    stop_link_days: Count = 30
    """The notice of a change can freeze the account for this long, unless the desk reopens the account earlier."""
    normal_mail_delay_minutes: Minutes = 5

    asks_per_address: Count = 10
    """Maximum requests for one address in the window. Each one sends a link if the address is on the roll."""
    asks_per_network: Count = 4
    """Maximum requests for one address from one network, so that one network cannot use up an address's limit."""
    asks_window_minutes: Minutes = 60
    desk_requests_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """Maximum requests to the desk from one network in that window, for all addresses; 0 for no limit."""
    written_answers_per_voter_per_day: Count = 5
    """Maximum written answers from the desk to one voter in 24 hours."""

    sign_in_tries: Count = 5
    """Wrong attempts for one address from one network, or from one recognised browser."""
    sign_in_pause_minutes: Minutes = 15
    sign_in_tries_from_strangers: Count = 50
    """Wrong attempts for one address from all unrecognised browsers together (OWASP: device cookies)."""
    sign_in_strangers_window_minutes: Minutes = 60
    sign_in_addresses_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """Addresses for which sign-ins from one network (IPv4 /24, IPv6 /64) may fail before it is slowed; 0 for no limit.

    Only unrecognised browsers count. In a school of 200, a fifth would have to fail on the first morning.
    """
    sign_in_network_window_minutes: Minutes = 60
    sign_in_gap_seconds: Seconds = 15
    """Time between two sign-ins of a slowed network."""
    sign_in_gap_doubles_after: Count = 10
    """Number of further addresses that double this time. A network can try about eighty per hour in all."""
    session_minutes: Minutes = 60
    device_days: Count = 30

    form_repeat_minutes: Annotated[int, Interval(ge=60, le=7 * 24 * 60)] = 24 * 60
    """How long a form that is sent again, unchanged and from the same page, counts as the same act.

    At least the hour in which a sign-in form can be sent again; otherwise that form could open a closed session.
    """

    code_valid_minutes: Minutes = 10
    code_sendings: Count = 3
    """Maximum sendings of one code."""
    code_resend_after_seconds: Seconds = 60
    code_tries: Count = 5
    """Wrong codes of one voter, on the page and by SMS together, that close the case."""
    code_pause_minutes: Minutes = 60
    """The window in which wrong codes are counted, and the length of the following pause."""
    matching_tries: Count = 5
    """Wrong pairs of birth date and NUMEN of one voter."""
    matching_pause_minutes: Minutes = 60
    phone_codes: tuple[CallingCode, ...] = (33, 262, 508, 590, 594, 596, 681, 687, 689)
    """Country calling codes to which SMS are sent: France and overseas."""
    reissues: Count = 3
    """New identifiers per voter."""
    reissues_given_back: Count = 3
    """Maximum re-issues per voter that do not count because their SMS was not delivered."""
    identifier_useful_minutes: Minutes = 24 * 60
    """An identifier that cannot be sent in this time is abandoned, and the voter is notified."""
    confirm_in_mailbox: bool = False
    """True to require a confirmation in the voter's mailbox before a new identifier is made."""
    confirmation_valid_minutes: Minutes = 30
    """Validity of the confirmation link, from the request."""
    confirmation_sendings: Count = 3
    """Maximum confirmation mails for one request."""

    visits_per_network_per_minute: Count = 600
    """Write requests from one IPv4 address or one IPv6 /64, which a whole school may share."""

    sms_per_voter_per_hour: Count = 6
    """Codes of one voter to any number. A failed identity check counts as one code."""
    sms_per_voter_per_day: Count = 12
    """The same in 24 hours: three re-issues with all their sendings, and a margin."""
    sms_per_phone_per_day: Count = 12
    """Codes of one voter to one number in 24 hours. Other voters' codes to that number do not count."""
    numbers_per_voter_per_hour: Count = 3
    """Different phone numbers of one voter. Numbers that returned their code do not count."""
    numbers_per_voter_per_day: Count = 5
    sms_per_country_per_day: Volume = 2_000
    """Codes to the numbers of one country while none of them is verified (SMS pumping)."""
    sms_per_verified_code: Count = 3
    """Additional codes for a country that day for each code verified there."""
    sms_per_day: Volume = 200_000
    """All codes of a day, verified or not: the limit of the contract with the operator."""
    sms_at_midnight_percent: Percent = 25
    """Share of these two limits that is available at midnight. The rest is added evenly over the day."""
    sms_network_percent: Percent = 10
    """Share of a country's budget that one network may use. It grows with the codes verified there, like the budget."""

    last_minutes: Minutes = 30

    agent_tries: Count = 5
    """Wrong attempts for one agent before the pause."""
    agent_pause_minutes: Minutes = 15
    desk_idle_minutes: Minutes = 10
    """A terminal locks after this time without a key press."""
    desk_warning_minutes: Minutes = 1
    """The terminal shows a warning this long before it locks."""
    caller_tries: Count = 5
    """Failed caller checks per voter. The voter can still use the site."""
    caller_window_minutes: Minutes = 60
    caller_valid_minutes: Minutes = 30
    """Validity of a caller's verification: about one call."""
    caller_away_minutes: Minutes = 2
    """How long a call may leave the voter's file while its caller stays verified."""
    signature_valid_minutes: Minutes = 5
    """Validity of a supervisor's approval."""
    desk_late_minutes: Minutes = 15
    """Messages that wait longer are shown to the desk."""
    desk_opens_hour: Hour = 8
    desk_closes_hour: Hour = 19
    """People can be called back between these two hours of a day."""
    desk_days: DaysOfWeek = 5
    """The days of a week on which the desk is open, from Monday."""
    call_back_grace_minutes: Minutes = 5
    """A call-back stays with its assigned agent for this long after its due time. Then any agent can take it."""

    contest_days: Days = 90
    """Days after the close in which the election can be contested and evidence is kept."""
    checkpoint_lines: Count = 5_000
    """Number of journal lines that triggers a checkpoint for the board, whatever the time."""
    checkpoint_minutes: Minutes = 60
    """A journal line older than this must be in a checkpoint. Younger lines could be undone unnoticed."""
    alarm_pause_minutes: Minutes = 60
    """An alarm of one kind is raised at most once in this time."""
    board_pause_seconds: Seconds = 60
    """How long an intervention or alarm waits if the board has just received one of its kind."""

    disk_free_percent: Percent = 10
    """Free part of each disk below which `doctor` warns."""
    roll_change_percent: Percent = 5
    """Part of the roll that an import may remove (or add, if it also removes) without typing the number removed."""


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
