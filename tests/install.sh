#!/bin/sh
# What "make install", "make dist" and "make deb" put where, and the static binary all alone in
# its root. Run it in the top folder. It works in a copy and installs nothing on this machine;
# what a missing tool or right keeps it from trying, it says.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$folder" # another user works in it, too
umask 022

# Nothing of the caller's changes what is built or packed.
mkdir "$folder/home"
HOME=$folder/home
LC_ALL=C
GIT_CONFIG_NOSYSTEM=1
GIT_AUTHOR_NAME=nobody GIT_AUTHOR_EMAIL=nobody@netcheck.invalid
GIT_COMMITTER_NAME=nobody GIT_COMMITTER_EMAIL=nobody@netcheck.invalid
GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
export HOME LC_ALL GIT_CONFIG_NOSYSTEM GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME \
    GIT_COMMITTER_EMAIL GIT_AUTHOR_DATE GIT_COMMITTER_DATE
unset CONFIG CFLAGS CPPFLAGS LDFLAGS LDLIBS SOURCE_DATE_EPOCH GIT_DIR GIT_WORK_TREE

tree=$folder/tree
version=$(sed -n 's/^override VERSION = //p' Makefile)
tarball=build/netcheck-$version.tar.gz
cases=0
failed=0
skipped=0

# Run a case in a shell of its own, which ends at the first command that fails.
check() {
    what=$1
    shift
    cases=$((cases + 1))
    set +e
    (
        set -ex
        "$@"
    ) >"$folder/log" 2>&1
    status=$?
    set -e
    case $status in
    0) echo "install: $what" ;;
    77)
        skipped=$((skipped + 1))
        echo "install: $what: skipped: $(cat "$folder/reason")"
        ;;
    *)
        failed=$((failed + 1))
        echo "install: $what: FAILED"
        tail -n 30 "$folder/log" | sed 's/^/    /'
        ;;
    esac
}

skip() {
    echo "$1" >"$folder/reason"
    exit 77
}

need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "no $tool"
    done
}

need_root() {
    [ "$(id -u)" -eq 0 ] || skip "not root"
}

# Mode and name of every file below $1.
files() {
    (cd "$1" && find . -type f -printf '%m %P\n' | sort -k 2)
}

# Below $1 are exactly the files that standard input lists, in folders that everybody can enter.
expect_files() {
    sort -k 2 >"$folder/expected"
    files "$1" >"$folder/found"
    diff -u "$folder/expected" "$folder/found"
    [ -z "$(find "$1" -mindepth 1 -type d ! -perm 755)" ]
}

# $1 says that it is of this version and of the commit $2, which may be none.
expect_version() {
    said=$("$1" --version)
    case $said in
    "netcheck $version (${2:+commit $2, }"[gm][lu]*) ;; # glibc, musl
    *) return 1 ;;
    esac
}

commit_of() {
    if $has_git; then git -C "$1" rev-parse --short=12 HEAD; fi
}

# --- make install

case_build() {
    cd "$tree"
    make CFLAGS=-O0
}

case_install_default() {
    cd "$tree"
    umask 077
    make install DESTDIR="$folder/a root"
    expect_files "$folder/a root" <<'END'
755 usr/local/bin/netcheck
644 usr/local/share/bash-completion/completions/netcheck
644 usr/local/share/fish/vendor_completions.d/netcheck.fish
644 usr/local/share/man/man1/netcheck.1
644 usr/local/share/man/man5/netcheck-formats.5
644 usr/local/share/man/man7/netcheck-recipes.7
644 usr/local/share/zsh/site-functions/_netcheck
END
}

overridden() {
    make "$1" DESTDIR="$folder/root" PREFIX=/none BINDIR=/b MANDIR=/m BASHCOMPDIR=/c/bash \
        ZSHCOMPDIR=/c/zsh FISHCOMPDIR=/c/fish
}

case_install_overridden() {
    cd "$tree"
    overridden install
    expect_files "$folder/root" <<'END'
755 b/netcheck
644 c/bash/netcheck
644 c/fish/netcheck.fish
644 c/zsh/_netcheck
644 m/man1/netcheck.1
644 m/man5/netcheck-formats.5
644 m/man7/netcheck-recipes.7
END
}

case_uninstall() {
    cd "$tree"
    overridden uninstall
    expect_files "$folder/root" </dev/null
    make uninstall DESTDIR="$folder/a root"
    expect_files "$folder/a root" </dev/null
}

# Files of others, in the same folders and of similar names, survive both.
case_uninstall_leaves_others() {
    cd "$tree"
    for name in b/netcheck2 c/bash/nc c/zsh/netcheck c/fish/_netcheck m/man1/nc.1 m/man7/nc.7; do
        install -D -m 600 /dev/null "$folder/root/$name"
    done
    files "$folder/root" >"$folder/others"
    overridden install
    overridden uninstall
    expect_files "$folder/root" <"$folder/others"
}

# As with "make && sudo make install", which may come with other flags: neither compiler nor git
# runs, and nothing in the tree is written.
case_install_builds_nothing_twice() {
    cd "$tree"
    mkdir "$folder/traps"
    printf '#!/bin/sh\ntouch "%s/trapped"\nexit 1\n' "$folder" >"$folder/traps/cc"
    chmod 755 "$folder/traps/cc"
    cp "$folder/traps/cc" "$folder/traps/git"
    touch "$folder/stamp"
    CFLAGS=-O1 PATH=$folder/traps:$PATH make install DESTDIR="$folder/again"
    [ ! -e "$folder/trapped" ]
    [ -z "$(find . -newer "$folder/stamp")" ]
}

# What was installed first is what the program prints.
case_install_completions() {
    cd "$tree"
    share="$folder/a root/usr/local/share"
    ./netcheck --completion bash | cmp - "$share/bash-completion/completions/netcheck"
    ./netcheck --completion zsh | cmp - "$share/zsh/site-functions/_netcheck"
    ./netcheck --completion fish | cmp - "$share/fish/vendor_completions.d/netcheck.fish"
}

# What a compiler for another machine builds does not run here; flags and libraries are for it alone.
case_install_cross() {
    cp -R "$tree" "$folder/cross"
    cd "$folder/cross"
    make clean
    make CC='cc -Wl,--dynamic-linker=/none' CC_FOR_BUILD=cc CFLAGS='-O0 -DCROSS' LDLIBS=-lm
    make CC='cc -Wl,--dynamic-linker=/none' CC_FOR_BUILD=cc install DESTDIR="$folder/cross/root"
    if ./netcheck --version; then exit 1; fi
    for file in bash-completion/completions/netcheck zsh/site-functions/_netcheck \
        fish/vendor_completions.d/netcheck.fish; do
        cmp "root/usr/local/share/$file" "$folder/a root/usr/local/share/$file"
    done
}

# --- The commit in --version

case_commit() {
    cd "$tree"
    expect_version ./netcheck "$(commit_of .)"
}

case_commit_dirty() {
    cd "$tree"
    echo >>README.md
    make CFLAGS=-O0
    expect_version ./netcheck "$(commit_of .)-dirty"
    if make dist >"$folder/said" 2>&1; then exit 1; fi
    grep 'README.md' "$folder/said"
    grep '^make dist: packs a commit, and these changes are in none yet$' "$folder/said"
    git checkout -q README.md
}

case_commit_rebuilds_one_object() {
    cd "$tree"
    make CFLAGS=-O0
    git commit -q --allow-empty -m another
    make CFLAGS=-O0 >"$folder/said"
    [ "$(grep -c -e ' -c ' "$folder/said")" -eq 1 ]
    expect_version ./netcheck "$(commit_of .)"
    make CFLAGS=-O0 >"$folder/said"
    if grep -e ' -c ' "$folder/said"; then exit 1; fi
}

# git says a lot about a folder that belongs to somebody else.
case_commit_of_somebody_else() {
    cd "$tree"
    GIT_TEST_ASSUME_DIFFERENT_OWNER=1 make CFLAGS=-O0 >"$folder/said" 2>&1
    if grep -e fatal -e safe.directory "$folder/said"; then exit 1; fi
    expect_version ./netcheck ''
}

# --- make dist

case_dist() {
    cd "$tree"
    make dist
    cp "$tarball" "$folder/dist.tar.gz"
    # In the order of their names, folder by folder, which no file system gives by itself.
    tar -tzf "$tarball" | grep -v '/$' >"$folder/found"
    { git ls-files && echo .commit; } | sed "s|^|netcheck-$version/|" | tr / '\001' | sort |
        tr '\001' / >"$folder/expected"
    diff -u "$folder/expected" "$folder/found"
    tar -xzOf "$tarball" "netcheck-$version/.commit" | grep -x "$(commit_of .)"
    [ "$(tar -tvzf "$tarball" --numeric-owner | awk '{ print $2 }' | sort -u)" = 0/0 ]
}

# Another folder, clone, time, umask, time zone, locale, and settings that change what git, tar
# and gzip write; as root, another user, too.
case_dist_same_bytes() {
    git clone -q "$tree" "$folder/clone"
    other=
    if [ "$(id -u)" -eq 0 ]; then
        chown -R 65534:65534 "$folder/clone"
        other='setpriv --reuid 65534 --regid 65534 --clear-groups'
    fi
    mkdir "$folder/elsewhere"
    printf '[tar]\numask = user\n[core]\nautocrlf = true\n' >"$folder/elsewhere/.gitconfig"
    cd "$folder/clone"
    umask 077
    $other env HOME="$folder/elsewhere" TZ=Asia/Kathmandu LC_ALL=C.UTF-8 LANG=tr_TR.UTF-8 \
        TAR_OPTIONS=--exclude=README.md GZIP=--rsyncable GIT_CONFIG_NOSYSTEM=1 make dist
    cmp "$folder/dist.tar.gz" "$tarball"
}

# The files' times in the tarball, in seconds.
mtimes() {
    mkdir "$folder/times"
    tar -xzf "$1" -C "$folder/times"
    find "$folder/times" -mindepth 1 -printf '%Ts\n' | sort -u
    rm -rf "$folder/times"
}

case_dist_time() {
    cd "$tree"
    [ "$(mtimes "$folder/dist.tar.gz")" = 1700000000 ]
    SOURCE_DATE_EPOCH=1234567890 make dist
    [ "$(mtimes "$tarball")" = 1234567890 ]
}

# Unpacked inside the work tree of another commit.
case_dist_builds() {
    cd "$tree"
    packed=$(commit_of .)
    git commit -q --allow-empty -m later
    mkdir build/inside
    cd build/inside
    tar -xzf "$folder/dist.tar.gz"
    cd "netcheck-$version"
    make CFLAGS=-O0
    expect_version ./netcheck "$packed"
    rm .commit
    make CFLAGS=-O0
    expect_version ./netcheck ''
}

case_dist_refused() {
    cd "$tree/build/inside/netcheck-$version"
    if make dist >"$folder/said" 2>&1; then exit 1; fi
    grep '^make dist: needs git, and this folder to be the top of a work tree$' "$folder/said"
    cd "$tree"
    if GIT_TEST_ASSUME_DIFFERENT_OWNER=1 make dist >"$folder/said" 2>&1; then exit 1; fi
    grep '^make dist: needs git' "$folder/said"
    grep safe.directory "$folder/said"
}

# --- make deb

need_deb() {
    need git dpkg-buildpackage dh
    deb=$tree/build/netcheck_${version}_$(dpkg --print-architecture).deb
}

case_deb() {
    need_deb
    cd "$tree"
    make deb
    [ "$(dpkg-deb -f "$deb" Version)" = "$version" ]
    dpkg-deb -x "$deb" "$folder/deb"
    expect_version "$folder/deb/usr/bin/netcheck" "$(commit_of .)"
    expect_files "$folder/deb" <<'END'
755 usr/bin/netcheck
644 usr/share/bash-completion/completions/netcheck
644 usr/share/doc/netcheck/README.md.gz
644 usr/share/doc/netcheck/changelog.gz
644 usr/share/doc/netcheck/copyright
644 usr/share/fish/vendor_completions.d/netcheck.fish
644 usr/share/man/man1/netcheck.1.gz
644 usr/share/man/man5/netcheck-formats.5.gz
644 usr/share/man/man7/netcheck-recipes.7.gz
644 usr/share/zsh/vendor-completions/_netcheck
END
    [ -z "$(dpkg-deb --ctrl-tarfile "$deb" | tar -t | grep -e inst -e rm)" ]
}

# What the distribution's flags are for; readelf's -W: one line a header.
case_deb_hardened() {
    need_deb
    program=$folder/deb/usr/bin/netcheck
    readelf -Wh "$program" | grep 'DYN (Position-Independent Executable file)'
    readelf -Wd "$program" | grep BIND_NOW
    readelf -Wl "$program" | grep GNU_RELRO
    readelf -W --dyn-syms "$program" | grep __stack_chk_fail
    readelf -W --dyn-syms "$program" | grep '__[a-z]*_chk@'
    # sqrt() is the compiler's: to load libm would cost each start a tenth.
    [ -z "$(readelf -Wd "$program" | grep 'libm\.so')" ]
    if readelf -WS "$program" | grep '\.debug_info'; then exit 1; fi
}

case_deb_lintian() {
    need_deb
    need lintian
    [ "$(id -u)" -ne 0 ] || set -- --allow-root
    lintian "$@" --fail-on error "$tree"/build/deb/netcheck_*.changes
}

# --- The static binary

need_static() {
    need musl-gcc
    static=$tree/netcheck-static
}

case_static() {
    need_static
    cd "$tree"
    make static CC=musl-gcc >"$folder/built"
    if readelf -Wl "$static" | grep INTERP; then exit 1; fi
}

# What only saved bytes is not left out: no symbol is there to tell of the stack protector.
case_static_hardened() {
    need_static
    grep 'Assertion failed' "$static"
    readelf -Wl "$static" | grep GNU_RELRO
    grep -e -fstack-protector-strong "$folder/built"
    if grep -e -fno-stack-protector -e NDEBUG "$folder/built"; then exit 1; fi
}

case_static_size() {
    need_static
    size=$(wc -c <"$static")
    [ "$size" -lt 524288 ]
}

# A root with one file, and a network of its own where nobody listens.
alone() {
    unshare -n sh -c 'ip link set lo up && exec "$@"' sh "$@"
}

need_alone() {
    need_static
    need_root
    need unshare ip chroot
    alone true 2>/dev/null || skip "no network namespace"
    root=$folder/alone
}

chroot_netcheck() {
    chroot "$root" /netcheck "$@"
}

case_alone() {
    need_alone
    install -D -m 755 "$static" "$root/netcheck"
    expect_version chroot_netcheck "$(commit_of "$tree")"
    chroot_netcheck --help | grep -e --timeout
    chroot_netcheck --completion fish | cmp - "$tree/build/completion/netcheck.fish"
    status=0
    alone chroot "$root" /netcheck 127.0.0.1:1 >"$folder/said" || status=$?
    [ "$status" -eq 1 ]
    grep '^down   127.0.0.1:1  127.0.0.1  refused in ' "$folder/said"
    status=0
    alone chroot "$root" /netcheck -t 0.2 db:1 >"$folder/said" || status=$?
    [ "$status" -eq 2 ]
    grep '^error  db:1  -  resolve-timeout: there is no /etc/resolv.conf$' "$folder/said"
    expect_files "$root" <<'END'
755 netcheck
END
}

# The server answers on 127.0.0.1; a wrong resolv.conf shows that this file is what is read.
case_alone_name() {
    need_alone
    cd "$tree"
    slow_dns=build/plain/tests/bench/slow_dns
    make CFLAGS=-O0 "$slow_dns"
    mkdir "$root/etc"
    for case in 127.0.0.1=1 127.0.0.9=2; do
        echo "nameserver ${case%=*}" >"$root/etc/resolv.conf"
        status=0
        alone "$slow_dns" 0 chroot "$root" /netcheck -t 1 db.test:1 >"$folder/said" || status=$?
        [ "$status" -ne 77 ] || skip "no mount namespace"
        [ "$status" -eq "${case#*=}" ]
    done
    grep '^error  db.test:1  -  resolve-timeout' "$folder/said"
}

# A copy of what is here, as a repository of its own: whoever owns this folder, and whether it
# is a clone, a tarball, clean or not.
mkdir "$tree"
tar -cf - --exclude=./.git --exclude=./.commit --exclude=./build --exclude=./netcheck \
    --exclude=./netcheck-static . | tar -xf - --no-same-owner -C "$tree"
has_git=true
if command -v git >/dev/null; then
    (cd "$tree" && git init -q 2>/dev/null && git add -A && git commit -q -m copy)
else
    has_git=false
fi

check_git() {
    if $has_git; then check "$@"; else check "$1" skip "no git"; fi
}

check "the copy builds" case_build
check "install: files and modes, default folders" case_install_default
check "install: completions are those that the program prints" case_install_completions
check "install: completions of a build for another machine" case_install_cross
check "install: files and modes, every folder chosen" case_install_overridden
check "uninstall: nothing is left" case_uninstall
check "uninstall: what others put there is left" case_uninstall_leaves_others
check "install: a tree that is built is not written to" case_install_builds_nothing_twice
check_git "version: the commit" case_commit
check_git "version: a dirty tree is said to be, and not packed" case_commit_dirty
check_git "version: another commit costs one object" case_commit_rebuilds_one_object
check_git "version: no commit and no noise in somebody else's tree" case_commit_of_somebody_else
check_git "dist: what is tracked, and the commit" case_dist
check_git "dist: the same bytes elsewhere" case_dist_same_bytes
check_git "dist: the commit's time, or SOURCE_DATE_EPOCH" case_dist_time
check_git "dist: builds, and knows its own commit" case_dist_builds
check_git "dist: refused where git knows no commit" case_dist_refused
check_git "deb: files, modes, version, commit" case_deb
check_git "deb: hardened, stripped" case_deb_hardened
check_git "deb: lintian finds no error" case_deb_lintian
check "static: builds, needs no loader" case_static
check "static: with stack protector, assertions and RELRO" case_static_hardened
check "static: under 512 KiB" case_static_size
check "static: alone in its root" case_alone
check "static: a name, with /etc/resolv.conf alone" case_alone_name

if [ "$failed" -gt 0 ]; then
    echo "install: $failed of $cases failed"
    exit 1
fi
echo "install: all is well, $((cases - skipped)) of $cases tried"
