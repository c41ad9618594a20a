"""Alerts: mails of what is in trouble, and of what is in order again; workers watch beat."""
