using System.Text.Json;
using Laurel.Chaos.History;

namespace Laurel.Chaos.Oracles;

/// <summary>Whether what happened to several members can be told as one story: transfers tie the members' own orders together, and
/// orders that agree with one serial order hold no circle.</summary>
/// <remarks>The records of a member are a list that each write appended to, in the manner of Elle's list-append histories (Kingsbury and
/// Alvaro, VLDB 2020): the versions of each object are told completely, so every dependency is known and no search is needed.</remarks>
internal static class SerialOrder
{
    /// <summary>Reads every member's records, oldest first, as the references of the calls that made them.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<string>>> ReadAsync(Shop shop, IReadOnlyList<string> members, CancellationToken cancellationToken)
    {
        var histories = new List<IReadOnlyList<string>>();
        foreach (var member in members)
        {
            var references = new List<string>();
            string? cursor = null;
            do
            {
                var page = await shop.GetAsync($"/api/points/records?memberId={member}&limit=200{(cursor is null ? "" : "&cursor=" + cursor)}", cancellationToken);
                references.AddRange(page.GetProperty("items").EnumerateArray().Select(ReferenceOf));
                cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
            }
            while (cursor is not null);
            references.Reverse();
            histories.Add(references);
        }

        return histories;
    }

    /// <summary>A circle of calls each of which came before the next, or null when there is a serial order.</summary>
    public static IReadOnlyList<string>? FindCircle(IReadOnlyList<IReadOnlyList<string>> histories)
    {
        var followers = new Dictionary<string, List<string>>();
        var waiting = new Dictionary<string, int>();
        foreach (var history in histories)
        {
            foreach (var reference in history)
            {
                waiting.TryAdd(reference, 0);
            }

            foreach (var (before, after) in history.Zip(history.Skip(1)).Where(pair => pair.First != pair.Second))
            {
                (followers.TryGetValue(before, out var list) ? list : followers[before] = []).Add(after);
                waiting[after]++;
            }
        }

        var free = new Queue<string>(waiting.Where(pair => pair.Value == 0).Select(pair => pair.Key));
        while (free.TryDequeue(out var reference))
        {
            waiting.Remove(reference);
            foreach (var after in followers.GetValueOrDefault(reference) ?? [])
            {
                if (--waiting[after] == 0)
                {
                    free.Enqueue(after);
                }
            }
        }

        // Whatever never became free waits for itself.
        return waiting.Count == 0 ? null : [.. waiting.Keys];
    }

    private static string ReferenceOf(JsonElement record) => record.GetProperty("referenceId").GetString()!;
}
