"""Running commands of the machine, as cron does; off unless COMMANDS_ENABLED is set."""
