"""Lets users run the command `retrouve` as `python -m cli`, even if it is not in PATH."""

from cli import main

main()
