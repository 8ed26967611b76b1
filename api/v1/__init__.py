"""/v1: one file per stage of the weekly cycle; each declares its doors."""
