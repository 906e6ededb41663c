"""The door of those who run the product: is it alive, is it ready, what does it count. Knows no module's rows."""
