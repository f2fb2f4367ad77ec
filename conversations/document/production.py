"""Whether a consultation may open to the public: somebody real must answer for the data first."""

from __future__ import annotations

from conversations.domain.consultation import Consultation
from conversations.domain.speech import Content


def reasons_not_to_open(consultation: Consultation) -> tuple[str, ...]:
    """Everything that stands in the way, each in a plain sentence; none when it may open."""
    legal = consultation.legal
    reasons = (
        (legal.is_sample, "This is a sample: under “legal” nobody real answers for the data yet."),
        (_blank(legal.controller, consultation), "“legal: controller” is empty: say who answers for the data."),
        (not legal.phone.strip(), "“legal: phone” is empty: give a number that a person answers."),
        (not legal.postal_address.strip(), "“legal: postal_address” is empty: give an address to write to."),
        (_blank(legal.basis, consultation), "“legal: basis” is empty: say what the lawful basis is."),
        (_blank(legal.purpose, consultation), "“legal: purpose” is empty: say what the answers are used for."),
        (legal.keep_until is None, "“legal: keep_until” is empty: say until which day answers are kept."),
    )
    return tuple(sentence for stands, sentence in reasons if stands)


def _blank(text: Content, consultation: Consultation) -> bool:
    """Whether a text is missing in some language people may choose."""
    return any(not text.translations.get(language, "").strip() for language in consultation.languages)
