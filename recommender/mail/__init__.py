"""How it travels: messages, and below them transport, outbox, inbox and deliverability.

Deciding what a message looks like and when it is tried again is pure; only the modules that speak
SMTP or LMTP touch the network. May import the store, rendering, tokens and the domain; knows
nothing of the newsletter or of membership, which hand over what is to be sent.
"""
