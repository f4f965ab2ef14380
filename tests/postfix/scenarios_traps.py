# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong between two systems: answers that get lost, letters that come by two ways, letters
that come in masses."""
import hashlib
import json
import os
import signal
import socket
import struct
import subprocess
import threading

import mails
from house import TOP, wait_until
from scenarios_actions import expect, held, hold, nothing_arrives, release


def test_one_letter_through_two_entrances_is_held_once(house):
    message = mails.case("encrypted-zip")
    recipient = "twoways@office.example"
    expect(house.send("friend@example.net", [recipient], message), 250)
    expect(house.send("friend@example.net", [recipient], message, host="::1"), 250)
    house.main.decision(recipient, 2)
    records = [one for one in house.main.log() if one["recipients"][0]["rcpt"] == recipient]
    assert len(records) == 2, records
    assert records[0]["queue_id"] != records[1]["queue_id"]
    assert len({one["held_id"] for one in records}) == 1, [one["held_id"] for one in records]
    assert len(held(house, recipient)) == 1
    nothing_arrives(house, recipient)


def test_a_letter_that_comes_again_after_its_release_is_held_anew(house):
    message, recipient = mails.case("encrypted-zip"), "again@office.example"
    first = hold(house, [recipient], message)
    release(house, first)
    assert len(house.sink.wait(recipient)) == 1
    expect(house.send("friend@example.net", [recipient], message), 250)
    second = house.main.decision(recipient, 2)["held_id"]
    assert second and second != first, (first, second)
    assert len(house.sink.to(recipient)) == 1


class Cutter:
    """Between `gatepost held release` and Postfix: lets all pass, and when Postfix has answered the
    final dot it kills the asker instead of handing the answer on."""

    def __init__(self, house):
        self.path = str(house.folder / "cutter")
        self.behind = str(house.queue / "public" / "gatepost-release")
        self.answer = b""
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen(1)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        front, _ = self.listener.accept()
        pid = struct.unpack("3i", front.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        back = socket.socket(socket.AF_UNIX)
        back.connect(self.behind)
        said, in_data = b"", False
        front.sendall(back.recv(4096))
        while True:
            part = front.recv(65536)
            if not part:
                break
            said = (said + part)[-4096:]
            back.sendall(part)
            if in_data and said.endswith(b"\r\n.\r\n"):
                self.answer = back.recv(4096)
                os.kill(pid, signal.SIGKILL)
                break
            if not in_data and said.endswith(b"\r\n"):
                answer = back.recv(4096)
                in_data = answer.startswith(b"354")
                front.sendall(answer)
        front.close()
        back.close()


def test_a_release_that_dies_before_it_hears_the_answer_is_not_sent_twice(house):
    recipient = "dies@office.example"
    held_id = hold(house, [recipient])
    cutter = Cutter(house)
    original = house.main.config
    crooked = original.with_name("crooked.yaml")
    crooked.write_text(original.read_text().replace(f"unix:{cutter.behind}", f"unix:{cutter.path}"))
    assert cutter.path in crooked.read_text()
    house.main.config = crooked
    try:
        killed = house.main.cli("held", "release", held_id)
    finally:
        house.main.config = original
    cutter.thread.join(30)
    assert killed.returncode == -signal.SIGKILL, killed
    assert cutter.answer.startswith(b"250"), cutter.answer
    assert len(house.sink.wait(recipient)) == 1
    # Nobody sends it again by himself, whatever the next command finds out.
    again = house.main.cli("held", "release", held_id)
    wait_until(lambda: not house.queue_ids(), 20, "an empty queue")
    assert len(house.sink.to(recipient)) == 1, again
    assert again.stdout + again.stderr, again
    shown = house.main.cli("held", "show", held_id).stdout
    assert "releas" in shown, shown


def test_a_mass_mailing_is_counted_and_named(house):
    text = "".join(f"Dear colleague, part {n} of the quarterly survey wants your answer today.\r\n"
                   for n in range(12))
    names = [f"mass{n}@office.example" for n in range(22)]
    for number, name in enumerate(names):
        expect(house.send(f"survey{number}@example.net", [name], mails.letter(
            text + f"Your number is {number}.\r\n", to=name)), 250)
    first, last = house.main.decision(names[0]), house.main.decision(names[-1])
    assert "CMB-16" not in [one["id"] for one in first["rules"]], first
    assert "CMB-16" in [one["id"] for one in last["rules"]], last
    assert last["facts"]["outbreak.count"] == "22", last["facts"]
    # It is told, not punished: the letter itself may be wanted.
    assert last["action"] in ("accept", "tag"), last


def test_scan_has_the_digest_of_the_milter_for_a_saved_mail(house):
    """Whatever saved it: with CRLF, with LF, from an mbox."""
    expect(house.send("friend@example.net", ["scanned@office.example"],
                      mails.letter("One line.\r\n\r\nFrom here on another.\r\n")), 250)
    message = mails.without_ours(house.sink.wait("scanned@office.example")[0].data)
    record = house.main.decision("scanned@office.example")
    assert record["sha256"] == hashlib.sha256(message).hexdigest()
    unix = message.replace(b"\r\n", b"\n")
    for name, data in (("crlf", message), ("lf", unix),
                       ("mbox", b"From friend@example.net Mon Nov 23 20:45:12 2026\n" + unix)):
        file = house.folder / f"scanned-{name}.eml"
        file.write_bytes(data)
        done = house.main.cli("scan", "--json", str(file))
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["sha256"] == record["sha256"], (name, done.stdout[:300])
    bare = message.replace(b"One line.\r\n", b"One line.\n")
    file = house.folder / "scanned-mixed.eml"
    file.write_bytes(bare)
    done = house.main.cli("scan", "--json", str(file))
    assert json.loads(done.stdout)["sha256"] == hashlib.sha256(bare).hexdigest(), done.stdout[:300]


def test_the_installer_stops_before_it_would_remove_another_mail_server(house):
    """dpkg-query and apt-get are ours here: nothing of the machine is asked or changed."""
    folder = house.folder / "other-mta"
    folder.mkdir()
    said = folder / "apt-was-called"
    tools = {"dpkg-query": 'case "$*" in *Provides*) echo "installed courier-mta '
                           'mail-transport-agent, smtp-server";; *) exit 1;; esac',
             "apt-get": f"touch {said}", "debconf-set-selections": f"touch {said}"}
    for name, text in tools.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    done = subprocess.run([TOP / "contrib" / "install-packages", "build", "test"], check=False,
                          capture_output=True, text=True,
                          env=dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"))
    assert done.returncode == 1 and "courier-mta" in done.stderr, done
    assert not said.exists()
