"""The product as its voters meet it: in a browser."""
