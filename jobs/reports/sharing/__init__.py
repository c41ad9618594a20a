"""Links by which anybody reads a version: made, listed and revoked by readers; logged; expiring."""
