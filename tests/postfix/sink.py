# SPDX-License-Identifier: GPL-2.0-or-later
"""The next hop: an SMTP server that keeps every message exactly as it came over the wire."""
import asyncio
import threading
import time


class Delivered:
    """One transaction: sender, recipients and the bytes between DATA and the dot, dots unstuffed."""

    def __init__(self, sender, recipients, data):
        self.sender, self.recipients, self.data = sender, recipients, data

    def header_fields(self):
        """[(name, value)] of the top header, folds kept, as bytes."""
        head = self.data.split(b"\r\n\r\n", 1)[0] + b"\r\n"
        fields = []
        for line in head.split(b"\r\n")[:-1]:
            if line[:1] in (b" ", b"\t") and fields:
                fields[-1] = (fields[-1][0], fields[-1][1] + b"\r\n" + line)
            else:
                name, _, value = line.partition(b":")
                fields.append((name, value))
        return fields

    def values(self, name):
        """The values of all fields with that name, as text without folds."""
        return [" ".join(value.decode("utf-8", "replace").split())
                for key, value in self.header_fields() if key.lower() == name.lower().encode()]


class Sink:
    """Listens on 127.0.0.1; safe to use from any thread."""

    def __init__(self, port=0):
        self._all, self._lock, self._loop = [], threading.Lock(), asyncio.new_event_loop()
        self.port = None
        started = threading.Event()

        async def serve():
            server = await asyncio.start_server(self._talk, "127.0.0.1", port, limit=64 << 20)
            self.port = server.sockets[0].getsockname()[1]
            started.set()

        self._loop.create_task(serve())
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        started.wait(10)

    async def _talk(self, reader, writer):
        def say(text):
            writer.write(text.encode() + b"\r\n")

        sender, recipients = None, []
        say("220 sink ESMTP")
        try:
            while True:
                line = await reader.readline()
                if not line:
                    break
                verb = line[:4].upper()
                if verb == b"EHLO":
                    say("250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250 SIZE 0")
                elif verb == b"MAIL":
                    sender, recipients = line[line.index(b"<") + 1:line.index(b">")].decode(), []
                    say("250 ok")
                elif verb == b"RCPT":
                    recipients.append(line[line.index(b"<") + 1:line.rindex(b">")].decode())
                    say("250 ok")
                elif verb == b"DATA":
                    say("354 go")
                    await writer.drain()
                    chunks = []
                    while True:
                        part = await reader.readuntil(b"\n")
                        if part == b".\r\n":
                            break
                        chunks.append(part[1:] if part.startswith(b".") else part)
                    with self._lock:
                        self._all.append(Delivered(sender, recipients, b"".join(chunks)))
                    say("250 kept")
                elif verb == b"QUIT":
                    say("221 bye")
                    await writer.drain()
                    break
                else:
                    say("250 ok")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()

    def all(self):
        with self._lock:
            return list(self._all)

    def to(self, address):
        """What was delivered to that address so far."""
        return [one for one in self.all() if address in one.recipients]

    def wait(self, address, count=1, seconds=20):
        """Waits until so many messages for the address are here, and returns them all."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.to(address)
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{len(self.to(address))} of {count} messages for {address} arrived")
