#!/usr/bin/env python3
# Archives made to mislead, and honest ones. Each case is (file name, bytes, expectation); the payload
# that must not slip by is the text PAYLOAD. `make.py FOLDER` writes them; check.py imports them.
#
# The misleading zips follow the ambiguity types of ZipDiff (USENIX Security 2025: A1 to A5 redundant
# metadata, B1 to B4 file names, C1 to C5 structure), Zombie ZIP (CVE-2026-0866) and concatenation as
# seen in the wild; the constructions are our own.
# SPDX-License-Identifier: GPL-2.0-or-later
import bz2
import gzip
import io
import lzma
import os
import struct
import sys
import tarfile
import zipfile
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from zipmaker import (Entry, body_of, directory_of, end, end64, extra, locator, make as zip_of,
                      raw_deflate, unicode_path)

PAYLOAD = b"PAYLOAD-7f3a: this text must be found, wherever it hides. " * 4
GOOD = b"An honest file with nothing in it but these words, and these words again. " * 3


class Case:
    """found: the payload is a leaf. named: at least one of these defects. unread: at least one of these
    reasons. clean: neither defect nor refusal. members: exactly these paths below the archive."""

    def __init__(self, name, data, found=True, named=(), unread=(), clean=False, text=None):
        self.name, self.data, self.found, self.clean, self.text = name, data, found, clean, text
        self.named = (named,) if isinstance(named, str) else tuple(named)
        self.unread = (unread,) if isinstance(unread, str) else tuple(unread)


def payload(name="payload.txt", method=8, **kw):
    return Entry(name, PAYLOAD, method, **kw)


def good(name="good.txt", method=8, **kw):
    return Entry(name, GOOD, method, **kw)


DISAGREE, OVERLAP, DUPLICATE = "ZipHeadersDisagree", "ZipOverlap", "ZipDuplicateEntry"
CONCATENATED, METHOD, NO_DIRECTORY = "ZipConcatenated", "ZipMethodLie", "ZipNoDirectory"
COUNT, SIZE, HIDDEN, LEADING = "ZipCountLie", "ZipSizeLie", "ZipHiddenEntry", "ZipLeadingData"
TRAILING, CHECKSUM, UNSAFE = "ZipTrailingData", "ZipChecksum", "UnsafeMemberName"


def type_a():
    """Redundant metadata: local header, directory, descriptor, zip64, Unicode path."""
    for l, c in ((0, 8), (8, 0)):
        yield Case(f"a1-method-local{l}-central{c}.zip",
                   zip_of([payload(method=8, l={"method": l}, c={"method": c})]), named=DISAGREE)
        yield Case(f"a1-method-stored-local{l}-central{c}.zip",
                   zip_of([payload(method=0, l={"method": l}, c={"method": c})]), named=DISAGREE)
    yield Case("a1-method-local-lzma.zip", zip_of([payload(l={"method": 14})]), named=DISAGREE)
    for method in (0, 8):
        for name, over in (("l-packed", {"l": {"packed": 0}}), ("l-size", {"l": {"size": 0}}),
                           ("c-packed", {"c": {"packed": 0}}), ("c-size", {"c": {"size": 0}}),
                           ("both-packed", {"both": {"packed": 0}}), ("both-size", {"both": {"size": 0}}),
                           ("all-zero", {"both": {"packed": 0, "size": 0}}),
                           ("l-short", {"l": {"packed": 9}}), ("c-short", {"c": {"packed": 9}}),
                           ("both-short", {"both": {"packed": 9}})):
            yield Case(f"a2-sizes-{name}-{method}.zip", zip_of([payload(method=method, **over), good()]),
                       named=(DISAGREE, SIZE, HIDDEN, OVERLAP, CHECKSUM, METHOD))
        n = len(payload(method=method).packed)
        for kind, dd in (("zero", struct.pack("<4sIII", b"PK\7\x08", 0, 0, 0)),
                         ("short", struct.pack("<4sIII", b"PK\7\x08", zlib.crc32(PAYLOAD), 9, 9)),
                         ("wrong-crc", struct.pack("<4sIII", b"PK\7\x08", 1, n, len(PAYLOAD)))):
            yield Case(f"a2-descriptor-{kind}-{method}.zip",
                       zip_of([payload(method=method, both={"flags": 8}, l={"packed": 0, "size": 0, "crc": 0},
                                       descriptor=dd), good()]), named=(DISAGREE, SIZE))
        yield Case(f"a2-zip64-wrong-{method}.zip", zip_of(
            [payload(method=method, both={"extra": extra(1, struct.pack("<QQ", 9, 9))})]), named=DISAGREE)
        yield Case(f"a2-zip64-twice-{method}.zip", zip_of(
            [payload(method=method, both={"packed": 0xffffffff, "size": 0xffffffff, "extra":
                     extra(1, struct.pack("<QQ", 9, 9)) + extra(1, struct.pack("<QQ", len(PAYLOAD), n))})]),
            named=DISAGREE)
    yield Case("a3-name.zip", zip_of([payload(l={"name": b"invoice.exe"}, c={"name": b"invoice.txt"})]),
               named=DISAGREE)
    yield Case("a3-name-length.zip", zip_of([payload("payload.txt", l={"name": b"payload.txt.exe"})]),
               named=DISAGREE)
    yield Case("a3-unicode-path-exe.zip", zip_of([payload(
        both={"extra": unicode_path("hóa đơn.exe".encode(), b"payload.txt")})]), named=DISAGREE)
    yield Case("a3-unicode-path-ascii.zip", zip_of([payload(
        both={"extra": unicode_path(b"other.txt", b"payload.txt")})]), named=DISAGREE)
    yield Case("a3-unicode-path-local-and-central.zip", zip_of([payload(
        l={"extra": unicode_path("á.txt".encode(), b"payload.txt")},
        c={"extra": unicode_path("ạ.txt".encode(), b"payload.txt")})]), named=DISAGREE)
    yield Case("a3-unicode-path-version.zip", zip_of([payload(
        both={"extra": unicode_path("hoá.txt".encode(), b"payload.txt", version=2)})]), named=DISAGREE)
    yield Case("a3-unicode-path-crc.zip", zip_of([payload(
        both={"extra": unicode_path("hoá.txt".encode(), crc=0)})]), named=DISAGREE)
    yield Case("a3-unicode-path-twice.zip", zip_of([payload(
        both={"extra": unicode_path("một.txt".encode(), b"payload.txt") +
              unicode_path("hai.txt".encode(), b"payload.txt")})]), named=DISAGREE)
    yield Case("a4-encrypted-local.zip", zip_of([payload(l={"flags": 1})]), named=DISAGREE)
    yield Case("a4-encrypted-central.zip", zip_of([payload(c={"flags": 1})]), named=DISAGREE)
    yield Case("a4-encrypted-both-and-not.zip", zip_of([payload(both={"flags": 1})]), named=METHOD)
    yield Case("a4-strong-encryption.zip",
               zip_of([Entry("secret.bin", os.urandom(400), 0, both={"flags": 0x41, "crc": 7})]),
               found=False, unread="encrypted")
    yield Case("a4-masked-directory.zip",
               zip_of([Entry("secret.bin", os.urandom(400), 0, both={"flags": 0x2041, "crc": 7},
                             l={"name": b"0", "size": 0, "packed": 0})]), found=False, unread="encrypted")
    yield Case("a5-folder-name-with-data.zip", zip_of([payload("payload/", 0)]), named=DISAGREE)
    yield Case("a5-folder-name-local-data.zip",
               zip_of([payload("payload/", 0, c={"packed": 0, "size": 0, "crc": 0})]), named=DISAGREE)
    yield Case("a5-folder-attribute.zip", zip_of([payload(c={"attributes": 0x10})]), named=DISAGREE)
    yield Case("a5-unix-folder.zip", zip_of([payload(c={"attributes": 0o040755 << 16})]), named=DISAGREE)
    yield Case("a5-folder-backslash.zip", zip_of([payload("payload\\", 0)]), named=DISAGREE)


def type_b():
    """File names: duplicates, normal forms, case, characters that cannot be."""
    yield Case("b1-duplicate.zip", zip_of([good("a.txt"), payload("a.txt")]), named=DUPLICATE)
    yield Case("b1-duplicate-first.zip", zip_of([payload("a.txt"), good("a.txt")]), named=DUPLICATE)
    for i, path in enumerate(("/a/b", "a//b", "a\\b", "./a/b", "a/./b", "a/b/.", "../a/b", "c/../a/b",
                              "a/b.", "a/b ", "a/b/")):
        yield Case(f"b3-path-{i}.zip", zip_of([good("a/b"), payload(path)]), named=(DUPLICATE, UNSAFE))
    yield Case("b4-case.zip", zip_of([good("Readme.txt"), payload("README.TXT")]), named=DUPLICATE)
    yield Case("b2-nul-in-name.zip", zip_of([payload(b"a.txt\0.exe")]), named=UNSAFE)
    yield Case("b2-newline-in-name.zip", zip_of([payload(b"a\n.txt")]), named=UNSAFE)
    yield Case("b2-drive.zip", zip_of([payload("C:payload.txt")]), named=UNSAFE)
    yield Case("b2-slip.zip", zip_of([payload("..\\..\\payload.txt")]), named=UNSAFE)


def type_c():
    """Structure: what the directory does not list, which end record counts, where the directory is."""
    yield Case("c1-not-listed.zip", zip_of([good(), payload(listed=False), good("c.txt")]), named=HIDDEN)
    yield Case("c1-not-listed-last.zip", zip_of([good(), payload(listed=False)]), named=HIDDEN)
    yield Case("c1-not-listed-first.zip", zip_of([payload(listed=False), good()]), named=HIDDEN)
    hidden = payload(method=0)
    comment = body_of([hidden])
    yield Case("c1-in-entry-comment.zip", zip_of([good(c={"comment": comment})]), named=HIDDEN)
    # The directory lists an entry that lies inside the data of a stored one (desynchronised).
    inner = body_of([payload(method=0)])
    junk = Entry("junk", inner, 0)
    cover = body_of([junk])
    p = payload(method=0)
    p.offset = 30 + 4
    cd = p.central()
    yield Case("c1-desync.zip", cover + cd + end(1, len(cd), len(cover)),
               named=(OVERLAP, LEADING, HIDDEN, DISAGREE))
    j = junk.central() + p.central()
    yield Case("c1-overlap.zip", cover + j + end(2, len(j), len(cover)), named=OVERLAP)
    plain = zip_of([good()])
    evil = zip_of([payload()])
    yield Case("c2-concatenated-evil-last.zip", plain + evil, named=(CONCATENATED, HIDDEN))
    yield Case("c2-concatenated-evil-first.zip", evil + plain, named=(CONCATENATED, HIDDEN))
    yield Case("c2-in-comment.zip", zip_of([good()], comment=evil), named=CONCATENATED)
    e = payload()
    base = zip_of([good()])
    body = body_of([e], len(base))
    cd = directory_of([e])
    yield Case("c2-in-comment-adjusted.zip", zip_of(
        [good()], comment=body + cd + end(1, len(cd), len(base) + len(body))), named=CONCATENATED)
    yield Case("c2-comment-too-long.zip", evil[:-2] + struct.pack("<H", 9) + b"abc", named=TRAILING)
    yield Case("c2-nine-decoys.zip", zip_of([payload()], comment=end(0, 0, 0) * 9), named=CONCATENATED)
    yield Case("c2-decoy-of-good.zip", zip_of([payload()]) + end(0, 0, 0), named=(CONCATENATED, HIDDEN))
    for flags in range(1, 8):
        e = [good("a.txt"), payload("b.txt")]
        first = len(directory_of([e[0]]))
        yield Case(f"c3-count-{flags}.zip", zip_of(
            e, here=1 if flags & 1 else 2, count=1 if flags & 2 else 2, size=first if flags & 4 else None),
            named=(COUNT, DISAGREE))
    yield Case("c3-count-zero.zip", zip_of([payload()], count=0), named=COUNT)
    yield Case("c3-count-much.zip", zip_of([payload()], count=77), named=COUNT)
    yield Case("c3-size-zero.zip", zip_of([payload()], size=0), named=(COUNT, DISAGREE))
    yield Case("c3-empty-end.zip", body_of([payload()]) + end(0, 0, 0), named=(HIDDEN, COUNT, DISAGREE))
    # Two directories: at the offset, and before the end record.
    a, b = good("a.txt"), payload("b.txt")
    both = body_of([a, b])
    first, second = a.central(), b.central()
    yield Case("c4-two-directories.zip",
               both + first + second + end(1, len(second), len(both)), named=(DISAGREE, COUNT))
    yield Case("c4-two-directories-other.zip",
               both + second + first + end(1, len(first), len(both)), named=(DISAGREE, COUNT))
    e = payload()
    body = body_of([e])
    cd = e.central()
    yield Case("c4-directory-first.zip", cd + body + end(1, len(cd), 0), named=(DISAGREE, COUNT, LEADING,
                                                                              OVERLAP, HIDDEN))
    # Two local headers for one record: plain offset and shifted offset both hold one.
    p, g = payload("a.txt", 0), Entry("a.txt", GOOD, 0)
    pre = body_of([g])
    body = body_of([p], 0)
    p.offset = 0
    cd = p.central()
    yield Case("c4-two-locals.zip", pre + body + cd + end(1, len(cd), len(body)),
               named=(DISAGREE, HIDDEN))

    def wide(classic_says_other, gap=b"", masked=True):
        g, p = good("a.txt"), payload("b.txt")
        body = body_of([g, p])
        one, two = g.central(), p.central()
        at = len(body) + len(one) + len(two)
        record = end64(1, len(two), len(body) + len(one))
        tail = end(0xffff, 0xffffffff, 0xffffffff) if masked else end(1, len(one), len(body))
        return body + one + two + record + locator(at) + gap + tail

    yield Case("c5-zip64-and-classic.zip", wide(True, masked=False), named=(DISAGREE, COUNT, HIDDEN))
    yield Case("c5-zip64-gap.zip", wide(False, gap=b"\0"), named=(DISAGREE, COUNT, HIDDEN))
    yield Case("c5-zip64-hides.zip", wide(False), named=(HIDDEN, DISAGREE))
    g, p = good("a.txt"), payload("b.txt")
    body = body_of([g, p])
    one, two = g.central(), p.central()
    r1 = end64(1, len(one), len(body))
    r2 = end64(1, len(two), len(body) + len(one))
    at = len(body) + len(one) + len(two)
    yield Case("c5-locator-or-search.zip", body + one + two + r1 + r2 + locator(at) +
               end(0xffff, 0xffffffff, 0xffffffff), named=(DISAGREE, HIDDEN))
    p = payload()
    body = body_of([p])
    cd = p.central()
    yield Case("c5-zip64-count.zip", body + cd + end64(1, len(cd), len(body), here=0) +
               locator(len(body) + len(cd)) + end(0xffff, 0xffffffff, 0xffffffff), named=DISAGREE)
    yield Case("c5-zip64-missing.zip", body + cd + end(0xffff, 0xffffffff, 0xffffffff),
               named=(DISAGREE, COUNT))


def other_zip():
    """Zombies, missing pieces, prefixes and suffixes, methods."""
    yield Case("zombie-stored.zip", zip_of([payload(both={"method": 0})]), named=METHOD)
    yield Case("zombie-stored-crc-of-packed.zip", zip_of([payload(
        both={"method": 0, "crc": zlib.crc32(raw_deflate(PAYLOAD)), "size": len(raw_deflate(PAYLOAD))})]),
        named=METHOD)
    yield Case("zombie-deflated.zip", zip_of([payload(method=0, both={"method": 8})]), named=METHOD)
    for method in (9, 12, 14, 97, 99, 1234):
        # Deflate64 reads what deflate writes, short matches that is: no lie to be seen.
        yield Case(f"zombie-method-{method}.zip", zip_of([payload(both={"method": method})]),
                   named=METHOD if method != 9 else ())
        yield Case(f"zombie-plain-method-{method}.zip", zip_of([payload(method=0, both={"method": method})]),
                   named=METHOD)
    z = zip_of([payload()])
    cd = z.index(b"PK\1\2")
    yield Case("no-directory.zip", z[:cd], named=NO_DIRECTORY)
    yield Case("no-end.zip", z[:z.index(b"PK\5\6")], named=NO_DIRECTORY)
    yield Case("cut-in-end.zip", z[:-10], named=NO_DIRECTORY)
    yield Case("cut-in-data.zip", z[:60], found=None, named=NO_DIRECTORY, unread="damaged")
    yield Case("directory-without-locals.zip", z[cd:], found=False, named=(DISAGREE,), unread="damaged")
    yield Case("offset-beyond.zip", zip_of([payload(c={"offset": 0x7fffffff})]), named=DISAGREE)
    yield Case("prefix.zip", b"x" * 500 + zip_of([payload()]), named=("ArchiveAppended", LEADING))
    yield Case("prefix-adjusted.zip", zip_of([payload()], prefix=b"\x90\x01\xff" * 100),
               named=("ArchiveAppended", LEADING))
    yield Case("suffix.zip", zip_of([payload()]) + b"tail" * 30, named=TRAILING)
    yield Case("suffix-zeros-64k.zip", zip_of([payload()]) + b"\0" * 70000, named=TRAILING)
    yield Case("gap-before-directory.zip", zip_of([good()], gap=body_of([payload()])), named=HIDDEN)
    yield Case("checksum.zip", zip_of([payload(both={"crc": 1})]), named=CHECKSUM)
    yield Case("streamed.zip", zip_of([payload(
        both={"flags": 8}, l={"packed": 0, "size": 0, "crc": 0}, descriptor=struct.pack(
            "<4sIII", b"PK\7\x08", zlib.crc32(PAYLOAD), len(raw_deflate(PAYLOAD)), len(PAYLOAD)))]),
        clean=True)
    yield Case("method-bzip2.zip", by_python(zipfile.ZIP_BZIP2), clean=True)
    yield Case("method-lzma.zip", by_python(zipfile.ZIP_LZMA), clean=True)
    packed = lzma.compress(PAYLOAD, format=lzma.FORMAT_XZ)
    yield Case("method-xz.zip", zip_of([Entry("payload.txt", PAYLOAD, 95, packed=packed)]), clean=True)
    for method, name in ((1, "shrink"), (2, "reduce"), (6, "implode"), (10, "dcl")):
        yield Case(f"method-{name}.zip", zip_of([Entry("a.bin", bytes(300), method, packed=os.urandom(200))]), found=False,
                   unread="unknown-type")
    yield Case("volume.zip", zip_of([payload()], disk=1, start=1), unread="truncated")
    gif = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
    yield Case("gifar.gif", gif + zip_of([payload()]), named="ArchiveAppended")
    pe = bytearray(b"MZ" + bytes(126))
    pe[60:64] = struct.pack("<I", 64)
    pe[64:68] = b"PE\0\0"
    yield Case("sfx-zip.exe", bytes(pe) + bytes(2000) + zip_of([payload()]))
    yield Case("sfx-script.sh", b"#!/bin/sh\ntail -n +3 $0 | gunzip\n" + gzip.compress(PAYLOAD))
    yield Case("zip-behind-text.txt", b"plain words\n" * 1000 + zip_of([payload()]), named="ArchiveAppended")
    yield Case("tar-and-zip.tar", tar_of([("good.txt", GOOD)]) + zip_of([payload()]),
               named="ArchiveAppended")


def by_python(method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        z.writestr("payload.txt", PAYLOAD)
        z.writestr("folder/good.txt", GOOD)
    return out.getvalue()


def tar_of(files, kind=tarfile.USTAR_FORMAT, links=()):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as t:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
        for name, target, what in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = what, target
            t.addfile(info)
    return out.getvalue()


def zip_crypto(data, password, check):
    table = [0] * 256
    for i in range(256):
        c = i
        for _ in range(8):
            c = (c >> 1) ^ 0xedb88320 if c & 1 else c >> 1
        table[i] = c
    k = [0x12345678, 0x23456789, 0x34567890]

    def update(byte):
        k[0] = (k[0] >> 8) ^ table[(k[0] ^ byte) & 255]
        k[1] = ((k[1] + (k[0] & 255)) * 134775813 + 1) & 0xffffffff
        k[2] = (k[2] >> 8) ^ table[(k[2] ^ (k[1] >> 24)) & 255]

    for byte in password:
        update(byte)
    out = bytearray()
    for byte in bytes(range(11)) + bytes([check]) + data:
        t = (k[2] & 0xffff) | 2
        out.append(byte ^ (((t * (t ^ 1)) >> 8) & 255))
        update(byte)
    return bytes(out)


def locked_zip(password, method=8, name="payload.txt"):
    packed = raw_deflate(PAYLOAD) if method == 8 else PAYLOAD
    data = zip_crypto(packed, password, zlib.crc32(PAYLOAD) >> 24)
    return zip_of([Entry(name, PAYLOAD, method, packed=data, both={"flags": 1})])


def mail(text, attachment, name="a.zip", html=False, subject="tai lieu"):
    import base64
    body = base64.b64encode(attachment).decode()
    lines = "\r\n".join(body[i:i + 76] for i in range(0, len(body), 76))
    return (f"From: a@example.org\r\nTo: b@example.vn\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\nContent-Type: text/"
            f"{'html' if html else 'plain'}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            f"{text}\r\n--xx\r\nContent-Type: application/zip; name={name}\r\nContent-Transfer-Encoding: "
            f"base64\r\nContent-Disposition: attachment; filename={name}\r\n\r\n{lines}\r\n--xx--\r\n"
            ).encode()


def locked():
    z = locked_zip(b"Mk@2026!")
    yield Case("locked-no-word.eml", mail("nothing to see", z), found=False, unread="encrypted")
    yield Case("locked-vietnamese.eml", mail("Kính gửi anh, mật khẩu giải nén là: Mk@2026!", z))
    yield Case("locked-english.eml", mail("Please find it attached. Password: Mk@2026!.", z))
    yield Case("locked-quoted.eml", mail('open it with "Mk@2026!" please', z))
    yield Case("locked-html.eml", mail("<p>pass: <b>Mk@</b>2026!</p>", z, html=True))
    yield Case("locked-subject.eml", mail("see above", z, subject="ma mo tep Mk@2026!"))
    yield Case("locked-chinese.eml", mail("附件密码：Mk@2026!", z))
    yield Case("locked-word.eml", mail("cat dog infected bird", locked_zip(b"infected")))
    yield Case("locked-stored.eml", mail("code 4711", locked_zip(b"4711", 0)))
    yield Case("locked-phrase.eml", mail("The password is: red green blue", locked_zip(b"red green blue")))
    nested = zip_of([Entry("inner.zip", locked_zip(b"4711"), 0), Entry("readme.txt", b"password 4711", 0)])
    yield Case("locked-nested.eml", mail("see readme", nested))


def others():
    """Other containers, told by content."""
    plain = tar_of([("payload.txt", PAYLOAD), ("folder/good.txt", GOOD)])
    yield Case("plain.tar", plain, clean=True)
    yield Case("tar-named.doc", plain)
    for name, data in (("tar.gz", gzip.compress(plain)), ("tar.bz2", bz2.compress(plain)),
                       ("tar.xz", lzma.compress(plain)),
                       ("tar.lzma", lzma.compress(plain, format=lzma.FORMAT_ALONE)),
                       ("txt.gz", gzip.compress(PAYLOAD)), ("bin", gzip.compress(plain))):
        yield Case("plain." + name, data, clean=name != "bin")
    yield Case("two-members.gz", gzip.compress(GOOD) + gzip.compress(PAYLOAD))
    yield Case("two-tars.tar", tar_of([("a.txt", GOOD)]) + tar_of([("b.txt", PAYLOAD)]))
    yield Case("pax.tar", tar_of([("payload.txt", PAYLOAD)], tarfile.PAX_FORMAT), clean=True)
    yield Case("gnu.tar", tar_of([("payload.txt" + "x" * 200, PAYLOAD)], tarfile.GNU_FORMAT), clean=True)
    yield Case("links.tar", tar_of([("payload.txt", PAYLOAD)], links=[
        ("l", "/etc/passwd", tarfile.SYMTYPE), ("h", "payload.txt", tarfile.LNKTYPE)]), named=UNSAFE)
    yield Case("slip.tar", tar_of([("../../payload.txt", PAYLOAD)]), named=UNSAFE)
    cpio = b""
    for name, data in ((b"payload.txt", PAYLOAD), (b"TRAILER!!!", b"")):
        head = b"070701" + b"".join(b"%08x" % v for v in (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0,
                                                          len(name) + 1, 0)) + name + b"\0"
        head += b"\0" * (-len(head) % 4)
        cpio += head + data + b"\0" * (-len(data) % 4)
    yield Case("plain.cpio", cpio, clean=True)
    size = b"%-10d" % len(PAYLOAD)
    yield Case("plain.ar", b"!<arch>\n" + b"payload.txt/    0           0     0     100644  " + size + b"`\n" +
               PAYLOAD, clean=True)
    yield Case("stored.rar", rar4([("payload.txt", PAYLOAD)]))
    yield Case("volume.rar", rar4([("payload.txt", PAYLOAD)], flags=1), unread="truncated")
    yield Case("locked-names.rar", rar4([("payload.txt", PAYLOAD)], flags=0x80), found=None,
               unread="encrypted")
    yield Case("stored5.rar", rar5("payload.txt", PAYLOAD))
    yield Case("volume5.part1.rar", rar5("payload.txt", PAYLOAD, volume=1), unread="truncated")
    yield Case("sfx-rar.exe", b"MZ" + bytes(62) + b"Rar!" + bytes(200) + rar4([("payload.txt", PAYLOAD)]))
    yield Case("plain.cab", cab(PAYLOAD), clean=True)
    yield Case("stored.lzh", lha0(PAYLOAD), clean=True)
    yield Case("old.ace", b"\0\0\0\0\0\0\0**ACE**" + os.urandom(600), found=False, unread="unknown-type")
    yield Case("old.arj", b"\x60\xea\x2b\0" + os.urandom(600), found=False, unread="unknown-type")
    yield Case("disk.vhd", b"conectix" + os.urandom(1024), found=False, unread="unknown-type")
    fat = bytearray(1024)
    fat[0:3], fat[54:62], fat[510:512] = b"\xeb\x3c\x90", b"FAT16   ", b"\x55\xaa"
    yield Case("floppy.img", bytes(fat) + PAYLOAD, unread="unknown-type", found=None)
    yield Case("part.7z.002", os.urandom(3000), found=False, unread="truncated")
    yield Case("cut.7z", b"7z\xbc\xaf\x27\x1c\0\4" + os.urandom(200), found=False, unread="damaged")
    yield Case("cut.gz", gzip.compress(os.urandom(4000))[:2000], found=False, unread="damaged")
    yield Case("tnef.dat", tnef("payload.txt", PAYLOAD))
    inner = zip_of([payload()])
    for _ in range(6):
        inner = zip_of([Entry("n.zip", inner, 0)])
    yield Case("nested-7.zip", inner, clean=True)
    for _ in range(4):
        inner = zip_of([Entry("n.zip", inner, 0)])
    yield Case("nested-11.zip", inner, found=False, unread="too-deep")


def rar4(files, flags=0):
    def block(kind, flag, rest, data=b""):
        head = struct.pack("<BHH", kind, flag, 7 + len(rest)) + rest
        return struct.pack("<H", zlib.crc32(head) & 0xffff) + head + data
    out = b"Rar!\x1a\x07\x00" + block(0x73, flags, b"\0" * 6)
    for name, data in files:
        n = name.encode()
        out += block(0x74, 0x8000, struct.pack("<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data),
                                               0x58a36b2c, 20, 0x30, len(n), 0o100644) + n, data)
    return out + block(0x7b, 0x4000, b"")


def vint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def rar5(name, data, volume=0):
    def block(body):
        whole = vint(len(body)) + body
        return struct.pack("<I", zlib.crc32(whole)) + whole
    n = name.encode()
    out = b"Rar!\x1a\x07\x01\x00" + block(vint(1) + vint(0) + vint(volume))
    body = vint(2) + vint(2) + vint(len(data)) + vint(4) + vint(len(data)) + vint(0o100644) + struct.pack(
        "<I", zlib.crc32(data)) + vint(0) + vint(1) + vint(len(n)) + n
    return out + block(body) + data + block(vint(5) + vint(0) + vint(0))


def cab(data):
    name = b"payload.txt\0"
    files = 36 + 8
    start = files + 16 + len(name)
    block = struct.pack("<IHH", 0, len(data), len(data)) + data
    total = start + len(block)
    return struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, total, 0, files, 0, 3, 1, 1, 1, 0, 0, 0) + struct.pack(
        "<IHH", start, 1, 0) + struct.pack("<IIHHHH", len(data), 0, 0, 0x58a3, 0x6b2c, 0x20) + name + block


def lha0(data):
    name = b"payload.txt"
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xa001 if crc & 1 else crc >> 1
    head = b"-lh0-" + struct.pack("<IIIBBB", len(data), len(data), 0x58a36b2c, 0x20, 0, len(name)
                                  ) + name + struct.pack("<H", crc)
    return bytes([len(head), sum(head) & 255]) + head + data + b"\0"


def tnef(name, data):
    def attribute(level, tag, value):
        return struct.pack("<BII", level, tag, len(value)) + value + struct.pack("<H", sum(value) & 0xffff)
    return struct.pack("<IH", 0x223e9f78, 1) + attribute(1, 0x00089006, b"\0\0\1\0") + attribute(
        2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, name.encode() + b"\0") + attribute(
        2, 0x0006800f, data)


def honest():
    """What ordinary programs write: nothing may be said against these."""
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        yield Case(f"python-{method}.zip", by_python(method), clean=True)

    class Pipe(io.RawIOBase):
        """Cannot seek, so sizes come behind the data."""

        def __init__(self):
            self.out = b""

        def writable(self):
            return True

        def write(self, data):
            self.out += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("payload.txt", PAYLOAD)
        z.writestr("công văn số 15.txt", GOOD)
        z.writestr("empty/", b"")
    yield Case("python-streamed.zip", pipe.out, clean=True)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        with z.open("payload.txt", "w", force_zip64=True) as f:
            f.write(PAYLOAD)
    yield Case("python-zip64.zip", out.getvalue(), clean=True)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as z:
        for i in range(12):
            z.writestr(f"inner{i}.zip", by_python(zipfile.ZIP_DEFLATED))
        z.comment = b"made by hand"
    yield Case("zips-in-zip.zip", out.getvalue(), clean=True)
    yield Case("approximate-name.zip", zip_of([payload(
        "Cong van mat.txt", both={"extra": unicode_path("Công văn mật.txt".encode(), b"Cong van mat.txt")})]),
        clean=True)
    yield Case("empty.zip", end(0, 0, 0), found=False, clean=True)
    yield Case("folders.zip", zip_of([Entry("a/", b"", 0), Entry("a/", b"", 0), payload("a/payload.txt"),
                                      Entry("b/", b"", 8)]), clean=True)


def cases():
    for family in (type_a, type_b, type_c, other_zip, locked, others, honest):
        for case in family():
            case.family = family.__name__
            yield case


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    for case in cases():
        with open(os.path.join(sys.argv[1], case.name), "wb") as f:
            f.write(case.data)


if __name__ == "__main__":
    main()
