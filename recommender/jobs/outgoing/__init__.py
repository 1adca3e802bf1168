"""Jobs, wing outgoing: messages are built, delivered, and looked after in the outbox."""
