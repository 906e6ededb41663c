"""What buyers are like, in groups of ten people or more: a shop's own, and all of them for the operator."""
