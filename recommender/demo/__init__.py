"""The whole loop with nothing to set up: sample digests, sample subscribers, a built-in mailbox.

Nothing of it is pretended: the mails travel over SMTP on the loopback interface, the pages are the
daemon's, and the readers follow the links of the mails that arrived.
"""
