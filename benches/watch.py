#!/usr/bin/env python3
"""How long --watch takes from a saved rule to the new figures, on many labelled mails.

    cargo build --release && python3 benches/watch.py [MAILS] [ROUNDS]

Mails are those of fixtures/corpus, repeated under new Message-IDs. Each kind of edit is made in a copy of the
built-in rules; the time is taken outside the program, from the moment the file is written to the line that ends
the answer, so it includes noticing the change. Prints the median and the longest of each.
"""

import os
import pathlib
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("POSTROOM", ROOT / "target/release/postroom")
END = b"Ctrl-C ends it\n"


def mails(folder, wanted):
    """Copies of the corpus until there are `wanted` mails, each with an id of its own, and their labels."""
    made, turn = 0, 0
    while made < wanted:
        for mbox in sorted((ROOT / "fixtures/corpus").glob("*.mbox")):
            text = mbox.read_bytes()
            parts = re.split(rb"(?m)(?<=\n\n)(?=From )", text)[: wanted - made]
            head, *rows = mbox.with_suffix("").with_suffix(".labels.tsv").read_text().splitlines()
            made += len(parts)
            parts = [re.sub(rb"(?mi)^(Message-ID: *<)", rb"\g<1>%d-" % turn, part, count=1) for part in parts]
            name = folder / f"{mbox.stem}{turn}.mbox"
            name.write_bytes(b"".join(parts))
            rows = [f"<{turn}-{row[1:]}" for row in rows[: len(parts)]]
            (folder / f"{mbox.stem}{turn}.labels.tsv").write_text("\n".join([head, *rows]) + "\n")
            if made >= wanted:
                break
        turn += 1
    return made


def edits(rules):
    """Name, file, and the change to its text; round `n` makes each text another one."""
    classes = rules / "classes"
    update, question = classes / "project-update.toml", classes / "delivery-question.toml"
    number = lambda text, n: re.sub(r"(?m)^points = [\d.]+$", f"points = {1 + n / 10}", text, count=1)
    number_table = lambda text, n: re.sub(r"(project-update = )[\d.]+", rf"\g<1>{1 + n / 10}", text, count=1)
    rule = '\n[[rule]]\nid = "measured"\nany = [\'\\bmeasure{}\\b\', \'\\b(?:soon|today|week)\\b\']\npoints = {{ other = 0.{} }}\n'
    return [
        ("points of a rule", update, lambda text, n: number(number_table(text, n), n)),
        ("a new rule", question, lambda text, n: text + rule.format(n, n + 1)),
        ("the pattern of a rule", question, lambda text, n: re.sub(r"(?m)^(any = \[\n\s+')", rf"\g<1>measured{n}|", text, count=1)),
        ("a word list", rules / "vocabulary.toml", lambda text, n: text.replace('"page",', f'"page", "measured{n}",', 1)),
        ("a threshold", rules / "decision.toml", lambda text, n: re.sub(r"(?m)^margin = .*$", f"margin = 0.0{n + 3}", text)),
    ]


class Watched:
    """A command under --watch, and what it prints."""

    def __init__(self, arguments):
        self.run = subprocess.Popen([PROGRAM, *arguments, *os.environ.get("WATCH_ARGS", "").split()], stdout=subprocess.PIPE)
        self.answer(600)

    def answer(self, limit=60):
        text = b""
        end = time.monotonic() + limit
        while END not in text:
            ready, _, _ = select.select([self.run.stdout], [], [], max(0, end - time.monotonic()))
            more = os.read(self.run.stdout.fileno(), 1 << 16) if ready else b""
            if not more:
                sys.exit("no answer")
            text += more
        return time.monotonic(), text

    def stop(self):
        self.run.terminate()
        self.run.wait()


def main():
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        (place / "mail").mkdir()
        made = mails(place / "mail", wanted)
        rules, mail = place / "rules", str(place / "mail")
        subprocess.run([PROGRAM, "init", rules], check=True, stdout=subprocess.DEVNULL)
        commands = {
            "eval": ["--rules", rules, "eval", "--watch", mail],
            "diff": ["diff", "--watch", "--base", "built-in", "--new", rules, mail],
            "check": ["check", "--watch", "--corpus", mail, rules],
        }
        print(f"{made} mails; seconds from the save to the answer: median (longest) of {rounds}")
        for name, arguments in commands.items():
            watched = Watched(arguments)
            for edit, file, change in edits(rules):
                text, times, moved = file.read_text(), [], ""
                for turn in range(rounds):
                    changed = change(text, turn)
                    assert changed != text, f"{edit}: nothing to edit in {file}"
                    start = time.monotonic()
                    file.write_text(changed)
                    at, answer = watched.answer()
                    times.append(at - start)
                    assert b"since the last save" in answer, answer[:300]
                file.write_text(text)
                watched.answer()
                print(f"  {name:6}{edit:24}{statistics.median(times):5.2f} ({max(times):.2f}){moved}")
            watched.stop()


if __name__ == "__main__":
    main()
