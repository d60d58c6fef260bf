"""Makes `python -m cli` run the command `retrouve` without searching for it in PATH."""

from cli import main

main()
