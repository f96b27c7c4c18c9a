"""Who is asking, and what that lets them do. May import models and domain."""
