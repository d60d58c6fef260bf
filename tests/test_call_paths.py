"""Few functions lead from a request to its effect, as docs/call-paths.md lists them."""

from pathlib import Path
from typing import Final

from core.flows.password.definition import ForgotPasswordAnswer
from core.flows.password.plugin import PasswordFlowPlugin
from tests.support.call_path import functions_leading_to, written
from tests.support.election import CAMILLE
from tests.support.stores import sqlite
from tests.support.worlds import world
from webhook.site_application import create_site

MOST: Final = 20
HOST = {"Host": "127.0.0.1"}


def to_the_database(function: object) -> bool:
    """Tell whether the function sends a statement or a COMMIT to SQLite."""
    of_driver = type(getattr(function, "__self__", None)).__module__ == "sqlite3"
    return of_driver and getattr(function, "__name__", "") in {"execute", "commit"}


def test_few_functions_lead_from_the_posted_address_to_the_stored_case(tmp_path: Path) -> None:
    """A second request calls exactly the documented functions between the view and each statement, and few of them."""
    with sqlite(tmp_path) as kept:
        services = world(kept).services
        browser, steps = create_site(services).test_client(), services.flows[PasswordFlowPlugin].steps
        forgotten = next(act.name for act in steps.choose_way.actions if act.answers is ForgotPasswordAnswer)
        for ask in (1, 2):
            browser.post("/", data={"email": CAMILLE}, headers=HOST)
            browser.post(f"/{steps.flow.slug}/{steps.choose_way.slug}", data={"choice": forgotten}, headers=HOST)
            with functions_leading_to(to_the_database, since="webhook.flow_pages.answer") as path:
                browser.post(f"/{steps.flow.slug}/{steps.confirm.slug}", headers=HOST)
            assert kept.cases() == ask

    assert path == written("From the posted address to the stored case"), "\n".join(
        f"{place}. `{name}`" for place, name in enumerate(path, 1)
    )
    assert len(path) <= MOST
