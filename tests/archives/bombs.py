#!/usr/bin/env python3
# Small files that unpack to much, or for ever: bounded time and memory, and a named reason.
# bombs.py LEAF_DUMP
# SPDX-License-Identifier: GPL-2.0-or-later
import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib

import make
from zipmaker import Entry, body_of, end, make as zip_of

# CPU time. The worker's deadline is 20 s; the slowest took 2 s on two busy cores of 2026, 7 s on very busy ones.
SECONDS = 12.0
MEBIBYTES = 700  # 200 MiB of leaves, what is being unpacked, and the libraries


def zeros(count):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    out, chunk = [], bytes(1 << 20)
    for _ in range(count >> 20):
        out.append(packer.compress(chunk))
    return b"".join(out) + packer.flush()


def gzip_zeros(count):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    out, chunk = [], bytes(1 << 20)
    for _ in range(count >> 20):
        out.append(packer.compress(chunk))
    return b"".join(out) + packer.flush()


def overlap(files, size):
    """Many directory entries over one kernel (as Fifield's full overlap)."""
    kernel = Entry("0", bytes(size), 8, packed=zeros(size))
    body = body_of([kernel])
    cd = b""
    for i in range(files):
        kernel.c["name"] = b"%d" % i
        cd += kernel.central()
    return body + cd + end(files, len(cd), len(body))


def quoted_overlap(files, size):
    """Each local header is quoted by the stored block of the one before it (Fifield's quoted overlap):
    the names agree and every entry is a valid stream of its own."""
    kernel_data = bytes(size)
    entries = [Entry("%05d" % files, kernel_data, 8, packed=zeros(size))]
    stream, content = entries[0].packed, kernel_data
    bodies = [entries[0].local() + stream]
    for i in range(files - 1, 0, -1):
        quoted = bodies[0][:30 + 5]
        packed = b"\0" + len(quoted).to_bytes(2, "little") + (len(quoted) ^ 0xffff).to_bytes(2, "little")
        stream = packed + quoted + stream
        content = quoted + content
        e = Entry("%05d" % i, content, 8, packed=stream)
        entries.insert(0, e)
        bodies.insert(0, e.local() + packed)
    offset = 0
    cd = b""
    for e, b in zip(entries, bodies):
        e.offset = offset
        cd += e.central()
        offset += len(b)
    body = b"".join(bodies)
    return body + cd + end(len(entries), len(cd), len(body))


def gz_matryoshka():
    """Sixty layers of gzip: to a reader that counts depth the same as a file that unpacks to itself."""
    data = b"the end"
    for _ in range(60):
        data = gzip.compress(data)
    return data


def many(count):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as z:
        for i in range(count):
            z.writestr("%d" % i, b"x")
    return out.getvalue()


def nest(levels, width, seed):
    for _ in range(levels):
        seed = zip_of([Entry("%d.zip" % i, seed, 8) for i in range(width)])
    return seed


def tar_many(count):
    block = make.tar_of([("f", b"")])[:512]
    return block * count + bytes(1024)


def xz_dictionary():
    """An honest stream whose header asks for a dictionary of 4 GiB."""
    data = bytearray(lzma.compress(bytes(1 << 20), format=lzma.FORMAT_XZ))
    # Block header: size, flags, filter id 0x21, its size 1, dictionary bits.
    assert data[14:16] == b"\x21\x01"
    data[16] = 40  # 4 GiB - 1
    size = (data[12] + 1) * 4
    data[12 + size - 4:12 + size] = zlib.crc32(bytes(data[12:12 + size - 4])).to_bytes(4, "little")
    return bytes(data)


def iso_loop(folder):
    """A folder of an ISO image that is its own parent and child."""
    src = os.path.join(folder, "iso")
    os.makedirs(os.path.join(src, "loop"))
    with open(os.path.join(src, "payload.txt"), "wb") as f:
        f.write(make.PAYLOAD)
    out = os.path.join(folder, "loop.iso")
    done = subprocess.run(["bsdtar", "--format", "iso9660", "-cf", out, "."], cwd=src, check=False,
                          capture_output=True)
    if done.returncode != 0:
        print("loop.iso: bsdtar is not installed, this one is left out")
        return None
    data = bytearray(open(out, "rb").read())
    root = data[0x8000 + 156:0x8000 + 190]
    at = data.find(b"\x04LOOP")
    while at != -1:  # the extent of the folder becomes that of the root
        data[at - 32 + 2:at - 32 + 10] = root[2:10]
        at = data.find(b"\x04LOOP", at + 1)
    return bytes(data)


def bombs(folder):
    yield "ratio.zip", zip_of([Entry("zeros", b"", 8, packed=zeros(1 << 30), both={
        "size": 1 << 30, "crc": 1})]), ("too-big",), ()
    yield "lying-size.zip", zip_of([Entry("zeros", b"", 8, packed=zeros(512 << 20), both={
        "size": 10, "crc": 1})]), ("too-big",), ()
    yield "overlap.zip", overlap(2000, 16 << 20), ("too-big",), ("ZipOverlap",)
    yield "quoted-overlap.zip", quoted_overlap(250, 4 << 20), ("too-big",), ("ZipOverlap",)
    yield "twins.gz", gz_matryoshka(), ("too-deep", "damaged"), ()
    yield "100000-members.zip", many(100_000), ("too-big",), ()
    yield "nested-10-wide-10.zip", nest(10, 10, zip_of([make.payload()])), ("too-deep",), ()
    yield "42-like.zip", nest(5, 16, zip_of([Entry("0", b"", 8, packed=zeros(64 << 20), both={
        "size": 64 << 20, "crc": 1})])), ("too-big",), ()
    yield "zeros.gz", gzip_zeros(1 << 30), ("too-big",), ()
    yield "zeros.bz2", bz2.compress(bytes(512 << 20)), ("too-big",), ()
    yield "zeros.xz", lzma.compress(bytes(512 << 20), preset=0), ("too-big",), ()
    yield "dictionary.xz", xz_dictionary(), None, ()
    yield "members.tar.gz", gzip.compress(tar_many(100_000)), ("too-big",), ()
    yield "zeros.tar.xz", lzma.compress(make.tar_of([("zeros", bytes(300 << 20))]), preset=0), ("too-big",), ()
    yield "signatures.zip", b"PK\3\4" * 2_000_000, ("too-big", "encrypted"), ("ZipNoDirectory",)
    yield "ends.zip", zip_of([make.payload()]) + end(0, 0, 0) * 200_000, None, ("ZipConcatenated",)
    yield "descriptors.zip", body_of([Entry("a", b"", 8, packed=b"", both={"flags": 8})] * 60_000) + end(
        0, 0, 0), ("too-big",), ()
    crowd = [Entry("n" * 60000, b"x", 0) for _ in range(60)]
    yield "long-names.zip", zip_of(crowd), None, ()
    lock = make.locked_zip(os.urandom(8))
    yield "many-locked.eml", make.mail(" ".join("w%05d" % i for i in range(4000)), zip_of(
        [Entry("%d.zip" % i, lock, 0) for i in range(400)])), ("encrypted",), ()
    loop = iso_loop(folder)
    if loop is not None:
        yield "loop.iso", loop, None, ()


def main():
    program = sys.argv[1]
    complaints = []
    worst = [0.0, 0.0]
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, data, reasons, defects in bombs(folder):
            count += 1
            path = os.path.join(folder, name)
            with open(path, "wb") as f:
                f.write(data)
            done = subprocess.run([program] + (["--mail"] if name.endswith(".eml") else []) + [path],
                                  capture_output=True, text=True, check=False, timeout=120)
            if done.returncode != 0:
                complaints.append(f"{name}: leaf_dump ended with {done.returncode}: {done.stderr[-300:]}")
                continue
            seen = json.loads(done.stdout)
            seconds, mib = seen["ms"] / 1000, seen["peak_kib"] / 1024
            worst = [max(worst[0], seconds), max(worst[1], mib)]
            named = {u["reason"] for u in seen["unscannable"]}
            print(f"{name:24} {len(data) / 1024:9.0f} KiB  {seconds:6.2f} s  {mib:5.0f} MiB  "
                  f"{len(seen['leaves']):6} leaves  {', '.join(sorted(named)) or '-'}")
            if seconds > SECONDS or mib > MEBIBYTES:
                complaints.append(f"{name}: took {seconds:.1f} s and {mib:.0f} MiB")
            if reasons and not set(reasons) & named:
                complaints.append(f"{name}: no refusal of {reasons}, but {sorted(named)}")
            if defects and not set(defects) & {d["id"] for d in seen["defects"]}:
                complaints.append(f"{name}: no defect of {defects}")
            os.remove(path)
    print(f"{count} bombs: at most {worst[0]:.1f} s and {worst[1]:.0f} MiB")
    for line in complaints:
        print(line)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
