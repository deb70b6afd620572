#!/usr/bin/env bash
# How many mails a second Postfix takes and delivers to a Maildir without a milter, with one that does nothing, and with
# postroom, in turns on the same machine. The ratios are medians over the rounds, each to the run without in its round.
# Needs root and Debian's postfix package. Touches nothing of the system's: Postfix runs in a mount namespace.
#
#   cargo build --release --bins --example bare_milter
#   benches/postfix.sh [MAILS] [ROUNDS]     with POSTROOM=path/to/postroom, by default target/release/postroom
set -euo pipefail
cd "$(dirname "$0")/.."
mails=${1:-2000} rounds=${2:-5}
program=$(realpath "${POSTROOM:-target/release/postroom}")
idle=$(dirname "$program")/examples/bare_milter
for file in "$program" "$idle"; do
    [ -x "$file" ] || { echo "$file is missing: cargo build --release --bins --example bare_milter" >&2; exit 1; }
done

if [ "${INSIDE:-}" != 1 ]; then
    INSIDE=1 exec unshare --mount "$0" "$@"
fi
mount --make-rprivate /
scratch=$(mktemp -d)
chmod 755 "$scratch"
mkdir -p "$scratch"/{etc,queue,data} /var/spool/postfix
cp /etc/postfix/{dynamicmaps.cf,postfix-files} "$scratch/etc/"
mkdir "$scratch/home"
chown postfix "$scratch/data"
chown nobody "$scratch/home"
cat > "$scratch/etc/main.cf" <<END
compatibility_level = 3.6
maillog_file = $scratch/log
maillog_file_prefixes = $scratch
myhostname = mail.agency.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = agency.example
virtual_mailbox_base = $scratch/home
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
alias_maps =
smtputf8_enable = no
smtpd_client_connection_rate_limit = 0
END
cat > "$scratch/etc/master.cf" <<END
127.0.0.1:18025 inet n - n - - smtpd
127.0.0.1:18026 inet n - n - - smtpd -o smtpd_milters=unix:$scratch/milter.sock -o milter_default_action=tempfail
127.0.0.1:18028 inet n - n - - smtpd -o smtpd_milters=unix:$scratch/bare.sock -o milter_default_action=tempfail
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
END
mount --bind "$scratch/etc" /etc/postfix
mount --bind "$scratch/queue" /var/spool/postfix
mount --bind "$scratch/data" /var/lib/postfix

"$program" milter --listen "unix:$scratch/milter.sock" --socket-mode 666 --metrics 127.0.0.1:18027 2> "$scratch/milter.log" &
milter=$!
(umask 0 && exec "$idle" "$scratch/bare.sock") &
bare_milter=$!
postfix start > /dev/null 2>&1
trap 'postfix stop > /dev/null 2>&1; kill $milter $bare_milter; wait; umount /etc/postfix /var/spool/postfix /var/lib/postfix; rm -rf "$scratch"' EXIT
for _ in $(seq 100); do
    [ -S "$scratch/milter.sock" ] && smtp-source -m 1 -f a@larkmoor.example -t b@agency.example 127.0.0.1:18026 && break
    sleep 0.1
done
until [ -n "$(find "$scratch/home" -path '*/new/*' -type f)" ]; do sleep 0.1; done
find "$scratch/home/inbox/new" -type f -delete

# Mails a second of one run: from the first until the last is in the Maildir.
run() {
    local start end
    start=$(date +%s%N)
    smtp-source -s 20 -m "$mails" -l 4000 -f anna@larkmoor.example -t studio@agency.example "127.0.0.1:$1"
    while [ "$(find "$scratch/home/inbox/new" -type f | wc -l)" -lt "$mails" ]; do sleep 0.05; done
    end=$(date +%s%N)
    echo $((mails * 1000000000 / (end - start)))
    find "$scratch/home/inbox/new" -type f -delete
}

median() { printf '%s\n' "$@" | sort -n | sed -n "$(((${#} + 1) / 2))p"; }
ratio() { awk "BEGIN { printf \"%.2f\", $1 / $2 }"; }
without=() bare=() with=() bare_ratios=() ratios=()
for _ in $(seq "$rounds"); do
    a=$(run 18025) b=$(run 18028) c=$(run 18026)
    without+=("$a") bare+=("$b") with+=("$c") bare_ratios+=("$(ratio "$b" "$a")") ratios+=("$(ratio "$c" "$a")")
done
# What the milter itself says of the time that it added.
told=$(exec 3<> /dev/tcp/127.0.0.1/18027 && printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3 && cat <&3)
echo "without milter            $(median "${without[@]}") mails/s   (${without[*]})"
echo "a milter that does nothing $(median "${bare[@]}") mails/s   (${bare[*]})   ratio $(median "${bare_ratios[@]}")"
echo "postroom                  $(median "${with[@]}") mails/s   (${with[*]})   ratio $(median "${ratios[@]}")"
awk '/^postroom_latency_seconds_sum/ { sum = $2 } /^postroom_latency_seconds_count/ { count = $2 }
    END { printf "added latency             %.2f ms on average, from the end of a mail to the answer\n", 1000 * sum / count }' <<< "$told"
