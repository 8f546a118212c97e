#!/usr/bin/env python3
"""odd_dns: run a command where names resolve in every odd way there is.

    odd_dns.py COMMAND [ARG]...       COMMAND runs in a network of its own, as root
    odd_dns.py --list                 what is true of each name, a line each: TRUTH NAME WORDS

TRUTH is up where the machine that libc finds for the name (AF_UNSPEC) answers on port 80.
10.9.0.1 and fd09::1 do; 10.9.0.2 and fd09::2 refuse; fd09::9 answers, and is a stranger.
"""
import os
import socket
import struct
import subprocess
import sys
import threading
import time

SERVER = "10.9.0.53"
DEAD = "10.9.0.54"  # a name server that is down: nothing answers there
GOOD, REFUSING = ("10.9.0.1", "fd09::1"), ("10.9.0.2", "fd09::2")
STRANGER = "fd09::9"
A, CNAME, AAAA = 1, 5, 28
OK, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = 0, 2, 3, 4, 5
SILENT = "silent"

# name: (truth, words, A, AAAA); an answer is a list of addresses, a code, SILENT or a function.
NAMES = {
    "both.test": ("up", "A and AAAA", [GOOD[0]], [GOOD[1]]),
    "only4.test": ("up", "A, no AAAA", [GOOD[0]], []),
    "only6.test": ("up", "AAAA, no A", [], [GOOD[1]]),
    "refusing.test": ("down", "both refuse", [REFUSING[0]], [REFUSING[1]]),
    "half.test": ("up", "the first of two addresses refuses", [REFUSING[0], GOOD[0]], []),
    "nx.test": ("down", "no such name", NXDOMAIN, NXDOMAIN),
    "fail.test": ("down", "SERVFAIL", SERVFAIL, SERVFAIL),
    "aaaa-nx.test": ("up", "AAAA: NXDOMAIN", [GOOD[0]], NXDOMAIN),
    "aaaa-fail.test": ("up", "AAAA: SERVFAIL", [GOOD[0]], SERVFAIL),
    "aaaa-refused.test": ("up", "AAAA: REFUSED", [GOOD[0]], REFUSED),
    "aaaa-notimp.test": ("up", "AAAA: NOTIMP", [GOOD[0]], NOTIMP),
    "aaaa-silent.test": ("up", "AAAA: silence", [GOOD[0]], SILENT),
    "a-fail.test": ("up", "A: SERVFAIL", SERVFAIL, [GOOD[1]]),
    "a-silent.test": ("up", "A: silence", SILENT, [GOOD[1]]),
    "silent.test": ("down", "silence", SILENT, SILENT),
    "slow.test": ("up", "the answers take 0.8 s", [GOOD[0]], [GOOD[1]]),
    "lost.test": ("up", "the first packet of each question is lost", [GOOD[0]], [GOOD[1]]),
    "cut.test": ("up", "answers that need TCP", [GOOD[0]], []),
    "chain.test": ("up", "a chain of 7 aliases", [GOOD[0]], []),
    "zero.test": ("down", "0.0.0.0, as of an ad blocker", ["0.0.0.0"], []),
    "pinned.test": ("down", "refuses by /etc/hosts, DNS has a stranger's AAAA", [], [STRANGER]),
    "wild.test": ("down", "refuses, a search domain has a stranger's AAAA", [REFUSING[0]], []),
}
seen = set()


def encode(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def record(name, kind, data):
    return encode(name) + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


def find(name, kind):
    if name == "wild.test.corp.test":
        return [STRANGER] if kind == AAAA else []
    row = NAMES.get(name)
    return NXDOMAIN if row is None else row[2 if kind == A else 3]


def answer(query, client, is_tcp):
    """The bytes of the answer, or None for none."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    name, kind = ".".join(labels).lower(), struct.unpack("!H", query[at + 1:at + 3])[0]
    found = find(name, kind)
    if name == "lost.test" and (name, kind, client) not in seen:
        seen.add((name, kind, client))
        return None
    if name == "slow.test":
        time.sleep(0.8)
    if found == SILENT:
        return None
    code = found if isinstance(found, int) else OK
    flags = 0x8180 | code | (0x0200 if name == "cut.test" and not is_tcp else 0)
    records, owner = [], name
    if name == "chain.test":
        for i in range(7):
            records.append(record(owner, CNAME, encode("alias%d" % i)))
            owner = "alias%d" % i
    for address in found if isinstance(found, list) else []:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        records.append(record(owner, kind, socket.inet_pton(family, address)))
    if flags & 0x0200:
        records = []
    head = query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
    return head + query[12:at + 5] + b"".join(records)


def serve_udp():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((SERVER, 53))

    def handle(query, client):
        reply = answer(query, client, False)
        if reply is not None:
            server.sendto(reply, client)
    while True:
        query, client = server.recvfrom(4096)
        threading.Thread(target=handle, args=(query, client), daemon=True).start()


def serve_tcp():
    server = socket.create_server((SERVER, 53))
    while True:
        client, _ = server.accept()
        size = struct.unpack("!H", client.recv(2, socket.MSG_WAITALL))[0]
        reply = answer(client.recv(size, socket.MSG_WAITALL), None, True)
        client.sendall(struct.pack("!H", len(reply)) + reply)
        client.close()


def listen(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.create_server((address, 80), family=family, backlog=64)
    while True:
        server.accept()[0].close()


def prepare():
    """What a namespace needs, before anything is started in it."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in (SERVER,) + GOOD + REFUSING + (STRANGER,):
        bits, more = ("128", ["nodad"]) if ":" in address else ("32", [])
        subprocess.run(["ip", "address", "add", address + "/" + bits, "dev", "lo"] + more, check=True)
    subprocess.run(["ip", "route", "add", "blackhole", DEAD], check=True)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/mnt"], check=True)
    files = {
        "resolv.conf": "nameserver %s\nsearch corp.test\n" % SERVER,
        "hosts": "127.0.0.1 localhost\n%s pinned.test\n" % REFUSING[0],
        "nsswitch.conf": "hosts: files dns\n",
    }
    for name, text in files.items():
        with open("/mnt/" + name, "w", encoding="ascii") as file:
            file.write(text)
        subprocess.run(["mount", "--bind", "/mnt/" + name, "/etc/" + name], check=True)


def main():
    if sys.argv[1:] == ["--list"]:
        for name, row in NAMES.items():
            print(row[0], name, row[1])
        return 0
    if os.environ.get("ODD_DNS") != "inside":
        os.environ["ODD_DNS"] = "inside"
        os.execvp("unshare", ["unshare", "-nm", sys.executable, os.path.abspath(__file__)] + sys.argv[1:])
    prepare()
    works = [serve_udp, serve_tcp] + [lambda a=a: listen(a) for a in GOOD + (STRANGER,)]
    for work in works:
        threading.Thread(target=work, daemon=True).start()
    time.sleep(0.2)  # the last of them listens by then
    return subprocess.call(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
