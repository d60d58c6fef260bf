"""The numbers and dates of an election."""
