# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon with held mail, a console beside it, and a browser in front of that. Everything on
loopback, below one temporary folder."""
import contextlib
import email.message
import email.policy
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path += [str(TOP / "tests" / "milter"), str(TOP / "tests" / "postfix")]
import protocol  # noqa: E402
import sink as sink_module  # noqa: E402

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,900"]


class House:
    def __init__(self, build):
        self.build = pathlib.Path(build)
        self.sink = sink_module.Sink()
        self.priority = tempfile.NamedTemporaryFile("w", suffix=".list")
        self.priority.write("# whose mail cannot wait\nchair@office.example\n")
        self.priority.flush()
        self.daemon = protocol.Daemon(
            build, rules=HERE / "rules", policy=HERE / "policy.yaml",
            extra=f"release: 127.0.0.1:{self.sink.port}\nnode: mx.office.example\nworkers: 2\n"
                  "custody: {two_persons: [unscannable, marking]}\n"
                  "notices:\n  officers: officer@office.example\n"
                  f"  priority: {{list: {self.priority.name}}}\n"
                  "outbreak: {above: 8}\n"
                  "console:\n  listen: inet:0@127.0.0.1\n"
                  "  units: {finance: ['clerk@office.example'], land: ['@land.office.example']}\n")
        self.config = str(self.daemon.folder / "gatepost.yaml")
        self.passwords = {}
        self.console = None
        self.url = None

    def gatepost(self, *words):
        done = subprocess.run([f"{self.build}/bin/gatepost", *words, "--config", self.config],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def account(self, name, *roles, extra=()):
        words = [word for role in roles for word in ("--role", role)]
        made = json.loads(self.gatepost("console", "account", "add", name, *words, *extra,
                                        "--json"))
        self.passwords[name] = made["password"]

    def open_console(self):
        journal = open(self.daemon.folder / "console-journal", "wb")
        self.console = subprocess.Popen([f"{self.build}/bin/gatepost", "console", "--config",
                                         self.config], stderr=journal)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            said = (self.daemon.folder / "console-journal").read_text()
            found = re.search(r"url=\"?(http://[^\s\"]+)", said)
            if found:
                self.url = found.group(1)
                return
            assert self.console.poll() is None, said
            time.sleep(0.05)
        raise AssertionError("the console did not open")

    def send(self, raw, recipients=("clerk@office.example",), sender="friend@example.net"):
        """One message through the milter; raw: bytes with CRLF. Returns the answer."""
        head, _, body = raw.partition(b"\r\n\r\n")
        fields = []
        for line in head.split(b"\r\n"):
            if line[:1] in b" \t" and fields:
                fields[-1] = (fields[-1][0], fields[-1][1] + b"\n" + line)
            else:
                name, _, value = line.partition(b":")
                fields.append((name, value))
        one = self.daemon.session()
        one.write(protocol.envelope(recipients, sender) + protocol.content(fields, body) +
                  protocol.packet(b"E"))
        answer = one.verdict()[0]
        one.close()
        return answer

    def held(self, **wanted):
        lines = self.gatepost("held", "list", "--state", "all", "--json").splitlines()
        rows = [json.loads(line) for line in lines if line.startswith("{")]
        return [row for row in rows if all(row[key] == value for key, value in wanted.items())]

    def released(self):
        """What was released: everything but notices, which come from nobody."""
        return [one for one in self.sink.all() if one.sender]

    def close(self):
        if self.console is not None:
            self.console.terminate()
            assert self.console.wait(30) == 0
        return self.daemon.close()


def letter(subject, text=None, html=None, attachments=(), sender="Ông Bạn <friend@example.net>"):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"] = sender, "Văn thư <clerk@office.example>"
    message["Subject"] = subject
    message["Message-ID"] = f"<{abs(hash((subject, text, html)))}@example.net>"
    message["Date"] = "Mon, 23 Nov 2026 08:00:00 +0700"
    if text is not None:
        message.set_content(text)
    if html is not None:
        if text is None:
            message.set_content(html, subtype="html")
        else:
            message.add_alternative(html, subtype="html")
    for name, kind, data in attachments:
        main, sub = kind.split("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


@contextlib.contextmanager
def browser(folder, width=1280, height=900, dark=False, flags=()):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    with tempfile.TemporaryDirectory(prefix="gatepost-chromium-") as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in [*FLAGS, *flags, f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        if dark:
            options.add_argument("--force-dark-mode")
        # The driver and the browser talk over loopback; a proxy of the machine has no part in it.
        options.add_argument("--no-proxy-server")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        os.environ.setdefault("no_proxy", "127.0.0.1,localhost")
        driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        driver.set_window_size(width, height)
        driver.set_page_load_timeout(60)
        try:
            yield driver
        finally:
            driver.quit()
