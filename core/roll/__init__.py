"""The electoral roll: read a file, check every line of it, compare it with the present roll, apply the changes."""
