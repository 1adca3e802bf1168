"""Jobs, wing people: what subscribers and the operator change about a subscription."""
