using System.Collections.Concurrent;
using System.Text.Json;

namespace Laurel.Chaos.History;

/// <summary>The recorded history of a run: every call with what its caller was told.</summary>
internal sealed class CallLog
{
    private readonly ConcurrentQueue<Ended> _ended = [];

    public IReadOnlyCollection<Ended> Ended => _ended;

    public int Count(Knowledge knowledge) => _ended.Count(ended => ended.Knowledge == knowledge);

    public void Add(Ended ended) => _ended.Enqueue(ended);

    /// <summary>Answers that are neither a success, nor a refusal, nor a request to come again.</summary>
    public IReadOnlyList<string> Strange() =>
        [.. _ended.Where(ended => ended.Status >= 500 && ended.Status != 503).Select(ended => $"{ended.Status} {ended.Call.Key}: {ended.Answer}")];

    /// <summary>Writes one line of JSON for each call, to be looked at when a run fails.</summary>
    public async Task WriteAsync(string file, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(file);
        foreach (var ended in _ended)
        {
            var line = JsonSerializer.Serialize(new
            {
                ended.Call.Key,
                ended.Call.Path,
                ended.Call.Body,
                Knowledge = ended.Knowledge.ToString(),
                ended.Status,
                ended.Answer,
            });
            await writer.WriteLineAsync(line.AsMemory(), cancellationToken);
        }
    }
}
