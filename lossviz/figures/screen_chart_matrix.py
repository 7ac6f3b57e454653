"""A matrix of numbers on the screen."""

from __future__ import annotations

from lossviz.figures import chart_matrix, palette
from lossviz.figures.chart import Matrix, Panel
from lossviz.figures.chart_grid import Cell
from lossviz.figures.screen_chart_sheet import HOVER, Sheet, plain

_SMALLEST = 10


def matrix(sheet: Sheet, panel: Panel, mark: Matrix, number: str, cell: Cell) -> None:
    """The cells of a matrix with their texts where there is room, and frames around the boxed ones."""
    rows, columns = mark.values.shape
    low, high = chart_matrix.ends(mark)
    texts = chart_matrix.texts(mark)
    size = chart_matrix.text_size(texts, cell.width / max(1, columns), cell.height / max(1, rows), 13)
    colors = chart_matrix.colors(mark.scale, sheet.dark)
    row_title = f"{panel.y.title}: " if panel.y.title else ""
    column_title = f"{panel.x.title}: " if panel.x.title else ""
    trace = {
        "type": "heatmap",
        "x": list(range(columns)),
        "y": list(range(rows)),
        "z": mark.values,
        "zmin": low,
        "zmax": high,
        "colorscale": [[k / (len(colors) - 1), color] for k, color in enumerate(colors)],
        "showscale": False,
        "xgap": 1 if columns <= 40 else 0,
        "ygap": 1 if rows <= 40 else 0,
        "xaxis": "x" + number,
        "yaxis": "y" + number,
        "hovertext": [
            [
                plain(f"{row_title}{mark.row_names[r]}\n{column_title}{mark.column_names[c]}\n{texts[r][c]}")
                for c in range(columns)
            ]
            for r in range(rows)
        ],
        "hovertemplate": HOVER,
    }
    sheet.traces.append(trace)
    if size >= _SMALLEST:
        sheet.traces.append(
            {
                "type": "scatter",
                "mode": "text",
                "x": [c for _ in range(rows) for c in range(columns)],
                "y": [r for r in range(rows) for _ in range(columns)],
                "text": [plain(text) for row in texts for text in row],
                "textfont": {"size": size, "color": chart_matrix.text_colors(mark, sheet.dark)},
                "hoverinfo": "skip",
                "showlegend": False,
                "xaxis": "x" + number,
                "yaxis": "y" + number,
            }
        )
    theme = palette.theme(sheet.dark)
    for r, c in mark.boxed:
        sheet.shapes.append(
            {
                "type": "rect",
                "xref": "x" + number,
                "yref": "y" + number,
                "x0": c - 0.5,
                "x1": c + 0.5,
                "y0": r - 0.5,
                "y1": r + 0.5,
                "line": {"color": theme.text, "width": 2},
            }
        )
