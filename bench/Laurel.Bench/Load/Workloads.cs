namespace Laurel.Bench.Load;

/// <summary>What the connections ask for.</summary>
internal enum WorkloadKind
{
    /// <summary>Earnings of uniformly drawn members.</summary>
    EarnUniform,

    /// <summary>Earnings of one member.</summary>
    EarnHot,

    /// <summary>70 % reads of a member, 20 % earnings, 10 % spends of one point; members drawn uniformly.</summary>
    Mix,

    /// <summary>Reads of uniformly drawn members.</summary>
    Read,

    /// <summary>Completed orders of three lines, of uniformly drawn members.</summary>
    Order,

    /// <summary>Quotes of twenty lines; with the member come the ids of its coupons.</summary>
    Quote,

    /// <summary>The body of an earning, sent to a server that stores nothing.</summary>
    Echo,
}

/// <summary>Where requests go and who sends them.</summary>
/// <param name="Authority">Host and port.</param>
/// <param name="ApiKey">Sent as the bearer token.</param>
internal sealed record LoadTarget(string Authority, string ApiKey);

/// <summary>Draws the requests of all connections from one seeded sequence.</summary>
internal sealed class Workload(WorkloadKind kind, MemberIds members, ulong seed)
{
    private const int EarnPoints = 10;
    private const int SpendPoints = 1;
    private const int HotMember = 0;

    private ulong _state = seed;

    /// <summary>The requests that one connection sends, with references that no other connection uses.</summary>
    public ConnectionRequests RequestsOf(LoadTarget target, string referencePrefix) => new()
    {
        Earn = RequestTemplate.Post(
            target,
            kind == WorkloadKind.Echo ? "/echo" : "/api/points/earn",
            EarnPoints,
            members.WidthMax,
            $"{referencePrefix}-e"),
        Spend = RequestTemplate.Post(
            target, "/api/points/spend", SpendPoints, members.WidthMax, $"{referencePrefix}-s"),
        Read = RequestTemplate.Get(target, "/api/members/", members.WidthMax),
        Order = EconomyBodies.Order(target, members.WidthMax, $"{referencePrefix}-o"),
        Quote = EconomyBodies.Quote(target, members.WidthMax),
    };

    /// <summary>The next request, filled into the connection's own bytes.</summary>
    public RequestTemplate Next(ConnectionRequests requests)
    {
        var template = kind switch
        {
            WorkloadKind.EarnUniform or WorkloadKind.EarnHot or WorkloadKind.Echo => requests.Earn,
            WorkloadKind.Read => requests.Read,
            WorkloadKind.Order => requests.Order,
            WorkloadKind.Quote => requests.Quote,
            WorkloadKind.Mix => Draw(10) switch
            {
                < 7 => requests.Read,
                < 9 => requests.Earn,
                _ => requests.Spend,
            },
        };
        template.Fill(members[kind == WorkloadKind.EarnHot ? HotMember : Draw(members.Count)]);
        return template;
    }

    // SplitMix64 (Steele, Lea, Flood 2014): a few cycles, and good enough to spread members evenly.
    private int Draw(int below)
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            mixed ^= mixed >> 31;
            return (int)(((mixed >> 32) * (uint)below) >> 32);
        }
    }
}

/// <summary>One connection's prepared requests.</summary>
internal sealed class ConnectionRequests
{
    public required RequestTemplate Earn { get; init; }

    public required RequestTemplate Spend { get; init; }

    public required RequestTemplate Read { get; init; }

    public required RequestTemplate Order { get; init; }

    public required RequestTemplate Quote { get; init; }
}
