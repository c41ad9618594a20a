"""The JSON API of schedules: tokens, addresses, and what they answer."""
