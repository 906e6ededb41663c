"""The door of the landing page: where a short link leads to. Shows the product or the shop and records the touch."""
