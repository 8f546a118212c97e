"""The loop most people write: a pool of threads, a blocking connect in each.

    threads.py WORKERS TIMEOUT_S ADDRESS COUNT PORT

Asks COUNT consecutive addresses and prints "UP DOWN TIMEOUT".
"""
import errno
import ipaddress
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

workers, timeout_s, first, count, port = (
    int(sys.argv[1]), float(sys.argv[2]), ipaddress.ip_address(sys.argv[3]),
    int(sys.argv[4]), int(sys.argv[5]))


def ask(index):
    with socket.socket() as sock:
        sock.settimeout(timeout_s)
        return sock.connect_ex((str(first + index), port))


with ThreadPoolExecutor(workers) as pool:
    errors = list(pool.map(ask, range(count)))
up = errors.count(0)
timeouts = sum(errors.count(code) for code in (errno.EAGAIN, errno.ETIMEDOUT))
print(up, len(errors) - up - timeouts, timeouts)
