"""What somebody may do with an event, in the order in which it is offered."""

from __future__ import annotations

from conversations import following
from conversations.domain.following import event_subject
from conversations.domain.lookups import MyFollows, SeenEvent
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, say


def offered(seen: SeenEvent, scene: Scene) -> tuple[Choice, ...]:
    """What a guest may do, then what only whoever runs it may, then following it."""
    return *_for_guests(seen, scene), *_for_those_who_run_it(seen, scene), *_to_follow(seen, scene)


def _for_guests(seen: SeenEvent, scene: Scene) -> tuple[Choice, ...]:
    if not seen.event.bookable(scene.now):
        return ()
    if seen.mine:
        return (Choice("give_up", say("Give up my seat") if seen.mine == "booked" else say("Stop waiting")),)
    if seen.event.left:
        return (Choice("book", say("Book a seat")),)
    # The first choice stays what it was: whoever types 1 for a seat that was there a moment ago waits for none.
    return Choice("book", say("Look again for a seat")), Choice("wait", say("Wait for a seat"))


def _to_follow(seen: SeenEvent, scene: Scene) -> tuple[Choice, ...]:
    """Whoever booked is told of it as it is, and whoever runs it knows."""
    if scene.find(MyFollows()).of(event_subject(seen.event.id)):
        return (Choice("unfollow", say("Unfollow it")),)
    if seen.mine or seen.runs or not following.can_be_followed(seen.event):
        return ()
    return (Choice("follow", say("Follow it")),)


def _for_those_who_run_it(seen: SeenEvent, scene: Scene) -> tuple[Choice, ...]:
    if seen.decides:
        return Choice("approve", say("Approve it")), Choice("decline", say("Say no to it"))
    again = (Choice("again", say("The same again")),) if seen.runs else ()
    check_in = (Choice("check_in", say("Check people in")),) if seen.runs and seen.event.receives(scene.now) else ()
    if seen.runs and seen.event.begun(scene.now):
        again = Choice("visit", say("Notes for organisers")), *again
    if seen.runs and seen.event.standing(scene.now) == "over" and not seen.event.report.published:
        return Choice("report", say("Write the report")), *check_in, *again
    if not seen.runs or not seen.event.bookable(scene.now):
        return *check_in, *again
    return (
        *check_in,
        Choice("write", say("Write to those who booked")),
        Choice("move", say("Move it")),
        Choice("call_off", say("Call it off")),
        Choice("more", say("Say more about it")),
        *again,
    )
