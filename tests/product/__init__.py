"""A package, so that pytest ends shared fixtures with its last test."""
