// Operations over a WebSocket as the client of graphql-ws, which is not ours, asks for them. Prints one line of JSON: what each answered.
//   node graphql-ws-client.mjs URL CONNECTION_PARAMS OPERATION...
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, params, ...operations] = process.argv.slice(2);
const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: JSON.parse(params), retryAttempts: 0 });

const answersOf = async (query) => {
  const answers = [];
  try {
    for await (const answer of client.iterate({ query })) {
      answers.push(answer);
    }
  } catch (error) {
    answers.push(Array.isArray(error) ? { errors: error } : { closed: error.code, reason: error.reason, message: error.message });
  }
  return answers;
};

console.log(JSON.stringify(await Promise.all(operations.map(answersOf))));
await client.dispose();
