# netcheck: see "make help".
#
# CC, CC_FOR_BUILD, CFLAGS, CPPFLAGS, LDFLAGS and LDLIBS are yours; what the program needs of its
# own is in NETCHECK_ variables. Each CONFIG has a folder of its own below build/.

# Not from the command line: a tarball would not know of it.
override VERSION = 0.6.0

# git's, if this folder itself is the top of a work tree: a tarball that was unpacked inside
# another project must not take that one's. Else the one that "make dist" put down, else none.
# Not := because "sudo make install" must not run git: it may write to its index.
COMMIT = $(shell unset GIT_DIR GIT_WORK_TREE; \
           if [ -z "$$(git rev-parse --show-prefix 2>&1)" ]; \
           then git describe --always --dirty --abbrev=12 --exclude='*'; \
           else cat .commit; fi 2>/dev/null)

PREFIX      = /usr/local
BINDIR      = $(PREFIX)/bin
MANDIR      = $(PREFIX)/share/man
BASHCOMPDIR = $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR  = $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR = $(PREFIX)/share/fish/vendor_completions.d

# The compiler for what has to run here while netcheck is built: CC, unless that builds for
# another kind of machine than cc does.
CC_FOR_BUILD ?= $(shell cc=$$(cc -dumpmachine 2>&1) && [ "$$cc" != "$$($(CC) -dumpmachine 2>&1)" ] && \
                  echo cc || echo '$(CC)')

CONFIG   ?= plain
# An -O of yours wins over the configuration's.
CFLAGS   ?= -g -fstack-protector-strong
CPPFLAGS ?=
LDFLAGS  ?=
LDLIBS   ?=

BUILD   = build/$(CONFIG)
PROGRAM = $(BUILD)/netcheck

COMPLETIONS = $(addprefix build/completion/,netcheck.bash _netcheck netcheck.fish)

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wstrict-prototypes \
           -Wmissing-prototypes -Wundef -Wvla -Wpointer-arith -Wwrite-strings -Wswitch-enum

# What each configuration adds.
CONFIG_CFLAGS_plain   = -O2 -fPIE
CONFIG_LDFLAGS_plain  = -pie -Wl,-z,relro,-z,now
CONFIG_CFLAGS_asan    = -O1 -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all \
                        -fno-omit-frame-pointer
CONFIG_LDFLAGS_asan   = -fsanitize=address,undefined,float-cast-overflow
CONFIG_CFLAGS_tsan    = -O1 -fsanitize=thread
CONFIG_LDFLAGS_tsan   = -fsanitize=thread
# As small as it gets: -Os, with all the checks of the other configurations. Two flags make it
# start sooner: no PIE, which would cost a third more time where nothing else is to be loaded, and
# no page of its own for code, which saves page faults. Without PIE constants are read-only as
# they are linked, and RELRO is for a libc that has data to protect. Tables to unwind the stack are
# for exceptions and debuggers. musl's FD_SET() changes signs.
CONFIG_CFLAGS_static  = -Os -flto=auto -fno-pie -fno-asynchronous-unwind-tables -Wno-sign-conversion
CONFIG_LDFLAGS_static = -static -no-pie -s -flto=auto -fno-asynchronous-unwind-tables \
                        -Wl,-z,relro,-z,now -Wl,-z,noseparate-code

NETCHECK_CPPFLAGS = -D_POSIX_C_SOURCE=200809L -Iinclude -I$(BUILD)
NETCHECK_CFLAGS   = -std=c11 -pthread -fno-math-errno $(WARNINGS) $(CONFIG_CFLAGS_$(CONFIG))
NETCHECK_LDFLAGS  = -pthread $(CONFIG_LDFLAGS_$(CONFIG))
# Only where the compiler does not do sqrt() itself: to load libm would cost each start a tenth.
NETCHECK_LDLIBS   = -Wl,--push-state,--as-needed -lm -Wl,--pop-state

COMPILE = $(CC) $(NETCHECK_CPPFLAGS) $(CPPFLAGS) $(NETCHECK_CFLAGS) $(CFLAGS)
LINK    = $(CC) $(NETCHECK_LDFLAGS) $(LDFLAGS)

SOURCES  = $(wildcard src/*.c src/*/*.c src/probe/*/*.c)
OBJECTS  = $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY  = $(BUILD)/netcheck.a
HEADERS  = $(wildcard include/netcheck/*/*.h src/*/*.h src/probe/*/*.h tests/*/*.h)
ALL_C    = $(SOURCES) $(wildcard tests/*.c tests/*/*.c tests/unit/*/*.c)

# One program a test_*.c; the other files of its folder are linked to each of them.
TEST_SOURCES  = $(wildcard tests/cli/test_*.c tests/unit/*/test_*.c tests/sim/test_*.c)
TEST_PROGRAMS = $(TEST_SOURCES:%.c=$(BUILD)/%)
TEST_HELPERS  = $(filter-out $(TEST_SOURCES),$(wildcard tests/unit/*.c tests/sim/*.c tests/cli/*.c))
TEST_LDLIBS   = -lcmocka

# They wait for many seconds.
SLOW_TESTS = $(patsubst %,$(BUILD)/tests/cli/test_%,calm network lab_handshake max_time)

# What "make check" runs. ASan needs of each part of the program one test that goes through it, and
# TSan needs threads, which only names have. Both are too slow for test_wait and test_wait_names:
# there an asking counts that begins within 50 ms. What computes longest begins first.
CHECKED_plain = $(filter-out $(SLOW_TESTS),$(TEST_PROGRAMS))
CHECKED_asan  = $(filter %/sim/test_worlds,$(TEST_PROGRAMS)) \
                $(patsubst %,$(BUILD)/tests/cli/test_%,command files gate lab_echo lab_udp limits \
                list nagios names output outputs progress rounds rows scale self_connect signals \
                state tls usage wait_input wait_output) \
                $(filter-out %/sim/test_worlds,\
                    $(filter $(BUILD)/tests/unit/% $(BUILD)/tests/sim/%,$(TEST_PROGRAMS)))
CHECKED_tsan  = $(patsubst %,$(BUILD)/tests/%,cli/test_names cli/test_wait_command \
                unit/os/test_resolve unit/os/test_os_signals)
CHECKED       = $(or $(CHECKED_$(CONFIG)),$(CHECKED_plain))

# A network of its own behind a TUN device, for tests and benches.
LAB         = $(BUILD)/tests/lab/lab
LAB_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/lab/*.c))

# One program a file. connect_once is measured beside the static build: same libc, if it is there.
BENCH_SOURCES  = $(wildcard tests/bench/*.c)
BENCH_PROGRAMS = $(BENCH_SOURCES:%.c=$(BUILD)/%)
STATIC_CC      = $(or $(shell command -v musl-gcc),$(CC))

# What "make dist" makes.
DIST    = netcheck-$(VERSION)
TARBALL = build/$(DIST).tar.gz

.PHONY: all static check check-slow check-ecosystem check-programs bench bench-programs run install \
        uninstall dist deb lint map format clean help FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: netcheck $(PROGRAM)

netcheck: build/plain/netcheck $(COMPLETIONS)
	cp -f $< $@

ifneq ($(CONFIG),plain)
build/plain/netcheck: FORCE
	$(MAKE) CONFIG=plain $@
endif

static:
	$(MAKE) CONFIG=static build/static/netcheck
	cp -f build/static/netcheck netcheck-static

$(PROGRAM): $(OBJECTS)
	$(LINK) $^ $(NETCHECK_LDLIBS) $(LDLIBS) -o $@

# Each test program takes of it what it calls: half the time of linking all objects to all of them.
$(LIBRARY): $(filter-out $(BUILD)/src/main.o,$(OBJECTS))
	@rm -f $@
	$(AR) rcs $@ $^

# Rewritten only when compiler or flags change; then everything of the configuration is rebuilt.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(LINK) $(NETCHECK_LDLIBS) $(LDLIBS) $(VERSION) $(SOURCES)' | cmp -s - $@ || \
	    echo '$(COMPILE) $(LINK) $(NETCHECK_LDLIBS) $(LDLIBS) $(VERSION) $(SOURCES)' > $@

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c $< -o $@

# The scripts of the completions, and the style sheet of the status page, to be built in as the
# bytes of an array.
SCRIPTS = $(patsubst %,$(BUILD)/%.inc,$(wildcard src/completion/*))
STYLES  = $(patsubst %,$(BUILD)/%.inc,$(wildcard src/report/*.css))

$(BUILD)/src/completion/%.inc: src/completion/%
	@mkdir -p $(@D)
	od -An -v -tx1 $< | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g' >$@

# Each page has it: without indentation, and lines that are comments.
$(BUILD)/src/report/%.inc: src/report/%
	@mkdir -p $(@D)
	sed -e 's/^ *//' -e '/^\/\*/d' $< | od -An -v -tx1 | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g' >$@

$(BUILD)/src/cli/completion.o: $(SCRIPTS)
$(BUILD)/src/report/html.o: $(STYLES)

# The completions that are installed are what netcheck prints: the one that was built, or, where
# that is for another machine, one that CC_FOR_BUILD builds of the same sources.
build/completion/printer: build/plain/netcheck
	@mkdir -p $(@D)
	$(if $(subst $(CC),,$(CC_FOR_BUILD)),\
	    $(MAKE) CONFIG=plain BUILD=build/printer CC='$(CC_FOR_BUILD)' CFLAGS=-O0 CPPFLAGS= LDFLAGS= \
	        LDLIBS= build/printer/netcheck && cp -f build/printer/netcheck $@,\
	    cp -f $< $@)

build/completion/netcheck.bash: build/completion/printer
	build/completion/printer --completion bash >$@

build/completion/_netcheck: build/completion/printer
	build/completion/printer --completion zsh >$@

build/completion/netcheck.fish: build/completion/printer
	build/completion/printer --completion fish >$@

# The same for the commit, of which only version.o knows.
$(BUILD)/commit: FORCE
	@mkdir -p $(@D)
	@commit='$(COMMIT)'; echo "$$commit" | cmp -s - $@ || echo "$$commit" > $@

$(BUILD)/src/cli/version.o: $(BUILD)/commit
$(BUILD)/src/cli/version.o: private NETCHECK_CPPFLAGS += -DNETCHECK_VERSION='"$(VERSION)"' \
    -DNETCHECK_COMMIT='"$(COMMIT)"'
$(BUILD)/src/probe/question/http.o: private NETCHECK_CPPFLAGS += -DNETCHECK_VERSION='"$(VERSION)"'

$(TEST_PROGRAMS): %: %.o $(LIBRARY)
	$(LINK) $(filter %.o,$^) $(LIBRARY) $(TEST_LDLIBS) $(NETCHECK_LDLIBS) $(LDLIBS) -o $@

# The helpers of its folder go into each program.
define TEST_HELPERS_RULE
$(filter $(BUILD)/tests/$(1)/%,$(TEST_PROGRAMS)): \
    $(patsubst %.c,$(BUILD)/%.o,$(filter tests/$(1)/%,$(TEST_HELPERS)))
endef
$(foreach folder,unit sim cli,$(eval $(call TEST_HELPERS_RULE,$(folder))))

$(LAB): $(LAB_OBJECTS) $(LIBRARY)
	$(LINK) $^ $(NETCHECK_LDLIBS) $(LDLIBS) -o $@

$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o
	$(LINK) $^ $(LDLIBS) -o $@

$(BUILD)/tests/bench/connect_once: tests/bench/connect_once.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(STATIC_CC) -std=c11 -D_POSIX_C_SOURCE=200809L -Os -static -s $< -o $@

check-programs: $(PROGRAM) $(LAB) $(TEST_PROGRAMS)

# TSan would sleep a second at every end; the tests measure when the program ends.
# A sanitizer's programs compute more than they wait: no more of them than processors.
RUN_TESTS = TSAN_OPTIONS=atexit_sleep_ms=0 NETCHECK=$(PROGRAM) NETCHECK_LAB=$(LAB) \
            $(if $(filter asan tsan,$(CONFIG)),JOBS=$${JOBS:-$$(nproc)}) sh tests/runner.sh

check: $(PROGRAM) $(LAB) $(CHECKED)
	@$(RUN_TESTS) $(CHECKED)

check-slow: $(PROGRAM) $(LAB) $(SLOW_TESTS)
	@$(RUN_TESTS) $(SLOW_TESTS)

check-ecosystem: $(PROGRAM)
	@sh tests/ecosystem/run.sh $(PROGRAM)

bench-programs: $(BENCH_PROGRAMS) $(LAB)

bench: $(PROGRAM) bench-programs
	@[ "$(STATIC_CC)" = "$(CC)" ] || $(MAKE) -s static CC=$(STATIC_CC)
	@BENCH_BUILD=$(BUILD)/tests/bench NETCHECK=$(PROGRAM) NETCHECK_STATIC=netcheck-static \
	    NETCHECK_LAB=$(LAB) bash tests/bench/run.sh

run: netcheck $(BUILD)/tests/demo
	@$(BUILD)/tests/demo ./netcheck $(ARGS)

$(BUILD)/tests/demo: $(BUILD)/tests/demo.o
	$(LINK) $^ $(LDLIBS) -o $@

# What stands here already is installed as it is: root may have other flags than who built it.
install: $(foreach file,netcheck $(COMPLETIONS),$(if $(wildcard $(file)),,$(file)))
	@echo 'installing ./netcheck as it was built: "make" first if sources changed since'
	install -D -m 755 netcheck '$(DESTDIR)$(BINDIR)/netcheck'
	install -D -m 644 src/man/netcheck.1 '$(DESTDIR)$(MANDIR)/man1/netcheck.1'
	install -D -m 644 src/man/netcheck-formats.5 '$(DESTDIR)$(MANDIR)/man5/netcheck-formats.5'
	install -D -m 644 src/man/netcheck-recipes.7 '$(DESTDIR)$(MANDIR)/man7/netcheck-recipes.7'
	install -D -m 644 build/completion/netcheck.bash '$(DESTDIR)$(BASHCOMPDIR)/netcheck'
	install -D -m 644 build/completion/_netcheck '$(DESTDIR)$(ZSHCOMPDIR)/_netcheck'
	install -D -m 644 build/completion/netcheck.fish '$(DESTDIR)$(FISHCOMPDIR)/netcheck.fish'

# Folders stay: who else uses them is not known here.
uninstall:
	rm -f '$(DESTDIR)$(BINDIR)/netcheck' '$(DESTDIR)$(MANDIR)/man1/netcheck.1' \
	    '$(DESTDIR)$(MANDIR)/man5/netcheck-formats.5' \
	    '$(DESTDIR)$(MANDIR)/man7/netcheck-recipes.7' \
	    '$(DESTDIR)$(BASHCOMPDIR)/netcheck' '$(DESTDIR)$(ZSHCOMPDIR)/_netcheck' \
	    '$(DESTDIR)$(FISHCOMPDIR)/netcheck.fish'

# Made of the commit, not of the folder: the same commit gives the same bytes, whatever the time,
# the user, the umask and the user's settings of git, tar and gzip. So a tree with changes is
# refused: the tarball would not have them.
dist deb: export LC_ALL = C
dist deb: export TAR_OPTIONS =
dist deb: export GZIP =
dist:
	@prefix=$$(git rev-parse --show-prefix) && [ -z "$$prefix" ] || \
	    { echo 'make dist: needs git, and this folder to be the top of a work tree' >&2; exit 1; }
	@git update-index -q --refresh; git diff-index --name-status --exit-code HEAD -- >&2 || \
	    { echo 'make dist: packs a commit, and these changes are in none yet' >&2; exit 1; }
	rm -rf build/dist $(TARBALL)
	mkdir -p build/dist
	git -c core.autocrlf=false archive --prefix=$(DIST)/ -o build/dist/git.tar HEAD
	tar -xf build/dist/git.tar -C build/dist
	echo '$(COMMIT)' >build/dist/$(DIST)/.commit
	tar -cf build/dist/$(DIST).tar -C build/dist --format=ustar --sort=name \
	    --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
	    --mtime="@$${SOURCE_DATE_EPOCH:-$$(git rev-list -1 --timestamp HEAD | cut -d' ' -f1)}" $(DIST)
	gzip -9n build/dist/$(DIST).tar
	mv build/dist/$(DIST).tar.gz $(TARBALL)
	rm -rf build/dist

# Built from the tarball and in an environment of its own: none of the flags of this make. The
# changelog's version is VERSION, its date that of the tarball's files.
deb: dist
	rm -rf build/deb build/netcheck_*.deb
	mkdir -p build/deb
	tar -xzf $(TARBALL) -C build/deb
	cd build/deb/$(DIST) && cp -R src/debian debian && rm debian/changelog.in && \
	    sed "s/@VERSION@/$(VERSION)/; s/@DATE@/$$(date -uRr Makefile)/" \
	    src/debian/changelog.in >debian/changelog && \
	    env -i PATH="$$PATH" LC_ALL=C.UTF-8 dpkg-buildpackage -b -us -uc
	cp build/deb/netcheck_*.deb build/

lint: $(SCRIPTS) $(STYLES) $(OBJECTS)
	clang-format --dry-run -Werror $(ALL_C) $(HEADERS)
	CC='$(CC)' sh tests/lint.sh $(ALL_C) -- $(HEADERS)
	cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr --enable=warning,performance,portability \
	    --suppress=missingIncludeSystem -D__linux__ -Iinclude $(SOURCES)
	sh tests/structure.sh $(OBJECTS)
	clang-tidy --version >/dev/null
	printf '%s\n' $(SOURCES) | xargs -n 8 -P "$$(nproc)" sh -c \
	    'clang-tidy --quiet "$$@" -- $(NETCHECK_CPPFLAGS) -std=c11 2>/dev/null' sh

# The sentence that each header begins with, by folder, from the ground up.
map:
	@for folder in base os target probe schedule report cli; do \
	    echo "$$folder"; \
	    awk 'FNR == 1 { on = $$0 == "/*" } FNR == 2 && on { sub(/^ \* /, "    "); print }' \
	        include/netcheck/$$folder/*.h $$(find src/$$folder -name '*.[ch]' | sort); \
	done

format:
	clang-format -i $(ALL_C) $(HEADERS)

clean:
	rm -rf build netcheck netcheck-static

help:
	@echo 'make                          build ./netcheck'
	@echo 'make static CC=musl-gcc       build ./netcheck-static, one file without libraries'
	@echo 'make run                      show the main job on loopback'
	@echo 'make run ARGS="HOST PORT"     run it on targets of your own'
	@echo 'make check                    build and run the tests, several at a time; JOBS=1 one by one'
	@echo 'make check-slow               those that wait for many seconds'
	@echo 'make check-ecosystem          those before the real servers of Debian, which it names; root'
	@echo 'make check CONFIG=asan        what ASan and UBSan can find something in; CONFIG=tsan: TSan'
	@echo 'make bench                    measure it against nc, nmap, fping and others'
	@echo 'make install                  install it below PREFIX, /usr/local; DESTDIR and others too'
	@echo 'make uninstall                remove what was installed'
	@echo 'make dist                     pack the commit: $(TARBALL)'
	@echo 'make deb                      a Debian package of it: ./build/netcheck_*.deb'
	@echo 'make lint                     formatting, function length, structure, static analysis'
	@echo 'make map                      what each module is for, by folder'
	@echo 'make format                   format all code'
	@echo 'make clean                    remove everything that was built'

-include $(BUILD)/tests/demo.d $(LAB_OBJECTS:.o=.d) $(BENCH_SOURCES:%.c=$(BUILD)/%.d) $(OBJECTS:.o=.d) $(TEST_SOURCES:%.c=$(BUILD)/%.d) $(TEST_HELPERS:%.c=$(BUILD)/%.d)
