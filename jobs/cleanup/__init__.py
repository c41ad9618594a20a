"""Cleanup: deletes what is past its retention, in small batches, and says what it did."""
