"""Jobs, wing quality: how well rankings serve, and the parameters that are chosen by that."""
