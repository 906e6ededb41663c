"""What the doors that speak HTTP share: the name of a request, its log line, its figures."""
