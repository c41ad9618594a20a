"""What people do to schedules, one file each: pages, bulk actions, commands and the API call it."""
