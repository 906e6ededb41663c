"""Pages by which shops find promoters and give to buyers: coupons, targeted plans, requests and the directory."""
