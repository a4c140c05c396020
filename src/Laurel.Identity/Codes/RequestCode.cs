using Laurel.Engine.Lanes;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Errors;

namespace Laurel.Identity.Codes;

/// <summary>Makes a code for a purpose, in the place of the one before, where everybody who is concerned still has a message left.</summary>
/// <remarks>Refusals: CODE_LIMIT_REACHED. Counted even where nobody has the name: whoever asks learns nothing.</remarks>
/// <param name="prefix">What numbers of one block, or addresses of one domain, begin or end with.</param>
/// <param name="address">Of the network, from which it is asked for.</param>
internal sealed class RequestCode(TenantId tenant, NameKey name, CodePurpose purpose, string prefix, string address, Hash128 code, CodeLimits limits)
    : IdentityCommand(tenant)
{
    public override long FairnessKey => name.Id;

    private RootRef Root => SignInCode.Kind.RootOf(Tenant, SignInCode.IdOf(name, purpose));

    private (RootRef Root, CodeLimit Limit)[] Budgets =>
    [
        (BudgetOf("target", $"{name.Hash.High:x}{name.Hash.Low:x}"), limits.OfTarget),
        (BudgetOf("address", address), limits.OfAddress),
        (BudgetOf("prefix", prefix), limits.OfPrefix),
        (BudgetOf("tenant", ""), limits.OfTenant),
    ];

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        roots.Add(Root);
        foreach (var budget in Budgets)
        {
            roots.Add(budget.Root);
        }
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        foreach (var (root, limit) in Budgets)
        {
            var budget = draft.Edit<CodeBudget>(root);
            if (budget is null)
            {
                budget = new CodeBudget { Tenant = Tenant, Id = root.Id };
                draft.Create(root, budget);
            }

            if (budget.Take(limit, draft.Now) is { } seconds)
            {
                return Refuse(ErrorCode.CodeLimitReached, ("retryAfterSeconds", seconds));
            }
        }

        var expiresAt = draft.Now.Plus(SignInCode.Life);
        if (draft.Edit<SignInCode>(Root) is { } sent)
        {
            (sent.Code, sent.SentAt, sent.ExpiresAt, sent.TriesLeft) = (code, draft.Now, expiresAt, SignInCode.TriesMax);
        }
        else
        {
            draft.Create(Root, new SignInCode
            {
                Tenant = Tenant,
                Id = Root.Id,
                Code = code,
                SentAt = draft.Now,
                ExpiresAt = expiresAt,
                TriesLeft = SignInCode.TriesMax,
            });
        }

        return Done(name);
    }

    private RootRef BudgetOf(string scope, string what) =>
        CodeBudget.Kind.RootOf(Tenant, (long)(Hash128.Of(Tenant.Value, "code budget", scope, what).Low >> 1));
}
