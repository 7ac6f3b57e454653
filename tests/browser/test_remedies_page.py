"""Merged classes on the live page: a press beside the message trains again, next to the ill run."""

from __future__ import annotations

from typing import Any

from lossviz.runs import status
from lossviz.runs.worker import Worker
from tests.browser.live_page import Server, Visit, link, quick

SAID = "Classes 1 and 8 have merged: at the end of epoch 2 their weight vectors are 0.2° apart."


def test_a_press_trains_again_with_the_remedy_beside_the_ill_run(desk: Any, server: Server) -> None:
    ill = server.store.create(quick(loss="arcface", weight_init="random"))
    Worker(ill).work()
    status.write(ill.path / "status.json", ill.status.but(verdicts=(SAID,)))
    visit = Visit(desk, server.url).open(link(ill))
    visit.until(lambda: SAID in visit.alerts(), "the message")
    visit.press("Train again with class weights spread on the circle")
    visit.until(lambda: len(visit.shown()) == 2, "the new run in the link")
    assert visit.shown()[0] == ill.id
    assert server.store.get(visit.shown()[1]).config == ill.config.but(weight_init="spread")
    visit.until(lambda: len(visit.titles()) == 2 and "epoch 2/2" in visit.note(1), "its end, beside")
    assert not visit.has("Train again with class weights spread on the circle")
    assert visit.errors == []
