"""A page opened by its link, without a browser, and what is looked for on it."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from lossviz.ui.page_files import SCRIPT, page_file


def opened(page: str, *folds: str, bound: str = "", press: bool = True, **query: str) -> AppTest:
    """The page by its name in an address, with these folds open; no exception is on it.

    bound: how the keys of its widgets begin, where that is not its name. press: whether a file that the link
    names is opened.
    """
    at = AppTest.from_file(SCRIPT, default_timeout=600)
    at.switch_page(page_file(page))
    for name, value in query.items():
        at.query_params[name] = value
    for fold in folds:
        at.session_state[f"{bound or page}.fold {fold}"] = True
    at.run()
    assert not at.exception
    for button in [each for each in at.button if each.label == "Read it"] if press else []:
        button.click().run()
        assert not at.exception
    return at


def link(at: AppTest) -> dict[str, str]:
    """The settings in the address bar."""
    return {k: v[0] if isinstance(v, list) else v for k, v in at.query_params.items()}


def labelled(found: Any, label: str) -> Any:
    """The first of some widgets that is called so."""
    return next(widget for widget in found if widget.label.replace("\\", "") == label)


def words(at: AppTest) -> str:
    """What the page says, without the backslashes of Markdown."""
    kinds = (at.markdown, at.caption, at.info, at.warning, at.error)
    return "\n".join(each.value for kind in kinds for each in kind).replace("\\", "")
