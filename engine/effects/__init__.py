"""What a diagram's service tasks order, carried out over the transaction that is already open."""
