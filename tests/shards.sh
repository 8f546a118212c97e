#!/bin/sh
# The README's recipe for GNU parallel: for 1 to 7 shards, the rows of all of them are exactly
# the rows of one run. Where GNU parallel is missing it says so.
#
#     shards.sh NETCHECK
set -eu

netcheck=$1
command -v parallel >/dev/null || { echo "skipped: GNU parallel is not installed"; exit 0; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/targets" <<'END'
127.0.0.1:20000-20099
!127.0.0.1 23,24,25
127.1.2.0/28:80,443
[::1]:7000-7010
127.0.0.1:70000
END

# "target":"..." of every JSON line, in one order.
targets() {
    sed 's/.*"target":\("[^"]*"\).*/\1/' | sort
}

"$netcheck" -j -f "$folder/targets" | targets >"$folder/whole" || true
[ -s "$folder/whole" ]
for count in 1 2 3 4 5 6 7; do
    # Its exit status is the number of jobs that failed: rows that are down are why.
    seq "$count" | parallel --will-cite --sshlogin : -j 2 \
        "$netcheck -j --shard {}/$count -f $folder/targets" >"$folder/rows" || true
    targets <"$folder/rows" >"$folder/union"
    cmp "$folder/whole" "$folder/union"
    echo "$count shards: $(wc -l <"$folder/union") rows, as one run"
done
