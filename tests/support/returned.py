"""Bounce mails in the formats of Postfix 3, Exim 4, sendmail 8, Exchange Online, OpenSMTPD and qmail."""

from pathlib import Path

RETURN = "retour+7f3k92qd.aaaaaaaaaaaaaaaa@vote.example"
TO = "camille.martin@ac-lumiere.example"
MESSAGE = "<k5x3mrsu2rgtzqna@vote.example>"
"""Addresses and Message-ID that every file contains."""
MAILS = Path(__file__).parent / "returned_mails"
RETURNED = (MAILS / "original.eml").read_text("utf-8")
"""Headers of the mail that was returned."""
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
    """Return a bounce mail or delivery report in the format of Postfix."""
    return POSTFIX.format(
        to=to,
        subject="Undelivered Mail Returned to MailSender" if action == "failed" else "Delivery report",
        recipient=TO,
        action=action,
        status=status,
        diagnostic=diagnostic,
        returned=RETURNED.replace(MESSAGE, message),
    ).encode()
