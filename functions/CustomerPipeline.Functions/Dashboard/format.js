// How figures are written. The API sends money as decimal texts, so that nothing is rounded before it is shown.
const locale = navigator.language;
const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];

/** Seconds in the two largest units that say something. */
export function duration(seconds) {
  const parts = [];
  let left = Math.round(seconds);
  for (const [name, size] of units) {
    const count = Math.floor(left / size);
    if (count > 0) parts.push(`${count} ${name}`);
    left -= count * size;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

// Making a format takes longer than using it.
const formats = new Map();

function formatOf(currency, maximumFractionDigits) {
  const name = `${currency} ${maximumFractionDigits}`;
  if (!formats.has(name)) formats.set(name, new Intl.NumberFormat(locale, { style: 'currency', currency, maximumFractionDigits }));
  return formats.get(name);
}

/** Money in its currency: with cents where there is little of it. */
export function money(value, currency) {
  return currency ? formatOf(currency, Math.abs(Number(value)) >= 1000 ? 0 : 2).format(Number(value)) : String(value);
}

/** A figure of the catalogue's unit; a dash where there is none. */
export function figure(value, unit, currency) {
  if (value === null || value === undefined) return '–';
  switch (unit) {
    case 'money': return money(value, currency);
    case 'ratio': return share.format(value);
    case 'seconds': return duration(value);
    default: return typeof value === 'number' ? plain.format(value) : String(value);
  }
}

const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

export const instant = text => moment.format(new Date(text));
