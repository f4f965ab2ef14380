# SPDX-License-Identifier: GPL-2.0-or-later
"""Sizes and shapes of messages: each arrives as it was sent, or the client hears why not."""
import base64
import hashlib
import io
import random
import zipfile

import mails
from scenarios_actions import expect, nothing_arrives
from scenarios_faults import alt

MILTERS = ["Authentication-Results", "DKIM-Filter"]


def arrives_whole(house, recipient, message, parameters="", expected=None):
    expect(house.send("friend@example.net", [recipient], message, parameters=parameters), 250)
    arrived = house.sink.wait(recipient)
    assert len(arrived) == 1
    data = mails.without_ours(arrived[0].data, MILTERS)
    wanted = message if expected is None else expected
    assert data == wanted, f"{len(data)} bytes for {len(wanted)}: {data[:300]!r}"
    record = house.main.decision(recipient)
    assert record["sha256"], record
    return record


def test_the_logged_digest_and_size_are_those_of_the_bytes_that_came(house):
    message = mails.letter(extra="X-Folded: one\r\n\ttwo\r\n  three\r\n")
    record = arrives_whole(house, "digest@office.example", message)
    # Milters before Gatepost put their fields in; what Postfix and Gatepost add comes later.
    head = mails.without_ours(house.sink.to("digest@office.example")[0].data)
    assert b"Authentication-Results" in head
    assert record["size"] == len(head), (record["size"], len(head))
    assert record["sha256"] == hashlib.sha256(head).hexdigest()


def test_a_message_of_no_bytes(house):
    expect(house.send("friend@example.net", ["zero@office.example"], b""), 250)
    house.sink.wait("zero@office.example")
    assert house.main.decision("zero@office.example")["action"] in ("accept", "tag")


def test_a_message_without_a_body(house):
    message = mails.letter("")
    expect(house.send("friend@example.net", ["nobody@office.example"], message), 250)
    assert len(house.sink.wait("nobody@office.example")) == 1


def test_a_body_without_a_header(house):
    expect(house.send("friend@example.net", ["nohead@office.example"],
                      b"\r\nonly a body, no field\r\n"), 250)
    arrived = house.sink.wait("nohead@office.example")[0]
    assert arrived.data.endswith(b"\r\n\r\nonly a body, no field\r\n"), arrived.data


def test_eight_bit_utf8_text(house):
    arrives_whole(house, "eight@office.example", mails.letter(
        "Kính gửi các đồng chí, chúc một ngày tốt lành.\r\n", extra="MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"),
        " BODY=8BITMIME")


def test_bytes_of_a_legacy_encoding(house):
    arrives_whole(house, "legacy@office.example", mails.letter(
        bytes(range(0xA0, 0x100)) + b" x\r\n", extra="MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=x-unknown\r\nContent-Transfer-Encoding: 8bit\r\n"),
        " BODY=8BITMIME")


def test_header_fields_with_odd_blanks_keep_them(house):
    arrives_whole(house, "blanks@office.example", mails.letter(
        extra="X-None:value\r\nX-Tab:\tvalue\r\nX-Two:  value  \r\nX-Empty:\r\n"
        "X-Fold: a\r\n\tb\r\n   c\r\n"))


def test_a_header_field_of_twenty_kilobytes(house):
    folds = "".join(f"\r\n <{n}.reference.of.some.length@lists.example>" for n in range(450))
    arrives_whole(house, "longhead@office.example", mails.letter(extra=f"References:{folds}\r\n"))


def test_three_hundred_received_like_fields(house):
    extra = "".join(f"X-Trace-{n}: hop {n}\r\n" for n in range(300))
    arrives_whole(house, "manyheads@office.example", mails.letter(extra=extra))


def test_lines_of_the_longest_legal_length(house):
    arrives_whole(house, "longline@office.example", mails.letter("x" * 990 + "\r\n" + "y" * 990
                                                                 + "\r\n"))


def test_five_megabytes_arrive_whole(house):
    picture = b"\xff\xd8\xff\xe0" + random.Random(5).randbytes(3_700_000)
    body = (b"--b\r\nContent-Type: text/plain\r\n\r\nA scan.\r\n--b\r\n"
            b"Content-Type: image/jpeg; name=scan.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(picture).replace(b"\n", b"\r\n") + b"--b--\r\n")
    arrives_whole(house, "five@office.example", mails.letter(
        body, extra="MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"))


def nine_megabytes(end, before="", after=""):
    """Text whose lines differ, with `end` as its last line."""
    lines = "".join(f"{number:07d} nothing is said in this line either, and the next one is no better\r\n"
                    for number in range(9_000_000 // 73))
    assert len(lines) > 8_900_000
    return (before + lines + end + "\r\n" + after).encode()


def is_read_to_its_end(house, name, make, extra):
    """The body that make(last_line) builds arrives whole, and what its last line says is found."""
    quiet, loud = f"{name}-quiet@office.example", f"{name}-loud@office.example"
    record = arrives_whole(house, quiet, mails.letter(make("the end"), extra=extra))
    assert record["action"] == "accept" and not record.get("unscannable"), record
    record = arrives_whole(house, loud, mails.letter(make("suite-suspicious-word"), extra=extra))
    assert record["action"] == "tag" and not record.get("unscannable"), record
    assert "PFX-001" in [one["id"] for one in record["rules"]], record


def test_nine_megabytes_of_text_are_read_to_the_last_line(house):
    is_read_to_its_end(house, "text9", nine_megabytes, "")


def test_nine_megabytes_of_html_are_read_to_the_last_line(house):
    is_read_to_its_end(
        house, "html9", lambda end: nine_megabytes(end, "<html><body><pre>\r\n",
                                                   "</pre></body></html>\r\n"),
        "MIME-Version: 1.0\r\nContent-Type: text/html; charset=us-ascii\r\n")


def test_nine_megabytes_of_attached_text_are_read_to_the_last_line(house):
    is_read_to_its_end(
        house, "attached9", lambda end: nine_megabytes(
            end, "--b\r\nContent-Type: text/plain\r\n\r\nThe list.\r\n--b\r\n"
            "Content-Type: text/plain; charset=us-ascii\r\n"
            "Content-Disposition: attachment; filename=list.txt\r\n\r\n", "--b--\r\n"),
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n")


def test_nine_megabytes_that_end_in_what_is_refused_are_refused(house):
    expect(house.send("friend@example.net", ["gtube9@office.example"],
                      mails.letter(nine_megabytes(mails.GTUBE))), 550)
    nothing_arrives(house, "gtube9@office.example")


def is_held_as_too_big(house, daemon, recipient):
    record = daemon.decision(recipient)
    assert [one["reason"] for one in record["unscannable"]] == ["too-big"], record["unscannable"]
    assert record["action"] == "quarantine", record
    nothing_arrives(house, recipient)


def test_text_beyond_the_limit_of_views_is_held_not_passed_unread(house):
    with alt(house, "few-views", extra="limits: {views: 2M}") as daemon:
        line = "0123456789 " * 6 + "\r\n"
        expect(house.send("friend@example.net", ["longtext@office.example"],
                          mails.letter(line * (5_000_000 // len(line))), port="alt"), 250)
        is_held_as_too_big(house, daemon, "longtext@office.example")
        expect(house.send("friend@example.net", ["shorttext@office.example"],
                          mails.letter(line * 20), port="alt"), 250)
        house.sink.wait("shorttext@office.example")


def test_text_beyond_the_shipped_limits_is_held_not_passed_unread(house):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"list-{number}.txt", nine_megabytes("the end"))
    body = (b"--b\r\nContent-Type: text/plain\r\n\r\nLists.\r\n--b\r\n"
            b"Content-Type: application/zip; name=lists.zip\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(packed.getvalue()).replace(b"\n", b"\r\n") + b"--b--\r\n")
    expect(house.send("friend@example.net", ["lists@office.example"], mails.letter(
        body, extra="MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n")), 250)
    is_held_as_too_big(house, house.main, "lists@office.example")


def test_a_message_over_the_limit_is_refused_with_the_limit_named(house):
    body = ("x" * 70 + "\r\n") * (11_100_000 // 72)
    answer = house.send("friend@example.net", ["big@office.example"], mails.letter(body))
    expect(answer, 552, "5.3.4")
    assert "11000000" in answer[1], answer
    nothing_arrives(house, "big@office.example")


def test_after_a_message_over_the_limit_the_connection_goes_on(house):
    with house.client() as client:
        expect(client.send("friend@example.net", ["big2@office.example"],
                           mails.letter(("x" * 70 + "\r\n") * 160_000)), 552)
        expect(client.send("friend@example.net", ["small2@office.example"], mails.letter()), 250)
    house.sink.wait("small2@office.example")
