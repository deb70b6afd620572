"""Measures postroom and its peers; started by run.sh, which builds and installs them.

Every round runs each program in its turn, on one mail several times; a figure is the median over the rounds. Each program gets
a folder of its own that is made anew before each run, outside the time. Our programs are measured as a package installs them,
copied: one that the linker has just written lies in memory in small pieces, and its start costs more.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import string
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
POSTROOM = TARGET / "postroom"
BARE = TARGET / "examples" / "bare_mail_parser"


def installed(work):
    """Copies our programs, and measures the copies from now on."""
    global POSTROOM, BARE
    POSTROOM, BARE = (pathlib.Path(shutil.copy(program, work)) for program in (POSTROOM, BARE))


# Fifty patterns such as people write for mail, as extended regular expressions.
PATTERNS = [
    rf"{ask} .*{noun}"
    for ask in ("when (will|can|do)", "how (much|long|soon)", "could you", "please (send|update|change)", "any news")
    for noun in ("homepage", "logo", "invoice", "launch", "draft", "budget", "banner", "report", "checkout", "photos")
]


def make_mailbox(path, repeats):
    """The corpus so many times over, each time with other Message-IDs."""
    with open(path, "wb") as out:
        for number in range(repeats):
            for source in sorted((ROOT / "fixtures" / "corpus").glob("*.mbox")):
                data = source.read_bytes().replace(b"\nMessage-ID: <", b"\nMessage-ID: <r%d." % number)
                out.write(data if data.endswith(b"\n\n") else data + b"\n")


def typed_texts():
    """What each writer of the corpus typed, mail by mail."""
    return [
        json.loads(line)["new_text"]
        for source in sorted((ROOT / "fixtures" / "corpus" / "src").glob("*.jsonl"))
        for line in source.read_text().splitlines()
    ]


def trace(dice, number):
    """The fields that hosts put before a mail on its way: three kilobytes of names and signatures."""
    letters = string.ascii_letters + string.digits + "+/"
    some = lambda count: "".join(dice.choices(letters, k=count))
    received = "".join(
        f"Received: from out{dice.randrange(999)}.host.example (out.host.example [10.0.{hop}.{dice.randrange(255)}])\n"
        f"\tby in{hop}.agency.example (Postfix) with ESMTPS id {some(10)}\n"
        f"\tfor <studio@agency.example>; Tue, 31 Mar 2026 09:0{hop}:11 +0000 (UTC)\n"
        for hop in range(6)
    )
    signed = "".join(
        f"{name}: v=1; a=rsa-sha256; c=relaxed/relaxed;\n\td={domain}; s=s1; t=1774947600;\n"
        f"\th=to:subject:message-id:date:from:mime-version;\n\tbh={some(43)}=;\n\tb={some(70)}\n"
        + "".join(f"\t{some(70)}\n" for _ in range(4))
        for name, domain in (("DKIM-Signature", "client.example"), ("X-Host-DKIM-Signature", "host.example"))
    )
    return (
        f"{received}{signed}X-Host-State: {some(400)}\nFrom: Anna Wills <anna{number}@client.example>\n"
        f"To: studio@agency.example\nSubject: Re: Homepage\nDate: Tue, 31 Mar 2026 10:02:00 +0100\n"
        f"Message-ID: <t{number}@client.example>\nIn-Reply-To: <a{number}@agency.example>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    )


def make_answers(path):
    """What the corpus' writers typed, each as an answer that has gone through hosts, above 2.5 kB of earlier mail."""
    dice, texts = random.Random(1), typed_texts()
    with open(path, "w") as out:
        for number, text in enumerate(texts):
            earlier = "\n\n".join(dice.sample(texts, 12)).encode()[:2500].decode(errors="ignore")
            body = text + "\n\nOn Mon, 30 Mar 2026 at 17:12, Joe Reed <joe@agency.example> wrote:\n"
            body += "".join(f"> {line}\n" for line in earlier.splitlines())
            body = re.sub(r"^(>*From )", r">\1", body, flags=re.M)
            out.write(f"From anna@client.example Tue Mar 31 10:02:00 2026\n{trace(dice, number)}\n{body}\n")


def make_mail(path, typed, quoted):
    """A plain mail of so many kB that were typed, no sentence twice, above so many kB of earlier mail."""
    texts = typed_texts()
    # Not one after the other: neighbours are by one writer.
    texts = itertools.islice(itertools.cycle(texts), 7, None, 37)

    def some(size):
        text = ""
        while len(text.encode()) < size:
            text += next(texts) + "\n\n"
        return text

    mail = (
        "From: Anna Wills <anna@larkmoor.example>\nTo: studio@agency.example\nSubject: Re: Homepage\n"
        "Date: Tue, 31 Mar 2026 10:02:00 +0100\nMessage-ID: <t1@larkmoor.example>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    )
    mail += some(typed * 1000 - len(mail))
    if quoted:
        mail += "On Mon, 30 Mar 2026 at 17:12, Joe Reed <joe@agency.example> wrote:\n"
        mail += "".join(f"> {line}\n" for line in some(quoted * 1000).splitlines())
    path.write_text(mail)


def mails_in(mailbox):
    """The mails of an mbox."""
    return [entry.partition(b"\n")[2] + b"\n" for entry in re.split(rb"\n\n(?=From )", mailbox.read_bytes())]


def mails_of(work, size, count):
    """So many mails of the corpus, those nearest to a size in bytes, one file each."""
    sources = sorted((ROOT / "fixtures" / "corpus").glob("*.mbox"))
    mails = [mail for source in sources for mail in mails_in(source)]
    nearest = sorted(mails, key=lambda mail: (abs(len(mail) - size), mail))[:count]
    files = [work / f"{number}.eml" for number in range(count)]
    for file, mail in zip(files, nearest):
        file.write_bytes(mail)
    return files


class Program:
    """One program to run, and what it does in words."""

    # Count processor time in place of the clock's.
    by_processor = False

    def __init__(self, name, does, command, stdin=None, prepare=None, codes=(0,)):
        self.name, self.does, self.command = name, does, [str(word) for word in command]
        # Of several mails, another each round.
        self.stdin = stdin if isinstance(stdin, list) else [stdin or os.devnull]
        self.prepare, self.codes = prepare, codes
        self.times = []

    def there(self):
        return shutil.which(self.command[0]) is not None

    def run(self, times, folder):
        """Runs it so many times, and notes the time of one."""
        if self.prepare:
            self.prepare(folder)
        environment = dict(os.environ, HOME=str(folder), MAILRC="/dev/null", LC_ALL="C.UTF-8")
        mail = self.stdin[len(self.times) % len(self.stdin)]
        spent = 0.0
        for _ in range(times):
            # A file and not /dev/null: programs know that one, and some do less or refuse.
            with open(mail, "rb") as stdin, open(folder / "stdout", "wb") as stdout:
                begun = time.perf_counter()
                child = subprocess.Popen(
                    self.command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
                    env=environment, cwd=folder,
                )
                told = child.stderr.read()
                _, status, usage = os.wait4(child.pid, 0)
                by_clock = time.perf_counter() - begun
                child.returncode = os.waitstatus_to_exitcode(status)
                spent += usage.ru_utime + usage.ru_stime if self.by_processor else by_clock
            if child.returncode not in self.codes:
                told = told.decode(errors="replace").strip()[-300:]
                raise RuntimeError(f"{self.name} ended with {child.returncode}: {told}")
        self.times.append(spent / times)

    def median(self):
        return statistics.median(self.times)


def rounds(programs, count, times, work):
    """Runs all of them in turns; those that are missing or fail are left out, and it is said."""
    left = []
    for program in programs:
        if program.there():
            left.append(program)
        else:
            print(f"without {program.name}: not installed", file=sys.stderr)
    for number in range(count):
        for program in list(left):
            folder = work / "home"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            try:
                program.run(times, folder)
            except (RuntimeError, OSError) as fault:
                print(f"without {program.name}: {fault}", file=sys.stderr)
                left.remove(program)
        print(f"round {number + 1} of {count} done", file=sys.stderr)
    return left


def trained(folder):
    """Teaches bogofilter two classes."""
    for flag, file in (("-s", "Q"), ("-n", "E")):
        with open(ROOT / "fixtures" / "corpus" / f"{file}.mbox", "rb") as stdin:
            subprocess.run(
                ["bogofilter", flag, "-M", "-d", folder / "words"], stdin=stdin, check=True,
                stdout=subprocess.DEVNULL,
            )


def one_mail(mail):
    """The programs that stand in a mail filter and see one mail a process; of several mails, another each round."""

    def procmail(folder):
        rules = "".join(f":0 B\n* {pattern}\n/dev/null\n" for pattern in PATTERNS)
        (folder / "rc").write_text(f"SHELL=/bin/sh\nDEFAULT=/dev/null\nLOGFILE=/dev/null\n{rules}")
        (folder / "rc").chmod(0o600)

    def maildrop(folder):
        rules = "".join(f"if (/{pattern}/:b)\n{{\n to \"/dev/null\"\n}}\n" for pattern in PATTERNS)
        (folder / "rc").write_text(rules + 'to "/dev/null"\n')
        (folder / "rc").chmod(0o600)

    def fdm(folder):
        rules = "".join(f'match "{pattern}" in body action "drop"\n' for pattern in PATTERNS)
        account = 'account "stdin" disabled stdin\naction "drop" drop\n'
        (folder / "conf").write_text(account + rules + 'match all action "drop"\n')
        (folder / "conf").chmod(0o600)

    return [
        Program("/bin/true", "nothing: a process alone", ["/bin/true"]),
        Program("mail-parser", "parses, in the barest Rust program", [BARE], mail),
        Program("procmail", "50 patterns on the body", ["procmail", "-m", "rc"], mail, procmail),
        Program("maildrop", "50 patterns on the body", ["maildrop", "rc"], mail, maildrop),
        Program("fdm", "50 patterns on the body", ["fdm", "-q", "-f", "conf", "-a", "stdin", "fetch"], mail, fdm),
        Program("bogofilter -p", "one of two classes, by words", ["bogofilter", "-p", "-d", "words"], mail, trained,
                codes=(0, 1, 2)),
        Program("spamassassin -L", "one of two classes, by rules", ["spamassassin", "-L"], mail),
        Program("postroom filter", "zones, class, topics, owner, reasons", [POSTROOM, "filter"], mail),
    ]


PYTHON = """
import mailbox, re, sys
patterns = [re.compile(line.rstrip("\\n"), re.I) for line in open(sys.argv[2])]
found = 0
for mail in mailbox.mbox(sys.argv[1]):
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            text = (part.get_payload(decode=True) or b"").decode(errors="replace")
            found += any(pattern.search(text) for pattern in patterns)
print(found)
"""


def whole_mailbox(work, mailbox, maildir):
    """The programs that go over a mailbox."""
    patterns = work / "patterns"
    patterns.write_text("".join(f"{pattern}\n" for pattern in PATTERNS))
    script = work / "mails.py"
    script.write_text(PYTHON)

    def mairix(folder):
        (folder / "rc").write_text(f"base={mailbox.parent}\nmbox={mailbox.name}\nmfolder=found\ndatabase={folder}/db\n")

    def notmuch(folder):
        (folder / ".notmuch-config").write_text(
            f"[database]\npath={maildir}\n[user]\nname=x\nprimary_email=x@x.example\n[new]\ntags=new\n"
        )
        shutil.rmtree(maildir / ".notmuch", ignore_errors=True)

    classify = [POSTROOM, "classify", "--format", "jsonl"]
    return [
        Program("mail-parser, 1 thread", "parses and decodes", [BARE, mailbox, "1"]),
        Program("mail-parser, 2 threads", "parses and decodes", [BARE, mailbox, "2"]),
        Program("grep -E -f, 50 patterns", "lines that match, no decoding",
                ["grep", "-E", "-i", "-c", "-f", patterns, mailbox], codes=(0, 1)),
        Program("Python mailbox + re", "50 patterns on the decoded text", ["python3", script, mailbox, patterns]),
        Program("mairix", "an index of words", ["mairix", "-f", "rc"], prepare=mairix),
        Program("notmuch new", "an index of words and threads", ["notmuch", "new", "--quiet"], prepare=notmuch),
        Program("bogofilter", "one of two classes, by words", ["bogofilter", "-M", "-T", "-d", "words"], mailbox,
                trained, codes=(0, 1, 2)),
        Program("postroom, 1 thread", "zones, class, topics, owner, reasons", [*classify, "-j1", mailbox]),
        Program("postroom, 2 threads", "zones, class, topics, owner, reasons", [*classify, "-j2", mailbox]),
    ]


def split(mailbox, maildir):
    """The same mails as files, for those that read no mbox."""
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True)
    for number, mail in enumerate(mails_in(mailbox)):
        (maildir / "cur" / f"{number}.1.host:2,").write_bytes(mail)


def table(programs, unit, figure, bases):
    """Markdown: each program's figure, and how it stands to each base."""
    heads = " | ".join(f"{base} = 1" for base in bases)
    lines = [f"| program | does | {unit} | {heads} |", f"| --- | --- | ---: |{' ---: |' * len(bases)}"]
    medians = {program.name: program.median() for program in programs}
    for program in programs:
        ratios = [f"{program.median() / medians[base]:.2f}" if base in medians else "-" for base in bases]
        lines.append(f"| {program.name} | {program.does} | {figure(program)} | {' | '.join(ratios)} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="run.sh")
    parser.add_argument("--quick", action="store_true", help="small mailbox, few rounds: does it work at all")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--cpu", action="store_true", help="processor time, for a machine that others use too")
    parser.add_argument("--spamassassin", action="store_true")
    parser.add_argument("--no-install", action="store_true")
    parser.add_argument("mailbox", nargs="?", type=pathlib.Path)
    arguments = parser.parse_args()
    Program.by_processor = arguments.cpu
    count = arguments.rounds or (2 if arguments.quick else 9)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        installed(work)
        if arguments.mailbox:
            mailboxes = [("", arguments.mailbox.resolve())]
        else:
            # A program may read everything beside its mailbox.
            mailboxes = [(kind, work / folder / "all.mbox") for kind, folder in (("", "corpus"), (" as they come today", "answers"))]
            for _, mailbox in mailboxes:
                mailbox.parent.mkdir()
            make_mailbox(mailboxes[0][1], 1 if arguments.quick else 5)
            make_answers(mailboxes[1][1])
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {count} rounds; medians of {'processor time' if arguments.cpu else 'time'}.\n")
        kinds = [("A mail of 3 kB as it comes, another each round", mails_of(work, 3000, 9))]
        # Nine of ten clients of the corpus type less than 0.7 kB, none more than 2.
        for typed, quoted in ((0.7, 29), (3, 0), (3, 27), (30, 0)):
            mail = work / f"{typed}-{quoted}.eml"
            make_mail(mail, typed, quoted)
            above = f" above {quoted} kB quoted" if quoted else ""
            kinds.append((f"One mail of {typed} kB typed{above}", mail))
        for kind, mail in kinds:
            programs = [
                program for program in one_mail(mail)
                if arguments.spamassassin or not program.name.startswith("spamassassin")
            ]
            done = rounds(programs, count, 5 if arguments.quick else 20, work)
            print(f"{kind}, a process each:\n")
            print(table(done, "ms", lambda program: f"{program.median() * 1000:.2f}", ["mail-parser", "procmail"]), end="\n\n")
        for kind, mailbox in mailboxes:
            listed = subprocess.run(
                [POSTROOM, "classify", "--format", "word", mailbox], capture_output=True, check=True
            )
            mails, size = listed.stdout.count(b"\n"), mailbox.stat().st_size
            maildir = work / f"maildir{kind.replace(' ', '-')}"
            if shutil.which("notmuch"):
                split(mailbox, maildir)
            done = rounds(whole_mailbox(work, mailbox, maildir), count, 1, work)
            print(f"A mailbox of {mails} mails{kind}, {size / 1e6:.1f} MB; the ratio is of times:\n")
            figure = lambda program: f"{mails / program.median():.0f}"
            print(table(done, "mails/s", figure, ["mail-parser, 1 thread"]), end="\n\n")


if __name__ == "__main__":
    main()
