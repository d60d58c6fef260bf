"""Every number of an election's rules, once.

The defaults are those of the French professional elections of December 2018. Bounds are part of the types
(annotated-types), so that `core.app.settings` can refuse a wrong value with what is allowed.
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
    """True to count é as a lower-case letter and É as an upper-case one."""
    password_guesses: Guesses = 10_000_000
    """The least guesses of a French-speaking guesser (`core.security.guesses`); 1 asks for none.

    At `sign_in_tries_from_strangers` an hour they take twenty years."""
    password_wait_seconds: Seconds = 10
    """Time that a password may wait for its turn to be hashed; then the voter is told to come back."""
    passwords_waiting: Count = 64
    """Number of passwords that may wait for that in one web process."""

    link_valid_minutes: Minutes = 240
    """Validity of a link from the ask on, because mails were over an hour late in 2022."""
    resend_after_minutes: Minutes = 3
    link_mail_margin_minutes: Minutes = 10
    """A mail with a link is cancelled when less than this is left of the link's time."""
    frozen_mail_pause_minutes: Minutes = 60
    """A frozen voter is told once in that time to call the desk, however often a link is asked for."""
    notice_useful_minutes: Minutes = 3 * 24 * 60
    stop_link_days: Count = 30
    """Time after a change in which its notice can freeze the account; a reopening by the desk ends it early."""
    normal_mail_delay_minutes: Minutes = 5

    asks_per_address: Count = 10
    """Most asks for one address in the window; each mails a link to an address of the roll, which serves until its own expiry."""
    asks_per_network: Count = 4
    """Most asks for one address from one network in the window: nobody can use up another's."""
    asks_window_minutes: Minutes = 60
    desk_requests_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """Most requests to the desk from one network in that window, for any addresses; 0 for no limit."""
    written_answers_per_voter_per_day: Count = 5
    """Most answers in writing that the desk sends to one voter in 24 hours."""

    sign_in_tries: Count = 5
    """Wrong tries on one address from one network, or from one recognised browser."""
    sign_in_pause_minutes: Minutes = 15
    sign_in_tries_from_strangers: Count = 50
    """Wrong tries on one address from all unrecognised browsers together (OWASP: device cookies)."""
    sign_in_strangers_window_minutes: Minutes = 60
    sign_in_addresses_per_network: Annotated[int, Interval(ge=0, le=10_000)] = 40
    """Addresses that unrecognised browsers of one network (IPv4 /24, IPv6 /64) try in vain before it is slowed; 0 slows none.

    A school of 200 on its first morning: a fifth of them would have to give up."""
    sign_in_network_window_minutes: Minutes = 60
    sign_in_gap_seconds: Seconds = 15
    """The time between two sign-ins of a slowed network."""
    sign_in_gap_doubles_after: Count = 10
    """The further addresses with which that time doubles: some eighty an hour in all."""
    session_minutes: Minutes = 60
    device_days: Count = 30

    form_repeat_minutes: Annotated[int, Interval(ge=60, le=7 * 24 * 60)] = 24 * 60
    """Time in which a form sent again, unchanged and from the same page, is the same act.

    No less than the hour in which the form of a sign-in can be sent again: else it would open a closed session again."""

    code_valid_minutes: Minutes = 10
    code_sendings: Count = 3
    """Most sendings of one code."""
    code_resend_after_seconds: Seconds = 60
    code_tries: Count = 5
    """Wrong codes of one voter, on the page and by SMS together, after which the case is closed."""
    code_pause_minutes: Minutes = 60
    """The period in which wrong codes are counted, and the length of the pause that follows."""
    matching_tries: Count = 5
    """Wrong pairs of birth date and NUMEN of one voter."""
    matching_pause_minutes: Minutes = 60
    phone_codes: tuple[CallingCode, ...] = (33, 262, 508, 590, 594, 596, 681, 687, 689)
    """Countries whose mobile numbers get SMS: France and overseas."""
    reissues: Count = 3
    """New identifiers of one voter."""
    reissues_given_back: Count = 3
    """Most re-issues of a voter that do not count because their SMS was not delivered."""
    identifier_useful_minutes: Minutes = 24 * 60
    """An identifier that could not be sent by then is abandoned, and the voter is told."""
    confirm_in_mailbox: bool = False
    """True to make a new identifier only once its request was confirmed in the voter's mailbox."""
    confirmation_valid_minutes: Minutes = 30
    """Validity of the link in the mail to confirm, from the request on."""
    confirmation_sendings: Count = 3
    """Most mails to confirm that one request may ask for."""

    visits_per_network_per_minute: Count = 600
    """Requests that write, from one IPv4 address or one IPv6 /64, behind which may stand a whole school."""

    sms_per_voter_per_hour: Count = 6
    """Codes of one voter to any number; a submission whose birth date or NUMEN was wrong counts as one."""
    sms_per_voter_per_day: Count = 12
    """The same in 24 hours: three re-issues with all their sendings, and a margin."""
    sms_per_phone_per_day: Count = 12
    """Codes of one voter to one number in 24 hours. Those that others ask for to the same number are theirs."""
    numbers_per_voter_per_hour: Count = 3
    """Different telephone numbers of one voter; those whose code came back are not counted."""
    numbers_per_voter_per_day: Count = 5
    sms_per_country_per_day: Volume = 2_000
    """Codes to the numbers of one country before any of them was verified (SMS pumping)."""
    sms_per_verified_code: Count = 3
    """Further codes that a country may get that day for each code that was verified there."""
    sms_per_day: Volume = 200_000
    """All codes of a day, verified or not: the limit of the contract with the operator."""
    sms_at_midnight_percent: Percent = 25
    """The part of these two that may be used from midnight; the rest is added evenly over the day, so it is never spent early."""
    sms_network_percent: Percent = 10
    """The part of a country's budget that one network may use; it grows with the codes verified there as the whole does."""

    last_minutes: Minutes = 30

    agent_tries: Count = 5
    """Wrong tries on one agent's name before the pause."""
    agent_pause_minutes: Minutes = 15
    desk_idle_minutes: Minutes = 10
    """After this time without a key, a terminal locks."""
    desk_warning_minutes: Minutes = 1
    """Time before the lock at which the terminal warns of it."""
    caller_tries: Count = 5
    """Failed checks of callers who claim to be one voter; the voter's own way stays open."""
    caller_window_minutes: Minutes = 60
    caller_valid_minutes: Minutes = 30
    """Validity of a caller's verification: one call."""
    caller_away_minutes: Minutes = 2
    """Time that a call may be away from its voter's file with its caller still verified."""
    signature_valid_minutes: Minutes = 5
    """Validity of a supervisor's approval."""
    desk_late_minutes: Minutes = 15
    """A message that waits longer is shown to the desk."""
    desk_opens_hour: Hour = 8
    desk_closes_hour: Hour = 19
    """Between these two hours of a day people can be called back."""
    desk_days: DaysOfWeek = 5
    """The days of a week on which the desk is open, from Monday."""
    call_back_grace_minutes: Minutes = 5
    """Time after its due moment that a call-back stays with the agent to whom it is assigned; then it is anyone's."""

    contest_days: Days = 90
    """Days after the close in which the election may be contested and evidence is kept."""
    checkpoint_lines: Count = 5_000
    """Lines of the journal after which the board is told of them, however short the time."""
    checkpoint_minutes: Minutes = 60
    """The age at which a line of the journal must be attested; younger lines could be undone unnoticed."""
    alarm_pause_minutes: Minutes = 60
    """An alarm of one kind is raised once in that time."""
    board_pause_seconds: Seconds = 60
    """Time that an intervention or alarm waits when the board was told of one of its kind just before."""

    disk_free_percent: Percent = 10
    """The part of a disk that should be free; `doctor` says when less is."""
    roll_change_percent: Percent = 5
    """The part of the roll that an import may remove, or add beside removals, before the number removed must be typed."""


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
