#!/usr/bin/env python3
"""Stamps of secrecy in every encoding, at every place of a mail, against the shipped rules.

  stamps.py GATEPOST [--show]

Three levels in ten encodings of before Unicode, VIQR and the forms of Unicode stand in a body (with and
without the label of the charset, in 8bit and quoted-printable), in HTML (with the font named by tag, style and
style sheet), in an attached text file, in a subject and in a file name. Each mail leaves the office and must be
refused by a rule that knows the level. The same letter without a stamp must pass each way.

Prints a table of what was found. Exit 1: a stamp was missed, or a plain letter refused.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import argparse
import base64
import pathlib
import quopri
import re
import shutil
import sys
import tempfile
import unicodedata

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "cases"))
import run  # noqa: E402  (the runner of the cases knows how to configure and call the program)

OWN = "vanthuvanphong@tinhuyquangtri.vn"
ENVELOPE = (OWN, ("vanthu@quangtri.gov.vn",), "192.0.2.10", OWN)
STAMPS = ("MẬT", "TỐI MẬT", "TUYỆT MẬT")
LEVEL_RULES = re.compile(r"(VNM-00[123]|VNM-04[0-8]|VNM-05\d|CMB-0[12])$")
BEFORE = ("Kính gửi: Ủy ban nhân dân các huyện, thị xã, thành phố\n"
          "Thực hiện chương trình công tác năm, Văn phòng gửi các đồng chí tài liệu phục vụ hội nghị.\n")
AFTER = "\nĐề nghị các đơn vị nghiên cứu, góp ý kiến bằng văn bản trước ngày họp.\nTrân trọng./."
COLUMNS = ("tcvn3", "vn1", "vni", "vps", "viscii", "windows-1258", "bkhcm1", "bkhcm2", "vietware-f",
           "vietware-x")
LABELS = {"tcvn3": "x-viet-tcvn", "vn1": "x-viet-tcvn5712", "vni": "x-viet-vni", "vps": "x-viet-vps",
          "viscii": "viscii", "windows-1258": "windows-1258", "bkhcm1": "x-bkhcm1",
          "bkhcm2": "x-bkhcm2", "vietware-f": "x-vietware-f", "vietware-x": "x-vietware-x",
          "viqr": "viqr"}
FONTS = {"tcvn3": ".VnTime", "vni": "VNI-Times", "vps": "VPS Times"}


def tables():
    found = {name: {} for name in COLUMNS}
    text = (TOP / "src/text/vietnamese_tables.inc").read_text(encoding="utf-8")
    for point, values in re.findall(r"\{0x([0-9A-F]+),\{([^}]+)\}\}", text):
        for name, value in zip(COLUMNS, values.split(",")):
            code = int(value, 16)
            found[name][chr(int(point, 16))] = code.to_bytes(2 if code > 255 else 1, "big")
    return found


TABLES = tables()
SHAPES = {"\u0302": "^", "\u0306": "(", "\u031b": "+"}
TONES = {"\u0300": "`", "\u0301": "'", "\u0303": "~", "\u0309": "?", "\u0323": "."}


def viqr(text):
    out = ""
    for char in unicodedata.normalize("NFC", text):
        if char in "đĐ":
            out += char.replace("đ", "dd").replace("Đ", "DD")
            continue
        marks = unicodedata.normalize("NFD", char)
        shape = "".join(SHAPES.get(c, "") for c in marks[1:])
        tone = "".join(TONES.get(c, "") for c in marks[1:])
        out += marks[0] + shape + tone
    return out.encode("ascii", "replace")


def hybrid(text):
    """As the keyboards of Windows write: the shape with its letter, the tone behind it."""
    out = ""
    for char in unicodedata.normalize("NFC", text):
        marks = unicodedata.normalize("NFD", char)
        tone = "".join(c for c in marks[1:] if c in TONES)
        out += unicodedata.normalize("NFC", "".join(c for c in marks if c not in TONES)) + tone
    return out


def encode(text, name):
    if name == "viqr":
        return viqr(text)
    if name == "nfc":
        return unicodedata.normalize("NFC", text).encode()
    if name == "nfd":
        return unicodedata.normalize("NFD", text).encode()
    if name == "hybrid":
        return hybrid(text).encode()
    if name == "utf-16":
        return text.encode("utf-16")
    if name == "twice":
        return text.encode().decode("latin-1").encode()
    return b"".join(TABLES[name].get(c, c.encode("ascii", "replace")) for c in text)


NAMES = COLUMNS + ("viqr", "nfc", "nfd", "hybrid", "utf-16", "twice")


def label_of(name):
    return LABELS.get(name, "utf-16" if name == "utf-16" else "utf-8")


def header(subject=b"Tai lieu hoi nghi"):
    return (b"From: <" + OWN.encode() + b">\r\nTo: <vanthu@quangtri.gov.vn>\r\nSubject: " + subject +
            b"\r\nDate: Tue, 07 Mar 2017 08:00:00 +0700\r\nMIME-Version: 1.0\r\n")


def part(data, kind="plain", charset="", how="8bit", more=b""):
    label = f"; charset={charset}" if charset else ""
    if how == "8bit":
        body = data.replace(b"\n", b"\r\n")
    elif how == "base64":
        body = base64.encodebytes(data).replace(b"\n", b"\r\n")
    else:
        body = quopri.encodestring(data).replace(b"\n", b"\r\n")
    return (f"Content-Type: text/{kind}{label}\r\nContent-Transfer-Encoding: {how}\r\n".encode() + more +
            b"\r\n" + body + b"\r\n")


def multipart(*parts):
    out = b'Content-Type: multipart/mixed; boundary="b0"\r\n\r\n'
    for one in parts:
        out += b"--b0\r\n" + one
    return out + b"--b0--\r\n"


def html(text, name, how):
    """Lines as paragraphs, the characters as a browser of those days got them."""
    data = [encode(line, name) for line in text.split("\n")]
    if name in COLUMNS and name != "windows-1258" and how != "bytes":
        # An editor that took the bytes for Latin letters.
        data = ["".join(f"&#{ord(c)};" if ord(c) > 126 or c in "<>&" else c
                        for c in one.decode("cp1252", "run-time-c1")).encode() for one in data]
    else:
        data = [one.replace(b"&", b"&amp;").replace(b"<", b"&lt;") for one in data]
    font = FONTS.get(name, "Times New Roman").encode()
    if how == "tag":
        lines = [b'<p><font face="' + font + b'">' + one + b"</font></p>" for one in data]
    elif how == "style":
        lines = [b"<p style=\"font-family:'" + font + b"',serif\">" + one + b"</p>" for one in data]
    else:
        lines = [b"<p class=MsoNormal>" + one + b"</p>" for one in data]
    sheet = b'<style>p.MsoNormal{font-family:"' + font + b'"}</style>' if how == "sheet" else b""
    return b"<html><head>" + sheet + b"</head><body>" + b"\n".join(lines) + b"</body></html>"


def c1(error):
    return "".join(chr(b) for b in error.object[error.start:error.end]), error.end


def mails(name, stamp):
    """(place, message) for one encoding; stamp "" for a plain letter."""
    text = BEFORE + stamp + AFTER
    data = encode(text, name)
    label = label_of(name)
    wide = name == "utf-16"
    eight = "base64" if wide else "8bit"
    yield "body", header() + part(data, charset=label, how=eight)
    yield "body, quoted", header() + part(data, charset=label, how="base64" if wide else "quoted-printable")
    if not wide:
        yield "body, us-ascii", header() + part(data, charset="us-ascii")
    yield "body, no label", header() + part(data, how=eight)
    if stamp and name not in ("twice", "viqr"):
        yield "stamp alone, labelled", header() + part(encode(stamp, name), charset=label, how=eight)
    yield "attachment", header() + multipart(
        part(b"Xem tep.\n"),
        part(data, how=eight, more=b'Content-Disposition: attachment; filename="plan.txt"\r\n'))
    if not wide:
        for how in ("tag", "style", "sheet", "bytes"):
            yield "html, " + how, header() + part(html(text, name, how), "html",
                                                 "utf-8" if how != "bytes" else label)
        if stamp and name in FONTS:
            yield "html, stamp alone, font", header() + part(html(stamp, name, "tag"), "html", "utf-8")
    if name not in ("utf-16", "twice", "viqr"):
        word = b"=?" + label.encode() + b"?B?" + base64.b64encode(encode(f"[{stamp}] tài liệu", name)) + b"?="
        yield "subject", header(word) + part(b"Xem.\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gatepost")
    parser.add_argument("--show", action="store_true", help="each miss with the rules that did hit")
    args = parser.parse_args()
    import codecs
    codecs.register_error("run-time-c1", c1)
    folder = tempfile.mkdtemp(prefix="gatepost-stamps-")
    try:
        return check(args, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check(args, folder):
    config = run.write_config(folder, {})
    paths = {}
    for name in NAMES:
        for stamp in STAMPS + ("",):
            for place, message in mails(name, stamp):
                path = pathlib.Path(folder) / f"{len(paths)}.eml"
                path.write_bytes(message)
                paths[str(path)] = (name, place, stamp)
    reports = run.scan(args.gatepost, config, ENVELOPE, list(paths))
    total = {}
    found = {}
    missed = []
    refused = []
    for path, (name, place, stamp) in paths.items():
        report = reports.get(path)
        hits = [rule["id"] for rule in report["rules"]] if report else []
        levels = [one for one in hits if LEVEL_RULES.match(one)]
        if not stamp:
            if report is None or report["action"] == "reject" or levels:
                refused.append((name, place, hits))
            continue
        total[name] = total.get(name, 0) + 1
        if report and levels and report["action"] == "reject":
            found[name] = found.get(name, 0) + 1
        else:
            missed.append((name, place, stamp, hits))
    for name in NAMES:
        print(f"{name:13} {found.get(name, 0):3} of {total[name]:3} stamps found")
    print(f"all           {sum(found.values())} of {sum(total.values())}; plain letters refused: {len(refused)}")
    for one in missed + refused:
        print("MISSED " if len(one) == 4 else "REFUSED", *one)
    return 1 if missed or refused else 0


if __name__ == "__main__":
    sys.exit(main())
