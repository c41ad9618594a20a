"""Rescue: what died with a worker is started or sent again."""
