"""What one beat process does: ticks, outages, its progress and its watchdog."""
