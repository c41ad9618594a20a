"""Publish: runs are handed to the broker, and brought back when it has lost them."""
