"""The picture on the screen: what is asked and shown, paint order, corner text."""
