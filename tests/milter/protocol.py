#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gatepostd asked over the milter protocol (version 6) by a client of our own: what Postfix says, and
what Postfix never says.

  protocol.py BUILD [--only WORD]

One line a scenario; exit 1 when one failed. Needs no root."""
import argparse
import inspect
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
ALL_STEPS, ALL_ACTIONS, LEADING_BLANK = 0x1FFFFF, 0x1FF, 0x100000
FINAL = b"acdrtyq"


def packet(command, data=b""):
    return struct.pack(">I", len(data) + 1) + command + data


def macros(command, *words):
    return packet(b"D", command + b"".join(word.encode() + b"\0" for word in words))


def connect(ip="192.0.2.1", family=b"4"):
    address = family + struct.pack(">H", 40000) + ip.encode() + b"\0" if family != b"U" else b"U"
    return packet(b"C", b"client.example\0" + address)


def envelope(recipients=("clerk@office.example",), sender="friend@example.net"):
    out = packet(b"M", f"<{sender}>".encode() + b"\0")
    for one in recipients:
        out += macros(b"R", "i", "4Test") + packet(b"R", f"<{one}>".encode() + b"\0")
    return out + packet(b"T")


def content(fields=((b"Subject", b" hello"), (b"From", b" <friend@example.net>")),
            body=b"a letter\r\n"):
    out = b"".join(packet(b"L", name + b"\0" + value + b"\0") for name, value in fields)
    out += packet(b"N")
    for at in range(0, len(body), 65535):
        out += packet(b"B", body[at:at + 65535])
    return out


class Milter:
    """path: of a Unix socket, or (host, port)."""

    def __init__(self, path, steps=ALL_STEPS, actions=ALL_ACTIONS, negotiate=True):
        if isinstance(path, tuple):
            self.sock = socket.create_connection(path, 60)
        else:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(60)
            self.sock.connect(path)
        if negotiate:
            self.write(packet(b"O", struct.pack(">III", 6, actions, steps)))
            self.agreed = self.read()
            if self.agreed[:1] == b"O":
                self.steps = struct.unpack(">I", self.agreed[9:13])[0]

    def write(self, data):
        self.sock.sendall(data)

    def exactly(self, size):
        out = b""
        while len(out) < size:
            part = self.sock.recv(size - len(out))
            if not part:
                raise ConnectionError("closed")
            out += part
        return out

    def read(self):
        return self.exactly(struct.unpack(">I", self.exactly(4))[0])

    def verdict(self):
        """(final answer, [changes before it]) of the end of a message."""
        changes = []
        while True:
            answer = self.read()
            if answer[:1] in [bytes([one]) for one in FINAL]:
                return answer, changes
            changes.append(answer)

    def say(self, data):
        """With replies: one command, its answer."""
        self.write(data)
        return self.read()

    def close(self):
        self.sock.close()


class Daemon:
    def __init__(self, build, listen=None, environment=None, wait=True, rules=None,
                 policy=None, confine=None, extra="limits: {message: 3000000}"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gatepost-milter-"))
        signatures = self.folder / "signatures"
        signatures.mkdir()
        (signatures / "test.hsb").write_text("0" * 64 + ":1:Nothing:73\n")
        self.path = str(self.folder / "sock")
        config = self.folder / "gatepost.yaml"
        config.write_text(f"""listen: {listen or 'unix:' + self.path}
own_domains: [office.example]
rules: [{rules or TOP / 'rules'}]
policy: {policy or TOP / 'rules' / 'policy.yaml'}
state: {self.folder}/state
log: {self.folder}/log
antivirus: {{database: {signatures}}}
{extra}
""")
        self.journal = open(self.folder / "journal", "wb")
        self.command = [f"{build}/bin/gatepostd", "--config", config]
        self.confine, self.environment = confine, dict(os.environ, **(environment or {}))
        self.start(wait)

    def start(self, wait=True):
        ready = self.said().count(b"GP3015")
        self.process = subprocess.Popen(self.command, stderr=self.journal,
                                        preexec_fn=self.confine, env=self.environment)
        end = time.monotonic() + 180
        while wait and self.said().count(b"GP3015") == ready:
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(self.said().decode())
            time.sleep(0.05)

    def said(self):
        return (self.folder / "journal").read_bytes()

    def children(self):
        """Pids of the zygote and the workers."""
        found, todo = [], [self.process.pid]
        while todo:
            parent = todo.pop()
            for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
                for pid in map(int, task.read_text().split()):
                    found.append(pid)
                    todo.append(pid)
        return found

    def milter(self, **keys):
        return Milter(self.path, **keys)

    def session(self):
        """A connection past connect and HELO, nothing to be answered before the end."""
        one = self.milter()
        one.write(macros(b"C", "j", "mx", "{client_port}", "40000") + connect() +
                  packet(b"H", b"client.example\0"))
        return one

    def record(self, recipient):
        for segment in sorted((self.folder / "log").glob("*")):
            for line in reversed(segment.read_bytes().split(b"\n")):
                if recipient.encode() in line and line.startswith(b"{"):
                    return json.loads(line)
        raise AssertionError(f"no record for {recipient}")

    def is_well(self):
        one = self.session()
        one.write(envelope() + content() + packet(b"E"))
        answer = one.verdict()[0]
        one.close()
        assert answer == b"a", answer
        assert self.process.poll() is None

    def close(self):
        self.process.terminate()
        code = self.process.wait(60)
        shutil.rmtree(self.folder)
        return code


def test_it_takes_every_no_reply_and_the_leading_blank(daemon):
    one = daemon.milter()
    for bit in (0x80, 0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x40000, 0x80000, LEADING_BLANK):
        assert one.steps & bit, hex(bit)
    actions = struct.unpack(">I", one.agreed[5:9])[0]
    assert actions & 0x02 == 0 and actions & 0x20 == 0, "no body changes, no hold queue"
    assert b"{auth_authen}" in one.agreed and b"{daemon_name}" in one.agreed


def test_a_message_is_accepted_and_gets_its_fields(daemon):
    one = daemon.session()
    one.write(envelope() + content() + packet(b"E"))
    answer, changes = one.verdict()
    assert answer == b"a", answer
    added = [change[1:].split(b"\0")[0] for change in changes if change[:1] == b"h"]
    assert b"X-Gatepost-Id" in added and b"X-Spam-Status" in added, added
    values = [change[1:].split(b"\0")[1] for change in changes if change[:1] == b"h"]
    assert all(value.startswith(b" ") for value in values), values


def test_a_server_that_wants_replies_gets_one_for_each_command(daemon):
    one = daemon.milter(steps=LEADING_BLANK)
    for data in (connect(), packet(b"H", b"x\0"), packet(b"M", b"<friend@example.net>\0"),
                 packet(b"R", b"<clerk@office.example>\0"), packet(b"T"),
                 packet(b"L", b"Subject\0 x\0"), packet(b"N"), packet(b"B", b"text\r\n")):
        answer = one.say(data)
        assert answer == b"c", (data, answer)
    one.write(packet(b"E"))
    assert one.verdict()[0] == b"a"


def test_a_server_without_leading_blanks_is_turned_away(daemon):
    try:
        one = daemon.milter(steps=ALL_STEPS & ~LEADING_BLANK)
        assert one.agreed[:1] != b"O" or one.say(connect()) != b"c", one.agreed
    except ConnectionError:
        pass
    daemon.is_well()


def test_gtube_is_refused_with_a_reply_of_ours(daemon):
    one = daemon.session()
    one.write(envelope(["gtube@office.example"]) + content(body=GTUBE) + packet(b"E"))
    answer, changes = one.verdict()
    assert answer.startswith(b"y550 5.7.1 "), answer
    assert daemon.record("gtube@office.example")["id"].encode() in answer and not changes


def test_all_in_one_write(daemon):
    one = daemon.milter()
    one.write(connect() + packet(b"H", b"x\0") + envelope() + content() + packet(b"E"))
    assert one.verdict()[0] == b"a"


def test_a_byte_at_a_time(daemon):
    one = daemon.session()
    for byte in envelope() + content() + packet(b"E"):
        one.write(bytes([byte]))
    assert one.verdict()[0] == b"a"


def test_ten_messages_over_one_connection(daemon):
    one = daemon.session()
    for n in range(10):
        body = GTUBE if n % 3 == 0 else b"fine\r\n"
        one.write(envelope() + content(body=body) + packet(b"E"))
        assert one.verdict()[0][:1] == (b"y" if n % 3 == 0 else b"a"), n


def test_postfix_hears_of_progress_while_a_message_waits_for_a_worker(daemon):
    """SMFIR_PROGRESS about once a second: without it Postfix gives up on a filter that is busy."""
    workers = [pid for pid in daemon.children() if
               pathlib.Path(f"/proc/{pid}/comm").read_text() == "gatepost-worker\n"]
    assert workers, "nobody to wait for"
    one = daemon.session()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        one.write(envelope() + content() + packet(b"E"))
        begun = time.monotonic()
        heard = [one.read(), one.read()]
        took = time.monotonic() - begun
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    assert heard == [b"p", b"p"], heard
    assert 1 < took < 10, took
    answer, changes = one.verdict()
    assert answer == b"a", answer
    assert any(change[:1] == b"h" for change in changes), changes


def test_an_abort_forgets_the_message(daemon):
    one = daemon.session()
    one.write(envelope(["aborted@office.example"]) + content(body=GTUBE) + packet(b"A"))
    one.write(envelope(["kept@office.example"]) + content() + packet(b"E"))
    assert one.verdict()[0] == b"a"
    record = daemon.record("kept@office.example")
    assert [r["rcpt"] for r in record["recipients"]] == ["kept@office.example"], record


def test_a_message_over_the_limit_is_told_552_at_its_end_and_the_next_one_passes(daemon):
    one = daemon.session()
    one.write(envelope() + content(body=b"x" * 3_100_000) + packet(b"E"))
    answer = one.verdict()[0]
    assert answer.startswith(b"y552 5.3.4") and b"3000000" in answer, answer
    record = daemon.record("clerk@office.example")
    assert record["clause"] == "message-too-long" and record["size"] > 3_100_000, record
    assert record["reply"].startswith("552 5.3.4") and record["id"] in answer.decode(), record
    one.write(envelope() + content() + packet(b"E"))
    assert one.verdict()[0] == b"a"


def test_forged_fields_are_deleted_by_name_and_count_last_first(daemon):
    one = daemon.session()
    one.write(envelope() + content([(b"X-Spam-Flag", b" NO"), (b"Subject", b" x"),
                                    (b"x-spam-flag", b" YES"), (b"X-Gatepost-Id", b" GP-1")])
              + packet(b"E"))
    answer, changes = one.verdict()
    assert answer == b"a"
    deleted = [(change[5:].split(b"\0")[0].lower(), struct.unpack(">I", change[1:5])[0])
               for change in changes if change[:1] == b"m"]
    assert deleted == [(b"x-gatepost-id", 1), (b"x-spam-flag", 2), (b"x-spam-flag", 1)], deleted
    assert all(change.endswith(b"\0\0") for change in changes if change[:1] == b"m")


def test_a_client_without_an_address_is_not_one_of_us(daemon):
    one = daemon.milter()
    one.write(connect(family=b"U") + packet(b"H", b"x\0"))
    one.write(envelope(["unknown@office.example"]) + content() + packet(b"E"))
    assert one.verdict()[0] == b"a"
    record = daemon.record("unknown@office.example")
    assert record["recipients"][0]["direction"] == "inbound", record
    assert record["client_ip"] != "", record


def test_an_ipv6_client(daemon):
    one = daemon.milter()
    one.write(connect("2001:db8::7", b"6") + packet(b"H", b"x\0"))
    one.write(envelope(["six@office.example"]) + content() + packet(b"E"))
    assert one.verdict()[0] == b"a"
    assert daemon.record("six@office.example")["client_ip"] == "2001:db8::7"


def test_the_end_of_a_message_that_never_began_is_not_accepted(daemon):
    one = daemon.session()
    one.sock.settimeout(2)  # libmilter leaves such a command without an answer
    one.write(packet(b"E"))
    try:
        assert one.verdict()[0][:1] != b"a"
    except OSError:
        pass
    daemon.is_well()


def test_a_message_without_recipients_is_not_accepted(daemon):
    one = daemon.session()
    one.sock.settimeout(2)
    one.write(packet(b"M", b"<x@example.net>\0") + content() + packet(b"E"))
    try:
        assert one.verdict()[0][:1] != b"a"
    except OSError:
        pass
    daemon.is_well()


def test_hostile_packets_cost_only_their_connection(daemon):
    for data in (b"\xff\xff\xff\xff", b"\0\0\0\0", packet(b"L", b"no end"), packet(b"R"),
                 packet(b"M"), packet(b"C", b"x"), packet(b"D"), packet(b"\0", b"\0" * 50),
                 packet(b"Z", b"?" * 1000), packet(b"H"), struct.pack(">I", 1 << 31) + b"B"):
        for negotiated in (False, True):
            one = daemon.milter(negotiate=negotiated)
            try:
                one.write(data)
                one.sock.shutdown(socket.SHUT_WR)
                one.sock.recv(4096)
            except OSError:
                pass
            one.close()
    daemon.is_well()


def test_a_connection_cut_at_every_place_leaves_the_daemon_well(daemon):
    whole = connect() + packet(b"H", b"x\0") + envelope() + content() + packet(b"E")
    for cut in range(0, len(whole), 17):
        one = daemon.milter()
        one.write(whole[:cut])
        one.close()
    daemon.is_well()


def test_forty_connections_at_once(daemon):
    answers = []

    def talk():
        one = daemon.session()
        for _ in range(3):
            one.write(envelope() + content() + packet(b"E"))
            answers.append(one.verdict()[0])
        one.close()

    threads = [threading.Thread(target=talk) for _ in range(40)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(answers) == 120 and set(answers) == {b"a"}, (len(answers), set(answers))


def test_a_config_option_without_a_file_is_said_and_nothing_starts(daemon):
    for words in (["--config"], ["--config="], ["--config", ""]):
        done = subprocess.run([daemon.command[0], *words], capture_output=True, timeout=30,
                              check=False)
        assert done.returncode == 2, done
        assert done.stderr.startswith(b"gatepostd: --config needs a file\nusage: "), done.stderr


def test_zz_sigterm_ends_it_with_zero(daemon):
    assert daemon.close() == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    daemon = Daemon(arguments.build)
    failed = ran = 0
    try:
        for name, function in list(globals().items()):
            if not name.startswith("test_") or not inspect.isfunction(function):
                continue
            if arguments.only not in name:
                continue
            ran += 1
            try:
                function(daemon)
                word = "ok  "
            except Exception as error:  # pylint: disable=broad-except
                word, failed = "FAIL", failed + 1
                print(f"  line {traceback.extract_tb(error.__traceback__)[-1].lineno}: "
                      f"{type(error).__name__}: {error}")
            print(f"{word} {name[5:].replace('_', ' ')}", flush=True)
    finally:
        if daemon.process.poll() is None:
            daemon.close()
    print(f"{ran - failed} of {ran} scenarios passed")
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
