#!/usr/bin/env python3
# Runs leaf_dump over the cases of make.py, and over what the packers of this machine write: what is
# hidden is found or refused with a named reason, what is honest is not flagged. Prints found, refused
# and tagged apart. check.py LEAF_DUMP
# SPDX-License-Identifier: GPL-2.0-or-later
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile

import make


def dump(program, paths, mail=False):
    done = subprocess.run([program] + (["--mail"] if mail else []) + paths, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        print(done.stderr)
        raise SystemExit(f"leaf_dump ended with {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge(case, seen):
    """(class, complaints)"""
    ids = [d["id"] for d in seen["defects"]]
    reasons = {u["reason"] for u in seen["unscannable"]}
    found = any(leaf["payload"] for leaf in seen["leaves"][1:] or seen["leaves"]
                if not leaf["container"])
    if len(seen["leaves"]) > 1 and seen["leaves"][0]["container"]:
        found = any(leaf["payload"] for leaf in seen["leaves"][1:])
    refused = reasons or any(d["grade"] == "C" for d in seen["defects"])
    wrong = []
    if case.found is not None and found != case.found:
        wrong.append("payload " + ("not found" if case.found else "found, though it cannot be"))
    if case.clean and (ids or reasons):
        wrong.append("flagged")
    if case.named and not set(case.named) & set(ids):
        wrong.append("no defect of " + ", ".join(case.named))
    if case.unread and not set(case.unread) & reasons:
        wrong.append("no refusal of " + ", ".join(case.unread))
    if not case.clean and not found and not refused:
        wrong.append("passes unseen")
    kind = "found" if found else "refused" if refused else "tagged" if ids else "clean"
    return kind, [f"{case.name}: {w} (defects {ids}, unscannable {sorted(reasons)})" for w in wrong]


def discs_by_tools(folder, src):
    """Discs with a tree for Windows (Joliet) and one for Unix (Rock Ridge), the payload in one only, or in both
    with a name that one of them must cut."""
    long = os.path.join(folder, "long")
    os.makedirs(long)
    with open(os.path.join(long, "a name that goes on and on until there are more letters than Joliet has room for.txt"),
              "wb") as f:
        f.write(make.PAYLOAD)
    bare = os.path.join(folder, "bare")
    os.makedirs(bare)
    for name, data in (("PAYLOAD", make.PAYLOAD), ("other.txt", make.GOOD)):
        with open(os.path.join(bare, name), "wb") as f:
            f.write(data)
    differ = "DiscTreesDisagree"
    for name, options, where, named in (("hidden-from-unix.iso", ["-J", "-r", "-hide", "payload.txt"], src, differ),
                                        ("hidden-from-windows.iso", ["-J", "-r", "-hide-joliet", "payload.txt"], src, ()),
                                        ("hidden-without-extension.iso", ["-J", "-r", "-hide", "PAYLOAD"], bare, differ),
                                        ("short-names-only.iso", ["-r"], src, ()),
                                        ("windows-only.iso", ["-J", "-hide", "payload.txt"], src, ()),
                                        ("long-name.iso", ["-J", "-r"], long, ())):
        out = os.path.join(folder, name)
        if shutil.which("genisoimage") is None:
            print(f"{name}: genisoimage is not installed, this one is left out")
            continue
        subprocess.run(["genisoimage", "-quiet", *options, "-o", out, "."], cwd=where, capture_output=True, check=True)
        yield make.Case(name, open(out, "rb").read(), named=named, clean=not named and "hidden" not in name)


def packed_by_tools(folder):
    """Archives of the packers that are here, each with the payload; (path, may be flagged)."""
    src = os.path.join(folder, "src")
    os.makedirs(os.path.join(src, "thư mục"))
    for name, data in (("payload.txt", make.PAYLOAD), ("thư mục/công văn.txt", make.GOOD),
                       ("empty.txt", b"")):
        with open(os.path.join(src, name), "wb") as f:
            f.write(data)
    commands = {
        "zip.zip": ["zip", "-qr", "OUT", "."], "zip-stored.zip": ["zip", "-q0r", "OUT", "."],
        "zip-bzip2.zip": ["zip", "-qr", "-Z", "bzip2", "OUT", "."],
        "zip-zip64.zip": ["zip", "-qr", "-fz", "OUT", "."],
        "7z.zip": ["7z", "a", "-bd", "-tzip", "OUT", "."],
        "7z-deflate64.zip": ["7z", "a", "-bd", "-tzip", "-mm=Deflate64", "OUT", "."],
        "7z-lzma.zip": ["7z", "a", "-bd", "-tzip", "-mm=LZMA", "OUT", "."],
        "7z-ppmd.zip": ["7z", "a", "-bd", "-tzip", "-mm=PPMd", "OUT", "."],
        "7z-bzip2.zip": ["7z", "a", "-bd", "-tzip", "-mm=BZip2", "OUT", "."],
        "7z.7z": ["7z", "a", "-bd", "OUT", "."],
        "7z-ppmd.7z": ["7z", "a", "-bd", "-m0=PPMd", "OUT", "."],
        "7z-bzip2.7z": ["7z", "a", "-bd", "-m0=BZip2", "OUT", "."],
        "7z-deflate.7z": ["7z", "a", "-bd", "-m0=Deflate", "OUT", "."],
        "7z-copy.7z": ["7z", "a", "-bd", "-mx0", "OUT", "."],
        "bsdtar.zip": ["bsdtar", "-acf", "OUT", "."], "bsdtar.7z": ["bsdtar", "-acf", "OUT", "."],
        "bsdtar.tar": ["bsdtar", "-acf", "OUT", "."], "bsdtar.tar.zst": ["bsdtar", "-acf", "OUT", "."],
        "bsdtar.tar.lz4": ["bsdtar", "--lz4", "-cf", "OUT", "."],
        "bsdtar.tar.Z": ["bsdtar", "-Zcf", "OUT", "."], "bsdtar.tar.xz": ["bsdtar", "-acf", "OUT", "."],
        "bsdtar.iso": ["bsdtar", "-acf", "OUT", "."], "bsdtar.cpio": ["bsdtar", "-acf", "OUT", "."],
        "bsdtar.a": ["bsdtar", "--format", "ar", "-cf", "OUT", "payload.txt"],
        "jar.jar": ["jar", "cf", "OUT", "."],
        "genisoimage.iso": ["genisoimage", "-quiet", "-J", "-r", "-o", "OUT", "."],
        "tar.tar.gz": ["tar", "-czf", "OUT", "."],
    }
    for name, command in commands.items():
        out = os.path.join(folder, name)
        if shutil.which(command[0]) is None:
            print(f"{name}: {command[0]} is not installed, this one is left out")
            continue
        done = subprocess.run([out if word == "OUT" else word for word in command], cwd=src,
                              capture_output=True, env=dict(os.environ, LC_ALL="C.UTF-8"), check=False)
        if done.returncode == 0 and os.path.exists(out):
            yield make.Case(name, open(out, "rb").read(), clean=True)
        else:
            print(f"{name}: could not be made: {done.stderr[-200:]!r}")
    yield from discs_by_tools(folder, src)
    if shutil.which("7z"):
        for name, options, text in (("7z-crypt.zip", ["-tzip", "-pBi-Mat9"], "Pass: Bi-Mat9"),
                                    ("7z-aes.zip", ["-tzip", "-mem=AES256", "-pBi-Mat9"], "mật khẩu Bi-Mat9")):
            out = os.path.join(folder, name)
            subprocess.run(["7z", "a", "-bd", *options, out, "."], cwd=src, capture_output=True, check=True)
            data = open(out, "rb").read()
            yield make.Case(name + ".eml", make.mail(text, data))
            yield make.Case(name, data, found=False, unread="encrypted")
        locked = {"7z-locked.7z": [], "7z-locked-names.7z": ["-mhe=on"], "7z-locked-apart.7z": ["-ms=off"]}
        for method in ("LZMA", "LZMA2", "PPMd", "BZip2", "Deflate", "Copy"):
            locked[f"7z-locked-{method.lower()}.7z"] = ["-m0=" + method]
            locked[f"7z-locked-{method.lower()}-names.7z"] = ["-m0=" + method, "-mhe=on"]
        for name, options in locked.items():
            out = os.path.join(folder, name)
            subprocess.run(["7z", "a", "-bd", "-pBi-Mat9", *options, out, "."], cwd=src, capture_output=True, check=True)
            data = open(out, "rb").read()
            yield make.Case(name, data, found=False, unread="encrypted")
            yield make.Case(name + ".eml", make.mail("mật khẩu: Bi-Mat9", data, name))


def main():
    program = sys.argv[1]
    complaints = []
    classes = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        tools = os.path.join(folder, "tools")
        os.makedirs(tools)
        cases = list(make.cases()) + list(packed_by_tools(tools))
        names = [case.name for case in cases]
        assert len(names) == len(set(names)), "two cases with one name"
        for mail in (False, True):
            some = [c for c in cases if c.name.endswith(".eml") == mail]
            paths = []
            for case in some:
                paths.append(os.path.join(folder, case.name))
                with open(paths[-1], "wb") as f:
                    f.write(case.data)
            for case, seen in zip(some, dump(program, paths, mail)):
                kind, wrong = judge(case, seen)
                classes["honest, not flagged" if case.clean and not wrong else kind] += 1
                complaints += wrong
                if mail and case.found and seen["facts"].get("archive.password-in-mail") != "true":
                    complaints.append(f"{case.name}: opened without the fact archive.password-in-mail")
    print(f"{len(cases)} archives: " + ", ".join(f"{n} {k}" for k, n in sorted(classes.items())))
    for line in complaints:
        print(line)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
