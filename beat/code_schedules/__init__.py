"""Schedules that the code owns: entries of `beat_schedule`."""
