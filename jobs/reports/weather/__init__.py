"""The weather of a week of the year, from daily observations."""
