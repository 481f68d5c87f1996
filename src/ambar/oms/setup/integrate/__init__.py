"""The four steps of the public page "Integrating OMS with Seller Center", done over HTTP and nothing else.

`integrate(plan)` knows no Django and no database: it uses the public interfaces of the three systems, so it also works
against systems that are not ours. Every step may be repeated; what is there already is told, not doubled.
"""

from ambar.oms.setup.integrate.plan import CouldNotIntegrate, IntegrationPlan, Step
from ambar.oms.setup.integrate.program import integrate

__all__ = ["CouldNotIntegrate", "IntegrationPlan", "Step", "integrate"]
