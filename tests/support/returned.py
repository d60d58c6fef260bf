"""Bounces as real servers write them: Postfix 3, Exim 4, sendmail 8, Exchange Online, OpenSMTPD, qmail."""

RETURN = "retour+7f3k92qd.aaaaaaaaaaaaaaaa@vote.example"
TO = "camille.martin@ac-lumiere.example"
MESSAGE = "<k5x3mrsu2rgtzqna@vote.example>"

RETURNED = f"""\
Return-Path: <{RETURN}>
Date: Fri, 30 Nov 2018 12:00:00 +0100
From: "Elections" <ne-pas-repondre@vote.example>
To: {TO}
Subject: Votre lien
Message-ID: {MESSAGE}
"""

_POSTFIX = """\
Return-Path: <>
X-Original-To: {to}
Delivered-To: {to}
Received: by relay.example (Postfix)
\tid 55D47AB41B7; Fri, 30 Nov 2018 11:00:01 +0000 (UTC)
Date: Fri, 30 Nov 2018 11:00:01 +0000 (UTC)
From: Mail Delivery System <MAILER-DAEMON@relay.example>
Subject: {subject}
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4EFEBAB41B4.1795574359/relay.example"
Content-Transfer-Encoding: 8bit
Message-Id: <20181130110001.55D47AB41B7@relay.example>

This is a MIME-encapsulated message.

--4EFEBAB41B4.1795574359/relay.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

This is the mail system at host relay.example.

                   The mail system

<{recipient}>: host mx.ac-lumiere.example[192.0.2.25] said: {diagnostic}
    (in reply to RCPT TO command)

--4EFEBAB41B4.1795574359/relay.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
X-Postfix-Queue-ID: 4EFEBAB41B4
X-Postfix-Sender: rfc822; {to}
Arrival-Date: Fri, 30 Nov 2018 11:00:00 +0000 (UTC)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.ac-lumiere.example
Diagnostic-Code: smtp; {diagnostic}

--4EFEBAB41B4.1795574359/relay.example
Content-Description: Undelivered Message
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

{returned}
hello

--4EFEBAB41B4.1795574359/relay.example--
"""


def postfix(
    status: str = "5.1.1",
    *,
    action: str = "failed",
    diagnostic: str = "550 5.1.1 User unknown",
    to: str = RETURN,
    message: str = MESSAGE,
) -> bytes:
    """Return a bounce or delivery report as Postfix writes it."""
    return _POSTFIX.format(
        to=to,
        subject="Undelivered Mail Returned to MailSender" if action == "failed" else "Delivery report",
        recipient=TO,
        action=action,
        status=status,
        diagnostic=diagnostic,
        returned=RETURNED.replace(MESSAGE, message),
    ).encode()


EXIM = f"""\
Return-path: <>
Envelope-to: {RETURN}
Delivery-date: Fri, 30 Nov 2018 12:00:01 +0100
Received: from Debian-exim by relay.example with local (Exim 4.96)
\tid 1gSgDN-0003hX-1k
\tfor {RETURN};
\tFri, 30 Nov 2018 12:00:01 +0100
X-Failed-Recipients: {TO}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@relay.example>
To: {RETURN}
References: {MESSAGE}
Content-Type: multipart/report; report-type=delivery-status; boundary=1543575601-eximdsn-1804289383
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1gSgDN-0003hX-1k@relay.example>
Date: Fri, 30 Nov 2018 12:00:01 +0100

--1543575601-eximdsn-1804289383
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {TO}
    host mx.ac-lumiere.example [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<{TO}>:
    550-5.1.1 <{TO}>: Recipient address rejected:
    550 5.1.1 User unknown in local recipient table

--1543575601-eximdsn-1804289383
Content-type: message/delivery-status

Reporting-MTA: dns; relay.example

Action: failed
Final-Recipient: rfc822;{TO}
Status: 5.0.0
Remote-MTA: dns; mx.ac-lumiere.example
Diagnostic-Code: smtp; 550-5.1.1 <{TO}>: Recipient address rejected:
 550 5.1.1 User unknown in local recipient table

--1543575601-eximdsn-1804289383
Content-type: text/rfc822-headers

{RETURNED}
--1543575601-eximdsn-1804289383--
""".encode()

SENDMAIL = f"""\
Return-Path: <MAILER-DAEMON>
Delivered-To: {RETURN}
Received: from localhost (localhost)
\tby relay.example (8.17.1/8.17.1) id wAUB01xY004242;
\tFri, 30 Nov 2018 11:00:01 GMT
Date: Fri, 30 Nov 2018 11:00:01 GMT
From: Mail Delivery Subsystem <MAILER-DAEMON@relay.example>
Message-Id: <201811301100.wAUB01xY004242@relay.example>
To: <{RETURN}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="wAUB01xY004242.1543575601/relay.example"
Subject: Returned mail: see transcript for details
Auto-Submitted: auto-generated (failure)

This is a MIME-encapsulated message

--wAUB01xY004242.1543575601/relay.example

The original message was received at Fri, 30 Nov 2018 11:00:00 GMT
from localhost [127.0.0.1]

   ----- The following addresses had permanent fatal errors -----
<{TO}>
    (reason: 552 5.2.2 Mailbox full)

   ----- Transcript of session follows -----
... while talking to mx.ac-lumiere.example.:
>>> DATA
<<< 552 5.2.2 Mailbox full
554 5.0.0 Service unavailable

--wAUB01xY004242.1543575601/relay.example
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Received-From-MTA: DNS; localhost
Arrival-Date: Fri, 30 Nov 2018 11:00:00 GMT

Final-Recipient: RFC822; {TO}
Action: failed
Status: 5.2.2
Remote-MTA: DNS; mx.ac-lumiere.example
Diagnostic-Code: SMTP; 552 5.2.2 Mailbox full
Last-Attempt-Date: Fri, 30 Nov 2018 11:00:01 GMT

--wAUB01xY004242.1543575601/relay.example
Content-Type: message/rfc822

{RETURNED}
hello

--wAUB01xY004242.1543575601/relay.example--
""".encode()

EXCHANGE_ONLINE = f"""\
Received: from PR0P264MB0001.FRAP264.PROD.OUTLOOK.COM (2603:10a6:102:1::1) by
 relay.example; Fri, 30 Nov 2018 11:00:01 +0000
Delivered-To: {RETURN}
MIME-Version: 1.0
From: <postmaster@ac-lumiere.example>
To: <{RETURN}>
Date: Fri, 30 Nov 2018 11:00:01 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="2a0a7a2c-0a1f-4b3c-9d53-2a9c3b1f7c11"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: fr-FR
Message-ID: <9f0a7be1-54f2-4a4b-8a57-3f6d8a0f1c33@PR0P264MB0001.FRAP264.PROD.OUTLOOK.COM>
In-Reply-To: {MESSAGE}
References: {MESSAGE}
Subject: =?utf-8?B?Tm9uIHJlbWlzIDogVm90cmUgbGllbg==?=
Auto-Submitted: auto-replied

--2a0a7a2c-0a1f-4b3c-9d53-2a9c3b1f7c11
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="5c3ad5b4-9b6a-4a52-8f0b-6a8c5a0e2f55"

--5c3ad5b4-9b6a-4a52-8f0b-6a8c5a0e2f55
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

Vm90cmUgbWVzc2FnZSBuJ2EgcGFzIHB1IMOqdHJlIHJlbWlzLg==

--5c3ad5b4-9b6a-4a52-8f0b-6a8c5a0e2f55
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: base64

PHA+Vm90cmUgbWVzc2FnZSBuJ2EgcGFzIHB1IMOqdHJlIHJlbWlzLjwvcD4=

--5c3ad5b4-9b6a-4a52-8f0b-6a8c5a0e2f55--

--2a0a7a2c-0a1f-4b3c-9d53-2a9c3b1f7c11
Content-Type: message/delivery-status

Reporting-MTA: dns;PR0P264MB0001.FRAP264.PROD.OUTLOOK.COM
Received-From-MTA: dns;relay.example
Arrival-Date: Fri, 30 Nov 2018 11:00:00 +0000

Final-Recipient: rfc822;{TO}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {TO} not found by SMTP address lookup

--2a0a7a2c-0a1f-4b3c-9d53-2a9c3b1f7c11
Content-Type: message/rfc822

{RETURNED}
hello

--2a0a7a2c-0a1f-4b3c-9d53-2a9c3b1f7c11--
""".encode()

OPENSMTPD = f"""\
Delivered-To: {RETURN}
Subject: Delivery status notification: error
From: Mailer Daemon <MAILER-DAEMON@relay.example>
To: {RETURN}
Date: Fri, 30 Nov 2018 11:00:01 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed;boundary="1234567890/relay.example"

This is a MIME-encapsulated message.

--1234567890/relay.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

--1234567890/relay.example
Content-Description: Delivery Report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; {TO}
Action: error
Status: 5.7.1

--1234567890/relay.example
Content-Description: Message headers
Content-Type: text/rfc822-headers

{RETURNED}
--1234567890/relay.example--
""".encode()

QMAIL = f"""\
Return-Path: <>
Delivered-To: {RETURN}
Received: (qmail 4242 invoked for bounce); 30 Nov 2018 11:00:01 -0000
Date: 30 Nov 2018 11:00:01 -0000
From: MAILER-DAEMON@relay.example
To: {RETURN}
Subject: failure notice

Hi. This is the qmail-send program at relay.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{TO}>:
192.0.2.25 does not like recipient.
Remote host said: 550 User unknown
Giving up on 192.0.2.25.

--- Below this line is a copy of the message.

{RETURNED}
hello
""".encode()

HOLIDAY = f"""\
Delivered-To: {RETURN}
From: {TO}
To: {RETURN}
Subject: Absence
Auto-Submitted: auto-replied
In-Reply-To: {MESSAGE}

Je suis absente jusqu'au 10. Your message could not be delivered faster: call 550 5.1.1.
""".encode()
