"""Leaders' activities and the contract: pages of leaders, shops and promoters, the operator's opening, the pool."""
