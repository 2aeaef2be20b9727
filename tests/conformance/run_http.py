#!/usr/bin/env python3
"""Runs the public HTTP suites against a server.

    run_http.py HOST PORT [SUITES]     against a server that answers / and accepts any Host
    run_http.py --server PROGRAM       starts PROGRAM, which prints its port, and stops it afterwards

SUITES is the folder with http11_probe.py and garden_payloads.json; by default `../shared/conformance` beside the
repository. Without it, nothing is tested, which is said aloud (exit 77).
"""
import json
import os
import pathlib
import re
import socket
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

# The verdict of RFC 9112 for each payload of the http-garden, by its place in the file. What is in neither table is
# malformed framing or a malformed head: 4xx, 501 or 505, and the connection is closed.
GOOD = {
    40: "obs-text around a value is part of the value",
    47: "Content-Length: 0, then a pipelined request: the first is answered, the connection closed",
    72: "a byte behind a whole chunked request",
    73: "a whole chunked request",
}
INCOMPLETE = {
    31: "Content-Length: 010 is ten, and eight bytes came",
}


def payload_bytes(text):
    """The file writes escapes as text: \\r, \\n, \\t, \\xNN."""
    return text.encode("latin1").decode("unicode_escape").encode("latin1")


def exchange(host, port, data, wait=1.5):
    """Everything the server sends, and whether it closed."""
    received, closed = b"", False
    with socket.create_connection((host, port), 5) as connection:
        connection.settimeout(wait)
        try:
            connection.sendall(data)
            while piece := connection.recv(65536):
                received += piece
            closed = True
        except socket.timeout:
            pass
        except OSError:
            closed = True
    return received, closed


def statuses(received):
    found = [int(code) for code in re.findall(rb"(?:^|\n|\})HTTP/1\.[01] (\d{3})", received)]
    return [code for code in found if code >= 200]


def judge(place, received, closed):
    codes = statuses(received)
    if len(codes) > 1:
        return f"{len(codes)} answers: bytes behind a request were answered"
    if place in GOOD:
        return None if codes and (200 <= codes[0] < 300 or codes[0] == 404) else f"a good request got {codes}"
    if place in INCOMPLETE:
        return None if not codes or 400 <= codes[0] < 500 else f"an incomplete request got {codes}"
    if not codes or not (400 <= codes[0] < 500 or codes[0] in (501, 505)):
        return f"bad framing got {codes}"
    return None if closed else "bad framing was refused, but the connection stayed open"


def garden(host, port, suites):
    payloads = json.loads((suites / "garden_payloads.json").read_text())
    failures = 0
    for place, case in enumerate(payloads):
        received, closed = exchange(host, port, payload_bytes(case["payload"]))
        why = judge(place, received, closed)
        if why:
            failures += 1
            print(f"FAIL garden[{place}] {why}\n     {case['bug']}\n     {case['payload'][:160]}")
    alive, _ = exchange(host, port, f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
    if statuses(alive) != [200]:
        failures += 1
        print("FAIL the server does not answer any more")
    print(f"http-garden: {len(payloads)} payloads, {failures} failures")
    return failures


def probe(host, port, suites):
    done = subprocess.run([sys.executable, suites / "http11_probe.py", host, str(port)], check=False)
    return done.returncode


def run(host, port, suites):
    failures = garden(host, port, suites)
    failures += probe(host, port, suites)
    return 1 if failures else 0


def main(arguments):
    suites = REPOSITORY.parent / "shared" / "conformance"
    if "ORCHESTRA_SUITES" in os.environ:
        suites = pathlib.Path(os.environ["ORCHESTRA_SUITES"])
    if arguments[:1] != ["--server"] and len(arguments) > 2:
        suites = pathlib.Path(arguments[2])
    if not (suites / "garden_payloads.json").exists():
        print(f"SKIPPED: the public HTTP suites are not at {suites}; nothing was tested.")
        return 77
    if arguments[:1] != ["--server"]:
        return run(arguments[0], int(arguments[1]), suites)
    with subprocess.Popen([arguments[1]], stdout=subprocess.PIPE, text=True) as server:
        try:
            return run("127.0.0.1", int(server.stdout.readline()), suites)
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
