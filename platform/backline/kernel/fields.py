"""Columns said once: amounts, rates, hours, currencies, days in force."""

from typing import Any

from django.db import models


def amount(**options: Any) -> "models.DecimalField[Any, Any]":
    """An amount of money: two places."""
    return models.DecimalField(max_digits=14, decimal_places=2, **options)


def rate(**options: Any) -> "models.DecimalField[Any, Any]":
    """A price for one unit: four places."""
    return models.DecimalField(max_digits=14, decimal_places=4, **options)


def quantity(**options: Any) -> "models.DecimalField[Any, Any]":
    """Hours, days or units: two places."""
    return models.DecimalField(max_digits=9, decimal_places=2, **options)


def share(**options: Any) -> "models.DecimalField[Any, Any]":
    """A proportion, 0.15 for fifteen per cent: six places."""
    return models.DecimalField(max_digits=9, decimal_places=6, **options)


def currency(**options: Any) -> "models.CharField[Any, Any]":
    """An ISO 4217 currency."""
    return models.CharField(max_length=3, **options)


def words(length: int = 120, **options: Any) -> "models.CharField[Any, Any]":
    """Short text that may be empty."""
    return models.CharField(max_length=length, blank=True, default="", **options)


def state(choices: type[models.TextChoices], start: str) -> "models.CharField[Any, Any]":
    """Where a document stands; its table of moves lies beside the model."""
    return models.CharField(max_length=20, choices=choices, default=start)
