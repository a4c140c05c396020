using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Laurel.Testing;

namespace Laurel.ServerTests.Operations;

/// <summary>A span as it arrived.</summary>
internal sealed record ReceivedSpan
{
    public string Name { get; set; } = "";

    public string TraceId { get; set; } = "";

    public string Id { get; set; } = "";

    /// <summary>Empty for the first of a trace.</summary>
    public string ParentId { get; set; } = "";

    public Dictionary<string, string> Tags { get; } = [];
}

/// <summary>Takes traces by OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/) and reads what of them tests look
/// at.</summary>
internal sealed class OtlpReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private readonly Task _loop;

    public OtlpReceiver()
    {
        Address = $"http://127.0.0.1:{ChildProcess.FreePort()}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _loop = Task.Run(ReceiveAsync);
    }

    public string Address { get; }

    /// <summary>Everything that arrived, as text: what was sent as text can be searched for.</summary>
    public string Text => string.Concat(_bodies.Select(Encoding.UTF8.GetString));

    public IReadOnlyList<ReceivedSpan> Spans() =>
    [
        // ExportTraceServiceRequest.resource_spans = 1, ResourceSpans.scope_spans = 2, ScopeSpans.spans = 2.
        .. from body in _bodies
           from resourceSpans in Fields(body, 1)
           from scopeSpans in Fields(resourceSpans, 2)
           from span in Fields(scopeSpans, 2)
           select Read(span),
    ];

    public void Dispose()
    {
        _listener.Close();
        _loop.Wait();
    }

    private async Task ReceiveAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                if (context.Request.Url!.AbsolutePath == "/v1/traces")
                {
                    _bodies.Enqueue(body.ToArray());
                }

                context.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static ReceivedSpan Read(byte[] message)
    {
        var span = new ReceivedSpan
        {
            TraceId = Convert.ToHexStringLower(Fields(message, 1).Single()),
            Id = Convert.ToHexStringLower(Fields(message, 2).Single()),
            ParentId = Convert.ToHexStringLower(Fields(message, 4).SingleOrDefault([])),
            Name = Encoding.UTF8.GetString(Fields(message, 5).Single()),
        };
        foreach (var attribute in Fields(message, 9))
        {
            // KeyValue.key = 1, KeyValue.value = 2, AnyValue.string_value = 1.
            span.Tags[Encoding.UTF8.GetString(Fields(attribute, 1).Single())] =
                Encoding.UTF8.GetString(Fields(Fields(attribute, 2).Single(), 1).FirstOrDefault([]));
        }

        return span;
    }

    /// <summary>The length-delimited values of one field of a protobuf message
    /// (https://protobuf.dev/programming-guides/encoding/).</summary>
    private static IEnumerable<byte[]> Fields(byte[] message, int number)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    Varint(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    if (tag >> 3 == (ulong)number)
                    {
                        yield return message[at..(at + length)];
                    }

                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {tag & 7} is not of protobuf 3.");
            }
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
