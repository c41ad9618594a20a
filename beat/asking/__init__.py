"""The pages that ask before an action is done to schedules: one schedule, or many at once."""
