#!/bin/sh
# Postroom beside the programs people use for mail, measured in turns on one machine.
#
#     benches/peers/run.sh [--quick] [--rounds N] [--cpu] [--spamassassin] [--no-install] [MAILBOX]
#
# Prints Markdown tables of medians and ratios. Needs a Debian machine with Rust; installs the peers with
# apt unless told not to, and leaves out those that are not there. Without MAILBOX, it makes one of
# fixtures/corpus repeated with new Message-IDs. With --cpu it counts processor time, which says more on a
# machine that does other things as well; two threads then gain nothing by it.
#
# A mailbox is read by programs that do different things: the tables say what each does. Times are of
# whole processes, start and exit included; every round runs each program once, so that a busy minute
# hits all of them.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
install=yes peers="procmail maildrop fdm bogofilter mairix notmuch python3"
for argument in "$@"; do
    case $argument in
        --no-install) install=no ;;
        --spamassassin) peers="$peers spamassassin" ;;
        -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '$d'; exit 0 ;;
    esac
done

if [ "$install" = yes ]; then
    missing=
    for package in $peers; do
        dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
    done
    if [ -n "$missing" ]; then
        sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
        $sudo apt-get update -qq >&2
        # One by one: one that this release does not have is no reason to go without the others.
        for package in $missing; do
            $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" \
                >/dev/null 2>&1 || echo "without $package: apt could not install it" >&2
        done
    fi
fi

cd "$root"
cargo build --release --quiet --bin postroom --example bare_mail_parser >&2
exec python3 "$here/measure.py" "$@"
