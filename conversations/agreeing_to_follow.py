"""What somebody agrees to who follows something, by a press or a code, under words that say what it is for."""

from __future__ import annotations

from conversations.domain.effects import ANYWHERE, RecordConsent
from conversations.domain.scene import Scene
from conversations.domain.speech import Text, say

FOLLOW_WORDING = "follow-1"


def takes_part(scene: Scene) -> bool:
    """Whether somebody agreed to take part: then they have told us their age."""
    return scene.me.consents.get("take_part") == "yes"


def agreement(scene: Scene) -> tuple[Text, ...]:
    """What they agree to: how it begins, then the age where it is not known yet, and how it ends."""
    age = say("You need to be 16 or over.")
    asked = () if takes_part(scene) or not scene.consultation.ask_age else (age,)
    return (say("Press one, and we write to you here when something happens."), *asked, say("You can end it any time."))


def consent(choice: str) -> RecordConsent:
    """Their choice for this purpose. It does not say what they follow: that is kept as long as they follow it."""
    return RecordConsent(ANYWHERE, "follow", choice, FOLLOW_WORDING)


def agreed(scene: Scene) -> RecordConsent | None:
    """Their consent, where they have not given it before."""
    return None if scene.me.consents.get("follow") == "yes" else consent("yes")
