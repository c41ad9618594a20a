"""The pages on which reports are found and read."""
