# SPDX-License-Identifier: GPL-2.0-or-later
"""SMTP smuggling: an end of data that only one of two servers sees must not carry a second message
past the filter. Whatever Postfix makes of each sequence, the second message is either not a message
or one that was judged."""
import mails

SEQUENCES = {
    "LF dot LF": b"\n.\n",
    "LF dot CRLF": b"\n.\r\n",
    "CRLF dot LF": b"\r\n.\n",
    "CR dot CR": b"\r.\r",
    "CR dot CRLF": b"\r.\r\n",
    "CRLF dot CR": b"\r\n.\r",
    "LF dot CR": b"\n.\r",
    "CR dot LF": b"\r.\n",
    "CRLF NUL dot CRLF": b"\r\n\0.\r\n",
}


def smuggle(house, number, sequence):
    first, second = f"smug{number}-a@office.example", f"smug{number}-b@office.example"
    inner = (f"MAIL FROM:<evil@example.net>\r\nRCPT TO:<{second}>\r\nDATA\r\n".encode()
             + mails.letter(f"{mails.GTUBE}\r\n", to=second) + b".\r\n")
    with house.client() as client:
        answer = client.envelope("evil@example.net", [first])
        assert answer[0] == 250, answer
        assert client.command("DATA")[0] == 354
        client.raw(mails.letter("the outer letter\r\n", to=first)[:-2] + sequence + inner)
        client.reply()
        client.sock.settimeout(1.5)
        try:
            while client.reply()[0]:
                pass
        except OSError:
            pass
        client.sock.settimeout(30)
    house.send("friend@example.net", [f"smug{number}-end@office.example"], mails.letter())
    house.sink.wait(f"smug{number}-end@office.example")
    assert not house.sink.to(second), house.sink.to(second)[0].data
    judged = {one["id"] for one in house.main.log()}
    for arrived in house.sink.to(first):
        assert set(arrived.values("X-Gatepost-Id")) <= judged and arrived.values("X-Gatepost-Id")


def scenario(number, sequence):
    return lambda house: smuggle(house, number, sequence)


GENERATED = [(f"smuggling with {name} brings no second message past the filter",
              scenario(number, sequence))
             for number, (name, sequence) in enumerate(SEQUENCES.items(), 1)]
