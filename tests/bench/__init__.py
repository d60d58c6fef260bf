"""`make bench`: measures the product on this machine and compares each figure with its goal."""
