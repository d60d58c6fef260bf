"""The repository has the folders and import layers of ARCHITECTURE.md, and programs load only what they need."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = {
    "cli",
    "core",
    "demo",
    "deploy",
    "docs",
    "guides",
    "locks",
    "templates",
    "tests",
    "tui",
    "webhook",
}
PRODUCT = ("cli", "core", "demo", "guides", "templates", "tui", "webhook")
FACES = ("textual", "flask", "werkzeug", "mkdocs", "playwright", "sqlalchemy", "click", "jinja2")


NAMES_A_FLOW = {
    "core/delivery/preparation.py": "decides an ask, whose link it makes and stores",
    "core/desk/desk.py": "hands the use cases below the asks of the one flow whose mail an agent may start",
    "core/desk/freezing.py": "opens a case for a voter who never asked for anything",
    "core/desk/mails.py": "asks for the mail with the link, for a caller",
    "core/desk/voter_status.py": "says what is left of a voter's link, identifiers and codes",
    "core/desk/written_answers.py": "answers the requests of the one flow that asks the desk for it",
}
"""Files outside the flows that may import a flow's folder, with the reason."""


def test_every_top_level_folder_has_its_place() -> None:
    """Every top-level folder is listed in this file and in ARCHITECTURE.md."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()}

    found = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}

    assert {name for name in found if not name.endswith(".egg-info")} - ignored == FOLDERS


def test_every_package_is_under_the_import_contracts() -> None:
    """The wheel, the type checker and the import linter cover the same packages."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    packages = set(settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])

    assert packages | {"tests.conformance"} == set(settings["tool"]["importlinter"]["root_packages"])
    assert packages - {"templates"} | {"tests.bench", "tests.conformance"} == set(settings["tool"]["mypy"]["packages"])


def test_the_use_cases_load_no_face() -> None:
    """`import core.flows` loads no web, terminal, site, browser or database library."""
    program = (
        "import sys, core.flows.registry, core.flows.dispatcher;"
        f"print([name for name in {FACES!r} if name in sys.modules])"
    )

    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"


SITE, TERMINAL = "import cli.serve", "import cli.desk"
NOT_LOADED = {
    SITE: "alembic core.delivery.courier demo.pages aiosmtpd psycopg textual httpx jmespath jwt",
    TERMINAL: "sqlalchemy psycopg pydantic flask core.app.settings core.adapters.sql",
}


@pytest.mark.parametrize("program", NOT_LOADED)
def test_a_program_loads_only_what_it_starts_with(program: str) -> None:
    """The site does not load the courier or the demo, and the terminal does not load the database."""
    unneeded = NOT_LOADED[program].split()
    assert all(find_spec(name) for name in unneeded)
    command = f"import sys; {program}; print([name for name in {unneeded!r} if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"


def test_only_the_registry_names_a_flow() -> None:
    """Outside core/flows/, no product code imports a flow's folder or contains a step code or a flow's slug."""
    folders = {path.name for path in (ROOT / "core" / "flows").iterdir() if (path / "plugin.py").is_file()}
    imports = re.compile(rf"core\.flows\.({'|'.join(sorted(folders))})\b")

    codes = step_codes()
    named = {
        path: found
        for path in product_files({".py", ".html", ".txt", ".js"})
        if not path.is_relative_to("core/flows")
        and (found := {*imports.findall(text(path)), *(code for code in codes if stands(code, text(path)))})
    }

    assert {str(path) for path in named} == set(NAMES_A_FLOW)


def stands(code: str, source: str) -> bool:
    """Return whether a step code is in code or on a page, and not in prose."""
    return f'"{code}"' in source or f">{code}<" in source


def step_codes() -> set[str]:
    """Return the codes of all steps and the slugs of all flows."""
    from core.app.services import Services  # noqa: PLC0415  # only this test needs an election
    from tests.support.stores import until_exit  # noqa: PLC0415
    from tests.support.worlds import world  # noqa: PLC0415

    services: Services = world(until_exit()).services
    flows = services.flows.definitions
    return {flow.slug for flow in flows} | {step.code for flow in flows for step in flow.steps}


def product_files(kinds: set[str], folders: tuple[str, ...] = PRODUCT) -> Iterator[Path]:
    """Return the files with the given endings in some folders. The paths are relative to the root of the repository."""
    for folder in folders:
        yield from (path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.suffix in kinds)


@cache
def text(path: Path) -> str:
    return (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize(("page", "least"), [("ARCHITECTURE.md", 20), ("CONTRIBUTING.md", 80), ("docs/install.md", 2)])
def test_every_path_that_a_document_names_exists(page: str, least: int) -> None:
    """Every file and folder in a table "to change X, go to Y" exists."""
    named = set(
        re.findall(
            r"`((?:core|cli|tui|webhook|guides|demo|deploy|docs|tests)/[\w./]*)`",
            (ROOT / page).read_text("utf-8"),
        )
    )

    assert len(named) >= least
    assert {path for path in named if not (ROOT / path).exists()} == set()
