"""The Seller Center: the marketplace where many sellers' offers, orders and packages live.

Takes shop orders from the commerce hub by hook, cuts them per seller, hands each seller's orders to that
seller's OMS and takes the package events back.
"""
