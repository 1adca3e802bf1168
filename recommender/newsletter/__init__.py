"""What subscribers are sent: trending, ranking, the issue, and when it is due.

Pure: no database, no clock, no network.
"""
