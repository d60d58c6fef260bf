"""Bounces in the formats of Postfix 3, Exim 4, sendmail 8, Exchange Online, OpenSMTPD and qmail."""

from pathlib import Path

RETURN = "retour+7f3k92qd.aaaaaaaaaaaaaaaa@vote.example"
TO = "camille.martin@ac-lumiere.example"
MESSAGE = "<k5x3mrsu2rgtzqna@vote.example>"
"""The addresses and Message-ID in every file."""
MAILS = Path(__file__).parent / "returned_mails"
RETURNED = (MAILS / "original.eml").read_text("utf-8")
"""The headers of the bounced mail."""
POSTFIX = (MAILS / "postfix.eml").read_text("utf-8")
EXIM, SENDMAIL, EXCHANGE_ONLINE, OPENSMTPD, QMAIL, HOLIDAY = (
    (MAILS / f"{name}.eml").read_bytes()
    for name in ("exim", "sendmail", "exchange_online", "opensmtpd", "qmail", "holiday")
)


def postfix(
    status: str = "5.1.1",
    *,
    action: str = "failed",
    diagnostic: str = "550 5.1.1 User unknown",
    to: str = RETURN,
    message: str = MESSAGE,
) -> bytes:
    """Return a bounce or delivery report in Postfix's format."""
    return POSTFIX.format(
        to=to,
        subject="Undelivered Mail Returned to MailSender" if action == "failed" else "Delivery report",
        recipient=TO,
        action=action,
        status=status,
        diagnostic=diagnostic,
        returned=RETURNED.replace(MESSAGE, message),
    ).encode()
