"""How the versions of a report reach the people who asked for them."""
