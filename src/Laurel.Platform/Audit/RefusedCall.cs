using System.Globalization;
using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Access;

namespace Laurel.Platform.Audit;

/// <summary>Whose call is refused before it was admitted: its key is known, and may not call, or not this.</summary>
public sealed record RefusedCaller(Actor Actor);

/// <summary>As whom somebody tries to sign in, where that is a user, or a member who would become one. Told only to the audit.</summary>
public sealed record TriedUser(TenantId Tenant, long User);

/// <summary>Calls that are one to the audit: of one caller, for one thing, refused for one reason, from one address.</summary>
/// <param name="Operation"><see cref="RefusedCalls.Access"/> or <see cref="RefusedCalls.SignIn"/>.</param>
/// <param name="Operator">As the audit names it.</param>
/// <param name="User">As whom somebody tried to sign in; 0 where nobody did.</param>
/// <param name="Call">Method and route, such as <c>POST /api/points/adjust</c>: never what was put in.</param>
public sealed record RefusedCall(TenantId Tenant, string Operation, string Operator, long User, string Call, string Code, string? Address);

/// <summary>How often such a call was refused since it was last written down.</summary>
/// <param name="First">Where the first of them came from: its program, and the id by which logs know it.</param>
internal sealed record RefusedTimes(Origin First, long Count, Instant Since, Instant Until)
{
    public RefusedTimes And(RefusedTimes other) =>
        new(Since <= other.Since ? First : other.First, Count + other.Count, Instant.Min(Since, other.Since), Instant.Max(Until, other.Until));
}

/// <summary>Records calls that were refused. Changes nothing; its record is what it is for.</summary>
internal sealed class NoteRefusals : Command
{
    private const string CountName = "count";

    private readonly string _operation;

    /// <summary>Of one kind of calls.</summary>
    public NoteRefusals(RefusedCall call, RefusedTimes times)
        : base(call.Tenant)
    {
        (_operation, AuditedMember, CalledFrom) = (call.Operation, call.User, times.First);
        AuditDetails =
        [
            ("code", call.Code), ("call", call.Call), (CountName, Text(times.Count)), ("since", Text(times.Since)), ("until", Text(times.Until)),
        ];
    }

    /// <summary>Of all kinds for which there was no room.</summary>
    public NoteRefusals(TenantId tenant, long leftOut)
        : base(tenant)
    {
        (_operation, CalledFrom) = (RefusedCalls.LeftOut, null);
        AuditDetails = [(CountName, Text(leftOut))];
    }

    public override bool IsJob => true;

    public override string Operation => _operation;

    public override long AuditedMember { get; }

    public override IReadOnlyList<(string Name, string Value)> AuditDetails { get; }

    public override long FairnessKey { get; } = unchecked((long)Hash128.Of(0, "job", "refusals").Low);

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
        // What was refused again is noted again.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // It reads nothing.
    }

    public override Decision Decide(Draft draft, LoadPlan plan) => new Decision.Apply(this, AuditedMember, 0, 0);

    public override (byte[] Body, long RootId) Freeze(object reply) => throw new InvariantBrokenException("A note carries no idempotency key.");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(Instant time) => time.ToDateTimeOffset().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
