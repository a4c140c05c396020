using System.Globalization;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Audit;

/// <summary>Notes in one chain where all of them end, so that whoever takes the end off one has to take as much off the one that knows.</summary>
internal sealed class SealAudit(IReadOnlyList<(long BatchId, byte[] Hash)> heads) : Command(s_installation)
{
    /// <summary>What its record has the heads under: <c>BATCH:HASH</c> with a blank between.</summary>
    public const string HeadsName = "heads";

    private static readonly TenantId s_installation = new(0);

    public override bool IsJob => true;

    public override bool IsTraffic => true;

    public override long FairnessKey { get; } = unchecked((long)Hash128.Of(0, "job", "audit").Low);

    public override IReadOnlyList<(string Name, string Value)> AuditDetails { get; } =
    [
        (HeadsName, string.Join(' ', heads.Select(head => NameOf(head.BatchId, head.Hash)))),
    ];

    /// <summary>The end of a chain as records have it.</summary>
    public static string NameOf(long batchId, byte[] hash) => string.Create(CultureInfo.InvariantCulture, $"{batchId}:{Convert.ToHexStringLower(hash)}");

    public override void NameHandles(HandleResolution handles)
    {
        // It has no root, so nothing leads to one.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        // It locks nothing.
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // To note it twice says nothing else.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // It reads nothing.
    }

    public override Decision Decide(Draft draft, LoadPlan plan) => new Decision.Apply(this, 0, 0, 0);

    public override (byte[] Body, long RootId) Freeze(object reply) => throw new InvariantBrokenException("A seal carries no idempotency key.");
}

/// <summary>Notes from time to time where the chains end.</summary>
public sealed class AuditSealing(Database database, LaneSet lanes, TimeProvider clock)
{
    // Chains that ended long ago have been noted many times over.
    private static readonly TimeSpan s_noted = TimeSpan.FromDays(2);

    private const string Heads = "SELECT batch_id AS BatchId, hash AS Hash FROM audit_chains WHERE batch_id >= @Since ORDER BY batch_id";

    private sealed class HeadRow
    {
        public long BatchId { get; init; }

        public byte[] Hash { get; init; } = [];
    }

    /// <exception cref="IOException">When the database does not take it.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var heads = await ReadAsync(cancellationToken);
        if (heads.Count > 0 && await lanes.SubmitAsync(new SealAudit(heads), cancellationToken) is Outcome.Failed failed)
        {
            throw new IOException($"The ends of the audit could not be noted: {failed.Refusal.Code}.");
        }
    }

    private async Task<IReadOnlyList<(long BatchId, byte[] Hash)>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        using var timed = database.Times.Begin("audit.heads");
        var since = IdGenerator.FirstOf(Instant.Now(clock).Plus(-s_noted));
        var rows = await session.Connection.QueryAsync<HeadRow>(new CommandDefinition(Heads, new { Since = since }, cancellationToken: cancellationToken));
        return [.. rows.Select(row => (row.BatchId, row.Hash))];
    }
}
