"""The delivery engine: claims due lanes, posts signed events, acknowledges in sets."""
