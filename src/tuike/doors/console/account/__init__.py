"""The way in, and pages that belong to the person: seats, sessions, password, second factor, language."""
