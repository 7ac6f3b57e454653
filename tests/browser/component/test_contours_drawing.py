"""What the contour component draws, in a real browser."""

import numpy as np
import pytest

from tests.browser.component.frames import BANDS, DARK, boundary_rays, frame_bytes, panel, plane, scene

RGB = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in BANDS])


def ramp(levels=None, *, extent=(-2.0, 2.0, -2.0, 2.0), nx=41, value=lambda x, y: x, **changes):
    """One panel over a simple function, without vectors."""
    x, y = plane(nx, nx, extent)
    grids = value(x, y)[None]
    header, _ = scene(1, nx=nx, ny=nx, weights=[], extent=list(extent), **changes)
    header["panels"] = [panel(0, grids, "ramp")]
    if levels is not None:
        header["panels"][0]["levels"] = list(map(float, levels))
    return header, grids


def pixels(view, i=0) -> np.ndarray:
    """Every pixel of a panel's fill, [height, width, 3]."""
    return view.canvas("base", i)[:, :, :3]


def brightness(colour) -> float:
    return float(np.dot(colour, [0.21, 0.72, 0.07]))


def test_low_is_blue_and_high_is_yellow(component_page):
    header, grids = ramp()
    view = component_page().send(header, grids)
    low, high = view.colour(header, -1.93, 1.0), view.colour(header, 1.93, 1.0)
    assert low[2] > low[0] + 40
    assert high[0] > high[2] + 40


def test_row_zero_of_the_grid_is_the_lowest_z2(component_page):
    header, grids = ramp(value=lambda x, y: y)
    view = component_page().send(header, grids)
    assert brightness(view.colour(header, 0.5, -1.9)) < brightness(view.colour(header, 0.5, 1.9)) - 50


@pytest.mark.parametrize("spacing", ["even", "log"])
def test_fills_are_the_bands_of_the_bilinear_values(component_page, spacing):
    """Against a NumPy interpolation, at every pixel no isoline covers."""
    header, grids = ramp(value=lambda x, y: np.exp(x) + 0.2 * (y + 1) ** 2, nx=30)
    low, high = float(grids.min()), float(grids.max())
    levels = np.linspace(low, high, 17) if spacing == "even" else np.geomspace(low, high, 17)
    header["panels"][0]["levels"] = levels.tolist()
    drawn = pixels(component_page(width=560).send(header, grids))
    height, width = drawn.shape[:2]
    gx = (np.arange(width) + 0.5) / width * 29
    gy = (1 - (np.arange(height) + 0.5) / height) * 29
    i, j = np.minimum(gx.astype(int), 28), np.minimum(gy.astype(int), 28)
    fx, fy = gx - i, (gy - j)[:, None]
    grid = grids[0]
    lower = grid[j][:, i] * (1 - fx) + grid[j][:, i + 1] * fx
    upper = grid[j + 1][:, i] * (1 - fx) + grid[j + 1][:, i + 1] * fx
    value = lower * (1 - fy) + upper * fy
    expected = RGB[np.clip(np.searchsorted(levels, value, side="right") - 1, 0, 15)]
    clear = (drawn[:, :, None, :] == RGB[None, None]).all(-1).any(-1)  # exactly a band's colour
    assert clear.mean() > 0.8
    assert (drawn[clear] == expected[clear]).all(-1).mean() > 0.999


def test_isolines_run_where_the_value_equals_a_level(component_page):
    header, grids = ramp([-2, -1, 0.25, 1, 2])
    header["bands"] = ["#8080c0"] * 4  # one colour: only the lines remain
    drawn = pixels(component_page().send(header, grids)).sum(-1)
    row = drawn[drawn.shape[0] // 3]
    dark = np.flatnonzero(row < 0x80 + 0x80 + 0xC0 - 30)
    at = (dark + 0.5) / row.size * 4 - 2
    for level in (-1, 0.25, 1):
        assert np.abs(at - level).min() < 4 / row.size * 1.01
    assert all(min(abs(a - level) for level in (-1, 0.25, 1)) < 4 / row.size * 1.6 for a in at)


def test_an_isoline_of_a_circle_is_a_circle(component_page):
    header, grids = ramp([0, 1.5, 9], value=lambda x, y: np.hypot(x, y), nx=61)
    header["bands"] = ["#8080c0"] * 2
    drawn = pixels(component_page().send(header, grids)).sum(-1)
    rows, columns = np.nonzero(drawn < 0x80 + 0x80 + 0xC0 - 30)
    x = (columns + 0.5) / drawn.shape[1] * 4 - 2
    y = 2 - (rows + 0.5) / drawn.shape[0] * 4
    assert len(x) > 500
    assert np.abs(np.hypot(x, y) - 1.5).max() < 2 * 4 / drawn.shape[0]


def test_a_decision_boundary_is_drawn_grey(component_page):
    header, grids = ramp(value=lambda x, y: 0 * x)
    header["panels"][0]["boundaries"] = [[1, -2, 1, 2]]
    drawn = pixels(component_page().send(header, grids))
    column = drawn[:, int(drawn.shape[1] * 0.75)]
    plain = drawn[:, int(drawn.shape[1] * 0.4)]
    assert (plain == RGB[0]).all()
    grey = column.max(-1) - column.min(-1)
    assert (column != RGB[0]).any(-1).all()  # casing all along
    assert ((grey < 25) & (column.max(-1) < 130)).any()  # dashes
    assert (column.min(-1) > 130).any() or (np.ptp(column.sum(-1)) > 60)  # gaps between dashes


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_hatched_grey(component_page, hole):
    header, grids = ramp()
    grids = grids.copy()
    grids[0, 5:15, 5:15] = hole
    view = component_page().send(header, grids)
    drawn = pixels(view)
    height, width = drawn.shape[:2]
    patch = drawn[int(height * 0.68) : int(height * 0.85), int(width * 0.15) : int(width * 0.32)]
    assert np.ptp(patch, axis=-1).max() < 12
    assert len(np.unique(patch.reshape(-1, 3), axis=0)) == 2
    assert "no finite value" in view.page.locator(".lv-legend").inner_text()


@pytest.mark.parametrize("levels", [None, [1.0] * 17, [0.0, 0.0, 1.0, 1.0], [0.0, 1.0]])
def test_a_grid_without_values_and_degenerate_levels_do_not_throw(component_page, levels):
    header, grids = ramp(levels, value=lambda x, y: x * np.nan if levels is None else 1 + 0 * x)
    header["centers"] = [[0.5, 0.5]]
    header["panels"][0]["ticks"] = [{"value": 1.0, "text": "1"}]
    component_page().send(header, grids)


@pytest.mark.parametrize("data", [frame_bytes(*scene(2))[:-100], b"\x09\0\0\0not json!"])
def test_bytes_that_are_no_frame_keep_the_previous_picture(component_page, data):
    view = component_page().send(*scene(2)).send_bytes(data, None)
    assert "could not be read" in view.page.locator(".lv-message").inner_text()
    assert view.page.locator(".lv-panel").count() == 2
    view.errors.clear()


def test_missing_data_draws_nothing_and_does_not_throw(component_page):
    view = component_page()
    view.call(None)
    assert view.page.locator(".lv-panel").count() == 0


def test_a_hidden_component_draws_once_it_is_shown(component_page):
    header, grids = scene(1)
    view = component_page()
    view.page.evaluate("document.getElementById('contours').style.display = 'none'")
    view.send(header, grids, wait=False)
    view.settle()
    assert view.js("return root.querySelector('.lv-contours').dataset.frame ?? null") is None
    view.page.evaluate("document.getElementById('contours').style.display = ''")
    view.wait_frame(1)


def test_a_new_frame_keeps_every_element(component_page):
    header, grids = scene(4, bar="panel")
    view = component_page().send(header, grids)
    view.js("window.before = [...root.querySelectorAll('*')]")
    header.update(frame=2)
    header["panels"][0]["note"] = "s = 1.1"
    view.send(header, grids * 1.1)
    assert view.js(
        """const now = [...root.querySelectorAll('*')];
           return now.length === before.length && now.every((e, i) => e === before[i]);"""
    )


def test_a_changed_number_of_panels_keeps_those_that_stay(component_page):
    header, grids = scene(2)
    view = component_page().send(header, grids)
    view.js("window.first = root.querySelector('canvas')")
    view.send(*scene(3, frame=2))
    assert view.page.locator(".lv-panel").count() == 3
    assert view.js("return root.querySelector('canvas') === first")
    view.send(*scene(1, frame=3))
    assert view.page.locator(".lv-panel").count() == 1


def test_only_the_latest_clean_up_removes_the_picture(component_page):
    """Streamlit runs the clean-up of an overtaken call after the next one has drawn."""
    view = component_page().send(*scene(1)).send(*scene(1, frame=2))
    view.page.evaluate("window.cleanups('contours')[0]()")
    assert view.page.locator(".lv-panel").count() == 1
    view.page.evaluate("window.cleanups('contours')[1]()")
    assert view.page.locator(".lv-panel").count() == 0
    view.send(*scene(1, frame=3))
    assert view.page.locator(".lv-panel").count() == 1


def overlay_colour(view, header, x, y, i=0):
    """Colour the vector drawings leave at a point of the plane (red, green, blue, opacity)."""
    return view.pixel(*view.at(header, x, y, i), "over", i)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_own_weight_is_red_and_others_contrast_with_the_theme(component_page, theme):
    header, grids = scene(1, weights=[[0, 1.5], [1.5, 0], [-1.5, -1.0]])
    view = component_page(variables=DARK if theme == "dark" else None).send(header, grids)
    own = overlay_colour(view, header, 0, 0.75)
    other = overlay_colour(view, header, 0.75, 0)
    assert own[0] > 180
    assert own[1] < 110
    assert own[2] < 110
    assert (min(other[:3]) > 220) if theme == "dark" else (max(other[:3]) < 60)


def test_a_theme_change_is_followed_at_the_next_call(component_page):
    header, grids = scene(1, weights=[[0, 1.5], [1.5, 0]])
    view = component_page().send(header, grids)
    view.page.evaluate("v => window.restyle(v)", DARK)
    view.send(header, grids)
    assert min(overlay_colour(view, header, 0.75, 0)[:3]) > 220


def test_the_path_of_a_descent_is_white(component_page):
    header, grids = scene(1, weights=[])
    header["panels"][0]["path"] = [-1.5, -1, 1.5, -1]
    view = component_page().send(header, grids)
    assert min(overlay_colour(view, header, 0, -1)[:3]) > 240
    assert "gradient descent" in view.page.locator(".lv-legend").inner_text()


def test_the_legend_names_only_what_is_shown(component_page):
    header, grids = scene(1)
    view = component_page().send(header, grids)
    text = view.page.locator(".lv-legend").inner_text()
    assert "weight of the true class, W₁" in text
    assert "other weights" in text
    assert "boundary" not in text
    assert "centre" not in text
    assert "descent" not in text
    header.update(frame=2, centers=[[0, 1], [1, 0], [-1, 0]])
    header["panels"][0]["boundaries"] = boundary_rays(header["weights"], 3)
    view.send(header, grids)
    text = view.page.locator(".lv-legend").inner_text()
    assert "class centres" in text
    assert "decision boundary" in text


def test_ticks_of_an_uneven_bar_stand_at_their_band_edges(component_page):
    header, grids = ramp([0.01, 0.1, 1, 10, 100])
    header["panels"][0]["ticks"] = [{"value": v, "text": str(v)} for v in (0.01, 1, 10, 55, 1000)]
    header["bands"] = BANDS[:4]
    view = component_page().send(header, grids)
    places = view.js(
        """const fill = root.querySelector('.lv-shared-bar .lv-bar-fill').getBoundingClientRect();
           return [...root.querySelectorAll('.lv-shared-bar .lv-bar-tick')].map((t) => {
             const b = t.getBoundingClientRect();
             return [t.textContent, (fill.bottom - (b.top + b.bottom) / 2) / fill.height]; });"""
    )
    expected = {"0.01": 0, "1": 0.5, "10": 0.75, "55": 0.875}  # 1000 lies beyond the bar
    assert {text for text, _ in places} == set(expected)
    for text, place in places:
        assert place == pytest.approx(expected[text], abs=0.01)


def test_bars_can_be_shared_or_per_panel(component_page):
    header, grids = scene(3)
    view = component_page().send(header, grids)
    for frame, (bar, shared, own) in enumerate([("shared", 1, 0), ("panel", 0, 3)], start=2):
        view.send({**header, "bar": bar, "frame": frame}, grids)
        assert view.page.locator(".lv-shared-bar:visible").count() == shared
        assert view.page.locator(".lv-panel-bar:visible").count() == own


def test_texts_from_the_frame_are_never_markup(component_page):
    header, grids = scene(1, class_names=["<b>a</b>", "b", "c"])
    header["panels"][0].update(title="<b>bold</b>", note="<i>x</i>", text="<u>u</u>")
    header["panels"][0]["ticks"] = [{"value": header["panels"][0]["levels"][3], "text": "<s>1</s>"}]
    view = component_page().send(header, grids)
    assert view.page.locator(".lv-contours :is(img, b, i, u, s)").count() == 0
    assert view.page.locator(".lv-title").inner_text() == "<b>bold</b>"


def test_labels_do_not_cover_each_other(component_page):
    """Centres right behind the arrows, where both names would stand in one place."""
    weights = [[0, 1], [-0.95, -0.3], [0.95, -0.3]]
    header, grids = scene(1, weights=weights, centers=[[1.3 * x, 1.3 * y] for x, y in weights])
    view = component_page(width=560)
    labels = [entry for entry in view.texts(lambda: view.send(header, grids)) if entry[0][0] in "WC"]
    assert sorted(text for text, *_ in labels) == ["C₁", "C₂", "C₃", "W₁", "W₂", "W₃"]
    for i, (a, ax, ay, aw) in enumerate(labels):
        for b, bx, by, bw in labels[:i]:
            assert abs(ax - bx) >= (aw + bw) / 2 or abs(ay - by) >= 13, (a, b)
