"""What the platform's own people, or the sandbox, do."""
