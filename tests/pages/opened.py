"""A page opened by its link, without a browser."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from lossviz.ui.page_files import SCRIPT, page_file


def opened(page: str, *folds: str, bound: str = "", press: bool = True, **query: str) -> AppTest:
    """The page by its name in an address, with these folds open; no exception is on it.

    bound: how the keys of its widgets begin, where that is not its name. press: whether a file that the link
    names is opened.
    """
    at = AppTest.from_file(SCRIPT, default_timeout=180).run()
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
