"""The page of a soak: what was asked of the server over the time, and the verdict. One file that
loads nothing."""

import html
import json

CHART_JS = "/usr/share/javascript/chart.js/chart.min.js"

STYLE = """
:root { color-scheme: light dark;
        --text: #1c2733; --back: #ffffff; --good: #1a7f37; --bad: #b42318 }
@media (prefers-color-scheme: dark) {
  :root { --text: #d7dee6; --back: #12181f; --good: #4cc26b; --bad: #ff7b6e }
}
body { margin: 0 auto; max-width: 70rem; padding: 1rem; font: 16px/1.5 system-ui, sans-serif;
       color: var(--text); background: var(--back) }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-bottom: 0 }
.chart { position: relative; height: 16rem }
table { border-collapse: collapse; width: 100% }
td { padding: .2rem .6rem .2rem 0; vertical-align: top; white-space: nowrap }
td:last-child { white-space: normal; overflow-wrap: anywhere }
.good { color: var(--good) } .bad { color: var(--bad); font-weight: bold }
"""

# Each chart: what it is called, the unit of its axis, its lines as (label, member of Sample,
# factor), and whether the axis is logarithmic.
CHARTS = [
    ("Memory", "MiB", [("resident", "memory_bytes", 2 ** -20)], False),
    ("Descriptors", "", [("descriptors", "descriptors", 1), ("connections", "connections", 1)],
     False),
    ("Loop lag: how long turns of the shard take", "ms",
     [("p50, at most", "turn_p50_s", 1e3), ("p99, at most", "turn_p99_s", 1e3)], True),
    ("Load", "", [("calls/s", "calls_per_s", 1)], False),
]

SCRIPT = """
const style = getComputedStyle(document.documentElement);
Chart.defaults.color = style.getPropertyValue('--text').trim();
Chart.defaults.borderColor = 'rgba(128, 128, 128, 0.25)';
const colours = ['#2f7ed8', '#d9822b'];
const clock = (s) => new Date(s * 1000).toISOString().slice(s < 3600 ? 14 : 11, 19);
const charts = JSON.parse(document.getElementById('charts').textContent);
charts.forEach(({unit, isLogarithmic, lines}, index) => {
  new Chart(document.getElementById('chart' + index), {
    type: 'line',
    data: {datasets: lines.map(({label, points}, i) => ({
      label, data: points.map(([x, y]) => ({x, y})), borderColor: colours[i],
      backgroundColor: colours[i], borderWidth: 1.5, pointRadius: 0, spanGaps: false}))},
    options: {
      animation: false, maintainAspectRatio: false, parsing: false,
      interaction: {mode: 'index', intersect: false},
      plugins: {tooltip: {callbacks: {title: (items) => clock(items[0].parsed.x)}}},
      scales: {
        x: {type: 'linear', ticks: {callback: clock, maxRotation: 0}},
        y: {type: isLogarithmic ? 'logarithmic' : 'linear', beginAtZero: true,
            title: {display: unit !== '', text: unit}}}}});
});
"""


def lines_of(samples, lines):
    return [{"label": label, "points": [
        [round(sample.seconds, 1), None if (value := getattr(sample, member)) is None
         else round(value * factor, 6)] for sample in samples]}
            for label, member, factor in lines]


def in_script(text):
    """Of text that is to stand in a <script> element."""
    return text.replace("</script", "<\\/script")


def made(samples, checks, subtitle, chart_js):
    """The page. `checks`: (what, whether it is so, how it was); `chart_js`: Chart.js itself."""
    rows = "\n".join(
        f'<tr><td class="{"good" if is_so else "bad"}">{"ok" if is_so else "FAILED"}</td>'
        f"<td>{html.escape(what)}</td><td>{html.escape(str(how))}</td></tr>"
        for what, is_so, how in checks)
    canvases = "\n".join(f'<h2>{html.escape(title)}</h2><div class="chart">'
                         f'<canvas id="chart{index}"></canvas></div>'
                         for index, (title, *_) in enumerate(CHARTS))
    charts = json.dumps([{"unit": unit, "isLogarithmic": is_logarithmic,
                          "lines": lines_of(samples, lines)}
                         for _, unit, lines, is_logarithmic in CHARTS])
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>penstock soak</title>
<style>{STYLE}</style>
</head>
<body>
<h1>penstock soak</h1>
<p>{html.escape(subtitle)}</p>
{canvases}
<h2>Verdict</h2>
<table>
{rows}
</table>
<script type="application/json" id="charts">{in_script(charts)}</script>
<script>{in_script(chart_js)}</script>
<script>{SCRIPT}</script>
</body>
</html>
"""
