// Begins the page. Queries and mutations are posted; subscriptions are read as server-sent events, which take the same headers.
(() => {
  async function* eventsOf(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }

      text += value;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        if (event.startsWith("event: complete")) {
          return;
        }

        if (event.startsWith("event: next\ndata: ")) {
          yield JSON.parse(event.slice("event: next\ndata: ".length));
        }
      }
    }
  }

  const fetcher = async (request, options) => {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: {
        ...options?.headers,
        "content-type": "application/json",
        accept: "application/graphql-response+json, text/event-stream;q=0.9",
      },
      body: JSON.stringify(request),
    });
    return response.headers.get("content-type").startsWith("text/event-stream") ? eventsOf(response) : response.json();
  };

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, { fetcher, defaultEditorToolsVisibility: "headers", defaultQuery: "{\n  service {\n    name\n    version\n    time\n  }\n}\n" }),
  );
})();
