"""What libraries that strip replies take for newly written, on a folder of cases.

Runs postroom (`postroom text`) and those of mail-parser-reply, email-reply-parser, superops-talon and
quotequail that are installed, and prints one Markdown table. docs/fresh.md says how the folder is laid
out and how a result is judged; `examples/quotes.rs` judges the library by the same conventions.

    python3 -m pip install mail-parser-reply email-reply-parser superops-talon quotequail
    cargo build --release && python3 benches/peers/quotes.py FOLDER [PROGRAM]
"""

import collections
import csv
import email
import email.policy
import importlib.metadata
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LANGUAGES = ["en", "de", "fr", "it", "nl", "es", "pl", "sv", "da", "cs", "ja", "ko", "zh"]


def body(data, kind):
    """What libraries are given: the text of a body, of a mail's first text part or else its HTML."""
    if kind != "eml":
        return data.decode(errors="replace").replace("\r\n", "\n"), kind
    mail = email.message_from_bytes(data, policy=email.policy.default)
    part = mail.get_body(("plain", "html"))
    if part is None:
        return "", "text"
    kind = "html" if part.get_content_subtype() == "html" else "text"
    return part.get_content().replace("\r\n", "\n"), kind


def postroom(program):
    """The parts of a mail by `postroom text`: what is new; the same with the signature."""

    def read(data, kind, zones):
        command = [program, "text", "--as", kind, "--zone", zones]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()

    def readings(data, kind, signature):
        if signature == "kept":
            return [read(data, kind, "new,signature")]
        new = [read(data, kind, "new")]
        if signature == "mixed":
            new.append(read(data, kind, "new,signature"))
        return new

    return readings


def library(strip):
    """The one result of a library's function of text and kind."""

    def readings(data, kind, _signature):
        return [strip(*body(data, kind)) or ""]

    return readings


def mail_parser_reply():
    from mailparser_reply import EmailReplyParser

    languages = []
    for language in LANGUAGES:
        try:
            EmailReplyParser(languages=[language]).parse_reply(text="x")
            languages.append(language)
        except Exception:  # It has no such language.
            pass
    return lambda text, _kind: EmailReplyParser(languages=languages).parse_reply(text=text)


def email_reply_parser():
    from email_reply_parser import EmailReplyParser

    return lambda text, _kind: EmailReplyParser.parse_reply(text)


def superops_talon():
    from talon import quotations

    return lambda text, kind: quotations.extract_from(text, "text/html" if kind == "html" else "text/plain")


def quotequail():
    import quotequail as library

    def strip(text, kind):
        quote = library.quote_html if kind == "html" else library.quote
        return "\n".join(part for shown, part in quote(text) if shown)

    return strip


LIBRARIES = {
    "mail-parser-reply": mail_parser_reply,
    "email-reply-parser": email_reply_parser,
    "superops-talon": superops_talon,
    "quotequail": quotequail,
}


def readers(program):
    """Every reader there is, by name."""
    found = {"postroom": postroom(program)}
    for name, make in LIBRARIES.items():
        try:
            found[f"{name} {importlib.metadata.version(name)}"] = library(make())
        except ImportError as cause:
            print(f"left out: {name}: {cause}", file=sys.stderr)
    return found


def normal(text, case):
    """Text as it is compared."""
    text = text.replace("\r\n", "\n")
    if case["compare"] == "squeeze":
        return "".join(text.split())
    lines = [line.rstrip() for line in text.split("\n")]
    if "inline" in case["tags"]:
        heading = lambda line: line.startswith("On ") and line.endswith("wrote:")
        lines = [line for line in lines if line and not line.startswith(">") and not heading(line)]
    return "\n".join(lines).strip("\n \u00a0\t")


def fits(text, checks):
    """Whether text is as the checks of a case want it."""
    text = text.strip()
    return (
        all(word in text for word in checks.get("contains", []))
        and not any(word in text for word in checks.get("lacks", []))
        and text.startswith(checks.get("starts") or "")
        and text.endswith(checks.get("ends") or "")
        and (bool(text) or "not_empty" not in checks)
    )


def judge(folder, case, results):
    """`exact`, and which of `lost`, `let in`, `gone` where it is not."""
    checks = folder / f"{case['case']}.checks"
    if checks.exists():
        checks = json.loads(checks.read_text())
        if any(fits(result, checks) for result in results):
            return ["exact"]
        lost = any(word not in results[0] for word in checks.get("contains", []))
        let_in = any(word in results[0] for word in checks.get("lacks", []))
        gone = not results[0].strip()
    else:
        names = [case["case"]] + [name for name in [case["other_answer"]] if name != "-"]
        wanted = [normal((folder / f"{name}.expected").read_bytes().decode(), case) for name in names]
        got = [normal(result, case) for result in results]
        if any(one in wanted for one in got):
            return ["exact"]
        words = [collections.Counter(text.split()) for text in (wanted[0], got[0])]
        lost, let_in = bool(words[0] - words[1]), bool(words[1] - words[0])
        gone = bool(wanted[0]) and not any(got)
    return [name for name, held in [("lost", lost), ("let in", let_in), ("gone", gone)] if held]


def main():
    folder = pathlib.Path(sys.argv[1])
    program = sys.argv[2] if len(sys.argv) > 2 else ROOT / "target" / "release" / "postroom"
    found = readers(program)
    counts = collections.Counter()
    suites = {}
    with open(folder / "cases.tsv", newline="") as lines:
        for case in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            suite = case["case"].split("/")[0]
            suites[suite] = suites.get(suite, 0) + 1
            data = (folder / f"{case['case']}.in").read_bytes()
            for name, read in found.items():
                try:
                    verdict = judge(folder, case, read(data, case["kind"], case["signature"]))
                except Exception as fault:
                    print(f"{name}: {case['case']}: {type(fault).__name__}: {fault}", file=sys.stderr)
                    verdict = ["failed"]
                for word in verdict:
                    counts[name, word] += 1
                    counts[name, word, suite] += 1
    row = lambda first, cells: print("| " + " | ".join([first, *map(str, cells)]) + " |")
    row("suite", ["cases", *found])
    row("---", ["---:"] * (1 + len(found)))
    for suite in sorted(suites):
        row(suite, [suites[suite], *(counts[name, "exact", suite] for name in found)])
    row("all", [sum(suites.values()), *(counts[name, "exact"] for name in found)])
    for word, title in [
        ("lost", "words lost"),
        ("let in", "others let in"),
        ("gone", "all of it lost"),
        ("failed", "failed"),
    ]:
        row(title, ["", *(counts[name, word] for name in found)])


if __name__ == "__main__":
    main()
