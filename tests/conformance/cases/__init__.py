"""The cases, one file a subject. Their numbers are those of the list that README.md explains."""
