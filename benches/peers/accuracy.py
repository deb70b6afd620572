"""How right postroom is on writers it has not seen, beside what a user would train instead.

    postroom tune --lexicon FOLDER... --left-out left-out.jsonl
    python3 benches/peers/accuracy.py [--judge FOLDER] left-out.jsonl FOLDER...

FOLDER holds X.mbox and X.labels.tsv. Every set is left out in turn, or each of those in the folder given to
`--judge`, since a peer takes a minute to train on all of them; the peers are trained on the other sets' new text,
as `postroom text` cuts it, so that nobody has to read quotes. Needs scikit-learn==1.5.2, and fasttext-wheel==0.9.2
for that row; without it the row is left out, and it is said. Prints Markdown.
"""

import argparse
import collections
import csv
import json
import mailbox
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline, make_union

ROOT = pathlib.Path(__file__).resolve().parents[2]
POSTROOM = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "postroom"
CLASSES = ["deliverable-question", "delivery-question", "project-update", "new-project", "other"]


def read(folders):
    """Every labelled mail: id, set, label, difficulty, subject and new text."""
    mails = []
    for folder in folders:
        for path in sorted(pathlib.Path(folder).glob("*.mbox")):
            labels = path.with_suffix(".labels.tsv")
            with open(labels, newline="") as rows:
                known = {row["message_id"].strip("<>"): row for row in csv.DictReader(rows, delimiter="\t")}
            for mail in mailbox.mbox(path):
                row = known[mail["Message-ID"].strip().strip("<>")]
                with tempfile.NamedTemporaryFile(suffix=".eml") as eml:
                    eml.write(mail.as_bytes())
                    eml.flush()
                    done = subprocess.run([POSTROOM, "text", eml.name], capture_output=True, check=True)
                mails.append({
                    "id": row["message_id"].strip("<>"), "set": path.stem, "class": row["class"],
                    "difficulty": row["difficulty"], "folder": pathlib.Path(folder).resolve(),
                    "text": f"{mail['Subject'] or ''}\n{done.stdout.decode()}",
                })
    return mails


def macro_f1(pairs):
    """Mean of F1 over the classes."""
    scores = []
    for name in CLASSES:
        right = sum(1 for gold, given in pairs if gold == name == given)
        of = sum((gold == name) + (given == name) for gold, given in pairs)
        scores.append(2 * right / of if of else 0.0)
    return sum(scores) / len(scores)


def interval(mails, given):
    """95 % of the macro-F1 when the sets are drawn again, a thousand times."""
    by_set = collections.defaultdict(list)
    for mail, answer in zip(mails, given):
        by_set[mail["set"]].append((mail["class"], answer))
    dice, drawn = random.Random(1), []
    for _ in range(1000):
        sets = dice.choices(sorted(by_set), k=len(by_set))
        drawn.append(macro_f1([pair for name in sets for pair in by_set[name]]))
    drawn.sort()
    return drawn[25], drawn[974]


def peers():
    """What a user would train, by name: texts and answers in, a function from texts to answers out."""
    def pipeline(steps):
        return lambda texts, answers: make_pipeline(*steps()).fit(texts, answers).predict

    words = lambda: TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    letters = lambda: TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True)
    found = {
        "TF-IDF words and characters, logistic regression": pipeline(
            lambda: (make_union(words(), letters()), LogisticRegression(C=10, max_iter=200))
        ),
        "naive Bayes": pipeline(lambda: (CountVectorizer(ngram_range=(1, 2), min_df=2), MultinomialNB(alpha=0.3))),
    }
    try:
        import fasttext
    except ImportError:
        print("without fastText: not installed", file=sys.stderr)
        return found

    def fast(texts, answers):
        line = lambda text: " ".join(text.lower().split())
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as out:
            for text, answer in zip(texts, answers):
                out.write(f"__label__{answer} {line(text)}\n")
            out.flush()
            model = fasttext.train_supervised(
                out.name, epoch=50, lr=0.5, wordNgrams=2, dim=50, thread=1, verbose=0
            )
        return lambda texts: [model.f.predict(line(text) + "\n", 1, 0.0, "strict")[0][1][9:] for text in texts]

    found["fastText"] = fast
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judge", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("left_out")
    parser.add_argument("folders", metavar="FOLDER", nargs="+")
    options = parser.parse_args()
    every = read(options.folders)
    judged = options.judge and options.judge.resolve()
    mails = [mail for mail in every if judged in (None, mail["folder"])]
    if not mails:
        parser.error(f"{options.judge} is none of the folders")
    decided = {}
    with open(options.left_out) as lines:
        for line in lines:
            one = json.loads(line)
            decided[one["message_id"]] = one["class"]
    given = {"postroom": [decided.get(mail["id"], "unsure") for mail in mails]}
    sets = sorted({mail["set"] for mail in mails})
    for name, train in peers().items():
        answers = {}
        for left_out in sets:
            rest = [mail for mail in every if mail["set"] != left_out]
            own = [mail for mail in mails if mail["set"] == left_out]
            predict = train([mail["text"] for mail in rest], [mail["class"] for mail in rest])
            answers.update(zip((mail["id"] for mail in own), predict([mail["text"] for mail in own])))
        given[name] = [answers[mail["id"]] for mail in mails]
        print(f"{name} done", file=sys.stderr)
    grades = ["easy", "medium", "hard"]
    print(f"{len(mails)} mails of {len(sets)} sets, each left out in turn; {len(every)} mails in all.\n")
    print("| | macro-F1 | 95 % over sets | " + " | ".join(grades) + " |\n| --- | ---: | --- | ---: | ---: | ---: |")
    for name, answers in given.items():
        low, high = interval(mails, answers)
        cells = []
        for grade in grades:
            own = [mail["class"] == one for mail, one in zip(mails, answers) if mail["difficulty"] == grade]
            cells.append(f"{sum(own) / max(1, len(own)):.3f}")
        score = macro_f1([(mail["class"], one) for mail, one in zip(mails, answers)])
        print(f"| {name} | {score:.3f} | {low:.3f} to {high:.3f} | {' | '.join(cells)} |")
    print("\n| set | " + " | ".join(given) + " |\n| --- |" + " ---: |" * len(given))
    for left_out in sets:
        cells = []
        for answers in given.values():
            pairs = [(mail["class"], one) for mail, one in zip(mails, answers) if mail["set"] == left_out]
            cells.append(f"{macro_f1(pairs):.3f}")
        print(f"| {left_out} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
