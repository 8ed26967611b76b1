"""How a call is received: who, whether, what."""


def test_a_key_reads_its_firms_operations(wire):
    assert wire.get("/v1/operations").done()["data"] == []


def test_a_stranger_is_told_how_to_say_who_is_calling(stranger):
    reply = stranger.get("/v1/operations")
    assert (reply.status, reply.code) == (401, "not_authenticated")
