"""`python -m ambar.seller_center`: Django's management commands with this system's settings."""

from ambar.kit import deployment

if __name__ == "__main__":
    deployment.manage("seller_center")
