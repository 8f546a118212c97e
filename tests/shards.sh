#!/bin/sh
# The recipe of netcheck-recipes(7) for GNU parallel: for 1 to 7 shards, the rows of all of them
# are exactly the rows of one run. Where GNU parallel is missing it says so.
#
#     shards.sh NETCHECK
set -eu

netcheck=$(realpath "$1")
page=$(dirname "$0")/../src/man/netcheck-recipes.7
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

mkdir "$folder/bin"
ln -s "$netcheck" "$folder/bin/netcheck"
PATH=$folder/bin:$PATH

# For $1 shards, as a reader of the page would write it.
recipe() {
    sed -n '/^parallel /,/^\.Ed/p' "$page" | sed "/^\.Ed/d; s/\\\\-/-/g; s/\\\\(aq/'/g; s/\\\\e/\\\\/g
        s|^parallel|& --will-cite|; s|{}/4|{}/$1|; s|/etc/flows.txt|$folder/targets|
        s|1 2 3 4|$(seq -s ' ' "$1")|; s|rows.json|$folder/rows|"
}

netcheck -j -f "$folder/targets" | targets >"$folder/whole" || true
[ -s "$folder/whole" ]
for count in 1 2 3 4 5 6 7; do
    # Its exit status is the number of jobs that failed: rows that are down are why.
    recipe "$count" >"$folder/recipe"
    sh "$folder/recipe" || true
    targets <"$folder/rows" >"$folder/union"
    cmp "$folder/whole" "$folder/union"
    echo "$count shards: $(wc -l <"$folder/union") rows, as one run"
done
