"""Tests of the definitions of all flows, under several policies."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from inspect import getmembers
from string import Formatter

from core.flows.account.stop_change_definition import STOP_CHANGE
from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.identifier.confirmation_steps import ConfirmationSteps
from core.flows.identifier.definition import IdentifierFlow
from core.flows.password.current_step import message_delay_sentence
from core.flows.password.definition import PasswordFlow
from core.flows.password_rules import password_criteria
from core.flows.phase_notice import phase_notice
from core.flows.registry import FLOWS
from core.forms import errors
from core.forms.error_catalogue import REFUSALS, catalogue_entries
from core.forms.errors import PolicyDependentStepRefusal, Refusal
from core.forms.flow_model import AskStep, FieldKind, FieldRejected, Flow, FlowSteps, find_action, input_names
from core.policy.policy import PRESETS, Policy
from core.text.faces.call_sentences import CALL_TIMELINE
from core.text.faces.supervisor_approval_texts import SIGNATURE_TIMELINE
from core.text.faces.timeline_sentences import SHARED
from core.text.text import Language, Text
from core.text.translation import translate
from tests.support.election import CALENDAR, CLOSES, OPENS

LATE = timedelta(days=1)


def flows(policy: Policy) -> tuple[Flow, ...]:
    """Return the flows under this policy."""
    return PasswordFlow(policy).flow, VOTER_SPACE.flow, IdentifierFlow(policy).flow, STOP_CHANGE.flow


CONFIRMING = replace(Policy(), confirm_in_mailbox=True)
"""The policy with the most steps."""
STEPS = [(flow, step) for flow in flows(CONFIRMING) for step in flow.steps]
ACTS = [(step, act) for _, step in STEPS for act in step.actions]
FIELDS = [
    (policy, each)
    for policy in PRESETS.values()
    for flow in flows(policy)
    for step in flow.steps
    for act in step.actions
    for each in act.fields
]


def texts(value: object) -> Iterator[Text]:
    """Yield all sentences in a value, including those that are inserted into other sentences."""
    if isinstance(value, Text):
        yield value
        yield from texts(tuple(value.params.values()))
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from texts(getattr(value, each.name))
    elif isinstance(value, FlowSteps | ConfirmationSteps):
        yield from texts([held for _, held in getmembers(value)])
    elif isinstance(value, tuple | list):
        for each in value:
            yield from texts(each)


def sentences(policy: Policy) -> list[Text]:
    """Return the sentences that voters and agents can read under this policy."""
    whole = [PasswordFlow(policy), VOTER_SPACE, IdentifierFlow(policy), STOP_CHANGE]
    closing, normal = CLOSES - timedelta(minutes=1), timedelta(minutes=policy.normal_mail_delay_minutes)
    around = [phase_notice(CALENDAR, now) for now in (OPENS - LATE, OPENS, closing, CLOSES)]
    delays = [message_delay_sentence(delay, normal=normal) for delay in (timedelta(0), LATE)]
    tries = [errors.tries_left_sentence(count, pause_minutes=policy.sign_in_pause_minutes) for count in (0, 1, 2)]
    return [
        *texts([*whole, *around, *delays, *tries]),
        *texts([each.sentence for each in error_classes(FieldRejected)]),
    ]


def error_classes(family: type) -> list[type]:
    """Return all classes of a family in `core.forms.errors`."""
    return [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, family) and "id" in vars(each)
    ]


# ── Steps and actions ───────────────────────────────────────────────────────────────────────────────────


def test_codes_places_answers_and_errors_are_unique_and_codes_in_order() -> None:
    """Step codes, paths, answer types and error ids are unique, and the codes of a flow are in order."""
    codes = Counter(step.code for _, step in STEPS)
    places = Counter((flow.slug, step.slug) for flow, step in STEPS)
    slugs = Counter(flow.slug for flow in flows(CONFIRMING))
    assert {*codes.values(), *places.values(), *slugs.values()} == {1}

    for flow in flows(Policy()):
        letters = {step.code.split("-")[0] for step in flow.steps}
        assert len(letters) == 1
        numbers = [int(step.code.split("-")[1]) for step in flow.steps]
        assert numbers == sorted(numbers)  # a step that was removed leaves a gap: printed codes keep their meaning

    assert set(Counter(act.answers for _, act in ACTS).values()) == {1}

    ids = Counter(each.id for each in [*error_classes(FieldRejected), *error_classes(Refusal)])
    assert set(ids.values()) == {1}


def test_steps_of_some_policies_only_move_no_code() -> None:
    """Optional steps do not change the codes of the other steps."""
    before, now = (IdentifierFlow(policy).flow for policy in (Policy(), CONFIRMING))
    known = {step.code for step in before.steps}

    assert [(step.code, step.slug) for step in now.steps if step.code in known] == [
        (step.code, step.slug) for step in before.steps
    ]
    assert [step.code for step in now.steps] == [f"ID-{number}" for number in (1, 2, 3, 7, 8, 9, 4, 5, 6, 10)]


def test_an_answer_is_built_from_the_fields_of_its_act() -> None:
    """An answer has the fields of its action, and cannot be modified."""
    for step, act in ACTS:
        assert [each.name for each in fields(act.answers)] == [each.name for each in act.fields]
        assert act.answers.__dataclass_params__.frozen  # type: ignore[attr-defined]  # every dataclass has them
        assert find_action(act.name, step) is act


def test_a_button_without_a_name_is_the_only_one_there_is_or_the_way_on_of_an_ask() -> None:
    """Only a step with several actions needs the name of the action. An unknown name finds none."""
    for _, step in STEPS:
        assert (find_action("", step) is not None) == (len(step.actions) == 1 or isinstance(step, AskStep))
        assert find_action("unknown", step) is None


def test_a_fields_example_is_accepted_and_fills_its_inputs() -> None:
    """The example of each field is valid under each preset, and fills all inputs of the field."""
    for policy, each in FIELDS:
        assert each.parse(each.example)
        assert tuple(each.example) == input_names(each)
        if each.kind is FieldKind.NEW_SECRET:
            assert each.criteria == password_criteria(policy)


# ── Sentences ───────────────────────────────────────────────────────────────────────────────────────────


def test_no_digit_is_typed_in_a_sentence() -> None:
    """No sentence contains a digit, because numbers and dates come from the policy and the calendar."""
    words = [*sentences(CONFIRMING), *texts([[each.title, *each.remedy] for each in error_classes(Refusal)])]

    typed = [text.msgid for text in words for said in (text.msgid, text.plural or "") if any(map(str.isdigit, said))]

    assert not typed
    assert len(words) > 100


def test_each_line_of_a_timeline_ends_with_a_full_stop() -> None:
    """Each sentence about an event is a whole sentence, in French and in English."""
    timelines = [SHARED, CALL_TIMELINE, SIGNATURE_TIMELINE, *(plugin.timeline for plugin in FLOWS)]
    lines = [
        line
        for each in timelines
        for found in (each.events, each.by_desk, each.notices, *each.reasons.values())
        for line in found.values()
    ]
    said = [translate(line.sentence.fill({"agent": "lou"}), language) for line in lines for language in Language]

    assert [each for each in said if not each.endswith((".", "?"))] == []


SHOWN: dict[str, Callable[[Policy], Policy]] = {
    "password_minimum_length": lambda policy: replace(policy, password_minimum_length=9),
    "password_maximum_length": lambda policy: replace(policy, password_maximum_length=25),
    "password_unicode_letters": lambda policy: replace(policy, password_unicode_letters=True),
    "link_valid_minutes": lambda policy: replace(policy, link_valid_minutes=300),
    "asks_per_network": lambda policy: replace(policy, asks_per_network=7),
    "asks_window_minutes": lambda policy: replace(policy, asks_window_minutes=120),
    "normal_mail_delay_minutes": lambda policy: replace(policy, normal_mail_delay_minutes=6),
    "matching_tries": lambda policy: replace(policy, matching_tries=6),
    "matching_pause_minutes": lambda policy: replace(policy, matching_pause_minutes=61),
    "code_tries": lambda policy: replace(policy, code_tries=6),
    "code_pause_minutes": lambda policy: replace(policy, code_pause_minutes=61),
    "reissues": lambda policy: replace(policy, reissues=4),
    "identifier_useful_minutes": lambda policy: replace(policy, identifier_useful_minutes=720),
    "sign_in_pause_minutes": lambda policy: replace(policy, sign_in_pause_minutes=16),
    "confirm_in_mailbox": lambda policy: replace(policy, confirm_in_mailbox=True, confirmation_valid_minutes=31),
}


def test_a_number_of_the_policy_changes_the_sentences_that_show_it() -> None:
    """If a number of the policy changes, the sentences change."""
    usual = sentences(Policy())
    for name, change in SHOWN.items():
        assert sentences(change(Policy())) != usual, name


def test_every_number_in_a_sentence_changes_with_the_policy() -> None:
    """If all numbers of the policy change, no sentence contains an old number."""
    other = Policy()
    for change in SHOWN.values():
        other = change(other)

    before, after = (
        {(text.msgid, name): value for text in sentences(policy) for name, value in text.params.items()}
        for policy in (Policy(), other)
    )

    whole = {place for place, value in before.items() if isinstance(value, int) and place in after}
    still = {place for place in whole if before[place] == after[place]}
    assert {place[1] for place in still} <= {"count"}
    assert {place[0].split("{count}")[0] for place in still} <= {
        "En ce moment, les messages partent avec environ ",
        "Il vous reste ",
        "Environ ",  # minutes at the keyboard
        "",  # the digits of a code are RFC 4226's
    }


def test_the_plural_of_a_sentence_has_the_names_of_its_singular() -> None:
    """The singular and the plural of a sentence have the same placeholders."""
    for text in sentences(Policy()):
        names = [
            {name for _, name, _, _ in Formatter().parse(said) if name}
            for said in (text.msgid, text.plural or text.msgid)
        ]

        assert names[0] == names[1], text.msgid


def test_how_long_a_link_is_valid_is_said_in_whole_hours_where_it_can() -> None:
    """The validity of a link is shown in hours if it is a whole number of hours."""
    for minutes, said in ((60, "1 heure"), (240, "4 heures"), (90, "90 minutes"), (1, "1 minute")):
        mail = PasswordFlow(replace(Policy(), link_valid_minutes=minutes)).mail

        assert f"valable {said}." in translate(mail.copy.common_problems[0].voter, Language.FRENCH)


def test_the_help_of_a_policy_explains_the_refusals_of_its_own_steps() -> None:
    """The help pages explain the refusals of optional steps only if the policy has these steps."""
    before, now = ({entry.id for entry in catalogue_entries(flows(policy))} for policy in (Policy(), CONFIRMING))
    optional = {refusal.id for refusal in REFUSALS if issubclass(refusal, PolicyDependentStepRefusal)}

    assert now - before == optional
    assert {refusal.id for refusal in REFUSALS} <= now
