"""Pages of a leader alone; what it shares with other parties lies in `party/`."""
