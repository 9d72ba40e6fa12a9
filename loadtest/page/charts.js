// Charts of all pages of results, by Chart.js: in the page's colours, drawn anew when these change,
// with what they show as a table behind each.
'use strict';

// Besides its colour a line has a dash and a dot a shape: no chart needs colours to be told apart.
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 4], [1, 2], [12, 4], [6, 2, 2, 2]];
const SHAPES = ['circle', 'rectRot', 'triangle', 'rect', 'crossRot', 'star', 'cross', 'dash'];
const LABEL_FONT_PX = 12;
const DOT_PX = 10;  // of a dot on the edge, that much may stand over it
const LINE_POINTS_MAX = 600;  // more are narrower than a pixel
const isNarrow = window.matchMedia('(max-width: 40rem)');

const theme = {
  read() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue('--' + name).trim();
    Object.assign(this, {ink: colour('ink'), muted: colour('muted'), line: colour('line'),
                         card: colour('card'), font: getComputedStyle(document.body).fontFamily});
    this.series = SHAPES.map((_, i) => colour('series-' + (i + 1)));
    Object.assign(Chart.defaults, {color: this.muted, borderColor: this.line, animation: false,
                                   maintainAspectRatio: false});
    Object.assign(Chart.defaults.font, {family: this.font, size: LABEL_FONT_PX});
  },
  colourOf(index) { return this.series[index % this.series.length]; },
};

const textWidth = (() => {
  const context = document.createElement('canvas').getContext('2d');
  return (text) => {
    context.font = LABEL_FONT_PX + 'px ' + theme.font;
    return context.measureText(text).width;
  };
})();

// --- what Chart.js does not draw

// The name of each line at its end, where the page has room; there is no legend then.
const endLabels = {
  id: 'endLabels',
  afterDatasetsDraw(chart) {
    if (!chart.options.plugins.endLabels?.shown) return;
    const labels = [];
    chart.data.datasets.forEach((line, i) => {
      const points = chart.getDatasetMeta(i).data;
      const last = line.data.findLastIndex((point) => isKnown(point?.y));
      if (line.isBand || last < 0) return;
      labels.push({text: line.label, colour: line.borderColor, x: points[last].x + 6,
                   y: points[last].y});
    });
    // From the top down, each below the one before it.
    labels.sort((a, b) => a.y - b.y);
    const {ctx, chartArea} = chart;
    const step = LABEL_FONT_PX + 3;
    labels.forEach((label, i) => {
      label.y = Math.max(label.y, i === 0 ? chartArea.top : labels[i - 1].y + step);
    });
    for (let i = labels.length - 1; i >= 0; --i) {
      const bottom = i === labels.length - 1 ? chartArea.bottom : labels[i + 1].y - step;
      labels[i].y = Math.min(labels[i].y, bottom);
    }
    ctx.save();
    ctx.font = '600 ' + LABEL_FONT_PX + 'px ' + theme.font;
    ctx.textBaseline = 'middle';
    for (const {text, colour, x, y} of labels) {
      ctx.fillStyle = colour;
      ctx.fillText(text, Math.min(x, chart.width - textWidth(text) * 1.08 - 2), y);
    }
    ctx.restore();
  },
};

// The least and the greatest of each dot, as a line through it.
const spreads = {
  id: 'spreads',
  beforeDatasetsDraw(chart) {
    const {ctx, scales} = chart;
    if (chart.config.type !== 'scatter') return;
    chart.data.datasets.forEach((dots, i) => {
      if (!chart.isDatasetVisible(i)) return;
      chart.getDatasetMeta(i).data.forEach((dot, k) => {
        const {min, max} = dots.data[k];
        if (!isKnown(min) || !isKnown(max)) return;
        ctx.save();
        ctx.strokeStyle = dots.borderColor;
        ctx.lineWidth = 2;
        ctx.beginPath();
        ctx.moveTo(scales.x.getPixelForValue(min), dot.y);
        ctx.lineTo(scales.x.getPixelForValue(max), dot.y);
        ctx.stroke();
        ctx.restore();
      });
    });
  },
};

// A value of x that says something, as a line from top to bottom.
const markers = {
  id: 'markers',
  beforeDatasetsDraw(chart) {
    const {ctx, chartArea: {top, bottom, right}, scales} = chart;
    for (const {x, text} of chart.options.plugins.markers?.at ?? []) {
      const at = scales.x.getPixelForValue(x);
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = theme.muted;
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      ctx.moveTo(at, top);
      ctx.lineTo(at, bottom);
      ctx.stroke();
      ctx.font = LABEL_FONT_PX + 'px ' + theme.font;
      ctx.textAlign = at + 6 + textWidth(text) > right ? 'right' : 'left';
      ctx.fillText(text, at + (ctx.textAlign === 'left' ? 6 : -6), bottom - LABEL_FONT_PX / 2);
      ctx.restore();
    }
  },
};
Chart.register(endLabels, spreads, markers);

// --- axes: {title, text(value), log, min, max, ticks: [values]}

// Round numbers, as far from each other, of which some three to six are between `min` and `max`.
function evenTicks(min, max) {
  const rough = (max - min) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((round) => round * power >= rough);
  const ticks = [];
  for (let k = Math.ceil(min / step); k * step <= max; ++k) ticks.push(k * step);
  return ticks;
}

// 1, 10, 100 ..., and 2 and 5 between them where there are few.
function logTicks(min, max) {
  if (max / min < 5) return evenTicks(min, max);
  const decades = Math.log10(max / min);
  const ticks = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); ++power) {
    for (const step of decades < 2.5 ? [1, 2, 5] : [1]) ticks.push(step * 10 ** power);
  }
  return ticks.filter((tick) => tick >= min * 0.999 && tick <= max * 1.001);
}

function axisOf(axis, known) {
  const values = known.filter((value) => isKnown(value) && (!axis.log || value > 0));
  const scale = {
    type: axis.log ? 'logarithmic' : 'linear',
    title: {display: true, text: axis.title},
    grid: {color: theme.line, drawTicks: false},
    border: {display: false},
    beginAtZero: axis.fromZero ?? !axis.log,
    ticks: {callback: (value) => axis.text(value), padding: 6, maxRotation: 0,
            maxTicksLimit: isNarrow.matches ? 5 : 8},
  };
  if (axis.log && values.length > 0) {
    scale.min = axis.min ?? Math.min(...values) * 0.85;
    scale.max = axis.max ?? Math.max(...values) * 1.18;
    scale.afterBuildTicks = (built) => {
      built.ticks = (axis.ticks ?? logTicks(scale.min, scale.max)).map((value) => ({value}));
    };
  } else if (axis.ticks) {
    scale.afterBuildTicks = (built) => { built.ticks = axis.ticks.map((value) => ({value})); };
  }
  return scale;
}

const tooltipOf = (title, label) => ({
  filter: (item) => !item.dataset.isBand,
  callbacks: {title, label: (item) => ' ' + label(item)},
});

const legendOf = (shown, point) => ({
  display: shown,
  position: 'bottom',
  align: 'start',
  labels: {usePointStyle: true, pointStyleWidth: point ? 26 : undefined, boxHeight: 7, padding: 12,
           color: theme.ink,
           filter: (item, data) => !data.datasets[item.datasetIndex].isBand,
           generateLabels: (chart) =>
             Chart.defaults.plugins.legend.labels.generateLabels(chart).map((item) => {
               const {pointStyle, borderDash} = chart.data.datasets[item.datasetIndex];
               return {...item, pointStyle: point ?? pointStyle,
                       ...(point === 'line' ? {lineDash: borderDash, lineWidth: 2} : {})};
             })},
});

// --- kinds of charts: each is a function that makes a configuration in the theme of now

// `lines`: [{label, colour (a number), points: [{x, y}], band: [{x, min, max}], dots}].
const lineChart = ({x, y, lines, at, stepped}) => () => {
  const datasets = [];
  lines.forEach((line, i) => {
    const colour = theme.colourOf(line.colour ?? i);
    const look = {borderColor: colour, backgroundColor: colour, stepped: stepped ?? false};
    if (line.band) {
      const edge = {...look, isBand: true, pointRadius: 0, pointHitRadius: 0, borderWidth: 0,
                    backgroundColor: colour + '33', order: 10};
      datasets.push({...edge, label: '', data: line.band.map((p) => ({x: p.x, y: p.max}))},
                    {...edge, label: '', fill: '-1',
                     data: line.band.map((p) => ({x: p.x, y: p.min}))});
    }
    datasets.push({...look, label: line.label, data: line.points, borderWidth: 2,
                   borderDash: DASHES[i % DASHES.length], pointStyle: SHAPES[i % SHAPES.length],
                   pointRadius: line.dots || line.points.length === 1 ? 4 : 0,
                   pointHitRadius: 8, spanGaps: false, clip: DOT_PX});
  });
  const all = (key) => datasets.flatMap((line) => line.data.map((point) => point[key]));
  const shown = !isNarrow.matches && lines.length > 1 && lines.length <= 8;
  const labelled = shown ? Math.max(...lines.map((line) => textWidth(line.label))) * 1.08 + 12 : 8;
  return {
    type: 'line',
    data: {datasets},
    options: {
      layout: {padding: {right: labelled, top: 6}},
      interaction: {mode: 'nearest', axis: 'x', intersect: false},
      scales: {x: {...axisOf(x, all('x')), type: x.log ? 'logarithmic' : 'linear',
                   beginAtZero: false, min: x.min, max: x.max ?? Math.max(...all('x'))},
               y: axisOf(y, all('y'))},
      plugins: {
        endLabels: {shown},
        markers: {at: at ?? []},
        legend: legendOf(!shown && lines.length > 1, 'line'),
        tooltip: tooltipOf((items) => (x.tell ?? x.text)(items[0].parsed.x),
                           (item) => item.dataset.label + ' ' + (y.tell ?? y.text)(item.parsed.y)),
      },
    },
  };
};

// Bars on each other. `labels` of x, `stacks`: [{label, colour, values}].
const stackChart = ({labels, x, y, stacks}) => () => ({
  type: 'bar',
  data: {labels, datasets: stacks.map((stack, i) => ({
    label: stack.label, data: stack.values, barPercentage: 1, categoryPercentage: 0.9,
    backgroundColor: theme.colourOf(stack.colour ?? i), borderColor: theme.card,
    pointStyle: 'rect'}))},
  options: {
    layout: {padding: {top: 6}},
    interaction: {mode: 'index', intersect: false},
    scales: {x: {stacked: true, grid: {display: false}, title: {display: true, text: x.title},
                 ticks: {maxRotation: 0, autoSkipPadding: 18}},
             y: {...axisOf(y, []), stacked: true}},
    plugins: {legend: legendOf(true, 'rect'),
              tooltip: tooltipOf((items) => x.text(items[0].label),
                                 (item) => item.dataset.label + ' ' +
                                   (y.tell ?? y.text)(item.parsed.y))},
  },
});

// A row for each of `rows`, [{title, short}], with a dot in it for each series: [{label, colour,
// figures: [{median, min, max} or null, a row each]}]. Dots need no zero, which an axis of powers
// does not have.
const dotChart = ({rows, x, series, at}) => () => {
  const datasets = series.map((dots, i) => {
    const index = dots.colour ?? i;
    const colour = theme.colourOf(index);
    return {label: dots.label, borderColor: colour, backgroundColor: colour, pointRadius: 6,
            pointHoverRadius: 7, pointBorderWidth: 2, pointStyle: SHAPES[index % SHAPES.length],
            clip: DOT_PX,
            data: dots.figures.map((figure, row) => ({x: figure?.median ?? NaN, y: row,
                                                      min: figure?.min, max: figure?.max}))};
  });
  const all = datasets.flatMap((dots) => dots.data.flatMap((dot) => [dot.x, dot.min, dot.max]));
  const labels = rows.map(({title, short}) =>
    isNarrow.matches ? short ?? title : title.split(/(?<=,) /));
  const tell = x.tell ?? x.text;
  return {
    type: 'scatter',
    data: {datasets},
    options: {
      layout: {padding: {right: 14, top: 6}},
      interaction: {mode: 'nearest', axis: 'xy', intersect: false},
      scales: {x: axisOf(x, [...all, ...(at ?? []).map((marker) => marker.x)]),
               y: {type: 'category', labels, offset: true, grid: {color: theme.line},
                   ticks: {color: theme.ink, autoSkip: false}}},
      plugins: {markers: {at: at ?? []}, legend: legendOf(series.length > 1),
                tooltip: tooltipOf((items) => rows[items[0].raw.y].title, (item) => {
                  const {x: value, min, max} = item.raw;
                  const spread = isKnown(min) && min !== max
                      ? ' (' + tell(min) + ' .. ' + tell(max) + ')' : '';
                  return item.dataset.label + ' ' + tell(value) + spread;
                })},
    },
  };
};

// The height that so many rows want.
const dotHeight = (rows) => 110 + 38 * rows.length;

// --- the page

const drawn = [];  // {canvas, configure, chart}

// A chart with its title, a sentence, and its table: what tableOf() takes.
function chartOf({title, text, configure, table, wide, height}) {
  const canvas = element('canvas', {role: 'img', 'aria-label':
      title + '. ' + (text ?? '') + (table ? ' The figures are in the table below.' : '')});
  drawn.push({canvas, configure, chart: null});
  return element(
    'figure', wide ? {class: 'wide'} : null,
    element('figcaption', null, element('h3', null, title), text ? element('p', null, text) : null),
    element('div', {class: 'canvas', style: height ? 'height:' + height + 'px' : null}, canvas),
    table ? element('details', null, element('summary', null, 'The figures as a table'),
                    tableOf({long: true, ...table})) : null);
}

function drawAll() {
  theme.read();
  for (const entry of drawn) {
    entry.chart?.destroy();
    entry.chart = new Chart(entry.canvas, entry.configure());
  }
}

// Fills the page, then draws what is in it: a canvas has no size before.
function showPage(...content) {
  const page = document.getElementById('page');
  page.replaceChildren(...content.flat().filter((part) => part !== null && part !== undefined));
  drawAll();
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  isNarrow.addEventListener('change', drawAll);
  for (const [event, onPaper] of [['beforeprint', true], ['afterprint', false]]) {
    window.addEventListener(event, () => {
      document.documentElement.classList.toggle('on-paper', onPaper);
      drawAll();
    });
  }
}

// Runs what fills the page. A result that it does not understand makes a sentence, not half a page.
function showResults(fill) {
  try {
    fill();
  } catch (error) {
    drawn.length = 0;
    showPage(alertOf('These results cannot be shown', String(error.message ?? error),
                     'They stand at the end of this file, as JSON.'));
    console.error(error);
  }
}

// Neighbours are made one, by `merge`, until there are few enough to be seen.
function thinned(points, merge) {
  const size = Math.ceil(points.length / LINE_POINTS_MAX);
  if (size <= 1) return points;
  const made = [];
  for (let i = 0; i < points.length; i += size) made.push(merge(points.slice(i, i + size)));
  return made;
}
