"""`python -m cli` runs the command without using PATH."""

from cli import main

main()
