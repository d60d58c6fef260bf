"""Every number and date of an election, and the site's URLs."""
