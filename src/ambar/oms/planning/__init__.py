"""The engine that turns an order into packages, its decision record and the live job."""
