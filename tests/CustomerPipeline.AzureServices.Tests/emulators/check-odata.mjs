// A client that nobody here wrote reads the OData feed.
import assert from "node:assert/strict";
import { o } from "odata";

const feed = o(process.argv[2]);

async function check(name, action) {
  await action();
  console.log(`ok ${name}`);
}

await check("the service document lists sets that can be read", async () => {
  const sets = await feed.get("").query();
  assert.ok(sets.length > 20);
  for (const { url } of sets) {
    assert.ok(Array.isArray(await feed.get(url).query({ $top: 2 })), url);
  }
});

await check("a filter, an order and a choice of columns", async () => {
  const rows = await feed.get("DailyChannelSales").query({ $filter: "Channel eq 'online' and NetSales gt 0", $orderby: "NetSales desc", $select: "Day,NetSales", $top: 3 });
  assert.deepEqual(rows.map(r => r.NetSales), [30, 20, 10]);
  assert.deepEqual(Object.keys(rows[0]).filter(k => !k.startsWith("@")), ["Day", "NetSales"]);
});

await check("a row by its key", async () => {
  const row = await feed.get("Metrics('net-sales')").query();
  assert.equal(row.Title, "Net sales");
});

await check("a bad question is refused", async () => {
  await assert.rejects(() => feed.get("DailyChannelSales").query({ $filter: "Shoe eq 42" }), error => error.status === 400);
});
