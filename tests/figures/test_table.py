from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest

from lossviz.core.errors import LossvizError
from lossviz.figures.table import Column, Table, escaped

RECALL = np.array([0.951, 0.9513, math.nan, 0.2])
ANGLES = np.array([math.pi / 6, 0.1, 0.2, math.nan])


def table() -> Table:
    return Table(
        "Recall & angle",
        (
            Column("class", ["cat", "a_b", "50 %", None]),
            Column("recall", RECALL, "percent", best="high"),
            Column("angle", ANGLES, "angle", best="low"),
            Column("images", [1000, 20000, 3, 4], "count"),
            Column("loss", [1e-9, 1.2345678901234567, -2.0, math.inf], "number", unit="nat"),
        ),
        note="n = 2,000 test images",
    )


def cells(of: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(of.csv(raw=True))))


def body(of: Table) -> list[list[str]]:
    lines = of.latex().splitlines()
    inner = lines[lines.index(r"\midrule") + 1 : lines.index(r"\bottomrule")]
    return [line.strip().removesuffix(r" \\").split(" & ") for line in inner]


def test_csv_gives_back_every_number_to_the_last_bit() -> None:
    rows = cells(table())[1:]
    assert [float(row[1]) for row in rows if row[1]] == RECALL[np.isfinite(RECALL)].tolist()
    assert [float(row[4]) for row in rows] == [1e-9, 1.2345678901234567, -2.0, math.inf]
    assert [int(row[3]) for row in rows] == [1000, 20000, 3, 4]


def test_csv_gives_back_single_precision_in_its_own_shortest_form() -> None:
    of = Table("one", (Column("loss", np.array([0.1, 1 / 3], dtype=np.float32), "number"),))
    written = [row[0] for row in cells(of)[1:]]
    assert written[0] == "0.1"
    assert np.float32(written[1]) == np.float32(1 / 3)


def test_a_raw_csv_says_that_it_holds_fractions_and_radians() -> None:
    assert cells(table())[0] == ["class", "recall (fraction)", "angle (rad)", "images", "loss (nat)"]
    assert table().raw_units == ("fraction", "rad")
    assert Table("T", (Column("n", [1], "count"),)).raw_units == ()


def test_csv_is_in_the_units_that_are_read_on_the_page() -> None:
    of = Table(
        "T", (Column("recall", [0.993, math.nan], "percent"), Column("gap", [math.pi / 6, 0.2], "angle"))
    )
    heads, *rows = csv.reader(io.StringIO(of.csv()))
    assert heads == ["recall (%)", "gap (°)"]
    assert rows[0] == ["99.3", "30"]
    assert rows[1][0] == ""
    assert float(rows[1][1]) == pytest.approx(math.degrees(0.2), abs=1e-8)


def test_csv_leaves_what_is_missing_empty() -> None:
    rows = cells(table())[1:]
    assert rows[2][1] == rows[3][2] == rows[3][0] == ""


def test_csv_keeps_commas_quotes_and_line_breaks_of_names() -> None:
    names = ['say "a", or b', "two\nlines", " blanks "]
    rows = cells(Table("names", (Column("class", names), Column("n", [1, 2, 3], "count"))))[1:]
    assert [row[0] for row in rows] == names


def test_latex_shows_per_cent_and_degrees_with_one_decimal() -> None:
    rows = body(table())
    assert [row[1] for row in rows] == [r"\textbf{95.1}", r"\textbf{95.1}", "--", "20.0"]
    assert [row[2] for row in rows] == ["30.0", r"\textbf{5.7}", "11.5", "--"]


def test_latex_sets_all_that_read_as_the_best_in_bold_and_one_value_alone_never() -> None:
    low = Table("low", (Column("error", [0.3, 0.1, 0.3], "number", best="low"),))
    assert [row[0] for row in body(low)] == ["0.3", r"\textbf{0.1}", "0.3"]
    assert "Best in bold." in low.latex()
    alone = Table("alone", (Column("error", [0.3, math.nan], "number", best="low"),))
    assert "textbf" not in alone.latex()
    assert "bold" not in alone.latex()


def test_latex_has_a_caption_with_the_sample_and_rules_of_booktabs() -> None:
    text = table().latex()
    assert r"\caption{Recall \& angle. n = 2,000 test images. Best in bold.}" in text
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 1, 1]
    assert r"\begin{tabular}{lrrrr}" in text
    assert r"class & recall (\%) & angle ($^\circ$) & images & loss (nat) \\" in text
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == 1


def test_latex_writes_numbers_as_they_are_read() -> None:
    rows = body(table())
    assert [row[3] for row in rows] == ["1,000", "20,000", "3", "4"]
    assert [row[4] for row in rows] == ["10$^{-9}$", "1.235", "$-$2", r"$\infty$"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b & c % of $5 #1 {x}", r"a\_b \& c \% of \$5 \#1 \{x\}"),
        ("\\input{secret}", r"\textbackslash{}input\{secret\}"),
        ("~^<>|", r"\textasciitilde{}\textasciicircum{}\textless{}\textgreater{}\textbar{}"),
        ("γ = −1, 30°, ±2 × 3", r"$\gamma$ = $-$1, 30$^\circ$, $\pm$2 $\times$ 3"),
        ("z₁ and 2×10⁻¹²", r"z$_1$ and 2$\times$10$^{-12}$"),
        (
            "a--b ''c'' `d` \"e\"",
            r"a-{}-b '{}'c'{}' \textasciigrave{}d\textasciigrave{} \symbol{34}e\symbol{34}",
        ),
        ("two\nlines\tand", "two lines and"),
        ("Λ and λ, θ, Ω", r"$\Lambda$ and $\lambda$, $\theta$, $\Omega$"),
    ],
)
def test_latex_reads_special_characters_as_themselves(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_every_escaped_text_has_balanced_braces_and_dollars() -> None:
    everything = "".join(chr(code) for code in range(32, 127)) + "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ°±−⁻⁹₉∞"
    read = escaped(everything).replace(r"\$", "").replace(r"\{", "").replace(r"\}", "")
    assert read.count("{") == read.count("}")
    assert read.count("$") % 2 == 0
    assert read.isascii()


@pytest.mark.parametrize("name", ["[2ex] x", "*star", "[link](x)"])
def test_a_name_at_the_start_of_a_row_is_no_option_of_the_row_before(name: str) -> None:
    text = Table("T", (Column(name, [name, name]), Column("n", [1, 2], "count"))).latex()
    rows = [line.strip() for line in text.splitlines() if line.endswith(r"\\")]
    assert len(rows) == 3
    assert all(row.startswith("{}" + name[0]) for row in rows)


def test_letters_that_pdflatex_has_not_are_told() -> None:
    told = Table("T", (Column("c", ["漢字", "é", "α"]),)).latex()
    (line,) = [line for line in told.splitlines() if "xelatex" in line]
    assert {"漢", "字"} <= {*line}
    assert "é" not in line
    assert "xelatex" not in Table("T", (Column("c", ["é", "α", "−1", "2×10⁻⁵"]),)).latex()


@pytest.mark.parametrize("name", ["=1+1", "+cmd|x", "-lead", "@at", "\t=1", "=", '=HYPERLINK("x")'])
def test_a_spreadsheet_takes_no_name_for_a_formula(name: str) -> None:
    (heads, *rows) = csv.reader(io.StringIO(Table("T", (Column(name, [name]),)).csv()))
    assert heads == rows[0] == ["'" + name]


@pytest.mark.parametrize("name", ["-1", "+2.5e3", "a=1", "1-2", "漢,字", 'q"q', "two\nlines", ""])
def test_any_other_name_stands_in_a_csv_as_it_is(name: str) -> None:
    (_, *rows) = csv.reader(io.StringIO(Table("T", (Column("c", [name]), Column("d", ["x"]))).csv()))
    assert rows == [[name, "x"]]


def test_the_frame_has_numbers_in_the_units_of_its_headings() -> None:
    frame = table().frame()
    assert list(frame.columns) == ["class", "recall (%)", "angle (°)", "images", "loss (nat)"]
    assert frame["recall (%)"].tolist()[:2] == pytest.approx([95.1, 95.13], rel=1e-14)
    assert frame["angle (°)"][0] == pytest.approx(30, rel=1e-14)
    assert math.isnan(frame["recall (%)"][2])
    assert frame["class"][0] == "cat"


def test_on_the_page_numbers_read_as_in_latex() -> None:
    of = table()
    seen = of.styled().to_string(delimiter="|").splitlines()[1:]
    assert [line.split("|")[1:] for line in seen] == [
        list(row) for row in zip(*(c.texts() for c in of.columns), strict=True)
    ]
    assert "font-weight: bold" in of.styled().to_html()


def test_a_negative_number_has_the_minus_sign_of_print_on_the_page() -> None:
    seen = Table("T", (Column("t", np.array([-0.6135, np.nan]), "number", digits=3),)).styled().to_string()
    assert "−0.614" in seen
    assert "-" not in seen


def test_each_number_can_have_the_digits_that_are_known_of_it() -> None:
    column = Column("t", np.array([-0.6135, 71.31]), "number", shown=("−0.61", "71"))
    assert column.texts() == ["−0.61", "71"]
    assert Table("T", (column,)).csv() == "t\n-0.6135\n71.31\n"
    assert "71" in Table("T", (column,)).styled().to_string().split()


def test_digits_change_what_is_shown_and_minus_zero_is_zero() -> None:
    column = Column("gap", np.array([-0.00001, 0.12345, -1234.5]), "number", digits=2)
    assert column.texts() == ["0.00", "0.12", "−1,234.50"]


def test_unequal_columns_and_names_used_twice_are_refused() -> None:
    with pytest.raises(LossvizError, match="equally long; got a 1, b 2"):
        Table("x", (Column("a", [1]), Column("b", [1, 2])))
    with pytest.raises(LossvizError, match="name of its own; got a twice"):
        Table("x", (Column("a", [1]), Column("a", [2])))


def test_a_table_without_rows_is_a_heading() -> None:
    empty = Table("none", (Column("a", []), Column("b", np.array([]), "percent", best="high")))
    assert empty.csv() == "a,b (%)\n"
    assert body(empty) == []
    assert len(empty.frame()) == 0
