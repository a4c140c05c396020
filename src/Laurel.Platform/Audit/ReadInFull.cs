using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Limits;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Audit;

/// <summary>Somebody is shown what others are not: personal data in full, or the audit itself. Changes nothing; its record is what it is for.</summary>
public sealed class ReadInFull(TenantId tenant, MemberId? member, string what, string? reason) : Command(tenant)
{
    /// <summary>Of a reason, in characters.</summary>
    public const int ReasonLengthMax = 200;

    /// <summary>The name of the query parameter that says why.</summary>
    public const string ReasonName = "reason";

    public override long FairnessKey => AuditedMember;

    public override long AuditedMember => member?.Value ?? 0;

    public override IReadOnlyList<(string Name, string Value)> AuditDetails => reason is null ? [("view", what)] : [("view", what), (ReasonName, reason)];

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
        // Every read is one of its own.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // It reads nothing.
    }

    public override Decision Decide(Draft draft, LoadPlan plan) => new Decision.Apply(this, AuditedMember, 0, 0);

    public override (byte[] Body, long RootId) Freeze(object reply) => throw new InvariantBrokenException("A read carries no idempotency key.");

    /// <summary>Reads the reason that whoever is not the owner has to give.</summary>
    public static string? ReasonOf(QueryFields query, bool isOwner)
    {
        var reason = query.TextOrNull(ReasonName, ReasonLengthMax);
        if (reason is null && !isOwner && query.Failure is null)
        {
            query.Fail(ReasonName, FieldErrorCode.Required);
        }

        return reason;
    }
}

/// <summary>Records reads before they are answered.</summary>
public sealed class ReadRecorder(LaneSet lanes, ClientAddresses addresses)
{
    /// <summary>Records that the caller is about to be shown something. What cannot be recorded is not shown: then the problem is answered already
    /// and the result is false.</summary>
    public async Task<bool> RecordAsync(HttpContext context, MemberId? member, string what, string? reason)
    {
        var actor = context.Actor();
        var read = new ReadInFull(actor.Tenant, member, what, reason) { CalledFrom = CallOrigin.Of(context, actor, addresses) };
        var outcome = await lanes.SubmitAsync(read, context.RequestAborted);
        if (outcome is Outcome.Failed failed)
        {
            await ProblemResponse.WriteAsync(context, failed.Refusal, context.RequestAborted);
            return false;
        }

        // What is in the open is kept by nobody on the way.
        context.Response.Headers.CacheControl = "no-store";
        return true;
    }
}
