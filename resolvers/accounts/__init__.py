"""Use cases of one's own account: its password and its sessions."""
