#!/usr/bin/env python3
"""Imported rules beside SpamAssassin itself: the same messages, hit for hit.

SpamAssassin (assassin.pl: one process, local tests, no network) and Gatepost (assassin_hits, over what
`gatepost rules import` wrote) read the same files; every (message, rule) pair is compared for the rules
that were imported, sub-rules too. Those that were not converted are counted apart. First each `test` line of
SpamAssassin's own files must hold. Exit 0 when the share of agreement over all imported rules reaches
--least. A folder that is not there is left out, but not all of them.

Usage: parity.py --gatepost PROGRAM --hits PROGRAM [--sample N | --all] [--oracle FILE] MAILDIR...
"""
import argparse
import collections
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

RULES = "/usr/share/spamassassin"
SITE = "/etc/spamassassin"
NO_MAIL = (".yaml", ".py", ".md", ".cmake")
HERE = os.path.dirname(os.path.abspath(__file__))


def files_of(folders, sample):
    files = []
    for folder in folders:
        for top, _, names in os.walk(folder):
            files += [os.path.join(top, name) for name in names if not name.endswith(NO_MAIL)]
    # A sample that does not change when files are added elsewhere.
    files.sort(key=lambda path: hashlib.sha256(os.path.basename(path).encode()).hexdigest())
    return files if sample == 0 else files[:sample]


def site_copy(home):
    """The site's configuration without compiled rules: what is compared are the rules as written."""
    site = os.path.join(home, "site")
    os.mkdir(site)
    for name in sorted(os.listdir(SITE)):
        if name.endswith((".pre", ".cf")) and name != "sa-compile.pre":
            with open(os.path.join(SITE, name), encoding="latin-1") as source:
                lines = [line for line in source if "Rule2XSBody" not in line]
            with open(os.path.join(site, name), "w", encoding="latin-1") as target:
                target.writelines(lines)
    return site


def oracle_hits(site, home, files):
    hits = {}
    for start in range(0, len(files), 500):
        run = subprocess.run(
            ["perl", os.path.join(HERE, "assassin.pl"), RULES, site] + files[start:start + 500],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            env=dict(os.environ, HOME_FOR_TEST=home))
        if run.returncode != 0:
            sys.exit("SpamAssassin: " + run.stderr.decode("utf-8", "replace")[-2000:])
        for line in run.stdout.splitlines():
            one = json.loads(line)
            hits[one["file"]] = one["hits"]
    return hits


def our_hits(program, rules, cache, files):
    hits = {}
    for start in range(0, len(files), 1000):
        run = subprocess.run([program, rules, "--cache", cache] + files[start:start + 1000], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, check=False)
        if run.returncode != 0:
            sys.exit("assassin_hits: " + run.stderr.decode("utf-8", "replace")[-4000:])
        for line in run.stdout.splitlines():
            one = json.loads(line)
            hits[one["file"]] = one["hits"]
            for rule in one["failed"]:
                print("a search ran into its limit: %s in %s" % (rule, one["file"]))
    return hits


def test_lines(entries):
    """{rule: number of its `test` lines}, of converted rules that look at a text themselves."""
    kinds = {entry["name"]: entry["kind"] for entry in entries if entry["outcome"] in ("converted", "caveat")}
    lines = collections.Counter()
    for name in sorted(os.listdir(RULES)):
        if name.endswith(".cf"):
            with open(os.path.join(RULES, name), encoding="latin-1") as source:
                for line in source:
                    words = line.split(None, 3)
                    if len(words) == 4 and words[0] == "test" and kinds.get(words[1], "meta").find("meta") < 0:
                        lines[words[1]] += 1
    return lines


def check_examples(program, rules, cache, entries):
    """Every `test` line is an example of the imported rule (or of its part), and holds."""
    run = subprocess.run([program, rules, "--cache", cache, "--examples"], stdout=subprocess.PIPE, check=True)
    said = json.loads(run.stdout)
    lines = test_lines(entries)
    lacking = [name for name in lines
               if said["examples"].get(name, said["examples"].get("__%s.match" % name)) != lines[name]]
    for problem in said["failed"] + ["not an example: " + name for name in lacking]:
        print(problem)
    print("test lines: %d of %d rules, %d failed" % (sum(lines.values()), len(lines), len(said["failed"])))
    return sum(lines.values()) > 0 and not said["failed"] and not lacking


def compare(theirs, ours, names):
    """(agreeing pairs, {rule: [messages only theirs]}, {rule: [messages only ours]})"""
    both = 0
    missed = collections.defaultdict(list)
    extra = collections.defaultdict(list)
    for path, hits in theirs.items():
        mine = ours[path]
        for name in names:
            a, b = name in hits, name in mine
            if a and b:
                both += 1
            elif a:
                missed[name].append(path)
            elif b:
                extra[name].append(path)
    return both, missed, extra


def share(both, missed, extra):
    wrong = sum(map(len, missed.values())) + sum(map(len, extra.values()))
    return (100.0 * both / (both + wrong) if both + wrong else 100.0), wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gatepost", required=True)
    parser.add_argument("--hits", required=True)
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--least", type=float, default=99.5)
    parser.add_argument("--oracle", help="what assassin.pl printed before (a file of JSON lines)")
    parser.add_argument("--cache", help="keeps compiled rules from run to run")
    parser.add_argument("--rules", help="what was imported before")
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    if shutil.which("perl") is None or not os.path.isdir(RULES):
        sys.exit("the package spamassassin is missing: contrib/install-packages test")
    folders = [folder for folder in options.folders if os.path.isdir(folder)]
    if not folders:
        sys.exit("no folder of mails: " + ", ".join(options.folders))
    with tempfile.TemporaryDirectory() as home:
        site = site_copy(home)
        rules = options.rules or os.path.join(home, "rules")
        if not options.rules:
            subprocess.run([options.gatepost, "rules", "import", "spamassassin", RULES, site, "-o",
                            rules], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(rules, "IMPORT.json"), encoding="utf-8") as report:
            entries = json.load(report)["entries"]
        cache = options.cache or os.path.join(home, "cache")
        good = check_examples(options.hits, rules, cache, entries)
        if options.oracle:
            theirs = {}
            with open(options.oracle, encoding="utf-8") as lines:
                for line in lines:
                    one = json.loads(line)
                    theirs[one["file"]] = one["hits"]
            files = sorted(theirs)
        else:
            files = files_of(folders, 0 if options.all else options.sample)
            theirs = oracle_hits(site, home, files)
        ours = our_hits(options.hits, rules, cache, files)
    outcome = {entry["name"]: entry["outcome"] for entry in entries if entry["kind"] != "setting"}
    exact = [name for name in outcome if outcome[name] == "converted"]
    caveat = [name for name in outcome if outcome[name] == "caveat"]
    rest = [name for name in outcome if outcome[name] in ("not-converted", "off")]
    for title, names in (("converted", exact), ("with a caveat", caveat), ("not converted", rest)):
        both, missed, extra = compare(theirs, ours, names)
        percent, wrong = share(both, missed, extra)
        print("%-14s %5d rules, %7d agree, %5d differ: %.3f %%" %
              (title, len(names), both, wrong, percent))
        if title == "not converted":
            continue
        for what, table in (("missed", missed), ("extra", extra)):
            for name, paths in sorted(table.items(), key=lambda item: -len(item[1])):
                print("  %-6s %-40s %4d  %s" % (what, name, len(paths), os.path.basename(paths[0])))
    seen = [name for name in exact + caveat]
    both, missed, extra = compare(theirs, ours, seen)
    percent = share(both, missed, extra)[0]
    print("all imported: %d messages, %d hits agree, %.3f %%" % (len(files), both, percent))
    good = good and both > 0 and percent >= options.least
    shown = [name for name in seen if not name.startswith("__")]
    both, missed, extra = compare(theirs, ours, shown)
    print("of them not sub-rules: %.3f %%" % share(both, missed, extra)[0])
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
