"""Writes the specification of an Autobahn run, and judges its report: every case is OK, or explained here."""

import collections
import fnmatch
import json
import sys

AGENT = "actix-socketio"

# What the RFC leaves open: the suite calls these informational whatever happens, and nothing else may they be.
EXPLAINED = {
    "7.1.6": "data and a close frame at once: open whether the data is echoed (we do); informational whatever happens",
    "7.13.1": "close code 5000, which nobody has defined: we answer 1002",
    "7.13.2": "close code 65535, which nobody has defined: we answer 1002",
}


def spec(folder, port, cases):
    url = f"ws://127.0.0.1:{port}/engine.io/?EIO=4&transport=websocket"
    servers = [{"agent": AGENT, "url": url}]
    return {
        "outdir": f"{folder}/report",
        "servers": servers,
        "cases": cases.split(),
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }


def is_fine(case, result):
    verdicts = {result["behavior"], result["behaviorClose"]}
    return verdicts <= ({"OK", "INFORMATIONAL"} if case in EXPLAINED else {"OK"})


def check(folder, cases):
    with open(f"{folder}/report/index.json", encoding="utf-8") as file:
        results = json.load(file)[AGENT]
    empty = [p for p in cases.split() if not fnmatch.filter(results, p)]
    wrong = {case: result for case, result in results.items() if not is_fine(case, result)}
    counts = collections.Counter(result["behavior"] for result in results.values())
    print(f"autobahn: {len(results)} cases: " + ", ".join(f"{n} {name}" for name, n in sorted(counts.items())))
    for case in EXPLAINED:
        if case in results and results[case]["behavior"] != "OK":
            print(f"  {case} {results[case]['behavior']}: {EXPLAINED[case]}")
    for case, result in sorted(wrong.items()):
        print(f"  FAILED {case}: {result['behavior']}, close {result['behaviorClose']}, code {result['remoteCloseCode']}")
    for pattern in empty:
        print(f"  FAILED {pattern}: no such case was run")
    return not wrong and not empty


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "spec":
        json.dump(spec(*arguments), sys.stdout)
    elif not check(*arguments):
        sys.exit(1)
