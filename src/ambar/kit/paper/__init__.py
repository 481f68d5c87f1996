"""Paper: pages as PDF and PNG with a scannable barcode, in a font that has the Turkish letters."""
