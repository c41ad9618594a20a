"""The ledger's database in worker processes: connections, outages, threads and forks."""
