"""This package makes pytest end shared fixtures when their last test has run."""
