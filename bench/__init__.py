"""`make bench`: the figures that the product must hold, measured on the machine it runs on. One subject a file."""
