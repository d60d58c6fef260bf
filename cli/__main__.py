"""Lets users run `python -m cli`."""

from cli import main

main()
