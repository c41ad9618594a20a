"""What becomes of a due timer. Pure: no database, and `now` is an argument."""
