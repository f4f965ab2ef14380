# Zip files written field by field, so that each may lie. Standard library only.
# SPDX-License-Identifier: GPL-2.0-or-later
import struct
import zlib


def raw_deflate(data, level=9):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def extra(tag, data):
    return struct.pack("<HH", tag, len(data)) + data


def unicode_path(name, of=b"", version=1, crc=None):
    crc = zlib.crc32(of) if crc is None else crc
    return extra(0x7075, struct.pack("<BI", version, crc) + name)


class Entry:
    """One entry. `l` and `c` override fields of the local and the central header: name, method, flags,
    crc, packed, size, extra, comment, attributes, offset, version."""

    def __init__(self, name, data, method=8, l=None, c=None, both=None, packed=None, descriptor=b"",
                 listed=True, before=b"", after=b""):
        self.data = data
        self.packed = packed if packed is not None else (raw_deflate(data) if method == 8 else data)
        base = {"name": name.encode() if isinstance(name, str) else name, "method": method,
                "flags": 0, "crc": zlib.crc32(data), "packed": len(self.packed),
                "size": len(data), "extra": b"", "comment": b"", "attributes": 0, "version": 20,
                "time": 0x58a36b2c}
        base.update(both or {})
        self.l = dict(base, **(l or {}))
        self.c = dict(base, **(c or {}))
        self.descriptor, self.listed, self.before, self.after = descriptor, listed, before, after
        self.offset = 0

    def local(self):
        h = self.l
        return struct.pack("<4sHHHIIIIHH", b"PK\3\4", h["version"], h["flags"], h["method"], h["time"],
                           h["crc"], h["packed"], h["size"], len(h["name"]), len(h["extra"])
                           ) + h["name"] + h["extra"]

    def body(self):
        return self.local() + self.packed + self.descriptor

    def central(self, shift=0):
        h = self.c
        return struct.pack("<4sHHHHIIIIHHHHHII", b"PK\1\2", 63, h["version"], h["flags"], h["method"],
                           h["time"], h["crc"], h["packed"], h["size"], len(h["name"]),
                           len(h["extra"]), len(h["comment"]), h.get("disk", 0), 0, h["attributes"],
                           h.get("offset", self.offset + shift)) + h["name"] + h["extra"] + h["comment"]


def end(count, size, offset, comment=b"", here=None, disk=0, start=0, comment_length=None):
    return struct.pack("<4sHHHHIIH", b"PK\5\6", disk, start, count if here is None else here, count,
                       size, offset, len(comment) if comment_length is None else comment_length
                       ) + comment


def end64(count, size, offset, here=None, more=b""):
    return struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44 + len(more), 45, 45, 0, 0,
                       count if here is None else here, count, size, offset) + more


def locator(offset):
    return struct.pack("<4sIQI", b"PK\6\7", 0, offset, 1)


def body_of(entries, start=0):
    out = b""
    for e in entries:
        out += e.before
        e.offset = start + len(out)
        out += e.body() + e.after
    return out


def directory_of(entries, shift=0):
    return b"".join(e.central(shift) for e in entries if e.listed)


def make(entries, prefix=b"", comment=b"", gap=b"", count=None, here=None, size=None, offset=None,
         adjust=True, **more):
    body = prefix + body_of(entries, len(prefix) if adjust else 0) + gap
    cd = directory_of(entries)
    n = sum(e.listed for e in entries)
    base = len(body) if adjust else len(body) - len(prefix)
    return body + cd + end(n if count is None else count, len(cd) if size is None else size,
                           base if offset is None else offset, comment, here, **more)
