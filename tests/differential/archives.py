#!/usr/bin/env python3
# Our members beside those of Python's zipfile, bsdtar (libarchive), unzip and 7z: over the honest
# archives of tests/archives and, where they are, the zips and packages of the corpora. A member that
# another reader sees and we do not is a failure; one that only we see is explained or a failure.
# archives.py LEAF_DUMP
# SPDX-License-Identifier: GPL-2.0-or-later
import collections
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "archives"))
import check
import make

CORPORA = os.path.join(os.path.dirname(ROOT), "shared", "corpora")
ENDINGS = (".zip", ".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".odt", ".ods", ".odp", ".jar", ".rar",
           ".7z", ".tar", ".gz", ".cab", ".iso", ".cpio")
# Members of packages that become text and no leaves (decode/README.md): the others see files.
PACKAGES = {"ooxml", "odf"}


def digest(data):
    return hashlib.sha256(data).hexdigest()


def by_zipfile(path):
    out = collections.Counter()
    with zipfile.ZipFile(path) as z:
        for info in z.infolist():
            if not info.is_dir():
                out[digest(z.read(info))] += 1
    return out


def by_tarfile(path):
    out = collections.Counter()
    with tarfile.open(path) as t:
        for info in t:
            if info.isfile():
                out[digest(t.extractfile(info).read())] += 1
    return out


def by_command(command, path):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([word.replace("FILE", path).replace("OUT", folder) for word in command],
                              cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=120,
                              env=dict(os.environ, LC_ALL="C.UTF-8"), check=False)
        if done.returncode != 0:
            raise OSError(done.stderr[-200:].decode("utf-8", "replace").strip())
        out = collections.Counter()
        for base, _, names in os.walk(folder):
            for name in names:
                where = os.path.join(base, name)
                if os.path.isfile(where) and not os.path.islink(where):
                    with open(where, "rb") as f:
                        out[digest(f.read())] += 1
        return out


def readers(path, kind):
    if kind == "zip":
        yield "zipfile", lambda: by_zipfile(path)
        yield "unzip", lambda: by_command(["unzip", "-qq", "-o", "FILE", "-d", "OUT"], path)
    elif tarfile.is_tarfile(path) and not path.endswith(".iso"):  # 32 KiB of zeros: an empty tar to it
        yield "tarfile", lambda: by_tarfile(path)
    yield "bsdtar", lambda: by_command(["bsdtar", "-xf", "FILE"], path)
    yield "7z", lambda: by_command(["7z", "x", "-y", "-bd", "-oOUT", "FILE"], path)


def ours(seen):
    """Digests of the direct members."""
    base = seen["leaves"][0]["path"] + "/"
    return collections.Counter(
        leaf["sha256"] for leaf in seen["leaves"][1:]
        if leaf["depth"] == seen["leaves"][0]["depth"] + 1 and leaf["path"].startswith(base))


def explained(reader, case, missing, more, seen):
    """Why the two differ, or None."""
    top = seen["leaves"][0]
    if top["type"] in PACKAGES and not more:
        return "XML parts of a package are text, not leaves"
    if any(leaf["alternative"] for leaf in seen["leaves"]) and not missing:
        return "a second reading of a contradictory file"
    compressed = (".gz", ".bz2", ".xz", ".lzma", ".zst", ".lz4", ".Z")
    if reader == "7z" and case.name.endswith(compressed):
        return "7z opens the compressor only, we the archive inside"
    if reader == "7z" and seen["facts"].get("document.encrypted") and seen["facts"].get("document.default-password"):
        return "7z opens the locked compound file, we the document inside"
    if reader == "bsdtar" and case.name.endswith(compressed):
        return "bsdtar opens no compressed file that is no archive"
    empty = digest(b"")
    if not missing and set(more) == {empty}:
        return "a link or an empty member is a name without bytes to us"
    if set(missing) == set(more) or (len(missing) == 0 and seen["defects"]):
        return "one name for two members: the other reader keeps the last"
    if reader == "bsdtar" and case.name.endswith(".iso"):
        return None
    if reader == "7z" and case.name.endswith(".iso") and not more:
        return "7z shows the boot image and both views of an ISO"
    return None


def corpus_cases():
    if not os.path.isdir(CORPORA):
        print("the corpora are not here: only the archives made by tests/archives are compared")
        return
    seen = set()
    for base, _, names in sorted(os.walk(CORPORA)):
        for name in sorted(names):
            path = os.path.join(base, name)
            if not name.lower().endswith(ENDINGS) or os.path.getsize(path) > 8 << 20:
                continue
            data = open(path, "rb").read()
            if digest(data) not in seen:
                seen.add(digest(data))
                yield make.Case(name, data)


def main():
    program = sys.argv[1]
    missing_tools = [tool for tool in ("unzip", "7z", "bsdtar") if shutil.which(tool) is None]
    if missing_tools:
        print("not installed (contrib/packages lists them under test): " + ", ".join(missing_tools))
        return 1
    compared = collections.Counter()
    agreed = collections.Counter()
    reasons = collections.Counter()
    refused = collections.Counter()
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        tools = os.path.join(folder, "tools")
        os.makedirs(tools)
        cases = [c for c in make.cases() if c.clean and c.data[:4] != b"PK\5\6"]
        cases += [c for c in check.packed_by_tools(tools) if c.clean]
        corpus = list(corpus_cases())
        for number, case in enumerate(cases + corpus):
            path = os.path.join(folder, f"{number}-{case.name}")
            with open(path, "wb") as f:
                f.write(case.data)
            seen = check.dump(program, [path])[0]
            mine = ours(seen)
            kind = "zip" if case.data[:2] == b"PK" else "other"
            unread = {u["reason"] for u in seen["unscannable"]}
            for reader, read in readers(path, kind):
                try:
                    theirs = read()
                except (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile,
                        tarfile.TarError, subprocess.TimeoutExpired, ValueError, KeyError):
                    refused[reader] += 1
                    continue
                compared[reader] += 1
                missing, more = theirs - mine, mine - theirs
                if not missing and not more:
                    agreed[reader] += 1
                    continue
                why = explained(reader, case, missing, more, seen)
                if why is None and unread:
                    why = "we refuse it: " + ", ".join(sorted(unread))
                if why is None:
                    failures.append(f"{case.name}: {reader} has {sum(missing.values())} members that we do "
                                    f"not have, we {sum(more.values())} that it has not; "
                                    f"defects {[d['id'] for d in seen['defects']]}")
                else:
                    reasons[f"{reader}: {why}"] += 1
            os.remove(path)
    print(f"{len(cases)} honest archives of ours, {len(corpus)} of the corpora")
    for reader in sorted(compared):
        print(f"{reader}: {compared[reader]} compared, {agreed[reader]} equal, "
              f"{refused[reader]} that it does not open")
    for why, count in sorted(reasons.items()):
        print(f"  {count} x {why}")
    for line in failures:
        print(line)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
