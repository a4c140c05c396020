namespace Laurel.Chaos.History;

/// <summary>Many clients that call until they are told to stop, whatever happens to the servers.</summary>
internal sealed class Drive(IReadOnlyList<string> members, CallLog log, int clientCount, string name)
{
    private static readonly TimeSpan s_pauseAfterFailure = TimeSpan.FromMilliseconds(20);

    /// <summary>Called for each client before each call, so that a shop may stand before another node than a moment ago.</summary>
    public required Func<int, Shop> ShopOf { get; init; }

    /// <summary>Runs until the token is cancelled; every call that was begun is in the log then.</summary>
    public Task RunAsync(int seed, CancellationToken until) =>
        Task.WhenAll(Enumerable.Range(0, clientCount).Select(client => RunAsync(client, new Random(seed + client), until)));

    private async Task RunAsync(int client, Random random, CancellationToken until)
    {
        for (var i = 0; !until.IsCancellationRequested; i++)
        {
            var call = Calls.Draw(members, random, $"{name}-{client}-{i}");
            var ended = await ShopOf(client).SendAsync(call, CancellationToken.None);
            log.Add(ended);
            if (ended.Knowledge == Knowledge.Unknown)
            {
                await Task.Delay(s_pauseAfterFailure, TimeProvider.System, CancellationToken.None);
            }
        }
    }
}
