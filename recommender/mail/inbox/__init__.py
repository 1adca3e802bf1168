"""Room mail: the ways in, and what a mail that came in asks for or reports."""
