using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Kernel;

namespace Laurel.Membership.Finance;

/// <summary>A recorded day as it is to be closed.</summary>
public sealed record ClosedDay
{
    /// <summary>Without <see cref="FinanceDay.ClosingId"/> and <see cref="FinanceDay.ClosedAt"/>, which the lane draws.</summary>
    public required FinanceDay Day { get; init; }

    public required IReadOnlyList<FinanceClosing> Closings { get; init; }

    public required IReadOnlyList<FinanceMovement> Movements { get; init; }

    public required IReadOnlyList<FinanceCohortCell> Cohorts { get; init; }
}

/// <summary>Writes a closed day with all of its rows in one transaction, or nothing where the day is closed already. Its reply is the id
/// that it drew for its closing.</summary>
internal sealed class CloseDay(TenantId tenant, ClosedDay closed) : Command(tenant)
{
    private static readonly long s_fairness = unchecked((long)Hash128.Of(0, "job", "finance").Low);

    /// <summary>Holds it back when the node that sent it has lost its lease; null asks for no lease.</summary>
    public LeaseFence? Fence { get; init; }

    public override bool IsJob => true;

    public override long FairnessKey => s_fairness;

    public override void NameHandles(HandleResolution handles)
    {
        // It has no member, so nothing leads to one.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        if (Fence is { } fence)
        {
            roots.Add(fence.Root);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // The day is the key, and its first closer's row stands.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // It reads nothing.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (Fence?.RefusalIn(draft) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        var day = closed.Day with { ClosingId = draft.NextId(0), ClosedAt = draft.Now.UnixMicroseconds };
        draft.Insert(FinanceStatements.InsertDays, day);
        foreach (var row in closed.Closings)
        {
            draft.Insert(FinanceStatements.InsertClosings, Own(day, row));
        }

        foreach (var row in closed.Movements)
        {
            draft.Insert(FinanceStatements.InsertMovements, Own(day, row));
        }

        foreach (var row in closed.Cohorts)
        {
            draft.Insert(FinanceStatements.InsertCohorts, Own(day, row));
        }

        return new Decision.Apply(day.ClosingId, 0, 0, 0);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) =>
        throw new InvariantBrokenException("The close of a day carries no idempotency key.");

    private static FinanceStatements.Owned<TRow> Own<TRow>(FinanceDay day, TRow row) => new(day.Tenant, day.Day, row, day.ClosingId);
}
