# SPDX-License-Identifier: GPL-2.0-or-later
"""A private Postfix with gatepostd and opendkim behind it, all on loopback, below one temporary
folder; the machine's own Postfix is not touched. Needs root (Postfix's master does)."""
import json
import os
import pathlib
import pwd
import grp
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import sink as sink_module
import smtp

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
RUN_AS = "nobody"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class Gatepostd:
    """One daemon with a folder of its own. `listen` as in gatepost.yaml."""

    def __init__(self, house, name, listen=None, **keys):
        self.house, self.name = house, name
        self.folder = house.folder / name
        self.socket = house.queue / "gatepost" / f"{name}.sock"
        self.listen = listen or f"unix:{self.socket}"
        self.log_folder = self.folder / "log"
        self.journal = self.folder / "journal"
        self.config = self.folder / "gatepost.yaml"
        self.process = None
        for sub in ("", "state", "log"):
            (self.folder / sub).mkdir(parents=True, exist_ok=True)
            shutil.chown(self.folder / sub, RUN_AS, "postfix")
        self.write_config(**keys)

    def write_config(self, rules=None, policy=None, antivirus=None, extra=""):
        rules = rules or [self.house.rules, HERE / "rules"]
        policy = policy or self.house.policy
        antivirus = antivirus or f"{{database: {self.house.signatures}}}"
        self.config.write_text(f"""listen: {self.listen}
own_domains: [office.example, other.example]
own_networks: [{smtp.INSIDE}]
authserv_id: mx.office.example
rules: [{', '.join(str(one) for one in rules)}]
policy: {policy}
state: {self.folder}/state
log: {self.folder}/log
antivirus: {antivirus}
release: unix:{self.house.queue}/public/gatepost-release
node: mx.office.example
workers: 2
{extra}
""")

    def start(self, wait=True, environment=None):
        # As the unit has it: notices go to a socket of Postfix's that is for the group postdrop.
        groups = ",".join(str(grp.getgrnam(one).gr_gid) for one in ("postfix", "postdrop"))
        with open(self.journal, "ab") as journal:
            self.process = subprocess.Popen(
                ["setpriv", "--reuid", RUN_AS, "--regid", str(pwd.getpwnam(RUN_AS).pw_gid),
                 "--groups", groups, str(self.house.bin / "gatepostd"), "--config",
                 str(self.config)],
                stdout=journal, stderr=journal, stdin=subprocess.DEVNULL, start_new_session=True,
                env=dict(os.environ, **(environment or {})))
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=120):
        mark = self.journal.read_text(errors="replace").count("GP3015")

        def ready():
            text = self.journal.read_text(errors="replace")
            if self.process.poll() is not None:
                raise AssertionError(f"gatepostd ended with {self.process.returncode}:\n"
                                     + text[-3000:])
            return text.count("GP3015") > mark or (mark and self._answers())

        wait_until(ready, seconds, f"gatepostd {self.name}")

    def _answers(self):
        return self.cli("status").returncode in (0, 1)

    def stop(self, number=signal.SIGTERM, seconds=30):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("gatepostd did not leave") from None
        return self.process.returncode

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

    def cli(self, *arguments, input_=None):
        """The program gatepost as the daemon's user. Postfix's public sockets, the release listener
        among them, are for the group postdrop."""
        groups = ",".join(str(grp.getgrnam(one).gr_gid) for one in ("postfix", "postdrop"))
        return subprocess.run(
            ["setpriv", "--reuid", RUN_AS, "--regid", str(pwd.getpwnam(RUN_AS).pw_gid), "--groups",
             groups, str(self.house.bin / "gatepost"), *arguments, "--config", str(self.config)],
            capture_output=True, text=True, input=input_, timeout=120, check=False)

    def log(self):
        records = []
        for segment in sorted(self.log_folder.glob("*")):
            for line in segment.read_bytes().split(b"\n"):
                if line.startswith(b"{"):
                    try:
                        records.append(json.loads(line))
                    except ValueError:
                        pass  # a torn line; `log verify` speaks of it
        return [one for one in records if "recipients" in one]

    def decision(self, recipient, count=1, seconds=10):
        """The latest record that names the recipient."""
        found = []

        def there():
            found[:] = [one for one in self.log()
                        if any(r["rcpt"] == recipient for r in one["recipients"])]
            return len(found) >= count

        wait_until(there, seconds, f"{count} records for {recipient}")
        return found[-1]


class House:
    """Sink, Postfix, opendkim and the main gatepostd."""

    def __init__(self, build):
        self.bin = pathlib.Path(build) / "bin"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gatepost-postfix-"))
        os.chmod(self.folder, 0o755)
        self.etc, self.queue = self.folder / "etc", self.folder / "spool"
        self.rules, self.policy = TOP / "rules", TOP / "rules" / "policy.yaml"
        self.signatures = self.folder / "signatures"
        self.mail_log = self.folder / "mail.log"
        self.ports = {name: free_port() for name in ("mx", "submission", "alt", "tcp")}
        self.milter_port = free_port()
        self.sink = sink_module.Sink()
        self.daemons, self.opendkim = [], None
        self.mounts = []

    # Building.
    def build(self):
        self._signatures()
        self._postfix()
        self._opendkim()
        self.main = self.daemon("main").start()
        subprocess.run(["postfix", "-c", self.etc, "start"], check=True, capture_output=True)
        wait_until(self._postfix_answers, 20, "Postfix")
        return self

    def daemon(self, name, **keys):
        one = Gatepostd(self, name, **keys)
        self.daemons.append(one)
        return one

    def _signatures(self):
        import hashlib
        self.signatures.mkdir()
        digest = hashlib.sha256(EICAR).hexdigest()
        (self.signatures / "test.hsb").write_text(f"{digest}:{len(EICAR)}:Eicar-Test-Signature:73\n")

    def _opendkim(self):
        folder = self.queue / "opendkim"
        folder.mkdir()
        key = self.folder / "dkim.private"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        public = subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-outform", "PEM"],
                                check=True, capture_output=True, text=True).stdout
        text = "".join(public.splitlines()[1:-1])
        keys = self.folder / "dkim.keys"
        keys.write_text(f"test._domainkey.office.example v=DKIM1; k=rsa; p={text}\n")
        (self.folder / "opendkim.conf").write_text(f"""Mode sv
Domain office.example
Selector test
KeyFile {key}
Socket local:{folder}/opendkim.sock
InternalHosts {self.folder}/dkim.hosts
AuthservID mx.office.example
TestPublicKeys {keys}
UserID postfix
UMask 002
Background no
RequireSafeKeys no
SyslogSuccess no
AlwaysAddARHeader yes
MTA ORIGINATING
""")
        (self.folder / "dkim.hosts").write_text(f"127.0.0.1\n{smtp.INSIDE}\n")
        shutil.chown(folder, "postfix", "postfix")
        os.chown(key, pwd.getpwnam("postfix").pw_uid, -1)
        with open(self.folder / "opendkim.log", "wb") as log:
            self.opendkim = subprocess.Popen(["opendkim", "-f", "-x", self.folder / "opendkim.conf"],
                                             stdout=log, stderr=log)
        wait_until((folder / "opendkim.sock").exists, 10, "opendkim")

    def _postfix(self):
        for folder in (self.etc, self.queue, self.folder / "data"):
            folder.mkdir()
        shutil.chown(self.folder / "data", "postfix")
        (self.queue / "etc").mkdir()
        for name in ("services", "hosts"):
            shutil.copy(f"/etc/{name}", self.queue / "etc")
        relay = f"smtp:[127.0.0.1]:{self.sink.port}"
        (self.etc / "main.cf").write_text(f"""compatibility_level = 3.6
queue_directory = {self.queue}
data_directory = {self.folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.office.example
mydestination =
inet_interfaces = 127.0.0.1, [::1]
inet_protocols = all
mynetworks = {smtp.INSIDE}
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
relay_domains = office.example, other.example
relay_transport = {relay}
default_transport = {relay}
virtual_alias_maps = texthash:{self.etc}/virtual
alias_maps =
alias_database =
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtp_host_lookup = native
smtputf8_enable = yes
smtpd_authorized_xforward_hosts = {smtp.INSIDE}
maillog_file = {self.mail_log}
maillog_file_prefixes = {self.folder}
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
default_process_limit = 60
smtpd_client_connection_count_limit = 0
notify_classes =
message_size_limit = 30000000
smtpd_milters = unix:opendkim/opendkim.sock
non_smtpd_milters = unix:opendkim/opendkim.sock
""")
        (self.etc / "virtual").write_text("everybody@office.example "
                                          "alias-a@office.example, alias-b@office.example\n")
        ports = self.ports
        (self.etc / "master.cf").write_text(f"""127.0.0.1:{ports['mx']} inet n - y - - smtpd
[::1]:{ports['mx']} inet n - y - - smtpd
127.0.0.1:{ports['submission']} inet n - y - - smtpd
    -o milter_macro_daemon_name=ORIGINATING
    -o syslog_name=postfix/submission
    -o smtpd_milters=unix:gatepost/main.sock,unix:opendkim/opendkim.sock
127.0.0.1:{ports['alt']} inet n - y - - smtpd
    -o smtpd_milters=unix:gatepost/alt.sock
127.0.0.1:{ports['tcp']} inet n - y - - smtpd
    -o smtpd_milters=inet:127.0.0.1:{self.milter_port}
pickup unix n - y 1 1 pickup
cleanup unix n - y - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - y - - trivial-rewrite
bounce unix - - y - 0 bounce
defer unix - - y - 0 bounce
trace unix - - y - 0 bounce
verify unix - - y - 1 verify
flush unix n - y 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - y - - smtp
relay unix - - y - - smtp
showq unix n - y - - showq
error unix - - y - - error
retry unix - - y - - error
discard unix - - y - - discard
anvil unix - - y - 1 anvil
scache unix - - y - 1 scache
postlog unix-dgram n - n - 1 postlogd
""")
        (self.queue / "gatepost").mkdir()
        os.chown(self.queue / "gatepost", pwd.getpwnam(RUN_AS).pw_uid,
                 grp.getgrnam("postfix").gr_gid)
        os.chmod(self.queue / "gatepost", 0o2750)
        # The tool under test sets everything that Gatepost needs; the chroot stays. The two
        # entrances for other daemons are put back to those.
        self.run_tool("apply")
        for name, milter in (("alt", "unix:gatepost/alt.sock"),
                             ("tcp", f"inet:127.0.0.1:{self.milter_port}")):
            subprocess.run(["postconf", "-c", self.etc, "-P",
                            f"127.0.0.1:{ports[name]}/inet/smtpd_milters={milter}"], check=True)

    def run_tool(self, *arguments):
        return subprocess.run([TOP / "contrib/postfix/gatepost-postfix", "-c", self.etc, "--socket",
                               "gatepost/main.sock", "--owner", RUN_AS, *arguments], check=True,
                              capture_output=True, text=True).stdout

    def _postfix_answers(self):
        try:
            smtp.Client(self.ports["mx"]).close()
            return True
        except OSError:
            return False

    # Using.
    def client(self, port="mx", **keys):
        return smtp.Client(self.ports[port], **keys)

    def send(self, sender, recipients, message, port="mx", parameters="", **keys):
        with self.client(port, **keys) as client:
            return client.send(sender, recipients, message, parameters)

    def sendmail(self, sender, recipients, message):
        """As a local program does: sendmail(1), pickup(8), non_smtpd_milters."""
        return subprocess.run(["/usr/sbin/sendmail", "-C", self.etc, "-i", "-f", sender,
                               *recipients], input=message, check=False, capture_output=True)

    def queue_ids(self):
        done = subprocess.run(["postqueue", "-c", self.etc, "-j"], capture_output=True, text=True,
                              check=True)
        return [json.loads(line)["queue_id"] for line in done.stdout.splitlines()]

    def close(self, keep):
        subprocess.run(["postfix", "-c", self.etc, "stop"], capture_output=True, check=False)
        for one in self.daemons:
            try:
                one.stop()
            except AssertionError:
                pass
        if self.opendkim is not None:
            self.opendkim.terminate()
        for one in reversed(self.mounts):
            subprocess.run(["umount", one], check=False)
        if keep:
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
