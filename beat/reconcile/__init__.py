"""Reconcile: timers are brought in line with their schedules."""
