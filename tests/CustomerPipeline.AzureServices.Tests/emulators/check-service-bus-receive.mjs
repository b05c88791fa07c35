// The official Service Bus client reads the local endpoint's queues by peek-lock.
import assert from "node:assert/strict";
import { ServiceBusClient } from "@azure/service-bus";

const client = new ServiceBusClient(process.argv[2], { retryOptions: { maxRetries: 0, timeoutInMs: 15000 } });
const queue = "channel-instore";
const sender = client.createSender(queue);
const receiver = client.createReceiver(queue);

async function check(name, action) {
  await action();
  console.log(`ok ${name}`);
}

async function one(from = receiver) {
  const [message] = await from.receiveMessages(1, { maxWaitTimeInMs: 10000 });
  assert.ok(message, "no message came");
  return message;
}

let first;
await sender.sendMessages([1, 2, 3].map(n => ({ body: { n }, messageId: `m${n}` })));

await check("peek takes nothing", async () => {
  const peeked = await receiver.peekMessages(10);
  first = peeked[0].sequenceNumber;
  assert.deepEqual(peeked.map(m => m.body.n), [1, 2, 3]);
  assert.equal(peeked[2].sequenceNumber.toNumber(), peeked[0].sequenceNumber.toNumber() + 2);
});

await check("complete", async () => {
  const message = await one();
  assert.equal(message.body.n, 1);
  assert.equal(message.deliveryCount, 0);
  assert.ok(message.lockToken && message.lockedUntilUtc > new Date() && message.enqueuedTimeUtc <= new Date());
  await receiver.completeMessage(message);
  assert.deepEqual((await receiver.peekMessages(10, { fromSequenceNumber: message.sequenceNumber })).map(m => m.body.n), [2, 3]);
});

await check("renew, and abandon: it comes again", async () => {
  const message = await one();
  const until = await receiver.renewMessageLock(message);
  assert.ok(until >= message.lockedUntilUtc || until > new Date());
  await receiver.abandonMessage(message);
  const again = await one();
  assert.equal(again.body.n, message.body.n);
  assert.equal(again.deliveryCount, 1);
  await receiver.completeMessage(again);
});

await check("dead-letter, and read it there", async () => {
  const message = await one();
  assert.equal(message.body.n, 3);
  await receiver.deadLetterMessage(message, { deadLetterReason: "broken" });
  const dead = client.createReceiver(queue, { subQueueType: "deadLetter" });
  const found = await one(dead);
  assert.equal(found.body.n, 3);
  await dead.completeMessage(found);
});

await check("defer is refused", async () => {
  await sender.sendMessages({ body: { n: 4 }, messageId: "m4" });
  const message = await one();
  await assert.rejects(() => receiver.deferMessage(message));
  await receiver.completeMessage(await one());
});

await check("scheduled messages come when they are due, but for one that is cancelled", async () => {
  const due = new Date(Date.now() + 1500);
  const numbers = await sender.scheduleMessages([5, 6].map(n => ({ body: { n }, messageId: `m${n}` })), due);
  assert.equal(numbers.length, 2);
  await sender.cancelScheduledMessages(numbers[1]);
  await sender.sendMessages({ body: { n: 7 }, messageId: "m7", scheduledEnqueueTimeUtc: new Date(due.getTime() + 500) });
  assert.deepEqual(await receiver.peekMessages(10, { fromSequenceNumber: first }), []);
  const message = await one();
  assert.equal(message.body.n, 5);
  assert.ok(new Date() >= due && message.enqueuedTimeUtc >= due);
  const last = await one();
  assert.equal(last.body.n, 7);
  await receiver.completeMessage(message);
  await receiver.completeMessage(last);
});

await check("nothing is left", async () => {
  assert.deepEqual(await receiver.peekMessages(10, { fromSequenceNumber: first }), []);
});

await client.close();
