"""The verbs: lock, recover, scan, plan, run, record. Blocking, no asyncio."""
