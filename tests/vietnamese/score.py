#!/usr/bin/env python3
"""Diacritic accuracy of `gatepost text` over documents written before Unicode.

  score.py GATEPOST FOLDER [--least-overall 0.985] [--least-file 0.90] [--only NAME] [--show]

FOLDER has files/ and truth/ (one .txt for each file) and METRIC.md, which defines the measure: both
sides NFC and blanks collapsed, aligned by base letters, and counted is each letter of the truth that
bears a mark (or is a d with stroke) and came back exactly. The alignment is longest-common-subsequence
by words first (diff) and by letters inside what differs (difflib), because difflib alone is
quadratic over a text of 200 kB; it can only find less than a full alignment by letters, not more.

Prints a table by file. Exit 1: below a limit; 77: no corpus here (a skip, said aloud).
LIMITS: one text a file; a file that fails to be read counts with all its letters as lost.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import argparse
import difflib
import json
import pathlib
import subprocess
import sys
import tempfile
import unicodedata

# Files that may stay below --least-file, each with its reason. None so far.
EXCUSED = {}
SKIP = 77
LONGEST = 3000  # letters on a side of a difference that are still aligned one by one


def tidy(text):
    return " ".join(unicodedata.normalize("NFC", text).split())


def base_of(char):
    plain = "".join(c for c in unicodedata.normalize("NFD", char) if unicodedata.category(c) != "Mn")
    return {"đ": "d", "Đ": "D"}.get(plain, plain) or char


class Bases(dict):
    def __missing__(self, char):
        self[char] = base_of(char)[:1]
        return self[char]


BASES = Bases()


def is_marked(char):
    return char in "đĐ" or BASES[char] != char


def reduce(text):
    """One base letter for each letter, so positions stay."""
    return "".join(BASES[c] for c in text)


def word_blocks(truth, got):
    """(truth words i1:i2, got words j1:j2, equal?) in order, from diff(1)."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, words in (("a", truth), ("b", got)):
            path = pathlib.Path(folder) / name
            path.write_text("".join(w + "\n" for w in words), encoding="utf-8")
            paths.append(str(path))
        out = subprocess.run(["diff", "--speed-large-files" if len(truth) > 200000 else "-d", *paths],
                             capture_output=True, text=True, check=False).stdout
    i = j = 0
    for line in out.splitlines():
        if not line or not line[0].isdigit():
            continue
        op = next(c for c in line if c in "acd")
        left, right = ([int(n) for n in side.split(",")] for side in line.split(op))
        i1, i2 = (left[0], left[0]) if op == "a" else (left[0] - 1, left[-1])
        j1, j2 = (right[0], right[0]) if op == "d" else (right[0] - 1, right[-1])
        yield i, i1, j, j1, True
        yield i1, i2, j1, j2, False
        i, j = i2, j2
    yield i, len(truth), j, len(got), True


def score(truth, got):
    """marked letters, recovered ones, matched letters, letters, equal words, words, lost pairs"""
    truth, got = tidy(truth), tidy(got)
    left, right = truth.split(" "), got.split(" ")
    marked = sum(1 for c in truth if is_marked(c))
    recovered = matched = equal_words = 0
    lost = []
    for i1, i2, j1, j2, equal in word_blocks([reduce(w) for w in left], [reduce(w) for w in right]):
        if equal:
            for a, b in zip(left[i1:i2], right[j1:j2]):
                equal_words += a == b
                matched += sum(x == y for x, y in zip(a, b)) + 1
                good = sum(is_marked(x) and x == y for x, y in zip(a, b))
                recovered += good
                if a != b:
                    lost.append((a, b))
            continue
        a, b = " ".join(left[i1:i2]), " ".join(right[j1:j2])
        if not a:
            continue
        before = recovered
        if b and len(a) <= LONGEST:
            matcher = difflib.SequenceMatcher(None, reduce(a), reduce(b[:LONGEST]), autojunk=False)
            for x, y, size in matcher.get_matching_blocks():
                for k in range(size):
                    same = a[x + k] == b[y + k]
                    matched += same
                    recovered += same and is_marked(a[x + k])
        if recovered - before < sum(1 for c in a if is_marked(c)):
            lost.append((a[:300], b[:300]))
    return marked, recovered, min(matched, len(truth)), len(truth), equal_words, len(left), lost


def write_config(folder):
    """Of our own (YAML takes JSON), so that the machine's own is not needed; no signatures."""
    top = pathlib.Path(__file__).resolve().parents[2]
    (folder / "signatures").mkdir()
    config = {
        "listen": f"unix:{folder}/sock",
        "own_domains": ["example.vn"],
        "rules": [str(top / "rules")],
        "policy": str(top / "rules" / "policy.yaml"),
        "state": str(folder / "state"),
        "log": str(folder / "log"),
        "antivirus": {"database": str(folder / "signatures")},
    }
    (folder / "gatepost.yaml").write_text(json.dumps(config), encoding="utf-8")
    return str(folder / "gatepost.yaml")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gatepost")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--least-overall", type=float, default=0.985)
    parser.add_argument("--least-file", type=float, default=0.90)
    parser.add_argument("--only", default="")
    parser.add_argument("--show", action="store_true", help="what differs, too")
    args = parser.parse_args()
    if not args.folder.is_dir():
        print(f"skipped: {args.folder} is not here")
        return SKIP
    with tempfile.TemporaryDirectory() as folder:
        return run(args, write_config(pathlib.Path(folder)))


def run(args, config):
    totals = [0] * 6
    means = []
    low = []
    print(f"{'diacritics':>10} {'letters':>8} {'words':>8} {'marked':>8}  file")
    paths = [path for path in sorted((args.folder / "files").iterdir()) if args.only in path.name]
    # All at once: each start of the program loads the rules. One that cannot be read has no line.
    done = subprocess.run([args.gatepost, "text", "--json", "--config", config, *map(str, paths)],
                          capture_output=True, check=False, timeout=300)
    texts = {one["file"]: one["text"] for one in map(json.loads, done.stdout.splitlines())}
    for path in paths:
        truth = (args.folder / "truth" / (path.stem + ".txt")).read_text(encoding="utf-8")
        got = texts.get(str(path), "")
        marked, recovered, matched, letters, same, words, lost = score(truth, got)
        for k, value in enumerate((marked, recovered, matched, letters, same, words)):
            totals[k] += value
        accuracy = recovered / max(1, marked)
        means.append(accuracy)
        note = "" if str(path) in texts else f"  (not read: {done.stderr[-200:]})"
        if accuracy < args.least_file:
            note += "  " + EXCUSED.get(path.name, "BELOW THE LIMIT")
            low += [] if path.name in EXCUSED else [path.name]
        print(f"{accuracy:10.4f} {matched / max(1, letters):8.4f} {same / max(1, words):8.4f} "
              f"{marked:8}  {path.name}{note}")
        for a, b in lost[:80] if args.show else []:
            print(f"    truth {a!r}\n    got   {b!r}")
    overall = totals[1] / max(1, totals[0])
    print(f"{overall:10.4f} {totals[2] / max(1, totals[3]):8.4f} {totals[4] / max(1, totals[5]):8.4f} "
          f"{totals[0]:8}  all {len(means)} files; mean of files {sum(means) / max(1, len(means)):.4f}")
    if not means or overall < args.least_overall or low:
        print(f"FAILED: overall {overall:.4f} (least {args.least_overall}), {len(low)} files below")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
