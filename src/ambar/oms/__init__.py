"""The order management system of one seller: takes orders, plans them into packages, runs the floor, reports."""
