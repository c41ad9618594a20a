"""What is suspicious about schedules: each lint in a file of its own, all of them in `every`."""
