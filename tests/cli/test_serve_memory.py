import subprocess
import sys

from core.adapters.password_hashing import MEMORY_KIB

HASHES_IN_MANY_THREADS = """
import threading
from cli.serve import share_memory_pools
from core.adapters.password_hashing import Argon2PasswordHasher

share_memory_pools()
hasher, turn, all_started = Argon2PasswordHasher(time=1), threading.Semaphore(1), threading.Barrier(16)

def hash_in_turn():
    all_started.wait()
    for _ in range(2):
        with turn:
            hasher.hash("Soleil2018")
    all_started.wait()

threads = [threading.Thread(target=hash_in_turn) for _ in range(16)]
before = int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1]) - before)
"""


def test_threads_that_hashed_passwords_do_not_each_keep_the_memory_of_a_hash() -> None:
    run = subprocess.run([sys.executable, "-c", HASHES_IN_MANY_THREADS], capture_output=True, text=True, check=True)

    assert int(run.stdout) < 4 * MEMORY_KIB
