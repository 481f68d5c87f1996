"""A condition in words, English or Turkish."""

from typing import Any

from ambar.kit.conditions.nodes import Group, Leaf

JOIN = {"en": {"all": " and ", "any": " or "}, "tr": {"all": " ve ", "any": " veya "}}
ALWAYS = {"en": "always", "tr": "her zaman"}
NOT = {"en": "not ({})", "tr": "({}) değil"}
YES = {"en": ("yes", "no"), "tr": ("evet", "hayır")}


def sentence(root: Leaf | Group | None, language: str) -> str:
    language = "tr" if language.startswith("tr") else "en"
    return ALWAYS[language] if root is None else _say(root, language, outermost=True)


def _say(node: Leaf | Group, language: str, *, outermost: bool = False) -> str:
    if isinstance(node, Leaf):
        pattern = node.operator.words_tr if language == "tr" else node.operator.words
        return pattern.format(field=node.field.words(language), value=value_in_words(node.value, language))
    if node.kind == "not":
        return NOT[language].format(_say(node.children[0], language, outermost=True))
    said = JOIN[language][node.kind].join(_say(child, language) for child in node.children)
    return said if outermost or len(node.children) == 1 else f"({said})"


def value_in_words(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return YES[language][0 if value else 1]
    if isinstance(value, list):
        return ", ".join(value_in_words(member, language) for member in value)
    return str(value)
