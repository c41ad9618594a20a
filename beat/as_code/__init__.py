"""Schedules as code: files that say which schedules there are, and the way there and back."""
