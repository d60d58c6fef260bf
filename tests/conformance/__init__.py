"""Black-box cases for a site that gives voters their password and voting identifier back; README.md says how to run them."""
