# SPDX-License-Identifier: GPL-2.0-or-later
"""Senders, recipients, clients and the ways into Postfix."""
import time

import mails
import smtp
from house import wait_until
from scenarios_actions import expect, nothing_arrives


def test_the_null_sender(house):
    expect(house.send("", ["null@office.example"], mails.letter()), 250)
    assert house.sink.wait("null@office.example")[0].sender == ""
    assert house.main.decision("null@office.example")["from"] == ""


def test_an_out_of_office_answer_passes(house):
    expect(house.send("", ["ooo@office.example"], mails.case("out-of-office")), 250)
    house.sink.wait("ooo@office.example")


def test_a_bounce_that_quotes_a_marked_document_is_held_and_not_bounced(house):
    expect(house.send("", ["bounce@office.example"], mails.case("bounce-with-marking")), 250)
    assert house.main.decision("bounce@office.example")["action"] == "quarantine"
    nothing_arrives(house, "bounce@office.example")
    assert not house.sink.to("")


def test_list_mail_passes(house):
    expect(house.send("news-bounces@lists.example", ["list@office.example"],
                      mails.case("newsletter")), 250)
    house.sink.wait("list@office.example")


def test_smtputf8_addresses_and_header(house):
    recipient = "người.nhận@office.example"
    message = mails.letter(subject="Thư thử nghiệm có dấu", to=recipient, extra="MIME-Version: 1.0"
                           "\r\nContent-Type: text/plain; charset=utf-8\r\n")
    expect(house.send("bạn@example.net", [recipient], message, parameters=" SMTPUTF8 BODY=8BITMIME"),
           250)
    arrived = house.sink.wait(recipient)[0]
    assert mails.without_ours(arrived.data, ["Authentication-Results", "DKIM-Filter"]) == message
    record = house.main.decision(recipient)
    assert record["from"] == "bạn@example.net", record["from"]


def test_a_client_over_ipv6(house):
    expect(house.send("friend@example.net", ["six@office.example"], mails.letter(), host="::1"), 250)
    house.sink.wait("six@office.example")
    record = house.main.decision("six@office.example")
    assert record["client_ip"] == "::1", record
    assert record["recipients"][0]["direction"] == "inbound", record


def test_a_pipelining_client(house):
    with house.client() as client:
        assert "PIPELINING" in client.extensions
        client.raw(b"MAIL FROM:<friend@example.net>\r\nRCPT TO:<pipe@office.example>\r\nDATA\r\n")
        assert [client.reply()[0] for _ in range(3)] == [250, 250, 354]
        client.raw(mails.letter() + b".\r\n")
        expect(client.reply(), 250)
    house.sink.wait("pipe@office.example")


def test_several_messages_over_one_connection_get_a_verdict_each(house):
    with house.client() as client:
        for n in range(8):
            message = mails.letter(mails.GTUBE + "\r\n" if n % 2 else "fine\r\n")
            expect(client.send("friend@example.net", [f"several{n}@office.example"], message),
                   550 if n % 2 else 250)
    for n in range(8):
        action = house.main.decision(f"several{n}@office.example")["action"]
        assert action == ("reject" if n % 2 else "accept"), (n, action)


def test_a_reset_midway_leaves_nothing_behind(house):
    with house.client() as client:
        client.envelope("evil@example.net", ["reset-lost@office.example"])
        expect(client.command("RSET"), 250)
        expect(client.send("friend@example.net", ["reset-kept@office.example"], mails.letter()), 250)
    assert house.sink.wait("reset-kept@office.example")[0].sender == "friend@example.net"
    record = house.main.decision("reset-kept@office.example")
    assert [one["rcpt"] for one in record["recipients"]] == ["reset-kept@office.example"]
    nothing_arrives(house, "reset-lost@office.example")


def test_a_client_that_vanishes_in_mid_message_leaves_nothing_behind(house):
    client = house.client()
    client.envelope("friend@example.net", ["vanish@office.example"])
    client.command("DATA")
    client.raw(b"Subject: never ends\r\n\r\nhalf a lin")
    client.sock.close()
    time.sleep(0.3)
    nothing_arrives(house, "vanish@office.example")
    expect(house.send("friend@example.net", ["after-vanish@office.example"], mails.letter()), 250)
    house.sink.wait("after-vanish@office.example")


def test_a_hundred_recipients_are_all_in_the_log_and_all_served(house):
    recipients = [f"hundred{n}@office.example" for n in range(100)]
    expect(house.send("friend@example.net", recipients, mails.letter()), 250)
    for one in recipients:
        house.sink.wait(one)
    assert len(house.main.decision(recipients[0])["recipients"]) == 100


def test_a_hundred_recipients_of_whom_one_is_held(house):
    recipients = [f"mixed{n}@office.example" for n in range(99)] + ["mixed.one@gmail.com"]
    expect(house.send("clerk@office.example", recipients, mails.case("paper-to-gmail"),
                      source=smtp.INSIDE), 250)
    for one in recipients[:-1]:
        house.sink.wait(one)
    nothing_arrives(house, "mixed.one@gmail.com")


def test_a_recipient_is_held_whatever_the_spelling(house):
    recipients = ["Someone.SPELT@GMail.COM", "odd-colleague@office.example"]
    expect(house.send("clerk@office.example", recipients, mails.case("paper-to-gmail"),
                      source=smtp.INSIDE), 250)
    house.sink.wait("odd-colleague@office.example")
    wait_until(lambda: not house.queue_ids(), 20, "an empty queue")
    everybody = [one.lower() for message in house.sink.all() for one in message.recipients]
    assert "someone.spelt@gmail.com" not in everybody


def test_an_alias_reaches_all_behind_it(house):
    expect(house.send("friend@example.net", ["everybody@office.example"], mails.letter()), 250)
    house.sink.wait("alias-a@office.example")
    house.sink.wait("alias-b@office.example")
    assert house.main.decision("everybody@office.example")["action"] == "accept"


def test_mail_by_sendmail_is_filtered_as_our_own(house):
    message = mails.letter(sender="clerk@office.example", to="local@elsewhere.example")
    done = house.sendmail("clerk@office.example", ["local@elsewhere.example"],
                          message.replace(b"\r\n", b"\n"))
    assert done.returncode == 0, done.stderr
    arrived = house.sink.wait("local@elsewhere.example")[0]
    record = house.main.decision("local@elsewhere.example")
    assert record["client_ip"] == "" and record["recipients"][0]["direction"] == "outbound", record
    assert arrived.values("X-Gatepost-Id") == [record["id"]]


def test_a_marked_letter_by_sendmail_does_not_leave(house):
    message = mails.case("marking-mat-outbound").replace(b"\r\n", b"\n")
    house.sendmail("clerk@office.example", ["local-mark@elsewhere.example"], message)
    assert house.main.decision("local-mark@elsewhere.example")["action"] == "reject"
    nothing_arrives(house, "local-mark@elsewhere.example")


def test_a_submission_port_makes_a_sender_ours(house):
    expect(house.send("clerk@office.example", ["sub@office.example"], mails.letter(),
                      port="submission", source="127.0.0.8"), 250)
    record = house.main.decision("sub@office.example")
    assert record["recipients"][0]["direction"] == "internal", record


def test_a_stranger_with_our_domain_stays_a_stranger(house):
    expect(house.send("boss@office.example", ["spoof@office.example"], mails.letter()), 250)
    record = house.main.decision("spoof@office.example")
    assert record["recipients"][0]["direction"] == "inbound", record
    assert record["facts"].get("sender.own-unauthenticated") == "true", record["facts"]


def test_xforward_from_a_stranger_is_refused_and_makes_nobody_an_insider(house):
    with house.client() as client:
        assert client.command(f"XFORWARD ADDR={smtp.INSIDE} NAME=inside")[0] >= 400
        expect(client.send("friend@example.net", ["xforward@office.example"], mails.letter()), 250)
    record = house.main.decision("xforward@office.example")
    assert record["client_ip"] == smtp.OUTSIDE, record


def test_smtpd_and_cleanup_run_in_their_chroot(house):
    import pathlib
    import os
    with house.client() as client:
        client.command("NOOP")
        roots = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (entry / "comm").read_text().strip() in ("smtpd", "cleanup"):
                    roots.append(os.readlink(entry / "root"))
            except OSError:
                pass
    assert str(house.queue) in roots, roots
