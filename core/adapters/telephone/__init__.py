"""The demo's telephones and the network they hang on. A real installation has none of it."""
