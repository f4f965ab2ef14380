# SPDX-License-Identifier: GPL-2.0-or-later
"""Every action, what the client hears, what arrives, what is held, what is released."""
import re

import mails
import smtp
from house import EICAR, wait_until

REF = re.compile(r"\(ref (GP-\d{8}-\d{6}-[0-9A-Z]{8})\)")


def expect(answer, code, text=""):
    assert answer[0] == code and text in answer[1], f"wanted {code} {text}, heard {answer}"


def nothing_arrives(house, recipient):
    """Whatever Postfix still has under way is delivered first."""
    wait_until(lambda: not house.queue_ids(), 20, "an empty queue")
    assert not house.sink.to(recipient), f"a message for {recipient} arrived"


def held(house, recipient):
    import json
    done = house.main.cli("held", "list", "--recipient", recipient, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def hold(house, recipients, message=None, **keys):
    """Sends a letter that is held for all recipients; the held id."""
    message = message or mails.case("encrypted-zip")
    expect(house.send("friend@example.net", recipients, message, **keys), 250)
    record = house.main.decision(recipients[0])
    assert record["action"] == "quarantine", record
    assert record["held_id"], record
    return record["held_id"]


def release(house, *arguments):
    done = house.main.cli("held", "release", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_plain_letter_passes_byte_for_byte_and_is_logged(house):
    message = mails.letter("Hello\r\n\r\n.dots\r\n..more\r\nend\r\n")
    expect(house.send("friend@example.net", ["plain@office.example"], message), 250)
    arrived = house.sink.wait("plain@office.example")[0]
    assert mails.without_ours(arrived.data, ["Authentication-Results", "DKIM-Filter"]) == message
    record = house.main.decision("plain@office.example")
    assert record["action"] == "accept", record
    assert record["recipients"][0]["direction"] == "inbound", record
    assert record["client_ip"] == smtp.OUTSIDE, record
    assert arrived.values("X-Gatepost-Id") == [record["id"]]
    assert arrived.values("X-Spam-Status")[0].startswith("No, score="), arrived.data
    assert arrived.values("X-Virus-Scanned")[0].startswith("Gatepost with ClamAV")
    assert not arrived.values("X-Spam-Flag")


def test_the_queue_id_in_the_log_is_the_one_that_postfix_says(house):
    answer = house.send("friend@example.net", ["queueid@office.example"], mails.letter())
    expect(answer, 250, "queued as ")
    queue_id = answer[1].split("queued as ")[1]
    assert house.main.decision("queueid@office.example")["queue_id"] == queue_id


def test_a_suspicious_letter_is_delivered_with_spam_fields(house):
    message = mails.letter("a suite-suspicious-word\r\n")
    expect(house.send("friend@example.net", ["tag@office.example"], message), 250)
    arrived = house.sink.wait("tag@office.example")[0]
    assert arrived.values("X-Spam-Flag") == ["YES"]
    status = arrived.values("X-Spam-Status")[0]
    assert status.startswith("Yes, score=") and "PFX-001" in status, status
    assert float(arrived.values("X-Spam-Score")[0]) >= 5
    assert house.main.decision("tag@office.example")["action"] == "tag"


def test_gtube_is_refused_and_the_reply_names_the_decision(house):
    message = mails.letter(mails.GTUBE + "\r\n")
    answer = house.send("friend@example.net", ["gtube@office.example"], message)
    expect(answer, 550, "5.7.1")
    record = house.main.decision("gtube@office.example")
    assert REF.search(answer[1]).group(1) == record["id"], answer
    assert record["action"] == "reject" and answer[1] in record["reply"], (answer, record["reply"])
    nothing_arrives(house, "gtube@office.example")


def test_a_virus_is_refused(house):
    import base64
    body = (b"--b\r\nContent-Type: application/octet-stream; name=x.com\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" +
            base64.b64encode(EICAR.replace(rb"\P", rb"\P")) + b"\r\n--b--\r\n")
    message = mails.letter(body, extra="MIME-Version: 1.0\r\n"
                           "Content-Type: multipart/mixed; boundary=b\r\n")
    expect(house.send("friend@example.net", ["virus@office.example"], message), 550, "5.7.1")
    record = house.main.decision("virus@office.example")
    assert record["infections"], record
    nothing_arrives(house, "virus@office.example")


def test_a_marked_letter_on_its_way_out_is_refused_and_nothing_of_it_is_kept(house):
    message = mails.case("marking-mat-outbound")
    answer = house.send("clerk@office.example", ["out@elsewhere.example"], message,
                        source=smtp.INSIDE)
    expect(answer, 550, "5.7.1")
    record = house.main.decision("out@elsewhere.example")
    assert record["recipients"][0]["direction"] == "outbound" and not record.get("held_id"), record
    assert not held(house, "out@elsewhere.example")
    nothing_arrives(house, "out@elsewhere.example")
    needle = message.split(b"\r\n\r\n", 1)[1].strip().split(b"\r\n")[-1][:60]
    for path in list(house.main.folder.rglob("*")):
        if path.is_file():
            assert needle not in path.read_bytes(), f"{path} holds text of a marked letter"


def test_an_ambiguous_message_is_refused_as_such(house):
    answer = house.send("friend@example.net", ["ambiguous@office.example"],
                        mails.case("ambiguous-two-boundaries"))
    expect(answer, 550, "5.6.0")


def test_an_encrypted_archive_is_held_and_the_client_hears_250(house):
    held_id = hold(house, ["zip@office.example"])
    nothing_arrives(house, "zip@office.example")
    entries = held(house, "zip@office.example")
    assert [one["id"] for one in entries] == [held_id], entries


def test_a_marked_letter_from_outside_is_held(house):
    expect(house.send("x@example.net", ["mark-in@office.example"],
                      mails.case("marking-mat-inbound")), 250)
    assert house.main.decision("mark-in@office.example")["action"] == "quarantine"
    nothing_arrives(house, "mark-in@office.example")


def test_a_paper_to_freemail_is_held_for_it_and_delivered_to_the_colleague(house):
    message = mails.case("paper-to-gmail")
    both = ["colleague@office.example", "someone.part@gmail.com"]
    expect(house.send("clerk@office.example", both, message, source=smtp.INSIDE), 250)
    arrived = house.sink.wait("colleague@office.example")
    assert len(arrived) == 1
    nothing_arrives(house, "someone.part@gmail.com")
    record = house.main.decision("someone.part@gmail.com")
    actions = {one["rcpt"]: one["action"] for one in record["recipients"]}
    assert actions["someone.part@gmail.com"] == "quarantine", actions
    assert actions["colleague@office.example"] in ("accept", "tag"), actions


def test_what_is_released_arrives_byte_for_byte_exactly_once(house):
    message = mails.case("encrypted-zip")
    held_id = hold(house, ["release@office.example"], message)
    release(house, held_id)
    arrived = house.sink.wait("release@office.example")
    again = house.main.cli("held", "release", held_id)
    nothing_more = house.sink.to("release@office.example")
    assert len(arrived) == len(nothing_more) == 1, again.stdout
    # opendkim stands in the release's path and says what it found.
    assert mails.without_ours(arrived[0].data, ["Authentication-Results", "DKIM-Filter",
                                                "DKIM-Signature"]) == message
    assert arrived[0].sender == "friend@example.net"


def test_a_release_to_one_of_two_reaches_that_one_alone(house):
    held_id = hold(house, ["two-a@office.example", "two-b@office.example"])
    release(house, held_id, "--rcpt", "two-b@office.example")
    arrived = house.sink.wait("two-b@office.example")
    wait_until(lambda: not house.queue_ids(), 20, "an empty queue")
    assert len(arrived) == 1 and arrived[0].recipients == ["two-b@office.example"]
    assert not house.sink.to("two-a@office.example")


def test_the_story_of_a_letter_tells_to_whom_it_was_released_even_after_its_deletion(house):
    held_id = hold(house, ["story-a@office.example", "story-b@office.example"])
    release(house, held_id, "--rcpt", "story-b@office.example")
    assert house.main.cli("held", "delete", held_id).returncode == 0
    story = house.main.cli("explain", held_id).stdout
    assert "deleted at" in story and "released    to story-b@office.example at" in story, story
    assert "released    to story-a" not in story, story
    late = house.main.cli("held", "release", held_id)
    assert late.returncode == 1 and late.stderr.count(held_id) == 1, late


def test_the_release_of_a_partial_hold_reaches_only_the_held_recipient(house):
    both = ["colleague2@office.example", "someone.rest@gmail.com"]
    message = mails.case("paper-to-gmail")
    expect(house.send("clerk@office.example", both, message, source=smtp.INSIDE), 250)
    house.sink.wait("colleague2@office.example")
    release(house, house.main.decision("someone.rest@gmail.com")["held_id"])
    assert len(house.sink.wait("someone.rest@gmail.com")) == 1
    wait_until(lambda: not house.queue_ids(), 20, "an empty queue")
    assert len(house.sink.to("colleague2@office.example")) == 1


def test_a_released_outbound_letter_is_signed_and_the_signature_holds(house):
    message = mails.case("paper-to-gmail").replace(b"tinhuyquangtri.vn", b"office.example")
    expect(house.send("clerk@office.example", ["signed.release@gmail.com"], message,
                      source=smtp.INSIDE), 250)
    release(house, house.main.decision("signed.release@gmail.com")["held_id"])
    arrived = house.sink.wait("signed.release@gmail.com")[0]
    assert arrived.values("DKIM-Signature"), arrived.data[:600]
    assert verified(house, arrived.data, "verify-release@office.example") == "pass"


def verified(house, data, recipient):
    """Sends what arrived back from outside: what does opendkim say to the signature?"""
    house.send("back@example.net", [recipient], data)
    arrived = house.sink.wait(recipient)[0]
    found = re.search(r"dkim=(\w+)", arrived.values("Authentication-Results")[0])
    assert found, arrived.data[:800]
    return found.group(1)


def test_outbound_mail_is_signed_after_the_filter_and_the_signature_holds(house):
    message = mails.letter(sender="clerk@office.example", to="out@elsewhere.example")
    expect(house.send("clerk@office.example", ["dkim-out@elsewhere.example"], message,
                      port="submission", source=smtp.INSIDE), 250)
    arrived = house.sink.wait("dkim-out@elsewhere.example")[0]
    assert arrived.values("DKIM-Signature"), arrived.data
    assert verified(house, arrived.data, "verify-out@office.example") == "pass"


def test_mail_that_leaves_the_house_bears_our_id_alone(house):
    message = mails.letter(sender="clerk@office.example", to="out@elsewhere.example")
    expect(house.send("clerk@office.example", ["leaves@elsewhere.example"], message,
                      port="submission", source=smtp.INSIDE), 250)
    arrived = house.sink.wait("leaves@elsewhere.example")[0]
    ours = [name.decode().lower() for name, _ in arrived.header_fields()
            if name.decode().lower() in mails.OURS]
    assert ours == ["x-gatepost-id"], ours
    assert house.main.decision("leaves@elsewhere.example")["recipients"][0]["direction"] == "outbound"


def test_forged_copies_of_our_fields_are_removed(house):
    forged = ("X-Spam-Flag: NO\r\nx-gatepost-id: GP-20200101-000000-FORGED00\r\n"
              "X-Spam-Status: No, score=-99\r\nX-SPAM-STATUS: No, again\r\n"
              "X-Virus-Scanned: by nobody\r\nX-Gatepost-Classification: none\r\n"
              "MIME-Ambiguity-Results: all fine\r\nX-Spam-Score: -100\r\n")
    message = mails.letter(extra=forged + "X-Other: stays\r\n")
    expect(house.send("friend@example.net", ["forged@office.example"], message), 250)
    arrived = house.sink.wait("forged@office.example")[0]
    text = arrived.data.decode()
    # With their names: our own id holds the time, which may well be "-100935".
    for word in ("FORGED00", "score=-99", "No, again", "by nobody", "all fine", "Score: -100"):
        assert word not in text, text
    assert arrived.values("X-Other") == ["stays"]
    for name in ("X-Gatepost-Id", "X-Spam-Status", "X-Virus-Scanned", "X-Spam-Score"):
        assert len(arrived.values(name)) == 1, (name, text)
    assert arrived.values("Subject") and arrived.values("Message-Id")


def test_a_forged_authentication_result_is_removed_and_the_real_one_stays(house):
    message = mails.letter(extra="Authentication-Results: mx.office.example; dkim=pass "
                           "header.d=bank.example\r\n"
                           "Authentication-Results: relay.example; spf=pass\r\n")
    expect(house.send("friend@example.net", ["authres@office.example"], message), 250)
    arrived = house.sink.wait("authres@office.example")[0]
    results = arrived.values("Authentication-Results")
    assert not any("bank.example" in one for one in results), results
    assert any(one.startswith("relay.example") for one in results), results
    assert any(one.startswith("mx.office.example") and "dkim=none" in one for one in results), results
