using System.Text.Json;

namespace Laurel.Chaos.History;

/// <summary>The calls that a run is made of.</summary>
internal static class Calls
{
    private const string Reason = "A run asked for it";

    /// <param name="verb"><c>earn</c>, <c>spend</c> or <c>adjust</c>.</param>
    public static Call Move(string verb, string member, long points, string key)
    {
        var body = JsonSerializer.Serialize(new { memberId = member, points, reason = Reason, referenceType = "chaos", referenceId = key });
        return new Call(key, "/api/points/" + verb, body, [(member, verb == "spend" ? -points : points)]);
    }

    public static Call Transfer(string from, string to, long points, string key)
    {
        var body = JsonSerializer.Serialize(new
        {
            from = new { memberId = from },
            to = new { memberId = to },
            points,
            reason = Reason,
            reference = key,
        });
        return new Call(key, "/api/points/transfer", body, [(from, -points), (to, points)]);
    }

    /// <summary>Half of them earn, the others spend or pass on.</summary>
    public static Call Draw(IReadOnlyList<string> members, Random random, string key)
    {
        var member = members[random.Next(members.Count)];
        var points = random.Next(1, 100);
        switch (random.Next(6))
        {
            case 0 or 1:
                return Move("spend", member, points, key);
            case 2 when members.Count > 1:
                var other = members[(random.Next(1, members.Count) + IndexOf(members, member)) % members.Count];
                return Transfer(member, other, points, key);
            default:
                return Move("earn", member, points, key);
        }
    }

    private static int IndexOf(IReadOnlyList<string> members, string member)
    {
        var index = 0;
        while (members[index] != member)
        {
            index++;
        }

        return index;
    }
}
