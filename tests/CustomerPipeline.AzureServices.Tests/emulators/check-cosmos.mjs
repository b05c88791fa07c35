// The official JavaScript client against the Cosmos test server: a second reading of the same protocol.
import assert from "node:assert/strict";
import { ChangeFeedStartFrom, CosmosClient } from "@azure/cosmos";

const client = new CosmosClient({ endpoint: process.argv[2], key: Buffer.from("any key").toString("base64") });
const { database } = await client.databases.createIfNotExists({ id: "javascript" });
const { container } = await database.containers.createIfNotExists({ id: "items", partitionKey: { paths: ["/pk"] } });

async function refused(status, action) {
  await assert.rejects(action, error => error.code === status);
}

async function check(name, action) {
  await action();
  console.log(`ok ${name}`);
}

const item = (pk, id, n) => ({ pk, id, n });

await check("create, read and conflict", async () => {
  await container.items.create(item("a", "1", 1));
  assert.equal((await container.item("1", "a").read()).resource.n, 1);
  await refused(409, () => container.items.create(item("a", "1", 2)));
  assert.equal((await container.item("none", "a").read()).statusCode, 404);
});

await check("replace by ETag", async () => {
  const { etag } = await container.item("1", "a").read();
  const accessCondition = { type: "IfMatch", condition: etag };
  await container.item("1", "a").replace(item("a", "1", 2), { accessCondition });
  await refused(412, () => container.item("1", "a").replace(item("a", "1", 3), { accessCondition }));
});

await check("upsert and delete", async () => {
  assert.equal((await container.items.upsert(item("a", "2", 1))).statusCode, 201);
  assert.equal((await container.items.upsert(item("a", "2", 5))).statusCode, 200);
  await container.item("2", "a").delete();
  await refused(404, () => container.item("2", "a").delete());
});

await check("the limits", async () => {
  await refused(400, () => container.items.create(item("a", "x".repeat(1024), 1)));
  await refused(413, () => container.items.create({ ...item("a", "large", 1), text: "x".repeat(2 * 1024 * 1024) }));
});

await check("queries of one partition and of all, in pages", async () => {
  for (let i = 0; i < 60; i++) {
    await container.items.create(item(`p${i % 20}`, `q${String(i).padStart(3, "0")}`, i));
  }

  const one = await container.items
    .query({ query: "SELECT * FROM c WHERE STARTSWITH(c.id, @q) AND c.n > 0 ORDER BY c.id", parameters: [{ name: "@q", value: "q" }] }, { partitionKey: "p3", maxItemCount: 2 })
    .fetchAll();
  assert.deepEqual(one.resources.map(r => r.id), ["q003", "q023", "q043"]);
  const all = await container.items.query("SELECT c.id, c.n FROM c WHERE STARTSWITH(c.id, 'q') ORDER BY c.n DESC", { maxItemCount: 7 }).fetchAll();
  assert.deepEqual(all.resources.map(r => r.n), Array.from({ length: 60 }, (_, i) => 59 - i));
});

await check("the change feed of every range", async () => {
  const ids = new Set();
  const feed = container.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Beginning(), maxItemCount: 10 });
  for (let empty = 0; empty < 10;) {
    const page = await feed.readNext();
    empty = page.statusCode === 304 ? empty + 1 : 0;
    (page.statusCode === 304 ? [] : page.result).forEach(changed => ids.add(changed.id));
  }

  assert.equal(ids.size, 61);
});
