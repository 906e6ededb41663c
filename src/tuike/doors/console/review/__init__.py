"""Pages of the rules that judge commission before it is paid: the operator's, and each shop's own."""
