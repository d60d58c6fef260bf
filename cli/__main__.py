"""Lets users run `python -m cli` if the command `retrouve` is not in PATH."""

from cli import main

main()
