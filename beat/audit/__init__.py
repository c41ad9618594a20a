"""What was done to schedules, by whom, when, from where and why: written down and shown."""
