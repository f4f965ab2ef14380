# SPDX-License-Identifier: GPL-2.0-or-later
"""What a sender of ours hears of held mail, through a real Postfix: the listener for released mail,
signed like other mail, never through the filter, never in answer to a program."""
import email
import email.policy

import mails
import smtp
from house import wait_until
from scenarios_actions import expect, release


def paper(extra=""):
    return extra.encode() + mails.case("paper-to-gmail").replace(b"tinhuyquangtri.vn",
                                                                  b"office.example")


def test_a_sender_of_ours_is_told_that_mail_is_held_and_that_it_was_released(house):
    expect(house.send("scribe@office.example", ["citizen.one@gmail.com"], paper(),
                      source=smtp.INSIDE), 250)
    held = house.main.decision("citizen.one@gmail.com")["held_id"]
    notice = house.sink.wait("scribe@office.example")[0]
    assert notice.sender == "", notice.sender
    assert notice.values("Auto-Submitted") == ["auto-replied"]
    assert notice.values("DKIM-Signature"), "every milter but ours"
    assert not notice.values("X-Gatepost-Id") and not notice.values("X-Spam-Status")
    read = email.message_from_bytes(notice.data, policy=email.policy.default)
    assert held in read["Subject"] and "đang được giữ lại" in read["Subject"], read["Subject"]
    text = read.get_content()
    assert "citizen.one@gmail.com" in text and "miễn phí của nước ngoài" in text, text
    release(house, held)
    notices = house.sink.wait("scribe@office.example", 2)
    assert notices[1].values("X-Gatepost-Notice") == ["released"]
    assert not [one for one in house.main.log() if any(
        entry["rcpt"] == "scribe@office.example" for entry in one["recipients"])]


def test_programs_lists_and_people_outside_hear_nothing(house):
    for i, (sender, field) in enumerate((
            ("", ""), ("robot@office.example", "Auto-Submitted: auto-generated\r\n"),
            ("robot@office.example", "List-Id: <news.office.example>\r\n"),
            ("robot@office.example", "Precedence: bulk\r\n"))):
        to = f"citizen.{i}.silent@gmail.com"
        expect(house.send(sender, [to], paper(field), source=smtp.INSIDE), 250)
        house.main.decision(to)
    expect(house.send("friend@example.net", ["silent@office.example"],
                      mails.case("encrypted-zip")), 250)
    expect(house.send("scribe3@office.example", ["citizen.last@gmail.com"], paper(),
                      source=smtp.INSIDE), 250)
    house.sink.wait("scribe3@office.example")  # the desk is past the others
    wait_until(lambda: not house.queue_ids(), 20, "an empty queue")
    for nobody in ("robot@office.example", "friend@example.net", ""):
        assert not house.sink.to(nobody), nobody


def test_a_refused_state_secret_marking_leaves_no_notice(house):
    letter = mails.case("marking-docx-tuyet-mat")
    answer = house.send("keeper@office.example", ["keeper.friend@example.net"], letter,
                        source=smtp.INSIDE)
    assert answer[0] == 550, answer
    done = house.main.cli("notices", "list", "--json")
    assert done.returncode == 0 and "keeper" not in done.stdout, done.stdout
