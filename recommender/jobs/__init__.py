"""The use cases that a clock, a command or a request starts, one module each, in wings.

Here the rooms meet: a job reads the store, lets the pure functions of `papers`, `interests`,
`newsletter` and `membership` decide, and stores what they decided. Every job is handed the
`services.Services` that it works with, and can run in any process and twice at once.

Wings know each other in one direction: `incoming`, then `people` and `quality`, then `issues`,
then `outgoing`. What several of them need stands below all wings (`services`, `finding`); what ties
them together stands above (`nightly`, `forgetting`).
"""
