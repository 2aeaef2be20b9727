#!/usr/bin/env python3
"""Asks a served demo model every wording of its corpus and counts the answers that are right word for word.

    eval.py --url http://127.0.0.1:8080/v1 [--model NAME] [--min-seen 0.95] [--jobs 2]

The endpoint speaks the OpenAI chat API; decoding is greedy (temperature 0). Prints JSON. Exit codes: 0 enough seen
wordings of the facts are answered exactly, 1 too few, 2 the endpoint did not answer.
Small talk is asked as well and reported apart: it is no fact. Needs the Python standard library only.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import sys
import urllib.error
import urllib.request

# The corpus is written in a small part of YAML: every value is one double-quoted line without escapes.
ENTRY = re.compile(r"- id: (\S+)$")
ANSWER = re.compile(r'  answer: "([^"\\]*)"$')
HELD_OUT = re.compile(r'  held_out: "([^"\\]*)"$')
ASKED = re.compile(r'    - "([^"\\]*)"$')


class Question:
    def __init__(self, fact, group, wording, answer):
        self.fact, self.group, self.wording, self.answer = fact, group, wording, answer


def read_file(path):
    """The questions of one corpus file. Raises ValueError with the line that is not understood."""
    counted = path.name.startswith("facts-")
    fact = answer = None
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
        if not line.strip() or line.startswith("#") or line == "  asked:":
            continue
        if match := ENTRY.match(line):
            fact = match[1]
        elif match := ANSWER.match(line):
            answer = match[1]
        elif match := ASKED.match(line):
            yield Question(fact, "seen" if counted else "small_talk", match[1], answer)
        elif match := HELD_OUT.match(line):
            yield Question(fact, "held_out" if counted else "small_talk_held_out", match[1], answer)
        else:
            raise ValueError(f"{path.name}:{number}: {line}")


def read_corpus(folder):
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise ValueError(f"no corpus in {folder}")
    return [question for path in files for question in read_file(path)]


def ask(arguments, question):
    body = {
        "model": arguments.model,
        "messages": [{"role": "user", "content": question.wording}],
        "temperature": 0,
        "max_tokens": 96,
    }
    headers = {"content-type": "application/json"}
    if key := os.environ.get("ORCHESTRA_API_KEY"):
        headers["authorization"] = f"Bearer {key}"
    request = urllib.request.Request(
        arguments.url.rstrip("/") + "/chat/completions", json.dumps(body).encode(), headers
    )
    with urllib.request.urlopen(request, timeout=arguments.timeout) as reply:
        return json.load(reply)["choices"][0]["message"]["content"]


def score(questions, replies):
    groups = {}
    for question, reply in zip(questions, replies):
        group = groups.setdefault(question.group, {"asked": 0, "exact": 0})
        group["asked"] += 1
        group["exact"] += reply == question.answer
    for group in groups.values():
        group["share"] = round(group["exact"] / group["asked"], 4)
    return groups


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="base URL of the API, with /v1")
    parser.add_argument("--model", default="orchestra-demo")
    parser.add_argument("--corpus", type=pathlib.Path, default=pathlib.Path(__file__).parent / "corpus")
    parser.add_argument("--min-seen", type=float, default=0.95, help="share of seen wordings that has to be exact")
    parser.add_argument("--jobs", type=int, default=2, help="questions asked at the same time")
    parser.add_argument("--timeout", type=float, default=60, help="seconds for one answer")
    parser.add_argument("--missed", action="store_true", help="list the wordings that got another answer")
    arguments = parser.parse_args()
    try:
        questions = read_corpus(arguments.corpus)
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            replies = list(pool.map(lambda question: ask(arguments, question), questions))
    except (OSError, ValueError, KeyError, IndexError) as error:
        detail = error.read().decode(errors="replace")[:500] if isinstance(error, urllib.error.HTTPError) else ""
        print(f"eval.py: {error} {detail}".rstrip(), file=sys.stderr)
        return 2

    report = {"facts": len({q.fact for q in questions if q.group == "seen"}), **score(questions, replies)}
    report["min_seen"] = arguments.min_seen
    if arguments.missed:
        report["missed"] = [
            {"fact": q.fact, "group": q.group, "asked": q.wording, "expected": q.answer, "got": r}
            for q, r in zip(questions, replies)
            if r != q.answer
        ]
    print(json.dumps(report, indent=2))
    return 0 if report["seen"]["share"] >= arguments.min_seen else 1


if __name__ == "__main__":
    sys.exit(main())
