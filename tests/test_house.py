"""The house is the one that is drawn: folders, layers, and what the core does not load."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = {"bench", "cli", "core", "deploy", "docs", "guides", "locks", "templates", "tests", "tui", "webhook"}
FACES = ("textual", "rich", "flask", "werkzeug", "mkdocs", "playwright", "sqlalchemy", "click", "jinja2")


def test_every_top_level_folder_has_its_place() -> None:
    """A new top-level folder is a decision: it is written here and in ARCHITECTURE.md."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()}

    found = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}

    assert {name for name in found if not name.endswith(".egg-info")} - ignored == FOLDERS


def test_every_package_is_under_the_import_contracts() -> None:
    """The wheel, the type checker and the import linter look at the same packages."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    packages = set(settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])

    assert packages == set(settings["tool"]["importlinter"]["root_packages"])
    assert packages - {"templates"} | {"bench"} == set(settings["tool"]["mypy"]["packages"])


def test_the_use_cases_load_no_face() -> None:
    """`import core.service…` loads no web, terminal, site, browser or database library."""
    program = (
        "import sys, core.service.reception, core.service.lines.password;"
        f"print([name for name in {FACES!r} if name in sys.modules])"
    )

    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"


def test_what_serves_loads_no_migrations() -> None:
    """Alembic would be a fifth of a worker's start."""
    program = "import sys, cli.serve, webhook.app; print('alembic' in sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "False"


def test_no_step_code_stands_outside_the_flows() -> None:
    """A step's code is typed in its flow and nowhere else in the product."""
    from core.flows.identifier import identifier_flow  # noqa: PLC0415
    from core.flows.password import password_flow  # noqa: PLC0415  # only this test needs it
    from core.flows.space import space_flow  # noqa: PLC0415
    from core.flows.stop import stop_flow  # noqa: PLC0415
    from core.policy import Policy  # noqa: PLC0415

    flows = (password_flow(Policy()).flow, space_flow().flow, identifier_flow(Policy()).flow, stop_flow().flow)
    codes = {step.code for flow in flows for step in flow.steps}

    typed = [
        (path.name, code)
        for folder in ("core", "webhook", "tui", "guides", "cli", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".txt", ".js"} and path.parent.name != "flows"
        for code in codes
        if f'"{code}"' in path.read_text("utf-8") or f">{code}<" in path.read_text("utf-8")
    ]

    assert typed == []
