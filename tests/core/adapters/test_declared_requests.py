"""Tests of the requests that an operator declares, and of the expressions that read the answers."""

import json
from base64 import b64encode
from urllib.parse import parse_qs

import pytest

from core.adapters.declared_requests import (
    AnswerCondition,
    DeclaredRequest,
    PlaceholderError,
    check_expression,
    fill,
    fill_url,
    is_true,
    placeholders,
    read_json,
)

HOSTILE = 'a"}, {"to": "&To=1</x>\r\n{secret}{'
VALUES = {"text": HOSTILE, "number": "+33612345678", "ttl": 600, "secret": "é:s", "account": "AC/1?"}
TAKEN = AnswerCondition(status=frozenset({201}), when="sid != null", id="sid")


def test_a_value_never_changes_the_structure_of_a_request() -> None:
    """Whatever a text contains, the JSON and the form have the declared fields, and placeholders in it stay text."""
    declared = {"to": ["{number}"], "body": "« {text} »", "flags": {"ttl": "{ttl}", "flash": False}}
    sent = DeclaredRequest(url="https://e.example", json=declared, accepted=TAKEN).build(VALUES)
    assert json.loads(sent.body) == {
        "to": ["+33612345678"],
        "body": f"« {HOSTILE} »",
        "flags": {"ttl": 600, "flash": False},
    }

    form = {"To": "{number}", "Body": "{text}", "Flash": True, "Many": ["a", "{ttl}"]}
    sent = DeclaredRequest(url="https://e.example", form=form, accepted=TAKEN).build(VALUES)
    assert parse_qs(sent.body.decode()) == {
        "To": ["+33612345678"],
        "Body": [HOSTILE],
        "Flash": ["true"],
        "Many": ["a", "600"],
    }


def test_a_url_quotes_its_values() -> None:
    assert fill_url("https://{account}.e.example/{account}/x", {"account": "a/?b"}) == (
        "https://a%2F%3Fb.e.example/a%2F%3Fb/x"
    )
    sent = DeclaredRequest(url="https://e.example/x?a=1", query={"to": "{number}"}, accepted=TAKEN).build(VALUES)
    assert sent.url == "https://e.example/x?a=1&to=%2B33612345678"


def test_literal_braces_are_doubled_and_other_braces_refused() -> None:
    assert fill("{{{number}}}", VALUES) == "{+33612345678}"
    for wrong in ("{", "}", "{}", "{ number }", "{Number}", "{number!r}", "{number:>9}", "{number.real}", "{0}"):
        with pytest.raises(PlaceholderError):
            list(placeholders({"a": [wrong]}))


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ("basic", ("Authorization", f"Basic {b64encode('AC/1?:é:s'.encode()).decode()}")),
        ("bearer", ("Authorization", "Bearer é:s")),
        ("header:api-key", ("api-key", "é:s")),
    ],
)
def test_the_secret_is_sent_as_the_provider_wants_it(auth: str, header: tuple[str, str]) -> None:
    request = DeclaredRequest(url="https://e.example", auth=auth, username="{account}", accepted=TAKEN).build(VALUES)
    assert header in request.headers.items()
    assert "é:s" not in repr(request)


@pytest.mark.parametrize(
    "wrong", ["foo ===", "", "unknown(@)", "a[?b(c)]", "starts_with(@)", "contains(a, b, c)", "sid !=", "(" * 3000]
)
def test_a_wrong_expression_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_expression(wrong)


@pytest.mark.parametrize(
    ("status", "body", "holds"),
    [
        (201, b'{"sid": "SM1"}', True),
        (200, b'{"sid": "SM1"}', False),
        (201, b'{"sid": null}', False),
        (201, b'{"sid": ""}', False),
        (201, b"{}", False),
        (201, b'"SM1"', False),
        (201, b'{"sid": "SM1"', False),
        (201, b"<html>sid</html>", False),
        (201, b"[" * 5000, False),
        (201, b"", False),
        (201, b"\xff\xfe", False),
        (201, b'{"sid": "\xe9"}', False),
    ],
)
def test_both_parts_of_a_condition_must_hold(status: int, body: bytes, *, holds: bool) -> None:
    content = read_json(body)
    assert TAKEN.holds(status, content) is holds


@pytest.mark.parametrize(
    ("expression", "truth"),
    [
        ("a", True),
        ("zero", True),
        ("no", False),
        ("empty", False),
        ("starts_with(zero, 'x')", False),
        ("b == null", True),
    ],
)
def test_truth_is_that_of_jmespath(expression: str, *, truth: bool) -> None:
    """Zero is true, empty values are false, and a function of the wrong type is false."""
    assert is_true(expression, {"a": "x", "zero": 0, "no": False, "empty": []}) is truth
    assert not is_true(expression, None)


@pytest.mark.parametrize(
    "expression", ["to_string(@)", "sort(@)", "sum(@)", "to_number(@[0])", "max_by(@, &a)", "join('', @)"]
)
def test_no_content_makes_an_expression_fail(expression: str) -> None:
    deep: object = []
    for _ in range(900):
        deep = [deep]
    for content in ([deep], ["9" * 5000], [1, "a", None], [{"a": 1}, {"a": "x"}], [float("inf"), True]):
        is_true(expression, content)
