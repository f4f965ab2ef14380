#!/usr/bin/env python3
"""What a set of rules costs beside plain Hyperscan, and what 10,000 more rules add.

    bench/run-rules.py build/release RULES_FOLDER MAIL_FOLDER [--zone ZONE] [--messages N]

RULES_FOLDER holds rules in our YAML, such as `gatepost rules import spamassassin` writes; --zone keeps
to one zone (the bodies). Three runs of build/release/bin/scan-rules, each of which measures both sides
turn about in one process; prints a table of ratios. Exit status 0 when every aim is met.
SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import json
import os
import subprocess
import sys


def run(program, arguments):
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout.strip():
        sys.exit(f"{program} {' '.join(arguments)}: failed")
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("rules")
    parser.add_argument("mails")
    parser.add_argument("--zone", default="")
    parser.add_argument("--messages", default="400")
    options = parser.parse_args()
    program = os.path.join(options.build, "bin", "scan-rules")
    common = [options.rules, options.mails, "--messages", options.messages]
    if options.zone:
        common += ["--zone", options.zone]
    plain = run(program, common)
    extra = run(program, [*common, "--extra", "10000"])
    rows = [
        ("faster than one plain Hyperscan database", plain["ratio"], ">=", 3.0),
        ("cost of a scan with 10,000 rules more", extra["ratio"], "<=", 1.2),
        ("compile from nothing, CPU s", plain["compile_cpu_s"], "<=", 15.0),
        ("start from the cache, CPU s", plain["start_from_cache_cpu_s"], "<=", 1.0),
    ]
    print(f"{plain['rules']} rules, {plain['messages']} messages, {plain['bytes']} bytes of views; "
          f"{plain['mb_s']:.1f} MB/s, plain {plain['plain_mb_s']:.1f} MB/s")
    met = True
    for what, value, relation, aim in rows:
        good = value >= aim if relation == ">=" else value <= aim
        met = met and good
        print(f"{what:44} {value:8.2f}   aim {relation} {aim:g}   {'met' if good else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
