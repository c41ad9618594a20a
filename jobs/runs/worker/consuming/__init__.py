"""Celery's consumer, mended: it outlives its broker and every message."""
