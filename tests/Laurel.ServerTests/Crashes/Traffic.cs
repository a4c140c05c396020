using System.Collections.Concurrent;
using Laurel.ServerTests.Hosting;

namespace Laurel.ServerTests.Crashes;

/// <summary>One write of the traffic; its reference is used by no other.</summary>
internal sealed record Write(string Member, bool Spends, long Points, string Reference)
{
    /// <summary>The ids of its entries as they were acknowledged; null when no answer came.</summary>
    public IReadOnlyList<string>? Acknowledged { get; init; }

    public long Effect => Spends ? -Points : Points;

    public Task<Answer> SendAsync(LaurelServer server) =>
        Spends ? server.SpendAsync(Member, Points, Reference) : server.EarnAsync(Member, Points, Reference);
}

/// <summary>Clients that earn and spend until the server is gone, and remember what they were told.</summary>
internal sealed class Traffic(IReadOnlyList<string> members, int clientCount, string name)
{
    private readonly ConcurrentBag<Write> _writes = [];
    private readonly ConcurrentBag<string> _strange = [];

    /// <summary>Every write that was sent.</summary>
    public IReadOnlyCollection<Write> Writes => _writes;

    /// <summary>Answers that neither acknowledge nor ask to try again.</summary>
    public IReadOnlyCollection<string> Strange => _strange;

    /// <summary>Ends when every client has lost its server.</summary>
    public Task RunAsync(LaurelServer server, int seed)
    {
        var clients = Enumerable.Range(0, clientCount);
        return Task.WhenAll(clients.Select(client => RunAsync(server, client, new Random(seed + client))));
    }

    private async Task RunAsync(LaurelServer server, int client, Random random)
    {
        for (var i = 0; ; i++)
        {
            var member = members[random.Next(members.Count)];
            var write = new Write(member, random.Next(3) == 0, random.Next(1, 100), $"{name}-{client}-{i}");
            try
            {
                var answer = await write.SendAsync(server);
                Remember(write, answer);
            }
            catch (HttpRequestException)
            {
                _writes.Add(write);
                return;
            }
        }
    }

    private void Remember(Write write, Answer answer)
    {
        var acknowledged = answer.Status == 200;
        _writes.Add(acknowledged ? write with { Acknowledged = answer.EntryIds } : write);
        if (!acknowledged && answer.Status != 503)
        {
            _strange.Add(answer.Outcome);
        }
        else if (answer.Replayed)
        {
            _strange.Add("replayed at once: " + write.Reference);
        }
    }
}
