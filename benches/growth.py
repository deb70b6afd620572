"""What grows with the mailbox, and what with the rules.

    cargo build --release
    python3 benches/growth.py mails [--most N] [MAILBOX]   # 1,000 to N mails: time a mail, peak memory
    python3 benches/growth.py size [MAILBOX]               # an mbox of 2 GB: peak memory
    python3 benches/growth.py rules [MAILBOX]              # the rules, one more, and thrice ten times as many: time

MAILBOX is an mbox that is repeated with new Message-IDs; without it, fixtures/corpus is. N is 1,000,000
unless given. For `size`, one mail in ten has a file of 200 kB attached. Needs Linux for the memory, and for
`size` 2 GB of room in the temporary folder.
"""

import argparse
import functools
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
POSTROOM = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "postroom"
CLASSIFY = [POSTROOM, "classify", "--format", "jsonl"]


def mails_of(mailbox):
    """The mails of one mailbox or of the corpus, as bytes, each with its separator line."""
    sources = [mailbox] if mailbox else sorted((ROOT / "fixtures" / "corpus").glob("*.mbox"))
    mails = []
    for source in sources:
        for mail in re.split(rb"\n\n(?=From )", source.read_bytes().rstrip(b"\n")):
            mails.append(mail + b"\n\n")
    return mails


def repeated(mails, out, count=None, size=None):
    """Writes so many mails, or so many bytes of them, each round with other Message-IDs."""
    number = written = 0
    while (count is None or number < count) and (size is None or written < size):
        mark = b"\nMessage-ID: <r%d." % (number // len(mails))
        mail = re.sub(rb"(?i)\nMessage-ID: <", lambda _: mark, mails[number % len(mails)], count=1)
        out.write(mail)
        number, written = number + 1, written + len(mail)


def run(command, stdin=None, feed=None):
    """Seconds, and the most memory held in MB. `feed` writes what the program reads."""
    with open(os.devnull, "wb") as nowhere:
        begun = time.perf_counter()
        child = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE if feed else stdin, stdout=nowhere, stderr=nowhere
        )
        if feed:
            thread = threading.Thread(target=lambda: (feed(child.stdin), child.stdin.close()))
            thread.start()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        if feed:
            thread.join()
    if child.returncode != 0:
        sys.exit(f"{command} ended with {child.returncode}")
    return seconds, usage.ru_maxrss / 1024


def by_mails(mails, most):
    """Time a mail and memory by the number of mails."""
    print("| mails | seconds | µs a mail | peak memory |\n| ---: | ---: | ---: | ---: |")
    for count in (count for count in (1_000, 10_000, 100_000, 1_000_000) if count <= most):
        # A pipe: what makes the mails costs less than what reads them, and nothing is kept on a disk.
        seconds, memory = run([*CLASSIFY, "-"], feed=lambda out, count=count: repeated(mails, out, count=count))
        print(f"| {count:,} | {seconds:.1f} | {seconds / count * 1e6:.0f} | {memory:.0f} MB |", flush=True)


def with_file(mail):
    """A mail of one part with a file attached."""
    head, _, text = mail.partition(b"\n\n")
    head = re.sub(rb"(?im)^(content-type|content-transfer-encoding|mime-version):.*\n(?:[ \t].*\n)*", b"", head + b"\n")
    return (
        head + b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=edge\n\n"
        b"--edge\nContent-Type: text/plain\n\n" + text + b"\n--edge\n"
        b"Content-Type: application/pdf; name=plan.pdf\nContent-Transfer-Encoding: base64\n\n"
        + (b"JVBERi0xLjQK" * 6 + b"\n") * 2_750 + b"--edge--\n\n"
    )


def by_size(mails):
    """Memory on an mbox of 2 GB."""
    mails = [with_file(mail) if at % 10 == 0 else mail for at, mail in enumerate(mails)]
    with tempfile.NamedTemporaryFile(suffix=".mbox") as mailbox:
        repeated(mails, mailbox, size=2_000_000_000)
        mailbox.flush()
        size = os.path.getsize(mailbox.name)
        seconds, memory = run([*CLASSIFY, mailbox.name])
    print(f"an mbox of {size / 1e9:.2f} GB: {seconds:.0f} s, peak memory {memory:.0f} MB")


WORD = re.compile(r"(?<![\\{\w])[a-z]{4,}(?![\w}])")
SHORT_WORD = re.compile(r"(?<![\\{\w])[a-z]{2,}(?![\w}])")
PATTERN = re.compile(r"'[^'\n]*'")


def written_out(folder):
    """The built-in rules."""
    subprocess.run([POSTROOM, "init", folder], check=True, stdout=subprocess.DEVNULL)


def ten_times(folder, copy):
    """The built-in rules, and nine further copies of the rules of each class, their patterns as `copy` makes them."""
    written_out(folder)
    files = [*sorted((folder / "classes").glob("*.toml")), folder / "topics.toml"]
    texts = {file: file.read_text() for file in files}
    words = sorted({word for text in texts.values() for said in PATTERN.findall(text) for word in WORD.findall(said)})
    for number in range(1, 10):
        change = copy(words, number)
        for file, text in texts.items():
            text = re.sub(r"(?ms)^\[\[rule\.test\]\].*?(?=^\[\[rule\]\]|^\[\[combine\]\]|\Z)", "", text)
            text = re.sub(r"(?ms)^\[\[combine\]\].*?(?=^\[\[(?:rule|combine)\]\]|\Z)", "", text)
            text = re.sub(r'(?m)^(id\s*=\s*)"([^"]+)"', rf'\1"\2-{number}"', text)
            text = PATTERN.sub(lambda found: change(found[0]), text)
            (folder / "classes" / f"{file.stem}-{number}.toml").write_text(text)


def shuffled(words, number):
    """The words of all patterns in another order: they stand in mails as often, and the rules hit as often."""
    others = words.copy()
    random.Random(number).shuffle(others)
    other = dict(zip(words, others))
    return lambda pattern: WORD.sub(lambda word: other[word[0]], pattern)


def foreign(_, number):
    """Words that no mail has, as those of other trades and languages."""
    return lambda pattern: SHORT_WORD.sub(lambda word: f"{word[0][::-1]}q{chr(ord('a') + number)}", pattern)


def same(_words, _number):
    """The same patterns under other names."""
    return lambda pattern: pattern


# Mails sorted under each kind of rules: as many as it takes for the time to get ready not to blur theirs.
RULED = 20_000


def one_rule(folder):
    """A folder with one rule, as somebody who tries one out has it."""
    (folder / "classes").mkdir(parents=True)
    rule = "class = 'other'\n[[rule]]\nid = 'own-rule'\nany = '\\bplaster of paris\\b'\npoints = 1\n"
    (folder / "classes" / "own.toml").write_text(rule)


def phrase_list(folder):
    """A folder with a phrase list, as `tune --lexicon --write` leaves it: here the built-in one but for a phrase."""
    folder.mkdir()
    text = (ROOT / "rules" / "lexicon.toml").read_text()
    (folder / "lexicon.toml").write_text(re.sub(r"(?m)^(\"\^ agreed\" = \{ mails = \d+)", r"\g<1>0", text))


def medians(folders, boxes):
    """Seconds to sort each mailbox by the rules of each folder, the median of five runs in turns."""
    times = {(name, box): [] for name in folders for box in boxes}
    for _ in range(5):
        for (name, box), spent in times.items():
            rules = ["--rules", folders[name]] if folders[name] else []
            command = [POSTROOM, *rules, *CLASSIFY[1:], "-j1", boxes[box]]
            spent.append(run(command)[0])
    return {key: statistics.median(spent) for key, spent in times.items()}


def by_rules(mails):
    """Time of the rules and of ten times as many."""
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        kinds = {
            "built-in": None,
            "built-in, as a folder": written_out,
            "one rule beside the built-in ones": one_rule,
            "a phrase list of one's own beside them": phrase_list,
            "ten times as many, with the same patterns": functools.partial(ten_times, copy=same),
            "ten times as many, hitting ten times as often": functools.partial(ten_times, copy=shuffled),
            "ten times as many, their words in no mail": functools.partial(ten_times, copy=foreign),
        }
        folders = {name: make and work / f"rules-{number}" for number, (name, make) in enumerate(kinds.items())}
        for name, make in kinds.items():
            if make:
                make(folders[name])
        with open(work / "all.mbox", "wb") as out:
            repeated(mails, out, count=RULED)
        with open(work / "few.mbox", "wb") as out:
            repeated(mails, out, count=2)
        median = medians(folders, {box: work / f"{box}.mbox" for box in ("few", "all")})
        for folder in filter(None, folders.values()):
            subprocess.run([POSTROOM, "compile", folder], check=True, stdout=subprocess.DEVNULL)
        compiled = medians(folders, {"few": work / "few.mbox"})
        mail = {name: (median[name, "all"] - median[name, "few"]) / RULED for name in kinds}
        built_in = mail[next(iter(kinds))]
        print("| rules | ready after | compiled | µs a mail | of the time |\n| --- | ---: | ---: | ---: | ---: |")
        for name in kinds:
            ready, soon = (times[name, "few"] * 1000 for times in (median, compiled))
            print(f"| {name} | {ready:.0f} ms | {soon:.1f} ms | {mail[name] * 1e6:.0f} | {mail[name] / built_in:.2f} |")


def main():
    parser = argparse.ArgumentParser(prog="growth.py", description="What grows with the mailbox and the rules.")
    parser.add_argument("what", choices=("mails", "size", "rules"))
    parser.add_argument("--most", type=int, default=1_000_000, metavar="N")
    parser.add_argument("mailbox", nargs="?", type=pathlib.Path)
    arguments = parser.parse_args()
    if not POSTROOM.exists():
        sys.exit("build it first: cargo build --release")
    mails = mails_of(arguments.mailbox)
    if arguments.what == "mails":
        by_mails(mails, arguments.most)
    else:
        {"size": by_size, "rules": by_rules}[arguments.what](mails)


if __name__ == "__main__":
    main()
