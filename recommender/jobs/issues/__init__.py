"""Jobs, wing issues: what the next newsletter of each subscriber is, and why."""
