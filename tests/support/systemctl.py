#!/usr/bin/python3
"""Stands in for systemctl on a machine without systemd: starts the programs of units as their unit files say.

It knows what the operator's documents ask: start, stop, restart, reload and enable --now.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

UNITS = Path("/usr/lib/systemd/system")
OTHERS = {
    "nginx": {"start": "nginx", "stop": "nginx -s quit", "reload": "nginx -s reload"},
    "postfix": {"start": "postfix start", "stop": "postfix stop", "reload": "postfix reload"},
    "ssh": {"start": "/usr/sbin/sshd", "reload": "/usr/sbin/sshd"},
    "valkey-server": {
        "start": "runuser -u valkey -- valkey-server /etc/valkey/valkey.conf --daemonize yes",
        "stop": "true",
    },
}
SECONDS_TO_STOP = 20


def main() -> None:
    verb, *names = [word for word in sys.argv[1:] if word not in {"enable", "--now"}] or ["start"]
    if "enable" in sys.argv:
        verb, names = "start", [verb, *names]
    for name in names:
        if name.removesuffix(".service") in OTHERS:
            act_on_other(verb, OTHERS[name.removesuffix(".service")])
        elif verb != "daemon-reload":
            act_on_ours(verb, name.removesuffix(".service"))


def act_on_other(verb: str, commands: dict[str, str]) -> None:
    for each in ("stop", "start") if verb == "restart" else (verb,):
        subprocess.run(shlex.split(commands[each]), check=each == "start" or verb == "reload")


def act_on_ours(verb: str, name: str) -> None:
    unit, _, instance = name.partition("@")
    said: dict[str, list[str]] = {}
    for line in (UNITS / f"{unit}@.service").read_text().replace("%i", instance).splitlines():
        key, is_set, value = line.partition("=")
        if is_set and not line.startswith("#"):
            said.setdefault(key, []).append(value)
    pid_file = Path("/run", f"{name}.pid")
    if verb in {"stop", "restart"} and pid_file.exists():
        stop(int(pid_file.read_text()))
        pid_file.unlink()
    if verb in {"start", "restart"} and not pid_file.exists():
        pid_file.write_text(str(start(name, said)))
    if verb == "reload":
        os.kill(int(pid_file.read_text()), signal.SIGHUP)


def start(name: str, said: dict[str, list[str]]) -> int:
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    for file in said["EnvironmentFile"]:
        path = Path(file.removeprefix("-"))
        lines = path.read_text().splitlines() if path.exists() else []
        environment |= {
            word.partition("=")[0]: word.partition("=")[2]
            for line in lines
            if not line.startswith("#")
            for word in shlex.split(line)
        }
    for folder in said.get("RuntimeDirectory", []):
        subprocess.run(["install", "-d", "-o", said["User"][0], f"/run/{folder}"], check=True)
    who = ["setpriv", f"--reuid={said['User'][0]}", f"--regid={said['Group'][0]}", "--init-groups"]
    with Path("/var/log", f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [*who, *shlex.split(said["ExecStart"][0])],
            cwd=said["WorkingDirectory"][0],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        ).pid


def stop(pid: int) -> None:
    """Send SIGTERM, and wait until the process has gone; its parent is not this process."""
    os.kill(pid, signal.SIGTERM)
    for _ in range(SECONDS_TO_STOP * 20):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)


main()
