"""Contact without voice: a request to the desk that is typed on the site."""
