"""The flow page's view: the URL, what is refused, and the sentences of the named flows."""

from __future__ import annotations

from lossviz.pages.flow.view import FlowView, opening, preset_of, presets


def test_a_field_of_a_class_that_is_not_there_is_told_and_none_is_drawn() -> None:
    view, problems = FlowView.from_query({"classes": "3", "field": "4"})
    assert (view.classes, view.field) == (3, 0)
    assert "(field in the link) must be a whole number in [0, 3]" in problems[0]
    assert FlowView.from_query({"classes": "3", "field": "3"})[1] == []


def test_parameters_go_with_the_loss_that_had_them() -> None:
    view = FlowView(loss="camri", params={"margin": 0.3, "important": 4})
    assert view.with_setting("loss", "arcface").params == {"margin": 0.3}
    assert view.with_setting("loss", "soft-d").params == {}
    # class 4 may not be there any more
    assert view.with_setting("classes", 3).params == {"margin": 0.3}


def test_a_default_is_not_kept_and_a_link_stands_for_the_parameter_of_the_loss() -> None:
    view = FlowView(loss="cosface").with_param("cosine-margin", 0.2)
    assert view.loss_params()["margin"] == 0.2
    assert view.with_param("cosine-margin", 0.35).params == {}


def test_another_loss_has_its_own_rates_and_rates_that_suited_still_do() -> None:
    view = FlowView(loss="arcface")
    own = view.suited()
    assert view.with_setting("loss", "soft-d").suited() != own
    assert view.with_setting("loss", "soft-d") == FlowView()
    steeper = view.with_param("scale", 64.0)
    assert steeper.rate == steeper.suited()["rate"] < view.rate
    chosen = view.with_setting("rate", 0.5)
    assert chosen.with_param("scale", 64.0).rate == 0.5
    assert chosen.with_setting("loss", "cosface").rate < 0.1


def test_a_link_holds_rates_only_where_they_are_not_those_that_suit() -> None:
    assert not {"rate", "weight_rate", "decay"} & set(FlowView(loss="arcface").to_query())
    view, problems = FlowView.from_query({"rate": "0.5", "scale": "32", "loss": "arcface"})
    assert problems == []
    assert (view.rate, view.decay) == (0.5, 0)
    assert view.weight_rate == view.suited()["weight_rate"]
    assert view.to_query() == {"loss": "arcface", "scale": "32", "rate": "0.5"}


def test_sliders_that_act_while_dragged_say_where_the_flow_keeps_the_number() -> None:
    from lossviz.pages.flow.ui import controls

    told = {slider["link"]: slider for slider in controls.sliders(FlowView(loss="cosface"))}
    assert set(told) == {
        "params.scale",
        "params.margin",
        "rate",
        "weight_rate",
        "decay",
        "weight_decay",
        "anneal_steps",
    }
    assert told["params.margin"]["key"] == "flow-param-cosine-margin"
    assert (told["params.margin"]["low"], told["params.margin"]["high"]) == (0, 1)
    assert FlowView(loss="cosface").rate in told["rate"]["values"]
    assert (told["anneal_steps"]["low"], told["anneal_steps"]["high"]) == (10, 2000)


def test_a_loss_that_nobody_knows_is_told_as_one_sentence() -> None:
    _, problems = FlowView.from_query({"loss": "nothing like it"})
    assert problems[0].endswith("list all; the default is shown")


def test_a_named_flow_is_the_same_however_it_is_drawn() -> None:
    assert preset_of(opening().with_setting("presentation", True).with_setting("trails", True)) == next(
        iter(presets().values())
    )
    assert preset_of(opening().with_setting("seed", 5)) is None
