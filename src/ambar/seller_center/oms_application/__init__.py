"""The API a seller's OMS works with: `/api/v1/applications/oms/`."""
