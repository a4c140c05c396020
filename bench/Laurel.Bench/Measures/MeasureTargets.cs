namespace Laurel.Bench.Measures;

/// <summary>What a measure must reach, and what would be better still.</summary>
/// <param name="Name">As in the report.</param>
/// <param name="Unit">Of the value; <c>ratio</c> for one rate over another.</param>
/// <param name="AtLeast">Must be reached.</param>
/// <param name="Beyond">Would be better still.</param>
/// <param name="LowerIsBetter">True for times and memory.</param>
internal sealed record MeasureTarget(string Name, string Unit, double AtLeast, double Beyond, bool LowerIsBetter)
{
    public bool IsReached(double value) => LowerIsBetter ? value <= AtLeast : value >= AtLeast;

    public bool IsBeyond(double value) => LowerIsBetter ? value <= Beyond : value >= Beyond;
}

/// <summary>Every measure by its name.</summary>
internal static class MeasureTargets
{
    public const string EarnPostgresPgbench = "earn-postgres/pgbench";
    public const string EarnPostgresPerRequest = "earn-postgres/per-request";
    public const string EarnMariaDbPerRequest = "earn-mariadb/per-request";
    public const string EarnSqliteEcho = "earn-sqlite/echo";
    public const string MixPostgresEcho = "mix-postgres/echo";
    public const string EarnHotUniform = "earn-hot/uniform";
    public const string P99HalfPeak = "p99-half-peak";
    public const string P50Idle = "p50-idle";
    public const string Goodput3X = "goodput-3x";
    public const string MemoryPeak = "memory-peak";
    public const string Decline10Min = "decline-10min";
    public const string ReadCachedP99 = "read-cached-p99";
    public const string ManyConnectionsMemory = "connections-10k-memory";
    public const string ManyConnectionsErrors = "connections-10k-errors";
    public const string TwoNodesOne = "two-nodes/one";
    public const string TwoNodesRetried = "two-nodes-retried";
    public const string RecoveryKill = "recovery-kill";
    public const string MixCachedEcho = "mix-cached/echo";
    public const string MixCompanions = "mix-companions/alone";
    public const string OutboxEarn = "outbox/earn";
    public const string RestoreMembers = "restore-members";
    public const string CapacityEarn = "earn-10m/100k";
    public const string CapacityReads = "reads-10m-p95";
    public const string Orders30Rules = "orders-30-rules/default";
    public const string Orders30Paying = "orders-30-rules-paying/default";
    public const string Mix30Rules = "mix-30-rules/default";
    public const string QuoteP99 = "quote-p99";
    public const string ExpiryLots = "expiry-1m-lots";
    public const string SimulationCdnow = "simulation-cdnow";
    public const string MixToken = "mix-token/key";
    public const string EarnBesideLogins = "earn-p99-logins/alone";
    public const string SearchP95 = "search-p95";
    public const string ImportOrders = "import-orders";
    public const string StartReady = "start-ready";
    public const string ExpressionCompare = "expression-compare/csharp";
    public const string ExpressionRule = "expression-rule/csharp";
    public const string ExpressionLines = "expression-lines/csharp";
    public const string ExpressionTime = "expression-time/csharp";
    public const string ExpressionAmount = "expression-amount/csharp";
    public const string ExpressionMoney = "expression-money/csharp";
    public const string GraphQLCached = "graphql-document/cached";
    public const string GraphQLObject = "graphql-object/json";
    public const string GraphQLList = "graphql-list/json";

    private const string Ratio = "ratio";
    private const string Milliseconds = "ms";

    /// <summary>In the order of the report.</summary>
    public static IReadOnlyList<MeasureTarget> Throughput { get; } =
    [
        new(EarnPostgresPgbench, Ratio, 1.5, 2.5, LowerIsBetter: false),
        new(EarnPostgresPerRequest, Ratio, 3, 5, LowerIsBetter: false),
        new(EarnMariaDbPerRequest, Ratio, 3, 5, LowerIsBetter: false),
        new(EarnSqliteEcho, Ratio, 0.12, 0.25, LowerIsBetter: false),
        new(MixPostgresEcho, Ratio, 0.15, 0.30, LowerIsBetter: false),
        new(EarnHotUniform, Ratio, 1, 2, LowerIsBetter: false),
        new(P99HalfPeak, Milliseconds, 50, 10, LowerIsBetter: true),
        new(P50Idle, Milliseconds, 2, 0.5, LowerIsBetter: true),
        new(Goodput3X, Ratio, 0.7, 0.9, LowerIsBetter: false),
        new(MemoryPeak, "MiB", 400, 250, LowerIsBetter: true),
        new(Decline10Min, Ratio, 0.9, 1, LowerIsBetter: false),
    ];

    /// <summary>Those of a larger installation, in the order of the report.</summary>
    public static IReadOnlyList<MeasureTarget> Cluster { get; } =
    [
        new(ReadCachedP99, Milliseconds, 2, 1, LowerIsBetter: true),
        new(ManyConnectionsMemory, "MiB", 600, 400, LowerIsBetter: true),
        new(ManyConnectionsErrors, "requests", 0, 0, LowerIsBetter: true),
        new(TwoNodesOne, Ratio, 0.85, 1, LowerIsBetter: false),
        new(TwoNodesRetried, Ratio, 0.001, 0, LowerIsBetter: true),
        new(RecoveryKill, Milliseconds, 3_000, 1_000, LowerIsBetter: true),
        new(MixCachedEcho, Ratio, 0.3, 0.4, LowerIsBetter: false),
        new(MixCompanions, Ratio, 0.9, 1, LowerIsBetter: false),
        new(OutboxEarn, Ratio, 0.95, 1, LowerIsBetter: false),
    ];

    /// <summary>Of finding members.</summary>
    public static MeasureTarget Search { get; } = new(SearchP95, Milliseconds, 100, 20, LowerIsBetter: true);

    public static MeasureTarget Restore { get; } = new(RestoreMembers, "s", 300, 60, LowerIsBetter: true);

    /// <summary>Those of a large membership.</summary>
    public static IReadOnlyList<MeasureTarget> Capacity { get; } =
    [
        new(CapacityEarn, Ratio, 0.8, 1, LowerIsBetter: false),
        new(CapacityReads, Milliseconds, 200, 50, LowerIsBetter: true),
    ];

    /// <summary>Those of rules, prices and the sweep.</summary>
    public static IReadOnlyList<MeasureTarget> Economy { get; } =
    [
        new(Orders30Rules, Ratio, 0.75, 0.9, LowerIsBetter: false),
        new(Orders30Paying, Ratio, 0.75, 0.9, LowerIsBetter: false),
        new(Mix30Rules, Ratio, 0.75, 0.95, LowerIsBetter: false),
        new(QuoteP99, Milliseconds, 5, 2, LowerIsBetter: true),
        new(ExpiryLots, "s", 60, 20, LowerIsBetter: true),
        new(SimulationCdnow, "s", 5, 2, LowerIsBetter: true),
    ];

    /// <summary>Those of knowing who calls.</summary>
    public static IReadOnlyList<MeasureTarget> Access { get; } =
    [
        new(MixToken, Ratio, 0.97, 1, LowerIsBetter: false),
        new(EarnBesideLogins, Ratio, 2, 1.2, LowerIsBetter: true),
    ];

    public static MeasureTarget Import { get; } = new(ImportOrders, "orders/s", 10_000, 20_000, LowerIsBetter: false);

    public static MeasureTarget Start { get; } = new(StartReady, Milliseconds, 2_000, 1_000, LowerIsBetter: true);

    /// <summary>An evaluated expression over the same in C#.</summary>
    public static IReadOnlyList<MeasureTarget> Expressions { get; } =
    [
        .. new[] { ExpressionCompare, ExpressionRule, ExpressionLines, ExpressionTime, ExpressionAmount, ExpressionMoney }
            .Select(static name => new MeasureTarget(name, Ratio, 5, 2, LowerIsBetter: true)),
    ];

    /// <summary>A document that is known over one that is new, and answers over the same JSON written by hand.</summary>
    public static IReadOnlyList<MeasureTarget> GraphQL { get; } =
    [
        new(GraphQLCached, Ratio, 0.01, 0.005, LowerIsBetter: true),
        new(GraphQLObject, Ratio, 3, 2, LowerIsBetter: true),
        new(GraphQLList, Ratio, 3, 2, LowerIsBetter: true),
    ];

    public static MeasureTarget Of(string name) =>
        Throughput.Concat(Cluster).Concat(Capacity).Concat(Expressions).Concat(Economy).Concat(Access).Concat(GraphQL).Append(Import).Append(Start).Append(Restore).Append(Search).Single(target => target.Name == name);
}
