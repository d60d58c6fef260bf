"""The demo's telephones and their mobile network. A real installation has none."""
