r"""What keys look like: a table of how each issuer lets its keys begin, and what follows.

Texts are given as bytes, one for each character, what isn't ASCII as `?`: patterns on bytes are simple, and their
positions are those of the text.

A key is found whatever stands around it: quotes, `\n` or `\u0022` written out, `%22`, a colour code, an underscore.
Where a beginning is so short that words end with it (`task-` with `sk-`), no letter or digit may stand before it that
isn't the end of such an escape.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

Span = tuple[int, int]
"""Where a secret begins and ends in a text."""

_ALNUM = r"[A-Za-z0-9]"
_HEX = r"[0-9a-fA-F]"
_BOUNDARY = (
    rf"(?:(?<!{_ALNUM})|(?<=\\[nrtbfv0])|(?<=\\[0-3][0-7]{{2}})|(?<=\\u{_HEX}{{4}})|(?<=\\U{_HEX}{{8}})|(?<=\\x{_HEX}{{2}})"
    rf"|(?<=[%=]{_HEX}{{2}})|(?<=%25{_HEX}{{2}})"
    r"|(?<=[\[;]m)|(?<=[\[;]\dm)|(?<=[\[;]\d\dm)|(?<=[\[;]\d{3}m))"
)
"""No letter or digit stands before, but for those that end an escape or a colour."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of key.

    start       the letters that it begins with
    rest        a pattern for what follows
    anywhere    whether it is a key even in the middle of a word: its beginning is long enough to be nothing else
    before      a pattern for what of it stands before `start`, where that isn't its beginning, but its only fixed part
    reach       the most characters that `before` takes
    """

    start: str
    rest: str
    anywhere: bool = True
    before: str = ""
    reach: int = 0

    @property
    def pattern(self) -> re.Pattern[bytes]:
        boundary = "" if self.anywhere else _BOUNDARY
        return re.compile(f"{boundary}{self.before}{re.escape(self.start)}{self.rest}".encode())


def _all(starts: str, rest: str, anywhere: bool = True) -> list[Shape]:
    return [Shape(start, rest, anywhere) for start in starts.split()]


SHAPES: tuple[Shape, ...] = (
    # Model providers.
    *_all("sk-ant- sk-proj- sk-svcacct- sk-admin- sk-or-v1- sk-lm- sk-litellm-", r"[\w-]{16,}"),
    # OpenAI's older keys, DeepSeek, LiteLLM and many others; the digit, so that no CSS class matches.
    Shape("sk-", r"(?:[a-z]{1,16}-){0,4}(?=[A-Za-z_-]{0,64}\d)[\w-]{16,}", anywhere=False),
    *_all("gsk_ xai- pplx- nvapi- tgp_v1_ lsv2_pt_ lsv2_sk_ tvly- jina_ csk- fw_", r"[\w-]{20,}", anywhere=False),
    *_all("hf_ api_org_ r8_", r"[A-Za-z0-9]{20,}", anywhere=False),
    # Google.
    Shape("AIza", r"[\w-]{30,}"),
    Shape("ya29.", r"[\w-]{20,}", anywhere=False),
    Shape("GOCSPX-", r"[\w-]{20,}"),
    Shape("1//0", r"[\w-]{40,}", anywhere=False),  # a refresh token
    Shape("AQ.Ab8", r"[\w-]{30,}", anywhere=False),
    # GitHub and GitLab.
    *_all("ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z0-9_]{20,}"),
    Shape("github_pat_", r"\w{20,}"),
    *_all("glpat- gldt- glcbt- glptt- glft- glffct- glimt- glrt- glrtr- glsoat- gloas-", r"[\w.-]{16,}"),
    *_all("glagent- GR1348941 _gitlab_session=", r"[\w-]{20,}"),
    Shape("ATBB", r"[A-Za-z0-9]{28,}", anywhere=False),  # Bitbucket
    # Slack.
    Shape("xox", r"[abceoprs](?:\.xox[bp])?-[\w-]{10,}"),
    Shape("xapp-", r"\d-[\w-]{10,}"),
    Shape("hooks.slack.com/", r"(?:services|workflows|triggers)/[\w+/]{20,}"),
    # Clouds.
    *_all("AKIA ASIA ABIA ACCA", r"[0-9A-Z]{16}(?![0-9A-Za-z])", anywhere=False),
    Shape("ABSK", r"[A-Za-z0-9+/]{80,}={0,2}", anywhere=False),
    Shape("bedrock-api-key-", r"[\w+/=-]{20,}"),
    *_all("dop_v1_ doo_v1_ dor_v1_", r"[a-f0-9]{32,}"),
    Shape("LTAI", r"[A-Za-z0-9]{20}", anywhere=False),
    *_all("AccountKey= SharedAccessKey=", r"[A-Za-z0-9+/]{32,}={0,2}"),
    Shape("Q~", r"[\w~.-]{31,34}", before=r"[\w~.]{3}\d", reach=4),  # Azure's client secrets
    *_all("AQVN t1.", r"[\w.=-]{35,}", anywhere=False),
    *_all("HRKU- fo1_ fm1a_ fm1r_ fm2_", r"[\w+/=-]{30,}", anywhere=False),
    *_all("pscale_tkn_ pscale_pw_ pscale_oauth_", r"[\w=.-]{32,}"),
    *_all("sbp_ sb_secret_ nfp_ dapi", r"[A-Za-z0-9_]{30,}", anywhere=False),
    *_all("hvs. hvb. hvr.", r"[\w-]{24,}", anywhere=False),
    Shape("s.", r"(?=[A-Za-z]*\d)[A-Za-z0-9]{24}(?![\w.(])", anywhere=False),
    Shape("v1.0-", r"[a-f0-9]{24}-[a-f0-9]{146}", anywhere=False),
    Shape("A3T", r"[0-9A-Z]{17}(?![0-9A-Za-z])", anywhere=False),
    Shape("4b1d", r"(?=[a-f0-9]*[A-Zg-z])[A-Za-z0-9]{38}(?![0-9A-Za-z])", anywhere=False),
    Shape(".atlasv1.", r"[\w=-]{40,}", before=r"\w{14}", reach=14),
    *_all("dp.pt. dp.st. dp.ct. dp.sa.", r"[\w.-]{40,}", anywhere=False),
    Shape("pul-", r"[a-f0-9]{40}", anywhere=False),
    Shape("sha256~", r"[\w-]{43}"),
    Shape("dt0c01.", r"[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}"),
    # Packages and images.
    Shape("npm_", r"[A-Za-z0-9]{30,}", anywhere=False),
    Shape("pypi-", r"[\w-]{50,}", anywhere=False),
    *_all("rubygems_ dckr_pat_ dckr_oat_ CLOJARS_ cio", r"[\w-]{27,}", anywhere=False),
    Shape("oy2", r"[a-z0-9]{43}(?![A-Za-z0-9])", anywhere=False),
    *_all("AKCp cmVmd", r"[A-Za-z0-9]{10,}", anywhere=False),
    # Payment.
    *_all("sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ whsec_", r"[A-Za-z0-9]{10,}"),
    *_all("sq0atp- sq0csp- sq0idp-", r"[\w-]{22,}"),
    Shape("EAAA", r"[\w-]{40,}", anywhere=False),
    *_all("shpat_ shpca_ shppa_ shpss_", r"[a-fA-F0-9]{32}"),
    *_all("FLWSECK_TEST- FLWSECK- shippo_live_ shippo_test_ duffel_live_ duffel_test_", r"[\w=-]{12,}"),
    *_all("EZAK EZTK", r"[A-Za-z0-9]{54}", anywhere=False),
    # Messages and mail.
    Shape("SG.", r"[\w-]{16,}\.[\w-]{16,}", anywhere=False),
    Shape("xkeysib-", r"[a-f0-9]{64}-\w{16}"),
    Shape("key-", r"[a-f0-9]{32}(?![a-f0-9])", anywhere=False),
    Shape("-us", r"\d{1,2}(?!\d)", before=r"[0-9a-f]{32}", reach=32),  # Mailchimp
    *_all("SK AC", r"[0-9a-fA-F]{32}(?![0-9A-Za-z])", anywhere=False),  # Twilio
    Shape(":A", r"[\w-]{33,}", anywhere=False, before=r"(?:bot)?\d{5,16}", reach=19),  # Telegram
    Shape("discord.com/api/webhooks/", r"\d+/[\w-]{20,}"),
    Shape("webhook.office.com/webhookb2/", r"[\w/@-]{40,}"),
    *_all("EAAM EAAC", r"[A-Za-z0-9]{100,}", anywhere=False),
    # Tools.
    *_all(
        "lin_api_ lin_oauth_ ntn_ figd_ glsa_ sntrys_ sntryu_ sgp_ rdme_ tfp_ pnu_", r"[\w+/=.-]{32,}", anywhere=False
    ),
    *_all("PMAK- NRAK- NRII- ATATT3 ATCTT3 fio-u- p8e- ops_eyJ tk-us- dnkey-", r"[\w+/=-]{24,}", anywhere=False),
    *_all("sm_aat_ sm_pat_ sm_sat_", r"[A-Za-z0-9]{16}"),
    Shape("_mmk", r"(?!\w)", before=r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}", reach=36),
    *_all("pat. sat.", r"[\w-]{22}\.[0-9A-Za-z]{24}\.[0-9A-Za-z]{20}", anywhere=False),
    Shape("pat", r"[0-9A-Za-z]{14}\.[0-9a-f]{64}", anywhere=False),
    Shape("A3-", r"[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}", anywhere=False),
    Shape("ico-", r"[A-Za-z0-9]{32}", anywhere=False),
    *_all("s-s4t2ud- s-s4t2af-", r"[a-f0-9]{64}"),
    Shape("eyJrIjoi", r"[A-Za-z0-9]{70,400}={0,3}"),  # Grafana's older ones
    Shape("glc_", r"[A-Za-z0-9+/]{32,}={0,2}", anywhere=False),
    Shape("API-", r"[A-Z0-9]{26}(?![A-Z0-9])", anywhere=False),
    Shape("AGE-SECRET-KEY-", r"(?:PQ-)?1[A-Z0-9]{40,}"),
    # Whoever issues them.
    Shape("eyJ", r"[\w-]{8,1024}\.eyJ[\w-]{8,}\.(?:[\w-]+)?", anywhere=False),  # a JSON web token
    Shape("eyJ", r"[\w-]{8,1024}\.[\w-]{0,1024}\.[\w-]{16,}\.[\w-]{16,}\.[\w-]+", anywhere=False),  # an encrypted one
)

_DISCORD = re.compile(rf"{_BOUNDARY}[MNO][\w-]{{23,27}}\.[\w-]{{6}}\.[\w-]{{27,38}}(?![\w-])".encode(), re.A)
"""The one kind of key that has nothing fixed in it but two dots."""

_SHORTEST = 16
"""Characters of the shortest run that is looked at: no key is shorter."""

_BLOB = 1024
"""Characters of a run that is no key, but data: in text that looks random, a short beginning occurs by chance."""
_LONG_START = 6
"""Letters of a beginning that doesn't."""

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
"""What data is made of that holds no key: an image. (Text in base64 is decoded: see `traces.redact.wrapped`.)"""

_IN_KEYS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/=:"
_RUNS = bytes(ord("x") if char in _IN_KEYS else ord(" ") for char in range(256))
_RUN = b"x" * _SHORTEST

_STARTS = tuple((shape.start.encode(), shape.pattern, shape.reach) for shape in SHAPES)


def runs(view: bytes) -> Iterator[Span]:
    """Yield the runs of characters that keys are made of.

    A pattern takes ten times as long: this finds the runs with the search for a substring.
    """
    marks = view.translate(_RUNS)
    start = marks.find(_RUN)
    while start >= 0:
        end = marks.find(b" ", start)
        end = len(marks) if end < 0 else end
        yield start, end
        start = marks.find(_RUN, end)


def keys(view: bytes, found: list[Span]) -> Iterator[Span]:
    """Yield where the keys are in the text; `found` are its runs."""
    words = b" ".join([view[start:end] for start, end in found if end - start < _BLOB])
    blobs = [(start, end) for start, end in found if end - start >= _BLOB and view[start:end].translate(None, _BASE64)]
    for start, pattern, reach in _STARTS:
        if start in words:
            places = [(0, len(view))]
        elif len(start) >= _LONG_START:
            places = blobs
        else:
            continue
        for left, right in places:
            at = view.find(start, left, right)
            while at >= 0:
                match = next(filter(None, (pattern.match(view, max(at - by, 0)) for by in range(reach, -1, -1))), None)
                if match:
                    yield match.span()
                at = view.find(start, match.end() if match else at + 1, right)
    for left, right in found:
        if 58 <= right - left < _BLOB and (match := _DISCORD.search(view, left, right)):
            yield match.span()
