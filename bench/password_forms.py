"""The forms of the password flow and their pages, as a browser asks for them."""

from bench.load_generator import BrowserTokens, form, page, visit
from bench.measured_system import MeasuredSystem
from core.flows.password.definition import PasswordFlow
from core.policy.policy_and_calendar import Policy

FLOW = PasswordFlow(Policy())
IDENTIFY_PATH = "/"
CHOOSE_WAY_PATH, ASK_PATH, CHOOSE_PASSWORD_PATH = (
    f"/{FLOW.flow.slug}/{step.slug}" for step in (FLOW.choose_way, FLOW.confirm, FLOW.choose_password)
)
FORGOTTEN = {"choice": "forgotten"}
PASSWORD = "Kx7 wq3 Zvj8 nk"
"""No voter's name is in it: such a password would be refused."""


def ask_form(system: MeasuredSystem, cookies: str = "") -> bytes:
    """The ask for the message with the link."""
    return form(system.port, ASK_PATH, {"choice": ""}, cookies)


def sign_in_form(system: MeasuredSystem, cookies: str, password: str) -> bytes:
    """The password of a voter who gave an address before."""
    return form(system.port, CHOOSE_WAY_PATH, {"choice": "sign-in", "password": password}, cookies)


def new_password_form(system: MeasuredSystem, cookies: str) -> bytes:
    """A new password, by an opened link."""
    return form(system.port, CHOOSE_PASSWORD_PATH, {"new_password": PASSWORD, "new_password_again": PASSWORD}, cookies)


def asking_visit(system: MeasuredSystem, address: str) -> BrowserTokens:
    """The three forms up to the ask for a message to that address, each after its page."""
    forms = ((IDENTIFY_PATH, {"email": address}), (CHOOSE_WAY_PATH, FORGOTTEN), (ASK_PATH, {"choice": ""}))
    return [each for path, typed in forms for each in (page(system.port, path), form(system.port, path, typed))]


def identified_browsers(system: MeasuredSystem, addresses: list[str]) -> list[str]:
    """The cookies of browsers in which these addresses were given."""
    return visit(system.port, [[form(system.port, IDENTIFY_PATH, {"email": each})] for each in addresses], 303).cookies


def asking_browsers(system: MeasuredSystem, addresses: list[str]) -> list[str]:
    """The cookies of browsers that can ask for the message to these addresses."""
    forgotten = form(system.port, CHOOSE_WAY_PATH, FORGOTTEN)
    visits = [[form(system.port, IDENTIFY_PATH, {"email": each}), forgotten] for each in addresses]
    return visit(system.port, visits, 303).cookies
