"""Digests: one mail per subscriber that sums up what is new since their last one."""
