"""Feedback: a public form whose message is kept at once and thanked for by a worker."""
