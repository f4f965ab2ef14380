#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Notices as people meet them: a real gatepostd holds mail, its notices arrive at a real listener, and
the recipients' page (gatepost mailbox) is used as a person and as a link scanner would.

  notices.py BUILD [--only WORD]

One line a scenario; exit 1 when one failed. Needs no root."""
import argparse
import base64
import email
import email.policy
import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path += [str(TOP / "tests" / "milter"), str(TOP / "tests" / "postfix")]
import protocol  # noqa: E402
import sink as sinks  # noqa: E402

WORD = b"suite-suspicious-word for your eyes\r\n"
SUBJECT = "an unmistakable subject"
OURS, URL = "198.51.100.7", "http://mailbox.test"


def wait_for(true, what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


def text_of(delivered):
    parsed = email.message_from_bytes(delivered.data, policy=email.policy.default)
    return parsed, parsed.get_content()


class House:
    def __init__(self, build):
        self.build, self.sink = build, sinks.Sink()
        self.alarm = pathlib.Path(f"/tmp/gatepost-notices-{os.getpid()}.alarm")
        self.priority = pathlib.Path(f"/tmp/gatepost-notices-{os.getpid()}.list")
        self.priority.write_text("# whose mail cannot wait\nchair@office.example\n")
        self.daemon = self.start_daemon(self.sink.port)
        self.folder = self.daemon.folder
        self.state = self.folder / "state"
        (self.folder / "pass").write_text("a long passphrase\n")
        self.run("keys", "init", "lan", "--out", self.folder / "lan.key", "--passphrase-file",
                 self.folder / "pass")
        self.page = self.start_page()

    def start_daemon(self, port, notices=""):
        return protocol.Daemon(
            self.build, rules=TOP / "tests" / "postfix" / "rules",
            policy=TOP / "tests" / "notice" / "policy.yaml",
            extra=f"""own_networks: [198.51.100.0/24]
release: 127.0.0.1:{port}
custody: {{two_persons: [virus, freemail]}}
workers: 1
notices:
  language: en
  contact: the officer, phone 12
  officers: officer@office.example
  people: {{lan: lan@office.example, minh: minh@office.example}}
  too_long: {{after: 2s, categories: [virus]}}
  priority: {{list: {self.priority}, command: [/usr/bin/tee, {self.alarm}]}}
  digest:
    clerks: [{{to: clerk@office.example, recipients: ["@office.example"], language: vi}}]
  mailbox: {{listen: "inet:0@127.0.0.1", url: {URL}, links: 1h}}
{notices}""")

    def start_page(self):
        journal = open(self.folder / "page.journal", "wb")
        process = subprocess.Popen([f"{self.build}/bin/gatepost", "mailbox", "--config",
                                    self.folder / "gatepost.yaml"], stderr=journal)
        said = lambda: re.search(r"url=\"?(http://[0-9.:]+)",  # noqa: E731
                                 (self.folder / "page.journal").read_text())
        self.base = wait_for(said, "the recipients' page").group(1)
        return process

    def run(self, *words, person="lan", code=0):
        environment = {name: value for name, value in os.environ.items() if name != "SUDO_USER"}
        done = subprocess.run(
            [f"{self.build}/bin/gatepost", *words, "--config", self.folder / "gatepost.yaml"],
            capture_output=True, timeout=120, check=False,
            env=dict(environment, SUDO_USER=person))
        assert code is None or done.returncode == code, \
            f"{words}: exit {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}"
        return done

    def lines(self, *words, **keys):
        out = self.run(*words, "--json", **keys).stdout.decode()
        return [json.loads(line) for line in out.splitlines()]

    def key(self):
        return ["--key", self.folder / "lan.key", "--passphrase-file", self.folder / "pass"]

    def hold(self, sender, recipients, ip="192.0.2.1", fields=(), then=None, subject=None):
        """Sends a letter that is held; its id."""
        known = {entry["id"] for entry in self.lines("held", "list")}
        one = self.daemon.milter()
        one.write(protocol.macros(b"C", "j", "mx", "{client_port}", "40000") +
                  protocol.connect(ip) + protocol.packet(b"H", b"client.example\0") +
                  protocol.envelope(sender=sender, recipients=recipients) +
                  protocol.content(((b"Subject", b" " + (subject or SUBJECT).encode()),
                                    (b"Message-ID", b" <%d@office.example>" % time.time_ns()),
                                    *fields), WORD) + protocol.packet(b"E"))
        answer = one.verdict()[0]
        if then:
            then()
        one.close()
        fresh = [entry["id"] for entry in self.lines("held", "list") if entry["id"] not in known]
        assert len(fresh) == 1, (answer, fresh)
        return fresh[0]

    def notice(self, to, kind, about="", count=1):
        """Waits for such a notice; (message, text)."""
        def there():
            found = [one for one in self.sink.to(to)
                     if one.values("X-Gatepost-Notice") == [kind] and about in text_of(one)[1]]
            return found if len(found) >= count else None
        found = wait_for(there, f"{kind} to {to} about {about}")
        assert len(found) == count, f"{len(found)} times {kind} to {to}"
        assert found[-1].sender == "", f"a notice from {found[-1].sender}"
        return text_of(found[-1])

    def state_of(self, held_id):
        return self.lines("held", "show", held_id)[0]["state"]

    def ask(self, link, method="GET", form=None, site=None):
        """(status, body) of the page; the link as it stands in a mail, or a path."""
        request = urllib.request.Request(
            self.base + link.removeprefix(URL), method=method,
            data=urllib.parse.urlencode(form).encode() if form is not None else None)
        if site:
            request.add_header("Sec-Fetch-Site", site)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def close(self):
        self.page.kill()
        if self.daemon.process.poll() is None:
            self.daemon.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.alarm.unlink(missing_ok=True)
        self.priority.unlink(missing_ok=True)


def test_our_sender_is_told_at_once_and_again_on_release(house):
    held = house.hold("writer@office.example", ["x@mail.example"], ip=OURS)
    message, text = house.notice("writer@office.example", "held", held)
    assert message["Auto-Submitted"] == "auto-replied" and message["In-Reply-To"]
    assert held in message["Subject"] and "x@mail.example" in text and "phone 12" in text
    assert "free mailbox abroad" in text and SUBJECT not in text + message["Subject"]
    house.run("held", "request", held, "--reason", "needed today")
    house.notice("officer@office.example", "asked", held)
    house.notice("lan@office.example", "asked", held)
    house.run("held", "approve", held, person="minh")
    house.notice("lan@office.example", "decided", held)
    house.notice("minh@office.example", "decided", held)
    house.run("held", "release", held)
    assert "passed on" in house.notice("writer@office.example", "released", held)[1]
    told = wait_for(lambda: [one for one in house.lines("explain", held)[0]["held"]["notices"]
                             if one["kind"] == "released"], "the whole story")
    assert told[0]["to"] == "writer@office.example" and told[0]["outcome"] == "sent", told
    assert len(house.sink.to("x@mail.example")) == 1


def test_denial_and_deletion_are_told(house):
    held = house.hold("denied@office.example", ["y@mail.example"], ip=OURS)
    house.run("held", "request", held, "--reason", "needed today")
    house.run("held", "deny", held, "--reason", "a trap", person="minh")
    house.notice("denied@office.example", "denied", held)
    house.run("held", "delete", held, "--yes", "--reason", "not wanted")
    house.notice("denied@office.example", "deleted", held)
    assert not house.sink.to("y@mail.example")


def test_automatic_mail_and_people_outside_are_never_answered(house):
    house.hold("", ["z@mail.example"], ip=OURS)
    for i, field in enumerate(((b"Auto-Submitted", b" auto-replied"), (b"List-Id", b" <a.b>"),
                               (b"Precedence", b" bulk"), (b"precedence", b" junk"),
                               (b"List-Post", b" NO"))):
        house.hold("robot@office.example", [f"z{i}@mail.example"], ip=OURS, fields=(field,))
    house.hold("friend@outside.example", ["lan@office.example"])
    house.hold("writer@office.example", ["lan@office.example"])  # forged: not from our network
    last = house.hold("late@office.example", ["z@mail.example"], ip=OURS)
    house.notice("late@office.example", "held", last)  # and those before would have come before
    assert not house.sink.to("robot@office.example") and not house.sink.to("friend@outside.example")
    assert not house.sink.to("") and len(house.sink.to("writer@office.example")) == 2


def test_priority_mail_alerts_the_officer_and_one_person_releases_it(house):
    held = house.hold("chair@office.example", ["p@mail.example"], ip=OURS)
    assert "chair@office.example" in house.notice("officer@office.example", "priority", held)[1]
    wait_for(lambda: house.alarm.exists() and held in house.alarm.read_text(), "the command")
    assert b"second person" in house.run("held", "release", held, code=1).stderr
    assert b"reason" in house.run("held", "release", held, "--urgent", code=1).stderr
    house.run("held", "release", held, "--urgent", "--reason", "the session is at nine")
    house.sink.wait("p@mail.example")
    house.notice("officer@office.example", "urgent", held)
    house.run("held", "countersign", held, "--reason", "mine", code=2)
    house.run("held", "countersign", held, "--reason", "looked at it", person="minh")
    house.run("held", "countersign", held, "--reason", "again", person="minh", code=1)
    house.notice("minh@office.example", "countersigned", held)
    other = house.hold("writer@office.example", ["q@mail.example"], ip=OURS)
    assert b"priority list" in house.run("held", "release", other, "--urgent", "--reason", "me too",
                                         code=1).stderr
    virus = house.hold("a@virus.example", ["chair@office.example"])
    assert b"virus" in house.run("held", "release", virus, "--urgent", "--reason", "now",
                                 *house.key(), code=1).stderr


def links_in(text):
    return re.findall(re.escape(URL) + r"/m/[\w.-]+", text)


def test_a_digest_link_shows_on_get_and_acts_on_post_once(house):
    held = house.hold("seller@outside.example", ["buyer@office.example"])
    time.sleep(2.2)
    house.run("notices", "digest")
    message, text = house.notice("buyer@office.example", "digest", held)
    assert message["Auto-Submitted"] == "auto-generated" and SUBJECT not in text
    one, box = links_in(text)
    for _ in range(3):  # a link scanner
        status, page = house.ask(one)
        assert status == 200 and SUBJECT in page and "<form" in page, page
        assert house.ask(one, "HEAD")[0] == 200
    assert house.state_of(held) == "held" and len(house.sink.to("buyer@office.example")) == 1
    assert house.ask(one, "POST", {}, site="cross-site")[0] == 403
    assert house.ask(one, "PUT", {})[0] == 405
    status, page = house.ask(one, "POST", {})
    assert status == 200, page
    arrived = [mail for mail in house.sink.wait("buyer@office.example", 2)
               if not mail.values("X-Gatepost-Notice")]
    assert len(arrived) == 1 and WORD in arrived[0].data
    assert house.state_of(held) == "released"
    assert house.ask(one, "POST", {})[0] == 409
    assert len(house.sink.to("buyer@office.example")) == 2
    events = house.lines("audit", held)[0]["events"]
    assert {(event["event"], event["actor"]) for event in events} == \
        {("release", "buyer@office.example")}, events
    status, page = house.ask(box)
    assert status == 200 and "Nothing is held" in page
    assert "Không có thư" in house.ask(box + "?lang=vi")[1]


def first_entry(page):
    """The first link of the list."""
    return re.search(r'href="(/m/[^"?]+)', page.split("<ul>")[1]).group(1)


def forge(house, token, seconds, key=None):
    """The same link with another end, signed with the site's key or another."""
    key = key or (house.state / "mailbox" / "link.key").read_bytes()
    packed = token.split("/m/")[1].split(".")[0]
    fields = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode().split("\n")
    fields[4] = str(int((time.time() + seconds) * 1000))
    words = "\n".join(fields)
    mac = hmac.new(hashlib.sha256(key).digest(), b"link\n" + words.encode(), hashlib.sha256)
    return (URL + "/m/" + base64.urlsafe_b64encode(words.encode()).decode().rstrip("=") + "." +
            mac.hexdigest())


def test_forged_and_expired_links_are_refused(house):
    held = house.hold("seller2@outside.example", ["mark@office.example"])
    time.sleep(2.2)
    house.run("notices", "digest")
    one = links_in(house.notice("mark@office.example", "digest", held)[1])[0]
    assert house.ask(forge(house, one, 60))[0] == 200  # so that the others are refused for their reason
    for method in ("GET", "POST"):
        form = {} if method == "POST" else None
        assert house.ask(forge(house, one, -1), method, form)[0] == 410
        assert house.ask(forge(house, one, 60, b"x" * 32), method, form)[0] == 404
        assert house.ask(one[:-1] + ("0" if one[-1] != "0" else "1"), method, form)[0] == 404
    assert house.ask("/m/")[0] == 404 and house.ask("/held")[0] == 404
    assert house.state_of(held) == "held"


def test_the_rest_is_asked_for_and_clerks_have_their_list(house):
    virus = house.hold("b@virus.example", ["reader@office.example"])
    time.sleep(2.2)
    house.run("notices", "digest")
    message, text = house.notice("clerk@office.example", "clerk-digest", virus)
    assert "thư mới bị giữ" in message["Subject"] and "reader@office.example" in text
    status, page = house.ask("/link", "POST", {"address": "reader@office.example"})
    assert status == 200
    box = links_in(house.notice("reader@office.example", "link")[1])[0]
    house.ask("/link", "POST", {"address": "reader@office.example"})  # one in ten minutes
    house.ask("/link", "POST", {"address": "x@outside.example"})
    page = house.ask(box)[1]
    entry = first_entry(page)
    assert SUBJECT not in page and house.ask(box, "POST", {})[0] == 405
    page = house.ask(entry)[1]
    assert "<textarea" in page and SUBJECT not in page
    assert house.ask(entry, "POST", {})[0] == 400  # why?
    assert house.ask(entry, "POST", {"reason": "the report <b>"})[0] == 200
    assert house.ask(entry, "POST", {"reason": "again"})[0] == 409
    assert house.state_of(virus) == "held"
    assert "the report" in house.notice("officer@office.example", "asked", virus)[1]
    house.notice("reader@office.example", "asked", virus)
    house.run("held", "deny", virus, "--reason", "a virus", person="minh")
    assert "a virus" in house.notice("reader@office.example", "decided", virus)[1]
    assert not house.sink.to("x@outside.example")
    assert len([one for one in house.sink.to("reader@office.example")
                if one.values("X-Gatepost-Notice") == ["link"]]) == 1


def test_nobody_grants_what_they_asked_for_on_the_page(house):
    virus = house.hold("d@virus.example", ["minh@office.example"])
    house.ask("/link", "POST", {"address": "minh@office.example"})
    box = links_in(house.notice("minh@office.example", "link")[1])[0]
    entry = first_entry(house.ask(box)[1])
    status, page = house.ask(entry, "POST", {"reason": "mine"})
    assert status == 200, page
    assert b"somebody else" in house.run("held", "approve", virus, person="minh", code=2).stderr


def test_what_is_held_too_long_is_in_one_alarm(house):
    virus = house.hold("c@virus.example", ["w@office.example"])
    house.notice("officer@office.example", "too-long", virus)
    time.sleep(5)
    house.notice("officer@office.example", "too-long", virus)  # still once


def test_zz_a_notice_survives_kill_9_and_is_sent_once(house):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = house.folder / "gatepost.yaml"
    config.write_text(config.read_text().replace(f"127.0.0.1:{house.sink.port}",
                                                 f"127.0.0.1:{port}"))
    house.run("reload")
    held = house.hold("survivor@office.example", ["k@mail.example"], ip=OURS)
    wait_for(lambda: [one for one in house.lines("notices", "list")
                      if one["state"] == "waiting" and one["held_id"] == held and one["said"]],
             "a notice that could not be sent")
    house.daemon.process.send_signal(signal.SIGKILL)
    house.daemon.process.wait()
    later = sinks.Sink(port)

    def start():
        (house.folder / "sock").unlink(missing_ok=True)
        mark = house.daemon.said().count(b"GP3015")
        house.daemon.process = subprocess.Popen(
            [f"{house.build}/bin/gatepostd", "--config", config], stderr=house.daemon.journal)
        wait_for(lambda: house.daemon.said().count(b"GP3015") > mark, "gatepostd", 120)

    def kill():
        house.daemon.process.send_signal(signal.SIGKILL)
        house.daemon.process.wait()

    def told(held_id):
        wait_for(lambda: [one for one in house.lines("notices", "list")
                          if one["state"] == "sent" and one["held_id"] == held_id], "its line")

    start()
    later.wait("survivor@office.example", seconds=60)
    told(held)
    # Killed as soon as the client has its answer: what is on disk is told all the same.
    fresh = house.hold("sudden@office.example", ["k2@mail.example"], ip=OURS, then=kill)
    start()
    later.wait("sudden@office.example", seconds=60)
    told(fresh)
    kill()
    start()
    time.sleep(2.5)
    assert len(later.to("survivor@office.example")) == len(later.to("sudden@office.example")) == 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    house, failed = House(arguments.build), 0
    tests = [(name, run) for name, run in globals().items() if name.startswith("test_")]
    for name, run in sorted(tests, key=lambda one: one[0].startswith("test_zz")):
        if arguments.only not in name:
            continue
        try:
            run(house)
            print(f"ok      {name[5:].replace('_', ' ')}", flush=True)
        except Exception:  # whatever it is, the others run
            failed += 1
            print(f"FAILED  {name[5:].replace('_', ' ')}\n{traceback.format_exc()}", flush=True)
    if failed:
        print(house.daemon.said().decode()[-2000:], (house.folder / "page.journal").read_text())
    house.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
