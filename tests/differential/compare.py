#!/usr/bin/env python3
"""Compares our parse of each corpus file with Python's email package (compat32 and default policy)
and with GMime. A disagreement must be explained by a rule of EXPLANATIONS; what no rule explains
fails the test. Every rule that explains something is printed with its count, so that a rule that
explains too much is seen.

usage: compare.py MAIL_DUMP [FOLDER]
SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import email
import email.policy
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEFAULT = os.path.join(os.environ.get("GATEPOST_CORPORA", os.path.join(ROOT, "../shared/corpora")),
                       "parsers")
MAIL_SUFFIXES = (".eml", ".txt", ".mbox", "")


def is_mail(path):
    """Fixtures only: expectations, documents and source files are no mail."""
    name = os.path.basename(path)
    if os.path.splitext(name)[1].lower() not in MAIL_SUFFIXES:
        return False
    with open(path, "rb") as stream:
        head = stream.read(4000)
    return b":" in head.split(b"\n")[0] or head.startswith(b"From ")


def leaves_of_ours(parse):
    """(type, encoding) of the leaves of the plain reading, in order."""
    return [(p["type"], p["encoding"]) for p in parse["parts"] if p["leaf"] and not p["alternative"]]


# Messages that hold a message; other message/* types are leaves to us (Python and GMime make parts
# of the header blocks in a delivery status, which is a matter of taste).
WITH_MESSAGE = ("message/rfc822", "message/global", "message/news")


ENCODINGS = {"7bit": "identity", "8bit": "identity", "binary": "identity", "": "identity",
             "base64": "base64", "quoted-printable": "quoted-printable", "x-uuencode": "uuencode",
             "uuencode": "uuencode", "x-uue": "uuencode", "uue": "uuencode"}


def leaves_of_python(raw, policy):
    message = email.message_from_bytes(raw, policy=policy)
    out = []
    pending = [message]
    while pending:
        part = pending.pop()
        kind = part.get_content_type().lower()
        opens = part.get_content_maintype() != "message" or kind in WITH_MESSAGE
        if part.is_multipart() and part.get_payload() and opens:
            pending.extend(reversed(part.get_payload()))
            continue
        label = str(part.get("Content-Transfer-Encoding", "") or "").strip().lower()
        out.append((part.get_content_type().lower(), ENCODINGS.get(label, "unknown")))
    return out


def leaves_of_gmime(raw):
    stream = GMime.StreamMem.new_with_buffer(raw)
    parser = GMime.Parser.new_with_stream(stream)
    message = parser.construct_message(None)
    if message is None:
        return None
    names = {GMime.ContentEncoding.BASE64: "base64",
             GMime.ContentEncoding.QUOTEDPRINTABLE: "quoted-printable",
             GMime.ContentEncoding.UUENCODE: "uuencode"}
    out = []
    pending = [message.get_mime_part()]
    while pending:
        part = pending.pop()
        if part is None:
            out.append(("text/plain", "identity"))
        elif isinstance(part, GMime.Multipart) and part.get_count() > 0:
            pending.extend(part.get_part(i) for i in reversed(range(part.get_count())))
        elif isinstance(part, GMime.MessagePart) and part.get_message() is not None:
            pending.append(part.get_message().get_mime_part())
        else:
            kind = part.get_content_type()
            encoding = "identity"
            if isinstance(part, GMime.Part):
                encoding = names.get(part.get_content_encoding(), "identity")
            out.append((("%s/%s" % (kind.get_media_type(), kind.get_media_subtype())).lower(),
                        encoding))
    return out


def has(*names):
    return lambda ours, theirs, case: any(n in case["defects"] for n in names)


def subset(inner, outer):
    return not collections.Counter(inner) - collections.Counter(outer)


def without_empty(ours, case):
    plain = [p for p in case["parts"] if p["leaf"] and not p["alternative"]]
    return [leaf for leaf, part in zip(ours, plain) if part["size"] > 2]  # a line end at most


def only_types_differ(ours, theirs, case):
    """Same leaves, but for types that RFC 2045 5.2 makes text/plain and GMime octet-stream."""
    odd = ("text/plain", "application/octet-stream")
    return has("BadContentType")(ours, theirs, case) and len(ours) == len(theirs) and all(
        o == t or (o[0] in odd and t[0] in odd and o[1] == t[1]) for o, t in zip(ours, theirs))


def only_encodings_differ(ours, theirs, case):
    return (has("EncodingSyntax", "UnrecognizedTransferEncoding", "UnsupportedEncoding")(
        ours, theirs, case) and [o[0] for o in ours] == [t[0] for t in theirs])


# (name, oracles it is for or None, predicate(our leaves, their leaves, our parse)): the first that
# holds explains. Those that ask only for a defect ask for one of grade C, where the mail is refused
# anyway; the others say exactly what may differ.
EXPLANATIONS = [
    ("type not understood: text/plain (RFC 2045 5.2) or application/octet-stream", ("gmime",),
     only_types_differ),
    ("type not understood, so default type", None,
     lambda o, t, c: has("BadContentType")(o, t, c) and len(o) == len(t)),
    ("empty part between two boundary lines dropped", None,
     lambda o, t, c: len(t) < len(o) and subset(without_empty(o, c), t) and subset(t, o)),
    ("encoding label not understood", None, only_encodings_differ),
    ("multipart without boundary read as text", None,
     lambda o, t, c: has("MultipartWithoutBoundary")(o, t, c) and len(t) == 1),
    ("encoded message: the oracle opens it, here decode/ does", None,
     lambda o, t, c: has("EncodingOnComposite")(o, t, c) and len(o) == len(t)),
    ("parts after the closing boundary", None,
     lambda o, t, c: has("PartsAfterClose")(o, t, c) and len(o) <= len(t)),
    ("grade C: boundary of the outer multipart used again", None,
     has("InnerUsesOuterBoundary", "BoundaryLikeClose")),
    ("grade C: MIME fields behind a line that is no field", None, has("FieldsAfterJunk")),
    ("grade C: two types or encodings", None,
     has("DuplicateContentType", "DuplicateTransferEncoding")),
    ("grade C: folded boundary", None, has("BoundaryFolded")),
    ("grade C: boundary in a header", None, has("BoundaryInHeader")),
    ("part without a header behind a boundary line in text; GMime drops it, and sees no other",
     ("gmime",), lambda o, t, c: "NoHeaderBodySeparator" in c["defects"]
     and "MissingCloseBoundary" in c["defects"] and len(t) < len(o) and subset(t, o)),
    ("no semicolon before a parameter", None,
     lambda o, t, c: has("BadParameter")(o, t, c) and t[0][0].startswith("multipart/")),
]


def explain(oracle, ours, theirs, case):
    for name, oracles, holds in EXPLANATIONS:
        if (oracles is None or oracle in oracles) and holds(ours, theirs, case):
            return name
    return None


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    folder = sys.argv[2] if len(sys.argv) > 2 else DEFAULT
    if not os.path.isdir(folder):
        print("SKIPPED: no corpus at %s (set GATEPOST_CORPORA)" % folder)
        return 77
    files = sorted(os.path.join(top, name) for top, _, names in os.walk(folder) for name in names)
    files = [path for path in files if is_mail(path)]
    dump = subprocess.run([sys.argv[1]] + files, stdout=subprocess.PIPE, check=True).stdout
    parses = [json.loads(line) for line in dump.decode("utf-8").splitlines()]
    assert len(parses) == len(files)
    explained = collections.Counter()
    agreed = collections.Counter()
    unexplained = []
    for case in parses:
        with open(case["file"], "rb") as stream:
            raw = stream.read()
        ours = leaves_of_ours(case)
        oracles = [("python-compat32", lambda: leaves_of_python(raw, email.policy.compat32)),
                   ("python-default", lambda: leaves_of_python(raw, email.policy.default))]
        if GMime is not None:
            oracles.append(("gmime", lambda: leaves_of_gmime(raw)))
        for oracle, read in oracles:
            try:
                theirs = read()
            except Exception as error:  # the oracle's own bug: no opinion
                explained[(oracle, "oracle failed: " + type(error).__name__)] += 1
                continue
            if theirs is None:
                explained[(oracle, "oracle gave nothing")] += 1
            elif theirs == ours:
                agreed[oracle] += 1
            else:
                reason = explain(oracle, ours, theirs, case)
                if reason is None:
                    unexplained.append((oracle, case, ours, theirs))
                else:
                    explained[(oracle, reason)] += 1
    for oracle, count in sorted(agreed.items()):
        print("%-16s agrees on %d of %d" % (oracle, count, len(files)))
    for (oracle, reason), count in sorted(explained.items()):
        print("%-16s %4d  %s" % (oracle, count, reason))
    for oracle, case, ours, theirs in unexplained:
        print("UNEXPLAINED %s %s\n  ours   %s\n  theirs %s\n  defects %s" % (
            oracle, case["file"], ours[:12], theirs[:12], sorted(set(case["defects"]))))
    if GMime is None:
        print("GMime was not asked: install gir1.2-gmime-3.0 and python3-gi")
    print("%d files, %d unexplained" % (len(files), len(unexplained)))
    return 1 if unexplained or not files else 0


try:
    import gi
    gi.require_version("GMime", "3.0")
    from gi.repository import GMime
    GMime.init()
except (ImportError, ValueError):
    GMime = None

if __name__ == "__main__":
    sys.exit(main())
