"""Translation of a server's answer into Anthropic's, event by event or whole; and of its errors."""

from traces.dialects.translation.answer.errors import translate_error
from traces.dialects.translation.answer.translator import (
    NOTHING,
    AnswerTranslator,
    assemble,
    encode,
    translate_answer,
    translate_stream,
)

__all__ = [
    "NOTHING",
    "AnswerTranslator",
    "assemble",
    "encode",
    "translate_answer",
    "translate_error",
    "translate_stream",
]
