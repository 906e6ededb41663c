"""Serves pictures below the home's `media` folder. Knows files by name alone: no listing, and nothing but pictures."""
