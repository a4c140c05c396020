// The protocol graphql-transport-ws, message by message over a bare socket. Prints one line of JSON: each check by its name, and what was seen
// where it failed.
//   node graphql-transport-ws.mjs URL QUERY SUBSCRIPTION FORBIDDEN_PARAMS    the subscription ends by itself after three events
import WebSocket from "ws";

const [url, query, subscription, forbidden] = process.argv.slice(2);
const protocol = "graphql-transport-ws";
const patience = 15_000;

/** A socket that keeps what it hears: messages, then how it was closed. */
const open = (protocols = protocol) => {
  const socket = new WebSocket(url, protocols);
  const heard = [];
  let wake = () => {};
  const hear = (thing) => {
    heard.push(thing);
    wake();
  };
  socket.on("message", (data) => hear(JSON.parse(data)));
  socket.on("close", (code, reason) => hear({ closed: code, reason: String(reason) }));
  socket.on("error", (error) => hear({ error: error.message }));
  const next = async () => {
    const deadline = Date.now() + patience;
    while (heard.length === 0) {
      const left = deadline - Date.now();
      if (left <= 0) {
        return { silent: true };
      }
      await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, left);
      });
    }
    return heard.shift();
  };
  const say = (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message));
  return { socket, next, say, opened: new Promise((resolve) => socket.on("open", resolve)) };
};

const acknowledged = async () => {
  const connection = open();
  await connection.opened;
  connection.say({ type: "connection_init" });
  const ack = await connection.next();
  if (ack.type !== "connection_ack") {
    throw new Error(`no ack but ${JSON.stringify(ack)}`);
  }
  return connection;
};

const closesAfter = async (connection, code, ...messages) => {
  await connection.opened;
  for (const message of messages) {
    connection.say(message);
  }
  for (;;) {
    const heard = await connection.next();
    if (heard.closed !== undefined || heard.silent || heard.error) {
      return heard.closed === code || heard;
    }
  }
};

const subscribe = (id, document) => ({ id, type: "subscribe", payload: { query: document } });

const checks = {
  async "the subprotocol is agreed on"() {
    const connection = open();
    await connection.opened;
    const agreed = connection.socket.protocol;
    connection.socket.close();
    return agreed === protocol || agreed;
  },
  async "an initialisation is acknowledged"() {
    const connection = await acknowledged();
    connection.socket.close();
    return true;
  },
  async "a ping is answered with a pong, its payload too"() {
    const connection = open();
    await connection.opened;
    connection.say({ type: "ping", payload: { a: 1 } });
    const pong = await connection.next();
    connection.socket.close();
    return (pong.type === "pong" && pong.payload?.a === 1) || pong;
  },
  async "a query has one next and a complete"() {
    const connection = await acknowledged();
    connection.say(subscribe("q", query));
    const heard = [await connection.next(), await connection.next()];
    connection.socket.close();
    return (heard[0].type === "next" && heard[0].id === "q" && heard[0].payload.data && heard[1].type === "complete" && heard[1].id === "q") || heard;
  },
  async "a subscription has each event and a complete"() {
    const connection = await acknowledged();
    connection.say(subscribe("s", subscription));
    const heard = [];
    for (let count = 0; count < 4; count++) {
      heard.push(await connection.next());
    }
    connection.socket.close();
    return heard.map(({ type }) => type).join() === "next,next,next,complete" || heard;
  },
  async "a document that is wrong has an error, and the socket lives"() {
    const connection = await acknowledged();
    connection.say(subscribe("e", "{ thereIsNoSuchField }"));
    const error = await connection.next();
    connection.say({ type: "ping" });
    const pong = await connection.next();
    connection.socket.close();
    return (error.type === "error" && error.id === "e" && Array.isArray(error.payload) && error.payload[0].message && pong.type === "pong") || [error, pong];
  },
  async "an id is free again once it is complete"() {
    const connection = await acknowledged();
    const heard = [];
    for (let round = 0; round < 2; round++) {
      connection.say(subscribe("again", query));
      heard.push(await connection.next(), await connection.next());
    }
    connection.socket.close();
    return heard.map(({ type }) => type).join() === "next,complete,next,complete" || heard;
  },
  "4400: no JSON": async () => closesAfter(open(), 4400, "not json"),
  "4400: a type that there is not": async () => closesAfter(open(), 4400, { type: "start" }),
  "4401: an operation before the acknowledgement": async () => closesAfter(open(), 4401, subscribe("x", query)),
  "4403: credentials that are not taken": async () =>
    closesAfter(open(), 4403, { type: "connection_init", payload: JSON.parse(forbidden) }),
  "4406: another subprotocol": async () => closesAfter(open([]), 4406),
  "4408: no initialisation in time": async () => closesAfter(open(), 4408),
  "4409: an id that is in use": async () => {
    const connection = await acknowledged();
    return closesAfter(connection, 4409, subscribe("twice", subscription), subscribe("twice", subscription));
  },
  "4429: a second initialisation": async () => {
    const connection = await acknowledged();
    return closesAfter(connection, 4429, { type: "connection_init" });
  },
};

const seen = {};
await Promise.all(
  Object.entries(checks).map(async ([name, check]) => {
    try {
      seen[name] = await check();
    } catch (error) {
      seen[name] = String(error);
    }
  }),
);
console.log(JSON.stringify(seen));
process.exit(0);
