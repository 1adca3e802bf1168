"""What is fetched from the web: within limits, never from the own network, never too often."""
