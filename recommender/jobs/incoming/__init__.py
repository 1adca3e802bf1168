"""Jobs, wing incoming: what came by mail is taken in, acted on, answered and counted."""
