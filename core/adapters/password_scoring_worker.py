"""Score passwords with zxcvbn, one a line of standard input, until it ends. It is run as a file and imports nothing of ours."""

import json
import signal
import sys

from zxcvbn import zxcvbn


def score_lines(cpu_seconds: float) -> None:
    """Answer each line with a score. A password that takes longer ends the process by SIGPROF."""
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        score = zxcvbn(asked["password"], user_inputs=asked["about"])["score"]
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.write(f"{score}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    score_lines(float(sys.argv[1]))
