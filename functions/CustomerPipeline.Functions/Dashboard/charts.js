// What each chart shows: from rows of the API to an option of Apache ECharts, a sentence, and a table.
import { figure, money } from './format.js';
import { color, table } from './view.js';

const palette = () => [1, 2, 3, 4, 5, 6].map(n => color(`series-${n}`));
const axis = () => ({ axisLine: { lineStyle: { color: color('quiet') } }, axisLabel: { color: color('quiet'), hideOverlap: true }, splitLine: { lineStyle: { color: color('line') } } });
const tooltip = more => ({ renderMode: 'richText', confine: true, backgroundColor: color('card'), borderColor: color('line'), textStyle: { color: color('text') }, ...more });
const legend = names => ({ type: 'scroll', top: 0, data: names, textStyle: { color: color('text') }, pageTextStyle: { color: color('text') } });
const grid = { left: 8, right: 28, top: 36, bottom: 8, containLabel: true };
const mixed = (name, part) => {
  const [one, other] = [color(name), color('card')].map(hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16)));
  return `rgb(${one.map((c, i) => Math.round(c * part + other[i] * (1 - part))).join(' ')})`;
};
const total = rows => rows.reduce((sum, row) => sum + Number(row.value), 0);

// Days, weeks or months, so that there are not more points than a reader can tell apart.
function steps(days) {
  const monday = day => {
    const date = new Date(`${day}T00:00:00Z`);
    date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
    return date.toISOString().slice(0, 10);
  };
  return days <= 62 ? ['day', day => day] : days <= 740 ? ['week', monday] : ['month', day => day.slice(0, 7)];
}

/** Amounts by channel over time, stacked. Rows have day, channel and value. */
export function overTime(rows, what, unit, currency) {
  if (rows.length === 0) return null;
  const [step, stepOf] = steps(new Set(rows.map(row => row.day)).size);
  const channels = [...new Set(rows.map(row => row.channel))].sort();
  const times = [...new Set(rows.map(row => stepOf(row.day)))].sort();
  const sums = new Map();
  for (const row of rows) {
    const at = `${row.channel} ${stepOf(row.day)}`;
    sums.set(at, (sums.get(at) ?? 0) + Number(row.value));
  }
  const of = (channel, time) => sums.get(`${channel} ${time}`) ?? 0;
  const write = value => figure(unit === 'money' ? value : Math.round(value), unit, currency);
  return {
    note: `By ${step}.`,
    summary: `${what} by ${step} and channel, ${times[0]} to ${times.at(-1)}: ${channels.map(channel => `${channel} ${write(total(rows.filter(row => row.channel === channel)))}`).join(', ')}.`,
    option: {
      color: palette(), grid, legend: legend(channels), tooltip: tooltip({ trigger: 'axis', valueFormatter: write }),
      xAxis: { type: 'category', data: times, ...axis(), axisLabel: { color: color('quiet'), hideOverlap: true, alignMinLabel: 'left', alignMaxLabel: 'right' } }, yAxis: { type: 'value', ...axis(), axisLabel: { color: color('quiet'), formatter: value => figure(value, unit === 'money' ? 'number' : unit) } },
      series: channels.map(channel => ({ name: channel, type: unit === 'money' ? 'line' : 'bar', stack: 'all', areaStyle: unit === 'money' ? { opacity: 0.55 } : undefined, symbol: 'none', data: times.map(time => of(channel, time)) })),
    },
    table: () => table(`${what} by ${step}`, [`${step[0].toUpperCase()}${step.slice(1)}`, ...channels.map(channel => `${channel}#`)], times.map(time => [time, ...channels.map(channel => write(of(channel, time)))])),
  };
}

/** The share of each month's new customers who bought again in the months after. */
export function cohorts(rows) {
  if (rows.length === 0) return null;
  const names = [...new Set(rows.map(row => row.cohort))].sort();
  const months = [...new Set(rows.map(row => Number(row.month)))].sort((a, b) => a - b);
  const later = rows.filter(row => row.month !== '0');
  const best = later.reduce((max, row) => Math.max(max, row.value), 0) || 1;
  const at = new Map(rows.map(row => [`${row.cohort} ${row.month}`, row]));
  return {
    note: 'Of those whose first purchase was in a month, how many bought again so many months later.',
    summary: `Retention of ${names.length} monthly cohorts; the best later month kept ${figure(best, 'ratio')}.`,
    option: {
      grid: { ...grid, top: 8, bottom: 28 }, tooltip: tooltip({ formatter: ({ data }) => `${names[data[1]]}, month ${data[0] + 1}: ${figure(data[2], 'ratio')}` }),
      xAxis: { type: 'category', data: months.filter(month => month > 0), name: 'months later', nameLocation: 'middle', nameGap: 24, nameTextStyle: { color: color('quiet') }, ...axis() },
      yAxis: { type: 'category', data: names, inverse: true, ...axis() },
      visualMap: { show: false, min: 0, max: best, inRange: { color: [color('card'), color('series-1')] } },
      series: [{ type: 'heatmap', data: later.map(row => [Number(row.month) - 1, names.indexOf(row.cohort), row.value]), itemStyle: { borderColor: color('line'), borderWidth: 1 } }],
    },
    table: () => table('Retention by cohort', ['Cohort', 'Customers#', ...months.filter(month => month > 0).map(month => `+${month}#`)],
      names.map(name => [name, figure(at.get(`${name} 0`)?.customers), ...months.filter(month => month > 0).map(month => figure(at.get(`${name} ${month}`)?.value, 'ratio'))])),
  };
}

/** Segments: as large as they have customers, as strong in colour as a customer of them buys. */
export function segments(customers, sales, currency) {
  const shown = customers.filter(row => row.value > 0);
  if (shown.length === 0) return null;
  const salesOf = new Map(sales.filter(row => row.currency === currency).map(row => [row.segment, row]));
  const each = row => { const of = salesOf.get(row.segment); return of?.customers ? Number(of.value) / of.customers : 0; };
  const best = Math.max(...shown.map(each), 1);
  return {
    note: `Area: customers. Strength of colour: net sales of each, in ${currency}.`,
    summary: `Segments of the customer base: ${shown.map(row => `${row.segment} ${figure(row.share, 'ratio')}`).join(', ')}.`,
    option: {
      tooltip: tooltip({ formatter: ({ data }) => `${data.name}\n${figure(data.value)} customers\n${money(data.each, currency)} each` }),
      series: [{ type: 'treemap', roam: false, nodeClick: false, breadcrumb: { show: false }, left: 0, right: 0, top: 0, bottom: 0, itemStyle: { borderColor: color('card'), gapWidth: 2 },
        label: { color: color('text'), fontSize: 13, lineHeight: 18, formatter: ({ data }) => `${data.name}\n${figure(data.value)}` },
        data: shown.map(row => ({ name: row.segment, value: row.value, each: each(row), itemStyle: { color: mixed('series-3', 0.12 + 0.43 * each(row) / best) } })) }],
    },
    table: () => table('Segments', ['Segment', 'Customers#', 'Share#', `Net sales (${currency})#`], shown.map(row => [row.segment, figure(row.value), figure(row.share, 'ratio'), money(salesOf.get(row.segment)?.value ?? 0, currency)])),
  };
}

const stepsShown = 4;

/** How customers came to their first orders: the first steps of each way, from left to right. */
export function journeys(rows) {
  if (rows.length === 0) return null;
  const flows = new Map();
  const nodes = new Map();
  for (const row of rows) {
    const path = row.path.split(' > ').slice(0, stepsShown).map((step, i) => `${i + 1}. ${step}`);
    path.forEach((step, i) => nodes.set(step, i));
    for (let i = 1; i < path.length; i++) {
      const flow = `${path[i - 1]}|${path[i]}`;
      flows.set(flow, (flows.get(flow) ?? 0) + row.value);
    }
  }
  if (flows.size === 0) return null;
  const kinds = [...new Set([...nodes.keys()].map(step => step.slice(3)))].sort();
  const colors = palette();
  return {
    note: `The first ${stepsShown} steps of the ${rows.length} commonest ways.`,
    summary: `Ways of customers; the commonest: ${rows.slice(0, 3).map(row => `${row.path} (${figure(row.share, 'ratio')})`).join('; ')}.`,
    option: {
      tooltip: tooltip({ formatter: ({ data, name, value }) => (data.source ? `${data.source.slice(3)} → ${data.target.slice(3)}: ${figure(data.value)}` : `${name}: ${figure(value)}`) }),
      series: [{ type: 'sankey', left: 4, right: 110, top: 8, bottom: 8, draggable: false, emphasis: { focus: 'adjacency' }, lineStyle: { color: 'source', opacity: 0.35 }, label: { color: color('text'), formatter: ({ name }) => name.slice(3) },
        data: [...nodes].map(([name, depth]) => ({ name, depth, itemStyle: { color: colors[kinds.indexOf(name.slice(3)) % colors.length] } })),
        links: [...flows].map(([flow, value]) => ({ source: flow.split('|')[0], target: flow.split('|')[1], value })) }],
    },
    table: () => table('Ways of customers', ['Way', 'Customers#', 'Share#'], rows.map(row => [row.path, figure(row.value), figure(row.share, 'ratio')])),
  };
}

/** What those who buy most write to the service about, by what they bought in all. */
export function trouble(rows, currency) {
  const shown = rows.filter(row => row.currency === currency).slice(0, 8);
  if (shown.length === 0) return null;
  const upwards = [...shown].reverse();
  return {
    note: `Net sales of the most valuable customers who wrote about it, in ${currency}.`,
    summary: `What the most valuable customers write about: ${shown.map(row => `${row.subject} (${figure(row.tickets)} tickets)`).join(', ')}.`,
    option: {
      color: [color('series-2')], grid: { ...grid, top: 8 }, tooltip: tooltip({ trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: value => money(value, currency) }),
      xAxis: { type: 'value', ...axis() }, yAxis: { type: 'category', data: upwards.map(row => row.subject), ...axis(), axisLabel: { color: color('quiet'), width: 150, overflow: 'truncate' } },
      series: [{ type: 'bar', name: 'Net sales', data: upwards.map(row => Number(row.value)) }],
    },
    table: () => table('What hurts the most valuable', ['Subject', `Net sales (${currency})#`, 'Customers#', 'Tickets#'], shown.map(row => [row.subject, money(row.value, currency), figure(row.customers), figure(row.tickets)])),
  };
}
