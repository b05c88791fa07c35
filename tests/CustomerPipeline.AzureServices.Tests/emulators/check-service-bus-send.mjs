// The official Service Bus client and a plain AMQP client send to the local endpoint.
import assert from "node:assert/strict";
import { ServiceBusClient } from "@azure/service-bus";
import rhea from "rhea";

const [, , connectionString, host, port] = process.argv;
const order = number => ({ specversion: "1.0", id: `e${number}`, source: "/shopify/s.example", type: "shopify.orders/create", datacontenttype: "application/json", data: { id: number } });

async function check(name, action) {
  await action();
  console.log(`ok ${name}`);
}

const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 10000 } });
const sender = client.createSender("channel-online");

await check("one message, and an array", async () => {
  await sender.sendMessages({ body: order(1), messageId: "m1" });
  await sender.sendMessages([2, 3].map(n => ({ body: order(n), messageId: `m${n}` })));
});

await check("a batch", async () => {
  const batch = await sender.createMessageBatch();
  for (let n = 4; n < 54; n++) {
    assert.ok(batch.tryAddMessage({ body: order(n), messageId: `m${n}` }));
  }

  await sender.sendMessages(batch);
});

await check("a repetition is heard once", async () => {
  await sender.sendMessages({ body: order(1), messageId: "m1" });
});

await check("a message over the limit is refused", async () => {
  await assert.rejects(() => sender.sendMessages({ body: { text: "x".repeat(300 * 1024) }, messageId: "large" }), error => /size/i.test(error.code + error.message));
});

await check("a queue that is not there is refused", async () => {
  const nowhere = client.createSender("channel-moon");
  await assert.rejects(() => nowhere.sendMessages({ body: order(1) }), error => error.code === "MessagingEntityNotFound");
});

await check("CloudEvents as the AMQP binding has them: binary, structured, as a JSON string, and a batch", async () => {
  for (const [prefix, n] of [["cloudEvents:", 200], ["cloudEvents_", 201]]) {
    const attributes = { specversion: "1.0", id: `e${n}`, source: "/s", type: "segment" };
    const applicationProperties = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [prefix + name, value]));
    await sender.sendMessages({ body: { type: "page" }, contentType: "application/json", applicationProperties, messageId: `m${n}` });
  }

  await sender.sendMessages({ body: order(202), contentType: "application/cloudevents+json", messageId: "m202" });
  await sender.sendMessages({ body: JSON.stringify(order(203)), contentType: "application/json", messageId: "m203" });
  await sender.sendMessages({ body: [204, 205].map(order), contentType: "application/cloudevents-batch+json", messageId: "m204" });
});

await client.close();

await check("a plain AMQP 1.0 client, with text and with bytes", async () => {
  await new Promise((resolve, reject) => {
    const container = rhea.create_container();
    let accepted = 0;
    container.on("accepted", context => {
      if (++accepted === 2) {
        context.connection.close();
        resolve();
      }
    });
    container.on("rejected", context => reject(new Error(String(context.delivery.remote_state.error))));
    container.on("disconnected", context => reject(new Error(String(context.error ?? "disconnected"))));
    container.once("sendable", context => {
      context.sender.send({ message_id: "r1", body: JSON.stringify(order(100)) });
      context.sender.send({ message_id: "r2", body: rhea.message.data_section(Buffer.from(JSON.stringify(order(101)))) });
    });
    container.connect({ host, port: Number(port), reconnect: false, username: "anybody", password: "anything" }).open_sender("channel-online");
  });
});
