"""Room mail: how a message is handed to a server, by SMTP, LMTP or a program; what it replies."""
