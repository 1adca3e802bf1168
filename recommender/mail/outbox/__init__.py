"""Room mail: takes what waits to the servers, within all limits, and records what came of it."""
