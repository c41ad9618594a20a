"""Claim: due timers become runs."""
