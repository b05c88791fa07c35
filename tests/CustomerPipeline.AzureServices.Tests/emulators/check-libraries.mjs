// The official libraries of Segment and RudderStack, pointed at the local host by their host option alone.
import assert from "node:assert/strict";
import { Analytics } from "@segment/analytics-node";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";

const [, , host, writeKey] = process.argv;
const order = (id, revenue) => ({ event: "Order Completed", properties: { order_id: id, revenue, currency: "EUR" } });

async function check(name, action) {
  await action();
  console.log(`ok ${name}`);
}

await check("the library of Segment", async () => {
  const analytics = new Analytics({ writeKey, host, flushAt: 20, maxRetries: 0 });
  const failures = [];
  analytics.on("error", error => failures.push(error));
  analytics.identify({ userId: "u1", traits: { email: "jo@example.com" } });
  analytics.track({ userId: "u1", ...order("s1", 10) });
  analytics.page({ userId: "u1", name: "Home" });
  analytics.screen({ userId: "u1", name: "Home" });
  analytics.alias({ userId: "u1", previousId: "a1" });
  analytics.group({ userId: "u1", groupId: "g1" });
  await analytics.closeAndFlush({ timeout: 20000 });
  assert.deepEqual(failures, []);
});

await check("the library of Segment with a batch of its full size", async () => {
  const analytics = new Analytics({ writeKey, host, flushAt: 100, maxRetries: 0 });
  const failures = [];
  analytics.on("error", error => failures.push(error));
  for (let n = 0; n < 40; n++) {
    analytics.track({ userId: "u1", event: "Product Viewed", properties: { filler: "x".repeat(20000) } });
  }

  await analytics.closeAndFlush({ timeout: 20000 });
  assert.deepEqual(failures, []);
});

await check("the library of RudderStack, which compresses", async () => {
  const client = new RudderAnalytics(writeKey, { dataPlaneUrl: host, logLevel: "error", flushAt: 100 });
  client.identify({ userId: "u2", traits: { email: "kim@example.com" } });
  client.track({ userId: "u2", ...order("r1", 20) });
  client.page({ userId: "u2", name: "Home" });
  client.screen({ userId: "u2", name: "Home" });
  client.alias({ userId: "u2", previousId: "a2" });
  client.group({ userId: "u2", groupId: "g1" });
  await new Promise((resolve, reject) => client.flush(error => (error ? reject(error) : resolve())));
});

await check("a write key that is none is refused", async () => {
  const analytics = new Analytics({ writeKey: "wrong", host, flushAt: 1, maxRetries: 0 });
  const failed = new Promise(resolve => analytics.on("error", resolve));
  analytics.track({ userId: "u1", ...order("s2", 10) });
  assert.match(String((await failed).reason), /401/);
});

process.exit(0);
