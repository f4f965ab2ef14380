# SPDX-License-Identifier: GPL-2.0-or-later
"""An SMTP client that sends exactly the bytes it is given."""
import socket

OUTSIDE = "127.0.0.7"  # a client of the world
INSIDE = "127.0.0.9"   # a client in own_networks


class Client:
    def __init__(self, port, host="127.0.0.1", source=OUTSIDE, hello="client.example"):
        self.extensions = ""
        bind = (source, 0) if host != "::1" and source else None
        self.sock = socket.create_connection((host, port), 60, bind)
        self.file = self.sock.makefile("rb")
        self.banner = self.reply()
        self.extensions = self.command(f"EHLO {hello}")[1]

    def reply(self):
        """(code, text); code 0 when the server closed the connection."""
        text = []
        while True:
            try:
                line = self.file.readline()
            except ConnectionError:
                line = b""
            if not line:
                return 0, "\n".join(text)
            text.append(line[4:].decode("utf-8", "replace").rstrip("\r\n"))
            if line[3:4] != b"-":
                return int(line[:3]), "\n".join(text)

    def raw(self, data):
        self.sock.sendall(data)

    def command(self, text):
        self.raw(text.encode() + b"\r\n")
        return self.reply()

    def envelope(self, sender, recipients, parameters=""):
        """MAIL and RCPT; the first refusal, or the last answer."""
        answer = self.command(f"MAIL FROM:<{sender}>{parameters}")
        for one in recipients if answer[0] == 250 else []:
            answer = self.command(f"RCPT TO:<{one}>")
            if answer[0] != 250:
                break
        return answer

    def data(self, message):
        answer = self.command("DATA")
        if answer[0] != 354:
            return answer
        lines = message.split(b"\r\n")
        body = b"\r\n".join(b"." + one if one.startswith(b".") else one for one in lines)
        self.raw(body + (b"" if body.endswith(b"\r\n") or not body else b"\r\n") + b".\r\n")
        return self.reply()

    def send(self, sender, recipients, message, parameters=""):
        """The whole transaction; the final answer as (code, text)."""
        answer = self.envelope(sender, recipients, parameters)
        return answer if answer[0] != 250 else self.data(message)

    def close(self):
        try:
            self.command("QUIT")
        except OSError:
            pass
        self.file.close()
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
