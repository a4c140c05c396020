using Laurel.Engine.Lanes;
using Laurel.Kernel;

namespace Laurel.Identity;

/// <summary>A command on rows of identity. What it answers holds secrets, so it takes no idempotency key: nothing of it is kept.</summary>
internal abstract class IdentityCommand(TenantId tenant) : Command(tenant)
{
    public override void NameHandles(HandleResolution handles)
    {
        // Its rows are found by their ids.
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // What may be done only once is told by the rows themselves.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // A row has no children.
    }

    public sealed override (byte[] Body, long RootId) Freeze(object reply) =>
        throw new InvariantBrokenException("What is answered to who signs in is never kept.");

    protected static Decision Done(object reply) => new Decision.Apply(reply, 0, 0, 0);

    protected static Decision Refuse(string code, params (string, object?)[] values) => new Decision.Refuse(new Refusal(code, values));

    /// <summary>Keeps the try that was taken and answers that it was refused. That it was is noted as other refusals are, not each as a record of its own.</summary>
    protected static Decision RefuseAndKeep(Refusal refusal) => new Decision.Apply(refusal, 0, 0, 0) { Answer = refusal, LeavesKeys = true, IsRoutine = true };
}
