"""A crontab of a server, read line by line and written as schedules."""
