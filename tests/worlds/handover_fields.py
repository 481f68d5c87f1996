"""What the packages of the golden hand-over messages hold beside state and sequence, the same on both sides.

Number → state, amount, cargo company, invoice, tracking numbers (oldest first), place, and lines `(sku, quantity)`.
"""

FIELDS = {
    "AMB-1P1": (100, "12.50", None, None, (), "Kadıköy", (("SKU-A", "1.00"), ("SKU-B", "2.50"))),
    "AMB-1P2": (500, "80.00", "yurtici", "INV-1", ("T-UNTOLD",), "Kadıköy", (("SKU-A", "1.00"), ("SKU-B", "1.00"))),
    "AMB-1P3": (600, "80.00", "yurtici", "INV-2", ("T-1", "T-2"), "Kadıköy", (("SKU-A", "1.00"), ("SKU-B", "1.00"))),
    "AMB-2P1": (700, "0.00", "yurtici", "INV-3", ("T-3",), "Renamed since", (("SKU-A", "3.00"), ("SKU-B", "1.00"))),
}  # fmt: skip
