"""The product is tested in a browser, as its voters use it."""
