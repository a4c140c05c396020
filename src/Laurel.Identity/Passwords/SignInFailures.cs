using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Errors;

namespace Laurel.Identity.Passwords;

/// <summary>How often a password was tried with one name and was not right. Counted for every name that is typed, so that nobody learns from it which
/// names there are.</summary>
public sealed class SignInFailures : RowAggregate
{
    /// <summary>Tries in <see cref="Window"/> before no more are taken: the seeds' limit of <c>/api/auth/login</c>.</summary>
    public const int TriesMax = 5;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    public required int Failures { get; set; }

    /// <summary>When the first of them was.</summary>
    public required Instant Since { get; set; }

    internal static RowKind<SignInFailures> Kind { get; } = new(25, "sign_in_failures", Read,
        Column<SignInFailures>.Int32("failures", f => f.Failures),
        Column<SignInFailures>.Instant("since", f => f.Since))
    {
        HasPersonalIds = true,
    };

    private static SignInFailures Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        Failures = row.Int32(2),
        Since = row.Instant(3),
    };
}

/// <summary>Takes one of the tries that a name has, before the password is looked at: of a thousand tries at once only as many are looked at as there
/// are left.</summary>
/// <remarks>Refusals: SIGN_IN_LOCKED.</remarks>
internal sealed class TakeTry(TenantId tenant, NameKey name) : IdentityCommand(tenant)
{
    // It comes before every sign-in, which is recorded when it succeeds.
    public override bool IsAudited => false;

    public override long FairnessKey => name.Id;

    private RootRef Root => SignInFailures.Kind.RootOf(Tenant, name.Id);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(Root);

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (draft.Edit<SignInFailures>(Root) is not { } tries)
        {
            draft.Create(Root, new SignInFailures { Tenant = Tenant, Id = name.Id, Failures = 1, Since = draft.Now });
            return Done(name);
        }

        var until = tries.Since.Plus(SignInFailures.Window);
        if (until <= draft.Now)
        {
            (tries.Failures, tries.Since) = (0, draft.Now);
        }
        else if (tries.Failures >= SignInFailures.TriesMax)
        {
            var seconds = (until.UnixMicroseconds - draft.Now.UnixMicroseconds + 999_999) / 1_000_000;
            return Refuse(ErrorCode.SignInLocked, ("retryAfterSeconds", seconds));
        }

        tries.Failures++;
        return Done(name);
    }
}
