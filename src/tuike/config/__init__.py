"""Configuration: environment, Django settings, URL map, WSGI. Knows everything, is known by nothing."""
