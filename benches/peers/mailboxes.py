"""Which mails readers find in the mailboxes under fixtures/mailbox.

Compares postroom and mail-parser (examples/mailbox_count.rs), Python's `mailbox` module and
`formail` (of procmail, left out when missing) with the right answer in the TOML file beside each
mailbox, and prints a table. A reader is right when it finds the same Message-IDs in the same order;
the number is how many mails it found, with `!` when they are not the right ones, and `-` stands
where a reader has nothing for such a mailbox: a folder of another kind, a compressed file.

    python3 benches/peers/mailboxes.py          # Python 3.11 or newer
"""

import collections
import mailbox
import pathlib
import shutil
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures" / "mailbox"


def clean(message_id):
    """A Message-ID without brackets, or `-`."""
    return (message_id or "-").strip().strip("<>") or "-"


def lines(command, **options):
    """What a command prints, a line each; None when it fails or cannot read the mailbox."""
    done = subprocess.run(command, capture_output=True, cwd=ROOT, **options)
    return [clean(line.decode(errors="replace")) for line in done.stdout.split(b"\n")[:-1]], done


def is_mbox(path):
    """Whether a mailbox is a plain file."""
    return path.is_file() and path.suffix == ".mbox"


def with_example(path, *flags):
    """The Message-IDs that the example finds."""
    program = ROOT / "target" / "debug" / "examples" / "mailbox_count"
    found, done = lines([program, "--ids", *flags, path])
    return found if done.returncode == 0 else None


def with_python(path):
    """The Message-IDs that Python's `mailbox` finds, subfolders after their folder."""
    if is_mbox(path):
        box = mailbox.mbox(path, create=False)
    elif (path / "cur").is_dir():
        box = mailbox.Maildir(path, create=False)
    elif (path / ".mh_sequences").is_file():
        box = mailbox.MH(path, create=False)
    else:
        return None
    try:
        boxes = [box]
        if hasattr(box, "list_folders"):
            boxes += [box.get_folder(name) for name in sorted(box.list_folders())]
        return [clean(mail["message-id"]) for each in boxes for mail in each]
    except Exception as fault:  # What a reader does with an odd mailbox is the question here.
        print(f"{path.name}: Python: {fault!r}", file=sys.stderr)
        return None


def with_formail(path):
    """The Message-IDs that `formail -s` finds."""
    if not is_mbox(path):
        return None
    script = 'id=$(formail -cxMessage-ID:); echo "${id:--}"'
    with path.open("rb") as file:
        found, _ = lines(["formail", "-s", "sh", "-c", script], stdin=file)
    return found


def answer(path):
    """The right Message-IDs."""
    toml = tomllib.loads(path.with_name(path.name + ".toml").read_text(encoding="utf-8"))
    return [clean(each) for source in toml["source"] for each in source["mails"]]


def cell(found, right, ordered):
    """How a reader did, in a few characters."""
    if found is None:
        return "-"
    same = found == right if ordered else collections.Counter(found) == collections.Counter(right)
    return f"{len(found)}{'' if same else ' !'}"


def main():
    """Prints the table."""
    subprocess.run(["cargo", "build", "-q", "--example", "mailbox_count"], cwd=ROOT, check=True)
    readers = {
        "postroom": with_example,
        "mail-parser": lambda path: with_example(path, "--mail-parser") if is_mbox(path) else None,
        "Python": with_python,
    }
    if shutil.which("formail"):
        readers["formail"] = with_formail
    names = [path for folder in (FIXTURES, FIXTURES / "odd") for path in sorted(folder.glob("*.toml"))]
    wrong = collections.Counter()
    print(f"{'mailbox':28} {'right':>6}" + "".join(f"{name:>13}" for name in readers))
    for name in names:
        path = name.with_suffix("")
        right = answer(path)
        row = f"{str(path.relative_to(FIXTURES)):28} {len(right):6}"
        for reader, read in readers.items():
            # Folders have no order that all agree on.
            shown = cell(read(path), right, path.is_file())
            wrong[reader] += "!" in shown
            row += f"{shown:>13}"
        print(row)
    print(f"{'read wrongly':28} {'':6}" + "".join(f"{wrong[name]:>13}" for name in readers))


if __name__ == "__main__":
    main()
