"""Translation of a server's answer into Anthropic's, event by event or whole; and of its errors."""

from traces.dialects.translation.answer.errors import translate_error
from traces.dialects.translation.answer.translator import AnswerTranslator, assemble, encode, translate_answer

__all__ = ["AnswerTranslator", "assemble", "encode", "translate_answer", "translate_error"]
