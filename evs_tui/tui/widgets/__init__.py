"""The visual language as widgets: lines, lists, fields and drawers that every screen is made of."""
