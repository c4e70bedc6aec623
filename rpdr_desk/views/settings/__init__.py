"""Settings: general, keys, teacher."""
