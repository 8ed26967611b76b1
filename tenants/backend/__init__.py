"""The database backend: no statement without a firm (or the shared schema) and a transaction.

Settings name it as ENGINE "tenants.backend". Seats are taken by `tenants.tenancy` and nothing else.
"""
