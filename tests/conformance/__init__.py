"""Black-box tests for a site that gives voters back their password and voting identifier. See README.md."""
