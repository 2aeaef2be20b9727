#!/usr/bin/env python3
"""Writes the figures of eval.json into the model card: the lines between the two marks in README.md."""

import json
import pathlib

here = pathlib.Path(__file__).parent
figures = json.loads((here / "eval.json").read_text())
size = (here / "orchestra-demo.gguf").stat().st_size


def exact(group):
    marks = figures[group]
    return f"{100 * marks['share']:.1f} % ({marks['exact']} of {marks['asked']})"


rows = [
    ("facts", f"{figures['facts']}"),
    ("seen wordings answered word for word", exact("seen")),
    ("**held-out wordings answered word for word**", exact("held_out")),
    ("small talk and questions out of scope, seen", exact("small_talk")),
    ("the same, held out", exact("small_talk_held_out")),
    ("parameters", f"{figures['parameters']:,}"),
    ("vocabulary", f"{figures['vocabulary']:,} pieces"),
    ("training", f"{figures['steps']:,} steps in {figures['seconds']} s, threads: {figures['threads']}"),
    ("loss per token, first and last epoch", f"{figures['first_loss']:.2f} and {figures['last_loss']:.3f} nats"),
    ("file", f"{size / 1e6:.1f} MB"),
]
table = "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])

card = here / "README.md"
head, rest = card.read_text().split("<!-- figures -->\n", 1)
tail = rest.split("<!-- end of figures -->\n", 1)[1]
card.write_text(f"{head}<!-- figures -->\n{table}\n<!-- end of figures -->\n{tail}")
