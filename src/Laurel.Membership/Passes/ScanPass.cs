using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Passes;

/// <summary>The last code of a member's card that was taken. Its id is the member's.</summary>
internal sealed class PassScan : RowAggregate
{
    /// <summary>The step of that code: it and all before it are taken no more.</summary>
    public required long LastStep { get; set; }

    public required Instant ScannedAt { get; set; }

    public static RowKind<PassScan> Kind { get; } = new(
        21,
        "pass_scans",
        row => new PassScan { Tenant = new TenantId(row.Int32(0)), Id = row.Int64(1), LastStep = row.Int64(2), ScannedAt = row.Instant(3) },
        Column<PassScan>.Int64("last_step", scan => scan.LastStep),
        Column<PassScan>.Instant("scanned_at", scan => scan.ScannedAt));
}

/// <summary>What a scan leaves behind: no personal data, so it may be kept and told again.</summary>
public sealed record PassReceipt
{
    public required string MemberId { get; init; }
}

/// <summary>Takes a code of a member's card, once. The code was found to be good already.</summary>
/// <remarks>Refusals, first match wins: PASS_EXPIRED, PASS_USED.</remarks>
/// <param name="step">In which it was made.</param>
/// <param name="isExpired">Whether it is too old by now: then only what was answered before is answered again.</param>
public sealed class ScanPass(TenantId tenant, MemberId member, long step, bool isExpired) : Command(tenant)
{
    public override long FairnessKey => member.Value;

    public override long AuditedMember => member.Value;

    public override bool IsTraffic => true;

    private RootRef Root => PassScan.Kind.RootOf(Tenant, member.Value);

    public override void NameHandles(HandleResolution handles)
    {
        // Its row has the member's id.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(Root);

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // The row itself says what was taken.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // There is nothing below the row.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (isExpired)
        {
            return new Decision.Refuse(new Refusal(ErrorCode.PassExpired, ("seconds", PassCode.SecondsMax)));
        }

        if (draft.Find<PassScan>(Root) is null)
        {
            draft.Create(Root, new PassScan { Tenant = Tenant, Id = member.Value, LastStep = step, ScannedAt = draft.Now });
            return Taken();
        }

        var scan = draft.Edit<PassScan>(Root)!;
        if (scan.LastStep >= step)
        {
            return new Decision.Refuse(new Refusal(ErrorCode.PassUsed, ("seconds", (long)PassCode.Step.TotalSeconds)));
        }

        (scan.LastStep, scan.ScannedAt) = (step, draft.Now);
        return Taken();
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (JsonSerializer.SerializeToUtf8Bytes((PassReceipt)reply, MembershipJson.Default.PassReceipt), 0);

    private Decision.Apply Taken() => new(new PassReceipt { MemberId = member.ToString() }, member.Value, 0, 0);
}
