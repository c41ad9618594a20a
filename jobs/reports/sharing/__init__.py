"""Links by which somebody without an account reads a report."""
