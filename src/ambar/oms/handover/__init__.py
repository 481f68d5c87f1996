"""Whether this OMS and the Seller Center agree, what is done where they don't, and the closing statement of each day."""
