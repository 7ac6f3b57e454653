"""Numbers worked out by hand, and the catalogue's table copied by hand.

No expected value below comes from a program that knows the losses: each is the
closed form in the comment above it, typed out.  The logits are chosen so that
every probability is a fraction, and every logarithm one of

    ln 2 = 0.6931471805599453    ln 3 = 1.0986122886681098
    ln 5 = 1.6094379124341003    ln 7 = 1.9459101490553132
"""

from dataclasses import dataclass, field

LN2 = 0.6931471805599453
LN3 = 1.0986122886681098
LN4 = 1.3862943611198906
LN5 = 1.6094379124341003
SIXTH = 0.5235987755982988  # pi/6: 30 degrees
THIRD = 1.0471975511965976  # pi/3: 60 degrees
ROOT3_2 = 0.8660254037844386  # sqrt(3)/2, the sine of 60 degrees


@dataclass(frozen=True)
class Case:
    """One sample under one loss, and what it costs."""

    key: str
    y: int
    expected: float
    z: tuple
    W: tuple
    b: object = None
    C: tuple | None = None
    adversary_logits: tuple | None = None  # an adversary that ignores its input
    params: dict = field(default_factory=dict)


# z = (1, 0) reads the first column of W, so o = (ln 2, 0, 0), p = (1/2, 1/4, 1/4).
# The second column is noise that must not matter.
Z = (1.0, 0.0)
HALF = ((LN2, 5.0), (0.0, 7.0), (0.0, -3.0))
# No weights, bias (0, ln 2, ln 5): p = (1/8, 2/8, 5/8).
FLAT = ((0.0, 1.0), (0.0, 1.0), (0.0, -1.0))
EIGHTHS = (0.0, LN2, LN5)
# o = (ln 3, 0, -ln 3): softplus(ln 3) = ln 4, softplus(0) = ln 2,
# softplus(-ln 3) = ln(4/3).
THREES = ((LN3, 2.0), (0.0, 1.0), (-LN3, 4.0))
# Cosines (1, 0, -1) with z = (2, 0): neither length is 1.
AHEAD = (2.0, 0.0)
AXES = ((5.0, 0.0), (0.0, 3.0), (-0.5, 0.0))
# The true class at 60 degrees, the others at 0 and 90; the lengths are no units.
SIXTY = ((1.0, 2 * ROOT3_2), (3.0, 0.0), (0.0, 0.2))
# The true class straight behind, the others abeam.
BEHIND = ((-2.0, 0.0), (0.0, 1.0), (0.0, -4.0))
# The true class at 120 degrees, the others at 0 and 90.
OBTUSE = ((-1.0, 2 * ROOT3_2), (4.0, 0.0), (0.0, 1.0))
NOWHERE = (0.0, 0.0)
# Costs of confusions, a row for each true class; not the same both ways.
UNEVEN = ((0.0, 2.0, 5.0), (3.0, 0.0, 7.0), (0.5, 0.0, 0.0))
GIVEN = {"important": 0, "cost": 2.0, "entropy": 0.0, "costs": UNEVEN}

CASES = (
    # --- softmax, linear -------------------------------------------------------
    # z = 0: all logits 0, p = 1/3, -log p = ln 3.
    Case("soft-0", 1, 1.0986122886681098, NOWHERE, HALF),
    # -log(1/2) = ln 2.
    Case("soft-0", 0, 0.6931471805599453, Z, HALF),
    # -log(1/4) = 2 ln 2.
    Case("soft-d", 2, 1.3862943611198906, Z, HALF),
    # p = (1, 2, 5)/8: -log(5/8) = ln 8 - ln 5.
    Case("soft-d", 2, 0.4700036292457356, Z, FLAT, EIGHTHS),
    # The bias is added: it turns o = (ln 2, 0, 0) into (0, 0, 0). ln 3.
    Case("soft-d", 0, 1.0986122886681098, Z, HALF, (-LN2, 0.0, 0.0)),
    # One bias for all classes cancels. ln 2.
    Case("soft-u", 0, 0.6931471805599453, Z, HALF, 7.0),
    Case("soft-u", 1, 1.3862943611198906, Z, HALF, -3.5),
    # --- softmax, normalised ---------------------------------------------------
    # gamma = ln 4, cos = (1, 0, -1): e^o = (4, 1, 1/4), sum 21/4.
    # The probabilities are (16, 4, 1)/21.
    Case("soft-n0", 0, 0.27193371548364176, AHEAD, AXES, params={"gamma": LN4}),
    Case("soft-n0", 2, 3.044522437723423, AHEAD, AXES, params={"gamma": LN4}),
    # Bias subtracted, so o - b is (0, 0, -ln 4 - ln 2) and e^ is (1, 1, 1/8), sum 17/8.
    # -log p_0 = ln(17/8); -log p_2 = ln 17.
    Case("soft-nd", 0, 0.7537718023763802, AHEAD, AXES, (LN4, 0.0, LN2), params={"gamma": LN4}),
    Case("soft-nd", 2, 2.833213344056216, AHEAD, AXES, (LN4, 0.0, LN2), params={"gamma": LN4}),
    Case("soft-nu", 1, 1.6582280766035324, AHEAD, AXES, 2.5, params={"gamma": LN4}),
    Case("soft-nu", 0, 0.27193371548364176, AHEAD, AXES, -1.0, params={"gamma": LN4}),
    # --- binary cross-entropy, linear ------------------------------------------
    # z = 0: every term is ln 2, and there are three.
    Case("bce-0", 0, 2.0794415416798357, NOWHERE, THREES),
    # softplus(-ln 3) + softplus(0) + softplus(-ln 3) = ln(4/3) + ln 2 + ln(4/3)
    # = ln(32/9).
    Case("bce-0", 0, 1.2685113254635072, Z, THREES),
    # softplus(ln 3) + softplus(ln 3) + softplus(0) = ln(4 * 4 * 2).
    Case("bce-0", 2, 3.4657359027997265, Z, THREES),
    # Bias (-ln 3, 0, ln 3) is added: o = 0. 3 ln 2.
    Case("bce-d", 1, 2.0794415416798357, Z, THREES, (-LN3, 0.0, LN3)),
    # b = (0, ln 3, 0): o = (ln 3, ln 3, -ln 3); y = 1: softplus(-ln 3)
    # + softplus(ln 3) + softplus(-ln 3) = ln(4/3 * 4 * 4/3) = ln(64/9).
    Case("bce-d", 1, 1.9616585060234524, Z, THREES, (0.0, LN3, 0.0)),
    # b = ln 3: o = (2 ln 3, ln 3, 0); y = 0: softplus(-ln 9) + softplus(ln 3)
    # + softplus(0) = ln(10/9 * 4 * 2) = ln(80/9).
    Case("bce-u", 0, 2.184802057337662, Z, THREES, LN3),
    # b = -ln 3: o = (0, -ln 3, -ln 9); y = 0: ln(2 * 4/3 * 10/9) = ln(80/27).
    Case("bce-u", 0, 1.0861897686695525, Z, THREES, -LN3),
    # --- binary cross-entropy, normalised --------------------------------------
    # gamma = ln 4, o = (ln 4, 0, -ln 4); y = 0: ln(5/4) + ln 2 + ln(5/4) = ln(25/8).
    Case("bce-n0", 0, 1.1394342831883648, AHEAD, AXES, params={"gamma": LN4}),
    # y = 2: softplus(ln 4) + softplus(ln 4) + softplus(0) = ln(5 * 5 * 2).
    Case("bce-n0", 2, 3.912023005428146, AHEAD, AXES, params={"gamma": LN4}),
    # Bias (ln 4, 0, -ln 4) is subtracted: o = 0. 3 ln 2.
    Case("bce-nd", 0, 2.0794415416798357, AHEAD, AXES, (LN4, 0.0, -LN4), params={"gamma": LN4}),
    # b = (0, ln 3, 0): o = (ln 4, -ln 3, -ln 4); y = 1: softplus(ln 3)
    # + softplus(ln 4) + softplus(-ln 4) = ln(4 * 5 * 5/4) = ln 25.
    Case("bce-nd", 1, 3.2188758248682006, AHEAD, AXES, (0.0, LN3, 0.0), params={"gamma": LN4}),
    # b = ln 4: o = (0, -ln 4, -ln 16); y = 0: ln(2 * 5/4 * 17/16) = ln(85/32).
    Case("bce-nu", 0, 0.9769153536905899, AHEAD, AXES, LN4, params={"gamma": LN4}),
    # A zero feature has cosine 0: o = -b = -ln 3 for all; y = 0:
    # softplus(ln 3) + 2 softplus(-ln 3) = ln(4 * 16/9) = ln(64/9).
    Case("bce-nu", 0, 1.9616585060234524, NOWHERE, AXES, LN3, params={"gamma": LN4}),
    # --- thresholds of the own class -------------------------------------------
    # o = (ln 3, 0, -ln 3) against b_1 = ln 3 only; y = 1: softplus(ln 3 - 0)
    # + softplus(ln 3 - ln 3) + softplus(-2 ln 3) = ln(4 * 2 * 10/9) = ln(80/9).
    Case("bce-di", 1, 2.184802057337662, Z, THREES, (50.0, LN3, -50.0)),
    # b_0 = 0: as bce-0, ln(32/9).
    Case("bce-di", 0, 1.2685113254635072, Z, THREES, (0.0, 9.0, 9.0)),
    # --- naive -----------------------------------------------------------------
    # o = (1, 4, 2); y = 0: -1 + (4 + 2)/2 = 2.
    Case("naive", 0, 2.0, Z, ((1.0, 9.0), (4.0, 9.0), (2.0, 9.0))),
    # y = 1: -4 + (1 + 2)/2 = -2.5.
    Case("naive", 1, -2.5, Z, ((1.0, 9.0), (4.0, 9.0), (2.0, 9.0))),
    # --- weighted cross-entropy ------------------------------------------------
    # Important: 4 * ln 2; not important: 1 * ln 4.
    Case("weighted-ce", 0, 2.772588722239781, Z, HALF, params={"important": 0, "weight": 4.0}),
    Case("weighted-ce", 1, 1.3862943611198906, Z, HALF, params={"important": 0, "weight": 4.0}),
    # Two important classes: 3 * ln 4.
    Case("weighted-ce", 2, 4.1588830833596715, Z, HALF, params={"important": (0, 2), "weight": 3.0}),
    # --- real-world-weight cross-entropy ---------------------------------------
    # y = 0 important: 4 ln 2 - 2 log(3/4) - 2 log(3/4) = 4 ln 2 + 4 ln(4/3).
    Case("crwwce", 0, 3.9233170120469048, Z, HALF, params={"important": 0, "fn_cost": 4.0, "fp_cost": 2.0}),
    # y = 1: ln 4 - 2 log(1/2) [taken for the important one] - 1 log(3/4)
    # = 4 ln 2 + ln(4/3).
    Case("crwwce", 1, 3.0602707946915624, Z, HALF, params={"important": 0, "fn_cost": 4.0, "fp_cost": 2.0}),
    # p = (1, 2, 5)/8, important 1 and 2, fn 3, fp 1.5, y = 2:
    # 3 ln(8/5) + 1.5 ln(8/7) + 1.5 ln(8/6).
    Case(
        "crwwce",
        2,
        2.041831085351662,
        Z,
        FLAT,
        EIGHTHS,
        params={"important": (1, 2), "fn_cost": 3.0, "fp_cost": 1.5},
    ),
    # y = 1 true, row 1 of the matrix (3, 0, 7), p = (1/2, 1/4, 1/4), class 1 not important:
    # ln 4 - 3 log(1/2) - 7 log(3/4) = 5 ln 2 + 7 ln(4/3).
    Case(
        "crwwce",
        1,
        5.479510409962193,
        Z,
        HALF,
        params={"important": 0, "fn_cost": 4.0, "fp_cost": 2.0, "costs": UNEVEN},
    ),
    # --- Wasserstein -----------------------------------------------------------
    # lambda = 0, cost 1: the mass that must move, 1 - 1/4.
    Case("wasserstein", 1, 0.75, Z, HALF, params={"important": 0, "cost": 1.0, "entropy": 0.0}),
    # lambda = 0, cost 2, y = 0 important: 2 * (1/4 + 1/4) = 1.
    Case("wasserstein", 0, 1.0, Z, HALF, params={"important": 0, "cost": 2.0, "entropy": 0.0}),
    # y = 1: 2 * 1/2 + 1 * 1/4 = 5/4; H = (ln 2)/2 + 2 (ln 4)/4 + 1 = 1.5 ln 2 + 1;
    # minus 0.1 H: 5/4 - 0.1 - 0.15 ln 2.
    Case("wasserstein", 1, 1.046027922916008, Z, HALF, params={"important": 0, "cost": 2.0, "entropy": 0.1}),
    # lambda = 0, row 1 of the matrix: 3 * 1/2 + 7 * 1/4 = 13/4; row 2: 1/2 * 1/2 + 0 = 1/4.
    Case("wasserstein", 1, 3.25, Z, HALF, params=GIVEN),
    Case("wasserstein", 2, 0.25, Z, HALF, params=GIVEN),
    # --- L2-softmax ------------------------------------------------------------
    # s = ln 4, cos = (1, 0, -1): p = (16, 4, 1)/21.
    Case("l2-softmax", 1, 1.6582280766035324, AHEAD, AXES, params={"scale": LN4}),
    # A zero feature: all cosines 0, ln 3.
    Case("l2-softmax", 2, 1.0986122886681098, NOWHERE, AXES, params={"scale": 64.0}),
    # --- ArcFace ---------------------------------------------------------------
    # theta = 60, m = 30 degrees: cos 90 = 0, others 1 and 0; s = ln 4:
    # e^o = (1, 4, 1), -log p_0 = ln 6.
    Case(
        "arcface",
        0,
        1.791759469228055,
        AHEAD,
        SIXTY,
        params={"scale": LN4, "margin": SIXTH, "monotone": False},
    ),
    # A zero feature: theta = 90, cos 120 = -1/2: e^o = (1/2, 1, 1): ln(5/2) + ln 2.
    Case(
        "arcface",
        0,
        1.6094379124341003,
        NOWHERE,
        SIXTY,
        params={"scale": LN4, "margin": SIXTH, "monotone": False},
    ),
    # theta = 180, m = 60: cos 240 = -1/2, above cos 180: e^o = (1/2, 1, 1): ln 5.
    Case(
        "arcface", 0, 1.6094379124341003, Z, BEHIND, params={"scale": LN4, "margin": THIRD, "monotone": False}
    ),
    # The same, monotone: -1 - (pi/3) sin 60 = -1.9068996821171089, times ln 4
    # is -2.6435242...; ln(e^-2.6435 + 2) + 2.6435.
    Case(
        "arcface", 0, 3.371609075963666, Z, BEHIND, params={"scale": LN4, "margin": THIRD, "monotone": True}
    ),
    # --- CAMRI -----------------------------------------------------------------
    # Important: ArcFace above, ln 6.
    Case(
        "camri",
        0,
        1.791759469228055,
        AHEAD,
        SIXTY,
        params={"scale": LN4, "margin": SIXTH, "important": 0, "monotone": False},
    ),
    # Not important: no margin; cos 60 = 1/2: e^o = (2, 4, 1): ln 7 - ln 2.
    Case(
        "camri",
        0,
        1.252762968495368,
        AHEAD,
        SIXTY,
        params={"scale": LN4, "margin": SIXTH, "important": (1, 2), "monotone": False},
    ),
    # --- CosFace ---------------------------------------------------------------
    # cos = 1/2 - 1/2 = 0: e^o = (1, 4, 1): ln 6.
    Case("cosface", 0, 1.791759469228055, AHEAD, SIXTY, params={"scale": LN4, "margin": 0.5}),
    # cos = 1 - 1/2 for y = 1: e^o = (2, 2, 1): ln 5 - ln 2.
    Case("cosface", 1, 0.9162907318741551, AHEAD, SIXTY, params={"scale": LN4, "margin": 0.5}),
    # --- modified softmax ------------------------------------------------------
    # |z| = ln 4, cos = (1/2, 1, 0): e^o = (2, 4, 1): ln 7 - ln 2.
    Case("modified-softmax", 0, 1.252762968495368, (LN4, 0.0), SIXTY),
    Case("modified-softmax", 2, 1.0986122886681098, NOWHERE, SIXTY),
    # --- SphereFace ------------------------------------------------------------
    # m = 2, theta = 60: k = 0, cos 120 = -1/2: e^o = (1/2, 4, 1): ln(11/2) + ln 2.
    Case("sphereface", 0, 2.3978952727983707, (LN4, 0.0), SIXTY, params={"margin": 2, "monotone": True}),
    # m = 2, theta = 120: k = 1, -cos 240 - 2 = -3/2: e^o = (1/8, 4, 1):
    # ln(41/8) + ln 8.
    Case("sphereface", 0, 3.713572066704308, (LN4, 0.0), OBTUSE, params={"margin": 2, "monotone": True}),
    # As printed in 004: cos 240 = -1/2: ln 11.
    Case("sphereface", 0, 2.3978952727983707, (LN4, 0.0), OBTUSE, params={"margin": 2, "monotone": False}),
    # m = 4, theta = 120: between 90 and 135, k = 2: cos 480 - 4 = -9/2:
    # e^o = (2^-9, 4, 1): ln(2^-9 + 5) + 9 ln 2 = ln 2561.
    Case("sphereface", 0, 7.848153086199526, (LN4, 0.0), OBTUSE, params={"margin": 4, "monotone": True}),
    # --- focal -----------------------------------------------------------------
    # (1/2)^2 ln 2.
    Case("focal", 0, 0.17328679513998632, Z, HALF, params={"gamma": 2.0}),
    # (3/4)^2 ln 4.
    Case("focal", 1, 0.7797905781299385, Z, HALF, params={"gamma": 2.0}),
    # --- complement objective --------------------------------------------------
    # y = 0: the others are 1/2 and 1/2 among themselves, C = ln 2.
    # ln 2 - (ln 2)/2, and unbalanced 0.
    Case("cot", 0, 0.34657359027997264, Z, HALF, params={"balanced": True}),
    Case("cot", 0, 0.0, Z, HALF, params={"balanced": False}),
    # p = (1, 2, 5)/8, y = 1: q = (1/6, 5/6), C = ln 6 - (5/6) ln 5;
    # ln 4 - (ln 6 - (5/6) ln 5)/2.
    Case("cot", 1, 1.1610137566867382, Z, FLAT, EIGHTHS, params={"balanced": True}),
    # --- complement cross-entropy ----------------------------------------------
    # gamma = -1: balanced COT above, (ln 2)/2.
    Case("cce", 0, 0.34657359027997264, Z, HALF, params={"gamma": -1.0}),
    # y = 1: q = (2/3, 1/3), C = ln 3 - (2/3) ln 2; gamma = -6:
    # 2 ln 2 - 3 (ln 3 - (2/3) ln 2) = 4 ln 2 - 3 ln 3.
    Case("cce", 1, -0.5232481437645479, Z, HALF, params={"gamma": -6.0}),
    # --- guided complement entropy ---------------------------------------------
    # y = 0: C = ln 2 = log(K - 1): -(1/2)^(1/5).
    Case("gce", 0, -0.8705505632961241, Z, HALF, params={"alpha": 0.2}),
    # y = 1, alpha = 1/2: -(1/4)^(1/2) (ln 3 - (2/3) ln 2)/ln 2
    # = 1/3 - (ln 3)/(2 ln 2).
    Case("gce", 1, -0.4591479170272448, Z, HALF, params={"alpha": 0.5}),
    # Two classes: one wrong class has no entropy.
    Case("gce", 0, 0.0, Z, HALF[:2], params={"alpha": 0.2}),
    # --- center ----------------------------------------------------------------
    # z = 0, own centre (3, 4): ln 3 + (0.1/2) 25 = ln 3 + 1.25.
    Case(
        "center",
        0,
        2.3486122886681096,
        NOWHERE,
        HALF,
        C=((3.0, 4.0), (0.0, 1.0), (9.0, 9.0)),
        params={"lam": 0.1},
    ),
    # z = (1, 0), own centre (0, 1): ln 4 + (2/2) 2.
    Case(
        "center", 1, 3.386294361119891, Z, HALF, C=((3.0, 4.0), (0.0, 1.0), (9.0, 9.0)), params={"lam": 2.0}
    ),
    # --- prototype conformity --------------------------------------------------
    # z = 0, centres (3, 4), (3, 0), (0, 4), y = 0:
    # 5 - ((3 + 4) + (4 + 3))/2 = -2; ln 3 - 2 * 0.5.
    Case(
        "pc",
        0,
        0.09861228866810968,
        NOWHERE,
        HALF,
        C=((3.0, 4.0), (3.0, 0.0), (0.0, 4.0)),
        params={"lam": 0.5},
    ),
    # y = 1: 3 - ((5 + 4) + (4 + 5))/2 = -6; ln 3 - 6 * 0.25.
    Case(
        "pc",
        1,
        -0.40138771133189033,
        NOWHERE,
        HALF,
        C=((3.0, 4.0), (3.0, 0.0), (0.0, 4.0)),
        params={"lam": 0.25},
    ),
    # --- adversarial -----------------------------------------------------------
    # q = (1, 2, 1, 4, 1, 1)/10: y = 0: q_3 - q_0 = 3/10; ln 2 + 2 * 0.3.
    Case(
        "adversarial",
        0,
        1.2931471805599453,
        Z,
        HALF,
        adversary_logits=(0.0, LN2, 0.0, LN4, 0.0, 0.0),
        params={"lam": 2.0},
    ),
    # y = 1: q_4 - q_1 = -1/10: ln 4 - 0.1.
    Case(
        "adversarial",
        1,
        1.2862943611198907,
        Z,
        HALF,
        adversary_logits=(0.0, LN2, 0.0, LN4, 0.0, 0.0),
        params={"lam": 1.0},
    ),
    # --- hinge -----------------------------------------------------------------
    # o = (1, 4, 2), margin 1, y = 0: (max(0, 4) + max(0, 2))/2 = 3.
    Case("hinge", 0, 3.0, Z, ((1.0, 9.0), (4.0, 9.0), (2.0, 9.0)), params={"margin": 1.0}),
    # y = 1, margin 2.5: (max(0, -0.5) + max(0, 0.5))/2 = 0.25.
    Case("hinge", 1, 0.25, Z, ((1.0, 9.0), (4.0, 9.0), (2.0, 9.0)), params={"margin": 2.5}),
)


@dataclass(frozen=True)
class SoftCase:
    """Soft-label transport between two classes, and what it costs."""

    expected: float
    p: tuple
    t: tuple
    cost: float
    entropy: float


# With p = t = (1/2, 1/2) the best plan is symmetric: a on the diagonal, 1/2 - a
# off it, and a/(1/2 - a) = e^(cost/lambda).
SOFT_CASES = (
    # cost/lambda = ln 3: a = 3/8, off 1/8. lambda = 1:
    # ln 3/4 + 2 [3/8 ln(3/8) + 1/8 ln(1/8)] - 1 = ln 3 - 3 ln 2 - 1.
    SoftCase(-1.9808292530117262, (0.5, 0.5), (0.5, 0.5), LN3, 1.0),
    # cost/lambda = ln 4, lambda = 1: a = 4/10, off 1/10:
    # (2/10) ln 4 + (8/10) ln(4/10) + (2/10) ln(1/10) - 1
    # = 2 ln 2 - ln 10 - 1 = ln 2 - ln 5 - 1.
    SoftCase(-1.916290731874155, (0.5, 0.5), (0.5, 0.5), LN4, 1.0),
)


@dataclass(frozen=True)
class Row:
    """One row of the catalogue's table in losses.md."""

    key: str
    aliases: tuple = ()
    params: dict = field(default_factory=dict)  # name: (default, low, high)
    bias: str = "none"
    centers: bool = False
    adversary: bool = False
    unmoved_by: frozenset = frozenset()  # lengths that do not matter


GAMMA = {"gamma": (96.0, 1.0, 512.0)}
SCALE = {"scale": (16.0, 1.0, 64.0)}
ANGULAR = {"margin": (0.39269908169872414, 0.0, 1.5707963267948966)}  # pi/8, pi/2
MONOTONE = {"monotone": (False, None, None)}
IMPORTANT = {"important": (0, None, None)}
COSTS = {"costs": (None, None, None)}
BOTH = frozenset({"features", "weights"})
WEIGHTS = frozenset({"weights"})

TABLE = (
    Row("soft-0"),
    Row("soft-d", ("cross-entropy", "ce", "softmax"), bias="diverse"),
    Row("soft-u", bias="unified"),
    Row("soft-n0", (), GAMMA, unmoved_by=BOTH),
    Row("soft-nd", (), GAMMA, "diverse", unmoved_by=BOTH),
    Row("soft-nu", (), GAMMA, "unified", unmoved_by=BOTH),
    Row("bce-0"),
    Row("bce-d", bias="diverse"),
    Row("bce-u", bias="unified"),
    Row("bce-n0", (), GAMMA, unmoved_by=BOTH),
    Row("bce-nd", (), GAMMA, "diverse", unmoved_by=BOTH),
    Row("bce-nu", ("uce", "uniface"), GAMMA, "unified", unmoved_by=BOTH),
    Row("bce-di", bias="diverse"),
    Row("naive"),
    Row("weighted-ce", ("wce",), IMPORTANT | {"weight": (4.0, 1.0, 40.0)}, "diverse"),
    Row(
        "crwwce",
        (),
        IMPORTANT | {"fn_cost": (4.0, 1.0, 40.0), "fp_cost": (2.0, 1.0, 4.0)} | COSTS,
        "diverse",
    ),
    Row(
        "wasserstein",
        (),
        IMPORTANT | {"cost": (2.0, 1.0, 4.0), "entropy": (0.1, 0.0, 1.0)} | COSTS,
        "diverse",
    ),
    Row("l2-softmax", ("normface",), SCALE, unmoved_by=BOTH),
    Row("arcface", (), SCALE | ANGULAR | MONOTONE, unmoved_by=BOTH),
    Row("camri", (), SCALE | ANGULAR | IMPORTANT | MONOTONE, unmoved_by=BOTH),
    Row("cosface", ("am-softmax",), SCALE | {"margin": (0.35, 0.0, 1.0)}, unmoved_by=BOTH),
    Row("modified-softmax", unmoved_by=WEIGHTS),
    Row(
        "sphereface",
        ("a-softmax", "angular-softmax"),
        {"margin": (4, 1, 8), "monotone": (True, None, None)},
        unmoved_by=WEIGHTS,
    ),
    Row("focal", (), {"gamma": (2.0, 0.0, 10.0)}, "diverse"),
    Row("cot", ("complement-objective",), {"balanced": (True, None, None)}, "diverse"),
    Row("cce", (), {"gamma": (-1.0, -50.0, 0.0)}, "diverse"),
    Row("gce", (), {"alpha": (0.2, 0.0, 1.0)}, "diverse"),
    Row("center", (), {"lam": (0.1, 0.0, 10.0), "alpha": (0.5, 0.0, 1.0)}, "diverse", centers=True),
    Row("pc", (), {"lam": (0.01, 0.0, 1.0)}, "diverse", centers=True),
    Row("adversarial", (), {"lam": (1.0, 0.0, 10.0)}, "diverse", adversary=True),
    Row("hinge", (), {"margin": (1.0, 0.0, 5.0)}, "diverse"),
)

KEYS = tuple(row.key for row in TABLE)
ROWS = {row.key: row for row in TABLE}
