"""What the list of schedules shows of each, read for a page of them in a few queries."""
