#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A bad day as the administrator lives it: an account is taken over and blocked within seconds, an
attachment spreads and the IT desk hears of it once, an outage is put on record, and the month's
report counts all of it. A real gatepostd, a real listener for the mail.

  incidents.py BUILD

One line a scenario; exit 1 when one failed. Needs no root."""
import base64
import email
import email.header
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path += [str(TOP / "tests" / "milter"), str(TOP / "tests" / "postfix")]
import protocol  # noqa: E402
import sink as sinks  # noqa: E402

DESK = "desk@office.example"
OFFICER = "officer@office.example"
PAPER = ("Kính gửi các đơn vị. " * 60).encode()


class House:
    def __init__(self, build):
        self.build, self.sink = build, sinks.Sink()
        self.heard = pathlib.Path("/nonexistent")
        self.extra = (f"release: 127.0.0.1:{self.sink.port}\nworkers: 1\n"
                      f"heads: {{mail: [{OFFICER}]}}\n"
                      "console: {units: {clerks: ['clerk@office.example']}}\n"
                      f"outbreak: {{mail: [{DESK}], language: vi, above: 3, account_above: 4, "
                      "every: 1m, command: [/bin/sh, -c, 'cat >> \"$0\"', {heard}]}\n")
        hearing = pathlib.Path(f"/tmp/gatepost-heard-{os.getpid()}")
        self.heard = hearing
        self.daemon = protocol.Daemon(
            build, rules=TOP / "tests" / "postfix" / "rules",
            policy=TOP / "tests" / "custody" / "policy.yaml",
            extra=self.extra.replace("{heard}", str(hearing)))
        self.folder = self.daemon.folder
        self.state, self.log = self.folder / "state", self.folder / "log"

    def run(self, *words, code=0):
        environment = {name: value for name, value in os.environ.items() if name != "SUDO_USER"}
        done = subprocess.run(
            [f"{self.build}/bin/gatepost", *words, "--config", self.folder / "gatepost.yaml"],
            capture_output=True, timeout=120,
            env=dict(environment, SUDO_USER="lan", TZ="Asia/Ho_Chi_Minh", LC_ALL="C.UTF-8"))
        assert code is None or done.returncode == code, \
            f"{words}: exit {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}"
        return done

    def lines(self, *words, **keys):
        out = self.run(*words, "--json", **keys).stdout.decode()
        return [json.loads(line) for line in out.splitlines()]

    def send(self, sender="ok@outside.example", rcpt=("clerk@office.example",), body=b"hello\r\n",
             fields=(), user=None):
        """What Postfix hears: b"a" accepted, b"d" discarded (held), b"y550 5.7.1 ..." refused."""
        one = self.daemon.session()
        if user:
            one.write(protocol.macros(b"M", "i", "4Test", "{auth_authen}", user))
        one.write(protocol.envelope(sender=sender, recipients=rcpt) +
                  protocol.content(((b"Subject", b" x"),) + tuple(fields), body) +
                  protocol.packet(b"E"))
        answer, _ = one.verdict()
        one.close()
        return answer

    def last(self):
        return self.lines("log", "tail", "-n", "1")[0]

    def audit(self, event):
        found = []
        for path in sorted((self.state / "audit").glob("audit-*.jsonl")):
            found += [one for one in map(json.loads, path.read_text().splitlines())
                      if one.get("event") == event]
        return found


def attachment(content):
    return ((b"MIME-Version", b" 1.0"),
            (b"Content-Type", b' multipart/mixed; boundary="b"')), \
        (b"--b\r\nContent-Type: text/plain\r\n\r\nsee\r\n--b\r\n"
         b"Content-Type: text/plain; name=\"plan.txt\"\r\n"
         b"Content-Disposition: attachment; filename=\"plan.txt\"\r\n"
         b"Content-Transfer-Encoding: base64\r\n\r\n" +
         base64.encodebytes(content).replace(b"\n", b"\r\n") + b"--b--\r\n")


def test_a_blocked_sender_is_refused_from_the_next_message_on(house):
    assert house.send()[:1] == b"a"
    block = house.lines("block", "add", "--from", "outside.example", "--for", "4h", "--reason",
                        "false invoices")[0]
    verdict = house.send()
    assert verdict[:1] == b"y" and b"550 5.7.1" in verdict, verdict
    last = house.last()
    assert last["clause"] == "blocked" and last["action"] == "reject", last
    assert last["blocks"][0]["id"] == block["id"] and last["blocks"][0]["applied"], last
    assert last["blocks"][0]["reason"] == "false invoices"
    assert b"false invoices" in house.run("explain", last["id"]).stdout
    assert house.lines("status", code=None)[0]["blocks"]["active"] == 1
    assert house.send(sender="ok@elsewhere.example")[:1] == b"a"
    house.run("block", "remove", block["id"])
    assert house.send()[:1] == b"a"
    trail = house.audit("block")
    assert [one["details"]["what"] for one in trail] == ["add", "remove"]
    assert "lan" in trail[0]["actor"] and trail[0]["reason"] == "false invoices"


def test_a_block_ends_by_itself(house):
    house.run("block", "add", "--from", "outside.example", "--for", "2s", "--reason", "short")
    assert house.send()[:1] == b"y"
    time.sleep(2.1)
    assert house.send()[:1] == b"a"
    assert [one["expired"] for one in house.lines("block", "list")] == [True]
    house.run("block", "remove", "--expired")
    assert not house.lines("block", "list")


def test_a_user_and_a_file_in_any_part_are_blocked(house):
    fields, body = attachment(PAPER)
    house.run("block", "add", "--sha256", hashlib.sha256(PAPER).hexdigest(), "--for", "1h",
              "--reason", "spreads")
    assert house.send(fields=fields, body=body)[:1] == b"y"
    assert house.last()["blocks"][0]["by"] == "sha256"
    scan = house.folder / "one.eml"
    scan.write_bytes(b"".join(name + b":" + value + b"\r\n" for name, value in fields) +
                     b"\r\n" + body)
    assert house.lines("scan", str(scan))[0]["clause"] == "blocked"
    house.run("block", "add", "--auth-user", "mai", "--for", "1h", "--reason", "taken over")
    assert house.send(sender="mai@office.example", user="MAI", rcpt=("x@else.example",))[:1] == b"y"
    assert house.last()["blocks"][0]["by"] == "auth-user"
    assert house.send(sender="mai@office.example", user="minh", rcpt=("x@else.example",))[:1] == b"a"
    for one in house.lines("block", "list"):
        house.run("block", "remove", one["id"])


def test_a_block_names_one_thing_and_a_reason(house):
    assert b"one thing" in house.run("block", "add", "--for", "1h", "--reason", "x", code=2).stderr
    assert b"one thing" in house.run("block", "add", "--from", "a.example", "--auth-user", "b",
                                     "--for", "1h", "--reason", "x", code=2).stderr
    assert b"4h" in house.run("block", "add", "--from", "a.example", "--for", "soon", "--reason",
                              "x", code=2).stderr
    for blank in (" ", "x  ", "    "):
        assert b"say why" in house.run("block", "add", "--from", "a.example", "--for", "1h",
                                       "--reason", blank, code=2).stderr
    assert not [one for one in house.lines("block", "list") if one["from"] == "a.example"]
    house.run("block", "remove", "BL-nobody", code=1)


def test_blocked_mail_is_held_where_the_configuration_says_so(house):
    config = house.folder / "gatepost.yaml"
    text = config.read_text()
    config.write_text(text + "blocks: {action: quarantine}\n")
    house.run("reload")
    block = house.lines("block", "add", "--from", "outside.example", "--for", "1h", "--reason",
                        "look first")[0]
    house.send()
    last = house.last()
    assert last["action"] == "quarantine" and last["held_id"], last
    config.write_text(text)
    house.run("reload")
    house.run("block", "remove", block["id"])


def test_an_outbreak_is_told_once_with_everybody_it_touched(house):
    fields, body = attachment(PAPER + b"spreading")
    people = [f"p{i}@office.example" for i in range(6)]
    for person in people:
        assert house.send(rcpt=(person,), fields=fields, body=body)[:1] == b"a"
    house.sink.wait(DESK, seconds=30)
    time.sleep(6)  # two rounds of the daemon: nothing more is told
    mine = house.sink.to(DESK)
    assert len(mine) == 1, [subject(one) for one in mine]
    text = payload(mine[0]).decode()
    assert mine[0].sender == "" and mine[0].values("Auto-Submitted") == ["auto-generated"]
    assert "Phát tán diện rộng" in subject(mine[0]), subject(mine[0])
    for person in people:
        assert person + "  đã chuyển" in text, text
    assert hashlib.sha256(PAPER + b"spreading").hexdigest() in text
    # The clock of the house with its offset, as in all mail to people.
    assert len(re.findall(r"\d\d:\d\d \d\d/\d\d/\d{4} \([+-]\d\d:\d\d\)", text)) == 2, text
    assert not re.search(r"\d{4}-\d\d-\d\dT", text), text
    heard = [json.loads(line) for line in house.heard.read_text().splitlines()]
    assert [one["what_now"] for one in heard] == ["alert"]
    case = [one for one in house.lines("outbreak", "list") if one["kind"] == "attachment"][0]
    assert {one["rcpt"] for one in case["recipients"]} == set(people)
    assert case["id"].encode() in house.run("status", code=None).stdout
    assert b"p5@office.example" in house.run("outbreak", "show", case["id"]).stdout
    assert [one for one in house.audit("alert") if one["details"]["kind"] == "attachment"]


def changed_case(house, case, **times):
    """Stops the daemon, turns the clock of what it keeps of an outbreak back, starts it."""
    house.daemon.process.terminate()
    assert house.daemon.process.wait(60) == 0
    path = house.state / "outbreaks.json"
    kept = json.loads(path.read_text())
    for one in kept["outbreaks"]:
        if one["id"] == case["id"]:
            one.update({key: time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(
                time.time() - seconds)) for key, seconds in times.items()})
    path.write_text(json.dumps(kept))
    house.daemon.start()


def told_since(house, before, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end and len(house.sink.to(DESK)) == before:
        time.sleep(0.3)
    time.sleep(6)  # a round of the daemon more
    return house.sink.to(DESK)[before:]


def test_after_a_restart_an_outbreak_is_updated_and_ended_and_never_told_anew(house):
    case = [one for one in house.lines("outbreak", "list") if one["kind"] == "attachment"][0]
    before = len(house.sink.to(DESK))
    changed_case(house, case, told=7200)
    assert not told_since(house, before, seconds=7), "nothing new has happened"
    fields, body = attachment(PAPER + b"spreading")
    assert house.send(rcpt=("late@office.example",), fields=fields, body=body)[:1] == b"a"
    update, = told_since(house, before)
    assert "late@office.example" in payload(update).decode()
    assert house.audit("alert")[-1]["details"]["what"] == "update"
    changed_case(house, case, seen=7200)
    over, = told_since(house, before + 1)
    assert subject(over) != subject(update), subject(over)
    assert house.audit("alert")[-1]["details"]["what"] == "over"
    now, = [one for one in house.lines("outbreak", "list") if one["id"] == case["id"]]
    assert now["over"], now
    heard = [json.loads(line) for line in house.heard.read_text().splitlines()]
    assert [one["what_now"] for one in heard if one["id"] == case["id"]] == [
        "alert", "update", "over"]
    # What comes after the end is another outbreak.
    for i in range(6):
        house.send(rcpt=(f"again{i}@office.example",), fields=fields, body=body)
    assert len(told_since(house, before + 2)) == 1
    attachments = [one for one in house.lines("outbreak", "list") if one["kind"] == "attachment"]
    assert sorted(one["over"] for one in attachments) == [False, True], attachments


def test_an_account_that_writes_to_very_many_is_told(house):
    for i in range(6):
        house.send(sender="mai@office.example", user="mai", rcpt=(f"x{i}@world.example",),
                   body=os.urandom(20).hex().encode() + b"\r\n")
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if any(one["kind"] == "account" for one in house.lines("outbreak", "list")):
            break
        time.sleep(0.5)
    case = [one for one in house.lines("outbreak", "list") if one["kind"] == "account"][0]
    assert case["what"] == "mai" and len(case["recipients"]) == 6, case


def test_signed_heads_go_by_mail_and_verify_the_logs(house):
    before = len(house.sink.to(OFFICER))
    # As contrib/systemd/gatepost-heads.service does.
    house.run("log", "heads", "--send", "--reason", "gatepost-heads.timer")
    house.sink.wait(OFFICER, seconds=30)
    mail = house.sink.to(OFFICER)[before:][-1]
    assert mail.sender == "" and mail.values("Auto-Submitted") == ["auto-generated"]
    kept = house.folder / "heads-by-mail.jsonl"
    lines = [line for line in payload(mail).decode().splitlines() if line.startswith("{")]
    assert {json.loads(line)["log"] for line in lines} == {"decisions", "audit"}, lines
    kept.write_text("\n".join(lines) + "\n")
    house.run("log", "verify", "--heads", kept)
    assert house.audit("heads")[-1]["reason"] == "gatepost-heads.timer"


def test_an_outage_is_on_record_with_a_notice(house):
    done = house.run("outage", "start", "--cause", "mất điện", "--expected", "2h", "--at", "10m")
    assert "THÔNG BÁO" in done.stdout.decode() and "NOTICE" in done.stdout.decode()
    assert "mất điện" in house.run("status", code=None).stdout.decode()
    house.run("outage", "update", "--expected", "3h", "--cause", "nguồn hỏng")
    ended = house.lines("outage", "end")[0]
    assert not ended["open"] and ended["cause"] == "nguồn hỏng"
    assert "khắc phục" in ended["notice"]["vi"]
    assert "mất điện" not in house.run("status", code=None).stdout.decode()
    assert [one["details"]["what"] for one in house.audit("outage")] == ["start", "update", "end"]
    house.run("outage", "end", code=1)


def test_the_report_counts_what_the_log_and_the_trail_say(house):
    secret = b"suite-suspicious-word\r\n"
    house.send(sender="s@outside.example", body=secret)
    held = house.last()["held_id"]
    house.run("held", "release", held)
    month = time.strftime("%Y-%m", time.localtime(time.time() + 0))
    report = house.lines("report", "--month", month)[0]
    log = [one for one in house.lines("log", "tail", "-n", "1000") if "id" in one]
    assert report["messages"] == len(log)
    for action in {one["action"] for one in log}:
        assert report["actions"][action] == len([1 for one in log if one["action"] == action])
    assert report["wrong_blocks"]["released"] == 1
    assert report["hold_times"]["count"] == 1
    clerks = [one for one in report["units"] if one["unit"] == "clerks"][0]
    assert clerks["received"] == len([1 for one in log for rcpt in one["recipients"]
                                      if rcpt["rcpt"] == "clerk@office.example"])
    assert clerks["released"] == 1
    assert 0.9 < report["availability"]["available"] < 1
    assert len(report["availability"]["outages"]) == 1
    assert report["outbreaks"] >= 2 and report["blocks_added"] >= 4
    for lang, word in (("vi", "Mức khả dụng"), ("en", "Availability")):
        page = house.folder / f"report-{lang}.html"
        house.run("report", "--month", month, "--lang", lang, "-o", page)
        text = page.read_text()
        assert word in text and "@page" in text and "http" not in text
        assert "<script" not in text and "clerk@" not in text
    house.run("report", "--month", "2026-13", code=2)
    house.run("report", "--month", "2199-01", code=2)


def subject(one):
    message = email.message_from_bytes(one.data)
    return str(email.header.make_header(email.header.decode_header(message["Subject"])))


def payload(one):
    return email.message_from_bytes(one.data).get_payload(decode=True)


def main():
    house, failed = House(sys.argv[1]), 0
    tests = [(name, run) for name, run in globals().items() if name.startswith("test_")]
    for name, run in tests:
        try:
            run(house)
            print(f"ok      {name[5:].replace('_', ' ')}", flush=True)
        except Exception:  # whatever it is, the others run
            failed += 1
            print(f"FAILED  {name[5:].replace('_', ' ')}\n{traceback.format_exc()}", flush=True)
    house.daemon.process.kill()
    house.heard.unlink(missing_ok=True)
    subprocess.run(["rm", "-rf", str(house.folder)], check=False)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
