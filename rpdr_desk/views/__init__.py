"""The widgets. They act through operations and show what item models hold."""
