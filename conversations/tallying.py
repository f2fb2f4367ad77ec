"""Tallies in words: rounded counts of a topic, with what they are not."""

from __future__ import annotations

from conversations.domain.consultation import Topic
from conversations.domain.lookups import Tally
from conversations.domain.speech import Text, lines, say


def tally_in_words(topic: Topic, tally: Tally) -> Text:
    """What others said on a topic, or why we cannot show it yet."""
    if tally.people is None:
        return say("Too few people have answered yet. We show figures from ten people on.")
    about = say("About {people} people have answered on “{topic}”.", people=tally.people, topic=topic.title)
    shown = []
    for question in topic.questions():
        counts = {count.pick: count.people for count in tally.counts if count.slot.question == question.id}
        rows = tuple(
            say("{option}: {people}", option=option.label, people=str(counts[option.id]))
            for option in question.options
            if counts.get(option.id)
        )
        if rows:
            shown.append(lines(question.text, *rows))
    return lines(about, *shown, say("These people chose to reply. This is not a poll."))
