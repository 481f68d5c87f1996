"""The shared look of the three consoles: shell, tables, states, pictures, forms. Knows no order, package or seller."""
