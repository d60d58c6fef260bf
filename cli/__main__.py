"""`python -m cli`: how the demo starts its processes, whatever the PATH."""

from cli import main

main()
