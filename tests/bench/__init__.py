"""`make bench`: measure the product on this machine and compare each figure with its goal."""
