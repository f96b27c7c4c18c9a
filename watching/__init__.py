"""What a process counts about itself, and how the counts are shown to those who watch it.

Every other room may count here. The counts are plain numbers, which the process's own thread of
the event loop changes and any thread may read. ``exposition.py`` alone knows Prometheus's format
and is imported only where metrics are served.
"""
