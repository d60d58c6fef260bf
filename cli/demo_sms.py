"""How SMS go in a demo: from the courier to a small gateway that speaks as Kannel does, or through Kannel itself."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cli.demo_folder import SMS_SECRET_FILE, TELEPHONE_FILE
from cli.demo_processes import free_port
from cli.kannel import SMPP_SMSC, Kannel, installed
from cli.words import tell
from core.adapters.telephone.gateway import GATEWAY_USER, SENDSMS
from core.adapters.telephone.operator import PASSWORD_LENGTH
from core.places import sms_answer_address
from core.words import demo_run as words

USERNAME = "retrouve"
SENDER = "38000"
KANNEL_FOLDER = "kannel"


@dataclass(frozen=True)
class SmsWay:
    """The telephones' command, where the courier hands SMS over, and Kannel if it stands in between."""

    folder: Path
    site: str
    kannel: Kannel | None = None
    port: int = field(default_factory=free_port)

    @property
    def command(self) -> list[str]:
        """Of the telephones: behind Kannel they are an operator, otherwise the gateway itself."""
        files = ["--file", str(self.folder / TELEPHONE_FILE), "--secret-file", str(self.folder / SMS_SECRET_FILE)]
        place = ["telephone", *files, "--port", str(self.port)]
        if self.kannel is not None:
            return [*place, "--username", SENDER]
        return [*place, "--username", USERNAME, "--inbound", sms_answer_address(self.site)]

    @property
    def variables(self) -> dict[str, str]:
        """The settings of the one gateway."""
        url = f"http://127.0.0.1:{self.port}{SENDSMS}" if self.kannel is None else self.kannel.sendsms
        gateway = {"url": url, "username": USERNAME, "password_file": SMS_SECRET_FILE, "sender": SENDER}
        return {"RETROUVE_SMS__GATEWAYS": json.dumps([gateway])}

    @contextmanager
    def boxes(self) -> Iterator[None]:
        """Meanwhile Kannel runs, if it is wanted."""
        if self.kannel is None:
            yield
            return
        self.kannel.configure()
        try:
            self.kannel.start()
            yield
        except TimeoutError:
            sys.exit(tell(words.KANNEL_NOT_READY.fill({"logs": str(self.kannel.folder)})))
        finally:
            self.kannel.stop()


def sms_way(folder: Path, site: str, *, kannel: bool) -> SmsWay:
    """Leaves the command, naming the package, where Kannel is wanted and not installed."""
    if not kannel:
        return SmsWay(folder, site)
    if not installed():
        sys.exit(tell(words.NO_KANNEL))
    secret = (folder / SMS_SECRET_FILE).read_text("utf-8").strip()
    operator_port = free_port()
    boxes = Kannel(
        folder=folder.resolve() / KANNEL_FOLDER,
        admin_port=free_port(),
        box_port=free_port(),
        send_port=free_port(),
        smsc=SMPP_SMSC.format(port=operator_port, password=secret[:PASSWORD_LENGTH]),
        username=USERNAME,
        password=secret,
        inbound=sms_answer_address(site.replace("//", f"//{GATEWAY_USER}:{secret}@")),
    )
    return SmsWay(folder, site, boxes, operator_port)
