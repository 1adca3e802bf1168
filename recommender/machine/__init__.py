"""Machine: what an installation makes of a machine with systemd, and takes away again.

Plans are pure: they are told what is chosen and found, and list steps. `effects` carries steps out,
looks before each whether it is done already, and decides nothing.
"""
