"""What lives in worker processes: the task class, the consumer, heartbeats."""
