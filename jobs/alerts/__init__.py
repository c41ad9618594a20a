"""Alerts: a mail when a schedule is in trouble, and one when it is in order again."""
