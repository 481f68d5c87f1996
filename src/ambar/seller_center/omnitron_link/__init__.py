"""The one connection to the commerce hub (Omnitron): address, credentials, hook secret, client."""
