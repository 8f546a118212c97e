#!/bin/sh
# All scripts of this folder, JOBS at a time (default: 2), as root. Prints what each says, in the end
# how long each took, and what failed. Installs nothing: where a package is missing it prints the
# command that installs it.
#
#     run.sh NETCHECK
#     run.sh --missing           the packages that are missing and have to be installed
#     run.sh --missing-unpacked  those of which only a command is missing
#     run.sh --axe-core          what npm calls the axe-core that the status page is held to
#
# What is not installed but unpacked is below $UNPACKED (default: build/ecosystem).
set -eu

here=$(dirname "$(realpath "$0")")
UNPACKED=${UNPACKED:-$here/../../build/ecosystem}
export UNPACKED

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_unpacked() {
    PATH=$PATH:/usr/sbin:/sbin:$UNPACKED/usr/sbin:$UNPACKED/usr/bin command -v "$1" >/dev/null
}

missing() {
    sed '/^#/d' "$here/packages" | while read -r package command; do
        [ -n "$command" ] || is_installed "$package" || echo "$package"
    done
}

missing_unpacked() {
    sed '/^#/d' "$here/packages" | while read -r package command; do
        [ -z "$command" ] || is_unpacked "$command" || echo "$package"
    done
}

axe_core=axe-core@4.10.3

# What to type, where something is missing.
advise() {
    installed=$(missing | paste -sd ' ')
    unpacked=$(missing_unpacked)
    has_axe_core=yes
    [ -r "$UNPACKED/axe-core/package/axe.min.js" ] || has_axe_core=
    [ -n "$installed$unpacked" ] || [ -z "$has_axe_core" ] || return 0
    echo "missing, to be installed where no server of the machine may start:"
    [ -z "$installed" ] || echo "    apt-get install --no-install-recommends $installed"
    for package in $unpacked; do
        echo "    mkdir -p build/ecosystem && (cd build/ecosystem &&" \
            "apt-get download $package && dpkg -x ${package}_*.deb .)"
    done
    [ -n "$has_axe_core" ] ||
        echo "    mkdir -p build/ecosystem/axe-core && (cd build/ecosystem/axe-core &&" \
            "npm pack $axe_core && tar -xzf axe-core-*.tgz)"
    return 1
}

# NETCHECK LOGS SCRIPT: its output, whole, and a line in LOGS/times
run_one() {
    name=$(basename "$3")
    started=$(date +%s)
    verdict=ok
    timeout 400 sh "$3" "$1" >"$2/$name" 2>&1 || verdict=FAILED
    echo "$verdict $(($(date +%s) - started)) s: tests/ecosystem/$name" >>"$2/times"
    echo "== tests/ecosystem/$name"
    cat "$2/$name"
}

run_all() {
    logs=$(mktemp -d)
    trap 'rm -rf "$logs"' EXIT
    : >"$logs/times"
    grep -l '^enter "\$@"' "$here"/*.sh |
        xargs -P "${JOBS:-2}" -n 1 sh "$here/run.sh" --one "$1" "$logs"
    echo "== in all"
    cat "$logs/times"
    sed -n 's|^FAILED.*/||p' "$logs/times" | while read -r name; do
        echo "== what failed in $name, and how it ended"
        grep -B 12 '^not ok' "$logs/$name" || true
        tail -n 12 "$logs/$name"
    done
    ! grep -q '^FAILED' "$logs/times"
}

case ${1:-} in
--missing) missing ;;
--missing-unpacked) missing_unpacked ;;
--axe-core) echo "$axe_core" ;;
--one) shift && run_one "$@" ;;
-* | '') sed -n '2,/^set/s/^# \{0,1\}//p' "$0" && exit 2 ;;
*)
    advise
    [ "$(id -u)" -eq 0 ] || { echo "not run: needs root" && exit 1; }
    run_all "$(realpath "$1")"
    ;;
esac
