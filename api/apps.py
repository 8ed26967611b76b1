"""The app: the frame's own rows; its consumer of the feed is loaded when it is ready."""

from django.apps import AppConfig


class Api(AppConfig):
    """How the product is reached."""

    name = "api"
    label = "api"

    def ready(self) -> None:
        """Let the webhooks read the feed, and old answers and deliveries be forgotten."""
        import api.idempotency
        import api.webhooks.sending  # noqa: F401  # both register what may be forgotten
        from api.webhooks import making
        from backline.kernel import consumers

        consumers.add(making.CONSUMER, None, making.make_deliveries, making.is_needed)
