"""Backfills: occurrences of the past that somebody asked for, made into runs a few at a time."""
