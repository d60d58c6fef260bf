"""Prepares the forms and error lists of a step for the templates."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from core.forms.flow_model import Action, Field, FieldKind, FieldRejected, Form, PasswordCriterion, Step, input_names
from core.forms.required_fields_sentence import required_sentence
from core.text.faces import page_frame_texts as words
from webhook.sentence_markup import SentenceMarkup

NATIVE: Mapping[FieldKind, Mapping[str, str]] = {
    # These attributes choose the keyboard on a telephone; `parse` validates the values. With the type "email" a
    # browser would send a look-alike domain in Punycode, and `parse` could not detect it.
    FieldKind.ADDRESS: {"type": "text", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"},
    FieldKind.SECRET: {"type": "password", "autocapitalize": "none", "spellcheck": "false"},
    FieldKind.NEW_SECRET: {"type": "password", "autocapitalize": "none", "spellcheck": "false"},
    FieldKind.PHONE: {"type": "tel", "inputmode": "tel"},
    FieldKind.BIRTH_DATE: {"type": "text", "inputmode": "numeric"},
    FieldKind.NUMEN: {"type": "text", "autocapitalize": "characters", "spellcheck": "false"},
    FieldKind.CODE: {"type": "text", "inputmode": "numeric", "spellcheck": "false"},
    FieldKind.CHECK: {"type": "checkbox"},
    FieldKind.CHOICE: {},
    FieldKind.CASE_NUMBER: {"type": "text", "autocapitalize": "characters", "spellcheck": "false"},
}
BIRTH_DATE_PARTS = {"day": words.DAY, "month": words.MONTH, "year": words.YEAR}
WIDGETS: Mapping[FieldKind, str] = {
    FieldKind.SECRET: "secret",
    FieldKind.NEW_SECRET: "new_secret",
    FieldKind.BIRTH_DATE: "birth_date",
    FieldKind.CHECK: "check",
    FieldKind.CHOICE: "choice",
}
"""Maps kinds of field to macros in fields.html. All other kinds use the macro `line`."""
SECRETS = {FieldKind.SECRET, FieldKind.NEW_SECRET}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnInput:
    """An HTML input for the template. `name` is also the HTML id."""

    name: str
    label: Markup
    value: str
    required: bool
    autocomplete: str
    native: Mapping[str, str]
    described_by: str
    in_error: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnField:
    name: str
    widget: str
    kind: str
    label: Markup
    hint: Markup
    error: Markup | None
    error_id: str | None
    inputs: tuple[DrawnInput, ...]
    criteria: tuple[tuple[PasswordCriterion, Markup], ...]
    options: tuple[tuple[str, str], ...]
    """Choices in a list, as (value, label) pairs. Labels are plain text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnActionForm:
    name: str
    label: Markup
    when: Markup | None
    is_irreversible: bool
    fields: tuple[DrawnField, ...]
    required: Markup | None
    account: str | None
    """Email address for the password manager. The form does not submit this address."""


def drawn_action_form(
    action: Action[object], markup: SentenceMarkup, typed_values: Form, problems: Mapping[str, FieldRejected]
) -> DrawnActionForm:
    fields = tuple(_drawn_field(each, markup, typed_values, problems.get(each.name)) for each in action.fields)
    address = markup.facts.get("username") or markup.facts.get("address")
    holds_a_secret = any(each.kind in SECRETS for each in action.fields)
    return DrawnActionForm(
        name=action.name,
        label=markup.html(action.label),
        when=markup.html_or_none(action.when),
        is_irreversible=action.is_irreversible,
        fields=fields,
        required=markup.html_or_none(required_sentence(action)),
        account=address if holds_a_secret and isinstance(address, str) else None,
    )


def problem_list(step: Step, markup: SentenceMarkup, problems: Mapping[str, FieldRejected]) -> Mapping[str, Markup]:
    """Map fields to error sentences. The keys are the HTML ids of the fields' first inputs."""
    fields = [each for action in step.actions for each in action.fields if each.name in problems]
    # An error that concerns two fields is listed once, under the first field.
    firsts = {id(problems[each.name]): each for each in reversed(fields)}
    return {
        input_names(each)[0]: markup.html(problems[each.name].reason)
        for each in fields
        if firsts[id(problems[each.name])] is each
    }


def _drawn_field(each: Field[object], markup: SentenceMarkup, form: Form, rejected: FieldRejected | None) -> DrawnField:
    return DrawnField(
        name=each.name,
        widget=WIDGETS.get(each.kind, "line"),
        kind=each.kind.value,
        label=markup.html(each.label),
        hint=markup.html(each.hint),
        error=None if rejected is None else markup.html(rejected.reason),
        error_id=None if rejected is None else rejected.id,
        inputs=_drawn_inputs(each, markup, form, in_error=rejected is not None),
        criteria=tuple((rule, markup.html(rule.sentence)) for rule in each.criteria),
        options=tuple((one.value, markup.plain(one.label)) for one in each.options),
    )


def _drawn_inputs(each: Field[object], markup: SentenceMarkup, form: Form, *, in_error: bool) -> tuple[DrawnInput, ...]:
    def drawn(name: str, label: Markup, autocomplete: str) -> DrawnInput:
        return DrawnInput(
            name=name,
            label=label,
            value="" if each.kind in SECRETS else form.get(name, ""),
            required=not each.kind.is_optional,
            autocomplete=autocomplete,
            native=NATIVE[each.kind],
            described_by=_described_by(each, in_error=in_error),
            in_error=in_error,
        )

    return tuple(drawn(*named) for named in _named_inputs(each, markup))


def _named_inputs(each: Field[object], markup: SentenceMarkup) -> tuple[tuple[str, Markup, str], ...]:
    """Return (name, label, autocomplete token) for each input of a field."""
    names = input_names(each)
    if each.kind is FieldKind.BIRTH_DATE:
        parts = zip(names, BIRTH_DATE_PARTS.items(), strict=True)
        return tuple((name, markup.html(label), f"{each.autocomplete}-{part}") for name, (part, label) in parts)
    labels = (each.label,) if each.again is None else (each.label, each.again)
    return tuple((name, markup.html(label), each.autocomplete) for name, label in zip(names, labels, strict=True))


def _described_by(each: Field[object], *, in_error: bool) -> str:
    ids = [f"{each.name}-hint"]
    if in_error:
        ids.append(f"{each.name}-error")
    if each.criteria:
        ids.append(f"{each.name}-criteria")
    return " ".join(ids)
