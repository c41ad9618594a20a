"""WHEN things run: the schedules that operators define, and their admin."""
