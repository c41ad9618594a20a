"""Days and windows on which schedules are not due."""
