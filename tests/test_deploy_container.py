"""The container image and compose.yaml run the product's own commands, each with little access. See `make container`."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import cli
from core.security.key_roles import ProgramKeyRole
from tests.support.product import eventually, free_port

FOLDER = Path(__file__).parent.parent / "deploy/container"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
CONTAINERFILE = (FOLDER / "Containerfile").read_text("utf-8").replace("\\\n", " ")
PROGRAMS = {"site": ProgramKeyRole.SERVE, "courier": ProgramKeyRole.COURIER, "deskd": ProgramKeyRole.DESK}


def _instruction(name: str) -> list[str]:
    (words,) = re.findall(rf"{name}.* (\[.+\])$", CONTAINERFILE, re.MULTILINE)
    return list(yaml.safe_load(words))


@pytest.mark.parametrize("name", [*PROGRAMS, "desk", "operator"])
def test_each_program_runs_an_existing_command_and_may_do_little(name: str) -> None:
    """A program's command exists. It cannot write to its image, gain privileges, or read another program's key."""
    service = COMPOSE["services"][name]
    command, *arguments = service.get("command") or _instruction("^CMD")
    if command != "--help":
        known = cli.main.get_command(click.Context(cli.main), command)
        assert known is not None
        options = {option for each in known.params for option in each.opts}
        assert {argument for argument in arguments if argument.startswith("--")} <= options
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges"]
    keys = re.findall(r"keys/(\w+)\.key:/srv/election/keys/\1\.key:ro", " ".join(service["volumes"]))
    assert keys == ([PROGRAMS[name]] if name in PROGRAMS else [])
    assert (name == "operator") == ("./election:/srv/election" in service["volumes"])


def test_only_the_proxy_opens_ports_and_is_believed() -> None:
    """The site believes only the address of nginx, which alone is reachable from outside."""
    services = COMPOSE["services"]
    proxy = services["nginx"]["networks"]["default"]["ipv4_address"]

    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert services["site"]["environment"]["RETROUVE_WEB__TRUSTED_PROXIES"] == f'["{proxy}/32"]'


def test_the_command_of_the_image_serves_a_ready_site(tmp_path: Path) -> None:
    """The image's command serves the election in RETROUVE_DIR, and its health check succeeds only while it is ready."""
    port, programs = free_port(), Path(sys.executable).parent
    entry, *arguments = [*_instruction("^ENTRYPOINT"), *_instruction("^CMD")]
    shown = dict(re.findall(r"(\w+)=(\S+)", re.findall(r"^ENV (.+)$", CONTAINERFILE, re.MULTILINE)[0]))
    environment = {**shown, "RETROUVE_DIR": str(tmp_path), "RETROUVE_WEB__PORT": str(port)}
    health = [part.replace(":8000", f":{port}") for part in _instruction(r"^ +CMD|^HEALTHCHECK")]
    subprocess.run([programs / entry, "init"], env=environment, check=True, capture_output=True)

    def healthy() -> bool:
        return subprocess.run([sys.executable, *health[1:]], capture_output=True, check=False).returncode == 0

    assert not healthy()
    with subprocess.Popen([programs / entry, *arguments], env=environment, stderr=subprocess.DEVNULL) as site:
        try:
            eventually(healthy, "a ready site")
        finally:
            site.terminate()


def test_the_trial_is_a_script_of_this_shell() -> None:
    """The shell accepts the script that `make container` runs."""
    subprocess.run(shlex.split(f"sh -n {FOLDER / 'try'}"), check=True)
