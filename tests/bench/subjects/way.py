"""A voter's whole way to the link: three forms and their pages with a fresh cookie jar, the courier, the answer of the relay.

Beside it a tuned Django mails as many links from its own single password-reset form, with the same relay. It is what
`django-admin startproject` makes, with kept connections to the same engine, as many voters, and the index that its search for
an address needs. Templates are cached, as always without DEBUG.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.bench.argon2id_yardstick import beside_argon2id, rate_figure, time_figure
from tests.bench.figures import Figure, median_figure
from tests.bench.load_generator import Visit, form, page, visit
from tests.bench.measured_system import MeasuredSystem, cpu_seconds
from tests.bench.prepared_requests import asking_visit
from tests.bench.serve_reference import reference_server, wait_for_page
from tests.support.product import descendants

ROUNDS, VISITS = 7, 500
MOST_CPU = {"sqlite": 0.16, "postgresql": 0.22}
LEAST_OF_DJANGO = 0.9
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


def measure_way(system: MeasuredSystem) -> Iterator[Figure]:
    """CPU a mailed link, and mailed links a second, in turn with Django."""
    system.start("courier", "serve")
    numbers = count(1)
    with running_django(system) as (django, port):

        def ours() -> tuple[float, float]:
            visits = [asking_visit(system, address) for address in system.next_addresses(VISITS)]
            return _mail_links(system, system.port, visits, lambda: system.processes("serve", "courier"))

        def theirs() -> tuple[float, float]:
            visits = [reset_visit(port, next(numbers)) for _ in range(VISITS)]
            return _mail_links(system, port, visits, lambda: [django, *descendants(django)])

        rounds = beside_argon2id(1 + ROUNDS, ours, theirs)[2:]  # the first two warm both up
    yield time_figure("CPU a mailed link", rounds[::2], MOST_CPU[system.engine], which=1)
    yield time_figure("CPU a mailed link, Django", rounds[1::2], which=1)
    yield rate_figure("mailed links", rounds[::2])
    yield rate_figure("mailed links, Django", rounds[1::2])
    ratios = [our[0] / their[0] for (our, _), (their, _) in zip(rounds[::2], rounds[1::2], strict=True)]
    yield median_figure("mailed links, to Django's", ratios, "×", least=LEAST_OF_DJANGO)


def _mail_links(
    system: MeasuredSystem, port: int, visits: Sequence[Visit], processes: Callable[[], list[int]]
) -> tuple[float, float]:
    """Mailed links a second, and the CPU seconds a link of these processes and of the database server."""
    mails = system.servers.state.mails + len(visits)
    spent, began = cpu_seconds([*processes(), *system.postgres_processes()]), time.perf_counter()
    visit(port, visits, 200, 302, 303)
    system.servers.wait_for(mails=mails)
    seconds = time.perf_counter() - began
    system.settle()
    spent = cpu_seconds([*processes(), *system.postgres_processes()]) - spent
    return len(visits) / seconds, spent / len(visits)


# ── Django ───────────────────────────────────────────────────────────────────────────────────────────────────


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
    subprocess.run(words, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)  # our own command


def reset_visit(port: int, voter: int) -> Visit:
    """The page of the form, and the form of one voter."""
    typed = {"email": f"voter{voter}@ac-lumiere.example", "csrfmiddlewaretoken": TOKEN}
    return page(port, RESET_PATH, COOKIES), form(port, RESET_PATH, typed, COOKIES)
