// The API of the host that served this page. Keys live as long as the tab, and never in an address.
const root = new URL('../api/', location.href);
const kept = 'customerpipeline.key';

export const key = {
  get: () => sessionStorage.getItem(kept) ?? '',
  set: value => (value ? sessionStorage.setItem(kept, value) : sessionStorage.removeItem(kept)),
};

/** What the host answered instead of what was asked for. */
export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/**
 * Asks the host.
 * @param {string} path Under /api/.
 * @param {Record<string, string>} [query] Parameters; empty ones are left out.
 * @param {object} [body] Sent as JSON.
 * @throws {Refusal} Something else than an answer came.
 */
export async function ask(path, query = {}, body) {
  const url = new URL(path, root);
  for (const [name, value] of Object.entries(query)) {
    if (value) url.searchParams.set(name, value);
  }

  const headers = { Accept: 'application/json', ...(key.get() && { 'x-functions-key': key.get() }), ...(body && { 'Content-Type': 'application/json' }) };
  let answer;
  try {
    answer = await fetch(url, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), credentials: 'omit', cache: 'no-store' });
  } catch {
    throw new Refusal(0, 'The host does not answer. Is it running?');
  }

  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, content.detail ?? `The host answered ${answer.status}.`);
  return content;
}
