# SPDX-License-Identifier: GPL-2.0-or-later
"""Letters for the suite; the ones with a verdict of their own come from tests/cases."""
import itertools
import pathlib

CASES = pathlib.Path(__file__).resolve().parent.parent / "cases"
OURS = ("x-gatepost-id", "x-spam-status", "x-spam-flag", "x-spam-score", "x-virus-scanned",
        "x-gatepost-classification", "mime-ambiguity-results")
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
_number = itertools.count(1)


def case(name):
    """The message of a case, with the line ends of the wire."""
    raw = (CASES / name / "mail.eml").read_bytes()
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def letter(body="A letter.\r\n", sender="friend@example.net", to="clerk@office.example", extra="",
           subject=None):
    """A plain letter; no two are the same."""
    number = next(_number)
    head = (f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {subject or f'letter {number}'}\r\n"
            f"Date: Mon, 23 Nov 2026 20:45:12 +0700\r\nMessage-Id: <{number}.suite@example.net>\r\n"
            f"{extra}")
    text = head.encode() + b"\r\n"
    return text + (body.encode() if isinstance(body, str) else body)


def without_ours(data, also=()):
    """The delivered bytes without what this Postfix and Gatepost put on them: the Received field at
    the top and our own fields; `also` names fields of other milters."""
    drop = OURS + tuple(one.lower() for one in also)
    head, separator, body = data.partition(b"\r\n\r\n")
    if data.startswith(b"\r\n"):
        head, separator, body = b"", b"", data
    lines, skipping, received = [], False, False
    for line in head.split(b"\r\n") if head else []:
        if line[:1] not in (b" ", b"\t"):
            name = line.split(b":")[0].strip().lower().decode("latin-1")
            skipping = name in drop or (name == "received" and not received)
            received = received or name == "received"
        if not skipping:
            lines.append(line)
    return b"\r\n".join(lines) + (separator if lines else separator[2:]) + body
