"""A tuned Django with its own password-reset form, which the way to a link is compared with.

It is what `django-admin startproject` makes, with kept connections to the same engine, as many voters, and the index that its
search for an address needs. Templates are cached, as always without DEBUG.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from bench.load_generator import BrowserTokens, form, page
from bench.measured_system import MeasuredSystem
from bench.yardsticks import reference_server, wait_for_page

RESET_PATH = "/password_reset/"
COOKIES, TOKEN = f"csrftoken={'a' * 32}", "a" * 32
"""A browser that was here before; the token of its form is then its cookie's."""
SETTINGS = """
DEBUG, ALLOWED_HOSTS = False, ["127.0.0.1"]
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", {mail_port}
DATABASES = {{"default": {{**{database}, "CONN_MAX_AGE": None}}}}
"""
URLS = """
from django.urls import include
urlpatterns.append(path("", include("django.contrib.auth.urls")))
"""
WRITE_AHEAD = {"init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"}
VOTERS = """
INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :voters)
SELECT 'usable', false, 'voter' || number, '', '', 'voter' || number || '@ac-lumiere.example', false, true,
CURRENT_TIMESTAMP FROM numbers
"""


@contextmanager
def running_django(system: MeasuredSystem) -> Iterator[tuple[int, int]]:
    """The id of its process and its port."""
    folder = system.installation.folder / "django"
    folder.mkdir()
    if system.postgres is None:
        url, index = f"sqlite:///{folder / 'db'}", "email COLLATE NOCASE"
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db"), "OPTIONS": WRITE_AHEAD}
    else:
        with system.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CREATE DATABASE django"))
        url, index = f"{system.postgres.url}/django", "upper(email)"
        place = {"HOST": system.postgres.address, "PORT": str(system.postgres.port), "USER": "postgres"}
        database = {"ENGINE": "django.db.backends.postgresql", "NAME": "django", **place}
    _manage(folder, "startproject", "reference", ".")
    for name, lines in (("settings", SETTINGS), ("urls", URLS)):
        file = folder / f"reference/{name}.py"
        more = lines.format(mail_port=system.installation.mail_port, database=database)
        file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    variables = {"DJANGO_SETTINGS_MODULE": "reference.settings", "PYTHONPATH": str(folder)}
    _manage(folder, "migrate", **variables)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(VOTERS), {"voters": system.voters})
        connection.execute(text(f"CREATE INDEX by_email ON auth_user ({index})"))
        connection.execute(text("ANALYZE"))
    engine.dispose()
    with reference_server("django.core.wsgi:get_wsgi_application", **variables) as (process, port):
        wait_for_page(port, RESET_PATH)
        yield process, port


def _manage(folder: Path, *command: str, **variables: str) -> None:
    words, environment = [sys.executable, "-m", "django", *command], {**os.environ, **variables}
    subprocess.run(words, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own command


def reset_visit(port: int, voter: int) -> BrowserTokens:
    """The page of the form, and the form of one voter."""
    typed = {"email": f"voter{voter}@ac-lumiere.example", "csrfmiddlewaretoken": TOKEN}
    return page(port, RESET_PATH, COOKIES), form(port, RESET_PATH, typed, COOKIES)
