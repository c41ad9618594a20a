"""Who asks for something to be done to schedules, and whether they may."""
