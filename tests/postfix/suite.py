#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Gatepost behind a real Postfix: scenarios over SMTP, judged by what arrives at the next hop, what
is held and what is logged.

  suite.py BUILD [--only WORD] [--keep]

Needs root and the packages postfix and opendkim. One line a scenario; exit 1 when one failed."""
import argparse
import inspect
import os
import sys
import time
import traceback

import house as house_module
import scenarios_actions
import scenarios_bytes
import scenarios_envelope
import scenarios_faults
import scenarios_life
import scenarios_notices
import scenarios_smuggling
import scenarios_traps


def scenarios():
    found = []
    for module in (scenarios_actions, scenarios_bytes, scenarios_envelope, scenarios_smuggling,
                   scenarios_faults, scenarios_traps, scenarios_notices, scenarios_life):
        for name, function in vars(module).items():
            if name.startswith("test_") and inspect.isfunction(function):
                found.append((name[5:].replace("_", " "), function))
        for name, function in getattr(module, "GENERATED", []):
            found.append((name, function))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("the Postfix suite needs root: Postfix's master starts as root")
    began = time.monotonic()
    house = house_module.House(arguments.build)
    failed, ran = [], 0
    try:
        house.build()
        print(f"house stands after {time.monotonic() - began:.1f} s", flush=True)
        for name, function in scenarios():
            if not any(word in name for word in arguments.only.split("|")):
                continue
            ran += 1
            start = time.monotonic()
            try:
                function(house)
                word = "ok  "
            except Exception as error:  # pylint: disable=broad-except
                word = "FAIL"
                failed.append(name)
                where = traceback.extract_tb(error.__traceback__)[-1]
                print(f"  {where.filename}:{where.lineno}: {type(error).__name__}: {error}")
            print(f"{word} {name} ({time.monotonic() - start:.1f} s)", flush=True)
    finally:
        house.close(arguments.keep)
    print(f"{ran - len(failed)} of {ran} scenarios passed in {time.monotonic() - began:.0f} s")
    return 1 if failed or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
