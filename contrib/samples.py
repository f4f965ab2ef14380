#!/usr/bin/env python3
"""Sends the sample mails of contrib/quickstart through Postfix and prints one line for each:

    NAME  SMTP-CODE  ACTION  RULES

The SMTP code is what the client heard; action and rules are what the decision log says.
Usage: samples.py HOST PORT GATEPOST CONFIG   (GATEPOST: the program, CONFIG: its configuration)
Exit 0 when every sample got the code and the action that it is meant to show."""
import io
import json
import os
import smtplib
import subprocess
import sys
import zipfile
import zlib
from email.message import EmailMessage
from email.utils import formatdate

OWN = "tinhuyquangtri.vn"
OUTSIDE = "127.0.0.2"  # a client address that the sample configuration does not call its own
INSIDE = "127.0.0.1"


def letter(name, sender, recipient, subject, body):
    message = EmailMessage()
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{name}.{os.getpid()}@samples.example>"
    message.set_content(body, cte="8bit")
    return message


def docx(paragraphs):
    """A small but real Word document."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    body = "".join(f"<w:p><w:r><w:t>{p}</w:t></w:r></w:p>" for p in paragraphs)
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package_file:
        package_file.writestr("[Content_Types].xml", (
            f'<?xml version="1.0"?><Types xmlns="{package}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'))
        package_file.writestr("_rels/.rels", (
            f'<?xml version="1.0"?><Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{office}/officeDocument" Target="word/document.xml"/>'
            '</Relationships>'))
        package_file.writestr("word/document.xml", (
            f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{word}"><w:body>{body}'
            '</w:body></w:document>'))
    return out.getvalue()


def encrypted_zip(name, data, password):
    """A zip with one stored member under the traditional encryption of PKWARE (APPNOTE 6.1)."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def crc(old, byte):
        return zlib.crc32(bytes([byte]), old ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    def update(byte):
        keys[0] = crc(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = crc(keys[2], keys[1] >> 24)

    def encrypt(byte):
        temporary = keys[2] | 2
        key = ((temporary * (temporary ^ 1)) >> 8) & 0xFF
        update(byte)
        return byte ^ key

    for byte in password:
        update(byte)
    checksum = zlib.crc32(data)
    plain = os.urandom(11) + bytes([checksum >> 24]) + data
    cipher = bytes(encrypt(byte) for byte in plain)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(name, cipher)
    raw = bytearray(out.getvalue())
    central = raw.find(b"PK\x01\x02")
    for at, base in ((6, 0), (8, central)):  # general purpose flag: encrypted
        raw[base + at] |= 1
    for at, base in ((14, 0), (16, central)):  # CRC-32 and size of the plain data
        raw[base + at:base + at + 4] = checksum.to_bytes(4, "little")
    for at, base in ((22, 0), (24, central)):
        raw[base + at:base + at + 4] = len(data).to_bytes(4, "little")
    return bytes(raw)


def samples():
    """(name, client, sender, recipient, bytes, expected code, expected action)"""
    clerk = f"vanthu@{OWN}"
    officer = f"canbo@{OWN}"
    out = []

    def add(name, client, sender, recipient, message, code, action):
        raw = message if isinstance(message, bytes) else message.as_bytes()
        out.append((name, client, sender, recipient, raw, code, action))

    add("plain-letter", OUTSIDE, "an@example.org", clerk,
        letter("plain", "An <an@example.org>", clerk, "Lịch họp tuần tới",
               "Kính gửi văn phòng,\n\nXin gửi lịch họp tuần tới để đồng chí tiện theo dõi.\n"
               "Trân trọng,\nAn\n"), 250, "accept")
    add("spam-tagged", OUTSIDE, "sales@shop.example", clerk,
        letter("spam", "Khuyến mãi <sales@shop.example>", clerk,
               "Vay tiền nhanh, lãi suất thấp",
               "Hỗ trợ vay vốn nhanh không cần thế chấp, giải ngân trong ngày!\n"
               "Liên hệ Zalo 0912 345 678 để được tư vấn miễn phí.\n"), 250, "tag")
    gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    add("spam-heavy", OUTSIDE, "sales@shop.example", clerk,
        letter("gtube", "Sales <sales@shop.example>", clerk, "Special offer",
               f"This is the test string for spam filters:\n\n{gtube}\n"), 550, "reject")
    eicar = "X5O!P%@AP[4\\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    infected = letter("eicar", "Bao <bao@example.org>", clerk, "Hóa đơn tháng 11",
                      "Gửi anh chị hóa đơn.\n")
    infected.add_attachment(eicar.encode(), maintype="application", subtype="octet-stream",
                            filename="hoa-don.com")
    add("virus", OUTSIDE, "bao@example.org", clerk, infected, 550, "reject")

    stamped = docx(["TỈNH ỦY QUẢNG TRỊ", "Số 12-BC/TU", "TỐI MẬT", "BÁO CÁO",
                    "Nội dung báo cáo được soạn để thử bộ lọc."])
    subtype = "vnd.openxmlformats-officedocument.wordprocessingml.document"
    outbound = letter("mat-out", f"Cán bộ <{officer}>", "ban@doitac.example", "Báo cáo",
                      "Xin gửi báo cáo kèm theo.\n")
    outbound.add_attachment(stamped, maintype="application", subtype=subtype,
                            filename="bao-cao.docx")
    add("marking-outbound", INSIDE, officer, "ban@doitac.example", outbound, 550, "reject")
    inbound = letter("mat-in", "Ban <ban@doitac.example>", clerk, "Báo cáo",
                     "Xin gửi báo cáo kèm theo.\n")
    inbound.add_attachment(stamped, maintype="application", subtype=subtype,
                           filename="bao-cao.docx")
    add("marking-inbound", OUTSIDE, "ban@doitac.example", clerk, inbound, 250, "quarantine")

    paper = docx(["ĐẢNG CỘNG SẢN VIỆT NAM", "Số 15-CV/TU", "Về việc chuẩn bị hội nghị",
                  "Kính gửi các đơn vị, đề nghị chuẩn bị báo cáo quý."])
    freemail = letter("freemail", f"Cán bộ <{officer}>", "nguyen.van.b@gmail.com",
                      "Công văn số 15-CV/TU", "Xin gửi công văn kèm theo.\n")
    freemail.add_attachment(paper, maintype="application", subtype=subtype,
                            filename="15-CV-TU.docx")
    add("freemail-outbound", INSIDE, officer, "nguyen.van.b@gmail.com", freemail, 250,
        "quarantine")
    add("citizen-inbound", OUTSIDE, "nguyen.van.b@gmail.com", clerk,
        letter("citizen", "Nguyễn Văn B <nguyen.van.b@gmail.com>", clerk, "Đơn đề nghị",
               "Kính gửi Văn phòng Tỉnh ủy,\n\nTôi xin gửi đơn đề nghị xem xét việc cấp nước "
               "sạch tại thôn.\nXin cảm ơn.\n"), 250, "accept")

    ambiguous = ("From: Chi <chi@example.org>\r\nTo: " + clerk + "\r\nSubject: two readings\r\n"
                 f"Message-ID: <ambiguous.{os.getpid()}@samples.example>\r\nDate: {formatdate()}\r\n"
                 "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=one\r\n"
                 "Content-Type: multipart/mixed; boundary=two\r\n\r\n"
                 "--one\r\nContent-Type: text/plain\r\n\r\nfirst reading\r\n--one--\r\n"
                 "--two\r\nContent-Type: text/plain\r\n\r\nsecond reading\r\n--two--\r\n")
    add("ambiguous", OUTSIDE, "chi@example.org", clerk, ambiguous.encode(), 550, "reject")
    locked = letter("locked", "Dung <dung@example.org>", clerk, "Tài liệu",
                    "Xin gửi tài liệu trong tệp nén.\n")
    locked.add_attachment(encrypted_zip("tai-lieu.txt", b"noi dung", b"12345"),
                          maintype="application", subtype="zip", filename="tai-lieu.zip")
    add("encrypted-archive", OUTSIDE, "dung@example.org", clerk, locked, 250, "quarantine")
    return out


def send(host, port, client, sender, recipient, raw):
    try:
        with smtplib.SMTP(host, port, local_hostname="samples.example", timeout=90,
                          source_address=(client, 0)) as smtp:
            smtp.sendmail(sender, [recipient], raw, mail_options=["BODY=8BITMIME"])
        return 250, ""
    except smtplib.SMTPDataError as error:
        return error.smtp_code, error.smtp_error.decode(errors="replace")
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return code, text.decode(errors="replace")


def decision(program, config, raw):
    head = raw.split(b"\r\n\r\n" if b"\r\n\r\n" in raw else b"\n\n")[0].decode(errors="replace")
    message_id = next(line.split(":", 1)[1].strip() for line in head.splitlines()
                      if line.lower().startswith("message-id:"))
    found = subprocess.run([program, "log", "find", "--config", config, "--json", "--message-id",
                            message_id], capture_output=True, text=True, check=False).stdout
    lines = found.splitlines()
    return json.loads(lines[-1]) if lines else {}


def main():
    host, port, program, config = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    wrong = 0
    print(f"{'NAME':<20}{'SMTP':<6}{'ACTION':<12}RULES")
    for name, client, sender, recipient, raw, code, action in samples():
        heard, text = send(host, port, client, sender, recipient, raw)
        record = decision(program, config, raw)
        causes = [rule["id"] for rule in record.get("rules", []) if rule.get("mode") != "shadow"]
        causes += [one["name"] for one in record.get("infections", [])]
        causes += [f"unscannable({one['reason']})" for one in record.get("unscannable", [])]
        causes += [one["id"] for one in record.get("defects", []) if one.get("grade") == "C"]
        did = record.get("action", "(not logged)")
        good = (heard, did) == (code, action)
        wrong += not good
        print(f"{name:<20}{heard:<6}{did:<12}{','.join(causes) or '-'}"
              + ("" if good else f"   EXPECTED {code} {action}"))
        if text:
            print(f"{'':<20}{text[:200]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
