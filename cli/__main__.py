"""`python -m cli`: the command, whatever the PATH."""

from cli import main

main()
