"""What a merchant connects to the desk."""
